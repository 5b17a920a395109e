"""Subscriptions (订阅) are the keys that calendars are fetched with, and who fetched them when."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy import Connection, Engine, and_, insert, or_, select, update

from assistant.errors import BadInput, Place, Problem
from assistant.service.store import rows, schema
from assistant.service.store.engine import transaction
from assistant.service.store.records import FeedToken, Fetch
from assistant.service.store.tokens import digest_of, token_of

_CLIENT_LENGTH = 200


class Subscriptions:
    """The subscriptions of one store."""

    def __init__(self, engine: Engine, label: str) -> None:
        """Serve the store behind *engine*, called *label* in messages."""
        self.engine = engine
        self.label = label

    def add_token(self, company: str, name: str, *, secret: bytes, at: datetime) -> tuple[str, FeedToken]:
        """Add a token called *name*, made of 32 random bytes; return its text, shown this once, and the record.

        Raises:
            BadInput: there is no such company, or the name is taken or blank.

        """
        token = token_of(secret)
        digest = digest_of(token)
        record = FeedToken(digest[:16], company, name.strip(), digest, at)
        table = schema.feed_token
        with self._writing() as db:
            number = rows.next_change(db)
            rows.company_of(db, company)
            same = and_(table.c.company == company, table.c.name == record.name, table.c.revoked.is_(None))
            if not record.name or db.execute(select(table.c.id).where(same)).first():
                code = "feed-name-taken" if record.name else "feed-name-missing"
                raise BadInput([Problem(code, Place(self.label), {"found": record.name})])
            values = {"id": record.id, "company": company, "name": record.name, "digest": digest, "created": at}
            db.execute(insert(table).values(**values, last_client=""))
            db.execute(update(schema.company).where(schema.company.c.id == company).values(changed=number))
        return token, record

    def token_by_digest(self, digest: str) -> FeedToken | None:
        """Return the token; None for one that is unknown or revoked, which nobody is to tell apart."""
        table = schema.feed_token
        with self._reading() as db:
            row = db.execute(select(table).where(table.c.digest == digest, table.c.revoked.is_(None))).one_or_none()
            return FeedToken(*row) if row else None

    def tokens(self, company: str | None = None) -> tuple[FeedToken, ...]:
        """Return every token, revoked ones too, of one company or of all; the oldest first."""
        table = schema.feed_token
        asked = select(table).order_by(table.c.created, table.c.id)
        with self._reading() as db:
            found = db.execute(asked if company is None else asked.where(table.c.company == company))
            return tuple(FeedToken(*row) for row in found)

    def revoke_token(self, token: str, *, at: datetime) -> bool:
        """Revoke the token with this id; tell whether it was in use until now."""
        table = schema.feed_token
        with self._writing() as db:
            number = rows.next_change(db)
            revoked = update(table).where(table.c.id == token, table.c.revoked.is_(None)).values(revoked=at)
            if db.execute(revoked).rowcount == 0:
                return False
            owner = select(table.c.company).where(table.c.id == token).scalar_subquery()
            db.execute(update(schema.company).where(schema.company.c.id == owner).values(changed=number))
            return True

    def replace_token(self, token: str, *, secret: bytes, at: datetime) -> tuple[str, FeedToken] | None:
        """Revoke the token with this id and add one of the same name; None when it was not in use."""
        table = schema.feed_token
        text = token_of(secret)
        with self._writing() as db:
            number = rows.next_change(db)
            revoked = update(table).where(table.c.id == token, table.c.revoked.is_(None)).values(revoked=at)
            found = db.execute(revoked.returning(table.c.company, table.c.name)).one_or_none()
            if found is None:
                return None
            digest = digest_of(text)
            record = FeedToken(digest[:16], found[0], found[1], digest, at)
            values = {"id": record.id, "company": record.company, "name": record.name, "digest": digest, "created": at}
            db.execute(insert(table).values(**values, last_client=""))
            db.execute(update(schema.company).where(schema.company.c.id == record.company).values(changed=number))
        return text, record

    def note_fetches(self, fetches: Iterable[Fetch]) -> None:
        """Remember the last fetch of each token; this changes no feed."""
        latest: dict[str, Fetch] = {}
        for fetch in fetches:
            if fetch.token not in latest or latest[fetch.token].at <= fetch.at:
                latest[fetch.token] = fetch
        table = schema.feed_token
        with self._writing() as db:
            for token, fetch in sorted(latest.items()):
                newer = or_(table.c.last_fetched.is_(None), table.c.last_fetched <= fetch.at)
                noted = {"last_fetched": fetch.at, "last_client": fetch.client[:_CLIENT_LENGTH]}
                db.execute(update(table).where(table.c.id == token, newer).values(**noted))

    # ---- inside

    def _reading(self) -> AbstractContextManager[Connection]:
        return transaction(self.engine, self.label)

    def _writing(self) -> AbstractContextManager[Connection]:
        return transaction(self.engine, self.label, writes=True)
