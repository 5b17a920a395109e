"""Dates in columns: anniversaries and exact years up to a day, as `dates` defines them."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import polars as pl

from assistant import dates
from assistant.dates import DateSpan
from assistant.logic.column_numbers import Quantity, column
from assistant.logic.tree import Comparator

YEAR = 365 * 366  # a share of a common year and one of a leap year are both whole numbers of this part
MOST_YEARS = 10_000 * YEAR
MOST_DAYS = 10_000 * 366


def add_years(day: pl.Expr, years: pl.Expr | int) -> pl.Expr:
    """Return the anniversary of *day*; 29 February falls on 28 February in common years."""
    year = day.dt.year() + years
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    clipped = day.dt.day() - ((day.dt.month() == 2) & (day.dt.day() == 29) & ~leap).cast(pl.Int8)
    return pl.date(year, day.dt.month(), clipped)


def years_until(start: pl.Expr, end: date) -> pl.Expr:
    """Return the years from *start* to *end* in parts of a year (`YEAR`), negative when reversed."""
    year, month, last = start.dt.year(), start.dt.month(), pl.lit(end)
    leap_day = (month == 2) & (start.dt.day() == 29)
    before, here, after = (
        pl.date(pl.lit(end.year + step), month, start.dt.day() - (leap_day & pl.lit(not _is_leap(end.year + step))))
        for step in (-1, 0, 1)
    )
    ahead = here > last
    passed = pl.lit(end.year) - year - ahead.cast(pl.Int32)
    since, following = pl.when(ahead).then(before).otherwise(here), pl.when(ahead).then(here).otherwise(after)
    past = _parts(passed, last - since, following - since)
    before, here, after = (_day_in(year + step, end) for step in (-1, 0, 1))
    ahead = here > start
    passed = year - pl.lit(end.year) - ahead.cast(pl.Int32)
    since, following = pl.when(ahead).then(before).otherwise(here), pl.when(ahead).then(here).otherwise(after)
    future = -_parts(passed, start - since, following - since)
    return pl.when(start <= last).then(past).when(start > last).then(future)


def _parts(passed: pl.Expr, days: pl.Expr, length: pl.Expr) -> pl.Expr:
    share = pl.when(length.dt.total_days() == 366).then(365).otherwise(366)
    return passed.cast(pl.Int64) * YEAR + days.dt.total_days() * share


def _day_in(year: pl.Expr, day: date) -> pl.Expr:
    """Return the anniversary of *day* in *year*."""
    if (day.month, day.day) != (2, 29):
        return pl.date(year, day.month, day.day)
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    return pl.date(year, 2, 28 + leap.cast(pl.Int8))


def _is_leap(year: int) -> bool:
    return (year % 4 == 0 and year % 100 != 0) or year % 400 == 0


def elapsed(start: pl.Expr, applied: DateSpan, unit: str) -> Quantity:
    """Return the time from *start* to the application date, a range where that date is not known."""
    ends = [_until(start, day, unit) for day in dict.fromkeys((applied.earliest, applied.latest))]
    most = MOST_DAYS if unit == "days" else MOST_YEARS
    return column(ends[0], ends[1] if len(ends) > 1 else None, most, Fraction(1, 1 if unit == "days" else YEAR))


def _until(start: pl.Expr, day: date, unit: str) -> pl.Expr:
    return (pl.lit(day) - start).dt.total_days() if unit == "days" else years_until(start, day)


def last_start(years: int, end: date) -> date:
    """Return the last day whose anniversary *years* later is not after *end*."""
    found = dates.add_years(end, -years) + timedelta(days=3)
    while dates.add_years(found, years) > end:
        found -= timedelta(days=1)
    return found


def since(day: pl.Expr, op: Comparator, years: int, applied: DateSpan) -> pl.Expr:
    """Return whether the whole *years* since *day*, on whichever day one applies, compare so: by one day each.

    Years between two days reach a whole number on the anniversary, so "3 years or more" is "no later than that day".
    """
    sure, possible = (
        day <= (last_start(years, end) if op in (">=", "<") else last_start(years, end - timedelta(days=1)))
        for end in (applied.earliest, applied.latest)
    )
    truth = sure if applied.is_day else pl.when(sure == possible).then(sure)
    return truth if op in (">=", ">") else ~truth


def recent(day: pl.Expr, within: int, applied: DateSpan) -> pl.Expr:
    """Return whether *day* lies in the *within* years that end on the application date, whichever that is."""
    first, last = (last_start(within, end - timedelta(days=1)) for end in (applied.earliest, applied.latest))
    sure = (day <= applied.earliest) & (day > last)
    possible = (day <= applied.latest) & (day > first)
    return pl.when(sure == possible).then(sure)
