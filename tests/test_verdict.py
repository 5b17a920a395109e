"""What makes a company eligible, told on the small sample project of `bad_rules/_base.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from assistant.company.profile import read_profile
from assistant.dates import DateSpan
from assistant.matching.cases import overlay
from assistant.matching.findings import Finding
from assistant.matching.match import Application, Match, Matcher
from assistant.rulebook.book import Rulebook
from assistant.rulebook.reading import read_rules
from assistant.sources import Source

ROOT = Path(__file__).parents[1]
DAY = date(2026, 5, 10)
AWARD = {"level": "national", "rank": 1, "date": date(2025, 6, 1)}
HIGH_TECH = {"id": "high-tech-enterprise", "granted": date(2024, 6, 1), "expires": date(2027, 5, 31)}
SOUND: dict[str, Any] = {
    "enterprise": {"name": "某公司"},
    "facts": {
        "applicant_kind": "enterprise",
        "city": "佛山市",
        "segment_years": 4,
        "iso9001": True,
        "iso14001": True,
        "iso45001": False,
        "class1_ip": 5,
        "science_awards": [],
        "abnormal_list": False,
    },
    "years": {2025: {"revenue": 1000, "rd_expense": 30, "main_revenue": 800}},
    "recognitions": [],
    "judgements": [{"project": "sample", "criterion": "standing", "verdict": "met"}],
}


Variant = Callable[..., Rulebook]


@pytest.fixture(scope="module")
def variant(tmp_path_factory: pytest.TempPathFactory) -> Variant:
    """Return how to get a rulebook with the sample project, some of its text written otherwise."""

    @cache
    def read(*changes: tuple[str, str]) -> Rulebook:
        folder = tmp_path_factory.mktemp("sample") / "rules"
        folder.mkdir()
        for name in ("facts.yaml", "lists"):
            (folder / name).symlink_to(ROOT / "rules" / name)
        text = (ROOT / "tests" / "bad_rules" / "_base.yaml").read_text("utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        (folder / "sample.yaml").write_text(text, "utf-8")
        found, problems = read_rules(folder)
        assert problems == []
        return found

    return read


@pytest.fixture(scope="module")
def book(variant: Variant) -> Rulebook:
    """Return the rulebook with the sample project as it is."""
    return variant()


def matched(
    book: Rulebook,
    changes: Mapping[str, Any] | None = None,
    *,
    on: date = DAY,
    applied: DateSpan | None = None,
    cycle: int = 2026,
    kind: str = "new",
) -> Match:
    """Return the sound company's match, with some answers changed (None = not given)."""
    profile = read_profile(Source("company", overlay(SOUND, changes or {})), book.dictionary, book.lists, on)
    application = Application(cycle, applied or DateSpan.of(on), kind)
    return Matcher(book).match(profile, book.projects["sample"], application, on)


def finding(match: Match, id_: str) -> Finding:
    """Return the finding on one criterion."""
    return next(one for one in match.findings if one.criterion.id == id_)


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "eligible"),
        ({"revenue[2025]": Decimal("999.999999"), "main_revenue[2025]": 800}, "ineligible"),
        ({"rd_expense[2025]": None}, "undetermined"),
        ({"rd_expense[2025]": None, "abnormal_list": True}, "ineligible"),  # one unmet decides, whatever is unknown
        ({"judgements": []}, "undetermined"),
        ({"judgements": [{"project": "sample", "criterion": "standing", "verdict": "unmet"}]}, "ineligible"),
        ({"judgements": [{"project": "other", "criterion": "standing", "verdict": "met"}]}, "undetermined"),
        ({"segment_years": Decimal("2.99")}, "ineligible"),
        ({"segment_years": Decimal("2.99"), "recognitions": [HIGH_TECH]}, "eligible"),
        ({"segment_years": Decimal("2.99"), "recognitions": None}, "undetermined"),
        ({"applicant_kind": None}, "undetermined"),
        ({"city": None}, "undetermined"),
        ({"city": None, "abnormal_list": True}, "ineligible"),
        ({"applicant_kind": "park"}, "not-offered"),
        ({"applicant_kind": ["park", "enterprise"]}, "eligible"),
        ({"city": "深圳市"}, "not-offered"),
        ({"city": "省外"}, "not-offered"),
        ({"city": "省外", "abnormal_list": True}, "not-offered"),
    ],
)
def test_one_answer_changes_the_verdict(book: Rulebook, changes: dict[str, Any], verdict: str) -> None:
    """Every condition, exclusion and judgement must be met; what is missing leaves the verdict open."""
    assert matched(book, changes).verdict == verdict


