"""A deadline is counted back in working days from when applications may open or close; it moves earlier, never later.

Lead times are calendar days of practice; five of seven count as working days, so a holiday moves the day forward.
Where the day has passed, what is still possible is told by the later ends of the window.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from assistant.planning import workdays
from assistant.planning.prospect import Prospect

Chance = Literal["in-time", "by-closing", "at-the-latest", "missed"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """The working day *due*, how it stands with *chance*, and whether it rests on an estimate.

    in-time: counted back from the earliest opening. by-closing: that has passed, counted back from the earliest
    closing. at-the-latest: only if it closes as late as ever; missed: not even then. Both are due at once.
    """

    due: date
    chance: Chance
    estimated: bool

    @property
    def is_late(self) -> bool:
        """Tell whether the day counted back from the opening has passed."""
        return self.chance != "in-time"


def before(prospect: Prospect, lead_days: int, on: date) -> Deadline | None:
    """Return when to begin what takes *lead_days*, for an application of *prospect*; None where no date is known."""
    window = prospect.window
    first = window.opens or window.closes
    if first is None:
        return None
    ends: list[tuple[date, Chance]] = [(first.earliest, "in-time")]
    if window.closes:
        ends += [(window.closes.earliest, "by-closing"), (window.closes.latest, "at-the-latest")]
    elif window.opens:
        ends.append((window.opens.latest, "by-closing"))
    announced = window.status == "announced"
    for end, chance in ends:
        due = workdays.back(end, working(lead_days))
        if due >= on:
            due = workdays.on_or_after(on) if chance == "at-the-latest" else due
            return Deadline(due, chance, not (announced and workdays.is_published(due.year)))
    due = workdays.on_or_after(on)
    return Deadline(due, "missed", not announced)


def working(days: int) -> int:
    """Return how many working days so many calendar days are taken for."""
    return -(-days * 5 // 7)


def year_end(year: int, on: date) -> Deadline:
    """Return the last working day of a fiscal year not closed yet: its figures can be moved until then."""
    due = workdays.on_or_before(date(year, 12, 31))
    return Deadline(max(due, on), "in-time", not workdays.is_published(year))


def within(days: int, on: date) -> Deadline:
    """Return the working day by which something short is done, so many days from *on*."""
    due = workdays.on_or_before(on + timedelta(days=days))
    return Deadline(due if due > on else workdays.on_or_after(on), "in-time", not workdays.is_published(due.year))
