"""An edit (改动) is one answer that two versions of a profile give differently.

Answers are compared as they are understood, not as they are typed: 1.4亿元 in place of 14000 is no edit. A sitting
(一次修改) is what one person changed at one go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, TypeVar

from assistant.company.profile import Profile

AT_ONE_GO = timedelta(minutes=30)  # so long after a version the next one of the same person belongs to it

Kind = Literal["name", "uscc", "fact", "figure", "recognitions", "recognition", "judgement"]


@dataclass(frozen=True, slots=True)
class Given:
    """An answer: its value, None for one that is not known.

    *loose*: a figure that is the company's estimate, a recognition whose last day is not known.
    """

    value: Any
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """One answer on both sides; None where a side does not have it.

    *subject* is the fact, the recognition, or the project of a judgement with its *criterion*.
    """

    kind: Kind
    before: Given | None
    after: Given | None
    subject: str = ""
    year: int | None = None
    criterion: str = ""


def edits(before: Profile, after: Profile) -> tuple[Edit, ...]:
    """Return the answers that *after* gives differently."""
    return tuple(one for one in _pairs(before, after) if one.before != one.after)


def _pairs(before: Profile, after: Profile) -> Iterator[Edit]:
    yield Edit("name", _text(before.name), _text(after.name))
    yield Edit("uscc", _text(before.uscc), _text(after.uscc))
    for name in dict.fromkeys((*before.facts, *after.facts)):
        yield Edit("fact", _given(before.facts, name), _given(after.facts, name), name)
    years = {year for side in (before, after) for table in (side.years, side.estimates) for year in table}
    for year in sorted(years, reverse=True):
        old, new = _figures(before, year), _figures(after, year)
        for name in dict.fromkeys((*old, *new)):
            yield Edit("figure", old.get(name), new.get(name), name, year)
    yield from _recognitions(before, after)
    sides = [{(one.project, one.criterion): Given(one) for one in side.judgements} for side in (before, after)]
    for project, criterion in dict.fromkeys((*sides[0], *sides[1])):
        key = project, criterion
        yield Edit("judgement", sides[0].get(key), sides[1].get(key), project, criterion=criterion)


def _recognitions(before: Profile, after: Profile) -> Iterator[Edit]:
    """Yield recognitions one by one where both sides list them; a list that only one side has as a whole."""
    if before.recognitions is None or after.recognitions is None:
        yield Edit("recognitions", _listed(before), _listed(after))
        return
    for id_ in dict.fromkeys(one.id for one in (*before.recognitions, *after.recognitions)):
        yield Edit("recognition", _held(before, id_), _held(after, id_), id_)


def _text(value: str) -> Given | None:
    return Given(value) if value else None


def _given(answers: Mapping[str, Any], name: str) -> Given | None:
    return Given(answers[name]) if name in answers else None


def _figures(profile: Profile, year: int) -> dict[str, Given]:
    actual, estimates = profile.years.get(year, {}), profile.estimates.get(year, {})
    found = {name: Given(value, loose=True) for name, value in estimates.items()}
    return {**found, **{name: Given(value) for name, value in actual.items() if value is not None or name not in found}}


def _listed(profile: Profile) -> Given | None:
    if profile.recognitions is None:
        return Given(None) if "recognitions" in profile.unsure else None
    return Given(profile.recognitions)


def _held(profile: Profile, id_: str) -> Given | None:
    found = tuple(one for one in profile.recognitions or () if one.id == id_)
    return Given(found, loose=f"recognitions.{id_}" in profile.unsure) if found else None


class Stamped(Protocol):
    """A version of which at least this is known."""

    @property
    def who(self) -> str: ...
    @property
    def at(self) -> datetime: ...


One = TypeVar("One", bound=Stamped)


def sittings(versions: Sequence[One]) -> tuple[tuple[One, ...], ...]:
    """Return *versions*, the oldest first, in sittings."""
    found: list[list[One]] = []
    for one in versions:
        last = found[-1][-1] if found else None
        if last is not None and last.who == one.who and one.at - last.at <= AT_ONE_GO:
            found[-1].append(one)
        else:
            found.append([one])
    return tuple(tuple(group) for group in found)
