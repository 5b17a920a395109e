"""A formula is a tree of frozen nodes. Every reader (scalar, columns, explanation, questions) reads this tree.

Values are exact numbers in base units (see `units`), truths are Kleene. Fiscal years are offsets from the
cycle's year: FY-1 is -1. Series (`FY-2..FY-1`, `each`, `sum`) are unrolled by the parser, so every `Figure`
names one figure of one year.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal

from assistant.units import Number

Comparator = Literal["<", "<=", ">", ">=", "==", "!="]


@dataclass(frozen=True, slots=True)
class Const:
    """A written number, in base units; *unit* is the symbol it was written with ("" for a pure number)."""

    value: Number
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A fact: the figure of fiscal year *offset*, or (None) the fact as of now. Inside `where`: a field."""

    name: str
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms added; a difference has a negated term."""

    terms: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """Two factors."""

    left: Value
    right: Value


@dataclass(frozen=True, slots=True)
class Ratio:
    """A quotient; unknown where the divisor is zero or, in a growth rate, negative."""

    over: Value
    under: Value


@dataclass(frozen=True, slots=True)
class Pick:
    """The least or greatest of its arguments."""

    which: Literal["min", "max"]
    args: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Floor:
    """The whole part."""

    arg: Value


@dataclass(frozen=True, slots=True)
class Growth:
    """Compound yearly growth of a fact from fiscal year *first* to *last*: (last / first) ** (1/steps) - 1.

    Only ever compared with a constant, by powers; no root is taken.
    """

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Time from a date fact to the application date, in years or days."""

    name: str
    unit: Literal["years", "days"]


@dataclass(frozen=True, slots=True)
class CountTrue:
    """How many of the conditions hold."""

    args: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """Over the entries of an events fact that fit *where* and lie *within* years before the application.

    Their number (field None) or the total of a field.
    """

    name: str
    field: str | None
    where: Condition | None
    within: Number | None


@dataclass(frozen=True, slots=True)
class PlatformScore:
    """A score that an official platform computed for a cycle (offset 0: this one). Never estimated."""

    id: str
    offset: int


@dataclass(frozen=True, slots=True)
class CycleYear:
    """The year of the application cycle."""


Value = (
    Const
    | Figure
    | Sum
    | Product
    | Ratio
    | Pick
    | Floor
    | Growth
    | Elapsed
    | CountTrue
    | Tally
    | PlatformScore
    | CycleYear
)


@dataclass(frozen=True, slots=True)
class Compare:
    """left op right, both in the same dimension."""

    op: Comparator
    left: Value
    right: Value


@dataclass(frozen=True, slots=True)
class Member:
    """A choice, industry or city among *values*.

    With *prefix* the fact is a tuple (an industry with its ancestors, several choices): one of them suffices.
    """

    figure: Figure
    values: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Is:
    """A flag that must be yes."""

    figure: Figure


@dataclass(frozen=True, slots=True)
class Holds:
    """Any of these recognitions is held and valid on the application date."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expires:
    """One of these recognitions is held and expires in the cycle's year."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KindIs:
    """The application is of this kind."""

    kind: Literal["new", "review"]


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


Condition = Compare | Member | Is | Holds | Expires | KindIs | All | Any | Not
Node = Value | Condition


def walk(node: Node) -> Iterator[Node]:
    """Yield *node* and all nodes below it, in written order."""
    yield node
    for field in fields(node):
        part = getattr(node, field.name)
        for child in part if isinstance(part, tuple) else (part,):
            if hasattr(child, "__dataclass_fields__"):
                yield from walk(child)


def figures(node: Node) -> tuple[Figure, ...]:
    """Return the distinct facts that *node* rests on, in written order, without the fields inside `where`."""
    return tuple(dict.fromkeys(_figures(node)))


def _figures(node: Node) -> Iterator[Figure]:
    match node:
        case Figure():
            yield node
        case Growth(name, first, last):
            yield Figure(name, first)
            yield Figure(name, last)
        case Elapsed(name) | Tally(name):
            yield Figure(name)
        case _:
            for field in fields(node):
                part = getattr(node, field.name)
                for child in part if isinstance(part, tuple) else (part,):
                    if hasattr(child, "__dataclass_fields__"):
                        yield from _figures(child)


def recognitions(node: Node) -> tuple[str, ...]:
    """Return the distinct recognitions that *node* asks about."""
    return tuple(dict.fromkeys(id_ for part in walk(node) if isinstance(part, Holds | Expires) for id_ in part.ids))


def platform_scores(node: Node) -> tuple[PlatformScore, ...]:
    """Return the distinct platform scores that *node* asks about."""
    return tuple(dict.fromkeys(part for part in walk(node) if isinstance(part, PlatformScore)))
