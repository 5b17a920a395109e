"""Accounts in the store: who can log in, to which company they belong, and what was done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from assistant.errors import BadInput, Place, Problem
from assistant.service.store import rows, schema
from assistant.service.store.keys import ACCOUNT, Keys, folded
from assistant.service.store.records import Account, AuditEntry, Company, Member, Role, Standing
from assistant.service.store.trail import leave

_account, _member, _session = schema.account.c, schema.member.c, schema.session.c
_link, _token, _audit = schema.link.c, schema.api_token.c, schema.audit.c


class Accounts(Keys):
    """The accounts of one store, with the keys that let them in."""

    # ---- accounts

    def add(
        self,
        identity: str,
        email: str,
        name: str,
        password_hash: str,
        standing: Standing,
        *,
        at: datetime,
        who: str = "",
    ) -> Account:
        """Add an account; without a password ("") nobody gets in until one is chosen. *who* is its owner unless said.

        Raises:
            BadInput: there is one with this address.

        """
        with self._writing() as db:
            number = rows.next_change(db)
            if db.execute(select(_account.id).where(_account.email == folded(email))).first():
                raise BadInput([Problem("account-exists", Place(self._label), {"found": email})])
            values = {"id": identity, "email": folded(email), "name": name, "standing": standing, "created": at}
            db.execute(insert(schema.account).values(**values, password=password_hash))
            leave(db, number, "account-added", who=who or name or email, at=at, account=identity, detail=standing)
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
            found = db.execute(select(*ACCOUNT).order_by(_account.created, _account.id))
            return tuple(Account(*row) for row in found)

    def has_administrator(self) -> bool:
        """Tell whether anybody who can log in looks after the accounts."""
        asked = select(_account.id).where(_account.standing == "administrator", _account.disabled.is_(None))
        with self._reading() as db:
            return db.execute(asked.limit(1)).first() is not None

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
            leave(db, number, "password-changed", who=identity, at=at, account=identity)

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
            leave(db, number, "standing-changed", who=who, at=at, account=identity, detail=standing)

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
            leave(db, number, "account-disabled", who=who, at=at, account=identity)

    def enable(self, identity: str, *, who: str, at: datetime) -> None:
        """Let a disabled account in again."""
        with self._writing() as db:
            number = rows.next_change(db)
            db.execute(update(schema.account).where(_account.id == identity).values(disabled=None))
            leave(db, number, "account-enabled", who=who, at=at, account=identity)

    # ---- members of companies

    def role(self, account: str, company: str) -> Role | None:
        """Return what an account is in a company; None: it may not even know that there is one."""
        with self._reading() as db:
            return _role(db, account, company)

    def members(self, company: str) -> tuple[Member, ...]:
        """Return who may see the company, the longest there first."""
        asked = select(*ACCOUNT, _member.role, _member.since).join(schema.member, _member.account == _account.id)
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

    def belonging(self) -> Mapping[str, int]:
        """Return to how many companies each account belongs that belongs to any."""
        counted = select(_member.account, func.count()).group_by(_member.account)
        with self._reading() as db:
            return dict(db.execute(counted).all())

    def unowned(self) -> tuple[Company, ...]:
        """Return the companies without an owner who can log in, by name: nobody can invite anybody to them."""
        company = schema.company.c
        owned = (
            select(_member.company)
            .join(schema.account, _account.id == _member.account)
            .where(_member.role == "owner", _account.disabled.is_(None))
        )
        with self._reading() as db:
            found = db.execute(rows.COMPANIES.where(company.id.not_in(owned)).order_by(company.name, company.id))
            return tuple(Company(*row) for row in found)

    def grant(self, account: str, company: str, role: Role, *, who: str, at: datetime) -> None:
        """Make an account a member, or change its role.

        With an owner who is one no more go the company's open invitations: any of them may be its own way back.

        Raises:
            BadInput: the last owner would be one no more.

        """
        with self._writing() as db:
            number = rows.next_change(db)
            if role != "owner" and _role(db, account, company) == "owner":
                _void_invitations(db, company)
            grant(db, account, company, role, at=at, label=self._label)
            leave(db, number, "role-given", who=who, at=at, account=account, company=company, detail=role)

    def withdraw(self, account: str, company: str, *, who: str, at: datetime) -> None:
        """End a membership; with an owner go the company's open invitations.

        Raises:
            BadInput: it is the last owner's.

        """
        with self._writing() as db:
            number = rows.next_change(db)
            if _role(db, account, company) == "owner":
                _refuse_last_owner(db, account, company, self._label)
                _void_invitations(db, company)
            db.execute(delete(schema.member).where(_member.account == account, _member.company == company))
            leave(db, number, "role-withdrawn", who=who, at=at, account=account, company=company)

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
            leave(db, rows.next_change(db), what, who=who, at=at, account=account, company=company, detail=detail)

    def audit(self, company: str | None = None, limit: int = 200) -> tuple[AuditEntry, ...]:
        """Return what was done, of one company or everywhere, the latest first."""
        asked = select(schema.audit).order_by(_audit.id.desc()).limit(limit)
        with self._reading() as db:
            found = db.execute(asked if company is None else asked.where(_audit.company == company))
            return tuple(AuditEntry(*row) for row in found)

    # ---- inside

    def _one(self, condition: Any) -> Account | None:
        with self._reading() as db:
            row = db.execute(select(*ACCOUNT).where(condition)).one_or_none()
            return Account(*row) if row else None

    def _refuse_last_administrator(self, db: Connection, identity: str) -> None:
        others = and_(_account.standing == "administrator", _account.disabled.is_(None), _account.id != identity)
        is_one = and_(_account.standing == "administrator", _account.disabled.is_(None), _account.id == identity)
        if (
            db.execute(select(_account.id).where(is_one)).first()
            and not db.execute(select(_account.id).where(others)).first()
        ):
            raise BadInput([Problem("last-administrator", Place(self._label))])


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


def _void_invitations(db: Connection, company: str) -> None:
    db.execute(delete(schema.link).where(_link.company == company, _link.kind == "invite", _link.used.is_(None)))


def _refuse_last_owner(db: Connection, account: str, company: str, label: str) -> None:
    others = (
        select(_member.account)
        .join(schema.account, _account.id == _member.account)
        .where(_member.company == company, _member.role == "owner", _member.account != account)
        .where(_account.disabled.is_(None))
    )
    if db.execute(others).first() is None:
        raise BadInput([Problem("last-owner", Place(label))])
