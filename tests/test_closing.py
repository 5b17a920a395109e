"""How early a gap can be closed: time passes, years close, others take their time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from assistant.company.profile import Profile
from assistant.matching.match import Matcher
from assistant.planning.assessment import assess
from assistant.planning.closing import Closing, closings
from tests.conftest import ON, Assess, Read


def closing_of(assess_: Assess, sample: str, project: str, criterion: str) -> Closing:
    """Return how one criterion of a sample is closed."""
    prospect = next(one for one in assess_(sample).prospects if one.match.project.id == project)
    return next(one for one in closings(prospect) if one.finding.criterion.id == criterion)


def test_a_figure_is_decided_when_its_year_closes(assessed: Assess) -> None:
    """Money: next closing."""
    found = closing_of(assessed, "precision-parts", "specialized-sme", "rd-two-years")
    assert (found.when, found.day, found.cycle) == ("year-end", date(2026, 12, 31), 2027)


def test_a_certificate_takes_its_lead_time(assessed: Assess) -> None:
    """An energy management system: four months at the least."""
    found = closing_of(assessed, "valve-maker", "green-design-enterprise", "four-systems")
    assert (found.when, found.day) == ("day", date(2027, 3, 23))


def test_a_prerequisite_is_there_when_it_is_granted(assessed: Assess) -> None:
    """The provincial technology centre of next year's round."""
    found = closing_of(assessed, "valve-maker", "tech-innovation-demo", "tech-center")
    assert found.when == "grant"
    assert found.day is not None
    assert found.day > date(2027, 9, 1)


def test_an_anniversary_is_known_to_the_day(matcher: Matcher, company: Read) -> None:
    """Founded on 1 June 2025, 高企 wants a year: “满1年：2026-06-01 起”."""
    young = company("facts: {applicant_kind: enterprise, city: 佛山市, established: 2026-09-01}\n")
    prospect = assess(matcher, young, ON, projects=["high-tech-enterprise"], cycle=2027).prospects[0]
    found = {one.finding.criterion.id: one for one in closings(prospect)}
    waiting = [one for one in found.values() if one.when == "day" and one.way.blocks]
    assert [one.day for one in waiting] in ([], [date(2027, 9, 1)])


def test_a_closed_year_waits_for_a_later_round(matcher: Matcher, samples: Mapping[str, Profile]) -> None:
    """In this year's round the sum of 2024 and 2025 is what it is; the next one looks at 2026."""
    prospect = assess(matcher, samples["valve-maker"], ON, projects=["little-giant"], cycle=2026).prospects[0]
    found = {one.finding.criterion.id: one for one in closings(prospect)}
    assert (found["rd-total"].when, found["rd-total"].cycle) == ("cycle", 2027)
    assert [block.kind for block in found["rd-total"].way.blocks] == ["closed-year"]


def test_what_never_comes_says_so(assessed: Assess) -> None:
    """A construction firm's way is none for a valve maker."""
    found = closing_of(assessed, "valve-maker", "provincial-enterprise-tech-center", "rd-construction")
    assert (found.when, found.day, found.cycle) == ("never", None, None)
