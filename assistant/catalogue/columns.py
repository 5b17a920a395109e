"""Columns are recognised by the words of their heading and, where that is wrong, by what stands in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from assistant.catalogue.links import addresses
from assistant.catalogue.rows import COLUMNS, Cell, Column
from assistant.catalogue.titles import joined
from assistant.periods import Reading, read_periods

_HEADINGS: Mapping[Column, re.Pattern[str]] = {  # the first that fits
    "number": re.compile(r"^(?:序号?|编号|No\.?)$"),
    "notice_links": re.compile(r"(?:通知|公告|函).*(?:链接|网址)"),
    "basis_links": re.compile(r"(?:依据|政策|文件).*(?:链接|网址)"),
    "planned": re.compile(r"(?:计划|预计|拟|安排|评定|推荐).*(?:日期|时间)"),
    "notices": re.compile(r"通知|公告"),
    "basis": re.compile(r"依据|政策文件"),
    "name": re.compile(r"^(?:项目|资质|称号)?(?:名称|项目)$"),
}
_DOCUMENT = re.compile(r"《|〔|通知|办法|意见|方案|规划|公告|的函")
_CALL = re.compile(r"(?:申报|推荐|遴选|征集|认定|评价|建设|揭榜|评选|转发).*(?:通知|函)")
_NUMBER = re.compile(r"[（(]?(\d{1,4})[)）.、．]?$")
_HEADING_LENGTH = 60
_DOCUMENT_LENGTH = 1_500
_DATE_LENGTH = 120
_SAMPLE = 30  # rows that tell what a column holds
_BY_HEADING, _BY_CONTENT, _LEAST = 2.0, 3.0, 1.5


def column_named(heading: str) -> Column | None:
    """Return the column that *heading* names."""
    words = re.sub(r"\s", "", heading)
    if len(words) > _HEADING_LENGTH:
        return None
    return next((column for column, form in _HEADINGS.items() if form.search(words)), None)


def is_heading(row: Sequence[Cell]) -> bool:
    """Tell whether *row* is a header: it names the project and two other columns, and links nowhere."""
    named = {column_named(cell.text) for cell in row if cell.text}
    return len(named - {None}) >= 3 and not any(addresses(cell.text) for cell in row)


def number_in(text: str) -> int | None:
    """Return the running number that a cell holds."""
    match = _NUMBER.match(re.sub(r"\s", "", text))
    return int(match[1]) if match else None


def recognised(heading: Sequence[Cell], rows: Sequence[Sequence[Cell]]) -> dict[Column, int]:
    """Return which column of a table is which, from its heading (may be empty) and its rows."""
    width = max(len(heading), max(map(len, rows), default=0))
    names = [column_named(heading[at].text) if at < len(heading) else None for at in range(width)]
    filled = [
        [row[at] for row in rows[:_SAMPLE] if at < len(row) and (row[at].text or row[at].links)] for at in range(width)
    ]
    scores: list[tuple[float, int, Column]] = []
    for column in COLUMNS:
        for at in range(width):
            fit = _fit(column, filled[at])
            score = _BY_HEADING * (names[at] == column) + _BY_CONTENT * fit
            if fit and column in ("basis_links", "notice_links") and at:
                score += 0.2 * (names[at - 1] == column.removesuffix("_links").replace("notice", "notices"))
            scores.append((score, -at, column))
    found: dict[Column, int] = {}
    for score, at, column in sorted(scores, key=lambda entry: entry[:2], reverse=True):
        if score >= _LEAST and column not in found and -at not in found.values():
            found[column] = -at
    left = [at for at in range(width) if at not in found.values() and filled[at]]
    missing = [column for column in COLUMNS if column not in found]
    if len(left) == len(missing) == 1 and names[left[0]] in (None, *found):
        found[missing[0]] = left[0]  # the one that is left over, under a heading that belongs to another
    return found


def planned(text: str, year: int | None) -> Reading:
    """Read a planned date: line breaks mean nothing or, where it cannot be read so, part two rounds."""
    whole = read_periods(joined(text), year=year)
    parted = whole if whole.periods or "\n" not in text else read_periods(text, year=year)
    return parted if parted.periods else whole


def _fit(column: Column, cells: Sequence[Cell]) -> float:
    """Return how much of a column's content is what *column* holds, 0 to 1."""
    if not cells:
        return 0.0
    return sum(map(_KINDS[column], cells)) / len(cells)


def _is_number(cell: Cell) -> float:
    return float(number_in(cell.text) is not None)


def _is_link(cell: Cell) -> float:
    return float(bool(addresses(cell.text) or (cell.links and not _DOCUMENT.search(cell.text))))


def _is_date(cell: Cell) -> float:
    short = len(cell.text) <= _DATE_LENGTH
    return float(short and not _is_number(cell) and bool(planned(cell.text, 2000).periods))


def _is_basis(cell: Cell) -> float:
    return _is_document(cell) and (0.8 if _CALL.search(cell.text) else 1.0)


def _is_call(cell: Cell) -> float:
    return _is_document(cell) and (1.0 if _CALL.search(cell.text) else 0.8)


def _is_document(cell: Cell) -> float:
    short = len(cell.text) <= _DOCUMENT_LENGTH
    return float(short and bool(_DOCUMENT.search(cell.text)) and not addresses(cell.text))


def _is_name(cell: Cell) -> float:
    other = _is_number(cell) or addresses(cell.text) or _is_date(cell) or _DOCUMENT.search(cell.text)
    return 0.0 if other else float(0 < len(cell.text) <= _HEADING_LENGTH)


_KINDS: Mapping[Column, Callable[[Cell], float]] = {
    "number": _is_number,
    "name": _is_name,
    "basis": _is_basis,
    "basis_links": _is_link,
    "notices": _is_call,
    "notice_links": _is_link,
    "planned": _is_date,
}
