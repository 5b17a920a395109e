"""PDF: ruled tables, found by their lines; links are the page's annotations, else the addresses as printed."""

from __future__ import annotations

import io
import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdfexceptions import PDFException
from pdfminer.psexceptions import PSException
from pdfplumber.page import Page
from pdfplumber.table import Table as PdfTable
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from assistant.catalogue.refused import Refused
from assistant.catalogue.rows import Cell, Table

MAX_PAGES = 80
_GAP = 3
_LINE_GAP = 7
_LEAST_UPRIGHTS = 3
Box = tuple[float, float, float, float]
_BROKEN = (  # pdfminer meets broken files with whatever breaks first
    PDFException, PSException, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError,
    ArithmeticError, NotImplementedError, struct.error, zlib.error, RecursionError,
)  # fmt: skip


def read_pdf(content: bytes, most_rows: int) -> tuple[Table, ...]:
    """Read the ruled tables of a PDF, page by page."""
    try:
        with pdfplumber.open(io.BytesIO(content)) as pdf:
            if len(pdf.pages) > MAX_PAGES:
                raise Refused("list-too-long")
            return _tables(pdf.pages, most_rows)
    except (PdfminerException, MalformedPDFException) as error:
        raise _refusal(error.args[0] if error.args else error) from error
    except _BROKEN as error:
        raise _refusal(error) from error


def _refusal(error: object) -> Refused:
    if isinstance(error, PDFPasswordIncorrect | PDFEncryptionError):
        return Refused("list-locked")
    return Refused("list-too-much" if isinstance(error, MemoryError | RecursionError) else "list-damaged")


def _tables(pages: Sequence[Page], most_rows: int) -> tuple[Table, ...]:
    tables: list[Table] = []
    lines: list[str] = []
    rows = 0
    for number, page in enumerate(pages, 1):
        top = page.bbox[1]
        found = page.find_tables({"explicit_horizontal_lines": _open_ends(page)})
        for table in sorted(found, key=lambda table: table.bbox[1]):
            rows += len(table.rows)
            if rows > most_rows:
                raise Refused("list-too-long")
            lines += _lines(page, top, table.bbox[1])
            tables.append(Table(f"page:{number}", tuple(lines), tuple(_rows(table, page.hyperlinks))))
            top, lines = table.bbox[3], []
        lines += _lines(page, top, page.bbox[3])
        page.close()
    return tuple(tables)


def _open_ends(page: Page) -> list[float]:
    """Return the heights at which the upright rules of a table end without a level one: there the page cuts a row."""
    ends: Counter[float] = Counter()
    level = sorted({round(edge["top"]) for edge in page.horizontal_edges})
    uprights: dict[int, list[tuple[float, float]]] = {}
    for edge in sorted(page.vertical_edges, key=lambda edge: float(edge["top"])):
        spans = uprights.setdefault(round(edge["x0"]), [])
        if spans and edge["top"] <= spans[-1][1] + _GAP:
            spans[-1] = (spans[-1][0], max(spans[-1][1], edge["bottom"]))
        else:
            spans.append((edge["top"], edge["bottom"]))
    for spans in uprights.values():
        for height in {round(end) for span in spans for end in span}:
            if not any(abs(height - near) <= _GAP for near in level):
                ends[height] += 1
    return [height for height, times in ends.items() if times >= _LEAST_UPRIGHTS]


def _lines(page: Page, top: float, bottom: float) -> Iterator[str]:
    """Yield the lines of text between two heights of a page."""
    if bottom - top > 1:
        area = page.crop((page.bbox[0], max(top, page.bbox[1]), page.bbox[2], min(bottom, page.bbox[3])))
        text = area.extract_text(y_tolerance=_LINE_GAP)  # a title in two fonts is not quite level
        yield from (line.strip() for line in text.split("\n") if line.strip())


def _rows(table: PdfTable, links: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows; where a merged cell leaves no cell of its own, it stands there too."""
    lefts = sorted({cell[0] for cell in table.cells})  # of the columns: that is how pdfplumber lays out rows
    above: list[Cell] = []
    for row, texts in zip(table.rows, table.extract(), strict=True):
        cells: list[Cell] = []
        right = 0.0
        for column, box in enumerate(row.cells):
            if box is not None:
                cells.append(Cell((texts[column] or "").strip(), _links(box, links)))
                right = box[2]
            elif right > lefts[column] + 1:  # the cell to the left reaches over this column
                cells.append(cells[-1])
            else:
                cells.append(above[column] if column < len(above) else Cell())
        if any(cell.text or cell.links for cell in cells):
            yield tuple(cells)
        above = cells


def _links(box: Box, links: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    """Return the links whose area lies in a cell; one broken over lines has several areas."""
    left, top, right, bottom = box
    inside = (
        str(link["uri"])
        for link in links
        if left <= (link["x0"] + link["x1"]) / 2 <= right and top <= (link["top"] + link["bottom"]) / 2 <= bottom
    )
    return tuple((uri, "") for uri in dict.fromkeys(inside))
