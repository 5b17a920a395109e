"""A tally (计数) that all workers share: how many requests were drawn from an allowance."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update

from assistant.service.store import rows, schema
from assistant.service.store.engine import transaction
from assistant.service.store.store import Store


def drawn(store: Store, key: str, *, since: datetime, count: int) -> int:
    """Add *count* to what was drawn under *key* in the span that began at *since*; return the sum."""
    table = schema.tally
    with transaction(store.engine, store.label, writes=True) as db:
        rows.next_change(db)
        row = db.execute(select(table.c.since, table.c.count).where(table.c.key == key)).one_or_none()
        if row is None:
            db.execute(insert(table).values(key=key, since=since, count=count))
            return count
        begun, drawn = row
        total = drawn + count if begun == since else count
        db.execute(update(table).where(table.c.key == key).values(since=since, count=total))
        return int(total)
