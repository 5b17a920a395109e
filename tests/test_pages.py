"""The pages of a company: every sample, every project, every criterion, with what the result says."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from assistant.company.profile import Profile
from assistant.delivery.result import result
from assistant.matching.match import Matcher
from assistant.planning.assessment import assess
from tests.conftest import SAMPLES
from tests.pages import CLOCK, site_with


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, matcher: Matcher) -> Iterator[TestClient]:
    """Return a browser without scripts, used by one person on this machine."""
    site = site_with(tmp_path_factory.mktemp("site"), matcher)
    with site.browser() as browser:
        yield browser


def words(page: str) -> str:
    """Return what a page says, without its tags."""
    return html.unescape(re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", page)))


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_project_of_every_sample(
    client: TestClient, matcher: Matcher, samples: Mapping[str, Profile], sample: str
) -> None:
    """The company's page names every project; a project's page every criterion, its finding and its gap."""
    found = result(assess(matcher, samples[sample], CLOCK().date()), "zh")
    front = client.get(f"/samples/{sample}/")
    assert front.status_code == 200
    for project in found["projects"]:
        assert project["name"] in words(front.text)
        page = client.get(f"/samples/{sample}/projects/{project['id']}")
        assert page.status_code == 200, project["id"]
        said = words(page.text)
        assert project["name"] in said
        for one in project["criteria"]:
            assert re.sub(r"\s+", "", one["says"]) in said, (project["id"], one["id"])
            if one["state"] in ("met", "unmet") and one["reason"] != one["says"]:
                assert re.sub(r"\s+", "", one["reason"]) in said, (project["id"], one["id"])
        if project["window"]["status"] == "expected":
            assert "预计" in said
            assert "已公布" not in said
    assert len(client.get(f"/samples/{sample}/", headers={"accept-encoding": "identity"}).content) > 5000


def test_what_is_not_there(client: TestClient) -> None:
    """A page of our own that says so, with the status that belongs to it."""
    for address in (
        "/samples/none/",
        "/samples/valve-maker/projects/none",
        "/c/none/",
        "/nowhere",
        "/static/../app.py",
    ):
        answer = client.get(address)
        assert answer.status_code == 404, address
        assert "申报助手" in answer.text
    assert 'href="/try/projects/little-giant"' in client.get("/try/projects/litle-giant").text


def test_nothing_on_a_page_is_run_or_fetched_from_elsewhere(client: TestClient) -> None:
    """The policy allows no script and no style that stands in a page, and there is none."""
    for address in ("/", "/samples", "/try/questions", "/samples/valve-maker/", "/samples/valve-maker/facts"):
        answer = client.get(address)
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", answer.text), address
        sources = re.findall(r'(?:src|href)="(https?:)?//', re.sub(r"<a [^>]*>", "", answer.text))
        assert sources == [], address


def test_a_form_from_elsewhere_is_refused(client: TestClient) -> None:
    """Without the seal, with another's, or from another site."""
    page = client.get("/try/questions").text
    seal = re.search(r'name="seal" value="([0-9a-f]{40})"', page)
    assert seal
    fields = {"names": "city", "asked": "city", "city": "佛山市", "do": "next"}
    for given, headers in (
        ({}, {}),
        ({"seal": "0" * 40}, {}),
        ({"seal": seal[1]}, {"origin": "https://elsewhere.example"}),
        ({"seal": seal[1]}, {"sec-fetch-site": "cross-site"}),
    ):
        answer = client.post("/try/questions", data=fields | given, headers=headers, follow_redirects=False)
        assert answer.status_code == 403
        assert "draft0" not in answer.cookies
    taken = client.post("/try/questions", data=fields | {"seal": seal[1]}, follow_redirects=False)
    assert taken.status_code == 303
    assert "draft0" in taken.cookies


def test_a_later_day_shows_a_later_dossier(tmp_path: Path, matcher: Matcher) -> None:
    """What was built for yesterday is not shown today."""
    day = [CLOCK()]

    def clock() -> datetime:
        return day[0]

    site = site_with(tmp_path, matcher, clock=clock)
    company = site.company("valve-maker")
    with site.browser() as browser:
        assert "2026年11月25日" in browser.get(f"/c/{company}/").text
        day[0] += timedelta(days=1)
        assert "2026年11月26日" in browser.get(f"/c/{company}/").text


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_project_asks_for_all_that_it_waits_for(
    client: TestClient, matcher: Matcher, samples: Mapping[str, Profile], sample: str
) -> None:
    """Whatever a project's page says is missing is asked there, with or without a round to come."""
    assessment = assess(matcher, samples[sample], CLOCK().date())
    for project in result(assessment, "zh")["projects"]:
        page = client.get(f"/samples/{sample}/projects/{project['id']}").text
        listed = re.search(r'<section id="asked">.*?</section>', page, re.DOTALL)
        facts = {one["fact"].partition("[")[0] for one in project["questions"]}
        assert (listed[0].count('<span class="ask">') if listed else 0) == len(facts), project["id"]


def test_questions_of_a_project_without_a_round(tmp_path: Path, matcher: Matcher) -> None:
    """One who wants to know all the same is asked."""
    site = site_with(tmp_path, matcher)
    company = site.company("valve-maker")
    with site.browser() as browser:
        page = browser.get(f"/c/{company}/projects/big-data-demo").text
        assert "暂无预计时间" in page
        asked = browser.get(f"/c/{company}/questions?project=big-data-demo").text
        assert "没有要问的了" not in asked
        assert asked.count("<fieldset") + asked.count('class="field"') > 0
