"""What is taken from the cells of a workbook: every answer with its cell, every mistake with its cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from assistant.company.answers import AnswerError
from assistant.company.facts import Dictionary, FactSpec
from assistant.company.handwriting import simple
from assistant.company.lists import Lists
from assistant.delivery.workbook.cells import meant
from assistant.delivery.workbook.numbers import Cell
from assistant.delivery.workbook.opening import Opened, Sheet, address
from assistant.errors import Place, Problem
from assistant.sources import Path_, Source

KEY = 1  # the hidden column
TOP = 12  # rows within which a sheet's headings stand
BLANK = Cell(None)
_BESIDE = {"year-not-closed": "cell-year-not-closed", "year-expected": "cell-year-expected"}


@dataclass(slots=True)
class CellSource(Source):
    """A source whose parts stand in cells."""

    cells: dict[Path_, str] = field(default_factory=dict)

    def place(self, path: Path_ = ()) -> Place:
        """Return the cell of *path*, or of the nearest part around it that has one."""
        at = path
        while at and at not in self.cells:
            at = at[:-1]
        return Place(self.file, path=self.cells.get(at, ""))


class Answers:
    """The answers of one workbook while it is read."""

    def __init__(self, book: Opened, name: str, dictionary: Dictionary, lists: Lists) -> None:
        """Begin with nothing; *name* stands for the workbook in messages."""
        self.dictionary = dictionary
        self.lists = lists
        self.source = CellSource(name)
        self.remarks: list[Problem] = []
        self._day_one: date = book.day_one
        self._order: dict[str, tuple[int, int, int]] = {}
        self._sheets = {sheet.title: place for place, sheet in enumerate(book.sheets)}

    def at(self, sheet: Sheet, row: int, column: int) -> str:
        """Return the name of a cell, and remember where it stands."""
        name = address(sheet.title, row, column)
        self._order[name] = (self._sheets[sheet.title], row, column)
        return name

    def wrong(self, code: str, sheet: Sheet, row: int, column: int, **params: object) -> None:
        """Note a mistake in a cell."""
        place = Place(self.source.file, path=self.at(sheet, row, column))
        self.source.problems.append(Problem(code, place, {key: str(value) for key, value in params.items()}))

    def remark(self, code: str, at: str = "", **params: str) -> None:
        """Note what the person should know."""
        self.remarks.append(Problem(code, Place(self.source.file, path=at), params))

    def put(self, into: dict[Any, Any], spec: FactSpec, sheet: Sheet, row: int, column: int, path: Path_) -> None:
        """Take the answer in a cell: the one at *path* of the profile."""
        at = self.at(sheet, row, column)
        if path in self.source.cells:
            self.wrong("cell-twice", sheet, row, column, first=self.source.cells[path], label=spec.label)
            return
        self.source.cells[path] = at
        cell = sheet.row(row)[column]
        try:
            found = meant(cell, spec, self.lists, self._day_one)
        except AnswerError as error:
            self.wrong(error.code, sheet, row, column, **{"label": spec.label, **error.params})
            return
        into[path[-1]] = found.raw
        if found.told:
            self.remark("cell-told", at, found=str(cell.value), meant=found.told)

    def merged(self, sheet: Sheet, columns: Sequence[int], rows: range) -> None:
        """Refuse an answer that stands in several cells: it could be meant for each of them."""
        for top, left, bottom, right in sheet.merged:
            if top not in rows or left not in sheet.row(top) or not any(left <= one <= right for one in columns):
                continue
            if left in columns or sheet.text(top, KEY):
                self.wrong("cell-merged", sheet, top, left, found=address("", bottom, right)[1:])

    def headed(self, sheet: Sheet, wanted: str) -> tuple[int, dict[str, int]]:
        """Return the row of headings and its columns by their headings; (0, …) where *wanted* is not among them."""
        for row in range(1, TOP):
            columns = {simple(sheet.text(row, column)): column for column in sheet.row(row)}
            if wanted in columns:
                return row, columns
        self.wrong("cell-heading-missing", sheet, 1, KEY + 1, expected=wanted)
        return 0, {}

    def told(self, problems: Sequence[Problem]) -> list[Problem]:
        """Return problems in the order of their cells, in the words of a spreadsheet."""
        said = [Problem(_BESIDE.get(one.code, one.code), one.place, self._named(one)) for one in problems]
        return sorted(said, key=lambda one: self._order.get(one.place.path, (-1, 0, 0)))

    def _named(self, problem: Problem) -> Mapping[str, str]:
        """Return what a problem tells, a recognition by its name."""
        close = self.lists.recognitions.get(problem.params.get("nearest", ""))
        if problem.code != "unknown-recognition" or close is None:
            return problem.params
        return {**problem.params, "nearest": close.label}
