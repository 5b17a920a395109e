"""Windows: announced, expected, dormant, unknown, rolling; an interval from past rounds, never one that is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.dates import DateSpan, add_years
from assistant.planning.announcements import Announcement
from assistant.planning.backtest import backtest
from assistant.planning.windows import LEAST_MARGIN, MARGIN_DAYS, Window, next_window, window_of
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import Notice, Project, Regions, Round, Validity

PAGE = "https://gdii.gd.gov.cn/x"
fuzzed = settings(derandomize=True, deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))


def held(year: int, opens: str = "", closes: str = "", **more: Any) -> Round:
    """Return a past round; days are written as they are, `cities` maps cities to their deadlines."""
    return Round(
        year=year,
        batch=more.get("batch", ""),
        notice=Notice(announced=day(more.get("announced", ""))),
        opens=day(opens),
        closes=day(closes),
        city_deadlines={city: date.fromisoformat(text) for city, text in more.get("cities", {}).items()},
        province_deadline=day(more.get("province", "")),
        published=None,
        standing="secondary",
        confidence="medium",
    )


def day(text: str) -> date | None:
    """Return the day written, or none."""
    return date.fromisoformat(text) if text else None


def span(first: str, last: str) -> DateSpan:
    """Return the days from *first* to *last*."""
    return DateSpan(date.fromisoformat(first), date.fromisoformat(last))


PLAIN = Project(
    id="demo",
    name="示范企业",
    en="Demonstration enterprise",
    level="provincial",
    applicant=("enterprise",),
    list_entry=None,
    authority="省工业和信息化厅",
    channel="地市初审后推荐",
    regions=Regions("广东省"),
    prerequisites=(),
    leads_to=(),
    checked=date(2026, 11, 1),
    next_review=date(2027, 6, 30),
    validity=Validity(3, permanent=False, review=""),
    duties=(),
    versions=(),
    rounds=(),
)


def after(*rounds: Round) -> Project:
    """Return the plain project with these past rounds."""
    return replace(PLAIN, rounds=rounds)


SPRING = (held(2024, "2024-04-10", "2024-05-20"), held(2025, "2025-04-20", "2025-05-30"))
THIS_YEAR = held(2026, "2026-04-15", "2026-05-25", announced="2026-04-09")


# ---- periods and inferred milestones


@pytest.mark.parametrize(
    ("years", "on", "cycle"),
    [
        ((2021, 2023, 2025), "2026-03-01", 2027),
        ((2021, 2023, 2025), "2027-03-01", 2027),
        ((2018, 2021, 2024), "2025-03-01", 2027),
        ((2023, 2025), "2026-03-01", 2026),  # two rounds show no period
        ((2021, 2023, 2025, 2026), "2027-03-01", 2027),  # nor do they once it is broken
    ],
)
def test_a_project_held_every_few_years_is_expected_in_step(years: tuple[int, ...], on: str, cycle: int) -> None:
    """Three rounds that lie evenly apart; the window says so."""
    project = after(*(held(year, f"{year}-08-10", f"{year}-09-10") for year in years))
    found = next_window(project, date.fromisoformat(on))
    assert (found.status, found.cycle) == ("expected", cycle)
    even = len(years) == 3
    assert found.notes == ((f"every-{years[-1] - years[-2]}-years",) if even else ())


def test_a_period_that_was_missed_is_no_period() -> None:
    """Held in 2020, 2022 and 2024, not in 2026: in 2027 nothing is expected."""
    project = after(*(held(year, f"{year}-08-10", f"{year}-09-10") for year in (2020, 2022, 2024)))
    assert next_window(project, date(2026, 11, 23)).status == "dormant"


def test_a_closing_nobody_wrote_down_is_inferred_from_the_length_of_rounds() -> None:
    """Open for 20 to 30 days before: so long after the opening, and the window says that it is inferred."""
    old = (held(2019, "2019-03-01", "2019-03-21"), held(2020, "2020-03-01", "2020-03-31"))
    found = next_window(after(*old, held(2026, "2026-03-10")), date(2026, 11, 23))
    margin = timedelta(days=MARGIN_DAYS[1])
    assert found.opens == DateSpan(date(2027, 3, 10) - margin, date(2027, 3, 10) + margin)
    assert found.closes == DateSpan(date(2027, 3, 30) - margin, date(2027, 4, 9) + margin)
    assert found.notes == ("closing-inferred",)


def test_an_opening_nobody_wrote_down_is_inferred_likewise() -> None:
    """Counted back from the deadline."""
    old = (held(2019, "2019-03-01", "2019-03-21"), held(2020, "2020-03-01", "2020-03-31"))
    found = next_window(after(*old, held(2026, closes="2026-04-10")), date(2026, 11, 23))
    margin = timedelta(days=MARGIN_DAYS[1])
    assert found.opens == DateSpan(date(2027, 3, 11) - margin, date(2027, 3, 21) + margin)
    assert found.notes == ("opening-inferred",)


def test_an_announced_round_out_of_step_is_the_next_window_in_a_city_of_its_own_too() -> None:
    """Held every two years, called a year early: what is official stands, though the city's own notice decides."""
    rounds = after(*(held(year, f"{year}-08-10", f"{year}-09-10") for year in (2021, 2023, 2025)))
    project = replace(rounds, regions=Regions("广东省", separate={"深圳市": "市工业和信息化局"}))
    early = [Announcement("demo", 2026, date(2026, 12, 1), date(2026, 12, 20), PAGE)]
    for city in ("深圳市", "佛山市"):
        found = next_window(project, date(2026, 11, 23), city=city, announcements=early)
        assert (found.cycle, found.closes) == (2026, span("2026-12-20", "2026-12-20"))


