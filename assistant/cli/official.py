"""Official dates in the store: read by every command about a company, so it imports little."""

from __future__ import annotations

from datetime import datetime

from assistant.planning.announcements import Announcement
from assistant.service.store.store import open_store


def official(url: str) -> tuple[Announcement, ...]:
    """Return the official dates in the store."""
    with open_store(url) as store:
        return store.announcements()


def announced(url: str, entry: Announcement, *, who: str, at: datetime) -> None:
    """Keep an official date in the store."""
    with open_store(url) as store:
        store.add_announcement(entry, who=who, at=at)
