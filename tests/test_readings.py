"""Random requirements in columns: groups, guards, fast tracks and scorings mean what they mean for one company."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.company.profile import Judgement, Profile
from assistant.dates import DateSpan
from assistant.logic import tree
from assistant.logic.column_numbers import Uncovered
from assistant.logic.columns import Setting
from assistant.matching.evaluation import Case, compile_requirement
from assistant.matching.findings import Finding, FindingNode, GroupFinding
from assistant.matching.gaps import gap_id, gaps, open_questions
from assistant.matching.screening.frame import admitted, profiles_to_frame, recognitions_type
from assistant.matching.screening.nearest import asked
from assistant.matching.screening.nearest import gaps as gaps_in_columns
from assistant.matching.screening.plan import Plan
from assistant.matching.screening.reading import Reading
from assistant.matching.screening.sheet import Sheet
from assistant.matching.screening.view import View
from assistant.matching.situation import Company, Frames
from assistant.planning.applying import Applications
from assistant.rulebook.requirement import (
    Authority,
    Criterion,
    Group,
    How,
    Item,
    Part,
    Requirement,
    Role,
    Scoring,
    Tier,
    nodes,
)
from tests.companies import book
from tests.conftest import ON
from tests.test_columns import conditions, profiles, thoroughly, values

BASIS = Authority(None, "official", "high")
APPLIED = DateSpan(date(2026, 5, 1), date(2026, 5, 31))


@dataclass
class Numbering:
    """Gives every criterion and group an id of its own."""

    last: int = 0

    def next(self) -> str:
        """Return an id that no other has."""
        self.last += 1
        return f"n{self.last}"


def requirements(draw: st.DrawFn, numbering: Numbering, depth: int) -> Requirement:
    """Draw a criterion, or a group of some."""
    when = draw(st.none() | conditions()) if draw(st.booleans()) else None
    role: Role = draw(st.sampled_from(("condition", "condition", "exclusion", "fast-track")))
    if depth == 0 or not draw(st.integers(0, 2)):
        shape = draw(st.integers(0, 5))
        if shape == 0:
            return Criterion(numbering.next(), "judgement", "", BASIS, when=when)
        if shape == 1:
            return Criterion(numbering.next(), role, "", BASIS, scoring=scoring(draw), when=when)
        return Criterion(numbering.next(), role, "", BASIS, test=draw(conditions()), when=when)
    how: How = draw(st.sampled_from(("all", "all", "any", "at-least")))
    members = tuple(requirements(draw, numbering, depth - 1) for _ in range(draw(st.integers(1, 4))))
    n = draw(st.integers(1, len(members))) if how == "at-least" else 0
    return Group(numbering.next(), "", how, members, n, when=when, role=role)


def scoring(draw: st.DrawFn) -> Scoring:
    """Draw a scoring: with parts or without, with minimums, half points, experts' points and open items."""
    parts = tuple(Part(name, draw(st.integers(4, 12)), draw(st.none() | st.integers(1, 4))) for name in ("a", "b"))
    with_parts = draw(st.booleans())
    items = tuple(
        item(draw, f"i{at}", draw(st.sampled_from("ab")) if with_parts else "") for at in range(draw(st.integers(1, 4)))
    )
    mark = draw(st.integers(0, 15))
    return Scoring("s", "", mark, draw(st.booleans()), 30, parts if with_parts else (), items, BASIS)


def item(draw: st.DrawFn, id_: str, part: str) -> Item:
    """Draw an item of a scoring."""
    shape = draw(st.integers(0, 4))
    if shape == 0:
        return Item(id_, part, "", draw(st.integers(1, 8)), BASIS, open="experts")
    if shape == 1:
        capped = tree.Pick("min", (tree.Floor(draw(values())), tree.Const(6)))
        return Item(id_, part, "", 5, BASIS, formula=capped)
    tiers = [Tier(draw(conditions()), draw(POINTS)) for _ in range(draw(st.integers(1, 3)))]
    return Item(id_, part, "", 8, BASIS, tiers=(*tiers, Tier(None, draw(POINTS))))


POINTS: st.SearchStrategy[Any] = st.tuples(st.integers(0, 4), st.sampled_from((0, 0, 0, 3))).map(
    lambda ends: (ends[0], ends[0] + ends[1])
)


def states(node: FindingNode) -> dict[str, str]:
    """Return the state of every criterion and group."""
    if isinstance(node, Finding):
        return {node.criterion.id: node.state}
    found: dict[str, str] = {node.group.id: node.state}
    for member in node.members:
        found |= states(member)
    return found


