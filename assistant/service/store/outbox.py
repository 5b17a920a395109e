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

from sqlalchemy import Connection, Engine, Select, and_, case, func, insert, literal, or_, select, update

from assistant.service.store import schema
from assistant.service.store.engine import transaction
from assistant.service.store.records import Attempt, MessageRow, ReminderChanges, ReminderRow

LEASE = timedelta(minutes=2)  # longer than the longest try
_OPEN = ("pending", "queued")

_reminder, _message, _link = schema.reminder.c, schema.message.c, schema.message_reminder.c
_attempt, _channel = schema.attempt.c, schema.channel.c


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

    def due(self, now: datetime, *, limit: int = 500) -> tuple[str, ...]:
        """Return the recipients for whom something is due."""
        asked = select(_reminder.recipient).where(_reminder.state == "pending", _reminder.due <= now)
        with transaction(self._engine, self._label) as db:
            return tuple(db.execute(asked.group_by(_reminder.recipient).limit(limit)).scalars())

    def waiting(self, db: Connection, recipient: str, now: datetime) -> tuple[ReminderRow, ...]:
        """Return what is due for a recipient, held until the end of the transaction; what has expired is put away."""
        same = and_(_reminder.recipient == recipient, _reminder.state == "pending")
        late = update(schema.reminder).where(same, _reminder.expires < now)
        db.execute(late.values(state="expired"))
        asked = select(schema.reminder).where(same, _reminder.due <= now).order_by(_reminder.due, _reminder.key)
        return tuple(_reminder_of(row) for row in db.execute(_held(asked, db)))

    def queue(self, db: Connection, messages: Iterable[tuple[MessageRow, Sequence[ReminderRow]]]) -> None:
        """Put messages into the outbox; each reminder in them waits no longer."""
        for message, told in messages:
            known = db.execute(select(_message.state).where(_message.id == message.id)).scalar_one_or_none()
            if known is None:
                db.execute(insert(schema.message).values(**_values(message)))
                links = [{"message": message.id, "reminder": one.id} for one in told]
                db.execute(insert(schema.message_reminder), links)
            ids = [one.id for one in told]
            db.execute(update(schema.reminder).where(_reminder.id.in_(ids)).values(state="queued"))

    def settle(self, db: Connection, told: Sequence[ReminderRow], state: str) -> None:
        """Put reminders that wait into another state."""
        ids = [one.id for one in told]
        same = and_(_reminder.id.in_(ids), _reminder.state == "pending")
        db.execute(update(schema.reminder).where(same).values(state=state))

    # ---- messages

    def claim(
        self, worker: str, *, now: datetime, lease: timedelta = LEASE, urgent_only: bool = False
    ) -> MessageRow | None:
        """Take the next message to be sent, for the time of a lease; None where none waits.

        A lease that reaches further than any can was taken before the clock was set back, and counts as over.
        """
        over = or_(_message.lease < now, _message.lease > now + 2 * lease)
        ready = or_(
            and_(_message.state == "pending", _message.next_try <= now), and_(_message.state == "sending", over)
        )
        asked = select(schema.message).where(ready)
        if urgent_only:
            asked = asked.where(_message.urgent == 1)
        asked = asked.order_by(_message.urgent.desc(), _message.next_try, _message.id).limit(1)
        with transaction(self._engine, self._label, writes=True) as db:
            while True:
                row = db.execute(_held(asked, db)).one_or_none()
                if row is None:
                    return None
                message = _message_of(row)
                same = update(schema.message).where(_message.id == message.id)
                if message.expires < now:
                    db.execute(same.values(state="expired", lease=None, worker=""))
                    _end(db, message.id, "expired")
                    continue
                until, tries = now + lease, message.attempts + 1
                db.execute(same.values(state="sending", lease=until, worker=worker, attempts=tries))
                return replace(message, state="sending", lease=until, worker=worker, attempts=tries)

    def arrived(self, message: MessageRow, attempt: Attempt) -> None:
        """Tell that a message was taken; what it said counts as told."""
        with transaction(self._engine, self._label, writes=True) as db:
            same = update(schema.message).where(_message.id == message.id)
            db.execute(same.values(state="sent", sent=attempt.at, lease=None, worker=""))
            db.execute(insert(schema.attempt).values(**asdict(_numbered(db, attempt))))
            told = select(_link.reminder).where(_link.message == message.id)
            known = update(schema.reminder).where(_reminder.id.in_(told), _reminder.state != "sent")
            db.execute(known.values(state="sent", sent=attempt.at))
            if message.channel:
                well = {"failing": None, "failures": 0, "answer": attempt.answer}
                db.execute(update(schema.channel).where(_channel.id == message.channel).values(**well))

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
            db.execute(insert(schema.attempt).values(**asdict(_numbered(db, attempt))))
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
                _end(db, message.id, "failed" if state == "dead" else "expired")

    def held(self, message: MessageRow, *, until: datetime) -> None:
        """Give a claimed message back untried."""
        with transaction(self._engine, self._label, writes=True) as db:
            same = update(schema.message).where(_message.id == message.id, _message.worker == message.worker)
            back = {"state": "pending", "lease": None, "worker": "", "attempts": message.attempts - 1}
            db.execute(same.where(_message.state == "sending").values(**back, next_try=until))

    def withdraw(self, message: MessageRow) -> None:
        """Put away a claimed message that nobody wants any more."""
        with transaction(self._engine, self._label, writes=True) as db:
            same = update(schema.message).where(_message.id == message.id)
            db.execute(same.values(state="superseded", lease=None, worker=""))
            _end(db, message.id, "superseded")

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
            return tuple(_reminder_of(row) for row in found)

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


