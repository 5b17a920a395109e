"""The verdicts of a screening as a sheet for people: a company in every row, a project in every column, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO

import polars as pl
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from assistant.delivery.screening.writing import cell
from assistant.delivery.wording.screening import words
from assistant.matching.screening.intake.headers import NAME, USCC
from assistant.matching.screening.intake.table import ROW
from assistant.matching.screening.tally import STATES, state_of
from assistant.rulebook.requirement import Project

_FONT = "Microsoft YaHei"
_HEAD = Font(name=_FONT, size=10, bold=True, color="FFFFFF")
_FILL = PatternFill("solid", fgColor="1C6B58")
_STANDING_OUT = {"eligible": "D8EBE4", "near": "F6E7CC"}
_WIDTHS = (8, 34, 22)  # of row, name and credit code
_WIDTH = 15


def verdicts_xlsx(frames: Iterator[pl.DataFrame], projects: Sequence[Project], lang: str) -> bytes:
    """Return the answers in *frames* as a workbook, one word for each company and project."""
    own = words(lang)
    names = [one.name if lang == "zh" else one.en for one in projects]
    told = {place: own[f"state.{state}"] for place, state in enumerate(STATES)}
    book = Workbook(write_only=True)
    sheet = book.create_sheet(own["projects"])
    sheet.freeze_panes = "D2"
    for place in range(len(_WIDTHS) + len(names)):
        width = _WIDTHS[place] if place < len(_WIDTHS) else _WIDTH
        sheet.column_dimensions[get_column_letter(place + 1)].width = width
    heads = []
    for text in (own["row"], own["company"], own["uscc"], *names):
        head = WriteOnlyCell(sheet, value=text)
        head.font, head.fill = _HEAD, _FILL
        head.alignment = Alignment(wrap_text=True, vertical="center")
        heads.append(head)
    sheet.append(heads)
    rows = 1
    last = get_column_letter(len(heads))
    chosen = [pl.col(ROW), pl.col(NAME), pl.col(USCC)]
    states = [state_of(one.id).replace_strict(told, return_dtype=pl.String).alias(one.id) for one in projects]
    try:
        for frame in frames:
            for row, name, uscc, *verdicts in frame.select(*chosen, *states).iter_rows():
                sheet.append([row, cell(sheet, name or ""), cell(sheet, uscc or ""), *verdicts])
            rows += frame.height
    except BaseException:
        sheet.close()  # it writes to a file meanwhile
        raise
    sheet.auto_filter.ref = f"A1:{last}{rows}"
    for state, color in _STANDING_OUT.items():
        fill = PatternFill("solid", bgColor=color)
        rule = CellIsRule(operator="equal", formula=[f'"{own[f"state.{state}"]}"'], fill=fill)  # type: ignore[no-untyped-call] # openpyxl
        sheet.conditional_formatting.add(f"D2:{last}{max(rows, 2)}", rule)
    written = BytesIO()
    book.save(written)
    return written.getvalue()