@pytest.mark.parametrize(
    ("quality", "environment", "safety", "state"),
    [
        (True, True, False, "met"),
        (True, False, True, "met"),
        (True, True, None, "met"),
        (True, None, None, "unknown"),
        (True, False, None, "unknown"),
        (False, False, None, "unmet"),
        (None, None, None, "unknown"),
        (True, False, False, "unmet"),
    ],
)
def test_two_of_three(
    book: Rulebook, quality: bool | None, environment: bool | None, safety: bool | None, state: str
) -> None:
    """Two certificates of three are enough; one and two blanks may be."""
    match = matched(book, {"iso9001": quality, "iso14001": environment, "iso45001": safety})
    assert match.tree is not None
    assert [member.state for member in match.tree.members if not isinstance(member, Finding)][1] == state


@pytest.mark.parametrize(
    ("main", "patents", "interval", "state"),
    [
        (800, 5, (82, 92), "met"),  # 60 + 20 + 2 + 0..10
        (Decimal("799.999999"), 5, (52, 62), "unknown"),  # 30 + 20 + 2 + 0..10
        (Decimal("799.999999"), 4, (37, 52), "unmet"),  # 30 + 5..10 + 2 + 0..10
        (Decimal("599.999999"), 5, (22, 32), "unmet"),
        (None, 5, (22, 92), "unknown"),
        (800, None, (62, 92), "met"),
        (800, 0, (62, 72), "met"),
    ],
)
def test_a_score_is_an_interval(
    book: Rulebook, main: Decimal | int | None, patents: int | None, interval: tuple[int, int], state: str
) -> None:
    """Blanks, ranges of points and open items widen it; it decides where both ends agree."""
    found = finding(matched(book, {"main_revenue[2025]": main, "class1_ip": patents}), "score")
    assert found.score is not None
    assert (found.score.low, found.score.high, found.state) == (*interval, state)


def test_an_open_score_names_what_is_missing(book: Rulebook) -> None:
    """Tiers, cases and formulas ask for what they rest on, in the table's order."""
    blank = {"main_revenue[2025]": None, "class1_ip": None, "segment_years": None}
    assert finding(matched(book, blank), "score").missing == ("main_revenue[2025]", "class1_ip", "segment_years")


def test_a_part_has_its_own_minimum(variant: Variant) -> None:
    """The pass mark alone is not enough where a part falls short of its minimum."""
    book = variant(("pass: 60", "pass: 20"))
    shares = (Decimal("599.999999"), 600, None)  # 0 of at least 20 and 22 to 32 in all; 30; either
    found = [finding(matched(book, {"main_revenue[2025]": main}), "score").state for main in shares]
    assert found == ["unmet", "met", "unknown"]


def test_a_pass_mark_may_have_to_be_exceeded(variant: Variant) -> None:
    """82 to 92 points reach 82; they surely exceed 81."""
    marks = ("pass: 82", "pass_over: 82", "pass_over: 81", "pass_over: 92", "pass: 92")
    found = [finding(matched(variant(("pass: 60", mark))), "score").state for mark in marks]
    assert found == ["met", "unknown", "met", "unmet", "unknown"]


def test_a_recorded_result_settles_an_open_score(book: Rulebook) -> None:
    """Somebody's recorded result counts where the interval leaves it open, not against a computed one."""
    judged = [*SOUND["judgements"], {"project": "sample", "criterion": "score", "verdict": "met"}]
    assert matched(book, {"main_revenue[2025]": Decimal("799.999999"), "judgements": judged}).verdict == "eligible"
    assert matched(book, {"main_revenue[2025]": Decimal("599.999999"), "judgements": judged}).verdict == "ineligible"


def test_a_fast_track_stands_in_for_what_it_names(book: Rulebook) -> None:
    """An award replaces the score and nothing else."""
    low = {"main_revenue[2025]": 0, "science_awards": [AWARD]}
    assert matched(book, low).verdict == "eligible"
    assert finding(matched(book, low), "score").state == "unmet"
    assert matched(book, {**low, "science_awards": None}).verdict == "undetermined"
    assert matched(book, {**low, "rd_expense[2025]": 0}).verdict == "ineligible"


