"""The store's one door: every call is one transaction, done whole or not at all.

Writers take turns by the number in `change`, so that numbers and versions never fork.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Self

from sqlalchemy import Engine, insert, inspect, or_, select, update

from assistant.errors import AssistantError
from assistant.planning.announcements import Announcement
from assistant.service.store import rows, schema
from assistant.service.store.accounts import Accounts, grant
from assistant.service.store.addressees import Addressees, recipients_of
from assistant.service.store.dossiers import DossierRows
from assistant.service.store.engine import StoreFailure, engine_of, file_of, label_of, transaction
from assistant.service.store.outbox import Outbox
from assistant.service.store.planned import put, reminders_of, verdicts_of
from assistant.service.store.records import (
    Company,
    FeedBody,
    Inputs,
    ProfileVersion,
    ReminderChanges,
    State,
)
from assistant.service.store.screenings import Screenings
from assistant.service.store.subscriptions import Subscriptions
from assistant.service.store.work import Work, marks_of

_CLIENT_LENGTH = 200


def open_store(url: str) -> Store:
    """Open the store at *url*; close it when done, or use it in a `with` block.

    Raises:
        StoreFailure: there is none, it is out of reach, or it needs `upgrade` first.

    """
    label = label_of(url)
    file = file_of(url)
    if file is not None and not file.exists():
        raise StoreFailure("store-missing", label)
    store = Store(engine_of(url), label)
    try:
        store.check()
    except StoreFailure:
        store.close()
        raise
    return store


class Superseded(AssistantError):
    """Somebody else saved a version meanwhile; nothing was done."""

    def __init__(self, latest: ProfileVersion) -> None:
        """Keep the version that is the newest now."""
        super().__init__(f"version {latest.number} of {latest.company} is newer")
        self.latest = latest


class Store(Subscriptions):
    """One store. Times and days are passed in; times are aware."""

    def __init__(self, engine: Engine, label: str) -> None:
        """Serve the store behind *engine*, called *label* in messages."""
        super().__init__(engine, label)
        self.accounts = Accounts(engine, label)
        self.addressees = Addressees(engine, label)
        self.dossiers = DossierRows(engine, label)
        self.outbox = Outbox(engine, label)
        self.screenings = Screenings(engine, label)
        self.work = Work(engine, label)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    def check(self) -> None:
        """Raise `StoreFailure` unless the store has this program's tables."""
        with transaction(self.engine, self.label) as db:
            if not inspect(db).has_table("alembic_version"):
                raise StoreFailure("store-empty" if not inspect(db).get_table_names() else "not-a-store", self.label)
            version = db.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        if version != schema.HEAD:
            raise StoreFailure("store-outdated" if version < schema.HEAD else "store-newer", self.label, found=version)

    # ---- companies and their profiles

    def add_company(
        self,
        identity: str,
        name: str,
        content: str,
        *,
        who: str,
        at: datetime,
        uscc: str = "",
        owner: str | None = None,
    ) -> Company:
        """Add a company with the first version of its profile; *identity* is a new UUID as text, *owner* an account."""
        with self._writing() as db:
            number = rows.next_change(db)
            values = {"id": identity, "name": name, "uscc": uscc, "created": at, "revision": 1, "changed": number}
            db.execute(insert(schema.company).values(**values, failure=""))
            rows.add_version(db, ProfileVersion(identity, 1, content, who, at))
            if owner is not None:
                grant(db, owner, identity, "owner", at=at, label=self.label)
            return rows.company_of(db, identity)

    def company(self, identity: str) -> Company | None:
        """Return the company, or None when there is no such."""
        with self._reading() as db:
            row = db.execute(rows.COMPANIES.where(schema.company.c.id == identity)).one_or_none()
            return Company(*row) if row else None

    def companies(self) -> tuple[Company, ...]:
        """Return every company, the oldest first."""
        with self._reading() as db:
            ordered = rows.COMPANIES.order_by(schema.company.c.created, schema.company.c.id)
            return tuple(Company(*row) for row in db.execute(ordered))

    def save_profile(
        self,
        identity: str,
        content: str,
        *,
        who: str,
        at: datetime,
        name: str = "",
        uscc: str = "",
        after: int | None = None,
    ) -> ProfileVersion:
        """Add a version of the company's profile; the same text again adds none.

        A *name* or *uscc* that is given is taken over.

        Raises:
            BadInput: there is no such company.
            Superseded: the newest version is another than *after*, from which the text was made.

        """
        with self._writing() as db:
            rows.next_change(db)
            known = rows.company_of(db, identity)
            latest = rows.latest_version(db, identity)
            if after is not None and latest.number != after:
                raise Superseded(latest)
            renamed = {"name": name or known.name, "uscc": uscc or known.uscc}
            if latest.content == content and renamed == {"name": known.name, "uscc": known.uscc}:
                return latest
            rows.touch(db, identity, **renamed)
            if latest.content == content:
                return latest
            version = ProfileVersion(identity, latest.number + 1, content, who, at)
            rows.add_version(db, version)
            return version

    def latest_profile(self, identity: str) -> ProfileVersion:
        """Return the newest version of the company's profile.

        Raises:
            BadInput: there is no such company.

        """
        with self._reading() as db:
            rows.company_of(db, identity)
            return rows.latest_version(db, identity)

    def standing_of(self, identity: str) -> str:
        """Return what tells the company's newest profile and the known official dates from all others.

        Raises:
            BadInput: there is no such company.

        """
        with self._reading() as db:
            return rows.standing(db, identity)

    def profiles(self, identity: str) -> tuple[ProfileVersion, ...]:
        """Return every version of the company's profile, the oldest first."""
        table = schema.profile_version
        with self._reading() as db:
            found = db.execute(select(table).where(table.c.company == identity).order_by(table.c.number))
            return tuple(ProfileVersion(*row) for row in found)

    # ---- official dates

    def add_announcement(self, entry: Announcement, *, who: str, at: datetime) -> None:
        """Add an official date; every company's feeds are to be built anew."""
        with self._writing() as db:
            number = rows.next_change(db)
            db.execute(
                insert(schema.announcement).values(
                    id=number,
                    project=entry.project,
                    cycle=entry.cycle,
                    opens=entry.opens,
                    closes=entry.closes,
                    source=entry.source,
                    entered=entry.on,
                    who=who,
                    at=at,
                )
            )
            rows.touch(db)

    def announcements(self) -> tuple[Announcement, ...]:
        """Return every official date in the order of entry: a later one of the same project and cycle counts."""
        with self._reading() as db:
            return rows.announcements(db)

    # ---- building and serving feeds

    def generation(self) -> int:
        """Return the number of the last change: while it stands still, nothing that is served has changed."""
        with self._reading() as db:
            return int(db.execute(select(schema.change.c.number)).scalar_one())

    def changed_since(self, generation: int) -> tuple[str, ...]:
        """Return the companies whose feeds or tokens have changed after that *generation*."""
        table = schema.company
        with self._reading() as db:
            return tuple(db.execute(select(table.c.id).where(table.c.changed > generation)).scalars())

    def due(self, day: date, *, failed_before: datetime) -> tuple[str, ...]:
        """Return the companies whose feeds are to be built for *day*; those that failed later are left to wait."""
        table = schema.company
        stale = or_(table.c.published.is_(None), table.c.published < day)
        rested = or_(table.c.failed.is_(None), table.c.failed < failed_before)
        with self._reading() as db:
            return tuple(db.execute(select(table.c.id).where(stale, rested).order_by(table.c.id)).scalars())

    def inputs(self, company: str) -> Inputs:
        """Return all that the company's feeds are built from.

        Raises:
            BadInput: there is no such company.

        """
        with self._reading() as db:
            known = rows.company_of(db, company)  # read first: what is newer than its revision makes `publish` say no
            version, official, standing = (
                rows.latest_version(db, company),
                rows.announcements(db),
                rows.standing(db, company),
            )
            found = Inputs(known, version, official, standing, rows.states(db, company), marks_of(db, company))
            people = recipients_of(db, company)
            return replace(
                found,
                recipients=people,
                reminders=reminders_of(db, company) if people else (),
                verdicts=verdicts_of(db, company) if people else "",
            )

    def event_states(self, company: str) -> Mapping[str, State]:
        """Return what was last published of the company's events, by UID."""
        with self._reading() as db:
            return rows.states(db, company)

    def publish(
        self,
        company: str,
        states: Mapping[str, State],
        bodies: Iterable[FeedBody],
        *,
        revision: int,
        day: date,
        reminders: ReminderChanges | None = None,
    ) -> bool:
        """Put states, bodies and what is to be reminded of in the place of the last ones; all of it or nothing.

        A body whose ETag stays keeps its time. Return False, with nothing done, when the inputs of *revision* are no
        longer the newest: somebody saved, announced or published meanwhile.
        """
        table = schema.company
        with self._writing() as db:
            number = rows.next_change(db)
            fresh = {"revision": revision + 1, "published": day, "failure": "", "failed": None}
            taken = update(table).where(table.c.id == company, table.c.revision == revision).values(**fresh)
            if db.execute(taken).rowcount == 0:
                return False
            rows.replace_states(db, company, states)
            if reminders is not None:
                put(db, company, reminders)
            if rows.replace_bodies(db, company, {body.kind: body for body in bodies}):
                db.execute(update(table).where(table.c.id == company).values(changed=number))
            return True

    def note_failure(self, company: str, reason: str, *, at: datetime) -> None:
        """Remember why the company's feeds could not be built; the last good ones stay."""
        table = schema.company
        with self._writing() as db:
            db.execute(update(table).where(table.c.id == company).values(failure=reason, failed=at))

    def failures(self) -> tuple[Company, ...]:
        """Return the companies whose last building failed."""
        with self._reading() as db:
            found = db.execute(rows.COMPANIES.where(schema.company.c.failed.is_not(None)).order_by(schema.company.c.id))
            return tuple(Company(*row) for row in found)

    def body(self, company: str, kind: str) -> FeedBody | None:
        """Return the last good feed of that kind; None when there was none yet."""
        table = schema.feed_body
        with self._reading() as db:
            row = db.execute(rows.BODIES.where(table.c.company == company, table.c.kind == kind)).one_or_none()
            return FeedBody(*row) if row else None

    def take_lease(self, name: str, holder: str, *, now: datetime, until: datetime) -> bool:
        """Take or prolong the lease called *name*, unless somebody else holds it; tell whether it is held."""
        table = schema.lease
        with self._writing() as db:
            rows.next_change(db)
            free = or_(table.c.holder == holder, table.c.until <= now)
            mine = {"holder": holder, "until": until}
            if db.execute(update(table).where(table.c.name == name, free).values(**mine)).rowcount:
                return True
            if db.execute(select(table.c.name).where(table.c.name == name)).first():
                return False
            db.execute(insert(table).values(name=name, **mine))
            return True

    def lease_until(self, name: str) -> datetime | None:
        """Return until when the lease called *name* is held; None when nobody ever took it."""
        with self._reading() as db:
            return db.execute(select(schema.lease.c.until).where(schema.lease.c.name == name)).scalar_one_or_none()
