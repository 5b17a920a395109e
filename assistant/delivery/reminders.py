"""A reminder (提醒) says something of one event of the calendar in time: the same event that feed and page show.

Its *key* names kind, event and lead, never a date, so planning twice asks for the same. Announced dates are counted
back from; an estimate is spoken of as one, and never counted down. What is done is not reminded of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from assistant.delivery.revision import EventState, FeedEvent
from assistant.delivery.wording.reminding import reminding
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.prospect import Prospect

Kind = Literal[
    "announced", "moved", "opening", "closing", "expected", "check", "step", "overdue", "question", "upkeep", "rules"
]
KINDS: tuple[Kind, ...] = (
    "announced", "moved", "opening", "closing", "expected", "check", "step", "overdue", "question", "upkeep", "rules"
)  # fmt: skip
LEADS = (30, 14, 7, 3, 1)  # days before an announced closing
LONGEST_LEAD = 180
AHEAD = 100  # days that are planned
NEAR = 7  # what is so near, in days, does not wait for the week's others
URGENT = 1  # and what is so near goes out on a day off
MOVED = 7  # an estimate that moves by fewer days is the same estimate
AGAIN = 28  # days until what nobody has done is said again
DROPPED = "dropped|"  # begins the key of a reminder that an event is left out of the plan
NEWS = 21  # days for which news is news
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a recipient wants: kinds, and days before a closing; *own*: the address whose steps alone count."""

    kinds: frozenset[Kind] = frozenset(KINDS)
    leads: tuple[int, ...] = LEADS
    own: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What a recipient was told of an event last: its days, and whether they were announced."""

    first: date
    last: date
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Reminder:
    """What is to be said of *state* on *day*, or as soon after as may be until *last*.

    *alone*: not with the week's others; *urgent*: on a day off too. *aim*: the day that is counted down to. *former*:
    what was told before, where that is not so any more.
    """

    key: str
    kind: Kind
    state: EventState
    day: date
    last: date
    alone: bool = False
    urgent: bool = False
    aim: date | None = None
    former: Told | None = field(default=None)

    @property
    def told(self) -> Told:
        """What is told with it."""
        event = self.state.event
        return Told(event.first, event.last, event.confirmed)


def reminders(
    states: Sequence[EventState],
    choice: Choice,
    on: date,
    told: Mapping[str, Told],
    owners: Mapping[str, str],
    *,
    ahead: int = AHEAD,
) -> tuple[Reminder, ...]:
    """Return what to remind of, in order of days.

    Args:
        states: what the calendar publishes, or has left out.
        choice: what the recipient wants.
        on: the day of planning.
        told: what the recipient was told last, by the keys of events.
        owners: the address of whoever has a task in hand, by its key.
        ahead: so many days are looked at.

    """
    applied = {state.event.key.removeprefix("apply|") for state in states if _is_over(state) and _applies(state)}
    found: list[Reminder] = []
    for state in states:
        key = state.event.key
        if state.event.kind == "prep" and choice.own and owners.get(key, "").casefold() != choice.own.casefold():
            continue
        if state.event.kind == "window" and key.split("|window")[0] in applied:
            continue
        found += _of(state, choice, on, told.get(key))
    until = on + timedelta(days=ahead)
    wanted = (one for one in found if one.kind in choice.kinds and one.day <= until and one.last >= on)
    return tuple(sorted(wanted, key=lambda one: (one.day, KINDS.index(one.kind), one.key)))


def _is_over(state: EventState) -> bool:
    return state.event.done is not None or state.mark in ("done", "filed")


def _applies(state: EventState) -> bool:
    return state.event.key.startswith("apply|")


def _of(state: EventState, choice: Choice, on: date, told: Told | None) -> Iterator[Reminder]:
    event = state.event
    if _is_over(state) or state.mark == "gone":
        return
    if state.mark == "cancelled":
        if told is not None and event.kind in ("window", "upkeep"):
            yield replace(_news("moved", state, on, told), key=f"{DROPPED}{event.key}")
        return
    if not state.live:  # over, or not asked for any more
        return
    match event.kind:
        case "window" if event.confirmed:
            yield from _announced(state, choice, on, told)
        case "window":
            yield from _expected(state, choice, told, on)
        case "check":
            yield Reminder(f"check|{event.key}", "check", state, event.first, event.first + NEWS * _DAY)
        case "upkeep":
            leads = [lead for lead in choice.leads if lead >= NEAR] or [NEAR]
            yield from _counted("upkeep", state, event.last, leads)
        case "prep":
            yield from _step(state, on)


def _announced(state: EventState, choice: Choice, on: date, told: Told | None) -> Iterator[Reminder]:
    event = state.event
    if told is None or not told.confirmed:
        yield replace(_news("announced", state, on, None), last=max(event.last, on))
    elif (told.first, told.last) != (event.first, event.last):
        yield _news("moved", state, on, told)
    if event.first > state.created.date():  # where it had not begun before it was known
        yield Reminder(f"opening|{event.key}", "opening", state, event.first, event.last, alone=True, aim=event.first)
    if event.closing is not None:
        yield from _counted("closing", state, event.closing, choice.leads)


def _expected(state: EventState, choice: Choice, told: Told | None, on: date) -> Iterator[Reminder]:
    event = state.event
    if told is not None and not told.confirmed and abs((told.first - event.first).days) >= MOVED:
        yield replace(_news("moved", state, on, told), alone=False)
    elif told is not None and told.confirmed:  # what was announced is not any more
        yield _news("moved", state, on, told)
    for one in _counted("expected", state, event.first, [lead for lead in choice.leads if lead > NEAR] or [NEAR]):
        yield replace(one, alone=False, urgent=False, aim=None, last=min(one.last, event.first))


def _news(kind: Kind, state: EventState, on: date, former: Told | None) -> Reminder:
    return Reminder(f"{kind}|{state.event.key}", kind, state, on, on + NEWS * _DAY, alone=True, former=former)


def _counted(kind: Kind, state: EventState, aim: date, leads: Sequence[int]) -> Iterator[Reminder]:
    """Yield one reminder per lead; each is true until the next."""
    days = sorted({aim - timedelta(days=lead): lead for lead in leads}.items())
    for (day, lead), following in zip(days, [*(day for day, _ in days[1:]), aim + _DAY], strict=True):
        near = lead <= NEAR
        key = f"{kind}|{state.event.key}|{lead}"
        yield Reminder(key, kind, state, day, following - _DAY, near, lead <= URGENT, aim)


def _step(state: EventState, on: date) -> Iterator[Reminder]:
    """Yield the reminder of a step: in the week of its day, or now where it cannot wait any more."""
    event = state.event
    kind: Kind = "question" if event.key.startswith("answer|") else "step"
    if kind == "step" and (event.floats or event.last < on):
        yield Reminder(f"overdue|{event.key}", "overdue", state, on, on + NEWS * _DAY)
    elif kind == "question":
        yield Reminder(f"question|{event.key}", kind, state, event.last - NEAR * _DAY, event.last + NEWS * _DAY)
    else:
        yield Reminder(f"step|{event.key}", kind, state, event.last - NEAR * _DAY, event.last, aim=event.last)


def rule_news(prospect: Prospect, was: str, say: Speaker, on: date, *, digest: str) -> Reminder:
    """Return the reminder that other rules give another verdict than *was*."""
    match = prospect.match
    version = match.version
    lines = [reminding("verdict", say.lang).format(say.word(f"verdict.{was}"), say.word(f"verdict.{match.verdict}"))]
    if version is not None:
        lines.append(reminding("version", say.lang).format(version.instrument.title))
    key = f"rules|{match.project.id}|{version.id if version else ''}|{digest}"
    name = say.pick(match.project.name, match.project.en)
    event = FeedEvent("", key, "window", "announced", name, on, on, "\n".join(lines), confirmed=True)
    stamp = datetime.combine(on, time(), UTC)
    return Reminder(key, "rules", EventState(event, 0, stamp, stamp, ""), on, on + NEWS * _DAY, alone=True)
