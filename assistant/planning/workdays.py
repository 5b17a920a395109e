"""A working day in China follows the State Council's yearly arrangement; years not yet published are estimates.

Due dates move earlier to a working day, never later.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import date, timedelta
from functools import cache
from importlib import import_module

import chinese_calendar


def is_published(year: int) -> bool:
    """Tell whether the year's arrangement of holidays and make-up days is known."""
    return year in _published_years()


@cache
def _published_years() -> frozenset[int]:
    years = set()
    for year in range(2004, 2100):
        try:
            chinese_calendar.is_workday(date(year, 7, 1))
        except NotImplementedError:
            continue
        years.add(year)
    return frozenset(years)


@cache
def _estimated(year: int) -> Container[date]:
    holidays = import_module("holidays")  # slow to import, and needed only beyond the published years
    days: Container[date] = holidays.country_holidays("CN", years=year)
    return days


@cache
def is_workday(day: date) -> bool:
    """Tell whether *day* is a working day: published, else by statutory holidays and weekends (an estimate)."""
    if is_published(day.year):
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5 and day not in _estimated(day.year)


def on_or_before(day: date) -> date:
    """Return *day*, or the last working day before it."""
    while not is_workday(day):
        day -= timedelta(days=1)
    return day


def on_or_after(day: date) -> date:
    """Return *day*, or the first working day after it: when something that is late can be begun."""
    while not is_workday(day):
        day += timedelta(days=1)
    return day


def back(day: date, count: int) -> date:
    """Return the working day on or before *day*, *count* working days earlier."""
    day = on_or_before(day)
    for _ in range(count):
        day = on_or_before(day - timedelta(days=1))
    return day
