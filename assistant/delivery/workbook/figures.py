"""The sheets with a fact in every row: answers that have no year, and figures with a column for every year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from assistant.company.answers import is_unknown
from assistant.company.facts import FactSpec
from assistant.company.handwriting import simple
from assistant.delivery.workbook.answers import BLANK, KEY, Answers
from assistant.delivery.workbook.opening import Sheet, address
from assistant.delivery.workbook.sheets import ENTERPRISE, TITLES, WORDS, unitless
from assistant.errors import nearest

_YEAR = re.compile(r"(?:FY)?(\d{4})(?:年度?)?(\(?(?:预计|预估|估计)数?\)?)?$")
_LIKE_A_YEAR = re.compile(r"(?:FY)?\d{4}|.*\d{4}年")


def facts(sheet: Sheet, answers: Answers, data: dict[str, Any]) -> None:
    """Take the answers that have no year."""
    label, answer = (WORDS["columns"][name][0] for name in ("label", "answer"))
    top, columns = answers.headed(sheet, answer)
    if not top:
        return
    column = columns[answer]
    for row in _rows(sheet, top, [column], answers):
        key = sheet.text(row, KEY) if columns.get(label) != KEY else ""
        if key.startswith(ENTERPRISE):
            _enterprise(key.removeprefix(ENTERPRISE), sheet, row, column, answers, data)
        elif spec := _fact(key, sheet, row, columns.get(label, KEY + 1), column, answers):
            if spec.yearly:
                answers.wrong("cell-fact-elsewhere", sheet, row, column, label=spec.label, expected=TITLES["years"])
            else:
                answers.put(data.setdefault("facts", {}), spec, sheet, row, column, ("facts", spec.name))


def figures(sheet: Sheet, answers: Answers, data: dict[str, Any]) -> None:
    """Take the figures of every year, and the estimates."""
    heading = WORDS["columns"]["figure"][0]
    top, columns = answers.headed(sheet, heading)
    if not top:
        return
    years = dict(_years(sheet, top, answers))
    for row in _rows(sheet, top, [*years], answers):
        filled = [column for column in years if not sheet.row(row).get(column, BLANK).blank]
        key = sheet.text(row, KEY) if columns[heading] != KEY else ""
        spec = _fact(key, sheet, row, columns[heading], filled[0], answers)
        if spec is not None and not spec.yearly:
            answers.wrong("cell-fact-elsewhere", sheet, row, filled[0], label=spec.label, expected=TITLES["facts"])
        elif spec is not None:
            for column in filled:
                section, year = years[column]
                told = data.setdefault(section, {}).setdefault(year, {})
                answers.put(told, spec, sheet, row, column, (section, year, spec.name))


def _rows(sheet: Sheet, top: int, columns: list[int], answers: Answers) -> list[int]:
    """Return the rows with something in one of the *columns*."""
    rows = [row for row in sheet.cells if row > top]
    answers.merged(sheet, columns, range(top + 1, max(rows, default=top) + 1))
    return [row for row in rows if any(not sheet.row(row).get(column, BLANK).blank for column in columns)]


def _enterprise(key: str, sheet: Sheet, row: int, column: int, answers: Answers, data: dict[str, Any]) -> None:
    value = sheet.row(row)[column].value
    if key not in WORDS["enterprise"]:
        answers.remark("cell-fact-gone", answers.at(sheet, row, column), label=key)
    elif key == "uscc" and isinstance(value, int | float):
        answers.wrong("cell-code-as-number", sheet, row, column, found=value)
    elif not (isinstance(value, str) and is_unknown(simple(value))):
        label = WORDS["enterprise"][key][0]
        told = data.setdefault("enterprise", {})
        answers.put(told, FactSpec(key, label, label, "text"), sheet, row, column, ("enterprise", key))


def _fact(key: str, sheet: Sheet, row: int, label: int, column: int, answers: Answers) -> FactSpec | None:
    """Return the fact of a row: by its key, by what the key is called today, or by its label."""
    known = answers.dictionary
    said = sheet.text(row, label)
    names = [key] if key else [said, unitless(said)]
    found = (known.facts.get(name) or known.facts.get(known.aliases.get(name, "")) for name in names)
    spec = next(filter(None, found), None)
    if spec is not None and not spec.derived:
        return spec
    if key:  # of a dictionary that is older, or newer
        answers.remark("cell-fact-gone", answers.at(sheet, row, column), label=said or key)
    else:
        close = nearest(said, [one.label for one in known.facts.values() if not one.derived])
        answers.wrong("cell-row-unknown", sheet, row, column, found=said, nearest=close)
    return None


def _years(sheet: Sheet, top: int, answers: Answers) -> Iterator[tuple[int, tuple[str, int]]]:
    """Yield the columns of figures with the section and the year that they are for."""
    seen: dict[tuple[str, int], int] = {}
    for column, cell in sheet.row(top).items():
        text = simple(str(cell.value)).replace(" ", "")
        found = _YEAR.match(text)
        if not found:
            if _LIKE_A_YEAR.match(text):
                answers.wrong("cell-year-unclear", sheet, top, column, found=cell.value)
            continue
        section, year = "estimates" if found[2] else "years", int(found[1])
        if (section, year) in seen:
            first = address(sheet.title, top, seen[section, year])
            answers.wrong("cell-twice", sheet, top, column, first=first)
            continue
        seen[section, year] = column
        answers.source.cells[section, year] = answers.at(sheet, top, column)
        yield column, (section, year)
