"""An intake: foreign tables of every kind become frames, row by row; what cannot be read is told with its row."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from assistant.company.answers import AnswerError, AnswerErrors, NotListed, read_answer
from assistant.company.facts import FactSpec
from assistant.company.profile import read_profile
from assistant.delivery.wording.problems import PROBLEMS, problem_text
from assistant.delivery.workbook.cells import meant
from assistant.delivery.workbook.numbers import Cell
from assistant.errors import BadInput
from assistant.matching.screening.frame import admitted, profiles_to_frame
from assistant.matching.screening.intake.blocks import records
from assistant.matching.screening.intake.headers import Target, matched
from assistant.matching.screening.intake.intake import Batch, taken
from assistant.matching.screening.intake.mapping import mapping_text, read_mapping
from assistant.matching.screening.intake.table import Table
from assistant.matching.screening.intake.tables import open_table
from assistant.sources import Source, parse
from tests.conftest import ON, ROOT, book

HEADERS = ("企业名称", "uscc", "所在市", "2025年营业收入（万元）", "employees_2025", "成立日期")
ROWS = (
    ("甲公司", "91440605MA4W1XXX0X", "佛山", "12,800", "210", "2012-05-18"),
    ("乙公司", "", "广州市", "１．２亿", "-", "41047"),
)


def written(folder: Path, text: str | bytes, name: str = "table.csv") -> Path:
    """Return a file with *text*."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def lines(rows: Iterable[Sequence[str]], separator: str = ",") -> str:
    """Return rows as text, quoted where they must be."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def batches(path: Path, **more: Any) -> list[Batch]:
    """Return all batches of a file, each let in by the frame's own door."""
    table = open_table(path)
    found = list(taken(table, matched(table.headers, book(), year=2025), book(), ON, **more))
    for batch in found:
        assert admitted(batch.frame, book()).height == batch.identity.height
    return found


def one(path: Path, **more: Any) -> Batch:
    """Return the only batch of a file."""
    (batch,) = batches(path, **more)
    return batch


def rejected(path: Path) -> list[tuple[int, str, str]]:
    """Return the rows that were not taken, each with its header and what is wrong."""
    return [(reject.row, reject.header, reject.code) for batch in batches(path) for reject in batch.rejects]


def refusal(path: Path) -> str:
    """Return the code of the one message about a file."""
    with pytest.raises(BadInput) as caught:
        batches(path)
    (problem,) = caught.value.problems
    assert problem.code in PROBLEMS
    return problem.code


# ---- text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_text_table_says_the_same_in_every_dress(tmp_path: Path, encoding: str, separator: str) -> None:
    """Encodings and separators change nothing."""
    batch = one(written(tmp_path, lines([HEADERS, *ROWS], separator).encode(encoding)))
    assert batch.rejects == ()
    assert batch.identity.rows() == [(2, "甲公司", "91440605MA4W1XXX0X"), (3, "乙公司", None)]
    assert batch.frame.to_dicts() == [
        {"city": "佛山市", "revenue_2025": 12_800_000_000, "employees_2025": 210, "established": date(2012, 5, 18)},
        {"city": "广州市", "revenue_2025": 12_000_000_000, "employees_2025": None, "established": date(2012, 5, 18)},
    ]


def test_quotes_keep_separators_and_line_breaks(tmp_path: Path) -> None:
    """Rows are counted as records; a quote inside of a word stands for itself."""
    text = '企业名称,所在市,2025年营业收入\n"甲,\n""老""厂",佛山,1\n5"管厂,广州,2\n'
    batch = one(written(tmp_path, text))
    assert batch.identity.rows() == [(2, '甲,\n"老"厂', None), (3, '5"管厂', None)]
    assert batch.frame["revenue_2025"].to_list() == [1_000_000, 2_000_000]


