"""The summary of a screening: one plain object, laid out as a page and a workbook that open and say the same."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from io import BytesIO

import polars as pl
import pytest
from openpyxl import load_workbook

from assistant.company.profile import Profile
from assistant.delivery.plain import Json
from assistant.delivery.screening.page import page
from assistant.delivery.screening.sheets import summary_xlsx
from assistant.delivery.screening.summary import Compared, summary
from assistant.matching.screening.frame import profiles_to_frame
from assistant.matching.screening.plan import COLUMNS, VERDICTS, LeftOut, Plan
from assistant.matching.screening.sole import SOLE
from assistant.matching.screening.tally import STATES, Tally
from assistant.matching.screening.transitions import Comparison
from assistant.planning.applying import Applications
from assistant.rulebook.book import Rulebook
from tests.conftest import ON, SAMPLES

EVIL = '=HYPERLINK("http://x.example","好")<script>alert(1)</script>'
TIMES = 40  # a sample company comes so often
Summaries = Mapping[str, Json]


@pytest.fixture(scope="module")
def summaries(rulebook: Rulebook, samples: Mapping[str, Profile]) -> Summaries:
    """Return the summary of the samples, many times over, by language; a quarter of the verdicts were others before."""
    plan = Plan(rulebook, ON, Applications(ON), columns=(*COLUMNS, SOLE))
    frame = profiles_to_frame([samples[name] for name in SAMPLES], rulebook)
    frame = pl.concat([frame] * TIMES)
    answers = plan.run(frame)
    first = f"{plan.projects[0].id}.verdict"
    turned = (
        pl.when(pl.int_range(pl.len()) % 4 == 0).then(pl.lit("undetermined")).otherwise(pl.col(first)).cast(VERDICTS)
    )
    failed = [f"{project.id}." for project in plan.projects[:8]]
    nearly = answers.with_columns(  # few of the samples are one short: those that failed are made so
        pl.when(pl.col(f"{of}verdict") == "ineligible").then(value).otherwise(pl.col(of + name)).alias(of + name)
        for of in failed
        for name, value in (("unmet", 1), ("unknown", 0), ("judgement", 0))
    )
    known = pl.DataFrame({"row": range(2, frame.height + 2), "name": [EVIL] * frame.height})
    tally = Tally(rulebook, ON.year - 1, tuple(project.id for project in plan.projects))
    tally.add(nearly, frame, known)
    moves = Comparison.of(tally.projects, tally.projects)
    moves.add(answers.with_columns(turned.alias(first)), answers, known)
    return {
        lang: summary(
            tally,
            plan.amounts,
            ON,
            lang,
            source="名册.xlsx",
            compared=Compared(moves, "旧", "新"),
            left_out=[LeftOut(plan.projects[0].id, "x")],
        )
        for lang in ("zh", "en")
    }


def test_a_summary_is_plain_and_adds_up(summaries: Summaries) -> None:
    """It survives JSON; every project's states, and every way of grouping, come to all companies."""
    for data in summaries.values():
        assert json.loads(json.dumps(data)) == data
        assert data["companies"] == TIMES * len(SAMPLES)
        assert sum(data["best"].values()) == data["companies"]
        assert all(sum(one["states"].values()) == data["companies"] for one in data["projects"])
        for groups in data["groups"].values():
            assert sum(one["companies"] for one in groups) == data["companies"]
            for state in STATES:
                assert sum(one["states"][state] for one in groups) == data["best"][state]
        for cross in data["cross"].values():
            assert [sum(one["eligible"]) for one in cross["projects"]] == [
                one["states"]["eligible"] for one in data["projects"]
            ]
        shorts = [one for project in data["projects"] for one in project["short"]]
        assert len(shorts) > 3
        assert all(sum(bar["companies"] for bar in one["bars"]) == one["companies"] for one in shorts)
        moves = data["comparison"]["projects"][0]["moves"]
        assert sum(one["companies"] for one in moves) == data["companies"]


def test_a_page_stands_alone_and_escapes_names(summaries: Summaries) -> None:
    """No script, no address, no name of a company as markup; every project and every count is there."""
    for data in summaries.values():
        html = page(data)
        assert "<script" not in html
        assert "&lt;script&gt;" in html
        assert not re.search(r'(?:src|href)="(?!#)|url\((?!#)|@import| style="| on\w+="', html)
        assert "None" not in re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
        for one in data["projects"]:
            assert one["name"] in html.replace("&#39;", "'")
        assert f"{data['companies']:,}" in html


def test_an_empty_screening_has_a_page_and_a_workbook(rulebook: Rulebook) -> None:
    """Nobody came: nothing is divided by zero."""
    data = summary(Tally(rulebook, ON.year - 1, tuple(rulebook.projects)), {}, ON)
    assert "没有企业" in page(data)
    assert load_workbook(BytesIO(summary_xlsx(data))).worksheets


def test_no_cell_of_the_workbook_is_a_formula(summaries: Summaries) -> None:
    """Names stay texts; the same summary gives the same bytes."""
    for data in summaries.values():
        written = summary_xlsx(data)
        assert written == summary_xlsx(data)
        cells = [cell for sheet in load_workbook(BytesIO(written)) for row in sheet for cell in row]
        assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
        named = [cell for cell in cells if cell.value == EVIL]
        assert len(named) >= 5
        assert all(cell.quotePrefix for cell in named)


def test_the_workbook_says_what_the_summary_says(summaries: Summaries) -> None:
    """Every project's states, number by number."""
    data = summaries["zh"]
    sheet = load_workbook(BytesIO(summary_xlsx(data)))["各项目结果"]
    rows = [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert rows == [
        [one["name"], one["level"], *(one["states"][state] for state in STATES)] for one in data["projects"]
    ]
