"""A match is one company against one project: the verdict with every finding that led to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, Literal, TypeVar

from assistant.company.profile import Judgement, Profile
from assistant.dates import DateSpan
from assistant.logic import tree
from assistant.logic.scalar import Holding, Outcome, Test, compile_condition, compile_value, key
from assistant.logic.truth import Truth, all_of, any_of, at_least
from assistant.logic.values import Range, bounds
from assistant.matching.findings import (
    Finding,
    FindingNode,
    GroupFinding,
    ItemScore,
    PartScore,
    Score,
    State,
)
from assistant.matching.situation import Company, Frame, Frames
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import (
    Applies,
    Criterion,
    Group,
    Item,
    Project,
    Requirement,
    Scoring,
    Version,
    text_criterion,
)
from assistant.units import Number

T = TypeVar("T")
Verdict = Literal["eligible", "ineligible", "undetermined", "not-offered"]
Evaluate = Callable[["_Case"], FindingNode]

_STATES: Mapping[Truth, State] = {True: "met", False: "unmet", None: "unknown"}
_TRUTHS: Mapping[State, Truth] = {"met": True, "unmet": False, "unknown": None, "not-applicable": True}


@dataclass(frozen=True, slots=True)
class Application:
    """An application a company could make: its cycle, the days on which it may apply, new or review."""

    cycle: int
    applied: DateSpan
    kind: str


@dataclass(frozen=True, slots=True)
class Match:
    """One company against one project.

    *reason* says why a project is not offered, or that no version covers the date; *missing* are the facts that
    decide whether it is offered at all. *overdue*: the rule's own review date has passed.
    """

    project: Project
    verdict: Verdict
    application: Application
    version: Version | None = None
    applies: Applies | None = None
    tree: GroupFinding | None = None
    findings: tuple[Finding, ...] = ()
    held: Holding | None = None
    reason: str = ""
    missing: tuple[str, ...] = ()
    channel_note: str = ""
    overdue: bool = False

    @property
    def base_year(self) -> int:
        """FY-1 of the cycle."""
        return self.application.cycle - 1

    @property
    def score(self) -> Score | None:
        """The scoring that takes part in the verdict, if there is one."""
        return next((finding.score for finding in self.findings if finding.score), None)


@dataclass(frozen=True, slots=True)
class _Case:
    frames: Frames
    judgements: Mapping[str, Judgement]
    findings: dict[str, Finding]


class Matcher:
    """Evaluates companies against a rulebook; versions are compiled once, when first needed."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Match against *rulebook*."""
        self.rulebook = rulebook
        self._compiled: dict[tuple[str, str, str], Evaluate] = {}

    def match(self, profile: Profile, project: Project, application: Application, on: date) -> Match:
        """Return the verdict on *profile* for *project* in *application*, as known *on*."""
        return self.match_company(Company(profile, self.rulebook, on), project, application)

    def match_company(self, company: Company, project: Project, application: Application) -> Match:
        """Return the verdict on *company* for *project*; many projects share what was read of the company."""
        profile, on = company.profile, company.on
        frames = Frames(company, application.cycle, application.kind, application.applied)
        held = company.held(project.id)
        overdue = project.next_review < on
        offered, reason, missing = _offered(profile, project)
        city = profile.facts.get("city")
        if offered is False:
            return Match(project, "not-offered", application, held=held, reason=reason, overdue=overdue)
        selected = project.select(application.kind, application.applied.earliest, city)
        if selected is None:
            return Match(
                project, "undetermined", application, held=held, reason="no-version", missing=missing, overdue=overdue
            )
        version, applies = selected
        judgements = {entry.criterion: entry for entry in profile.judgements if entry.project == project.id}
        case = _Case(frames, judgements, {})
        result = self._evaluator(project, version, applies)(case)
        assert isinstance(result, GroupFinding)
        truth = all_of([offered, _TRUTHS[result.state]])
        verdict: Verdict = "eligible" if truth else "undetermined" if truth is None else "ineligible"
        return Match(
            project,
            verdict,
            application,
            version,
            applies,
            result,
            tuple(case.findings.values()),
            held,
            "",
            missing,
            project.regions.separate.get(city or "", ""),
            overdue,
        )

    def _evaluator(self, project: Project, version: Version, applies: Applies) -> Evaluate:
        name = (project.id, version.id, applies.text)
        if name not in self._compiled:
            root = version.root
            if applies.text != "full":
                gate = text_criterion(applies, version.instrument)
                root = Group("root", "", "all", (*root.members, gate))
            self._compiled[name] = _compile(root)
        return self._compiled[name]


