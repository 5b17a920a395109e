"""A revision compares what a calendar should say with what it said, and keeps each event's identity through its life.

One UID stays with an event from 预计 to 已公布, 延期 or 已取消. SEQUENCE and the time of the last change move only when
what a reader sees does, so the same data give the same bytes. A state outlives its event for a while: what comes
back under an old identity goes on counting.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, Literal, cast
from uuid import UUID, uuid5

from assistant.dates import CHINA, add_months

NAMESPACE = UUID("5f7a1d1e-4c5e-5b0e-9d53-6b8c7a0e9f11")
DOMAIN = "feed.shenbao-assistant"

CANCELLED_DAYS = 30  # so long a cancelled event stays to be seen
DONE_DAYS = 30  # and one that is done before its day
POSTPONED_DAYS = 30  # so long a title says 延期
PAST_MONTHS = 18  # so long the past is kept
OVERDUE_DAYS = 14  # so long an undone thing stays where it is before it moves to a later day
SHOWN_CHANGES = 5

EventKind = Literal["window", "check", "prep", "upkeep"]
Mark = Literal["", "postponed", "cancelled", "done", "filed", "gone"]
What = Literal[
    "announced", "expected", "postponed", "moved", "overdue", "cancelled", "done", "reopened", "back", "text"
]


def uid_of(company: str, key: str) -> str:
    """Return the identity of a company's event: never made of a date, a title or a place in a list."""
    return f"{uuid5(NAMESPACE, f'{company}|{key}')}@{DOMAIN}"


