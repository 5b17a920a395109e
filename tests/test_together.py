"""Two people at one company's answers: both count where they can, the second decides where not, nothing is lost."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from assistant.company.replies import answer
from assistant.service.store.records import Role
from assistant.sources import parse
from assistant.web.site import Manner
from tests.conftest import ON, ROOT
from tests.entering import person
from tests.filling import Form, form_of, posted
from tests.serving import Server, add_sample, new_store, profile_text
from tests.visiting import Browser, House, Page

COMPANY = "c-1"
TIMES = 4
FINANCE, RECOGNITIONS, WHO = (f"/c/{COMPANY}/facts/{topic}" for topic in ("finance", "recognitions", "enterprise"))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Open a house with one company, of Li and Wang."""
    with House(tmp_path, manner=Manner()) as opened:
        li = person(opened, "li")
        content = opened.site.samples["valve-maker"]
        opened.store.add_company(COMPANY, "阀门", content, who="li", at=opened.clock(), owner=li.id)
        members: tuple[tuple[str, Role], ...] = (("wang", "editor"), ("zhao", "viewer"))
        for name, role in members:
            opened.store.accounts.grant(person(opened, name).id, COMPANY, role, at=opened.clock(), who="li")
        yield opened


def browser(house: House, name: str) -> Browser:
    """Return the browser of one of them."""
    account = house.store.accounts.by_email(f"{name}@example.com")
    assert account
    return house.logged_in(account)


def opened(visitor: Browser, address: str) -> Form:
    """Open a form."""
    return form_of(visitor.get(address).source, address)


def send(visitor: Browser, form: Form, answers: Mapping[str, str | list[str]]) -> Page:
    """Send it as it stands, with *answers* filled in."""
    return visitor.post(form.action, form.filled(answers))


def known(house: House, name: str) -> Any:
    """Return an answer as it is saved."""
    return answer(parse(house.store.latest_profile(COMPANY).content, name="").data, name, ON)


def test_what_two_change_apart_both_stands(house: House) -> None:
    """Two figures of one page, two recognitions of one list: neither sees anything of the other."""
    li, wang = browser(house, "li"), browser(house, "wang")
    forms = [opened(one, FINANCE) for one in (li, wang)]
    assert send(li, forms[0], {"revenue[2025]": "13001"}).status == 303
    assert send(wang, forms[1], {"net_profit[2025]": "902"}).status == 303
    assert (known(house, "revenue[2025]"), known(house, "net_profit[2025]")) == (13001, 902)
    forms = [opened(one, RECOGNITIONS) for one in (li, wang)]
    held = forms[0].texts["recognitions"]
    assert send(li, forms[0], {"recognitions": [*held, "tech-sme"]}).status == 303
    assert send(wang, forms[1], {"recognitions": [*held[1:], "ip-demo"]}).status == 303
    assert [one["id"] for one in known(house, "recognitions")] == [
        *held[1:],
        "tech-sme",
        "ip-demo",
    ]
    versions = house.store.profiles(COMPANY)
    assert [(one.number, one.who) for one in versions] == [(1, "li"), (2, "li"), (3, "wang"), (4, "li"), (5, "wang")]


@pytest.mark.parametrize(("keeps", "stands"), [("mine", 902), ("theirs", 901)])
def test_where_both_change_the_same_the_second_is_asked(house: House, keeps: str, stands: int) -> None:
    """Who was first and what both say is shown; all else that was typed stays; without a decision nothing is saved."""
    li, wang = browser(house, "li"), browser(house, "wang")
    forms = [opened(one, FINANCE) for one in (li, wang)]
    assert send(li, forms[0], {"net_profit[2025]": "901", "total_assets[2025]": "20001"}).status == 303
    page = send(wang, forms[1], {"net_profit[2025]": "902", "revenue[2025]": "13002"})
    assert page.status == 422
    assert "li 在 2026-11-23 09:30 保存过" in page.text
    assert re.search(r"留已保存的：901 万元.*用我填写的：902 万元", page.text)
    again = form_of(page.source, FINANCE)
    assert again.texts["net_profit[2025]"] == ["902"]
    assert again.texts["revenue[2025]"] == ["13002"]
    assert again.texts["total_assets[2025]"] == ["20001"]
    assert again.texts["after"] == ["2"]
    assert house.store.latest_profile(COMPANY).number == 2
    undecided = send(wang, again, {})
    assert undecided.status == 422
    assert "留已保存的：901" in undecided.text
    again = form_of(undecided.source, FINANCE)
    assert send(wang, again, {"keep:net_profit[2025]": keeps}).status == 303
    assert known(house, "net_profit[2025]") == stands
    assert (known(house, "revenue[2025]"), known(house, "total_assets[2025]")) == (13002, 20001)


def test_a_decision_is_about_what_was_shown(house: House) -> None:
    """If the first changes it once more meanwhile, the second is asked again; a mistake beside it is told as well."""
    li, wang = browser(house, "li"), browser(house, "wang")
    form = opened(wang, FINANCE)
    assert send(li, opened(li, FINANCE), {"net_profit[2025]": "901"}).status == 303
    page = send(wang, form, {"net_profit[2025]": "902", "revenue[2025]": "很多"})
    assert "用我填写的：902" in page.text
    assert "应为数字" in page.text
    assert send(li, opened(li, FINANCE), {"net_profit[2025]": "903"}).status == 303
    answers: dict[str, str | list[str]] = {"keep:net_profit[2025]": "mine", "revenue[2025]": "13002"}
    page = send(wang, form_of(page.source, FINANCE), answers)
    assert page.status == 422
    assert re.search(r"留已保存的：903 万元.*用我填写的：902 万元", page.text)
    assert send(wang, form_of(page.source, FINANCE), {"keep:net_profit[2025]": "mine"}).status == 303
    assert (known(house, "net_profit[2025]"), known(house, "revenue[2025]")) == (902, 13002)


