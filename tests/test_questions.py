"""Which blanks to fill next: what bears on a verdict and what no longer does, found again by trying every answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

from click.testing import CliRunner, Result
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from assistant.cli import cli
from assistant.company.profile import Judgement, Profile
from assistant.dates import DateSpan
from assistant.delivery.wording.asking import why
from assistant.delivery.wording.speaker import Speaker
from assistant.logic import tree
from assistant.logic.values import Range
from assistant.matching.evaluation import Case, compile_requirement
from assistant.matching.findings import GroupFinding
from assistant.matching.match import Application, Match, Matcher, Verdict
from assistant.matching.questions import NOTHING, Bearing, bearing
from assistant.matching.situation import Company, Frames
from assistant.planning.assessment import Assessment, assess
from assistant.planning.questions import COSTS, settled_by
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import Authority, Criterion, Group, How, Item, Part, Requirement, Scoring, Tier
from tests.companies import Scene, bases, book, scenes
from tests.conftest import ON as ON_SAMPLES
from tests.conftest import ROOT, Assess, Read

ON = date(2026, 5, 10)
BASIS = Authority(None, "official", "high")
VERDICTS: Mapping[str, Verdict] = {"met": "eligible", "unmet": "ineligible", "unknown": "undetermined"}
EITHER_WAY = (True, False)
SIZE = {"employees", "revenue", "total_assets"}
HOWS: tuple[How, ...] = ("all", "any", "any", "at-least")
quickly = settings(
    derandomize=True, deadline=None, database=None, max_examples=400, suppress_health_check=list(HealthCheck)
)


@dataclass(frozen=True)
class Story:
    """A made-up tree of criteria and a company before it; what the company was not asked yet is left out."""

    root: Group
    facts: Mapping[str, bool | None]
    judged: Mapping[str, bool]

    def told(self, facts: Mapping[str, bool], judged: Mapping[str, bool]) -> Story:
        """Return the story with more told."""
        return replace(self, facts={**self.facts, **facts}, judged={**self.judged, **judged})

    def match(self) -> tuple[Match, Frames]:
        """Return the company's match."""
        frames = Frames(Company(Profile("某公司", facts=self.facts), book(), ON), ON.year, "new", DateSpan.of(ON))
        judgements = {id_: Judgement("sample", id_, met=met) for id_, met in self.judged.items()}
        found = compile_requirement(self.root)(Case(frames.own, frames.stand_in, judgements, {}))
        assert isinstance(found, GroupFinding)
        project = next(iter(book().projects.values()))
        application = Application(ON.year, DateSpan.of(ON), "new")
        return Match(project, VERDICTS[found.state], application, tree=found), frames

    def verdict(self) -> Verdict:
        """Return the verdict."""
        return self.match()[0].verdict

    def bearing(self) -> Bearing:
        """Return what bears on the verdict."""
        return bearing(*self.match())


def flag(name: str) -> tree.Is:
    return tree.Is(tree.Figure(name))


def leaf(name: str, **more: Any) -> Criterion:
    """Return a criterion that asks one yes-or-no."""
    return Criterion(name, "condition", name, BASIS, **{"test": flag(name), **more})


def judgement(name: str) -> Criterion:
    return Criterion(name, "judgement", name, BASIS)


def text(name: str = "text") -> Criterion:
    return Criterion(name, "text", name, BASIS)


def group(how: How, *members: Requirement, n: int = 0, name: str = "group", **more: Any) -> Group:
    return Group(name, "", how, members, n, **more)


def root(*members: Requirement) -> Group:
    return group("all", *members, name="root")


def asked(*members: Requirement, facts: Mapping[str, bool | None] | None = None, **judged: bool) -> list[str]:
    """Return what is asked before these criteria."""
    return sorted(Story(root(*members), facts or {}, judged).bearing().names)


# ---- found again by trying every answer


def criteria(node: Requirement) -> Iterator[Criterion]:
    """Yield the criteria below *node*."""
    if isinstance(node, Criterion):
        yield node
    else:
        for member in node.members:
            yield from criteria(member)


