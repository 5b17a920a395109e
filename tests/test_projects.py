"""Every rule file has its golden cases, and they all come out as worked by hand."""

from __future__ import annotations

import pytest

from assistant.delivery.wording.problems import problem_text
from assistant.matching.cases import run_cases
from assistant.matching.match import Matcher
from assistant.rulebook.book import Rulebook
from assistant.sources import parse, read
from tests.conftest import ROOT

CASES = ROOT / "tests" / "projects"
RULES = sorted(path.stem for path in (ROOT / "rules").glob("*.yaml") if path.stem != "facts")


def test_every_rule_file_has_cases() -> None:
    """And no cases are left of a rule that is gone."""
    assert sorted(path.stem for path in CASES.glob("*.yaml")) == RULES


@pytest.mark.parametrize("project", RULES)
def test_the_cases_come_out(matcher: Matcher, project: str) -> None:
    """Every criterion was seen met, unmet and unknown, every scoring item with its points, in every version."""
    source = read(CASES / f"{project}.yaml", name=f"{project}.yaml")
    assert {*source.data["versions"]} == {version.id for version in matcher.rulebook.projects[project].versions}
    assert run_cases(source, matcher).ran > 0
    told = [f"{one.place.line} {problem_text(one.code, dict(one.params), 'zh')}" for one in source.problems]
    assert told == []


def changed(old: str, new: str, matcher: Matcher, project: str = "innovative-sme") -> list[str]:
    """Return what a changed case file is told."""
    text = (CASES / f"{project}.yaml").read_text(encoding="utf-8")
    assert old in text
    source = parse(text.replace(old, new, 1), name="cases.yaml")
    run_cases(source, matcher)
    return [one.code for one in source.problems]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("met: [999], unmet: [1000, 1001]", "met: [999, 1000], unmet: [1001]", "case-state"),
        ("fact: legal_person", "fact: legal_parson", "unknown-fact"),
        ("fact: legal_person", "fcat: legal_person", "key-missing"),
        ("project: innovative-sme", "project: inovative-sme", "unknown-project"),
        ("  gd-2022:", "  gd-2021:", "case-version-missing"),
    ],
)
def test_a_case_that_does_not_fit_is_told(matcher: Matcher, old: str, new: str, code: str) -> None:
    """A wrong expectation, a wrong name: the runner does not let it pass."""
    assert code in changed(old, new, matcher)


def test_a_criterion_without_cases_is_told(matcher: Matcher) -> None:
    """Each must be seen in every state."""
    source = parse("project: little-giant\nversions: {miit-2022: {}, miit-2026: {}}\n", name="cases.yaml")
    run_cases(source, matcher)
    missing = {one.params["id"] for one in source.problems if one.code == "case-missing"}
    assert {"segment-years", "revenue-cagr", "debt"} <= missing


def test_projects_stand_in_the_order_of_the_published_list(rulebook: Rulebook) -> None:
    """Stepping stones first, then the province's, then the state's; no row of the list twice."""
    entries = [project.list_entry for project in rulebook.projects.values()]
    numbered = [entry for entry in entries if entry]
    assert entries[: -len(numbered)] == [None] * (len(entries) - len(numbered))
    assert numbered == sorted({*numbered}, key=lambda entry: (entry[0] == "national", entry[1]))
