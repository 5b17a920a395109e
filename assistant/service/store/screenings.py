"""Screenings (批量筛查): tables that somebody uploaded, what is done with them, and what came out.

A screening belongs to the account that uploaded it, or to the one who is alone here, and nobody else sees that it is
there. A worker claims it for the time of a lease, which it prolongs as it goes; when it dies, the screening is begun
anew, once. After some days all of it is forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Engine, RowMapping, and_, delete, func, insert, or_, select, update

from assistant.errors import Place, Problem
from assistant.service.store import schema
from assistant.service.store.engine import transaction

ScreeningState = Literal["asking", "waiting", "running", "done", "failed"]
KEPT = timedelta(days=7)
LEASE = timedelta(minutes=3)  # longer than anything between two batches takes
MOST_ATTEMPTS = 2
INPUT = "input"

_own, _file = schema.screening.c, schema.screening_file.c


@dataclass(frozen=True, slots=True)
class Screening:
    """One screening. *headers* are the table's as they are understood, *rows* how many it seems to have.

    `asking`: somebody has to say first what some headers mean.
    """

    id: str
    account: str | None
    name: str
    created: datetime
    day: date
    state: ScreeningState
    headers: tuple[Mapping[str, str], ...] = ()
    complete: bool = False
    rows: int = 0
    read: int = 0
    companies: int = 0
    rejected: int = 0
    lease: datetime | None = None
    worker: str = ""
    attempts: int = 0
    finished: datetime | None = None
    problems: tuple[Problem, ...] = field(default=())


class Screenings:
    """The screenings of one store."""

    def __init__(self, engine: Engine, label: str) -> None:
        """Serve the store behind *engine*, called *label* in messages."""
        self._engine = engine
        self._label = label

    # ---- whoever uploaded it

    def add(self, one: Screening, content: bytes) -> None:
        """Add a screening with its table."""
        with transaction(self._engine, self._label, writes=True) as db:
            db.execute(insert(schema.screening).values(**_values(one)))
            db.execute(insert(schema.screening_file).values(screening=one.id, name=INPUT, body=content))

    def all(self, account: str | None) -> tuple[Screening, ...]:
        """Return the screenings of an account, or of the one who is alone here; the newest first."""
        asked = select(schema.screening).where(_of(account)).order_by(_own.created.desc(), _own.id)
        with transaction(self._engine, self._label) as db:
            return tuple(_screening(row) for row in db.execute(asked).mappings())

    def one(self, identity: str, account: str | None) -> Screening | None:
        """Return one of them; None for one that is somebody else's, as for one that is not there."""
        asked = select(schema.screening).where(_own.id == identity, _of(account))
        with transaction(self._engine, self._label) as db:
            row = db.execute(asked).mappings().one_or_none()
            return _screening(row) if row else None

    def ahead(self, one: Screening) -> int:
        """Return how many wait or run that came before this one, whoever's they are."""
        busy = _own.state.in_(("waiting", "running"))
        asked = select(func.count()).select_from(schema.screening).where(busy, _own.created < one.created)
        with transaction(self._engine, self._label) as db:
            return int(db.execute(asked).scalar_one())

    def confirm(self, identity: str, headers: Sequence[Mapping[str, str]], *, complete: bool) -> bool:
        """Take over what was said of the headers, and let it wait; False: it was not asked any more."""
        asking = update(schema.screening).where(_own.id == identity, _own.state == "asking")
        said = {"headers": _json(headers), "complete": int(complete), "state": "waiting"}
        with transaction(self._engine, self._label, writes=True) as db:
            return bool(db.execute(asking.values(**said)).rowcount)

    def remove(self, identity: str) -> None:
        """Forget a screening and all that belongs to it."""
        self._forget(_own.id == identity)

    def forget(self, before: datetime) -> None:
        """Forget the screenings that were added before."""
        self._forget(_own.created < before)

    def file(self, identity: str, name: str) -> bytes | None:
        """Return what came in or out under a name."""
        asked = select(_file.body).where(_file.screening == identity, _file.name == name)
        with transaction(self._engine, self._label) as db:
            return db.execute(asked).scalar_one_or_none()

    def files(self, identity: str) -> frozenset[str]:
        """Return the names of all that came in and out."""
        with transaction(self._engine, self._label) as db:
            return frozenset(db.execute(select(_file.name).where(_file.screening == identity)).scalars())

    # ---- whoever does it

    def waits(self, worker: str, now: datetime) -> bool:
        """Tell whether *worker* would find something to do."""
        with transaction(self._engine, self._label) as db:
            return db.execute(select(_own.id).where(_ready(worker, now)).limit(1)).first() is not None

    def claim(self, worker: str, now: datetime) -> Screening | None:
        """Take the one that waits longest, or that a worker left when it died; None: there is none.

        One that was left too often is given up.
        """
        asked = select(schema.screening).where(_ready(worker, now)).order_by(_own.created, _own.id).limit(1)
        with transaction(self._engine, self._label, writes=True) as db:
            while row := db.execute(asked.with_for_update(skip_locked=True)).mappings().one_or_none():
                known = _screening(row)
                this = update(schema.screening).where(_own.id == known.id)
                if known.attempts >= MOST_ATTEMPTS:
                    given_up = Problem("screening-given-up", Place(known.name))
                    db.execute(this.values(**_ended("failed", now), problems=_told([given_up])))
                    continue
                mine = {"state": "running", "worker": worker, "lease": now + LEASE, "attempts": known.attempts + 1}
                db.execute(this.values(**mine, read=0, companies=0, rejected=0))
                taken = select(schema.screening).where(_own.id == known.id)
                return _screening(db.execute(taken).mappings().one())
        return None

    def progress(self, one: Screening, now: datetime, *, rows: int, read: int, companies: int, rejected: int) -> bool:
        """Tell how far it is, and keep it; False: it is no longer this worker's to do."""
        said = {"rows": rows, "read": read, "companies": companies, "rejected": rejected, "lease": now + LEASE}
        return self._mine(one, said)

    def give_back(self, one: Screening) -> bool:
        """Let it wait again, as if nobody had begun."""
        return self._mine(one, {"state": "waiting", "worker": "", "lease": None, "attempts": one.attempts - 1})

    def leave(self, worker: str) -> None:
        """Let what a worker had begun wait again, as if it had not: it has ended, as it was told to."""
        begun = update(schema.screening).where(_own.state == "running", _own.worker == worker)
        back = {"state": "waiting", "worker": "", "lease": None, "attempts": _own.attempts - 1}
        with transaction(self._engine, self._label, writes=True) as db:
            db.execute(begun.values(**back))

    def finish(
        self, one: Screening, files: Mapping[str, bytes], now: datetime, *, rows: int, companies: int, rejected: int
    ) -> bool:
        """Keep what came out; the table that came in is not needed any more."""
        said = {**_ended("done", now), "rows": rows, "read": rows, "companies": companies, "rejected": rejected}
        return self._mine(one, said, files)

    def fail(self, one: Screening, problems: Sequence[Problem], now: datetime) -> bool:
        """Keep why nothing came out."""
        return self._mine(one, {**_ended("failed", now), "problems": _told(problems)}, {})

    # ---- inside

    def _mine(self, one: Screening, said: Mapping[str, Any], files: Mapping[str, bytes] | None = None) -> bool:
        """Change what this worker still does; with *files* in the place of those that were."""
        still = and_(
            _own.id == one.id, _own.state == "running", _own.worker == one.worker, _own.attempts == one.attempts
        )
        with transaction(self._engine, self._label, writes=True) as db:
            if not db.execute(update(schema.screening).where(still).values(**said)).rowcount:
                return False
            if files is not None:
                db.execute(delete(schema.screening_file).where(_file.screening == one.id))
                for name, body in files.items():
                    db.execute(insert(schema.screening_file).values(screening=one.id, name=name, body=body))
            return True

    def _forget(self, which: ColumnElement[bool]) -> None:
        with transaction(self._engine, self._label, writes=True) as db:
            ids = db.execute(select(_own.id).where(which).with_for_update()).scalars().all()
            db.execute(delete(schema.screening_file).where(_file.screening.in_(ids)))
            db.execute(delete(schema.screening).where(_own.id.in_(ids)))


def _of(account: str | None) -> ColumnElement[bool]:
    return _own.account.is_(None) if account is None else _own.account == account


def _ready(worker: str, now: datetime) -> ColumnElement[bool]:
    left = or_(_own.worker == worker, _own.lease < now)  # of one's own nothing can be under way
    return or_(_own.state == "waiting", and_(_own.state == "running", left))


def _ended(state: ScreeningState, now: datetime) -> dict[str, Any]:
    return {"state": state, "finished": now, "lease": None}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _told(problems: Sequence[Problem]) -> str:
    return _json([[one.code, one.place.file, dict(one.params)] for one in problems])


def _values(one: Screening) -> dict[str, Any]:
    own = {name: getattr(one, name) for name in schema.screening.c.keys()}  # noqa: SIM118 # SQLAlchemy's
    return {**own, "headers": _json(one.headers), "complete": int(one.complete), "problems": _told(one.problems)}


def _screening(row: RowMapping) -> Screening:
    own = dict(row)
    headers, problems = json.loads(own.pop("headers")), json.loads(own.pop("problems"))
    told = tuple(Problem(code, Place(file), params) for code, file, params in problems)
    return Screening(**own | {"headers": tuple(headers), "complete": bool(own["complete"]), "problems": told})