# ---- announced


@pytest.mark.parametrize("on", ["2026-04-09", "2026-04-15", "2026-05-25"])
def test_a_round_is_announced_from_its_notice_to_its_last_day(on: str) -> None:
    """The deadline itself is still in time."""
    found = next_window(after(*SPRING, THIS_YEAR), date.fromisoformat(on))
    assert (found.status, found.cycle, found.confidence) == ("announced", 2026, "high")
    assert (found.opens, found.closes) == (span("2026-04-15", "2026-04-15"), span("2026-05-25", "2026-05-25"))


def test_a_round_that_is_over_gives_way_to_next_year() -> None:
    """One day late."""
    found = next_window(after(*SPRING, THIS_YEAR), date(2026, 5, 26))
    assert (found.status, found.cycle) == ("expected", 2027)
    assert [past.year for past in found.basis] == [2024, 2025, 2026]


@pytest.mark.parametrize(
    ("on", "cycle"), [("2026-12-31", 2026), ("2027-01-01", 2026), ("2027-02-08", 2026), ("2027-02-09", 2027)]
)
def test_a_forecast_stands_over_new_year_until_its_last_day(on: str, cycle: int) -> None:
    """Expected in November, never seen: it may still come, and is not dropped because a year began."""
    project = after(held(2025, "2025-11-10", "2025-12-10"))
    found = next_window(project, date.fromisoformat(on))
    assert (found.status, found.cycle) == ("expected", cycle)


def test_a_round_on_record_is_not_expected_again_over_new_year() -> None:
    """It was held in spring, out of its season: the forecast of that year is done with."""
    project = after(held(2024, "2024-11-10", "2024-12-10"), held(2025, "2025-11-10", "2025-12-10"), held(2026))
    assert next_window(project, date(2027, 1, 10)).cycle == 2027


def test_a_round_is_not_known_before_its_notice() -> None:
    """As of April 8 it is a forecast from the years before."""
    found = next_window(after(*SPRING, THIS_YEAR), date(2026, 4, 8))
    assert (found.status, found.cycle, [past.year for past in found.basis]) == ("expected", 2026, [2024, 2025])


def test_an_announced_round_without_a_closing_day_is_open_until_one_is_known() -> None:
    """The day after it opened it is not over."""
    project = after(*SPRING, held(2026, "2026-04-15", announced="2026-04-09"))
    assert next_window(project, date(2026, 4, 16)).cycle == 2026