def test_rows_of_another_width_are_told_and_never_shifted(tmp_path: Path) -> None:
    """Too few fields, too many; blank lines are nothing, nor is one separator at the end."""
    text = "企业名称,所在市,2025年营业收入\n甲,佛山\n\n乙,广州,1,\n丙,广州,1,2\n丁,深圳,5\n"
    batch = one(written(tmp_path, text))
    assert [(reject.row, reject.code) for reject in batch.rejects] == [(2, "row-ragged"), (5, "row-ragged")]
    assert batch.identity["name"].to_list() == ["乙", "丁"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "table-empty"),
        (b"\n\n  \n", "table-empty"),
        ("企业名称,所在市\n".encode(), "table-no-rows"),
        (b"a,b\n\0\0\0,1\n", "table-not-text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "table-not-text"),
        (b"<html><table></table></html>", "table-kind"),
        (b'{"a": 1}', "table-kind"),
        ("申报通知\n各有关单位\n请于月底前报送\n".encode(), "table-one-column"),
        ("企业名称,所在市\n".encode() + "甲,佛山\n".encode() + "乙,广州\n".encode("gbk"), "table-not-text"),
        ('企业名称,所在市\n甲,"佛山\n乙,广州\n'.encode(), "table-quote-open"),
        (b"PAR1 and then nothing", "table-damaged"),
        (b"PK\x03\x04 and then nothing", "workbook-damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook-old"),
    ],
)
def test_what_is_no_table_has_one_message(tmp_path: Path, text: bytes, code: str) -> None:
    """Nothing is half read."""
    assert refusal(written(tmp_path, text)) == code


def test_titles_above_the_headers_are_passed_over(tmp_path: Path) -> None:
    """As offices write their lists; totals below are no company."""
    text = "高新区企业名单,,\n企业名称,所在市,2025年营业收入\n甲,佛山,1\n合计,,1\n"
    batch = one(written(tmp_path, text))
    assert batch.identity.rows() == [(3, "甲", None)]
    assert [(reject.row, reject.code) for reject in batch.rejects] == [(4, "row-total")]


FIELDS = st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from('",\n;\t 甲'), max_size=6)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(FIELDS, FIELDS, FIELDS), min_size=1, max_size=8),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.integers(1, 40),
)
def test_fields_come_out_as_they_were_written(rows: list[tuple[str, ...]], quoting: Any, size: int) -> None:
    """Whatever stands in them, wherever the file is cut: blocks end with a record."""
    out = io.StringIO()
    table = [("name", "city", "county"), *rows, ("z", "z", "z")]
    csv.writer(out, quoting=quoting, lineterminator="\n").writerows(table)
    with TemporaryDirectory() as folder:
        path = written(Path(folder), out.getvalue())
        opened = open_table(path)
        got = {row[0]: tuple(field or "" for field in row[1:]) for one in opened.batches() for row in one.rows()}
        blocks = list(records(path, size))
    assert {at: row for at, row in got.items() if any(row)} == {
        at: row for at, row in enumerate(table[1:], start=2) if any(row)
    }
    again = [row for block in blocks for row in csv.reader(io.StringIO(block.decode(), newline=""))]
    assert again == [*csv.reader(io.StringIO(out.getvalue(), newline=""))]


# ---- bad rows


def test_bad_rows_are_told_and_the_rest_proceeds(tmp_path: Path) -> None:
    """Every cell that cannot be read, with its row and header; never a guess."""
    rows = [
        ("甲", "佛山", "12800", "210", "2012-05-18"),
        ("乙", "火星", "1.0000001", "2.5", "2030-01-01"),
        ("丙", "广州", "NaN", "-5", "12/05/2018"),
        ("丁", "广州", "10..5", "1e3", "2018-02-30"),
        ("戊", "广州", "inf", "99999999999999999999", "第一天"),
        ("己", "深圳", "5-10", "3", "2018年5月18日"),
    ]
    path = written(tmp_path, lines([("企业名称", "所在市", "营业收入2025", "employees_2025", "成立日期"), *rows]))
    batch = one(path)
    assert batch.identity["name"].to_list() == ["甲", "己"]
    assert batch.frame["revenue_2025_low"].to_list() == [None, 5_000_000]
    assert [(reject.row, reject.header, reject.code) for reject in batch.rejects] == [
        (3, "所在市", "unknown-city"),
        (3, "营业收入2025", "too-many-decimals"),
        (3, "employees_2025", "whole-number-expected"),
        (3, "成立日期", "date-in-future"),
        (4, "营业收入2025", "number-expected"),
        (4, "employees_2025", "negative"),
        (4, "成立日期", "date-expected"),
        (5, "营业收入2025", "range-reversed"),
        (5, "employees_2025", "number-expected"),
        (5, "成立日期", "no-such-day"),
        (6, "营业收入2025", "number-expected"),
        (6, "employees_2025", "too-large"),
        (6, "成立日期", "date-expected"),
    ]
    assert {reject.code for reject in batch.rejects} <= PROBLEMS.keys()
    assert batch.rejects[1].params["found"] == "1.0000001"


