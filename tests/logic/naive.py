"""A second, naive reading of the rule language, to hold the engine's against.

It reads the same trees and shares none of the engine's evaluation: no closures, no short cuts. A truth is the set of
what is possible ({True}, {False} or both), a number is the pair of its least and greatest value, None is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from typing import Any

from assistant.dates import DateSpan
from assistant.logic import tree

Possible = frozenset[bool]
Interval = tuple[Fraction, Fraction]
Number = Interval | None
Holding = tuple[date | None, date | None, bool]  # granted, last valid day, whether that day is known

YES, NO, OPEN = frozenset({True}), frozenset({False}), frozenset({True, False})


@dataclass(frozen=True)
class View:
    """What a formula may ask: facts and figures by name, one fiscal year shift, the application."""

    facts: Mapping[tuple[str, int | None], Any]
    span: DateSpan
    cycle: int
    kind: str
    held: Mapping[str, list[Holding]] | None = None


# ---- truths


def both(parts: Iterable[Possible]) -> Possible:
    """Return what the conjunction of *parts* can be."""
    return frozenset(all(row) for row in _rows(parts))


def either(parts: Iterable[Possible]) -> Possible:
    """Return what the disjunction of *parts* can be."""
    return frozenset(any(row) for row in _rows(parts))


def enough(n: int, parts: Iterable[Possible]) -> Possible:
    """Return what "n or more of *parts*" can be."""
    return frozenset(sum(row) >= n for row in _rows(parts))


def _rows(parts: Iterable[Possible]) -> Iterator[tuple[bool, ...]]:
    """Yield every way in which *parts* can turn out; parts that are alike are told apart no further than needed."""
    listed = list(parts)
    sure = [part for part in listed if len(part) == 1]
    vague = [part for part in listed if len(part) == 2]
    for trues in range(len(vague) + 1):
        yield (*(True in part for part in sure), *[True] * trues, *[False] * (len(vague) - trues))


def condition(node: tree.Condition, view: View) -> Possible:
    """Return what *node* can be."""
    match node:
        case tree.All(parts):
            return both([condition(part, view) for part in parts])
        case tree.Any(parts):
            return either([condition(part, view) for part in parts])
        case tree.Not(part):
            return frozenset(not truth for truth in condition(part, view))
        case tree.KindIs(kind):
            return frozenset({kind == view.kind})
        case tree.Is(figure):
            found = view.facts.get((figure.name, figure.offset))
            return OPEN if found is None else frozenset({bool(found)})
        case tree.Member(figure, values):
            return member(view.facts.get((figure.name, figure.offset)), values)
        case tree.Holds(ids):
            return (
                OPEN if view.held is None else either([valid(h, view.span) for i in ids for h in view.held.get(i, [])])
            )
        case tree.Expires(ids):
            return (
                OPEN if view.held is None else either([ends(h, view.cycle) for i in ids for h in view.held.get(i, [])])
            )
        case tree.Compare(op, left, right):
            if isinstance(left, tree.Growth):
                assert isinstance(right, tree.Const)
                steps = left.last - left.first
                target = (1 + Fraction(right.value)) ** steps
                return compare(
                    op,
                    quotient(growth_figure(left, left.last, view), growth_figure(left, left.first, view)),
                    (target, target),
                )
            return compare(op, number(left, view), number(right, view))


def member(found: Any, values: tuple[str, ...]) -> Possible:
    """Return whether one of *values* is found: in a set of possible classes, a chain of codes, or a single word."""
    if found is None:
        return OPEN
    if isinstance(found, frozenset):
        return frozenset(one in values for one in found)
    if isinstance(found, tuple):
        return frozenset({any(one in values for one in found)})
    return frozenset({found in values})


def valid(held: Holding, span: DateSpan) -> Possible:
    """Return whether a recognition is valid, day by day over the application span."""
    granted, expires, sure = held
    found: set[bool] = set()
    for day in days(span):
        if (granted is not None and day < granted) or (expires is not None and day > expires):
            found |= {False}
        else:
            found |= {True} if sure else {True, False}
    return frozenset(found)


def ends(held: Holding, cycle: int) -> Possible:
    """Return whether a recognition expires in the year of the cycle."""
    _, expires, sure = held
    return frozenset({expires is not None and expires.year == cycle}) if sure else OPEN


def days(span: DateSpan) -> Iterator[date]:
    """Yield every day of *span*."""
    day = span.earliest
    while day <= span.latest:
        yield day
        day += timedelta(days=1)


def compare(op: str, left: Number, right: Number) -> Possible:
    """Return what the comparison of two intervals can be."""
    if left is None or right is None:
        return OPEN
    can_be_less, can_be_more = left[0] < right[1], left[1] > right[0]
    can_be_equal = left[0] <= right[1] and right[0] <= left[1]
    true, false = {
        "<": (can_be_less, can_be_equal or can_be_more),
        "<=": (can_be_less or can_be_equal, can_be_more),
        ">": (can_be_more, can_be_equal or can_be_less),
        ">=": (can_be_more or can_be_equal, can_be_less),
        "==": (can_be_equal, can_be_less or can_be_more),
        "!=": (can_be_less or can_be_more, can_be_equal),
    }[op]
    return frozenset(truth for truth, can in ((True, true), (False, false)) if can)


# ---- numbers


def interval(value: Any) -> Number:
    """Return a stored answer as an interval."""
    if value is None:
        return None
    low, high = (value.low, value.high) if hasattr(value, "low") else (value, value)
    return Fraction(low), Fraction(high)


def number(node: tree.Value, view: View) -> Number:
    """Return the interval in which *node* lies, None where nothing is known."""
    match node:
        case tree.Const(value):
            return Fraction(value), Fraction(value)
        case tree.Figure(name, offset):
            return interval(view.facts.get((name, offset)))
        case tree.CycleYear():
            return Fraction(view.cycle), Fraction(view.cycle)
        case tree.Sum(terms):
            return combined([number(term, view) for term in terms], sum)
        case tree.Product(left, right):
            return corners(number(left, view), number(right, view), lambda a, b: a * b)
        case tree.Ratio(over, under):
            return quotient(number(over, view), number(under, view))
        case tree.Growth():
            return quotient(growth_figure(node, node.last, view), growth_figure(node, node.first, view))
        case tree.Pick(which, args):
            return combined([number(arg, view) for arg in args], min if which == "min" else max)
        case tree.Floor(arg):
            inner = number(arg, view)
            return None if inner is None else (Fraction(inner[0].__floor__()), Fraction(inner[1].__floor__()))
        case tree.Elapsed(name, unit):
            return elapsed(view.facts.get((name, None)), view.span, unit)
        case tree.CountTrue(args):
            truths = [condition(arg, view) for arg in args]
            return Fraction(sum(t == YES for t in truths)), Fraction(sum(True in t for t in truths))
        case tree.PlatformScore(id_, offset):
            return platform_score(view, id_, view.cycle + offset)
        case tree.Tally():
            return tally(node, view)


def growth_figure(node: tree.Growth, offset: int, view: View) -> Number:
    """Return the figure of one end of a growth."""
    return interval(view.facts.get((node.name, offset)))


def combined(parts: list[Number], how: Any) -> Number:
    """Return the interval of a sum, least or greatest of *parts*: each grows with each of them."""
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return Fraction(how(low for low, _ in known)), Fraction(how(high for _, high in known))


def corners(left: Number, right: Number, how: Any) -> Number:
    """Return the interval spanned by the four corners."""
    if left is None or right is None:
        return None
    found = [how(a, b) for a, b in product(left, right)]
    return min(found), max(found)


def quotient(over: Number, under: Number) -> Number:
    """Return the interval of a quotient; unknown unless the divisor is surely positive."""
    if under is None or under[0] <= 0:
        return None
    return corners(over, under, lambda a, b: a / b)


def platform_score(view: View, id_: str, cycle: int) -> Number:
    """Return the last score on file for a platform's cycle."""
    found: Number = None
    for entry in view.facts.get(("platform_scores", None)) or ():
        if entry.get("id") == id_ and entry.get("cycle") == cycle:
            found = interval(entry.get("score"))
    return found


