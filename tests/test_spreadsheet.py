"""The checklist workbook opens in a spreadsheet ready to tick off, and no text in it becomes a formula."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from html import unescape
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from assistant.company.profile import Profile
from assistant.delivery.result import result
from assistant.delivery.spreadsheet import checklist_xlsx
from assistant.matching.match import Matcher
from assistant.planning.assessment import Assessment, assess

Assess = Callable[[str], Assessment]


def opened(content: bytes) -> Workbook:
    """Open the workbook as a spreadsheet would."""
    return load_workbook(BytesIO(content))


def sheet(content: bytes, name: str) -> Worksheet:
    """Return a sheet of the workbook."""
    found = opened(content)[name]
    assert isinstance(found, Worksheet)
    return found


def rows(content: bytes, name: str) -> list[dict[str, object]]:
    """Return a sheet's rows by their headings."""
    heading, *lines = sheet(content, name).iter_rows(values_only=True)
    return [dict(zip(map(str, heading), line, strict=True)) for line in lines]


@pytest.mark.parametrize(
    ("lang", "names"),
    [("zh", ["准备清单", "要回答的问题", "各项目结论"]), ("en", ["Checklist", "Questions", "Projects"])],
)
def test_workbook_has_three_sheets(assessment: Assessment, lang: str, names: list[str]) -> None:
    """Checklist, questions (a row per year asked for), verdicts: as many rows as the result has entries."""
    book = opened(checklist_xlsx(assessment, lang))
    data = result(assessment, lang)
    assert book.sheetnames == names
    answers = sum(len(one["years"]) or 1 for one in data["questions"])
    counts = [len(data["steps"]) + len(data["upkeep"]), answers, len(data["projects"])]
    assert [book[name].max_row - 1 for name in names] == counts


def test_checklist_is_set_up_for_work(assessed: Assess) -> None:
    """Statuses are chosen from a list; the head stays, filters, and is repeated on paper."""
    checklist = sheet(checklist_xlsx(assessed("valve-maker")), "准备清单")
    (choice,) = checklist.data_validations.dataValidation
    assert choice.formula1 == '"未开始,进行中,已完成,不需要"'
    assert str(choice.sqref) == f"A2:A{checklist.max_row}"
    assert checklist.freeze_panes == "A2"
    assert checklist.auto_filter.ref == checklist.dimensions
    assert checklist.page_setup.orientation == "landscape"
    assert (checklist.page_setup.fitToWidth, checklist.page_setup.fitToHeight) == (1, 0)
    assert checklist.sheet_properties.pageSetUpPr is not None
    assert checklist.sheet_properties.pageSetUpPr.fitToPage
    assert checklist.print_title_rows == "$1:$1"
    assert all(cell.alignment.wrap_text for row in checklist.iter_rows() for cell in row)


def test_dates_are_dates_in_order(assessment: Assessment) -> None:
    """Dates are real and ascending; what has no date comes last."""
    content = checklist_xlsx(assessment)
    found = [row["日期"] for row in rows(content, "准备清单")]
    dated = [day for day in found if day is not None]
    assert found[: len(dated)] == dated
    assert all(isinstance(day, datetime) for day in dated)
    assert dated == sorted(dated, key=str)
    assert sheet(content, "准备清单")["B2"].number_format == "yyyy-mm-dd"


def test_steps_name_clauses_and_what_the_date_means(assessed: Assess) -> None:
    """A paper's date is the day to begin, an expiry the day it ends; a step names the clauses it serves."""
    lines = rows(checklist_xlsx(assessed("valve-maker")), "准备清单")
    assert {row["到这天要"] for row in lines if row["类别"] == "准备材料"} == {"开始办"}
    assert {row["到这天要"] for row in lines if row["类别"] == "资质维护"} == {"办完", "到期"}
    improving = [row for row in lines if row["类别"] == "补差距"]
    assert "省级企业技术中心：第七条（五）" in "\n".join(str(row["条款"]) for row in improving)
    assert {row["状态"] for row in lines} == {"未开始"}
    assert {row["日期依据"] for row in lines if row["类别"] == "补充信息"} == {"建议"}
    assert {row["日期依据"] for row in lines if row["类别"] == "准备材料"} <= {
        f"预计，可信度{sure}" for sure in ("低", "中", "高")
    }


def test_people_have_columns_of_their_own(assessment: Assessment) -> None:
    """Who does it, and what comes of it; who answers, and what: empty, to be filled in."""
    content = checklist_xlsx(assessment)
    blank = {(row["负责人"], row["备注"]) for row in rows(content, "准备清单")}
    assert blank | {row["回答"] for row in rows(content, "要回答的问题")} <= {(None, None), None}