@pytest.mark.parametrize(
    ("rows", "column"),
    [
        (["1,234,56", "1,23", "1.2.3", "12 34", "五千", "3万元左右", "约5", "+5", "5-", "3 %"], "营业收入2025"),
        (["0.5", "0.05", "101", "5‰"], "市占率"),
        (["2018-05-18 08:00:00", "201805", "18-May-18", "1e5", "100000", "2018.13.01"], "成立日期"),
        (["也许", "2", "是否"], "legal_person"),
        (["111", "11", "C9999999", "X1", "阀门"], "行业代码"),
    ],
)
def test_what_could_mean_two_things_is_refused(tmp_path: Path, rows: list[str], column: str) -> None:
    """Each of these rows is told; none is taken."""
    path = written(tmp_path, lines([("企业名称", column), *((f"第{at}家", cell) for at, cell in enumerate(rows))]))
    assert [row for row, *_ in rejected(path)] == [*range(2, len(rows) + 2)]


def test_nothing_said_is_not_known(tmp_path: Path) -> None:
    """Blanks, dashes, N/A and the words for it; never zero, never no."""
    said = ("", "-", "—", "/", "N/A", "n/a", "不清楚", "unknown", "未知", "　")
    header = (
        "企业名称",
        "营业收入2025",
        "legal_person",
        "所在市",
        "成立日期",
        "行业代码",
        "rd_institution_level",
        "资质",
    )
    batch = one(written(tmp_path, lines([header, *(("某厂", *[word] * 7) for word in said)])))
    assert batch.rejects == ()
    assert batch.frame.height == len(said)
    assert batch.frame.null_count().row(0) == (len(said),) * 7


def test_columns_that_are_not_ours_are_left_alone(tmp_path: Path) -> None:
    """A hundred of them, whatever they hold; mixed kinds in one of ours are read cell by cell."""
    others = [f"内部字段{number}" for number in range(100)]
    mixed = ["12800", "1,280", "1.2亿", "３００", "500万~800万", "不清楚", "待核"]
    rows = [(f"第{at}家", cell, *["x,y"] * 100) for at, cell in enumerate(mixed)]
    path = written(tmp_path, lines([("企业名称", "营业收入2025", *others), *rows]))
    batch = one(path)
    assert batch.frame["revenue_2025"].to_list() == [12_800 * 10**6, 1_280 * 10**6, 12 * 10**9, 3 * 10**8, None, None]
    assert batch.frame["revenue_2025_high"].to_list() == [None, None, None, None, 8 * 10**8, None]
    assert [(reject.row, reject.code) for reject in batch.rejects] == [(8, "number-expected")]


def test_headers_with_their_unit_are_read_in_it(tmp_path: Path) -> None:
    """元, 千元 and 亿元 in the header; a unit in the cell goes before it."""
    header = (
        "企业名称",
        "营业收入2025(元)",
        "营业收入2024（单位：亿元）",
        "2023年营业收入[千元]",
        "研发费用2025（万元）",
    )
    cells = ("甲", "1,234,567.89", "1.5", "12", "0.01")
    more = ("乙", "5万元", "5000万", "3-4", "¥2")
    batch = one(written(tmp_path, lines([header, cells, more])))
    assert batch.rejects == ()
    assert batch.frame.drop("revenue_2023_low", "revenue_2023_high").rows() == [
        (123_456_789, 15 * 10**9, 1_200_000, 10_000),
        (5_000_000, 5 * 10**9, None, 2_000_000),
    ]
    assert batch.frame["revenue_2023_low"].to_list() == [None, 300_000]


# ---- headers


