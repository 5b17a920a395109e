"""Handwriting (手写) is how people write an answer: full-width digits, 12,800, 1.2亿, 5-10, 2018年5月18日.

Forms, workbooks and prompts all read it here, as a profile's file would have it, exactly. What could mean two things is
not read; what cannot be read stays as it is, to be told.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

from assistant.company.answers import UNKNOWN, AnswerError, is_unknown, read_number
from assistant.company.facts import FactSpec
from assistant.company.lists import Lists
from assistant.units import Unit

_LONGEST = 40  # digits of anything that could be meant
_SCALES = {"十万": 10, "百万": 100, "千万": 1000, "万": 1, "亿": 10_000}  # in 万
_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?$")
_GROUPED = re.compile(r"(?<![0-9.,])[0-9]{1,3}(,[0-9]{3})+(?![0-9,])")
_AMOUNT = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)\s*([十百千]?万|亿)?\s*([^\d\s.~-]\S*)?$")
_ENDS = re.compile(r"(.*?[0-9]\s*[^\d\s.~-]*)\s*(?:\.{2,}|~|至|到|-{1,2})\s*([0-9].*)$")
_DASHES = str.maketrans(dict.fromkeys("−–—―‒", "-") | {"〜": "~"} | dict.fromkeys("\u200b\u200e\u200f\ufeff"))
_DAY = re.compile(r"([0-9]{4})\s*(?:年|[-/.])\s*([0-9]{1,2})\s*(?:月|[-/.])\s*([0-9]{1,2})\s*日?")
_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_CODE = re.compile(r"([A-Ta-t]?[0-9]{2,4}|[A-Ta-t])(?:\s|$)")
_FLAGS = {
    "yes": True,
    "true": True,
    "是": True,
    "有": True,
    "√": True,
    "✓": True,
    "✔": True,
    "no": False,
    "false": False,
    "否": False,
    "无": False,
    "没有": False,
    "×": False,
    "✗": False,
    "✘": False,
}


def read_handwriting(text: str, spec: FactSpec, lists: Lists) -> Any:
    """Return what *text* means as an answer to *spec*."""
    if is_unknown(simple(text)):
        return UNKNOWN
    if spec.numeric:
        return written_number(text, spec)
    if spec.kind == "date":
        return read_day(text)
    if spec.kind == "industry":
        return written_industry(text, lists)
    return _FLAGS.get(simple(text).lower(), text) if spec.kind == "flag" else text


def simple(text: str) -> str:
    """Return *text* with plain digits and signs, without blanks around it."""
    return unicodedata.normalize("NFKC", text).translate(_DASHES).strip()


def folded(text: str) -> str:
    """Return *text* as names are compared: whatever its widths, blanks and capitals."""
    return simple(text).replace(" ", "").lower()


# ---- days


def read_day(text: str) -> date | str:
    """Return the day that *text* writes, as digits where the calendar has none such, or the text itself."""
    plain = simple(text)
    if is_unknown(plain):
        return UNKNOWN
    found = _DAY.fullmatch(plain) or _DIGITS.fullmatch(plain)
    if not found:
        return text
    year, month, day = map(int, found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return f"{year:04}-{month:02}-{day:02}"


# ---- industries


def written_industry(text: str, lists: Lists) -> str:
    """Return the code of an industry given by code, by its whole name, or by both; else the text."""
    plain = simple(text)
    if found := _CODE.match(plain):
        return found[1].upper()
    codes = [code for code, (name, _) in lists.industries.items() if folded(name) == folded(plain)]
    deepest = max(codes, key=len, default="")
    return lists.ancestors(deepest)[0] + deepest if len(deepest) > 1 else plain


def industries(text: str, lists: Lists, most: int = 20) -> tuple[tuple[str, str], ...]:
    """Return the industries that a word or the beginning of a code names, by code, the most particular first."""
    word = simple(text)
    digits = word[1:] if word[:1].isascii() and word[:1].isalpha() else word
    if not word:
        return ()
    named = [code for code, (label, _) in lists.industries.items() if word in label and code.isdigit()]
    if digits.isdigit():
        named += [code for code in lists.industries if code.startswith(digits)]
    named.sort(key=lambda code: (-len(code), code))
    return tuple((f"{lists.ancestors(code)[0]}{code}", lists.industries[code][0]) for code in named[:most])


# ---- numbers


def written_number(text: str, spec: FactSpec) -> int | Decimal | str:
    """Return the number or the range that *text* writes; what cannot be right stays as plainly as it can be told."""
    found = readings(text, spec)
    for raw in found:
        with suppress(AnswerError):
            read_number(raw, spec)
            return raw
    return found[0] if len(found) == 1 else simple(text)


def readings(text: str, spec: FactSpec) -> tuple[int | Decimal | str, ...]:
    """Return what *text* may mean as a number or a range, the plainest first: at most one of them can be right."""
    unit = spec.unit
    assert unit is not None
    plain = simple(text)
    bare = _GROUPED.sub(lambda found: found[0].replace(",", ""), plain)
    if spec.kind == "money":
        bare = bare.removeprefix("¥").lstrip()
    if len(bare) > _LONGEST:
        return (plain,)
    if _PLAIN.match(bare):
        return (whole(Decimal(bare)),)
    return tuple(dict.fromkeys(filter(None, (text.strip(), plain, bare, _amount(bare, unit), _span(bare, unit)))))


def whole(value: Decimal) -> int | Decimal:
    """Return *value* as an int where it is one."""
    return int(value) if value == value.to_integral_value() else value


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
    return f"{Decimal(whole(Decimal(digits) * factor)):f}"


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
