"""An outlook is a company as it will stand in the year of an application: the years to come filled in, time passed.

A year not closed yet takes the company's own estimate, else the last known figure. With *growth* every figure is
carried on at the mean yearly growth of revenue, so that ratios stay as they are. What an outlook assumes is named: it
decides nothing, it is what moves stand on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

from assistant.company import derive
from assistant.company.profile import Profile
from assistant.dates import DateSpan, add_years
from assistant.logic.scalar import Holding, Situation
from assistant.logic.values import Quantity, Range, bounds
from assistant.matching.situation import SIZE_FIGURES, Company
from assistant.rulebook.book import Rulebook
from assistant.units import Number

MEASURE = "revenue"  # the figure whose growth carries all others
LOOK_BACK = 3  # yearly growth rates that it is the mean of
MOST_GROWTH = Fraction(3, 10)  # a year; no company is taken to grow faster for years


class Outlook:
    """One company in one cycle; projects of the cycle share it."""

    def __init__(self, company: Company, cycle: int, *, growth: bool = False) -> None:
        """Look from *company* as it is known to the *cycle* to come."""
        self.company = company
        self.cycle = cycle
        self.rulebook = company.rulebook
        self.on = company.on
        profile, self.assumed = _filled(company.profile, self.rulebook, self.on, cycle, growth=growth)
        self.profile = _aged(profile, self.rulebook, self.on, cycle)
        later = Company(self.profile, self.rulebook, self.on)
        self.values, self.estimated, self.ranged = later.values(cycle, 0)
        self.holdings = company.holdings
        self.scores = company.scores

    def situation(
        self,
        kind: str,
        applied: DateSpan,
        values: Mapping[str, Any],
        held: Mapping[str, tuple[Holding, ...]] | None = None,
        scores: Mapping[tuple[str, int], Quantity] | None = None,
    ) -> Situation:
        """Return what a formula sees of it, with *values* (and recognitions, scores) in another place."""
        if values:
            values = {**self.values, **values}
            if any(f"{name}[-1]" in values for name in SIZE_FIGURES):
                values["size_class"] = self._size(values)
        merged = {**(self.holdings or {}), **(held or {})} if self.holdings is not None or held else None
        return Situation(values or self.values, applied, self.cycle, kind, merged, {**self.scores, **(scores or {})})

    def _size(self, values: Mapping[str, Any]) -> frozenset[str] | None:
        figures = {name: values.get(f"{name}[-1]") for name in SIZE_FIGURES}
        return derive.size_class(values.get("industry"), figures, self.rulebook.lists)


def _filled(
    profile: Profile, rulebook: Rulebook, on: date, cycle: int, *, growth: bool
) -> tuple[Profile, frozenset[tuple[str, int]]]:
    """Return the profile with a figure in every open year before *cycle* for what it ever told, and what is assumed."""
    if cycle <= on.year:
        return profile, frozenset()
    estimates = {year: dict(figures) for year, figures in profile.estimates.items()}
    assumed = set()
    told = {*profile.years, *profile.estimates}
    names = {name for year in told for name in (*profile.years.get(year, ()), *profile.estimates.get(year, ()))}
    rate = growth_of(profile, on) if growth else Fraction(0)
    for name in names & {*rulebook.dictionary.yearly_numbers}:
        last = next(
            (f for y in range(on.year - 1, on.year - 4, -1) if (f := profile.figure(name, y)[0]) is not None), None
        )
        since = on.year - 1
        for year in range(on.year, cycle):
            known, _ = profile.figure(name, year)
            if known is not None:
                last, since = known, year
            elif last is not None:
                estimates.setdefault(year, {})[name] = _grown(last, rate, year - since)
                assumed.add((name, year))
    return replace(profile, estimates=estimates), frozenset(assumed)


def _grown(value: Number | Range, rate: Fraction, years: int) -> Number | Range:
    """Return a figure after *years* of growth, cut to whole steps at the end, so that small numbers grow too."""
    if not rate:
        return value
    low, high = (int(end * (1 + rate) ** years) for end in bounds(value))
    return low if low == high else Range(low, high)


def growth_of(profile: Profile, on: date) -> Fraction:
    """Return the mean yearly growth of revenue over the last closed years, from none to the most."""
    figures = [profile.figure(MEASURE, year)[0] for year in range(on.year - 1 - LOOK_BACK, on.year)]
    rates = [
        Fraction(later) / earlier - 1
        for earlier, later in pairwise(figures)
        if isinstance(earlier, int) and isinstance(later, int) and earlier > 0
    ]
    mean = sum(rates, Fraction(0)) / len(rates) if rates else Fraction(0)
    return max(Fraction(0), min(mean, MOST_GROWTH))


def _aged(profile: Profile, rulebook: Rulebook, on: date, cycle: int) -> Profile:
    """Return the profile after the years to the *cycle*: spans of years are longer, what faded no longer counts."""
    years = cycle - on.year - 1
    if years <= 0:
        return profile
    facts = dict(profile.facts)
    for name, value in profile.facts.items():
        spec = rulebook.dictionary.facts[name]
        if spec.lever != "time" or value is None:
            continue
        if spec.unit is not None and not isinstance(value, bool):
            more = years * 12 if spec.unit.dimension == "months" else years
            low, high = (end + more for end in bounds(value))
            facts[name] = low if low == high else Range(low, high)
        elif value is True and spec.fades is not None and add_years(on, spec.fades) < date(cycle, 1, 1):
            facts[name] = False
    return replace(profile, facts=facts)