def test_an_announced_round_with_deadlines_of_cities_only_is_announced() -> None:
    """Eleven days after the notice, a month before the deadline in 广州."""
    cities = {"深圳市": "2026-05-06", "珠海市": "2026-05-13", "广州市": "2026-05-22"}
    project = after(*SPRING, held(2026, announced="2026-04-09", cities=cities, province="2026-05-28"))
    found = next_window(project, date(2026, 4, 20), city="广州市")
    assert (found.status, found.cycle, found.whose) == ("announced", 2026, "city")
    assert found.closes == span("2026-05-22", "2026-05-22")


def test_an_announced_round_with_the_provinces_deadline_only_is_announced() -> None:
    """And says whose deadline it is."""
    project = after(*SPRING, held(2026, announced="2026-04-09", province="2026-05-28"))
    found = next_window(project, date(2026, 4, 20), city="广州市")
    assert (found.status, found.cycle, found.whose) == ("announced", 2026, "province")


def test_several_batches_make_one_window() -> None:
    """From the first opening to the last closing."""
    batches = (held(2026, "2026-03-28", "2026-06-21"), held(2026, "2026-03-28", "2026-08-21"))
    found = next_window(after(*batches), date(2026, 7, 1))
    assert (found.opens, found.closes) == (span("2026-03-28", "2026-03-28"), span("2026-08-21", "2026-08-21"))
    assert found.notes == ("batches",)


# ---- official dates


def official(cycle: int, opens: str = "", closes: str = "", project: str = "demo") -> Announcement:
    """Return an official date."""
    return Announcement(project, cycle, day(opens), day(closes), PAGE)


def test_an_official_date_replaces_the_forecast() -> None:
    """Of its own project and cycle; the last one counts."""
    dates = [
        official(2027, "2027-03-01", "2027-03-31"),
        official(2027, "2027-05-06", "2027-06-10"),
        official(2027, "2027-01-01", "2027-01-02", "high-tech-enterprise"),
    ]
    found = next_window(after(*SPRING), date(2026, 11, 23), announcements=dates)
    assert (found.status, found.cycle, found.source) == ("announced", 2027, PAGE)
    assert (found.opens, found.closes) == (span("2027-05-06", "2027-05-06"), span("2027-06-10", "2027-06-10"))


def test_an_official_date_of_another_cycle_changes_nothing() -> None:
    """2028 is not 2027."""
    project = after(*SPRING)
    dates = [official(2028, "2028-05-06", "2028-06-10")]
    on = date(2026, 11, 23)
    assert next_window(project, on, announcements=dates) == next_window(project, on)


def test_an_official_opening_without_a_closing_stays_open() -> None:
    """The day after it opened it is not over."""
    dates = [official(2027, "2027-04-01")]
    for on in (date(2027, 4, 1), date(2027, 4, 2), date(2027, 5, 1)):
        assert next_window(after(*SPRING), on, announcements=dates).cycle == 2027


# ---- expected


def laid(past: date | None, year: int, cycle: int) -> date:
    """Return a past day on the year of *cycle*."""
    assert past is not None
    return add_years(past, cycle - year)


def around(days: list[str]) -> DateSpan:
    """Return the interval around past days, laid on one year already."""
    margin = timedelta(MARGIN_DAYS.get(len(days), LEAST_MARGIN))
    return DateSpan(date.fromisoformat(min(days)) - margin, date.fromisoformat(max(days)) + margin)


def test_a_forecast_is_an_interval_around_past_days() -> None:
    """From the first opening to the last, and a margin on either side; the same for closings."""
    found = next_window(after(*SPRING), date(2026, 1, 5))
    assert (found.status, found.cycle) == ("expected", 2026)
    assert found.opens == around(["2026-04-10", "2026-04-20"])
    assert found.closes == around(["2026-05-20", "2026-05-30"])


def test_more_years_make_a_narrower_forecast() -> None:
    """The same day every year: only the margin is left, and it shrinks."""
    widths = []
    for first in (2025, 2024, 2023, 2022):
        rounds = [held(year, f"{year}-04-10", f"{year}-05-20") for year in range(first, 2026)]
        opens = next_window(after(*rounds), date(2026, 1, 5)).opens
        assert opens == around(["2026-04-10"] * len(rounds))
        widths.append(opens.days)
    assert widths[0] > widths[1] > widths[2] == widths[3]


