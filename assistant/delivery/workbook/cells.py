"""A cell holds one answer: how an answer stands in a cell, and what the content of a cell means.

What cells hold is accepted where it can mean one thing only: 1,234.5 and １２３ are numbers, 2024年5月18日 is a day.
Everything else is refused; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from assistant.company.answers import UNKNOWN, AnswerError, is_unknown, read_date, read_flag
from assistant.company.facts import FactSpec
from assistant.company.handwriting import folded, read_day, read_handwriting, simple, written_industry
from assistant.company.lists import Lists
from assistant.delivery.agenda import words
from assistant.delivery.workbook.numbers import Cell, Meant, number, number_text
from assistant.errors import nearest

Value = str | int | float | Decimal | bool | date | None

_SAID: Mapping[str, str] = words("workbook", "zh")["answers"]
YES, NO, NOT_KNOWN, NONE, LEFT_OUT = (_SAID[key] for key in ("yes", "no", "unknown", "none", "left_out"))
SEPARATOR = "；"  # between several choices, whose names have 、 in them
_PARTS = (r"[;；\n]", r"[;；\n,，、]")
_SERIALS = range(18_264, 73_051)  # days that a spreadsheet counts for 1950 to 2100
_EPOCH = date(1899, 12, 30)


def shown(raw: Any, spec: FactSpec, lists: Lists) -> Value:
    """Return what stands in the cell of the answer *raw*; None for no answer."""
    if raw is None:
        return None
    if is_unknown(raw):
        return NOT_KNOWN
    if spec.numeric:
        return number_text(raw)
    match spec.kind:
        case "flag":
            return YES if read_flag(raw) else NO
        case "choice":
            chosen = raw if isinstance(raw, list | tuple) else [raw]
            return SEPARATOR.join(_label(one, spec) for one in chosen) or NONE
        case "industry":
            return industry_text(str(raw).strip(), lists)
        case "date":
            return read_date(raw, date.max, future=True)
        case _:
            return str(raw)


def _label(raw: Any, spec: FactSpec) -> str:
    text = "none" if raw is None or raw is False else str(raw).strip()
    return spec.choices.get(text, text)


def industry_text(code: str, lists: Lists) -> str:
    """Return an industry's code with its name."""
    digits = code[1:] if code[:1].isalpha() and len(code) > 1 else code.upper()
    known = lists.industries.get(digits)
    return f"{code} {known[0]}" if known else code


def meant(cell: Cell, spec: FactSpec, lists: Lists, day_one: date = _EPOCH) -> Meant:
    """Return the answer in *cell* as a profile's file has it; *day_one*: where the workbook's days begin.

    Raises:
        AnswerError: it cannot be used, or could mean different things.

    """
    value = cell.usable()
    if isinstance(value, str) and is_unknown(simple(value)):
        return Meant(UNKNOWN)
    if spec.numeric:
        return number(cell, spec)
    match spec.kind:
        case "flag":
            return Meant(_flag(value, spec, lists))
        case "choice":
            return Meant(_choices(value, spec) if spec.multiple else _choice(_text(value), spec))
        case "date":
            return _day(value, day_one)
        case "industry":
            return Meant(written_industry(_text(value), lists))
        case "city":
            return Meant(simple(_text(value)))
        case _:
            return Meant(_text(value))


def _text(value: Any) -> str:
    """Return what a cell of text says; a number in it as it is shown."""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, int | float):
        return str(number_text(Decimal(format(value, ".15g"))))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value)


def _flag(value: Any, spec: FactSpec, lists: Lists) -> bool:
    if isinstance(value, bool):
        return value
    read = read_handwriting(value, spec, lists) if isinstance(value, str) else value
    if isinstance(read, bool):
        return read
    raise AnswerError("cell-flag", found=_text(value), expected=f"{YES}、{NO}、{NOT_KNOWN}")


def _choice(text: str, spec: FactSpec) -> str:
    known = {folded(label): id_ for id_, label in spec.choices.items()} | {id_: id_ for id_ in spec.choices}
    if (found := known.get(folded(text))) is not None:
        return found
    close = spec.choices.get(nearest(text, spec.choices), "") or nearest(text, spec.choices.values())
    raise AnswerError("cell-choice", found=text, expected="、".join(spec.choices.values()), nearest=close, label="")


def _choices(value: Any, spec: FactSpec) -> list[str]:
    text = _text(value)
    if folded(text) == folded(NONE):
        return []
    first: AnswerError | None = None
    for signs in _PARTS:
        parts = [part for part in re.split(signs, text) if part.strip()]
        try:
            return list(dict.fromkeys(_choice(part, spec) for part in parts))
        except AnswerError as error:
            first = first or error
    assert first is not None
    raise first


def _day(value: Any, day_one: date) -> Meant:
    if isinstance(value, datetime):
        return Meant(value.date())
    if isinstance(value, date):
        return Meant(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value in _SERIALS:
        day = day_one + timedelta(days=value)
        return Meant(day, day.isoformat())
    return Meant(read_date(read_day(_text(value)), date.max, future=True))
