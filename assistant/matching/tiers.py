"""A tier step lifts one scoring item to a better tier; the cheapest set of steps lifts a score over its pass mark.

An exact minimum: fewest blocked steps, fewest items, least effort, then item order. Items still open count with the
most they can give, as everything open counts as favourable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from assistant.logic import tree
from assistant.logic.scalar import Read, Situation, Test, compile_value
from assistant.logic.values import bounds
from assistant.matching.findings import ItemScore, Score
from assistant.matching.moves import Ground, Move, Way, figure_moves, joined, values_of, way_to
from assistant.rulebook.requirement import Item
from assistant.units import Number


class TierStep(NamedTuple):
    """One item lifted to *points*, and the way there."""

    item: Item
    points: Number
    gain: Number
    way: Way


class _Cost(NamedTuple):
    blocks: int = 0
    items: int = 0
    effort: int = 0
    places: tuple[tuple[int, int], ...] = ()  # (item, its step)

    def plus(self, other: _Cost) -> _Cost:
        places = tuple(sorted((*self.places, *other.places)))
        return _Cost(self.blocks + other.blocks, self.items + other.items, self.effort + other.effort, places)


Reached = dict[Number, _Cost]  # points → the least cost of reaching them


def cheapest_steps(score: Score, ground: Ground) -> tuple[TierStep, ...] | None:
    """Return the cheapest steps after which *score* can pass with every part minimum; None where nothing suffices."""
    options = [tuple(_options(one, ground)) for one in score.items]
    total: Reached = {0: _Cost()}
    parts = [(part.part.name, part.part.full, part.part.least or 0) for part in score.parts]
    for name, full, least in parts or [("", score.scoring.full, 0)]:
        places = [place for place, one in enumerate(score.items) if not parts or one.item.part == name]
        reached = _reach(places, options, sum(score.items[place].high for place in places))
        capped = _cheaper((min(full, points), cost) for points, cost in reached.items())
        allowed = [(points, cost) for points, cost in capped.items() if points >= least]
        total = _cheaper((a + b, known.plus(cost)) for a, known in total.items() for b, cost in allowed)
    mark = score.scoring.pass_mark
    passing = [cost for points, cost in total.items() if points > mark or (points == mark and not score.scoring.strict)]
    if not passing:
        return None
    return tuple(options[place][step] for place, step in min(passing).places)


def _reach(places: Iterable[int], options: list[tuple[TierStep, ...]], start: Number) -> Reached:
    reached: Reached = {start: _Cost()}
    for place in places:
        more = [
            (points + step.gain, cost.plus(_Cost(step.way.hindrances, 1, step.way.effort, ((place, number),))))
            for points, cost in reached.items()
            for number, step in enumerate(options[place])
        ]
        reached = _cheaper([*reached.items(), *more])
    return reached


def _cheaper(pairs: Iterable[tuple[Number, _Cost]]) -> Reached:
    least: Reached = {}
    for points, cost in pairs:
        known = least.get(points)
        if known is None or cost < known:
            least[points] = cost
    return least


# ---- the steps of one item


def _options(one: ItemScore, ground: Ground) -> Iterator[TierStep]:
    """Yield the steps by which an item can be lifted above the most that it can give now."""
    item, high = one.item, one.high
    if item.open or high >= item.most:
        return
    if item.formula is not None:
        yield from _formula_steps(item, item.formula, high, ground)
        return
    for tier in item.tiers:
        if tier.test is not None and tier.points[1] > high:
            yield TierStep(item, tier.points[1], tier.points[1] - high, way_to(tier.test, ground))


def _formula_steps(item: Item, formula: tree.Value, high: Number, ground: Ground) -> Iterator[TierStep]:
    """Yield steps of points that are a formula: one more condition at a time, else one figure raised."""
    read = compile_value(formula)

    def points(situation: Situation) -> Number:
        found = read(situation)
        return item.most if found is None else max(0, min(bounds(found)[1], item.most))

    counted = next((part for part in tree.walk(formula) if isinstance(part, tree.CountTrue)), None)
    if counted is not None:
        ways = sorted(
            (way for arg in counted.args if (way := way_to(arg, ground)).moves or way.blocks), key=lambda way: way.cost
        )
        best = high
        for n in range(1, len(ways) + 1):
            way = joined(ways[:n])
            now = points(replace(ground.situation, values={**ground.situation.values, **values_of(way.moves, ground)}))
            if now > best:
                best = now
                yield TierStep(item, now, now - high, way)
        return
    level = int(high) + 1
    while level <= item.most:
        moves = _raised(formula, _at_least(read, min(level, item.most)), ground)
        if moves:
            yield TierStep(item, level, level - high, Way(moves))
        level += 1


def _at_least(read: Read, level: Number) -> Test:
    def test(situation: Situation, _: object) -> bool:
        found = read(situation)
        return found is None or bounds(found)[1] >= level

    return test


def _raised(formula: tree.Value, test: Test, ground: Ground) -> tuple[Move, ...]:
    for name in dict.fromkeys(figure.name for figure in tree.figures(formula)):
        found = figure_moves(tree.figures(formula), test, name, ground)
        if moves := tuple(one for one in found if isinstance(one, Move)):
            return moves
    return ()