def test_answers_are_chosen_where_they_can_be(assessed: Assess) -> None:
    """Yes, no or unknown for a flag, the choices for a choice; a figure has a row per year."""
    content = checklist_xlsx(assessed("empty"))
    questions = sheet(content, "要回答的问题")
    heads = [cell.value for cell in questions[1]]
    offered = {
        questions.cell(row, heads.index("问题") + 1).value: choice.formula1
        for choice in questions.data_validations.dataValidation
        for cells in choice.sqref.ranges
        for row in range(cells.min_row, cells.max_row + 1)
        if cells.min_col == cells.max_col == heads.index("回答") + 1
    }
    assert offered["单位是独立法人吗？"] == '"是,否,不清楚"'
    assert str(offered["园区是哪一级批准或管理的？"]).endswith(',省级,国家级"')
    assert "申报单位属于哪一类？可以多选。" not in offered
    assert "全年营业收入是多少？" not in offered
    asked = [row["年度"] for row in rows(content, "要回答的问题") if row["问题"] == "全年营业收入是多少？"]
    assert asked == [2025, 2024, 2023]


def test_what_is_late_is_red_until_it_is_done(assessed: Assess, monkeypatch: pytest.MonkeyPatch) -> None:
    """A late step says so where others say what the date means; it is told apart by colour."""
    data = result(assessed("valve-maker"))
    *others, last = data["steps"]
    late = {**last, "due": data["on"], "chance": "at-the-latest"}
    changed = {**data, "steps": [*({**one, "chance": "in-time"} for one in others if one["due"] != data["on"]), late]}
    monkeypatch.setattr("assistant.delivery.spreadsheet.result", lambda *_: changed)
    content = checklist_xlsx(assessed("valve-maker"))
    first = rows(content, "准备清单")[0]
    assert (first["事项"], first["到这天要"]) == (late["title"], "现在就办")
    formulas = [rule.formula for found in sheet(content, "准备清单").conditional_formatting for rule in found.rules]
    assert formulas == [['OR($A2="已完成",$A2="不需要")'], ['$C2="现在就办"']]


def test_verdicts_say_gaps_and_windows_in_words(assessed: Assess) -> None:
    """The last sheet gives each project's verdict, gaps and the expected window."""
    lines = {row["项目"]: row for row in rows(checklist_xlsx(assessed("valve-maker")), "各项目结论")}
    row = lines["省级企业技术中心"]
    assert (row["结论"], row["差距数"]) == ("差一点", 2)
    assert "差 14 人" in str(row["差距"])
    assert str(row["申报时间"]).startswith("预计")
    assert lines["高新技术企业"]["结论"] == "复核条件已达到"
    assert lines["省级制造业创新中心"]["申报时间"] is None


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "＝"])
def test_text_never_becomes_a_formula(assessed: Assess, start: str) -> None:
    """A text that begins like a formula is stored as text and marked as such."""
    assessment = assessed("valve-maker")
    projects = {
        id_: replace(project, name=f'{start}HYPERLINK("http://x")&{id_}')
        for id_, project in assessment.rulebook.projects.items()
    }
    spoiled = replace(assessment, rulebook=replace(assessment.rulebook, projects=projects))
    prospects = tuple(
        replace(one, match=replace(one.match, project=projects[one.match.project.id])) for one in spoiled.prospects
    )
    book = opened(checklist_xlsx(replace(spoiled, prospects=prospects)))
    cells = [cell for page in book for row in page.iter_rows() for cell in row if isinstance(cell.value, str)]
    marked = [cell for cell in cells if str(cell.value).startswith(start)]
    assert len(marked) > 8
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in marked)
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_names_cannot_break_the_workbook(matcher: Matcher, samples: dict[str, Profile], on: date) -> None:
    """Control characters are left out, an ampersand does not turn into a code of the page header."""
    profile = replace(samples["valve-maker"], name="甲\x00乙\x0b&D公司")
    content = checklist_xlsx(assess(matcher, profile, on))
    with ZipFile(BytesIO(content)) as archive:
        page = unescape(archive.read("xl/worksheets/sheet1.xml").decode())
    assert "甲乙&&D公司" in page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_same_assessment_same_bytes(matcher: Matcher, samples: dict[str, Profile], on: date, lang: str) -> None:
    """Two assessments give one workbook, dated on the day of the assessment, not of the writing."""
    contents = [checklist_xlsx(assess(matcher, samples["bearing-giant"], on), lang) for _ in range(2)]
    assert contents[0] == contents[1]
    with ZipFile(BytesIO(contents[0])) as archive:
        assert {entry.date_time[:3] for entry in archive.infolist()} == {(on.year, on.month, on.day)}
        core = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+", core)) == {f"{on}T00:00:00"}
