"""The models of the interface describe what really goes out: every field of every sample, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from assistant.company.profile import read_profile
from assistant.dates import add_months
from assistant.delivery.asking import questionnaire
from assistant.delivery.plan import path, remedy
from assistant.delivery.result import enterprise, project, result, tree_of
from assistant.delivery.statutes import fact, statute, summary
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.match import Matcher
from assistant.planning.announcements import announce
from assistant.planning.assessment import Assessment, assess
from assistant.planning.path import paths
from assistant.planning.questions import questions
from assistant.rulebook.book import Rulebook
from assistant.sources import read
from assistant.web.api.models.plans import Remedy
from assistant.web.api.models.results import Explained, Matches, Paths, Questionnaire, Result
from assistant.web.api.models.rules import Fact, Statute, Summary
from tests.conftest import ON, ROOT, SAMPLES

LANGUAGES = ("zh", "en")


def held_against(model: type[BaseModel], data: Any) -> None:
    """Check that *model* takes *data* as strict JSON and gives back the very same."""
    found = model.model_validate_json(json.dumps(data), strict=True).model_dump(
        mode="json", by_alias=True, exclude_unset=True
    )
    assert found == data
    assert json.dumps(found, sort_keys=True) == json.dumps(data, sort_keys=True)  # 1 is not 1.0, nor is True 1


@pytest.fixture(name="announced")
def announced_(rulebook: Rulebook, matcher: Matcher) -> Callable[[str], Assessment]:
    """Return how a sample is assessed where every other project has an official date."""

    def assessed(name: str) -> Assessment:
        source = read(ROOT / "profiles" / f"{name}.yaml")
        profile = read_profile(source, rulebook.dictionary, rulebook.lists, ON)
        known = list(rulebook.projects)
        opens = add_months(ON, 1)
        source_ = "https://example.gov.cn"
        entries = [announce(one, opens=opens, closes=None, source=source_, on=ON, known=known) for one in known[::2]]
        return assess(matcher, profile, ON, announcements=entries)

    return assessed


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_result_is_described_field_by_field(name: str, lang: str, announced: Callable[[str], Assessment]) -> None:
    """Nothing is missing from the model, and nothing in it is invented."""
    assessment = announced(name)
    data = result(assessment, lang)
    held_against(Result, data)
    assert any(one["window"]["status"] == "announced" for one in data["projects"])
    verdicts = {key: data[key] for key in ("on", "enterprise", "rulebook", "projects")}
    held_against(Matches, verdicts)


@pytest.mark.parametrize("name", SAMPLES)
def test_an_explanation_a_questionnaire_and_paths_are_described(
    name: str, announced: Callable[[str], Assessment], rulebook: Rulebook
) -> None:
    """The objects of the other commands, too."""
    assessment = announced(name)
    say = Speaker(rulebook, "zh")
    remedies = 0
    for prospect in assessment.prospects:
        tree = tree_of(prospect.match.tree, prospect, say) if prospect.match.tree else None
        closed = remedy(prospect, say) if prospect.gaps and prospect.remedy else None
        held_against(Explained, {**project(prospect, say), "tree": tree, "remedy": closed})
        if closed:
            remedies += 1
            held_against(Remedy, closed)
    assert remedies or name == "empty"
    asked = questions(assessment.prospects, rulebook)
    held_against(Questionnaire, questionnaire(assessment, assessment.prospects, asked, 50, say))
    ways = [path(one, say) for one in paths(assessment.horizon, dict.fromkeys(rulebook.projects))]
    held_against(Paths, {"on": ON.isoformat(), "enterprise": enterprise(assessment.profile), "paths": ways})


@pytest.mark.parametrize("lang", LANGUAGES)
def test_rules_and_dictionary_are_described(lang: str, rulebook: Rulebook) -> None:
    """Every project with all its versions, every fact with all its fields."""
    say = Speaker(rulebook, lang)
    for one in rulebook.projects.values():
        held_against(Statute, statute(one, ON, say))
        held_against(Summary, summary(one, say))
    for spec in rulebook.dictionary.facts.values():
        held_against(Fact, fact(spec, say))


def test_what_a_model_does_not_know_is_seen(announced: Callable[[str], Assessment]) -> None:
    """A field that is new in the result, or gone from it, fails here before a program meets it."""
    data = result(announced("valve-maker"))
    held_against(Result, data)
    with pytest.raises(ValidationError, match="Extra inputs"):
        held_against(Result, {**data, "brand_new": 1})
    for key in data:
        with pytest.raises(ValidationError, match="Field required"):
            held_against(Result, {one: value for one, value in data.items() if one != key})
