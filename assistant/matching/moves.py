"""A move is the least change of one fact that makes a failed condition hold, all else unchanged.

A condition is read by the same closures that judge it: the least amount is searched with the test itself, so a
move lands exactly on the threshold. What cannot be moved is told as a block, with what stands in the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from assistant.company.facts import Dictionary, FactSpec, Lever
from assistant.logic import tree
from assistant.logic.scalar import Read, Situation, Test, compile_condition, compile_value, key
from assistant.logic.values import Quantity, bounds
from assistant.matching.levels import least_level, margin_of, spec_step
from assistant.units import Number, exact

MoveKind = Literal["figure", "fact", "entry", "recognition", "score", "judgement"]
BlockKind = Literal["fixed", "closed-year", "time", "lead", "held", "amount", "text"]

WHOLE = 1_000_000  # the effort of changing something altogether, in millionths
UNPLANNED = 10  # an award or a contest is not planned for: any other way comes first
_FLIPPED: Mapping[tree.Comparator, tree.Comparator] = {
    ">=": "<", ">": "<=", "<=": ">", "<": ">=", "==": "!=", "!=": "==",
}  # fmt: skip


class Move(NamedTuple):
    """One thing to change: a figure of the fiscal *year*, a fact, an entry of a list, a recognition, a score.

    *target* is the value to reach and *actual* the value now, in base units (for an entry: the number or total asked
    for). *effort* is the factor of the change less one in millionths, rounded up: it only ranks. *entry* is a list
    entry that would count. *late*: it takes longer than there is until applications close.
    """

    kind: MoveKind
    name: str
    year: int | None
    target: Any
    actual: Any
    lever: Lever
    lead_days: int = 0
    effort: int = WHOLE
    rising: bool = True
    entry: tuple[tuple[str, Any], ...] = ()
    late: bool = False

    @property
    def subject(self) -> tuple[MoveKind, str, int | None]:
        """What is moved: two moves of one subject are one thing to do."""
        return self.kind, self.name, self.year


class Block(NamedTuple):
    """What stands in the way of a move: its kind, the fact, and the year, days or recognition it is about."""

    kind: BlockKind
    name: str
    detail: Any = None


class Way(NamedTuple):
    """The moves that make a condition hold, and what blocks them; without either it holds or is open."""

    moves: tuple[Move, ...] = ()
    blocks: tuple[Block, ...] = ()

    @property
    def effort(self) -> int:
        """The summed effort."""
        return sum(move.effort for move in self.moves)

    @property
    def cost(self) -> tuple[int, int, int]:
        """What ranks ways inside a criterion: fewest blocks, fewest moves, least effort."""
        return self.hindrances, len(self.moves), self.effort

    @property
    def hindrances(self) -> int:
        """How many things keep it from being carried out in time."""
        return len(self.blocks) + sum(move.late for move in self.moves)


CLEAR = Way()


@dataclass(frozen=True, slots=True)
class Ground:
    """What a move stands on: the situation, the day it is planned on, the dictionary."""

    situation: Situation
    on: date
    dictionary: Dictionary

    @property
    def deadline(self) -> date:
        """The last day on which the application may be made."""
        return self.situation.applied.latest

    def with_values(self, changed: Mapping[str, Any]) -> Ground:
        """Return the ground with some values in another place."""
        return replace(self, situation=replace(self.situation, values={**self.situation.values, **changed}))


def way_to(node: tree.Condition, ground: Ground) -> Way:
    """Return the cheapest moves that make *node* hold; nothing where it holds or is open already."""
    if compile_condition(node)(ground.situation, []) is not False:
        return CLEAR
    match node:
        case tree.All(parts):
            return joined(way_to(part, ground) for part in parts)
        case tree.Any(parts):
            return min((way_to(part, ground) for part in parts), key=lambda way: way.cost)
        case tree.Not(part):
            return _way_from(part, ground)
        case tree.Compare():
            return _amount(node, ground)
        case tree.Is(figure):
            return _set(figure, value=True, ground=ground)
        case tree.Member(figure, values):
            return _choose(figure, values, ground)
        case tree.Holds(ids):
            return Way((Move("recognition", ids[0], None, ids, None, "slow"),))
        case _:
            return Way((), (Block("fixed", ""),))


def _way_from(node: tree.Condition, ground: Ground) -> Way:
    """Return the moves that make *node* fail."""
    match node:
        case tree.Not(part):
            return way_to(part, ground)
        case tree.All(parts):
            return way_to(tree.Any(tuple(tree.Not(part) for part in parts)), ground)
        case tree.Any(parts):
            return way_to(tree.All(tuple(tree.Not(part) for part in parts)), ground)
        case tree.Compare(op, left, right):
            return way_to(tree.Compare(_FLIPPED[op], left, right), ground)
        case tree.Is(figure):
            return _set(figure, value=False, ground=ground)
        case tree.Member(figure, values):
            spec = ground.dictionary.spec(figure.name)
            return _choose(figure, tuple(choice for choice in spec.choices if choice not in values), ground)
        case tree.Holds(ids):
            held = next(id_ for id_ in ids if ground.situation.held and ground.situation.held.get(id_))
            return Way((), (Block("held", held),))
        case _:
            return Way((), (Block("fixed", ""),))


def joined(ways: Iterable[Way]) -> Way:
    """Return several ways as one: moves of one subject go as far as the furthest."""
    moves: dict[object, Move] = {}
    blocks: dict[Block, None] = {}
    for way in ways:
        for move in way.moves:
            known = moves.get(move.subject)
            moves[move.subject] = move if known is None else further(known, move)
        blocks.update(dict.fromkeys(way.blocks))
    return Way(tuple(moves.values()), tuple(blocks))


def further(one: Move, other: Move) -> Move:
    """Return the move of one subject that goes further; a change of direction is the later one's."""
    if one.kind in ("figure", "fact", "entry", "score") and _is_number(one.target) and _is_number(other.target):
        if one.rising != other.rising:
            return other
        return max(one, other, key=lambda move: move.target if move.rising else -move.target)
    return other


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Fraction) and not isinstance(value, bool)


