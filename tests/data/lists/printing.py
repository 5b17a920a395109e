"""The 2023 list printed anew as HTML, DOCX and PDF, so that every reader meets the same rows.

The printed Markdown is taken apart here by hand, not by the reader that the tests are about.
"""

from __future__ import annotations

import html
import io
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import docx
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.table import _Cell
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table, TableStyle

LIST = Path(__file__).parent / "guangdong-2023.md"
LINK = re.compile(r'<a href="([^"]*)">([^<]*)</a>')
TITLE = "广东省工业和信息化厅2023年计划开展的非资金类项目清单"


@dataclass(frozen=True)
class Piece:
    """A table of the list: its heading, and rows of cells; a section row has one cell."""

    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def pieces() -> list[Piece]:
    """Return the tables as printed; a cell is the HTML inside it."""
    found: list[Piece] = []
    for block in re.split(r"\n\n+", LIST.read_text("utf-8")):
        lines = [line.strip("| ") for line in block.splitlines() if line.startswith("|")]
        if lines:
            cells = [tuple(cell.strip() for cell in f"{line} ".split(" |")) for line in lines]
            rows = tuple(row if any(row[1:]) else row[:1] for row in cells[2:])
            found.append(Piece(cells[0], rows))
    return found


def shuffled(tables: Sequence[Piece], seed: int) -> list[Piece]:
    """Return the list with its columns in another order, and the rows of each section too."""
    dice = random.Random(seed)  # noqa: S311  # an order, not a secret
    order = dice.sample(range(7), 7)
    sections: list[list[tuple[str, ...]]] = []
    for row in (row for table in tables for row in table.rows):
        if len(row) == 1:
            sections.append([row])
        else:
            sections[-1].append(row)
    dice.shuffle(sections)
    rows: list[tuple[str, ...]] = []
    for heading, *section in sections:
        dice.shuffle(section)
        rows += [heading, *(tuple(row[at] for at in order) for row in section)]
    titles = tuple(tables[0].heading[at] for at in order)
    cut = dice.randrange(3, len(rows) - 3)
    return [Piece(titles, tuple(rows[:cut])), Piece(titles, tuple(rows[cut:]))]


def as_markdown(tables: Sequence[Piece]) -> str:
    """Print as Markdown with pipes."""
    blocks = [f"### {TITLE}"]
    for table in tables:
        lines = [table.heading, ("---",) * 7, *((*row, *[""] * (7 - len(row))) for row in table.rows)]
        blocks.append("\n".join(f"| {' | '.join(line)} |" for line in lines))
    return "\n\n".join(blocks) + "\n"


def as_html(tables: Sequence[Piece], *, charset: str = "utf-8") -> bytes:
    """Print as a page whose layout is a table too; section rows span it, one shared notice spans two rows."""
    body = []
    for table in tables:
        lines = ["<thead><tr>" + "".join(f"<th><p>{cell}</p></th>" for cell in table.heading) + "</tr></thead>"]
        for row in _sharing(table.rows):
            cells = "".join(f"<td{span}>\n  <p>{cell}</p>\n</td>" for cell, span in row)
            lines.append(f"<tr>{cells}</tr>")
        body.append("<table border=1>" + "\n".join(lines) + "</table>")
    page = (
        f"<!DOCTYPE html><html><head><meta charset={charset}><title>公告</title><style>td {{color: red}}</style></head>"
        f"<body><table><tr><td>首页 | 政务公开</td></tr><tr><td><h1>{TITLE}</h1>{'<p>续表</p>'.join(body)}</td></tr>"
        "</table><script>var x = '<table>';</script></body></html>"
    )
    return page.encode(charset)


def _sharing(rows: Sequence[tuple[str, ...]]) -> list[list[tuple[str, str]]]:
    """Return cells with their spans: a section row over all columns, equal neighbours of one column over two rows."""
    spans: list[list[tuple[str, str]]] = []
    for at, row in enumerate(rows):
        if len(row) == 1:
            spans.append([(row[0], " colspan=7")])
            continue
        above, below = (rows[near] if 0 <= near < len(rows) else () for near in (at - 1, at + 1))
        cells = []
        for column, cell in enumerate(row):
            if "4034524" in cell and len(above) == 7 and above[column] == cell:
                continue
            shared = "4034524" in cell and len(below) == 7 and below[column] == cell
            cells.append((cell, " rowspan=2" if shared else ""))
        spans.append(cells)
    return spans


