"""Judgements on a project's page: recorded with who and why, changed, taken back; nobody's is lost."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from assistant.matching.match import Matcher
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import leaves
from assistant.sources import parse
from assistant.web.site import Manner
from tests.pages import TestSite, seal_of, site_with

PROJECT = "provincial-enterprise-tech-center"
SAID = {"verdict": "met", "by": "王工", "why": "市场占有率有第三方报告", "evidence": "占有率报告2026"}


@pytest.fixture
def site(tmp_path: Path, matcher: Matcher) -> TestSite:
    """Return a site with accounts."""
    return site_with(tmp_path, matcher, manner=Manner())


@pytest.fixture(scope="module")
def open_ones(rulebook: Rulebook) -> list[str]:
    """Return the criteria of the project that need somebody's judgement."""
    version = rulebook.projects[PROJECT].versions[-1]
    found = [leaf.id for leaf in leaves(version.root) if leaf.role == "judgement"]
    assert len(found) > 1
    return found


def judge(browser: TestClient, base: str, criterion: str, said: Mapping[str, str], page: str = "") -> Response:
    """Send the form of a criterion, from *page* as it was read, or from a fresh one."""
    page = page or browser.get(f"{base}/projects/{PROJECT}").text
    after = re.search(r'name="after" value="(\d+)"', page)
    assert after
    return browser.post(
        f"{base}/projects/{PROJECT}/judgements/{criterion}",
        data={"seal": seal_of(page), "after": after[1], **said},
        follow_redirects=False,
    )


def judgements(site: TestSite, company: str) -> dict[str, dict]:  # type: ignore[type-arg]
    """Return what the store has, by criterion."""
    data = parse(site.store.latest_profile(company).content, name=company).data or {}
    return {one["criterion"]: one for one in data.get("judgements") or () if one["project"] == PROJECT}


def test_a_judgement_counts_from_then_on(site: TestSite, open_ones: list[str]) -> None:
    """Recorded, it decides its criterion and is shown with who and why; changed, it is another; taken back, none."""
    owner = site.account("wang@example.com")
    company = site.company("valve-maker", owner=owner)
    criterion, base = open_ones[0], f"/c/{company}"
    kept = judgements(site, company)
    assert criterion not in kept
    with site.browser(owner) as browser:
        done = judge(browser, base, criterion, SAID)
        assert done.status_code == 303
        page = browser.get(done.headers["location"]).text
        assert SAID["why"] in page
        assert SAID["evidence"] in page
        assert 'role="status">已记录' in page
        row = re.search(rf'<li class="criterion (\S+)" id="{criterion}">', page)
        assert row
        assert row[1] == "met"
        stored = judgements(site, company)[criterion]
        assert {name: stored[name] for name in SAID} == SAID
        assert str(stored["on"]) == "2026-11-25"
        assert site.store.latest_profile(company).number == 2
        judge(browser, base, criterion, SAID | {"verdict": "unmet", "why": "报告过期"})
        assert f'<li class="criterion unmet" id="{criterion}">' in browser.get(f"{base}/projects/{PROJECT}").text
        judge(browser, base, criterion, {"verdict": "withdrawn"})
        assert judgements(site, company) == kept
        assert f'<li class="criterion unknown" id="{criterion}">' in browser.get(f"{base}/projects/{PROJECT}").text


@pytest.mark.parametrize("missing", ["verdict", "by", "why"])
def test_a_judgement_without_who_or_why_is_not_kept(site: TestSite, open_ones: list[str], missing: str) -> None:
    """The form comes back open, what was written still in it, and the field that is missing says so."""
    owner = site.account("wang@example.com")
    company = site.company("valve-maker", owner=owner)
    with site.browser(owner) as browser:
        answer = judge(browser, f"/c/{company}", open_ones[0], {n: t for n, t in SAID.items() if n != missing})
    assert answer.status_code == 422
    assert '<details class="judge" open>' in answer.text
    assert f'aria-describedby="{open_ones[0]}-{missing}"' in answer.text
    focused = re.findall(r'<(?:input|textarea)[^>]* name="(\w+)"[^>]* autofocus>', answer.text)
    assert focused == [missing]
    assert f'id="{open_ones[0]}-{missing}"' in answer.text
    assert SAID["evidence"] in answer.text
    assert site.store.latest_profile(company).number == 1


def test_two_people_judge_at_once(site: TestSite, open_ones: list[str]) -> None:
    """Different criteria both count; of the same criterion the second is told, sees the first, and decides."""
    owner = site.account("wang@example.com")
    company = site.company("valve-maker", owner=owner)
    base = f"/c/{company}"
    with site.browser(owner) as one, site.browser(owner) as two:
        seen_by_one, seen_by_two = (browser.get(f"{base}/projects/{PROJECT}").text for browser in (one, two))
        assert judge(one, base, open_ones[0], SAID, seen_by_one).status_code == 303
        for name in open_ones[1:2]:
            assert judge(two, base, name, SAID, seen_by_two).status_code == 303
            assert {open_ones[0], name} <= set(judgements(site, company))
        mine = SAID | {"verdict": "unmet", "why": "报告只有一年"}
        told = judge(two, base, open_ones[0], mine, seen_by_two)
        assert told.status_code == 422
        assert SAID["why"] in told.text
        assert mine["why"] in told.text
        assert judgements(site, company)[open_ones[0]]["verdict"] == "met"
        assert judge(two, base, open_ones[0], mine, told.text).status_code == 303
        assert judgements(site, company)[open_ones[0]]["verdict"] == "unmet"


def test_only_what_needs_a_judgement_is_judged(site: TestSite, open_ones: list[str], rulebook: Rulebook) -> None:
    """Not what figures decide, nor by one who may only look, nor on a sample."""
    owner, viewer = site.account("wang@example.com"), site.account("li@example.com")
    company = site.company("valve-maker", owner=owner)
    site.store.accounts.grant(viewer.id, company, "viewer", who="test", at=site.site.clock())
    plain = next(leaf.id for leaf in leaves(rulebook.projects[PROJECT].versions[-1].root) if leaf.role != "judgement")
    with site.browser(owner) as browser:
        assert judge(browser, f"/c/{company}", plain, SAID).status_code == 404
        assert judge(browser, f"/c/{company}", "none", SAID).status_code == 404
        seal = seal_of(browser.get(f"/c/{company}/projects/{PROJECT}").text)
        sample = f"/samples/valve-maker/projects/{PROJECT}/judgements/{open_ones[0]}"
        assert browser.post(sample, data={"seal": seal, **SAID}).status_code == 403
    with site.browser(viewer) as browser:
        page = browser.get(f"/c/{company}/projects/{PROJECT}")
        assert page.status_code == 200
        assert "记录判断" not in page.text
        address = f"/c/{company}/projects/{PROJECT}/judgements/{open_ones[0]}"
        assert browser.post(address, data={"seal": seal_of(page.text), **SAID}).status_code == 403
    assert site.store.latest_profile(company).number == 1