@pytest.mark.parametrize(
    ("header", "column", "unit", "status"),
    [
        ("revenue_2025", "revenue_2025", "", "exact"),
        ("营业收入2025", "revenue_2025", "", "label"),
        ("2025年营业收入（万元）", "revenue_2025", "万元", "label"),
        ("营业收入(2025年,亿元)", "revenue_2025", "亿元", "label"),
        ("研发费用_2024", "rd_expense_2024", "", "label"),
        ("2025年度 研发投入", "rd_expense_2025", "", "label"),
        ("2025年末从业人员（人）", "employees_2025", "人", "label"),
        ("2026年预计营业收入", "revenue_2026", "", "label"),
        ("营业收入（2026年预计）", "revenue_2026", "", "label"),
        ("企业名称", "name", "", "label"),
        ("统一社会信用代码", "uscc", "", "label"),
        ("city", "city", "", "exact"),
        ("连续停产12个月以上", "suspended_12m", "", "label"),
        ("Ⅰ类知识产权", "class1_ip", "", "label"),
        ("是否高新技术企业", "recognitions.high-tech-enterprise", "", "label"),
        ("高企", "recognitions.high-tech-enterprise", "", "label"),
        ("高新技术企业认定日期", "recognitions.high-tech-enterprise.granted", "", "label"),
        ("资质", "recognitions", "", "label"),
        ("职工总数", "", "", "guessed"),
        ("营业收入", "", "", "guessed"),
        ("主营业务收人2025", "", "", "guessed"),
        ("营业收入2025（美元）", "", "", "unknown"),
        ("营业收入2025（人）", "", "人", "unit"),
        ("企业规模", "", "", "derived"),
        ("备注", "", "", "unknown"),
        ("rd_ratio", "", "", "unknown"),
        ("revenue", "", "", "guessed"),
        ("", "", "", "unknown"),
    ],
)
def test_a_header_is_known_by_its_names(header: str, column: str, unit: str, status: str) -> None:
    """What is only likely is not used."""
    (found,) = matched((header,), book())
    assert (found.column, found.unit, found.status) == (column, unit, status)


def test_a_year_is_told_for_headers_without_one() -> None:
    """It is never taken from somewhere else."""
    found = matched(("职工总数", "营业收入2024"), book(), year=2025)
    assert [one.column for one in found] == ["employees_2025", "revenue_2024"]


def test_two_headers_of_one_meaning_are_not_used_unless_the_mapping_says_which() -> None:
    """Both are told."""
    headers = ("营业收入2025", "2025年营业收入（元）", "revenue_2025", "所在市")
    found = matched(headers, book())
    assert [(one.status, one.nearest) for one in found] == [("duplicate", "revenue_2025")] * 3 + [("label", "")]
    chosen = matched(headers, book(), {"revenue_2025": Target("revenue_2025")})
    assert [one.status for one in chosen] == ["duplicate", "duplicate", "mapped", "label"]
    assert [one.status for one in matched(("a", "a"), book(), {"a": Target("city")})] == ["duplicate", "duplicate"]


def test_a_mapping_is_written_read_and_used(tmp_path: Path) -> None:
    """What is known stands in it; what is proposed is a comment until somebody takes it."""
    headers = ("企业名称", "营业额(2025年,千元)", "主营业务收人2025", "2025年研发费用（亿元）", "备注: 内部")
    text = mapping_text(matched(headers, book()))
    again = read_mapping(parse(text, name="mapping.yaml"), book())
    assert [one.column for one in matched(headers, book(), again)] == ["name", "", "", "rd_expense_2025", ""]
    assert "# guessed: main_revenue_2025" in text
    told = parse("营业额(2025年,千元): {column: revenue_2025, unit: 千元}\n企业名称: name\n", name="mapping.yaml")
    path = written(tmp_path, lines([headers, ("甲", "12", "1", "1", "x")]))
    table = open_table(path)
    (batch,) = taken(table, matched(table.headers, book(), read_mapping(told, book())), book(), ON)
    assert batch.frame.to_dicts() == [{"revenue_2025": 1_200_000, "rd_expense_2025": 10**10}]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("a: revenu_2025\nb: revenue\nc: size_class", ["mapping-column"] * 3),
        ("a: {column: revenue_2025, unit: 人}", ["mapping-unit"]),
        ("a: {colum: revenue_2025}", ["unknown-key"]),
        ("- a", ["not-a-mapping"]),
        ("a: judgement.nobody.nothing", ["mapping-column"]),
    ],
)
def test_a_mapping_tells_its_mistakes(text: str, codes: list[str]) -> None:
    """All at once, with what was meant."""
    with pytest.raises(BadInput) as caught:
        read_mapping(parse(text, name="mapping.yaml"), book())
    assert [problem.code for problem in caught.value.problems] == codes
    assert set(codes) <= PROBLEMS.keys()


# ---- recognitions


