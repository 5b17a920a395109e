"""A difference is how one company's match with a project changes: by other answers, on another day, by other rules.

What counts is the verdict, the recognition held, why the project is not offered, and the criteria: those in another
state, those that only one side has, and those that keep the company from it on both sides, but no longer by as much.
A criterion met on both sides has not changed, whatever its figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.matching.evaluation import TRUTHS
from assistant.matching.findings import Finding, GroupFinding, Score, leaf_findings, open_findings
from assistant.matching.match import Match
from assistant.rulebook.requirement import Criterion


@dataclass(frozen=True, slots=True)
class FindingChange:
    """One criterion on both sides; None where a side does not have it.

    *hindered* and *hinders*: before and after, it is among what keeps the company from the recognition. A criterion
    unmet where another way is open does not.
    """

    before: Finding | None
    after: Finding | None
    hindered: bool = False
    hinders: bool = False

    @property
    def criterion(self) -> Criterion:
        """The criterion, in the later wording where both sides have it."""
        found = self.after or self.before
        assert found is not None
        return found.criterion

    @property
    def how(self) -> Literal["added", "dropped", "altered"]:
        """Tell whether only one side has the criterion, or both do."""
        if self.before is None:
            return "added"
        return "dropped" if self.after is None else "altered"

    @property
    def is_of_state(self) -> bool:
        """Tell whether the state changes, or only one side has one; else what is short or open does."""
        return (self.before and self.before.state) != (self.after and self.after.state)


@dataclass(frozen=True, slots=True)
class Difference:
    """One project on both sides; None where a side's rules do not have it.

    *findings* are the changed criteria in the order of the rule, dropped ones last; none where a side has no criteria
    because the project is not offered or no version decides.
    """

    project: str
    before: Match | None
    after: Match | None
    findings: tuple[FindingChange, ...] = ()

    @property
    def is_of_verdict(self) -> bool:
        """Tell whether the verdict itself changes."""
        return (self.before and self.before.verdict) != (self.after and self.after.verdict)

    @property
    def is_change(self) -> bool:
        """Tell whether anything changes."""
        return bool(self.findings) or _head(self.before) != _head(self.after)


def difference(before: Match | None, after: Match | None) -> Difference:
    """Return how one project differs; at least one side has it."""
    one = after or before
    assert one is not None
    changes = _findings(before.tree, after.tree) if before and before.tree and after and after.tree else ()
    return Difference(one.project.id, before, after, tuple(changes))


def differences(before: Sequence[Match], after: Sequence[Match]) -> tuple[Difference, ...]:
    """Return the projects in which something changes, in the order of *before*, those that only *after* has last."""
    old, new = ({match.project.id: match for match in side} for side in (before, after))
    pairs = [difference(old.get(id_), new.get(id_)) for id_ in dict.fromkeys([*old, *new])]
    return tuple(pair for pair in pairs if pair.is_change)


def _head(match: Match | None) -> object:
    return match and (match.verdict, match.held, match.reason, match.missing)


def _findings(before: GroupFinding, after: GroupFinding) -> Iterator[FindingChange]:
    old, new = ({finding.criterion.id: finding for finding in leaf_findings(side)} for side in (before, after))
    hindered, hinders = ({finding.criterion.id for finding in open_findings(side)} for side in (before, after))
    for id_ in dict.fromkeys([*new, *old]):
        change = FindingChange(old.get(id_), new.get(id_), id_ in hindered, id_ in hinders)
        stuck = change.hindered or change.hinders
        if change.is_of_state or (stuck and _why(change.before) != _why(change.after)):
            yield change


def _why(finding: Finding | None) -> object:
    """Return why a finding is unmet or unknown."""
    if finding is None:
        return None
    told = [outcome for outcome in finding.outcomes if outcome.truth is TRUTHS[finding.state]]
    missing = frozenset(name.partition("[")[0] for name in finding.missing)  # the same question about another year
    return told, missing, finding.score and _points(finding.score), finding.judgement


def _points(score: Score) -> object:
    parts = [(one.part.name, one.low, one.high, one.part.least) for one in score.parts]
    return score.low, score.high, score.scoring.pass_mark, score.scoring.strict, parts
