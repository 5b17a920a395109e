"""Replies (答复) are new answers by name, to be put into a profile's plain data: a value, or None for "not answered".

A name is `enterprise.name`, a fact (`city`), a figure (`revenue[2025]`) or a whole list (`recognitions`,
`judgements`). Replies given against an older version are put into the newest one unless somebody else has answered
the same meanwhile, and differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from assistant.company.writing import Data
from assistant.dates import is_closed

Replies = Mapping[str, Any]
LISTS = ("recognitions", "judgements")


@dataclass(frozen=True, slots=True)
class Clash:
    """An answer that two people changed from the same *before*: what the other saved, and what was about to be."""

    name: str
    before: Any
    theirs: Any
    mine: Any


def answer(data: Data, name: str) -> Any:
    """Return the answer called *name*, None where there is none."""
    base, _, year = name.partition("[")
    if year:
        number = int(year[:-1])
        for section in ("years", "estimates"):
            figures = (data.get(section) or {}).get(number) or {}
            if base in figures:
                return figures[base]
        return None
    if name in LISTS:
        return data.get(name)
    section, _, key = name.partition(".")
    if section == "enterprise":
        return (data.get(section) or {}).get(key)
    return (data.get("facts") or {}).get(name)


def with_replies(data: Data, replies: Replies, on: date) -> Data:
    """Return *data* with the replies put in, and those that are None taken out."""
    for name, raw in replies.items():
        data = _with(data, name, raw, on)
    return data


def clashes(before: Data, latest: Data, replies: Replies) -> tuple[Clash, ...]:
    """Return the replies, given against *before*, that somebody else answered otherwise in *latest*."""
    found = (Clash(name, answer(before, name), answer(latest, name), raw) for name, raw in replies.items())
    return tuple(one for one in found if one.theirs not in (one.before, one.mine))


def _with(data: Data, name: str, raw: Any, on: date) -> Data:
    base, _, year = name.partition("[")
    if year:
        number = int(year[:-1])
        own = "years" if is_closed(number, on) else "estimates"
        for section in ("years", "estimates"):
            figures = data.get(section) or {}
            kept = _entry(figures.get(number) or {}, base, raw if section == own else None)
            data = _entry(data, section, _entry(figures, number, kept or None) or None)
        return data
    if name in LISTS:
        return _entry(data, name, raw)
    section, _, key = name.partition(".") if name.startswith("enterprise.") else ("facts", "", name)
    return _entry(data, section, _entry(data.get(section) or {}, key, raw) or None)


def _entry(table: Mapping[Any, Any], key: Any, value: Any) -> dict[Any, Any]:
    """Return *table* with an entry; without it where the value is None."""
    without = {one: kept for one, kept in table.items() if one != key or value is not None}
    return {**without, key: value} if value is not None else without
