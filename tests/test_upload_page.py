"""The spreadsheet page: mistakes cell by cell, what would change before anything does, nothing lost on the way."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from assistant.service.store.records import ProfileVersion
from assistant.service.store.store import Store
from assistant.sources import parse
from tests.serving import add_sample, profile_text
from tests.visiting import Browser, House, Page
from tests.workbooks import cell, filled, told

GOOD = {
    ("企业", "C3"): "东莞某某泵业有限公司",
    cell("city"): "东莞市",
    cell("revenue", "E"): 5200.5,
    cell("legal_person"): "是",
}
FILE = "资料.xlsx"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Give an empty house."""
    with House(tmp_path) as opened:
        yield opened


@pytest.fixture
def owner(house: House) -> tuple[Browser, str]:
    """Return the browser of a company's owner, and where the company is."""
    account = house.account("wang")
    company = add_sample(house.store, "sensor-startup")
    house.store.accounts.grant(account.id, company, "owner", who="test", at=house.clock())
    return house.logged_in(account), f"/c/{company}"


def sent(browser: Browser, base: str, content: bytes, name: str = FILE) -> Page:
    """Send a file; return what comes back."""
    browser.get(f"{base}/spreadsheet")
    return browser.post(f"{base}/spreadsheet", files=[(name, content)])


def confirmed(browser: Browser, base: str, page: Page, **fields: str) -> Page:
    """Send the form that a page asks to confirm."""
    hidden = {key: re.search(rf'name="{key}" value="([^"]*)"', page.source) for key in ("file", "after", "text")}
    given = {key: html.unescape(found[1]) for key, found in hidden.items() if found}
    assert len(given) == len(hidden)
    return browser.post(f"{base}/spreadsheet/confirm", {**given, **fields})


def data_of(house: House, base: str) -> dict[str, Any]:
    """Return what is saved of a company."""
    content = house.store.latest_profile(base.removeprefix("/c/")).content
    found: dict[str, Any] = parse(content, name="").data
    return found


def test_a_visitor_fills_in_the_workbook(house: House) -> None:
    """Downloaded blank, filled in, sent: a draft in the browser, with its verdicts."""
    browser = house.visitor()
    assert "/try/spreadsheet/blank.xlsx" in browser.get("/try/spreadsheet").source
    got = browser.get("/try/spreadsheet/blank.xlsx")
    assert got.headers["content-type"].endswith("spreadsheetml.sheet")
    page = browser.post("/try/spreadsheet", files=[(FILE, filled(GOOD, base=got.body))])
    assert page.status == 200
    for text in ("注册地市", "东莞市", "5,200.5 万元", "新增"):
        assert text in page.text
    assert "东莞某某泵业有限公司" not in browser.get("/try/").text
    taken = confirmed(browser, "/try", page)
    assert taken.goes_to == "/try/?done=spreadsheet"
    assert "东莞某某泵业有限公司" in browser.get("/try/").text
    assert "资料已按表格更新" in browser.get(taken.goes_to).text


def test_mistakes_stand_with_their_cells_and_nothing_is_taken(house: House, owner: tuple[Browser, str]) -> None:
    """A table of them; the good answers beside them are not taken either."""
    browser, base = owner
    before = house.store.latest_profile(base.removeprefix("/c/"))
    content = filled({**GOOD, cell("rd_expense", "C"): "约三百", cell("iso9001"): "也许"})
    page = sent(browser, base, content)
    assert page.status == 422
    assert "表格里有 2 处要改" in page.text
    sheet, at = cell("rd_expense", "C")
    assert f"{sheet}!{at} 研发费用 应为数字，万元；现为“约三百”" in page.text
    assert 'name="text"' not in page.source
    assert house.store.latest_profile(base.removeprefix("/c/")) == before


def test_what_is_blank_stays_or_goes_as_one_wishes(house: House, owner: tuple[Browser, str]) -> None:
    """A workbook filled in by somebody who knows only the figures takes nothing away unasked."""
    browser, base = owner
    content = filled({cell("revenue", "E"): "1.4亿"})
    before = data_of(house, base)
    page = sent(browser, base, content)
    assert "写的是“1.4亿”，按 14,000 万元读取" in page.text
    assert "830 万元" in page.text
    assert confirmed(browser, base, page, rest="keep").goes_to == f"{base}/?done=spreadsheet"
    after = data_of(house, base)
    assert after["years"][2025].pop("revenue") == "14000万元"
    assert before["years"][2025].pop("revenue") == 830
    assert after == before
    confirmed(browser, base, sent(browser, base, content), rest="drop")
    assert data_of(house, base)["years"] == {2025: {"revenue": "14000万元"}}
    assert "facts" not in {key for key, value in data_of(house, base).items() if value}


