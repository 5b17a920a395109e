"""Keys (钥匙) let somebody in: sessions, links that work once, tokens of programs. All are kept as digests.

What is not in force any more is as unknown as what never was. Tallies count how often a key is tried.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, and_, delete, insert, select, update

from assistant.errors import BadInput, Place, Problem
from assistant.service.store import rows, schema
from assistant.service.store.engine import transaction
from assistant.service.store.records import Account, ApiToken, Link, LinkKind, Role
from assistant.service.store.trail import leave

_account, _session = schema.account.c, schema.session.c
_link, _token = schema.link.c, schema.api_token.c
ACCOUNT = (_account.id, _account.email, _account.name, _account.standing, _account.created, _account.disabled)
_FORGOTTEN = timedelta(days=1)  # longer than any tally counts
_TOUCHED = timedelta(minutes=10)  # how exactly the last use of a token is remembered


class Keys:
    """The keys of one store; every call is one transaction."""

    def __init__(self, engine: Engine, label: str) -> None:
        """Work on the store behind *engine*, called *label* in messages."""
        self._engine = engine
        self._label = label

    # ---- sessions

    def open_session(self, account: str, digest: str, *, at: datetime, expires: datetime) -> None:
        """Begin a session; those of the account that have expired go."""
        with self._writing() as db:
            db.execute(delete(schema.session).where(_session.account == account, _session.expires <= at))
            values = {"digest": digest, "account": account, "created": at, "expires": expires}
            db.execute(insert(schema.session).values(**values))

    def session(self, digest: str, *, now: datetime) -> Account | None:
        """Return whose session this is; None for one that ended, expired, or whose account is disabled."""
        joined = select(*ACCOUNT).join(schema.session, _session.account == _account.id)
        live = and_(_session.digest == digest, _session.expires > now, _account.disabled.is_(None))
        with self._reading() as db:
            row = db.execute(joined.where(live)).one_or_none()
            return Account(*row) if row else None

    def close_session(self, digest: str) -> None:
        """End a session."""
        with self._writing() as db:
            db.execute(delete(schema.session).where(_session.digest == digest))

    def close_sessions(self, account: str, *, keep: str = "") -> int:
        """End an account's sessions, but for the one with the digest *keep*; return how many."""
        with self._writing() as db:
            ended = delete(schema.session).where(_session.account == account, _session.digest != keep)
            return db.execute(ended).rowcount

    def sessions(self, account: str, *, now: datetime) -> int:
        """Return how many sessions of an account are open."""
        with self._reading() as db:
            live = select(_session.digest).where(_session.account == account, _session.expires > now)
            return len(db.execute(live).all())

    # ---- links that work once

    def add_link(
        self,
        digest: str,
        kind: LinkKind,
        *,
        at: datetime,
        expires: datetime,
        who: str,
        company: str | None = None,
        role: Role | None = None,
        account: str | None = None,
        email: str = "",
    ) -> None:
        """Add a link; those of its kind that are open for the same account are void."""
        with self._writing() as db:
            number = rows.next_change(db)
            if kind != "invite":
                same = _link.account.is_(None) if account is None else _link.account == account
                db.execute(delete(schema.link).where(_link.kind == kind, same, _link.used.is_(None)))
            values = {"digest": digest, "kind": kind, "company": company, "role": role, "account": account}
            db.execute(insert(schema.link).values(**values, email=folded(email), created=at, expires=expires))
            leave(db, number, f"link-{kind}", who=who, at=at, account=account, company=company, detail=role or "")

    def link(self, digest: str, *, now: datetime) -> Link | None:
        """Return the link; None for one that is used, expired or void."""
        asked = (_link.digest, _link.kind, _link.company, _link.role, _link.account, _link.email)
        live = and_(_link.digest == digest, _link.expires > now, _link.used.is_(None))
        with self._reading() as db:
            row = db.execute(select(*asked, _link.created, _link.expires).where(live)).one_or_none()
            return Link(*row) if row else None

    def links(self, company: str, *, now: datetime) -> tuple[Link, ...]:
        """Return the invitations to a company that are open."""
        asked = (_link.digest, _link.kind, _link.company, _link.role, _link.account, _link.email)
        live = and_(_link.company == company, _link.expires > now, _link.used.is_(None))
        with self._reading() as db:
            found = db.execute(select(*asked, _link.created, _link.expires).where(live).order_by(_link.created))
            return tuple(Link(*row) for row in found)

    def use_link(self, digest: str, *, at: datetime) -> bool:
        """Use a link up; tell whether it was in force: of several who try, one is told so."""
        with self._writing() as db:
            live = and_(_link.digest == digest, _link.expires > at, _link.used.is_(None))
            return db.execute(update(schema.link).where(live).values(used=at)).rowcount == 1

    def void_link(self, digest: str) -> None:
        """Take a link back."""
        with self._writing() as db:
            db.execute(delete(schema.link).where(_link.digest == digest, _link.used.is_(None)))

    # ---- how often something is tried

    def allowed(self, key: str, *, now: datetime, most: int, within: timedelta) -> bool:
        """Count a trial under *key* and tell whether it is one of the first *most* *within* that time."""
        table = schema.tally
        with self._writing() as db:
            rows.next_change(db)
            found = db.execute(select(table.c.since, table.c.count).where(table.c.key == key)).one_or_none()
            if found is None:
                db.execute(delete(table).where(table.c.since <= now - _FORGOTTEN))
                db.execute(insert(table).values(key=key, since=now, count=1))
                return most >= 1
            since, count = found
            if since <= now - within or since > now:
                since, count = now, 0
            db.execute(update(table).where(table.c.key == key).values(since=since, count=count + 1))
            return bool(count < most)

    def forgive(self, key: str) -> None:
        """Forget the trials under *key*: it was the right person after all."""
        with self._writing() as db:
            db.execute(delete(schema.tally).where(schema.tally.c.key == key))

    # ---- tokens of programs

    def add_api_token(self, identity: str, account: str, name: str, digest: str, *, at: datetime) -> ApiToken:
        """Add a token.

        Raises:
            BadInput: it has no name.

        """
        if not name.strip():
            raise BadInput([Problem("token-name-missing", Place(self._label))])
        with self._writing() as db:
            number = rows.next_change(db)
            values = {"id": identity, "account": account, "name": name.strip(), "digest": digest, "created": at}
            db.execute(insert(schema.api_token).values(**values))
            leave(db, number, "api-token-added", who=account, at=at, account=account, detail=name.strip())
            return ApiToken(identity, account, name.strip(), digest, at)

    def api_account(self, digest: str, *, now: datetime) -> Account | None:
        """Return whose token this is; None for one that is revoked or whose account is disabled."""
        joined = select(*ACCOUNT, _token.last_used).join(schema.api_token, _token.account == _account.id)
        live = and_(_token.digest == digest, _token.revoked.is_(None), _account.disabled.is_(None))
        with self._reading() as db:
            row = db.execute(joined.where(live)).one_or_none()
        if row is None:
            return None
        if row[6] is None or row[6] < now - _TOUCHED:
            with self._writing() as db:
                db.execute(update(schema.api_token).where(_token.digest == digest).values(last_used=now))
        return Account(*row[:6])

    def api_tokens(self, account: str) -> tuple[ApiToken, ...]:
        """Return an account's tokens, revoked ones too."""
        table = schema.api_token
        with self._reading() as db:
            found = db.execute(select(table).where(_token.account == account).order_by(_token.created, _token.id))
            return tuple(ApiToken(*row) for row in found)

    def revoke_api_token(self, identity: str, account: str, *, at: datetime) -> bool:
        """Revoke a token of *account*; tell whether it was in use until now."""
        with self._writing() as db:
            number = rows.next_change(db)
            live = and_(_token.id == identity, _token.account == account, _token.revoked.is_(None))
            if db.execute(update(schema.api_token).where(live).values(revoked=at)).rowcount == 0:
                return False
            leave(db, number, "api-token-revoked", who=account, at=at, account=account, detail=identity)
            return True

    def _reading(self) -> AbstractContextManager[Connection]:
        return transaction(self._engine, self._label)

    def _writing(self) -> AbstractContextManager[Connection]:
        return transaction(self._engine, self._label, writes=True)


def folded(email: str) -> str:
    """Return an address as it is compared."""
    return email.strip().casefold()
