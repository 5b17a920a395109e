"""Tables of text: fields between commas, semicolons or tabs, in quotes where they hold such signs or line breaks.

A sign is put at the end of every record before it is read: where it does not come out in the column behind the last,
the record has too few or too many fields, and is told instead of being shifted or filled up.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from assistant.errors import Problem
from assistant.matching.screening.intake.blocks import records, refused, strays
from assistant.matching.screening.intake.table import BATCH, ROW, Table, no_row

_SEPARATORS = ",;\t|"
_SAMPLED = 50  # records that show the separator
_TITLES = 10  # lines that may stand before the headers
_END = "\x01"
_WIDEST = 16_384
_FITTING = 0.25  # of the records at least have as many fields as the headers


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the text is laid out: its separator, the headers, the records and lines up to and with them."""

    separator: str
    headers: tuple[str, ...]
    records: int
    lines: int


def opened(path: Path) -> Table:
    """Return the table of a text file; see `tables.open_table`."""
    blocks = records(path)
    first = next(blocks, b"")
    if first.lstrip()[:1] in (b"<", b"{", b"[", b"%"):
        raise refused("table-kind", path.name, expected="CSV, Parquet, XLSX")
    layout = _layout(first.decode(), path.name)
    if not _without_lines(first, layout.lines).strip(b"\n \t,;|") and next(blocks, None) is None:
        raise refused("table-no-rows", path.name)

    def source(columns: Sequence[int], faults: list[Problem]) -> Iterator[pl.DataFrame]:
        row = layout.records
        for number, block in enumerate(records(path)):
            text = block if number else _without_lines(block, layout.lines)
            if not text:
                continue
            frame = _plain(text, layout, columns) if not strays(text) else _spoken(text, layout, columns)
            frame = frame.with_row_index(ROW, offset=row + 1)
            row += frame.height
            for piece in frame.iter_slices(BATCH):
                yield _whole_rows(piece, len(layout.headers), columns, path.name, faults)

    return Table(path.name, layout.headers, "csv", source)


def _without_lines(block: bytes, lines: int) -> bytes:
    start = 0
    for _ in range(lines):
        start = block.find(b"\n", start) + 1
    return block[start:]


def _layout(text: str, name: str) -> _Layout:
    """Return the layout in which most records have as many fields as the headers, and the most of them.

    Raises:
        BadInput: there is none.

    """
    found = [one for sign in _SEPARATORS if (one := _with(text, sign))]
    if not found:
        raise refused("table-one-column" if text.strip() else "table-empty", name)
    layout, fitting = max(found, key=lambda one: (one[1] > _FITTING, len(one[0].headers)))
    if fitting <= _FITTING:
        raise refused("table-none", name)
    if len(layout.headers) > _WIDEST:
        raise refused("table-too-wide", name, found=len(layout.headers), expected=_WIDEST)
    return layout


def _with(text: str, separator: str) -> tuple[_Layout, float] | None:
    """Return the layout with *separator*, and the share of records that fit it."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for number, fields in enumerate(islice(reader, _TITLES), start=1):
            if sum(1 for one in fields if one.strip()) < 2 or fields[0].lower().startswith("sep="):
                continue
            lines = reader.line_num
            rest = [one for one in islice(reader, _SAMPLED) if any(field.strip() for field in one)]
            fits = [len(one) == len(fields) or one[len(fields) :] == [""] for one in rest]
            layout = _Layout(separator, tuple(one.strip() for one in fields), number, lines)
            return layout, sum(fits) / len(fits) if fits else 1.0
    except csv.Error:
        return None
    return None


def _plain(text: bytes, layout: _Layout, columns: Sequence[int]) -> pl.DataFrame:
    """Return records without stray quotes, read at once."""
    width = len(layout.headers)
    end = f"{layout.separator}{_END}\n".encode()
    head = layout.separator.join(map(str, range(width + 2))).encode() + b"\n"
    quoted = b'"' in text
    found = pl.read_csv(
        head + text.replace(b"\n", end),
        separator=layout.separator,
        quote_char='"' if quoted else None,
        infer_schema=False,
        truncate_ragged_lines=True,
        columns=[str(one) for one in _needed(columns, width)],
    )
    if found.height == text.count(b"\n"):
        return found
    return found.with_columns(pl.all().str.replace_all(end.decode(), "\n", literal=True))


def _spoken(text: bytes, layout: _Layout, columns: Sequence[int]) -> pl.DataFrame:
    """Return records with quotes inside of words, which stand for themselves, read one by one."""
    width = len(layout.headers)
    needed = _needed(columns, width)
    wide = width + 2
    rows = [
        [*fields, _END, *[None] * (wide - 1 - len(fields))][:wide]
        for fields in csv.reader(io.StringIO(text.decode(), newline=""), delimiter=layout.separator)
    ]
    return pl.DataFrame({str(one): pl.Series([row[one] for row in rows], dtype=pl.String) for one in needed})


def _needed(columns: Sequence[int], width: int) -> list[int]:
    return sorted({*columns, 0, 1, width, width + 1})


def _whole_rows(
    frame: pl.DataFrame, width: int, columns: Sequence[int], name: str, faults: list[Problem]
) -> pl.DataFrame:
    """Return the rows that have a field for every header; others are told, blank lines are not."""
    last, behind = pl.col(str(width)), pl.col(str(width + 1))
    ends = (last == _END) | (last.is_null() & (behind == _END))  # nothing behind one separator more is nothing
    blank = (pl.col("0").is_null() | (pl.col("0") == "")) & (pl.col("1") == _END)
    marked = frame.with_columns(whole=ends.fill_null(value=False), blank=blank.fill_null(value=False))
    ragged = marked.filter(~pl.col("whole") & ~pl.col("blank"))[ROW]
    faults.extend(no_row(name, row, "row-ragged", expected=width) for row in ragged)
    return marked.filter("whole").select(ROW, *(str(one) for one in columns))
