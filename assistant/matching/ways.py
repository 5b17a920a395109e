"""A way is a set of failed criteria whose mending makes a whole requirement stand; the cheapest is an exact minimum.

Fewest blocked criteria first, then fewest criteria, then least effort, then rule order. A criterion may stand in
several places (a fast track beside each criterion it replaces): it is paid once. The minimum branches on those
shared criteria and adds up along the tree for the rest. What is open counts as favourable and costs nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

from assistant.matching.findings import Finding, FindingNode, GroupFinding

MOST_SHARED = 10  # shared criteria that are branched on; the rule files have at most five


class Price(NamedTuple):
    """What mending one criterion costs: whether it is blocked, and its effort in millionths."""

    blocked: bool
    effort: int


class Choice(NamedTuple):
    """A set of criteria to mend, in rule order, with what ranks it."""

    blocked: int
    criteria: int
    effort: int
    places: tuple[int, ...]

    def plus(self, other: Choice) -> Choice:
        """Return both together."""
        return Choice(
            self.blocked + other.blocked,
            self.criteria + other.criteria,
            self.effort + other.effort,
            tuple(sorted({*self.places, *other.places})),
        )


_NOTHING = Choice(0, 0, 0, ())


def cheapest(root: FindingNode, price: Callable[[Finding], Price]) -> tuple[Finding, ...] | None:
    """Return the failed criteria whose mending makes *root* met or open at the least cost; none where it is not unmet.

    The choice is an exact minimum, also where blocked criteria cannot be avoided: then it has the fewest of them.
    None where no set of criteria suffices: a choice of which no way applies.
    """
    failed = _failed(root)
    findings = {finding.criterion.id: finding for finding in failed}
    places = {id_: place for place, id_ in enumerate(findings)}
    prices = {id_: price(finding) for id_, finding in findings.items()}
    single = {id_: Choice(int(cost.blocked), 1, cost.effort, (places[id_],)) for id_, cost in prices.items()}
    twice = [id_ for id_, n in Counter(finding.criterion.id for finding in failed).items() if n > 1][:MOST_SHARED]
    found = [
        choice.plus(_all(single[id_] for id_ in paid))
        for paid in _subsets(twice)
        if (choice := _least(root, single, {*twice}, {*paid})) is not None
    ]
    order = list(findings.values())
    return tuple(order[place] for place in min(found).places) if found else None


def _failed(node: FindingNode) -> list[Finding]:
    """Return the failed criteria that may have to be mended, as often as they stand there."""
    if node.state != "unmet":
        return []
    if isinstance(node, Finding):
        return [node]
    return [finding for member in node.members for finding in _failed(member)]


def _subsets(ids: list[str]) -> Iterator[tuple[str, ...]]:
    for size in range(len(ids) + 1):
        yield from combinations(ids, size)


def _all(choices: Iterable[Choice]) -> Choice:
    total = _NOTHING
    for choice in choices:
        total = total.plus(choice)
    return total


def _least(node: FindingNode, single: dict[str, Choice], shared: set[str], paid: set[str]) -> Choice | None:
    """Return the cheapest choice below *node*; shared criteria are free where paid, and closed otherwise."""
    if node.state != "unmet":
        return _NOTHING
    if isinstance(node, Finding):
        id_ = node.criterion.id
        if id_ in shared:
            return _NOTHING if id_ in paid else None
        return single[id_]
    return _of_group(node, single, shared, paid)


def _of_group(node: GroupFinding, single: dict[str, Choice], shared: set[str], paid: set[str]) -> Choice | None:
    how = node.group.how
    if how == "all":
        total = _NOTHING
        for member in node.members:
            least = _least(member, single, shared, paid)
            if least is None:
                return None
            total = total.plus(least)
        return total
    ways = [member for member in node.members if member.state != "not-applicable"]
    wanted = 1 if how == "any" else node.group.n
    costs = sorted(least for member in ways if (least := _least(member, single, shared, paid)) is not None)
    return _all(costs[:wanted]) if len(costs) >= wanted else None
