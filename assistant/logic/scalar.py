"""Scalar evaluation: one tree, one company, the truth with what was found.

A condition compiles once into a closure `(situation, outcomes) -> truth`. Every comparison leaves an `Outcome`,
so reasons, shortfalls and missing facts come from the evaluation itself and are never computed a second time.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any as Anything
from typing import NamedTuple

from assistant.dates import DateSpan, years_between
from assistant.logic import tree
from assistant.logic.tree import Compare, Condition, Figure, Value
from assistant.logic.truth import Truth, all_of, any_of, negate
from assistant.logic.values import Quantity, Range, add, between, bounds, compare, divide, multiply
from assistant.units import Number, exact


class Holding(NamedTuple):
    """A recognition held from *granted* to *expires* (None = for good); not *sure*: its last day is not known."""

    granted: date | None
    expires: date | None
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a formula may ask about: a company's values in one frame of years, the cycle and its dates.

    *values* are keyed by `key(figure)`; absent = not answered. *held* is None where the company did not say.
    """

    values: Mapping[str, Anything]
    applied: DateSpan
    cycle: int
    kind: str
    held: Mapping[str, Sequence[Holding]] | None = None
    scores: Mapping[tuple[str, int], Quantity] = field(default_factory=dict)


class Outcome(NamedTuple):
    """What one comparison found: its node, truth, the value on its left, and the names of what is missing."""

    node: Condition
    truth: Truth
    actual: Anything
    missing: tuple[str, ...]


Test = Callable[[Situation, list[Outcome]], Truth]
Read = Callable[[Situation], Quantity]

