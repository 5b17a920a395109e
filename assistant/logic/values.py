"""A value is an exact number, a range of numbers, or unknown (None).

A range is an honest answer ("5..10"): arithmetic keeps every possible result inside it, so a comparison is
decided only where all of the range agrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from assistant.logic.tree import Comparator
from assistant.logic.truth import Truth
from assistant.units import Number, exact


@dataclass(frozen=True, slots=True)
class Range:
    """Somewhere from *low* to *high*, both included, low < high."""

    low: Number
    high: Number


Quantity = Number | Range | None


def between(low: Number, high: Number) -> Number | Range:
    """Return the range, or the number where both ends are equal."""
    return low if low == high else Range(low, high)


def bounds(value: Number | Range) -> tuple[Number, Number]:
    """Return the least and the greatest that *value* can be."""
    return (value.low, value.high) if isinstance(value, Range) else (value, value)


def add(left: Number | Range, right: Number | Range) -> Number | Range:
    """Return the sum."""
    if not isinstance(left, Range) and not isinstance(right, Range):
        return left + right
    (a, b), (c, d) = bounds(left), bounds(right)
    return between(a + c, b + d)


def multiply(left: Number | Range, right: Number | Range) -> Number | Range:
    """Return the product."""
    if not isinstance(left, Range) and not isinstance(right, Range):
        return left * right
    ends = [a * b for a in bounds(left) for b in bounds(right)]
    return between(min(ends), max(ends))


def divide(over: Number | Range, under: Number | Range) -> Quantity:
    """Return the quotient; unknown unless the divisor is surely positive."""
    low, high = bounds(under)
    if low <= 0:
        return None
    if not isinstance(over, Range) and low == high:
        return exact(Fraction(over) / low)
    ends = [Fraction(a) / b for a in bounds(over) for b in (low, high)]
    return between(exact(min(ends)), exact(max(ends)))


def compare(op: Comparator, left: Number | Range, right: Number | Range) -> Truth:
    """Return whether *left* *op* *right*: unknown where only part of a range agrees."""
    (a, b), (c, d) = bounds(left), bounds(right)
    match op:
        case ">=":
            return True if a >= d else False if b < c else None
        case ">":
            return True if a > d else False if b <= c else None
        case "<=":
            return True if b <= c else False if a > d else None
        case "<":
            return True if b < c else False if a >= d else None
        case "==":
            return True if a == b == c == d else False if b < c or a > d else None
        case "!=":
            return False if a == b == c == d else True if b < c or a > d else None
