"""A change is one answer given differently: what a company would tell us if a fact were another.

It is written NAME=VALUE. NAME is a fact (`class1_ip`), a figure of a year (`revenue[2026]`), a recognition (VALUE is
`yes`, `no` or the day it was granted) or a platform's score as questions name it; labels and aliases will do. A VALUE
is read as a profile's is: every change is read as a profile that says nothing else. No VALUE takes the answer away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from assistant.company.answers import AnswerError, read_flag, shown
from assistant.company.facts import Dictionary
from assistant.company.lists import Lists
from assistant.company.profile import Profile, read_profile
from assistant.dates import is_closed
from assistant.errors import BadInput, Place, Problem, nearest
from assistant.sources import Path_, Source, parse

_WITH_YEAR = re.compile(r"(.*?)\s*\[\s*(.*?)\s*\]", re.DOTALL)
_SCORES = "platform_scores"

Kind = Literal["fact", "figure", "score", "recognition"]


@dataclass(frozen=True, slots=True)
class Change:
    """One answer given differently.

    *subject* is the fact, the platform's score or the recognition; *text* the value as it was written, "" where the
    answer is taken away; *answer* the value as read, in a profile that says nothing else; *place* where it was given.
    """

    kind: Kind
    subject: str
    year: int | None
    text: str
    answer: Profile
    place: Place

    @property
    def name(self) -> str:
        """What the product calls it: `class1_ip`, `revenue[2026]`, `platform_scores.…[2027]`, a recognition's id."""
        base = f"{_SCORES}.{self.subject}" if self.kind == "score" else self.subject
        return base if self.year is None else f"{base}[{self.year}]"

    def value(self, profile: Profile) -> Any:
        """Return what *profile* answers here: None for nothing; for a recognition all that are held of it."""
        match self.kind:
            case "fact":
                return profile.facts.get(self.subject)
            case "figure":
                assert self.year is not None
                return profile.figure(self.subject, self.year)[0]
            case "score":
                return next((entry.get("score") for entry in _scores(profile) if self._is_of(entry)), None)
        return tuple(entry for entry in profile.recognitions or () if entry.id == self.subject) or None

    def applied(self, profile: Profile) -> Profile:
        """Return *profile* with this answer in place of its own."""
        answer = self.answer
        match self.kind:
            case "fact":
                return replace(profile, facts={**_without(profile.facts, self.subject), **answer.facts})
            case "figure":
                assert self.year is not None
                years, estimates = (
                    _figures(side, self.year, self.subject) for side in (profile.years, profile.estimates)
                )
                for side, given in ((years, answer.years), (estimates, answer.estimates)):
                    for year, figures in given.items():
                        side[year] = {**side.get(year, {}), **figures}
                return replace(profile, years=years, estimates=estimates)
            case "score":
                others = tuple(entry for entry in _scores(profile) if not self._is_of(entry))
                return replace(profile, facts={**profile.facts, _SCORES: (*others, *_scores(answer))})
        if profile.recognitions is None:
            if not self.text:
                return profile
            raise BadInput([Problem("recognitions-open", self.place)])
        others_held = tuple(entry for entry in profile.recognitions if entry.id != self.subject)
        unsure = profile.unsure - {f"recognitions.{self.subject}"} | answer.unsure
        return replace(profile, recognitions=(*others_held, *(answer.recognitions or ())), unsure=unsure)

    def _is_of(self, entry: Mapping[str, Any]) -> bool:
        return (entry.get("id"), entry.get("cycle")) == (self.subject, self.year)


def changed(profile: Profile, changes: Sequence[Change]) -> Profile:
    """Return *profile* with all *changes* made.

    Raises:
        BadInput: a recognition is changed in a profile that does not list those it holds: one alone would
            tell that there is no other.

    """
    for change in changes:
        profile = change.applied(profile)
    return profile


def seen_on(profile: Profile, day: date) -> Profile:
    """Return the company as it could be seen on an earlier *day*; a later one shows nothing new.

    Years not closed by then are its own estimates; what was granted, happened or was judged later is not there yet.
    All other answers stay.
    """
    later = {year: figures for year, figures in profile.years.items() if not is_closed(year, day)}
    estimates = {year: {**profile.estimates.get(year, {}), **figures} for year, figures in later.items()}
    held = profile.recognitions
    return replace(
        profile,
        facts={name: _happened(value, day) for name, value in profile.facts.items()},
        years={year: figures for year, figures in profile.years.items() if year not in later},
        estimates={**profile.estimates, **estimates},
        recognitions=held and tuple(entry for entry in held if not (entry.granted and entry.granted > day)),
        judgements=tuple(entry for entry in profile.judgements if not (entry.on and entry.on > day)),
    )


def _happened(value: Any, day: date) -> Any:
    if not isinstance(value, tuple) or not all(isinstance(entry, Mapping) for entry in value):
        return value
    return tuple(e for e in value if not any(isinstance(part, date) and part > day for part in e.values()))


def _scores(profile: Profile) -> tuple[Mapping[str, Any], ...]:
    return profile.facts.get(_SCORES) or ()


def _without(answers: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in answers.items() if key != name}


def _figures(table: Mapping[int, Mapping[str, Any]], year: int, name: str) -> dict[int, Mapping[str, Any]]:
    return {key: _without(figures, name) if key == year else figures for key, figures in table.items()}


