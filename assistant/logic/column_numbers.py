"""A number in columns is exact: whole numbers times a fixed scale, over a positive divisor where there is one.

Every number carries the greatest magnitude it can have, so arithmetic is widened to 128 bits before it could overflow
and refused (`Uncovered`) where even they would not hold it. Null is unknown; both ends of a number are null together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import gcd

import polars as pl

from assistant.logic.tree import Comparator
from assistant.units import Number

NARROW, WIDE = 2**63 - 1, 2**127 - 1
ONE = Fraction(1)


class Uncovered(Exception):
    """A formula that cannot be computed in columns without losing exactness."""


@dataclass(frozen=True, slots=True)
class End:
    """Whole numbers *num*, none greater than *most*, over positive *den* (None = 1); Int64 where *most* fits."""

    num: pl.Expr
    most: int
    den: pl.Expr | None = None
    den_most: int = 1

    @property
    def known(self) -> pl.Expr:
        """Where there is a number."""
        return self.num.is_not_null()


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number or a range: its ends times *scale*, a positive fraction; *low* is *high* where no row has a range."""

    low: End
    high: End
    scale: Fraction = ONE

    @property
    def is_ranged(self) -> bool:
        """Tell whether a row can have a range."""
        return self.low is not self.high


def constant(value: Number) -> Quantity:
    """Return a written number."""
    exact = Fraction(value)
    sign = (exact > 0) - (exact < 0)
    end = End(pl.lit(sign, dtype=pl.Int64), 1)
    return Quantity(end, end, abs(exact) or Fraction(1))


def column(low: pl.Expr, high: pl.Expr | None, most: int, scale: Fraction) -> Quantity:
    """Return the Int64 columns of a number (or of both ends of a range), none greater than *most*."""
    end = End(low, most)
    return Quantity(end, end if high is None else End(high, most), scale)


def unknown() -> Quantity:
    """Return the number that no row has."""
    end = End(pl.lit(None, dtype=pl.Int64), 1)
    return Quantity(end, end)


# ---- whole numbers


def widened(num: pl.Expr, most: int, needed: int) -> pl.Expr:
    """Return *num* (at most *most*) in a type that holds *needed*.

    Raises:
        Uncovered: no type does.

    """
    if needed > WIDE:
        raise Uncovered(f"10^{len(str(needed)) - 1}")
    return num.cast(pl.Int128) if most <= NARROW < needed else num


def whole(value: int, like: int) -> pl.Expr:
    """Return a literal of the type that holds *like*."""
    return pl.lit(value, dtype=pl.Int64 if max(like, abs(value)) <= NARROW else pl.Int128)


def times(num: pl.Expr, most: int, factor: int) -> tuple[pl.Expr, int]:
    """Return *num* times a fixed *factor*."""
    if factor == 1:
        return num, most
    needed = max(most * abs(factor), abs(factor))
    return widened(num, most, needed) * whole(factor, needed), needed


def product(left: pl.Expr, left_most: int, right: pl.Expr, right_most: int) -> tuple[pl.Expr, int]:
    """Return the product of two columns of whole numbers."""
    needed = max(left_most * right_most, left_most, right_most)
    return widened(left, left_most, needed) * widened(right, right_most, needed), needed


def plus(left: pl.Expr, left_most: int, right: pl.Expr, right_most: int) -> tuple[pl.Expr, int]:
    """Return the sum of two columns of whole numbers."""
    needed = left_most + right_most
    return widened(left, left_most, needed) + widened(right, right_most, needed), needed


def fit(num: pl.Expr, most: int, needed: int) -> tuple[pl.Expr, int]:
    """Return *num* in a type shared with one that holds *needed*."""
    return widened(num, most, needed), max(most, needed)


# ---- ends


def _over(end: End) -> tuple[pl.Expr, int]:
    return (whole(1, 1), 1) if end.den is None else (end.den, end.den_most)


