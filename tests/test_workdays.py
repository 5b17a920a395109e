"""Working days: the State Council's arrangement where it is published, else an estimate; never a crash."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.planning.workdays import is_published, is_workday, on_or_before


def days(year: int) -> list[date]:
    """Return every day of *year*."""
    first = date(year, 1, 1)
    return [first + timedelta(number) for number in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("year", [2025, 2026])
def test_every_day_of_a_published_year_is_as_published(year: int) -> None:
    """Holidays and make-up days, all of them."""
    assert is_published(year)
    assert [is_workday(day) for day in days(year)] == [chinese_calendar.is_workday(day) for day in days(year)]


@pytest.mark.parametrize("text", ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"])
def test_a_make_up_day_at_the_weekend_is_a_working_day(text: str) -> None:
    """The six of 2026."""
    day = date.fromisoformat(text)
    assert day.weekday() >= 5
    assert is_workday(day)


@pytest.mark.parametrize("text", ["2026-01-01", "2026-02-17", "2026-05-01", "2026-10-01", "2026-10-07", "2026-11-22"])
def test_a_holiday_is_no_working_day(text: str) -> None:
    """New Year, Spring Festival, Labour Day, National Day, a Sunday."""
    assert not is_workday(date.fromisoformat(text))


def test_a_year_not_yet_published_is_estimated() -> None:
    """2027 is not known in November 2026: weekends and statutory holidays stand in."""
    assert not is_published(2027)
    work = [day for day in days(2027) if is_workday(day)]
    assert all(day.weekday() < 5 for day in work)
    assert 235 <= len(work) <= 256
    assert not is_workday(date(2027, 1, 1))
    assert not is_workday(date(2027, 2, 8))  # Monday in the Spring Festival
    assert is_workday(date(2027, 3, 8))


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        ("2026-11-23", "2026-11-23"),
        ("2026-11-22", "2026-11-20"),
        ("2026-10-07", "2026-09-30"),
        ("2026-02-23", "2026-02-14"),
        ("2026-01-01", "2025-12-31"),
        ("2027-01-01", "2026-12-31"),
        ("2027-02-28", "2027-02-26"),
    ],
)
def test_a_due_date_moves_earlier_to_a_working_day(day: str, moved: str) -> None:
    """Over weekends, over whole festivals, over New Year, into a year of estimates."""
    assert on_or_before(date.fromisoformat(day)) == date.fromisoformat(moved)


@given(day=st.dates(date(2005, 1, 1), date(2060, 12, 31)))
@settings(derandomize=True, deadline=None, max_examples=200)
def test_a_due_date_never_moves_later(day: date) -> None:
    """Nor by more than a festival is long, in any year."""
    moved = on_or_before(day)
    assert is_workday(moved)
    assert timedelta(0) <= day - moved <= timedelta(days=11)