def day_of(now: datetime) -> date:
    """Return the day in China on which *now* falls."""
    return now.astimezone(CHINA).date()


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One calendar event before it becomes bytes; *last* is its last day, included.

    *tag* names the prefix of the title (`expected`, `announced`, `prepare` …), *heading* is the rest. *closing*: the
    announced last day of applications. *floats*: its day is counted from the day of the assessment, so once published
    it stays until it has passed. *whole*: the identity of the event of which this is a second marker. *done*: since
    when people say that it is. *name* and *point* say of a window whose it is, and which end of it.
    """

    uid: str
    key: str
    kind: EventKind
    tag: str
    heading: str
    first: date
    last: date
    text: str
    confirmed: bool = False
    closing: date | None = None
    floats: bool = False
    whole: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    url: str = ""
    done: datetime | None = None
    name: str = ""
    point: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the 变更记录: what changed on *day*; *was* are the former first and last day where days moved."""

    day: date
    what: What
    was: tuple[date, date] | None = None
    now: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class EventState:
    """What is known of one UID: the event as published last, how often it changed, and when.

    *mark* `postponed`, `cancelled` and `done` show in the title since the day *since*; `filed` was done long before its
    day and is no event any more, only a finished task; `gone` is not published and only remembers the count. *digest*
    is of what a reader sees. *live*: the plan still asks for it.
    """

    event: FeedEvent
    sequence: int
    created: datetime
    modified: datetime
    digest: str
    mark: Mark = ""
    since: date | None = None
    live: bool = True
    changes: tuple[Change, ...] = ()

    @property
    def uid(self) -> str:
        """The identity."""
        return self.event.uid

    @property
    def status(self) -> Literal["CANCELLED", "CONFIRMED", "TENTATIVE"]:
        """The STATUS of the event."""
        if self.mark == "cancelled":
            return "CANCELLED"
        return "CONFIRMED" if self.event.confirmed else "TENTATIVE"

    @property
    def tag(self) -> str:
        """The prefix of the title: what has become of it, or what it is."""
        if self.mark == "filed":
            return "done"
        return self.mark if self.mark in ("postponed", "cancelled", "done") else self.event.tag

    @property
    def is_event(self) -> bool:
        """Tell whether the calendars of events show it."""
        return self.mark not in ("filed", "gone")

    @property
    def is_task(self) -> bool:
        """Tell whether it is a task: one to do, or what became of one."""
        return self.mark in ("cancelled", "done", "filed") or (self.live and self.mark != "gone")

    def to_plain(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return cast("dict[str, Any]", json.loads(_dumped(asdict(self))))

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> EventState:
        """Return the state that `to_plain` wrote; keys of later versions are left out."""
        event = _known(FeedEvent, plain["event"])
        event |= {name: date.fromisoformat(event[name]) for name in ("first", "last")}
        event |= {"closing": _day(event.get("closing")), "extra": tuple(map(tuple, event.get("extra", ())))}
        event |= {"done": datetime.fromisoformat(event["done"]) if event.get("done") else None}
        state = _known(EventState, plain)
        state |= {name: datetime.fromisoformat(state[name]) for name in ("created", "modified")}
        changes = tuple(
            Change(date.fromisoformat(one["day"]), one["what"], _days(one.get("was")), _days(one.get("now")))
            for one in plain.get("changes", ())
        )
        return cls(**{**state, "event": FeedEvent(**event), "since": _day(state.get("since")), "changes": changes})


@dataclass(frozen=True, slots=True)
class Revision:
    """What to publish, in order of days, and what to remember of every UID."""

    published: tuple[EventState, ...]
    states: Mapping[str, EventState]


def first_states(wanted: Sequence[FeedEvent], stamp: datetime) -> tuple[EventState, ...]:
    """Return the states of events that were never published before, all of *stamp*."""
    return tuple(_new(event, stamp, day_of(stamp)) for event in sorted(wanted, key=_order))


def revise(wanted: Sequence[FeedEvent], known: Mapping[str, EventState], now: datetime) -> Revision:
    """Return what to publish of *wanted* after what is *known* by UID, at the moment *now* (with its zone)."""
    now = now.astimezone(UTC).replace(microsecond=0)
    today = day_of(now)
    asked = {event.uid: event for event in wanted if not _is_forgotten(event, today)}
    states: dict[str, EventState] = {}
    for uid, event in asked.items():
        old = known.get(uid)
        states[uid] = _continued(old, event, now, today) if old else _new(event, now, today)
    for uid, old in known.items():
        if uid not in asked and not _is_forgotten(old.event, today):
            states[uid] = _left(old, asked, now, today)
    shown = (state for state in states.values() if state.mark != "gone")
    return Revision(tuple(sorted(shown, key=lambda state: _order(state.event))), states)


def _is_forgotten(event: FeedEvent, today: date) -> bool:
    return today > add_months(event.last, PAST_MONTHS)


def _order(event: FeedEvent) -> tuple[date, date, str]:
    return event.first, event.last, event.key


def _new(event: FeedEvent, now: datetime, today: date) -> EventState:
    mark, since = _finished(event, today)
    return EventState(event, 0, now, now, _digest(event, mark), mark, since)


def _continued(old: EventState, wanted: FeedEvent, now: datetime, today: date) -> EventState:
    """Return the state of an event that is still, or again, asked for."""
    event = _settled(old, wanted, today)
    mark, since = _finished(event, today) if event.done else _postponed(old, event, today)
    digest = _digest(event, mark)
    if digest == old.digest and old.mark != "gone":
        return replace(old, event=event, mark=mark, since=since, live=True)
    changes = _logged(old.changes, _change(old, event, today))
    return EventState(
        event, old.sequence + 1, old.created, max(now, old.modified), digest, mark, since, changes=changes
    )


def _settled(old: EventState, event: FeedEvent, today: date) -> FeedEvent:
    """Return *event* on the days on which it was published, where its own are only counted from today.

    What is done stays as it was then.
    """
    if event.done and old.event.done:
        return replace(old.event, done=event.done)
    stays = today <= old.event.last + timedelta(days=OVERDUE_DAYS)
    if event.floats and old.event.floats and old.mark != "gone" and stays:
        return replace(event, first=old.event.first, last=old.event.last)
    return event


def _finished(event: FeedEvent, today: date) -> tuple[Mark, date | None]:
    """Return the mark of an event that is done, and since when; one done long before its day is filed."""
    if event.done is None:
        return "", None
    since = day_of(event.done)
    ends = since + timedelta(days=DONE_DAYS)
    return ("filed" if ends < today and ends < event.last else "done"), since


def _postponed(old: EventState, event: FeedEvent, today: date) -> tuple[Mark, date | None]:
    """Return the mark of an event whose announced closing moved later, and since when it has it."""
    before, after = old.event.closing, event.closing
    if old.mark in ("cancelled", "gone") or before is None or after is None or after < before:
        return "", None
    if after > before:
        return "postponed", today
    return (old.mark, old.since) if not _is_worn(old, today) else ("", None)


def _is_worn(state: EventState, today: date) -> bool:
    """Tell whether a mark has been shown long enough."""
    days = CANCELLED_DAYS if state.mark == "cancelled" else POSTPONED_DAYS
    return state.since is not None and today > state.since + timedelta(days=days)


def _change(old: EventState, event: FeedEvent, today: date) -> Change | None:
    """Return what changed, in the order of what matters to a reader; None where a mark merely wore off."""
    was, now = (old.event.first, old.event.last), (event.first, event.last)
    moved = was != now
    what: What
    if old.mark in ("cancelled", "gone"):
        what = "back"
    elif (event.done is None) != (old.event.done is None):
        what = "done" if event.done else "reopened"
    elif event.confirmed != old.event.confirmed:
        what = "announced" if event.confirmed else "expected"
    elif old.event.closing and event.closing and event.closing > old.event.closing:
        what = "postponed"
    elif moved:
        what = "overdue" if event.floats and old.event.last < today else "moved"
    elif _digest(event, "") != _digest(old.event, ""):
        what = "text"
    else:
        return None
    return Change(today, what, was, now) if moved else Change(today, what)


def _logged(changes: tuple[Change, ...], change: Change | None) -> tuple[Change, ...]:
    """Return the last changes; of several that say no more than the one before, the latest."""
    if change is None:
        return changes
    repeats = changes and change.what == changes[-1].what and change.what in ("text", "overdue")
    kept = changes[:-1] if repeats else changes
    return (*kept, change)[-SHOWN_CHANGES:]


def _left(old: EventState, asked: Mapping[str, FeedEvent], now: datetime, today: date) -> EventState:
    """Return the state of an event that the plan does not ask for any more."""
    if old.mark == "gone":
        return old
    if old.event.done:
        mark, since = _finished(old.event, today)
        return replace(old, mark=mark, since=since, live=False)
    if old.mark == "cancelled":
        return replace(old, mark="gone", since=None) if _is_worn(old, today) else old
    if old.event.last < today:
        return _past(old, now, today)
    if old.event.kind in ("prep", "check") or old.event.whole in asked:
        return replace(old, mark="gone", since=None, live=False)
    return EventState(
        old.event,
        old.sequence + 1,
        old.created,
        max(now, old.modified),
        _digest(old.event, "cancelled"),
        "cancelled",
        today,
        live=False,
        changes=_logged(old.changes, Change(today, "cancelled")),
    )


def _past(old: EventState, now: datetime, today: date) -> EventState:
    """Return an event that is over: it stays as it was, only 延期 wears off."""
    if old.mark == "postponed" and _is_worn(old, today):
        return replace(
            old,
            sequence=old.sequence + 1,
            modified=max(now, old.modified),
            digest=_digest(old.event, ""),
            mark="",
            since=None,
            live=False,
        )
    return replace(old, live=False)


def _digest(event: FeedEvent, mark: Mark) -> str:
    """Return a digest of what a reader sees."""
    seen = (
        "done" if mark == "filed" else mark,
        event.kind,
        event.tag,
        event.heading,
        event.first,
        event.last,
        event.text,
        event.confirmed,
        event.extra,
        event.url,
    )
    return sha256(_dumped(seen).encode()).hexdigest()


def _dumped(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, default=lambda day: day.isoformat())


def _known(kind: type, plain: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in plain.items() if name in names}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _days(texts: Sequence[str] | None) -> tuple[date, date] | None:
    return (date.fromisoformat(texts[0]), date.fromisoformat(texts[1])) if texts else None