def _crossed(left: End, right: End, p: int = 1, q: int = 1) -> tuple[pl.Expr, pl.Expr]:
    """Return two whole numbers that compare as p x left and q x right do."""
    a, b = times(left.num, left.most, p), times(right.num, right.most, q)
    if right.den is not None:
        a = product(*a, right.den, right.den_most)
    if left.den is not None:
        b = product(*b, left.den, left.den_most)
    needed = max(a[1], b[1])
    return _folded(fit(*a, needed)[0]), _folded(fit(*b, needed)[0])


def _folded(num: pl.Expr) -> pl.Expr:
    """Return what rests on no column as one literal: Polars 2.1 takes a widened one for a column of one row."""
    if num.meta.root_names() or num.meta.is_literal() or "element()" in str(num):  # an entry of a list has no name
        return num
    found = pl.select(num).to_series()
    return pl.lit(found.item(), dtype=found.dtype)


def _sum(left: End, right: End) -> End:
    if left.den is None and right.den is None:
        return End(*plus(left.num, left.most, right.num, right.most))
    a = product(left.num, left.most, *_over(right)) if right.den is not None else (left.num, left.most)
    b = product(right.num, right.most, *_over(left)) if left.den is not None else (right.num, right.most)
    return End(*plus(*a, *b), *product(*_over(left), *_over(right)))


def _product(left: End, right: End) -> End:
    num = product(left.num, left.most, right.num, right.most)
    if left.den is None and right.den is None:
        return End(*num)
    return End(*num, *product(*_over(left), *_over(right)))


def _quotient(over: End, under: End, positive: pl.Expr) -> End:
    """Return over / under where *positive* holds of the divisor."""
    num = (over.num, over.most) if under.den is None else product(over.num, over.most, under.den, under.den_most)
    den = (under.num, under.most) if over.den is None else product(under.num, under.most, over.den, over.den_most)
    return End(pl.when(positive & den[0].is_not_null()).then(num[0]), num[1], *den)


def _times(end: End, factor: int) -> End:
    return End(*times(end.num, end.most, factor), end.den, end.den_most)


def chosen(condition: pl.Expr, left: End, right: End) -> End:
    """Return *left* where *condition* holds, else *right*; null where either is."""
    needed = max(left.most, right.most)
    both = left.known & right.known
    num = pl.when(both & condition).then(fit(left.num, left.most, needed)[0])
    num = num.when(both).then(fit(right.num, right.most, needed)[0])  # type: ignore[assignment]  # a chain of `when`
    if left.den is None and right.den is None:
        return End(num, needed)
    (a, a_most), (b, b_most) = _over(left), _over(right)
    den_most = max(a_most, b_most)
    den = pl.when(condition).then(fit(a, a_most, den_most)[0]).otherwise(fit(b, b_most, den_most)[0])
    return End(num, needed, den, den_most)


def _least(left: End, right: End) -> End:
    a, b = _crossed(left, right)
    return chosen(a <= b, left, right)


def _greatest(left: End, right: End) -> End:
    a, b = _crossed(left, right)
    return chosen(a >= b, left, right)


# ---- quantities


def _paired(how: Callable[[End, End], End], left: Quantity, right: Quantity, scale: Fraction) -> Quantity:
    low = how(left.low, right.low)
    return Quantity(low, how(left.high, right.high) if left.is_ranged or right.is_ranged else low, scale)


def rescaled(value: Quantity, scale: Fraction) -> Quantity:
    """Return the same number on a finer *scale*, of which its own is a multiple."""
    factor = value.scale / scale
    assert factor.denominator == 1, "a coarser scale would lose what it cannot hold"
    low = _times(value.low, factor.numerator)
    return Quantity(low, _times(value.high, factor.numerator) if value.is_ranged else low, scale)


def shared(parts: list[Quantity]) -> list[Quantity]:
    """Return all *parts* on one scale."""
    scale = reduce(_common, [part.scale for part in parts])
    return [rescaled(part, scale) for part in parts]


