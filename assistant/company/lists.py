"""Reference lists: industries, regions, size classes, recognitions and documents, shared by all rules."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.sources import Source, read
from assistant.units import UNITS, Number, to_base

ELSEWHERE = "省外"


@dataclass(frozen=True, slots=True)
class SizeRule:
    """Lower bounds (large, medium, small) of an industry's indicators, in base units; below all is micro."""

    id: str
    label: str
    bounds: Mapping[str, tuple[Number, Number, Number]]


@dataclass(frozen=True, slots=True)
class Recognition:
    """A recognition one may hold: its term in years, or held for good, or with a term not known (both None)."""

    id: str
    label: str
    en: str
    years: int | None = None
    permanent: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A kind of application document; *lead_days* is a practice estimate of how long it takes to get.

    *own*: written for one application; all others serve every application that asks for them.
    """

    id: str
    label: str
    en: str
    lead_days: int
    validity_days: int | None = None
    issuer: str = ""
    help: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class Lists:
    """All reference lists of a rulebook."""

    industries: Mapping[str, tuple[str, str]]  # code → (name, parent code)
    cities: Mapping[str, str]  # code → name
    city_names_en: Mapping[str, str]
    size_rules: Mapping[str, SizeRule]  # GB/T 4754 prefix → rule
    unsized: tuple[str, ...]  # prefixes without a size class
    recognitions: Mapping[str, Recognition]
    recognition_aliases: Mapping[str, str]
    documents: Mapping[str, Document]

    @property
    def city_names(self) -> tuple[str, ...]:
        """Return the cities that a company may name, in code order, and the word for all others."""
        return (*self.cities.values(), ELSEWHERE)

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Return *code* and the codes it belongs to, the section letter first; () for an unknown code."""
        chain: list[str] = []
        while code in self.industries:
            chain.append(code)
            code = self.industries[code][1]
        return tuple(reversed(chain))


def read_lists(folder: Path, label: str) -> tuple[Lists, list[Source]]:
    """Read `rules/lists`; the sources carry the problems found, for the caller to raise together."""
    sources: dict[str, Source] = {}
    for stem in ("regions", "size-classes", "recognitions", "documents"):
        sources[stem] = read(folder / f"{stem}.yaml", name=f"{label}/{stem}.yaml")
    with (folder / "industries.csv").open(encoding="utf-8", newline="") as stream:
        industries = {row["code"]: (row["name"], row["parent"]) for row in csv.DictReader(stream)}
    regions = sources["regions"].data
    rules, unsized = _sizes(sources["size-classes"])
    recognitions, aliases = _recognitions(sources["recognitions"])
    cities = {str(city["code"]): city["name"] for city in regions["cities"]}
    english = {city["name"]: city.get("en", city["name"]) for city in regions["cities"]}
    return (
        Lists(industries, cities, english, rules, unsized, recognitions, aliases, _documents(sources["documents"])),
        list(sources.values()),
    )


def _sizes(source: Source) -> tuple[dict[str, SizeRule], tuple[str, ...]]:
    units = {"employees": UNITS["人"], "revenue": UNITS["万元"], "assets": UNITS["万元"]}
    facts = {"employees": "employees", "revenue": "revenue", "assets": "total_assets"}
    rules: dict[str, SizeRule] = {}
    for entry in source.data["industries"]:
        bounds = {
            facts[key]: (to_base(large, unit), to_base(medium, unit), to_base(small, unit))
            for key, unit in units.items()
            if key in entry
            for large, medium, small in [entry[key]]
        }
        for prefix in entry["gb"]:
            rules[str(prefix)] = SizeRule(entry["id"], entry["label"], bounds)
    unsized = [str(entry["gb"]) for key in ("no_class", "ask") for entry in source.data.get(key) or []]
    return rules, tuple(unsized)


def _recognitions(source: Source) -> tuple[dict[str, Recognition], dict[str, str]]:
    known: dict[str, Recognition] = {}
    aliases: dict[str, str] = {}
    for index, entry in enumerate(source.data["recognitions"]):
        id_ = str(entry["id"])
        if id_ in known:
            source.report("duplicate-id", ("recognitions", index), found=id_)
        known[id_] = Recognition(
            id_, entry.get("label", id_), entry.get("en", id_), entry.get("years"), bool(entry.get("permanent"))
        )
        for alias in (*(entry.get("aliases") or ()), entry.get("label", id_)):
            aliases.setdefault(str(alias), id_)
    return known, aliases


def _documents(source: Source) -> dict[str, Document]:
    listed: Any = source.data.get("documents", source.data)
    return {
        str(id_): Document(
            str(id_),
            entry["label"],
            entry.get("en", entry["label"]),
            entry["lead_days"],
            entry.get("validity_days"),
            entry.get("issuer", ""),
            entry.get("help", ""),
            bool(entry.get("own")),
        )
        for id_, entry in listed.items()
    }