def test_what_does_not_apply_weighs_nothing(book: Rulebook) -> None:
    """A duty of renewals does not bother a first application."""
    assert finding(matched(book), "updated").state == "not-applicable"
    assert matched(book, kind="review").verdict == "undetermined"
    assert matched(book, {"platform_updates_done": False}, kind="review").verdict == "ineligible"
    assert matched(book, {"platform_updates_done": True}, kind="review").verdict == "eligible"


@pytest.mark.parametrize(
    ("applies", "done", "state"),
    [
        (True, True, "met"),
        (True, False, "unmet"),
        (True, None, "unknown"),
        (False, False, "not-applicable"),
        (None, True, "met"),  # met whether it applies or not
        (None, False, "unknown"),
        (None, None, "unknown"),
    ],
)
def test_it_may_be_unknown_whether_a_criterion_applies(
    variant: Variant,
    applies: bool | None,
    done: bool | None,
    state: str,
) -> None:
    """If it applies, it must hold."""
    guarded = variant(("when: kind == review", "when: legal_person"))
    match = matched(guarded, {"legal_person": applies, "platform_updates_done": done})
    assert finding(match, "updated").state == state


def test_a_way_that_does_not_apply_is_no_way(variant: Variant) -> None:
    """A fast track for renewals only does not relieve a first application."""
    book = variant(("        replaces: [score]\n", "        replaces: [score]\n        when: kind == review\n"))
    low = {"main_revenue[2025]": 0, "science_awards": [AWARD], "platform_updates_done": True}
    assert [matched(book, low, kind=kind).verdict for kind in ("review", "new")] == ["eligible", "ineligible"]


# ---- years


NEXT: dict[str, Any] = {
    "on": date(2026, 11, 23),
    "cycle": 2027,
    "applied": DateSpan(date(2027, 3, 1), date(2027, 4, 30)),
}


def test_the_last_closed_year_stands_in(book: Rulebook) -> None:
    """In November 2026 the cycle of 2027 rests on 2025, and says so."""
    match = matched(book, **NEXT)
    assert match.verdict == "eligible"
    assert [finding(match, id_).basis for id_ in ("revenue", "rd", "score", "years-3")] == [("stand-in:2025",)] * 3 + [
        ()
    ]
    assert finding(match, "revenue").base_year == 2025


def test_the_companys_own_estimate_comes_first(book: Rulebook) -> None:
    """An estimate of the year not closed yet is used as such; where it is enough, no year stands in."""
    match = matched(book, {"estimates": {2026: {"revenue": 999}}}, **NEXT)
    assert finding(match, "revenue").state == "unmet"
    assert finding(match, "revenue").basis == ("estimate:2026",)


def test_years_are_never_mixed_inside_a_criterion(book: Rulebook) -> None:
    """An estimated revenue is not set against last year's research: 30 of 1000 is 3 %, of 2000 it is not."""
    match = matched(book, {"estimates": {2026: {"revenue": 2000}}}, **NEXT)
    assert (finding(match, "rd").state, finding(match, "rd").basis) == ("met", ("stand-in:2025",))


def test_an_estimate_that_leaves_it_open_is_not_replaced(book: Rulebook) -> None:
    """Told "900..1100", nobody falls back on the year before; the range stands."""
    match = matched(book, {"estimates": {2026: {"revenue": "900..1100"}}}, **NEXT)
    assert finding(match, "revenue").state == "unknown"
    assert finding(match, "revenue").basis == ("estimate:2026", "range")
    assert finding(match, "revenue").missing == ("revenue[2026]",)


def test_what_is_decided_needs_no_stand_in(variant: Variant) -> None:
    """Points that patents give already do not rest on last year's exports."""
    book = variant(("class1_ip >= 5 项", '"class1_ip >= 5 项 or exports[FY-1] >= 1 万元"'))
    score = finding(matched(book, {"exports[2025]": 2}, **NEXT), "score").score
    assert score is not None
    assert [item.basis for item in score.items if item.item.id == "ip"] == [()]
    score = finding(matched(book, {"exports[2025]": 2, "class1_ip": 4}, **NEXT), "score").score
    assert score is not None
    assert [(item.low, item.basis) for item in score.items if item.item.id == "ip"] == [(20, ("stand-in:2025",))]


