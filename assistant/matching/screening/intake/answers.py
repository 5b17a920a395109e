"""One cell of a foreign table, as a profile's file would have the same answer; exact, never a guess.

What stands in forms and workbooks is read by the same reader of handwriting. Tables have a few ways more: 1 and 0 for
yes and no, days as the numbers that a spreadsheet counts, midnight behind a day, `-` and `N/A` for no answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from assistant.company.answers import LARGEST, UNKNOWN, AnswerError, read_answer, read_number
from assistant.company.facts import FactSpec
from assistant.company.handwriting import folded, read_day, read_handwriting, simple, written_industry
from assistant.company.lists import Lists
from assistant.company.writing import typed
from assistant.errors import nearest
from assistant.units import UNITS, Unit, exact

BLANKS = frozenset({"", "-", "--", "---", "—", "——", "–", "―", "/", "//", "n/a", "na", "null", "n.a."})  # folded
MARK = "\x1a"  # begins a cell that cannot be used: the code of what is wrong, then what was found
NO_KIND, NOT_FINITE = "cell-kind", "cell-not-finite"
DAY_ONE = date(1899, 12, 30)
_MIDNIGHT = re.compile(r"[ T]\s*0{1,2}:00(:00(\.0+)?)?Z?$")
_SERIAL = re.compile(r"([0-9]{5})(?:\.0+)?$")
_SERIALS = range(18_264, 73_051)  # days that a spreadsheet counts for 1950 to 2100
_ONE = {"1": True, "1.0": True, "0": False, "0.0": False, "y": True, "n": False, "t": True, "f": False}
_PARTS = (r"[;；\n]", r"[;；\n,，、]")
_NONE = ("无", "没有")


@dataclass(frozen=True, slots=True)
class Setting:
    """What cells are read with: the lists, the day, and where a workbook's days begin."""

    lists: Lists
    on: date
    day_one: date = DAY_ONE


def in_unit(spec: FactSpec, unit: Unit | None) -> FactSpec:
    """Return the declaration of a fact that is written in another *unit* of its dimension."""
    if spec.unit is None or unit is None or unit == spec.unit:
        return spec
    share = Fraction(spec.unit.factor) / Fraction(unit.factor)
    least, most = (None if end is None else exact(end * share) for end in (spec.least, spec.most))
    return replace(spec, unit=unit, least=least, most=exact(LARGEST * share) if most is None else most)


def unit_named(word: str) -> bool:
    """Tell whether a folded word is a unit's name."""
    return word in _NAMED


def is_blank(text: str) -> bool:
    """Tell whether a cell says nothing."""
    return folded(text) in BLANKS


def answer(text: str, spec: FactSpec, at: Setting) -> Any:
    """Return the answer in a cell in base units, None where it is not known.

    Raises:
        AnswerError: it cannot be used, or could mean different things.
        NotListed: an industry code that is well-formed but not in the list.

    """
    if is_blank(text):
        return None
    refuse(text)
    if spec.numeric:
        read = read_handwriting(text, spec, at.lists)
        return None if read == UNKNOWN else read_number(read, spec)
    return read_answer(_meant(text, spec, at), spec, at.lists, at.on)


def refuse(text: str) -> None:
    """Refuse a cell that is marked as not usable."""
    if text.startswith(MARK):
        _, code, found = text.split(MARK)
        raise AnswerError(code, found=found)


def _meant(text: str, spec: FactSpec, at: Setting) -> Any:
    match spec.kind:
        case "flag":
            return _ONE.get(folded(text), read_handwriting(text, spec, at.lists))
        case "date":
            return day(text, at)
        case "choice":
            return _choices(text, spec) if spec.multiple else _choice(text, spec)
        case "industry":
            return _industry(text, at)
        case "city":
            return simple(text)
        case "events":
            return typed(text, spec)
        case _:
            return text.strip()


def day(text: str, at: Setting) -> date | str:
    """Return the day in a cell: as people or spreadsheets write it, or the text itself."""
    plain = _MIDNIGHT.sub("", simple(text))
    if (found := _SERIAL.match(plain)) and int(found[1]) in _SERIALS:
        return at.day_one + timedelta(days=int(found[1]))
    return read_day(plain)


def _industry(text: str, at: Setting) -> str:
    plain = simple(text)
    if f"0{plain}" in at.lists.industries:  # it may have lost the 0 that a code begins with, as numbers do
        raise AnswerError("industry-as-number", found=plain, expected=f"0{plain}")
    return written_industry(text, at.lists)


def _choice(text: str, spec: FactSpec) -> str:
    known = {folded(label): id_ for id_, label in spec.choices.items()} | {id_: id_ for id_ in spec.choices}
    if (found := known.get(folded(text))) is not None:
        return found
    if folded(text) == UNKNOWN or read_day(text) == UNKNOWN:
        return UNKNOWN
    close = spec.choices.get(nearest(text, spec.choices), "") or nearest(text, spec.choices.values())
    raise AnswerError("cell-choice", found=text, expected="、".join(spec.choices.values()), nearest=close, label="")


def _choices(text: str, spec: FactSpec) -> list[str] | str:
    if folded(text) in _NONE:
        return []
    if read_day(text) == UNKNOWN:
        return UNKNOWN
    return list(dict.fromkeys(apart(text, lambda part: _choice(part, spec))))


def apart(text: str, read: Any) -> list[Any]:
    """Return what *read* makes of each part of *text*; names may have 、 in them."""
    first: AnswerError | None = None
    for signs in _PARTS:
        try:
            return [read(part.strip()) for part in re.split(signs, text) if part.strip()]
        except AnswerError as error:
            first = first or error
    assert first is not None
    raise first


def units_of(spec: FactSpec) -> Mapping[str, Unit]:
    """Return the units that a column of a fact may be written in, by what a header calls them."""
    if spec.unit is None:
        return {}
    known = {**UNITS, **_MORE}
    return {symbol: unit for symbol, unit in known.items() if unit.dimension == spec.unit.dimension}


_MORE = {
    "千元": Unit("千元", "money", 100_000),
    "百万元": Unit("百万元", "money", 100_000_000),
    "千万元": Unit("千万元", "money", 1_000_000_000),
    "万": UNITS["万元"],
    "亿": UNITS["亿元"],
    "yuan": UNITS["元"],
    "rmb": UNITS["元"],
    "cny": UNITS["元"],
    "人民币": UNITS["元"],
    "percent": UNITS["%"],
    "万人": Unit("万人", "people", 10_000),
}
_NAMED = frozenset(map(folded, (*UNITS, *_MORE)))
