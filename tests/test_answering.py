"""Answering on pages: the questions, all answers by topic, and what becomes of a draft; nothing said is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.company.profile import read_profile
from assistant.company.replies import answer
from assistant.company.writing import Data
from assistant.matching.match import Matcher
from assistant.planning.assessment import assess
from assistant.sources import Source, parse, read
from assistant.web.draft import unpacked
from assistant.web.site import Manner
from tests.conftest import ON, ROOT
from tests.entering import PASSWORD, person
from tests.filling import Form, form_of
from tests.visiting import Browser, House, Page

QUESTIONS = "/try/questions"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Open a house where one needs an account to keep anything."""
    with House(tmp_path, manner=Manner(registration=True)) as opened:
        yield opened


@pytest.fixture
def browser(house: House) -> Browser:
    """Return the browser of nobody in particular."""
    return house.visitor()


def draft(browser: Browser) -> Data:
    """Return what a browser keeps of its draft."""
    return unpacked("".join(browser.cookies.get(f"draft{place}") or "" for place in (0, 1)))


def ask(browser: Browser, address: str) -> tuple[Page, Form]:
    """Open a page with a form of questions."""
    page = browser.get(address)
    assert page.status == 200, page.text
    return page, form_of(page.source, address.partition("?")[0])


def put(browser: Browser, address: str, **answers: str | list[str]) -> Page:
    """Fill in a page's form as a visitor would; in the names of fields a double underscore stands for a colon."""
    return send(browser, ask(browser, address)[1], answers)


def send(browser: Browser, form: Form, answers: Mapping[str, str | list[str]]) -> Page:
    """Send a form that is open."""
    return browser.post(form.action, form.filled({name.replace("__", ":"): one for name, one in answers.items()}))


# ---- the interview


def told_by(data: Data, names: list[str]) -> dict[str, Any]:
    """Return how somebody who knows a sample's answers fills in these fields."""
    found: dict[str, Any] = {}
    for name in names:
        raw = answer(data, name, ON)
        if name == "recognitions":
            found[name] = [one["id"] for one in raw]
            for one in raw:
                found |= {f"{name}:{one['id']}:{key}": str(one[key]) for key in ("granted", "expires") if key in one}
        elif isinstance(raw, list) and raw and isinstance(raw[0], dict):
            for key in raw[0]:
                found[f"{name}:{key}"] = [str(one.get(key, "")) for one in raw]
        elif raw == []:
            found[f"{name}:sure"] = "none"
        elif raw is None or raw == "unknown" or name.startswith("recognitions."):
            found[f"{name}:sure"] = "unknown"
        elif isinstance(raw, bool):
            found[name] = "yes" if raw else "no"
        else:
            found[name] = [*map(str, raw)] if isinstance(raw, list) else str(raw)
    assert found or not names
    return found


@pytest.mark.parametrize("sample", ["valve-maker", "shenzhen-robotics"])
def test_an_interview_comes_to_the_verdicts_of_the_whole_profile(
    browser: Browser, matcher: Matcher, samples: Mapping[str, Any], sample: str
) -> None:
    """Page by page, a few questions at once, none of them twice, until nothing is open."""
    data = {**read(ROOT / "profiles" / f"{sample}.yaml").data, "estimates": {}}
    address, asked, settled = QUESTIONS, list[str](), [0]
    while True:
        page = browser.get(address)
        settled.append(int(re.search(r"已能判断 (\d+)/41", page.text)[1]))  # type: ignore[index]
        if "下一组" not in page.text:
            break
        form = form_of(page.source, QUESTIONS)
        names = form.texts["names"][0].split(",")
        facts = {name.partition("[")[0] for name in names if not name.startswith("enterprise.")}
        assert 1 <= len(facts) <= 5
        assert not {*names} & {*asked}
        asked += form.texts["asked"][0].split(",")
        known = [name for name in names if not name.startswith("enterprise.")]
        own = {"enterprise.name": "甲"} if "enterprise.name" in names else {}
        answered = browser.post(QUESTIONS, form.filled({**told_by(data, known), **own}))
        assert answered.status == 303, answered.text
        address = answered.goes_to
    assert settled == sorted(settled)
    book = matcher.rulebook
    mine = read_profile(Source("", dict(draft(browser))), book.dictionary, book.lists, ON)
    found = {one.match.project.id: one for one in assess(matcher, mine, ON).prospects}
    whole = replace(samples[sample], estimates={}, judgements=())
    for prospect in assess(matcher, whole, ON).prospects:
        told = found[prospect.match.project.id]
        if told.is_ahead(ON):
            assert told.is_settled or {*told.bearing.names} <= {*asked}
            assert told.match.verdict == prospect.match.verdict, prospect.match.project.id


