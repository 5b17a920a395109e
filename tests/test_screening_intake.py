"""An intake: foreign tables of every kind become frames, row by row; what cannot be read is told with its row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistant.delivery.wording.problems import PROBLEMS
from assistant.errors import BadInput
from assistant.matching.screening.frame import admitted
from assistant.matching.screening.intake.headers import matched
from assistant.matching.screening.intake.intake import Batch, taken
from assistant.matching.screening.intake.tables import open_table
from tests.conftest import ON, book

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