def test_a_closed_year_is_not_stood_in_for(book: Rulebook) -> None:
    """In the cycle's own year its figures are closed: what is missing is asked for."""
    match = matched(book, {"years": {2024: SOUND["years"][2025]}})
    assert match.verdict == "undetermined"
    assert finding(match, "revenue").missing == ("revenue[2025]",)


def test_before_the_founding_there_was_nothing(book: Rulebook) -> None:
    """The year before a company was founded has no revenue; a year it did not tell of is unknown."""
    young = {"years": {}, "established": date(2026, 1, 5)}
    assert finding(matched(book, young), "revenue").state == "unmet"
    assert finding(matched(book, {**young, "established": date(2025, 12, 31)}), "revenue").state == "unknown"


@pytest.mark.parametrize(("since", "state"), [(date(2022, 12, 31), "met"), (date(2023, 1, 1), "unmet")])
def test_years_in_a_market_count_to_the_end_of_last_year(book: Rulebook, since: date, state: str) -> None:
    """Three full years by 31 December 2025, reckoned from the day a company began."""
    match = matched(book, {"segment_years": None, "segment_since": since})
    assert finding(match, "years-3").state == state


# ---- versions


def test_the_version_goes_by_the_day_of_application(book: Rulebook) -> None:
    """The old terms hold through their last day; their text is missing, so nobody is surely eligible by them."""
    last, first = (
        matched(book, {"years": {}}, on=date(2023, 12, 31), cycle=2023),
        matched(book, {"years": {}}, on=date(2024, 1, 1), cycle=2024),
    )
    assert (last.version and last.version.id, first.version and first.version.id) == ("first", "second")
    judged = [{"project": "sample", "criterion": "old-terms", "verdict": "met"}]
    old: dict[str, Any] = {"on": date(2023, 12, 31), "cycle": 2023}
    facts: dict[str, Any] = {"years": {}, "science_awards": []}
    assert matched(book, {**facts, "judgements": judged}, **old).verdict == "undetermined"
    judged[0]["verdict"] = "unmet"
    assert matched(book, {**facts, "judgements": judged}, **old).verdict == "ineligible"


def test_a_version_for_a_city_comes_first(variant: Variant) -> None:
    """Where a text names cities, their companies fall under it; all others fall under the general one."""
    spans = "{kind: new, from: 2020-01-01, to: 2023-12-31}, {kind: new, from: 2024-01-01, cities: [佛山市]}"
    book = variant(("    text: missing\n", f"    applies: [{spans}]\n    text: missing\n"))
    found = [matched(book, {"city": city}).version for city in ("佛山市", "广州市", None)]
    assert [version.id if version else None for version in found] == ["first", "second", "second"]


def test_before_all_versions_there_is_none(book: Rulebook) -> None:
    """A day that no version covers leaves the verdict open, with the reason."""
    match = matched(book, {"years": {}, "science_awards": []}, on=date(2019, 12, 31), cycle=2019)
    assert (match.verdict, match.version, match.reason) == ("undetermined", None, "no-version")


@pytest.mark.parametrize(
    ("granted", "day", "state"),
    [
        (date(2023, 5, 11), DAY, "met"),  # three years end on 10 May 2026, its last valid day
        (date(2023, 5, 10), DAY, "unmet"),
        (date(2024, 2, 29), date(2027, 2, 27), "met"),
        (date(2024, 2, 29), date(2027, 2, 28), "unmet"),  # 2027 has no 29 February
        (None, DAY, "unknown"),
    ],
)
def test_a_certificate_lasts_its_own_term(variant: Variant, granted: date | None, day: date, state: str) -> None:
    """Where no expiry is given, the recognition's term counts from the day it was granted."""
    own = variant(("holds(high-tech-enterprise)", "holds(sample)"))
    changes = {"segment_years": 0, "recognitions": [{"id": "sample", "granted": granted}]}
    assert finding(matched(own, changes, on=day, cycle=day.year), "high-tech").state == state


def test_the_certificate_held_is_told(book: Rulebook) -> None:
    """A company that holds the recognition already is told until when: the one that lasts longest."""
    held = [{"id": "sample", "granted": date(2022, 1, 1)}, {"id": "sample", "granted": date(2025, 1, 1)}]
    match = matched(book, {"recognitions": held})
    assert match.held is not None
    assert match.held.expires == date(2027, 12, 31)
    assert matched(book, {"recognitions": held[:1]}).held is None