def test_skipping_going_back_and_stopping(browser: Browser) -> None:
    """What is left blank is asked no more this time; one may go back page by page, change an answer, and stop."""
    form = ask(browser, QUESTIONS)[1]
    names = form.texts["names"]
    second = browser.get(send(browser, form, {}).goes_to)
    assert draft(browser) == {}
    form = form_of(second.source, QUESTIONS)
    assert form.texts["names"] != names
    third = browser.get(send(browser, form, {}).goes_to)
    back = re.search(r'<a href="([^"]+)">上一组', third.source)
    assert back
    again, form = ask(browser, back[1].replace("&amp;", "&"))
    assert form.texts["names"] == form_of(second.source, QUESTIONS).texts["names"]
    back = re.search(r'<a href="([^"]+)">上一组', again.source)
    assert back
    again, form = ask(browser, back[1].replace("&amp;", "&"))
    assert "上一组" not in again.text
    done = send(browser, form, {"legal_person": "yes", "do": "finish"})
    assert done.goes_to == "/try/"
    assert draft(browser)["facts"] == {"legal_person": True}
    assert "单位是独立法人吗" not in browser.get(QUESTIONS).text


def test_not_clear_and_about(browser: Browser) -> None:
    """Not clear is an answer and asked no more; a range is one; what cannot be read is told, and all is kept."""
    address = f"{QUESTIONS}?facts=revenue,legal_person,industry"
    page, form = ask(browser, address)
    assert "填写" not in page.text or "营业收入" in page.text
    wrong = send(browser, form, {"revenue[2025]": "很多", "legal_person__sure": "unknown", "industry": "阀门"})
    assert wrong.status == 422
    assert wrong.source.count("autofocus") == 1
    assert wrong.source.count('aria-invalid="true"') == 2
    assert re.search(r'<input[^>]* name="revenue\[2025\]" value="很多"', wrong.source)
    assert draft(browser) == {}
    form = form_of(wrong.source, QUESTIONS)
    assert "C3443" in form.offered["industry"]
    assert form.texts["legal_person:sure"] == ["unknown"]
    good = send(browser, form, {"revenue[2025]": "8,000-12,000", "industry": ["阀门", "C3443"]})
    assert good.status == 303
    assert draft(browser) == {
        "facts": {"legal_person": "unknown", "industry": "C3443"},
        "years": {2025: {"revenue": "8000..12000"}},
    }
    shown = browser.get("/try/facts").text
    assert "8,000～12,000 万元" in shown
    assert "C3443 阀门和旋塞制造" in shown


def test_what_can_hardly_be_right_is_said_once_saved(browser: Browser) -> None:
    """A credit code that does not check, a part beyond its whole: kept, and told on the next page."""
    sent = put(browser, QUESTIONS, **{"enterprise.name": "甲公司", "enterprise.uscc": "91440605MA4XXX2B70"})
    assert "统一社会信用代码" in browser.get(sent.goes_to).text
    assert draft(browser)["enterprise"]["uscc"] == "91440605MA4XXX2B70"
    put(browser, "/try/facts/finance", **{"revenue[2025]": "100", "main_revenue[2025]": "120"})
    assert "大于" in browser.get("/try/facts").text


@pytest.mark.parametrize(
    "address",
    [
        "/try/questions?facts=a,b[x],revenue[2025],recognitions.none&skip=~~,&project=none&settled=x",
        "/try/questions?skip=city",
    ],
)
def test_addresses_that_no_page_gives(browser: Browser, address: str) -> None:
    """They show what there is to show."""
    assert browser.get(address).status == 200
    browser.get(QUESTIONS)
    odd = "revenue[x],revenue,city[2025],revenue[99999],judgements,recognitions.none,enterprise.x,size,,city"
    for fields in ({"names": odd, "asked": odd, "skip": "~" * 50, "city": "佛山市"}, {}, {"names": "city"}):
        assert browser.post("/try/questions", {"do": "next", **fields}).status == 303
    assert draft(browser) == {}