# ---- facts that are no numbers


def _blocked(spec: FactSpec) -> Block | None:
    """Return why a fact cannot be changed; None where it can."""
    if spec.lever == "none":
        return Block("fixed", spec.name)
    if spec.lever == "time":
        return Block("time", spec.name, spec.fades)
    return None


def _is_late(spec: FactSpec, ground: Ground) -> bool:
    return ground.on + timedelta(days=spec.lead_days) > ground.deadline


def _set(figure: tree.Figure, *, value: Any, ground: Ground, effort: int = WHOLE) -> Way:
    spec = ground.dictionary.spec(figure.name)
    if block := _blocked(spec):
        return Way((), (block,))
    actual = ground.situation.values.get(key(figure))
    late = _is_late(spec, ground)
    return Way((Move("fact", spec.name, None, value, actual, spec.lever, spec.lead_days, effort, late=late),))


def _choose(figure: tree.Figure, values: Sequence[str], ground: Ground) -> Way:
    """Return the nearest choice: the lowest sufficient one of an ordered fact, else the first written."""
    spec = ground.dictionary.facts[figure.name]
    order = list(spec.choices)
    if not values or spec.kind != "choice":
        return Way((), (Block("fixed", spec.name),))
    actual = ground.situation.values.get(key(figure))
    if spec.ordered and actual in order:
        value = min(values, key=lambda one: abs(order.index(one) - order.index(actual)))
        return _set(figure, value=value, ground=ground, effort=WHOLE * abs(order.index(value) - order.index(actual)))
    value = min(values, key=order.index) if set(values) <= {*order} else values[0]
    chosen = (*actual, value) if spec.multiple and isinstance(actual, tuple) else value
    return _set(figure, value=chosen, ground=ground)


