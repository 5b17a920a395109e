"""The history of a company: its sittings, what each changed, and what two versions do to the verdicts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from assistant.errors import BadInput
from assistant.matching.match import Matcher
from assistant.planning.assessment import assess
from assistant.rulebook.book import Rulebook
from assistant.service.history import Side, compared, past, read_version
from assistant.service.store.records import ProfileVersion
from tests.serving import profile_text

BEGAN = datetime(2026, 11, 20, 1, tzinfo=UTC)
PARTS = profile_text("precision-parts")


def versions(*made: tuple[str, str, int]) -> tuple[ProfileVersion, ...]:
    """Return versions of a company: content, who, minutes after the beginning."""
    return tuple(
        ProfileVersion("c", number, content, who, BEGAN + timedelta(minutes=after))
        for number, (content, who, after) in enumerate(made, 1)
    )


EDITED = PARTS.replace("rd_expense: 291", "rd_expense: 300")
ALL = versions(
    ("enterprise: {name: 甲}\n", "王工", 0),
    (PARTS, "李工", 100),
    (EDITED, "李工", 110),
    (PARTS, "李工", 120),
    (f"# 备注\n{PARTS}", "王工", 130),
)


def test_sittings_tell_what_was_changed(rulebook: Rulebook) -> None:
    """The latest first; what was changed to and fro within one is not told."""
    found, total = past(ALL, rulebook, skip=0, most=10)
    assert total == 3
    assert [(one.last.number, one.base and one.base.number) for one in found] == [(5, 4), (4, 1), (1, None)]
    edits = [one.edits for one in found]
    assert edits[0] == []
    assert edits[1]
    assert len(edits[1]) > 100
    assert [(edit["label"], edit["before"], edit["after"]) for edit in edits[2] or ()] == [
        ("企业名称", "没有回答", "甲")
    ]


def test_sittings_come_by_the_page(rulebook: Rulebook) -> None:
    """None twice, none left out."""
    pages = [past(ALL, rulebook, skip=skip, most=2)[0] for skip in (0, 2, 4)]
    assert [[one.last.number for one in page] for page in pages] == [[5, 4], [1], []]


def test_a_version_that_cannot_be_read_any_more_is_said_to_be_so(rulebook: Rulebook) -> None:
    """Its sitting has no edits to show; the others do."""
    found, _ = past(versions(("facts: {gone: 1}\n", "王工", 0), (PARTS, "李工", 100)), rulebook, skip=0, most=10)
    assert [one.edits for one in found] == [None, None]
    with pytest.raises(BadInput):
        read_version(found[0].versions[0].__class__("c", 1, "facts: {gone: 1}\n", "", BEGAN), rulebook)


def test_two_versions_differ_as_their_assessments_do(rulebook: Rulebook, matcher: Matcher, on: date) -> None:
    """The comparison tells the standings that both assessments have."""
    old, new = ALL[1], versions((EDITED, "王工", 500))[0]
    found = compared(Side(old, on), Side(new, on), matcher, (), on)
    sides = [
        {one.match.project.id: one.standing for one in assess(matcher, read_version(side, rulebook, on), on).prospects}
        for side in (old, new)
    ]
    told = {one["project"]: (one["before"]["standing"], one["after"]["standing"]) for one in found["changes"]}
    assert told
    for project, standing in sides[0].items():
        if standing != sides[1][project]:
            assert told[project] == (standing, sides[1][project])
        elif project in told:
            assert told[project] == (standing, standing)
    assert compared(Side(old, on), Side(old, on), matcher, (), on)["changes"] == []


def test_two_days_differ_by_what_was_known_then(matcher: Matcher, on: date) -> None:
    """A year ago last year's figures were estimates, and what was granted since was not held."""
    version = versions((profile_text("valve-maker"), "王工", 0))[0]
    found = compared(Side(version, date(2024, 6, 1)), Side(version, on), matcher, (), on)
    held = {one["project"]: (one["before"]["held"], one["after"]["held"]) for one in found["changes"]}
    granted = [project for project, (before, after) in held.items() if before is None and after]
    assert granted
