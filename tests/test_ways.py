"""The cheapest way is an exact minimum: held against trying every set of failed criteria on small trees."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.logic.truth import Truth, all_of, any_of, at_least
from assistant.matching.evaluation import STATES, TRUTHS
from assistant.matching.findings import Finding, FindingNode, GroupFinding, State, leaf_findings
from assistant.matching.ways import Price, cheapest
from assistant.rulebook.requirement import Authority, Criterion, Group, How

BASIS = Authority(None, "official", "high")
LEAVES = tuple(f"c{number}" for number in range(7))
States = dict[str, State]


def leaf(id_: str, state: State) -> Finding:
    """Return the finding of a criterion."""
    return Finding(Criterion(id_, "condition", id_, BASIS), state)


def group(how: How, *members: FindingNode, n: int = 0) -> GroupFinding:
    """Return a group with the state that its members give it."""
    shape = Group("g", "", how, tuple(m.group if isinstance(m, GroupFinding) else m.criterion for m in members), n)
    return GroupFinding(shape, STATES[truth(how, n, [member.state for member in members])], members)


def truth(how: How, n: int, states: list[State]) -> Truth:
    """Return what a group comes to."""
    counted = states if how == "all" else [state for state in states if state != "not-applicable"]
    truths = [TRUTHS[state] for state in counted]
    return all_of(truths) if how == "all" else any_of(truths) if how == "any" else at_least(n, truths)


def after(node: FindingNode, mended: Collection[str]) -> State:
    """Return the state of *node* once the *mended* criteria are met."""
    if isinstance(node, Finding):
        return "met" if node.criterion.id in mended else node.state
    return STATES[truth(node.group.how, node.group.n, [after(member, mended) for member in node.members])]


@st.composite
def trees(draw: st.DrawFn) -> FindingNode:
    """Draw a tree of groups over few criteria, some of which stand in several places."""
    states: dict[str, State] = {
        id_: draw(st.sampled_from(("met", "unmet", "unmet", "unmet", "unknown", "not-applicable"))) for id_ in LEAVES
    }

    def node(depth: int) -> FindingNode:
        if depth == 0 or not draw(st.integers(0, 2)):
            id_ = draw(st.sampled_from(LEAVES))
            return leaf(id_, states[id_])
        members = [node(depth - 1) for _ in range(draw(st.integers(1, 4)))]
        how: How = draw(st.sampled_from(("all", "any", "at-least")))
        return group(how, *members, n=draw(st.integers(1, len(members))) if how == "at-least" else 0)

    return group("all", *(node(2) for _ in range(draw(st.integers(1, 3)))))


PRICES = st.fixed_dictionaries({id_: st.tuples(st.booleans(), st.integers(0, 3)) for id_ in LEAVES})
Prices = dict[str, tuple[bool, int]]


def cost(ids: Collection[str], prices: Prices) -> tuple[int, int, int]:
    """Return what a set of criteria costs."""
    return sum(prices[id_][0] for id_ in ids), len(ids), sum(prices[id_][1] for id_ in ids)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(trees(), PRICES)
def test_no_set_of_criteria_is_cheaper(root: FindingNode, prices: Prices) -> None:
    """Whichever way the tree is put together, and however often a criterion stands in it."""
    unmet = [one.criterion.id for one in leaf_findings(root) if one.state == "unmet"]
    sets = [ids for size in range(len(unmet) + 1) for ids in combinations(unmet, size) if after(root, ids) != "unmet"]
    chosen = cheapest(root, lambda one: Price(*prices[one.criterion.id]))
    if not sets:
        assert chosen is None
        return
    assert chosen is not None
    found = [finding.criterion.id for finding in chosen]
    assert after(root, found) != "unmet"
    assert cost(found, prices) == min(cost(ids, prices) for ids in sets)
    assert len(found) == len(set(found))


def ids(root: FindingNode, price: Callable[[Finding], Price]) -> list[str]:
    """Return the criteria of the cheapest way."""
    chosen = cheapest(root, price)
    assert chosen is not None
    return [one.criterion.id for one in chosen]


def test_a_fast_track_is_paid_once() -> None:
    """It stands beside both criteria that it replaces: one award is cheaper than two improvements."""
    track = leaf("award", "unmet")
    root = group("all", group("any", leaf("revenue", "unmet"), track), group("any", leaf("growth", "unmet"), track))
    assert ids(root, lambda one: Price(blocked=False, effort=10 if one.criterion.id == "award" else 1)) == ["award"]


def test_what_is_open_costs_nothing() -> None:
    """Two of three: one is met, one not answered yet, so only an answer is asked for."""
    root = group("at-least", leaf("a", "met"), leaf("b", "unknown"), leaf("c", "unmet"), n=3)
    assert ids(root, lambda _: Price(blocked=False, effort=1)) == ["c"]


def test_blocked_ways_come_last() -> None:
    """Three improvements that can be made are better than one that cannot."""
    three = group("all", leaf("a", "unmet"), leaf("b", "unmet"), leaf("c", "unmet"))
    root = group("all", group("any", leaf("never", "unmet"), three))
    assert ids(root, lambda one: Price(one.criterion.id == "never", 0)) == ["a", "b", "c"]


def test_ties_go_by_rule_order() -> None:
    """Equal ways: the one that the rule names first, every time."""
    root = group("all", group("any", leaf("second", "unmet"), leaf("first", "unmet")))
    assert ids(root, lambda _: Price(blocked=False, effort=1)) == ["second"]
