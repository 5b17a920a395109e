"""Dossiers at hand: what is shown is of the newest profile and the known dates, whatever was shown before."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

from assistant.matching.match import Matcher
from assistant.planning.announcements import Announcement
from assistant.service.store.backup import backup, restore
from tests.pages import MOMENT, TestSite, site_with

LATER = MOMENT + timedelta(minutes=1)
OFFICIAL = Announcement("specialized-sme", 2027, date(2027, 3, 8), None, "https://example.gov.cn/1", date(2026, 11, 25))


def shown(site: TestSite, company: str, part: str = "company") -> str:
    """Return what the company's page is made of."""
    return json.dumps(site.site.dossiers.part(company, part, LATER), ensure_ascii=False)


def test_what_is_saved_is_shown_at_once(tmp_path: Path, matcher: Matcher) -> None:
    """A version and an official date each replace what was at hand."""
    site = site_with(tmp_path, matcher)
    company = site.company("valve-maker")
    first = shown(site, company)
    site.store.save_profile(company, site.site.samples["software-firm"], who="test", at=MOMENT)
    assert shown(site, company) != first
    calendar = shown(site, company, "calendar")
    site.store.add_announcement(OFFICIAL, who="test", at=MOMENT)
    assert "2027-03-08" not in calendar
    assert "2027-03-08" in shown(site, company, "calendar")


def test_after_a_restore_no_version_is_taken_for_another(tmp_path: Path, matcher: Matcher) -> None:
    """Two versions have the number 2: one of a future that the backup undid, and one that was saved after it."""
    site = site_with(tmp_path, matcher)
    company, samples = site.company("valve-maker"), site.site.samples
    url, file = f"sqlite:///{tmp_path / 'store.db'}", tmp_path / "backup.zip"
    backup(url, file)
    site.store.save_profile(company, samples["software-firm"], who="test", at=MOMENT)
    undone = shown(site, company)
    restore(file, url, replace=True)
    site.store.save_profile(company, samples["precision-parts"], who="test", at=LATER)
    assert site.store.latest_profile(company).number == 2
    assert shown(site, company) != undone
