"""A row is one project as a published list prints it; an oddity is what is strange about the printing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from unicodedata import normalize

from assistant.catalogue.refused import Refused
from assistant.periods import Period

Section = Literal["national", "provincial", ""]
Column = Literal["number", "name", "basis", "basis_links", "notices", "notice_links", "planned"]
COLUMNS: tuple[Column, ...] = ("number", "name", "basis", "basis_links", "notices", "notice_links", "planned")

MOST_SIGNS = 4_000  # of a cell
MOST_LINKS = 40
_RADICALS: dict[int, int | str] = {
    **{code: normalize("NFKC", chr(code)) for code in (*range(0x2F00, 0x2FD6), *range(0xF900, 0xFB00))},
    **str.maketrans(
        "⺁⺒⺟⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
        "厂巳母民虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟",
    ),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its text, line breaks kept, and its links as (address, text shown)."""

    text: str = ""
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of cells as a document prints it; a cell that spans several places stands in each of them.

    *place* is where it begins (`page:2`, `table:3`); *before* are the lines of text since the table before it.
    """

    place: str
    before: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A project of the list. Links and *planned* are as printed; *periods* are what *planned* means."""

    section: Section
    number: int | None
    name: str
    basis: tuple[str, ...] = ()
    basis_links: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    notice_links: tuple[str, ...] = ()
    planned: str = ""
    periods: tuple[Period, ...] = ()


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something strange in the list; *code* is a key of the wording, *meant* what was probably meant."""

    code: str
    section: Section = ""
    number: int | None = None
    column: Column | None = None
    found: str = ""
    meant: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class PublishedList:
    """A list as published: its title, the year it plans for, its rows in printed order, its oddities."""

    title: str
    year: int | None
    rows: tuple[Row, ...]
    oddities: tuple[Oddity, ...]
    sections: Mapping[Section, str] = field(default_factory=dict)  # as printed


def tables_of(data: Sequence[Mapping[str, Any]]) -> tuple[Table, ...]:
    """Return the tables that `plain` wrote down."""
    return tuple(
        Table(
            str(table["place"]),
            tuple(map(str, table["before"])),
            tuple(
                tuple(Cell(str(text), tuple((str(url), str(shown)) for url, shown in links)) for text, links in row)
                for row in table["rows"]
            ),
        )
        for table in data
    )


def plain(tables: Sequence[Table]) -> list[dict[str, Any]]:
    """Return *tables* as plain data for JSON, cells cut at a length that no honest one has.

    Raises:
        Refused: it is more text than any list has.

    """
    written = [
        {
            "place": table.place,
            "before": [_usual(line) for line in table.before],
            "rows": [[[_usual(cell.text), list(cell.links[:MOST_LINKS])] for cell in row] for row in table.rows],
        }
        for table in tables
    ]
    if sum(len(cell.text) for table in tables for row in table.rows for cell in row) > MOST_SIGNS * 2_000:
        raise Refused("list-too-much")
    return written


def _usual(text: str) -> str:
    """Return *text* in the usual characters: PDF fonts often give a radical for the character that looks like it."""
    return text[:MOST_SIGNS].translate(_RADICALS)
