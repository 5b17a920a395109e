"""Importing many companies: every file is looked at, the good ones are confirmed, and all of them go in or none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path

import pytest

from assistant.company.profile import read_profile
from assistant.delivery.workbook.writing import workbook_xlsx
from assistant.sources import parse
from tests.conftest import ON, book
from tests.serving import add_sample, profile_text
from tests.visiting import Browser, House, Page
from tests.workbooks import cell, filled

VALVES, SOFTWARE, BEARINGS = (profile_text(name) for name in ("valve-maker", "software-firm", "bearing-giant"))
NAMES = {text: parse(text, name="x").data["enterprise"]["name"] for text in (VALVES, SOFTWARE, BEARINGS)}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Give a house with an adviser who edits one company and looks at another."""
    with House(tmp_path) as opened:
        adviser = opened.account("adviser", "adviser")
        for name, role in (("valve-maker", "editor"), ("software-firm", "viewer")):
            company = add_sample(opened.store, name)
            text = profile_text(name)
            uscc = parse(text, name="x").data["enterprise"]["uscc"]
            opened.store.save_profile(company, f"# saved\n{text}", who="test", at=opened.clock(), uscc=uscc)
            opened.store.accounts.grant(adviser.id, company, role, who="test", at=opened.clock())  # type: ignore[arg-type] # a role
        yield opened


@pytest.fixture
def adviser(house: House) -> Browser:
    """Return the adviser's browser, at the page that asks for files."""
    account = house.store.accounts.by_email("adviser@example.com")
    assert account
    browser = house.logged_in(account)
    assert browser.get("/desk/import").status == 200
    return browser


def fields(page: Page) -> dict[str, str]:
    """Return what the form to confirm would send, everything ticked."""
    form = page.source.partition('action="/desk/import/confirm"')[2].partition("</form>")[0]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    ticked = re.findall(r'<input type="checkbox" id="[^"]+" name="([^"]+)" value="1" checked>', form)
    return {name: unescape(value) for name, value in hidden if name != "seal"} | dict.fromkeys(ticked, "1")


def companies(house: House) -> Mapping[str, str]:
    """Return the companies' ids by name."""
    return {company.name: company.id for company in house.store.companies()}


def test_workbooks_and_files_become_companies(house: House, adviser: Browser) -> None:
    """New ones belong to the adviser; the answers in the store are those of the files."""
    sheet = workbook_xlsx(parse(BEARINGS, name="x").data, book(), ON)
    json = '{"enterprise": {"name": "某某玩具厂"}, "facts": {"class1_ip": 3}}'
    page = adviser.post("/desk/import", files=[("轴承.xlsx", sheet), ("玩具.json", json.encode())])
    assert page.status == 200
    assert "可以导入 2 家" in page.text
    assert "新建企业，您是所有者" in page.text
    assert len(house.store.companies()) == 2
    answer = adviser.post("/desk/import/confirm", fields(page))
    assert answer.status == 303
    done = adviser.get(answer.goes_to)
    assert "新建 2 家" in done.text
    ids = companies(house)
    for name, text in ((NAMES[BEARINGS], BEARINGS), ("某某玩具厂", json)):
        version = house.store.latest_profile(ids[name])
        read = [
            read_profile(parse(content, name="x"), book().dictionary, book().lists, ON)
            for content in (version.content, text)
        ]
        assert (read[0].facts, read[0].years, read[0].recognitions) == (
            read[1].facts,
            read[1].years,
            read[1].recognitions,
        )
        assert (version.number, version.who, version.at) == (1, "adviser", house.clock())
        assert house.store.accounts.role("a-adviser", ids[name]) == "owner"
        assert f'href="/c/{ids[name]}/"' in done.source


def test_a_known_company_gets_a_version(house: House, adviser: Browser) -> None:
    """Known by its credit code, whatever it is called now."""
    text = VALVES.replace(NAMES[VALVES], "佛山某某阀门集团")
    page = adviser.post("/desk/import", files=[("阀门.yaml", text.encode())])
    assert "更新“valve-maker”，存为第 3 版" in page.text
    answer = adviser.post("/desk/import/confirm", fields(page))
    assert "更新 1 家" in adviser.get(answer.goes_to).text
    ids = companies(house)
    assert set(ids) == {"佛山某某阀门集团", "software-firm"}
    assert house.store.latest_profile(ids["佛山某某阀门集团"]).content == text


def test_every_mistake_is_told_at_its_place(house: House, adviser: Browser) -> None:
    """By file, with cell or line; the good ones beside them can go in, of a bad one nothing can."""
    title, at = cell("class1_ip")
    base = workbook_xlsx({"enterprise": {"name": "坏厂"}}, book(), ON)
    bad = filled({(title, at): "很多", cell("iso9001"): "也许"}, base=base)
    files = [
        ("好.yaml", BEARINGS.encode()),
        ("坏.xlsx", bad),
        ("坏.yaml", "enterprise: {name: 某}\nfacts:\n  class1_ip: 很多\n".encode()),
        ("没有名字.yaml", b"facts: {class1_ip: 1}\n"),
        ("../../照片.png", b"\x89PNG"),
        ("不是表格.xlsx", b"PK nonsense"),
        ("只能看.yaml", SOFTWARE.encode()),
        ("又是好.yaml", BEARINGS.encode()),
    ]
    page = adviser.post("/desk/import", files=files)
    assert page.status == 200
    assert "有问题的文件 7 个" in page.text
    assert "可以导入 1 家" in page.text
    assert f"坏.xlsx 2 处问题 {title}!{at} ：" in page.text
    assert "坏.yaml 1 处问题 第 3 行 facts.class1_ip ：写的是“很多”，应为数字" in page.text
    assert "没有企业名称" in page.text
    assert "照片.png 1 处问题 不认识“.png”这种文件" in page.text
    assert "../" not in page.text
    assert "您在“software-firm”是查看者" in page.text
    assert "和 好.yaml 是同一家企业" in page.text
    answer = adviser.post("/desk/import/confirm", fields(page))
    assert "新建 1 家" in adviser.get(answer.goes_to).text
    assert set(companies(house)) == {"valve-maker", "software-firm", NAMES[BEARINGS]}


