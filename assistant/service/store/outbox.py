"""The outbox (发件箱): what is to be said, the messages it goes out in, and every try to hand one over.

A reminder waits until it is due, is queued into one message per address, and is sent when one of these arrives. A
worker claims a message for the time of a lease before it sends it, and says what became of it afterwards; whoever dies
between the two leaves a message that is sent once more. Nothing is ever sent after it has expired.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, bindparam, func, insert, literal, or_, select, update

from assistant.service.store import schema
from assistant.service.store.engine import transaction
from assistant.service.store.planned import put, reminder_of, reminders_of
from assistant.service.store.records import Attempt, MessageRow, ReminderChanges, ReminderRow

LEASE = timedelta(minutes=2)  # longer than the longest try
FARTHEST = timedelta(hours=8)  # longer than anybody waits for another try
_SETTLED = ("done", "not-needed")

_reminder, _message, _link = schema.reminder.c, schema.message.c, schema.message_reminder.c
_attempt, _channel, _mark = schema.attempt.c, schema.channel.c, schema.step_mark.c

# what is asked once for each message is put together once
_READY = (
    select(schema.message)
    .where(_message.state == "pending", _message.urgent == bindparam("urgent"), _message.next_try <= bindparam("now"))
    .order_by(_message.next_try)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_LEFT = (  # by somebody who died; or taken before the clock was set back
    select(schema.message)
    .where(
        _message.state == "sending",
        _message.urgent >= bindparam("urgent"),
        or_(_message.lease < bindparam("now"), _message.lease > bindparam("far")),
    )
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_AHEAD = (  # of any time that is waited for: by a clock that has been set back since
    select(schema.message)
    .where(
        _message.state == "pending",
        _message.urgent == bindparam("urgent"),
        _message.next_try > bindparam("farthest"),
    )
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_TOLD_IN = select(_link.reminder).where(_link.message == bindparam("one"))
_SENT = (
    update(schema.message)
    .where(_message.id == bindparam("one"))
    .values(state="sent", sent=bindparam("at"), lease=None, worker="")
)
_TOLD = (
    update(schema.reminder)
    .where(_reminder.id.in_(_TOLD_IN), _reminder.state != "sent")
    .values(state="sent", sent=bindparam("at"))
)
_WELL = (
    update(schema.channel)
    .where(_channel.id == bindparam("one"), or_(_channel.failures > 0, _channel.answer != bindparam("said")))
    .values(failing=None, failures=0, answer=bindparam("said"))
)
_TRIED = insert(schema.attempt).values(
    {one.name: bindparam(f"tried_{one.name}") for one in schema.attempt.c}
    | {  # a message that was claimed twice has two tries of the same number
        "number": select(func.coalesce(func.max(_attempt.number), 0) + 1)
        .where(_attempt.message == bindparam("tried_message"))
        .scalar_subquery()
    }
)


class Outbox:
    """The outbox of one store."""

    def __init__(self, engine: Engine, label: str) -> None:
        """Serve the store behind *engine*, called *label* in messages."""
        self._engine = engine
        self._label = label

    # ---- reminders

    def apply(self, changes: ReminderChanges, company: str) -> None:
        """Put planned changes into the store, all or nothing."""
        with transaction(self._engine, self._label, writes=True) as db:
            put(db, company, changes)

    def reminders(self, company: str) -> tuple[ReminderRow, ...]:
        """Return every reminder of a company, in order of days."""
        with transaction(self._engine, self._label) as db:
            return reminders_of(db, company)

    def due(self, now: datetime, *, urgent_only: bool = False, after: str = "", limit: int = 500) -> tuple[str, ...]:
        """Return recipients for whom something is due, in the order of their ids, from behind *after*."""
        asked = select(_reminder.recipient).where(
            _reminder.state == "pending", _reminder.due <= now, _reminder.recipient > after
        )
        if urgent_only:
            asked = asked.where(_reminder.urgent == 1)
        with transaction(self._engine, self._label) as db:
            found = db.execute(asked.group_by(_reminder.recipient).order_by(_reminder.recipient).limit(limit))
            return tuple(found.scalars())

    def waiting(self, db: Connection, recipient: str, now: datetime) -> tuple[ReminderRow, ...]:
        """Return what is due for a recipient, held until the end of the transaction; what has expired is put away."""
        same = and_(_reminder.recipient == recipient, _reminder.state == "pending")
        late = _held(select(_reminder.id).where(same, _reminder.expires < now), db)  # waits for nobody who plans
        db.execute(update(schema.reminder).where(_reminder.id.in_(late)).values(state="expired"))
        asked = select(schema.reminder).where(same, _reminder.due <= now).order_by(_reminder.due, _reminder.key)
        return tuple(reminder_of(row) for row in db.execute(_held(asked, db)))

    def queue(self, db: Connection, messages: Iterable[tuple[MessageRow, Sequence[ReminderRow]]]) -> None:
        """Put messages into the outbox; each reminder in them waits no longer.

        One that was taken back goes out as it is said now.
        """
        for message, told in messages:
            known = db.execute(select(_message.state).where(_message.id == message.id)).scalar_one_or_none()
            if known is None:
                db.execute(insert(schema.message).values(**_values(message)))
                links = [{"message": message.id, "reminder": one.id} for one in told]
                db.execute(insert(schema.message_reminder), links)
            elif known not in ("pending", "sending"):
                db.execute(update(schema.message).where(_message.id == message.id).values(**_values(message)))
            ids = [one.id for one in told]
            db.execute(update(schema.reminder).where(_reminder.id.in_(ids)).values(state="queued"))

    def settle(self, db: Connection, told: Sequence[ReminderRow], state: str) -> None:
        """Put reminders that wait into another state."""
        _settle(db, [one.id for one in told], state)

    # ---- messages

    def claim(
        self, worker: str, *, now: datetime, lease: timedelta = LEASE, urgent_only: bool = False
    ) -> MessageRow | None:
        """Take the next message to be sent, for the time of a lease; None where none waits."""
        return next(iter(self.take(worker, now=now, lease=lease, urgent_only=urgent_only, most=1)), None)

    def take(
        self, worker: str, *, now: datetime, lease: timedelta = LEASE, urgent_only: bool = False, most: int
    ) -> tuple[MessageRow, ...]:
        """Take the next messages to be sent, *most* of them at most, for the time of a lease.

        What has expired or tells of a step that is done is put away. A lease that reaches further than any can was
        taken before the clock was set back, and counts as over.
        """
        taken: list[MessageRow] = []
        until = now + lease
        with transaction(self._engine, self._label, writes=True) as db:
            while len(taken) < most and (found := _ready(db, now, lease, most - len(taken), urgent_only=urgent_only)):
                fit = [one for one in found if one.expires >= now]
                over = _over(db, [one.id for one in fit]) if fit else {}
                for one in found:
                    if one.expires < now:
                        _put_away(db, one.id, "expired")
                        _end(db, one.id, "expired", now)
                    elif one.id in over:
                        _put_away(db, one.id, "superseded")
                        _end(db, one.id, "pending", now)
                        _settle(db, over[one.id], "superseded")
                fit = [one for one in fit if one.id not in over]
                if fit:
                    same = update(schema.message).where(_message.id.in_([one.id for one in fit]))
                    tries = _message.attempts + 1
                    db.execute(same.values(state="sending", lease=until, worker=worker, attempts=tries))
                taken += [
                    replace(one, state="sending", lease=until, worker=worker, attempts=one.attempts + 1) for one in fit
                ]
        return tuple(taken)

    def arrived(self, message: MessageRow, attempt: Attempt) -> None:
        """Tell that a message was taken; what it said counts as told."""
        with transaction(self._engine, self._label, writes=True) as db:
            db.execute(_SENT, {"one": message.id, "at": attempt.at})
            _tried(db, attempt)
            db.execute(_TOLD, {"one": message.id, "at": attempt.at})
            if message.channel:
                db.execute(_WELL, {"one": message.channel, "said": attempt.answer})

    def missed(
        self,
        message: MessageRow,
        attempt: Attempt,
        *,
        next_try: datetime | None,
        pieces: int = 0,
        instead: MessageRow | None = None,
    ) -> None:
        """Tell that a message was not taken: it is tried again at *next_try*, or never; *instead* goes in its place."""
        with transaction(self._engine, self._label, writes=True) as db:
            same = update(schema.message).where(
                _message.id == message.id, _message.state == "sending", _message.worker == message.worker
            )
            lost = next_try is None or next_try > message.expires
            state = "pending" if not lost else "dead" if next_try is None else "expired"
            values = {"state": state, "lease": None, "worker": "", "next_try": next_try or attempt.at}
            mine = db.execute(same.values(**values, pieces=pieces)).rowcount
            _tried(db, attempt)
            if message.channel:
                failing = func.coalesce(_channel.failing, literal(attempt.at, schema.channel.c.failing.type))
                bad = {"failing": failing, "failures": _channel.failures + 1, "answer": attempt.answer}
                db.execute(update(schema.channel).where(_channel.id == message.channel).values(**bad))
            if not mine or not lost:
                return
            if instead is not None:
                told = list(db.execute(select(_link.reminder).where(_link.message == message.id)).scalars())
                if db.execute(select(_message.id).where(_message.id == instead.id)).first() is None:
                    db.execute(insert(schema.message).values(**_values(instead)))
                    if told:
                        links = [{"message": instead.id, "reminder": one} for one in told]
                        db.execute(insert(schema.message_reminder), links)
            else:
                _end(db, message.id, "failed" if state == "dead" else "expired", next_try or attempt.at)

    def held(self, message: MessageRow, *, until: datetime) -> None:
        """Give a claimed message back untried."""
        with transaction(self._engine, self._label, writes=True) as db:
            same = update(schema.message).where(_message.id == message.id, _message.worker == message.worker)
            back = {"state": "pending", "lease": None, "worker": "", "attempts": message.attempts - 1}
            db.execute(same.where(_message.state == "sending").values(**back, next_try=until))

    def withdraw(self, message: MessageRow, state: str, *, now: datetime) -> None:
        """Put away a claimed message that nobody wants any more, or not now; its reminders get that *state*."""
        with transaction(self._engine, self._label, writes=True) as db:
            _put_away(db, message.id, "superseded")
            _end(db, message.id, state, now)

    def add(self, message: MessageRow) -> None:
        """Put a message without reminders into the outbox, unless it is there."""
        with transaction(self._engine, self._label, writes=True) as db:
            if db.execute(select(_message.id).where(_message.id == message.id)).first() is None:
                db.execute(insert(schema.message).values(**_values(message)))

    def told_in(self, message: str) -> tuple[ReminderRow, ...]:
        """Return the reminders in a message."""
        asked = select(schema.reminder).join(schema.message_reminder, _link.reminder == _reminder.id)
        with transaction(self._engine, self._label) as db:
            found = db.execute(asked.where(_link.message == message).order_by(_reminder.due, _reminder.key))
            return tuple(reminder_of(row) for row in found)

    # ---- what happened

    def messages(self, company: str, *, limit: int = 50) -> tuple[MessageRow, ...]:
        """Return the messages of a company, the latest first."""
        asked = select(schema.message).where(_message.company == company)
        with transaction(self._engine, self._label) as db:
            found = db.execute(asked.order_by(_message.created.desc(), _message.id).limit(limit))
            return tuple(_message_of(row) for row in found)

    def attempts(self, messages: Sequence[str]) -> tuple[Attempt, ...]:
        """Return every try to hand these over, the first first."""
        asked = select(schema.attempt).where(_attempt.message.in_(messages))
        with transaction(self._engine, self._label) as db:
            return tuple(Attempt(*row) for row in db.execute(asked.order_by(_attempt.at, _attempt.number)))

    def counts(self) -> dict[str, int]:
        """Return how many messages are in each state."""
        asked = select(_message.state, func.count()).group_by(_message.state)
        with transaction(self._engine, self._label) as db:
            return {state: int(count) for state, count in db.execute(asked)}


def _ready(db: Connection, now: datetime, lease: timedelta, most: int, *, urgent_only: bool) -> list[MessageRow]:
    """Return messages that can be sent at once: those others have left, what is urgent, the rest."""
    asked = {"now": now, "far": now + 2 * lease, "farthest": now + FARTHEST}
    found = list(db.execute(_LEFT, {**asked, "urgent": int(urgent_only), "most": most}))
    for statement in (_READY, _AHEAD):
        for urgent in (1,) if urgent_only else (1, 0):
            if len(found) < most:
                found += db.execute(statement, {**asked, "urgent": urgent, "most": most - len(found)})
    return [_message_of(row) for row in found]


def _over(db: Connection, messages: Sequence[str]) -> dict[str, list[str]]:
    """Return, of messages that tell of a step that is done meanwhile, the reminders that do."""
    asked = (
        select(_link.message, _link.reminder)
        .join(schema.reminder, _reminder.id == _link.reminder)
        .join(schema.step_mark, and_(_mark.company == _reminder.company, _mark.step == _reminder.event))
        .where(_link.message.in_(messages), _mark.state.in_(_SETTLED))
    )
    found: dict[str, list[str]] = {}
    for message, reminder in db.execute(asked):
        found.setdefault(message, []).append(reminder)
    return found


def _put_away(db: Connection, message: str, state: str) -> None:
    same = update(schema.message).where(_message.id == message)
    db.execute(same.values(state=state, lease=None, worker=""))


def _settle(db: Connection, reminders: Sequence[str], state: str) -> None:
    if not reminders:  # for none of them, SQLite would look through all
        return
    same = and_(_reminder.id.in_(reminders), _reminder.state == "pending")
    db.execute(update(schema.reminder).where(same).values(state=state))


def _end(db: Connection, message: str, state: str, now: datetime) -> None:
    """Put the reminders of a lost message into *state*, unless another message still carries them.

    Where the message has expired, those of them that have not at *now* wait again.
    """
    told = select(_link.reminder).where(_link.message == message)
    carried = (
        select(_link.reminder)
        .join(schema.message, _message.id == _link.message)
        .where(_message.state.in_(("pending", "sending")))
    )
    lost = update(schema.reminder).where(
        _reminder.id.in_(told), _reminder.state == "queued", _reminder.id.not_in(carried)
    )
    if state == "expired":
        db.execute(lost.where(_reminder.expires > now).values(state="pending"))
    db.execute(lost.values(state=state))


def _tried(db: Connection, attempt: Attempt) -> None:
    db.execute(_TRIED, {f"tried_{name}": value for name, value in asdict(attempt).items() if name != "number"})


def _held(asked: Select[Any], db: Connection) -> Select[Any]:
    """Return the query such that other workers pass its rows by; SQLite has one writer anyway."""
    return asked.with_for_update(skip_locked=True) if db.dialect.name == "postgresql" else asked


def _message_of(row: Any) -> MessageRow:
    found = MessageRow(**row._mapping)  # noqa: SLF001 # SQLAlchemy's public name
    return replace(found, urgent=bool(found.urgent))


def _values(row: MessageRow) -> dict[str, object]:
    return asdict(row) | {"urgent": int(row.urgent)}
