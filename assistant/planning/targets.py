"""A target is what a figure of the year not closed yet must show on closing day for a project.

It is read off the same tree: the level at which a comparison that must hold just holds, the other figures as the
company expects them. Targets of one figure that no level can meet together are in conflict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from assistant.logic import tree
from assistant.logic.scalar import compile_condition, key
from assistant.logic.values import Quantity, bounds
from assistant.matching.findings import Finding, FindingNode
from assistant.matching.levels import least_level, margin_of
from assistant.matching.moves import Ground
from assistant.planning.prospect import Prospect
from assistant.rulebook.requirement import Criterion
from assistant.units import Number, exact


@dataclass(frozen=True, slots=True)
class Given:
    """Another figure that a target rests on; *assumed*: the last known figure stands in for it."""

    fact: str
    year: int
    value: Quantity
    assumed: bool


@dataclass(frozen=True, slots=True)
class Target:
    """What *fact* of *year* must show for a criterion of a project: at least (*rising*) or at most *level*.

    *expected* is the company's estimate; *assumed*: there is none, the last known figure stands in. *beyond*: the rule
    asks for more than a round figure, of which *level* is the next step.
    """

    project: str
    criterion: Criterion
    fact: str
    year: int
    level: Number
    rising: bool
    expected: Quantity
    assumed: bool
    given: tuple[Given, ...] = ()
    beyond: bool = False

    @property
    def short_by(self) -> Number:
        """By how much the expected figure misses the level; 0 where it does not."""
        if self.expected is None:
            return 0
        low, high = bounds(self.expected)
        return max(0, exact(Fraction(self.level) - low) if self.rising else exact(Fraction(high) - self.level))


@dataclass(frozen=True, slots=True)
class Aim:
    """One figure of one year with all its targets, the hardest first; *level* meets all that pull the same way."""

    fact: str
    year: int
    expected: Quantity
    assumed: bool
    targets: tuple[Target, ...]

    @property
    def least(self) -> Number | None:
        """The level that meets every target from below."""
        return max((one.level for one in self.targets if one.rising), default=None)

    @property
    def most(self) -> Number | None:
        """The level that no target lets it exceed."""
        return min((one.level for one in self.targets if not one.rising), default=None)

    @property
    def in_conflict(self) -> bool:
        """Tell whether no level meets all targets."""
        return self.least is not None and self.most is not None and self.least > self.most

    @property
    def short_by(self) -> Number:
        """The largest shortfall."""
        return max(one.short_by for one in self.targets)


def aims(prospects: Iterable[Prospect]) -> tuple[Aim, ...]:
    """Return this year's figures with their targets for the *prospects*: those that fall short first."""
    found: dict[tuple[str, int], list[Target]] = {}
    for prospect in prospects:
        for target in targets(prospect):
            found.setdefault((target.fact, target.year), []).append(target)
    listed = [
        Aim(fact, year, some[0].expected, some[0].assumed, tuple(sorted(some, key=_hardest)))
        for (fact, year), some in found.items()
    ]
    return tuple(sorted(listed, key=lambda aim: (not aim.in_conflict, aim.short_by == 0, -len(aim.targets), aim.fact)))


def _hardest(target: Target) -> tuple[Number, str]:
    return (-target.level if target.rising else target.level), target.project


def targets(prospect: Prospect) -> Iterator[Target]:
    """Yield what the open years must show for *prospect*; none where it cannot be won in its cycle."""
    remedies, remedy = prospect.remedies, prospect.remedy
    if remedies is None or remedy is None or not remedy.stands:
        return
    ground = remedies.standing(remedy.moves)
    open_years = range(ground.on.year, ground.situation.cycle)
    if not open_years:
        return
    best: dict[tuple[str, int, bool], Target] = {}
    for finding in _needed(remedies.tree(ground, remedy.moves)):
        for target in _of_criterion(prospect, finding, ground):
            name = (target.fact, target.year, target.rising)
            if name not in best or _hardest(target) < _hardest(best[name]):
                best[name] = target
    yield from best.values()


def _needed(node: FindingNode) -> Iterator[Finding]:
    """Yield the met criteria that *node* stands on: of a choice, as many as it asks for."""
    if node.state != "met" and not (node.state == "unknown" and not isinstance(node, Finding)):
        return
    if isinstance(node, Finding):
        yield node
        return
    members = node.members
    if node.group.how != "all":
        met = [member for member in members if member.state == "met"]
        members = tuple(met[: 1 if node.group.how == "any" else node.group.n])
    for member in members:
        yield from _needed(member)


def _of_criterion(prospect: Prospect, finding: Finding, ground: Ground) -> Iterator[Target]:
    for outcome in finding.outcomes:
        if outcome.truth is True and isinstance(outcome.node, tree.Compare):
            yield from _of_comparison(prospect, finding.criterion, outcome.node, ground)


def _of_comparison(prospect: Prospect, criterion: Criterion, node: tree.Compare, ground: Ground) -> Iterator[Target]:
    """Yield the target of a comparison: of the fact that would be moved for it, in every open year it looks at."""
    cycle, values = ground.situation.cycle, ground.situation.values
    figures = [one for one in tree.figures(node) if one.offset is not None and cycle + one.offset >= ground.on.year]
    for name in dict.fromkeys(one.name for one in figures):
        spec = ground.dictionary.spec(name)
        offsets = [one.offset for one in figures if one.name == name and one.offset is not None]
        keys = [key(tree.Figure(name, offset)) for offset in offsets]
        rising = not spec.less
        beyond = {one: _beyond(values.get(one), rising=rising) for one in keys}
        emptied = replace(ground.situation, values={**values, **beyond})
        test = compile_condition(node)
        if test(emptied, []) is not False:
            continue  # it holds without this figure: nothing to reach
        level = least_level(test, keys, emptied, spec, rising=rising, margin=margin_of(node))
        if level is None:
            continue
        outlook = prospect.horizon.outlook(cycle)
        for offset in offsets:
            year = cycle + offset
            expected = outlook.values.get(key(tree.Figure(name, offset)))
            assumed = (name, year) in outlook.assumed
            yield Target(
                prospect.match.project.id, criterion, name, year, level, rising,
                expected, assumed, tuple(_given(node, name, ground, prospect)), node.op in (">", "<"),
            )  # fmt: skip
        return


def _beyond(now: Quantity, *, rising: bool) -> Number:
    """Return a value from which a figure must surely rise (or fall)."""
    return 0 if rising else (0 if now is None else bounds(now)[1]) * 1000 + 1


def _given(node: tree.Compare, name: str, ground: Ground, prospect: Prospect) -> Iterator[Given]:
    outlook = prospect.horizon.outlook(ground.situation.cycle)
    for figure in tree.figures(node):
        if figure.name != name and figure.offset is not None:
            year = ground.situation.cycle + figure.offset
            yield Given(
                figure.name, year, ground.situation.values.get(key(figure)), (figure.name, year) in outlook.assumed
            )