def test_only_what_is_ticked_goes_in(house: House, adviser: Browser) -> None:
    """Nothing ticked is nothing done."""
    page = adviser.post("/desk/import", files=[("a.yaml", BEARINGS.encode()), ("b.yaml", VALVES.encode())])
    sent = {name: value for name, value in fields(page).items() if name != "take-0"}
    none = adviser.post("/desk/import/confirm", {name: value for name, value in sent.items() if name != "take-1"})
    assert none.status == 422
    assert "没有选中任何一家" in none.text
    adviser.post("/desk/import/confirm", sent)
    assert set(companies(house)) == {NAMES[VALVES], "software-firm"}


def test_all_go_in_or_none(house: House, adviser: Browser) -> None:
    """Somebody saved one of them meanwhile: the page is shown again, as it is now, and can be confirmed."""
    page = adviser.post("/desk/import", files=[("a.yaml", BEARINGS.encode()), ("b.yaml", VALVES.encode())])
    id_ = companies(house)["valve-maker"]
    house.store.save_profile(id_, f"# meanwhile\n{VALVES}", who="王工", at=house.clock())
    again = adviser.post("/desk/import/confirm", fields(page))
    assert again.status == 422
    assert "一家也没有存入" in again.text
    assert "存为第 4 版" in again.text
    assert set(companies(house)) == {"valve-maker", "software-firm"}
    assert adviser.post("/desk/import/confirm", fields(again)).status == 303
    assert len(house.store.companies()) == 3
    assert house.store.latest_profile(id_).number == 4


def test_a_form_sent_twice_adds_no_company_twice(house: House, adviser: Browser) -> None:
    """Nor a version."""
    page = adviser.post("/desk/import", files=[("a.yaml", BEARINGS.encode())])
    first, second = (adviser.post("/desk/import/confirm", fields(page)) for _ in range(2))
    assert first.status == second.status == 303
    assert first.goes_to == second.goes_to
    assert len(house.store.companies()) == 3
    assert len(house.store.profiles(companies(house)[NAMES[BEARINGS]])) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"company-0": "nonsense"},
        {"after-0": "x"},
        {"after-0": "9" * 5000},
        {"text-0": "facts: {gone: 1}\n"},
        {"text-0": ""},
        {"after-0": "1"},
    ],
)
def test_a_form_that_was_not_shown_puts_nothing_in(house: House, adviser: Browser, change: dict[str, str]) -> None:
    """Whatever it says: what goes in is read again."""
    page = adviser.post("/desk/import", files=[("a.yaml", BEARINGS.encode())])
    assert adviser.post("/desk/import/confirm", fields(page) | change).status == 422
    assert set(companies(house)) == {"valve-maker", "software-firm"}


def test_another_adviser_company_cannot_be_written_to(house: House, adviser: Browser) -> None:
    """Its id in a form is as good as any other new one's: nothing of it changes, or is told."""
    other = house.account("other", "adviser")
    foreign = add_sample(house.store, "bearing-giant")
    house.store.accounts.grant(other.id, foreign, "owner", who="test", at=house.clock())
    before = house.store.profiles(foreign)
    page = adviser.post("/desk/import", files=[("a.yaml", BEARINGS.encode())])
    assert "新建企业" in page.text
    answer = adviser.post("/desk/import/confirm", fields(page) | {"company-0": foreign})
    assert house.store.profiles(foreign) == before
    assert house.store.accounts.role("a-adviser", foreign) is None
    assert adviser.get(answer.goes_to).status == 404
    assert adviser.post("/desk/import/confirm", fields(page) | {"company-0": foreign, "after-0": "1"}).status == 422


def test_what_was_brought_in_is_remembered(house: House, adviser: Browser) -> None:
    """Who, and how many."""
    page = adviser.post("/desk/import", files=[("a.yaml", BEARINGS.encode())])
    adviser.post("/desk/import/confirm", fields(page))
    found = [(one.who, one.detail) for one in house.store.accounts.audit(limit=50) if one.what == "companies-imported"]
    assert found == [("adviser", "1")]


def test_remarks_are_told_and_do_not_hinder(adviser: Browser) -> None:
    """A credit code that does not add up is remarked on."""
    text = BEARINGS.replace(parse(BEARINGS, name="x").data["enterprise"]["uscc"], "91440000000000000X")
    page = adviser.post("/desk/import", files=[("a.yaml", text.encode())])
    assert "可以导入 1 家" in page.text
    assert "校验不对" in page.text


def test_members_do_not_import_in_bulk(house: House) -> None:
    """Nor strangers, nor pages elsewhere."""
    member = house.logged_in(house.account("member"))
    member.get("/companies")
    assert member.seal
    assert member.post("/desk/import", files=[("a.yaml", BEARINGS.encode())]).status == 403
    assert member.post("/desk/import/confirm", {"take-0": "1"}).status == 403
    assert house.visitor().post("/desk/import", files=[("a.yaml", b"")]).goes_to.startswith("/login")
    member.seal = "0" * 40
    assert len(house.store.companies()) == 2