def test_an_answer_taken_back_and_one_taken_away_clash_as_well(house: House) -> None:
    """One clears a figure or a recognition that the other changes; the same from both is no clash."""
    li, wang = browser(house, "li"), browser(house, "wang")
    forms = [opened(one, FINANCE) for one in (li, wang)]
    assert send(li, forms[0], {"net_profit[2025]": "", "revenue[2025]": "13,000"}).status == 303
    page = send(wang, forms[1], {"net_profit[2025]": "902", "revenue[2025]": "13000"})
    assert re.search(r"留已保存的：没有回答.*用我填写的：902 万元", page.text)
    assert page.text.count("用我填写的") == 1
    forms = [opened(one, RECOGNITIONS) for one in (li, wang)]
    [first, *rest] = forms[0].texts["recognitions"]
    assert send(li, forms[0], {"recognitions": rest}).status == 303
    page = send(wang, forms[1], {f"recognitions:{first}:expires": "2029-01-01"})
    assert page.status == 422
    assert "2029-01-01 到期" in page.text
    again = form_of(page.source, RECOGNITIONS)
    assert first in again.texts["recognitions"]
    assert send(wang, again, {f"keep:recognitions.{first}": "theirs"}).status == 303
    assert [one["id"] for one in known(house, "recognitions")] == rest
    assert send(wang, forms[1], {"recognitions": [], "recognitions:sure": "none"}).status == 303
    assert known(house, "recognitions") == []
    forms = [opened(one, WHO) for one in (li, wang)]
    assert send(li, forms[0], {"enterprise.name": "甲"}).status == 303
    assert "用我填写的：乙" in send(wang, forms[1], {"enterprise.name": "乙"}).text


def test_what_no_form_says(house: House) -> None:
    """A version that never was is no form of ours; one that does not say is about the newest; viewers only look."""
    li, zhao = browser(house, "li"), browser(house, "zhao")
    form = opened(li, FINANCE)
    for after, status in (("7", 422), ("0", 422), ("x", 303), ("99999999999", 303)):
        assert send(li, form, {"after": after}).status == status
    assert house.store.latest_profile(COMPANY).number == 1
    assert zhao.get(FINANCE).status == 403
    assert zhao.get(f"/c/{COMPANY}/facts").status == 200
    assert zhao.post(FINANCE, form.filled({"net_profit[2025]": "1"})).status == 403
    assert house.visitor().get(f"/c/{COMPANY}/facts").status == 303
    assert house.logged_in(person(house, "sun")).get(f"/c/{COMPANY}/facts").status == 404


def test_a_draft_in_two_windows(house: House) -> None:
    """A form that was open while another was sent takes nothing back; the same answer is asked about."""
    visitor = house.visitor()
    forms = [opened(visitor, "/try/facts/basics") for _ in range(3)]
    assert send(visitor, forms[0], {"city": "佛山市"}).status == 303
    assert send(visitor, forms[1], {"legal_person": "yes"}).status == 303
    page = send(visitor, forms[2], {"city": "珠海市", "established": "2012-05-18"})
    assert page.status == 422
    assert "另一个窗口" in page.text
    assert send(visitor, form_of(page.source, "/try/facts/basics"), {"keep:city": "mine"}).status == 303
    kept = opened(visitor, "/try/facts/basics").texts
    assert (kept["city"], kept["legal_person"], kept["established"]) == (["珠海市"], ["yes"], ["2012-05-18"])


def test_many_at_once_before_a_real_server(tmp_path: Path) -> None:
    """Four people, each with a figure of their own, all at the same time: every one answered 303 stands."""
    figures = ["revenue", "main_revenue", "net_profit", "total_assets"]
    with new_store(tmp_path) as store, Server(store, tmp_path, "--workers", "2", "--no-publish") as server:
        company = add_sample(store, "valve-maker", profile_text("valve-maker"))
        done: dict[str, int] = {}

        def answer_often(name: str) -> None:
            for number in range(TIMES):
                status, _ = posted(server.port, f"/c/{company}/facts/finance", {f"{name}[2025]": str(5000 + number)})
                assert status == 303
                done[name] = 5000 + number

        threads = [threading.Thread(target=answer_often, args=(name,)) for name in figures]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        data = parse(store.latest_profile(company).content, name="").data
        assert done == dict.fromkeys(figures, 5000 + TIMES - 1)
        assert {name: data["years"][2025][name] for name in figures} == done
        versions = store.profiles(company)
        assert [one.number for one in versions] == [*range(1, len(versions) + 1)]
        assert len(versions) == 1 + TIMES * len(figures)


def test_a_server_that_is_killed_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    """Fifty times: inside the transaction, between saving and answering, after the answer; never half a version."""
    with new_store(tmp_path) as store:
        company = add_sample(store, "valve-maker")
        command = [sys.executable, "-m", "tests.killing_servers", f"sqlite:///{store.label}", company, "50"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["lost"], told["halved"]) == ([], [])
        assert told["answered"] >= 8
        assert {-2, -1, 0, 1, 2, 3} <= {*told["moments"]}
        assert len(store.profiles(company)) > told["answered"]
