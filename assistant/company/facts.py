"""A fact is a named, typed value of a company; the dictionary declares every fact once.

It drives profile checks, forms, the spreadsheet, the screening columns and the rule checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, get_args

from assistant.errors import nearest
from assistant.logic.vocabulary import FactKind, Signature
from assistant.sources import Path_, Source
from assistant.units import UNITS, Number, Unit, exact

Cost = Literal["memory", "look-up", "third-party"]
Owner = Literal["company", "platform", "authority"]
Lever = Literal["own", "market", "slow", "platform", "time", "none"]

_DEFAULT_UNITS: dict[str, str] = {"money": "万元", "percent": "%", "years": "年"}
_KEYS = {
    *("label", "en", "type", "period", "topic", "question", "help", "evidence", "cost", "source", "min", "max"),
    *("unit", "choices", "ordered", "multiple", "derived", "fields", "aliases", "future"),
    *("lever", "lead_days", "better", "fades"),
}
_NUMBERS = ("money", "percent", "count", "years", "quantity")
_LEVERS: dict[str, Lever] = {"flag": "own", "choice": "own", "events": "slow"}


@dataclass(frozen=True, slots=True)
class FactSpec:
    """The declaration of one fact; `unit` is what it is asked and shown in, None for what is no number.

    *lever* tells whether the fact can be moved: `own` by the company's decision, `market` by its business results,
    `slow` where others must grant it, `platform` where an official platform computes it, `time` where only time
    helps, `none` not at all. *lead_days* is how long a change takes (a practice estimate), *less* that a smaller
    number is the better one, *fades* after how many years what happened no longer counts.
    """

    name: str
    label: str
    en: str
    kind: FactKind
    yearly: bool = False
    topic: str = ""
    question: str = ""
    help: str = ""
    evidence: str = ""
    cost: Cost = "look-up"
    owner: Owner = "company"
    unit: Unit | None = None
    least: Number | None = None
    most: Number | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    ordered: bool = False
    multiple: bool = False
    derived: str = ""
    future: bool = False
    fields: Mapping[str, FactSpec] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    lever: Lever = "none"
    lead_days: int = 0
    less: bool = False
    fades: int | None = None

    @property
    def numeric(self) -> bool:
        """Tell whether the fact is a number with a unit."""
        return self.unit is not None

    def signature(self, cities: tuple[str, ...]) -> Signature:
        """Return what formulas may do with the fact."""
        return Signature(
            name=self.name,
            kind=self.kind,
            dimension=self.unit.dimension if self.unit else "",
            yearly=self.yearly,
            nonnegative=self.least is not None and self.least >= 0,
            choices=cities if self.kind == "city" else tuple(self.choices),
            ordered=self.ordered,
            multiple=self.multiple,
            fields={name: spec.signature(cities) for name, spec in self.fields.items()},
        )


@dataclass(frozen=True, slots=True)
class Dictionary:
    """All facts by name, in the order they are asked, and the topics that group them."""

    facts: Mapping[str, FactSpec]
    topics: Mapping[str, str]
    aliases: Mapping[str, str]

    @property
    def yearly_numbers(self) -> tuple[str, ...]:
        """Return the facts with one figure per fiscal year."""
        return tuple(name for name, spec in self.facts.items() if spec.yearly and spec.numeric)

    def nearest(self, name: str) -> str:
        """Return the fact meant by a wrong *name*: by alias, Chinese label, or the closest spelling."""
        return (
            self.aliases.get(name) or nearest(name, [*self.facts]) or self.aliases.get(nearest(name, self.aliases), "")
        )

    def spec(self, name: str) -> FactSpec:
        """Return the declaration of a fact; KeyError where there is none."""
        return self.facts[name]


def read_dictionary(source: Source, base: Dictionary | None = None) -> Dictionary:
    """Build the dictionary from `facts.yaml`, on top of *base*; every mistake is reported to *source*."""
    data = source.data if isinstance(source.data, dict) else {}
    topics = {**(base.topics if base else {}), **{str(k): str(v) for k, v in (data.get("topics") or {}).items()}}
    facts: dict[str, FactSpec] = dict(base.facts) if base else {}
    aliases: dict[str, str] = dict(base.aliases) if base else {}
    for name, raw in (data.get("facts") or {}).items():
        path: Path_ = ("facts", name)
        if not isinstance(raw, dict):
            source.report("not-a-mapping", path)
            continue
        spec = _spec(str(name), raw, source, path)
        if spec.topic not in topics:
            source.report(
                "unknown-value",
                (*path, "topic"),
                name="topic",
                found=spec.topic,
                expected=", ".join(topics),
                nearest=nearest(spec.topic, topics),
            )
        facts[spec.name] = spec
        for alias in (*spec.aliases, spec.label):
            if aliases.setdefault(alias, spec.name) != spec.name:
                source.report("alias-twice", path, found=alias, first=aliases[alias])
    for alias, name in aliases.items():
        if alias in facts and alias != name:
            source.report("alias-twice", ("facts", name), found=alias, first=alias)
    return Dictionary(facts, topics, aliases)


def _spec(name: str, raw: dict[str, Any], source: Source, path: Path_) -> FactSpec:
    for key in raw:
        if key not in _KEYS:
            source.report("unknown-key", (*path, key), found=key, nearest=nearest(str(key), _KEYS))
    kind = str(raw.get("type", "text"))
    if kind not in get_args(FactKind):
        source.report(
            "unknown-value",
            (*path, "type"),
            name="type",
            found=kind,
            expected=", ".join(get_args(FactKind)),
            nearest=nearest(kind, get_args(FactKind)),
        )
        kind = "text"
    if "label" not in raw:
        source.report("key-missing", path, expected="label")
    symbol = raw.get("unit") or _DEFAULT_UNITS.get(kind, "")
    if symbol and symbol not in UNITS:
        source.report("unknown-unit", path, found=symbol, nearest=nearest(symbol, UNITS))
    if kind in ("count", "quantity") and not symbol:
        source.report("key-missing", path, expected="unit")
    if kind == "choice" and not isinstance(raw.get("choices"), dict):
        source.report("key-missing", path, expected="choices")
    numeric = kind in _NUMBERS
    yearly = raw.get("period") == "year"
    lever = str(raw.get("lever", ("market" if yearly else "slow") if numeric else _LEVERS.get(kind, "none")))
    _check_lever(raw, lever, source, path)
    least = raw.get("min", 0 if numeric and (kind != "money" or "fields" in path) else None)
    most = raw.get("max", 100 if kind == "percent" else None)
    return FactSpec(
        name=name,
        label=str(raw.get("label", name)),
        en=str(raw.get("en", name)),
        kind=kind,  # type: ignore[arg-type]  # checked against FactKind above
        yearly=yearly,
        topic=str(raw.get("topic", "")),
        question=str(raw.get("question", "")),
        help=str(raw.get("help", "")),
        evidence=str(raw.get("evidence", "")),
        cost=raw.get("cost", "look-up"),
        owner=raw.get("source", "company"),
        unit=UNITS.get(symbol) if numeric else None,
        least=_bound(least),
        most=_bound(most),
        choices={str(k): str(v) for k, v in (raw.get("choices") or {}).items()},
        ordered=bool(raw.get("ordered")),
        multiple=bool(raw.get("multiple")),
        derived=str(raw.get("derived", "")),
        future=bool(raw.get("future")),
        fields={
            str(key): _spec(str(key), value, source, (*path, "fields", key))
            for key, value in (raw.get("fields") or {}).items()
        },
        aliases=tuple(str(alias) for alias in raw.get("aliases") or ()),
        lever="none" if raw.get("derived") else lever,  # type: ignore[arg-type]  # checked above
        lead_days=raw.get("lead_days", 0),
        less=raw.get("better") == "less",
        fades=raw.get("fades"),
    )


def _check_lever(raw: dict[str, Any], lever: str, source: Source, path: Path_) -> None:
    if lever not in get_args(Lever):
        source.report(
            "unknown-value",
            (*path, "lever"),
            name="lever",
            found=lever,
            expected=", ".join(get_args(Lever)),
            nearest=nearest(lever, get_args(Lever)),
        )
    if raw.get("better", "less") != "less":
        source.report(
            "unknown-value", (*path, "better"), name="better", found=raw["better"], expected="less", nearest="less"
        )
    for key in ("lead_days", "fades"):
        value = raw.get(key, 1)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            source.report("shape", (*path, key), found=value, expected="1, 2, 3 …")


def _bound(value: Any) -> Number | None:
    """Return a bound in the fact's own unit."""
    return exact(value) if isinstance(value, int | Decimal) else None
