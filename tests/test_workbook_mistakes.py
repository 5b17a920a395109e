"""What people really put into a workbook: taken where it can mean one thing only, else told with its cell."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from assistant.delivery.wording.problems import problem_text
from assistant.delivery.workbook import opening
from assistant.delivery.workbook.opening import opened
from assistant.delivery.workbook.sheets import digest
from assistant.errors import BadInput
from tests.conftest import ON, book
from tests.workbooks import NAME, blank, cell, filled, mistakes, rewritten, rows, sheet, told

REVENUE = cell("revenue", "E")


def answered(fact: str, value: Any, *, column: str = "C", format_: str = "") -> Any:
    """Return what a value in the cell of a fact means."""
    title, at = cell(fact, column)

    def work(made: Workbook) -> None:
        if format_:
            sheet(made, title)[at].number_format = format_

    data = told(filled({(title, at): value}, work=work)).data
    return data["years"][2023][fact] if "years" in data else data["facts"][fact]


def only(content: bytes) -> str:
    """Return the one mistake in a workbook."""
    (found,) = mistakes(content)
    return found


# ---- taken


@pytest.mark.parametrize(
    ("fact", "value", "raw"),
    [
        ("revenue", "1,234.5", Decimal("1234.5")),
        ("revenue", "１２３４．５", Decimal("1234.5")),
        ("revenue", " 300 ", 300),
        ("revenue", 0.1 + 0.2, Decimal("0.3")),
        ("revenue", "300万元", "300万元"),
        ("revenue", "1.4亿", "14000万元"),
        ("revenue", "500万～1.2亿", "500..12000万元"),
        ("revenue", "5-10", "5..10"),
        ("revenue", "不知道", "unknown"),
        ("employees", "1.2万", "12000人"),
        ("market_share", "5%", "5%"),
        ("established", datetime(2018, 5, 18), date(2018, 5, 18)),  # noqa: DTZ001  # as a spreadsheet has it
        ("established", "2018年5月18日", date(2018, 5, 18)),
        ("established", "2018/5/18", date(2018, 5, 18)),
        ("established", "2018.05.18", date(2018, 5, 18)),
        ("established", "２０１８－５－１８", date(2018, 5, 18)),
        ("established", 20180518, date(2018, 5, 18)),
        ("established", 43238, date(2018, 5, 18)),
        ("iso9001", "√", True),
        ("iso9001", "没有", False),
        ("iso9001", False, False),
        ("city", "东莞", "东莞"),
        ("industry", "c3443", "C3443"),
        ("industry", "C3443 阀门和旋塞制造", "C3443"),
        ("industry", "阀门和旋塞制造", "C3443"),
        ("industry", 3443, "3443"),
        ("applicant_kind", "企业；园区、开发区", ["enterprise", "park"]),
        ("applicant_kind", "企业、联合体", ["enterprise", "consortium"]),
        ("rd_institution_level", "省(部)级", "provincial"),
        ("county", 12.5, "12.5"),
    ],
)
def test_what_can_mean_one_thing_only_is_taken(fact: str, value: object, raw: object) -> None:
    """Numbers, shares, days, choices as people write them."""
    assert answered(fact, value) == raw


@pytest.mark.parametrize(("value", "raw"), [(0.05, 5), (0.055, Decimal("5.5")), (0.005, "0.5 %"), (1, 100)])
def test_a_share_formatted_as_per_cent_is_exact(value: float, raw: object) -> None:
    """0.055 shown as 5.5 % is 5.5 %."""
    assert answered("market_share", value, format_="0.0%") == raw


def test_what_was_understood_is_told() -> None:
    """Where 万 or 亿 was left to be understood."""
    remarks = told(filled({REVENUE: "1.4亿"})).remarks
    said = [f"{one.place.path}：{problem_text(one.code, dict(one.params), 'zh')}" for one in remarks]
    assert said == [f"财务!{REVENUE[1]}：写的是“1.4亿”，按 14,000 万元读取"]


# ---- refused


@pytest.mark.parametrize(
    ("fact", "value", "said"),
    [
        ("revenue", "约三百", "应为数字，万元；现为“约三百”"),
        ("revenue", "1,5", "应为数字，万元；现为“1,5”"),
        ("revenue", "300人", "应为数字，万元；现为“300人”"),
        ("revenue", ">500", "应为数字，万元；现为“>500”"),
        ("revenue", True, "应为数字，万元；现为“True”"),
        ("revenue", datetime(2026, 5, 10), "现为日期 2026-05-10，可能是表格把“5-10”当成了日期"),  # noqa: DTZ001
        ("revenue", -1, "营业收入不能是负数，写的是 -1"),
        ("revenue", 1.23456789, "小数太多，最多 6 位"),
        ("employees", 3.5, "3.5 不是整数，单位：人"),
        ("market_share", 0.05, "是不是指 5 %"),
        ("market_share", 130, "不超过 100 %"),
        ("established", "2018年", "应为日期，如 2018-05-18"),
        ("established", "2018-02-30", "没有 2018-02-30 这一天"),
        ("established", 2018, "应为日期，如 2018-05-18"),
        ("established", "2027-01-01", "还没有到"),
        ("iso9001", "有的", "应为是、否、不清楚；现为“有的”"),
        ("iso9001", 1, "应为是、否、不清楚；现为“1”"),
        ("digital_level", "2级", "没有“2级”这一项；可以选：未测评、一级、二级"),
        ("city", "东筦市", "“东筦市”不是广东的地级以上市"),
        ("industry", "阀门", "不是行业代码"),
        ("high_tech_field", "新能源和节能", "没有“新能源和节能”这一项，最接近的是 新能源与节能；可以选：不属于"),
        ("revenue", "=1/0", "是公式，文件里没有存它的结果"),
    ],
)
def test_a_mistake_is_told_with_its_cell(fact: str, value: object, said: str) -> None:
    """And with what is expected there."""
    title, at = cell(fact)
    found = only(filled({(title, at): value}))
    assert found.startswith(f"{title}!{at}：")
    assert said in found


def test_all_mistakes_at_once_in_the_order_of_the_sheets() -> None:
    """One after the other, as one would mend them; the good answers are not taken."""
    cells = {
        cell("iso9001"): "?",
        cell("city"): "?",
        ("资质", "B3"): "最好的企业",
        REVENUE: "?",
        ("资质", "C4"): "2020-01-01",
    }
    found = [one.partition("：")[0] for one in mistakes(filled(cells))]
    expected = ["!".join(cell("city")), "!".join(cell("iso9001")), "!".join(REVENUE), "资质!B3", "资质!B4"]
    assert found == expected


def test_figures_shown_in_another_scale_are_refused() -> None:
    """A format that shows 12,345 as 1.2 may hide which of the two is meant."""
    for format_ in ('0!.0000"万"', "#,##0,", "0.0,,"):
        title, at = cell("revenue")

        def work(made: Workbook, at: str = at, format_: str = format_) -> None:
            sheet(made, "财务")[at].number_format = format_

        assert "格子的格式把数缩小了显示" in only(filled({(title, at): 12345}, work=work))


def test_a_credit_code_kept_as_a_number_has_lost_digits() -> None:
    """It is not taken."""
    assert "存成了数字" in only(filled({("企业", "C4"): 914406001234567890}))


# ---- lists


def test_a_list_says_whether_there_is_any() -> None:
    """None, not known, some: and what is listed has to agree."""
    state = ("资质", "C1")
    assert told(filled({state: "没有"})).data == {"recognitions": []}
    assert told(filled({state: "不清楚"})).data == {"recognitions": "unknown"}
    assert "recognitions" not in told(blank()).data
    row = {("资质", "B3"): "高新技术企业", ("资质", "C3"): "2024/12/19"}
    expected = {"recognitions": [{"id": "high-tech-enterprise", "granted": date(2024, 12, 19)}]}
    assert told(filled(row)).data == expected
    assert told(filled({**row, state: "有，列在下面"})).data == expected
    assert "下面却填了内容" in only(filled({**row, state: "没有"}))
    assert "下面却是空的" in only(filled({state: "有，列在下面"}))
    assert "资质!C1：没有“大概”这一项" in only(filled({state: "大概"}))


def test_a_misspelt_recognition_is_told_with_the_nearest() -> None:
    """By its name."""
    assert only(filled({("资质", "B3"): "高新科技企业"})).startswith(
        "资质!B3：没有“高新科技企业”这个资质，最接近的是 高新技术企业"
    )


def test_rows_put_into_a_list_belong_to_it() -> None:
    """A row between two of a list has no key; it counts all the same."""
    top = rows("清单")["science_awards?"]

    def work(made: Workbook) -> None:
        lists = sheet(made, "清单")
        lists.insert_rows(top + 3)
        lists.cell(top + 3, 2).value, lists.cell(top + 3, 3).value = "国家级", 2
        lists.cell(top + 3, 4).value = datetime(2025, 3, 28)  # noqa: DTZ001

    level = next(iter(book().dictionary.spec("science_awards").fields["level"].choices))
    name = book().dictionary.spec("science_awards").fields["level"].choices[level]
    data = told(filled({("清单", f"B{top + 2}"): name}, work=work)).data["facts"]["science_awards"]
    assert [len(one) for one in data] == [1, 3]


def test_a_judgement_is_chosen_from_the_list() -> None:
    """Its project and criterion come back from what the list calls them; anything else is refused."""
    cells = {("研判", "C2"): "符合", ("研判", "D2"): "协会"}
    good = "某项目：质量（provincial-champion/quality）"
    (one,) = told(filled({**cells, ("研判", "B2"): good})).data["judgements"]
    assert one == {"project": "provincial-champion", "criterion": "quality", "verdict": "met", "by": "协会"}
    assert "看不出是哪个条件" in only(filled({**cells, ("研判", "B2"): "质量"}))
    assert "研判!B2：没有“none”这个条件" in only(filled({**cells, ("研判", "B2"): "（provincial-champion/none）"}))
    assert "研判!C2：这一行缺少“结论”" in only(filled({("研判", "B2"): good}))


# ---- what people do to sheets


def test_rows_may_move_and_labels_may_change() -> None:
    """A row is known by its hidden key; without it, by its label."""

    def shuffle(made: Workbook) -> None:
        facts = sheet(made, "企业")
        row = rows("企业")["iso9001"]
        for column in range(1, 7):
            facts.cell(900, column).value = facts.cell(row, column).value
            facts.cell(row, column).value = None
        facts["B900"] = "ISO 认证（我改的名字）"
        facts["C900"] = "是"
        facts["B901"], facts["C901"] = "环境管理体系认证", "否"
        facts[f"A{rows('企业')['iso14001']}"] = None

    assert told(filled({}, work=shuffle)).data["facts"] == {"iso9001": True, "iso14001": False}


def test_an_answer_that_stands_twice_is_refused() -> None:
    """It would be a guess which of the two is meant."""

    def copy(made: Workbook) -> None:
        facts = sheet(made, "企业")
        facts["A900"], facts["B900"], facts["C900"] = "iso9001", "质量管理体系认证", "否"

    assert f"和 企业!{cell('iso9001')[1]} 是同一项" in only(filled({cell("iso9001"): "是"}, work=copy))


def test_columns_of_other_years_may_be_put_in() -> None:
    """Known by their headings; what looks like a year but is none is refused."""

    def more(made: Workbook) -> None:
        figures = sheet(made, "财务")
        figures.insert_cols(3, 2)
        figures["C1"], figures["D1"] = "2021年度", "备注"
        figures[f"C{rows('财务')['revenue']}"], figures[f"D{rows('财务')['revenue']}"] = 77, "随便写"

    assert told(filled({}, work=more)).data == {"years": {2021: {"revenue": 77}}}
    assert only(filled({("财务", "C1"): "2023年上半年"})).startswith("财务!C1：表头“2023年上半年”看不懂")
    assert "2026 年还没有结账，表头应写成“2026年预计”" in only(
        filled({("财务", "F1"): "2026年", cell("revenue", "F"): 1})
    )
    assert "和 财务!C1 是同一项" in only(filled({("财务", "D1"): "2023年"}))


def test_merged_cells_are_refused_where_they_hold_an_answer() -> None:
    """Merged headings are nobody's business."""
    row = rows("财务")["revenue"]

    def merge(made: Workbook) -> None:
        sheet(made, "财务").merge_cells(f"C{row}:D{row}")
        sheet(made, "财务").merge_cells("B2:G2")

    assert (
        only(filled({("财务", f"C{row}"): 300}, work=merge))
        == f"财务!C{row}：和 D{row} 合并成了一格，看不出是哪一格的，请取消合并再填"
    )


