"""When messages may go out: in working hours, earlier rather than later, gathered by weeks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.dates import CHINA
from assistant.planning import workdays
from assistant.planning.manners import AT_ONCE, CLOSES, GATHERED, OPENS, bundled, gathering, going, may_send, moment

DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
SPANS = st.integers(0, 120)
TIMES = st.datetimes(datetime(2025, 1, 2), datetime(2027, 12, 30)).map(lambda drawn_: drawn_.replace(tzinfo=UTC))  # noqa: DTZ001
FLAGS = st.booleans()
WEEK = timedelta(days=7)
exactly = settings(derandomize=True, deadline=None, max_examples=200)


def at(text: str) -> datetime:
    """Return a time in China."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


# ---- hours


@pytest.mark.parametrize(
    ("now", "urgent", "may"),
    [
        ("2026-11-24T08:59:59", True, False),
        ("2026-11-24T09:00:00", False, True),
        ("2026-11-24T17:59:59", False, True),
        ("2026-11-24T18:00:00", True, False),
        ("2026-11-28T10:00:00", False, False),  # Saturday
        ("2026-11-28T10:00:00", True, True),
        ("2026-11-28T19:00:00", True, False),
        ("2026-10-01T10:00:00", False, False),  # National Day
        ("2026-10-10T10:00:00", False, True),  # a Saturday that is worked
        ("2026-02-28T10:00:00", False, True),  # another
    ],
)
def test_hours(now: str, may: bool, urgent: bool) -> None:
    """Nine to six on working days, make-up days too; what is urgent on days off, but never at night."""
    assert may_send(at(now), urgent=urgent) is may
    assert may_send(at(now).astimezone(UTC), urgent=urgent) is may


@exactly
@given(TIMES)
def test_nothing_that_may_wait_goes_out_when_what_is_urgent_may_not(now: datetime) -> None:
    """Urgent things have the longer hours."""
    assert may_send(now, urgent=False) <= may_send(now, urgent=True)
    assert may_send(now, urgent=True) == (OPENS <= now.astimezone(CHINA).time() < CLOSES)


# ---- weeks


@pytest.mark.parametrize(
    ("day", "first"),
    [
        ("2026-11-26", "2026-11-23"),  # Monday
        ("2026-11-29", "2026-11-23"),
        ("2026-10-08", "2026-10-08"),  # the week that the holiday ends in begins on Thursday
        ("2026-10-05", "2026-10-08"),
        ("2026-02-20", "2026-02-14"),  # no working day at all: the last one before, a make-up Saturday
        ("2026-02-16", "2026-02-14"),
        ("2026-02-25", "2026-02-24"),
        ("2026-01-04", "2025-12-29"),  # a Sunday that is worked belongs to its week
    ],
)
def test_weeks_begin_on_their_first_working_day(day: str, first: str) -> None:
    """A week without one begins before it."""
    assert gathering(date.fromisoformat(day)) == date.fromisoformat(first)


@exactly
@given(DAYS)
def test_a_week_has_one_day(day: date) -> None:
    """Every day of a week is gathered on the same working day, of this week or before it."""
    monday = day - timedelta(days=day.weekday())
    assert len({gathering(monday + timedelta(days=days)) for days in range(7)}) == 1
    assert workdays.is_workday(gathering(day))
    assert gathering(day) < monday + WEEK
    assert gathering(day) <= gathering(day + WEEK)


# ---- days


@exactly
@given(DAYS, SPANS, FLAGS, TIMES)
def test_what_is_said_in_time_moves_earlier_never_later(day: date, span: int, alone: bool, now: datetime) -> None:
    """As long as its day has not come."""
    chosen = going(day, day + timedelta(days=span), alone=alone, urgent=False, now=now)
    here = now.astimezone(CHINA)
    assert chosen >= here.date()
    assert workdays.is_workday(chosen)
    assert may_send(max(moment(chosen), now), urgent=False) or chosen == here.date()
    ahead = workdays.on_or_before(day) if alone else gathering(day)
    if ahead > here.date():
        assert chosen == ahead


