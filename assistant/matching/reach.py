"""A reach is how an open node can still go: become met, or unmet, and through which answers.

The algebra is Kleene's, read backwards: a conjunction becomes met by all of its open parts, unmet by any one of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

SURE = 1_000_000  # chances are whole millionths


class Side(NamedTuple):
    """One way for an open node to go.

    *names* are the facts that take part, `name` or `name[year]`; *way* the fewest facts that could bring it about,
    *ways* all the ways as short; *alone* the facts whose answer alone could, with the chance that it does.
    """

    names: Mapping[str, None]
    way: frozenset[str]
    ways: frozenset[str]
    alone: Mapping[str, int]


class Reach(NamedTuple):
    """How an open node can still go; None: it cannot go that way."""

    met: Side | None
    unmet: Side | None

    @property
    def opposite(self) -> Reach:
        """The reach of the negation."""
        return Reach(self.unmet, self.met)


EXPERTS = Reach(Side({}, frozenset(), frozenset(), {}), Side({}, frozenset(), frozenset(), {}))
"""What experts decide: it can go either way, through no answer of the company."""

STUCK = Reach(None, None)
"""What no answer can change."""


@cache
def fact_of(name: str) -> str:
    """Return the fact of `name[year]`."""
    return name.partition("[")[0]


def every(reaches: Sequence[Reach]) -> Reach:
    """Return the reach of a conjunction of open parts."""
    return Reach(some([one.met for one in reaches], len(reaches)), some([one.unmet for one in reaches], 1))


def either(reaches: Sequence[Reach]) -> Reach:
    """Return the reach of a choice among open parts."""
    return every([one.opposite for one in reaches]).opposite


def some(sides: Sequence[Side | None], count: int) -> Side | None:
    """Return how *count* of the *sides* can come about; None where too few can."""
    if len(sides) == 1:
        return sides[0]
    possible = [side for side in sides if side is not None]
    if len(possible) < count:
        return None
    if len(possible) == 1:
        return possible[0]
    names: dict[str, None] = {}
    for side in possible:
        names.update(side.names)
    if count == len(possible):
        way = frozenset().union(*[side.way for side in possible])
        return Side(names, way, frozenset().union(*[side.ways for side in possible]), {})
    ordered = sorted(possible, key=lambda side: (not side.way, len(side.way)))  # what needs experts alone comes last
    chosen = ordered[:count]
    longest = len(chosen[-1].way)
    way = frozenset().union(*[side.way for side in chosen])
    ways = frozenset().union(*[side.ways for side in ordered if len(side.way) <= longest])
    return Side(names, way, ways, _alone(possible) if count == 1 else {})


def _alone(sides: Sequence[Side]) -> dict[str, int]:
    """Return the chance that one of the sides comes about by one answer, independent of one another."""
    chances: dict[str, int] = {}
    for side in sides:
        for fact, chance in side.alone.items():
            chances[fact] = joint(chances[fact], chance) if fact in chances else chance
    return chances


def joint(left: int, right: int) -> int:
    """Return the chance that one of two independent things happens."""
    return left + right - left * right // SURE


@cache
def waiting_for(names: tuple[str, ...], against: int) -> Reach:
    """Return the reach of a comparison that waits for all of *names* and is failed with the chance *against*."""
    given = dict.fromkeys(names)
    each = dict.fromkeys(map(fact_of, names))
    facts = frozenset(each)
    met = Side(given, facts, facts, dict.fromkeys(each, (SURE - against) // len(facts)))
    return Reach(met, Side(given, facts, facts, dict.fromkeys(each, against // len(facts))))
