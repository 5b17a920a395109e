"""An action is one of the few next things to do: the steps, or duties, of one kind that belong together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Literal

from assistant.delivery.plain import Json
from assistant.planning.prospect import Prospect

ActionKind = Literal["answers", "gaps", "papers", "apply", "upkeep"]

ACTIONS = 7  # what one can take in at a glance
AT_ONCE = ("at-the-latest", "missed")  # chances of steps that cannot wait


@dataclass(frozen=True, slots=True)
class Action:
    """One of the next things to do: steps, or duties, of one kind that belong together, by *due*; *late*: at once."""

    kind: ActionKind
    due: date
    days: int
    entries: tuple[Json, ...]
    project: str = ""
    late: bool = False
    estimated: bool = False


def actions(data: Json, ranked: Sequence[Prospect], on: date) -> list[Action]:
    """Return the few most important things to do: late ones, answers, gaps, papers, expiry; the rest by date."""
    found = [
        *_answers(data, on),
        *_gaps(data, ranked, on),
        *_papers(data, ranked, on),
        *_applications(data, ranked, on),
    ]
    duties = list(_duties(data, on))
    expiring = [duty for duty in duties if any(entry["kind"] == "expiry" for entry in duty.entries)]
    by_kind = {
        kind: sorted((one for one in found if one.kind == kind), key=lambda one: not one.late)
        for kind in ("answers", "gaps", "papers", "apply")
    }
    wanted = [
        *by_kind["answers"],
        *by_kind["gaps"][:2],
        *by_kind["papers"][:1],
        *expiring[:1],
        *duties[:1],
        *by_kind["apply"][:1],
        *sorted([*by_kind["gaps"][2:], *by_kind["papers"][1:]], key=lambda one: (not one.late, one.due)),
    ]
    chosen: list[Action] = []
    for one in wanted:
        if one not in chosen:
            chosen.append(one)
    return sorted(chosen[:ACTIONS], key=lambda one: (not one.late, one.due))


def _action(kind: ActionKind, steps: Sequence[Json], on: date, project: str = "") -> Action:
    due = min(date.fromisoformat(step["due"]) for step in steps)
    late = any(step["chance"] in AT_ONCE for step in steps)
    return Action(kind, due, (due - on).days, tuple(steps), project, late, all(step["estimated"] for step in steps))


def _answers(data: Json, on: date) -> Iterator[Action]:
    if steps := [step for step in data["steps"] if step["kind"] == "answer" and step["due"]]:
        yield _action("answers", steps, on)


def _gaps(data: Json, ranked: Iterable[Prospect], on: date) -> Iterator[Action]:
    """Yield one action per project with gaps, the nearest project first."""
    for prospect in ranked:
        id_ = prospect.match.project.id
        mine = [s for s in data["steps"] if s["kind"] == "improve" and s["due"] and s["serves"][0]["id"] == id_]
        if mine:
            yield _action("gaps", mine, on, id_)


def _papers(data: Json, ranked: Sequence[Prospect], on: date) -> Iterator[Action]:
    """Yield one action per project that is ready or near, the first round to open first; each paper counts once."""
    close = [prospect for prospect in ranked if prospect.standing in ("ready", "near") and prospect.is_live]
    close.sort(key=lambda p: (p.standing != "ready", p.window.opens.earliest if p.window.opens else date.max))
    left = [step for step in data["steps"] if step["kind"] in ("prepare", "judgement") and step["due"]]
    for prospect in close:
        id_ = prospect.match.project.id
        mine = [step for step in left if any(served["id"] == id_ for served in step["serves"])]
        left = [step for step in left if step not in mine]
        if mine:
            yield _action("papers", mine, on, id_)


def _applications(data: Json, ranked: Iterable[Prospect], on: date) -> Iterator[Action]:
    ready = {prospect.match.project.id for prospect in ranked if prospect.standing == "ready"}
    for step in data["steps"]:
        if step["kind"] == "apply" and step["due"] and step["serves"][0]["id"] in ready:
            yield _action("apply", [step], on, step["serves"][0]["id"])


def _duties(data: Json, on: date) -> Iterator[Action]:
    """Yield what holders owe, one action per day."""
    for due, entries in groupby(data["upkeep"], key=lambda entry: str(entry["due"])):
        day = date.fromisoformat(due)
        yield Action("upkeep", day, (day - on).days, tuple(entries))
