"""The checklist as a workbook: steps to tick off, questions, verdicts; the same assessment gives the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from importlib.resources import files
from io import BytesIO
from unicodedata import east_asian_width
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import yaml
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from assistant.delivery.result import Json, result
from assistant.delivery.wording.labels import labels
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.assessment import Assessment
from assistant.planning.prospect import Prospect
from assistant.planning.questions import topic_of
from assistant.rulebook.requirement import nodes

Value = str | int | date | None

LONGEST = 32767  # characters a cell holds
LONGEST_HEADER = 100  # characters of a name in the page header, which holds 255 with its codes
LINE, PADDING, HIGHEST = 14, 4, 409  # points; a row can be no higher
_FORMULA = re.compile(r"[=+\-@＝＋－＠\t\r\n]")  # what a spreadsheet may take for the start of a formula
_FONT = "Microsoft YaHei"
_BODY = Font(name=_FONT, size=10)
_HEAD = Font(name=_FONT, size=10, bold=True, color="FFFFFF")
_FILL = PatternFill("solid", fgColor="1C6B58")
_RULE = Border(bottom=Side("thin", color="D9DAD3"))
_TEXT = Alignment(wrap_text=True, vertical="top")
_LEFT = Alignment(horizontal="left", wrap_text=True, vertical="top")


def checklist_xlsx(assessment: Assessment, lang: str = "zh") -> bytes:
    """Return the workbook: checklist, questions, verdicts."""
    words = yaml.safe_load((files("assistant.delivery") / "templates" / "spreadsheet.yaml").read_text("utf-8"))[lang]
    data = result(assessment, lang)
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    checklist = _sheet(first, words["checklist"], _checklist(assessment, data, words, lang), data)
    _tick_off(checklist, words["statuses"])
    _sheet(book.create_sheet(), words["questions"], _questions(assessment, data, words, lang), data)
    _sheet(book.create_sheet(), words["projects"], _projects(data, words, lang), data)
    stamp = datetime(assessment.on.year, assessment.on.month, assessment.on.day)  # noqa: DTZ001  # the file knows no zone
    book.properties.creator = words["creator"]
    book.properties.created = book.properties.modified = stamp
    return _packed(book, stamp)


# ---- rows


def _checklist(assessment: Assessment, data: Json, words: Json, lang: str) -> Iterator[list[Value]]:
    kinds = {**labels("step", lang), "yearly": words["upkeep"], "expiry": words["upkeep"]}
    clauses = {prospect.match.project.id: _clauses(prospect) for prospect in assessment.prospects}
    names = {project["id"]: project["name"] for project in data["projects"]}
    say = Speaker(assessment.rulebook, lang)
    entries = [*data["steps"], *data["upkeep"]]
    for entry in sorted(entries, key=lambda entry: entry["due"] or "9999"):
        kind, due = entry["kind"], entry["due"]
        row: list[Value] = [words["statuses"][0], date.fromisoformat(due) if due else None]
        row.append(words["by"].get(kind, words["by"]["other"]) if due else "")
        if "serves" in entry:
            served = words["comma"].join(one["name"] for one in entry["serves"])
            cited = _cited(entry["criteria"], clauses, names, words)
            title, about, dated = entry["title"], entry["note"], words["estimated"][entry["estimated"]]
        else:
            served, cited = say.recognition(entry["project"]), entry["clause"]
            title, about, dated = entry["text"], "", words["estimated"][False]
        row += [title, about, kinds[kind], served, cited, dated]
        yield row


def _clauses(prospect: Prospect) -> dict[str, str]:
    """Return the clause of every criterion and group of the version that decides."""
    version = prospect.match.version
    return {node.id: node.basis.clause or "" for node in nodes(version.root) if node.basis} if version else {}


def _cited(criteria: Iterable[Json], clauses: Json, names: Json, words: Json) -> str:
    """Return the clauses that a step serves, one line per project."""
    cited: dict[str, dict[str, None]] = {}
    for one in criteria:
        if clause := clauses[one["project"]].get(one["criterion"]):
            cited.setdefault(one["project"], {})[clause] = None
    return "\n".join(f"{names[id_]}{words['colon']}{words['semicolon'].join(found)}" for id_, found in cited.items())


def _questions(assessment: Assessment, data: Json, words: Json, lang: str) -> Iterator[list[Value]]:
    costs = labels("cost", lang)
    names = {project["id"]: project["name"] for project in data["projects"]}
    for number, (ask, one) in enumerate(zip(assessment.asks, data["questions"], strict=True), start=1):
        topic = assessment.rulebook.dictionary.topics[topic_of(ask.fact, assessment.rulebook)]
        years = words["comma"].join(map(str, one["years"]))
        served = words["comma"].join(names[id_] for id_ in one["serves"])
        asked = one["question"] or one["label"]
        yield [
            number, topic, asked, one["label"], years, one["unit"], one["help"], one["evidence"], served,
            costs[one["cost"]],
        ]  # fmt: skip


def _projects(data: Json, words: Json, lang: str) -> Iterator[list[Value]]:
    standings, levels, kinds = labels("standing", lang), labels("level", lang), labels("kind", lang)
    by_id = {project["id"]: project for project in data["projects"]}
    for id_ in data["ranked"]:
        one = by_id[id_]
        gaps = "\n".join(gap["text"] for gap in one["gaps"]) or one["reason"]
        until = one["held"] and one["held"]["expires"]
        held = f"{words['until']}{until}" if until else words["held"] if one["held"] else ""
        yield [
            one["name"], levels[one["level"]], kinds[one["kind"]], one["cycle"], standings[one["standing"]], gaps,
            len(one["questions"]) or None, len(one["judgements_open"]) or None, one["window"]["text"], held,
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
    header.left.text = _plain(data["enterprise"]["name"])[:LONGEST_HEADER].replace("&", "&&")
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
        text = _plain(value)[:LONGEST]
        cell.value = text or None
        if _FORMULA.match(text):
            cell.data_type, cell.quotePrefix = "s", True
    else:
        cell.value, cell.alignment = value, _LEFT
        if isinstance(value, date):
            cell.number_format = "yyyy-mm-dd"
    return cell


def _plain(text: str) -> str:
    """Return *text* without the control characters that a workbook cannot hold."""
    return ILLEGAL_CHARACTERS_RE.sub("", text)


def _tick_off(sheet: Worksheet, statuses: Sequence[str]) -> None:
    """Offer the statuses in the first column; what is done or not needed turns grey."""
    last = max(sheet.max_row, 2)
    choice = DataValidation(type="list", formula1=f'"{",".join(statuses)}"', allow_blank=True, showErrorMessage=True)
    choice.add(f"A2:A{last}")
    sheet.add_data_validation(choice)
    settled = ",".join(f'$A2="{status}"' for status in statuses[2:])
    grey = Rule("expression", dxf=DifferentialStyle(font=Font(color="9A9A94")), formula=[f"OR({settled})"])
    sheet.conditional_formatting.add(f"A2:{get_column_letter(sheet.max_column)}{last}", grey)


def _packed(book: Workbook, stamp: datetime) -> bytes:
    """Return the workbook's bytes with every entry stamped alike."""
    written, packed = BytesIO(), BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        ExcelWriter(book, archive).save()
    with ZipFile(written) as archive, ZipFile(packed, "w", ZIP_DEFLATED) as stamped:
        for name in archive.namelist():
            entry = ZipInfo(name, stamp.timetuple()[:6])
            entry.compress_type, entry.create_system = ZIP_DEFLATED, 3
            stamped.writestr(entry, archive.read(name))
    return packed.getvalue()
