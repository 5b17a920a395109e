"""A sheet is a frame with named columns added in stages: each is computed once, from those of the stages before it.

What is wanted out of it is an extract: only the columns that rest on it are computed, and each is dropped after the
last stage that reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import polars as pl

Stage = dict[str, pl.Expr]


class Sheet:
    """The columns to add; one is asked for by the key of what it is made of, and made once."""

    def __init__(self) -> None:
        """Begin with the frame's own columns."""
        self.stages: list[Stage] = []
        self._stage: dict[str, int] = {}
        self._roots: dict[str, frozenset[str]] = {}
        self._kept: dict[Hashable, pl.Expr] = {}

    def keep(self, key: Hashable, make: Callable[[], pl.Expr]) -> pl.Expr:
        """Return the column of *key*; what rests on no column of the frame is not put into one."""
        known = self._kept.get(key)
        if known is None:
            known = self._kept[key] = self._placed(make())
        return known

    def _placed(self, made: pl.Expr) -> pl.Expr:
        roots = made.meta.root_names()
        if not roots or made.meta.is_column():
            return made
        stage = max(self._stage.get(root, -1) for root in roots) + 1
        name = f"·{len(self._stage)}"
        self._stage[name] = stage
        self._roots[name] = frozenset(roots)
        while len(self.stages) <= stage:
            self.stages.append({})
        self.stages[stage][name] = made
        return pl.col(name)

    def extract(self, wanted: Mapping[str, pl.Expr], given: AbstractSet[str] = frozenset()) -> Extract:
        """Return how the columns *wanted* are had where those *given* are there already."""
        stages: list[Stage] = []
        spent: list[list[str]] = []
        used = set(_roots(wanted.values()))
        for stage in reversed(self.stages):
            kept = {name: made for name, made in stage.items() if name in used and name not in given}
            if not kept:
                continue
            last = {root for name in kept for root in self._roots[name]} - used
            used |= last
            stages.append(kept)
            spent.append(sorted(last))
        own = frozenset(name for name in used if name in given or name not in self._stage)
        return Extract(tuple(stages[::-1]), tuple(spent[::-1]), own, dict(wanted))

    def fill(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Return the *batch*, whose columns are all written out, with all that are added."""
        for stage in self.stages:
            batch = _added(batch, stage)
        return batch


@dataclass(frozen=True, slots=True)
class Extract:
    """Some columns *wanted*: their *stages*, what is *spent* after each, and the *own* columns of a frame they read."""

    stages: tuple[Stage, ...]
    spent: tuple[list[str], ...]
    own: frozenset[str]
    wanted: Mapping[str, pl.Expr]

    @property
    def made(self) -> frozenset[str]:
        """The columns that are computed on the way."""
        return frozenset(name for stage in self.stages for name in stage)

    def of(self, batch: pl.DataFrame, keep: AbstractSet[str] = frozenset()) -> tuple[pl.DataFrame, list[pl.Series]]:
        """Return the wanted columns for the *batch*, whose columns are all written out, and those to *keep* besides."""
        columns = {one.name: one for one in batch if one.name in self.own}
        kept: list[pl.Series] = []
        for stage, spent in zip(self.stages, self.spent, strict=True):
            made = _made(stage, columns, batch.height).get_columns()
            columns |= {one.name: one for one in made}
            kept += [one for one in made if one.name in keep]
            for name in spent:
                del columns[name]
        return solid(_made(self.wanted, columns, batch.height)), kept


def solid(frame: pl.DataFrame) -> pl.DataFrame:
    """Return *frame* with every column written out.

    Polars keeps a column of one value as that value, and (2.1) takes it for a single row where a literal is compared
    with it, or where `min_horizontal` is given no other (pola-rs/polars issue 29082).
    """
    written = frame.clone()
    _write_out(written, frame.columns)
    return written


def _made(stage: Mapping[str, pl.Expr], columns: Mapping[str, pl.Series], height: int) -> pl.DataFrame:
    """Return the columns of a stage, from a frame with those that it reads: a wide one takes longer to plan."""
    frame = pl.DataFrame([columns[name] for name in sorted(_roots(stage.values()))])
    if frame.width:
        made = frame.select(**stage)
        if made.height == height:
            return made
    return pl.select(pl.repeat(0, height).alias("·")).hstack(frame).select("·", **stage).drop("·")


def _added(batch: pl.DataFrame, stage: Stage) -> pl.DataFrame:
    if not stage:
        return batch
    batch = batch.with_columns(**stage)
    _write_out(batch, stage)
    return batch


def _write_out(frame: pl.DataFrame, names: Iterable[str]) -> None:
    for name in names:
        place = frame.get_column_index(name)
        frame.replace_column(place, frame.to_series(place))


def _roots(made: Iterable[pl.Expr]) -> set[str]:
    return {root for one in made for root in one.meta.root_names()}
