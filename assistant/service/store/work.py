"""Work (办理) is what people do with a company's plan: their marks on its tasks, and the history of these."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, insert, select, update

from assistant.errors import AssistantError
from assistant.planning.marks import Mark, deed
from assistant.service.store import rows, schema
from assistant.service.store.engine import transaction
from assistant.service.store.records import StepEvent
from assistant.service.store.trail import leave

_mark, _event = schema.step_mark.c, schema.step_event.c
_MARKS = select(
    _mark.step,
    _mark.state,
    _mark.title,
    _mark.at,
    _mark.due,
    _mark.parts,
    _mark.assignee,
    _mark.email,
    _mark.postponed_to,
    _mark.reason,
    _mark.note,
    _mark.who,
    _mark.revision,
)


class MarkedMeanwhile(AssistantError):
    """Somebody else marked the task meanwhile; nothing was done."""

    def __init__(self, latest: Mark) -> None:
        """Keep the mark as it is now."""
        super().__init__(f"{latest.key} was marked by {latest.who}")
        self.latest = latest


class Work:
    """The marks of one store."""

    def __init__(self, engine: Engine, label: str) -> None:
        """Serve the store behind *engine*, called *label* in messages."""
        self._engine = engine
        self._label = label

    def marks(self, company: str) -> tuple[Mark, ...]:
        """Return every mark on the company's plan, by the keys of their tasks."""
        with transaction(self._engine, self._label) as db:
            return marks_of(db, company)

    def put(
        self,
        company: str,
        mark: Mark,
        *,
        who: str,
        at: datetime,
        after: int,
        follows: str = "",
        account: str | None = None,
    ) -> Mark:
        """Put *mark* in the place of the one of revision *after* (0: there was none) and return it as it is kept.

        *follows* is the key under which that one was found, where it was made under another; it moves to the new key
        with its history. The company's feeds are to be built anew. A mark that says nothing new changes nothing.

        Raises:
            BadInput: there is no such company.
            MarkedMeanwhile: the newest mark is another; it is told.

        """
        with transaction(self._engine, self._label, writes=True) as db:
            number = rows.next_change(db)
            rows.company_of(db, company)
            former = follows or mark.key
            known = _known(db, company, former)
            there = _known(db, company, mark.key)
            if there is not None and former != mark.key:
                raise MarkedMeanwhile(there)
            if (known.revision if known else 0) != after:
                raise MarkedMeanwhile(known or replace(mark, state="open", revision=0))
            done = deed(known, mark)
            if done is None:
                return known or mark
            kept = replace(mark, revision=after + 1)
            if known is None:
                db.execute(insert(schema.step_mark).values(company=company, **_values(kept)))
            else:
                same = and_(_mark.company == company, _mark.step == former)
                db.execute(update(schema.step_mark).where(same).values(**_values(kept)))
            if former != kept.key:
                moved = update(schema.step_event).where(_event.company == company, _event.step == former)
                db.execute(moved.values(step=kept.key))
            what, detail = done
            entry = {"id": number, "company": company, "step": kept.key, "what": what, "detail": detail}
            db.execute(insert(schema.step_event).values(**entry, who=who, at=at))
            leave(
                db,
                number,
                f"step-{what}",
                who=kept.who,
                at=kept.at,
                account=account,
                company=company,
                detail=kept.title,
            )
            rows.touch(db, company)
            return kept

    def events(self, company: str, *, step: str | None = None, limit: int = 200) -> tuple[StepEvent, ...]:
        """Return what was done to the marks of a company, or of one task, the latest first."""
        asked = select(_event.id, _event.step, _event.what, _event.detail, _event.who, _event.at)
        asked = asked.where(_event.company == company).order_by(_event.id.desc()).limit(limit)
        with transaction(self._engine, self._label) as db:
            found = db.execute(asked if step is None else asked.where(_event.step == step))
            return tuple(StepEvent(*row) for row in found)


def marks_of(db: Connection, company: str) -> tuple[Mark, ...]:
    """Return a company's marks inside a transaction."""
    return tuple(_read(row) for row in db.execute(_MARKS.where(_mark.company == company).order_by(_mark.step)))


def _known(db: Connection, company: str, key: str) -> Mark | None:
    row = db.execute(_MARKS.where(_mark.company == company, _mark.step == key)).one_or_none()
    return _read(row) if row else None


def _read(row: Sequence[Any]) -> Mark:
    key, state, title, at, due, parts, *others = row
    return Mark(key, state, title, at, due, tuple(json.loads(parts)), *others)


def _values(mark: Mark) -> dict[str, object]:
    names = ("state", "title", "at", "due", "assignee", "email", "postponed_to", "reason", "note", "who", "revision")
    parts = json.dumps(sorted(mark.parts), ensure_ascii=False, separators=(",", ":"))
    return {"step": mark.key, "parts": parts, **{name: getattr(mark, name) for name in names}}