OPERATORS: dict[str, Callable[[Anything, Anything], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}


def key(figure: Figure) -> str:
    """Return the key of a figure in `Situation.values`: `revenue[-1]`, or the bare name."""
    return figure.name if figure.offset is None else f"{figure.name}[{figure.offset}]"


def compile_condition(node: Condition) -> Test:
    """Return *node* as a closure; it evaluates every part, so that all outcomes are seen."""
    match node:
        case tree.All(parts):
            tests = tuple(compile_condition(part) for part in parts)
            return lambda s, out: all_of([test(s, out) for test in tests])
        case tree.Any(parts):
            tests = tuple(compile_condition(part) for part in parts)
            return lambda s, out: any_of([test(s, out) for test in tests])
        case tree.Not(part):
            return _negated(part)
        case tree.Compare():
            return _comparison(node)
        case tree.Member():
            return _membership(node)
        case tree.Is():
            return _flag(node)
        case tree.Holds():
            return _holding(node)
        case tree.Expires():
            return _expiring(node)
        case tree.KindIs(kind):
            return lambda s, _: s.kind == kind


def _negated(part: Condition) -> Test:
    """Negate *part*; the outcome shown is that of the negation, not of what it negates."""
    test = compile_condition(part)
    whole = tree.Not(part)

    def run(s: Situation, out: list[Outcome]) -> Truth:
        inner: list[Outcome] = []
        truth = negate(test(s, inner))
        out.extend(Outcome(whole if o.node is part else o.node, negate(o.truth), o.actual, o.missing) for o in inner)
        return truth

    return run


def _flag(node: tree.Is) -> Test:
    name = key(node.figure)

    def run(s: Situation, out: list[Outcome]) -> Truth:
        found: Truth = s.values.get(name)
        out.append(Outcome(node, found, found, () if found is not None else (name,)))
        return found

    return run


def _membership(node: tree.Member) -> Test:
    name, values = key(node.figure), frozenset(node.values)

    def run(s: Situation, out: list[Outcome]) -> Truth:
        found = s.values.get(name)
        truth: Truth
        if found is None:
            truth = None
        elif isinstance(found, frozenset):
            truth = True if found <= values else None if found & values else False
        elif node.prefix:
            truth = any(prefix in found for prefix in values)
        else:
            truth = found in values
        out.append(Outcome(node, truth, found, () if truth is not None else (name,)))
        return truth

    return run


def _holding(node: tree.Holds) -> Test:
    def run(s: Situation, out: list[Outcome]) -> Truth:
        if s.held is None:
            out.append(Outcome(node, None, None, ("recognitions",)))
            return None
        found = [(id_, holding) for id_ in node.ids for holding in s.held.get(id_, ())]
        truths = [valid(holding, s.applied) for _, holding in found]
        truth = any_of(truths)
        missing = tuple(
            f"recognitions.{id_}" for (id_, h), t in zip(found, truths, strict=True) if t is None and not h.sure
        )
        out.append(Outcome(node, truth, tuple(found), missing if truth is None else ()))
        return truth

    return run


def _expiring(node: tree.Expires) -> Test:
    def run(s: Situation, out: list[Outcome]) -> Truth:
        if s.held is None:
            out.append(Outcome(node, None, None, ("recognitions",)))
            return None
        found = [(id_, holding) for id_ in node.ids for holding in s.held.get(id_, ())]
        truths = [None if not h.sure else h.expires is not None and h.expires.year == s.cycle for _, h in found]
        truth = any_of(truths)
        missing = tuple(f"recognitions.{id_}" for id_, holding in found if not holding.sure)
        out.append(Outcome(node, truth, tuple(found), missing if truth is None else ()))
        return truth

    return run


def valid(holding: Holding, applied: DateSpan) -> Truth:
    """Return whether *holding* is valid on the application date, whichever day of *applied* that is."""
    if holding.granted and holding.granted > applied.latest:
        return False
    if holding.expires and holding.expires < applied.earliest:
        return False
    if not holding.sure or (holding.granted and holding.granted > applied.earliest):
        return None
    return True if holding.expires is None or holding.expires >= applied.latest else None


def _comparison(node: Compare) -> Test:
    left, right = node.left, node.right
    if isinstance(left, tree.Growth) and isinstance(right, tree.Const):
        return _growth(node, left, right.value)
    if isinstance(left, tree.Ratio) and isinstance(right, tree.Const):
        return _ratio(node, left, right.value)
    read_left, read_right = compile_value(left), compile_value(right)
    op, plain = node.op, OPERATORS[node.op]
    constant = right.value if isinstance(right, tree.Const) else None

    missing = asker(node)

    def run(s: Situation, out: list[Outcome]) -> Truth:
        a = read_left(s)
        b = constant if constant is not None else read_right(s)
        truth: Truth
        if a is None or b is None:
            truth = None
        elif a.__class__ is int and b.__class__ is int:
            truth = plain(a, b)
        else:
            truth = compare(op, a, b)
        out.append(Outcome(node, truth, a, () if truth is not None else missing(s)))
        return truth

    return run


def _ratio(node: Compare, ratio: tree.Ratio, bound: Number) -> Test:
    """Compare a quotient by cross-multiplication: whole numbers only, exact at the threshold."""
    read_over, read_under = compile_value(ratio.over), compile_value(ratio.under)
    op, plain = node.op, OPERATORS[node.op]
    p, q = Fraction(bound).as_integer_ratio()

    missing = asker(node)

    def run(s: Situation, out: list[Outcome]) -> Truth:
        over, under = read_over(s), read_under(s)
        truth: Truth
        if over.__class__ is int and under.__class__ is int and under > 0:
            truth = plain(over * q, p * under)
            out.append(Outcome(node, truth, (over, under), ()))
            return truth
        actual = None if over is None or under is None else divide(over, under)
        truth = None if actual is None else compare(op, actual, bound)
        out.append(Outcome(node, truth, actual, () if truth is not None else missing(s)))
        return truth

    return run


def _growth(node: Compare, growth: tree.Growth, bound: Number) -> Test:
    """Compare compound growth by powers: last / first against (1 + rate) ** years."""
    first, last = Figure(growth.name, growth.first), Figure(growth.name, growth.last)
    target = exact((1 + Fraction(bound)) ** (growth.last - growth.first))
    read_first, read_last = compile_value(first), compile_value(last)

    missing = asker(node)

    def run(s: Situation, out: list[Outcome]) -> Truth:
        a, b = read_last(s), read_first(s)
        quotient = None if a is None or b is None else divide(a, b)
        truth = None if quotient is None else compare(node.op, quotient, target)
        out.append(Outcome(node, truth, quotient, () if truth is not None else missing(s)))
        return truth

    return run


def compile_value(node: Value) -> Read:
    """Return *node* as a closure giving an exact number, a range or None."""
    match node:
        case tree.Const(number):
            return lambda _: number
        case tree.Figure():
            name = key(node)
            return lambda s: s.values.get(name)
        case tree.Sum(terms):
            return _sum(tuple(compile_value(term) for term in terms))
        case tree.Product(left, right):
            return _binary(multiply, compile_value(left), compile_value(right))
        case tree.Ratio(over, under):
            return _binary(divide, compile_value(over), compile_value(under))
        case tree.Pick(which, args):
            return _pick(min if which == "min" else max, tuple(compile_value(arg) for arg in args))
        case tree.Floor(arg):
            return _floor(compile_value(arg))
        case tree.Growth(name, first, last):
            return _binary(divide, compile_value(Figure(name, last)), compile_value(Figure(name, first)))
        case tree.Elapsed(name, unit):
            return lambda s: elapsed(s.values.get(name), s.applied, unit)
        case tree.CountTrue(args):
            return _count_true(tuple(compile_condition(arg) for arg in args))
        case tree.Tally():
            return _tally(node)
        case tree.PlatformScore(id_, offset):
            return lambda s: s.scores.get((id_, s.cycle + offset))
        case tree.CycleYear():
            return lambda s: s.cycle


def _sum(reads: tuple[Read, ...]) -> Read:
    def run(s: Situation) -> Quantity:
        total: Number | Range = 0
        for read in reads:
            part = read(s)
            if part is None:
                return None
            total = add(total, part)
        return total

    return run


def _binary(combine: Callable[[Number | Range, Number | Range], Quantity], left: Read, right: Read) -> Read:
    def run(s: Situation) -> Quantity:
        a, b = left(s), right(s)
        return None if a is None or b is None else combine(a, b)

    return run


def _pick(choose: Callable[..., Number], reads: tuple[Read, ...]) -> Read:
    def run(s: Situation) -> Quantity:
        known = [bounds(part) for read in reads if (part := read(s)) is not None]
        if len(known) < len(reads):
            return None
        return between(choose(low for low, _ in known), choose(high for _, high in known))

    return run


def _floor(read: Read) -> Read:
    def run(s: Situation) -> Quantity:
        part = read(s)
        if part is None:
            return None
        low, high = bounds(part)
        return between(low // 1, high // 1)

    return run


def elapsed(start: Anything, applied: DateSpan, unit: str) -> Quantity:
    """Return the time from *start* to the application date, a range where that date is not known."""
    if not isinstance(start, date):
        return None
    if unit == "days":
        return between((applied.earliest - start).days, (applied.latest - start).days)
    return between(years_between(start, applied.earliest), years_between(start, applied.latest))


def _count_true(tests: tuple[Test, ...]) -> Read:
    def run(s: Situation) -> Quantity:
        truths = [test(s, []) for test in tests]
        sure = sum(truth is True for truth in truths)
        return between(sure, sure + sum(truth is None for truth in truths))

    return run


def _tally(node: tree.Tally) -> Read:
    where = compile_condition(node.where) if node.where else None

    def run(s: Situation) -> Quantity:
        entries = s.values.get(node.name)
        if entries is None:
            return None
        low: Number = 0
        high: Number = 0
        for entry in entries:
            fits = all_of([_recent(entry, node.within, s.applied), _fits(where, entry, s)])
            if fits is False:
                continue
            amount = 1 if node.field is None else entry.get(node.field)
            if amount is None:
                return None
            least, most = bounds(amount)
            low, high = low + (least if fits else 0), high + most
        return between(low, high)

    return run


def _fits(where: Test | None, entry: Mapping[str, Anything], s: Situation) -> Truth:
    return True if where is None else where(Situation(entry, s.applied, s.cycle, s.kind), [])


def _recent(entry: Mapping[str, Anything], within: Number | None, applied: DateSpan) -> Truth:
    """Return whether the entry's date lies in the *within* years that end on the application date."""
    if within is None:
        return True
    age = elapsed(entry.get("date"), applied, "years")
    if age is None:
        return None
    return all_of([compare(">=", age, 0), compare("<=", age, within)])


def asker(node: Condition) -> Callable[[Situation], tuple[str, ...]]:
    """Return what names the facts that leave *node* open: those unknown, or, if none is, those too wide a range."""
    names = tuple(dict.fromkeys(key(figure) for figure in tree.figures(node)))
    scores = tuple((f"platform_scores.{score.id}", score.id, score.offset) for score in tree.platform_scores(node))

    def missing(s: Situation) -> tuple[str, ...]:
        values = s.values
        unknown = [name for name in names if values.get(name) is None]
        if not unknown:
            unknown = [name for name in names if isinstance(values[name], Range)]
        unknown += [name for name, id_, offset in scores if s.scores.get((id_, s.cycle + offset)) is None]
        return tuple(dict.fromkeys(unknown))

    return missing
