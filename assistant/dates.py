"""Dates: spans, anniversaries and fiscal years. Today is always passed in, never asked for.

A fiscal year is a calendar year (会计法 第十一条). Periods in years end on the corresponding day of the
last month, or on its last day where there is none (民法典 第二百零二条).
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta, timezone
from fractions import Fraction

from assistant.units import Number, exact

CHINA = timezone(timedelta(hours=8))  # one zone and no summer time: the days of the calendar are China's


@dataclass(frozen=True, slots=True)
class DateSpan:
    """A date known to lie between *earliest* and *latest*, both included; equal when the day is known."""

    earliest: date
    latest: date

    def __post_init__(self) -> None:
        if self.latest < self.earliest:
            raise ValueError(f"span ends before it begins: {self.earliest}..{self.latest}")

    @classmethod
    def of(cls, day: date) -> DateSpan:
        """Return the span of a single known day."""
        return cls(day, day)

    @property
    def is_day(self) -> bool:
        """Tell whether the day is known."""
        return self.earliest == self.latest

    @property
    def days(self) -> int:
        """Return how many days the span covers, at least 1."""
        return (self.latest - self.earliest).days + 1


def add_months(day: date, months: int) -> date:
    """Return the day *months* later (or earlier), the month's last day where the day does not exist.

    It never goes beyond the last day there is: a certificate without end is often given as 9999-12-31.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_years(day: date, years: int) -> date:
    """Return the anniversary *years* later; 29 February falls on 28 February in common years."""
    return add_months(day, 12 * years)


def expiry(granted: date, years: int) -> date:
    """Return the last valid day of a recognition that holds for *years* from *granted*."""
    return add_years(granted, years) - timedelta(days=1)


def years_between(start: date, end: date) -> Number:
    """Return the years from *start* to *end*, exact at every anniversary, negative when reversed."""
    if end < start:
        return -years_between(end, start)
    whole = end.year - start.year
    if add_years(start, whole) > end:
        whole -= 1
    anniversary = add_years(start, whole)
    length = (add_years(start, whole + 1) - anniversary).days
    return exact(whole + Fraction((end - anniversary).days, length))


def is_closed(fiscal_year: int, on: date) -> bool:
    """Tell whether *fiscal_year* has ended before *on*."""
    return fiscal_year < on.year
