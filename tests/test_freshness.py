"""What every project rests on: the deciding version first, and whether it should have been looked at again."""

from __future__ import annotations

import json
from datetime import date, timedelta

from assistant.delivery.freshness import freshness
from assistant.rulebook.book import Rulebook


def test_the_version_that_decides_comes_first(rulebook: Rulebook, on: date) -> None:
    """Every project, every version of it once; at most one of them decides, as `select` has it."""
    rows = freshness(rulebook, on)
    assert [row["id"] for row in rows] == list(rulebook.projects)
    assert json.loads(json.dumps(rows)) == rows
    for row in rows:
        project = rulebook.projects[row["id"]]
        assert sorted(one["id"] for one in row["versions"]) == sorted(one.id for one in project.versions)
        decided = project.select("new", on) or project.select("review", on)
        assert [one["id"] for one in row["versions"] if one["deciding"]] == ([decided[0].id] if decided else [])
        assert not decided or row["versions"][0]["deciding"]
    assert sum(row["versions"][0]["deciding"] for row in rows) > 35


def test_a_review_that_is_overdue_is_said_to_be(rulebook: Rulebook) -> None:
    """On the day itself it is not."""
    first = min(rulebook.projects.values(), key=lambda project: project.next_review)
    for later, overdue in ((0, False), (1, True)):
        rows = freshness(rulebook, first.next_review + timedelta(later))
        assert next(row["overdue"] for row in rows if row["id"] == first.id) is overdue
