"""Manners (分寸) say when a message may go out: in working hours, not on days off, and not one by one.

What is not near goes with the others of its week, on the first working day. A day moves earlier, never later, unless it
has passed already. Only what ends tomorrow or today goes out on a day off, and that not at night either.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Protocol, TypeVar

from assistant.dates import CHINA
from assistant.planning import workdays

OPENS, CLOSES = time(9), time(18)  # in China
GATHERED = time(10)  # until then a reminder still joins its week's others
AT_ONCE = 3  # more than so many become one message


class Sendable(Protocol):
    """What manners look at."""

    @property
    def alone(self) -> bool:
        """Whether it does not wait for its week's others."""
        ...


_S = TypeVar("_S", bound=Sendable)


def moment(day: date, at: time = OPENS) -> datetime:
    """Return a time of day in China."""
    return datetime.combine(day, at, CHINA)


def gathering(day: date) -> date:
    """Return the first working day of the week that *day* is in, or the last one before where it has none."""
    monday = day - timedelta(days=day.weekday())
    first = workdays.on_or_after(monday)
    return first if first <= monday + timedelta(days=6) else workdays.on_or_before(monday)


def going(day: date, last: date, *, alone: bool, urgent: bool, now: datetime) -> date:
    """Return the day on which what should be said on *day*, and is true until *last*, goes out after *now*."""
    here = now.astimezone(CHINA)
    on = here.date()
    soonest = on if here.time() < CLOSES else on + timedelta(days=1)
    if urgent:
        return max(day, soonest)
    if alone:
        chosen = workdays.on_or_before(day)
        return chosen if chosen >= soonest else workdays.on_or_after(soonest)
    earliest = on if here.time() < GATHERED else on + timedelta(days=1)
    week = day
    while (chosen := gathering(week)) < earliest:
        week = max(week, on - timedelta(days=7)) + timedelta(days=7)
    return chosen if chosen == gathering(day) or chosen <= last else workdays.on_or_after(soonest)


def may_send(now: datetime, *, urgent: bool) -> bool:
    """Tell whether a message may go out at *now*."""
    here = now.astimezone(CHINA)
    return OPENS <= here.time() < CLOSES and (urgent or workdays.is_workday(here.date()))


def bundled(due: Sequence[_S]) -> list[list[_S]]:
    """Return what is due for one recipient at one moment as messages, each a list in the order given."""
    if len(due) > AT_ONCE:
        return [sorted(due, key=lambda one: not one.alone)]
    together = [one for one in due if not one.alone]
    return [[one] for one in due if one.alone] + ([together] if together else [])
