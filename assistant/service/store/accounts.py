"""Accounts in the store: who can log in, to which company they belong, and what was done.

Secrets (sessions, links, tokens) are kept as digests; what is not in force any more is as unknown as what never was.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, and_, delete, insert, or_, select, update

from assistant.errors import BadInput, Place, Problem
from assistant.service.store import rows, schema
from assistant.service.store.engine import transaction
from assistant.service.store.records import (
    Account,
    ApiToken,
    AuditEntry,
    Company,
    Link,
    LinkKind,
    Member,
    Role,
    Standing,
)

_account, _member, _session = schema.account.c, schema.member.c, schema.session.c
_link, _token, _audit = schema.link.c, schema.api_token.c, schema.audit.c
_ACCOUNT = (_account.id, _account.email, _account.name, _account.standing, _account.created, _account.disabled)
_TOUCHED = timedelta(minutes=10)  # how exactly the last use of a token is remembered


class Accounts:
    """The accounts of one store; every call is one transaction."""

    def __init__(self, engine: Engine, label: str) -> None:
        """Work on the store behind *engine*, called *label* in messages."""
        self._engine = engine
        self._label = label

    # ---- accounts

    def add(
        self, identity: str, email: str, name: str, password_hash: str, standing: Standing, *, at: datetime
    ) -> Account:
        """Add an account.

        Raises:
            BadInput: there is one with this address.

        """
        with self._writing() as db:
            number = rows.next_change(db)
            if db.execute(select(_account.id).where(_account.email == folded(email))).first():
                raise BadInput([Problem("account-exists", Place(self._label), {"found": email})])
            values = {"id": identity, "email": folded(email), "name": name, "standing": standing, "created": at}
            db.execute(insert(schema.account).values(**values, password=password_hash))
            _note(db, number, "account-added", who=name or email, at=at, account=identity, detail=standing)
            return Account(identity, folded(email), name, standing, at)

    def by_id(self, identity: str) -> Account | None:
        """Return the account, disabled or not."""
        return self._one(_account.id == identity)

    def by_email(self, email: str) -> Account | None:
        """Return the account with this address, however it is written."""
        return self._one(_account.email == folded(email))

    def all(self) -> tuple[Account, ...]:
        """Return every account, the oldest first."""
        with self._reading() as db:
            found = db.execute(select(*_ACCOUNT).order_by(_account.created, _account.id))
            return tuple(Account(*row) for row in found)

    def password_hash(self, identity: str) -> str:
        """Return the hash of an account's password; "" where there is no such account."""
        with self._reading() as db:
            return db.execute(select(_account.password).where(_account.id == identity)).scalar_one_or_none() or ""

    def set_password(self, identity: str, password_hash: str, *, at: datetime, keep: str = "") -> None:
        """Change a password; sessions end, but for the one with the digest *keep*, and open links are void."""
        with self._writing() as db:
            number = rows.next_change(db)
            db.execute(update(schema.account).where(_account.id == identity).values(password=password_hash))
            db.execute(delete(schema.session).where(_session.account == identity, _session.digest != keep))
            db.execute(delete(schema.link).where(_link.account == identity, _link.used.is_(None)))
            _note(db, number, "password-changed", who=identity, at=at, account=identity)

    def rehash(self, identity: str, password_hash: str) -> None:
        """Keep the same password under a stronger hash."""
        with self._writing() as db:
            db.execute(update(schema.account).where(_account.id == identity).values(password=password_hash))

    def rename(self, identity: str, name: str) -> None:
        """Change the name others see."""
        with self._writing() as db:
            db.execute(update(schema.account).where(_account.id == identity).values(name=name))

    def set_standing(self, identity: str, standing: Standing, *, who: str, at: datetime) -> None:
        """Change what an account may do beside its companies.

        Raises:
            BadInput: it is the last administrator's.

        """
        with self._writing() as db:
            number = rows.next_change(db)
            if standing != "administrator":
                self._refuse_last_administrator(db, identity)
            db.execute(update(schema.account).where(_account.id == identity).values(standing=standing))
            _note(db, number, "standing-changed", who=who, at=at, account=identity, detail=standing)

    def disable(self, identity: str, *, who: str, at: datetime) -> None:
        """Shut an account out: sessions, links and tokens end at once.

        Raises:
            BadInput: it is the last administrator's.

        """
        with self._writing() as db:
            number = rows.next_change(db)
            self._refuse_last_administrator(db, identity)
            db.execute(update(schema.account).where(_account.id == identity).values(disabled=at))
            db.execute(delete(schema.session).where(_session.account == identity))
            db.execute(delete(schema.link).where(_link.account == identity, _link.used.is_(None)))
            live = and_(_token.account == identity, _token.revoked.is_(None))
            db.execute(update(schema.api_token).where(live).values(revoked=at))
            _note(db, number, "account-disabled", who=who, at=at, account=identity)

    def enable(self, identity: str, *, who: str, at: datetime) -> None:
        """Let a disabled account in again."""
        with self._writing() as db:
            number = rows.next_change(db)
            db.execute(update(schema.account).where(_account.id == identity).values(disabled=None))
            _note(db, number, "account-enabled", who=who, at=at, account=identity)

    # ---- sessions

    def open_session(self, account: str, digest: str, *, at: datetime, expires: datetime) -> None:
        """Begin a session; those of the account that have expired go."""
        with self._writing() as db:
            db.execute(delete(schema.session).where(_session.account == account, _session.expires <= at))
            values = {"digest": digest, "account": account, "created": at, "expires": expires}
            db.execute(insert(schema.session).values(**values))

    def session(self, digest: str, *, now: datetime) -> Account | None:
        """Return whose session this is; None for one that ended, expired, or whose account is disabled."""
        joined = select(*_ACCOUNT).join(schema.session, _session.account == _account.id)
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

    # ---- members of companies

    def role(self, account: str, company: str) -> Role | None:
        """Return what an account is in a company; None: it may not even know that there is one."""
        with self._reading() as db:
            return _role(db, account, company)

    def members(self, company: str) -> tuple[Member, ...]:
        """Return who may see the company, the longest there first."""
        asked = select(*_ACCOUNT, _member.role, _member.since).join(schema.member, _member.account == _account.id)
        with self._reading() as db:
            found = db.execute(asked.where(_member.company == company).order_by(_member.since, _account.id))
            return tuple(Member(Account(*row[:6]), company, row[6], row[7]) for row in found)

    def companies_of(self, account: str) -> tuple[tuple[Company, Role], ...]:
        """Return the companies an account belongs to, by name, with its role."""
        company = schema.company.c
        asked = rows.COMPANIES.add_columns(_member.role).join(schema.member, _member.company == company.id)
        with self._reading() as db:
            found = db.execute(asked.where(_member.account == account).order_by(company.name, company.id))
            return tuple((Company(*row[:-1]), row[-1]) for row in found)

    def grant(self, account: str, company: str, role: Role, *, who: str, at: datetime) -> None:
        """Make an account a member, or change its role.

        Raises:
            BadInput: the last owner would be one no more.

        """
        with self._writing() as db:
            number = rows.next_change(db)
            grant(db, account, company, role, at=at, label=self._label)
            _note(db, number, "role-given", who=who, at=at, account=account, company=company, detail=role)

    def withdraw(self, account: str, company: str, *, who: str, at: datetime) -> None:
        """End a membership.

        Raises:
            BadInput: it is the last owner's.

        """
        with self._writing() as db:
            number = rows.next_change(db)
            if _role(db, account, company) == "owner":
                _refuse_last_owner(db, account, company, self._label)
            db.execute(delete(schema.member).where(_member.account == account, _member.company == company))
            _note(db, number, "role-withdrawn", who=who, at=at, account=account, company=company)

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
            _note(db, number, f"link-{kind}", who=who, at=at, account=account, company=company, detail=role or "")

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
            row = db.execute(select(table.c.since, table.c.count).where(table.c.key == key)).one_or_none()
            fresh = row is None or row.since <= now - within or row.since > now
            values: dict[str, Any] = {"since": now, "count": 1}
            if row is None:
                db.execute(insert(table).values(key=key, **values))
                return most >= 1
            if not fresh:
                values = {"count": row.count + 1}
            db.execute(update(table).where(table.c.key == key).values(**values))
            return bool(values["count"] <= most)

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
            raise BadInput([Problem("feed-name-missing", Place(self._label), {"found": name})])
        with self._writing() as db:
            number = rows.next_change(db)
            values = {"id": identity, "account": account, "name": name.strip(), "digest": digest, "created": at}
            db.execute(insert(schema.api_token).values(**values))
            _note(db, number, "api-token-added", who=account, at=at, account=account, detail=name.strip())
            return ApiToken(identity, account, name.strip(), digest, at)

    def api_account(self, digest: str, *, now: datetime) -> Account | None:
        """Return whose token this is; None for one that is revoked or whose account is disabled."""
        joined = select(*_ACCOUNT, _token.last_used).join(schema.api_token, _token.account == _account.id)
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
            _note(db, number, "api-token-revoked", who=account, at=at, account=account, detail=identity)
            return True

    # ---- what was done

    def note(
        self,
        what: str,
        *,
        who: str,
        at: datetime,
        account: str | None = None,
        company: str | None = None,
        detail: str = "",
    ) -> None:
        """Remember that something was done."""
        with self._writing() as db:
            _note(db, rows.next_change(db), what, who=who, at=at, account=account, company=company, detail=detail)

    def audit(self, company: str | None = None, limit: int = 200) -> tuple[AuditEntry, ...]:
        """Return what was done, of one company or everywhere, the latest first."""
        asked = select(schema.audit).order_by(_audit.id.desc()).limit(limit)
        with self._reading() as db:
            found = db.execute(asked if company is None else asked.where(_audit.company == company))
            return tuple(AuditEntry(*row) for row in found)

    # ---- inside

    def _one(self, condition: Any) -> Account | None:
        with self._reading() as db:
            row = db.execute(select(*_ACCOUNT).where(condition)).one_or_none()
            return Account(*row) if row else None

    def _refuse_last_administrator(self, db: Connection, identity: str) -> None:
        others = and_(_account.standing == "administrator", _account.disabled.is_(None), _account.id != identity)
        is_one = and_(_account.standing == "administrator", _account.disabled.is_(None), _account.id == identity)
        if (
            db.execute(select(_account.id).where(is_one)).first()
            and not db.execute(select(_account.id).where(others)).first()
        ):
            raise BadInput([Problem("last-administrator", Place(self._label))])

    def _reading(self) -> Any:
        return transaction(self._engine, self._label)

    def _writing(self) -> Any:
        return transaction(self._engine, self._label, writes=True)


