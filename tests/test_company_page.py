"""The company's page: every project once, where it stands; filters, days left, and what is only expected."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from starlette.testclient import TestClient

from assistant.company.profile import Profile
from assistant.delivery.dossier.company import sought
from assistant.delivery.result import result
from assistant.matching.match import Matcher
from assistant.planning.announcements import Announcement
from assistant.planning.assessment import assess
from tests.conftest import SAMPLES
from tests.pages import CLOCK, site_with

ROW = re.compile(
    r'<li class="project-row" data-level="(?P<level>\w+)" data-kind="(?P<kind>\w+)" data-months="(?P<months>[\d\- ]*)"'
    r' data-name="(?P<name>[^"]*)"(?P<hidden> hidden)?>(?P<body>.*?)</li>',
    re.DOTALL,
)
PAGE_LIMIT = 100_000  # bytes on the wire


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, matcher: Matcher) -> Iterator[TestClient]:
    """Return a browser without scripts, used by one person on this machine."""
    site = site_with(tmp_path_factory.mktemp("site"), matcher)
    with site.browser() as browser:
        yield browser


def rows(page: str) -> dict[str, dict[str, str]]:
    """Return the projects shown on a page by id, with what is written in each row."""
    shown = [found.groupdict() for found in ROW.finditer(page) if not found["hidden"]]
    return {re.findall(r"/projects/([\w-]+)", one["body"])[0]: one for one in shown}


def group(page: str, standing: str) -> str:
    """Return the part of a page where the projects of one standing are, "" where there is none."""
    found = re.search(rf'<section class="group" id="{standing}".*?</section>', page, re.DOTALL)
    return found[0] if found else ""


def words(fragment: str) -> str:
    """Return what a fragment says, without tags and spaces."""
    return html.unescape(re.sub(r"<[^>]+>|\s", "", fragment))


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_project_stands_once_where_the_result_says(
    client: TestClient, matcher: Matcher, samples: Mapping[str, Profile], sample: str
) -> None:
    """Under its standing and with its window's words; expected days are never marked up as days."""
    page = client.get(f"/samples/{sample}/").text
    found = {one["id"]: one for one in result(assess(matcher, samples[sample], CLOCK().date()), "zh")["projects"]}
    shown = rows(page)
    assert set(shown) == set(found)
    assert len(ROW.findall(page)) == len(found)
    for id_, one in shown.items():
        project = found[id_]
        assert one["name"] == sought(project["name"])
        assert (one["level"], one["kind"]) == (project["level"], project["kind"])
        assert project["standing"] == "not-offered" or words(project["window"]["text"]) in words(one["body"])
        assert "<time" not in one["body"]
        assert "已公布" not in one["body"]
    for standing in ("ready", "near", "open", "far", "not-offered"):
        here = {found[id_]["standing"] for id_ in rows(group(page, standing))}
        assert here <= {standing}


