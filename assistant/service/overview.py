"""The overview (总表): many companies at a glance, of which some are wanted, in some order, a page at a time.

It reads the summary of each company's dossier as it was built last; nothing is worked out here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from assistant.delivery.plain import Json
from assistant.service.store.records import Company

AT_ONCE = 50  # companies on a page
SOON = timedelta(days=90)
AGENDA = 40  # deadlines shown across companies

STANDINGS = ("ready", "near", "open", "far", "not-offered", "held")


class Deadline(NamedTuple):
    """A day on which something of a company's is due. *settled*: the day is no forecast."""

    company: Company
    due: date
    settled: bool
    project: str
    title: str


@dataclass(frozen=True)
class Row:
    """A company with what one is in it and its *summary*; None while there is none yet."""

    company: Company
    role: str
    summary: Json | None = field(repr=False)

    def count(self, standing: str) -> int:
        """Return how many projects stand so; `held`: how many recognitions are held."""
        if self.summary is None:
            return 0
        return int(self.summary["held"] if standing == "held" else self.summary["counts"].get(standing, 0))

    @property
    def on(self) -> date | None:
        """The day of the summary."""
        return date.fromisoformat(self.summary["on"]) if self.summary else None

    @property
    def questions(self) -> int:
        """How many answers are missing."""
        return int(self.summary["questions"]) if self.summary else 0

    @cached_property
    def dated(self) -> tuple[Deadline, ...]:
        """What the summary has with a day, the next first."""
        listed = self.summary["deadlines"] if self.summary else ()
        found = (
            Deadline(self.company, date.fromisoformat(one["due"]), one["settled"], one["project"], one["title"])
            for one in listed
        )
        return tuple(sorted(found, key=lambda one: one.due))

    def deadlines(self, today: date) -> list[Deadline]:
        """Return what is due from today on."""
        return [one for one in self.dated if one.due >= today]

    def next(self, today: date) -> Deadline | None:
        """Return what is due next."""
        return next((one for one in self.dated if one.due >= today), None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: a text in name or code, a kind of company, an order, a page."""

    text: str = ""
    show: str = ""
    sort: str = "due"
    at: int = 1


@dataclass(frozen=True, slots=True)
class Overview:
    """The rows of a page, how many rows are wanted, how many pages they fill."""

    rows: Sequence[Row]
    found: int
    at: int
    pages: int


def overview(rows: Sequence[Row], wanted: Wanted, today: date) -> Overview:
    """Return a page of *rows*."""
    text = wanted.text.casefold().strip()
    shown = _SHOWS.get(wanted.show, _any)
    chosen = [
        row
        for row in rows
        if (not text or text in row.company.name.casefold() or text in row.company.uscc.casefold())
        and shown(row, today)
    ]
    order = _ORDERS.get(wanted.sort, _by_due)
    chosen.sort(key=lambda row: (order(row, today), row.company.name, row.company.id))
    pages = max(1, -(-len(chosen) // AT_ONCE))
    at = min(max(wanted.at, 1), pages)
    return Overview(chosen[(at - 1) * AT_ONCE : at * AT_ONCE], len(chosen), at, pages)


class Shared(NamedTuple):
    """A day on which the same is due for several companies."""

    due: date
    settled: bool
    project: str
    title: str
    companies: Sequence[Company]


def agenda(rows: Sequence[Row], today: date) -> list[tuple[str, list[Shared]]]:
    """Return the next deadlines of all *rows*, by month; what is due for several on the same day is one."""
    every: dict[tuple[date, bool, str, str], list[Company]] = {}
    for row in rows:
        for one in row.deadlines(today):
            every.setdefault((one.due, not one.settled, one.title, one.project), []).append(one.company)
    months: dict[str, list[Shared]] = {}
    for due, guessed, title, project in sorted(every)[:AGENDA]:
        companies = every[due, guessed, title, project]
        months.setdefault(due.isoformat()[:7], []).append(Shared(due, not guessed, project, title, companies))
    return list(months.items())


def totals(rows: Sequence[Row]) -> Mapping[str, int]:
    """Return in how many companies at least one project stands so."""
    return {standing: sum(row.count(standing) > 0 for row in rows) for standing in STANDINGS}


def _any(row: Row, today: date) -> bool:
    del row, today
    return True


def _soon(row: Row, today: date) -> bool:
    found = row.next(today)
    return found is not None and found.due <= today + SOON


_SHOWS: Mapping[str, Callable[[Row, date], bool]] = {
    "ready": lambda row, _: row.count("ready") > 0,
    "near": lambda row, _: row.count("near") > 0,
    "open": lambda row, _: row.questions > 0,
    "held": lambda row, _: row.count("held") > 0,
    "soon": _soon,
    "failed": lambda row, _: row.summary is None,
}


def _by_due(row: Row, today: date) -> Any:
    found = row.next(today)
    return found.due if found else date.max


_ORDERS: Mapping[str, Callable[[Row, date], Any]] = {
    "due": _by_due,
    "name": lambda row, _: row.company.name,
    "ready": lambda row, _: (-row.count("ready"), -row.count("near")),
    "near": lambda row, _: (-row.count("near"), -row.count("ready")),
    "open": lambda row, _: -row.questions,
}
SHOWS, ORDERS = tuple(_SHOWS), tuple(_ORDERS)
