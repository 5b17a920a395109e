"""Screening says of every company what matching says: samples, golden cases, and random companies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from assistant.company.profile import Held, Profile
from assistant.logic.scalar import Holding
from assistant.logic.values import Range
from assistant.matching.cases import run_cases
from assistant.matching.match import Application, Match, Matcher
from assistant.matching.screening.frame import NotAdmitted, profiles_to_frame
from assistant.matching.screening.plan import Plan
from assistant.planning.applying import Applications
from assistant.planning.assessment import assess
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import Project
from assistant.sources import read
from tests.companies import CASES, Scene, book, scenes
from tests.conftest import ON, SAMPLES
from tests.screened import assert_columns, assert_screened

quickly = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=150,
    phases=(Phase.generate,),  # an example is one company: a smaller one tells no more, and takes minutes to find
    suppress_health_check=list(HealthCheck),
)


class Fixed:
    """The one application that all make."""

    def __init__(self, application: Application) -> None:
        """Choose *application* for all."""
        self.application = application

    def __call__(self, project: Project, city: str | None, held: Holding | None) -> Application:
        """Return it."""
        del project, city, held
        return self.application


@cache
def fixed_plan(project: str, application: Application, on: date) -> Plan:
    """Return the plan of one project for one application."""
    return Plan(book(), on, Fixed(application), [project])


def admissible(scene: Scene) -> Scene:
    """Return the scene without words that are none of a fact's choices: a frame holds none."""
    specs, facts = book().dictionary.facts, dict(scene.profile.facts)
    for name, value in facts.items():
        if specs[name].kind == "choice" and isinstance(value, tuple):
            facts[name] = tuple(word for word in value if word in specs[name].choices)
    return replace(scene, profile=replace(scene.profile, facts=facts))


def screened(scene: Scene) -> None:
    """Screen the company of a scene and compare it with its match."""
    plan = fixed_plan(scene.project.id, scene.application, scene.on)
    answers = plan.run(profiles_to_frame([scene.profile], book()))
    assert_columns(plan, answers, [scene.project.id])
    assert_screened(scene, scene.match(), plan, answers.row(0, named=True))


@pytest.fixture(scope="module")
def plan(rulebook: Rulebook) -> Plan:
    """Return the plan of all projects for the usual day."""
    return Plan(rulebook, ON, Applications(ON))


# ---- the same answers


def assert_assessed(profiles: list[Profile], plan: Plan, rulebook: Rulebook) -> None:
    """Check every row against the company's assessment, with the application that it picks."""
    answers = plan.run(profiles_to_frame(profiles, rulebook))
    assert plan.left_out == ()
    assert answers.height == len(profiles)
    assert_columns(plan, answers, list(rulebook.projects))
    for profile, row in zip(profiles, answers.iter_rows(named=True), strict=True):
        found = assess(Matcher(rulebook), profile, plan.on)
        assert len(found.prospects) == len(rulebook.projects)
        for prospect in found.prospects:
            match = prospect.match
            assert_screened(Scene(profile, match.project, match.application, plan.on), match, plan, row)


def test_samples_are_screened_as_they_are_assessed(
    samples: Mapping[str, Profile], rulebook: Rulebook, plan: Plan
) -> None:
    """Every sample company, every project, every column."""
    assert_assessed([samples[name] for name in SAMPLES], plan, rulebook)


def test_every_city_and_every_expiry_applies_as_assessed(
    samples: Mapping[str, Profile], rulebook: Rulebook, plan: Plan
) -> None:
    """Windows depend on the city, reviews on what is held and until when."""
    profile = samples[SAMPLES[-1]]
    cities = (None, *rulebook.lists.city_names)
    expiries = [None, *(date(year, month, day) for year in (2026, 2027, 2028, 2029, 2031, 2099)
                        for month, day in ((1, 1), (5, 30), (9, 29), (12, 31)))]  # fmt: skip
    profiles = []
    for at, expires in enumerate(expiries):
        held = tuple(Held(id_, date(2024, 3, 1 + at % 28), expires) for id_ in rulebook.projects)
        facts = {**profile.facts, "city": cities[at % len(cities)]}
        profiles.append(replace(profile, facts=facts, recognitions=held))
    profiles += [replace(profile, facts={**profile.facts, "city": city}) for city in cities]
    profiles += [replace(profiles[3], recognitions=(Held("high-tech-enterprise", None, None),) * 2)]
    assert_assessed(profiles, plan, rulebook)


def test_who_is_founded_later_had_nothing_before(
    samples: Mapping[str, Profile], rulebook: Rulebook, plan: Plan
) -> None:
    """Figures that nobody has told are zero for years before a founding, in whatever company it stands."""
    profile = samples[SAMPLES[-1]]
    founded = [date(year, 6, 1) for year in (2010, ON.year, ON.year + 1, ON.year + 3)]
    profiles = [
        replace(profile, years={}, estimates={}, facts={**profile.facts, "established": day}) for day in founded
    ]
    assert_assessed(profiles[:2], plan, rulebook)
    assert_assessed(profiles, plan, rulebook)


