"""A gap is what keeps a company from being eligible: a failed criterion, or a choice of which every way fails.

Questions are the other half: facts that are missing in criteria still open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from assistant.logic import tree
from assistant.logic.scalar import Outcome
from assistant.matching.findings import Finding, FindingNode, GroupFinding, shortfall

NEAR_SHARE = Fraction(1, 2)  # of what is required
_LOOKS_BACK = re.compile(r"_\dy$")  # what happened in the last years only time undoes
UNMENDABLE = frozenset({"city", "province", "applicant_kind", "established", "industry", "size_class"})


def gaps(node: FindingNode) -> Iterator[FindingNode]:
    """Yield the failed parts of *node* that must all be mended; a failed choice is one gap."""
    if node.state != "unmet":
        return
    if isinstance(node, GroupFinding) and node.group.how == "all":
        for member in node.members:
            yield from gaps(member)
    else:
        yield node


def open_questions(node: FindingNode) -> Iterator[Finding]:
    """Yield the unknown criteria that still bear on *node*: none inside a choice that is decided."""
    if isinstance(node, Finding):
        if node.state == "unknown":
            yield node
        return
    if node.state == "unknown" or (node.state == "unmet" and node.group.how == "all"):
        for member in node.members:
            yield from open_questions(member)


def alternatives(gap: FindingNode) -> tuple[FindingNode, ...]:
    """Return the ways to close a gap: the members of a choice, or the criterion itself."""
    return gap.members if isinstance(gap, GroupFinding) and gap.group.how != "all" else (gap,)


def nearest_way(gap: FindingNode) -> FindingNode:
    """Return the way to close a gap that asks least: mendable, fewest failed comparisons, smallest relative gap."""
    return min(alternatives(gap), key=_effort)


def _effort(way: FindingNode) -> tuple[bool, int, Fraction]:
    findings = list(failed(way))
    wrong = [outcome for finding in findings for outcome in finding.outcomes if outcome.truth is False]
    amounts = [relative for outcome in wrong if (relative := _relative(outcome)) is not None]
    return (
        not all(_mendable(finding) for finding in findings),
        len(wrong) + sum(not finding.outcomes for finding in findings),
        max(amounts, default=Fraction(0)),
    )


def _relative(outcome: Outcome) -> Fraction | None:
    short, node = shortfall(outcome), outcome.node
    if (
        short is None
        or not isinstance(node, tree.Compare)
        or not isinstance(node.right, tree.Const)
        or not node.right.value
    ):
        return None
    return abs(Fraction(short.by) / Fraction(node.right.value))


def failed(node: FindingNode) -> Iterator[Finding]:
    """Yield the failed criteria below *node*."""
    if isinstance(node, Finding):
        if node.state == "unmet":
            yield node
        return
    for member in node.members:
        yield from failed(member)


def is_near(gap: FindingNode) -> bool:
    """Tell whether a company can soon close the gap: what it rests on can change, and half the way is done."""
    stuck, _, relative = _effort(nearest_way(gap))
    return not stuck and relative <= NEAR_SHARE


def _mendable(finding: Finding) -> bool:
    test = finding.criterion.test
    return test is None or not any(
        figure.name in UNMENDABLE or _LOOKS_BACK.search(figure.name) for figure in tree.figures(test)
    )


def gap_id(gap: FindingNode) -> str:
    """Return the id of the criterion or group that the gap is about."""
    return gap.criterion.id if isinstance(gap, Finding) else gap.group.id


def gap_says(gap: FindingNode) -> str:
    """Return what the rule says of the criterion or group."""
    return gap.criterion.says if isinstance(gap, Finding) else gap.group.says
