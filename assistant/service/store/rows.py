"""Rows: how records are read from tables and put back, inside a transaction that somebody else began."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, insert, select, update

from assistant.errors import BadInput, Place, Problem, nearest
from assistant.planning.announcements import Announcement
from assistant.service.store import schema
from assistant.service.store.records import Company, FeedBody, ProfileVersion, State

_company, _version, _announcement = schema.company.c, schema.profile_version.c, schema.announcement.c
_state, _body = schema.event_state.c, schema.feed_body.c

COMPANIES = select(
    _company.id,
    _company.name,
    _company.uscc,
    _company.created,
    _company.revision,
    _company.published,
    _company.failure,
    _company.failed,
)
BODIES = select(_body.kind, _body.etag, _body.body, _body.modified)


def next_change(db: Connection) -> int:
    """Take the next number; other writers wait until this transaction ends."""
    number = schema.change.c.number
    return int(db.execute(update(schema.change).values(number=number + 1).returning(number)).scalar_one())


def company_of(db: Connection, identity: str) -> Company:
    """Return the company.

    Raises:
        BadInput: there is no such.

    """
    row = db.execute(COMPANIES.where(_company.id == identity)).one_or_none()
    if row is None:
        known = db.execute(select(_company.id)).scalars()
        problem = Problem("unknown-company", Place("store"), {"found": identity, "nearest": nearest(identity, known)})
        raise BadInput([problem])
    return Company(*row)


def touch(db: Connection, identity: str | None = None, **values: Any) -> None:
    """Say that the feeds of one company, or of all, are to be built anew."""
    fresh = {"revision": _company.revision + 1, "published": None, "failure": "", "failed": None, **values}
    touched = update(schema.company).values(**fresh)
    db.execute(touched if identity is None else touched.where(_company.id == identity))


def latest_version(db: Connection, company: str) -> ProfileVersion:
    """Return the newest version of a company's profile; every company has one."""
    ordered = select(schema.profile_version).where(_version.company == company).order_by(_version.number.desc())
    return ProfileVersion(*db.execute(ordered.limit(1)).one())


def add_version(db: Connection, version: ProfileVersion) -> None:
    """Add a version of a profile."""
    db.execute(
        insert(schema.profile_version).values(
            company=version.company, number=version.number, content=version.content, who=version.who, at=version.at
        )
    )


def standing(db: Connection, company: str) -> str:
    """Return what tells a company's newest profile and the official dates known then from all others.

    Numbers alone do not: they are given again after an older backup was restored.

    Raises:
        BadInput: there is no such company.

    """
    newest = select(_version.number, _version.at).where(_version.company == company).order_by(_version.number.desc())
    official = select(_announcement.id, _announcement.at).order_by(_announcement.id.desc())
    version = db.execute(newest.limit(1)).one_or_none()
    if version is None:
        company_of(db, company)
    moments = (one for one in (version, db.execute(official.limit(1)).one_or_none()) if one is not None)
    return "|".join(f"{number}@{at.timestamp():.6f}" for number, at in moments)


def announcements(db: Connection) -> tuple[Announcement, ...]:
    """Return every official date in the order of entry."""
    asked = select(
        _announcement.project,
        _announcement.cycle,
        _announcement.opens,
        _announcement.closes,
        _announcement.source,
        _announcement.entered,
    )
    return tuple(Announcement(*row) for row in db.execute(asked.order_by(_announcement.id)))


def states(db: Connection, company: str) -> dict[str, State]:
    """Return what was published of a company's events."""
    return {uid: _object(text) for uid, text in _state_texts(db, company).items()}


def replace_states(db: Connection, company: str, wanted: Mapping[str, State]) -> None:
    """Put *wanted* in the place of a company's event states; rows that stay are not written."""
    known = _state_texts(db, company)
    texts = {
        uid: json.dumps(dict(state), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        for uid, state in wanted.items()
    }
    changed = [uid for uid in sorted(known) if texts.get(uid) != known[uid]]
    if changed:
        one = and_(_state.company == company, _state.uid == bindparam("gone"))
        db.execute(delete(schema.event_state).where(one), [{"gone": uid} for uid in changed])
    added = [uid for uid in sorted(texts) if texts[uid] != known.get(uid)]
    if added:
        values = [{"company": company, "uid": uid, "state": texts[uid]} for uid in added]
        db.execute(insert(schema.event_state), values)


def replace_bodies(db: Connection, company: str, wanted: Mapping[str, FeedBody]) -> bool:
    """Put *wanted* in the place of a company's feeds and tell whether any differs; the others keep their time.

    A row whose bytes are not those that belong to its ETag is damaged: it gets them back, and keeps its time too.
    """
    rows = db.execute(select(_body.kind, _body.etag, _body.body).where(_body.company == company))
    known: dict[str, tuple[str, bytes]] = {kind: (etag, body) for kind, etag, body in rows}
    differing = {
        kind for kind in {*known, *wanted} if kind not in wanted or wanted[kind].etag != known.get(kind, ("",))[0]
    }
    damaged = {kind for kind in known.keys() - differing if wanted[kind].body != known[kind][1]}
    for kind in sorted(differing):
        db.execute(delete(schema.feed_body).where(_body.company == company, _body.kind == kind))
        if kind in wanted:
            one = wanted[kind]
            values = {"kind": kind, "etag": one.etag, "body": one.body, "modified": one.modified}
            db.execute(insert(schema.feed_body).values(company=company, **values))
    for kind in sorted(damaged):
        row = update(schema.feed_body).where(_body.company == company, _body.kind == kind)
        db.execute(row.values(body=wanted[kind].body))
    return bool(differing or damaged)


def _state_texts(db: Connection, company: str) -> dict[str, str]:
    asked = select(_state.uid, _state.state).where(_state.company == company).order_by(_state.uid)
    return dict(db.execute(asked).all())


def _object(text: str) -> State:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("an event state that is no object")  # noqa: TRY004 # damaged data, not a wrong call
    return found
