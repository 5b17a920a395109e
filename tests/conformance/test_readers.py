"""Conformance: independent readers see every sample company's feed alike, down to the last sign of the description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from assistant.delivery.events import events
from assistant.delivery.feed import feed
from assistant.delivery.revision import EventState, revise
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.assessment import Assessment
from tests.conformance.readers import READERS, Reader, Row, as_written, by_ical_js, by_khal, by_node_ical, libical
from tests.conftest import SAMPLES, Assess

FORMS: Mapping[str, Mapping[str, Any]] = {
    "chinese": {},
    "english": {"lang": "en"},
    "alarms": {"alarms": True},
    "tasks": {"only": "tasks"},
}
FIRST = datetime(2026, 10, 1, 8, tzinfo=UTC)
CASES = [
    (reader, form) for reader in READERS for form in (*FORMS, "revised") if reader is not by_khal or form == "revised"
]


@pytest.fixture(scope="session")
def feeds(assessed: Assess, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Return the files of every company's feed in every form."""
    folder = tmp_path_factory.mktemp("feeds")
    files: dict[str, Path] = {}
    for name in SAMPLES:
        made = {form: feed(assessed(name), **options) for form, options in FORMS.items()}
        made["revised"] = feed(assessed(name), states=revised(assessed(name)))
        for form, raw in made.items():
            files[f"{name}-{form}"] = folder / f"{name}-{form}.ics"
            files[f"{name}-{form}"].write_bytes(raw)
    return files


def revised(assessment: Assessment) -> Sequence[EventState]:
    """Return events in every state: most have moved by a week, each fifth is not asked for any more."""
    before = events(assessment, Speaker(assessment.rulebook))
    week = timedelta(days=7)
    after = [
        replace(event, first=event.first + week, last=event.last + week) if at % 3 else event
        for at, event in enumerate(before)
        if at % 5
    ]
    known = revise(before, {}, FIRST).states
    return revise(after, known, FIRST + week).published


def of_form(feeds: Mapping[str, Path], form: str) -> list[Path]:
    """Return the files of every company's feed in one form."""
    return [file for name, file in feeds.items() if name.endswith(form)]


@cache
def read(reader: Reader, *files: Path) -> Mapping[Path, Sequence[Row]]:
    """Return what a reader sees in all files, asked once."""
    return reader(files)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize(("reader", "form"), CASES, ids=lambda one: getattr(one, "__name__", one))
def test_a_reader_sees_what_was_written(reader: Reader, form: str, name: str, feeds: Mapping[str, Path]) -> None:
    """Identity, days, status, title and text; no event more, no event less."""
    files = of_form(feeds, form)
    file = feeds[f"{name}-{form}"]
    seen, written = read(reader, *files)[file], read(as_written, *files)[file]
    assert written
    assert sorted(seen, key=str) == sorted(written, key=str)


def test_the_feeds_read_have_events_in_every_state(feeds: Mapping[str, Path]) -> None:
    """Expected, certain, cancelled; with and without a log of changes."""
    seen = [read(as_written, *of_form(feeds, form)) for form in ("tasks", "revised")]
    rows = [row for files in seen for found in files.values() for row in found]
    assert {row.status for row in rows} == {"TENTATIVE", "CONFIRMED", "CANCELLED", "NEEDS-ACTION"}
    assert any("变更记录" in (row.description or "") for row in rows)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Shanghai", "Pacific/Kiritimati"])
@pytest.mark.parametrize("reader", [by_ical_js, by_node_ical], ids=lambda reader: reader.__name__.removeprefix("by_"))
def test_a_day_is_the_same_day_everywhere(
    reader: Reader, zone: str, feeds: Mapping[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole days do not shift with the reader's clock."""
    monkeypatch.setenv("TZ", zone)
    file = feeds[f"{SAMPLES[0]}-chinese"]
    assert sorted(reader([file])[file]) == sorted(as_written([file])[file])


def test_libical_would_complain(feeds: Mapping[str, Path], tmp_path: Path) -> None:
    """Its silence about our feeds says something: an invitation without a sender is an error to it."""
    invitation = tmp_path / "invitation.ics"
    raw = feeds[f"{SAMPLES[0]}-chinese"].read_bytes()
    invitation.write_bytes(raw.replace(b"VERSION:2.0\r\n", b"VERSION:2.0\r\nMETHOD:PUBLISH\r\n"))
    [seen] = libical([invitation])
    assert any("ORGANIZER" in error for error in seen["errors"])
