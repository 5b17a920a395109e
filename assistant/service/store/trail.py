"""The trail (审计记录): what was done, by whom. It is only ever added to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert

from assistant.service.store import schema


def leave(
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
    """Remember that something was done, under the *number* of the change that did it."""
    values = {"id": number, "at": at, "who": who, "account": account, "company": company, "what": what}
    db.execute(insert(schema.audit).values(**values, detail=detail))