# ---- amounts


def _amount(node: tree.Compare, ground: Ground) -> Way:
    """Return the move of one fact that makes a failed comparison hold: the divided before the divisor."""
    if scores := tree.platform_scores(node):
        return _score(node, scores[0], ground)
    parts = list(tree.walk(node))
    if tally := next((part for part in parts if isinstance(part, tree.Tally)), None):
        return _entries(node, tally, ground)
    if counted := next((part for part in parts if isinstance(part, tree.CountTrue)), None):
        return _counted(node, counted, ground)
    if elapsed := next((part for part in parts if isinstance(part, tree.Elapsed)), None):
        return Way((), (Block("time", elapsed.name),))
    test, figures, margin = compile_condition(node), tree.figures(node), margin_of(node)
    blocks: list[Block] = []
    for name in dict.fromkeys(figure.name for figure in figures):
        found = figure_moves(figures, test, name, ground, margin)
        moves = tuple(one for one in found if isinstance(one, Move))
        if moves:
            return Way(moves)
        blocks += [one for one in found if isinstance(one, Block)]
    return Way((), (blocks[0] if blocks else Block("fixed", ""),))


def figure_moves(
    figures: Sequence[tree.Figure], test: Test, name: str, ground: Ground, margin: Read | None = None
) -> tuple[Move, ...] | tuple[Block]:
    """Return the moves of the fact *name* (one per open year) that make *test* hold, or what blocks them.

    The open years are brought to one level; where that does not help (growth from one open year to the next), only
    the last one moves.
    """
    spec = ground.dictionary.spec(name)
    now = ground.situation
    offsets = sorted(figure.offset for figure in figures if figure.name == name and figure.offset is not None)
    open_ = [offset for offset in offsets if now.cycle + offset >= ground.on.year]
    if offsets and not open_:
        return (Block("closed-year", name, now.cycle + offsets[-1]),)
    if not offsets and (block := _blocked(spec)):
        return (block,)
    if spec.lever == "none" or not spec.numeric:
        return (Block("fixed", name),)
    keys = [key(tree.Figure(name, offset)) for offset in open_] or [name]
    either = spec.kind == "count" and not spec.yearly and spec.lever == "own"
    for moved in [keys, keys[-1:]] if len(keys) > 1 else [keys]:
        for rising in (not spec.less, spec.less) if either else (not spec.less,):
            level = least_level(test, moved, now, spec, rising=rising, margin=margin)
            if level is not None:
                short = [one for one in moved if _falls_short(now.values.get(one), level, rising=rising)]
                return tuple(_moved(spec, one, level, ground, rising=rising) for one in short)
    return (Block("amount", name),)


def _falls_short(now: Quantity, level: Number, *, rising: bool) -> bool:
    if now is None:
        return True
    low, high = bounds(now)
    return high < level if rising else low > level


