"""A listing is the rows that the tables of a document hold together, whatever their cuts, order and headings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from assistant.catalogue.columns import column_named, is_heading, number_in, planned, recognised
from assistant.catalogue.links import addresses, faults
from assistant.catalogue.refused import Refused
from assistant.catalogue.rows import COLUMNS, Cell, Column, Oddity, PublishedList, Row, Section, Table
from assistant.catalogue.titles import documents, joined, number_of
from assistant.periods import Reading

_LEAST_COLUMNS = 3
_TITLE = re.compile(r"清单|目录|名录|名单|一览")
_YEAR = re.compile(r"(20\d\d) ?年")
_HEADED = re.compile(r"(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[)）])?.{0,14}(?:国家|省级).{0,8}$")
_UNNUMBERED = re.compile(r"〔\d{4}〕\d+(?!\s*[\d号])")


@dataclass(slots=True)
class _Block:
    """Rows under one heading in one table."""

    place: str
    heading: tuple[Cell, ...]
    cut: bool  # goes on from the block before
    rows: list[tuple[Cell, ...]] = field(default_factory=list)
    columns: Mapping[Column, int] = field(default_factory=dict)
    section: str = ""  # printed above the table
    captions: tuple[str, ...] = ()  # all lines of text before it

    @property
    def title(self) -> str:
        """The words of the heading."""
        return " | ".join(joined(cell.text) for cell in self.heading)

    @property
    def width(self) -> int:
        """How many columns there are."""
        return max(map(len, self.rows), default=0)


@dataclass(slots=True)
class _Draft:
    """A row under construction: its cells by column, those of its continuation appended."""

    section: str
    cells: dict[Column, list[Cell]]
    place: str
    last_before_cut: bool = False

    def text(self, column: Column) -> str:
        """Return the text of a column, parts on their own lines."""
        return "\n".join(dict.fromkeys(cell.text for cell in self.cells.get(column, ()) if cell.text))

    def take(self, other: _Draft) -> None:
        """Append the cells of a continuation."""
        for column, cells in other.cells.items():
            self.cells.setdefault(column, []).extend(cells)


def listing(tables: Sequence[Table], *, year: int | None = None) -> PublishedList:
    """Return the list that *tables* hold; *year* is the year it plans for, where it does not say so itself.

    Raises:
        Refused: none of the tables is a list of projects.

    """
    blocks, others = _blocks(tables)
    title = _title(blocks[0].captions)
    planned_for = year or _year(blocks, title)
    oddities = [*_heading_oddities(blocks), *(Oddity("table-unread", found=o.title, place=o.place) for o in others)]
    rows: list[Row] = []
    sections: dict[Section, str] = {}
    for draft in _drafts(blocks):
        section = _section(draft.section)
        if draft.section:
            if section not in sections and not section:
                oddities.append(Oddity("section-unknown", found=draft.section, place=draft.place))
            sections.setdefault(section, draft.section)
        row, reading = _row(draft, section, planned_for)
        rows.append(row)
        oddities += _row_oddities(row, reading, draft, planned_for)
    if not rows:
        raise Refused("list-no-table")
    oddities += _numbering(rows)
    return PublishedList(title, planned_for, tuple(rows), tuple(oddities), sections)


# ---- tables → blocks


def _blocks(tables: Sequence[Table]) -> tuple[list[_Block], list[_Block]]:
    """Return the parts of tables that belong to the list, columns recognised, and those that look as if they might."""
    captions: list[str] = []
    found = [block for table in tables for block in _headed(table, captions)]
    alike: dict[str, list[tuple[Cell, ...]]] = {}  # rows under the same heading tell together what its columns are
    for block in found:
        alike.setdefault(block.title, []).extend(row for row in block.rows if not _is_section(row))
    headings = {block.title: block.heading for block in found if block.heading}
    columns = {title: recognised(heading, alike[title]) for title, heading in headings.items()}
    blocks: list[_Block] = []
    others: list[_Block] = []
    for block in found:
        block.columns = columns[block.title] if block.heading else recognised((), block.rows)
        before = blocks[-1] if blocks else None
        if not block.heading and before is not None and len(block.columns) < len(before.columns):
            block.columns = before.columns if block.width == before.width else {}
        documents_named = block.heading or block.columns.keys() & {"basis", "notices"}
        if documents_named and "name" in block.columns and len(block.columns) >= _LEAST_COLUMNS:
            block.cut = before is not None and not block.section
            blocks.append(block)
        elif block.heading or (before is not None and block.width == before.width):
            others.append(block)
    if not blocks:
        raise Refused("list-columns-unclear", others[0].title) if others else Refused("list-no-table")
    return blocks, others


def _headed(table: Table, captions: list[str]) -> Iterator[_Block]:
    """Yield the parts of a table between its headings; *captions* are the lines of text so far."""
    captions += table.before
    block = _Block(table.place, (), cut=False, section=_headline(table.before))
    for row in table.rows:
        if is_heading(row):
            if block.rows:
                block.captions = tuple(captions)
                yield block
                block = _Block(table.place, (), cut=True)
            block.heading = row
        elif block.heading or not _is_section(row) or block.rows:
            block.rows.append(row)
        elif _TITLE.search(caption := _section_text(row)):
            captions.append(caption)
        else:
            block.section = caption  # above the first heading
    if block.rows:
        block.captions = tuple(captions)
        yield block


def _is_section(row: Sequence[Cell], *, cut: bool = False) -> bool:
    """Tell whether *row* is a heading over rows: one text across the table, or alone in its first place.

    Behind a page *cut*, a text that stands alone is more likely the rest of a cell.
    """
    filled = [at for at, cell in enumerate(row) if cell.text]
    texts = {cell.text for cell in row if cell.text}
    if len(texts) != 1 or number_in(text := joined(texts.pop())) is not None or any(cell.links for cell in row):
        return False
    across = 2 * len(filled) > len(row) > 2
    return across or (len(filled) == 1 and bool(_HEADED.match(text))) or (filled == [0] and not cut)


def _section_text(row: Sequence[Cell]) -> str:
    return joined(next(cell.text for cell in row if cell.text))


def _headline(lines: Sequence[str]) -> str:
    """Return the section heading that stands right above a table, if one does."""
    last = lines[-1] if lines else ""
    return last if _HEADED.match(last) and not _TITLE.search(last) and not _YEAR.search(last) else ""


def _section(text: str) -> Section:
    national, provincial = text.find("国家"), max(text.find("省级"), text.find("以本机关名义"))
    if national < 0 and provincial < 0:
        return ""
    return "national" if provincial < 0 or 0 <= national < provincial else "provincial"


def _title(lines: Sequence[str]) -> str:
    """Return the title of the list: the last line before the table that calls itself a list."""
    return next((line for line in reversed(lines) if _TITLE.search(line) and len(line) < 80), "")


def _year(blocks: Sequence[_Block], title: str) -> int | None:
    """Return the year that the list plans for, from its heading or its title."""
    for block in blocks:
        at = block.columns.get("planned")
        heading = block.heading[at].text if at is not None and at < len(block.heading) else ""
        if found := _YEAR.search(heading):
            return int(found[1])
    found = _YEAR.search(title)
    return int(found[1]) if found else None


def _heading_oddities(blocks: Sequence[_Block]) -> Iterator[Oddity]:
    first: dict[Column, str] = {}
    seen: set[str] = set()
    for block in blocks:
        if block.title in seen:
            continue
        seen.add(block.title)
        texts = {at: re.sub(r"\s", "", cell.text) for at, cell in enumerate(block.heading)}
        for column, at in block.columns.items():
            found = texts.pop(at, "")
            if not block.heading:
                continue
            if column_named(found) != column:
                yield Oddity("heading-misfit", column=column, found=found, place=block.place)
            elif first.setdefault(column, found) != found:
                yield Oddity("heading-differs", column=column, found=found, meant=first[column], place=block.place)
        for found in filter(None, texts.values()):
            yield Oddity("column-unread", found=found, place=block.place)
        if block.heading:
            for column in COLUMNS:
                if column not in block.columns:
                    yield Oddity("column-missing", column=column, place=block.place)


# ---- blocks → rows


def _drafts(blocks: Sequence[_Block]) -> Iterator[_Draft]:
    """Yield the rows, put together again where a page cuts them or a cell spans several of them."""
    waiting: _Draft | None = None
    section = ""
    for block in blocks:
        section = block.section or section
        first = True
        for row in block.rows:
            if _is_section(row, cut=first and block.cut):
                section = _section_text(row)
                first = False
                continue
            cells = {column: [row[at]] for column, at in block.columns.items() if at < len(row)}
            draft = _Draft(section, cells, block.place)
            if waiting is not None and waiting.section == section and _goes_on(waiting, draft, block, first=first):
                waiting.take(draft)
            else:
                if waiting is not None:
                    yield waiting
                waiting = draft
            first = False
    if waiting is not None:
        yield waiting


def _goes_on(before: _Draft, draft: _Draft, block: _Block, *, first: bool) -> bool:
    """Tell whether *draft* is more of the row before it."""
    number, name = draft.text("number"), draft.text("name")
    if not name and not number:
        return True
    if number and number == before.text("number") and name == before.text("name"):
        return True  # both span several rows
    if not (first and block.cut) or "number" not in block.columns:
        return False
    halves = not before.text("number") and not (before.text("planned") and draft.text("planned"))
    return not number or halves


def _row(draft: _Draft, section: Section, year: int | None) -> tuple[Row, Reading]:
    reading = planned(draft.text("planned"), year)
    row = Row(
        section,
        number_in(draft.text("number")),
        joined(draft.text("name")),
        documents(draft.text("basis")),
        _links(draft, "basis_links", "basis"),
        documents(draft.text("notices")),
        _links(draft, "notice_links", "notices"),
        joined(draft.text("planned")),
        reading.periods,
    )
    return row, reading


def _links(draft: _Draft, column: Column, titles: Column) -> tuple[str, ...]:
    """Return the links of a column, or those on its titles where it has no column of its own."""
    source = column if column in draft.cells else titles
    printed = addresses(draft.text(source))
    links = dict.fromkeys(url for cell in draft.cells.get(source, ()) for url, _ in cell.links)
    return tuple(dict.fromkeys(_whole(url, printed) for url in links) or dict.fromkeys(printed))


def _whole(url: str, printed: Sequence[str]) -> str:
    """Return the printed address of which *url* is only the beginning: PDF links often end with their line."""
    longer = [address for address in printed if address.startswith(url)]
    return longer[0] if len(longer) == 1 else url


# ---- oddities of rows


def _row_oddities(row: Row, reading: Reading, draft: _Draft, year: int | None) -> Iterator[Oddity]:
    at = Oddity("", row.section, row.number, place=draft.place)
    if row.number is None and "number" in draft.cells:
        yield replace(at, code="number-missing", column="number", found=row.name)
    yield from _document_oddities(row, draft, at)
    for found in reading.unread:
        yield replace(at, code="date-not-understood", column="planned", found=found)
    if not row.planned:
        yield replace(at, code="date-missing", column="planned")
    years = {day.year for period in row.periods for day in (period.earliest, period.latest) if day}
    if year and years and year not in years:
        yield replace(at, code="date-other-year", column="planned", found=row.planned, meant=str(year))


def _document_oddities(row: Row, draft: _Draft, at: Oddity) -> Iterator[Oddity]:
    """Look at the documents and their links."""
    pairs: tuple[tuple[Column, tuple[str, ...], Column, tuple[str, ...]], ...] = (
        ("basis", row.basis, "basis_links", row.basis_links),
        ("notices", row.notices, "notice_links", row.notice_links),
    )
    for column, titles, link_column, links in pairs:
        if not titles:
            yield replace(at, code="document-missing", column=column)
        for title in titles:
            if (bare := _UNNUMBERED.search(title)) and not number_of(title[: bare.end()]):
                yield replace(at, code="number-form", column=column, found=bare[0], meant=f"{bare[0]}号")
        if titles and not links:
            yield replace(at, code="link-missing", column=link_column)
        elif titles and len(titles) != len(links):
            yield replace(at, code="links-differ", column=link_column, found=str(len(links)), meant=str(len(titles)))
        for link in links:
            for code, meant in faults(link):
                yield replace(at, code=code, column=link_column, found=link, meant=meant)
        shown = addresses(draft.text(link_column))
        behind = [url for cell in draft.cells.get(link_column, ()) for url, _ in cell.links]
        for url in dict.fromkeys(behind if shown else ()):
            if url not in shown:
                other = next((address for address in shown if address not in behind), shown[0])
                yield replace(at, code="link-text-differs", column=link_column, found=other, meant=url)
    if len(row.notices) > 1:
        yield replace(at, code="notices-several", column="notices", found=str(len(row.notices)))
    for link in set(row.basis_links) & set(row.notice_links):
        yield replace(at, code="link-shared", column="notice_links", found=link)


def _numbering(rows: Sequence[Row]) -> Iterator[Oddity]:
    for section in dict.fromkeys(row.section for row in rows):
        numbers = Counter(row.number for row in rows if row.section == section and row.number is not None)
        for number in range(1, max(numbers, default=0)):
            if number not in numbers:
                yield Oddity("number-gap", section, number, "number")
        for number, times in numbers.items():
            if times > 1:
                yield Oddity("number-twice", section, number, "number", found=str(times))
