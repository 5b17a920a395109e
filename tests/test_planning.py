"""The plan: dated steps on working days, merged where one paper serves several, and the upkeep of what is held."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.company.profile import Held, Profile
from assistant.dates import add_months, expiry
from assistant.delivery.result import result
from assistant.matching.match import Matcher
from assistant.planning.announcements import Announcement
from assistant.planning.assessment import Assessment, assess
from assistant.planning.checklist import KINDS, Step
from assistant.planning.prospect import STANDINGS, Prospect
from assistant.planning.timeline import SHOWN
from assistant.planning.upkeep import HORIZON_MONTHS, Upkeep, upkeep
from assistant.planning.workdays import is_published, is_workday
from assistant.rulebook.book import Rulebook
from tests.conftest import ON, SAMPLES, Assess, book

fuzzed = settings(derandomize=True, deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))


def prospect(assessment: Assessment, project: str) -> Prospect:
    """Return what a company can do about *project*."""
    return next(one for one in assessment.prospects if one.match.project.id == project)


def step(assessment: Assessment, key: str) -> Step:
    """Return the step whose key begins with *key*."""
    [found] = [one for one in assessment.steps if one.key.startswith(key)]
    return found


# ---- steps


def test_no_step_is_due_in_the_past(assessment: Assessment) -> None:
    """What is late is due today, and says so."""
    for one in assessment.steps:
        if one.due:
            assert one.due >= assessment.on, one.key
        if one.chance in ("at-the-latest", "missed"):
            assert one.due == assessment.on, one.key
        assert one.late == (one.chance != "in-time")


def test_no_step_is_due_on_a_day_off(assessment: Assessment) -> None:
    """Weekends, festivals; the end of a year is its last working day."""
    for one in assessment.steps:
        if one.due:
            assert is_workday(one.due), (one.key, one.due)


@pytest.mark.parametrize("today", [date(2026, 9, 25), date(2026, 10, 3), date(2026, 12, 26)])
def test_the_same_holds_on_holidays(matcher: Matcher, samples: Mapping[str, Profile], today: date) -> None:
    """Asked on a Friday before a festival, in one, on a Saturday: only what is late is due that very day."""
    for name in ("valve-maker", "precision-parts", "chemical-plant"):
        for one in assess(matcher, samples[name], today).steps:
            if one.due and not one.late and (one.due.month, one.due.day) != (12, 31):
                assert one.due >= today, one.key
                assert is_workday(one.due), (one.key, one.due)


def test_steps_come_by_date_and_kind(assessment: Assessment) -> None:
    """Those without a date last."""
    order = [(one.due or date.max, KINDS.index(one.kind)) for one in assessment.steps]
    assert order == sorted(order)


def test_every_step_has_an_identity_of_its_own(assessment: Assessment) -> None:
    """And names the projects it serves, once each."""
    keys = [one.key for one in assessment.steps]
    assert len(keys) == len(set(keys))
    for one in assessment.steps:
        assert one.serves
        assert len(one.serves) == len(set(one.serves))
        assert set(one.serves) <= assessment.rulebook.projects.keys()


def test_a_paper_that_serves_several_is_prepared_once(assessment: Assessment) -> None:
    """Papers written for one application stand alone."""
    documents = assessment.rulebook.lists.documents
    shared = [one.subject for one in assessment.steps if one.kind == "prepare" and not documents[one.subject].own]
    assert len(shared) == len(set(shared))
    for one in assessment.steps:
        if one.kind == "prepare" and documents[one.subject].own:
            assert len(one.serves) == 1


def test_one_audit_report_serves_many(assessed: Assess) -> None:
    """With all the years that any of them asks for."""
    audit = step(assessed("valve-maker"), "prepare|audit-report|")
    assert {"high-tech-enterprise", "specialized-sme", "little-giant"} <= {*audit.serves}
    assert {2024, 2025, 2026} <= {*audit.years}
    assert {id_ for id_, _ in audit.criteria} <= {*audit.serves}


def test_papers_are_ready_before_the_application(assessment: Assessment) -> None:
    """For every project that a paper serves."""
    handed_in = {one.subject: one.due for one in assessment.steps if one.kind == "apply"}
    for one in assessment.steps:
        if one.kind in ("prepare", "judgement"):
            for project in one.serves:
                last = handed_in.get(project)
                assert not (one.due and last) or one.due <= last, (one.key, project)


def test_an_application_is_handed_in_before_the_deadline(assessment: Assessment) -> None:
    """On the last working day, at the latest."""
    for one in assessment.steps:
        if one.kind == "apply":
            closes = prospect(assessment, one.subject).window.closes
            assert one.due is not None
            assert closes is not None
            assert one.due <= closes.latest
            assert is_workday(one.due) or one.due == assessment.on


def test_steps_are_only_for_what_can_be_won(assessment: Assessment) -> None:
    """Nothing is prepared for a project out of reach, not offered, or without a round to come."""
    for one in assessment.steps:
        for project in one.serves:
            found = prospect(assessment, project)
            assert found.standing in ("ready", "near", "open")
            assert found.window.status in ("announced", "expected", "rolling")
            if one.kind in ("prepare", "judgement", "apply"):
                assert found.standing in ("ready", "near")


def test_what_is_open_is_asked(assessment: Assessment) -> None:
    """Every question of the plan stands in one step, and nothing else is asked there."""
    asked = [ask for one in assessment.steps for ask in one.asks]
    assert sorted(ask.fact for ask in asked) == sorted(ask.fact for ask in assessment.asks)
    for one in assessment.steps:
        if one.kind == "answer":
            assert one.due is not None
            assert one.due - assessment.on <= timedelta(days=14)
            assert not one.estimated


def test_a_date_is_certain_only_where_its_year_is_published(assessment: Assessment) -> None:
    """And where it rests on no forecast."""
    for one in assessment.steps:
        if one.kind == "prepare" and not one.estimated:
            assert one.due is not None
            assert is_published(one.due.year)


def official(opens: date, closes: date) -> list[Announcement]:
    """Return official dates of one project."""
    return [Announcement("manufacturing-champion", 2026, opens, closes, "https://www.miit.gov.cn/x")]


def test_what_cannot_be_done_in_time_is_late_and_due_today(matcher: Matcher, samples: Mapping[str, Profile]) -> None:
    """The window opens on Wednesday; the audit takes weeks, and only a late closing leaves them."""
    champion = samples["appliance-group"]

    def audit(closes: date) -> Step:
        dates = official(date(2026, 11, 25), closes)
        found = assess(matcher, champion, ON, projects=["manufacturing-champion"], announcements=dates)
        return step(found, "prepare|audit")

    soon, later = audit(date(2026, 12, 4)), audit(date(2026, 12, 31))
    assert (soon.chance, soon.due) == ("missed", ON)
    assert (later.chance, later.late) == ("by-closing", True)
    assert later.due is not None
    assert date(2026, 11, 23) < later.due < date(2026, 12, 14)


@pytest.mark.parametrize(
    ("today", "closes", "due"),
    [
        (date(2026, 11, 23), date(2026, 12, 25), date(2026, 12, 25)),
        (date(2026, 11, 23), date(2026, 12, 26), date(2026, 12, 25)),
        (date(2026, 11, 20), date(2026, 11, 22), date(2026, 11, 20)),
        (date(2026, 11, 22), date(2026, 11, 22), date(2026, 11, 22)),
        (date(2026, 11, 21), date(2026, 11, 22), date(2026, 11, 21)),
    ],
)
def test_the_deadline_is_kept_even_on_a_weekend(
    matcher: Matcher, samples: Mapping[str, Profile], today: date, closes: date, due: date
) -> None:
    """The last working day before it; when that has passed, today: never a day gone by."""
    dates = official(date(2026, 11, 2), closes)
    champion = samples["appliance-group"]
    found = assess(matcher, champion, today, projects=["manufacturing-champion"], announcements=dates)
    assert step(found, "apply|manufacturing-champion|2026").due == due


def test_a_gap_in_this_years_figures_can_be_closed_until_the_year_does(assessed: Assess) -> None:
    """R&D expense counts up to the last day of December."""
    gap = step(assessed("valve-maker"), "improve|figure|rd_expense|2026")
    assert (gap.due, gap.years, gap.late) == (date(2026, 12, 31), (2026,), False)
    assert gap.serves == ("provincial-enterprise-tech-center",)
    assert ("provincial-enterprise-tech-center", "rd-small") in gap.criteria


# ---- standings and ranks


def test_a_standing_says_what_stands_in_the_way(assessment: Assessment) -> None:
    """ready: nothing; near: a few gaps; open: blanks; far: more."""
    for one in assessment.prospects:
        if one.standing == "ready":
            assert not one.gaps
            assert not one.questions
            assert one.match.verdict in ("eligible", "undetermined")
        if one.standing in ("near", "far"):
            assert one.gaps
            assert one.match.verdict == "ineligible"
        if one.standing == "near":
            assert len(one.gaps) <= 3
        if one.standing == "not-offered":
            assert one.match.verdict == "not-offered"
            assert one.match.reason
        if one.match.verdict == "eligible":
            assert one.standing == "ready"


def test_the_best_comes_first(assessment: Assessment) -> None:
    """By standing; every project once; the same order every time."""
    ranked = assessment.ranked()
    assert sorted(map(id, ranked)) == sorted(map(id, assessment.prospects))
    standings = [STANDINGS.index(one.standing) for one in ranked]
    assert standings == sorted(standings)
    backwards = replace(assessment, prospects=assessment.prospects[::-1])
    names = [one.match.project.id for one in ranked]
    assert names == [one.match.project.id for one in assessment.ranked()]
    assert {*names} == {one.match.project.id for one in backwards.ranked()}


def test_an_empty_profile_gives_questions_only(assessed: Assess) -> None:
    """Nothing is known, so nothing is refused, promised or prepared."""
    empty = assessed("empty")
    assert {one.match.verdict for one in empty.prospects} == {"undetermined"}
    assert {one.standing for one in empty.prospects} == {"open"}
    assert {one.kind for one in empty.steps} == {"answer"}
    assert empty.duties == ()
    assert empty.asks[0].fact in ("applicant_kind", "city")


def test_an_answer_is_asked_of_those_who_can_give_it(assessment: Assessment) -> None:
    """Facts of the dictionary, or lists; no fact that is worked out."""
    for ask in assessment.asks:
        name = ask.fact.partition(".")[0]
        if name != "recognitions":
            assert not assessment.rulebook.dictionary.spec(name).derived
        assert list(ask.years) == sorted(ask.years, reverse=True)


# ---- review and renewal


def test_a_holder_is_reviewed_in_the_last_window_before_it_expires(assessed: Assess) -> None:
    """Held until November 2027: the window of autumn 2027, not that of 2028."""
    found = prospect(assessed("valve-maker"), "specialized-sme")
    assert found.match.held is not None
    assert found.match.held.expires == date(2027, 11, 7)
    assert (found.match.application.kind, found.window.cycle, found.is_review) == ("review", 2027, True)
    assert found.window.applied.earliest <= date(2027, 11, 7)


def test_a_review_is_handed_in_while_the_recognition_holds(assessment: Assessment) -> None:
    """Not after the certificate has lapsed, however late the window may be."""
    for one in assessment.steps:
        found = prospect(assessment, one.serves[0])
        if one.kind == "apply" and found.is_review and found.match.held and found.match.held.expires:
            assert one.due is not None
            assert one.due <= found.match.held.expires, one.key


def test_a_review_far_ahead_can_wait(assessed: Assess) -> None:
    """Held until the end of 2029: it gives no steps in 2026."""
    found = prospect(assessed("valve-maker"), "innovative-sme")
    assert (found.match.application.kind, found.window.cycle) == ("review", 2029)
    assert not any("innovative-sme" in one.serves for one in assessed("valve-maker").steps)


def holding(samples: Mapping[str, Profile], *held: Held) -> Profile:
    """Return the valve maker, holding something else."""
    return replace(samples["valve-maker"], recognitions=held)


def test_what_expires_before_the_next_window_is_applied_for_anew(
    matcher: Matcher, samples: Mapping[str, Profile]
) -> None:
    """It lapses in January, the next round is in spring: no review is left."""
    profile = holding(samples, Held("innovative-sme", date(2024, 1, 11), date(2027, 1, 10)))
    found = prospect(assess(matcher, profile, ON), "innovative-sme")
    assert (found.match.application.kind, found.is_review, found.window.cycle) == ("new", False, 2027)


def test_what_has_lapsed_is_applied_for_anew(matcher: Matcher, samples: Mapping[str, Profile]) -> None:
    """Yesterday was its last day; today would still have been in time."""
    for last, kind in ((ON - timedelta(1), "new"), (ON, "new"), (date(2027, 12, 31), "review")):
        profile = holding(samples, Held("innovative-sme", date(2023, 11, 1), last))
        found = prospect(assess(matcher, profile, ON), "innovative-sme")
        assert found.match.application.kind == kind, last
        assert (found.match.held is not None) == (last >= ON)


def test_the_kind_and_the_year_can_be_asked_for(matcher: Matcher, samples: Mapping[str, Profile]) -> None:
    """A holder may ask about a new application, anyone about another year."""
    found = assess(matcher, samples["valve-maker"], ON, kind="new", cycle=2028, projects=["specialized-sme"])
    [one] = found.prospects
    assert (one.match.application.kind, one.match.application.cycle, one.match.base_year) == ("new", 2028, 2027)


# ---- upkeep


def duties(rulebook: Rulebook, *held: Held, on: date = ON) -> list[tuple[str, str, date]]:
    """Return what holding these asks for."""
    return [(one.project, one.kind, one.due) for one in upkeep(Profile("x", recognitions=held), rulebook, on)]


def test_upkeep_lies_within_the_horizon(assessment: Assessment) -> None:
    """From today for eighteen months, by date; while the recognition holds."""
    until = add_months(assessment.on, HORIZON_MONTHS)
    dues = [one.due for one in assessment.duties]
    assert dues == sorted(dues)
    assert all(assessment.on <= due <= until for due in dues)
    assert all(
        one.holding is None or one.holding.expires is None or one.due <= one.holding.expires
        for one in assessment.duties
    )


def test_upkeep_names_yearly_updates_and_the_last_day(assessed: Assess) -> None:
    """The valve maker holds three."""
    found = [(one.project, one.kind, one.due) for one in assessed("valve-maker").duties]
    assert found == [
        ("innovative-sme", "yearly", date(2027, 4, 30)),
        ("high-tech-enterprise", "yearly", date(2027, 5, 31)),
        ("specialized-sme", "yearly", date(2027, 5, 31)),
        ("specialized-sme", "expiry", date(2027, 11, 7)),
        ("high-tech-enterprise", "expiry", date(2027, 11, 18)),
        ("innovative-sme", "yearly", date(2028, 4, 30)),
    ]


def test_a_recognition_without_a_date_holds_for_its_term(rulebook: Rulebook) -> None:
    """Granted on 8 November 2024 for three years: the last day is 7 November 2027."""
    assert expiry(date(2024, 11, 8), 3) == date(2027, 11, 7)
    assert ("specialized-sme", "expiry", date(2027, 11, 7)) in duties(
        rulebook, Held("specialized-sme", date(2024, 11, 8), None)
    )


def test_nothing_is_owed_after_the_last_day(rulebook: Rulebook) -> None:
    """Lapsed yesterday; lapses today; lapses before the yearly update."""
    granted = date(2023, 11, 1)
    assert duties(rulebook, Held("innovative-sme", granted, ON - timedelta(1))) == []
    assert duties(rulebook, Held("innovative-sme", granted, ON)) == [("innovative-sme", "expiry", ON)]
    assert duties(rulebook, Held("innovative-sme", granted, date(2027, 4, 29))) == [
        ("innovative-sme", "expiry", date(2027, 4, 29))
    ]


def test_what_is_kept_for_good_never_expires(rulebook: Rulebook) -> None:
    """And what has no known term is not guessed."""
    for id_ in ("provincial-enterprise-tech-center", "gd-engineering-center", "city-design-center"):
        kinds = {kind for _, kind, _ in duties(rulebook, Held(id_, date(2020, 1, 1), None))}
        assert "expiry" not in kinds


def test_nothing_told_means_nothing_owed(rulebook: Rulebook) -> None:
    """A list left out is unknown."""
    assert upkeep(Profile("x"), rulebook, ON) == ()


# ---- the timeline


def test_the_timeline_holds_all_that_has_a_date(assessment: Assessment) -> None:
    """Windows worth watching, dated steps, upkeep; sorted, each once."""
    until = add_months(assessment.on, HORIZON_MONTHS)
    keys = [entry.key for entry in assessment.entries]
    assert len(keys) == len(set(keys))
    assert all(a.span.earliest <= b.span.earliest for a, b in pairwise(assessment.entries))
    assert all(entry.span.earliest <= until for entry in assessment.entries)
    steps = {one.key for one in assessment.steps if one.due and one.due <= until}
    assert {entry.key for entry in assessment.entries if entry.step} == steps
    assert {entry.key for entry in assessment.entries if entry.upkeep} == {one.key for one in assessment.duties}
    for entry in assessment.entries:
        if entry.prospect:
            assert entry.prospect.standing in SHOWN or entry.prospect.is_review
            assert entry.prospect.window.status in ("announced", "expected")


def test_a_key_holds_no_title(assessment: Assessment) -> None:
    """Project, cycle, what it is about: nothing that changes when words or days do."""
    for entry in assessment.entries:
        assert entry.key.isascii(), entry.key
        assert not any(day in entry.key for day in (entry.span.earliest.isoformat(), entry.span.latest.isoformat()))


def test_upkeep_is_one_duty_a_key(assessment: Assessment) -> None:
    """Typed, for the readers of the timeline."""
    assert all(isinstance(one, Upkeep) for one in assessment.duties)


# ---- the order of answers does not matter


def shuffled(profile: Profile, chance: random.Random) -> Profile:
    """Return *profile* with its answers in another order."""

    def mixed(mapping: Mapping[Any, Any]) -> dict[Any, Any]:
        pairs = list(mapping.items())
        chance.shuffle(pairs)
        return dict(pairs)

    years = {year: mixed(figures) for year, figures in mixed(profile.years).items()}
    estimates = {year: mixed(figures) for year, figures in mixed(profile.estimates).items()}
    return replace(profile, facts=mixed(profile.facts), years=years, estimates=estimates)


@given(chance=st.randoms(use_true_random=False))
@fuzzed
def test_the_order_of_answers_does_not_change_the_result(assessed: Assess, chance: random.Random) -> None:
    """Not a byte of it, for any company."""
    before = assessed(chance.choice(SAMPLES))
    after = assess(Matcher(book()), shuffled(before.profile, chance), ON)
    assert json.dumps(result(after)) == json.dumps(result(before))
