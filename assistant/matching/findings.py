"""A finding is one criterion's outcome with its reason: what is required, what was found, what is missing.

Findings are named tuples: thousands are made for one company, and a frozen dataclass costs five times as much.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from assistant.company.profile import Judgement
from assistant.logic import tree
from assistant.logic.scalar import Outcome
from assistant.logic.truth import Truth
from assistant.logic.values import Range
from assistant.rulebook.requirement import Criterion, Group, Item, Part, Scoring
from assistant.units import Number, exact

State = Literal["met", "unmet", "unknown", "not-applicable"]


class Shortfall(NamedTuple):
    """By how much a comparison fails, in base units; *amount* of *fact* closes it where the other side stays."""

    by: Number
    fact: str = ""
    amount: Number | None = None


class ItemScore(NamedTuple):
    """A scoring item's points, from *low* to *high*."""

    item: Item
    low: Number
    high: Number
    outcomes: tuple[Outcome, ...] = ()
    basis: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class PartScore(NamedTuple):
    """A part's points, capped at its full marks."""

    part: Part
    low: Number
    high: Number


class Score(NamedTuple):
    """A scoring's interval: the true score lies in it whatever is still unknown."""

    scoring: Scoring
    low: Number
    high: Number
    parts: tuple[PartScore, ...]
    items: tuple[ItemScore, ...]

    @property
    def truth(self) -> Truth:
        """Met when the low end passes with every part minimum, unmet when the high end cannot."""
        mark, strict = self.scoring.pass_mark, self.scoring.strict
        low_passes = self.low > mark if strict else self.low >= mark
        high_passes = self.high > mark if strict else self.high >= mark
        floors = [(score, score.part.least) for score in self.parts if score.part.least is not None]
        if not high_passes or any(score.high < least for score, least in floors):
            return False
        return True if low_passes and all(score.low >= least for score, least in floors) else None


class Finding(NamedTuple):
    """A criterion's state; *basis* names what the figures rest on: `stand-in:2025`, `estimate:2026`, `range`."""

    criterion: Criterion
    state: State
    outcomes: tuple[Outcome, ...] = ()
    basis: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    base_year: int = 0
    score: Score | None = None
    judgement: Judgement | None = None

    @property
    def deciding(self) -> Outcome | None:
        """The comparison that explains the state: the first that failed, is open, or (met) holds."""
        wanted = {"unmet": False, "unknown": None, "met": True}.get(self.state)
        for outcome in self.outcomes:
            if outcome.truth is wanted:
                return outcome
        return self.outcomes[0] if self.outcomes else None


class GroupFinding(NamedTuple):
    """A group's state over its members' findings."""

    group: Group
    state: State
    members: tuple[FindingNode, ...] = ()


FindingNode = Finding | GroupFinding


def leaf_findings(node: FindingNode) -> Iterator[Finding]:
    """Yield the findings of the criteria below *node* in rule order, each criterion once."""
    seen: set[str] = set()
    for finding in _leaves(node):
        if finding.criterion.id not in seen:
            seen.add(finding.criterion.id)
            yield finding


def _leaves(node: FindingNode) -> Iterator[Finding]:
    if isinstance(node, Finding):
        yield node
        return
    for member in node.members:
        yield from _leaves(member)


def open_findings(node: FindingNode) -> Iterator[Finding]:
    """Yield the findings that keep *node* from being met: nothing below a met or not applicable group."""
    if node.state in ("met", "not-applicable"):
        return
    if isinstance(node, Finding):
        yield node
        return
    for member in node.members:
        yield from open_findings(member)


def actual_value(outcome: Outcome) -> Any:
    """Return the found value of a comparison: an exact number, a range, a choice …, None when unknown."""
    actual = outcome.actual
    if isinstance(actual, tuple) and len(actual) == 2 and isinstance(outcome.node, tree.Compare):
        return exact(Fraction(actual[0], actual[1]))
    return actual


def shortfall(outcome: Outcome) -> Shortfall | None:
    """Return by how much a failed comparison with a number fails; None where it is no matter of amount."""
    node = outcome.node
    if outcome.truth is not False or not isinstance(node, tree.Compare) or not isinstance(node.right, tree.Const):
        return None
    actual = actual_value(outcome)
    if actual is None or isinstance(node.left, tree.Growth):
        return None
    target = node.right.value
    if node.op in (">=", ">"):
        nearest = actual.high if isinstance(actual, Range) else actual
        by = exact(target - nearest)
    elif node.op in ("<=", "<"):
        nearest = actual.low if isinstance(actual, Range) else actual
        by = exact(nearest - target)
    else:
        return None
    return Shortfall(by, *_lever(outcome, node, target))


def _lever(outcome: Outcome, node: tree.Compare, target: Number) -> tuple[str, Number | None]:
    """Return the fact over a ratio and what it must change by, the divisor unchanged."""
    if not isinstance(node.left, tree.Ratio) or not isinstance(outcome.actual, tuple):
        return "", None
    names = {figure.name for figure in tree.figures(node.left.over)}
    if len(names) != 1 or not isinstance(node.left.over, tree.Figure | tree.Sum):
        return "", None
    over, under = outcome.actual
    return names.pop(), exact(Fraction(target) * under - over)
