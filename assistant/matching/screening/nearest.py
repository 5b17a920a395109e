"""The nearest gap is the failed criterion that falls short by the least share of what is required.

It is one of those that alone close a gap, by a single comparison with a number: of a figure, a sum of one fact's
figures, or a quotient over either.

Its amount is exact: the least whole number of the column's units by which the fact (over a quotient, the divisor
unchanged) must change for the comparison to hold. The share only ranks gaps against each other, in floating point.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import polars as pl

from assistant.logic import tree
from assistant.logic.column_numbers import NARROW, End, fit, plus, times, whole
from assistant.logic.columns import Setting, placed, value
from assistant.matching.screening.reading import Reading
from assistant.matching.screening.view import View
from assistant.rulebook.requirement import Criterion, Group, Requirement


class Gap(NamedTuple):
    """A failed part that must be mended: its flag, and the criteria that alone close it."""

    id: str
    flag: pl.Expr
    ways: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Amount:
    """What the amount of a nearest gap counts: *scale* base units of *fact* each."""

    fact: str
    scale: Fraction


def gaps(node: Requirement, reading: Reading, live: pl.Expr | None = None) -> Iterator[Gap]:
    """Yield the parts of *node* that can be gaps; a failed choice is one."""
    if isinstance(node, Group) and node.how == "all":
        if node.when is not None:
            live = reading.of(node).unmet if live is None else live & reading.of(node).unmet
        for member in node.members:
            yield from gaps(member, reading, live)
        return
    unmet = reading.of(node).unmet
    flag = unmet if live is None else unmet & live
    if isinstance(node, Criterion):
        yield Gap(node.id, flag, (node,))
    else:
        ways = node.members if node.how == "any" else ()
        yield Gap(node.id, flag, tuple(way for way in ways if isinstance(way, Criterion)))


def asked(node: Requirement, reading: Reading, live: pl.Expr | None = None) -> Iterator[tuple[Criterion, pl.Expr]]:
    """Yield the criteria of *node* with where they are open and still bear on it."""
    if isinstance(node, Criterion):
        open_ = reading.of(node).truth.is_null()
        yield node, open_ if live is None else open_ & live
        return
    truth = reading.of(node).truth
    if node.how != "all":
        live = truth.is_null() if live is None else live & truth.is_null()
    elif node.when is not None:
        failing = ~truth.fill_null(value=False)
        live = failing if live is None else live & failing
    for member in node.members:
        yield from asked(member, reading, live)


class Short(NamedTuple):
    """By how much a criterion falls short: in the column's units, and as a share of what is required."""

    amount: pl.Expr
    share: pl.Expr
    what: Amount


def short_of(criterion: Criterion, reading: Reading) -> Short | None:
    """Return by how much *criterion* falls short where it failed; None where that is no matter of amount."""
    test = criterion.test
    if not isinstance(test, tree.Compare) or not isinstance(test.right, tree.Const) or test.op in ("==", "!="):
        return None
    own = _measured(test, test.right, reading, reading.own)
    lacks = reading.lacking(test)
    if own is None or lacks is None or reading.other is None:
        return own
    other = _measured(test, test.right, reading, reading.other)
    if other is None:
        return None
    amount, share = (pl.when(lacks & a.is_null()).then(b).otherwise(a) for a, b in zip(own[:2], other[:2], strict=True))
    return Short(amount, share, own.what)