def _moved(spec: FactSpec, name: str, level: Number, ground: Ground, *, rising: bool) -> Move:
    actual = ground.situation.values.get(name)
    near: Number = 0 if actual is None else bounds(actual)[1 if rising else 0]
    effort = abs(Fraction(level) - Fraction(near)) / (abs(Fraction(near if rising else level)) or spec_step(spec))
    year = ground.situation.cycle - int(name[-2]) if name.endswith("]") else None
    return Move(
        "figure" if year is not None else "fact",
        spec.name,
        year,
        level,
        actual,
        spec.lever,
        0 if year is not None else spec.lead_days,
        -(-effort.numerator * WHOLE // effort.denominator),
        rising,
        late=year is None and _is_late(spec, ground),
    )


def _score(node: tree.Compare, score: tree.PlatformScore, ground: Ground) -> Way:
    """Return the score that an official platform must show: it can be worked for, never set."""
    cycle = ground.situation.cycle + score.offset
    actual = ground.situation.scores.get((score.id, cycle))
    if cycle < ground.on.year or not isinstance(node.right, tree.Const):
        return Way((), (Block("closed-year", f"platform_scores.{score.id}", cycle),))
    target = node.right.value
    near = 0 if actual is None else bounds(actual)[1]
    effort = Fraction(target - near) / (near or target)
    move = Move(
        "score", score.id, cycle, target, actual, "platform", 0, -(-effort.numerator * WHOLE // effort.denominator)
    )
    return Way((move,))


def _counted(node: tree.Compare, counted: tree.CountTrue, ground: Ground) -> Way:
    """Return the cheapest conditions to make true until so many hold."""
    now = ground.situation
    test = compile_condition(node)
    options = sorted(
        (way for arg in counted.args if (way := way_to(arg, ground)).moves or way.blocks), key=lambda way: way.cost
    )
    chosen: list[Way] = []
    for option in options:
        chosen.append(option)
        if test(replace(now, values={**now.values, **values_of(joined(chosen).moves, ground)}), []) is not False:
            return joined(chosen)
    return Way((), (Block("amount", next(iter(tree.figures(counted)), tree.Figure("")).name),))


def _entries(node: tree.Compare, tally: tree.Tally, ground: Ground) -> Way:
    """Return the entry that a list still needs: what would count, dated as the applications open."""
    spec = ground.dictionary.spec(tally.name)
    if block := _blocked(spec):
        return Way((), (block,))
    if node.op not in (">=", ">") or not isinstance(node.right, tree.Const) or node.left is not tally:
        return Way((), (Block("amount", tally.name),))
    now = compile_value(tally)(ground.situation)
    near = 0 if now is None else bounds(now)[1]
    target: Number = exact(Fraction(node.right.value)) + (1 if node.op == ">" else 0)
    fields = {"date": max(ground.on, ground.situation.applied.earliest)} if "date" in spec.fields else {}
    entry: dict[str, Any] = {**fields, **(_fitting(tally.where) if tally.where else {})}
    unplanned = UNPLANNED if tally.field is None else 1
    if tally.field is not None:
        entry[tally.field] = exact(Fraction(target) - near)
    effort = (Fraction(target) - near) / Fraction(near or target)
    move = Move(
        "entry", tally.name, None, target, near, spec.lever, spec.lead_days,
        max(-(-effort.numerator * WHOLE // effort.denominator), 1) * unplanned, entry=tuple(entry.items()),
        late=_is_late(spec, ground),
    )  # fmt: skip
    return Way((move,))


def _fitting(node: tree.Condition) -> dict[str, Any]:
    """Return field values that fulfil the `where` of a list: the bounds and first choices that it names."""
    match node:
        case tree.All(parts):
            return {name: value for part in parts for name, value in _fitting(part).items()}
        case tree.Any(parts):
            return _fitting(parts[0])
        case tree.Compare(op, tree.Figure(name), tree.Const(value)) if op in (">=", "<=", "=="):
            return {name: value}
        case tree.Member(tree.Figure(name), values):
            return {name: values[0]}
        case tree.Is(tree.Figure(name)):
            return {name: True}
        case _:
            return {}


def values_of(moves: Sequence[Move], ground: Ground) -> dict[str, Any]:
    """Return the situation's values that *moves* bring about; recognitions, scores and judgements are none."""
    changed: dict[str, Any] = {}
    for move in moves:
        match move.kind:
            case "figure":
                assert move.year is not None
                changed[f"{move.name}[{move.year - ground.situation.cycle}]"] = move.target
            case "fact":
                changed[move.name] = move.target
            case "entry":
                count = 1 if dict(move.entry).get("amount") is not None else move.target - move.actual
                listed = ground.situation.values.get(move.name) or ()
                changed[move.name] = (*listed, *(dict(move.entry) for _ in range(int(count))))
    return changed