def facts_of(node: Requirement) -> list[str]:
    """Return every fact that *node* asks for."""
    tests: list[tree.Node | None] = [node.when]
    if isinstance(node, Group):
        return [*_named(tests), *(name for member in node.members for name in facts_of(member))]
    tests.append(node.test)
    for item in node.scoring.items if node.scoring else ():
        tests += [tier.test for tier in item.tiers]
    return _named(tests)


def _named(tests: Sequence[tree.Node | None]) -> list[str]:
    return [figure.name for test in tests if test is not None for figure in tree.figures(test)]


def marked(group_: Group, points: Iterator[int]) -> Group:
    """Return *group_* with the points that experts give."""
    return replace(
        group_,
        members=tuple(
            marked(one, points)
            if isinstance(one, Group)
            else replace(one, scoring=_marked(one.scoring, points))
            if one.scoring
            else one
            for one in group_.members
        ),
    )


def _marked(scoring: Scoring, points: Iterator[int]) -> Scoring:
    items = tuple(
        replace(item, open="", tiers=(Tier(None, (mark, mark)),)) if item.open and (mark := next(points)) >= 0 else item
        for item in scoring.items
    )
    return replace(scoring, items=items)


def by_trying(story: Story) -> set[str]:
    """Return the facts that, all others answered or left open somehow, decide what was undecided."""
    names = [name for name in dict.fromkeys(facts_of(story.root)) if name not in story.facts]
    experts = [one.id for one in criteria(story.root) if one.role == "judgement" and one.id not in story.judged]
    scorings = [one.scoring for one in criteria(story.root) if one.scoring]
    open_items = [item for scoring in scorings for item in scoring.items if item.open]
    assume(len(names) + len(experts) + 2 * len(open_items) <= 6)
    found = set()
    for points in product(*(range(int(item.most) + 1) for item in open_items)):
        judged_story = replace(story, root=marked(story.root, iter(points)))
        for answers in product((None, *EITHER_WAY), repeat=len(names)):
            given_ = {name: told for name, told in zip(names, answers, strict=True) if told is not None}
            for verdicts in product((None, *EITHER_WAY), repeat=len(experts)):
                judged = {id_: told for id_, told in zip(experts, verdicts, strict=True) if told is not None}
                here = judged_story.told(given_, judged)
                if here.verdict() == "undetermined":
                    found |= {
                        name
                        for name in names
                        if name not in given_
                        and name not in found
                        and any(here.told({name: way}, {}).verdict() != "undetermined" for way in EITHER_WAY)
                    }
    return found


@st.composite
def stories(draw: st.DrawFn, *, scored: bool) -> Story:
    """Draw a small tree in which every fact stands once, and a company that told some of it."""
    count = iter(range(100))

    def name() -> str:
        return f"f{next(count)}"

    def test() -> tree.Condition:
        one: tree.Condition = flag(name())
        match draw(st.integers(0, 5)):
            case 0:
                return tree.Not(one)
            case 1:
                return tree.All((one, flag(name())))
            case 2:
                return tree.Not(tree.Any((tree.Not(one), flag(name()))))
        return one

    def guard() -> tree.Condition | None:
        return flag(name()) if not draw(st.integers(0, 3)) else None

    def one(depth: int, parent: str) -> Requirement:
        when = guard() if parent == "all" else None
        match draw(st.sampled_from(["leaf", "leaf", "group", "group", "group", "judgement", "text", "track", "score"])):
            case "judgement":
                return replace(judgement(name()), when=when)
            case "text":
                return text(name())
            case "track" if parent == "any":
                return Criterion(name(), "fast-track", "", BASIS, test=test(), when=guard())
            case "score" if scored:
                return Criterion(name(), "condition", "", BASIS, scoring=draw_scoring(draw, name), when=when)
            case "group" if depth:
                how: How = draw(st.sampled_from(HOWS))
                members = tuple(one(depth - 1, how) for _ in range(draw(st.integers(1, 3))))
                return Group(name(), "", how, members, draw(st.integers(1, len(members))), when)
        return Criterion(name(), "condition", "", BASIS, test=test(), when=when)

    top = root(*(one(2, "all") for _ in range(draw(st.integers(1, 3)))))
    told = [fact for fact in facts_of(top) if draw(st.integers(0, 4)) > 1]
    judged = [leaf_.id for leaf_ in criteria(top) if leaf_.role == "judgement" and draw(st.booleans())]
    answers: st.SearchStrategy[bool | None] = st.sampled_from((True, False, None))
    return Story(top, {fact: draw(answers) for fact in told}, {id_: draw(st.booleans()) for id_ in judged})


