"""The history (历史) of a company: what was changed in its profile at each sitting, what that did to the verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from assistant.company.changes import seen_on
from assistant.company.edits import sittings
from assistant.company.profile import Profile, read_profile
from assistant.delivery.comparison import comparison
from assistant.delivery.edits import edited
from assistant.delivery.plain import Json
from assistant.delivery.revision import day_of
from assistant.delivery.wording.speaker import Speaker
from assistant.errors import BadInput
from assistant.matching.match import Matcher
from assistant.planning.announcements import Announcement
from assistant.planning.assessment import assess
from assistant.planning.comparison import Comparison
from assistant.rulebook.book import Rulebook
from assistant.service.store.records import ProfileVersion
from assistant.sources import parse

LANG = "zh"


@dataclass(frozen=True)
class Sitting:
    """What one person changed at one go.

    *base*: the version that it began from, None for the first. *edits*: None where a version cannot be read any more.
    """

    versions: tuple[ProfileVersion, ...]
    base: ProfileVersion | None
    edits: Sequence[Json] | None

    @property
    def last(self) -> ProfileVersion:
        """The version that it left behind."""
        return self.versions[-1]


class Side(NamedTuple):
    """One side of a comparison: a version, seen on a day."""

    version: ProfileVersion
    day: date


def past(versions: Sequence[ProfileVersion], book: Rulebook, *, skip: int, most: int) -> tuple[list[Sitting], int]:
    """Return so many sittings, the latest first, and how many there are in all."""
    say = Speaker(book, LANG)
    groups = sittings(versions)
    before = dict(zip((group[0].number for group in groups), (None, *(group[-1] for group in groups)), strict=False))
    chosen = groups[::-1][skip : skip + most]
    return [_sitting(group, before[group[0].number], say) for group in chosen], len(groups)


def _sitting(group: tuple[ProfileVersion, ...], base: ProfileVersion | None, say: Speaker) -> Sitting:
    try:
        old = read_version(base, say.rulebook) if base else Profile("")
        return Sitting(group, base, edited(old, read_version(group[-1], say.rulebook), say))
    except BadInput:
        return Sitting(group, base, None)


def read_version(version: ProfileVersion, book: Rulebook, on: date | None = None) -> Profile:
    """Return the profile of a version as it was read when it was saved, or as of the day *on*.

    Raises:
        BadInput: the rules of today cannot read it any more.

    """
    source = parse(version.content, name=f"{version.company}#{version.number}")
    return read_profile(source, book.dictionary, book.lists, on or day_of(version.at))


def compared(before: Side, after: Side, matcher: Matcher, official: Sequence[Announcement], today: date) -> Json:
    """Return in which projects the two sides differ.

    Raises:
        BadInput: the rules of today cannot read one of them any more.

    """
    sides = []
    for version, day in (before, after):
        profile = seen_on(read_version(version, matcher.rulebook, today), day)
        sides.append(assess(matcher, profile, day, announcements=official))
    return comparison(sides[0], Comparison(*sides), LANG, kind="profile")
