"""Dispatch (派发): what is due for one recipient becomes as few messages as manners allow, one for each address."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256

from assistant.delivery.revision import day_of
from assistant.planning.manners import bundled, may_send
from assistant.service.store.addressees import channels_of, recipients_by_id
from assistant.service.store.engine import transaction
from assistant.service.store.records import MessageRow, Recipient, ReminderRow
from assistant.service.store.store import Store
from assistant.service.store.work import marks_of

EMAIL = "email"
TOGETHER = 50  # recipients in one transaction
_SETTLED = ("done", "not-needed")


def dispatch(store: Store, now: datetime) -> int:
    """Queue all that is due at *now* and may go out; return how many messages that made."""
    if not may_send(now, urgent=True):
        return 0
    rested = not may_send(now, urgent=False)
    made, last = 0, ""
    while found := store.outbox.due(now, urgent_only=rested, after=last):
        for start in range(0, len(found), TOGETHER):
            made += _dispatched(store, found[start : start + TOGETHER], now, rested=rested)
        last = found[-1]
    return made


def _dispatched(store: Store, recipients: Sequence[str], now: datetime, *, rested: bool) -> int:
    """Queue what is due for some recipients, all or nothing."""
    made = 0
    with transaction(store.engine, store.label, writes=True) as db:
        for recipient in recipients_by_id(db, recipients):
            due = [one for one in store.outbox.waiting(db, recipient.id, now) if one.urgent or not rested]
            settled = {mark.key for mark in marks_of(db, recipient.company) if mark.state in _SETTLED}
            over = [one for one in due if one.event in settled or recipient.stopped is not None]
            store.outbox.settle(db, over, "superseded")
            told = [one for one in due if one not in over]
            if not told or not recipient.is_heard(day_of(now)):
                continue
            known = {one.id for one in channels_of(db, recipient.company)}
            messages = list(_messages(recipient, told, known, now))
            if not messages:
                store.outbox.settle(db, told, "failed")
            store.outbox.queue(db, messages)
            made += len(messages)
    return made


def _messages(
    recipient: Recipient, told: Sequence[ReminderRow], known: set[str], now: datetime
) -> Iterator[tuple[MessageRow, Sequence[ReminderRow]]]:
    for bundle in bundled(told):
        for channel in recipient.channels:
            if channel == EMAIL and recipient.email:
                yield message_of(recipient, None, bundle, now), bundle
            elif channel in known:
                yield message_of(recipient, channel, bundle, now), bundle


def message_of(recipient: Recipient, channel: str | None, bundle: Sequence[ReminderRow], now: datetime) -> MessageRow:
    """Return the message that says a bundle of reminders to one address: the same bundle makes the same message."""
    said = "|".join([recipient.id, channel or EMAIL, *sorted(f"{one.id}.{one.epoch}" for one in bundle)])
    body = {"reminders": [json.loads(one.body) for one in bundle], "note": ""}
    return MessageRow(
        sha256(said.encode()).hexdigest()[:32],
        recipient.company,
        recipient.id,
        channel,
        "" if channel else recipient.email,
        json.dumps(body, ensure_ascii=False),
        created=now,
        next_try=now,
        expires=min(one.expires for one in bundle),  # what is true longer waits again then
        urgent=any(one.urgent for one in bundle),
    )


def instead_of(message: MessageRow, recipient: Recipient, note: str, now: datetime) -> MessageRow:
    """Return the e-mail that takes the place of a message whose channel is closed for good."""
    body = {**json.loads(message.body), "note": note}
    identity = sha256(f"{message.id}|{EMAIL}".encode()).hexdigest()[:32]
    kept = json.dumps(body, ensure_ascii=False)
    return MessageRow(
        identity,
        message.company,
        message.recipient,
        None,
        recipient.email,
        kept,
        created=now,
        next_try=now,
        expires=message.expires,
        urgent=message.urgent,
    )
