"""Drawing a workbook: sheets to fill in, with lists to choose from, checks of cells, help, and set up for printing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from io import BytesIO
from unicodedata import east_asian_width
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from assistant.company.facts import FactSpec
from assistant.company.lists import Lists
from assistant.company.writing import Data
from assistant.delivery.packing import stamped
from assistant.delivery.workbook.cells import NO, NOT_KNOWN, SEPARATOR, YES, Value, industry_text
from assistant.delivery.workbook.sheets import (
    MARK,
    TITLES,
    VERDICTS,
    WORDS,
    Drawn,
    Line,
    Slot,
    criteria,
    digest,
    drawn,
)
from assistant.errors import BadInput, Place, Problem
from assistant.rulebook.book import Rulebook

LONGEST, LONGEST_PROMPT, LONGEST_LIST = 32767, 250, 250
LINE, PADDING, HIGHEST = 14, 6, 409  # points; a row can be no higher
_FONT = "Microsoft YaHei"
_FONTS = {
    "title": Font(name=_FONT, size=18, bold=True, color="1C6B58"),
    "head": Font(name=_FONT, size=11, bold=True, color="1C6B58"),
    "heading": Font(name=_FONT, size=10, bold=True, color="FFFFFF"),
    "columns": Font(name=_FONT, size=10, bold=True, color="2F3A36"),
    "topic": Font(name=_FONT, size=10, bold=True, color="1C6B58"),
    "state": Font(name=_FONT, size=10, bold=True, color="1C6B58"),
}
_BODY = Font(name=_FONT, size=10, color="1F2421")
_HELP = Font(name=_FONT, size=9, color="5A625E")
_FILLS = {
    "heading": PatternFill("solid", fgColor="1C6B58"),
    "columns": PatternFill("solid", fgColor="ECEFEA"),
    "topic": PatternFill("solid", fgColor="E3EFEA"),
    "state": PatternFill("solid", fgColor="E3EFEA"),
}
_TO_FILL = PatternFill("solid", fgColor="FFF8E1")
_EXPECTED = PatternFill("solid", fgColor="E4EEF8")
_THIN = Border(bottom=Side("thin", color="D9DAD3"))
_EDGE = Side("thin", color="CFCBB8")
_BOX = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_WRAPPED = Alignment(horizontal="left", wrap_text=True, vertical="center", indent=1)
_RIGHT = Alignment(horizontal="right", vertical="center", wrap_text=True, indent=1)
_LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
_FORMULA = re.compile(r"[=+\-@＝＋－＠\t\r\n]")  # what a spreadsheet may take for the start of a formula
_UNWRITABLE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|_(?=x[0-9A-Fa-f]{4}_)")


def workbook_xlsx(data: Data, book: Rulebook, on: date, *, years: int = 3) -> bytes:
    """Return the workbook for a company's *data*; the same data gives the same bytes."""
    made = Workbook()
    sheets = drawn(data, book, on, years)
    choices = _Choices(book)
    for place, one in enumerate(sheets):
        sheet = made.active if place == 0 else made.create_sheet()
        assert isinstance(sheet, Worksheet)
        _draw(sheet, one, choices)
    choices.draw(made.create_sheet(), on)
    made.security = WorkbookProtection(lockStructure=True)
    stamp = datetime(on.year, on.month, on.day)  # noqa: DTZ001  # the file knows no zone
    made.properties.creator, made.properties.title = WORDS["creator"], WORDS["title"]
    made.properties.created = made.properties.modified = stamp
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        ExcelWriter(made, archive).save()  # Workbook.save would stamp it with the hour
    return stamped(written.getvalue(), on)


class _Choices:
    """What can be chosen, on a hidden sheet: a list inside a cell check holds few signs."""

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        self.lists: Lists = book.lists
        self.columns: list[tuple[str, ...]] = []
        self.places: dict[tuple[str, ...], str] = {}

    def of(self, spec: FactSpec) -> str:
        """Return the formula of the list for a fact, "" where nothing can be chosen."""
        listed = self._listed(spec)
        if not listed:
            return ""
        inline = ",".join(listed)
        if len(inline) <= LONGEST_LIST and not any(sign in one for one in listed for sign in ',"'):
            return f'"{inline}"'
        if listed not in self.places:
            self.columns.append(listed)
            letter = get_column_letter(len(self.columns) + 1)
            self.places[listed] = f"{TITLES['choices']}!${letter}$1:${letter}${len(listed)}"
        return self.places[listed]

    def _listed(self, spec: FactSpec) -> tuple[str, ...]:
        match spec.name, spec.kind:
            case _, "flag":
                return (YES, NO, NOT_KNOWN)
            case _, "city":
                return (*self.lists.city_names, NOT_KNOWN)
            case _, "industry":
                return self.industries
            case "verdict", "choice":
                return tuple(VERDICTS.values())
            case _, "choice" if NOT_KNOWN in spec.choices.values():
                return tuple(spec.choices.values())
            case _, "choice":
                return (*spec.choices.values(), NOT_KNOWN)
            case "id", "text":
                return tuple(one.label for one in self.lists.recognitions.values())
            case "criterion", "text":
                return tuple(criteria(self.book).values())
            case _:
                return ()

    @property
    def industries(self) -> tuple[str, ...]:
        """The classes of four digits with their sections' letters and their names."""
        classes = [code for code in self.lists.industries if len(code) == 4]
        return tuple(industry_text(self.lists.ancestors(code)[0] + code, self.lists) for code in classes)

    def draw(self, sheet: Worksheet, on: date) -> None:
        """Write the lists, and beside them what dictionary the workbook was made from."""
        sheet.title, sheet.sheet_state = TITLES["choices"], "hidden"
        made = (MARK + "choices", digest(self.book.dictionary, self.lists), on.isoformat())
        for column, listed in enumerate((made, *self.columns), start=1):
            for row, one in enumerate(listed, start=1):
                _write(sheet, row, column, one)


