"""Titles: the documents that one cell names, one by one, and the number that a document bears."""

from __future__ import annotations

import re
from collections.abc import Iterator

_OPEN, _CLOSE = "《〈（(【〔[", "》〉）)】〕]"
_KINDS = "通知|函|公告|通告|通报|办法|意见|方案|规划|计划|细则|指南|纲要|条例|规定|标准"
_NUMBER = re.compile(r"[（(]([^（()）]*?[〔\[［]\d{4}[〕\]］][^（()）]*?\d+ ?号?)[)）]")
_COMPLETE = re.compile(rf"(?:》|[（(][^（()）]*\d{{4}}[^（()）]*[)）]|(?:{_KINDS})(?:[（(][^（()）]*[)）])?)$")
_GOES_ON = re.compile(r"[的（(》、，；;,和及与等]|通知|有关")
_BEGINS = re.compile(r"《|\d{1,2}[.．、](?!\d)|[（(]\d{1,2}[)）]|[①-⑳]")
_LONGEST_END = 120
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
        end = _COMPLETE.search(text[max(start, at - _LONGEST_END) : at].replace("\n", "")) if not depth else None
        between = _BETWEEN.match(text, at) if end else None
        if end and between and between.end() < len(text) and _meet(text, start, end[0], between):
            yield text[start:at]
            start = at = between.end()
    yield text[start:]


def _meet(text: str, start: int, end: str, between: re.Match[str]) -> bool:
    """Tell whether the title that began at *start* and ends in *end* meets another one behind *between*."""
    at = between.end()
    if _BEGINS.match(text, at):
        if end == "》" and "\n" not in between[0]:  # 关于印发《甲》、《乙》的通知 is one document
            return _COUNTED.sub("", text[start : start + 8].lstrip()).startswith("《")
        return end == "》" or bool(between[0])
    if _GOES_ON.match(text, at):
        return False
    return "\n" in between[0] or (bool(between[0]) and _NUMBER.search(end) is not None)


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
