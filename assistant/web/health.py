"""Health (健康状况): whether calendars are built, readable and served, as JSON for whoever watches the server."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from assistant import __version__
from assistant.delivery.revision import day_of
from assistant.errors import BadInput
from assistant.service.press import LEASE
from assistant.service.publish import reason_of
from assistant.service.store.store import Store
from assistant.web.shelf import Shelf

LISTED = 20  # failures told one by one


def health(store: Store, shelf: Shelf, now: datetime) -> tuple[bool, Mapping[str, Any]]:
    """Return whether all is well, and the particulars; asks the store. No names: the page is open to all."""
    tokens, calendars, size = shelf.size
    here = [{"where": where, "since": _told(one.since), "why": one.reason} for where, one in shelf.troubles.items()]
    found: dict[str, Any] = {
        "status": "failing",
        "version": __version__,
        "now": _told(now),
        "memory": {"tokens": tokens, "calendars": calendars, "bytes": size},
        "troubles": here[:LISTED],
    }
    try:
        until = store.lease_until(LEASE)
        failures = store.failures()
        due = len(store.due(day_of(now), failed_before=now))
    except BadInput as error:
        return False, {**found, "store": reason_of(error)}
    alive = until is not None and until > now
    found |= {
        "store": "ok",
        "press": {"alive": alive, "until": _told(until)},
        "due": due,
        "failed": [{"company": one.id, "since": _told(one.failed), "why": one.failure} for one in failures[:LISTED]],
        "failures": len(failures),
    }
    well = alive and not failures and not here
    return well, {**found, "status": "ok" if well else "failing"}


def _told(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
