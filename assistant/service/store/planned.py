"""What is planned (计划) to be said of one company, as the store has it; what planning changes of it."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, and_, case, insert, select, update

from assistant.service.store import schema
from assistant.service.store.records import ReminderChanges, ReminderRow

_OPEN = ("pending", "queued")

_reminder, _message, _link = schema.reminder.c, schema.message.c, schema.message_reminder.c


def reminders_of(db: Connection, company: str) -> tuple[ReminderRow, ...]:
    """Return a company's reminders inside a transaction; the texts of those that are over are left out."""
    columns = [column for column in schema.reminder.c if column.name not in ("body", "sent")]
    body = case((_reminder.state.in_(_OPEN), _reminder.body), else_="").label("body")
    asked = select(*columns, body, _reminder.sent).where(_reminder.company == company)
    return tuple(reminder_of(row) for row in db.execute(asked.order_by(_reminder.due, _reminder.id)))


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


def reminder_of(row: Any) -> ReminderRow:
    """Return a row of the table as a record."""
    found = ReminderRow(**row._mapping)  # noqa: SLF001 # SQLAlchemy's public name
    return replace(found, urgent=bool(found.urgent), alone=bool(found.alone), confirmed=bool(found.confirmed))


def _reminder_values(row: ReminderRow) -> dict[str, object]:
    flags = {name: int(getattr(row, name)) for name in ("urgent", "alone", "confirmed")}
    return asdict(row) | flags
