"""Many companies at a glance: what is shown, in what order, and what is due across them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from assistant.service.overview import AT_ONCE, ORDERS, SHOWS, Row, Wanted, agenda, overview, totals
from assistant.service.store.records import Company

ON = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def row(name: str, counts: Mapping[str, int] | None, *due: tuple[int, bool, str], questions: int = 0) -> Row:
    """Return a company; *due*: in how many days, whether settled, what."""
    company = Company(f"id-{name}", name, f"91440000{name}", NOW, 1, None, "", None)
    if counts is None:
        return Row(company, "owner", None)
    deadlines = [
        {"due": (ON + timedelta(days)).isoformat(), "settled": settled, "project": "p", "title": title}
        for days, settled, title in due
    ]
    known = {"on": ON.isoformat(), "held": counts.get("held", 0), "counts": counts}
    return Row(company, "editor", {**known, "questions": questions, "deadlines": deadlines})


PUMPS = row("水泵厂", {"ready": 2, "near": 1}, (-3, True, "过了"), (100, True, "甲申报"), questions=4)
VALVES = row("阀门厂", {"near": 3, "held": 1}, (20, False, "乙申报"), (100, True, "甲申报"))
TOYS = row("玩具厂", {"far": 5}, (100, False, "甲申报"), questions=40)
NEW = row("新厂", None)
ALL = (PUMPS, VALVES, TOYS, NEW)


def names(rows: Sequence[Row]) -> list[str]:
    """Return whose rows they are."""
    return [one.company.name for one in rows]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("due", ["阀门厂", "水泵厂", "玩具厂", "新厂"]),
        ("ready", ["水泵厂", "阀门厂", "新厂", "玩具厂"]),
        ("near", ["阀门厂", "水泵厂", "新厂", "玩具厂"]),
        ("open", ["玩具厂", "水泵厂", "新厂", "阀门厂"]),
        ("name", ["新厂", "水泵厂", "玩具厂", "阀门厂"]),
    ],
)
def test_the_order_is_the_one_asked_for(sort: str, expected: list[str]) -> None:
    """A company without a summary has nothing that is near, and stays to be seen."""
    assert names(overview(ALL, Wanted(sort=sort), ON).rows) == expected
    assert sort in ORDERS


@pytest.mark.parametrize(
    ("show", "expected"),
    [
        ("ready", ["水泵厂"]),
        ("near", ["阀门厂", "水泵厂"]),
        ("open", ["水泵厂", "玩具厂"]),
        ("held", ["阀门厂"]),
        ("soon", ["阀门厂"]),
        ("failed", ["新厂"]),
        ("", ["阀门厂", "水泵厂", "玩具厂", "新厂"]),
    ],
)
def test_those_asked_for_are_shown(show: str, expected: list[str]) -> None:
    """The rest is counted nowhere."""
    found = overview(ALL, Wanted(show=show), ON)
    assert names(found.rows) == expected
    assert found.found == len(expected)
    assert show in (*SHOWS, "")


@pytest.mark.parametrize(("text", "expected"), [("门", ["阀门厂"]), (" 91440000水 ", ["水泵厂"]), ("没有", [])])
def test_a_search_looks_at_names_and_codes(text: str, expected: list[str]) -> None:
    """Anywhere in them."""
    assert names(overview(ALL, Wanted(text=text), ON).rows) == expected


def test_a_page_holds_so_many_and_no_page_is_missing() -> None:
    """Every company is on one page; a page that is not there is the nearest one."""
    rows = [row(f"{number:04}", {}) for number in range(2 * AT_ONCE + 1)]
    pages = [overview(rows, Wanted(sort="name", at=at), ON) for at in (1, 2, 3)]
    assert [len(one.rows) for one in pages] == [AT_ONCE, AT_ONCE, 1]
    assert names([one for found in pages for one in found.rows]) == [one.company.name for one in rows]
    assert overview(rows, Wanted(sort="name", at=9), ON) == pages[2]
    assert overview(rows, Wanted(sort="name", at=-1), ON) == pages[0]
    assert overview([], Wanted(), ON).pages == 1


def test_what_is_due_for_several_on_one_day_is_one_entry() -> None:
    """Settled and forecast days stay apart, what is past is left out."""
    found = [
        (month, [(one.due, one.settled, one.title, [company.name for company in one.companies]) for one in entries])
        for month, entries in agenda(ALL, ON)
    ]
    far = ON + timedelta(100)
    assert found == [
        ("2026-12", [(ON + timedelta(20), False, "乙申报", ["阀门厂"])]),
        ("2027-03", [(far, True, "甲申报", ["水泵厂", "阀门厂"]), (far, False, "甲申报", ["玩具厂"])]),
    ]


def test_totals_count_companies_not_projects() -> None:
    """In how many companies there is at least one."""
    found = totals(ALL)
    assert (found["ready"], found["near"], found["held"], found["far"], found["open"]) == (1, 2, 1, 1, 0)