def expected(profile: Profile, root: Group, cycle: int) -> tuple[dict[str, str], set[str], set[str], dict[str, Any]]:
    """Return what one company's evaluation finds: states, gaps, open criteria, scores."""
    frames = Frames(Company(profile, book(), ON), cycle, "new", APPLIED)
    judged = {entry.criterion: entry for entry in profile.judgements}
    case = Case(frames.own, frames.stand_in, judged, {})
    found = compile_requirement(root)(case)
    assert isinstance(found, GroupFinding)
    scores = {id_: (one.score.low, one.score.high) for id_, one in case.findings.items() if one.score}
    return (
        states(found),
        {gap_id(gap) for gap in gaps(found)},
        {finding.criterion.id for finding in open_questions(found)},
        scores,
    )


@settings(thoroughly, max_examples=40)
@given(st.data(), st.lists(profiles(), min_size=3, max_size=6))
def test_random_requirements_on_random_companies(data: st.DataObject, drawn: list[Profile]) -> None:
    """The state of every node, every gap, every open criterion and every score; also with years that stand in."""
    root = data.draw(
        st.composite(
            lambda draw: Group("root", "", "all", tuple(requirements(draw, Numbering(at * 100), 2) for at in range(3)))
        )()
    )
    cycle = data.draw(st.sampled_from((ON.year, ON.year + 1)))
    judged = [
        leaf.id for leaf in nodes(root) if isinstance(leaf, Criterion) and (leaf.role == "judgement" or leaf.scoring)
    ]
    if judged:
        entry = Judgement("project", data.draw(st.sampled_from(judged)), met=data.draw(st.booleans()))
        drawn = [replace(drawn[0], judgements=(entry,)), *drawn[1:]]
    plan = PLANS[0] if PLANS else Plan(book(), ON, Applications(ON), ["innovative-sme"])
    PLANS[:] = [plan]
    frame = admitted(profiles_to_frame(drawn, book()), book())
    if "recognitions" not in frame.columns:
        frame = frame.with_columns(pl.Series("recognitions", [None] * len(drawn), dtype=recognitions_type(book())))
    sheet = Sheet()
    view = View(book(), frozenset(frame.columns), sheet, plan.masks, wide=False)
    settings_ = plan_settings(cycle)
    reading = Reading(view, "project", *settings_)
    columns: dict[str, pl.Expr] = {}
    try:
        reading.read(root)
    except Uncovered:
        return
    for node in nodes(root):
        found = reading.of(node)
        columns[f"{node.id}.truth"] = found.truth
        columns[f"{node.id}.aside"] = pl.lit(value=False) if found.aside is None else found.aside
    for gap in gaps_in_columns(root, reading):
        columns[f"{gap.id}.gap"] = gap.flag
    for criterion, flag in asked(root, reading):
        columns[f"{criterion.id}.open"] = flag
    for id_, score in reading.scores.items():
        columns |= {f"{id_}.low": score.low / score.parts, f"{id_}.high": score.high / score.parts}
    ready = sheet.fill(plan._prepared(frame, plan.masks.listed(frame)))
    answers = ready.with_columns(**columns).select(list(columns))
    assert answers.width == len(columns)
    for profile, row in zip(drawn, answers.iter_rows(named=True), strict=True):
        wanted, failed, open_, scores = expected(profile, root, cycle)
        got = {node.id: state(row[f"{node.id}.truth"], aside=row[f"{node.id}.aside"]) for node in nodes(root)}
        assert got == wanted
        assert {name.removesuffix(".gap") for name, flag in row.items() if name.endswith(".gap") and flag} == failed
        assert {name.removesuffix(".open") for name, flag in row.items() if name.endswith(".open") and flag} == open_
        for id_, (low, high) in scores.items():
            assert (row[f"{id_}.low"], row[f"{id_}.high"]) == (float(low), float(high))


PLANS: list[Plan] = []


def plan_settings(cycle: int) -> tuple[Any, Any]:
    """Return the setting of a cycle and the one that may stand in, as a plan makes them."""
    own = Setting(cycle - 1, cycle, APPLIED, "new")
    return own, own._replace(base=ON.year - 1) if cycle > ON.year else None


def state(truth: bool | None, *, aside: bool) -> str:
    """Return the word for a truth."""
    if aside:
        assert truth is True
        return "not-applicable"
    return {True: "met", False: "unmet", None: "unknown"}[truth]
