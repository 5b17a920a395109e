"""Taking the rows of a foreign table: what can be read as a frame, every other row with the reason why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from assistant.company.facts import FactSpec
from assistant.errors import Place, Problem
from assistant.matching.screening.frame import JUDGEMENT, RECOGNITIONS, asked_of
from assistant.matching.screening.intake.answers import Setting
from assistant.matching.screening.intake.headers import EXPIRES, GRANTED, IDENTITY, NAME, USCC, Matched, unit_of
from assistant.matching.screening.intake.holdings import DAY, FLAG, LATER, Names, joined
from assistant.matching.screening.intake.table import ROW, Table
from assistant.matching.screening.intake.values import Fault, Reader, as_text
from assistant.rulebook.book import Rulebook

_TOTALS = ("合计", "总计", "小计", "合  计", "合 计", "total")


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was not taken: the cell (or "" for the whole row) and what is wrong in it."""

    row: int
    header: str
    code: str
    params: Mapping[str, str] = field(default_factory=dict)

    def problem(self, name: str) -> Problem:
        """Return it as it is told, of the table *name*."""
        return Problem(self.code, Place(name, self.row, self.header), self.params)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows taken: the frame, beside it who they are (row, name, uscc); *rejects* are the others.

    *remarks* are of rows that were taken: an answer that is asked about, and counts as not known.
    """

    frame: pl.DataFrame
    identity: pl.DataFrame
    rejects: tuple[Reject, ...]
    remarks: tuple[Reject, ...] = ()


def taken(
    table: Table, matched: Sequence[Matched], rulebook: Rulebook, on: date, *, complete: bool = False
) -> Iterator[Batch]:
    """Yield the rows of *table* by what its headers mean, as of the day *on*.

    *complete*: the columns for single recognitions are all that the companies hold.

    Raises:
        BadInput: the file turns out to be damaged on the way.

    """
    columns = _Columns(table, matched, rulebook, on, complete=complete)
    ragged: list[Problem] = []
    for pieces in table.batches(columns.places, ragged):
        told = [Reject(one.place.line, "", one.code, one.params) for one in ragged]
        ragged.clear()
        yield columns.batch(pieces, told)
    if ragged:
        yield columns.batch(columns.nothing(), [Reject(one.place.line, "", one.code, one.params) for one in ragged])


class _Columns:
    """The columns that are taken, each with its reader."""

    def __init__(
        self, table: Table, matched: Sequence[Matched], rulebook: Rulebook, on: date, *, complete: bool
    ) -> None:
        self.rulebook = rulebook
        self.complete = complete
        self.used = {str(place): one for place, one in enumerate(matched) if one.is_used}
        self.places = [int(place) for place in self.used]
        self.at = Setting(rulebook.lists, on, table.day_one)
        self.readers = {place: self._reader(one) for place, one in self.used.items() if one.column not in IDENTITY}

    def _reader(self, one: Matched) -> Reader:
        first, _, rest = one.column.partition(".")
        if one.column == RECOGNITIONS:
            return Names(self.rulebook, self.at)
        if first in (JUDGEMENT, RECOGNITIONS):
            spec: FactSpec | None = FLAG
            if first == RECOGNITIONS:
                spec = {GRANTED: DAY, EXPIRES: LATER}.get(rest.partition(".")[2], FLAG)
        else:
            spec = asked_of(one.column, self.rulebook)
        assert spec is not None
        return Reader(one.column, replace(spec, label=one.header), unit_of(one, self.rulebook), self.rulebook, self.at)

    def nothing(self) -> pl.DataFrame:
        """Return a batch without rows."""
        return pl.DataFrame(schema={ROW: pl.UInt32, **dict.fromkeys(self.used, pl.String)})

    def batch(self, pieces: pl.DataFrame, told: Sequence[Reject]) -> Batch:
        """Return what a piece of the table says."""
        texts = pieces.with_columns(as_text(pieces[place]).alias(place) for place in self.used)
        texts = texts.with_columns(pl.col(self.used).str.strip_chars())
        texts = texts.filter(pl.any_horizontal((pl.col(self.used) != "").fill_null(value=False)))
        sure = texts.select(ROW, *(one.parsed(pl.col(place)).alias(place) for place, one in self.readers.items()))
        sure = sure.select(ROW, *(one.sure(pl.col(place)).alias(place) for place, one in self.readers.items()))
        columns: dict[str, pl.Series] = {}
        single: dict[tuple[str, str], pl.Series] = {}
        faults: list[tuple[str, Fault]] = []
        for place, reader in self.readers.items():
            found = reader.read(texts[place], sure[place])
            header = self.used[place].header
            faults += [(header, fault) for fault in found.faults]
            first, _, rest = reader.column.partition(".")
            if first == RECOGNITIONS and rest:
                id_, _, part = rest.partition(".")
                single[id_, part] = found.columns[reader.column]
            else:
                columns |= found.columns
        held, contradictions = joined(columns.get(RECOGNITIONS), single, self.rulebook, complete=self.complete)
        faults += [(self._header(id_), fault) for id_, fault in contradictions]
        if held is not None:
            columns[RECOGNITIONS] = held
        return self._sorted(texts, columns, faults, told)

    def _header(self, id_: str) -> str:
        return next(one.header for one in self.used.values() if one.column.startswith(f"{RECOGNITIONS}.{id_}"))

    def _sorted(
        self,
        texts: pl.DataFrame,
        columns: Mapping[str, pl.Series],
        faults: Sequence[tuple[str, Fault]],
        told: Sequence[Reject],
    ) -> Batch:
        rows = texts[ROW]
        identity = texts.select(
            pl.col(ROW), *(self._identity(name).str.strip_chars().alias(name) for name in (NAME, USCC))
        )
        totals = identity[NAME].str.to_lowercase().is_in(_TOTALS).fill_null(value=False)
        good = ~totals
        rejects = [
            Reject(rows[place], "", "row-total", {"found": identity[NAME][place]}) for place in totals.arg_true()
        ]
        remarks = []
        for header, fault in faults:
            one = Reject(rows[fault.place], header, fault.code, fault.params)
            if fault.only_told:
                remarks.append(one)
            elif not totals[fault.place]:
                rejects.append(one)
        wrong = pl.Series([fault.place for _, fault in faults if not fault.only_told], dtype=pl.UInt32)
        good = good.scatter(wrong, False) if len(wrong) else good  # noqa: FBT003
        frame = pl.DataFrame(dict(columns)) if columns else pl.DataFrame({"city": [None] * len(rows)})
        bad = {one.row for one in rejects}
        return Batch(
            frame.filter(good),
            identity.filter(good),
            tuple(sorted([*told, *rejects], key=lambda one: one.row)),
            tuple(one for one in remarks if one.row not in bad),
        )

    def _identity(self, column: str) -> pl.Expr:
        place = next((place for place, one in self.used.items() if one.column == column), None)
        return pl.lit(None, dtype=pl.String) if place is None else pl.col(place)
