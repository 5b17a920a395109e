"""An announcement is an official date: it replaces the forecast of its project and cycle under the same identity.

Without a store they live in one YAML file, a list of `{project, cycle, opens, closes, source, on}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from assistant.errors import BadInput, Place, Problem, nearest
from assistant.files import write
from assistant.sources import Source, read

_KEYS = ("project", "cycle", "opens", "closes", "source", "on")


@dataclass(frozen=True, slots=True)
class Announcement:
    """An official window, where it was announced, and the day it was entered."""

    project: str
    cycle: int
    opens: date | None
    closes: date | None
    source: str
    on: date | None = None


def announce(
    project: str,
    *,
    opens: date | None,
    closes: date | None,
    source: str,
    on: date,
    known: Iterable[str],
    cycle: int | None = None,
) -> Announcement:
    """Return a checked announcement; its *cycle* is the year of its first date unless it says so.

    Raises:
        BadInput: an unknown project, no date, dates reversed, a cycle far from its dates, or no source.

    """
    problems = []
    place = Place("announce")
    names = list(known)
    if project not in names:
        problems.append(Problem("unknown-project", place, {"found": project, "nearest": nearest(project, names)}))
    if opens is None and closes is None:
        problems.append(Problem("announcement-without-date", place))
    if opens and closes and closes < opens:
        problems.append(Problem("dates-reversed", place, {"first": str(opens), "found": str(closes)}))
    if not source.startswith(("http://", "https://")):
        problems.append(Problem("announcement-without-source", place, {"found": source}))
    day = opens or closes
    if day and cycle is not None and abs(cycle - day.year) > 1:
        problems.append(Problem("announcement-cycle", place, {"found": str(cycle), "expected": str(day.year)}))
    if problems:
        raise BadInput(problems)
    assert day is not None
    return Announcement(project, day.year if cycle is None else cycle, opens, closes, source, on)


def read_announcements(path: Path | None) -> tuple[Announcement, ...]:
    """Return the announcements in the file at *path*; none where there is no file.

    Raises:
        BadInput: the file is not a list of announcements.

    """
    if path is None or not path.exists():
        return ()
    source = read(path)
    found = [_entry(source, index, entry) for index, entry in enumerate(_listed(source))]
    source.done()
    return tuple(found)


def _listed(source: Source) -> Sequence[Any]:
    if source.data is None:
        return ()
    if not isinstance(source.data, list):
        source.report("list-expected", (), found=str(source.data)[:40], expected=", ".join(_KEYS))
        return ()
    return source.data


def _entry(source: Source, index: int, entry: Any) -> Announcement:
    if not isinstance(entry, dict):
        source.report("not-a-mapping", (index,))
        return Announcement("", 0, None, None, "")
    for key in entry:
        if key not in _KEYS:
            source.report("unknown-key", (index, key), found=key, nearest=nearest(str(key), _KEYS))
    for key in ("opens", "closes", "on"):
        if entry.get(key) is not None and not isinstance(entry[key], date):
            source.report("date-expected", (index, key), found=entry[key])
    if not isinstance(entry.get("project"), str) or not isinstance(entry.get("cycle"), int):
        source.report("key-missing", (index,), expected="project, cycle")
    return Announcement(
        str(entry.get("project")),
        entry["cycle"] if isinstance(entry.get("cycle"), int) else 0,
        _day(entry, "opens"),
        _day(entry, "closes"),
        str(entry.get("source") or ""),
        _day(entry, "on"),
    )


def _day(entry: Mapping[str, Any], key: str) -> date | None:
    value = entry.get(key)
    return value if isinstance(value, date) else None


def add_announcement(path: Path, entry: Announcement) -> None:
    """Add *entry* to the file at *path*; an earlier one for the same project and cycle is kept above it."""
    entries = [*read_announcements(path), entry]
    listed = [{key: getattr(one, key) for key in _KEYS} for one in entries]
    write(path, yaml.safe_dump(listed, allow_unicode=True, sort_keys=False).encode())
