"""The published list, read from every kind of document: rows, and what is strange in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from assistant.catalogue import child
from assistant.catalogue.document import MAX_ROWS, read_document
from assistant.catalogue.links import addresses, faults
from assistant.catalogue.listing import listing
from assistant.catalogue.refused import Refused
from assistant.catalogue.rows import COLUMNS, Cell, PublishedList, Row, Table, plain, tables_of
from assistant.catalogue.titles import documents, number_of, without_number
from assistant.delivery.wording.catalogue import ODDITIES, oddity_text
from assistant.delivery.wording.problems import PROBLEMS
from tests.data.lists.printing import (
    LIST,
    TITLE,
    Piece,
    as_docx,
    as_html,
    as_markdown,
    as_pdf,
    pieces,
    shuffled,
)


@pytest.fixture(scope="module")
def printed() -> PublishedList:
    """Return the 2023 list as printed."""
    return listing(read_document(LIST))


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], PublishedList]:
    """Return a reader of documents from bytes."""

    def of(content: bytes) -> PublishedList:
        path = tmp_path / "list"
        path.write_bytes(content)
        return listing(read_document(path))

    return of


def in_order(rows: Sequence[Row]) -> list[Row]:
    """Return rows by section and number, texts without spaces: a page breaks lines where it likes."""

    def bare(texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(re.sub(r"\s", "", text) for text in texts)

    plain_rows = [replace(row, basis=bare(row.basis), notices=bare(row.notices)) for row in rows]
    return sorted(plain_rows, key=lambda row: (row.section, row.number or 0))


def test_the_list_as_printed(printed: PublishedList) -> None:
    """39 rows in two sections, in printed order, with everything that stands in them."""
    assert (printed.title, printed.year, len(printed.rows)) == (TITLE, 2023, 39)
    assert dict(printed.sections) == {"national": "推荐报国家项目", "provincial": "以本机关名义开展的省级项目"}
    assert [row.number for row in printed.rows] == [*range(1, 23), *range(24, 28), *range(1, 14)]
    champion = next(row for row in printed.rows if row.name == "国家制造业单项冠军")
    assert champion.section == "national"
    assert champion.basis == ("《制造业单项冠军企业培育提升专项行动实施方案》（工信部产业〔2016〕105号）",)
    assert [number_of(notice) for notice in champion.notices] == [
        "工信厅联政法函〔2022〕47号",
        "粤工信规划政策函〔2022〕9号",
    ]
    assert champion.notice_links[1] == "http://gdii.gd.gov.cn/zwgk/tzgg1011/content/post_3892194.html"
    assert champion.planned == "2023年5月左右，具体根据工信部通知的时间"
    assert (champion.periods[0].earliest, champion.periods[0].pending) == (date(2023, 5, 1), True)
    assert all(row.basis and row.basis_links and row.notices and row.notice_links for row in printed.rows)
    assert all(row.periods for row in printed.rows)


def test_every_oddity_of_the_list(printed: PublishedList) -> None:
    """The gap, the wrong headings, the links, the cells with two notices: all of them, and nothing else."""
    found: dict[str, list[str]] = {}
    for oddity in printed.oddities:
        where = f"{oddity.section[:1]}{oddity.number}" if oddity.number else oddity.place
        found.setdefault(oddity.code, []).append(where)
    hyphens = "n5 n6 n8 n9 n11 n12 n13 n14 n15 n16 n17 n18 n20 n21 n22 p3 p10 p11 p12 p13"
    assert found == {
        "heading-differs": ["table:2", "table:5"],
        "heading-misfit": ["table:4"],
        "number-gap": ["n23"],
        "notices-several": ["n27", "p2", "p9"],
        "number-form": ["n15"],
        "date-other-year": ["p1"],
        "links-differ": ["p9"],
        "link-redirect": ["n26"],
        "link-tail": ["n20"],
        "link-hyphen": hyphens.split(),
        "link-lookalike": ["n15"],
        "link-length": ["n9", "n19", "n19"],
        "link-extension": ["n17", "n22"],
        "link-mobile": ["p13"],
        "link-shared": ["n7", "n19"],
    }
    misfit = next(oddity for oddity in printed.oddities if oddity.code == "heading-misfit")
    assert (misfit.column, misfit.found) == ("planned", "序号")
    for lang in ("zh", "en"):
        assert all("{" not in oddity_text(oddity, lang) for oddity in printed.oddities)


@pytest.mark.parametrize(
    "content",
    [
        lambda: as_markdown(pieces()).encode("utf-8-sig"),
        lambda: as_markdown(pieces()).encode("utf-16"),
        lambda: as_html(pieces()),
        lambda: as_html(pieces(), charset="gb18030"),
        lambda: b"# " + as_html(pieces()).partition(b"<h1>")[2].replace(b"</h1>", b"\n\n"),  # HTML inside Markdown
        lambda: as_docx(pieces()),
        lambda: as_pdf(pieces()),
        lambda: as_pdf(pieces(), links=False),
    ],
    ids=["markdown", "utf-16", "html", "gb18030", "html-in-markdown", "docx", "pdf", "pdf-without-links"],
)
def test_every_kind_of_document_gives_the_same_rows(
    content: Callable[[], bytes], read: Callable[[bytes], PublishedList], printed: PublishedList
) -> None:
    """Whatever the format, its cuts, spans and breaks: the same rows, and the same oddities in them."""
    found = read(content())
    assert in_order(found.rows) == in_order(printed.rows)
    assert (found.title, found.year, found.sections) == (printed.title, printed.year, printed.sections)
    assert {replace(oddity, place="") for oddity in found.oddities} == {
        replace(oddity, place="") for oddity in printed.oddities
    }


@pytest.mark.parametrize("seed", range(6))
def test_another_order_of_rows_and_columns_gives_the_same_rows(
    seed: int, read: Callable[[bytes], PublishedList], printed: PublishedList
) -> None:
    """Columns are known by their headings, rows by their sections."""
    makers: list[Callable[[Sequence[Piece]], bytes]] = [lambda tables: as_markdown(tables).encode(), as_docx, as_pdf]
    found = read(makers[seed % 3](shuffled(pieces(), seed)))
    assert in_order(found.rows) == in_order(printed.rows)


@pytest.mark.parametrize("column", range(7))
@pytest.mark.parametrize("heading", ["", "序号", "联系人", "政策依据"])
def test_a_wrong_heading_is_seen_by_the_content(column: int, heading: str, printed: PublishedList) -> None:
    """One wrong heading in all tables costs nothing but an oddity."""
    tables = [
        replace(table, heading=tuple(heading if at == column else text for at, text in enumerate(pieces()[0].heading)))
        for table in pieces()
    ]
    found = listing(child.read("markdown", as_markdown(tables).encode(), MAX_ROWS))
    assert in_order(found.rows) == in_order(printed.rows)
    misfits = {oddity.column for oddity in found.oddities if oddity.code == "heading-misfit"}
    assert misfits == ({COLUMNS[column]} if (column, heading) not in ((0, "序号"), (2, "政策依据")) else set())


def test_links_that_lead_elsewhere_than_they_show(read: Callable[[bytes], PublishedList]) -> None:
    """A link cut short is completed from what is printed; one that leads elsewhere is kept and named."""
    cells = (
        '<a href="http://a.gov.cn/x/">http://a.gov.cn/x/post_1.html</a>',
        '<a href="http://b.gov.cn/post_2.html">http://c.gov.cn/post_3.html</a>',
    )
    heading = "|序号|名称|政策依据|政策依据的链接|\n|-|-|-|-|\n"
    rows = "".join(f"|{number}|甲{number}|《办法》|{cell}|\n" for number, cell in enumerate(cells, 1))
    found = read((heading + rows).encode())
    assert [row.basis_links for row in found.rows] == [
        ("http://a.gov.cn/x/post_1.html",),
        ("http://b.gov.cn/post_2.html",),
    ]
    assert [oddity.meant for oddity in found.oddities if oddity.code == "link-text-differs"] == [
        "http://a.gov.cn/x/",
        "http://b.gov.cn/post_2.html",
    ]


def test_headings_of_sections_may_stand_between_tables(read: Callable[[bytes], PublishedList]) -> None:
    """A line above a table names its section; a table that goes on without a heading keeps its columns."""
    text = (
        "# 某省2025年项目清单\n\n一、推荐报国家项目\n\n|序号|名称|政策依据|计划时间|\n|-|-|-|-|\n"
        "|1|甲|《甲办法》|5月|\n\n"
        "|2|乙|《乙办法》|下半年|\n|-|-|-|-|\n|3|丙|《丙办法》|三季度|\n\n二、省级项目\n\n"
        "|计划时间|名称|序号|政策依据|承办处室|\n|-|-|-|-|-|\n|上半年|丁|1|《丁办法》|一处|\n"
    )
    found = read(text.encode())
    assert [(row.section, row.number, row.name, row.planned) for row in found.rows] == [
        ("national", 1, "甲", "5月"),
        ("national", 2, "乙", "下半年"),
        ("national", 3, "丙", "三季度"),
        ("provincial", 1, "丁", "上半年"),
    ]
    assert found.year == 2025
    assert found.rows[2].periods[0].latest == date(2025, 9, 30)
    assert [oddity.found for oddity in found.oddities if oddity.code == "column-unread"] == ["承办处室"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("《甲办法》（工信部科〔2010〕93号）、《乙细则（暂行）》（工信厅科〔2010〕143号）", 2),
        ("《甲纲要》《乙计划（2021-2023年）》", 2),
        ("1.《甲意见》（工信部联规〔2016〕212号）\n2.《乙办法》（工信部规〔2017〕1号）", 2),
        ("关于印发《甲办法》的通知（工信部产业〔2012〕422号）\n关于印发《乙指南》的通知（工信部产业〔2018〕123号）", 2),
        ("关于开展甲工作的通知\n关于开展乙工作的通知", 2),
        ("工业和信息化部 财政部关于印发《甲\n办法》\n的通知（工信部联规\n〔2016〕212号）", 1),
        ("关于印发《甲办法》、《乙办法》的通知（工信部规〔2017〕1号）", 1),
        ("关于转发甲工作的通知\n的函（粤工信办函〔2023〕1号）", 1),
        ("《关于印发〈甲方案〉的通知》（工信厅科〔2018〕80号）", 1),
        ("", 0),
    ],
)
def test_documents_of_a_cell(cell: str, expected: int) -> None:
    """Titles are told apart by where one is complete and another begins, not by line breaks alone."""
    found = documents(cell)
    assert len(found) == expected
    assert all("\n" not in title and not title.startswith(("1", "2", "、")) for title in found)


def test_number_and_title() -> None:
    """The number in brackets at the end belongs to the document, not to its title."""
    title = "关于印发《甲办法（试行）》的通知（粤工信规字〔2020〕6号）"
    assert (number_of(title), without_number(title)) == ("粤工信规字〔2020〕6号", "关于印发《甲办法（试行）》的通知")
    assert number_of("《甲办法（试行）》") is None


@pytest.mark.parametrize(
    ("link", "codes"),
    [
        ("https://www.miit.gov.cn/jgsj/art/2020/art_e85319d998d0411283a782f07395a6aa.html", []),
        ("http://gdii.gd.gov.cn/gkmlpt/content/3/3815/post_3815512.html#2888", []),
        ("http://www.gov.cn/xinwen/2016-12/07/content_5144768.htm", []),
        ("http://gdii.gd.gov.cn/gkmlpt/content/3/3816/post_3815512.html", ["link-folder"]),
        ("http://gdii.gd.gov.cn/content/post_38l5512.html", ["link-lookalike"]),
        ("http://gdii.gd.gov.cn/content/post_38x5512.html", ["link-id"]),
        ("http://gdii.gd.gov.cn.example.com/content/post_3815512.html", ["link-unofficial"]),
        ("http://www.baidu.com/link?url=abc", ["link-redirect"]),
        ("http://gdii.gd.gov.cn/content/post-3815512.htm链接", ["link-malformed"]),
        ("http://gdii.gd.gov.cn/content/post-3815512.html%22x", ["link-tail", "link-hyphen"]),
        ("gdii.gd.gov.cn/content/post_3815512.html", ["link-malformed"]),
        ("http://", ["link-malformed"]),
    ],
)
def test_links(link: str, codes: list[str]) -> None:
    """Each fault is named; what can be mended in one way only is mended into a link without faults."""
    found = list(faults(link))
    assert [code for code, _ in found] == codes
    for _, meant in found:
        if meant.startswith("http"):
            assert not list(faults(meant))


def test_addresses_broken_over_lines() -> None:
    """Addresses in running text are put together again."""
    assert addresses("https://a.gov.cn/art_12\n34.html http://b.gov.\ncn/x") == (
        "https://a.gov.cn/art_1234.html",
        "http://b.gov.cn/x",
    )


def test_radicals_become_characters() -> None:
    """Many PDFs write radicals that only look like the characters."""
    (table,) = tables_of(plain([Table("page:1", ("⼴东省",), ((Cell("国家⼯业⻓项⽬⻛"),),))]))
    assert (table.before[0], table.rows[0][0].text) == ("广东省", "国家工业长项目风")


def test_every_code_has_its_sentences() -> None:
    """No code of the package is without words, and no words without code."""
    folder = Path(__file__).parents[1] / "assistant"
    source = "".join(path.read_text("utf-8") for path in (folder / "catalogue").glob("*.py"))
    refusals = set(re.findall(r'"(list-[a-z-]+)"', source)) | {"draft-exists"}
    listed = {code for code in PROBLEMS if code.startswith("list-")} - {"list-expected"} | {"draft-exists"}
    assert refusals == listed
    kinds = "link|links|number|date|heading|column|section|document|table|notices"
    written = set(re.findall(rf'"((?:{kinds})-[a-z-]+)"', source))
    assert written == set(ODDITIES)


def test_not_a_list_of_projects() -> None:
    """Tables of other things are no list."""
    with pytest.raises(Refused) as refused:
        listing([Table("table:1", (), ((Cell("甲"), Cell("乙"), Cell("丙")), (Cell("1"), Cell("2"), Cell("3"))))])
    assert refused.value.code == "list-no-table"
