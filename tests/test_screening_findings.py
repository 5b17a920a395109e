"""What is wanted of a screening: single columns say the same alone, findings are those of the match, one row each."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.company.profile import Profile
from assistant.matching.findings import leaf_findings
from assistant.matching.gaps import gaps, open_questions
from assistant.matching.match import Match, Matcher
from assistant.matching.screening.findings import FINDINGS, long
from assistant.matching.screening.frame import profiles_to_frame
from assistant.matching.screening.plan import COLUMNS, Plan
from assistant.planning.applying import Applications
from assistant.planning.assessment import assess
from tests.companies import Scene, book, scenes
from tests.conftest import ON
from tests.test_cli import TODAY, refused, run
from tests.test_screening import admissible, quickly

Told = tuple[str, str, str, bool]  # project, criterion, state, whether it bears on the verdict


Samples = Mapping[str, Profile]


@cache
def plan_of(*columns: str) -> Plan:
    """Return the plan of all projects of which *columns* are wanted."""
    return Plan(book(), ON, Applications(ON), columns=columns)


def of_match(match: Match) -> Iterator[Told]:
    """Yield what a match leaves unmet or open."""
    if match.tree is None:
        return
    bears = {one.criterion.id for gap in gaps(match.tree) for one in leaf_findings(gap) if one.state == "unmet"}
    bears |= {one.criterion.id for one in open_questions(match.tree)}
    for one in leaf_findings(match.tree):
        id_, role = one.criterion.id, one.criterion.role
        if one.state == "unmet":
            yield match.project.id, id_, "unmet", id_ in bears
        elif one.state == "unknown":
            yield match.project.id, id_, "judgement" if role == "judgement" else "unknown", id_ in bears


def assert_found(profiles: list[Profile]) -> None:
    """Check the long table of *profiles* against their assessments."""
    plan = plan_of(*COLUMNS, FINDINGS)
    answers = plan.run(profiles_to_frame(profiles, book()))
    found = long(answers, plan.criteria, pl.DataFrame({"row": range(len(profiles))}))
    assert found["row"].is_sorted()
    for at, profile in enumerate(profiles):
        rows = found.filter(pl.col("row") == at)
        expected = {
            told for prospect in assess(Matcher(book()), profile, ON).prospects for told in of_match(prospect.match)
        }
        got = list(rows.select("project", "criterion", "state", "bears").iter_rows())
        assert len(set(got)) == len(got)
        assert set(got) == expected
        for project in plan.projects:  # the nearest gap's amount is the same in both
            [row] = answers[at].select(f"{project.id}.{name}" for name in ("nearest", "amount")).iter_rows()
            if row[0] is not None:
                same = (pl.col("project") == project.id) & (pl.col("criterion") == row[0])
                assert rows.filter(same)["amount"].to_list() == [row[1]]


def test_findings_of_the_samples(samples: Samples) -> None:
    """Every criterion that is unmet or open, and whether it bears on the verdict, in the order of the rows."""
    assert_found(list(samples.values()))


@settings(quickly, max_examples=15)
@given(st.lists(scenes(), min_size=2, max_size=6))
def test_findings_of_random_companies(drawn: list[Scene]) -> None:
    """Also of those that apply otherwise than most."""
    assert_found([admissible(scene).profile for scene in drawn])


@pytest.mark.parametrize("columns", [("verdict",), ("unmet", "judgement"), ("amount",), ("low", "kind"), ("nearest",)])
def test_columns_say_the_same_alone(columns: tuple[str, ...], samples: Samples) -> None:
    """What is not wanted is not there, and what is wanted does not rest on it."""
    frame = profiles_to_frame(list(samples.values()), book())
    few, whole = plan_of(*columns).run(frame), plan_of(*COLUMNS).run(frame)
    assert few.width >= 1
    assert {name.rpartition(".")[2] for name in few.columns} == set(columns)
    assert few.equals(whole.select(few.columns))


def test_fewer_columns_take_less_work(samples: Samples) -> None:
    """What only the others rest on is not computed."""
    plans = [plan_of("verdict"), plan_of(*COLUMNS)]
    for plan in plans:
        plan.run(profiles_to_frame(list(samples.values()), book()))
    made = [
        sum(len(stage) for one in plan._programs.values() for two in one.extracts.values() for stage in two.stages)
        for plan in plans
    ]
    assert 0 < made[0] < made[1] - 100


def test_the_command_writes_the_columns_and_the_findings_asked_for(tmp_path: Path) -> None:
    """In the kind of the output, beside it; amounts in the unit that the dictionary names."""
    table, out = tmp_path / "企业.csv", tmp_path / "out.csv"
    table.write_text(
        "企业名称,城市,成立日期,2025年营业收入（万元）,2025年研发费用（万元）\n甲,佛山市,2010-05-01,900,30\n", "utf-8"
    )
    few = ("--project", "specialized-sme", "--columns", " unmet , verdict", "--findings")
    done = run("screen", str(table), "-o", str(out), *few, *TODAY)
    assert done.exit_code == 0, done.output
    assert "out.findings.csv" in done.stderr
    answers = pl.read_csv(out)
    assert answers.columns == ["row", "name", "uscc", "specialized-sme.verdict", "specialized-sme.unmet"]
    rows = list(csv.DictReader((tmp_path / "out.findings.csv").read_text("utf-8-sig").splitlines()))
    chosen = ("--format", "json", "--project", "specialized-sme", *TODAY)
    match = json.loads(run("match", str(_profile(tmp_path)), *chosen).stdout)
    states = {one["id"]: one["state"] for one in _criteria(match["projects"][0])}
    assert rows
    for row in rows:
        assert (row["name"], row["project"]) == ("甲", "specialized-sme")
        assert states[row["criterion"]] == {"judgement": "unknown"}.get(row["state"], row["state"])
    assert {row["says"] for row in rows}.isdisjoint({""})
    assert any(float(row["amount"]) > 0 and row["unit"] and row["fact"] for row in rows if row["amount"])


def _profile(folder: Path) -> Path:
    path = folder / "甲.yaml"
    path.write_text(
        "enterprise: {name: 甲}\nfacts:\n  city: 佛山市\n  established: 2010-05-01\n"
        "years:\n  2025:\n    revenue: 900\n    rd_expense: 30\n",
        "utf-8",
    )
    return path


def _criteria(node: object) -> Iterator[dict[str, str]]:
    if isinstance(node, dict):
        if "state" in node and "id" in node:
            yield node
        for inner in node.values():
            yield from _criteria(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _criteria(inner)


def test_a_column_that_there_is_not_is_told(tmp_path: Path) -> None:
    """With the nearest right name."""
    table = tmp_path / "a.csv"
    table.write_text("城市,2025年营业收入（万元）\n佛山市,900\n", "utf-8")
    [told] = refused("screen", str(table), "-o", str(tmp_path / "o.csv"), "--columns", "verdicts, unmet", *TODAY)
    assert "“verdicts”" in told
    assert "最接近的是 verdict；" in told
    assert not (tmp_path / "o.csv").exists()
