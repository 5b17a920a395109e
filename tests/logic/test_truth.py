"""Kleene's three-valued logic, table by table."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import pytest

from assistant.logic.truth import Truth, all_of, any_of, at_least, negate

T, F, U = True, False, None
EVERY: tuple[Truth, ...] = (T, F, U)


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (T, T, T, T),
        (T, F, F, T),
        (T, U, U, T),
        (F, T, F, T),
        (F, F, F, F),
        (F, U, F, U),
        (U, T, U, T),
        (U, F, F, U),
        (U, U, U, U),
    ],
)
def test_and_or(left: Truth, right: Truth, both: Truth, either: Truth) -> None:
    """The nine rows of conjunction and disjunction."""
    assert all_of([left, right]) is both
    assert any_of([left, right]) is either


def test_negation() -> None:
    """The opposite of unknown is unknown."""
    assert [negate(truth) for truth in EVERY] == [F, T, U]


@pytest.mark.parametrize(
    ("truths", "one", "two", "three"),
    [
        ((T, T, T), T, T, T),
        ((T, T, F), T, T, F),
        ((T, T, U), T, T, U),
        ((T, F, F), T, F, F),
        ((T, F, U), T, U, F),
        ((T, U, U), T, U, U),
        ((F, F, F), F, F, F),
        ((F, F, U), U, F, F),
        ((F, U, U), U, U, F),
        ((U, U, U), U, U, U),
    ],
)
def test_at_least_of_three(truths: tuple[Truth, ...], one: Truth, two: Truth, three: Truth) -> None:
    """At least one, two and three of every mixture of three."""
    assert [at_least(n, truths) for n in (1, 2, 3)] == [one, two, three]


def test_nothing_asked() -> None:
    """All of nothing holds, any of nothing does not, none of nothing suffices for none."""
    assert all_of([]) is T
    assert any_of([]) is F
    assert at_least(0, []) is T
    assert at_least(1, []) is F


@pytest.mark.parametrize("size", range(5))
def test_decided_means_every_completion_agrees(size: int) -> None:
    """An answer is known exactly when all ways to fill in the unknowns give it."""
    for truths in product(EVERY, repeat=size):
        filled = list(product(*[(True, False) if truth is None else (truth,) for truth in truths]))
        assert all_of(truths) is _agreed(all(row) for row in filled)
        assert any_of(truths) is _agreed(any(row) for row in filled)
        for n in range(size + 2):
            assert at_least(n, truths) is _agreed(sum(row) >= n for row in filled)


def _agreed(answers: Iterable[bool]) -> Truth:
    found = set(answers)
    return found.pop() if len(found) == 1 else None