def test_recognitions_in_one_column_are_a_whole_list(tmp_path: Path) -> None:
    """Names in any of their forms, with their days; nothing said is not none."""
    rows = [
        ("甲", "高新技术企业（2024-11-19至2027-11-18）、专精特新；innovative-sme"),
        ("乙", "无"),
        ("丙", ""),
        ("丁", "高企:2024年11月19日"),
        ("戊", "诺贝尔奖"),
        ("己", "高企(2030-01-01)"),
        ("庚", "高企(2024-11-19至2023-11-18)"),
    ]
    batch = one(written(tmp_path, lines([("企业名称", "资质"), *rows])))
    high = {"id": "high-tech-enterprise", "granted": date(2024, 11, 19), "expires": date(2027, 11, 18)}
    others = [{"id": id_, "granted": None, "expires": None} for id_ in ("specialized-sme", "innovative-sme")]
    assert batch.frame["recognitions"].to_list() == [[high, *others], [], None, [high | {"expires": None}]]
    codes = ["unknown-recognition", "date-in-future", "expires-before-granted"]
    assert [reject.code for reject in batch.rejects] == codes


def test_columns_of_single_recognitions_say_nothing_of_the_others(tmp_path: Path) -> None:
    """They are a list where somebody says that there are no others, and every one of them is filled in."""
    header = ("企业名称", "是否高新技术企业", "高新技术企业认定日期", "是否专精特新", "营业收入2025")
    rows = [("甲", "是", "2024-11-19", "否", "1"), ("乙", "是", "", "", "2"), ("丙", "否", "2024-11-19", "否", "3")]
    path = written(tmp_path, lines([header, *rows]))
    assert one(path).frame["recognitions"].to_list() == [None, None]
    batch = one(path, complete=True)
    held = [{"id": "high-tech-enterprise", "granted": date(2024, 11, 19), "expires": None}]
    assert batch.frame["recognitions"].to_list() == [held, None]
    assert [(reject.row, reject.code) for reject in batch.rejects] == [(4, "recognition-contradicts")]


# ---- workbooks and Parquet


def workbook(folder: Path, rows: Iterable[Sequence[Any]], formats: dict[str, str] | None = None) -> Path:
    """Return a workbook with *rows* below a title; *formats* by cell."""
    book_ = Workbook()
    sheet = book_.active
    assert sheet is not None
    sheet.append(["名单"])
    for row in rows:
        sheet.append(list(row))
    for cell, shown in (formats or {}).items():
        sheet[cell].number_format = shown
    path = folder / "table.xlsx"
    book_.save(path)
    return path


def test_a_workbook_means_what_it_shows(tmp_path: Path) -> None:
    """Per cent, days as numbers, fifteen digits, formats that shorten: as in the workbook of one company."""
    header = ("企业名称", "统一社会信用代码", "营业收入2025", "市占率", "成立日期", "legal_person", "行业代码")
    rows = [
        ("甲", "91440605MA4W1XXX0X", 0.1 + 0.2, 0.25, datetime.fromisoformat("2018-05-18"), True, "C3443"),
        ("乙", None, 12800, 25, 43238, "否", 3443),
        ("丙", None, "1.2亿", 1, "2018年5月18日", "是", None),
        ("丁", None, 12.8, 5, 43238, "是", None),
        ("戊", None, "#DIV/0!", None, 43238, "是", None),
        ("己", None, date(2026, 5, 10), None, 43238, "是", None),
        (None, None, None, None, None, None, None),
        ("庚", None, 1, 0.25, None, None, None),
    ]
    path = workbook(tmp_path, [header, *rows], {"D3": "0%", "D5": "0.0%", "C6": "0.0,", "E4": "yyyy-mm-dd"})
    batch = one(path)
    assert batch.identity.rows() == [(3, "甲", "91440605MA4W1XXX0X"), (4, "乙", None), (5, "丙", None)]
    assert batch.frame.to_dict(as_series=False) == {
        "revenue_2025": [300_000, 12_800_000_000, 12_000_000_000],
        "market_share": [25_000_000, 25_000_000, 100_000_000],
        "established": [date(2018, 5, 18)] * 3,
        "legal_person": [True, False, True],
        "industry": ["3443", "3443", None],
    }
    assert [(reject.row, reject.code) for reject in batch.rejects] == [
        (6, "cell-shifted"),
        (7, "cell-error"),
        (8, "number-expected"),
        (10, "fraction-for-percent"),
    ]


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    """Floats by fifteen digits, decimals, days, yes and no, lists; NaN is no number."""
    path = tmp_path / "table.parquet"
    pl.DataFrame(
        {
            "name": ["甲", "乙", "丙", "丁"],
            "revenue_2025": [0.12345678, 12800.1 * 1.1, float("nan"), 1e20],
            "revenue_2024": [Decimal("1.20"), None, None, None],
            "employees_2025": pl.Series([12, 13, 14, 15], dtype=pl.UInt16),
            "established": [date(2018, 5, 18)] * 4,
            "segment_since": [datetime.fromisoformat("2018-05-18")] * 4,
            "legal_person": [True, False, None, None],
            "applicant_kind": [["enterprise", "平台"], ["企业", "park"], None, None],
        }
    ).write_parquet(path, row_group_size=2)
    assert rejected(path) == [
        (1, "revenue_2025", "too-many-decimals"),
        (1, "applicant_kind", "cell-choice"),
        (3, "revenue_2025", "cell-not-finite"),
        (4, "revenue_2025", "too-large"),
    ]
    frame = pl.concat(batch.frame for batch in batches(path))
    assert frame.to_dicts() == [
        {
            "revenue_2025": 14_080_110_000,
            "revenue_2024": None,
            "employees_2025": 13,
            "established": date(2018, 5, 18),
            "segment_since": date(2018, 5, 18),
            "legal_person": False,
            "applicant_kind": ["enterprise", "park"],
        }
    ]


