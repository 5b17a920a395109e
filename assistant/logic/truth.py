"""Truth is met, unmet or unknown: Kleene's strong three-valued logic.

`True` and `False` are known; `None` is unknown. Unknown is never guessed: it stays unless the known parts decide.
"""

from __future__ import annotations

from collections.abc import Iterable

Truth = bool | None


def all_of(truths: Iterable[Truth]) -> Truth:
    """Return the conjunction: one False decides, else one unknown leaves it open."""
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def any_of(truths: Iterable[Truth]) -> Truth:
    """Return the disjunction: one True decides, else one unknown leaves it open."""
    result: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            result = None
    return result


def at_least(n: int, truths: Iterable[Truth]) -> Truth:
    """Return whether *n* or more are true: decided when the unknown ones cannot change it."""
    known = list(truths)
    true = sum(truth is True for truth in known)
    if true >= n:
        return True
    return False if true + sum(truth is None for truth in known) < n else None


def negate(truth: Truth) -> Truth:
    """Return the opposite; the opposite of unknown is unknown."""
    return None if truth is None else not truth
