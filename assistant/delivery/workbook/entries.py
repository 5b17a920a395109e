"""The sheets with lists: of each whether there is any, its headings, and an entry in every row below them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.company.answers import UNKNOWN, is_unknown
from assistant.company.facts import FactSpec
from assistant.company.handwriting import folded, simple
from assistant.delivery.workbook.answers import BLANK, KEY, Answers
from assistant.delivery.workbook.cells import LEFT_OUT
from assistant.delivery.workbook.numbers import Cell
from assistant.delivery.workbook.opening import Sheet
from assistant.delivery.workbook.sheets import HEADINGS, MARK, STATE, STATES, WORDS, unitless
from assistant.sources import Path_

Fields = Mapping[str, FactSpec]

_CRITERION = re.compile(r"[(（]?([\w-]+)/([\w-]+)[)）]?$")
_STATE = KEY + 2  # the column that says whether there is any


def lists(sheet: Sheet, known: Mapping[str, Fields], answers: Answers) -> dict[str, Any]:
    """Return the lists of a sheet: their entries, or that they are not known; one not answered is left out."""
    found: dict[str, Any] = {}
    states: dict[str, tuple[int, Cell]] = {}
    columns: dict[str, dict[int, str]] = {}
    name = next(iter(known)) if len(known) == 1 else ""
    for row in sheet.cells:
        key = _key(sheet, row)
        name = key.rstrip(STATE + HEADINGS) if key.rstrip(STATE + HEADINGS) in known else name
        if not name:
            continue
        if key == name + STATE:
            states[name] = row, sheet.row(row).get(_STATE, BLANK)
        elif key == name + HEADINGS or (name not in columns and _headings(sheet, row, known[name])):
            columns[name] = _headings(sheet, row, known[name])
            missing = [spec.label for key, spec in known[name].items() if key not in columns[name].values()]
            if missing:
                answers.wrong("cell-heading-missing", sheet, row, KEY + 1, expected="、".join(missing))
        elif name in columns:
            path = (*_path(name), len(found.get(name, ())))
            entry = _entry(sheet, row, columns[name], known[name], path, answers)
            if entry is not None:
                found.setdefault(name, []).append(entry)
    for name, (row, cell) in states.items():
        if not cell.blank:
            _state(name, sheet, row, cell, found, answers)
    return found


def _key(sheet: Sheet, row: int) -> str:
    key = sheet.text(row, KEY)
    return key.partition(" ")[2] if key.startswith(MARK) else key


def _path(name: str) -> Path_:
    return (name,) if name in ("recognitions", "judgements") else ("facts", name)


def _headings(sheet: Sheet, row: int, fields: Fields) -> dict[int, str]:
    """Return the columns of a list's fields, where a row has their headings."""
    labels = {spec.label: key for key, spec in fields.items()}
    texts = {column: sheet.text(row, column) for column in sheet.row(row) if column != KEY}
    named = {column: labels.get(text) or labels.get(unitless(text)) for column, text in texts.items()}
    return {column: key for column, key in named.items() if key}


def _entry(
    sheet: Sheet, row: int, columns: Mapping[int, str], fields: Fields, path: Path_, answers: Answers
) -> dict[str, Any] | None:
    """Return the entry in a row, None where there is none."""
    filled = [column for column in columns if not sheet.row(row).get(column, BLANK).blank]
    if not filled:
        return None
    answers.merged(sheet, [*columns], range(row, row + 1))
    cells = answers.source.cells
    cells[path] = answers.at(sheet, row, min(columns))
    told: dict[str, Any] = {}
    for column in filled:
        if sheet.text(row, column) != LEFT_OUT:
            answers.put(told, fields[columns[column]], sheet, row, column, (*path, columns[column]))
    for column, key in columns.items():
        cells.setdefault((*path, key), answers.at(sheet, row, column))
    return {key: told[key] for key in fields if key in told}


def _state(name: str, sheet: Sheet, row: int, cell: Cell, found: dict[str, Any], answers: Answers) -> None:
    """Bring together what is said of a list with what it lists."""
    said = simple(str(cell.value))
    none, listed = simple(STATES["none"]), simple(STATES["listed"])
    unknown = is_unknown(said)
    if said in (listed, listed[:1]):
        if name not in found:
            answers.wrong("cell-list-empty", sheet, row, _STATE, found=cell.value, expected=STATES["none"])
    elif not unknown and said not in (none, none[:1], WORDS["answers"]["none"]):
        answers.wrong("cell-choice", sheet, row, _STATE, found=cell.value, expected="、".join(STATES.values()))
    elif name in found:
        answers.wrong("cell-list-filled", sheet, row, _STATE, found=cell.value, expected=STATES["listed"])
    else:
        answers.source.cells[_path(name)] = answers.at(sheet, row, _STATE)
        found[name] = UNKNOWN if unknown else []


def with_ids(held: Any, answers: Answers) -> None:
    """Put ids in place of recognitions' names; a missing one is stood in for, so that the rest is checked."""
    known = {folded(name): id_ for name, id_ in answers.lists.recognition_aliases.items()}
    for place, entry in enumerate(held if isinstance(held, list) else ()):
        if "id" not in entry:
            _missing("recognitions", place, "id", answers)
        entry["id"] = entry.get("id", next(iter(answers.lists.recognitions)))
        entry["id"] = known.get(folded(entry["id"]), entry["id"])


def with_criteria(judgements: Sequence[dict[str, Any]], answers: Answers) -> None:
    """Put project and criterion in place of what the workbook calls them."""
    for place, entry in enumerate(judgements):
        text = str(entry.pop("criterion", ""))
        found = _CRITERION.search(text.strip())
        if not text:
            _missing("judgements", place, "criterion", answers)
        elif not found:
            answers.source.report("cell-criterion", ("judgements", place, "criterion"), found=text)
        if "verdict" not in entry:
            _missing("judgements", place, "verdict", answers)
        project, criterion = found.groups() if found else ("?", "?")
        rest = {"verdict": "met", **entry}
        entry.clear()
        entry |= {"project": project, "criterion": criterion, **rest}


def _missing(section: str, place: int, key: str, answers: Answers) -> None:
    answers.source.report("cell-missing", (section, place, key), expected=WORDS["columns"][key][0])
