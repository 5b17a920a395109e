"""The pages for many companies: mine alone, in a table, with what is due next; official dates; the rules; help."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from assistant.planning.announcements import Announcement
from assistant.service.dossier import packed
from assistant.service.store.intake import Incoming, take_in
from assistant.web.site import Manner
from tests.conftest import SAMPLES
from tests.serving import add_sample
from tests.visiting import Browser, House

NAMES = ("valve-maker", "software-firm", "bearing-giant")
GIVEN = {
    "project": "little-giant",
    "cycle": "",
    "opens": "2027-03-10",
    "closes": "2027-04-15",
    "source": "https://www.miit.gov.cn/n",
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Give a house with three companies, two of them an adviser's."""
    with House(tmp_path) as opened:
        adviser = opened.account("adviser", "adviser")
        for standing in ("member", "bureau", "administrator"):
            opened.account(standing, standing)
        for name in NAMES:
            company = add_sample(opened.store, name)
            opened.publish(company)
            if name != "bearing-giant":
                opened.store.accounts.grant(adviser.id, company, "editor", who="test", at=opened.clock())
        yield opened


def browser(house: House, name: str) -> Browser:
    """Return the browser of one of the accounts."""
    account = house.store.accounts.by_email(f"{name}@example.com")
    assert account
    return house.logged_in(account)


def companies(house: House) -> dict[str, str]:
    """Return the ids of the companies by name."""
    return {company.name: company.id for company in house.store.companies()}


@pytest.mark.parametrize("path", ["/companies", "/desk", "/desk/import", "/official", "/desk/import/done"])
def test_nobody_in_particular_is_asked_to_log_in(house: House, path: str) -> None:
    """And comes back afterwards."""
    assert house.visitor().get(path).goes_to == f"/login?next={path.replace('/', '%2F')}"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/companies", {"member", "adviser", "bureau", "administrator"}),
        ("/desk", {"adviser", "bureau", "administrator"}),
        ("/desk/import", {"adviser", "bureau", "administrator"}),
        ("/official", {"bureau", "administrator"}),
    ],
)
def test_a_page_is_for_those_whose_work_it_is(house: House, path: str, allowed: set[str]) -> None:
    """Others are told that it is not."""
    for name in ("member", "adviser", "bureau", "administrator"):
        assert browser(house, name).get(path).status == (200 if name in allowed else 403), name


def test_only_the_companies_one_belongs_to_are_there(house: House) -> None:
    """An administrator reads none; who uses the machine alone has all of them."""
    adviser = browser(house, "adviser")
    for path in ("/companies", "/desk"):
        page = adviser.get(path)
        assert "valve-maker" in page.text
        assert "software-firm" in page.text
        assert "bearing-giant" not in page.text
        assert companies(house)["bearing-giant"] not in page.source
        empty = browser(house, "administrator").get(path)
        assert not any(name in empty.source for name in NAMES)


def test_alone_on_a_machine_all_companies_are_there(tmp_path: Path) -> None:
    """Without logging in."""
    with House(tmp_path, manner=Manner(local="王工")) as house:
        add_sample(house.store, "valve-maker")
        visitor = house.visitor()
        for path in ("/companies", "/desk", "/official"):
            assert visitor.get(path).status == 200
        assert "valve-maker" in visitor.get("/companies").text
        assert house.visitor("192.0.2.7").get("/companies").status == 303


def test_a_row_says_what_the_companys_own_page_does(house: House) -> None:
    """Counts by standing, missing answers, what is due next: those of the summary."""
    page = browser(house, "adviser").get("/desk")
    id_ = companies(house)["valve-maker"]
    summary = house.site.dossiers.part(id_, "summary", house.clock())
    row = re.search(rf'<tr>\s*<th scope="row"><a href="/c/{id_}/">.*?</tr>', page.source, re.DOTALL)
    assert row
    told = re.findall(r'<td class="n[^"]*" data-label="([^"]+)">(?:<a [^>]*>)?(\d+)', row[0])
    counts = summary["counts"]
    assert dict(told) == {
        "可申报": str(counts.get("ready", 0)),
        "差一点": str(counts.get("near", 0)),
        "待补充": str(counts.get("open", 0)),
        "已获得": str(summary["held"]),
        "待答": str(summary["questions"]),
    }
    assert summary["held"] == 3
    due = summary["deadlines"][0]
    assert due["title"] in row[0]
    assert ("（预计）" in row[0]) is not due["settled"]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_project_is_counted_once(house: House, name: str) -> None:
    """By how it stands; one that is held counts as that."""
    id_ = companies(house).get(name) or add_sample(house.store, name)
    summary = house.site.dossiers.part(id_, "summary", house.clock())
    assert sum(summary["counts"].values()) == len(house.site.book.projects)


