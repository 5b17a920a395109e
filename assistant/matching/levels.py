"""A level is the least value to which figures must rise (or fall) for a test to hold.

The test itself is bisected over whole steps of the fact, so the level is exact for any monotone test.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from assistant.company.facts import FactSpec
from assistant.logic import tree
from assistant.logic.scalar import Read, Situation, Test, compile_value
from assistant.logic.values import bounds
from assistant.units import Number, exact

PERCENT_STEP = Fraction(1, 10_000)  # a percentage is moved in hundredths of a point
_FAR = 1_000_000  # a figure is never moved beyond so many times itself or its unit


def spec_step(spec: FactSpec) -> Number:
    """Return the least amount by which a number is moved, in base units."""
    return PERCENT_STEP if spec.kind == "percent" else 1


def margin_of(node: tree.Compare) -> Read | None:
    """Return by how much a comparison holds, where that can be computed: it only helps to guess."""
    if any(isinstance(part, tree.Growth) for part in tree.walk(node)):
        return None
    return compile_value(tree.Sum((node.left, tree.Product(tree.Const(-1), node.right))))


def least_level(
    test: Test,
    keys: Sequence[str],
    situation: Situation,
    spec: FactSpec,
    *,
    rising: bool,
    margin: Read | None = None,
) -> Number | None:
    """Return the level to which the figures *keys* must rise (or fall) for *test* to hold; None where none does.

    All of them are brought to one level; those beyond it stay. The test itself is bisected over whole steps of the
    fact, so the level is exact for any monotone test; the *margin* gives a first guess that a straight line hits.
    """
    values = dict(situation.values)
    known = {name: bounds(now) for name in keys if (now := values.get(name)) is not None}
    moved = replace(situation, values=values)
    step = spec_step(spec)

    def bring(steps: int) -> None:
        level = steps * step if isinstance(step, int) else exact(steps * step)
        for name in keys:
            if (now := known.get(name)) is None:
                values[name] = level
            else:
                values[name] = max(level, now[1]) if rising else min(level, now[0])

    def holds(steps: int) -> bool:
        bring(steps)
        return test(moved, []) is True

    def measured(steps: int) -> Fraction | None:
        bring(steps)
        found = margin(moved) if margin else None
        return None if found is None else Fraction(bounds(found)[0 if rising else 1])

    start, far = _ends(known.values(), spec, rising=rising)
    toward = 1 if rising else -1
    if not holds(far):
        return None
    bad, good = start - toward, far
    low, high = measured(start), measured(far)
    if low is not None and high is not None and low != high:
        guess = start - low * (far - start) / (high - low)
        for steps in dict.fromkeys((-(-guess.numerator // guess.denominator), guess.numerator // guess.denominator)):
            if (steps - start) * toward >= 0 and (far - steps) * toward > 0:
                good, bad = (steps, bad) if holds(steps) else (good, steps)
    while (good - bad) * toward > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if holds(middle) else (good, middle)
    return exact(good * step)


def _ends(known: Iterable[tuple[Number, Number]], spec: FactSpec, *, rising: bool) -> tuple[int, int]:
    """Return from where, and how far at the most, a figure is moved, in whole steps."""
    step, factor = spec_step(spec), spec.unit.factor if spec.unit else 1
    ends = [int(end / step) for pair in known for end in pair] or [0]
    if rising:
        scale = int(max(*map(abs, ends), factor)) * _FAR
        return min(ends), scale if spec.most is None else int(spec.most * factor / step)
    bottom = 0 if spec.least is None else int(spec.least * factor / step)
    return max(ends), max(bottom, 1) if spec.unit and spec.unit.dimension == "rank" else bottom
