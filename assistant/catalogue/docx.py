"""DOCX: the main part of the package and its relationships are read, nothing else of it.

Only two parts are ever unpacked, each up to a bound, so neither pictures nor a zip bomb can fill the memory.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator, Mapping

from lxml import etree

from assistant.catalogue.grid import Grid
from assistant.catalogue.refused import Refused
from assistant.catalogue.rows import Cell, Table

MAX_PART = 12_000_000  # bytes of one part, unpacked
MAX_PARTS = 5_000
MAX_LINES = 400
_BROKEN = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError, NotImplementedError, ValueError)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_FIELD_LINK = re.compile(r'HYPERLINK\s+(?:\\\w\s+)*"([^"]*)"(?:\s+\\l\s+"([^"]*)")?', re.IGNORECASE)


def read_docx(content: bytes, most_rows: int) -> tuple[Table, ...]:
    """Read the tables of a Word document."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            if len(package.namelist()) > MAX_PARTS:
                raise Refused("list-too-much")
            main = _main_part(package)
            body = _part(package, main)
            folder, name = posixpath.split(main)
            links = _relations(package, f"{folder}/_rels/{name}.rels", "hyperlink")
    except (*_BROKEN, etree.XMLSyntaxError) as error:
        raise Refused("list-damaged") from error
    if sum(1 for _ in body.iter(f"{_W}tr")) > 2 * most_rows:
        raise Refused("list-too-long")
    elements = [table for table in body.iter(f"{_W}tbl") if table.find(f".//{_W}tbl") is None]
    return tuple(
        _table(table, number, before, links, most_rows)
        for number, (table, before) in enumerate(_with_text_before(body, elements), 1)
    )


def _part(package: zipfile.ZipFile, name: str) -> etree._Element:
    """Return a part as XML; a part never yields more bytes than its directory entry says."""
    if package.getinfo(name).file_size > MAX_PART:
        raise Refused("list-too-much")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(package.read(name), parser=parser)


def _main_part(package: zipfile.ZipFile) -> str:
    names = _relations(package, "_rels/.rels", "officeDocument").values()
    return next(iter(names), "word/document.xml").lstrip("/")


def _relations(package: zipfile.ZipFile, name: str, kind: str) -> dict[str, str]:
    """Return the targets of one kind of relationship, by their ids."""
    if name not in package.namelist():
        return {}
    return {
        relation.get("Id", ""): relation.get("Target", "")
        for relation in _part(package, name)
        if relation.get("Type", "").endswith(f"/{kind}")
    }


def _table(
    element: etree._Element, number: int, before: tuple[str, ...], links: Mapping[str, str], most_rows: int
) -> Table:
    grid = Grid(most_rows)
    for row in element.iter(f"{_W}tr"):
        grid.next_row()
        grid.skip(_number(row.find(f"{_W}trPr/{_W}gridBefore")))
        for cell in row.iter(f"{_W}tc"):
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            goes_on = merge is not None and merge.get(f"{_W}val", "continue") == "continue"
            found = grid.above() if goes_on else _cell(cell, links)
            grid.add(found, _number(cell.find(f"{_W}tcPr/{_W}gridSpan")) or 1)
    return Table(f"table:{number}", before, grid.rows())


def _number(element: etree._Element | None) -> int:
    written = "" if element is None else element.get(f"{_W}val", "")
    return int(written) if written.isdecimal() and len(written) < 4 else 0


def _cell(element: etree._Element, links: Mapping[str, str]) -> Cell:
    lines = "\n".join(_text(paragraph) for paragraph in element.iter(f"{_W}p"))
    return Cell(re.sub(r"\n+", "\n", lines).strip(), tuple(_links(element, links)))


def _links(element: etree._Element, links: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the links of a cell, whether Word keeps them as elements or as field codes."""
    for link in element.iter(f"{_W}hyperlink"):
        target = links.get(link.get(f"{_R}id", ""), "")
        anchor = link.get(f"{_W}anchor", "")
        if target:
            yield f"{target}#{anchor}" if anchor and "#" not in target else target, _text(link)
    codes = "".join(code.text or "" for code in element.iter(f"{_W}instrText"))
    simple = (field.get(f"{_W}instr", "") for field in element.iter(f"{_W}fldSimple"))
    for match in _FIELD_LINK.finditer(" ".join((codes, *simple))):
        yield f"{match[1]}#{match[2]}" if match[2] else match[1], ""


def _text(element: etree._Element) -> str:
    """Return the visible text of a paragraph or link; deleted text has another tag and stays out."""
    signs = {f"{_W}tab": " ", f"{_W}noBreakHyphen": "-", f"{_W}br": "\n", f"{_W}cr": "\n"}
    pieces = []
    for run in element.iter(f"{_W}r"):
        for part in run:
            tag = str(part.tag)
            pieces.append(part.text or "" if tag == f"{_W}t" else signs.get(tag, ""))
    return re.sub(r" ?\n ?", "\n", re.sub(r"[ \t\u00a0]+", " ", "".join(pieces))).strip()


def _with_text_before(
    body: etree._Element, tables: list[etree._Element]
) -> Iterator[tuple[etree._Element, tuple[str, ...]]]:
    """Yield each table with the lines of text since the table before it."""
    starts = frozenset(tables)
    before: deque[etree._Element] = deque(maxlen=MAX_LINES)
    for part in body.iter(f"{_W}p", f"{_W}tbl"):
        if part in starts:
            yield part, tuple(filter(None, (" ".join(_text(line).split()) for line in before)))
            before.clear()
        elif part.tag == f"{_W}p" and next(part.iterancestors(f"{_W}tc"), None) is None:
            before.append(part)
