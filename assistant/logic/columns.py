"""Columnar evaluation: one tree, many companies, a column of truths (null = unknown).

The columnar reader of the tree that `scalar` reads, with the same Kleene logic. A condition compiles once into a
Polars expression over the columns that a `Table` gives for facts. A part that occurs twice is one named column: the
table keeps it under the tree it was made of and what it depends on.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from fractions import Fraction
from functools import cache, reduce
from typing import Literal, NamedTuple, Protocol

import polars as pl

from assistant.dates import DateSpan
from assistant.logic import column_numbers as numbers
from assistant.logic import tree
from assistant.logic.column_dates import elapsed, recent, since
from assistant.logic.column_numbers import End, Quantity, Uncovered
from assistant.logic.tree import Condition, Figure, Value

__all__ = ["Setting", "Table", "Uncovered", "condition", "value"]

Aspect = Literal["base", "cycle", "applied", "kind"]
_PARTS: dict[type, tuple[Aspect, ...]] = {
    tree.Growth: ("base",),
    tree.Elapsed: ("applied",),
    tree.Tally: ("applied", "cycle", "kind"),
    tree.PlatformScore: ("cycle",),
    tree.CycleYear: ("cycle",),
    tree.Holds: ("applied",),
    tree.Expires: ("cycle",),
    tree.KindIs: ("kind",),
}


class Setting(NamedTuple):
    """What an application fixes for all companies that make it: FY-1, the cycle, the days of application, its kind."""

    base: int
    cycle: int
    applied: DateSpan
    kind: str


class Table(Protocol):
    """The columns of facts, seen in a setting."""

    def rests(self, figure: Figure) -> Iterable[Aspect]:
        """Return what of a setting a fact rests on."""

    def number(self, figure: Figure, setting: Setting) -> Quantity:
        """Return the columns of a number."""

    def flag(self, figure: Figure, setting: Setting) -> pl.Expr:
        """Return the column of a flag."""

    def day(self, name: str) -> pl.Expr:
        """Return the column of a date."""

    def member(self, node: tree.Member, setting: Setting) -> pl.Expr:
        """Return whether a choice is among the values."""

    def holds(self, ids: tuple[str, ...], setting: Setting) -> pl.Expr:
        """Return whether one of these recognitions is held and valid."""

    def expires(self, ids: tuple[str, ...], setting: Setting) -> pl.Expr:
        """Return whether one of these recognitions expires in the cycle's year."""

    def score(self, node: tree.PlatformScore, setting: Setting) -> Quantity:
        """Return a platform's score."""

    def entries(self, name: str) -> tuple[pl.Expr, Table]:
        """Return the column of lists of an events fact, and the table of one entry's fields inside it."""

    def keep(self, key: Hashable, make: Callable[[], pl.Expr]) -> pl.Expr:
        """Return the named column of *key*, made the first time it is asked for."""


@cache
def aspects(node: tree.Node) -> frozenset[Aspect]:
    """Return what of a setting *node* rests on by its form, the facts in it left out."""
    return frozenset(aspect for part in tree.walk(node) for aspect in _PARTS.get(type(part), ()))


def rests(node: tree.Node, table: Table) -> frozenset[Aspect]:
    """Return what of a setting *node* rests on."""
    return aspects(node).union(*(table.rests(figure) for figure in tree.figures(node)))


def placed(node: tree.Node, setting: Setting, table: Table) -> Hashable:
    """Return the key under which *node* is kept: the same for settings that differ in nothing it rests on."""
    on = rests(node, table)
    return (node, *(getattr(setting, aspect) for aspect in ("base", "cycle", "applied", "kind") if aspect in on))


def condition(node: Condition, setting: Setting, table: Table) -> pl.Expr:
    """Return the truth of *node* in *setting* as a named column."""
    return table.keep(placed(node, setting, table), lambda: _condition(node, setting, table))


def _condition(node: Condition, setting: Setting, table: Table) -> pl.Expr:
    match node:
        case tree.All(parts):
            return every([condition(part, setting, table) for part in parts])
        case tree.Any(parts):
            return either([condition(part, setting, table) for part in parts])
        case tree.Not(part):
            return ~condition(part, setting, table)
        case tree.Compare(op, left, right):
            return _comparison(op, left, right, setting, table)
        case tree.Member():
            return table.member(node, setting)
        case tree.Is(figure):
            return table.flag(figure, setting)
        case tree.Holds(ids):
            return table.holds(ids, setting)
        case tree.Expires(ids):
            return table.expires(ids, setting)
        case tree.KindIs(kind):
            return pl.lit(setting.kind == kind)


def every(truths: list[pl.Expr]) -> pl.Expr:
    """Return the conjunction (Polars' `&` is Kleene's)."""
    return reduce(lambda a, b: a & b, truths) if truths else pl.lit(True)  # noqa: FBT003


def either(truths: list[pl.Expr]) -> pl.Expr:
    """Return the disjunction."""
    return reduce(lambda a, b: a | b, truths) if truths else pl.lit(False)  # noqa: FBT003


def at_least(n: int, truths: list[pl.Expr]) -> pl.Expr:
    """Return whether *n* or more are true: known where the unknown ones cannot change it."""
    sure, possible = (
        pl.sum_horizontal([truth.fill_null(value=open_).cast(pl.UInt16) for truth in truths] or [pl.lit(0)]) >= n
        for open_ in (False, True)
    )
    return pl.when(sure == possible).then(sure)


