"""A comparison counts from which verdict to which the same companies go, between two versions of the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

from assistant.matching.screening.plan import VERDICTS
from assistant.matching.screening.tally import Example, identified

EXAMPLES = 5
_PARTS = len(VERDICTS.categories)


class Move(NamedTuple):
    """A verdict before, and the one after."""

    before: str
    after: str


@dataclass(slots=True)
class Comparison:
    """Moves of companies by project; *examples* is how many of each move that changes the verdict are named."""

    projects: tuple[str, ...]
    examples: int = EXAMPLES
    companies: int = 0
    counts: dict[tuple[str, Move], int] = field(default_factory=dict)
    named: dict[tuple[str, Move], tuple[Example, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, before: Sequence[str], after: Sequence[str], *, examples: int = EXAMPLES) -> Comparison:
        """Return an empty comparison of the projects that stand in both."""
        return cls(tuple(id_ for id_ in after if id_ in set(before)), examples)

    def add(self, before: pl.DataFrame, after: pl.DataFrame, identity: pl.DataFrame | None = None) -> None:
        """Count the answers *before* and *after* of the same companies, row by row.

        Raises:
            ValueError: they are not as many.

        """
        if before.height != after.height:
            raise ValueError(before.height, after.height)
        known = identified(identity, self.companies, after.height)
        self.companies += after.height
        for project in self.projects:
            codes = _code(before, project) * _PARTS + _code(after, project)
            for code, count in codes.value_counts().iter_rows():
                key = project, _move(code)
                self.counts[key] = self.counts.get(key, 0) + count
                here = self.named.get(key, ())
                if key[1].before != key[1].after and len(here) < self.examples:
                    rows = (codes == code).arg_true().head(self.examples - len(here))
                    self.named[key] = (*here, *(Example(*one) for one in known[rows].iter_rows()))

    def __add__(self, other: Comparison) -> Comparison:
        """Return the comparison of the companies of both; those of *other* came later."""
        both = Comparison(self.projects, self.examples, self.companies + other.companies)
        for key in {**self.counts, **other.counts}:
            both.counts[key] = self.counts.get(key, 0) + other.counts.get(key, 0)
            if listed := (*self.named.get(key, ()), *other.named.get(key, ()))[: self.examples]:
                both.named[key] = listed
        return both

    def changed(self, project: str) -> int:
        """Return how many companies have another verdict than before."""
        return sum(count for (id_, move), count in self.counts.items() if id_ == project and move.before != move.after)

    def moves(self, project: str) -> list[tuple[Move, int, tuple[Example, ...]]]:
        """Return a project's moves with their counts and named companies, in the order of the verdicts."""
        order = list(VERDICTS.categories)
        own = [(move, count) for (id_, move), count in self.counts.items() if id_ == project]
        own.sort(key=lambda pair: (order.index(pair[0].before), order.index(pair[0].after)))
        return [(move, count, self.named.get((project, move), ())) for move, count in own]


def _code(answers: pl.DataFrame, project: str) -> pl.Series:
    return answers[f"{project}.verdict"].cast(VERDICTS).to_physical().cast(pl.UInt8).rename("code")


def _move(code: int) -> Move:
    words = VERDICTS.categories
    return Move(words[code // _PARTS], words[code % _PARTS])
