"""Opening a workbook: its cells as plain values, read within bounds whatever somebody sends.

Nothing in it is run, followed or unpacked beyond what a profile can need.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from typing import Any, NamedTuple
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.utils.datetime import from_excel
from openpyxl.workbook import Workbook

from assistant.delivery.workbook.numbers import Cell
from assistant.errors import BadInput, Place, Problem
from assistant.sources import MAX_BYTES

MAX_UNPACKED = 20_000_000
MAX_PARTS = 400
MAX_TAGS = 250_000  # of all parts: what keeps reading short
MAX_ROWS, MAX_COLUMNS, MAX_SHEETS = 3000, 60, 40
_YEARS = range(1900, 2101)  # typed where a day belongs, a year alone would be one in 1905
_OLE = b"\xd0\xcf\x11\xe0"  # an .xls, or an .xlsx with a password
_HAS_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z0-9:]+)[\"']")
_ESCAPED = re.compile(r"_x(?!0000|[dD][89a-fA-F])([0-9A-Fa-f]{4})_")  # no signs that nothing else can hold either


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of a sheet that hold something, by row and column from 1; *merged*: ranges that are one cell."""

    title: str
    cells: Mapping[int, Mapping[int, Cell]]
    merged: tuple[tuple[int, int, int, int], ...] = ()

    def row(self, number: int) -> Mapping[int, Cell]:
        """Return the cells of a row by column."""
        return self.cells.get(number, {})

    def text(self, row: int, column: int) -> str:
        """Return the text in a cell, "" where there is none."""
        value = self.row(row).get(column, Cell(None)).value
        return value.strip() if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A workbook's sheets; *day_one* is what its days are counted from."""

    sheets: tuple[Sheet, ...]
    day_one: date = field(default=date(1899, 12, 30))


class _Part(NamedTuple):
    """What is to be known of a part before it is read: its merged ranges, and whether there are formulas in it."""

    merged: tuple[tuple[int, int, int, int], ...]
    formulas: bool


def address(title: str, row: int, column: int) -> str:
    """Return how a cell is called: 财务!C7."""
    return f"{title}!{get_column_letter(column)}{row}"


def opened(content: bytes, name: str) -> Opened:
    """Return the sheets of the workbook in *content*; *name* stands for it in messages.

    Raises:
        BadInput: it is no workbook, or more than a profile can be.

    """
    parts = _checked(content, name)
    try:
        formulas, values = (
            load_workbook(BytesIO(content), read_only=True, data_only=data_only, keep_links=False)
            for data_only in (False, True)
        )
        for book in (formulas, values):
            vars(book)["_date_formats"] = set()  # numbers shown as days are read below: some are no days
        return Opened(tuple(_sheets(formulas, values, parts)), values.epoch.date())
    except Exception as error:  # what programs write is of many kinds, and so are the library's complaints
        raise _refused("workbook-damaged", name) from error


def _checked(content: bytes, name: str) -> Mapping[str, _Part]:
    """Refuse what is too large or too deep before it is read; return what is to be known of each part."""
    if len(content) > MAX_BYTES:
        raise _refused("file-too-large", name, expected=f"{MAX_BYTES // 1_000_000} MB")
    if content.startswith(_OLE):
        raise _refused("workbook-old", name)
    try:
        with ZipFile(BytesIO(content)) as archive:
            return _parts(archive, name)
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise _refused("workbook-expected", name) from error


def _parts(archive: ZipFile, name: str) -> Mapping[str, _Part]:
    entries = archive.infolist()
    if "[Content_Types].xml" not in {entry.filename for entry in entries}:
        raise _refused("workbook-expected", name)
    left, tags = MAX_UNPACKED, MAX_TAGS
    found: dict[str, _Part] = {}
    if len(entries) > MAX_PARTS:
        raise _refused("workbook-too-much", name)
    for entry in entries:
        with archive.open(entry) as stream:
            part = stream.read(left + 1)  # what the entry says of its size may be wrong
        left -= len(part)
        if entry.filename.endswith((".xml", ".rels")):
            tags -= part.count(b"<")
            if b"<!DOCTYPE" in part or b"<!ENTITY" in part or part.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise _refused("workbook-damaged", name)
        if left < 0 or tags < 0:
            raise _refused("workbook-too-much", name)
        merged = tuple(_bounds(reference.decode()) for reference in _MERGED.findall(part))
        found[entry.filename] = _Part(merged, formulas=bool(_HAS_FORMULA.search(part)))
    return found


def _refused(code: str, name: str, **params: str) -> BadInput:
    return BadInput([Problem(code, Place(name), params)])


def _sheets(formulas: Workbook, values: Workbook, parts: Mapping[str, _Part]) -> Iterator[Sheet]:
    behind = {sheet.title: sheet for sheet in formulas.worksheets}
    for sheet in values.worksheets[:MAX_SHEETS]:
        part = parts.get(str(vars(sheet)["_worksheet_path"]).lstrip("/"), _Part((), formulas=True))  # told nowhere else
        rows = zip(_rows(behind[sheet.title]), _rows(sheet), strict=False) if part.formulas else _twice(_rows(sheet))
        cells = {number: row for number, pair in enumerate(rows, start=1) if (row := _row(*pair, values.epoch))}
        yield Sheet(sheet.title, cells, part.merged)


def _twice(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    return ((row, row) for row in rows)


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    sheet.reset_dimensions()  # what a sheet says of its size may be wrong
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS)
    return rows


def _bounds(reference: str) -> tuple[int, int, int, int]:
    left, top, right, bottom = (end or 0 for end in range_boundaries(reference))
    return top, left, bottom, right


def _row(formulas: tuple[Any, ...], values: tuple[Any, ...], epoch: datetime) -> dict[int, Cell]:
    found: dict[int, Cell] = {}
    for column, (formula, shown) in enumerate(zip(formulas, values, strict=True), start=1):
        if formula.value is None and shown.value is None:
            continue
        if shown.data_type == "e":
            cell = Cell(shown.value, kind="error")
        elif formula.data_type == "f" and shown.value is None:
            cell = Cell(str(formula.value), kind="formula")
        else:
            cell = _cell(shown.value, shown.number_format or "General", epoch)
        if not cell.blank:
            found[column] = cell
    return found


def _cell(value: Any, format_: str, epoch: datetime) -> Cell:
    """Return a cell with what is shown in it: a number as the day it is shown as, where it can be one."""
    if isinstance(value, str):
        return Cell(_plain(value), format_)
    if isinstance(value, int | float) and is_date_format(format_) and value not in _YEARS:
        with suppress(ValueError, OverflowError):
            return Cell(from_excel(value, epoch), format_)
    return Cell(value, format_)


def _plain(text: str) -> str:
    """Return a text with the signs that XML cannot hold, which a workbook writes as _x0007_."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
