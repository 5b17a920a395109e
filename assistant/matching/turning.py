"""A scoring turns on an item when the item's points can still decide whether the pass mark is reached.

Points are whole multiples of a common step, so a set of reachable sums is a bit mask: bit *n* says that *n* steps
can be reached. Nothing is asked for an item that no reachable points of the others make decisive.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from assistant.matching.findings import Score
from assistant.units import Number


class Choice(NamedTuple):
    """An answer about one item: what is sure to be had may *rise*, what is possible *sink*, within these ends.

    *best* is what is sure after the best answer.
    """

    names: tuple[str, ...]
    rise: tuple[Number, Number]
    sink: tuple[Number, Number]
    best: Number


class Spread(NamedTuple):
    """What an item's points can still become: what is sure may rise to *rises*, what is possible sink to *sinks*.

    Both hold the present end; *steady*: every number of points between the ends is possible.
    """

    rises: tuple[Number, ...]
    sinks: tuple[Number, ...]
    choices: tuple[Choice, ...] = ()
    steady: bool = False


class _Table:
    """The items of a scoring as masks of steps, part by part; *parts* are (full, least, item masks)."""

    def __init__(self, score: Score, values: Sequence[tuple[Number, ...]], *, steady: Sequence[bool]) -> None:
        scoring = score.scoring
        numbers = [scoring.pass_mark, *(n for given in values for n in given)]
        numbers += [n for one in score.parts for n in (one.part.full, one.part.least or 0)]
        self.step = lcm(*(Fraction(number).denominator for number in numbers))
        self.mark = self.steps(scoring.pass_mark) + scoring.strict
        masks = [self.mask(given, steady=even) for given, even in zip(values, steady, strict=True)]
        parts = [one.part for one in score.parts]
        self.places = [
            [place for place, one in enumerate(score.items) if not parts or one.item.part == part]
            for part in ([part.name for part in parts] or [""])
        ]
        top = sum(mask.bit_length() for mask in masks)
        self.full = [self.steps(part.full) for part in parts] or [top]
        self.least = [self.steps(part.least or 0) for part in parts] or [0]
        self.masks = masks

    def steps(self, number: Number) -> int:
        return int(number * self.step)

    def mask(self, values: Iterable[Number], *, steady: bool) -> int:
        reached = [self.steps(value) for value in values]
        if steady:
            return (1 << max(reached) + 1) - (1 << min(reached))
        return sum(1 << value for value in {*reached})

    def decisive(self, ends: Sequence[Sequence[tuple[Number, Number]]]) -> frozenset[tuple[int, int]]:
        """Return which choices, by item and number, passing turns on; *ends* are the points each decides between."""
        capped = [
            _capped(_sums(self.masks[place] for place in places), full, least)
            for places, full, least in zip(self.places, self.full, self.least, strict=True)
        ]
        found = set()
        for part, places in enumerate(self.places):
            elsewhere = _sums(mask for other, mask in enumerate(capped) if other != part)
            for place in places:
                open_ = [(number, low, high) for number, (low, high) in enumerate(ends[place]) if low < high]
                if not open_:
                    continue
                beside = _sums(self.masks[other] for other in places if other != place)
                for number, low, high in open_:
                    if self.turns(beside, elsewhere, self.steps(low), self.steps(high), part):
                        found.add((place, number))
        return frozenset(found)

    def turns(self, beside: int, elsewhere: int, low: int, high: int, part: int) -> bool:
        """Tell whether passing can hang on *low* or *high* points, given the reachable sums of all other items."""
        full, least = self.full[part], self.least[part]
        for own in _bits(beside):
            less, more = min(full, own + low), min(full, own + high)
            if more < least or less == more:
                continue
            others = elsewhere >> max(0, self.mark - more)
            if less >= least:
                width = max(0, self.mark - less) - max(0, self.mark - more)
                others &= (1 << width) - 1
            if others:
                return True
        return False


def _sums(masks: Iterable[int]) -> int:
    """Return the sums that can be reached by one number out of each mask."""
    total = 1
    for mask in masks:
        total = sum_mask(total, mask)
    return total


def sum_mask(left: int, right: int) -> int:
    """Return the sums of one number of *left* and one of *right*."""
    if left.bit_count() < right.bit_count():
        left, right = right, left
    reached = 0
    for shift in _bits(right):
        reached |= left << shift
    return reached


def _capped(mask: int, full: int, least: int) -> int:
    """Return a part's sums: none above its full marks, none below its own minimum."""
    if mask >> full:
        mask = mask & ((1 << full) - 1) | 1 << full
    return mask >> least << least


def _bits(mask: int) -> Iterable[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class Turning(NamedTuple):
    """The choices, by item and number, through which a score can still pass, and can still fail; None: it cannot."""

    passes: frozenset[tuple[int, int]] | None
    fails: frozenset[tuple[int, int]] | None


def turning(score: Score, spreads: Sequence[Spread]) -> Turning:
    """Return the choices on which an open *score* turns, given what the points of each item can still become."""
    steady = [spread.steady for spread in spreads]
    rises, sinks = [spread.rises for spread in spreads], [spread.sinks for spread in spreads]
    up = down = None
    if is_passed(score, [max(given) for given in rises]):
        ends = [[choice.rise for choice in spread.choices] for spread in spreads]
        up = _Table(score, rises, steady=steady).decisive(ends)
    if not is_passed(score, [min(given) for given in sinks]):
        ends = [[choice.sink for choice in spread.choices] for spread in spreads]
        down = up if up is not None and rises == sinks else _Table(score, sinks, steady=steady).decisive(ends)
    return Turning(up, down)


def is_passed(score: Score, points: Sequence[Number]) -> bool:
    """Tell whether the scoring is passed with these *points* for its items."""
    scoring = score.scoring
    total: Number = 0
    if not score.parts:
        total = sum(points)
    for one in score.parts:
        own = sum(given for given, item in zip(points, score.items, strict=True) if item.item.part == one.part.name)
        own = min(own, one.part.full)
        if one.part.least is not None and own < one.part.least:
            return False
        total += own
    return total > scoring.pass_mark if scoring.strict else total >= scoring.pass_mark
