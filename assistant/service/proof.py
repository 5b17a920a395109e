"""A proof (校样) is a built calendar read back by a parser that had no part in writing it.

What the strictest client would refuse, or read differently from what was meant, never replaces the last good calendar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from ical.exceptions import CalendarParseError

from assistant.delivery.feed import KINDS, Only, task_status
from assistant.delivery.revision import EventState

LONGEST_LINE = 75  # octets
Row = tuple[date | None, date | None, str]  # begin, end, status


class Misprint(Exception):
    """A calendar that must not go out; the text says why."""


def proof(raw: bytes, only: Only, states: Sequence[EventState]) -> None:
    """Read *raw* back and compare it with what was to be published.

    Raises:
        Misprint: a client could not read it, or would show something else.

    """
    _check_lines(raw)
    try:
        calendar = IcsCalendarStream.calendar_from_ics(raw.decode())
    except (CalendarParseError, ValueError) as error:
        raise Misprint(f"not read back: {str(error).splitlines()[0]}") from error
    meant = _meant(only, states)
    shown = _tasks(calendar) if only == "tasks" else _events(calendar)
    listed = len(calendar.todos) + len(calendar.events)
    if listed != len(shown) or shown != meant:
        wrong = sorted(uid for uid in {*shown, *meant} if shown.get(uid) != meant.get(uid))
        raise Misprint(f"{listed} of {len(meant)} entries read back, {len(wrong)} not as meant: {', '.join(wrong[:3])}")


def _check_lines(raw: bytes) -> None:
    lines = raw.split(b"\r\n")
    if lines.pop() or lines[:1] != [b"BEGIN:VCALENDAR"] or lines[-1:] != [b"END:VCALENDAR"]:
        raise Misprint("not a whole calendar")
    for line in lines:
        if len(line) > LONGEST_LINE or b"\n" in line or b"\r" in line:
            raise Misprint(f"not a line: {line[:LONGEST_LINE]!r}")


def _meant(only: Only, states: Sequence[EventState]) -> Mapping[str, Row]:
    chosen = [state for state in states if state.event.kind in KINDS[only]]
    if only == "tasks":
        return {f"task-{state.uid}": (None, state.event.last, task_status(state)) for state in chosen if state.is_task}
    day = timedelta(days=1)
    shown = (state for state in chosen if state.is_event)
    return {state.uid: (state.event.first, state.event.last + day, state.status) for state in shown}


def _events(calendar: Calendar) -> Mapping[str, Row]:
    return {
        event.uid: (event.dtstart, event.dtend, event.status.value if event.status else "")
        for event in calendar.events
        if event.summary
    }


def _tasks(calendar: Calendar) -> Mapping[str, Row]:
    return {
        task.uid: (None, task.due, task.status.value if task.status else "") for task in calendar.todos if task.summary
    }
