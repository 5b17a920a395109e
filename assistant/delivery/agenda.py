"""The agenda is what a company has to do in the order it is worked: what cannot wait, then by month, then the undated.

The checklist of every format lays out the same items, so that all say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import NamedTuple

import yaml

from assistant.delivery.actions import AT_ONCE
from assistant.delivery.plain import Json
from assistant.delivery.wording.labels import labels

_SURE = ("low", "medium", "high")  # from the least
_COUNTED_BACK = ("prepare", "judgement", "apply")  # from a window


class Served(NamedTuple):
    """What an item is for, with the clauses that ask for it."""

    name: str
    clauses: tuple[str, ...]


class Item(NamedTuple):
    """One thing to do, in words.

    *by* says what is reached on the day *due* (done, begun, expired), *basis* what the date rests on, *sure* how sure
    a forecast is.
    """

    kind: str
    due: date | None
    at_once: bool
    estimated: bool
    by: str
    basis: str
    sure: str
    title: str
    note: str
    served: tuple[Served, ...]


def words(name: str, lang: str) -> Json:
    """Return the words that a document needs, from the file of templates by its *name*."""
    return _words(name)[lang]


@cache
def _words(name: str) -> dict[str, Json]:
    read: dict[str, Json] = yaml.safe_load(
        (files("assistant.delivery") / "templates" / f"{name}.yaml").read_text("utf-8")
    )
    return read


def steps(data: Json, lang: str) -> list[Item]:
    """Return the steps of a result."""
    own = words("agenda", lang)
    windows = {project["id"]: project["window"] for project in data["projects"]}
    return [
        Item(
            step["kind"],
            due=date.fromisoformat(step["due"]) if step["due"] else None,
            at_once=step["chance"] in AT_ONCE,
            estimated=step["estimated"] and step["due"] is not None,
            by=own["by"][step.get("by") or ("begin" if step["kind"] == "prepare" else "done")] if step["due"] else "",
            basis=own["basis"][_basis(step)] if step["due"] else "",
            sure=_sure(step, windows, own, lang),
            title=step["title"],
            note=step["note"],
            served=_served(step),
        )
        for step in data["steps"]
    ]


def _basis(step: Json) -> str:
    if step["kind"] == "answer":
        return "suggested"
    if step["estimated"]:
        return "expected"
    return "announced" if step["kind"] in _COUNTED_BACK else "fixed"


def _sure(step: Json, windows: Mapping[str, Json], own: Json, lang: str) -> str:
    """Return how sure the date is: as sure as the least sure window that the step serves."""
    if _basis(step) != "expected" or not step["due"]:
        return ""
    found = [windows[one["id"]] for one in step["serves"] if one["id"] in windows]
    sure = [_SURE.index(one["confidence"]) for one in found if one["status"] == "expected"]
    return f"{own['confidence']}{labels('confidence', lang)[_SURE[min(sure)]]}" if sure else ""


def _served(step: Json) -> tuple[Served, ...]:
    clauses: dict[str, dict[str, None]] = {}
    for one in step["criteria"]:
        if one["clause"]:
            clauses.setdefault(one["project"], {})[one["clause"]] = None
    return tuple(Served(one["name"], tuple(clauses.get(one["id"], ()))) for one in step["serves"])


def duties(data: Json, lang: str) -> list[Item]:
    """Return what recognitions held ask for."""
    own = words("agenda", lang)
    return [
        Item(
            duty["kind"],
            date.fromisoformat(duty["due"]),
            at_once=False,
            estimated=False,
            by=own["by"]["expires" if duty["kind"] == "expiry" else "done"],
            basis=own["basis"]["fixed"],
            sure="",
            title=duty["text"],
            note="",
            served=(Served(duty["name"], (duty["clause"],) if duty["clause"] else ()),),
        )
        for duty in data["upkeep"]
    ]


def by_month(items: Iterable[Item], lang: str) -> list[tuple[str, list[Item]]]:
    """Return the items under their headings, in the order they are worked."""
    own = words("agenda", lang)
    ordered = sorted(items, key=lambda item: (not item.at_once, item.due or date.max))
    return [(heading, list(group)) for heading, group in groupby(ordered, key=lambda item: _heading(item, own))]


def _heading(item: Item, own: Json) -> str:
    if item.at_once:
        return str(own["at_once"])
    if item.due is None:
        return str(own["undated"])
    return str(own["month"].format(year=item.due.year, month=own["months"][item.due.month - 1]))


def day_of_month(day: date, lang: str) -> str:
    """Return a date for a reader who sees its year and month above."""
    own = words("agenda", lang)
    return str(own["day"].format(month=own["months"][day.month - 1], day=day.day))


def cited(served: Iterable[Served], lang: str) -> list[str]:
    """Return the clauses, one text per project that has any."""
    own = words("agenda", lang)
    return [f"{one.name}{own['colon']}{own['semicolon'].join(one.clauses)}" for one in served if one.clauses]
