"""Checklists of a plan that people work on: ticked, with names and notes, in every format the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook

from assistant.delivery import agenda
from assistant.delivery.action_plan import action_plan
from assistant.delivery.documents import markdown
from assistant.delivery.result import result
from assistant.delivery.spreadsheet import checklist_xlsx
from assistant.planning.assessment import Assessment
from assistant.planning.marks import UNTOUCHED, Task, Worked, assigned, marked, noted, restated, tasks_of
from tests.conftest import ON, Assess

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
FORMER = "提交从前的申报"
Plan = tuple[Assessment, dict[str, Any], Worked, dict[str, Task]]


@pytest.fixture
def plan(assessed: Assess) -> Plan:
    """Return a plan with steps done, put off, not needed, assigned; and one done that is asked for no more."""
    valves = assessed("valve-maker")
    data = result(valves)
    titles = {one["key"]: one["title"] for one in data["steps"]}
    tasks = [replace(one, title=titles.get(one.key, "")) for one in tasks_of(valves.steps, valves.duties)]
    first, second, third, fourth, *_ = [one for one in tasks if one.key.startswith("prepare|")]
    marks = [
        restated(
            assigned(None, first, "李会计", "li@example.com", who="王工", at=NOW), first, "done", who="王工", at=NOW
        ),
        restated(None, second, "postponed", who="王工", at=NOW, postponed_to=date(2027, 2, 5), reason="等审计师"),
        restated(None, third, "not-needed", who="王工", at=NOW),
        noted(
            assigned(None, fourth, "", "he@example.com", who="王工", at=NOW), fourth, "=一式三份", who="王工", at=NOW
        ),
        restated(None, replace(first, key="apply|former|2026", title=FORMER), "done", who="王工", at=NOW),
    ]
    return valves, data, marked(tasks, marks, ON), {"done": first, "late": second, "spared": third, "his": fourth}


def test_the_workbook_has_states_names_and_notes(plan: Plan) -> None:
    """In the columns that were left to write in; what is settled stands below what is not."""
    valves, data, worked, tasks = plan
    sheet = load_workbook(BytesIO(checklist_xlsx(valves, data=data, worked=worked))).worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    values = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    listed: list[dict[Any, Any]] = [dict(zip(heads, row, strict=True)) for row in values]
    rows = {row["事项"]: row for row in listed}
    done, late, spared, his = (rows[tasks[name].title] for name in ("done", "late", "spared", "his"))
    assert (done["状态"], done["负责人"], done["备注"]) == ("已完成", "李会计", "2026年11月23日办完（王工）")
    assert (late["状态"], late["日期"].date(), late["日期依据"]) == ("未开始", date(2027, 2, 5), "已推迟")
    assert late["备注"].startswith("原定")
    assert late["备注"].endswith("等审计师")
    assert spared["状态"] == "不需要"
    assert (his["负责人"], his["备注"]) == ("he@example.com", "=一式三份")
    assert rows[FORMER]["状态"] == "已完成"
    states = [row["状态"] for row in listed]
    assert states == sorted(states, key=lambda state: state != "未开始")


def test_the_document_has_its_boxes_ticked(plan: Plan) -> None:
    """And who has it in hand in the column of names."""
    _, data, worked, tasks = plan
    document = Document(BytesIO(action_plan(data, worked=worked)))
    rows = {
        row.cells[2].text.split("\n")[0]: [cell.text for cell in row.cells]
        for table in document.tables
        if len(table.columns) == 6
        for row in table.rows
    }
    assert rows[tasks["done"].title][0] == rows[FORMER][0] == "☑"
    assert rows[tasks["done"].title][4] == "李会计"
    assert rows[tasks["late"].title][0] == rows[tasks["spared"].title][0] == "☐"
    assert rows[tasks["late"].title][1].startswith("2月5日")
    assert rows[tasks["his"].title][5] == "=一式三份"
    assert "已完成" in [paragraph.text for paragraph in document.paragraphs]


def test_the_markdown_has_its_boxes_ticked(plan: Plan) -> None:
    """In a part of their own at the end of what is to do."""
    _, data, worked, tasks = plan
    text = markdown(data, "zh", worked)
    settled = text.partition("\n## 已完成\n")[2].partition("\n## 已获得资质的维护")[0]
    assert f"{tasks['done'].title} ·" in settled
    assert FORMER in settled
    assert (settled.count("- [x]"), settled.count("- [ ]")) == (2, 1)
    assert "\n## 不需要\n" in settled
    assert text.count("- [x]") == 2
    assert "  - 负责人：李会计\n" in settled
    assert "负责人：he@example.com\n  - 备注：\\=一式三份\n" in text.partition("\n## 已完成\n")[0]


def test_a_plan_that_nobody_marked_is_as_before(plan: Plan) -> None:
    """To the byte."""
    valves, data, _, _ = plan
    empty = marked(tasks_of(valves.steps, valves.duties), (), ON)
    assert markdown(data, "zh", empty) == markdown(data, "zh")
    assert action_plan(data, worked=empty) == action_plan(data)
    assert checklist_xlsx(valves, worked=empty) == checklist_xlsx(valves)
    assert not any(item.settled for item in agenda.steps(data, "zh", UNTOUCHED))
