"""Tables of workbooks: the first sheet with a row of headers, or the one named, row by row.

A number counts as what is shown: per cent where the sheet shows per cent, a day where it shows a day; what is shown in
thousands is refused. Of fifteen digits a spreadsheet keeps no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
from openpyxl import load_workbook
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils.datetime import from_excel

from assistant.errors import Problem
from assistant.matching.screening.intake.answers import MARK, NO_KIND, NOT_FINITE
from assistant.matching.screening.intake.blocks import refused
from assistant.matching.screening.intake.table import ROW, Table

PIECE = 10_000
_TOP = 20  # rows within which the headers stand
_YEARS = range(1900, 2101)  # typed where a day belongs, a year alone would be one in 1905
_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|[_*].')  # what a number format shows as it is
_SHIFTED = re.compile(r"[0#?],+(?![0#?,])|[!\\]\.")  # a format that shows a number in thousands or 万


def opened(path: Path, sheet: str | None) -> Table:
    """Return the table of a workbook; see `tables.open_table`."""
    book = _book(path)
    names = tuple(one.title for one in book.worksheets)
    if sheet is not None and sheet not in names:
        raise refused("table-sheet", path.name, found=sheet, expected="、".join(names))
    epoch = book.epoch
    for name in names if sheet is None else (sheet,):
        top, headers = _headers(_rows(book[name]))
        if headers:
            break
    else:
        raise refused("table-empty", path.name)
    if not any(any(cell.value is not None for cell in row) for row in _rows(book[name], top + 1)):
        raise refused("table-no-rows", path.name)
    book.close()

    def source(columns: Sequence[int], faults: list[Problem]) -> Iterator[pl.DataFrame]:
        del faults
        again = _book(path)
        try:
            yield from _pieces(_rows(again[name], top + 1), columns, top, epoch)
        finally:
            again.close()

    day_one = epoch.date() if isinstance(epoch, datetime) else epoch
    return Table(path.name, headers, "xlsx", source, day_one=day_one, sheet=name, sheets=names)


def _book(path: Path) -> Any:
    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # what programs write is of many kinds, and so are the library's complaints
        raise refused("workbook-damaged", path.name) from error
    vars(book)["_date_formats"] = set()  # numbers shown as days are read below: some are no days
    return book


def _rows(sheet: Any, first: int = 1) -> Iterator[tuple[Any, ...]]:
    sheet.reset_dimensions()  # what a sheet says of its size may be wrong
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(min_row=first)
    return rows


def _headers(rows: Iterator[tuple[Any, ...]]) -> tuple[int, tuple[str, ...]]:
    """Return the first row with two texts at least, and its texts; titles above it stand alone in their row."""
    for number, row in enumerate(rows, start=1):
        texts = ["" if cell.value is None else str(cell.value).strip() for cell in row]
        if sum(map(bool, texts)) > 1:
            while not texts[-1]:
                texts.pop()
            return number, tuple(texts)
        if number == _TOP:
            break
    return 0, ()


def _pieces(
    rows: Iterator[tuple[Any, ...]], columns: Sequence[int], top: int, epoch: datetime
) -> Iterator[pl.DataFrame]:
    held: list[tuple[int, list[str | None]]] = []
    number = top
    for row in rows:
        number += 1
        cells = [_text(row[one], epoch) if one < len(row) else None for one in columns]
        if any(one is not None for one in cells):
            held.append((number, cells))
        if len(held) == PIECE:
            yield _piece(held, columns)
            held = []
    if held:
        yield _piece(held, columns)


def _piece(held: list[tuple[int, list[str | None]]], columns: Sequence[int]) -> pl.DataFrame:
    data = {ROW: pl.Series([number for number, _ in held], dtype=pl.UInt32)}
    for place, one in enumerate(columns):
        data[str(one)] = pl.Series([cells[place] for _, cells in held], dtype=pl.String)
    return pl.DataFrame(data)


def _text(cell: Any, epoch: datetime) -> str | None:
    """Return what a cell says, as a person would have typed it."""
    value = cell.value
    if value is None or isinstance(value, str):
        return f"{MARK}cell-error{MARK}{value}" if value is not None and cell.data_type == "e" else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, time | timedelta):
        return f"{MARK}{NO_KIND}{MARK}{value}"
    return _number(value, _kind(cell.number_format or "General"), epoch)


@cache
def _kind(shown: str) -> str:
    """Return how a format shows numbers: as a `day`, per `cent`, `shifted`, or as they are ("")."""
    if is_date_format(shown):
        return "day"
    plain = _LITERAL.sub("", shown)
    return "cent" if "%" in plain else "shifted" if _SHIFTED.search(plain) else ""


def _number(value: float, kind: str, epoch: datetime) -> str:
    if not kind and isinstance(value, int):
        return str(value)
    number = Decimal(value) if isinstance(value, int) else Decimal(format(value, ".15g"))
    if not number.is_finite():
        return f"{MARK}{NOT_FINITE}{MARK}{value}"
    if kind == "day" and value not in _YEARS:
        with suppress(ValueError, OverflowError):
            day = from_excel(value, epoch)
            if isinstance(day, datetime):
                return day.date().isoformat()
    if kind == "cent":
        return f"{_plain(number.scaleb(2))}%"
    if kind == "shifted":
        return f"{MARK}cell-shifted{MARK}{_plain(number)}"
    return _plain(number)


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
