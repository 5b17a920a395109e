"""An interview fills in a profile: it asks the most useful question, takes the answer, and asks what is then.

Nothing is asked twice in one interview, whether it was answered, not known or passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from assistant.company.profile import Profile, read_profile
from assistant.company.writing import Data, with_answer
from assistant.errors import Problem
from assistant.matching.match import Matcher
from assistant.planning.assessment import assess
from assistant.planning.questions import Ask, Outlook, outlook, questions
from assistant.rulebook.book import Rulebook
from assistant.sources import Source


@dataclass(frozen=True)
class Interview:
    """What was told so far: the profile's *data* as its file has it, and the names *passed*, answered or not."""

    data: Data
    passed: frozenset[str] = frozenset()

    def profile(self, book: Rulebook, on: date) -> Profile:
        """Return the profile told so far.

        Raises:
            BadInput: an answer cannot be used.

        """
        return read_profile(Source("", dict(self.data)), book.dictionary, book.lists, on)

    def answered(self, name: str, raw: Any, book: Rulebook, on: date) -> tuple[Interview, tuple[Problem, ...]]:
        """Return the interview with an answer, and what is remarked on now and was not before.

        Raises:
            BadInput: the answer cannot be used.

        """
        return self._with(with_answer(self.data, name, raw, on), book, on)

    def _with(self, data: Data, book: Rulebook, on: date) -> tuple[Interview, tuple[Problem, ...]]:
        known = {(one.code, *one.params.items()) for one in self.profile(book, on).remarks}
        after = replace(self, data=data)
        remarks = after.profile(book, on).remarks
        return after, tuple(one for one in remarks if (one.code, *one.params.items()) not in known)

    def called(self, key: str, text: str, book: Rulebook, on: date) -> tuple[Interview, tuple[Problem, ...]]:
        """Return the interview with the enterprise's name or credit code, and what is remarked on."""
        enterprise: Mapping[str, Any] = self.data.get("enterprise") or {}
        return self._with({**self.data, "enterprise": {**enterprise, key: text}}, book, on)

    def past(self, ask: Ask) -> Interview:
        """Return the interview with a question done with."""
        return replace(self, passed=self.passed | {*ask.names})


@dataclass(frozen=True)
class Turn:
    """Where an interview stands: the question to ask next (None: nothing is left), how far the answers carry."""

    ask: Ask | None
    outlook: Outlook
    settled: tuple[str, ...]


def turn(interview: Interview, matcher: Matcher, on: date, *, every: bool) -> Turn:
    """Return where *interview* stands; with *every*, projects without a round to come are asked for as well."""
    assessment = assess(matcher, interview.profile(matcher.rulebook, on), on)
    worth = assessment.prospects if every else [one for one in assessment.prospects if one.is_due(on)]
    left = (kept for ask in questions(worth, matcher.rulebook) if (kept := _unasked(ask, interview.passed)))
    settled = tuple(one.match.project.id for one in assessment.prospects if one.is_settled)
    return Turn(next(left, None), outlook(assessment.prospects, on), settled)


def _unasked(ask: Ask, passed: frozenset[str]) -> Ask | None:
    """Return what of a question was not asked yet."""
    if not ask.years:
        return None if ask.fact in passed else ask
    years = tuple(year for year in ask.years if f"{ask.fact}[{year}]" not in passed)
    return replace(ask, years=years) if years else None
