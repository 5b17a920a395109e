"""Health (健康状况): whether calendars are built, readable and served, as JSON for whoever watches the server."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from assistant import __version__
from assistant.delivery.revision import day_of
from assistant.errors import BadInput
from assistant.service.press import LEASE
from assistant.service.publish import reason_of
from assistant.service.store.store import Store
from assistant.web.shelf import Shelf

LISTED = 20  # failures told one by one
STARTING = timedelta(seconds=60)  # until a press must have shown itself, on a busy machine


def health(store: Store, shelf: Shelf, now: datetime, began: datetime) -> tuple[bool, Mapping[str, Any]]:
    """Return whether all is well, and the particulars; asks the store. No names: the page is open to all.

    A server that *began* a moment ago is not failing while its press gets ready: it is starting.
    """
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
    sound = not failures and not here
    waiting = "starting" if sound and now - began < STARTING else "failing"
    return alive and sound, {**found, "status": "ok" if alive and sound else waiting}


def gauges(found: Mapping[str, Any]) -> Mapping[str, tuple[str, float]]:
    """Return what the particulars say in numbers, by name, each with what it is."""
    told = {
        "assistant_store_up": ("Whether the store can be read.", float(found.get("store") == "ok")),
        "assistant_troubles": ("What goes wrong in the worker that answers.", float(len(found["troubles"]))),
    }
    if "press" in found:
        told |= {
            "assistant_press_alive": ("Whether calendars are being built.", float(found["press"]["alive"])),
            "assistant_companies_due": ("Companies whose calendars are to be built.", float(found["due"])),
            "assistant_companies_failing": ("Companies whose last building failed.", float(found["failures"])),
        }
    return told


def _told(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
