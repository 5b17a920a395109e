"""An arrangement puts the legs of a path above each other, and arrows between them that never cross."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

GAP = 5  # between a box and its first arrow
APART = 6  # between two arrows
ARRANGED = 10  # more legs are drawn in order of time


class Spot(NamedTuple):
    """From where to where a leg's box reaches."""

    left: int
    right: int


class Link(NamedTuple):
    """What *upper* needs, and where its arrow stands."""

    lower: str
    upper: str
    x: int


def arranged(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the legs from the bottom up so that arrows pass as few rows as possible, each above what it needs.

    Arrows pass every row between their ends; the least sum over all cuts between rows is found by looking at the
    sets of legs that can lie below a cut.
    """
    ids = list(needs)
    if len(ids) > ARRANGED:
        return ids
    number = {id_: index for index, id_ in enumerate(ids)}
    below = [sum(1 << number[id_] for id_ in needs[one] if id_ in number and id_ != one) for one in ids]
    best: dict[int, tuple[int, tuple[int, ...]]] = {0: (0, ())}
    cuts = [
        sum((below[above] & lower).bit_count() for above in range(len(ids)) if not lower >> above & 1)
        for lower in range(1 << len(ids))
    ]
    for lower in range(1 << len(ids)):
        if lower not in best:
            continue
        cost, order = best[lower]
        for index in range(len(ids)):
            more = lower | 1 << index
            if more == lower or below[index] & ~lower:
                continue
            found = (cost + cuts[more], (*order, index))
            best[more] = min(best.get(more, found), found)
    _, order = best.get((1 << len(ids)) - 1, (0, tuple(range(len(ids)))))  # legs that wait for each other: by time
    return [ids[index] for index in order]


def upright(needs: Mapping[str, Sequence[str]], order: Sequence[str], spots: Mapping[str, Spot]) -> Iterator[Link]:
    """Yield the arrows, upright and apart from each other: they may pass behind a bar but never cross."""
    at = {id_: index for index, id_ in enumerate(order)}
    taken: list[tuple[int, int, int]] = []
    for upper in order:
        for lower in (one for one in needs[upper] if one in at and at[one] < at[upper]):
            x = max(spots[upper].left + GAP, min(spots[lower].right + 2, spots[upper].right - GAP))
            while any(abs(x - other) < APART and low < at[upper] and at[lower] < high for other, low, high in taken):
                x += APART
            taken.append((x, at[lower], at[upper]))
            yield Link(lower, upper, x)
