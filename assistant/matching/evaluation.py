"""Evaluation compiles a version's tree once into closures: a company's frames in, a finding for every node out.

The scalar reader of the one tree. It never skips a part, so every criterion has its finding; what a finding does
not need for its state (shortfalls, sentences) is worked out when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from assistant.company.profile import Judgement
from assistant.logic import tree
from assistant.logic.scalar import OPERATORS, Outcome, Read, Test, compile_condition, compile_value, key
from assistant.logic.truth import Truth, all_of, any_of, at_least
from assistant.logic.values import Range, bounds
from assistant.matching.findings import Finding, FindingNode, GroupFinding, ItemScore, PartScore, Score, State
from assistant.matching.situation import Frame
from assistant.rulebook.requirement import Criterion, Group, Item, Requirement, Scoring
from assistant.units import Number

STATES: Mapping[Truth, State] = {True: "met", False: "unmet", None: "unknown"}
TRUTHS: Mapping[State, Truth] = {"met": True, "unmet": False, "unknown": None, "not-applicable": True}


@dataclass(slots=True)
class Case:
    """One company before one version: its frames, the recorded judgements, and the findings as they are made."""

    own: Frame
    stand_in: Frame | None
    judgements: Mapping[str, Judgement]
    findings: dict[str, Finding]


Evaluate = Callable[[Case], FindingNode]


def compile_requirement(node: Requirement) -> Evaluate:
    """Return *node* as a closure that leaves the finding of every criterion in its case."""
    return _group(node) if isinstance(node, Group) else _leaf(node)


def _group(group: Group) -> Evaluate:
    members = tuple(compile_requirement(member) for member in group.members)
    combine: Callable[[list[Truth]], Truth]
    if group.how == "at-least":
        n = group.n
        combine = lambda truths: at_least(n, truths)  # noqa: E731  # one of three, chosen once
    else:
        combine = all_of if group.how == "all" else any_of
    every = group.how == "all"  # elsewhere a way that does not apply is no way
    guard = _Guard(group.when) if group.when else None

    def evaluate(case: Case) -> GroupFinding:
        results = tuple([member(case) for member in members])
        counted = results if every else [result for result in results if result.state != "not-applicable"]
        truth = combine([TRUTHS[result.state] for result in counted])
        state = STATES[truth] if guard is None else guard.state(case, truth)[0]
        return GroupFinding(group, state, results)

    return evaluate


class _Figures:
    """The facts that a test rests on, and what follows for the frame it is read in."""

    def __init__(self, node: tree.Node) -> None:
        figures = tree.figures(node)
        self.names = frozenset(key(figure) for figure in figures)
        self.offsets = {key(figure): figure.offset for figure in figures if figure.offset is not None}
        self.sized = any(figure.name == "size_class" for figure in figures)
        self.timeless = not self.offsets and not self.sized

    def frame(self, case: Case) -> Frame | None:
        """Return the frame that may stand in where the own one leaves the test open: it lacks figures."""
        other = case.stand_in
        if other is None or self.timeless:
            return None
        values = case.own.situation.values
        if all(name in values for name in self.offsets) and not (self.sized and _is_open(values.get("size_class"))):
            return None
        return other

    def basis(self, frame: Frame) -> tuple[str, ...]:
        """Return what the figures rest on."""
        basis: tuple[str, ...] = ()
        if not self.timeless:
            if frame.stand_in:
                basis = (f"stand-in:{frame.base_year}",)
            elif frame.estimated:
                basis = self._estimates(frame)
        if frame.ranged and not frame.ranged.isdisjoint(self.names):
            basis = (*basis, "range")
        return basis

    def _estimates(self, frame: Frame) -> tuple[str, ...]:
        years = {frame.base_year + 1 + offset for name, offset in self.offsets.items() if name in frame.estimated}
        if self.sized and not frame.estimated.isdisjoint(frame.situation.values["__size_figures__"]):
            years.add(frame.base_year)
        return tuple(f"estimate:{year}" for year in sorted(years))


def _is_open(size: frozenset[str] | None) -> bool:
    return size is None or len(size) > 1


def _missing(outcomes: list[Outcome], frame: Frame) -> tuple[str, ...]:
    return frame.wanted(tuple([name for outcome in outcomes if outcome.truth is None for name in outcome.missing]))


class _Guard:
    """A `when`: the criterion applies only where it holds."""

    def __init__(self, condition: tree.Condition) -> None:
        self.test = compile_condition(condition)
        self.figures = _Figures(condition)

    def state(self, case: Case, truth: Truth, *, strict: bool = False) -> tuple[State, tuple[str, ...]]:
        """Return the guarded state and what is missing to know whether the criterion applies.

        Not applicable counts as met in the conjunction that holds guarded criteria, so a met criterion stays met
        where it is unknown whether it applies; a fast track (*strict*) stands in a choice, so it stays open.
        """
        applies, outcomes, frame = _read(self.test, self.figures, case)
        if applies is False:
            return "not-applicable", ()
        if applies is True or (truth is True and not strict):
            return STATES[truth], ()
        return "unknown", _missing(outcomes, frame)


def _read(test: Test, figures: _Figures, case: Case) -> tuple[Truth, list[Outcome], Frame]:
    """Return the truth in the own frame, or, where that stays open for lack of figures, in the stand-in's."""
    outcomes: list[Outcome] = []
    truth = test(case.own.situation, outcomes)
    if truth is None and (other := figures.frame(case)) is not None:
        outcomes = []
        return test(other.situation, outcomes), outcomes, other
    return truth, outcomes, case.own