# ---- sheets


def _draw(sheet: Worksheet, one: Drawn, choices: _Choices) -> None:
    """Fill *sheet* and set it up for filling in and printing."""
    sheet.title = one.title
    sheet.sheet_view.showGridLines = False
    sheet.column_dimensions["A"].hidden = True
    for column, width in enumerate(one.widths, start=2):
        sheet.column_dimensions[get_column_letter(column)].width = width
    for row, line in enumerate(one.lines, start=1):
        _row(sheet, row, line, one.widths)
        for place, slot in line.slots.items():
            _slot(sheet, row, place + 2, slot, line)
        _check(sheet, row, line, choices)
        if line.kind in ("heading", "columns"):
            _align(sheet, row, next((other.slots for other in one.lines[row:] if other.slots), {}))
    if one.lines[0].kind == "heading":
        sheet.freeze_panes = f"{get_column_letter(one.fixed + 1)}2"
        sheet.print_title_rows = "1:1"
    _write(sheet, 1, 1, f"{MARK}{one.name}" if not one.lines[0].key else f"{MARK}{one.name} {one.lines[0].key}")
    _print_setup(sheet)


def _row(sheet: Worksheet, row: int, line: Line, widths: tuple[int, ...]) -> None:
    _write(sheet, row, 1, line.key or None)
    banded = line.kind in _FILLS
    for place in range(len(widths) if banded and line.kind != "columns" else len(line.values)):
        value = line.values[place] if place < len(line.values) else None
        cell = _write(sheet, row, place + 2, value)
        cell.font = _FONTS.get(line.kind, _BODY if place < 1 or line.kind in ("text", "sheet") else _HELP)
        cell.alignment, cell.border = _WRAPPED, _THIN if line.slots else Border()
        if banded:
            cell.fill = _FILLS[line.kind]
    if line.kind == "state":
        sheet.cell(row, len(line.values) + 1).font = _HELP
    _marks(sheet, row, line)
    lines = max((_lines(value, width) for value, width in zip(line.values, widths, strict=False)), default=1)
    sheet.row_dimensions[row].height = {"title": 36, "head": 26}.get(line.kind, min(LINE * lines + PADDING, HIGHEST))


def _align(sheet: Worksheet, row: int, slots: Mapping[int, Slot]) -> None:
    """Put the headings of numbers above them, on the right."""
    for place, slot in slots.items():
        if slot.spec.numeric:
            sheet.cell(row, place + 2).alignment = _RIGHT


def _marks(sheet: Worksheet, row: int, line: Line) -> None:
    """Colour the samples of the guide, and the headings of estimates."""
    if line.kind in ("answer", "expected") and not line.slots:
        sheet.cell(row, 2).fill, sheet.cell(row, 2).border = _EXPECTED if line.kind == "expected" else _TO_FILL, _BOX
        sheet.cell(row, 3).font = _BODY
    if line.kind == "sheet":
        sheet.cell(row, 2).font = _FONTS["topic"]


def _slot(sheet: Worksheet, row: int, column: int, slot: Slot, line: Line) -> None:
    """Make a cell one to fill in."""
    cell, spec = sheet.cell(row, column), slot.spec
    cell.font, cell.border = _BODY, _BOX
    cell.fill = _EXPECTED if slot.expected else _TO_FILL
    cell.alignment = _RIGHT if spec.numeric else _LEFT
    if line.kind == "state":
        cell.alignment = _LEFT
    if spec.kind == "date":
        cell.number_format = "yyyy-mm-dd"
    elif spec.kind == "text":
        cell.number_format = "@"
    elif spec.kind == "count" or isinstance(cell.value, int):
        cell.number_format = "0" if spec.unit and spec.unit.dimension == "cycles" else "#,##0"
    elif isinstance(cell.value, Decimal):
        cell.number_format = "#,##0.0#####"


