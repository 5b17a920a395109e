"""`assistant screen`: tables of any kind in, answers as for one company, rejected rows and a summary out."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from assistant.matching.screening.frame import RECOGNITIONS, asked_of
from tests.bench.screening import companies
from tests.conftest import book
from tests.test_cli import TODAY, refused, run

PROJECT = "high-tech-enterprise"
FEW = ("--project", PROJECT, "--project", "specialized-sme")
HEAD = "企业名称,统一社会信用代码,城市,行业代码,成立日期,2025年营业收入（万元）,研发费用2025（万元）,备注\n"
ROWS = (
    '佛山甲公司,91440605MA4XXX2B7B,佛山市,C3443,2010-05-01,"12,000",640,好\n'
    "深圳乙公司,,深圳,3443,40299,8000万元,300,\n"
    "广州丙公司,,广州市,C3443,2012/3/4,约三百,300,\n"
    '"=HYPERLINK(""x"")",,东莞,C3443,2015-06-01,5000,200,\n'
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a table as a bureau sends it, in GBK."""
    path = tmp_path / "企业.csv"
    path.write_bytes((HEAD + ROWS).encode("gbk"))
    return path


def as_told() -> pl.DataFrame:
    """Return made-up companies as people tell of them: money in 万元, shares in per cent."""
    made = companies(book(), 500, 3).drop(RECOGNITIONS)
    flat = made.select(name for name, kind in made.schema.items() if not isinstance(kind, pl.List))
    specs = {name: asked_of(name, book()) for name in flat.columns}
    parts = [name for name, spec in specs.items() if spec and spec.numeric and spec.kind != "count"]
    told = [pl.col(name).map_elements(lambda n: str(Decimal(n).scaleb(-6)), pl.String) for name in parts]
    return flat.with_columns(told)


def screened(*arguments: str | Path) -> str:
    """Run the command for a few projects; return what it prints."""
    done = run("screen", *map(str, arguments), *FEW, *TODAY, "--quiet")
    assert done.exit_code == 0, done.output
    return done.stdout


def test_rows_that_cannot_be_read_are_told_and_the_rest_is_screened(table: Path, tmp_path: Path) -> None:
    """With row, column and reason; whoever the companies are comes through."""
    screened(table, "-o", tmp_path / "out.parquet")
    found = pl.read_parquet(tmp_path / "out.parquet")
    assert found["name"].to_list() == ["佛山甲公司", "深圳乙公司", '=HYPERLINK("x")']
    assert found["row"].to_list() == [2, 3, 5]
    assert found.width == 3 + 9 + 11  # one of the two is scored
    with (tmp_path / "out.rejects.csv").open(encoding="utf-8-sig", newline="") as stream:
        rejects = list(csv.DictReader(stream))
    assert [(one["行"], one["列"]) for one in rejects] == [("4", "2025年营业收入（万元）")]
    assert "约三百" in rejects[0]["原因"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_name_becomes_a_formula(table: Path, tmp_path: Path, kind: str) -> None:
    """Neither in a spreadsheet nor in a text that one opens."""
    target = tmp_path / f"out.{kind}"
    screened(table, "-o", target)
    if kind == "csv":
        with target.open(encoding="utf-8-sig", newline="") as stream:
            names = [row["name"] for row in csv.DictReader(stream)]
        assert names[-1] == '\'=HYPERLINK("x")'
    else:
        sheet = openpyxl.load_workbook(target).active
        assert sheet is not None
        cell = sheet.cell(4, 2)
        assert (cell.value, cell.data_type) == ('=HYPERLINK("x")', "s")


def test_several_inputs_go_into_a_folder_and_are_resumed(table: Path, tmp_path: Path) -> None:
    """What is done is skipped, unless it or what it was made from has changed."""
    other = tmp_path / "more.csv"
    other.write_text(HEAD + ROWS.splitlines(keepends=True)[0], encoding="utf-8")
    out = tmp_path / "out"
    screened(table, other, "-o", out)
    assert {path.name for path in out.glob("*.parquet")} == {"企业.parquet", "more.parquet"}
    made = {path: path.stat().st_mtime_ns for path in out.glob("*.parquet")}
    other.write_text(HEAD + ROWS.splitlines(keepends=True)[1], encoding="utf-8")
    screened(table, other, "-o", out, "--resume")
    assert (out / "企业.parquet").stat().st_mtime_ns == made[out / "企业.parquet"]
    assert pl.read_parquet(out / "more.parquet")["name"].to_list() == ["深圳乙公司"]


def test_a_mapping_is_written_looked_over_and_used(table: Path, tmp_path: Path) -> None:
    """What is only likely is used when somebody says so."""
    mapping = tmp_path / "mapping.yaml"
    screened(table, "-o", tmp_path / "out.csv", "--write-mapping", mapping)
    assert not (tmp_path / "out.csv").exists()
    text = mapping.read_text(encoding="utf-8")
    assert "城市: city" in text
    mapping.write_text(text.replace("城市: city", "城市:"), encoding="utf-8")
    screened(table, "-o", tmp_path / "out.csv", "--mapping", mapping)
    assert "not-offered" not in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")


def test_the_summary_counts_what_the_answers_say(tmp_path: Path) -> None:
    """In three formats, from 500 made-up companies; another version of the rules beside it."""
    as_told().write_parquet(tmp_path / "in.parquet")
    kinds = [tmp_path / f"s.{kind}" for kind in ("json", "html", "xlsx")]
    options = [part for path in kinds for part in ("--summary", path)]
    screened(tmp_path / "in.parquet", "-o", tmp_path / "out.parquet", *options, "--compare", "gd-2022")
    told = json.loads(kinds[0].read_text(encoding="utf-8"))
    found = pl.read_parquet(tmp_path / "out.parquet")
    assert told["companies"] == found.height > 400
    [own] = [one for one in told["projects"] if one["id"] == PROJECT]
    eligible = found.filter(pl.col(f"{PROJECT}.verdict") == "eligible").height
    assert own["states"]["eligible"] == eligible
    assert told["comparison"] is not None
    assert "<svg" in kinds[1].read_text(encoding="utf-8")
    assert openpyxl.load_workbook(kinds[2]).sheetnames


@pytest.mark.parametrize(
    ("content", "arguments", "told"),
    [
        ("", (), "空"),
        ("a,b\n1,2\n", (), "没有一列是认识的指标"),
        (HEAD + ROWS, ("--compare", "gd-2023"), "最接近的是 gd-2024"),
        (HEAD + ROWS, ("--summary", "s.pdf"), "“.pdf”不能写"),
        (HEAD + ROWS, ("-o", "out.pdf"), "“.pdf”不能写"),
    ],
)
def test_a_mistake_is_one_message(tmp_path: Path, content: str, arguments: tuple[str, ...], told: str) -> None:
    """And nothing is written."""
    path = tmp_path / "in.csv"
    path.write_text(content, encoding="utf-8")
    target = () if "-o" in arguments else ("-o", str(tmp_path / "out.csv"))
    assert told in " ".join(refused("screen", str(path), *target, *arguments, *FEW, *TODAY, "--quiet"))
    assert {one.name for one in tmp_path.iterdir()} == {"in.csv"}
