"""A sheet is a frame with named columns added in stages: each is computed once, from those of the stages before it."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import polars as pl


class Sheet:
    """The columns to add; one is asked for by the key of what it is made of, and made once."""

    def __init__(self) -> None:
        """Begin with the frame's own columns."""
        self.stages: list[dict[str, pl.Expr]] = []
        self._stage: dict[str, int] = {}
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
        while len(self.stages) <= stage:
            self.stages.append({})
        self.stages[stage][name] = made
        return pl.col(name)

    def fill(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Return *batch* with all columns."""
        batch = solid(batch)
        for stage in self.stages:
            batch = solid(batch.with_columns(**stage))
        return batch


def solid(frame: pl.DataFrame) -> pl.DataFrame:
    """Return *frame* with every column written out.

    Polars keeps a column of one value as that value, and (2.1) takes it for a single row where a literal is compared
    with it, or where `min_horizontal` is given no other (pola-rs/polars issue 29082).
    """
    return pl.DataFrame(frame.get_columns())