def _leaf(criterion: Criterion) -> Evaluate:
    inner = _tested(criterion) if criterion.test else _scored(criterion) if criterion.scoring else _judgement(criterion)
    read = inner if criterion.when is None else _guarded(criterion, inner, _Guard(criterion.when))
    name = criterion.id

    def evaluate(case: Case) -> Finding:
        finding = case.findings[name] = read(case)
        return finding

    return evaluate


def _guarded(criterion: Criterion, inner: Callable[[Case], Finding], guard: _Guard) -> Callable[[Case], Finding]:
    def evaluate(case: Case) -> Finding:
        finding = inner(case)
        state, missing = guard.state(case, TRUTHS[finding.state], strict=criterion.role == "fast-track")
        if state == "not-applicable":
            return Finding(criterion, state)
        return finding._replace(state=state, missing=tuple(dict.fromkeys((*missing, *finding.missing))))

    return evaluate


def _judgement(criterion: Criterion) -> Callable[[Case], Finding]:
    def evaluate(case: Case) -> Finding:
        entry = case.judgements.get(criterion.id) if criterion.role != "text" else None
        state: State = "unknown" if entry is None else "met" if entry.met else "unmet"
        return Finding(criterion, state, judgement=entry)

    return evaluate


def _tested(criterion: Criterion) -> Callable[[Case], Finding]:
    assert criterion.test is not None
    test, figures = compile_condition(criterion.test), _Figures(criterion.test)

    timeless, names = figures.timeless, figures.names

    def evaluate(case: Case) -> Finding:
        frame = case.own
        outcomes: list[Outcome] = []
        truth = test(frame.situation, outcomes)
        missing: tuple[str, ...] = ()
        if truth is None:
            if not timeless and (other := figures.frame(case)) is not None:
                frame, outcomes = other, []
                truth = test(frame.situation, outcomes)
            if truth is None:
                missing = _missing(outcomes, frame)
        basis = () if timeless and frame.ranged.isdisjoint(names) else figures.basis(frame)
        return Finding(criterion, STATES[truth], tuple(outcomes), basis, missing, frame.base_year)

    return evaluate


# ---- scoring


def _scored(criterion: Criterion) -> Callable[[Case], Finding]:
    scoring = criterion.scoring
    assert scoring is not None
    items = tuple(_item(item) for item in scoring.items)
    judged = _judgement(criterion)

    def evaluate(case: Case) -> Finding:
        score = total(scoring, tuple([item(case) for item in items]))
        state = STATES[score.truth]
        if state == "unknown" and (recorded := judged(case)).judgement:
            return recorded._replace(score=score)
        missing: tuple[str, ...] = ()
        if state == "unknown":
            missing = tuple(dict.fromkeys([name for item in score.items for name in item.missing]))
        basis = tuple(dict.fromkeys([name for item in score.items for name in item.basis]))
        return Finding(criterion, state, basis=basis, missing=missing, score=score)

    return evaluate