def draw_scoring(draw: st.DrawFn, name: Any) -> Scoring:
    """Draw a small scoring, in parts or not."""
    parts = draw(st.sampled_from(((), ("a", "b"))))
    points = st.integers(0, 6)
    items = []
    for _ in range(draw(st.integers(1, 3))):
        part = draw(st.sampled_from(parts)) if parts else ""
        most = draw(st.integers(1, 6))
        if not draw(st.integers(0, 5)):
            items.append(Item(name(), part, "", 2, BASIS, open="由专家评分"))
            continue
        tiers = tuple(
            Tier(flag(name()), (given_, given_))
            for given_ in sorted({draw(points) for _ in range(draw(st.integers(1, 2)))}, reverse=True)
        )
        items.append(Item(name(), part, "", most, BASIS, tiers=(*tiers, Tier(None, (0, 0)))))
    made = tuple(Part(part, draw(st.integers(1, 8)), draw(st.sampled_from((None, None, 2)))) for part in parts)
    return Scoring(name(), "", draw(st.integers(1, 10)), draw(st.booleans()), 20, made, tuple(items), BASIS)


@quickly
@given(stories(scored=False))
def test_what_is_asked_is_what_can_still_decide(story: Story) -> None:
    """No more and no less, whatever the tree: choices, fast tracks, guards, experts, missing texts, what is unknown."""
    assert set(story.bearing().names) == by_trying(story)


@quickly
@given(stories(scored=True))
def test_what_is_asked_of_scores_is_what_can_still_decide(story: Story) -> None:
    """Points that cannot bring the total over the mark, or that another item makes good, are not asked for."""
    assert set(story.bearing().names) == by_trying(story)


# ---- what is no longer asked


def test_a_way_that_is_met_closes_the_others() -> None:
    """One of several suffices; where all have failed but one, that one is asked."""
    ways = group("any", leaf("a"), leaf("b"), leaf("c"))
    assert asked(ways) == ["a", "b", "c"]
    assert asked(ways, facts={"b": True}) == []
    assert asked(ways, facts={"a": False, "b": False}) == ["c"]


def test_so_many_of_several() -> None:
    """Two of three: decided by two that hold, or two that do not."""
    two = group("at-least", leaf("a"), leaf("b"), leaf("c"), n=2)
    assert asked(two, facts={"a": True}) == ["b", "c"]
    assert asked(two, facts={"a": True, "b": True}) == []
    assert asked(two, facts={"a": False, "b": False}) == []


def test_what_fails_closes_everything() -> None:
    """Nothing else matters to a company that is not eligible."""
    assert asked(leaf("a"), leaf("b"), group("any", leaf("c"), leaf("d")), facts={"a": False}) == []


def test_a_fast_track_stands_in_for_what_it_replaces_only() -> None:
    """The criterion beside it closes with it; the track closes with the criterion."""
    track = Criterion("track", "fast-track", "", BASIS, test=flag("award"))
    relief = group("any", leaf("a"), track, relief=True)
    assert asked(relief, leaf("b")) == ["a", "award", "b"]
    assert asked(relief, leaf("b"), facts={"award": True}) == ["b"]
    assert asked(relief, leaf("b"), facts={"a": True}) == ["b"]