def test_the_downloaded_workbook_changes_nothing(owner: tuple[Browser, str]) -> None:
    """Filled in with what is known, sent back as it is."""
    browser, base = owner
    got = browser.get(f"{base}/spreadsheet/filled.xlsx")
    assert told(got.body).profile.name == "珠海某某传感科技有限公司"
    page = sent(browser, base, got.body)
    assert page.status == 200
    assert "已有的资料" in page.text
    assert "表格里填了、和现在不同的" not in page.text


def test_a_version_saved_meanwhile_is_looked_at_again(house: House, owner: tuple[Browser, str]) -> None:
    """The second to save is shown what it would change now; then it goes in."""
    browser, base = owner
    page = sent(browser, base, filled({cell("revenue", "E"): 900}))
    company = base.removeprefix("/c/")
    other = profile_text("sensor-startup").replace("city: 珠海市", "city: 广州市")
    house.store.save_profile(company, other, who="other", at=house.clock())
    again = confirmed(browser, base, page)
    assert again.status == 422
    assert "有人刚刚保存了新的一版" in again.text
    assert data_of(house, base)["years"][2025]["revenue"] == 830
    assert confirmed(browser, base, again).status == 303
    assert data_of(house, base)["years"][2025]["revenue"] == 900
    assert data_of(house, base)["facts"]["city"] == "广州市"


def test_another_company_is_not_taken_for_this_one(owner: tuple[Browser, str]) -> None:
    """Two credit codes are two companies, however the file came."""
    browser, base = owner
    first = sent(browser, base, filled({("企业", "C4"): "91440402MA4XXX1A2F"}))
    confirmed(browser, base, first)
    page = sent(browser, base, filled({("企业", "C4"): "91441900MA4XXX3C13"}))
    assert page.status == 422
    assert "可能是另一家企业的资料" in page.text


def test_a_profile_file_is_as_good(house: House) -> None:
    """YAML or JSON; its mistakes have lines."""
    browser = house.visitor()
    page = sent(browser, "/try", b'{"years": {"2025": {"revenue": 5200.123456}}}', "p.json")
    assert page.status == 200
    confirmed(browser, "/try", page)
    assert (
        Decimal("5200.123456") == told(browser.get("/try/spreadsheet/filled.xlsx").body).data["years"][2025]["revenue"]
    )
    wrong = sent(browser, "/try", "facts:\n  city: 东莞市\n  iso9001: 也许\n".encode(), "p.yaml")
    assert wrong.status == 422
    assert "第 3 行" in wrong.text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("旧表.xls", b"\xd0\xcf\x11\xe0" + b"0" * 600, "请去掉密码，另存为 .xlsx"),
        ("图.png", b"\x89PNG", "应为 .xlsx"),
        ("坏.xlsx", b"PK\x03\x04 cut short", "不是电子表格"),
        ("空.xlsx", b"", "不是电子表格"),
    ],
)
def test_other_files_are_refused_kindly(house: House, name: str, content: bytes, said: str) -> None:
    """With what to do instead."""
    page = sent(house.visitor(), "/try", content, name)
    assert page.status == 422
    assert said in page.text


def test_nothing_chosen(house: House) -> None:
    """Is said, not guessed."""
    browser = house.visitor()
    browser.get("/try/spreadsheet")
    assert "没有选中文件" in browser.post("/try/spreadsheet").text


def test_who_may_only_look(house: House) -> None:
    """A viewer and a visitor of a sample download, and change nothing."""
    account = house.account("li")
    company = add_sample(house.store, "sensor-startup")
    house.store.accounts.grant(account.id, company, "viewer", who="test", at=house.clock())
    browser = house.logged_in(account)
    for base in (f"/c/{company}", "/samples/sensor-startup"):
        page = browser.get(f"{base}/spreadsheet")
        assert 'type="file"' not in page.source
        assert browser.get(f"{base}/spreadsheet/filled.xlsx").status == 200
        browser.get("/try/questions")
        assert browser.post(f"{base}/spreadsheet", files=[(FILE, filled(GOOD))]).status == 403
        assert browser.post(f"{base}/spreadsheet/confirm", {"text": "{}", "file": FILE}).status == 403


def test_a_version_saved_in_the_same_moment_is_looked_at_again(
    house: House, owner: tuple[Browser, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the newest version and the saving."""
    browser, base = owner
    page = sent(browser, base, filled({cell("revenue", "E"): 900}))
    save = Store.save_profile

    def second(store: Store, company: str, content: str, **values: Any) -> ProfileVersion:
        monkeypatch.undo()
        other = profile_text("sensor-startup").replace("city: 珠海市", "city: 广州市")
        save(store, company, other, who="other", at=house.clock())
        return save(store, company, content, **values)

    monkeypatch.setattr(Store, "save_profile", second)
    again = confirmed(browser, base, page)
    assert again.status == 422
    assert "有人刚刚保存了新的一版" in again.text
    assert confirmed(browser, base, again).status == 303
    assert data_of(house, base)["facts"]["city"] == "广州市"
    assert data_of(house, base)["years"][2025]["revenue"] == 900