@pytest.mark.parametrize(
    ("days", "confidence"),
    [
        (("2023-04-10", "2024-04-20", "2025-05-01"), "high"),
        (("2023-02-10", "2024-04-20", "2025-05-01"), "medium"),
        (("2024-04-20", "2025-05-01"), "medium"),
        (("2024-01-20", "2025-09-01"), "low"),
        (("2025-05-01",), "low"),
    ],
)
def test_confidence_is_how_many_and_how_close(days: tuple[str, ...], confidence: str) -> None:
    """Three close years are much, one is little."""
    rounds = [held(int(text[:4]), text) for text in days]
    assert next_window(after(*rounds), date(2026, 1, 5)).confidence == confidence


def test_the_day_of_the_notice_stands_in_for_an_opening() -> None:
    """Where no opening is known."""
    found = next_window(after(held(2025, announced="2025-04-20")), date(2026, 1, 5))
    assert found.opens == around(["2026-04-20"])
    assert found.closes is None


def test_a_forecast_stands_while_its_opening_may_still_come() -> None:
    """Until the last day on which it is expected to open, nobody can say that the year is lost."""
    opens = around(["2026-04-10", "2026-04-20"])
    for days in range(opens.days):
        on = opens.earliest + timedelta(days)
        assert next_window(after(*SPRING), on).cycle == 2026, on


def test_a_forecast_is_given_up_when_its_last_day_has_passed() -> None:
    """Nothing came, and it is over."""
    last = around(["2026-05-20", "2026-05-30"]).latest
    assert next_window(after(*SPRING), last + timedelta(1)).cycle == 2027


def test_a_year_whose_notice_is_out_is_not_forecast_again() -> None:
    """The round of 2026 has come and gone, its dates are not known."""
    assert next_window(after(*SPRING, held(2026, announced="2026-02-01")), date(2026, 11, 23)).cycle == 2027


# ---- dormant, unknown, rolling


@pytest.mark.parametrize(("last", "status"), [(2023, "dormant"), (2024, "dormant"), (2025, "expected")])
def test_a_project_without_rounds_for_two_years_is_dormant(last: int, status: str) -> None:
    """In November 2026; it gives no date and names the last round."""
    found = next_window(after(held(last, f"{last}-04-10", f"{last}-05-20")), date(2026, 11, 23))
    assert found.status == status
    assert [past.year for past in found.basis] == [last]
    assert found.is_dated == (status == "expected")


@pytest.mark.parametrize("rounds", [(), (held(2025), held(2026)), (held(2026, batch="第八批"),)])
def test_rounds_without_dates_give_no_date(rounds: tuple[Round, ...]) -> None:
    """Honestly unknown, and of next year."""
    found = next_window(after(*rounds), date(2026, 11, 23))
    assert (found.status, found.cycle, found.opens, found.closes) == ("unknown", 2027, None, None)


def test_a_rolling_project_is_always_open() -> None:
    """Whatever day it is."""
    for on in (date(2026, 1, 1), date(2026, 11, 23), date(2026, 12, 31)):
        found = next_window(replace(PLAIN, rolling=True), on)
        assert (found.status, found.cycle) == ("rolling", on.year)


# ---- New Year, leap days


def test_a_round_that_runs_over_new_year_is_open_in_january() -> None:
    """The round of 2026 closes on 20 January 2027."""
    project = after(held(2025, "2025-12-20", "2026-01-20"), held(2026, "2026-12-18", "2027-01-20"))
    for on in (date(2026, 12, 20), date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 20)):
        found = next_window(project, on)
        assert (found.cycle, found.status) == (2026, "announced"), on


def test_a_forecast_runs_over_new_year() -> None:
    """Opening in one year, closing in the next."""
    found = next_window(after(held(2025, "2025-12-20", "2026-01-20")), date(2026, 11, 23))
    assert found.status == "expected"
    assert found.opens is not None
    assert found.closes is not None
    assert found.opens.earliest <= date(2026, 12, 20) <= found.opens.latest
    assert found.closes.earliest <= date(2027, 1, 20) <= found.closes.latest