def test_what_does_not_apply_is_not_asked() -> None:
    """The guard is asked first; behind one that does not hold nothing is."""
    guarded = leaf("a", when=flag("park"))
    assert asked(guarded) == ["a", "park"]
    assert asked(guarded, facts={"park": False}) == []
    assert asked(guarded, facts={"park": True}) == ["a"]
    assert asked(guarded, facts={"a": True}) == []  # met whether it applies or not
    assert asked(guarded, facts={"a": False}) == ["park"]


def test_inside_a_formula_too() -> None:
    """`a or b` with a: b is not asked; `not (a and b)` without a neither."""
    either = leaf("x", test=tree.Any((flag("a"), flag("b"))))
    assert asked(either, leaf("c"), facts={"a": True}) == ["c"]
    assert asked(leaf("x", test=tree.Not(tree.All((flag("a"), flag("b"))))), leaf("c"), facts={"a": False}) == ["c"]


def test_what_experts_judge_leaves_the_rest_to_ask() -> None:
    """A judgement is no question; a way beside it can make it unnecessary."""
    assert asked(judgement("j")) == []
    assert asked(group("any", judgement("j"), leaf("a")), judgement("k")) == ["a"]
    assert asked(group("any", judgement("j"), leaf("a")), j=True) == []


def test_a_missing_text_keeps_only_what_can_still_rule_out() -> None:
    """It can never come out eligible: beside a text, a way to be met matters no more."""
    assert asked(text(), leaf("a")) == ["a"]
    assert asked(text(), group("any", leaf("a"), text("more"))) == []


def test_what_is_not_known_is_not_asked_again_nor_what_rests_on_it() -> None:
    """The company said so; a comparison that needs it stays open whatever else is told."""
    both = leaf("x", test=tree.Compare(">=", tree.Sum((tree.Figure("a"), tree.Figure("b"))), tree.Const(5)))
    assert asked(both, leaf("c")) == ["a", "b", "c"]
    assert asked(both, leaf("c"), facts={"a": None}) == ["c"]
    assert asked(leaf("a"), leaf("b"), facts={"a": None}) == ["b"]  # b can still rule out
    way = group("any", leaf("a"), group("all", leaf("b"), leaf("c")))
    assert asked(way, facts={"b": None}) == ["a", "c"]  # c can close this way
    assert asked(way, text(), facts={"b": None, "a": False}) == ["c"]
    assert asked(group("any", way, text()), facts={"b": None}) == ["a"]


# ---- scores


def scored(*items: Item, mark: int, parts: tuple[Part, ...] = ()) -> Criterion:
    """Return a criterion met with *mark* points."""
    made = Scoring(id="s", says="", pass_mark=mark, strict=False, full=100, parts=parts, items=items, basis=BASIS)
    return Criterion("score", "condition", "", BASIS, scoring=made)


def item(name: str, *points: int, part: str = "") -> Item:
    """Return an item with a tier for each of *points*, asked by `name`, `name2`…, and none for the rest."""
    names = [name, *(f"{name}{place}" for place in range(2, len(points) + 1))]
    tiers = [Tier(flag(asks), (given_, given_)) for asks, given_ in zip(names, points, strict=True)]
    return Item(name, part, "", points[0], BASIS, tiers=(*tiers, Tier(None, (0, 0))))


def test_a_score_that_cannot_pass_or_fail_any_more_is_decided() -> None:
    """50 of 60 are lost, or 60 of 60 are won."""
    score = scored(item("a", 40), item("b", 30), item("c", 30), mark=60)
    assert asked(score) == ["a", "b", "c"]
    assert asked(score, facts={"a": True, "b": True}) == []
    assert asked(score, facts={"a": False, "b": False}) == []
    assert asked(score, facts={"a": False, "b": True}) == ["c"]


def test_points_that_cannot_make_the_difference_are_not_asked() -> None:
    """Five more never matter where the others come in tens; with an item of fives they do."""
    tens = [item("a", 40), item("b", 30)]
    assert asked(scored(*tens, item("c", 5), mark=70)) == ["a", "b"]
    assert asked(scored(*tens, item("c", 5), item("d", 5), mark=80)) == ["a", "b", "c", "d"]


