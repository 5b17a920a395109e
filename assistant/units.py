"""A unit says what a number counts; numbers are exact: int, or Fraction where int cannot hold them.

Base units: money in 分 (so 万元 with six decimals is a whole number), ratios as fractions of one,
durations in years or days, everything else in its own unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

Number = int | Fraction


@dataclass(frozen=True, slots=True)
class Unit:
    """A named unit: *factor* base units of its *dimension* each."""

    symbol: str
    dimension: str
    factor: Number


def _units(dimension: str, **factors: Number) -> list[Unit]:
    return [Unit(symbol, dimension, factor) for symbol, factor in factors.items()]


UNITS: dict[str, Unit] = {
    unit.symbol: unit
    for unit in [
        *_units("money", 元=100, 万元=1_000_000, 亿元=10_000_000_000),
        Unit("%", "ratio", Fraction(1, 100)),
        *_units("people", 人=1),
        *_units("items", 项=1, 件=1, 个=1, 种=1, 款=1, 类=1, 处=1),
        *_units("bodies", 家=1),
        *_units("rank", 名=1),
        *_units("times", 次=1),
        *_units("points", 分=1),
        *_units("years", 年=1),
        *_units("days", 天=1),
        *_units("months", 个月=1),
        *_units("cycles", 年度=1),
        *_units("area", 平方米=1, 万平方米=10_000, 公顷=10_000, 平方公里=1_000_000),
        *_units("mu", 亩=1, 万亩=10_000),
        *_units("power", 千瓦=1, 兆瓦=1000),
        *_units("mass", 吨=1, 万吨=10_000),
        *_units("coal", 吨标准煤=1),
        *_units("energy", 千瓦时=1, 万千瓦时=10_000),
    ]
}


def exact(value: int | str | Decimal | Fraction) -> Number:
    """Return *value* as an exact number: an int where it is whole."""
    number = Fraction(value)
    return number.numerator if number.denominator == 1 else number


def to_base(value: int | str | Decimal | Fraction, unit: Unit) -> Number:
    """Return *value* given in *unit* in base units."""
    return exact(Fraction(value) * unit.factor)


def from_base(value: Number, unit: Unit) -> Number:
    """Return a base-unit *value* in *unit*."""
    return exact(Fraction(value) / unit.factor)


def decimal_text(value: Number, *, places: int = 6, grouped: bool = True) -> str:
    """Return *value* in decimal notation without trailing zeros, cut (never rounded up) at *places*.

    Cutting keeps 2.9999999 % from being printed as the 3 % it misses.
    """
    sign = "-" if value < 0 else ""
    scaled = abs(Fraction(value)) * 10**places
    whole, fraction = divmod(scaled.numerator // scaled.denominator, 10**places)
    digits = f"{fraction:0{places}d}".rstrip("0")
    text = f"{whole:,}" if grouped else str(whole)
    return f"{sign}{text}.{digits}" if digits else f"{sign}{text}"
