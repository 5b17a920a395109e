"""Workbooks as people send them: filled in cell by cell, and damaged in the ways that happen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from assistant.delivery.wording.problems import problem_text
from assistant.delivery.workbook.reading import Imported, imported
from assistant.delivery.workbook.writing import workbook_xlsx
from assistant.errors import BadInput
from tests.conftest import ON, book

NAME = "资料.xlsx"


@cache
def blank() -> bytes:
    """Return the empty workbook."""
    return workbook_xlsx({}, book(), ON)


def sheet(made: Workbook, title: str) -> Worksheet:
    """Return a sheet of a workbook."""
    found = made[title]
    assert isinstance(found, Worksheet)
    return found


@cache
def rows(title: str) -> Mapping[str, int]:
    """Return the rows of a sheet of the empty workbook by their keys; of several the first."""
    found: dict[str, int] = {}
    for row in sheet(load_workbook(BytesIO(blank())), title).iter_rows(max_col=1):
        key = str(row[0].value or "")
        found.setdefault(key.partition(" ")[2] if key.startswith("#") else key, row[0].row or 0)
    return found


def cell(fact: str, column: str = "C") -> tuple[str, str]:
    """Return where a fact is answered."""
    for title in ("企业", "财务"):
        if fact in rows(title):
            return title, f"{column}{rows(title)[fact]}"
    raise KeyError(fact)


def filled(
    cells: Mapping[tuple[str, str], Any], *, base: bytes | None = None, work: Callable[[Workbook], None] | None = None
) -> bytes:
    """Return the workbook with values put into *cells*, and *work* done on it."""
    made = load_workbook(BytesIO(base or blank()))
    for (title, at), value in cells.items():
        sheet(made, title)[at] = value
    if work:
        work(made)
    written = BytesIO()
    made.save(written)
    return written.getvalue()


def told(content: bytes) -> Imported:
    """Return what a workbook says."""
    return imported(content, NAME, book(), ON)


def mistakes(content: bytes) -> list[str]:
    """Return what is told of the mistakes in a workbook, cell by cell."""
    try:
        found = told(content)
    except BadInput as error:
        return [f"{one.place.path}：{problem_text(one.code, dict(one.params), 'zh')}" for one in error.problems]
    raise AssertionError(found.data)


def rewritten(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """Return a workbook with its parts changed."""
    made = BytesIO()
    with ZipFile(BytesIO(content)) as archive, ZipFile(made, "w", ZIP_DEFLATED) as written:
        for name in archive.namelist():
            written.writestr(name, change(name, archive.read(name)))
    return made.getvalue()
