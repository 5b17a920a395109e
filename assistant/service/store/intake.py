"""An intake (批量导入) puts several companies into the store at once: all of them, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert

from assistant.service.store import rows, schema
from assistant.service.store.accounts import grant
from assistant.service.store.engine import transaction
from assistant.service.store.records import ProfileVersion
from assistant.service.store.store import Store, Superseded


@dataclass(frozen=True, slots=True)
class Incoming:
    """A company's profile as it comes in; *after* is the version it follows, 0 for a company that is new."""

    company: str
    name: str
    uscc: str
    content: str
    after: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one: the number of its newest version, and whether that is new."""

    incoming: Incoming
    number: int
    fresh: bool


def take_in(
    store: Store, incoming: Sequence[Incoming], *, who: str, at: datetime, owner: str | None
) -> tuple[Taken, ...]:
    """Add the new companies, owned by the account *owner*, and a version to those that are there.

    A new one that is there already stays as it is: it was sent twice.

    Raises:
        BadInput: one is gone meanwhile.
        Superseded: somebody else saved a version of one meanwhile; nothing of any was done.

    """
    with transaction(store.engine, store.label, writes=True) as db:
        number = rows.next_change(db)
        taken = []
        for one in incoming:
            if not one.after:
                if db.execute(rows.COMPANIES.where(schema.company.c.id == one.company)).first():
                    taken.append(Taken(one, 1, fresh=False))
                    continue
                values = {"id": one.company, "name": one.name, "uscc": one.uscc, "created": at}
                db.execute(insert(schema.company).values(**values, revision=1, changed=number, failure=""))
                rows.add_version(db, ProfileVersion(one.company, 1, one.content, who, at))
                if owner is not None:
                    grant(db, owner, one.company, "owner", at=at, label=store.label)
                taken.append(Taken(one, 1, fresh=True))
                continue
            known = rows.company_of(db, one.company)
            latest = rows.latest_version(db, one.company)
            if latest.number != one.after:
                raise Superseded(latest)
            fresh = latest.content != one.content
            if fresh:
                rows.add_version(db, ProfileVersion(one.company, latest.number + 1, one.content, who, at))
            renamed = {"name": one.name or known.name, "uscc": one.uscc or known.uscc}
            if fresh or renamed != {"name": known.name, "uscc": known.uscc}:
                rows.touch(db, one.company, **renamed)
            taken.append(Taken(one, latest.number + fresh, fresh=fresh))
        return tuple(taken)
