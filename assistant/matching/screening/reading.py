"""A reading is one version of a project in columns: the truth of every criterion and group, as `evaluation` has them.

A criterion is read in the cycle's own years or, where these lack figures and leave it open, in the last closed ones.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import NamedTuple

import polars as pl

from assistant.logic import tree
from assistant.logic.column_numbers import fit, rescaled, whole
from assistant.logic.columns import Setting, Uncovered, at_least, condition, either, every, placed, value
from assistant.matching.screening.frame import JUDGEMENT
from assistant.matching.screening.view import View
from assistant.rulebook.requirement import Criterion, Group, Item, Requirement, Scoring
from assistant.units import Number

OPEN = pl.lit(None, dtype=pl.Boolean)
YES, NO = pl.lit(value=True), pl.lit(value=False)


class Found(NamedTuple):
    """The truth of a node (not applicable = true), and where it does not apply (None: it always does)."""

    truth: pl.Expr
    aside: pl.Expr | None = None

    @property
    def unmet(self) -> pl.Expr:
        """Where it failed."""
        return (~self.truth).fill_null(value=False)

    @property
    def way(self) -> pl.Expr:
        """Its truth as one way among others: what does not apply is none."""
        return self.truth if self.aside is None else self.truth & ~self.aside


class Points(NamedTuple):
    """The points of an item or a scoring, in parts of a point; *decided*: nothing is left open (None: for no row)."""

    low: pl.Expr
    high: pl.Expr
    decided: pl.Expr


@dataclass(frozen=True, slots=True)
class Score:
    """A scoring's ends in *parts* of a point, and its truth."""

    low: pl.Expr
    high: pl.Expr
    parts: int
    truth: pl.Expr


