"""A reach is how an open node can still go: become met, or unmet, and through which answers.

The algebra is Kleene's, read backwards: a conjunction becomes met by all of its open parts, unmet by any one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

SURE = 1_000_000  # chances are whole millionths


class Side(NamedTuple):
    """One way for an open node to go.

    *names* are the facts that take part, `name` or `name[year]`; *way* the fewest facts that could bring it about,
    *ways* all the ways as short; *alone* the facts whose answer alone could, with the chance that it does, *shared*
    those that could with another answer to the same test, with their share of the chance.
    """

    names: Mapping[str, None]
    way: frozenset[str]
    ways: frozenset[str]
    alone: Mapping[str, int]
    shared: Mapping[str, int]


class Reach(NamedTuple):
    """How an open node can still go; None: it cannot go that way."""

    met: Side | None
    unmet: Side | None

    @property
    def opposite(self) -> Reach:
        """The reach of the negation."""
        return Reach(self.unmet, self.met)


EXPERTS = Reach(Side({}, frozenset(), frozenset(), {}, {}), Side({}, frozenset(), frozenset(), {}, {}))
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
    return Reach(some([one.met for one in reaches], 1), some([one.unmet for one in reaches], len(reaches)))


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
        return Side(names, way, frozenset().union(*[side.ways for side in possible]), {}, {})
    ordered = sorted(possible, key=lambda side: (not side.way, len(side.way)))  # what needs experts alone comes last
    chosen = ordered[:count]
    longest = len(chosen[-1].way)
    way = frozenset().union(*[side.way for side in chosen])
    ways = frozenset().union(*[side.ways for side in ordered if len(side.way) <= longest])
    if count > 1:
        return Side(names, way, ways, {}, {})
    return Side(names, way, ways, _joined([one.alone for one in possible]), _joined([one.shared for one in possible]))


def _joined(tables: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Return the chance that one of several independent things comes about by the answer to a fact."""
    chances: dict[str, int] = {}
    for table in tables:
        for fact, chance in table.items():
            chances[fact] = joint(chances[fact], chance) if fact in chances else chance
    return chances


def joint(left: int, right: int) -> int:
    """Return the chance that one of two independent things happens."""
    return left + right - left * right // SURE


@cache
def waiting_for(names: tuple[str, ...], against: int) -> Reach:
    """Return the reach of a comparison that waits for all of *names* and is failed with the chance *against*."""
    return Reach(side_of(names, SURE - against), side_of(names, against))


def side_of(names: Iterable[str], chance: int) -> Side:
    """Return the side that all of *names* can bring about, with the *chance* that they do."""
    given = dict.fromkeys(names)
    facts = dict.fromkeys(map(fact_of, given))
    way = frozenset(facts)
    shares = dict.fromkeys(facts, chance // max(1, len(facts)))
    return Side(given, way, way, shares, {}) if len(facts) == 1 else Side(given, way, way, {}, shares)