def _common(left: Fraction, right: Fraction) -> Fraction:
    """Return the greatest scale of which both are multiples."""
    a, b = left.numerator * right.denominator, right.numerator * left.denominator
    return Fraction(gcd(a, b), left.denominator * right.denominator)


def added(parts: list[Quantity]) -> Quantity:
    """Return the sum; unknown where a part is."""
    if not parts:
        return constant(0)
    return reduce(lambda a, b: _paired(_sum, a, b, a.scale), shared(parts))


def multiplied(left: Quantity, right: Quantity) -> Quantity:
    """Return the product, its ends the least and greatest of all corners."""
    scale = left.scale * right.scale
    if not left.is_ranged and not right.is_ranged:
        end = _product(left.low, right.low)
        return Quantity(end, end, scale)
    corners = [_product(a, b) for a in _ends(left) for b in _ends(right)]
    return Quantity(reduce(_least, corners), reduce(_greatest, corners), scale)


def divided(over: Quantity, under: Quantity) -> Quantity:
    """Return the quotient; unknown unless the divisor is surely positive."""
    positive = under.low.num > 0
    scale = over.scale / under.scale
    if not over.is_ranged and not under.is_ranged:
        end = _quotient(over.low, under.low, positive)
        return Quantity(end, end, scale)
    low_end = chosen(over.low.num >= 0, under.high, under.low) if under.is_ranged else under.low
    high_end = chosen(over.high.num >= 0, under.low, under.high) if under.is_ranged else under.low
    return Quantity(_quotient(over.low, low_end, positive), _quotient(over.high, high_end, positive), scale)


def _ends(value: Quantity) -> tuple[End, ...]:
    return (value.low, value.high) if value.is_ranged else (value.low,)


def picked(which: str, parts: list[Quantity]) -> Quantity:
    """Return the least or greatest of *parts*; unknown where one is."""
    how = _least if which == "min" else _greatest
    return reduce(lambda a, b: _paired(how, a, b, a.scale), shared(parts))


def floored(value: Quantity) -> Quantity:
    """Return the whole part."""
    low = _floor(value.low, value.scale)
    return Quantity(low, _floor(value.high, value.scale) if value.is_ranged else low)


def _floor(end: End, scale: Fraction) -> End:
    num, most = times(end.num, end.most, scale.numerator)
    den, den_most = times(*_over(end), scale.denominator)
    needed = max(most, den_most)
    return End(fit(num, most, needed)[0] // fit(den, den_most, needed)[0], needed)


def compared(op: Comparator, left: Quantity, right: Quantity) -> pl.Expr:
    """Return whether *left* *op* *right*: null where only part of a range agrees, or a number is not known."""
    scale = left.scale / right.scale
    p, q = scale.numerator, scale.denominator
    if not left.is_ranged and not right.is_ranged:
        return _plainly(op, *_crossed(left.low, right.low, p, q))
    match op:
        case "==" | "!=":
            equal = _plainly("==", *_crossed(left.low, right.high, p, q)) & _plainly(
                "==", *_crossed(left.high, right.low, p, q)
            )
            apart = _plainly("<", *_crossed(left.high, right.low, p, q)) | _plainly(
                ">", *_crossed(left.low, right.high, p, q)
            )
            return _decided(equal, ~apart) if op == "==" else _decided(apart, ~equal)
        case ">=" | ">":
            sure, possible = (left.low, right.high), (left.high, right.low)
        case _:
            sure, possible = (left.high, right.low), (left.low, right.high)
    return _decided(_plainly(op, *_crossed(*sure, p, q)), _plainly(op, *_crossed(*possible, p, q)))


def _decided(sure: pl.Expr, possible: pl.Expr) -> pl.Expr:
    return pl.when(sure == possible).then(sure)


def _plainly(op: Comparator, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    match op:
        case ">=":
            return left >= right
        case ">":
            return left > right
        case "<=":
            return left <= right
        case "<":
            return left < right
        case "==":
            return left == right
        case "!=":
            return left != right