def total(scoring: Scoring, items: tuple[ItemScore, ...]) -> Score:
    """Return the interval of a scoring from its items' intervals; a part is capped at its full marks."""
    parts = []
    for part in scoring.parts:
        of_part = [score for score in items if score.item.part == part.name]
        low, high = sum([score.low for score in of_part]), sum([score.high for score in of_part])
        parts.append(PartScore(part, min(part.full, low), min(part.full, high)))
    low, high = sum([one.low for one in parts or items]), sum([one.high for one in parts or items])
    return Score(scoring, low, high, tuple(parts), items)


Points = tuple[Number, Number, bool]  # least, most, decided
ReadPoints = Callable[[Frame, list[Outcome]], Points]


def _item(item: Item) -> Callable[[Case], ItemScore]:
    if item.open:
        return lambda _: ItemScore(item, 0, item.most)
    if item.formula is not None:
        figures, read = _Figures(item.formula), _formula_points(item, item.formula)
    else:
        figures = _Figures(tree.All(tuple(tier.test for tier in item.tiers if tier.test)))
        read = _tier_points(item)

    def evaluate(case: Case) -> ItemScore:
        frame = case.own
        outcomes: list[Outcome] = []
        low, high, decided = read(frame, outcomes)
        if not decided and (other := figures.frame(case)) is not None:
            frame, outcomes = other, []
            low, high, decided = read(frame, outcomes)
        missing = () if decided else _missing(outcomes, frame)
        return ItemScore(item, low, high, tuple(outcomes), figures.basis(frame), missing)

    return evaluate


def _tier_points(item: Item) -> ReadPoints:
    """Read the first tier that holds; where one is open, all that may still hold."""
    tests = tuple((compile_condition(tier.test) if tier.test else None, tier.points) for tier in item.tiers)
    quick = _ladder(item)

    def read(frame: Frame, out: list[Outcome]) -> Points:
        if quick is not None and (found := quick(frame, out)) is not None:
            return found
        possible = []
        for test, given in tests:
            truth = True if test is None else test(frame.situation, out)
            if truth is not False:
                possible.append(given)
            if truth is True:
                break
        return min([low for low, _ in possible]), max([high for _, high in possible]), len(possible) == 1

    return read


def _ladder(item: Item) -> Callable[[Frame, list[Outcome]], Points | None] | None:
    """Return a reader for tiers over one quotient of whole numbers, which is read once for all tiers."""
    if not isinstance(item.value, tree.Ratio):
        return None
    over, under = compile_value(item.value.over), compile_value(item.value.under)
    steps = []
    for tier in item.tiers[:-1]:
        if not isinstance(tier.test, tree.Compare) or not isinstance(tier.test.right, tree.Const):
            return None
        p, q = Fraction(tier.test.right.value).as_integer_ratio()
        steps.append((OPERATORS[tier.test.op], p, q, tier))
    last = item.tiers[-1]

    def read(frame: Frame, out: list[Outcome]) -> Points | None:
        a, b = over(frame.situation), under(frame.situation)
        if a.__class__ is not int or b.__class__ is not int or b <= 0:
            return None
        for holds, p, q, tier in steps:
            if holds(a * q, p * b):
                out.append(Outcome(tier.test, truth=True, actual=(a, b), missing=()))  # type: ignore[arg-type]  # steps have tests
                return *tier.points, True
        if steps:
            out.append(Outcome(steps[-1][3].test, truth=False, actual=(a, b), missing=()))  # type: ignore[arg-type]  # steps have tests
        return (*last.points, True)

    return read


def _formula_points(item: Item, formula: tree.Value) -> ReadPoints:
    value: Read = compile_value(formula)
    names = tuple(key(figure) for figure in tree.figures(formula))

    def read(frame: Frame, out: list[Outcome]) -> Points:
        found = value(frame.situation)
        low, high = (0, item.most) if found is None else bounds(found)
        if low != high:
            values = frame.situation.values
            unknown = tuple([n for n in names if values.get(n) is None or isinstance(values[n], Range)])
            out.append(Outcome(tree.All(()), None, None, unknown))
        return max(0, min(low, item.most)), max(0, min(high, item.most)), low == high

    return read
