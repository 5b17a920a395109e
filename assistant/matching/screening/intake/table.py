"""A table is a foreign file with a row of headers: CSV, Parquet or XLSX, read in batches, whatever its size.

A batch has the columns asked for, named by their place (`0`, `1` …), and `row`: the row's number in the file, the first
line of the file being 1 (of a Parquet file: its first company).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from assistant.errors import Place, Problem
from assistant.matching.screening.intake.answers import DAY_ONE

ROW = "row"
BATCH = 50_000

Batches = Callable[[Sequence[int], list[Problem]], Iterator[pl.DataFrame]]


@dataclass(slots=True)
class Table:
    """A foreign table; *day_one*: where its days are counted from, *height*: rows, where that is known beforehand.

    *faults* are of rows that are no rows of the table (too few or too many fields), found while batches are read.
    """

    name: str
    headers: tuple[str, ...]
    kind: str
    source: Batches = field(repr=False)
    day_one: date = DAY_ONE
    height: int | None = None
    sheet: str = ""
    sheets: tuple[str, ...] = ()

    @property
    def repeated(self) -> tuple[str, ...]:
        """Return the headers that stand more than once."""
        return tuple(dict.fromkeys(one for one in self.headers if one and self.headers.count(one) > 1))

    def batches(
        self, columns: Sequence[int] | None = None, faults: list[Problem] | None = None
    ) -> Iterator[pl.DataFrame]:
        """Yield the rows with these *columns* (all, unless told otherwise); what is no row goes to *faults*."""
        wanted = range(len(self.headers)) if columns is None else columns
        yield from self.source(wanted, [] if faults is None else faults)


def no_row(name: str, row: int, code: str, **params: object) -> Problem:
    """Return what is told of a row that is none."""
    return Problem(code, Place(name, row), {key: str(value) for key, value in params.items()})