def test_deadlines_across_companies_are_told_with_whose_they_are(house: House) -> None:
    """Settled and forecast ones apart."""
    page = browser(house, "adviser").get("/desk")
    agenda = page.source.partition('<section class="cal-agenda" id="agenda">')[2]
    for name in ("valve-maker", "software-firm"):
        for due in house.site.dossiers.part(companies(house)[name], "summary", house.clock())["deadlines"]:
            assert due["title"] in agenda
    for part in re.split(r"<h4", agenda)[1:]:
        assert ("预计" in part.partition("</h4>")[0]) is ("guess" in part.partition(">")[0])


def test_a_search_and_filters_find_some(house: House) -> None:
    """None is told to be none; the page offers all of them again."""
    adviser = browser(house, "adviser")
    assert "找到 1 家" in adviser.get("/desk?q=valve").text
    assert "software-firm" not in adviser.get("/desk?q=valve").source.partition("cal-agenda")[0]
    assert "没有符合的企业" in adviser.get("/desk?q=%3Cb%3E").text
    assert adviser.get("/desk?show=nonsense&sort=nonsense&at=-3").status == 200


def test_a_company_without_a_summary_gets_one(house: House) -> None:
    """A company that was saved this moment is not shown empty."""
    adviser = house.store.accounts.by_email("adviser@example.com")
    assert adviser
    company = add_sample(house.store, "sensor-startup")
    house.store.accounts.grant(adviser.id, company, "owner", who="test", at=house.clock())
    assert "正在整理" not in browser(house, "adviser").get("/companies").text
    assert house.site.dossiers.summaries([company])


def test_a_summary_of_another_day_says_so(house: House) -> None:
    """Until the press has come by."""
    house.clock.forward(days=1)
    assert "2026年11月23日的结论" in browser(house, "adviser").get("/desk").text


def test_a_thousand_companies_are_a_table(house: House) -> None:
    """Fifty to a page, all of them counted, each on one page; from what the press has put there."""
    adviser = house.store.accounts.by_email("adviser@example.com")
    assert adviser
    ids = [f"00000000-0000-4000-9000-{number:012}" for number in range(1000)]
    incoming = [Incoming(id_, f"企业{number:04}", f"u{number}", "facts: {}\n") for number, id_ in enumerate(ids)]
    take_in(house.store, incoming, who="x", at=house.clock(), owner=adviser.id)
    for number, id_ in enumerate(ids):
        due = {"due": f"2027-0{1 + number % 9}-11", "settled": False, "project": "", "title": "某事"}
        summary = {"on": "2026-11-23", "counts": {"ready": number % 3}, "held": 0, "questions": 0, "deadlines": [due]}
        house.store.dossiers.put(id_, "key", {"summary": packed(summary)})
    browser_ = browser(house, "adviser")
    seen: list[str] = []
    for at in range(1, 22):
        page = browser_.get(f"/desk?sort=name&at={at}")
        table = page.source.partition("<tbody>")[2].partition("</tbody>")[0]
        found = re.findall(r'<th scope="row"><a href="/c/([^/]+)/">', table)
        assert len(found) == (50 if at < 21 else 2)
        seen += found
    assert "多企业 1002 家" in page.text
    assert len(set(seen)) == 1002
    assert "找到 666 家" in browser_.get("/desk?show=ready&q=企业").text
    assert page.source.partition("cal-agenda")[2].count("某事") == 9
    assert "等 112 家" in page.text
    assert len(page.body) < 100_000


# ---- official dates


