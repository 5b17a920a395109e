"""The sole blank of an undetermined company is the one answer that all its open criteria wait for.

    <project>.sole   the frame's column that is blank: told, it decides every open criterion that is no judgement

An open criterion that bears on the verdict waits for the blanks among the answers that its test, its guard or its
scoring rests on. There is a sole blank where these are one and the same column for all of them. It is exact as to what
is blank. As a promise that the verdict falls once it is told it is an upper bound: a divisor may turn out to be zero,
the answer may be a range, and judgements stay open (their number stands beside). Companies that one answer happens to
settle although others are blank too are not counted. Where figures of the year not closed yet are lacking, the blanks
are those of the year that stands in.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

import polars as pl

from assistant.logic import tree
from assistant.logic.columns import Setting, either
from assistant.matching.screening.frame import RECOGNITIONS, column_of
from assistant.matching.screening.nearest import asked
from assistant.matching.screening.reading import Reading
from assistant.matching.screening.view import limit_column
from assistant.matching.situation import SIZE_FIGURES
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import Criterion, Group, Requirement

SOLE = "sole"
YEARS = (8, 4)  # before and after the plan's day, whose figures a plan may read
_ONE = 1


class Wait(NamedTuple):
    """Where something is open, and the blanks that it waits for by their columns."""

    open: pl.Expr
    blanks: Mapping[str, pl.Expr]


def askable(rulebook: Rulebook, on: date) -> list[str]:
    """Return the columns of a frame that may be blank, without the ends of ranges."""
    years, facts = range(on.year - YEARS[0], on.year + YEARS[1]), rulebook.dictionary.facts
    yearly = [column_of(name, year) for name, spec in facts.items() if spec.yearly for year in years]
    return [*(name for name, spec in facts.items() if not spec.yearly), *yearly, RECOGNITIONS]


def sole(root: Group, reading: Reading, key: tuple[Hashable, ...], offer: pl.Expr) -> pl.Expr:
    """Return the sole blank of each company as text; null where there is none, or the verdict is out."""
    keep = reading.view.keep
    waits = [*_waits(root, reading), Wait(offer.is_null(), _told(reading, ("applicant_kind", "city")))]
    names = list(dict.fromkeys(name for wait in waits for name in wait.blanks))
    wanted = {name: either([wait.open & wait.blanks[name] for wait in waits if name in wait.blanks]) for name in names}
    flags = {name: keep((*key, name), lambda flag=flag: flag) for name, flag in wanted.items()}  # type: ignore[misc]
    stuck = either([wait.open & ~either(list(wait.blanks.values())) for wait in waits])
    count = pl.sum_horizontal([flag.cast(pl.UInt16) for flag in flags.values()])
    alone = (count == _ONE) & ~stuck & (offer & reading.of(root).truth).is_null()
    return pl.when(alone).then(pl.coalesce([pl.when(flag).then(pl.lit(name)) for name, flag in flags.items()]))


def _waits(root: Requirement, reading: Reading) -> Iterator[Wait]:
    for criterion, flag in asked(root, reading):
        if criterion.role != "judgement":
            yield Wait(flag, dict(_blanks(criterion, reading)))
    for group in _groups(root):
        if group.when is not None:
            guard = reading.framed(group.when).is_null()
            yield Wait(reading.of(group).truth.is_null() & guard, dict(_blanks_of(group.when, reading)))


def _groups(node: Requirement) -> Iterator[Group]:
    if isinstance(node, Group):
        yield node
        for member in node.members:
            yield from _groups(member)


def _blanks(criterion: Criterion, reading: Reading) -> Iterator[tuple[str, pl.Expr]]:
    bodies: list[tree.Node] = [body for body in (criterion.when, criterion.test) if body is not None]
    if criterion.scoring is not None:
        for item in criterion.scoring.items:
            bodies += [tier.test for tier in item.tiers if tier.test] + ([item.formula] if item.formula else [])
    joined: dict[str, list[pl.Expr]] = {}
    for body in bodies:
        for name, blank in _blanks_of(body, reading):
            joined.setdefault(name, []).append(blank)
    yield from ((name, either(listed)) for name, listed in joined.items())


def _blanks_of(body: tree.Node, reading: Reading) -> Iterator[tuple[str, pl.Expr]]:
    """Yield what *body* rests on with where it is blank, in the years that it is read in."""
    lacks = reading.lacking(body)
    setting = reading.own if lacks is None or reading.other is None else reading.other
    for figure in tree.figures(body):
        for name, blank in _blank(figure, setting, reading):
            yield name, blank if lacks is None or figure.offset is None else blank & lacks
    if tree.recognitions(body):
        yield from _told(reading, (RECOGNITIONS,)).items()
    for score in tree.platform_scores(body):
        lacking = reading.view.score(score, setting).low.num.is_null()
        yield "platform_scores", lacking


def _blank(figure: tree.Figure, setting: Setting, reading: Reading) -> Iterator[tuple[str, pl.Expr]]:
    view, name = reading.view, figure.name
    if name == "province":
        yield from _told(reading, ("city",)).items()
    elif name == "size_class":
        yield from _told(reading, ("industry",)).items()
        for part in SIZE_FIGURES:
            lacking = view.figure(part, setting.base).low.num.is_null()
            counts = pl.col(limit_column(part, 0)).is_not_null()
            yield column_of(part, setting.base), lacking & counts
    elif figure.offset is not None:
        yield column_of(name, setting.base + 1 + figure.offset), view.is_lacking(figure, setting)
    elif name not in view.rulebook.dictionary.facts:
        return
    elif view.spec(name).numeric:
        yield name, view.is_lacking(figure, setting)
    else:
        yield from _told(reading, (name,)).items()


def _told(reading: Reading, names: tuple[str, ...]) -> dict[str, pl.Expr]:
    here = {*reading.view.columns, RECOGNITIONS}
    return {name: pl.col(name).is_null() if name in here else pl.lit(value=True) for name in names}
