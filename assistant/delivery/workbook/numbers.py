"""A number in a cell: as a number, as a text with separators and units, as a share, or as a range."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, Literal

from assistant.company.answers import AnswerError, read_number
from assistant.company.facts import FactSpec
from assistant.logic.values import Range
from assistant.units import Number, Unit, decimal_text, from_base

PRECISE = 15  # digits that a spreadsheet keeps of a number
_SCALES = {"十万": 10, "百万": 100, "千万": 1000, "万": 1, "亿": 10_000}  # in 万
_PLAIN = re.compile(r"-?\d+(\.\d+)?$")
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(,\d{3})+(?![\d,])")
_AMOUNT = re.compile(r"(-?\d+(?:\.\d+)?)\s*([十百千]?万|亿)?\s*([^\d\s.~-]\S*)?$")
_ENDS = re.compile(r"(.*?\d\s*[^\d\s.~-]*)\s*(?:\.{2,}|~|至|到|-{1,2})\s*(\d.*)$")
_DASHES = str.maketrans(dict.fromkeys("−–—―‒", "-") | dict.fromkeys("\u200b\u200e\u200f\ufeff"))
_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|[_*].')  # what a number format shows as it is
_SHIFTED = re.compile(r"[0#?],+(?![0#?,])|[!\\]\.")  # a format that shows a number in thousands or 万


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell holds, and how it is shown; `formula`: one whose result is not stored, `error`: one that failed."""

    value: Any
    format: str = "General"
    kind: Literal["value", "formula", "error"] = "value"

    @property
    def blank(self) -> bool:
        """Tell whether nothing stands in it."""
        return self.kind == "value" and (self.value is None or (isinstance(self.value, str) and not simple(self.value)))

    def usable(self) -> Any:
        """Return the value.

        Raises:
            AnswerError: there is none.

        """
        if self.kind == "formula":
            raise AnswerError("cell-formula", found=self.value)
        if self.kind == "error":
            raise AnswerError("cell-error", found=self.value)
        return self.value


@dataclass(frozen=True, slots=True)
class Meant:
    """The answer in a cell, as a profile's file has it; *told*: what was understood, where that should be said."""

    raw: Any
    told: str = ""


def simple(text: str) -> str:
    """Return *text* with plain digits and signs, without blanks around it."""
    return unicodedata.normalize("NFKC", text).translate(_DASHES).strip()


def number_text(raw: Any) -> int | Decimal | str:
    """Return what stands in the cell of a number: itself, or its text where a spreadsheet would round it."""
    if isinstance(raw, int | Decimal):
        digits = f"{raw:f}" if isinstance(raw, Decimal) else str(raw)
        return raw if len(digits.replace(".", "").strip("-0")) <= PRECISE else digits
    return str(raw).strip()


def number(cell: Cell, spec: FactSpec) -> Meant:
    """Return the number or the range in *cell*.

    Raises:
        AnswerError: it is none, or cannot be right.

    """
    unit = spec.unit
    assert unit is not None
    value = cell.usable()
    if isinstance(value, str):
        return _spoken(value, spec, unit)
    if isinstance(value, date | time | timedelta):
        raise AnswerError("cell-day-for-number", found=str(value)[:10], expected=unit.symbol)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise AnswerError("cell-number", found=value, expected=unit.symbol)
    plain = value if isinstance(value, int) else _whole(Decimal(format(value, f".{PRECISE}g")))
    format_ = _LITERAL.sub("", cell.format)
    if "%" in format_:
        return _share(plain, spec, unit)
    if _SHIFTED.search(format_):
        raise AnswerError("cell-shifted", found=_digits(plain), expected=unit.symbol)
    read_number(plain, spec)
    return Meant(plain)


def _whole(value: Decimal) -> int | Decimal:
    return int(value) if value == value.to_integral_value() else value


def _digits(value: int | Decimal) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _share(value: int | Decimal, spec: FactSpec, unit: Unit) -> Meant:
    """Return a number that the sheet shows as so many per cent."""
    percent = _whole(Decimal(value).scaleb(2))
    if spec.kind != "percent":
        raise AnswerError("wrong-unit", found=f"{_digits(percent)}%", expected=unit.symbol)
    raw = f"{_digits(percent)} %" if 0 < percent < 1 else percent
    read_number(raw, spec)
    return Meant(raw)


def _spoken(text: str, spec: FactSpec, unit: Unit) -> Meant:
    """Return what a text says: as it is where a profile's file may say it so, else in its words."""
    plain = simple(text)
    bare = _GROUPED.sub(lambda found: found[0].replace(",", ""), plain)
    if spec.kind == "money":
        bare = bare.removeprefix("¥").lstrip()
    if _PLAIN.match(bare):
        value = _whole(Decimal(bare))
        read_number(value, spec)
        return Meant(value)
    refused: AnswerError | None = None
    for raw in dict.fromkeys(filter(None, (text.strip(), plain, bare, _amount(bare, unit), _span(bare, unit)))):
        try:
            found = read_number(raw, spec)
        except AnswerError as error:
            refused = error if refused is None or refused.code in _VAGUE else refused
        else:
            return Meant(raw, "" if raw in (text.strip(), plain, bare) else _told(found, unit))
    if refused is None or refused.code in _VAGUE:
        raise AnswerError("cell-number", found=text.strip(), expected=unit.symbol)
    raise refused


_VAGUE = ("number-expected", "wrong-unit", "number-as-text")


def _amount(text: str, unit: Unit) -> str:
    """Return an amount such as 1.4亿 in a unit that it can only mean, or ""."""
    found = _AMOUNT.match(text)
    return "".join(parts) if found and (parts := _parts(found, unit)) else ""


def _parts(found: re.Match[str], unit: Unit) -> tuple[str, str] | None:
    """Return digits and unit of an amount; None where 万 could belong to the unit."""
    digits, scale, symbol = found.groups(default="")
    if not scale:
        return digits, symbol
    if unit.dimension == "money" and symbol in ("", "元"):
        return _times(digits, _SCALES[scale]), "万元"
    if symbol in ("", unit.symbol) and unit.factor == 1:
        return _times(digits, _SCALES[scale] * 10_000), unit.symbol
    return None


def _times(digits: str, factor: int) -> str:
    return _digits(_whole(Decimal(digits) * factor))


def _span(text: str, unit: Unit) -> str:
    """Return a range such as 500万～800万 or 5-10 as a profile's file would say it, or ""."""
    ends = _ENDS.match(text)
    low, high = (_AMOUNT.match(end.strip()) for end in ends.groups()) if ends else (None, None)
    if not low or not high:
        return ""
    above = _parts(high, unit)
    same = low.group(2, 3) == (None, None) and high.group(2)
    below = _parts(_AMOUNT.match(low[1] + high[0][len(high[1]) :]) or low, unit) if same else _parts(low, unit)
    if below is None or above is None or below[1] not in ("", above[1]):
        return ""
    return f"{below[0]}..{above[0]}{above[1]}"


def _told(value: Number | Range, unit: Unit) -> str:
    ends = (value.low, value.high) if isinstance(value, Range) else (value,)
    return "～".join(decimal_text(from_base(end, unit)) for end in ends) + f" {unit.symbol}"
