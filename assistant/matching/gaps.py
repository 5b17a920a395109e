"""A gap is what keeps a company from being eligible: a failed criterion, or a choice of which every way fails.

Questions are the other half: facts that are missing in criteria still open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from assistant.matching.findings import Finding, FindingNode, GroupFinding


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


def way_of(gap: FindingNode, chosen: Collection[str]) -> tuple[Finding, ...]:
    """Return the failed criteria that close *gap*: those *chosen* in it, else those of the choice with fewest."""
    wanted = tuple(finding for finding in failed(gap) if finding.criterion.id in chosen)
    if wanted:
        return wanted
    ways = [found for way in alternatives(gap) if (found := tuple(failed(way)))]
    return min(ways, key=len, default=())


def failed(node: FindingNode) -> Iterator[Finding]:
    """Yield the failed criteria below *node*."""
    if isinstance(node, Finding):
        if node.state == "unmet":
            yield node
        return
    for member in node.members:
        yield from failed(member)


def gap_id(gap: FindingNode) -> str:
    """Return the id of the criterion or group that the gap is about."""
    return gap.criterion.id if isinstance(gap, Finding) else gap.group.id


def gap_says(gap: FindingNode) -> str:
    """Return what the rule says of the criterion or group."""
    return gap.criterion.says if isinstance(gap, Finding) else gap.group.says