def folded(email: str) -> str:
    """Return an address as it is compared."""
    return email.strip().casefold()


def grant(db: Connection, account: str, company: str, role: Role, *, at: datetime, label: str) -> None:
    """Make an account a member, or change its role, inside a transaction."""
    known = _role(db, account, company)
    if known is None:
        db.execute(insert(schema.member).values(account=account, company=company, role=role, since=at))
        return
    if known == "owner" and role != "owner":
        _refuse_last_owner(db, account, company, label)
    same = and_(_member.account == account, _member.company == company)
    db.execute(update(schema.member).where(same).values(role=role))


def _role(db: Connection, account: str, company: str) -> Role | None:
    asked = select(_member.role).where(_member.account == account, _member.company == company)
    found: Role | None = db.execute(asked).scalar_one_or_none()
    return found


def _refuse_last_owner(db: Connection, account: str, company: str, label: str) -> None:
    live = or_(_account.disabled.is_(None))
    others = (
        select(_member.account)
        .join(schema.account, _account.id == _member.account)
        .where(_member.company == company, _member.role == "owner", _member.account != account, live)
    )
    if db.execute(others).first() is None:
        raise BadInput([Problem("last-owner", Place(label))])


def _note(
    db: Connection,
    number: int,
    what: str,
    *,
    who: str,
    at: datetime,
    account: str | None = None,
    company: str | None = None,
    detail: str = "",
) -> None:
    values = {"id": number, "at": at, "who": who, "account": account, "company": company, "what": what}
    db.execute(insert(schema.audit).values(**values, detail=detail))