def test_lists_in_parquet_are_read_by_their_fields(tmp_path: Path) -> None:
    """Recognitions and events, as a frame has them or with numbers as people write them."""
    path = tmp_path / "table.parquet"
    pl.DataFrame(
        {
            "name": ["甲", "乙", "丙"],
            "recognitions": [
                [{"id": "高企", "granted": date(2024, 11, 19), "expires": None}, {"id": "specialized-sme"}],
                [],
                [{"id": "nothing"}],
            ],
            "equity_investments": [[{"date": date(2025, 3, 1), "amount": 1000.5}], None, []],
        }
    ).write_parquet(path)
    batch = one(path)
    (held, other), none = batch.frame["recognitions"].to_list()
    assert held == {"id": "high-tech-enterprise", "granted": date(2024, 11, 19), "expires": None}
    assert (other["id"], none) == ("specialized-sme", [])
    paid = {"date": date(2025, 3, 1), "amount": 1_000_500_000, "amount_low": None, "amount_high": None}
    assert batch.frame["equity_investments"].to_list() == [[paid], None]
    assert [(reject.row, reject.code) for reject in batch.rejects] == [(3, "unknown-recognition")]


# ---- the same as a form, a workbook, a profile


def spellings(spec: FactSpec) -> st.SearchStrategy[str]:
    """Return texts that people may write for a fact, right and wrong."""
    lists = book().lists
    match spec.kind:
        case "flag":
            return st.sampled_from(["是", "否", "有", "无", "yes", "NO", "True", "√", "×", "对"])
        case "choice":
            return st.sampled_from([*spec.choices, *spec.choices.values(), "别的"])
        case "city":
            return st.sampled_from([*lists.city_names, *(name[:-1] for name in lists.city_names), "440600", "北京"])
        case "industry":
            codes = [code for code in lists.industries if len(code) in (1, 4)]
            return st.sampled_from(codes).flatmap(
                lambda code: st.sampled_from([code, f"{lists.ancestors(code)[0]}{code}", lists.industries[code][0]])
            )
        case "date":
            days = st.dates(date(1980, 1, 1), date(2030, 1, 1))
            return st.builds(lambda day, form: day.strftime(form), days, st.sampled_from(_DAYS))
        case _:
            return st.one_of(
                numbers(), st.builds("{}{}{}".format, numbers(), st.sampled_from(["..", "-", "~"]), numbers())
            )


_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y.%m.%d", "%Y%m%d")


