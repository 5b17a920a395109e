"""The calendar's page: the entries that its files hold from today on, month by month.

In a month stand first those whose day is settled, then, apart from them, those that are forecast.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from itertools import groupby

from assistant.dates import CHINA, DateSpan
from assistant.delivery.events import events
from assistant.delivery.plain import Json
from assistant.delivery.revision import EventState, first_states
from assistant.delivery.wording.events import event_tag, event_words
from assistant.delivery.wording.sentences import span_text
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.assessment import Assessment

_BRACKETS = "【】[] "


def view(assessment: Assessment, data: Json, say: Speaker) -> Json:
    """Return the entries of the plan, as if none had been published before."""
    del data
    stamp = datetime.combine(assessment.on, time(), CHINA)
    return calendar(first_states(events(assessment, say), stamp), assessment.on, say)


def calendar(states: Iterable[EventState], on: date, say: Speaker) -> Json:
    """Return the entries of *states* that are not over on the day *on*, and how many there are of each kind."""
    shown = [state for state in states if state.is_event and state.event.last >= on]
    entries = [_entry(state, on, say) for state in sorted(shown, key=lambda one: (one.event.first, one.event.last))]
    return {
        "on": on.isoformat(),
        "months": list(_months(sorted(entries, key=_month))),
        "kinds": dict(Counter(entry["kind"] for entry in entries)),
    }


def _entry(state: EventState, on: date, say: Speaker) -> Json:
    event = state.event
    dropped = state.mark == "cancelled"
    shown = max(event.first, on)
    days = span_text(DateSpan(event.first, event.last), say)
    return {
        "kind": event.kind,
        "first": event.first.isoformat(),
        "last": event.last.isoformat(),
        "shown": shown.isoformat(),
        "days": days.removeprefix(f"{shown.year}年"),  # the month above it says the year
        "tag": event_tag(state.tag, say).strip(_BRACKETS),
        "title": event.heading + (event_words("dropped", say) if dropped else ""),
        "text": [line for line in event.text.split("\n") if line],
        "url": event.url,
        "settled": event.confirmed,
        "suggested": event.confirmed and event.floats,
        "dropped": dropped,
    }


def _month(entry: Json) -> str:
    return str(entry["shown"])[:7]


def _months(entries: Sequence[Json]) -> Iterator[Json]:
    for month, group in groupby(entries, key=_month):
        listed = list(group)
        yield {
            "month": month,
            "settled": [entry for entry in listed if entry["settled"]],
            "expected": [entry for entry in listed if not entry["settled"]],
        }
