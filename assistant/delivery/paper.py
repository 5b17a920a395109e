"""Paper is a word-processor document laid out to be printed: headings, paragraphs and tables on A4, every look a style.

Its elements are made one by one and put together at the end; the same elements on the same day are the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any, Literal, NamedTuple

from docx import Document
from docx.document import Document as Docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from assistant.delivery.packing import printable, stamped

Element = BaseOxmlElement
Style = Literal[
    "Title", "Subtitle", "Heading 1", "Heading 2", "Normal", "Lead", "Note",
    "Cell", "Cell Strong", "Cell Small", "Cell Head", "Cell Box",
]  # fmt: skip

WIDTH = 174  # millimetres between the margins
LONGEST = 255  # characters of a property of the file
LONGEST_RUNNING = 40  # characters of a name in the page header
_MARGIN, _HEIGHT, _ACROSS = 18, 297, 210
_FONTS = {"zh": ("Microsoft YaHei", "Microsoft YaHei"), "en": ("Calibri", "Microsoft YaHei")}  # Latin, East Asian
_BOXES = "Segoe UI Symbol"
_GREEN, _GREY, _RULE, _TINT = "1C6B58", "5F625C", "C9CBC4", "EEF3F1"


class Line(NamedTuple):
    """A paragraph of a cell."""

    text: str
    style: Style = "Cell"


class Frame(NamedTuple):
    """What stands around the text: the file's title and author, the running head, the words around page numbers."""

    title: str
    author: str
    name: str
    dated: str
    page: Sequence[str]


Cell = Sequence[Line]


def paragraph(text: str, style: Style = "Normal") -> Element:
    """Return a paragraph; a line end in *text* is a line break."""
    look = _element("w:pPr", {}, _element("w:pStyle", {"w:val": style.replace(" ", "")}))
    return _element("w:p", {}, look, _run(text))


def table(columns: Mapping[str, int], rows: Iterable[Sequence[Cell]]) -> Element:
    """Return a table of *columns* (heading: millimetres); its head is repeated on each page and no row is split."""
    head = _row([[Line(heading, "Cell Head")] for heading in columns], columns.values(), _GREEN, is_head=True)
    return _table(columns.values(), [head, *(_row(row, columns.values()) for row in rows)])


def pairs(widths: tuple[int, int], rows: Iterable[tuple[str, Cell]]) -> Element:
    """Return a table of words and what they say, without a head."""
    return _table(widths, [_row([[Line(word, "Cell Strong")], said], widths, _TINT) for word, said in rows])


def packed(body: Iterable[Element], frame: Frame, day: date, lang: str) -> bytes:
    """Return the document as a file."""
    document = Document()
    _set_up_page(document, frame)
    _set_up_styles(document, lang)
    for element in body:
        document.element.body.insert_element_before(element, "w:sectPr")
    _set_properties(document, frame, day, lang)
    written = BytesIO()
    document.save(written)
    return stamped(written.getvalue(), day)


# ---- elements


def _element(tag: str, attributes: Mapping[str, str] | None = None, *children: Element) -> Element:
    element: Element = OxmlElement(tag)  # type: ignore[assignment]  # every element of this library is one
    for name, value in (attributes or {}).items():
        element.set(qn(name), value)
    element.extend(children)
    return element


def _run(text: str) -> Element:
    run = _element("w:r")
    run.text = printable(text)
    return run


def _twips(millimetres: int) -> str:
    return str(millimetres * 14400 // 254)


def _table(widths: Iterable[int], rows: Iterable[Element]) -> Element:
    widths = list(widths)
    line = {"w:val": "single", "w:sz": "4", "w:space": "0", "w:color": _RULE}
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = _element("w:tblBorders", {}, *(_element(f"w:{side}", line) for side in sides))
    padding = [_element(f"w:{side}", {"w:w": "85", "w:type": "dxa"}) for side in ("left", "right")]
    look = _element(
        "w:tblPr",
        {},
        _element("w:tblW", {"w:w": _twips(sum(widths)), "w:type": "dxa"}),
        borders,
        _element("w:tblLayout", {"w:type": "fixed"}),
        _element("w:tblCellMar", {}, *padding),
        _element("w:tblLook", {"w:val": "0020", "w:firstRow": "1", "w:noHBand": "1", "w:noVBand": "1"}),
    )
    grid = _element("w:tblGrid", {}, *(_element("w:gridCol", {"w:w": _twips(width)}) for width in widths))
    return _element("w:tbl", {}, look, grid, *rows)


def _row(cells: Iterable[Cell], widths: Iterable[int], shade: str = "", *, is_head: bool = False) -> Element:
    """Return a row; *shade* colours a head, or the first cell of another."""
    rules = [_element("w:cantSplit"), *([_element("w:tblHeader")] if is_head else [])]
    made: list[Element] = []
    for lines, width in zip(cells, widths, strict=True):
        shaded = shade and (is_head or not made)
        fill = [_element("w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": shade})] if shaded else []
        look = _element("w:tcPr", {}, _element("w:tcW", {"w:w": _twips(width), "w:type": "dxa"}), *fill)
        written = [paragraph(line.text, line.style) for line in lines] or [paragraph("", "Cell")]
        made.append(_element("w:tc", {}, look, *written))
    return _element("w:tr", {}, _element("w:trPr", {}, *rules), *made)