def reminders_of(db: Connection, company: str) -> tuple[ReminderRow, ...]:
    """Return a company's reminders inside a transaction; the texts of those that are over are left out."""
    columns = [column for column in schema.reminder.c if column.name not in ("body", "sent")]
    body = case((_reminder.state.in_(_OPEN), _reminder.body), else_="").label("body")
    asked = select(*columns, body, _reminder.sent).where(_reminder.company == company)
    return tuple(_reminder_of(row) for row in db.execute(asked.order_by(_reminder.due, _reminder.id)))


def put(db: Connection, company: str, changes: ReminderChanges) -> None:
    """Put what planning changes into the store; a row that was sent or queued meanwhile stays as it is.

    A message that waits with something that is not so any more is put away; what else it said waits again.
    """
    new = [_reminder_values(row) for row, state, _ in changes.put if not state]
    if new:
        known = set(db.execute(select(_reminder.id).where(_reminder.id.in_([one["id"] for one in new]))).scalars())
        fresh = [one for one in new if one["id"] not in known]
        if fresh:
            db.execute(insert(schema.reminder), fresh)
    for row, state, epoch in changes.put:
        if not state:
            continue
        if state == "queued" and not _unqueued(db, row.id):
            continue  # it is on its way this very moment
        was = ("pending", "queued") if state == "queued" else (state,)
        same = and_(_reminder.id == row.id, _reminder.state.in_(was), _reminder.epoch == epoch)
        db.execute(update(schema.reminder).where(same).values(**_reminder_values(row)))
    if changes.verdicts:
        plan = schema.reminder_plan
        same_plan = update(plan).where(plan.c.company == company).values(verdicts=changes.verdicts)
        if db.execute(same_plan).rowcount == 0:
            db.execute(insert(plan).values(company=company, verdicts=changes.verdicts))


def verdicts_of(db: Connection, company: str) -> str:
    """Return which verdicts were compared last, as JSON; "" where none were."""
    asked = select(schema.reminder_plan.c.verdicts).where(schema.reminder_plan.c.company == company)
    return str(db.execute(asked).scalar_one_or_none() or "")


def _unqueued(db: Connection, reminder: str) -> bool:
    """Take back the messages that a queued reminder waits in; False where one of them is being sent."""
    holding = select(_link.message).where(_link.reminder == reminder)
    waiting = select(_message.id).where(_message.id.in_(holding), _message.state == "pending")
    back = list(db.execute(waiting.with_for_update() if db.dialect.name == "postgresql" else waiting).scalars())
    if db.execute(select(_message.id).where(_message.id.in_(holding), _message.state == "sending")).first():
        return False
    if back:
        db.execute(update(schema.message).where(_message.id.in_(back)).values(state="superseded"))
        others = select(_link.reminder).where(_link.message.in_(back))
        again = update(schema.reminder).where(_reminder.id.in_(others), _reminder.state == "queued")
        db.execute(again.values(state="pending"))
    return True


def _end(db: Connection, message: str, state: str) -> None:
    """Put the reminders of a lost message into *state*, unless another message still carries them."""
    told = select(_link.reminder).where(_link.message == message)
    carried = (
        select(_link.reminder)
        .join(schema.message, _message.id == _link.message)
        .where(_message.state.in_(("pending", "sending")))
    )
    lost = update(schema.reminder).where(_reminder.id.in_(told), _reminder.state == "queued")
    db.execute(lost.where(_reminder.id.not_in(carried)).values(state=state))


def _numbered(db: Connection, attempt: Attempt) -> Attempt:
    """Return the attempt under the next free number: a message that was claimed twice has two of the same."""
    asked = select(func.max(_attempt.number)).where(_attempt.message == attempt.message)
    last = db.execute(asked).scalar_one_or_none()
    return replace(attempt, number=(last or 0) + 1)


def _held(asked: Select[Any], db: Connection) -> Select[Any]:
    """Return the query such that other workers pass its rows by; SQLite has one writer anyway."""
    return asked.with_for_update(skip_locked=True) if db.dialect.name == "postgresql" else asked


def _reminder_of(row: Any) -> ReminderRow:
    found = ReminderRow(**row._mapping)  # noqa: SLF001 # SQLAlchemy's public name
    return replace(found, urgent=bool(found.urgent), alone=bool(found.alone), confirmed=bool(found.confirmed))


def _message_of(row: Any) -> MessageRow:
    found = MessageRow(**row._mapping)  # noqa: SLF001 # SQLAlchemy's public name
    return replace(found, urgent=bool(found.urgent))


def _reminder_values(row: ReminderRow) -> dict[str, object]:
    flags = {name: int(getattr(row, name)) for name in ("urgent", "alone", "confirmed")}
    return asdict(row) | flags


def _values(row: MessageRow) -> dict[str, object]:
    return asdict(row) | {"urgent": int(row.urgent)}