def test_an_official_date_replaces_the_forecast_for_everybody(house: House) -> None:
    """It is listed with who entered it, and remembered; every company is built anew."""
    bureau = browser(house, "bureau")
    bureau.get("/official")
    answer = bureau.post("/official", GIVEN)
    assert (answer.status, answer.goes_to) == (303, "/official?done=1")
    assert house.store.announcements() == (
        Announcement(
            "little-giant", 2027, date(2027, 3, 10), date(2027, 4, 15), "https://www.miit.gov.cn/n", date(2026, 11, 23)
        ),
    )
    assert len(house.store.due(house.site.today, failed_before=house.clock())) == 3
    page = bureau.get(answer.goes_to)
    assert "已录入" in page.text
    name = house.site.book.projects["little-giant"].name
    assert f"{name} 2027 2027年3月10日 2027年4月15日 通知 bureau 2026-11-23 09:30" in page.text
    assert [one.detail for one in house.store.accounts.audit(limit=50) if one.what == "official-date"] == [
        f"{name} 2027"
    ]
    calendar = browser(house, "adviser").get(f"/c/{companies(house)['valve-maker']}/calendar")
    assert re.search(rf"已公布</span> <span class=\"cal-what\">{name}申报", calendar.source)


def test_an_official_date_entered_again_counts_instead(house: House) -> None:
    """The former one stays to be seen."""
    bureau = browser(house, "bureau")
    bureau.get("/official")
    for closes in ("2027-04-15", "2027-04-20"):
        bureau.post("/official", {**GIVEN, "closes": closes})
    page = bureau.get("/official")
    assert page.text.count("已被后来的代替") == 1
    assert page.text.index("2027年4月20日") < page.text.index("已被后来的代替") < page.text.index("2027年4月15日")


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"project": "nonsense"}, "project", "请选择项目"),
        ({"project": ""}, "project", "请选择项目"),
        ({"opens": "", "closes": ""}, "opens", "至少填一个"),
        ({"opens": "2027-13-01"}, "opens", "请写日期"),
        ({"closes": "2027-03-09"}, "closes", "早于开始日期"),
        ({"source": "www.miit.gov.cn"}, "source", "官方网页"),
        ({"source": "javascript:alert(1)"}, "source", "官方网页"),
        ({"cycle": "2031"}, "cycle", "相差太远"),
        ({"cycle": "明年"}, "cycle", "四位数字"),
    ],
)
def test_a_wrong_official_date_says_what_is_wrong(
    house: House, change: dict[str, str], field: str, message: str
) -> None:
    """Beside the field; what was typed is kept, nothing is entered."""
    bureau = browser(house, "bureau")
    bureau.get("/official")
    page = bureau.post("/official", GIVEN | change)
    assert page.status == 422
    found = re.search(rf'<p class="wrong" id="{field}-wrong">([^<]+)</p>', page.source)
    assert found
    assert message in found[1]
    assert re.search(
        rf'id="{field}"[^>]*aria-describedby="[^"]*{field}-wrong" aria-invalid="true" autofocus', page.source
    )
    for name, value in (GIVEN | change).items():
        if name != "project" and value:
            assert f'value="{value}"' in page.source
    assert house.store.announcements() == ()


def test_only_who_may_enters_official_dates(house: House) -> None:
    """They count for every company."""
    adviser = browser(house, "adviser")
    adviser.get("/desk/import")
    assert adviser.seal
    assert adviser.post("/official", GIVEN).status == 403
    assert house.store.announcements() == ()


# ---- for everybody


def test_the_rules_are_there_for_everybody(house: House) -> None:
    """Every project, with what it rests on and when it is looked at again."""
    page = house.visitor().get("/rules")
    assert page.status == 200
    for project in house.site.book.projects.values():
        assert f'<li id="{project.id}">' in page.source
        for version in project.versions:
            assert version.instrument.title in page.text
            if version.instrument.url:
                assert f'href="{version.instrument.url}"' in page.source.replace("&amp;", "&")
    assert "已过期" not in page.text
    house.clock.forward(days=9)
    assert "应复查，已过期" in house.visitor().get("/rules").text


def test_help_uses_the_words_of_the_pages(house: House) -> None:
    """Every standing that a page shows is explained."""
    page = house.visitor().get("/help")
    assert page.status == 200
    for word in ("可申报", "差一点", "待补充", "暂不具备", "不适用", "已获得", "预计", "已公布"):
        assert word in page.text
