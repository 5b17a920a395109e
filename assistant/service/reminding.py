"""Reminding (提醒计划): what each recipient is still to be told, set against what the store has of it.

It is planned when a company's calendar is published, from the very events of it, and goes into the store with it.
Planning twice changes nothing. A date that moved replaces what is not sent; what was sent is told again only where the
day moved by a week or more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from hashlib import sha256

from assistant.delivery.agenda import Item, duties, steps
from assistant.delivery.events import events
from assistant.delivery.feed import feed
from assistant.delivery.messages import body_of
from assistant.delivery.plain import Json
from assistant.delivery.reminders import (
    AGAIN,
    AHEAD,
    DROPPED,
    KINDS,
    MOVED,
    Choice,
    Reminder,
    Told,
    reminders,
    rule_news,
)
from assistant.delivery.result import agenda
from assistant.delivery.revision import EventState, day_of
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.assessment import Assessment
from assistant.planning.manners import CLOSES, going, moment
from assistant.planning.marks import marked, tasks_of
from assistant.service.store.records import Inputs, Recipient, ReminderChanges, ReminderRow

_NEWS = ("announced", "moved", "rules")
_TELLING = ("announced", "moved", "opening", "closing", "expected")  # kinds that tell of an event's days
_REPEATED = ("overdue", "question", "check")  # until it is done
_WORDS = ("heading", "name", "text")  # of an event
_ONCE = ("rules",)  # asked for once, when the rules changed, and not again
_DONE = ("sent", "failed")


@dataclass(frozen=True)
class Occasion:
    """One company on one day: its assessment, and the calendar as published, in its language."""

    inputs: Inputs
    assessment: Assessment
    states: Mapping[str, EventState]
    lang: str = "zh"


def changes(occasion: Occasion, now: datetime) -> ReminderChanges:
    """Return what the store has to change so that everybody is reminded of what the calendar says at *now*."""
    inputs = occasion.inputs
    verdicts = verdicts_now(occasion.assessment, inputs)
    put: list[tuple[ReminderRow, str, int]] = []
    writers: dict[str, _Writer] = {}
    for recipient in inputs.recipients:
        known = [row for row in inputs.reminders if row.recipient == recipient.id]
        if recipient.stopped is not None or not recipient.channels:
            put += _withdrawn(known)
            continue
        writer = writers.setdefault(recipient.lang, _Writer(occasion, recipient.lang))
        put += _planned(recipient, writer.wanted(recipient, known, verdicts, day_of(now)), known, writer.body, now)
    return ReminderChanges(tuple(put), json.dumps(verdicts, ensure_ascii=False, sort_keys=True))


def preview(occasion: Occasion, recipient: Recipient, now: datetime, *, days: int = AHEAD) -> tuple[ReminderRow, ...]:
    """Return what a recipient would be told in so many days if nothing changed, in order of days."""
    known = [row for row in occasion.inputs.reminders if row.recipient == recipient.id]
    writer = _Writer(occasion, recipient.lang)
    wanted = writer.wanted(recipient, known, verdicts_now(occasion.assessment, occasion.inputs), day_of(now))
    rows = {row.id: row for row in known if row.state in ("pending", "queued")}
    rows |= {row.id: row for row, _, _ in _planned(recipient, wanted, known, writer.body, now)}
    until = moment(day_of(now) + timedelta(days=days))
    shown = (row for row in rows.values() if row.state in ("pending", "queued") and row.due <= until)
    return tuple(sorted(shown, key=lambda row: (row.due, not row.alone, row.key)))


def choice_of(recipient: Recipient) -> Choice:
    """Return what a recipient has chosen."""
    kinds = frozenset(kind for kind in KINDS if kind in recipient.kinds)
    return Choice(kinds, recipient.leads, recipient.email if recipient.own else "")


@dataclass(frozen=True)
class _Writer:
    """Puts reminders into words of one language."""

    occasion: Occasion
    lang: str

    def wanted(
        self, recipient: Recipient, known: Sequence[ReminderRow], verdicts: Json, on: date
    ) -> tuple[Reminder, ...]:
        """Return what there is to be told."""
        owners = {mark.key: mark.email for mark in self.occasion.inputs.marks}
        told = told_of(known)
        found = reminders(self._states, choice_of(recipient), on, told, owners)
        news = _rule_changes(self.occasion, verdicts, self.lang) if "rules" in recipient.kinds else ()
        return (*found, *news)

    def body(self, reminder: Reminder) -> str:
        """Return the text of a reminder as it is kept."""
        assessment = self.occasion.assessment
        ics = ""
        if reminder.kind in ("announced", "moved") and reminder.state.event.confirmed:
            company = self.occasion.inputs.company.id
            ics = feed(assessment, self.lang, company=company, states=[reminder.state]).decode()
        told = body_of(reminder, self._items, Speaker(assessment.rulebook, self.lang), ics)
        return json.dumps(told, ensure_ascii=False, sort_keys=True)

    @cached_property
    def _states(self) -> list[EventState]:
        """Return what the calendar says, in this language."""
        found = list(self.occasion.states.values())
        if self.lang == self.occasion.lang:
            return found
        inputs, assessment = self.occasion.inputs, self.occasion.assessment
        said = events(assessment, Speaker(assessment.rulebook, self.lang), inputs.company.id, inputs.marks)
        texts = {event.uid: event for event in said}
        return [
            replace(one, event=replace(one.event, **{name: getattr(texts[one.uid], name) for name in _WORDS}))
            for one in found
            if one.uid in texts
        ]

    @cached_property
    def _items(self) -> Mapping[str, Item]:
        occasion, assessment = self.occasion, self.occasion.assessment
        worked = marked(tasks_of(assessment.steps, assessment.duties), occasion.inputs.marks, assessment.on)
        data = agenda(assessment, self.lang)
        found = [*steps(data, self.lang, worked), *duties(data, self.lang, worked)]
        return {item.key: item for item in found}


def told_of(known: Sequence[ReminderRow]) -> dict[str, Told]:
    """Return what was told last of each event, by its key."""
    sent = [row for row in known if row.state == "sent" and row.kind in _TELLING and row.sent is not None]
    sent.sort(key=lambda row: (row.sent, row.kind == "moved"))
    last = {row.event: row for row in sent}
    return {
        event: Told(row.first, row.last, row.confirmed)
        for event, row in last.items()
        if not row.key.startswith(DROPPED)
    }


def _planned(
    recipient: Recipient,
    wanted: Sequence[Reminder],
    known: Sequence[ReminderRow],
    body: Callable[[Reminder], str],
    now: datetime,
) -> Iterator[tuple[ReminderRow, str, int]]:
    by_key = {row.key: row for row in known}
    chosen = list(_goings(wanted, by_key, now))
    for one, day in chosen:
        row = by_key.get(one.key)
        if day > one.last:
            continue
        if row is None:
            yield _row(recipient, one, day, body(one)), "", 0
        elif row.state in _DONE:
            if _is_news(row, one, now):
                yield replace(_row(recipient, one, day, body(one)), epoch=row.epoch + 1), row.state, row.epoch
        elif row.state in ("superseded", "expired"):
            fresh = _row(recipient, one, day, body(one))
            if row.state == "superseded" or fresh.expires > row.expires:
                yield replace(fresh, epoch=row.epoch), row.state, row.epoch
        else:
            fresh = replace(_row(recipient, one, day, body(one)), epoch=row.epoch)
            fresh = replace(fresh, due=row.due) if row.due <= now else fresh  # it is about to go
            if replace(fresh, state=row.state, due=row.due) != row or (fresh.due != row.due and row.state == "pending"):
                yield fresh, row.state, row.epoch
    kept = {one.key for one, _ in chosen}
    yield from _withdrawn([row for row in known if row.key not in kept and row.kind not in _ONCE])


def _goings(
    wanted: Sequence[Reminder], known: Mapping[str, ReminderRow], now: datetime
) -> Iterator[tuple[Reminder, date]]:
    """Yield each with the day it goes out; of two leads that meet on one day the nearer is enough."""
    found: dict[tuple[object, ...], tuple[Reminder, date]] = {}
    for one in wanted:  # in order of days
        day = going(one.day, one.last, alone=one.alone, urgent=one.urgent, now=now)
        row = known.get(one.key)
        leaves = day > one.last or (row is not None and row.state in ("pending", "queued") and row.due <= now)
        found[(one.key,) if leaves else (one.kind, one.state.event.key, day)] = one, day
    yield from found.values()


def _withdrawn(rows: Sequence[ReminderRow]) -> Iterator[tuple[ReminderRow, str, int]]:
    for row in rows:
        if row.state in ("pending", "queued"):
            yield replace(row, state="superseded"), row.state, row.epoch


def _is_news(row: ReminderRow, one: Reminder, now: datetime) -> bool:
    """Tell whether what was said already is to be said again."""
    if one.kind in _NEWS:
        return True
    if one.kind in _REPEATED:
        return row.sent is not None and now - row.sent >= timedelta(days=AGAIN)
    moved = abs((one.told.last - row.last).days) >= (AGAIN if one.kind == "step" else MOVED)
    return moved and one.day > day_of(now)


def _row(recipient: Recipient, one: Reminder, day: date, body: str) -> ReminderRow:
    identity = sha256(f"{recipient.id}|{one.key}".encode()).hexdigest()[:32]
    told = one.told
    return ReminderRow(
        identity,
        recipient.company,
        recipient.id,
        one.key,
        one.state.event.key,
        one.kind,
        "pending",
        due=moment(day),
        expires=moment(one.last, CLOSES),
        urgent=one.urgent,
        alone=one.alone,
        first=told.first,
        last=told.last,
        confirmed=told.confirmed,
        body=body,
    )


# ---- rule changes


def verdicts_now(assessment: Assessment, inputs: Inputs) -> Json:
    """Return what is compared when the rules change: verdicts by project, the version that gives them, the profile."""
    return {
        "profile": inputs.profile.number,
        "rules": assessment.rulebook.digest,
        "projects": {
            prospect.match.project.id: [
                prospect.match.version.id if prospect.match.version else "",
                prospect.match.verdict,
                prospect.match.application.cycle,
            ]
            for prospect in assessment.prospects
        },
    }


def _rule_changes(occasion: Occasion, now: Json, lang: str) -> Iterator[Reminder]:
    """Yield the projects whose verdict other rules have changed: the same answers, judged by another text."""
    if not occasion.inputs.verdicts:
        return
    before = json.loads(occasion.inputs.verdicts)
    if before["profile"] != now["profile"]:
        return
    for prospect in occasion.assessment.prospects:
        id_ = prospect.match.project.id
        was, told = before["projects"].get(id_), now["projects"][id_]
        if was is None or was[1] == told[1] or (was[0] == told[0] and before["rules"] == now["rules"]):
            continue
        say = Speaker(occasion.assessment.rulebook, lang)
        yield rule_news(prospect, was[1], say, occasion.assessment.on, digest=now["rules"][:8])