def read_changes(
    texts: Sequence[str], dictionary: Dictionary, lists: Lists, on: date, *, place: str
) -> tuple[Change, ...]:
    """Read changes written NAME=VALUE; *place* names where they stand.

    Raises:
        BadInput: with every mistake in all of them.

    """
    reader = _Reader(dictionary, lists, on, place)
    changes = [change for text in texts if (change := reader.change(text)) is not None]
    if reader.problems:
        raise BadInput(reader.problems)
    return tuple(changes)


class _Reader:
    def __init__(self, dictionary: Dictionary, lists: Lists, on: date, place: str) -> None:
        self.dictionary = dictionary
        self.lists = lists
        self.on = on
        self.place = place
        self.problems: list[Problem] = []
        self.seen: set[str] = set()

    def change(self, written: str) -> Change | None:
        name, equals, value = (part.strip() for part in written.partition("="))
        if not name or not equals:
            self.problems.append(Problem("with-form", Place(self.place), {"found": shown(written)}))
            return None
        at = Place(self.place, 0, name)
        try:
            change = self.read(at, *self.target(name), value)
        except AnswerError as error:
            self.problems.append(Problem(error.code, at, error.params))
            return None
        except BadInput as error:
            self.problems += error.problems
            return None
        if change.name in self.seen:
            self.problems.append(Problem("given-twice", at, {"found": change.name}))
        self.seen.add(change.name)
        return change

    def read(self, at: Place, kind: Kind, subject: str, year: str | None, value: str) -> Change:
        """Return the change given *at*, its *value* read as a profile's answer."""
        prefix: Path_ = ()
        try:
            source = parse(value, name=self.place)
            source.done()
            data, prefix = self.data(kind, subject, year, source.data)
            answer = read_profile(Source(self.place, data), self.dictionary, self.lists, self.on)
        except BadInput as error:
            inner = ".".join(map(str, prefix))
            raise BadInput(replace(p, place=_below(at, p.place, inner)) for p in error.problems) from None
        text = "" if source.data is None else value
        return Change(kind, subject, None if year is None else int(year), text, answer, at)

    def target(self, name: str) -> tuple[Kind, str, str | None]:
        """Return what *name* is about: the fact, score or recognition, and the year as written."""
        found = _WITH_YEAR.fullmatch(name)
        base, year = found.groups() if found else (name, None)
        known = self.known(base)
        if known is None:
            close = nearest(base, self.names())
            meant = self.known(close)
            params = {} if meant is None else {"nearest": meant[1], "label": meant[2]}
            raise AnswerError("unknown-answer", found=base, **params)
        kind, subject, label = known
        written = f"{_SCORES}.{subject}" if kind == "score" else subject
        if kind in ("figure", "score") and year is None:
            raise AnswerError("with-needs-year", label=label, expected=f"{written}[{self.on.year}]")
        if kind in ("fact", "recognition") and year is not None:
            raise AnswerError("with-without-year", label=label, expected=written)
        return kind, subject, year

    def known(self, name: str) -> tuple[Kind, str, str] | None:
        """Return the kind, name and label of what is called *name*."""
        facts, listed = self.dictionary.facts, self.lists.recognitions
        fact = facts.get(name) or facts.get(self.dictionary.aliases.get(name, ""))
        if fact is not None:
            if fact.derived:
                raise AnswerError("fact-derived", found=name, label=fact.label)
            return "figure" if fact.yearly else "fact", fact.name, fact.label
        if name.startswith(f"{_SCORES}.") and _SCORES in facts:
            return "score", name.removeprefix(f"{_SCORES}."), facts[_SCORES].label
        held = listed.get(name) or listed.get(self.lists.recognition_aliases.get(name, ""))
        return None if held is None else ("recognition", held.id, name)

    def names(self) -> list[str]:
        """Return every name that can be changed."""
        facts = [name for name, spec in self.dictionary.facts.items() if not spec.derived]
        aliases = [alias for alias, name in self.dictionary.aliases.items() if name in facts]
        return [*facts, *aliases, *self.lists.recognitions, *self.lists.recognition_aliases]

    def data(self, kind: Kind, subject: str, year: str | None, raw: Any) -> tuple[dict[str, Any], Path_]:
        """Return a profile with the one answer, and where in it the answer stands."""
        number = int(year) if year and year.isascii() and year.isdigit() else year
        match kind:
            case "fact":
                return {"facts": {subject: raw}}, ("facts", subject)
            case "figure":
                section = "years" if isinstance(number, int) and is_closed(number, self.on) else "estimates"
                return {section: {number: {subject: raw}}}, (section, number, subject)
            case "score":
                entry = {"id": subject, "cycle": number, **({} if raw is None else {"score": raw})}
                return {"facts": {_SCORES: [entry]}}, ("facts", _SCORES, 0)
        held = self.held(raw)
        at: Path_ = ("recognitions", 0) if isinstance(raw, dict) else ("recognitions", 0, "granted")
        return {"recognitions": [] if held is None else [{**held, "id": subject}]}, at

    def held(self, raw: Any) -> dict[Any, Any] | None:
        """Return what a profile's list has of a recognition: None where it is not held."""
        if raw is None:
            return None
        if isinstance(raw, dict):
            return raw
        if isinstance(raw, date):
            return {"granted": raw}
        try:
            return {"granted": self.on} if read_flag(raw) else None
        except AnswerError:
            raise AnswerError("recognition-expected", found=shown(raw)) from None


def _below(at: Place, found: Place, inner: str) -> Place:
    """Return where a mistake stands, told from the change *at*: the part of the answer, if it has parts."""
    rest = found.path.removeprefix(inner) if inner and found.path.startswith(inner) else ""
    return replace(at, path=at.path + rest)
