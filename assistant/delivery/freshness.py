"""Freshness (规则的新旧): what every project rests on, how sure its source is, and when it is to be looked at again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from assistant.delivery.plain import Json, iso
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import Project, Version

_KINDS = ("new", "review")


def freshness(book: Rulebook, on: date) -> list[Json]:
    """Return every project with its versions, the one that decides applications made on the day *on* first."""
    return [_project(project, on) for project in book.projects.values()]


def _project(project: Project, on: date) -> Json:
    deciding = _deciding(project, on)
    newest_first = tuple(reversed(project.versions))
    return {
        "id": project.id,
        "name": project.name,
        "level": project.level,
        "authority": project.authority,
        "checked": project.checked.isoformat(),
        "next_review": project.next_review.isoformat(),
        "overdue": project.next_review < on,
        "versions": [
            _version(one, one.id == deciding, on) for one in sorted(newest_first, key=lambda one: one.id != deciding)
        ],
    }


def _deciding(project: Project, on: date) -> str:
    """Return the version that decides on that day, "" where none does."""
    found = next((pair for kind in _KINDS if (pair := project.select(kind, on))), None)
    return found[0].id if found else ""


def _version(version: Version, deciding: bool, on: date) -> Json:
    return {
        "id": version.id,
        "title": version.instrument.title,
        "number": version.instrument.number,
        "url": version.instrument.url,
        "start": iso(version.start),
        "end": iso(version.end),
        "approximate": version.approximate,
        "standing": version.standing,
        "confidence": version.confidence,
        "deciding": deciding,
        "coming": version.start is not None and version.start > on,
        "gaps": sorted(set(_gaps(version))),
    }


def _gaps(version: Version) -> Iterator[str]:
    """Yield in which respect the text is not there in full."""
    yield from (one.text for one in version.applies if one.text != "full")
