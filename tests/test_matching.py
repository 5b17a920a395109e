"""Random companies before the real rulebook: the matcher agrees with the oracle and never contradicts itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from assistant.company.profile import Profile
from assistant.logic.values import Range, between
from assistant.matching.cases import run_cases
from assistant.matching.findings import Finding, FindingNode
from assistant.matching.match import Application, Match, Matcher
from assistant.rulebook.requirement import Project
from assistant.sources import read
from assistant.units import Number
from tests.companies import CASES, Scene, book, copied, scenes
from tests.oracle import Oracle

K = TypeVar("K")
V = TypeVar("V")

quickly = settings(
    derandomize=True, deadline=None, database=None, max_examples=300, suppress_health_check=list(HealthCheck)
)
thoroughly = settings(quickly, max_examples=1500)


@dataclass(frozen=True)
class Answered:
    """One answer of a profile: where it stands and what it is."""

    section: str
    year: int
    name: str
    value: Any


def answers(scene: Scene) -> list[Answered]:
    """Return every definite answer that a vaguer company might not give.

    Figures of years before the founding are zero when not given, and the two ways to state experience replace each
    other: neither becomes unknown by leaving it out.
    """
    founded = scene.profile.facts.get("established")
    listed = [
        Answered("facts", 0, name, value) for name, value in scene.profile.facts.items() if name != "segment_years"
    ]
    for year, figures in scene.profile.years.items():
        if founded is None or founded.year <= year:
            listed += [Answered("years", year, name, value) for name, value in figures.items()]
    if scene.profile.recognitions is not None:
        listed.append(Answered("recognitions", 0, "", scene.profile.recognitions))
    listed += [Answered("judgements", index, "", entry) for index, entry in enumerate(scene.profile.judgements)]
    return [one for one in listed if one.value is not None]


def told_less(profile: Profile, hidden: list[Answered], value: Any = None) -> Profile:
    """Return *profile* without the answers *hidden*, or with the vaguer *value* in their place."""
    facts, years, judgements = dict(profile.facts), copied(profile.years), dict(enumerate(profile.judgements))
    recognitions = profile.recognitions
    for one in hidden:
        match one.section:
            case "facts":
                facts[one.name] = value
            case "years":
                years[one.year][one.name] = value
            case "recognitions":
                recognitions = None
            case _:
                judgements.pop(one.year)
    return replace(profile, facts=facts, years=years, recognitions=recognitions, judgements=tuple(judgements.values()))


def states(match: Match) -> dict[str, str]:
    """Return the state of every criterion and group."""

    def below(node: FindingNode) -> Iterator[tuple[str, str]]:
        if isinstance(node, Finding):
            yield node.criterion.id, node.state
            return
        yield node.group.id, node.state
        for member in node.members:
            yield from below(member)

    return dict(below(match.tree)) if match.tree else {}


def scores(match: Match) -> dict[tuple[str, str], tuple[Number, Number]]:
    """Return the intervals of every scoring and item."""
    found: dict[tuple[str, str], tuple[Number, Number]] = {}
    for finding in match.findings:
        if finding.score:
            found[finding.score.scoring.id, ""] = (finding.score.low, finding.score.high)
            found |= {(finding.score.scoring.id, one.item.id): (one.low, one.high) for one in finding.score.items}
    return found


def assert_borne_out(vague: Match, full: Match) -> None:
    """Check that what was decided of the vaguer company still holds of the fuller one."""
    allowed = {
        "met": {"met", "not-applicable"},  # met whether it applies or not
        "unmet": {"unmet"},
        "not-applicable": {"not-applicable"},
        "unknown": {"met", "unmet", "unknown", "not-applicable"},
        "eligible": {"eligible"},
        "ineligible": {"ineligible", "not-offered"},
        "not-offered": {"not-offered"},
        "undetermined": {"eligible", "ineligible", "undetermined", "not-offered"},
    }
    assert full.verdict in allowed[vague.verdict]
    if vague.version != full.version:
        return
    after = states(full)
    for id_, state in states(vague).items():
        if full.tree:
            assert after[id_] in allowed[state], id_
    inner = scores(full)
    for key, (low, high) in scores(vague).items():
        if key in inner:
            assert low <= inner[key][0] <= inner[key][1] <= high, key


def assert_agreed(match: Match, scene: Scene) -> None:
    """Check a match against the oracle's answer."""
    applied = scene.application
    expected = Oracle(
        scene.profile, book(), scene.project, applied.applied, applied.cycle, applied.kind, scene.on
    ).answer()
    assert (match.verdict, match.version.id if match.version else "") == (expected.verdict, expected.version)
    assert states(match) == expected.states
    assert scores(match) == {(scoring, ""): ends for scoring, ends in expected.scores.items()} | expected.items


