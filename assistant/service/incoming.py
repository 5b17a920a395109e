"""What comes in (来件): files with the profiles of companies, each looked at before anything goes into the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import PurePath

from assistant.company.profile import Profile, read_profile
from assistant.company.writing import profile_text
from assistant.delivery.wording.conversation import comments
from assistant.delivery.workbook.reading import imported
from assistant.errors import BadInput, Place, Problem
from assistant.planning.assessment import check_judgements
from assistant.rulebook.book import Rulebook
from assistant.service.store.records import Company
from assistant.sources import parse, text_in

_WORKBOOK = ".xlsx"
_TEXTS = (".yaml", ".yml", ".json")
KINDS = (_WORKBOOK, *_TEXTS)


@dataclass(frozen=True)
class Arrival:
    """One file: the *text* of its profile as it would be kept, or its *problems*.

    *known* is the company of which it would be another version; None where it would be a new one.
    """

    file: str
    text: str = ""
    profile: Profile = field(default_factory=lambda: Profile(""))
    known: Company | None = None
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()

    @property
    def answers(self) -> int:
        """How many answers it gives."""
        years = (*self.profile.years.values(), *self.profile.estimates.values())
        return len(self.profile.facts) + sum(map(len, years)) + len(self.profile.recognitions or ())


def looked_at(raw: bytes, file: str, book: Rulebook, on: date, mine: Sequence[Company]) -> Arrival:
    """Return what a file is, to somebody who belongs to the companies *mine*."""
    kind = PurePath(file).suffix.lower()
    try:
        if kind == _WORKBOOK:
            found = imported(raw, file, book, on)
            text = profile_text(found.data, book.dictionary, comments(book))
            return replace(arrival(text, file, book, on, mine), remarks=found.remarks)
        if kind in _TEXTS:
            return arrival(text_in(raw, name=file), file, book, on, mine)
    except BadInput as error:
        return Arrival(file, problems=error.problems)
    return Arrival(file, problems=(Problem("file-kind", Place(file), {"found": kind, "expected": "、".join(KINDS)}),))


def arrival(text: str, file: str, book: Rulebook, on: date, mine: Sequence[Company]) -> Arrival:
    """Return what the profile *text* of a file is, to somebody who belongs to the companies *mine*."""
    try:
        profile = read_profile(parse(text, name=file), book.dictionary, book.lists, on)
        check_judgements(profile, book)
    except BadInput as error:
        return Arrival(file, problems=error.problems)
    if not profile.name:
        return Arrival(file, problems=(Problem("file-nameless", Place(file)),))
    return Arrival(file, text, profile, _known(profile, mine), remarks=profile.remarks)


def _known(profile: Profile, mine: Sequence[Company]) -> Company | None:
    """Return the company meant: by its credit code, or by its name where one of the two has no code."""
    if profile.uscc:
        same = [one for one in mine if one.uscc == profile.uscc]
        if same:
            return same[0]
    named = [one for one in mine if one.name == profile.name and not (one.uscc and profile.uscc)]
    return named[0] if len(named) == 1 else None


def without_repeats(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Return *arrivals*; of several that are one company all but the first are refused."""
    first: dict[str, Arrival] = {}
    found = []
    for one in arrivals:
        if one.problems:
            found.append(one)
            continue
        key = one.known.id if one.known else one.profile.uscc or one.profile.name
        taken = first.setdefault(key, one)
        twice = Problem("file-repeats", Place(one.file), {"first": taken.file})
        found.append(one if taken is one else replace(one, problems=(twice,)))
    return found
