"""Upkeep is what a recognition already held asks for: yearly updates, the review, the day it expires."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from assistant.company.profile import Profile
from assistant.dates import add_months
from assistant.logic import tree
from assistant.logic.scalar import Holding
from assistant.matching.situation import holding
from assistant.planning.prospect import Prospect
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import Duty, Project

UpkeepKind = Literal["yearly", "expiry"]
HORIZON_MONTHS = 18


@dataclass(frozen=True, slots=True)
class Upkeep:
    """One thing a holder owes, by *due*; *duty* is None for the expiry itself.

    *affects*: projects that stand on the recognition and fail if it lapses.
    """

    key: str
    kind: UpkeepKind
    project: str
    due: date
    duty: Duty | None = None
    holding: Holding | None = None
    affects: tuple[str, ...] = ()


def upkeep(
    profile: Profile,
    rulebook: Rulebook,
    on: date,
    prospects: Sequence[Prospect] = (),
    *,
    months: int = HORIZON_MONTHS,
) -> tuple[Upkeep, ...]:
    """Return what is due from *on* for so many months, in order of date; *prospects* tell what stands on it."""
    found: list[Upkeep] = []
    until = add_months(on, months)
    for entry in profile.recognitions or ():
        project = rulebook.projects.get(entry.id)
        held = holding(entry, rulebook)
        if held.expires is not None and held.expires < on:
            continue
        if project is not None:
            found += _yearly(project, held, on, until)
        if held.expires is not None and on <= held.expires <= until:
            review = next((d for d in project.duties if d.due == "expiry"), None) if project else None
            key = f"{entry.id}|expiry|{held.expires.year}"
            affects = tuple(_standing_on(entry.id, prospects))
            found.append(Upkeep(key, "expiry", entry.id, held.expires, review, held, affects))
    once = {one.key: one for one in found}  # a recognition may be listed twice, as renewed
    return tuple(sorted(once.values(), key=lambda one: (one.due, one.key)))


def _standing_on(id_: str, prospects: Sequence[Prospect]) -> Iterator[str]:
    """Yield the projects worth working for, or held, that ask for the recognition *id_*."""
    for prospect in prospects:
        if prospect.match.project.id == id_ or not (prospect.match.held or prospect.standing in ("ready", "near")):
            continue
        asked = (outcome.node for finding in prospect.match.findings for outcome in finding.outcomes)
        if any(isinstance(node, tree.Holds) and id_ in node.ids for node in asked):
            yield prospect.match.project.id


def _yearly(project: Project, held: Holding, on: date, until: date) -> Iterator[Upkeep]:
    for duty in project.duties:
        if not duty.due[:2].isdigit():
            continue
        month, day = map(int, duty.due.split("-"))
        for year in range(on.year, until.year + 1):
            due = date(year, month, day)
            in_force = (duty.start is None or duty.start <= due) and (duty.end is None or due <= duty.end)
            holds = (held.granted is None or held.granted < due) and (held.expires is None or due <= held.expires)
            if on <= due <= until and in_force and holds:
                yield Upkeep(f"{project.id}|{duty.id}|{year}", "yearly", project.id, due, duty, held)
