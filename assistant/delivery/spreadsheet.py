"""The checklist as a workbook: steps to tick off, questions, verdicts; the same assessment gives the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from io import BytesIO
from unicodedata import east_asian_width
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from assistant.delivery import agenda
from assistant.delivery.packing import printable, stamped
from assistant.delivery.plain import Json
from assistant.delivery.result import result
from assistant.delivery.wording.labels import labels
from assistant.planning.assessment import Assessment
from assistant.planning.marks import UNTOUCHED, Worked

Value = str | int | date | None

LONGEST = 32767  # characters a cell holds
LONGEST_LIST = 250  # characters of a list to choose from
ANSWERS = "E"  # the column of answers
LONGEST_HEADER = 100  # characters of a name in the page header, which holds 255 with its codes
LINE, PADDING, HIGHEST = 14, 4, 409  # points; a row can be no higher
_FORMULA = re.compile(r"[=+\-@＝＋－＠\t\r\n]")  # what a spreadsheet may take for the start of a formula
_FONT = "Microsoft YaHei"
_BODY = Font(name=_FONT, size=10)
_HEAD = Font(name=_FONT, size=10, bold=True, color="FFFFFF")
_FILL = PatternFill("solid", fgColor="1C6B58")
_TO_FILL = PatternFill("solid", fgColor="FFF8E1")
_RULE = Border(bottom=Side("thin", color="D9DAD3"), right=Side("thin", color="ECECE8"))
_TEXT = Alignment(wrap_text=True, vertical="top")
_LEFT = Alignment(horizontal="left", wrap_text=True, vertical="top")


def checklist_xlsx(
    assessment: Assessment, lang: str = "zh", *, data: Json | None = None, worked: Worked = UNTOUCHED
) -> bytes:
    """Return the workbook: checklist, questions, verdicts; *data* is the result where that is at hand."""
    words = agenda.words("spreadsheet", lang)
    data = data or result(assessment, lang)
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    checklist = _sheet(first, words["checklist"], _checklist(data, worked, words, lang), data)
    _tick_off(checklist, words["statuses"], agenda.words("agenda", lang)["at_once"])
    questions = _sheet(book.create_sheet(), words["questions"], _questions(data, lang), data)
    _offer_answers(questions, data["questions"], words["answers"])
    _sheet(book.create_sheet(), words["projects"], _projects(data, words, lang), data)
    stamp = datetime(assessment.on.year, assessment.on.month, assessment.on.day)  # noqa: DTZ001  # the file knows no zone
    book.properties.creator = words["creator"]
    book.properties.created = book.properties.modified = stamp
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        ExcelWriter(book, archive).save()  # Workbook.save would stamp it with the hour
    return stamped(written.getvalue(), assessment.on)


# ---- rows


def _checklist(data: Json, worked: Worked, words: Json, lang: str) -> Iterator[list[Value]]:
    """Yield steps and upkeep by date; what cannot wait comes first on its day, what is settled comes last."""
    own = agenda.words("agenda", lang)
    kinds = {**labels("step", lang), "yearly": own["duty"], "expiry": own["duty"], "kept": ""}
    items = [*agenda.steps(data, lang, worked), *agenda.duties(data, lang, worked)]
    for item in sorted(items, key=lambda item: (item.settled, item.due or date.max, not item.at_once)):
        yield [
            words["statuses"][2 + agenda.SETTLED.index(item.state) if item.settled else 0],
            item.due,
            own["at_once"] if item.at_once else item.by,
            item.title,
            item.note,
            kinds.get(item.kind, item.kind),
            own["comma"].join(one.name for one in item.served),
            "\n".join(agenda.cited(item.served, lang)),
            own["pause"].join(word for word in (item.basis, item.sure) if word),
            item.who,
            "\n".join(item.remarks),
        ]


def _questions(data: Json, lang: str) -> Iterator[list[Value]]:
    """Yield a row per answer to give: a question about figures has one for each year."""
    own, costs = agenda.words("agenda", lang), labels("cost", lang)
    names = {project["id"]: project["name"] for project in data["projects"]}
    for number, one in enumerate(data["questions"], start=1):
        served = own["comma"].join(names[id_] for id_ in one["serves"])
        for year in one["years"] or [None]:
            yield [
                number, one["topic"], one["question"] or one["label"], year, None, one["unit"], one["help"],
                one["evidence"], served, costs[one["cost"]], one["label"],
            ]  # fmt: skip


def _projects(data: Json, words: Json, lang: str) -> Iterator[list[Value]]:
    levels, kinds = labels("level", lang), labels("kind", lang)
    standings, reviews = labels("standing", lang), labels("review", lang)
    by_id = {project["id"]: project for project in data["projects"]}
    for id_ in data["ranked"]:
        one = by_id[id_]
        gaps = "\n".join(gap["text"] for gap in one["gaps"]) or one["reason"]
        until = one["held"] and one["held"]["expires"]
        held = f"{words['until']}{until}" if until else words["held"] if one["held"] else ""
        offered = one["standing"] != "not-offered"
        yield [
            one["name"], levels[one["level"]], kinds[one["kind"]], one["cycle"],
            (reviews if one["review"] else standings)[one["standing"]], gaps, len(one["gaps"]) or None,
            len(one["questions"]) or None, len(one["judgements_open"]) or None,
            one["window"]["text"] if offered else "", held,
        ]  # fmt: skip


# ---- sheets


def _sheet(sheet: Worksheet, words: Json, rows: Iterable[Sequence[Value]], data: Json) -> Worksheet:
    """Fill *sheet* and set it up for reading, filtering and printing."""
    sheet.title = words["title"]
    columns: dict[str, int] = words["columns"]
    for column, (heading, width) in enumerate(columns.items(), start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
        cell = _write(sheet, 1, column, heading)
        cell.font, cell.fill = _HEAD, _FILL
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            _write(sheet, number, column, value)
        lines = max(map(_lines, row, columns.values()))
        sheet.row_dimensions[number].height = min(LINE * lines + PADDING, HIGHEST)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{sheet.max_row}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.75, bottom=0.75, header=0.35, footer=0.35)
    sheet.print_title_rows = "1:1"
    header, footer = sheet.oddHeader, sheet.oddFooter
    assert header is not None
    assert footer is not None
    header.left.text = printable(data["enterprise"]["name"])[:LONGEST_HEADER].replace("&", "&&")
    header.right.text = data["on"]
    footer.center.text = "&P / &N"
    return sheet


def _lines(value: Value, width: int) -> int:
    """Return how many lines a cell takes: not every program finds the height of wrapped text by itself."""
    lines = str(value).splitlines() if isinstance(value, str) else [""]
    return sum(max(1, -(-_columns(line) // (width - 1))) for line in lines) or 1


def _columns(line: str) -> int:
    """Return the width of a line in characters, those of Chinese counted twice."""
    return sum(1 if east_asian_width(sign) in ("Na", "N", "H") else 2 for sign in line)


def _write(sheet: Worksheet, row: int, column: int, value: Value) -> Cell:
    """Write one cell; a text stays a text, whatever it begins with."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    cell.font, cell.alignment, cell.border = _BODY, _TEXT, _RULE
    if isinstance(value, str):
        text = printable(value)[:LONGEST]
        cell.value = text or None
        if _FORMULA.match(text):
            cell.data_type, cell.quotePrefix = "s", True
    else:
        cell.value, cell.alignment = value, _LEFT
        if isinstance(value, date):
            cell.number_format = "yyyy-mm-dd"
    return cell


