"""The history's page: who changed what, what that did to the verdicts, and putting an old version back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.service.history import Side, compared
from tests.serving import add_sample, profile_text
from tests.visiting import Browser, House

PARTS = profile_text("precision-parts")
RICHER = PARTS.replace("rd_expense: 291", "rd_expense: 312")
LATEST = RICHER.replace("iso45001: no", "iso45001: yes")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Give a house with a company of three versions in two sittings; an owner, an editor, a viewer and a stranger."""
    with House(tmp_path) as opened:
        company = add_sample(opened.store, "precision-parts")
        opened.clock.forward(days=1)
        opened.store.save_profile(company, RICHER, who="李会计", at=opened.clock())
        opened.clock.forward(minutes=5)
        opened.store.save_profile(company, LATEST, who="李会计", at=opened.clock())
        for name in ("owner", "editor", "viewer"):
            account = opened.account(name)
            opened.store.accounts.grant(account.id, company, name, who="test", at=opened.clock())
        opened.account("stranger")
        yield opened


@pytest.fixture
def company(house: House) -> str:
    """Return the id of the company."""
    return house.store.companies()[0].id


def browser(house: House, name: str) -> Browser:
    """Return the browser of one of the four."""
    account = house.store.accounts.by_email(f"{name}@example.com")
    assert account
    return house.logged_in(account)


def test_changes_are_told_by_sittings(house: House, company: str) -> None:
    """Two versions of one person within half an hour are one; what was and what is stand side by side."""
    page = browser(house, "viewer").get(f"/c/{company}/history")
    assert page.status == 200
    assert "修改记录 2 次" in page.text
    assert "2026-11-24 09:35 李会计 第 2～3 版 现在用的" in page.text
    assert "2026年研发费用 291 万元（预计） 312 万元（预计）" in page.text
    assert "职业健康安全管理体系认证 否 是" in page.text
    assert "建立这家企业，填写了" in page.text
    assert "恢复到这一版" not in page.text


def test_what_the_latest_sitting_did_to_the_verdicts_comes_first(house: House, company: str) -> None:
    """As the comparison has it: every project whose standing changed, and no other."""
    versions = house.store.profiles(company)
    sides = Side(versions[0], house.site.today), Side(versions[2], house.site.today)
    found = compared(*sides, house.matcher, (), house.site.today)
    changed = [one for one in found["changes"] if one["before"]["text"] != one["after"]["text"]]
    assert changed
    page = browser(house, "viewer").get(f"/c/{company}/history")
    told = re.findall(r'href="[^"]*/projects/([\w-]+)">[^<]*</a><span class="from-to">', page.source)
    assert told == [one["project"] for one in changed]
    assert f"{changed[0]['name']} {changed[0]['before']['text']} → 变为 {changed[0]['after']['text']}" in page.text


def test_two_versions_are_compared_criterion_by_criterion(house: House, company: str) -> None:
    """With the reasons on both sides; the versions chosen stay chosen."""
    page = browser(house, "viewer").get(f"/c/{company}/history/compare?before=1&after=2")
    assert page.status == 200
    first, second, _ = (Side(version, house.site.today) for version in house.store.profiles(company))
    found = compared(first, second, house.matcher, (), house.site.today)
    assert found["changes"]
    for one in found["changes"]:
        assert one["name"] in page.text
        for finding in one["findings"]:
            assert " ".join(finding["says"].split()) in page.text
    assert re.search(r'<option value="1" selected>', page.source)
    assert re.search(r'<option value="2" selected>', page.source)


def test_two_days_are_compared(house: House, company: str) -> None:
    """The same version, seen long ago: the page says which days."""
    page = browser(house, "viewer").get(f"/c/{company}/history/compare?before=3&after=3&before_day=2024-06-03")
    assert page.status == 200
    assert "（看 2024年6月3日）" in page.text
    assert 'value="2024-06-03"' in page.source
    assert "项条件有变" in page.text
    same = browser(house, "viewer").get(f"/c/{company}/history/compare?before=3&after=3")
    assert "没有项目的结论变化" in same.text


@pytest.mark.parametrize(
    "query",
    ["before=9", "after=0", "before=x", "before=1&after_day=tomorrow", "before_day=0001-01-01", "after=" + "9" * 5000],
)
def test_what_cannot_be_compared_is_said_to_be_so(house: House, company: str, query: str) -> None:
    """No such version or day; the form is there to choose again."""
    page = browser(house, "viewer").get(f"/c/{company}/history/compare?{query}")
    assert page.status == 422
    assert "没有这样的版本或日子" in page.text
    assert "<select" in page.source