def test_sheets_of_ones_own_are_left_alone() -> None:
    """Extra sheets are ignored, a sheet known by its mark is read whatever it is called, two of one are refused."""

    def own(made: Workbook) -> None:
        made.create_sheet("草稿")["A1"] = "约三百"
        sheet(made, "财务").title = "财务数据"

    assert told(filled({REVENUE: 5}, work=own)).data == {"years": {2025: {"revenue": 5}}}

    def twice(made: Workbook) -> None:
        made.copy_worksheet(sheet(made, "财务")).title = "财务 (2)"

    assert "“财务 (2)”和“财务”是同一张表" in only(filled({}, work=twice))


def test_a_workbook_of_an_older_dictionary_says_so() -> None:
    """It is read by today's; what is no longer asked is told of and left out."""

    def age(made: Workbook) -> None:
        choices = sheet(made, "选项")
        assert choices["A2"].value == digest(book().dictionary, book().lists)
        choices["A2"], choices["A3"] = "0123456789ab", "2025-01-01"
        facts = sheet(made, "企业")
        facts["A900"], facts["B900"], facts["C900"] = "no_longer_asked", "旧指标", "是"
        facts["A901"], facts["B901"], facts["C901"] = "研发机构级别", "", "市级"

    found = told(filled({}, work=age))
    said = [problem_text(one.code, dict(one.params), "zh") for one in found.remarks]
    assert found.data == {"facts": {"rd_institution_level": "city"}}
    assert re.search("2025-01-01 的指标表生成", said[0])
    assert said[1] == "“旧指标”已经不用填了，没有读取"


