"""The answers of a screening: a table's rows through the plan, batch by batch; counted, and those left out told."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import polars as pl

from assistant.delivery.screening.writing import FORMULA
from assistant.delivery.wording import screened as words
from assistant.delivery.wording.problems import problem_text
from assistant.errors import BadInput, Place, Problem
from assistant.matching.screening.findings import long
from assistant.matching.screening.intake.headers import IDENTITY, Matched
from assistant.matching.screening.intake.intake import Reject, taken
from assistant.matching.screening.intake.table import ROW, Table
from assistant.matching.screening.plan import Plan
from assistant.matching.screening.tally import Tally
from assistant.matching.screening.transitions import Comparison


@dataclass
class Answering:
    """What rows go through: the plan, what counts them, and the plan of other rules to compare with.

    *complete*: the columns for single recognitions are all that the companies hold; *findings* is given the long table
    of each batch, of a plan that has them; *shown*: the columns of a project that are given out (default: all).
    """

    plan: Plan
    tally: Tally | None = None
    other: Plan | None = None
    comparison: Comparison | None = None
    complete: bool = False
    findings: Callable[[pl.DataFrame], None] | None = None
    shown: Sequence[str] = ()

    @property
    def schema(self) -> Mapping[str, Any]:
        """The columns of the answers with their types: row, name, credit code, and those of every project."""
        plan = self.plan
        own = {
            f"{one.id}.{name}": plan.dtype_of(one, name)
            for one in plan.projects
            for name in plan.columns_of(one)
            if not self.shown or name in self.shown
        }
        return {ROW: pl.Int64(), **dict.fromkeys(IDENTITY, pl.String()), **own}

    def answers(
        self, table: Table, headers: Sequence[Matched], rejects: Rejects, tell: Callable[[int], None]
    ) -> Iterator[pl.DataFrame]:
        """Yield the answers for the rows of *table*; *tell* is told how many more were read, batch by batch."""
        schema = self.schema
        for batch in taken(table, headers, self.plan.rulebook, self.plan.on, complete=self.complete):
            rejects.add(batch.rejects)
            answers = self.plan.run(batch.frame)
            if self.tally is not None:
                self.tally.add(answers, batch.frame, batch.identity)
            if self.comparison is not None and self.other is not None:
                self.comparison.add(self.other.run(batch.frame), answers, batch.identity)
            tell(batch.frame.height + len({one.row for one in batch.rejects}))
            identity = batch.identity.with_columns(pl.col(ROW).cast(pl.Int64))
            if self.findings is not None:
                self.findings(long(answers, self.plan.criteria, identity))
            kept = identity.hstack(answers)
            yield kept.select(pl.col(name).cast(kind) for name, kind in schema.items())


class Rejects:
    """The rows that could not be read, each with cell and reason; the file is there only if there are any."""

    def __init__(self, path: Path, name: str, lang: str) -> None:
        """Write to *path* what is told of the table *name*; a former file goes."""
        self._path, self._name, self._lang = path, name, lang
        self._stream: IO[str] | None = None
        self.rows = 0
        self._last: int | None = None
        path.unlink(missing_ok=True)

    def add(self, rejects: Sequence[Reject]) -> None:
        """Write down some more, in the order of their rows."""
        if not rejects:
            return
        if self._stream is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = self._path.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self._stream).writerow(words.reject_heads(self._lang))
        out = csv.writer(self._stream)
        for one in rejects:
            if self._last != one.row:
                self.rows += 1
                self._last = one.row
            params = {key: str(value) for key, value in one.params.items()}
            told = problem_text(one.code, params, self._lang)
            out.writerow([_neutral(self._name), one.row, _neutral(one.header), _neutral(told)])

    def close(self) -> None:
        """Put the file away."""
        if self._stream is not None:
            self._stream.close()


def usable(found: Sequence[Matched], name: str) -> None:
    """Refuse a table of which no column can be used.

    Raises:
        BadInput: there is none but who the companies are.

    """
    if not any(one.is_used and one.column not in IDENTITY for one in found):
        raise BadInput([Problem("nothing-to-screen", Place(name))])


def _neutral(text: str) -> str:
    """Return a text that no spreadsheet program takes for a formula."""
    return f"'{text}" if re.match(FORMULA, text) else text