def test_an_old_version_is_put_back_as_a_new_one(house: House, company: str) -> None:
    """Nothing is lost: it can be put back again."""
    editor = browser(house, "editor")
    editor.get(f"/c/{company}/history")
    answer = editor.post(f"/c/{company}/history/restore", {"number": "1", "after": "3"})
    assert (answer.status, answer.goes_to) == (303, f"/c/{company}/history?restored=1")
    versions = house.store.profiles(company)
    assert [one.content for one in versions] == [PARTS, RICHER, LATEST, PARTS]
    assert (versions[3].who, versions[3].at) == ("editor", house.clock())
    page = editor.get(answer.goes_to)
    assert "已恢复到第 1 版，并存为新的一版" in page.text
    assert "2026年研发费用 312 万元（预计） 291 万元（预计）" in page.text


def test_a_version_saved_meanwhile_is_not_covered(house: House, company: str) -> None:
    """Whoever restores is told to look first."""
    editor = browser(house, "editor")
    editor.get(f"/c/{company}/history")
    house.store.save_profile(company, f"# new\n{LATEST}", who="王工", at=house.clock())
    answer = editor.post(f"/c/{company}/history/restore", {"number": "1", "after": "3"})
    assert answer.goes_to == f"/c/{company}/history?changed=1"
    assert len(house.store.profiles(company)) == 4
    assert "刚刚有人保存了新的一版" in editor.get(answer.goes_to).text


def test_a_version_that_the_rules_cannot_read_any_more_is_not_put_back(house: House, company: str) -> None:
    """It is shown as such, and the rest of the history beside it."""
    house.clock.forward(days=1)
    house.store.save_profile(company, "facts: {gone: 1}\n", who="王工", at=house.clock())
    house.clock.forward(days=1)
    house.store.save_profile(company, LATEST, who="王工", at=house.clock())
    editor = browser(house, "editor")
    page = editor.get(f"/c/{company}/history")
    assert page.status == 200
    assert page.text.count("按现在的规则读不出来") == 2
    assert "职业健康安全管理体系认证 否 是" in page.text
    answer = editor.post(f"/c/{company}/history/restore", {"number": "4", "after": "5"})
    assert answer.status == 422
    assert "没有“gone”这个指标" in answer.text
    assert len(house.store.profiles(company)) == 5
    assert "读不出来，没有办法比较" in editor.get(f"/c/{company}/history/compare?before=4").text


def test_who_may_only_look_puts_nothing_back(house: House, company: str) -> None:
    """Strangers do not learn that there is such a company."""
    viewer = browser(house, "viewer")
    viewer.get(f"/c/{company}/history")
    assert viewer.post(f"/c/{company}/history/restore", {"number": "1", "after": "3"}).status == 403
    stranger = browser(house, "stranger")
    for path in ("history", "history/compare"):
        assert stranger.get(f"/c/{company}/{path}").status == 404
        assert house.visitor().get(f"/c/{company}/{path}").goes_to.startswith("/login?next=")
    assert len(house.store.profiles(company)) == 3


@pytest.mark.parametrize("number", ["0", "4", "x", "", "1" * 5000])
def test_only_versions_that_are_there_are_put_back(house: House, company: str, number: str) -> None:
    """Whatever a form says."""
    editor = browser(house, "editor")
    editor.get(f"/c/{company}/history")
    assert editor.post(f"/c/{company}/history/restore", {"number": number, "after": "3"}).status == 404
    assert len(house.store.profiles(company)) == 3


def test_the_owner_alone_reads_what_else_was_done(house: House, company: str) -> None:
    """Members, links, imports."""
    assert "设定成员角色：viewer，查看者" in browser(house, "owner").get(f"/c/{company}/history").text
    assert "设定成员角色" not in browser(house, "editor").get(f"/c/{company}/history").text


def test_a_long_history_comes_by_the_page(house: House, company: str) -> None:
    """Every sitting is on one of them."""
    for number in range(45):
        house.clock.forward(hours=1)
        house.store.save_profile(company, f"# {number}\n{LATEST}", who="王工", at=house.clock())
    viewer = browser(house, "viewer")
    seen: list[str] = []
    for at in ("1", "2", "3"):
        page = viewer.get(f"/c/{company}/history?at={at}")
        seen += re.findall(r'<li class="card" id="v(\d+)">', page.source)
        assert f"第 {at} 页，共 3 页" in page.text
    assert seen == [str(number) for number in (*range(48, 2, -1), 1)]
    assert viewer.get(f"/c/{company}/history?at=x").status == 200
    assert "修改记录 47 次" in viewer.get(f"/c/{company}/history?at=99999999").text


@pytest.mark.parametrize("base", ["/try", "/samples/valve-maker"])
def test_what_is_not_saved_has_no_history(house: House, base: str) -> None:
    """The page says what saving would bring."""
    visitor = house.visitor()
    page = visitor.get(f"{base}/history")
    assert page.status == 200
    assert "保存以后" in page.text
    assert visitor.get(f"{base}/history/compare").status == 404