# ---- the page


def _set_up_page(document: Docx, frame: Frame) -> None:
    section = document.sections[0]
    section.page_height, section.page_width = Mm(_HEIGHT), Mm(_ACROSS)
    section.left_margin = section.right_margin = Mm(_MARGIN)
    section.top_margin, section.bottom_margin = Mm(20), Mm(18)
    section.header_distance = section.footer_distance = Mm(9)
    head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
    name = printable(frame.name)
    head.add_run(f"{name[:LONGEST_RUNNING]}{'…' if len(name) > LONGEST_RUNNING else ''}\t{frame.dated}")
    stops = document.styles["Header"]
    assert isinstance(stops, ParagraphStyle)
    stops.paragraph_format.tab_stops.clear_all()
    stops.paragraph_format.tab_stops.add_tab_stop(Mm(WIDTH), WD_TAB_ALIGNMENT.RIGHT)
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    before, between, after = frame.page
    element = foot.paragraph_format.element
    for part in (_run(before), _field("PAGE"), _run(between), _field("NUMPAGES"), _run(after)):
        element.append(part)


def _field(code: str) -> Element:
    """Return a field, whose value the reader's program works out."""
    return _element("w:fldSimple", {"w:instr": code}, _run("1"))


# ---- styles


class _Look(NamedTuple):
    size: float
    before: float = 0
    after: float = 0
    bold: bool = False
    colour: str = "1F211D"
    follows: bool = False  # stays on the page of what follows


_LOOKS: Mapping[Style, _Look] = {
    "Normal": _Look(9.5, after=4),
    "Title": _Look(20, after=2, bold=True, colour=_GREEN),
    "Subtitle": _Look(13, after=4, bold=True),
    "Heading 1": _Look(14, before=16, after=5, bold=True, colour=_GREEN, follows=True),
    "Heading 2": _Look(11, before=10, after=3, bold=True, follows=True),
    "Lead": _Look(9.5, after=4, follows=True),
    "Note": _Look(8.5, before=3, after=4, colour=_GREY),
    "Cell": _Look(9, before=1, after=1),
    "Cell Strong": _Look(9, before=1, after=1, bold=True),
    "Cell Small": _Look(8, after=1, colour=_GREY),
    "Cell Head": _Look(9, before=1, after=1, bold=True, colour="FFFFFF", follows=True),
    "Cell Box": _Look(11),
}


def _set_up_styles(document: Docx, lang: str) -> None:
    """Give the styles their looks and the fonts by name: those of a theme would win over the Chinese ones."""
    for name, look in _LOOKS.items():
        if name not in document.styles:
            document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = document.styles["Normal"]
        style = document.styles[name]
        assert isinstance(style, ParagraphStyle)
        style.font.size, style.font.bold, style.font.italic = Pt(look.size), look.bold, False
        style.font.color.rgb = RGBColor.from_string(look.colour)
        style.font.name = _FONTS[lang][0]
        spacing = style.paragraph_format
        spacing.space_before, spacing.space_after = Pt(look.before), Pt(look.after)
        spacing.line_spacing, spacing.keep_with_next = 1, look.follows
    for border in document.styles.element.xpath("w:style[@w:styleId='Title']//w:pBdr"):
        border.getparent().remove(border)
    latin, eastern = _FONTS[lang]
    for fonts in document.styles.element.xpath("//w:rFonts"):
        fonts.attrib.clear()
        for kind, font in (("ascii", latin), ("hAnsi", latin), ("eastAsia", eastern), ("cs", latin)):
            fonts.set(qn(f"w:{kind}"), font)
    for fonts in document.styles.element.xpath("w:style[@w:styleId='CellBox']//w:rFonts"):
        for kind in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{kind}"), _BOXES)


# ---- the file


def _set_properties(document: Docx, frame: Frame, day: date, lang: str) -> None:
    """Say in the file what it is, and nothing of the program that wrote it or of the hour."""
    about = document.core_properties
    about.title, about.author = printable(frame.title)[:LONGEST], frame.author
    about.last_modified_by, about.comments = frame.author, ""
    about.language = {"zh": "zh-CN", "en": "en-GB"}[lang]
    about.created = about.modified = datetime(day.year, day.month, day.day)  # noqa: DTZ001  # the file knows no zone
    for spoken in document.styles.element.xpath("w:docDefaults//w:lang"):
        _set(spoken, {"w:val": "en-GB", "w:eastAsia": "zh-CN"})
    for spoken in document.settings.element.xpath("w:themeFontLang"):
        _set(spoken, {"w:val": "en-GB", "w:eastAsia": "zh-CN"})
    for mode in document.settings.element.xpath("w:compat/w:compatSetting[@w:name='compatibilityMode']"):
        _set(mode, {"w:val": "15"})
    related = document.part.package.rels
    stale = (
        RELATIONSHIP_TYPE.THUMBNAIL,
        RELATIONSHIP_TYPE.EXTENDED_PROPERTIES,
    )  # a picture and counts of an empty page
    for id_ in [id_ for id_, one in related.items() if one.reltype in stale]:
        del related[id_]


def _set(element: Any, attributes: Mapping[str, str]) -> None:
    for name, value in attributes.items():
        element.set(qn(name), value)