def test_a_lower_tier_that_does_not_suffice_is_not_asked() -> None:
    """Eight points win, six do not: only the better answer counts."""
    assert asked(scored(item("a", 8, 6), mark=7)) == ["a"]
    assert asked(scored(item("a", 8, 6), item("b", 2), mark=8)) == ["a", "a2", "b"]


def test_a_part_that_is_full_or_fails_its_own_minimum_asks_nothing_more() -> None:
    """What is above the full marks of a part is cut; a part below its minimum decides."""
    parts = (Part("x", 10, None), Part("y", 20, 5))
    items = (item("a", 10, part="x"), item("b", 10, part="x"), item("c", 20, part="y"))
    assert asked(scored(*items, mark=25, parts=parts)) == ["a", "b", "c"]
    assert asked(scored(*items, mark=25, parts=parts), facts={"a": True}) == ["c"]
    assert asked(scored(*items, mark=25, parts=parts), facts={"c": False}) == []


def test_points_that_experts_give_may_still_make_the_difference() -> None:
    """An item matters where it could with some of their points."""
    experts = Item("e", "", "", 10, BASIS, open="由专家评分")
    assert asked(scored(item("a", 30), experts, mark=35)) == ["a"]
    assert asked(scored(item("a", 30), experts, mark=41)) == []


# ---- on the real rules