def as_docx(tables: Sequence[Piece]) -> bytes:
    """Print as a Word document: merged cells, links as elements and as field codes, breaks as paragraphs."""
    document = docx.Document()
    document.add_paragraph("附件")
    document.add_heading(TITLE, 1)
    for table in tables:
        grid = document.add_table(rows=1, cols=7)
        for cell, text in zip(grid.rows[0].cells, table.heading, strict=True):
            cell.text = text
        above: list[_Cell] = []
        texts: tuple[str, ...] = ()
        for row in table.rows:
            cells = list(grid.add_row().cells)
            if len(row) == 1:
                cells[0].merge(cells[6]).text = _bare(row[0])
                above = []
                continue
            for column, (cell, text) in enumerate(zip(cells, row, strict=True)):
                if above and "4034524" in text and texts[column] == text:
                    above[column].merge(cell)
                else:
                    _fill(cell, text, fields=column == 3)
            above, texts = cells, row
        document.add_paragraph("")
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _fill(cell: _Cell, text: str, *, fields: bool) -> None:
    for number, line in enumerate(text.split("<br>")):
        paragraph = cell.paragraphs[0] if not number else cell.add_paragraph()
        link = LINK.fullmatch(line)
        if link is None:
            paragraph.add_run(_bare(line))
        elif fields:
            for kind, content in (("begin", ""), ("", f' HYPERLINK "{html.unescape(link[1])}" '), ("separate", "")):
                run = paragraph.add_run()
                element = OxmlElement("w:fldChar" if kind else "w:instrText")
                if kind:
                    element.set(qn("w:fldCharType"), kind)
                element.text = content
                run._r.append(element)
            paragraph.add_run(html.unescape(link[2]))
            end = OxmlElement("w:fldChar")
            end.set(qn("w:fldCharType"), "end")
            paragraph.add_run()._r.append(end)
        else:
            target, _, anchor = html.unescape(link[1]).partition("#")
            kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
            element = OxmlElement("w:hyperlink")
            element.set(qn("r:id"), paragraph.part.relate_to(target, kind, is_external=True))
            if anchor:
                element.set(qn("w:anchor"), anchor)
            run = paragraph.add_run(html.unescape(link[2]))
            element.append(run._r)
            paragraph._p.append(element)


def as_pdf(tables: Sequence[Piece], *, links: bool = True) -> bytes:
    """Print as a PDF with ruled tables that pages cut, also in the middle of a row."""
    registerFont(UnicodeCIDFont("STSong-Light"))
    style = ParagraphStyle("cell", fontName="STSong-Light", fontSize=7, leading=9, wordWrap="CJK")
    story: list[Flowable] = [Paragraph(TITLE, replace_size(style, 12))]
    for table in tables:
        lines: list[list[Flowable | str]] = [[Paragraph(cell, style) for cell in table.heading]]
        rules: list[Any] = [
            ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
            ("LINEBELOW", (0, 0), (-1, 0), 0.5, colors.black),  # a row cut in two has no rule of its own above
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ]
        for number, row in enumerate(table.rows, 1):
            if len(row) == 1:
                rules.append(("SPAN", (0, number), (6, number)))
            shown = [LINK.sub(r"\2", cell) if not links else cell for cell in row]
            lines.append([*(Paragraph(cell.replace("<br>", "<br/>"), style) for cell in shown), *[""] * (7 - len(row))])
        widths = [36, 90, 150, 170, 150, 130, 70]
        story.append(Table(lines, widths, repeatRows=1, splitInRow=1, style=TableStyle(rules)))
    stream = io.BytesIO()
    SimpleDocTemplate(stream, pagesize=landscape(A4), leftMargin=20, rightMargin=20, invariant=1).build(story)
    return stream.getvalue()


def replace_size(style: ParagraphStyle, size: int) -> ParagraphStyle:
    """Return *style* larger."""
    return ParagraphStyle("title", style, fontSize=size, leading=size + 4)


def without(tables: Sequence[Piece], dropped: str) -> list[Piece]:
    """Return the list without the row of the project *dropped*."""
    return [replace(table, rows=tuple(row for row in table.rows if row[1:2] != (dropped,))) for table in tables]


def _bare(text: str) -> str:
    return html.unescape(re.sub(r"</?b>", "", text))
