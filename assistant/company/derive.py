"""Derived facts follow from others: the province from the city, the size class from industry and figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.company.lists import ELSEWHERE, Lists, SizeRule
from assistant.logic.values import bounds

SIZES = ("micro", "small", "medium", "large")


def province(city: str | None) -> str | None:
    """Return the province of a city of the list."""
    if city is None:
        return None
    return "other" if city == ELSEWHERE else "guangdong"


def size_rule(industry: tuple[str, ...] | None, lists: Lists) -> SizeRule | None:
    """Return the size rule for an industry with its ancestors: the longest prefix wins."""
    for code in reversed(industry or ()):
        if code in lists.unsized:
            return None
        if code in lists.size_rules:
            return lists.size_rules[code]
    return None


def size_class(industry: tuple[str, ...] | None, figures: Mapping[str, Any], lists: Lists) -> frozenset[str] | None:
    """Return the classes still possible; None where the industry has none or is not known.

    The class is the lowest that the indicators give one by one (国统字〔2017〕213号; 工信部联企业〔2011〕300号 put the
    other way round), so an unknown indicator leaves only an upper limit.

    Args:
        industry: codes from the section letter down.
        figures: `employees` in 人, `revenue` and `total_assets` in 分; None or absent = unknown.
        lists: the reference lists.

    """
    rule = size_rule(industry, lists)
    if rule is None:
        return None
    lowest, highest = len(SIZES) - 1, len(SIZES) - 1
    for name, limits in rule.bounds.items():
        value = figures.get(name)
        low, high = (None, None) if value is None else bounds(value)
        lowest = min(lowest, 0 if low is None else sum(low >= limit for limit in limits))
        highest = min(highest, len(limits) if high is None else sum(high >= limit for limit in limits))
    return frozenset(SIZES[lowest : highest + 1])