def _tick_off(sheet: Worksheet, statuses: Sequence[str], at_once: str) -> None:
    """Offer the statuses in the first column; what is settled turns grey, what cannot wait is red until then."""
    last = max(sheet.max_row, 2)
    choice = DataValidation(type="list", formula1=f'"{",".join(statuses)}"', allow_blank=True, showErrorMessage=True)
    choice.add(f"A2:A{last}")
    sheet.add_data_validation(choice)
    settled = ",".join(f'$A2="{status}"' for status in statuses[2:])
    grey = DifferentialStyle(font=Font(color="9A9A94"))
    red = DifferentialStyle(font=Font(color="A8321E", bold=True))
    whole = f"A2:{get_column_letter(sheet.max_column)}{last}"
    formatting = sheet.conditional_formatting
    formatting.add(whole, Rule("expression", dxf=grey, formula=[f"OR({settled})"], stopIfTrue=True))
    formatting.add(f"B2:C{last}", Rule("expression", dxf=red, formula=[f'$C2="{at_once}"']))


def _offer_answers(sheet: Worksheet, questions: Iterable[Json], answers: Sequence[str]) -> None:
    """Offer what can be chosen as a list; anything else may be written."""
    offers: dict[str, DataValidation] = {}
    rows = [one for one in questions for _ in one["years"] or [None]]
    for number, one in enumerate(rows, start=2):
        sheet[f"{ANSWERS}{number}"].fill = _TO_FILL
        options = answers if one["type"] == "flag" else [] if one["multiple"] else one["choices"]
        listed = ",".join(options)
        if options and len(listed) <= LONGEST_LIST and not any(sign in option for option in options for sign in ',"'):
            offer = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=False)
            offers.setdefault(listed, offer).add(f"{ANSWERS}{number}")
    for offer in offers.values():
        sheet.add_data_validation(offer)
