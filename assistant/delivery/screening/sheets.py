"""The summary of a screening as a workbook: the tables of the page, in full; the same summary gives the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import BytesIO
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from assistant.delivery.packing import printable, stamped
from assistant.delivery.plain import Json
from assistant.delivery.wording.screening import words
from assistant.matching.screening.tally import DIMENSIONS, STATES

Value = str | int | float | None

LONGEST = 32767  # characters a cell holds
LONGEST_TITLE = 31  # of a sheet
NARROW, MIDDLE, BROAD = 11, 28, 60  # widths in characters
_FORMULA = re.compile(r"[=+\-@＝＋－＠\t\r\n]")  # what a spreadsheet may take for the start of a formula
_UNTITLED = re.compile(r"[\\/*?:\[\]]")  # what no sheet's title may have
_FONT = "Microsoft YaHei"
_BODY = Font(name=_FONT, size=10)
_HEAD = Font(name=_FONT, size=10, bold=True, color="FFFFFF")
_FILL = PatternFill("solid", fgColor="1C6B58")


class Table(NamedTuple):
    """A sheet's title, its headings with their widths, and its rows."""

    title: str
    headings: Sequence[tuple[str, int]]
    rows: Iterable[Sequence[Value]]


def summary_xlsx(data: Json) -> bytes:
    """Return the summary *data* as a workbook."""
    own = words(data["lang"])
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    for place, table in enumerate(_tables(data, own)):
        _fill(first if place == 0 else book.create_sheet(), table)
    stamp = datetime.fromisoformat(data["on"])
    book.properties.creator = own["creator"]
    book.properties.created = book.properties.modified = stamp
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        ExcelWriter(book, archive).save()  # Workbook.save would stamp it with the hour
    return stamped(written.getvalue(), stamp.date())


# ---- tables


def _tables(data: Json, own: dict[str, str]) -> Iterator[Table]:
    states = [(own[f"state.{state}"], NARROW) for state in STATES]
    project, companies = (own["project"], MIDDLE), (own["companies"], NARROW)
    yield Table(own["overview"], [(own["best"], BROAD), companies], _overview(data, own))
    yield Table(
        own["projects"],
        [project, (own["level"], NARROW), *states],
        ([one["name"], one["level"], *(one["states"][state] for state in STATES)] for one in data["projects"]),
    )
    yield Table(
        own["near"],
        [
            project, (own["row"], NARROW), (own["company"], MIDDLE), (own["uscc"], MIDDLE), (own["criterion"], BROAD),
            (own["fact"], MIDDLE), (own["amount"], MIDDLE),
        ],
        _near(data, own),
    )  # fmt: skip
    yield Table(
        own["sole"],
        [
            (own["fact"], MIDDLE), (own["sole.any"], NARROW), project, (own["sole.settled"], NARROW),
            (own["sole.judged"], NARROW),
        ],
        _soles(data, own),
    )  # fmt: skip
    names = ("least", "quarter", "half", "three-quarters", "most")
    yield Table(
        own["short"],
        [
            project, (own["criterion"], BROAD), (own["fact"], MIDDLE), companies, (own["near.count"], NARROW),
            *((own[name], NARROW) for name in names), (own["unit"], NARROW),
        ],
        _shorts(data),
    )  # fmt: skip
    for name in DIMENSIONS:
        rows = (
            [one["label"], one["companies"], *(one["states"][state] for state in STATES)]
            for one in data["groups"][name]
        )
        yield Table(own[f"dimension.{name}"], [(own[f"dimension.{name}"], MIDDLE), companies, *states], rows)
    for name in DIMENSIONS:
        cross = data["cross"][name]
        title = own["cross"].format(dimension=own[f"dimension.{name}"])
        yield Table(
            title,
            [(f"{own['project']} ({own['cross.lead']})", MIDDLE), *((label, NARROW) for label in cross["labels"])],
            ([one["name"], *one["eligible"]] for one in cross["projects"]),
        )
    if data["comparison"]:
        headings = [project, (own["before"], NARROW), (own["after"], NARROW), companies, (own["examples"], BROAD)]
        yield Table(own["compare"], headings, _moves(data["comparison"], own))
    if data["left_out"]:
        yield Table(
            own["left-out"],
            [project, (own["note"], BROAD)],
            ([one["name"], one["reason"]] for one in data["left_out"]),
        )


def _overview(data: Json, own: dict[str, str]) -> Iterator[list[Value]]:
    for state in STATES:
        yield [own[f"best.{state}"], data["best"][state]]
    yield [own["companies"], data["companies"]]
    yield [own["source"].format(source=data["source"]) if data["source"] else None, None]
    yield [own["rules"].format(version=data["rules"]["version"]), None]
    for note in ("projects.lead", "sole.lead", "short.lead"):
        yield [own[note], None]
    yield [own["groups.lead"].format(year=data["year"]), None]
    yield [own["foot"].format(on=data["on"]), None]


def _near(data: Json, own: dict[str, str]) -> Iterator[list[Value]]:
    for project in data["projects"]:
        for one in project["near"]:
            says = one["says"] or own["near.other"]
            yield [project["name"], one["row"], one["name"], one["uscc"], says, one["fact"], one["short_by"]]
        more = project["states"]["near"] - len(project["near"])
        if more > 0:
            yield [project["name"], None, own["near.more"].format(count=more), None, None, None, None]


def _soles(data: Json, own: dict[str, str]) -> Iterator[list[Value]]:
    if data["sole"] is None:
        yield [own["sole.not-asked"], None, None, None, None]
        return
    for one in data["sole"]:
        for project in one["projects"]:
            yield [one["fact"], one["companies"], project["name"], project["settled"], project["judged"]]


def _shorts(data: Json) -> Iterator[list[Value]]:
    for project in data["projects"]:
        for one in project["short"]:
            numbers = one["numbers"]
            ends = [numbers[name] for name in ("least", "quarter", "half", "three_quarters", "most")]
            yield [project["name"], one["says"], one["fact"], one["companies"], one["near"], *ends, one["unit"]]


def _moves(comparison: Json, own: dict[str, str]) -> Iterator[list[Value]]:
    for project in comparison["projects"]:
        for move in project["moves"]:
            examples = "\n".join(one["name"] or own["near.unnamed"].format(row=one["row"]) for one in move["examples"])
            before, after = own[f"state.{move['before']}"], own[f"state.{move['after']}"]
            yield [project["name"], before, after, move["companies"], examples]


# ---- cells


def _fill(sheet: Worksheet, table: Table) -> None:
    """Write a table, set up for reading, filtering and printing."""
    sheet.title = _UNTITLED.sub(" ", table.title)[:LONGEST_TITLE]
    for column, (heading, width) in enumerate(table.headings, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
        cell = _write(sheet, 1, column, heading)
        cell.font, cell.fill = _HEAD, _FILL
    for number, row in enumerate(table.rows, start=2):
        for column, value in enumerate(row, start=1):
            _write(sheet, number, column, value)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.headings))}{sheet.max_row}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"


def _write(sheet: Worksheet, row: int, column: int, value: Value) -> Cell:
    """Write one cell; a text stays a text, whatever it begins with."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    cell.font = _BODY
    if isinstance(value, str):
        text = printable(value)[:LONGEST]
        cell.value = text or None
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        if _FORMULA.match(text):
            cell.data_type, cell.quotePrefix = "s", True
    else:
        cell.value, cell.alignment = value, Alignment(vertical="top")
        if isinstance(value, int):
            cell.number_format = "#,##0"
    return cell