def _comparison(op: tree.Comparator, left: Value, right: Value, setting: Setting, table: Table) -> pl.Expr:
    if isinstance(left, tree.Growth) and isinstance(right, tree.Const):
        target = (1 + Fraction(right.value)) ** (left.last - left.first)
        return numbers.compared(op, value(left, setting, table), numbers.constant(target))
    if isinstance(left, tree.Elapsed) and left.unit == "years" and isinstance(right, tree.Const) and op in _ORDERED:
        years = right.value
        if isinstance(years, int) and 0 < years < MOST_WHOLE:
            return since(table.day(left.name), op, years, setting.applied)
    return numbers.compared(op, value(left, setting, table), value(right, setting, table))


_ORDERED = (">=", ">", "<=", "<")
MOST_WHOLE = 1000  # years: far before any company


def value(node: Value, setting: Setting, table: Table) -> Quantity:
    """Return *node* as columns of exact numbers; what is computed is named, a quotient by its two numbers."""
    found = _value(node, setting, table)
    if isinstance(node, tree.Const | tree.Figure | tree.CycleYear | tree.PlatformScore):
        return found
    key = placed(node, setting, table)
    low = _kept(found.low, (key, "low"), table)
    return Quantity(low, _kept(found.high, (key, "high"), table) if found.is_ranged else low, found.scale)


def _kept(end: End, key: Hashable, table: Table) -> End:
    den = None if end.den is None else table.keep((key, "den"), lambda: end.den)  # type: ignore[arg-type,return-value]  # there is one
    return End(table.keep(key, lambda: end.num), end.most, den, end.den_most)


def _value(node: Value, setting: Setting, table: Table) -> Quantity:
    match node:
        case tree.Const(number):
            return numbers.constant(number)
        case tree.Figure():
            return table.number(node, setting)
        case tree.Sum(terms):
            return numbers.added([value(term, setting, table) for term in terms])
        case tree.Product(left, right):
            return numbers.multiplied(value(left, setting, table), value(right, setting, table))
        case tree.Ratio(over, under):
            return _quotient(value(over, setting, table), under, setting, table)
        case tree.Pick(which, args):
            return numbers.picked(which, [value(arg, setting, table) for arg in args])
        case tree.Floor(arg):
            return numbers.floored(value(arg, setting, table))
        case tree.Growth(name, first, last):
            return _quotient(table.number(Figure(name, last), setting), Figure(name, first), setting, table)
        case tree.Elapsed(name, unit):
            return elapsed(table.day(name), setting.applied, unit)
        case tree.CountTrue(args):
            return _count_true([condition(arg, setting, table) for arg in args])
        case tree.Tally():
            return _tally(node, setting, table)
        case tree.PlatformScore():
            return table.score(node, setting)
        case tree.CycleYear():
            return numbers.constant(setting.cycle)


def _quotient(over: Quantity, under: Value, setting: Setting, table: Table) -> Quantity:
    if isinstance(under, tree.Const):
        if under.value <= 0:
            return numbers.unknown()
        return Quantity(over.low, over.high, over.scale / Fraction(under.value))
    return numbers.divided(over, value(under, setting, table))


def _count_true(truths: list[pl.Expr]) -> Quantity:
    low = pl.sum_horizontal([truth.fill_null(value=False).cast(pl.Int64) for truth in truths])
    high = pl.sum_horizontal([truth.fill_null(value=True).cast(pl.Int64) for truth in truths])
    return numbers.column(low, high, len(truths), Fraction(1))


def _tally(node: tree.Tally, setting: Setting, table: Table) -> Quantity:
    """Count or total the entries that fit, from those that surely do to those that can."""
    entries, inside = table.entries(node.name)
    fits = [] if node.where is None else [_inside(node.where, setting, inside)]
    if isinstance(node.within, int) and 0 < node.within < MOST_WHOLE:
        fits.append(recent(inside.day("date"), node.within, setting.applied))
    elif node.within is not None:
        age = elapsed(inside.day("date"), setting.applied, "years")
        fits += [
            numbers.compared(">=", age, numbers.constant(0)),
            numbers.compared("<=", age, numbers.constant(node.within)),
        ]
    sure, possible = every(fits).fill_null(value=False), every(fits).fill_null(value=True)
    amount = Quantity(_ONE, _ONE) if node.field is None else inside.number(Figure(node.field), setting)
    most = amount.low.most * MOST_ENTRIES
    least, greatest = (numbers.widened(end.num, end.most, most) for end in (amount.low, amount.high))
    zero = numbers.whole(0, most)
    low = _total(entries, pl.when(sure).then(least).otherwise(zero))
    high = _total(entries, pl.when(possible).then(greatest).otherwise(zero))
    whole = entries.list.eval(possible & amount.low.num.is_null()).list.any().not_()
    told = entries.is_not_null() & whole.fill_null(value=True)
    return numbers.column(pl.when(told).then(low), pl.when(told).then(high), most, amount.scale)


MOST_ENTRIES = 1000  # of one list: the door refuses longer ones
_ONE = numbers.End(pl.lit(1, dtype=pl.Int64), 1)


def _total(entries: pl.Expr, amounts: pl.Expr) -> pl.Expr:
    return entries.list.eval(amounts).list.sum()


def _inside(node: Condition, setting: Setting, table: Table) -> pl.Expr:
    return condition(node, setting, table)