@pytest.mark.parametrize(("cycle", "middle"), [(2025, "2025-02-28"), (2028, "2028-02-29")])
def test_a_leap_day_is_laid_on_common_years(cycle: int, middle: str) -> None:
    """29 February falls on the 28th, and comes back in leap years."""
    found = window_of(after(held(2024, "2024-02-29"), held(2027)), cycle, date(cycle - 1, 12, 1))
    assert found.opens == around([middle])


# ---- cities

CITIES = {"阳江市": "2025-05-24", "东莞市": "2025-06-10"}


@pytest.mark.parametrize(
    ("city", "deadline", "whose"),
    [
        ("阳江市", "2025-05-24", "city"),
        ("东莞市", "2025-06-10", "city"),
        ("佛山市", "2025-05-24", "city"),
        (None, "2025-05-24", "city"),
    ],
)
def test_a_city_has_its_own_deadline(city: str | None, deadline: str, whose: str) -> None:
    """Elsewhere the earliest is the safe one."""
    project = after(held(2025, "2025-05-01", cities=CITIES, province="2025-07-01"))
    found = window_of(project, 2025, date(2025, 5, 2), city=city)
    assert (found.closes, found.whose) == (span(deadline, deadline), whose)


@pytest.mark.parametrize("city", ["阳江市", "东莞市"])
def test_a_forecast_rests_on_the_deadline_of_the_city(city: str) -> None:
    """Not on that of another."""
    project = after(held(2025, "2025-05-01", cities=CITIES, province="2025-07-01"))
    found = window_of(project, 2026, date(2026, 1, 5), city=city)
    assert (found.closes, found.whose) == (around([CITIES[city].replace("2025", "2026")]), "city")


def test_the_companys_own_deadline_goes_before_later_ones() -> None:
    """What the city sends to the province later is not the company's affair."""
    project = after(held(2025, "2025-05-01", "2025-05-31", cities=CITIES, province="2025-07-01"))
    found = window_of(project, 2025, date(2025, 5, 2), city="东莞市")
    assert (found.closes, found.whose) == (span("2025-05-31", "2025-05-31"), "company")


def test_a_city_that_closes_earlier_binds_its_companies() -> None:
    """阳江 closes a week before the general deadline."""
    project = after(held(2025, "2025-05-01", "2025-05-31", cities=CITIES, province="2025-07-01"))
    found = window_of(project, 2025, date(2025, 5, 2), city="阳江市")
    assert (found.closes, found.whose) == (span("2025-05-24", "2025-05-24"), "city")


def test_a_city_with_its_own_channel_has_no_certain_date() -> None:
    """The province's dates are only a hint there."""
    project = replace(after(*SPRING, THIS_YEAR), regions=Regions("广东省", separate={"深圳市": "另行组织"}))
    found = next_window(project, date(2026, 4, 20), city="深圳市")
    assert (found.status, found.confidence, found.notes) == ("expected", "low", ("separate-channel",))
    assert next_window(project, date(2026, 4, 20), city="广州市").status == "announced"


# ---- whatever the rounds

_DAYS = st.integers(0, 364)


@st.composite
def rounds(draw: st.DrawFn) -> tuple[Round, ...]:
    """Return past rounds of 2020 to 2026, some without dates, some running into the next year."""
    made = []
    for year in draw(st.lists(st.integers(2020, 2026), max_size=6)):
        opens = date(year, 1, 1) + timedelta(draw(_DAYS))
        closes = opens + timedelta(draw(st.integers(0, 120)))
        known = draw(st.lists(st.booleans(), min_size=4, max_size=4))
        made.append(
            held(
                year,
                opens.isoformat() if known[0] else "",
                closes.isoformat() if known[1] else "",
                announced=(opens - timedelta(draw(st.integers(0, 30)))).isoformat() if known[2] else "",
                cities={"佛山市": closes.isoformat()} if known[3] else {},
            )
        )
    return tuple(sorted(made, key=lambda one: one.year))


