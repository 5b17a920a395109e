"""The official dates as they were entered: each with who entered it, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from assistant.planning.announcements import Announcement
from assistant.service.store import schema
from assistant.service.store.engine import transaction
from assistant.service.store.store import Store


@dataclass(frozen=True, slots=True)
class Entered:
    """An official date, entered by *who* at that time."""

    entry: Announcement
    who: str
    at: datetime


def announced(store: Store) -> tuple[Entered, ...]:
    """Return every official date in the order of entry."""
    table = schema.announcement.c
    asked = (table.project, table.cycle, table.opens, table.closes, table.source, table.entered, table.who, table.at)
    with transaction(store.engine, store.label) as db:
        found = db.execute(select(*asked).order_by(table.id))
        return tuple(Entered(Announcement(*row[:6]), row[6], row[7]) for row in found)
