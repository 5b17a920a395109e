"""A situation is one company's values as a formula sees them: relative to a cycle, as of an application date.

The year before the cycle may not be closed yet. Then the last closed year can stand in: a *frame* shifts every
fiscal year of a criterion together, so years are never mixed inside one criterion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from assistant.company import derive
from assistant.company.profile import Held, Profile
from assistant.dates import DateSpan, expiry, years_between
from assistant.logic.scalar import Holding, Situation
from assistant.rulebook.load import Rulebook

DEEPEST = 6  # fiscal years a rule may look back
SIZE_FIGURES = ("employees", "revenue", "total_assets")


@dataclass(frozen=True, slots=True)
class Frame:
    """A situation whose FY-1 is *base_year*; *estimated* names the figures that are the company's estimates."""

    situation: Situation
    base_year: int
    estimated: frozenset[str]
    stand_in: bool

    def missing_for(self, name: str) -> tuple[str, ...]:
        """Return what to ask for when *name* is unknown: a derived fact is asked by what it follows from."""
        if name == "province":
            return ("city",)
        if name != "size_class":
            return (name,)
        values = self.situation.values
        if values.get("industry") is None:
            return ("industry",)
        wanted = [f"{figure}[-1]" for figure in SIZE_FIGURES]
        return tuple(key for key in wanted if values.get(key) is None and key in values["__size_figures__"])


@dataclass(frozen=True)
class Frames:
    """The frames of one application: the cycle's own, and the last closed year's where FY-1 is still open."""

    profile: Profile
    rulebook: Rulebook
    cycle: int
    kind: str
    applied: DateSpan
    on: date

    @cached_property
    def own(self) -> Frame:
        """FY-1 is the year before the cycle's year."""
        return self._frame(0)

    @cached_property
    def stand_in(self) -> Frame | None:
        """FY-1 is the last closed year, where the own FY-1 is not closed."""
        shift = self.cycle - self.on.year
        return self._frame(shift) if shift > 0 else None

    def _frame(self, shift: int) -> Frame:
        values: dict[str, Any] = {name: value for name, value in self.profile.facts.items() if value is not None}
        estimated = set()
        for offset in range(-DEEPEST, 0):
            year = self.cycle + offset - shift
            names = {*self.profile.years.get(year, ()), *self.profile.estimates.get(year, ())}
            for name in names:
                value, is_estimate = self.profile.figure(name, year)
                if value is not None:
                    values[f"{name}[{offset}]"] = value
                    if is_estimate:
                        estimated.add(f"{name}[{offset}]")
            if self._founded_after(year):
                for name in self.rulebook.dictionary.yearly_numbers:
                    values.setdefault(f"{name}[{offset}]", 0)
        self._derive(values)
        situation = Situation(values, self.applied, self.cycle, self.kind, self.holdings, self.scores)
        return Frame(situation, self.cycle - 1 - shift, frozenset(estimated), shift > 0)

    def _founded_after(self, year: int) -> bool:
        """Tell whether the company did not exist in *year*: its figures for it are zero, not unknown."""
        established = self.profile.facts.get("established")
        return established is not None and established.year > year

    def _derive(self, values: dict[str, Any]) -> None:
        lists = self.rulebook.lists
        province = derive.province(values.get("city"))
        if province is not None:
            values["province"] = province
        since = values.get("segment_since")
        if since is not None and "segment_years" not in values:
            values["segment_years"] = max(0, years_between(since, date(self.cycle - 1, 12, 31)))
        rule = derive.size_rule(values.get("industry"), lists)
        values["__size_figures__"] = tuple(f"{name}[-1]" for name in rule.bounds) if rule else ()
        figures = {name: values.get(f"{name}[-1]") for name in SIZE_FIGURES}
        size = derive.size_class(values.get("industry"), figures, lists)
        if size is not None:
            values["size_class"] = size

    @cached_property
    def holdings(self) -> Mapping[str, tuple[Holding, ...]] | None:
        """The recognitions held, with the last valid day of each."""
        if self.profile.recognitions is None:
            return None
        held: dict[str, tuple[Holding, ...]] = {}
        for entry in self.profile.recognitions:
            held[entry.id] = (*held.get(entry.id, ()), holding(entry, self.rulebook))
        return held

    @cached_property
    def scores(self) -> dict[tuple[str, int], Any]:
        """The platforms' scores by id and cycle."""
        listed = self.profile.facts.get("platform_scores") or ()
        return {
            (entry["id"], entry["cycle"]): entry.get("score")
            for entry in listed
            if entry.get("id") is not None and entry.get("cycle") is not None
        }


def holding(entry: Held, rulebook: Rulebook) -> Holding:
    """Return a held recognition with its last valid day: as given, or by the recognition's own term."""
    if entry.expires:
        return Holding(entry.granted, entry.expires)
    term = rulebook.recognition(entry.id)
    if term.permanent:
        return Holding(entry.granted, None)
    if term.years is not None and entry.granted:
        return Holding(entry.granted, expiry(entry.granted, term.years))
    return Holding(entry.granted, None, sure=False)
