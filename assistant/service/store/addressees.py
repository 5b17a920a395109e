"""Addressees (收件人) are who is reminded of a company's plan, and the channels that lead to them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from assistant.errors import BadInput, Place, Problem
from assistant.service.store import rows, schema
from assistant.service.store.engine import transaction
from assistant.service.store.records import ChannelRecord, MessageRow, Recipient
from assistant.service.store.trail import leave

_channel, _recipient = schema.channel.c, schema.recipient.c
_LISTS = ("channels", "kinds", "leads")


@dataclass(frozen=True, slots=True)
class Addressed:
    """Whom messages go to: recipients and channels in use by their ids, and the names of their companies."""

    recipients: Mapping[str, Recipient]
    channels: Mapping[str, ChannelRecord]
    names: Mapping[str, str]


class Addressees:
    """The recipients and channels of one store."""

    def __init__(self, engine: Engine, label: str) -> None:
        """Serve the store behind *engine*, called *label* in messages."""
        self._engine = engine
        self._label = label

    # ---- channels

    def add_channel(self, channel: ChannelRecord, *, who: str) -> None:
        """Add a channel.

        Raises:
            BadInput: there is no such company.

        """
        with transaction(self._engine, self._label, writes=True) as db:
            number = rows.next_change(db)
            rows.company_of(db, channel.company)
            db.execute(insert(schema.channel).values(**asdict(channel)))
            at, company = channel.created, channel.company
            leave(db, number, "channel-added", who=who, at=at, company=company, detail=channel.name)

    def remove_channel(self, company: str, identity: str, *, who: str, at: datetime) -> None:
        """Remove a channel; nothing goes there any more, and its secret is forgotten."""
        with transaction(self._engine, self._label, writes=True) as db:
            number = rows.next_change(db)
            known = channel_of(db, company, identity, self._label)
            same = update(schema.channel).where(_channel.id == identity)
            db.execute(same.values(removed=at, sealed="", failing=None, failures=0))
            for one in recipients_of(db, company):
                if identity in one.channels:
                    left = json.dumps([name for name in one.channels if name != identity])
                    db.execute(update(schema.recipient).where(_recipient.id == one.id).values(channels=left))
            rows.touch(db, company)
            leave(db, number, "channel-removed", who=who, at=at, company=company, detail=known.name)

    def channels(self, company: str) -> tuple[ChannelRecord, ...]:
        """Return the channels of a company that are in use, the oldest first."""
        with transaction(self._engine, self._label) as db:
            return channels_of(db, company)

    def channel(self, identity: str) -> ChannelRecord | None:
        """Return a channel that is in use."""
        with transaction(self._engine, self._label) as db:
            asked = select(schema.channel).where(_channel.id == identity, _channel.removed.is_(None))
            row = db.execute(asked).one_or_none()
            return ChannelRecord(*row) if row else None

    def failing(self, *, failures: int) -> tuple[ChannelRecord, ...]:
        """Return the channels to which nothing has arrived so many times in a row."""
        with transaction(self._engine, self._label) as db:
            asked = select(schema.channel).where(_channel.removed.is_(None), _channel.failures >= failures)
            return tuple(ChannelRecord(*row) for row in db.execute(asked.order_by(_channel.failing, _channel.id)))

    # ---- recipients

    def add(self, recipient: Recipient, *, who: str) -> None:
        """Add a recipient; their reminders are planned with the company's next calendar.

        Raises:
            BadInput: there is no such company, or somebody there has the address already.

        """
        with transaction(self._engine, self._label, writes=True) as db:
            number = rows.next_change(db)
            rows.company_of(db, recipient.company)
            wanted = recipient.email.casefold()
            if wanted and any(one.email.casefold() == wanted for one in recipients_of(db, recipient.company)):
                raise BadInput([Problem("recipient-known", Place(recipient.email))])
            db.execute(insert(schema.recipient).values(**_values(recipient)))
            rows.touch(db, recipient.company)
            at, company, name = recipient.created, recipient.company, recipient.name or recipient.email
            leave(db, number, "recipient-added", who=who, at=at, company=company, detail=name)

    def change(self, recipient: Recipient, *, who: str, at: datetime) -> None:
        """Put *recipient* in the place of what was known of them.

        Raises:
            BadInput: there is no such recipient.

        """
        with transaction(self._engine, self._label, writes=True) as db:
            number = rows.next_change(db)
            recipient_of(db, recipient.company, recipient.id, self._label)
            db.execute(update(schema.recipient).where(_recipient.id == recipient.id).values(**_values(recipient)))
            rows.touch(db, recipient.company)
            what = "recipient-stopped" if recipient.stopped else "recipient-changed"
            leave(db, number, what, who=who, at=at, company=recipient.company, detail=recipient.name or recipient.email)

    def recipients(self, company: str) -> tuple[Recipient, ...]:
        """Return who is reminded of a company's plan, those who left too, the oldest first."""
        with transaction(self._engine, self._label) as db:
            return recipients_of(db, company)

    def recipient(self, identity: str) -> Recipient | None:
        """Return a recipient of any company."""
        with transaction(self._engine, self._label) as db:
            row = db.execute(select(schema.recipient).where(_recipient.id == identity)).one_or_none()
            return _read(row) if row else None

    def addressed(self, messages: Sequence[MessageRow]) -> Addressed:
        """Return whom messages go to."""
        people = select(schema.recipient).where(_recipient.id.in_({one.recipient for one in messages}))
        ways = select(schema.channel).where(
            _channel.id.in_({one.channel for one in messages}), _channel.removed.is_(None)
        )
        company = schema.company.c
        names = select(company.id, company.name).where(company.id.in_({one.company for one in messages}))
        with transaction(self._engine, self._label) as db:
            return Addressed(
                {one.id: one for one in map(_read, db.execute(people))},
                {one.id: one for one in (ChannelRecord(*row) for row in db.execute(ways))},
                {row.id: row.name for row in db.execute(names)},
            )