def elapsed(start: date | None, span: DateSpan, unit: str) -> Number:
    """Return the time since *start*, over every day of the application span."""
    if start is None:
        return None
    found = [
        Fraction((day - start).days) if unit == "days" else years(start, day) for day in (span.earliest, span.latest)
    ]
    return min(found), max(found)


def years(start: date, end: date) -> Fraction:
    """Return the years between two days: anniversaries passed, and the share of the year since the last."""
    if end < start:
        return -years(end, start)
    passed = 0
    while anniversary(start, passed + 1) <= end:
        passed += 1
    last, following = anniversary(start, passed), anniversary(start, passed + 1)
    return passed + Fraction((end - last).days, (following - last).days)


def anniversary(start: date, number_: int) -> date:
    """Return the same day some years later; 28 February where there is no 29th."""
    try:
        return start.replace(year=start.year + number_)
    except ValueError:
        return date(start.year + number_, 2, 28)


def tally(node: tree.Tally, view: View) -> Number:
    """Return the number or the total of the entries that fit, from those that surely do to those that can."""
    entries = view.facts.get((node.name, None))
    if entries is None:
        return None
    low = high = Fraction(0)
    for entry in entries:
        inside = View({(name, None): value for name, value in entry.items()}, view.span, view.cycle, view.kind)
        fits = [condition(node.where, inside)] if node.where else []
        if node.within is not None:
            age = elapsed(entry.get("date"), view.span, "years")
            zero, most = (Fraction(0), Fraction(0)), (Fraction(node.within), Fraction(node.within))
            fits += [compare(">=", age, zero), compare("<=", age, most)]
        possible = both(fits)
        if possible == NO:
            continue
        amount = (Fraction(1), Fraction(1)) if node.field is None else interval(entry.get(node.field))
        if amount is None:
            return None
        low += amount[0] if possible == YES else 0
        high += amount[1]
    return low, high