def _offered(profile: Profile, project: Project) -> tuple[Truth, str, tuple[str, ...]]:
    """Return whether the project is offered to such an applicant in such a place, the reason, what is missing."""
    kinds = profile.facts.get("applicant_kind")
    city = profile.facts.get("city")
    missing = tuple(name for name, value in (("applicant_kind", kinds), ("city", city)) if value is None)
    if kinds is not None and not set(kinds) & set(project.applicant):
        return False, "applicant", ()
    if city is not None and city in project.regions.except_:
        return False, "city", ()
    if city == "省外":
        return False, "province", ()
    return (None if missing else True), "", missing


def _compile(node: Requirement) -> Evaluate:
    return _compile_group(node) if isinstance(node, Group) else _compile_leaf(node)


def _compile_group(group: Group) -> Evaluate:
    members = tuple(_compile(member) for member in group.members)
    combine: Callable[[list[Truth]], Truth]
    if group.how == "at-least":
        n = group.n
        combine = lambda truths: at_least(n, truths)  # noqa: E731  # one of three, chosen once
    else:
        combine = all_of if group.how == "all" else any_of
    guard = _Guard(group.when) if group.when else None

    def evaluate(case: _Case) -> GroupFinding:
        results = tuple(member(case) for member in members)
        truth = combine([_TRUTHS[result.state] for result in results])
        state = _STATES[truth] if guard is None else guard.state(case, truth)[0]
        return GroupFinding(group, state, results)

    return evaluate


class _Tests(Generic[T]):
    """A test that chooses its frame: the cycle's own years, or the last closed year standing in for them."""

    def __init__(self, node: tree.Node, test: Callable[[Frame, list[Outcome]], T]) -> None:
        figures = tree.figures(node)
        self.yearly = tuple(key(figure) for figure in figures if figure.offset is not None)
        self.derived = any(figure.name == "size_class" for figure in figures)
        self.test = test

    def run(self, case: _Case, undecided: Callable[[T], bool]) -> tuple[T, list[Outcome], Frame]:
        own, stand_in = case.frames.own, case.frames.stand_in
        outcomes: list[Outcome] = []
        result = self.test(own, outcomes)
        if stand_in is None or not undecided(result) or not self.lacks_figures(own):
            return result, outcomes, own
        other: list[Outcome] = []
        return self.test(stand_in, other), other, stand_in

    def lacks_figures(self, frame: Frame) -> bool:
        values = frame.situation.values
        return any(name not in values for name in self.yearly) or (
            self.derived and len(values.get("size_class", "xx")) > 1
        )

    def basis(self, frame: Frame) -> tuple[str, ...]:
        if not self.yearly and not self.derived:
            return ()
        if frame.stand_in:
            return (f"stand-in:{frame.base_year}",)
        if not frame.estimated:
            return ()
        names = (*self.yearly, *(frame.situation.values["__size_figures__"] if self.derived else ()))
        years = {frame.base_year + 1 + int(name[name.index("[") + 1 : -1]) for name in names if name in frame.estimated}
        return tuple(f"estimate:{year}" for year in sorted(years))


def _missing(outcomes: list[Outcome], frame: Frame) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for outcome in outcomes:
        if outcome.truth is None:
            for name in outcome.missing:
                for asked in frame.missing_for(name):
                    names[_dated(asked, frame)] = None
    return tuple(names)


def _dated(name: str, frame: Frame) -> str:
    """Return `revenue[-1]` as `revenue[2025]`: what a company is asked for has a year."""
    if not name.endswith("]"):
        return name
    fact, _, offset = name[:-1].partition("[")
    return f"{fact}[{frame.base_year + 1 + int(offset)}]"


class _Guard:
    """A `when`: the criterion applies only where it holds."""

    def __init__(self, condition: tree.Condition) -> None:
        test = compile_condition(condition)
        self.tests = _Tests(condition, lambda frame, out: test(frame.situation, out))

    def state(self, case: _Case, truth: Truth) -> tuple[State, tuple[str, ...]]:
        """Return the guarded state and what is missing to know whether the criterion applies.

        Not applicable counts as met in the conjunction that holds every guarded criterion, so a met criterion
        stays met where it is unknown whether it applies.
        """
        applies, outcomes, frame = self.tests.run(case, lambda found: found is None)
        if applies is False:
            return "not-applicable", ()
        if applies is True or truth is True:
            return _STATES[truth], ()
        return "unknown", _missing(outcomes, frame)


def _compile_leaf(criterion: Criterion) -> Evaluate:
    guard = _Guard(criterion.when) if criterion.when else None
    inner = _compile_test(criterion) if criterion.test else _compile_scored(criterion) if criterion.scoring else None

    def evaluate(case: _Case) -> Finding:
        finding = case.findings[criterion.id] = guarded(case)
        return finding

    def guarded(case: _Case) -> Finding:
        finding = inner(case) if inner else _judged(criterion, case)
        if guard is None:
            return finding
        state, missing = guard.state(case, _TRUTHS[finding.state])
        if state == finding.state and not missing:
            return finding
        if state == "not-applicable":
            return Finding(criterion, state)
        return Finding(
            criterion,
            state,
            finding.outcomes,
            finding.basis,
            tuple(dict.fromkeys((*missing, *finding.missing))),
            finding.base_year,
            finding.score,
            finding.judgement,
        )

    return evaluate