def _check(sheet: Worksheet, row: int, line: Line, choices: _Choices) -> None:
    """Check what is filled in, neighbours of one fact together; a check warns, the import decides."""
    spans: list[list[int]] = []
    for place in sorted(line.slots):
        same = spans and spans[-1][1] == place - 1 and line.slots[place - 1].spec is line.slots[place].spec
        if same:
            spans[-1][1] = place
        else:
            spans.append([place, place])
    for first, last in spans:
        slot = line.slots[first]
        start, end = (f"{get_column_letter(place + 2)}{row}" for place in (first, last))
        check = _validation(slot, start, choices)
        if check is not None:
            check.add(start if start == end else f"{start}:{end}")
            sheet.add_data_validation(check)


def _validation(slot: Slot, first: str, choices: _Choices) -> DataValidation | None:
    spec = slot.spec
    check = DataValidation(allow_blank=True, errorStyle="warning", errorTitle=WORDS["warnings"]["title"])
    if slot.prompt and (prompt := _prompt(spec)):
        check.showInputMessage, check.promptTitle, check.prompt = True, spec.label[:32], prompt
    if listed := choices.of(spec):
        check.type, check.formula1 = "list", listed
        check.showErrorMessage = spec.kind in ("flag", "choice") and not spec.multiple
        check.error = WORDS["warnings"]["listed"]
    elif formula := _formula(spec, first):
        check.type, check.formula1, check.showErrorMessage = "custom", formula, True
        kind = "date" if spec.kind == "date" else "count" if spec.kind == "count" else "number"
        check.error = WORDS["warnings"][kind].format(unit=spec.unit.symbol if spec.unit else "")
    elif check.prompt is None:
        return None
    return check


def _formula(spec: FactSpec, cell: str) -> str:
    """Return what a spreadsheet can check of a number or a date: words that the import knows are let through."""
    known = f'{cell}="{NOT_KNOWN}"'
    if spec.kind == "date":
        return f"OR(AND(ISNUMBER({cell}),{cell}>18263),{known})"
    if not spec.numeric:
        return ""
    bounds = [f"ISNUMBER({cell})"]
    bounds += [f"{cell}>={spec.least}"] if spec.least is not None else []
    bounds += [f"{cell}<={spec.most}"] if spec.most is not None else []
    bounds += [f"{cell}=INT({cell})"] if spec.kind == "count" else []
    spoken = [f'ISNUMBER(FIND("{sign}",{cell}))' for sign in ("..", "～", "~", "万", "亿", "%")]
    return f"OR(AND({','.join(bounds)}),{known},{','.join(spoken)})"


def _prompt(spec: FactSpec) -> str:
    prompts: Mapping[str, str] = WORDS["prompts"]
    unit = spec.unit.symbol if spec.unit else ""
    said = spec.question or spec.help
    if spec.multiple:
        how = prompts["multiple"].format(choices=SEPARATOR.join(spec.choices.values()))
    elif spec.numeric:
        how = prompts["number"].format(unit=unit) + prompts["unsure"]
    else:
        how = prompts.get(spec.kind, "")
    text = "\n".join(filter(None, (said, how)))
    return text if len(text) <= LONGEST_PROMPT else f"{text[: LONGEST_PROMPT - 1]}…"


# ---- cells


def _write(sheet: Worksheet, row: int, column: int, value: Value) -> Cell:
    """Write one cell; a text stays a text, whatever it begins with."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    if isinstance(value, str):
        text = _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", value)
        if len(text) > LONGEST:
            raise BadInput(
                [Problem("workbook-text-long", Place(f"{sheet.title}!{cell.coordinate}"), {"found": text[:12]})]
            )
        cell.value = text or None
        if text:
            cell.data_type = "s"
        if _FORMULA.match(text):
            cell.quotePrefix = True
    else:
        cell.value = value
    return cell


def _lines(value: Value, width: int) -> int:
    """Return how many lines a cell takes: not every program finds the height of wrapped text by itself."""
    lines = str(value).splitlines() if isinstance(value, str) else [""]
    return sum(max(1, -(-_columns(line) // (width - 1))) for line in lines) or 1


@cache
def _columns(line: str) -> int:
    """Return the width of a line in characters, those of Chinese counted twice."""
    return sum(1 if east_asian_width(sign) in ("Na", "N", "H") else 2 for sign in line)


def _print_setup(sheet: Worksheet) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.6, bottom=0.6, header=0.3, footer=0.3)
    footer, header = sheet.oddFooter, sheet.oddHeader
    assert footer is not None
    assert header is not None
    header.right.text = sheet.title
    footer.center.text = "&P / &N"
