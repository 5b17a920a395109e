"""Titles: the documents that one cell names, one by one, and the number that a document bears."""

from __future__ import annotations

import re
from collections.abc import Iterator

_OPEN, _CLOSE = "《〈（(【〔[", "》〉）)】〕]"
_KINDS = "通知|函|公告|通告|通报|办法|意见|方案|规划|计划|细则|指南|纲要|条例|规定|标准"
_NUMBER = re.compile(r"[（(]([^（()）]*?[〔\[［]\d{4}[〕\]］][^（()）]*?\d+号?)[)）]")
_COMPLETE = re.compile(rf"(?:》|[（(][^（()）]*\d{{4}}[^（()）]*[)）]|(?:{_KINDS})(?:[（(][^（()）]*[)）])?)$")
_GOES_ON = re.compile(r"[的（(》、，；;,和及与等]|通知|有关")
_BEGINS = re.compile(r"《|\d{1,2}[.．、](?!\d)|[（(]\d{1,2}[)）]|[①-⑳]")
_COUNTED = re.compile(r"^(?:\d{1,2}[.．、](?!\d)|[（(]\d{1,2}[)）]|[①-⑳])\s*")
_BETWEEN = re.compile(r"[、；;，,\n]*(?:(?:和|及|以及)(?=《))?\n?")


def joined(text: str) -> str:
    """Return *text* with its line breaks undone: nothing between Chinese, a space between Latin words."""
    return re.sub(r" *\n *", "", re.sub(r"(?<=[A-Za-z0-9,;]) *\n *(?=[A-Za-z])", " ", text)).strip()


def documents(text: str) -> tuple[str, ...]:
    """Return the documents that *text* names, without the counting in front of them."""
    found = (_COUNTED.sub("", joined(piece)).strip("、；;，,。 ") for piece in _pieces(text.strip()))
    return tuple(title for title in found if title)


def _pieces(text: str) -> Iterator[str]:
    """Cut *text* where one title is complete and another begins, outside of all brackets."""
    start, depth, at = 0, 0, 0
    while at < len(text):
        sign = text[at]
        depth = max(0, depth + (sign in _OPEN) - (sign in _CLOSE))
        at += 1
        between = _BETWEEN.match(text, at)
        if depth or between is None or not _COMPLETE.search(text[start:at].replace("\n", "")):
            continue
        if between.end() < len(text) and _parts(text[start:at], between[0], text[between.end() :]):
            yield text[start:at]
            start = at = between.end()
    yield text[start:]


def _parts(left: str, between: str, right: str) -> bool:
    """Tell whether two titles meet here."""
    if _BEGINS.match(right):
        bare = _COUNTED.sub("", left).lstrip().startswith("《")
        return bare or bool(between) and between[0] not in "和及以"
    if _GOES_ON.match(right):
        return False
    numbered = _NUMBER.search(left[-60:]) is not None
    return "\n" in between or (bool(between) and numbered)


def number_of(title: str) -> str | None:
    """Return the number in brackets behind a title, such as 工信部科〔2010〕93号."""
    found = _NUMBER.findall(title)
    return found[-1] if found and title.rstrip().endswith((")", "）")) else None


def without_number(title: str) -> str:
    """Return *title* without its number."""
    number = number_of(title)
    return title[: title.rindex(number) - 1].strip() if number else title


def years_named(text: str) -> list[int]:
    """Return the years that a title speaks of, leaving out those of document numbers."""
    return [int(year) for year in re.findall(r"(?<![\d〔\[])(20\d\d)(?:年|-)", text)]
