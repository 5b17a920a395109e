"""A number in a cell: as a number, as a text with separators and units, as a share, or as a range."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, Literal

from assistant.company.answers import AnswerError, read_number
from assistant.company.facts import FactSpec
from assistant.company.handwriting import readings, simple, whole
from assistant.logic.values import Range
from assistant.units import Number, Unit, decimal_text, from_base

PRECISE = 15  # digits that a spreadsheet keeps of a number
_AS_IT_IS = re.compile(r"[,\s¥]")  # what does not change the meaning of a number
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
    plain = value if isinstance(value, int) else whole(Decimal(format(value, f".{PRECISE}g")))
    format_ = _LITERAL.sub("", cell.format)
    if "%" in format_:
        return _share(plain, spec, unit)
    if _SHIFTED.search(format_):
        raise AnswerError("cell-shifted", found=_digits(plain), expected=unit.symbol)
    read_number(plain, spec)
    return Meant(plain)


def _digits(value: int | Decimal) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _share(value: int | Decimal, spec: FactSpec, unit: Unit) -> Meant:
    """Return a number that the sheet shows as so many per cent."""
    percent = whole(Decimal(value).scaleb(2))
    if spec.kind != "percent":
        raise AnswerError("wrong-unit", found=f"{_digits(percent)}%", expected=unit.symbol)
    raw = f"{_digits(percent)} %" if 0 < percent < 1 else percent
    read_number(raw, spec)
    return Meant(raw)


def _spoken(text: str, spec: FactSpec, unit: Unit) -> Meant:
    """Return what a text says: as it is where a profile's file may say it so, else in its words."""
    refused: AnswerError | None = None
    own = (text.strip(), simple(text))
    for raw in readings(text, spec):
        try:
            found = read_number(raw, spec)
        except AnswerError as error:
            refused = error if refused is None or refused.code in _VAGUE else refused
        else:
            shifted = isinstance(raw, str) and raw not in own and _AS_IT_IS.sub("", raw) != _AS_IT_IS.sub("", own[1])
            return Meant(raw, _told(found, unit) if shifted else "")
    if refused is None or refused.code in _VAGUE:
        raise AnswerError("cell-number", found=text.strip(), expected=unit.symbol)
    raise refused


_VAGUE = ("number-expected", "wrong-unit", "number-as-text")


def _told(value: Number | Range, unit: Unit) -> str:
    ends = (value.low, value.high) if isinstance(value, Range) else (value,)
    return "～".join(decimal_text(from_base(end, unit)) for end in ends) + f" {unit.symbol}"