def hidden(scene: Scene, names: Sequence[str]) -> Profile:
    """Return the scene's company without its answers to these facts, in all years."""
    profile = scene.profile

    def kept(table: Mapping[int, Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
        return {
            year: {one: told for one, told in figures.items() if one not in names} for year, figures in table.items()
        }

    return replace(
        profile,
        facts={name: value for name, value in profile.facts.items() if name not in names},
        years=kept(profile.years),
        estimates=kept(profile.estimates),
        recognitions=None if "recognitions" in names else profile.recognitions,
    )


def before(scene: Scene, profile: Profile) -> tuple[Match, Bearing]:
    """Return the match of a company in the scene's place, and what bears on it."""
    applied = scene.application
    frames = Frames(Company(profile, book(), scene.on), applied.cycle, applied.kind, applied.applied)
    match = scene.match(profile)
    return match, bearing(match, frames)


def told_by(scene: Scene) -> list[str]:
    """Return every fact that the company tells."""
    years = [name for told in (*scene.profile.years.values(), *scene.profile.estimates.values()) for name in told]
    given_ = [name for name, value in scene.profile.facts.items() if value is not None]
    return sorted({*given_, *years} | ({"recognitions"} if scene.profile.recognitions is not None else set()))


@given(st.data())
@quickly
def test_a_blank_that_decides_is_asked_and_what_was_told_is_not(data: st.DataObject) -> None:
    """Take an eligible company and hide some answers: asked is what it hides, and all of it that decides alone."""
    scene = data.draw(st.sampled_from(sorted(bases().values(), key=lambda one: (one.project.id, str(one.on)))))
    told = told_by(scene)
    names = data.draw(st.lists(st.sampled_from(told), min_size=1, max_size=4, unique=True))
    match, found = before(scene, hidden(scene, names))
    asked_now = {name.partition(".")[0] for name in found.facts}
    followed = SIZE if "industry" in names else set()
    assert asked_now & {*told} <= {*names, *followed}
    for name in names:
        alone, only = before(scene, hidden(scene, [name]))
        if alone.verdict == "undetermined" and scene.match().verdict == "eligible":
            assert only.facts
            if alone.version == match.version and {*only.facts} & {*told}:
                assert asked_now & {*only.facts}


@given(scenes(), st.data())
@quickly
def test_an_answer_opens_no_question_but_its_own(scene: Scene, data: st.DataObject) -> None:
    """More told, less asked: an industry asks for the size, a recognition for its last day, a city for its rules."""
    told = told_by(scene)
    assume(told)
    names = data.draw(st.lists(st.sampled_from(told), min_size=1, max_size=6, unique=True))
    given_ = data.draw(st.sampled_from(names))
    less, asked_before = before(scene, hidden(scene, names))
    more, asked_now = before(scene, hidden(scene, [name for name in names if name != given_]))
    if (less.version, less.reason) == (more.version, more.reason):
        allowed = {*asked_before.facts} | (SIZE if given_ == "industry" else set())
        assert {one for one in asked_now.facts if not one.startswith("recognitions.")} <= allowed


@given(scenes())
@quickly
def test_what_the_company_knows_is_not_asked(scene: Scene) -> None:
    """Nor what it does not know; a range that is too wide may be asked more exactly."""
    match, found = before(scene, scene.profile)
    assert (match.verdict == "undetermined") or found == NOTHING
    for name in found.names:
        fact, _, rest = name.partition("[")
        if rest:
            value, missing = scene.profile.figure(fact, int(rest[:-1]))[0], object()
            told = scene.profile.years.get(int(rest[:-1]), {}).get(fact, missing)
            assert told is not None or value is not None
        else:
            value = scene.profile.facts.get(fact)
            assert fact not in scene.profile.facts or value is not None
        assert value is None or isinstance(value, Range | tuple)


# ---- which comes first


def test_the_first_question_says_who_applies(assessed: Assess) -> None:
    """It can be expected to settle most projects, for an answer from memory."""
    asks = assessed("empty").asks
    assert asks[0].fact == "applicant_kind"
    assert asks[0].settles > 10
    assert asks[0].cost == COSTS["memory"]
    assert {*asks[0].rules_out} == {*asks[0].serves}


def test_the_most_useful_comes_first(assessment: Assessment) -> None:
    """By projects settled for the cost; what only bears on closing gaps comes after what bears on a verdict."""
    order = [(ask.after_gap, -ask.settles / ask.cost) for ask in assessment.asks]
    for one, other in pairwise(order):
        assert one[0] < other[0] or (one[0] == other[0] and one[1] <= other[1] + Fraction(1, 10**6))


def test_whom_a_question_serves(assessment: Assessment) -> None:
    """Projects with a round to come whose verdict is open, or that are nearly won."""
    found = {one.match.project.id: one for one in assessment.prospects}
    for ask in assessment.asks:
        served = [found[id_] for id_ in ask.serves]
        assert all(ask.fact in one.bearing.facts for one in served)
        assert {one.standing for one in served} <= {"near", "open"}
        assert ask.after_gap == all(one.match.verdict == "ineligible" for one in served)
        assert {*ask.alone, *ask.rules_out} <= {*ask.serves}
        assert not {*ask.alone} & {*ask.rules_out}
        assert all(found[id_].bearing.facts == (ask.fact,) for id_ in ask.alone)


def test_nothing_is_asked_for_what_cannot_be_had(assessment: Assessment) -> None:
    """Far, not offered or ready: the verdict does not wait for an answer."""
    for one in assessment.prospects:
        if one.standing in ("far", "not-offered", "ready"):
            assert one.questions == ()
            assert one.is_settled


def test_closed_years_are_asked_for(assessment: Assessment) -> None:
    """Figures of the year that has not ended are the company's own guess; they are told, not asked."""
    assert all(year < ON_SAMPLES.year for ask in assessment.asks for year in ask.years)


def test_a_gap_nearly_closed_asks_whether_that_would_be_enough(company: Read, matcher: Matcher) -> None:
    """Fifty points short of nothing else: what else is open decides whether closing the gap wins the project."""
    text_ = (ROOT / "profiles" / "precision-parts.yaml").read_text("utf-8")
    assessment = assess(matcher, company(text_), ON_SAMPLES)
    near = [one for one in assessment.prospects if one.standing == "near" and one.is_due(ON_SAMPLES)]
    waiting = {fact for one in near for fact in one.bearing.facts}
    undecided = [one for one in assessment.prospects if one.match.verdict == "undetermined" and one.is_due(ON_SAMPLES)]
    deciding = {fact for one in undecided for fact in one.bearing.facts}
    assert waiting
    assert {ask.fact for ask in assessment.asks if ask.after_gap} == waiting - deciding


def test_what_answers_settle_for_sure(assessed: Assess) -> None:
    """All of them settle no fewer than some; none settles nothing."""
    assessment = assessed("empty")
    due = [one for one in assessment.prospects if one.is_due(ON_SAMPLES)]
    counts = [settled_by(assessment.asks[:count], due) for count in (0, 20, 60, len(assessment.asks))]
    assert counts == sorted(counts)
    assert counts[0] == 0 < counts[-1] <= len(due)


def test_why_a_question_is_asked(assessed: Assess, rulebook: Rulebook) -> None:
    """In both languages, for every question: what it settles, rules out, bears on."""
    for name in ("empty", "valve-maker", "precision-parts"):
        for ask in assessed(name).asks:
            chinese, english = why(ask, Speaker(rulebook)), why(ask, Speaker(rulebook, "en"))
            assert ("答了就能定" in chinese) == bool(ask.alone and not ask.after_gap)
            assert ("答案不合就能排除" in chinese) == bool(ask.rules_out and not ask.after_gap)
            assert ("补上差距后" in chinese) == ask.after_gap
            assert not re.search("[\u4e00-\u9fff]", english)


def test_a_range_that_straddles_a_threshold_is_asked_more_exactly(company: Read, matcher: Matcher) -> None:
    """And says so."""
    profile = company("facts: {applicant_kind: enterprise, city: 佛山市, legal_person: yes, segment_years: 2..5}")
    asks = assess(matcher, profile, ON_SAMPLES, projects=["little-giant"]).asks
    vague = [ask for ask in asks if ask.vague]
    assert [ask.fact for ask in vague] == ["segment_years"]
    assert "填准一些" in why(vague[0], Speaker(matcher.rulebook))


# ---- the command


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["questions", *arguments, "--on", ON_SAMPLES.isoformat()], prog_name="assistant")


def test_the_command_lists_by_topic_in_the_order_of_use() -> None:
    """With where to look and why; the first is the most useful."""
    shown = run(str(ROOT / "profiles" / "empty.yaml"), "--limit", "5")
    assert shown.exit_code == 0
    assert "已能判断 0/41 个项目（近期有申报窗口的 0/16 个）" in shown.output
    assert "答完最前面 5 项，至少能定下" in shown.output
    assert re.findall(r"^ +(\d+) ", shown.output, re.MULTILINE) == ["1", "2", "3", "4", "5"]
    assert "applicant_kind · 凭记忆可答" in shown.output
    assert "在哪里找：营业执照" in shown.output
    assert "答案不合就能排除：" in shown.output


def test_the_command_for_machines() -> None:
    """Every question with what it settles."""
    data = json.loads(run(str(ROOT / "profiles" / "valve-maker.yaml"), "--format", "json", "--limit", "200").output)
    assert data["progress"]["projects"] == 41
    assert data["count"] == len(data["questions"])
    assert data["settled_by_shown"] == data["settled_by_all"]
    for one in data["questions"]:
        assert {"fact", "years", "why", "settles", "rules_out", "expected", "after_gap", "cost", "serves"} <= {*one}
        assert {*one["settles"]} <= {*one["serves"]}


def test_the_command_for_one_project_asks_for_it_alone() -> None:
    """Whether or not a round is to come."""
    data = json.loads(
        run(str(ROOT / "profiles" / "empty.yaml"), "--format", "json", "--project", "smart-pv-demo").output
    )
    assert data["questions"]
    assert {id_ for one in data["questions"] for id_ in one["serves"]} == {"smart-pv-demo"}


def test_every_project_on_request() -> None:
    """Those without a round to come are asked for only then."""
    path = str(ROOT / "profiles" / "empty.yaml")
    due, every = (json.loads(run(path, "--format", "json", *more).output) for more in ((), ("--all",)))
    assert due["count"] < every["count"]


def test_an_unknown_project_is_told() -> None:
    """With the nearest name."""
    failed = run(str(ROOT / "profiles" / "empty.yaml"), "--project", "little-gaint")
    assert failed.exit_code == 2
    assert "little-giant" in failed.output
