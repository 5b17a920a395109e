"""The vocabulary tells the language what each fact is: its type, dimension, period and values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

FactKind = Literal[
    "money", "count", "percent", "years", "quantity", "flag", "choice", "date", "city", "industry", "text", "events"
]
NUMERIC: frozenset[FactKind] = frozenset({"money", "count", "percent", "years", "quantity"})


@dataclass(frozen=True, slots=True)
class Signature:
    """What a formula may do with a fact (or with a field of an events fact)."""

    name: str
    kind: FactKind
    dimension: str = ""
    yearly: bool = False
    nonnegative: bool = True
    choices: tuple[str, ...] = ()
    ordered: bool = False
    multiple: bool = False
    fields: Mapping[str, Signature] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The facts, recognitions and platform scores that formulas may name."""

    facts: Mapping[str, Signature]
    recognitions: frozenset[str]
    aliases: Mapping[str, str] = field(default_factory=dict)
    industries: frozenset[str] = frozenset()