def _judged(criterion: Criterion, case: _Case) -> Finding:
    entry = case.judgements.get(criterion.id) if criterion.role != "text" else None
    state: State = "unknown" if entry is None else "met" if entry.met else "unmet"
    return Finding(criterion, state, judgement=entry)


def _compile_test(criterion: Criterion) -> Callable[[_Case], Finding]:
    assert criterion.test is not None
    test: Test = compile_condition(criterion.test)
    tests = _Tests(criterion.test, lambda frame, out: test(frame.situation, out))
    names = tuple(key(figure) for figure in tree.figures(criterion.test))

    def evaluate(case: _Case) -> Finding:
        truth, outcomes, frame = tests.run(case, lambda found: found is None)
        missing = _missing(outcomes, frame) if truth is None else ()
        basis = tests.basis(frame)
        values = frame.situation.values
        if any(isinstance(values.get(name), Range) for name in names):
            basis = (*basis, "range")
        state = _STATES[truth]
        return Finding(criterion, state, tuple(outcomes), basis, missing, frame.base_year)

    return evaluate


# ---- scoring


def _compile_scored(criterion: Criterion) -> Callable[[_Case], Finding]:
    scoring = criterion.scoring
    assert scoring is not None
    items = tuple(_compile_item(item) for item in scoring.items)

    def evaluate(case: _Case) -> Finding:
        score = total(scoring, tuple(item(case) for item in items))
        state = _STATES[score.truth]
        if state == "unknown" and (judged := _judged(criterion, case)).judgement:
            return Finding(criterion, judged.state, score=score, judgement=judged.judgement)
        missing: tuple[str, ...] = ()
        if state == "unknown":
            missing = tuple(dict.fromkeys(name for item in score.items for name in item.missing))
        basis = tuple(dict.fromkeys(name for item in score.items for name in item.basis))
        return Finding(criterion, state, basis=basis, missing=missing, score=score)

    return evaluate


def total(scoring: Scoring, items: tuple[ItemScore, ...]) -> Score:
    """Return the interval of a scoring from its items' intervals; a part is capped at its full marks."""
    parts = tuple(
        PartScore(
            part,
            min(part.full, sum(score.low for score in items if score.item.part == part.name)),
            min(part.full, sum(score.high for score in items if score.item.part == part.name)),
        )
        for part in scoring.parts
    )
    counted = parts or items
    return Score(scoring, sum(one.low for one in counted), sum(one.high for one in counted), parts, items)


def _compile_item(item: Item) -> Callable[[_Case], ItemScore]:
    if item.open:
        return lambda _: ItemScore(item, 0, item.most)
    if item.formula is not None:
        return _compile_points(item, item.formula)
    tests = tuple((compile_condition(tier.test) if tier.test else None, tier.points) for tier in item.tiers)

    def points(frame: Frame, out: list[Outcome]) -> tuple[Number, Number, bool]:
        possible = []
        for test, given in tests:
            truth = True if test is None else test(frame.situation, out)
            if truth is not False:
                possible.append(given)
            if truth is True:
                break
        return min(low for low, _ in possible), max(high for _, high in possible), len(possible) == 1

    node = tree.All(tuple(tier.test for tier in item.tiers if tier.test))
    choice = _Tests(node, points)

    def evaluate(case: _Case) -> ItemScore:
        found, outcomes, frame = choice.run(case, lambda ends: not ends[2])
        low, high, decided = found
        missing = () if decided else _missing(outcomes, frame)
        return ItemScore(item, low, high, tuple(outcomes), choice.basis(frame), missing)

    return evaluate


def _compile_points(item: Item, formula: tree.Value) -> Callable[[_Case], ItemScore]:
    read = compile_value(formula)

    def points(frame: Frame, out: list[Outcome]) -> tuple[Number, Number]:
        del out
        value = read(frame.situation)
        if value is None:
            return 0, item.most
        low, high = bounds(value)
        return max(0, min(low, item.most)), max(0, min(high, item.most))

    tests = _Tests(formula, points)
    names = tuple(key(figure) for figure in tree.figures(formula))

    def evaluate(case: _Case) -> ItemScore:
        found, _, frame = tests.run(case, lambda ends: ends[0] != ends[1])
        low, high = found
        values = frame.situation.values
        missing = tuple(
            _dated(name, frame) for name in names if values.get(name) is None or isinstance(values[name], Range)
        )
        return ItemScore(item, low, high, (), tests.basis(frame), missing if low != high else ())

    return evaluate
