"""HTML and Markdown: tables with spans, links and line breaks; Markdown is turned into HTML first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml import etree
from lxml import html as lxml_html
from markdown_it import MarkdownIt

from assistant.catalogue.grid import Grid
from assistant.catalogue.refused import Refused
from assistant.catalogue.rows import Cell, Table

_BLOCKS = frozenset(("p", "div", "li", "ul", "ol", "section", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"))
_SILENT = frozenset(("script", "style", "noscript", "template", "head", "title"))
_MARKDOWN_ROW = re.compile(r"^ {0,3}\|.*$", re.MULTILINE)
MAX_LINES = 400  # of text before the first table


def read_markdown(text: str, most_rows: int) -> tuple[Table, ...]:
    """Read Markdown; tables may be written with pipes or in HTML."""
    if sum(1 for _ in _MARKDOWN_ROW.finditer(text)) > 2 * most_rows:
        raise Refused("list-too-long")
    return read_html(MarkdownIt("commonmark", {"html": True}).enable("table").render(text), most_rows)


def read_html(text: str, most_rows: int) -> tuple[Table, ...]:
    """Read the innermost tables of a page: those around them only lay the page out."""
    parser = lxml_html.HTMLParser(remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = lxml_html.document_fromstring(text, parser=parser)
    except etree.ParserError:  # nothing in it
        return ()
    if sum(1 for _ in root.iter("tr")) > 2 * most_rows:
        raise Refused("list-too-long")
    elements = [table for table in root.iter("table") if table.find(".//table") is None]
    return tuple(
        _table(element, number, before, most_rows)
        for number, (element, before) in enumerate(_with_text_before(root, elements), 1)
    )


def _with_text_before(
    root: etree._Element, tables: Sequence[etree._Element]
) -> Iterator[tuple[etree._Element, tuple[str, ...]]]:
    """Yield each table with the lines of text since the table before it."""
    starts = frozenset(tables)
    inside = False
    pieces: list[str] = []
    for event, part, piece in _pieces(root):
        if part in starts:
            if event == "start":
                lines = _tidy("".join(pieces)).split("\n")
                yield part, tuple(filter(None, lines[-MAX_LINES:]))
            inside, pieces = event == "start", []
        if not inside:
            pieces.append(piece)


def _table(element: etree._Element, number: int, before: tuple[str, ...], most_rows: int) -> Table:
    grid = Grid(most_rows)
    for row in element.iter("tr"):
        grid.next_row()
        for cell in row.iterchildren("td", "th"):
            grid.add(_cell(cell), _span(cell, "colspan"), _span(cell, "rowspan"))
    return Table(f"table:{number}", before, grid.rows())


def _span(cell: etree._Element, name: str) -> int:
    written = (cell.get(name) or "").strip()
    return int(written) if written.isdecimal() and len(written) < 4 else 1


def _cell(element: etree._Element) -> Cell:
    links = tuple((anchor.get("href", "").strip(), _text(anchor)) for anchor in element.iter("a") if anchor.get("href"))
    return Cell(_text(element), links)


def _text(element: etree._Element) -> str:
    """Return the text of *element*: white space as a browser shows it, line breaks where it breaks."""
    return _tidy("".join(piece for _, _, piece in _pieces(element)))


def _tidy(text: str) -> str:
    return re.sub(r" ?\n[ \n]*", "\n", re.sub(r"[ \t\r\f\v\u00a0]+", " ", text)).strip()


def _pieces(element: etree._Element) -> Iterator[tuple[str, etree._Element, str]]:
    """Walk through *element*, yielding each start and end with its text; iterative, since a page may nest deeply."""
    for event, part in etree.iterwalk(element, events=("start", "end")):
        tag = part.tag if isinstance(part.tag, str) else ""
        text = part.text if event == "start" else part.tail
        if (event == "start" and tag in _SILENT) or (event == "end" and part is element):
            text = ""
        broken = tag in _BLOCKS or (tag == "br" and event == "start")
        yield event, part, ("\n" if broken else "") + (text or "").replace("\n", " ")
