"""The long table of findings as it is read: what each criterion says, and amounts in the units the dictionary names."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from assistant.delivery.screening.writing import written
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.screening.findings import STATES
from assistant.matching.screening.intake.headers import IDENTITY
from assistant.matching.screening.intake.table import ROW
from assistant.matching.screening.plan import Plan, sayings

SCHEMA: Mapping[str, Any] = {
    ROW: pl.Int64(),
    **dict.fromkeys(IDENTITY, pl.String()),
    "project": pl.String(),
    "criterion": pl.String(),
    "state": pl.Enum(STATES),
    "bears": pl.Boolean(),
    "says": pl.String(),
    "fact": pl.String(),
    "amount": pl.Float64(),
    "unit": pl.String(),
}


class Findings:
    """The findings of all batches, kept in a folder of their own until they are written."""

    def __init__(self, plan: Plan, say: Speaker) -> None:
        """Keep the findings of *plan*, as *say* puts them."""
        self._plan, self._say = plan, say
        self._folder = TemporaryDirectory()
        self._pieces: list[Path] = []

    def add(self, found: pl.DataFrame) -> None:
        """Keep those of one more batch."""
        piece = Path(self._folder.name) / f"{len(self._pieces)}.parquet"
        readable(found, self._plan, self._say).write_parquet(piece)
        self._pieces.append(piece)

    def write(self, path: Path) -> int:
        """Write them to a file of its kind; return how many there are.

        Raises:
            BadInput: it cannot be written, or a sheet cannot hold so many.

        """
        return written(path, map(pl.read_parquet, self._pieces), SCHEMA)

    def close(self) -> None:
        """Forget them."""
        self._folder.cleanup()


def readable(found: pl.DataFrame, plan: Plan, say: Speaker) -> pl.DataFrame:
    """Return the findings of *plan* with words: one row each, the columns those of `SCHEMA`."""
    named = pl.DataFrame(
        [row for project in plan.projects for row in _rows(plan, project.id, say)],
        schema={"project": pl.String, "criterion": pl.String, **_WORDS, "·each": pl.Float64},
        orient="row",
    )
    told = found.with_columns(pl.col("project", "criterion").cast(pl.String))
    told = told.join(named, on=["project", "criterion"], how="left", maintain_order="left")
    told = told.with_columns(pl.col("amount") * pl.col("·each"))
    told = told.with_columns(pl.when(pl.col("amount").is_not_null()).then(pl.col("fact", "unit")))
    return told.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


_WORDS = {"says": pl.String, "fact": pl.String, "unit": pl.String}


def _rows(plan: Plan, project: str, say: Speaker) -> list[tuple[str, str, str, str | None, str | None, float | None]]:
    counts = plan.amounts.get(project, {})
    says = sayings(plan.rulebook.projects[project])
    rows = []
    for id_ in plan.criteria[project]:
        fact, unit, each = None, None, None
        if id_ in counts:
            of = plan.rulebook.dictionary.spec(counts[id_].fact).unit
            assert of is not None
            fact, unit, each = say.fact(counts[id_].fact), of.symbol, float(Fraction(counts[id_].scale) / of.factor)
        rows.append((project, id_, says[id_], fact, unit, each))
    return rows