def check(found: Window, on: date) -> None:
    """Assert what holds of the next window of any project."""
    if found.status in ("announced", "expected"):
        last = found.closes or found.opens
        assert last is not None
        assert last.latest >= on or (found.status == "announced" and not found.closes)
        assert found.basis or found.source
    elif found.status != "rolling":
        assert not found.is_dated
    if found.opens and found.closes:
        assert found.opens.earliest <= found.closes.latest
    assert found.applied.earliest <= found.applied.latest
    assert on.year - 1 <= found.cycle <= on.year + 3


@given(
    past=rounds(), on=st.dates(date(2024, 1, 1), date(2027, 12, 31)), city=st.sampled_from([None, "佛山市", "广州市"])
)
@fuzzed
def test_the_next_window_is_never_over(past: tuple[Round, ...], on: date, city: str | None) -> None:
    """Whatever rounds there were, whatever day it is."""
    check(next_window(after(*past), on, city=city), on)


@given(past=rounds())
@fuzzed
def test_a_forecast_contains_every_day_it_rests_on(past: tuple[Round, ...]) -> None:
    """Laid on the target year."""
    contains(after(*past), 2027, date(2026, 12, 1))


def contains(project: Project, cycle: int, on: date) -> None:
    """Assert that the forecast of *cycle* contains the days of the rounds it names."""
    found = window_of(project, cycle, on)
    if found.status != "expected":
        return
    for past in found.basis:
        if opened := past.opens or past.notice.announced:
            assert found.opens is not None
            assert found.opens.earliest <= laid(opened, past.year, cycle) <= found.opens.latest
        if past.closes and found.closes:
            closed = laid(past.closes, past.year, cycle)
            if found.opens:
                closed = max(closed, found.opens.earliest)  # nothing closes before it can open
            assert found.closes.earliest <= closed <= found.closes.latest


# ---- the real rules


def test_the_real_windows_are_never_over(rulebook: Rulebook) -> None:
    """On the first and the fifteenth of every month of three years, in every city."""
    days = [date(year, month, number) for year in (2025, 2026, 2027) for month in range(1, 13) for number in (1, 15)]
    for project in rulebook.projects.values():
        for on in days:
            for city in (None, "阳江市", "深圳市", "佛山市"):
                check(next_window(project, on, city=city), on)


def test_the_real_forecasts_contain_what_they_rest_on(rulebook: Rulebook) -> None:
    """For the years to come."""
    for project in rulebook.projects.values():
        for cycle in (2027, 2028):
            contains(project, cycle, date(2026, 11, 23))


def test_no_real_window_is_announced_today(rulebook: Rulebook, on: date) -> None:
    """In late November little of this year is left, and no date is given as certain."""
    found = [next_window(project, on) for project in rulebook.projects.values()]
    assert {window.status for window in found} <= {"expected", "dormant", "unknown", "rolling"}
    assert {window.cycle for window in found if window.status != "rolling"} == {2026, 2027}


def test_hidden_rounds_are_mostly_predicted(rulebook: Rulebook) -> None:
    """The forecast is measured by the rounds that happened: every trial says what came."""
    trials = backtest(rulebook.projects.values())
    assert trials
    assert all(trial.actual.year >= trial.year for trial in trials)
    made = [trial for trial in trials if trial.predicted]
    assert sum(trial.hit for trial in made) * 2 > len(made)


def test_the_wording_of_the_list_is_laid_on_the_hidden_year(rulebook: Rulebook) -> None:
    """“二季度” of the list of 2023 is April to June of the year that is predicted; “待通知” predicts nothing."""
    trials = backtest(rulebook.projects.values())
    quarter = [trial for trial in trials if trial.project == "little-giant"]
    assert quarter
    for trial in quarter:
        assert trial.worded == DateSpan(date(trial.year, 4, 1), date(trial.year, 6, 30))
        assert trial.worded_hit == (trial.actual.year == trial.year and 4 <= trial.actual.month <= 6)
    waiting = {id_ for id_, p in rulebook.projects.items() if p.listed and p.listed.planned == "待上级部门通知"}
    assert waiting
    assert all(trial.worded is None for trial in trials if trial.project in waiting)
