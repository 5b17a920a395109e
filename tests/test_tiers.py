"""The cheapest tier steps are an exact minimum: held against trying every combination of tiers on small tables."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.dates import DateSpan
from assistant.logic import tree
from assistant.logic.scalar import Situation
from assistant.matching.evaluation import total
from assistant.matching.findings import ItemScore, Score
from assistant.matching.moves import Ground
from assistant.matching.tiers import cheapest_steps
from assistant.rulebook.requirement import Authority, Item, Part, Scoring, Tier
from assistant.units import Number
from tests.companies import book

BASIS = Authority(None, "official", "high")
FACTS = ("service_cases", "partner_institutions", "it_core_business_count", "valid_ip", "class2_ip")
PARTS = ("甲", "乙")


def item(fact: str, part: str, tiers: dict[int, int]) -> Item:
    """Return an item whose points rise with a number: {least number: points}."""
    steps = [
        Tier(tree.Compare(">=", tree.Figure(fact), tree.Const(bound, "项")), (points, points))
        for bound, points in sorted(tiers.items(), reverse=True)
    ]
    return Item(fact, part, fact, max(tiers.values()), BASIS, tree.Figure(fact), (*steps, Tier(None, (0, 0))))


def scored(items: list[Item], values: dict[str, int], least: int, mark: int) -> Score:
    """Return the score of a company with *values*."""
    parts = tuple(Part(name, 12, least if name == "甲" else None) for name in PARTS)
    scoring = Scoring("s", "s", mark, strict=False, full=24, parts=parts, items=tuple(items), basis=BASIS)
    return total(
        scoring, tuple(ItemScore(one, points(one, values[one.id]), points(one, values[one.id])) for one in items)
    )


def points(one: Item, value: int) -> Number:
    """Return an item's points for a number."""
    for tier in one.tiers:
        if tier.test is None or value >= bound(tier):
            return tier.points[0]
    raise AssertionError(one)


def bound(tier: Tier) -> int:
    """Return where a tier begins."""
    assert isinstance(tier.test, tree.Compare)
    assert isinstance(tier.test.right, tree.Const)
    return int(tier.test.right.value)


def ground(values: dict[str, Any]) -> Ground:
    """Return a company with *values*."""
    span = DateSpan(date(2027, 3, 1), date(2027, 12, 1))
    return Ground(Situation(values, span, 2027, "new", {}), date(2026, 1, 5), book().dictionary)


Drawn = tuple[dict[int, int], str, int]
TIERS = st.dictionaries(st.integers(1, 9), st.integers(1, 10), min_size=1, max_size=3).map(
    lambda raw: dict(zip(sorted(raw), sorted(raw.values()), strict=True))
)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(TIERS, st.sampled_from(PARTS), st.integers(1, 6)), min_size=1, max_size=5),
    st.integers(0, 10),
    st.integers(1, 24),
)
def test_no_combination_of_tiers_is_cheaper(
    drawn: list[tuple[dict[int, int], str, int]], least: int, mark: int
) -> None:
    """Fewest items, then least effort, with parts capped at their full marks and a part minimum."""
    items = [item(fact, part, tiers) for fact, (tiers, part, _) in zip(FACTS, drawn, strict=False)]
    values = {fact: value for fact, (_, _, value) in zip(FACTS, drawn, strict=False)}
    score = scored(items, values, least, mark)
    found = cheapest_steps(score, ground(values))
    best = None
    for levels in product(*([None, *map(bound, one.tiers[:-1])] for one in items)):
        raised = {one.id: max(values[one.id], level or 0) for one, level in zip(items, levels, strict=True)}
        if scored(items, raised, least, mark).truth is not True:
            continue
        moved = [one.id for one in items if raised[one.id] > values[one.id]]
        effort = sum(-(-(raised[id_] - values[id_]) * 1_000_000 // values[id_]) for id_ in moved)
        best = min(best or (99, 0), (len(moved), effort))
    if best is None:
        assert found is None
        return
    assert found is not None
    assert (len(found), sum(step.way.effort for step in found)) == best


def test_a_point_more_that_is_capped_counts_nothing() -> None:
    """The first part is full already: only the second can carry the score."""
    items = [item("service_cases", "甲", {1: 12, 5: 20}), item("class2_ip", "乙", {8: 6})]
    values = {"service_cases": 1, "class2_ip": 1}
    found = cheapest_steps(scored(items, values, 0, 18), ground(values))
    assert found is not None
    assert [(step.item.id, step.points) for step in found] == [("class2_ip", 6)]
