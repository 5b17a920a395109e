"""This year's targets: what a figure of the open year must show on closing day, exact at the threshold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from assistant.company.profile import Profile
from assistant.matching.findings import State, leaf_findings
from assistant.matching.match import Matcher
from assistant.planning.assessment import Assessment, assess
from assistant.planning.targets import Aim, Target, targets
from tests.conftest import ON, Assess, Read

YUAN = 1_000_000


def aim_of(assessment: Assessment, fact: str) -> Aim:
    """Return this year's aim for a figure."""
    return next(aim for aim in assessment.aims if aim.fact == fact)


def test_two_projects_ask_for_different_amounts(assessed: Assess) -> None:
    """3 % of 9,800 for 专精特新; 4 % of 27,400 over three years, less 522 of the closed ones, for 高企."""
    aim = aim_of(assessed("precision-parts"), "rd_expense")
    assert (aim.year, aim.expected, aim.assumed) == (2026, 291 * YUAN, False)
    assert {one.project: one.level for one in aim.targets} == {
        "high-tech-enterprise": 574 * YUAN,
        "specialized-sme": 294 * YUAN,
    }
    assert (aim.least, aim.short_by, aim.in_conflict) == (574 * YUAN, 283 * YUAN, False)


def test_what_is_enough_already_is_told_too(assessed: Assess) -> None:
    """How far liabilities may rise: 75 % of 16,400 for 小巨人."""
    aim = aim_of(assessed("valve-maker"), "total_liabilities")
    assert (aim.most, aim.least, aim.short_by) == (12300 * YUAN, None, 0)


def test_a_target_names_the_figures_that_it_rests_on(assessed: Assess) -> None:
    """按预计营收: the share of R&D rests on the revenue expected."""
    aim = aim_of(assessed("precision-parts"), "rd_expense")
    target = next(one for one in aim.targets if one.project == "specialized-sme")
    assert [(one.fact, one.year, one.value, one.assumed) for one in target.given] == [
        ("revenue", 2026, 9800 * YUAN, False)
    ]


def test_without_an_estimate_the_last_figure_stands_in(matcher: Matcher, samples: Mapping[str, Profile]) -> None:
    """And says so."""
    silent = replace(samples["precision-parts"], estimates={})
    aim = aim_of(assess(matcher, silent, ON), "rd_expense")
    assert aim.assumed
    assert aim.expected == samples["precision-parts"].years[2025]["rd_expense"]


def state_at(assessment: Assessment, target: Target, level: int) -> State:
    """Return the criterion's state once the figure stands at *level*."""
    prospect = next(one for one in assessment.prospects if one.match.project.id == target.project)
    assert prospect.remedies is not None
    assert prospect.remedy is not None
    assert prospect.match.version is not None
    ground = prospect.remedies.standing(prospect.remedy.moves)
    key = f"{target.fact}[{target.year - prospect.match.application.cycle}]"
    tree = prospect.remedies.tree(ground.with_values({key: level}), prospect.remedy.moves)
    return next(one.state for one in leaf_findings(tree) if one.criterion.id == target.criterion.id)


def test_every_target_is_exact(assessment: Assessment) -> None:
    """At its level the criterion holds; one step beside it, that comparison does not."""
    for prospect in assessment.prospects:
        for target in targets(prospect) if prospect.is_due(assessment.on) else ():
            level = int(target.level)
            beside = level - 1 if target.rising else level + 1
            assert state_at(assessment, target, level) == "met", target
            if beside >= 0 and not is_choice(target):
                assert state_at(assessment, target, beside) != "met", target


def is_choice(target: Target) -> bool:
    """Tell whether the criterion holds in another way too: a test with `or` in it."""
    return " or " in str(target.criterion.test) or "Any(" in str(target.criterion.test)


def test_targets_that_pull_apart_are_in_conflict(assessed: Assess) -> None:
    """One project asks for at least 500, another for at most 300."""
    wants = next(aim.targets[0] for aim in assessed("precision-parts").aims if aim.fact == "rd_expense")
    least = replace(wants, project="a", level=500, rising=True)
    most = replace(wants, project="b", level=300, rising=False)
    aim = Aim("rd_expense", 2026, 400, assumed=False, targets=(least, most))
    assert (aim.least, aim.most, aim.in_conflict) == (500, 300, True)
    assert not replace(aim, targets=(least, replace(most, level=500))).in_conflict


def test_a_closed_base_year_has_no_targets(matcher: Matcher, samples: Mapping[str, Profile]) -> None:
    """For this year's round everything is settled."""
    found = assess(matcher, samples["valve-maker"], ON, cycle=2026)
    assert found.aims == ()


@pytest.mark.parametrize("text", ["years: {2025: {revenue: 100}}", "facts: {established: 2026-03-01}", ""])
def test_companies_with_little_to_tell(matcher: Matcher, company: Read, text: str) -> None:
    """Founded this year, no closed year, nothing at all: no exception, and no target made up."""
    found = assess(matcher, company(f"enterprise: {{name: 某公司}}\n{text}\n"), ON)
    assert all(aim.expected is None or aim.assumed or aim.expected >= 0 for aim in found.aims)  # type: ignore[operator]  # numbers
    assert found.steps is not None
    assert found.paths is not None


def test_a_leap_day_is_a_day_like_others(matcher: Matcher, samples: Mapping[str, Profile]) -> None:
    """Asked on 29 February."""
    found = assess(matcher, samples["precision-parts"], date(2028, 2, 29))
    assert found.steps
    assert found.paths is not None
