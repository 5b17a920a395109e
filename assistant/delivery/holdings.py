"""A holding is a recognition the company has, on the page: until when it lasts and what it asks of its holder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from assistant.company.profile import Held
from assistant.delivery.plain import Json, iso
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.situation import holding
from assistant.planning.assessment import Assessment
from assistant.rulebook.requirement import Project

OwedKind = Literal["yearly", "expiry", "change"]


class Owed(NamedTuple):
    """What a holder owes by *due*: a day, a day of every year (`05-31`), or none that is known yet.

    Kind `expiry`: the recognition ends that day; `change`: owed whenever something changes.
    """

    kind: OwedKind
    due: str | None
    says: str
    clause: str


@dataclass(frozen=True, slots=True)
class HeldView:
    """A recognition held: until when, what it owes, and the project it belongs to if there are rules for it."""

    name: str
    granted: str | None
    expires: str | None
    sure: bool
    lapsed: bool
    project: str
    review: str
    duties: tuple[Owed, ...]


def held_view(entry: Held, assessment: Assessment, data: Json, say: Speaker) -> HeldView:
    """Return a recognition of the profile as the page shows it."""
    term = holding(entry, assessment.rulebook)
    project = assessment.rulebook.projects.get(entry.id)
    lapsed = term.expires is not None and term.expires < assessment.on
    return HeldView(
        say.recognition(entry.id),
        iso(term.granted),
        iso(term.expires),
        term.sure,
        lapsed,
        entry.id if any(one["id"] == entry.id for one in data["projects"]) else "",
        project.validity.review if project else "",
        () if lapsed else tuple(owed(entry.id, assessment)),
    )


def owed(id_: str, assessment: Assessment) -> Iterator[Owed]:
    """Yield what the holder of a recognition owes: dated duties, then those that a change brings."""
    for one in assessment.duties:
        if one.project == id_:
            says, clause = (one.duty.says, one.duty.basis.clause) if one.duty else ("", None)
            yield Owed(one.kind, one.due.isoformat(), says, clause or "")
    if project := assessment.rulebook.projects.get(id_):
        for duty in project.duties:
            in_force = (duty.start or assessment.on) <= assessment.on <= (duty.end or assessment.on)
            if duty.due.startswith("change") and in_force:
                yield Owed("change", None, duty.says, duty.basis.clause or "")


def promised(project: Project, on: date) -> Iterator[Owed]:
    """Yield what the project will ask of a company once it holds it: every year, on a change, at the end."""
    for duty in project.duties:
        if (duty.start or on) <= on <= (duty.end or on):
            yearly = duty.due[:2].isdigit()
            kind: OwedKind = "yearly" if yearly else "change" if duty.due.startswith("change") else "expiry"
            yield Owed(kind, duty.due if yearly else None, duty.says, duty.basis.clause or "")
