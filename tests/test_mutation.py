"""The mutation tool itself: a planted fault is killed by its case, a harmless one survives, sound rules pass."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from assistant.logic.tree import All, Compare, Const, Figure, Holds, Is, Not, Ratio
from assistant.rulebook.requirement import Group, leaves
from assistant.units import exact
from tests import mutation
from tests.companies import CASES, book
from tests.mutation import Bench, Mutant, formula_changes, mutants

PROJECT, VERSION = "specialized-sme", "miit-2026"


@pytest.fixture(scope="module")
def bench() -> Bench:
    """Return the real rules with the real cases."""
    return Bench(book(), CASES)


@cache
def all_planted() -> dict[tuple[str, str], Mutant]:
    """Return the mutants of one version by what was changed where."""
    return {(one.where, one.change): one for one in mutants(book().projects[PROJECT]) if one.version == VERSION}


def planted(*, where: str, change: str) -> Mutant:
    """Return the mutant that is described so."""
    return all_planted()[where, change]


def test_sound_rules_pass(bench: Bench) -> None:
    """Without a change no case fails."""
    assert bench.sound(PROJECT) == ""


@pytest.mark.parametrize(
    ("where", "change"),
    [
        ("revenue-1500", "1500 万元 → 1501 万元"),
        ("revenue-1500", "1500 万元 → 1499 万元"),
        ("revenue-1500", ">= → >"),
        ("revenue-1500", "revenue[FY-1] → [FY-2]"),
        ("debt-80", "80 % → 81 %"),
        ("rd-two-years", "and → or"),
        ("revenue-gate", "any → all"),
        ("prior-tech-innovative", "tech-sme dropped"),
        ("dev-score-50", "when dropped"),
        ("revenue-alt-equity-2000", "within 2 → 3 年"),
        ("revenue-alt-equity-2000", "dropped from revenue-gate"),
    ],
)
def test_a_planted_fault_is_killed(bench: Bench, where: str, change: str) -> None:
    """Each of these faults fails a case, which is named."""
    assert bench.failure(planted(where=where, change=change)).startswith(PROJECT)


def test_a_change_without_consequence_survives(bench: Bench) -> None:
    """Other words in a criterion fail no case."""
    version = next(one for one in book().projects[PROJECT].versions if one.id == VERSION)
    first = version.root.members[0]
    root = replace(version.root, members=(replace(first, says="别的话"), *version.root.members[1:]))
    assert bench.failure(Mutant(PROJECT, VERSION, first.id, "words", replace(version, root=root))) == ""


def test_a_formula_changes_in_one_place_at_a_time() -> None:
    """Numbers step by one as written, operators by their equality, years by one back."""
    ratio = Compare(">=", Ratio(Figure("rd", -1), Figure("revenue", -1)), Const(exact("0.03"), "%"))
    node = All((ratio, Not(Is(Figure("listed"))), Holds(("a", "b"))))
    assert [done for done, _ in formula_changes(node)] == [
        "and → or",
        ">= → >",
        "rd[FY-1] → [FY-2]",
        "revenue[FY-1] → [FY-2]",
        "3 % → 2 %",
        "3 % → 4 %",
        "not dropped",
        "listed turned round",
        "a dropped",
        "b dropped",
    ]


def test_a_dropped_criterion_stays_in_sight() -> None:
    """It can still be asserted, but only beside the verdict."""
    mutant = planted(where="debt-80", change="dropped from root")
    assert "debt-80" in {leaf.id for leaf in leaves(mutant.result.root)}
    assert "debt-80" not in {member.id for member in mutant.result.root.members}
    last = mutant.result.root.members[-1]
    assert isinstance(last, Group)
    assert last.how == "any"


def test_the_table_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """One line per project, with the survivors on request."""
    mutation.main(["quality-control-lab", "--jobs", "1", "--verbose"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["project", "mutants", "killed", "rate"]
    assert lines[1].startswith("quality-control-lab")
    assert [line.split("  ")[0] for line in lines[-3:]] == ["all", "criteria dropped", "all else"]


def test_a_project_without_cases_is_not_measured(tmp_path: Path) -> None:
    """No cases, no rate."""
    assert Bench(book(), tmp_path).sound(PROJECT) == "no cases"
