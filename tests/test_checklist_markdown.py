"""The checklist as Markdown: a task list that reads well raw and rendered, the same items as every other format."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from markdown_it import MarkdownIt

from assistant.company.profile import Profile
from assistant.delivery.agenda import by_month, steps
from assistant.delivery.documents import markdown
from assistant.delivery.plain import Json
from assistant.delivery.result import result
from assistant.matching.match import Matcher
from assistant.planning.assessment import Assessment, assess
from tests.conftest import Assess

TASK = re.compile(r"- \[ \] ")


@pytest.fixture(scope="session")
def valves(assessed: Assess) -> Json:
    """Return the result of a company with steps (none late), gaps and recognitions."""
    data = result(assessed("valve-maker"))
    return {**data, "steps": [{**one, "chance": "in-time"} for one in data["steps"]]}


def words(text: str) -> list[str]:
    """Return the texts of all blocks as a reader of the rendered page sees them."""
    blocks = [token for token in MarkdownIt().parse(text) if token.type == "inline"]
    return ["".join(part.content or " " for part in block.children or ()).strip() for block in blocks]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_step_and_duty_is_a_task(assessment: Assessment, lang: str) -> None:
    """In the order they are worked, each with its title."""
    data = result(assessment, lang)
    tasks = [line for line in markdown(data, lang).splitlines() if TASK.match(line)]
    told = [one["title"] for one in data["steps"]] + [one["text"] for one in data["upkeep"]]
    assert len(tasks) == len(told)
    assert all(title in task.replace("\\", "") for title, task in zip(told, tasks, strict=True))


def test_a_task_says_when_how_sure_and_why(valves: Json) -> None:
    """The day and what it means, what it rests on, what helps, what it is for and by which clause."""
    lines = markdown(valves, "zh").splitlines()
    for step in valves["steps"]:
        if step["kind"] == "apply":
            (served,) = step["serves"]
            at = next(at for at, line in enumerate(lines) if f"** {step['title']} · 预计，可信度" in line)
            assert lines[at].startswith(f"- [ ] **{step['due']} 办完** ")
            assert lines[at + 1 : at + 3] == [f"  - {step['note']}", f"  - 用于：{served['name']}"]
    assert "  - 用于：高新技术企业（第十一条（五））" in lines
    assert "  - 依据：粤5号 第十四条" in lines


def test_months_are_headings(valves: Json) -> None:
    """One heading per month that has something, upkeep last."""
    headings = [line for line in markdown(valves, "zh").splitlines() if line.startswith("## ")]
    months = [*dict.fromkeys(date.fromisoformat(one["due"]).replace(day=1) for one in valves["steps"])]
    assert headings == [*(f"## {month.year}年{month.month}月" for month in months), "## 已获得资质的维护"]
    english = [line for line in markdown(valves, "en").splitlines() if line.startswith("## ")]
    assert "## January 2027" in english
    assert english[-1] == "## Upkeep of recognitions held"


def test_what_cannot_wait_comes_first_and_the_undated_last(valves: Json) -> None:
    """Whatever their months."""
    first, second, *others = valves["steps"]
    undated, late = {**first, "due": None}, {**second, "due": valves["on"], "chance": "at-the-latest"}
    told = markdown({**valves, "steps": [undated, *others, late]}, "zh")
    headings = re.findall("^## (.*)", told, re.MULTILINE)
    assert (headings[0], headings[-2]) == ("现在就办", "时间未定")
    assert f"- [ ] {undated['title']}\n" in told


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_odd_is_printed(assessment: Assessment, lang: str) -> None:
    """No doubled stops, no label before nothing, no blank at a line's end, no two empty lines, one line end last."""
    told = markdown(result(assessment, lang), lang)
    assert not re.search(r"。。|，，|、、|；。|（）|\(\)|None|True|False", told)
    assert not re.search(r"[：:、，,·][ \t]*$|[ \t]$", told, re.MULTILINE)
    assert "\n\n\n" not in told
    assert told.endswith("\n")
    assert not told.endswith("\n\n")


def test_nothing_to_do_is_said(valves: Json) -> None:
    """A sentence under its heading in either language."""
    empty: Json = {**valves, "steps": [], "upkeep": []}
    assert "## 要做的事\n\n目前没有要做的事。\n\n## 已获得资质的维护\n\n没有需要维护的资质。\n" in markdown(empty, "zh")
    assert "## To do\n\nNothing to do at present.\n" in markdown(empty, "en")


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "**甲** _乙_ `丙` ~~丁~~",
        "[甲](http://x) ![乙](http://y)",
        "# 甲",
        "1. 甲",
        "- [ ] 甲",
        "甲 &amp; 乙 &lt;",
        "甲\\*乙",
        "{{ 7 * 7 }} {% raw %}",
    ],
)
def test_names_are_printed_as_they_are(matcher: Matcher, samples: dict[str, Profile], on: date, name: str) -> None:
    """Whatever they would mean as Markdown."""
    told = markdown(result(assess(matcher, replace(samples["valve-maker"], name=name), on)), "zh")
    assert words(told)[0] == f"{name}：申报准备清单"


def test_a_name_stays_on_its_line(matcher: Matcher, samples: dict[str, Profile], on: date) -> None:
    """Line ends and control characters are no way out of the heading."""
    told = markdown(result(assess(matcher, replace(samples["valve-maker"], name="甲\n\n# 乙\x00\x1b[31m"), on)), "zh")
    assert told.startswith("# 甲 # 乙\\[31m：申报准备清单\n")


def test_a_forecast_is_as_sure_as_its_least_sure_window(valves: Json) -> None:
    """A paper for several projects, one of them hardly predictable, has a date of low confidence."""
    shared = next(one for one in valves["steps"] if one["kind"] == "prepare" and len(one["serves"]) > 2)
    windows = {project["id"]: project["window"]["confidence"] for project in valves["projects"]}
    assert {windows[one["id"]] for one in shared["serves"]} > {"low"}
    (item,) = steps({**valves, "steps": [shared]}, "zh")
    assert (item.basis, item.sure) == ("预计", "可信度低")


def test_dates_that_are_announced_say_so(valves: Json) -> None:
    """Counted back from an announced window; nothing about confidence."""
    paper = next(one for one in valves["steps"] if one["kind"] == "prepare")
    (item,) = steps({**valves, "steps": [{**paper, "due": "2026-12-30", "estimated": False}]}, "en")
    assert (item.basis, item.sure, item.by) == ("announced", "", "begin")
    assert [heading for heading, _ in by_month([item], "en")] == ["December 2026"]
