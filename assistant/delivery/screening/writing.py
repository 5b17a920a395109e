"""Answers of a screening as a file: Parquet, CSV or a spreadsheet, batch by batch, put in place when it is whole."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from polars.io.plugins import register_io_source

from assistant.errors import BadInput, Place, Problem

KINDS = (".parquet", ".csv", ".xlsx")
MOST_ROWS = 1_048_575  # of a sheet, below its heading
FORMULA = r"^[=+\-@＝＋－＠\t\r\n]"  # what a spreadsheet program may take for the start of a formula
_MARK = b"\xef\xbb\xbf"  # by it spreadsheet programs know UTF-8


def check_kind(path: Path) -> None:
    """Refuse a file whose name ends in no kind that can be written.

    Raises:
        BadInput: with the kinds there are.

    """
    if path.suffix.lower() not in KINDS:
        params = {"found": path.suffix or path.name, "expected": "、".join(KINDS)}
        raise BadInput([Problem("output-kind", Place(str(path)), params)])


def written(path: Path, frames: Iterable[pl.DataFrame], schema: Mapping[str, Any]) -> int:
    """Write *frames* of one *schema* to *path*, in its kind; return how many rows they had.

    Raises:
        BadInput: the file cannot be written, or a sheet cannot hold so many rows. A former file stays then.

    """
    check_kind(path)
    counted = _Counted(frames)
    staged: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        staged = Path(name)
        match path.suffix.lower():
            case ".parquet":
                _source(counted, schema).sink_parquet(staged, compression="zstd", row_group_size=100_000)
            case ".csv":
                _csv(staged, counted, schema)
            case _:
                _sheet(path, staged, counted, schema)
        staged.chmod(0o644)
        staged.replace(path)
    except (OSError, pl.exceptions.ComputeError) as error:
        reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
        raise BadInput([Problem("not-writable", Place(str(path)), {"found": reason})]) from error
    finally:
        if staged is not None:
            staged.unlink(missing_ok=True)
    return counted.rows


class _Counted:
    """Frames, counted while they pass."""

    def __init__(self, frames: Iterable[pl.DataFrame]) -> None:
        self._frames = frames
        self.rows = 0

    def __iter__(self) -> Iterator[pl.DataFrame]:
        for frame in self._frames:
            self.rows += frame.height
            yield frame


def _source(frames: Iterable[pl.DataFrame], schema: Mapping[str, Any]) -> pl.LazyFrame:
    def source(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, size: int | None
    ) -> Iterator[pl.DataFrame]:
        del columns, predicate, rows, size  # all of it is asked for
        yield from frames

    return register_io_source(source, schema=dict(schema))


def _csv(staged: Path, frames: Iterable[pl.DataFrame], schema: Mapping[str, Any]) -> None:
    with staged.open("wb") as stream:
        stream.write(_MARK)
        pl.DataFrame(schema=schema).write_csv(stream)
        for frame in frames:
            frame.with_columns(_neutral(name) for name in _texts(frame)).write_csv(stream, include_header=False)
        stream.flush()
        os.fsync(stream.fileno())


def _sheet(path: Path, staged: Path, frames: Iterable[pl.DataFrame], schema: Mapping[str, Any]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("结论")
    sheet.freeze_panes = "D2"
    sheet.append(list(schema))
    rows = 0
    for frame in frames:
        rows += frame.height
        if rows > MOST_ROWS:
            raise BadInput([Problem("sheet-full", Place(str(path)), {"expected": f"{MOST_ROWS:,}"})])
        texts = set(_texts(frame))
        for row in frame.iter_rows(named=True):
            sheet.append([cell(sheet, value) if name in texts and value else value for name, value in row.items()])
    book.save(staged)


def _texts(frame: pl.DataFrame) -> list[str]:
    """Return the columns that people have written: a spreadsheet program must not take their text for a formula."""
    return [name for name, kind in frame.schema.items() if kind == pl.String]


def _neutral(name: str) -> pl.Expr:
    text = pl.col(name)
    return pl.when(text.str.contains(FORMULA)).then(pl.lit("'") + text).otherwise(text).alias(name)


def cell(sheet: Any, text: str) -> Any:
    """Return a cell that holds a text, whatever it looks like."""
    made = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", text))
    if re.match(FORMULA, text):
        made.data_type, made.quotePrefix = "s", True
    return made
