"""A grid lays out cells that span several columns or rows, so that every place of a table holds its cell."""

from __future__ import annotations

from assistant.catalogue.refused import Refused
from assistant.catalogue.rows import Cell

MAX_COLUMNS = 60


class Grid:
    """Rows under construction."""

    def __init__(self, most_rows: int) -> None:
        """Bear at most *most_rows* rows."""
        self._most = most_rows
        self._rows: list[dict[int, Cell]] = []
        self._spanning: dict[int, tuple[Cell, int]] = {}  # column → the cell from above and how many rows it goes on
        self._column = 0

    def next_row(self) -> None:
        """Begin a row; cells that span into it are in place."""
        if len(self._rows) >= self._most:
            raise Refused("list-too-long")
        self._rows.append({column: cell for column, (cell, _) in self._spanning.items()})
        self._spanning = {column: (cell, left - 1) for column, (cell, left) in self._spanning.items() if left > 1}
        self._column = 0

    def skip(self, columns: int) -> None:
        """Leave out columns (Word's gridBefore)."""
        self._column += columns

    def add(self, cell: Cell, columns: int = 1, rows: int = 1) -> None:
        """Put *cell* on the next free place of the row."""
        row = self._rows[-1]
        for _ in range(max(1, columns)):
            while self._column in row:
                self._column += 1
            if self._column >= MAX_COLUMNS:
                return
            row[self._column] = cell
            if rows != 1:
                self._spanning[self._column] = (cell, (rows or self._most) - 1)
            self._column += 1

    def above(self) -> Cell:
        """Return the cell above the next place (Word's vMerge goes on)."""
        row = self._rows[-2] if len(self._rows) > 1 else {}
        return row.get(self._column, Cell())

    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        """Return the rows, all equally wide; rows with nothing in them are left out."""
        width = max((max(row, default=-1) + 1 for row in self._rows), default=0)
        laid = (tuple(row.get(column, Cell()) for column in range(width)) for row in self._rows)
        return tuple(row for row in laid if any(cell.text or cell.links for cell in row))