@exactly
@given(DAYS, SPANS, FLAGS, TIMES)
def test_what_is_urgent_waits_for_no_working_day(day: date, span: int, alone: bool, now: datetime) -> None:
    """It goes on its day, or at once."""
    chosen = going(day, day + timedelta(days=span), alone=alone, urgent=True, now=now)
    here = now.astimezone(CHINA)
    assert chosen == max(day, here.date() + timedelta(days=here.time() >= CLOSES))


@exactly
@given(DAYS, SPANS, TIMES)
def test_what_is_gathered_waits_for_the_next_gathering_unless_it_cannot(day: date, span: int, now: datetime) -> None:
    """After ten on its first working day it is too late for a week: then the next, or at once where that is late."""
    last = day + timedelta(days=span)
    chosen = going(day, last, alone=False, urgent=False, now=now)
    here = now.astimezone(CHINA)
    weeks = [gathering(max(day, here.date()) + WEEK * weeks) for weeks in range(4)]
    coming = [one for one in weeks if one > here.date() or (one == here.date() and here.time() < GATHERED)]
    if chosen != coming[0]:
        assert coming[0] > last
        assert chosen <= coming[0]


@exactly
@given(DAYS, SPANS, FLAGS, FLAGS, TIMES)
def test_planning_again_changes_nothing(day: date, span: int, alone: bool, urgent: bool, now: datetime) -> None:
    """At once, in the night before it goes, or at the moment when it does."""
    last = day + timedelta(days=span)
    chosen = going(day, last, alone=alone, urgent=urgent, now=now)
    for then in (now, moment(chosen, time(0, 5)), moment(chosen)):
        if then >= now:
            assert going(day, last, alone=alone, urgent=urgent, now=then) == chosen


def test_what_was_put_off_to_monday_goes_on_monday() -> None:
    """The plan is made anew in the night before."""
    day, last = date(2026, 11, 25), date(2026, 12, 20)
    for now in ("2026-11-25T12:00:00", "2026-11-28T00:05:00", "2026-11-30T00:05:00", "2026-11-30T09:59:00"):
        assert going(day, last, alone=False, urgent=False, now=at(now)) == date(2026, 11, 30), now
    assert going(day, last, alone=False, urgent=False, now=at("2026-11-30T10:00:00")) == date(2026, 12, 7)


def test_a_day_in_a_long_holiday_moves_before_it() -> None:
    """Seven days before 2026-10-10 is the third of October; the last working day is the thirtieth of September."""
    now = at("2026-09-01T10:00:00")
    assert going(date(2026, 10, 3), date(2026, 10, 6), alone=True, urgent=False, now=now) == date(2026, 9, 30)
    assert going(date(2026, 10, 3), date(2026, 10, 9), alone=False, urgent=False, now=now) == date(2026, 9, 28)


# ---- messages


@dataclass(frozen=True)
class Due:
    """Something to be said."""

    name: int
    alone: bool


DUES = st.lists(FLAGS, max_size=9).map(lambda flags: [Due(name, alone) for name, alone in enumerate(flags)])


@exactly
@given(DUES)
def test_more_than_three_are_one_message(due: list[Due]) -> None:
    """Of three or fewer each that is near has its own; the rest of the week comes together. Nothing is left out."""
    found = bundled(due)
    assert sorted(one.name for bundle in found for one in bundle) == [one.name for one in due]
    assert all(found)
    if len(due) > AT_ONCE:
        [bundle] = found
        assert [one.alone for one in bundle] == sorted((one.alone for one in due), reverse=True)
    else:
        assert all(len(bundle) == 1 for bundle in found if any(one.alone for one in bundle))
        assert sum(not any(one.alone for one in bundle) for bundle in found) <= 1
    assert len(found) <= AT_ONCE
