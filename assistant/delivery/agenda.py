"""The agenda is what a company has to do in the order it is worked: what cannot wait, then by month, then the undated.

The checklist of every format lays out the same items, so that all say the same. Where people have marked the plan, what
is settled comes last, and whose it is and what they noted stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import NamedTuple

import yaml

from assistant.delivery.actions import AT_ONCE
from assistant.delivery.plain import Json
from assistant.delivery.wording.labels import labels
from assistant.delivery.wording.speaker import day_text
from assistant.planning.marks import UNTOUCHED, Marked, MarkState, Task, Worked

SETTLED: tuple[MarkState, ...] = ("done", "not-needed")
_SURE = ("low", "medium", "high")  # from the least
_COUNTED_BACK = ("prepare", "judgement", "apply")  # from a window


class Served(NamedTuple):
    """What an item is for, with the clauses that ask for it."""

    name: str
    clauses: tuple[str, ...]


class Item(NamedTuple):
    """One thing to do, in words.

    *by* says what is reached on the day *due* (done, begun, expired), *basis* what the date rests on, *sure* how sure
    a forecast is. *who* has it in hand and *remarks* are what people say of it.
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
    key: str = ""
    state: MarkState = "open"
    who: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def settled(self) -> bool:
        """Tell whether nothing is left to do."""
        return self.state in SETTLED


def words(name: str, lang: str) -> Json:
    """Return the words that a document needs, from the file of templates by its *name*."""
    return _words(name)[lang]


@cache
def _words(name: str) -> dict[str, Json]:
    read: dict[str, Json] = yaml.safe_load(
        (files("assistant.delivery") / "templates" / f"{name}.yaml").read_text("utf-8")
    )
    return read


def steps(data: Json, lang: str, worked: Worked = UNTOUCHED) -> list[Item]:
    """Return the steps of a result as they were marked, then what was done that the plan asks for no more."""
    own = words("agenda", lang)
    windows = {project["id"]: project["window"] for project in data["projects"]}
    found = [
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
            key=step["key"],
        )
        for step in data["steps"]
    ]
    kept = (Marked(Task(mark.key, mark.title, mark.due), mark.day, mark) for mark in worked.kept)
    return [*as_marked(found, worked, lang), *(_marked(_kept(one.task), one, own, lang) for one in kept)]


def as_marked(items: Iterable[Item], worked: Worked, lang: str) -> Iterator[Item]:
    """Yield the items with what people say of them."""
    own = words("agenda", lang)
    told = {one.task.key: one for one in worked.tasks if one.mark}
    return (_marked(item, told[item.key], own, lang) if item.key in told else item for item in items)


def _kept(task: Task) -> Item:
    """Return what was done, as it was called then."""
    return Item(
        "kept", task.due, at_once=False, estimated=False, by="", basis="", sure="", title=task.title, note="", served=()
    )


def _marked(item: Item, told: Marked, own: Json, lang: str) -> Item:
    mark = told.mark
    assert mark is not None
    who = mark.assignee or mark.email
    state = told.state
    remarks = [own["deed"][state].format(who=mark.who, day=day_text(mark.day, lang))] if state in SETTLED else []
    if state == "postponed":
        first = day_text(item.due, lang) if item.due else own["undated"]
        remarks = [own["put_off"].format(day=first, reason=mark.reason)]
        put_off = {"due": told.due, "by": own["by"]["done"], "basis": own["basis"]["put_off"], "sure": ""}
        item = item._replace(at_once=False, estimated=False, **put_off)
    if state in SETTLED:
        item = item._replace(at_once=False)
        remarks += [own["later"]] if told.later else []
        remarks += [own["lapses"]] if told.lapses else []
    return item._replace(state=state, who=who, remarks=(*remarks, *([mark.note] if mark.note else [])))


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


def duties(data: Json, lang: str, worked: Worked = UNTOUCHED) -> list[Item]:
    """Return what recognitions held ask for."""
    own = words("agenda", lang)
    found = [
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
            key=duty["key"],
        )
        for duty in data["upkeep"]
    ]
    return list(as_marked(found, worked, lang))


def by_month(items: Iterable[Item], lang: str) -> list[tuple[str, list[Item]]]:
    """Return the items under their headings, in the order they are worked."""
    own = words("agenda", lang)
    ordered = sorted(items, key=lambda item: (_place(item), not item.at_once, item.due or date.max))
    return [(heading, list(group)) for heading, group in groupby(ordered, key=lambda item: _heading(item, own))]


def _place(item: Item) -> int:
    return 1 + SETTLED.index(item.state) if item.settled else 0


def _heading(item: Item, own: Json) -> str:
    if item.settled:
        return str(own["settled"][item.state])
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