class Screened(Matcher):
    """A matcher that keeps every match it makes, to be screened together."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Keep nothing yet."""
        super().__init__(rulebook)
        self.kept: dict[tuple[str, Application, date], list[tuple[Profile, Match]]] = defaultdict(list)

    def match(self, profile: Profile, project: Project, application: Application, on: date) -> Match:
        """Return the match and keep it."""
        match = super().match(profile, project, application, on)
        self.kept[project.id, application, on].append((profile, match))
        return match


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: str(path.stem))
def test_golden_cases_are_screened(path: Path) -> None:
    """What was worked by hand, and matching says, screening says too."""
    keeper = Screened(book())
    ran = run_cases(read(path), keeper).ran
    compared = 0
    for (id_, application, on), kept in keeper.kept.items():
        plan = fixed_plan(id_, application, on)
        answers = plan.run(profiles_to_frame([profile for profile, _ in kept], book()))
        assert_columns(plan, answers, [id_])
        for (profile, match), row in zip(kept, answers.iter_rows(named=True), strict=True):
            assert_screened(Scene(profile, match.project, application, on), match, plan, row)
            compared += 1
    assert compared >= ran > 0


@quickly
@given(scenes())
def test_random_companies_are_screened(scene: Scene) -> None:
    """Blanks, ranges, estimates, stand-ins, expired certificates, lists with holes."""
    screened(admissible(scene))


@settings(quickly, max_examples=40)
@given(st.lists(scenes(), min_size=3, max_size=8))
def test_companies_do_not_disturb_each_other(drawn: list[Scene]) -> None:
    """Several random companies at once, against all projects, as each is assessed."""
    rulebook = book()
    profiles = [admissible(scene).profile for scene in drawn]
    assert_assessed(profiles, usual_plan(), rulebook)


@cache
def usual_plan() -> Plan:
    """Return the plan of all projects for the usual day."""
    return Plan(book(), ON, Applications(ON))


# ---- the door


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ({"revenue_2025": pl.Series([1.0, float("nan")])}, "revenue_2025"),
        ({"revenue_2025": pl.Series([float("inf"), 2.0])}, "revenue_2025"),
        ({"revenue_2025": pl.Series(["12,800", "3"])}, "revenue_2025"),
        ({"employees_2025": pl.Series([-1, 3])}, "employees_2025"),
        ({"market_share": pl.Series([100_000_001, 3])}, "market_share"),
        ({"revenue_2025": pl.Series([2**62, 3])}, "revenue_2025"),
        ({"city": pl.Series(["佛山", "广州市"])}, ""),
        ({"legal_person": pl.Series([1, 0])}, "legal_person"),
        ({"revenue_2025_low": pl.Series([1, 2])}, "revenue_2025_low"),
        (
            {"revenue_2025_low": pl.Series([1, 2]), "revenue_2025_high": pl.Series([None, 3], dtype=pl.Int64)},
            "revenue_2025_low",
        ),
        ({"revenue_2025_low": pl.Series([5, 2]), "revenue_2025_high": pl.Series([4, 3])}, "revenue_2025_low"),
        ({"recognitions": pl.Series([["high-tech-enterprise"], []])}, "recognitions"),
    ],
)
def test_what_is_no_frame_is_refused(columns: dict[str, pl.Series], fault: str, plan: Plan) -> None:
    """Never a verdict on what was not understood: floats (NaN, infinity), words, impossible numbers, half a range."""
    with pytest.raises(NotAdmitted) as refused:
        plan.run(pl.DataFrame(columns))
    assert fault in [column for column, _ in refused.value.faults]


def test_an_unknown_word_in_a_profile_is_refused(rulebook: Rulebook) -> None:
    """Also in a list of choices, where it would be lost without a word."""
    with pytest.raises(NotAdmitted):
        profiles_to_frame([Profile("", facts={"applicant_kind": ("enterprise", "elsewhere")})], rulebook)
    with pytest.raises(NotAdmitted):
        profiles_to_frame([Profile("", recognitions=(Held("no-such-recognition", None, None),))], rulebook)
    with pytest.raises(NotAdmitted):
        profiles_to_frame([Profile("", facts={"segment_years": Fraction(1, 3)})], rulebook)


def test_a_company_that_told_nothing(rulebook: Rulebook, plan: Plan) -> None:
    """A frame of one unknown column, and columns that are not ours."""
    assert_assessed([Profile("")], plan, rulebook)
    assert plan.run(profiles_to_frame([], rulebook)).height == 0
    answers = plan.run(pl.DataFrame({"name": ["甲", "乙"], "remark": [1.5, float("nan")]}))
    assert answers.height == 2
    assert answers.equals(plan.run(profiles_to_frame([Profile("甲"), Profile("乙")], rulebook)))


def test_batches_give_what_one_frame_gives(samples: Mapping[str, Profile], rulebook: Rulebook, plan: Plan) -> None:
    """Row by row, in the same order, whatever the size of the batches."""
    frame = profiles_to_frame([samples[name] for name in SAMPLES], rulebook)
    whole = plan.run(frame)
    for rows in (1, 3, 100):
        assert pl.concat(plan.screen(frame.lazy(), rows=rows)).equals(whole)


def test_a_range_decides_where_all_of_it_agrees(samples: Mapping[str, Profile], rulebook: Rulebook, plan: Plan) -> None:
    """Figures known as a range, beside companies that know them to the 分."""
    profiles = []
    for name in SAMPLES:
        years = {
            year: {
                fact: Range(value * 9 // 10, value * 11 // 10 + 1) if isinstance(value, int) and value > 0 else value
                for fact, value in figures.items()
            }
            for year, figures in samples[name].years.items()
        }
        profiles += [samples[name], replace(samples[name], years=years)]
    assert_assessed(profiles, plan, rulebook)