def test_official_dates_are_told_from_expected_ones(tmp_path: Path, matcher: Matcher) -> None:
    """What a bureau has announced is called that, on the company's page and on the project's, with its days."""
    site = site_with(tmp_path, matcher)
    company = site.company("valve-maker")
    opens, closes = date(2027, 3, 1), date(2027, 4, 15)
    source = "https://gdii.gd.gov.cn/notice"
    entry = Announcement("little-giant", 2027, opens, closes, source, CLOCK().date())
    with site.browser() as browser:
        before = rows(browser.get(f"/c/{company}/").text)["little-giant"]
        assert "预计" in before["body"]
        site.store.add_announcement(entry, who="bureau", at=CLOCK())
        after = rows(browser.get(f"/c/{company}/").text)["little-giant"]
        assert "已公布" in after["body"]
        assert "2027年3月1日开始" in words(after["body"])
        assert f"还有{(opens - CLOCK().date()).days}天开始" in words(after["body"])
        assert "预计" not in after["body"]
        assert after["months"].split() == ["2027-03", "2027-04"]
        page = browser.get(f"/c/{company}/projects/little-giant").text
        assert "已公布" in page
        assert f'href="{source}"' in page


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ("level=national", lambda row: row["level"] == "national"),
        ("kind=review", lambda row: row["kind"] == "review"),
        ("month=2027-05", lambda row: "2027-05" in row["months"].split()),
        ("q=" + quote("专精特新小巨人"), lambda row: "专精特新小巨人" in row["name"]),
        ("level=provincial&month=2027-05&q=" + quote("企业"), lambda row: row["level"] == "provincial"),
    ],
)
def test_filters_choose_without_scripts(
    client: TestClient, asked: str, fits: Callable[[Mapping[str, str]], bool]
) -> None:
    """What is asked for is shown, all of it where one thing is asked, and nothing else; what was asked stays so."""
    everything = rows(client.get("/samples/valve-maker/").text)
    page = client.get(f"/samples/valve-maker/?{asked}").text
    shown = rows(page)
    assert 0 < len(shown) < len(everything)
    assert all(fits(one) for one in shown.values())
    if "&" not in asked:
        assert set(shown) == {id_ for id_, one in everything.items() if fits(one)}
    assert f"符合的有{len(shown)}项" in words(page)
    for name, _, value in (part.partition("=") for part in asked.split("&")):
        kept = f'name="q" value="{unquote(value)}"' if name == "q" else f'<option value="{value}" selected>'
        assert kept in page


def test_a_search_that_finds_nothing_says_so(client: TestClient) -> None:
    """No empty groups, a number, and a way back; what was typed is only text."""
    page = client.get("/samples/valve-maker/?q=<script>").text
    assert rows(page) == {}
    assert "符合的有0项" in words(page)
    assert "<script>" not in page
    assert not re.search(r'<section class="group"[^>]*(?<! hidden)>', page)


def test_every_month_offered_finds_something(client: TestClient) -> None:
    """A month without any round is not among those to choose from."""
    page = client.get("/samples/valve-maker/").text
    months = re.findall(r'<option value="(\d{4}-\d{2})"', page)
    assert len(months) > 6
    for month in months:
        assert rows(client.get(f"/samples/valve-maker/?month={month}").text), month


def test_a_company_of_which_nothing_is_known_yet(client: TestClient) -> None:
    """It is led to the first question, and nothing is claimed."""
    page = client.get("/try/")
    assert page.status_code == 200
    assert "从第一个问题开始" in page.text
    assert 'href="/try/questions"' in page.text
    assert "条件都够" not in page.text


def test_pages_are_light(client: TestClient) -> None:
    """The company's page comes under 100 KB with all that it needs, as a browser gets it."""
    size = 0
    page = client.get("/samples/valve-maker/")
    for address in ("/samples/valve-maker/", *re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)):
        with client.stream("GET", address, headers={"accept-encoding": "gzip"}) as answer:
            size += sum(len(part) for part in answer.iter_raw())
    assert 5_000 < size < PAGE_LIMIT


def test_doubts_about_the_answers_are_shown(tmp_path: Path, matcher: Matcher) -> None:
    """What the reader of a profile remarks on stands at the top of the page."""
    site = site_with(tmp_path, matcher)
    sample = site.site.samples["valve-maker"]
    code = re.search(r'uscc: "?(\w{18})', sample)
    assert code
    wrong = code[1][:-1] + ("0" if code[1][-1] != "0" else "1")
    site.store.add_company("doubt", "x", sample.replace(code[1], wrong), who="test", at=CLOCK())
    sure = site.company("valve-maker")
    with site.browser() as browser:
        assert "请再核对" not in browser.get(f"/c/{sure}/").text
        page = browser.get("/c/doubt/").text
    assert "请再核对" in page
    assert "统一社会信用代码" in page[page.index("请再核对") :][:400]
