"""A question is a fact whose answer can still change a verdict.

An open tree can still become met, or unmet. For either *side* the findings say which facts take part in it, what the
fewest answers are that could bring it about, and which answer could do it alone. What is decided is not looked into.
Experts' judgements can still go either way but rest on no fact; a text that is not available, and a fact that the
company was asked for and does not know, stay open for good.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from assistant.company.derive import SIZES
from assistant.logic import tree
from assistant.logic.scalar import Outcome, Test, compile_condition
from assistant.logic.truth import Truth, all_of, any_of, at_least, negate
from assistant.matching.evaluation import TRUTHS
from assistant.matching.findings import Finding, FindingNode, GroupFinding, ItemScore, Score
from assistant.matching.match import Match
from assistant.matching.reach import (
    EXPERTS,
    STUCK,
    SURE,
    Reach,
    Side,
    either,
    every,
    fact_of,
    side_of,
    some,
    waiting_for,
)
from assistant.matching.situation import Frame, Frames
from assistant.matching.turning import Choice, Spread, is_passed, turning
from assistant.units import Number

EXCLUDED, FLAG, OTHER = 30_000, 300_000, 500_000
"""How often an exclusion, a yes-or-no, any other test is failed: our estimates, they only order questions."""

_SIZE = "size_class"
_LATER = "?"  # in front of what stands for questions still to come


class Bearing(NamedTuple):
    """What bears on a verdict that is open.

    *names* are asked, in the rule's order, *facts* the same whatever the years. *fewest* is how many answers could
    settle it favourably (experts aside), *ways* the facts of the shortest ways. *fails* are the facts whose answer
    alone could settle it unfavourably, with the chance, *shares* those that could with another answer to the same
    test, with their share of the chance. *more*: an answer to come will tell what else to ask.
    """

    names: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    fewest: int = 0
    ways: frozenset[str] = frozenset()
    fails: Mapping[str, int] = {}
    shares: Mapping[str, int] = {}
    more: bool = False


NOTHING = Bearing()


def bearing(match: Match, frames: Frames) -> Bearing:
    """Return what bears on the verdict of *match*, read in *frames*: nothing where it is decided."""
    if match.verdict != "undetermined":
        return NOTHING
    sight = _Sight(frames)
    reaches = [sight.asked((name,), EXCLUDED) for name in match.missing]
    if match.tree is not None and match.tree.state == "unknown":
        reaches.append(sight.reach(match.tree))
    return _bearing(reaches)


def bearing_after_gaps(match: Match, frames: Frames) -> Bearing:
    """Return what decides whether closing all gaps of a failed *match* would be enough."""
    if match.verdict != "ineligible" or match.tree is None:
        return NOTHING
    sight = _Sight(frames)
    reaches = [sight.asked((name,), EXCLUDED) for name in match.missing]
    return _bearing([*reaches, *map(sight.reach, _beside_gaps(match.tree))])


def _bearing(reaches: Sequence[Reach]) -> Bearing:
    if not reaches:
        return NOTHING
    met, unmet = every(reaches)
    names = {**(unmet.names if unmet else {}), **(met.names if met else {})}
    asked = tuple([name for name in names if name[0] != _LATER])
    facts = dict.fromkeys(map(fact_of, asked))
    way, ways = (met.way, met.ways) if met and met.way else (frozenset(facts), frozenset(facts))
    more = len(asked) < len(names) or any(fact[0] == _LATER for fact in way)
    alone, shared = (unmet.alone, unmet.shared) if unmet else ({}, {})
    return Bearing(asked, tuple(facts), len(way), ways, alone, shared, more)


def is_judged(finding: Finding, frames: Frames) -> bool:
    """Tell whether experts alone can settle an open criterion: no answer of the company bears on it."""
    if finding.criterion.role != "judgement" and finding.score is None:
        return False
    reach = _Sight(frames).reach(finding)
    return reach != STUCK and not any(side.names for side in reach if side)


def _beside_gaps(node: FindingNode) -> Iterator[FindingNode]:
    """Yield the open parts that stand beside the gaps: all of them must be met too."""
    if node.state == "unknown":
        yield node
    elif isinstance(node, GroupFinding) and node.state == "unmet" and node.group.how == "all":
        for member in node.members:
            yield from _beside_gaps(member)


@cache
def _test(condition: tree.Condition) -> tuple[Test, bool]:
    return compile_condition(condition), any(figure.offset is not None for figure in tree.figures(condition))


# ---- reading the findings


class _Sight:
    """The findings of one company, seen with what it was asked and does not know."""

    def __init__(self, frames: Frames) -> None:
        self.own = frames.own
        self.stand_in = frames.stand_in
        self.not_known = frames.company.not_known
        self.guards: dict[tree.Condition, tuple[Reach | None, str]] = {}

    def frame(self, base_year: int) -> Frame:
        return self.stand_in if self.stand_in and self.stand_in.base_year == base_year else self.own

    def is_stuck(self, name: str) -> bool:
        return name in self.not_known or ("." in name and name.partition(".")[0] in self.not_known)

    def asked(self, names: tuple[str, ...], against: int) -> Reach:
        """Return the reach of what waits for all of *names*."""
        if not names or (self.not_known and any(map(self.is_stuck, names))):
            return STUCK
        return waiting_for(names, against)

    def reach(self, node: FindingNode) -> Reach:
        """Return how an open node can still go."""
        if isinstance(node, Finding):
            truth, inner = self.leaf(node)
            when, strict = node.criterion.when, node.criterion.role == "fast-track"
        else:
            truth, inner = self.group(node)
            when, strict = node.group.when, False
        return inner if when is None else self.guarded(when, truth, inner, strict=strict)

    def guarded(self, when: tree.Condition, truth: Truth, inner: Reach, *, strict: bool) -> Reach:
        """Return the reach of what only counts where *when* holds: there its own, elsewhere it is met (or no way)."""
        guard, later = self.guards.get(when) or self.guards.setdefault(when, self.guard(when))
        if guard is None:
            return inner
        if strict:
            if truth is False:
                return Reach(None, either([guard, guard.opposite]).met)  # no way whether it applies or not
            return guard if truth or guard == STUCK else every([guard, inner])
        if truth is False:
            return guard.opposite
        whole = either([guard.opposite, inner])
        if whole.met is None or guard.met is None:
            return whole
        first = guard.met.way | {later}
        return whole._replace(met=whole.met._replace(way=first, ways=first))

    def guard(self, when: tree.Condition) -> tuple[Reach | None, str]:
        """Return the reach of an open guard (None: decided) and what stands for the questions behind it."""
        test, yearly = _test(when)
        frame, outcomes = self.own, list[Outcome]()
        applies = test(frame.situation, outcomes)
        if applies is None and yearly and self.stand_in:
            frame, outcomes = self.stand_in, []
            applies = test(frame.situation, outcomes)
        reach = self.condition(when, iter(outcomes), frame, FLAG)[1] if applies is None else None
        return reach, f"{_LATER}{len(self.guards)}"

    def group(self, node: GroupFinding) -> tuple[Truth, Reach]:
        how = node.group.how
        counted = [one for one in node.members if how == "all" or one.state != "not-applicable"]
        truths = [TRUTHS[one.state] for one in counted]
        if how == "at-least":
            truth = at_least(node.group.n, truths)
        else:
            truth = all_of(truths) if how == "all" else any_of(truths)
        if truth is not None:
            return truth, STUCK
        reaches = [self.reach(one) for one in counted if one.state == "unknown"]
        if how == "all":
            return None, every(reaches)
        if how == "any":
            return None, either(reaches)
        wanted = node.group.n - truths.count(True)
        met = some([one.met for one in reaches], wanted)
        return None, Reach(met, some([one.unmet for one in reaches], len(reaches) - wanted + 1))

    def leaf(self, finding: Finding) -> tuple[Truth, Reach]:
        criterion = finding.criterion
        if finding.judgement is not None:
            return finding.judgement.met, STUCK
        if criterion.test is not None:
            against = EXCLUDED if criterion.role == "exclusion" else FLAG
            frame = self.frame(finding.base_year)
            truth, reach = self.condition(criterion.test, iter(finding.outcomes), frame, against)
            return truth, reach
        if finding.score is not None:
            truth = finding.score.truth
            return truth, self.score(finding.score) if truth is None else STUCK
        return None, STUCK if criterion.role == "text" else EXPERTS

    def condition(
        self, node: tree.Condition, outcomes: Iterator[Outcome], frame: Frame, against: int, *, negated: bool = False
    ) -> tuple[Truth, Reach]:
        """Return the truth of a condition and its reach, from the *outcomes* that its evaluation left in order."""
        if isinstance(node, tree.All | tree.Any):
            found = [self.condition(part, outcomes, frame, against, negated=negated) for part in node.parts]
            combine, join = (all_of, every) if isinstance(node, tree.All) else (any_of, either)
            truth = combine([one for one, _ in found])
            return truth, STUCK if truth is not None else join([reach for one, reach in found if one is None])
        if isinstance(node, tree.Not):
            truth, reach = self.condition(node.part, outcomes, frame, against, negated=not negated)
            return negate(truth), reach.opposite
        if isinstance(node, tree.KindIs):
            return frame.situation.kind == node.kind, STUCK
        outcome = next(outcomes)
        truth = negate(outcome.truth) if negated else outcome.truth
        if truth is not None:
            return truth, STUCK
        if _SIZE in outcome.missing:
            return None, self.size(node, frame)
        chance = against if against == EXCLUDED or isinstance(node, tree.Is) else OTHER
        return None, self.asked(frame.wanted(outcome.missing), SURE - chance if negated else chance)

    def size(self, node: tree.Condition, frame: Frame) -> Reach:
        """Return the reach of a size class: each figure alone can lower it, only all together can confirm it."""
        names = frame.wanted((_SIZE,))
        if names == ("industry",):
            return self.asked(("industry", _LATER + _SIZE), OTHER)
        known = [reach for name in names if (reach := self.asked((name,), OTHER)) != STUCK]
        if not known:
            return STUCK
        lower = either(known)
        reach = Reach(lower.met, lower.unmet if len(known) == len(names) else None)
        smallest = isinstance(node, tree.Member) and SIZES[0] in node.values
        return reach if smallest else reach.opposite

    # ---- scorings

    def score(self, score: Score) -> Reach:
        spreads = [self.item(one) for one in score.items]
        turns = turning(score, spreads)
        met, unmet = _turned(spreads, turns.passes), _turned(spreads, turns.fails)
        way = _fewest(score, spreads)
        if met and way and way < met.way:
            met = met._replace(way=way, ways=way)
        return Reach(met, unmet)

    def item(self, one: ItemScore) -> Spread:
        """Return what an item's points can still become, and by which answers."""
        low, high = one.low, one.high
        if one.item.open:
            return Spread((low, high), (low, high), steady=True)
        if one.item.formula is None:
            return self.tiers(one)
        names = tuple(name for name in one.missing if not self.is_stuck(name))
        if not names:
            return Spread((low,), (high,))
        return Spread((low, high), (low, high), (Choice(names, (low, high), (low, high), high),), steady=True)

    def tiers(self, one: ItemScore) -> Spread:
        """Read the tiers again: each open one is a choice between its points and what comes after it."""
        if not one.missing:
            return Spread((one.low,), (one.high,))
        frame = self.stand_in if self.stand_in and f"stand-in:{self.stand_in.base_year}" in one.basis else self.own
        outcomes = iter(one.outcomes)
        stuck: list[tuple[Number, Number]] = []  # what remains possible for good
        ends: list[tuple[tuple[str, ...], Number, Number]] = []
        for tier in one.item.tiers:
            truth, reach = (True, STUCK) if tier.test is None else self.condition(tier.test, outcomes, frame, FLAG)
            if truth is None and reach == STUCK:
                stuck.append(tier.points)
            elif truth is not False:
                names = tuple(dict.fromkeys(name for side in reach if side for name in side.names))
                low = min(least for least, _ in (*stuck, tier.points))
                ends.append((names, low, max(most for _, most in (*stuck, tier.points))))
                if truth:
                    break
        rises, sinks = [low for _, low, _ in ends], [high for _, _, high in ends]
        choices = tuple(
            Choice(names, (min(rises[place:]), max(rises[place:])), (min(sinks[place:]), max(sinks[place:])), low)
            for place, (names, low, _) in enumerate(ends)
            if names
        )
        steady = any(tier.points[0] != tier.points[1] for tier in one.item.tiers)
        return Spread(tuple(rises), tuple(sinks), choices, steady=steady)


def _turned(spreads: Sequence[Spread], choices: frozenset[tuple[int, int]] | None) -> Side | None:
    if choices is None:
        return None
    side = side_of([name for place, number in sorted(choices) for name in spreads[place].choices[number].names], OTHER)
    if side.alone and any(spread.steady for spread in spreads):
        return side._replace(alone={}, shared=side.alone)  # experts have a say too
    return side


def _fewest(score: Score, spreads: Sequence[Spread]) -> frozenset[str]:
    """Return few facts whose best answers could pass the score, a greedy choice; empty where experts must help."""
    points = [one.low for one in score.items]
    best = [max(spread.choices, key=lambda choice: choice.best, default=None) for spread in spreads]
    gains = [(choice.best - points[place], -len(choice.names), -place) for place, choice in enumerate(best) if choice]
    chosen: list[Choice] = []
    for gain, _, place in sorted(gains, reverse=True):
        choice = best[-place]
        if gain <= 0 or choice is None or is_passed(score, points):
            break
        points[-place] = choice.best
        chosen.append(choice)
    return (
        frozenset(fact_of(name) for choice in chosen for name in choice.names)
        if is_passed(score, points)
        else frozenset()
    )