def recipients_of(db: Connection, company: str) -> tuple[Recipient, ...]:
    """Return a company's recipients inside a transaction."""
    asked = select(schema.recipient).where(_recipient.company == company)
    return tuple(_read(row) for row in db.execute(asked.order_by(_recipient.created, _recipient.id)))


def recipients_by_id(db: Connection, identities: Sequence[str]) -> tuple[Recipient, ...]:
    """Return recipients of any companies inside a transaction."""
    asked = select(schema.recipient).where(_recipient.id.in_(identities)).order_by(_recipient.id)
    return tuple(_read(row) for row in db.execute(asked))


def channels_of(db: Connection, company: str) -> tuple[ChannelRecord, ...]:
    """Return a company's channels in use inside a transaction."""
    asked = select(schema.channel).where(_channel.company == company, _channel.removed.is_(None))
    return tuple(ChannelRecord(*row) for row in db.execute(asked.order_by(_channel.created, _channel.id)))


def recipient_of(db: Connection, company: str, identity: str, label: str) -> Recipient:
    """Return one of the company's recipients, or raise `BadInput`."""
    asked = select(schema.recipient).where(_recipient.id == identity, _recipient.company == company)
    row = db.execute(asked).one_or_none()
    if row is None:
        raise BadInput([Problem("unknown-recipient", Place(label), {"found": identity})])
    return _read(row)


def channel_of(db: Connection, company: str, identity: str, label: str) -> ChannelRecord:
    """Return one of the company's channels in use, or raise `BadInput`."""
    asked = select(schema.channel).where(_channel.id == identity, _channel.company == company)
    row = db.execute(asked.where(_channel.removed.is_(None))).one_or_none()
    if row is None:
        raise BadInput([Problem("unknown-channel", Place(label), {"found": identity})])
    return ChannelRecord(*row)


def _read(row: Any) -> Recipient:
    found = dict(row._mapping)  # noqa: SLF001 # SQLAlchemy's public name
    found |= {name: tuple(json.loads(found[name])) for name in _LISTS}
    return Recipient(**{**found, "own": bool(found["own"])})


def _values(recipient: Recipient) -> dict[str, object]:
    found = asdict(recipient)
    return found | {name: json.dumps(found[name]) for name in _LISTS} | {"own": int(recipient.own)}
