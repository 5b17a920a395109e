"""A situation is one company's values as a formula sees them: relative to a cycle, as of an application date.

The year before the cycle may not be closed yet. Then the last closed year can stand in: a *frame* shifts every
fiscal year of a criterion together, so years are never mixed inside one criterion.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import Any

from assistant.company import derive
from assistant.company.profile import Held, Profile
from assistant.dates import DateSpan, expiry, years_between
from assistant.logic.scalar import Holding, Situation, valid
from assistant.logic.values import Range
from assistant.rulebook.book import Rulebook

DEEPEST = 6  # fiscal years a rule may look back
DERIVED = frozenset({"province", "size_class"})
SIZE_FIGURES = ("employees", "revenue", "total_assets")


@dataclass(frozen=True, slots=True)
class Frame:
    """A situation whose FY-1 is *base_year*.

    *estimated* names the figures that are the company's estimates, *ranged* the values given as a range.
    """

    situation: Situation
    base_year: int
    estimated: frozenset[str]
    ranged: frozenset[str]
    stand_in: bool

    def wanted(self, missing: tuple[str, ...]) -> tuple[str, ...]:
        """Return what a company is asked for: `revenue[-1]` has a year, a derived fact is what it follows from."""
        if not DERIVED.isdisjoint(missing):
            missing = tuple(
                asked for name in missing for asked in (self._sources(name) if name in DERIVED else (name,))
            )
        return _dated(missing, self.base_year)

    def _sources(self, name: str) -> tuple[str, ...]:
        if name == "province":
            return ("city",)
        values = self.situation.values
        if values.get("industry") is None:
            return ("industry",)
        figures = [key for key in values["__size_figures__"] if not isinstance(values.get(key), int)]
        return tuple(key for key in figures if key not in values) or tuple(figures)


class Company:
    """A profile seen relative to cycles; what does not depend on the project is worked out once."""

    def __init__(self, profile: Profile, rulebook: Rulebook, on: date) -> None:
        """Read *profile* as of *on*."""
        self.profile = profile
        self.rulebook = rulebook
        self.on = on
        self._values: dict[tuple[int, int], tuple[dict[str, Any], frozenset[str], frozenset[str]]] = {}

    def values(self, cycle: int, shift: int) -> tuple[dict[str, Any], frozenset[str], frozenset[str]]:
        """Return the values by key with FY-1 *shift* years before the cycle's own; the estimates; the ranges."""
        known = self._values.get((cycle, shift))
        if known is None:
            known = self._values[cycle, shift] = self._read(cycle, shift)
        return known

    def _read(self, cycle: int, shift: int) -> tuple[dict[str, Any], frozenset[str], frozenset[str]]:
        values: dict[str, Any] = {name: value for name, value in self.profile.facts.items() if value is not None}
        estimated = set()
        established = values.get("established")
        for offset in range(-DEEPEST, 0):
            year = cycle + offset - shift
            for name in {*self.profile.years.get(year, ()), *self.profile.estimates.get(year, ())}:
                value, is_estimate = self.profile.figure(name, year)
                if value is not None:
                    values[f"{name}[{offset}]"] = value
                    if is_estimate:
                        estimated.add(f"{name}[{offset}]")
            if established is not None and established.year > year:  # it did not exist: zero, not unknown
                for name in self.rulebook.dictionary.yearly_numbers:
                    values.setdefault(f"{name}[{offset}]", 0)
        self._derive(values, cycle)
        ranged = frozenset(name for name, value in values.items() if isinstance(value, Range))
        return values, frozenset(estimated), ranged

    def _derive(self, values: dict[str, Any], cycle: int) -> None:
        lists = self.rulebook.lists
        province = derive.province(values.get("city"))
        if province is not None:
            values["province"] = province
        since = values.get("segment_since")
        if since is not None and "segment_years" not in values:
            values["segment_years"] = max(0, years_between(since, date(cycle - 1, 12, 31)))
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

    @cached_property
    def not_known(self) -> frozenset[str]:
        """What the company was asked and does not know, by the names that `Frame.wanted` gives."""
        return frozenset(_not_known(self.profile))

    def held(self, id_: str) -> Holding | None:
        """Return the recognition *id_* as held today: the one that lasts longest."""
        today = DateSpan.of(self.on)
        current = [entry for entry in (self.holdings or {}).get(id_, ()) if valid(entry, today) is not False]
        return max(current, key=lambda entry: entry.expires or date.max, default=None)


class Frames:
    """The frames of one application: the cycle's own, and the last closed year's where FY-1 is still open."""

    def __init__(self, company: Company, cycle: int, kind: str, applied: DateSpan) -> None:
        """Frame *company* for an application of *kind* made within *applied*."""
        self.company = company
        self.profile = company.profile
        shift = cycle - company.on.year
        self.own = _frame(company, cycle, kind, applied, 0)
        self.stand_in = _frame(company, cycle, kind, applied, shift) if shift > 0 else None


@cache
def _dated(names: tuple[str, ...], base_year: int) -> tuple[str, ...]:
    """Return the names, each once, with the years that their offsets (of one digit) mean."""
    dated = [f"{name[:-3]}{base_year + 1 - int(name[-2])}]" if name[-1] == "]" else name for name in names]
    return tuple(dict.fromkeys(dated))


def _not_known(profile: Profile) -> Iterator[str]:
    for name, value in profile.facts.items():
        if value is None:
            yield name
        elif isinstance(value, tuple):
            entries = [entry for entry in value if isinstance(entry, Mapping) and None in entry.values()]
            yield from (f"{name}.{entry['id']}" if entry.get("id") else name for entry in entries)
    for section in (profile.years, profile.estimates):
        for year, figures in section.items():
            yield from (f"{name}[{year}]" for name, value in figures.items() if value is None)
    yield from profile.unsure


def _frame(company: Company, cycle: int, kind: str, applied: DateSpan, shift: int) -> Frame:
    values, estimated, ranged = company.values(cycle, shift)
    situation = Situation(values, applied, cycle, kind, company.holdings, company.scores)
    return Frame(situation, cycle - 1 - shift, estimated, ranged, shift > 0)


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