# ---- all answers by topic


def test_every_topic_can_be_sent_back_as_it_is(house: House, browser: Browser, matcher: Matcher) -> None:
    """Nothing has changed then: the same draft, and no new version."""
    account = person(house, "li")
    known, text = house.logged_in(account), house.site.samples["appliance-group"]
    house.store.add_company("c-1", "甲", text, who="test", at=house.clock(), owner=account.id)
    for topic in ("enterprise", "recognitions", *matcher.rulebook.dictionary.topics):
        assert put(known, f"/c/c-1/facts/{topic}").status == 303
    assert house.store.latest_profile("c-1").number == 1
    browser.get("/samples/valve-maker/take")
    assert browser.post("/samples/valve-maker/take").goes_to == "/try/"
    before = draft(browser)
    for topic in ("recognitions", *matcher.rulebook.dictionary.topics):
        assert put(browser, f"/try/facts/{topic}").status == 303
    assert draft(browser) == before == parse(house.site.samples["valve-maker"], name="").data


def test_samples_are_looked_at_and_taken(browser: Browser) -> None:
    """Their answers are shown, not asked; taken over a draft they say so first."""
    assert browser.get("/samples/valve-maker/facts").status == 200
    assert browser.get("/samples/valve-maker/questions").status == 403
    assert browser.get("/samples/valve-maker/facts/finance").status == 403
    assert "草稿" not in re.sub("作为您的草稿.*浏览器里", "", browser.get("/samples/valve-maker/take").text)
    put(browser, QUESTIONS, **{"enterprise.name": "甲公司"})
    assert "您已经有一份草稿“甲公司”" in browser.get("/samples/valve-maker/take").text


# ---- a draft is saved


def test_a_draft_waits_for_its_visitor_to_log_in(house: House, browser: Browser) -> None:
    """It is kept through the login and then becomes a company of the account; nothing was in the store before."""
    account = person(house, "li")
    put(browser, QUESTIONS, **{"enterprise.name": "甲公司", "legal_person": "yes"})
    page = browser.get("/try/save")
    assert "/login?next=/try/save" in page.source
    assert "/register?next=/try/save" in page.source
    form = form_of(browser.get("/login?next=/try/save").source, "/login")
    assert send(browser, form, {"email": account.email, "password": PASSWORD}).goes_to == "/try/save"
    assert list(house.store.companies()) == []
    page, form = ask(browser, "/try/save")
    kept = [send(browser, form, {}), send(browser, form, {})]
    assert [one.status for one in kept] == [303, 303]
    [company] = house.store.companies()
    assert company.name == "甲公司"
    assert kept[0].goes_to == kept[1].goes_to == f"/c/{company.id}/?done=company"
    assert house.store.accounts.role(account.id, company.id) == "owner"
    assert draft(browser) == {}
    assert "甲公司" in browser.get(f"/c/{company.id}/facts").text


def test_whose_company_it_is_decides_not_who_sends_a_form(house: House, browser: Browser) -> None:
    """Nobody without an account saves, nor under a name that is somebody else's company."""
    put(browser, QUESTIONS, **{"enterprise.name": "甲公司"})
    browser.get(QUESTIONS)
    identity = "123e4567-e89b-42d3-a456-426614174000"
    assert browser.post("/try/save", {"identity": identity}).status == 422
    assert browser.post("/try/save", {"identity": "../../c"}).status == 422
    assert list(house.store.companies()) == []
    other, mine = person(house, "wang"), house.logged_in(person(house, "li"))
    house.store.add_company(identity, "乙公司", "enterprise: {name: 乙公司}", who="", at=house.clock(), owner=other.id)
    put(mine, QUESTIONS, **{"enterprise.name": "甲公司"})
    there = mine.post("/try/save", {"identity": identity})
    assert mine.get(there.goes_to).status == 404
    assert draft(mine)["enterprise"] == {"name": "甲公司"}
    assert house.store.latest_profile(identity).number == 1