def _measured(test: tree.Compare, bound: tree.Const, reading: Reading, setting: Setting) -> Short | None:
    """Return the shortfall in one setting; null where the comparison does not fail there."""
    moved = test.left.over if isinstance(test.left, tree.Ratio) else test.left
    divisor_of = test.left.under if isinstance(test.left, tree.Ratio) else None
    names = {figure.name for figure in tree.figures(moved)}
    nested = any(isinstance(part, tree.Ratio) for side in (moved, divisor_of) if side for part in tree.walk(side))
    if not isinstance(moved, tree.Figure | tree.Sum) or len(names) != 1 or nested:
        return None
    under = value(divisor_of, setting, reading.view) if divisor_of else None
    over = value(moved, setting, reading.view)
    rising = test.op in (">=", ">")
    end = over.high if rising else over.low
    view = reading.view
    if under is None:
        target = Fraction(bound.value) / over.scale
        found = _short(test, setting, view, end, (whole(1, 1), 1), target)
    else:
        divisor = under.low if rising else under.high
        target = Fraction(bound.value) * under.scale / over.scale
        found = _short(test, setting, view, end, (divisor.num, divisor.most), target)
        found = found and (pl.when(under.low.num > 0).then(found[0]), pl.when(under.low.num > 0).then(found[1]))
    return found and Short(*found, Amount(names.pop(), over.scale))


def _short(
    test: tree.Compare, setting: Setting, view: View, end: End, divisor: tuple[pl.Expr, int], target: Fraction
) -> tuple[pl.Expr, pl.Expr] | None:
    """Return the least whole number that closes target x divisor - end (turned where falling), and its share."""
    if end.den is not None:
        return None
    rising, strict = test.op in (">=", ">"), test.op in (">", "<")
    wanted, wanted_most = times(*divisor, target.numerator)
    found, found_most = times(end.num, end.most, target.denominator)
    low, high = (found, found_most), (wanted, wanted_most)
    if not rising:
        low, high = high, low
    difference, most = plus(*high, -low[0], low[1])
    apart = view.keep(("apart", placed(test, setting, view)), lambda: difference)
    q, most = fit(whole(target.denominator, 0), target.denominator, most)
    amount = apart if target.denominator == 1 else -(-apart // q)
    if strict:
        amount = (apart // q if target.denominator != 1 else apart) + 1
    fails = apart >= 0 if strict else apart > 0
    if most > NARROW:
        amount = pl.when(amount <= NARROW).then(amount).cast(pl.Int64)
    required = wanted.cast(pl.Float64).abs() if target != 0 else pl.lit(1.0)
    return pl.when(fails).then(amount), pl.when(fails).then(apart.cast(pl.Float64) / required)


class Nearest(NamedTuple):
    """The number of the nearest gap's criterion and its amount; what the amount of each criterion counts."""

    place: pl.Expr
    amount: pl.Expr
    counts: Mapping[str, Amount]


def nearest(found: list[Gap], reading: Reading, numbered: Sequence[str]) -> Nearest:
    """Return the nearest of the gaps *found*; the first in rule order where several are as near."""
    flags: dict[str, pl.Expr] = {}
    shorts: dict[str, Short] = {}
    for gap in found:
        for way in gap.ways:
            short = shorts.get(way.id) or short_of(way, reading)
            if short is not None:
                shorts[way.id] = short
                flag = gap.flag & reading.of(way).unmet if len(gap.ways) > 1 or gap.id != way.id else gap.flag
                flags[way.id] = flags[way.id] | flag if way.id in flags else flag
    if not shorts:
        return Nearest(pl.lit(None, dtype=pl.UInt16), pl.lit(None, dtype=pl.Int64), {})
    keep = reading.view.keep
    key = ("nearest", reading.project, reading.own, reading.other)
    shares = {
        id_: keep((*key, id_), lambda id_=id_, short=short: pl.when(flags[id_]).then(short.share))  # type: ignore[misc]
        for id_, short in shorts.items()
    }
    least = keep((*key, "·least"), lambda: pl.min_horizontal(list(shares.values())))
    ids = tuple(shorts)
    at = [shares[id_] == least for id_ in ids]
    place = pl.coalesce(
        [pl.when(one).then(pl.lit(numbered.index(id_), dtype=pl.UInt16)) for one, id_ in zip(at, ids, strict=True)]
    )
    amount = pl.coalesce([pl.when(one).then(shorts[id_].amount) for one, id_ in zip(at, ids, strict=True)])
    return Nearest(place, amount, {id_: short.what for id_, short in shorts.items()})