# ---- properties


@thoroughly
@given(scenes())
def test_the_oracle_agrees(scene: Scene) -> None:
    """Verdict, every criterion, every group, every score: the same from two evaluations that share no code."""
    assert_agreed(scene.match(), scene)


class Doubted(Matcher):
    """A matcher that asks the oracle about every match it makes."""

    def match(self, profile: Profile, project: Project, application: Application, on: date) -> Match:
        """Return the match once the oracle has agreed to it."""
        match = super().match(profile, project, application, on)
        assert_agreed(match, Scene(profile, project, application, on))
        return match


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: str(path.stem))
def test_the_oracle_agrees_on_golden_cases(path: Path) -> None:
    """What was worked by hand, and the engine computes, the oracle computes too."""
    assert run_cases(read(path), Doubted(book())).ran > 0


@quickly
@given(scenes(closed=True), st.data())
def test_a_new_answer_never_turns_a_decision(scene: Scene, data: st.DataObject) -> None:
    """What is met or unmet while an answer is missing stays so once it is given."""
    given_ = answers(scene)
    assume(given_)
    one = data.draw(st.sampled_from(given_))
    assert_borne_out(scene.match(told_less(scene.profile, [one])), scene.match())


@quickly
@given(scenes(closed=True), st.data())
def test_the_score_of_every_completion_lies_within(scene: Scene, data: st.DataObject) -> None:
    """However the blanks are filled in, the score stays inside the interval given before."""
    given_ = answers(scene)
    assume(given_)
    hidden = data.draw(st.lists(st.sampled_from(given_), min_size=1, max_size=8, unique_by=id))
    assert_borne_out(scene.match(told_less(scene.profile, hidden)), scene.match())


@quickly
@given(scenes(closed=True), st.data())
def test_a_narrower_range_never_turns_a_decision(scene: Scene, data: st.DataObject) -> None:
    """From a wide range to a narrow one to a number, decisions stay."""
    given_ = [
        one for one in answers(scene) if isinstance(one.value, int | Fraction) and not isinstance(one.value, bool)
    ]
    assume(given_)
    one = data.draw(st.sampled_from(given_))
    margins = st.sampled_from((0, 1, 10, 10**6, 10**9))
    narrow = between(one.value - data.draw(margins), one.value + data.draw(margins))
    low, high = (narrow.low, narrow.high) if isinstance(narrow, Range) else (narrow, narrow)
    wide = between(low - data.draw(margins), high + data.draw(margins))
    matches = [scene.match(told_less(scene.profile, [one], value)) for value in (wide, narrow, one.value)]
    assert_borne_out(matches[0], matches[1])
    assert_borne_out(matches[1], matches[2])


@quickly
@given(scenes())
def test_the_order_of_answers_is_of_no_account(scene: Scene) -> None:
    """The same answers written in another order give the same findings, word for word."""
    profile = scene.profile
    turned = replace(
        profile,
        facts=backwards(profile.facts),
        years={year: backwards(figures) for year, figures in backwards(profile.years).items()},
        estimates={year: backwards(figures) for year, figures in backwards(profile.estimates).items()},
    )
    assert scene.match(turned) == scene.match()


def backwards(table: Mapping[K, V]) -> dict[K, V]:
    """Return *table* written from its end."""
    return dict(list(table.items())[::-1])