class Reading:
    """One project's requirement for one application; *other*: the setting that may stand in."""

    def __init__(self, view: View, project: str, own: Setting, other: Setting | None) -> None:
        """Read in *view* as *own* has it."""
        self.view = view
        self.project = project
        self.own = own
        self.other = other
        self.found: dict[str, Found] = {}
        self.groups: dict[int, Found] = {}
        self.scores: dict[str, Score] = {}

    def read(self, node: Requirement) -> Found:
        """Return what is found of *node*, and note it and all below it."""
        if isinstance(node, Group):
            found = self.groups[id(node)] = self._named(node, self._guarded(node.when, self._group(node), strict=False))
        elif node.id in self.found:
            return self.found[node.id]
        else:
            found = self._guarded(node.when, self._leaf(node), strict=node.role == "fast-track")
            found = self.found[node.id] = self._named(node, found)
        return found

    def _named(self, node: Requirement, found: Found) -> Found:
        key = ("found", self.project, id(node), self.own, self.other)
        aside = found.aside
        return Found(
            self.view.keep(key, lambda: found.truth),
            None if aside is None else self.view.keep((*key, "aside"), lambda: aside),
        )

    def of(self, node: Requirement) -> Found:
        """Return what was found of *node*."""
        return self.found[node.id] if isinstance(node, Criterion) else self.groups[id(node)]

    def _group(self, group: Group) -> pl.Expr:
        members = [self.read(member) for member in group.members]
        match group.how:
            case "all":
                return every([member.truth for member in members])
            case "any":
                return either([member.way for member in members])
            case "at-least":
                return at_least(group.n, [member.way for member in members])

    def _guarded(self, when: tree.Condition | None, truth: pl.Expr, *, strict: bool) -> Found:
        if when is None:
            return Found(truth)
        applies = self.framed(when)
        guarded = ~applies | truth
        if strict:
            guarded = pl.when(applies.is_not_null()).then(guarded)
        return Found(guarded, (~applies).fill_null(value=False))

    def _leaf(self, node: Criterion) -> pl.Expr:
        if node.test is not None:
            return self.framed(node.test)
        judged = f"{JUDGEMENT}.{self.project}.{node.id}"
        recorded = pl.col(judged) if judged in self.view.columns and node.role != "text" else OPEN
        if node.scoring is None:
            return recorded
        score = self.scores[node.id] = self.score(node.scoring)
        return score.truth if recorded is OPEN else pl.coalesce(score.truth, recorded)

    # ---- years

    def lacking(self, node: tree.Node) -> pl.Expr | None:
        """Return where the own years lack a figure that *node* rests on; None where another year cannot stand in."""
        figures = tree.figures(node)
        yearly = [figure for figure in figures if figure.offset is not None]
        sized = any(figure.name == "size_class" for figure in figures)
        if self.other is None or not (yearly or sized):
            return None
        lacks = [self.view.is_lacking(figure, self.own) for figure in yearly]
        if sized:
            lacks.append(self.view.is_size_open(self.own.base))
        return YES if any(map(_always, lacks)) else either(lacks)

    def _key(self, what: str, node: tree.Node) -> Hashable:
        return (what, placed(node, self.own, self.view), self.other and placed(node, self.other, self.view))

    def framed(self, node: tree.Condition) -> pl.Expr:
        """Return the truth of *node* in its own years or, where they leave it open for lack of figures, the last."""
        truth = condition(node, self.own, self.view)
        lacks = self.lacking(node)
        if lacks is None or self.other is None:
            return truth
        other = condition(node, self.other, self.view)
        if lacks is YES and _never(truth):
            return other
        return self.view.keep(self._key("framed", node), lambda: pl.coalesce(truth, pl.when(lacks).then(other)))

    # ---- scoring

    def score(self, scoring: Scoring) -> Score:
        """Return the interval of a scoring; a part is capped at its full marks."""
        parts = lcm(*(Fraction(number).denominator for number in _numbers(scoring)))
        points = {item.id: self.item(item, parts) for item in scoring.items}
        ends: list[tuple[pl.Expr, pl.Expr]] = []
        short, sure = [], []
        for part in scoring.parts:
            inside = [points[item.id] for item in scoring.items if item.part == part.name]
            full = int(part.full * parts)
            low, high = (
                pl.min_horizontal(pl.sum_horizontal(end or [whole(0, 0)]), whole(full, 0))
                for end in ([one.low for one in inside], [one.high for one in inside])
            )
            ends.append((low, high))
            if part.least is not None:
                least = int(part.least * parts)
                short.append(high < least)
                sure.append(low >= least)
        listed = ends if scoring.parts else [(one.low, one.high) for one in points.values()]
        low, high = (
            self.view.keep(
                ("score", self.project, scoring, self.own, self.other, at),
                lambda at=at: pl.sum_horizontal([pair[at] for pair in listed]),  # type: ignore[misc]
            )
            for at in (0, 1)
        )
        mark = int(scoring.pass_mark * parts)
        passes = [end > mark if scoring.strict else end >= mark for end in (low, high)]
        truth = pl.when(either([~passes[1], *short])).then(NO).when(every([passes[0], *sure])).then(YES)
        return Score(low, high, parts, truth)

    def item(self, item: Item, parts: int) -> Points:
        """Return the points an item gives, in *parts* of a point."""
        if item.open:
            return Points(whole(0, 0), whole(int(item.most * parts), 0), NO)
        body: tree.Node
        if item.formula is not None:
            body = item.formula
        else:
            body = tree.All(tuple(tier.test for tier in item.tiers if tier.test))
        own = self._item(item, body, self.own, parts)
        lacks = self.lacking(body)
        if lacks is None or self.other is None:
            return own
        other = self._item(item, body, self.other, parts)
        if lacks is YES and _always(~own.decided):
            return other
        turned = self.view.keep(
            (*self._item_key(item, body, self.own, parts), "turned", self.other), lambda: lacks & ~own.decided
        )
        return Points(*(pl.when(turned).then(b).otherwise(a) for a, b in zip(own, other, strict=True)))

    def _item_key(self, item: Item, body: tree.Node, setting: Setting, parts: int) -> tuple[Hashable, ...]:
        points = tuple(tier.points for tier in item.tiers)
        return ("item", placed(body, setting, self.view), item.formula is None, points, item.most, parts)

    def _item(self, item: Item, body: tree.Node, setting: Setting, parts: int) -> Points:
        key = self._item_key(item, body, setting, parts)
        made = self._formula(item, setting, parts) if item.formula is not None else self._tiers(item, setting, parts)
        return Points(*(self.view.keep((*key, at), lambda end=end: end) for at, end in enumerate(made)))  # type: ignore[misc]

    def _tiers(self, item: Item, setting: Setting, parts: int) -> Points:
        """Read the first tier that holds; where one is open, all that may still hold."""
        last = item.tiers[-1].points
        least, most = int(last[0] * parts), int(last[1] * parts)
        found = Points(whole(least, 0), whole(most, 0), YES)
        for place, tier in enumerate(reversed(item.tiers)):
            low, high = (whole(int(end * parts), 0) for end in tier.points)
            if tier.test is None:
                found = Points(low, high, YES)
                continue
            below = item.tiers[len(item.tiers) - place :]
            falls = all(tier.points[at] >= one.points[at] for one in below for at in (0, 1))
            truth = condition(tier.test, setting, self.view)
            if falls:  # as they do: an open tier gives its most at the most, nothing at the least
                ends = [
                    pl.when(truth.fill_null(value=False)).then(low).otherwise(found.low),
                    pl.when(truth.fill_null(value=True)).then(high).otherwise(found.high),
                ]
            else:
                open_ = truth.is_null()
                ends = [
                    pl.when(truth).then(low).when(open_).then(pl.min_horizontal(low, found.low)).otherwise(found.low),
                    pl.when(truth)
                    .then(high)
                    .when(open_)
                    .then(pl.max_horizontal(high, found.high))
                    .otherwise(found.high),
                ]
            steps = (*ends, truth.fill_null(value=False) | (~truth & found.decided).fill_null(value=False))
            key = self._item_key(item, tree.All(tuple(t.test for t in item.tiers if t.test)), setting, parts)
            found = Points(*(self.view.keep((*key, place, at), lambda end=end: end) for at, end in enumerate(steps)))  # type: ignore[misc]
        return found

    def _formula(self, item: Item, setting: Setting, parts: int) -> Points:
        assert item.formula is not None
        found = value(item.formula, setting, self.view)
        if found.low.den is not None or found.high.den is not None or (found.scale * parts).denominator != 1:
            raise Uncovered(item.id)
        found = rescaled(found, Fraction(1, parts))
        low, high = (fit(end.num, end.most, int(item.most * parts))[0] for end in (found.low, found.high))
        decided = (low == high).fill_null(value=item.most == 0)
        top = int(item.most * parts)
        low, high = (end.clip(0, top).cast(pl.Int64) for end in (low.fill_null(0), high.fill_null(top)))
        return Points(low, high, decided)


def _always(truth: pl.Expr) -> bool:
    """Tell whether *truth* is surely true of every row: it rests on no column."""
    return not truth.meta.root_names() and pl.select(truth).item() is True


def _never(truth: pl.Expr) -> bool:
    """Tell whether *truth* is surely known of no row."""
    return not truth.meta.root_names() and pl.select(truth).item() is None


def _numbers(scoring: Scoring) -> Iterator[Number]:
    yield scoring.pass_mark
    for part in scoring.parts:
        yield from (part.full, part.least or 0)
    for item in scoring.items:
        yield item.most
        for tier in item.tiers:
            yield from tier.points