def test_a_row_that_is_no_fact_is_refused() -> None:
    """An answer that belongs nowhere is not dropped in silence."""
    cells = {("企业", "B900"): "质量管理体系认正", ("企业", "C900"): "是"}
    assert only(filled(cells)).startswith("企业!C900：看不出“质量管理体系认正”是哪个指标，最接近的是 质量管理体系认证")


# ---- hostile and damaged files


def refused(content: bytes) -> str:
    """Return why a file is refused altogether."""
    with pytest.raises(BadInput) as caught:
        opened(content, NAME)
    (problem,) = caught.value.problems
    return problem.code


def packed(**parts: bytes) -> bytes:
    """Return a zip of parts, its content types among them."""
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for name, part in parts.items():
            archive.writestr(f"{name}.xml", part)
    return made.getvalue()


def test_what_is_no_workbook_is_refused() -> None:
    """Whatever it is instead."""
    assert refused(b"") == "workbook-expected"
    assert refused(b"\xd0\xcf\x11\xe0" + b"0" * 900) == "workbook-old"
    assert refused(blank()[:-200]) == "workbook-expected"
    assert refused(packed()) == "workbook-damaged"
    assert refused(b"0" * 5_000_001) == "file-too-large"
    word = BytesIO()
    with ZipFile(word, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert refused(word.getvalue()) == "workbook-expected"


def test_bombs_are_refused_before_they_go_off() -> None:
    """A small file that unpacks to much, in bytes, in tags, in parts; entities; a size that lies."""
    assert refused(packed(big=b"0" * (opening.MAX_UNPACKED + 1))) == "workbook-too-much"
    assert refused(packed(tags=b"<c/>" * (opening.MAX_TAGS + 1))) == "workbook-too-much"
    assert refused(packed(**{f"p{number}": b"" for number in range(opening.MAX_PARTS + 1)})) == "workbook-too-much"
    entity = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "b">]><workbook/>'
    assert (
        refused(rewritten(blank(), lambda name, part: entity if name == "xl/workbook.xml" else part))
        == "workbook-damaged"
    )


def test_damaged_parts_are_refused_not_crashed_on() -> None:
    """Each part in turn cut in half."""
    with ZipFile(BytesIO(blank())) as archive:
        names = archive.namelist()
    for broken in names:

        def cut(name: str, part: bytes, broken: str = broken) -> bytes:
            return part[: len(part) // 2] if name == broken else part

        with suppress(BadInput):
            told(rewritten(blank(), cut))


def test_a_cell_far_away_is_not_read() -> None:
    """A cell in the last row of all costs nothing."""

    def far(made: Workbook) -> None:
        sheet(made, "企业")["XFD1048576"] = "x"

    assert told(filled({}, work=far)).data == {}


def test_another_workbook_is_told_apart() -> None:
    """One that is not ours says which sheets were expected."""
    made = BytesIO()
    Workbook().save(made)
    assert mistakes(made.getvalue()) == ["：不是企业资料表：里面没有企业、财务、资质这几张表"]


def test_the_day_is_the_day_of_the_reading() -> None:
    """Figures of a year that is not closed yet are estimates until it is."""
    assert told(filled({cell("revenue", "F"): 9})).data == {"estimates": {ON.year: {"revenue": 9}}}