def numbers() -> st.SearchStrategy[str]:
    """Return spellings of numbers."""
    plain = st.builds(
        lambda whole, part, places: f"{whole}.{part:0{places}d}"[: None if places else -2],
        st.integers(0, 10**9),
        st.integers(0, 9),
        st.integers(0, 8),
    )
    grouped = st.builds(lambda whole, part: f"{whole:,}{part}", st.integers(-999, 10**12), st.sampled_from(["", ".5"]))
    wide = plain.map(lambda text: text.translate({ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789."}))
    units = st.sampled_from(["", "万", "亿", "元", "万元", " 亿元", "%", " %", "人", "项", "年", "千瓦", "百万"])
    return st.builds("{}{}".format, st.one_of(plain, grouped, wide), units)


FACTS = tuple(
    spec for spec in book().dictionary.facts.values() if not spec.derived and spec.kind not in ("events", "text")
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_text_means_the_same_as_in_the_workbook_of_a_company(data: st.DataObject) -> None:
    """Where both understand it; what neither form nor workbook takes, no table takes."""
    spec = data.draw(st.sampled_from(FACTS))
    texts = data.draw(st.lists(spellings(spec), min_size=1, max_size=12))
    copies = data.draw(st.sampled_from([1, 120]))  # more are read at once
    rulebook = book()
    column = f"{spec.name}_2025" if spec.yearly else spec.name
    frame, rejects = in_table(column, [text for text in texts for _ in range(copies)])
    for place, text in enumerate(texts):
        try:
            raw = meant(Cell(text), spec, rulebook.lists).raw
            read_answer(raw, spec, rulebook.lists, ON)
        except NotListed:
            raw = "unknown"
        except (AnswerError, AnswerErrors):
            assert place * copies in rejects, text
            continue
        if place * copies in rejects:
            assert rejects[place * copies] in ("industry-as-number", "too-many-decimals"), text
            continue
        facts = {"years": {2025: {spec.name: raw}}} if spec.yearly else {"facts": {spec.name: raw}}
        profile = read_profile(Source("p", data=facts), rulebook.dictionary, rulebook.lists, ON)
        expected = profiles_to_frame([profile], rulebook).to_dicts()[0]
        for name, value in expected.items():
            got = frame[place * copies].get(name)
            assert got == value, (text, name)


def in_table(column: str, texts: Sequence[str]) -> tuple[dict[int, dict[str, Any]], dict[int, str]]:
    """Return what a table says in one column, by the place of the text: the row taken, or what is wrong with it."""

    def source(columns: Sequence[int], faults: list[Any]) -> Iterable[pl.DataFrame]:
        del columns, faults
        rows = pl.Series("row", range(len(texts)), dtype=pl.UInt32)
        yield pl.DataFrame({"row": rows, "0": [str(at) for at in range(len(texts))], "1": list(texts)})

    table = Table("t", ("name", column), "csv", source)  # type: ignore[arg-type]
    (batch,) = taken(table, matched(table.headers, book()), book(), ON)
    admitted(batch.frame, book())
    rows = dict(zip(batch.identity["row"], batch.frame.to_dicts(), strict=True))
    return rows, {reject.row: reject.code for reject in batch.rejects}


# ---- large files


def test_a_large_file_is_read_in_pieces(tmp_path: Path) -> None:
    """Two hundred megabytes in a process that never holds more than four hundred."""
    path = tmp_path / "large.csv"
    row = "某某精密阀门制造有限公司,佛山,12800.5,210," + ",".join(["内部资料"] * 20) + "\n"
    with path.open("w", encoding="utf-8") as stream:
        stream.write("企业名称,所在市,营业收入2025,employees_2025," + ",".join(f"列{n}" for n in range(20)) + "\n")
        for _ in range(60):
            stream.write(row * 10_000)
    assert path.stat().st_size > 180_000_000
    script = f"""
import re
from datetime import date
from pathlib import Path
from assistant.matching.screening.intake.headers import matched
from assistant.matching.screening.intake.intake import taken
from assistant.matching.screening.intake.tables import open_table
from assistant.rulebook.load import load
book = load(Path({str(ROOT / "rules")!r}))
table = open_table(Path({str(path)!r}))
rows = sum(b.frame.height for b in taken(table, matched(table.headers, book), book, date(2026, 11, 23)))
status = Path("/proc/self/status").read_text()  # ru_maxrss would begin with the parent's
most = re.search("VmHWM:[ \t]*([0-9]+)", status)[1]
print(rows, int(most) // 1000)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    rows, megabytes = map(int, done.stdout.split())
    assert rows == 600_000
    assert megabytes < 400


def test_every_reject_has_a_sentence() -> None:
    """In both languages, with what was found."""
    for code in ("row-ragged", "row-total", "recognition-contradicts", "industry-as-number", "cell-kind"):
        for lang in ("zh", "en"):
            assert "X7" in problem_text(code, {"found": "X7", "expected": "X7"}, lang)
