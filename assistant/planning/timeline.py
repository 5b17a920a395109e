"""The timeline is windows, steps and upkeep as dated entries, in order; feed, report and reminders read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from assistant.dates import DateSpan, add_months
from assistant.planning.checklist import Step
from assistant.planning.prospect import Prospect
from assistant.planning.upkeep import HORIZON_MONTHS, Upkeep

SHOWN = ("ready", "near", "open")
EntryKind = Literal["window", "step", "upkeep"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One dated thing. *key* is stable: it never holds a date, a title or a position in a list."""

    key: str
    kind: EntryKind
    span: DateSpan
    prospect: Prospect | None = None
    step: Step | None = None
    upkeep: Upkeep | None = None


def timeline(
    prospects: Sequence[Prospect], steps: Sequence[Step], duties: Sequence[Upkeep], on: date
) -> tuple[Entry, ...]:
    """Return all entries that begin within the horizon from *on*, ordered by date and key."""
    until = add_months(on, HORIZON_MONTHS)
    entries: list[Entry] = []
    for prospect in prospects:
        window = prospect.window
        span = _whole(prospect)
        if span and (prospect.is_review or prospect.standing in SHOWN) and window.status in ("announced", "expected"):
            entries.append(Entry(f"{prospect.match.project.id}|{window.cycle}|window", "window", span, prospect))
    entries += [Entry(step.key, "step", DateSpan.of(step.due), step=step) for step in steps if step.due]
    entries += [Entry(duty.key, "upkeep", DateSpan.of(duty.due), upkeep=duty) for duty in duties]
    near = (entry for entry in entries if entry.span.earliest <= until)
    return tuple(sorted(near, key=lambda entry: (entry.span.earliest, entry.key)))


def _whole(prospect: Prospect) -> DateSpan | None:
    opens, closes = prospect.window.opens, prospect.window.closes
    first = opens or closes
    last = closes or opens
    if first is None or last is None:
        return None
    return DateSpan(first.earliest, max(first.earliest, last.latest))
