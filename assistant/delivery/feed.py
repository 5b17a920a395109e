"""A feed is a company's events as iCalendar bytes: the same events give the same bytes.

All events are whole days with an exclusive DTEND; there is no METHOD (a feed is no invitation); DTSTAMP is the last
change of the event, never the time of writing. Without states it is the last change of the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from icalendar import Alarm, Calendar, Event, Todo, vDuration, vText, vUri

from assistant.dates import DateSpan
from assistant.delivery.events import events
from assistant.delivery.revision import Change, EventKind, EventState, first_states
from assistant.delivery.wording.events import change_line, event_tag, event_words, feed_words
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.assessment import Assessment
from assistant.planning.marks import Mark

Only = Literal["all", "windows", "prep", "upkeep", "work", "tasks"]
KINDS: dict[Only, tuple[EventKind, ...]] = {
    "all": ("window", "check", "prep", "upkeep"),
    "windows": ("window", "check"),
    "prep": ("prep",),
    "upkeep": ("upkeep",),
    "work": ("prep", "upkeep"),  # all that the company has to do
    "tasks": ("prep", "upkeep"),  # the same as tasks
}
ALARM = timedelta(hours=-15)  # nine o'clock on the day before
_OVER = ("cancelled", "done", "filed")  # marks of what nobody needs to be reminded of
_CATEGORIES: dict[EventKind, str] = {"window": "window", "check": "window", "prep": "prep", "upkeep": "upkeep"}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def feed(
    assessment: Assessment,
    lang: str = "zh",
    *,
    company: str = "",
    only: Only = "all",
    alarms: bool = False,
    states: Sequence[EventState] | None = None,
    marks: Sequence[Mark] = (),
    home: str = "",
    source: str = "",
) -> bytes:
    """Return the company's calendar.

    Args:
        assessment: the company on one day.
        lang: the language of the texts.
        company: what identities are made of; default the credit code, else the name.
        only: which events; `tasks` gives them as tasks.
        alarms: whether each event gets an alarm of its own.
        states: what a revision has published; default the plan of *assessment*, as if never published before.
        marks: what people say of the plan, where there are no states.
        home: the address of the page about the company, if it has one.
        source: the address of the feed itself.

    """
    say = Speaker(assessment.rulebook, lang)
    if states is None:
        states = first_states(events(assessment, say, company, marks), _stamp(assessment))
    calendar = _calendar(assessment, say, home, source)
    for state in states:
        if state.event.kind in KINDS[only]:
            if only != "tasks" and state.is_event:
                calendar.add_component(_event(state, say, alarms=alarms))
            elif only == "tasks" and state.is_task:
                calendar.add_component(_task(state, say, alarms=alarms))
    return bytes(calendar.to_ical())


def _stamp(assessment: Assessment) -> datetime:
    """Return when the rules last changed: what a feed without states can know of its last change."""
    checked = max((p.match.project.checked for p in assessment.prospects), default=assessment.on)
    return datetime.combine(checked, time(), UTC)


def _calendar(assessment: Assessment, say: Speaker, home: str, source: str) -> Calendar:
    name, description = (text.format(clean(assessment.profile.name)) for text in feed_words(say))
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//shenbao-assistant//feed 1//ZH")
    calendar.add("CALSCALE", "GREGORIAN")
    for key, text in (
        ("NAME", name),
        ("X-WR-CALNAME", name),
        ("DESCRIPTION", description),
        ("X-WR-CALDESC", description),
    ):
        calendar.add(key, vText(text))
    calendar.add("COLOR", vText("orange"))
    calendar.add("X-APPLE-CALENDAR-COLOR", vText("#FF9500"))
    calendar.add("REFRESH-INTERVAL", vDuration(timedelta(hours=6)), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vText("PT6H"))
    calendar.add("X-WR-TIMEZONE", vText("Asia/Shanghai"))
    if home:
        calendar.add("URL", vUri(home))
    if source:
        calendar.add("SOURCE", vUri(source), parameters={"VALUE": "URI"})
    return calendar


def _event(state: EventState, say: Speaker, *, alarms: bool) -> Event:
    event, component = state.event, Event()
    component.add("UID", state.uid)
    _tell(component, state, say)
    component.add("DTSTART", event.first)
    component.add("DTEND", event.last + timedelta(days=1))
    component.add("STATUS", state.status)
    component.add("TRANSP", "TRANSPARENT")
    component.add("X-MICROSOFT-CDO-BUSYSTATUS", vText("TENTATIVE" if state.status == "TENTATIVE" else "FREE"))
    if alarms and state.mark not in _OVER:
        component.add_component(_alarm(state, say))
    return component


def _task(state: EventState, say: Speaker, *, alarms: bool) -> Todo:
    component = Todo()
    component.add("UID", f"task-{state.uid}")
    _tell(component, state, say)
    component.add("DUE", state.event.last)
    component.add("STATUS", task_status(state))
    if state.event.done:
        component.add("COMPLETED", state.event.done)
        component.add("PERCENT-COMPLETE", 100)
    if alarms and state.mark not in _OVER:
        component.add_component(_alarm(state, say, related="END"))
    return component


def task_status(state: EventState) -> str:
    """Return the STATUS of the task."""
    if state.event.done:
        return "COMPLETED"
    return "CANCELLED" if state.mark == "cancelled" else "NEEDS-ACTION"


def _tell(component: Event | Todo, state: EventState, say: Speaker) -> None:
    """Add what events and tasks have in common: stamps, title, text."""
    event = state.event
    component.add("DTSTAMP", state.modified)
    component.add("CREATED", state.created)
    component.add("LAST-MODIFIED", state.modified)
    component.add("SEQUENCE", state.sequence)
    component.add("SUMMARY", _title(state, say))
    component.add("CATEGORIES", [_CATEGORIES[event.kind]])
    component.add("DESCRIPTION", clean("\n".join(_text(state, say))))
    component.add("CLASS", "PUBLIC")
    if event.url:
        component.add("URL", event.url)
    for key, text in event.extra:
        component.add(key, vText(clean(text)))


def _title(state: EventState, say: Speaker) -> str:
    ending = event_words("dropped", say) if state.mark == "cancelled" else ""
    return clean(event_tag(state.tag, say) + state.event.heading + ending)


def _text(state: EventState, say: Speaker) -> Iterator[str]:
    """Yield the lines of the description: what became of the event, what it is, how it changed."""
    if state.mark == "cancelled":
        yield event_words("dropped-upkeep" if state.event.kind == "upkeep" else "dropped-window", say)
    yield state.event.text
    if state.changes:
        yield event_words("changes", say)
        yield from (_line(change, say) for change in reversed(state.changes))


def _line(change: Change, say: Speaker) -> str:
    was, now = (DateSpan(*days) if days else None for days in (change.was, change.now))
    return change_line(change.day, change.what, was, now, say)


def _alarm(state: EventState, say: Speaker, related: str = "") -> Alarm:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", _title(state, say))
    alarm.add("TRIGGER", vDuration(ALARM), parameters={"RELATED": related} if related else {})
    return alarm


def clean(text: str) -> str:
    """Return *text* fit for a calendar: no control characters, no backslash (it is split over folds)."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).replace("\\", "＼")


def joined(bodies: Sequence[bytes]) -> bytes:
    """Return one calendar with the events of all of them, each once, under the head of the first."""
    first, *others = (Calendar.from_ical(body) for body in bodies)
    known = {str(one.get("UID")) for one in first.events}
    for event in (event for one in others for event in one.events):
        if str(event.get("UID")) not in known:
            known.add(str(event.get("UID")))
            first.add_component(event)
    return bytes(first.to_ical())
