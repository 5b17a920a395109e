"""Replies (答复) are new answers by name, to be put into a profile's plain data: a value, or None for "not answered".

A name is `enterprise.name`, a fact (`city`), a figure (`revenue[2025]`), a whole list (`recognitions`, `judgements`)
or one entry of it (`recognitions.<id>`, `judgements.<project>/<criterion>`). Replies given against an older version
are put into the newest one unless somebody else has answered the same meanwhile, and differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from assistant.company.writing import Data
from assistant.dates import is_closed

Replies = Mapping[str, Any]
LISTS: Mapping[str, tuple[str, ...]] = {"recognitions": ("id",), "judgements": ("project", "criterion")}
"""The lists of a profile, each with the keys that tell its entries apart."""


@dataclass(frozen=True, slots=True)
class Clash:
    """An answer that two people changed from the same *before*: what the other saved, and what was about to be."""

    name: str
    before: Any
    theirs: Any
    mine: Any


def answer(data: Data, name: str, on: date) -> Any:
    """Return the answer called *name*, None where there is none; a closed year's estimate is none."""
    base, _, year = name.partition("[")
    if year:
        number = int(year[:-1])
        return _figures(data, _section(number, on)).get(number, {}).get(base)
    section, _, key = name.partition(".")
    if section in LISTS:
        return _entries(data, section).get(key) if key else data.get(section)
    if section == "enterprise":
        return (data.get(section) or {}).get(key)
    return (data.get("facts") or {}).get(name)


def with_replies(data: Data, replies: Replies, on: date) -> Data:
    """Return *data* with the replies put in, and those that are None taken out."""
    for name, raw in replies.items():
        data = _with(data, name, raw, on)
    return data


def narrowed(before: Data, latest: Data, replies: Replies) -> Replies:
    """Return *replies* with those to whole lists as replies to the entries that they change.

    Two people may then work on the same list. It stays whole where one side has no list, or an entry twice.
    """
    found: dict[str, Any] = {}
    for name, raw in replies.items():
        sides = (before.get(name), latest.get(name), raw) if name in LISTS else ()
        tables = [table for side in sides if (table := _table(side, name)) is not None]
        if len(tables) < 3:  # before, latest, and what is to be
            found[name] = raw
            continue
        old, _, new = tables
        for key in dict.fromkeys((*old, *new)):
            if old.get(key) != new.get(key):
                found[f"{name}.{key}"] = new.get(key)
    return found


def clashes(before: Data, latest: Data, replies: Replies, on: date) -> tuple[Clash, ...]:
    """Return the replies, given against *before*, that somebody else answered otherwise in *latest*."""
    found = (Clash(name, answer(before, name, on), answer(latest, name, on), raw) for name, raw in replies.items())
    return tuple(one for one in found if one.theirs not in (one.before, one.mine))


def _section(year: int, on: date) -> str:
    return "years" if is_closed(year, on) else "estimates"


def _figures(data: Data, section: str) -> dict[int, Mapping[str, Any]]:
    """Return the figures by year; a file may have written a year as text."""
    return {int(year): figures or {} for year, figures in (data.get(section) or {}).items()}


def _table(entries: Any, section: str) -> dict[str, Any] | None:
    """Return the entries of a list by what tells them apart; None where it is none, or has one of them twice."""
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        return None
    table = {"/".join(str(one.get(key)) for key in LISTS[section]): one for one in entries}
    return table if len(table) == len(entries) else None


def _entries(data: Data, section: str) -> dict[str, Any]:
    return _table(data.get(section), section) or {}


def _with(data: Data, name: str, raw: Any, on: date) -> Data:
    base, _, year = name.partition("[")
    if year:
        number = int(year[:-1])
        own = _section(number, on)
        for section in ("years", "estimates"):
            if section != own and raw is None:
                continue
            figures = _figures(data, section)
            kept = _entry(figures.get(number, {}), base, raw if section == own else None)
            data = _entry(data, section, _entry(figures, number, kept or None) or None)
        return data
    section, _, key = name.partition(".")
    if section in LISTS:
        whole = [*_entry(_entries(data, section), key, raw).values()] if key else raw
        return _entry(data, section, whole)
    section, key = (section, key) if section == "enterprise" else ("facts", name)
    return _entry(data, section, _entry(data.get(section) or {}, key, raw) or None)


def _entry(table: Mapping[Any, Any], key: Any, value: Any) -> dict[Any, Any]:
    """Return *table* with an entry in the place of its former one; without it where the value is None."""
    return {one: kept for one, kept in {**table, key: value}.items() if one != key or value is not None}
