"""Handwriting (手写) is how people write an answer: full-width digits, 12,800, 1.2亿, 5-10, 2018年5月18日.

It is read as a profile's file would have it, exactly; what cannot be read stays as it is, to be told.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Any

from assistant.company.answers import UNKNOWN, is_unknown
from assistant.company.facts import FactSpec
from assistant.company.lists import Lists

_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_PLAIN = re.compile(_NUMBER)
_LONGEST = 40  # digits of anything that could be meant
_GROUPED = re.compile(r"(?<![0-9.,])[0-9]{1,3}(?:,[0-9]{3})+(?![0-9,])")
_BETWEEN = re.compile(rf"({_NUMBER})\s*([^\d\s.~-]*?)\s*(?:\.{{2,3}}|[~〜\-–—―]+|至|到)\s*({_NUMBER})\s*(\S*)")
_MONEY = re.compile(r"(?<=[0-9\s])([万亿])$")
_DAY = re.compile(r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?")
_FLAGS = {"yes": True, "no": False, "是": True, "否": False, "有": True, "没有": False, "无": False}


def read_handwriting(text: str, spec: FactSpec, lists: Lists) -> Any:
    """Return what *text* means as an answer to *spec*."""
    if is_unknown(text):
        return UNKNOWN
    if spec.numeric:
        return _number(text, money=spec.kind == "money")
    if spec.kind == "date":
        return read_day(text)
    if spec.kind == "industry":
        return _industry(text, lists)
    return _FLAGS.get(text, text) if spec.kind == "flag" else text


def read_day(text: str) -> date | str:
    """Return the day that *text* writes, as digits where the calendar has none such, or the text itself."""
    if is_unknown(text):
        return UNKNOWN
    found = _DAY.fullmatch(_half(text))
    if not found:
        return text
    year, month, day = map(int, found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return f"{year:04}-{month:02}-{day:02}"


def industries(text: str, lists: Lists, most: int = 20) -> tuple[tuple[str, str], ...]:
    """Return the industries that a word or the beginning of a code names, by code, the most particular first."""
    word = _half(text)
    digits = word[1:] if word[:1].isascii() and word[:1].isalpha() else word
    if not word:
        return ()
    named = [code for code, (label, _) in lists.industries.items() if word in label and code.isdigit()]
    if digits.isdigit():
        named += [code for code in lists.industries if code.startswith(digits)]
    named.sort(key=lambda code: (-len(code), code))
    return tuple((f"{lists.ancestors(code)[0]}{code}", lists.industries[code][0]) for code in named[:most])


def _half(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _number(text: str, *, money: bool) -> int | Decimal | str:
    plain = _GROUPED.sub(lambda found: found[0].replace(",", ""), _half(text))
    if _PLAIN.fullmatch(plain) and len(plain) <= _LONGEST:
        return Decimal(plain) if "." in plain else int(plain)
    if money:
        plain = _MONEY.sub(r"\1元", plain)
    if found := _BETWEEN.fullmatch(plain):
        low, symbol, high, unit = found.groups()
        if symbol in ("", unit):
            return f"{low}..{high}{unit}"
    return plain


def _industry(text: str, lists: Lists) -> str:
    """Return the code of an industry given by code, by its whole name, or by both."""
    plain = _half(text)
    named = [code for code, (label, _) in lists.industries.items() if label == plain]
    return max(named, key=len) if named else plain.partition(" ")[0] if plain[:1].isascii() else plain
