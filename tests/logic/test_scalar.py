"""Formulas asked about one company: exact at every threshold, honest about ranges and blanks."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.logic.scalar import Holding, Situation
from assistant.logic.truth import Truth
from assistant.logic.values import Range
from tests.logic.words import DAY, number, outcomes, situation, truth, wan

T, F, U = True, False, None
LEAST, MOST = 1, 10**17  # 分: from one 分 to a million 亿元

exactly = settings(derandomize=True, deadline=None, max_examples=200)


# ---- thresholds


@pytest.mark.parametrize(
    ("op", "below", "at", "above"),
    [(">=", F, T, T), (">", F, F, T), ("<=", T, T, F), ("<", T, F, F), ("==", F, T, F), ("!=", T, F, T)],
)
def test_a_threshold_is_exact_to_the_fen(op: str, below: Truth, at: Truth, above: Truth) -> None:
    """Ten million yuan, one 分 less and one 分 more."""
    formula = f"revenue[FY-1] {op} 1000 万元"
    found = [truth(formula, {"revenue[-1]": wan(1000) + step}) for step in (-1, 0, 1)]
    assert found == [below, at, above]


@pytest.mark.parametrize(
    ("revenue", "rd"),
    [
        ("0.000020", "0.000001"),
        ("333.333340", "16.666667"),
        ("1234567.891220", "61728.394561"),
        ("99999999.999980", "4999999.999999"),
    ],
)
def test_five_percent_is_five_percent(revenue: str, rd: str) -> None:
    """Odd amounts whose twentieth is a whole number of 分: exactly there is met, one 分 less is not."""
    assert wan(revenue) == 20 * wan(rd)
    for step, expected in ((-1, F), (0, T), (1, T)):
        figures = {"revenue[-1]": wan(revenue), "rd_expense[-1]": wan(rd) + step}
        assert truth("rd_expense[FY-1] / revenue[FY-1] >= 5 %", figures) is expected


@exactly
@given(st.integers(LEAST, MOST), st.sampled_from([1, 3, 5, 10, 70, 80]), st.integers(-1, 1))
def test_a_ratio_never_rounds(revenue: int, percent: int, step: int) -> None:
    """Next to the threshold of any revenue the answer is that of whole numbers."""
    rd = revenue * percent // 100 + step
    figures = {"revenue[-1]": revenue, "rd_expense[-1]": rd}
    for op, expected in ((">=", rd * 100 >= revenue * percent), ("<", rd * 100 < revenue * percent)):
        assert truth(f"rd_expense[FY-1] / revenue[FY-1] {op} {percent} %", figures) is expected


@exactly
@given(st.integers(LEAST, MOST), st.integers(-1, 1))
def test_a_year_of_growth_never_rounds(before: int, step: int) -> None:
    """5 % more than the year before, to the 分."""
    now = before * 105 // 100 + step
    figures = {"revenue[-1]": now, "revenue[-2]": before}
    assert truth("growth(revenue, FY-1) >= 5 %", figures) is (now * 100 >= before * 105)


@pytest.mark.parametrize(("years", "last"), [(1, 10_500), (2, 11_025), (3, 11_576.25), (4, 12_155.0625)])
def test_compound_growth_is_exactly_five_percent(years: int, last: float) -> None:
    """10000 万元 times 1.05 each year: no root is taken, so the edge is where it belongs."""
    edge = wan(str(last))
    assert edge == wan(10_000) * Fraction(105, 100) ** years
    for step, expected in ((-1, F), (0, T), (1, T)):
        figures = {"revenue[-1]": edge + step, f"revenue[{-1 - years}]": wan(10_000)}
        assert truth(f"cagr(revenue, FY-{years + 1}..FY-1) >= 5 %", figures) is expected


@exactly
@given(st.integers(LEAST, MOST), st.integers(1, 4), st.sampled_from([-10, 0, 5, 20]), st.integers(-1, 1))
def test_compound_growth_never_rounds(first: int, years: int, percent: int, step: int) -> None:
    """Growth and shrinkage alike are compared by powers."""
    last = max(0, first * (100 + percent) ** years // 100**years + step)
    figures = {"revenue[-1]": last, f"revenue[{-1 - years}]": first}
    expected = last * 100**years >= first * (100 + percent) ** years
    rate = f"{percent} %" if percent >= 0 else f"-{-percent} %"
    assert truth(f"cagr(revenue, FY-{years + 1}..FY-1) >= {rate}", figures) is expected


def test_mean_growth_averages_the_rates() -> None:
    """From 100 to 110 to 110: 10 % and 0 % are 5 % on average, though less compounded."""
    figures = {"revenue[-1]": wan(110), "revenue[-2]": wan(110), "revenue[-3]": wan(100)}
    assert truth("mean_growth(revenue, FY-2..FY-1) >= 5 %", figures) is T
    assert truth("mean_growth(revenue, FY-2..FY-1) > 5 %", figures) is F
    assert truth("cagr(revenue, FY-3..FY-1) >= 5 %", figures) is F


def test_a_percentage_is_exact() -> None:
    """A market share of 10 %, a ten-thousandth below and above."""
    shares = [Fraction(1, 10) + Fraction(step, 1_000_000) for step in (-1, 0, 1)]
    assert [truth("market_share >= 10 %", {"market_share": share}) for share in shares] == [F, T, T]


def test_a_share_of_revenue_is_exact() -> None:
    """A product of a percentage and an amount is no float either."""
    figures = {"revenue[-1]": 33_333, "rd_expense[-1]": 1000}
    assert truth("3 % * revenue[FY-1] <= rd_expense[FY-1]", figures) is T  # 999.99
    assert truth("3 % * revenue[FY-1] <= rd_expense[FY-1]", {**figures, "rd_expense[-1]": 999}) is F


@pytest.mark.parametrize(
    ("revenue", "expected"),
    [(wan(5000) - 1, F), (wan(5000), T), (wan(10_000) - 1, T), (wan(10_000), F)],
)
def test_a_band_includes_its_lower_end(revenue: int, expected: Truth) -> None:
    """5000 万元 <= x < 10000 万元."""
    assert truth("5000 万元 <= revenue[FY-1] < 10000 万元", {"revenue[-1]": revenue}) is expected


def test_sums_and_means_are_exact() -> None:
    """Two years together, their mean, the weaker and the stronger year."""
    figures = {"rd_expense[-2]": wan(99), "rd_expense[-1]": wan(101) - 1}
    assert number("sum(rd_expense[FY-2..FY-1])", figures) == wan(200) - 1
    assert number("mean(rd_expense[FY-2..FY-1])", figures) == Fraction(wan(200) - 1, 2)
    assert number("min(rd_expense[FY-2..FY-1])", figures) == wan(99)
    assert number("max(rd_expense[FY-2..FY-1])", figures) == wan(101) - 1
    assert number("rd_expense[FY-2] - rd_expense[FY-1]", figures) == 1 - wan(2)
    assert truth("mean(rd_expense[FY-2..FY-1]) >= 100 万元", figures) is F
    assert truth("rd_expense[FY-2..FY-1] each >= 99 万元", figures) is T
    assert truth("rd_expense[FY-2..FY-1] each >= 100 万元", figures) is F


def test_whole_parts_step_at_the_whole_number() -> None:
    """One point for every two full years, five at most."""
    formula = "min(floor(segment_years / 2 年), 5)"
    years = [Fraction(199, 100), 2, Fraction(399, 100), 4, 10, 30]
    assert [number(formula, {"segment_years": given}) for given in years] == [0, 1, 1, 2, 5, 5]


def test_conditions_can_be_counted() -> None:
    """Three points for each of the things that are so."""
    flags = {"legal_person": True, "abnormal_list": False, "class1_ip": 1}
    assert number("3 * count_true(legal_person, abnormal_list, class1_ip >= 1 项)", flags) == 6
    assert number("count_true(legal_person, abnormal_list)", {"legal_person": True}) == Range(1, 2)


# ---- unknown, ranges, zero


@pytest.mark.parametrize(
    "formula",
    [
        "revenue[FY-1] >= 5 万元",
        "not revenue[FY-1] >= 5 万元",
        "rd_expense[FY-1] / revenue[FY-1] >= 3 %",
        "sum(revenue[FY-2..FY-1]) >= 5 万元",
        "growth(revenue, FY-1) >= 5 %",
        "cagr(revenue, FY-3..FY-1) >= 5 %",
        "min(revenue[FY-2..FY-1]) < 5 万元",
        "legal_person",
        "not legal_person",
        "size_class in {large}",
        "size_class not in {large}",
        "rd_institution_level >= provincial",
        "industry in {C}",
        "city == 深圳市",
        "years_since(established) >= 3 年",
        "exists(science_awards within 3 年)",
        "total(equity_investments.amount) >= 5 万元",
        "holds(tech-sme)",
        "not holds(tech-sme)",
        "platform_score(development, cycle) >= 50 分",
    ],
)
def test_a_blank_is_unknown(formula: str) -> None:
    """Nothing told, nothing guessed; what is missing is named."""
    found, parts = outcomes(formula, situation({"revenue[-2]": wan(9)}))
    assert found is U
    assert all(outcome.truth is U and outcome.missing for outcome in parts)


def test_a_blank_does_not_hide_what_decides() -> None:
    """One failed year fails `each`, whatever the other year was."""
    assert truth("rd_expense[FY-2..FY-1] each >= 5 万元", {"rd_expense[-2]": 0}) is F
    assert truth("rd_expense[FY-2..FY-1] each >= 5 万元", {"rd_expense[-2]": wan(5)}) is U
    assert truth("legal_person or class1_ip >= 1 项", {"class1_ip": 1}) is T


@pytest.mark.parametrize(
    ("low", "high", "expected"), [(3, 5, T), (2, 3, U), (2, 4, U), (1, 2, F), (Fraction(299, 100), 3, U)]
)
def test_a_range_decides_where_all_of_it_agrees(low: Fraction, high: Fraction, expected: Truth) -> None:
    """Three years or more, from an answer such as "2..4"."""
    given = {"segment_years": Range(low, high)}
    assert truth("segment_years >= 3 年", given) is expected
    assert truth("segment_years < 3 年", given) is (U if expected is U else not expected)


def test_a_range_has_both_ends() -> None:
    """Strict and equal comparisons at the ends of a range."""
    given = {"class1_ip": Range(1, 3)}
    assert [truth(f"class1_ip {op} 3 项", given) for op in ("<=", "<", ">", "==", "!=")] == [T, U, F, U, U]
    assert [truth(f"class1_ip {op} 1 项", given) for op in (">=", ">", "<")] == [T, U, F]
    assert [truth(f"class1_ip {op} 4 项", given) for op in ("==", "!=")] == [F, T]


def test_ranges_pass_through_arithmetic() -> None:
    """Each result keeps every value that is possible, and no end beyond."""
    figures = {"revenue[-1]": Range(100, 200), "rd_expense[-1]": Range(10, 20), "segment_years": Range(3, 5)}
    assert number("revenue[FY-1] - rd_expense[FY-1]", figures) == Range(80, 190)
    assert number("rd_expense[FY-1] / revenue[FY-1]", figures) == Range(Fraction(1, 20), Fraction(1, 5))
    assert number("2 * rd_expense[FY-1]", figures) == Range(20, 40)
    assert number("floor(segment_years / 2 年)", figures) == Range(1, 2)
    assert number("max(revenue[FY-1], rd_expense[FY-1])", figures) == Range(100, 200)
    assert truth("rd_expense[FY-1] / revenue[FY-1] >= 5 %", figures) is T
    assert truth("rd_expense[FY-1] / revenue[FY-1] > 5 %", figures) is U
    assert truth("rd_expense[FY-1] / revenue[FY-1] > 20 %", figures) is F


def test_a_loss_has_a_negative_margin() -> None:
    """A negative dividend keeps its sign, as a number and as a range."""
    figures: dict[str, Any] = {"net_profit[-1]": -1, "revenue[-1]": 100}
    assert truth("net_profit[FY-1] / revenue[FY-1] >= 0 %", figures) is F
    figures["net_profit[-1]"] = Range(-1, 1)
    assert number("net_profit[FY-1] / revenue[FY-1]", {**figures, "revenue[-1]": Range(10, 100)}) == Range(
        Fraction(-1, 10), Fraction(1, 10)
    )


@pytest.mark.parametrize("divisor", [0, Range(0, 5)])
@pytest.mark.parametrize(
    "formula",
    [
        "rd_expense[FY-1] / revenue[FY-1] >= 3 %",
        "rd_expense[FY-1] / revenue[FY-1] < 3 %",
        "growth(rd_expense, FY-1) < 3 %",
        "cagr(rd_expense, FY-2..FY-1) >= 0 %",
        "mean_growth(rd_expense, FY-1) >= 0 %",
    ],
)
def test_a_zero_divisor_gives_unknown(formula: str, divisor: int | Range) -> None:
    """Nothing can be said of a share of nothing, or of growth from nothing."""
    assert truth(formula, {"rd_expense[-1]": 5, "revenue[-1]": divisor, "rd_expense[-2]": divisor}) is U


def test_a_stated_loss_is_no_base_of_growth() -> None:
    """Growth from a loss has no rate."""
    assert truth("growth(net_profit, FY-1) >= 5 %", {"net_profit[-1]": 5, "net_profit[-2]": -5}) is U
    assert truth("cagr(net_profit, FY-3..FY-1) >= 5 %", {"net_profit[-1]": 5, "net_profit[-3]": -5}) is U
    assert truth("cagr(net_profit, FY-3..FY-1) >= 5 %", {"net_profit[-1]": -5, "net_profit[-3]": 5}) is F


# ---- choices


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        ({"small"}, T),
        ({"small", "medium"}, T),
        ({"large"}, F),
        ({"medium", "large"}, U),
        ({"micro", "small", "medium", "large"}, U),
    ],
)
def test_several_possible_sizes(classes: set[str], expected: Truth) -> None:
    """A size class that is only narrowed down decides where all that is left agrees."""
    given = {"size_class": frozenset(classes)}
    assert truth("size_class in {micro, small, medium}", given) is expected
    assert truth("size_class <= medium", given) is expected
    assert truth("size_class == large", given) is (U if expected is U else not expected)


@pytest.mark.parametrize(("level", "expected"), [("none", F), ("city", F), ("provincial", T), ("national", T)])
def test_ordered_choices_compare(level: str, expected: Truth) -> None:
    """Provincial or above, and its opposite."""
    given = {"rd_institution_level": level}
    assert truth("rd_institution_level >= provincial", given) is expected
    assert truth("rd_institution_level < provincial", given) is (not expected)


def test_an_industry_belongs_to_its_ancestors() -> None:
    """A four-digit class is in its group, division and section, and in no other."""
    given = {"industry": ("C", "34", "344", "3443")}
    for code, expected in (("C", T), ("34", T), ("344", T), ("3443", T), ("35", F), ("3441", F), ("A", F)):
        assert truth(f"industry in {{{code}}}", given) is expected
    assert truth("industry in {A, 35, 3443}", given) is T
    assert truth("industry not in {A, 35}", given) is T


def test_an_industry_code_may_carry_its_letter() -> None:
    """C3443 in a formula is the code that a profile writes the same way."""
    assert truth("industry in {C3443}", {"industry": ("C", "34", "344", "3443")}) is T


def test_one_of_several_kinds_suffices() -> None:
    """A company that is also a park may apply as either."""
    assert truth("applicant_kind in {park}", {"applicant_kind": ("enterprise", "park")}) is T
    assert truth("applicant_kind in {park}", {"applicant_kind": ("enterprise",)}) is F


def test_the_application_itself() -> None:
    """Its kind and its cycle are known."""
    review = situation(kind="review", cycle=2025)
    assert truth("kind == review and kind != new and cycle == 2025 and cycle < 2026", review) is T
    assert truth("kind == new or cycle != 2025", review) is F


def test_a_platform_score_belongs_to_its_cycle() -> None:
    """Last cycle's score says nothing of this one's."""
    given = situation(scores={("development", 2025): 50})
    assert truth("platform_score(development, cycle) >= 50 分", given) is U
    assert truth("platform_score(development, cycle-1) >= 50 分", given) is T
    assert truth("platform_score(development, cycle-1) > 50 分", given) is F
    assert truth("platform_score(other, cycle-1) >= 50 分", given) is U
    _, parts = outcomes("platform_score(development, cycle) >= 50 分", given)
    assert parts[0].missing == ("platform_scores.development",)


# ---- dates


@pytest.mark.parametrize(
    ("start", "day", "expected"),
    [
        (date(2023, 5, 10), date(2026, 5, 9), F),
        (date(2023, 5, 10), date(2026, 5, 10), T),  # the anniversary counts
        (date(2020, 2, 29), date(2023, 2, 27), F),
        (date(2020, 2, 29), date(2023, 2, 28), T),  # no 29 February in 2023: the month's last day
        (date(2021, 2, 28), date(2024, 2, 28), T),
        (date(2021, 3, 1), date(2024, 2, 29), F),
        (date(2026, 5, 11), date(2026, 5, 10), F),  # not yet founded
    ],
)
def test_years_are_full_on_the_anniversary(start: date, day: date, expected: Truth) -> None:
    """Three years since a day."""
    assert truth("years_since(established) >= 3 年", situation({"established": start}, day=day)) is expected


def test_days_are_counted() -> None:
    """365 days are not always a year."""
    leap = {"established": date(2024, 1, 1)}
    assert truth("days_since(established) >= 365 天", situation(leap, day=date(2024, 12, 30))) is F
    assert truth("days_since(established) >= 365 天", situation(leap, day=date(2024, 12, 31))) is T
    assert truth("years_since(established) >= 1 年", situation(leap, day=date(2024, 12, 31))) is F


@pytest.mark.parametrize(
    ("start", "expected"), [(date(2023, 5, 1), T), (date(2023, 5, 2), U), (date(2023, 5, 31), U), (date(2023, 6, 1), F)]
)
def test_a_span_of_application_days(start: date, expected: Truth) -> None:
    """Applying some day in May 2026: three years old on every, some or no day of it."""
    span = situation({"established": start}, day=date(2026, 5, 1), until=date(2026, 5, 31))
    assert truth("years_since(established) >= 3 年", span) is expected


# ---- lists of events


def award(day: date | None, level: str | None = "national", rank: int | None = 1) -> dict[str, Any]:
    """Return an award; None is a field that was asked and not known."""
    return {"level": level, "rank": rank, "date": day}


FRESH, STALE = date(2025, 6, 1), date(2023, 5, 9)
EDGE = date(2023, 5, 10)  # three years before the application, to the day


@pytest.mark.parametrize(
    ("awards", "expected"),
    [
        ([], F),
        ([award(FRESH)], T),
        ([award(EDGE)], T),
        ([award(STALE)], F),
        ([award(date(2026, 5, 11))], F),  # after the application
        ([award(FRESH, "provincial")], F),
        ([award(FRESH, rank=3)], T),
        ([award(FRESH, rank=4)], F),
        ([award(FRESH, "provincial"), award(STALE), award(FRESH)], T),
        ([award(None)], U),
        ([award(FRESH, None)], U),
        ([award(FRESH, rank=None)], U),
        ([{}], U),
        ([award(None, "provincial")], F),  # the wrong level, whenever it was
        ([award(STALE, None, None)], F),  # too old, whatever it was
        ([award(None), award(FRESH)], T),  # another one is surely good
        ([award(FRESH, rank=Range(2, 3))], T),  # type: ignore[arg-type]  # "2..3" is an answer
        ([award(FRESH, rank=Range(3, 4))], U),  # type: ignore[arg-type]  # "3..4" is an answer
    ],
)
def test_a_fitting_event_exists(awards: list[dict[str, Any]], expected: Truth) -> None:
    """A national award, ranked third or better, within three years."""
    formula = "exists(science_awards where level == national and rank <= 3 名 within 3 年)"
    assert truth(formula, {"science_awards": tuple(awards)}) is expected


@pytest.mark.parametrize(
    ("awards", "expected"),
    [
        ([award(FRESH)] * 2, T),
        ([award(FRESH)], F),
        ([award(FRESH), award(None)], U),
        ([award(FRESH)] * 2 + [award(None)], T),
    ],
)
def test_events_are_counted(awards: list[dict[str, Any]], expected: Truth) -> None:
    """Two awards or more within three years."""
    assert truth("count(science_awards within 3 年) >= 2 项", {"science_awards": tuple(awards)}) is expected


def test_no_event_is_known_from_an_empty_list() -> None:
    """A given list is complete; a list not given is unknown."""
    assert truth("not exists(science_awards)", {"science_awards": ()}) is T
    assert truth("not exists(science_awards)", {}) is U


@pytest.mark.parametrize(
    ("investments", "expected"),
    [
        ([(EDGE, wan(2000))], T),
        ([(EDGE, wan(2000) - 1)], F),
        ([(STALE, wan(9000))], F),
        ([(EDGE, wan(999)), (FRESH, wan(1001))], T),
        ([(FRESH, None)], U),
        ([(STALE, None)], F),  # too old to count, whatever it was
        ([(None, wan(2000))], U),
        ([(None, wan(1999))], F),
        ([(FRESH, wan(1500)), (None, wan(600))], U),
        ([(FRESH, Range(wan(2000), wan(3000)))], T),
        ([(FRESH, Range(wan(1999), wan(3000)))], U),
    ],
)
def test_amounts_of_events_add_up(investments: list[tuple[date | None, Any]], expected: Truth) -> None:
    """2000 万元 within three years."""
    entries = tuple({"date": day, "amount": amount} for day, amount in investments)
    formula = "total(equity_investments.amount within 3 年) >= 2000 万元"
    assert truth(formula, {"equity_investments": entries}) is expected


def test_a_span_decides_only_what_every_day_agrees_on() -> None:
    """An award three years old in the middle of the application days."""
    span = {"day": date(2026, 5, 1), "until": date(2026, 5, 31)}
    formula = "exists(science_awards within 3 年)"
    for day, expected in ((date(2023, 5, 31), T), (EDGE, U), (date(2023, 4, 30), F), (date(2026, 5, 15), U)):
        assert truth(formula, situation({"science_awards": (award(day),)}, **span)) is expected  # type: ignore[arg-type]


# ---- recognitions held


def holding(*held: Holding, day: date = DAY, until: date | None = None) -> Situation:
    """Return a company that holds a tech-sme recognition as *held*."""
    return situation(day=day, until=until, held={"tech-sme": held})


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (Holding(date(2025, 1, 1), date(2026, 5, 9)), F),
        (Holding(date(2025, 1, 1), date(2026, 5, 10)), T),  # the last valid day counts
        (Holding(date(2026, 5, 10), date(2027, 5, 9)), T),  # granted on the day itself
        (Holding(date(2026, 5, 11), date(2027, 5, 10)), F),
        (Holding(date(2025, 1, 1), None), T),  # for good
        (Holding(None, None), T),
        (Holding(date(2025, 1, 1), None, sure=False), U),  # nobody said until when
        (Holding(date(2026, 5, 11), None, sure=False), F),
    ],
)
def test_a_holding_is_valid_on_the_day(held: Holding, expected: Truth) -> None:
    """Granted before, not yet expired."""
    assert truth("holds(tech-sme)", holding(held)) is expected
    assert truth("holds(innovative-sme, tech-sme)", holding(held)) is expected
    assert truth("not holds(tech-sme)", holding(held)) is (U if expected is U else not expected)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (Holding(date(2025, 1, 1), date(2026, 4, 30)), F),
        (Holding(date(2025, 1, 1), date(2026, 5, 15)), U),  # expires while one may still apply
        (Holding(date(2025, 1, 1), date(2026, 5, 31)), T),
        (Holding(date(2026, 5, 15), date(2027, 5, 14)), U),  # granted while one may already apply
        (Holding(date(2026, 6, 1), date(2027, 5, 31)), F),
    ],
)
def test_a_holding_that_ends_inside_the_application_days(held: Holding, expected: Truth) -> None:
    """Applying some day in May 2026."""
    assert truth("holds(tech-sme)", holding(held, day=date(2026, 5, 1), until=date(2026, 5, 31))) is expected


def test_one_valid_holding_suffices() -> None:
    """An expired certificate does not spoil its renewal; holding others says no, holding nothing told says nothing."""
    old, new = Holding(date(2022, 1, 1), date(2024, 12, 31)), Holding(date(2025, 1, 1), date(2027, 12, 31))
    assert truth("holds(tech-sme)", holding(old, new)) is T
    assert truth("holds(innovative-sme)", holding(new)) is F
    assert truth("holds(tech-sme)", situation(held={})) is F
    assert truth("holds(tech-sme)", situation(held=None)) is U


def test_an_outcome_says_what_was_found() -> None:
    """Every comparison leaves its value and what is missing; a negation shows its own truth."""
    _, parts = outcomes(
        "not abnormal_list and class1_ip >= 1 项 and revenue[FY-1] >= 5 万元",
        situation({"abnormal_list": True, "class1_ip": 3}),
    )
    assert [(part.truth, part.actual, part.missing) for part in parts] == [
        (F, True, ()),
        (T, 3, ()),
        (U, None, ("revenue[-1]",)),
    ]
