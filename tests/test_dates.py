"""Counting on from days: the ends of months, of leap years, and of the calendar."""

from __future__ import annotations

from datetime import date

from assistant.dates import add_months, add_years


def test_a_month_has_an_end() -> None:
    """The day that does not exist is the last one there is."""
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_years(date(2024, 2, 29), 1) == date(2025, 2, 28)


def test_a_certificate_without_end_has_one() -> None:
    """As tables write it; counting on from it stays there."""
    assert add_months(date(9999, 12, 31), 1) == date.max
    assert add_years(date(9999, 12, 31), 3) == date.max
    assert add_months(date(9999, 12, 31), -1) == date(9999, 11, 30)
