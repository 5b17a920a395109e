"""A move lands exactly on the threshold, names who can make it, and says what stands in its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.dates import DateSpan
from assistant.logic.parse import condition
from assistant.logic.scalar import Holding, Situation, compile_condition
from assistant.logic.values import Range
from assistant.logic.vocabulary import Vocabulary
from assistant.matching.moves import Block, Ground, Move, Way, values_of, way_to
from tests.companies import book

ON = date(2026, 11, 23)
YUAN = 1_000_000  # 分 in 万元


def vocabulary() -> Vocabulary:
    """Return the words of the real dictionary."""
    facts = book().dictionary.facts
    cities = tuple(book().lists.cities.values())
    return Vocabulary(
        {name: spec.signature(cities) for name, spec in facts.items()},
        frozenset(book().lists.recognitions),
        industries=frozenset(book().lists.industries),
    )


def ground(values: Mapping[str, Any], *, cycle: int = 2027, on: date = ON, applied: DateSpan | None = None) -> Ground:
    """Return a company with *values*, applying in the spring of the *cycle*."""
    span = applied or DateSpan(date(cycle, 3, 1), date(cycle, 6, 30))
    return Ground(Situation(values, span, cycle, "new", {}), on, book().dictionary)


def way(formula: str, values: Mapping[str, Any], **settings_: Any) -> Way:
    """Return the way to a formula."""
    return way_to(condition(formula, vocabulary()), ground(values, **settings_))


def holds(formula: str, values: Mapping[str, Any]) -> bool | None:
    """Tell whether a formula holds."""
    return compile_condition(condition(formula, vocabulary()))(ground(values).situation, [])


AMOUNTS = (
    # 3 % of 14,000 万元 is 420 万元
    (
        "rd_expense[FY-1] / revenue[FY-1] >= 3 %",
        {"rd_expense[-1]": 3365 * YUAN // 10, "revenue[-1]": 14000 * YUAN},
        "rd_expense",
        420 * YUAN,
    ),
    # more than 3 %: one 分 more
    (
        "rd_expense[FY-1] / revenue[FY-1] > 3 %",
        {"rd_expense[-1]": 0, "revenue[-1]": 14000 * YUAN},
        "rd_expense",
        420 * YUAN + 1,
    ),
    ("revenue[FY-1] >= 5000 万元", {"revenue[-1]": 1}, "revenue", 5000 * YUAN),
    # two years together: 1,200 - 500
    (
        "sum(rd_expense[FY-2..FY-1]) >= 1200 万元",
        {"rd_expense[-2]": 500 * YUAN, "rd_expense[-1]": 640 * YUAN},
        "rd_expense",
        700 * YUAN,
    ),
    # mean of three, two of them closed: 3 × 40,000 - 38,000 - 41,000
    (
        "mean(main_revenue[FY-3..FY-1]) >= 40000 万元",
        {"main_revenue[-3]": 38000 * YUAN, "main_revenue[-2]": 41000 * YUAN, "main_revenue[-1]": 0},
        "main_revenue",
        41000 * YUAN,
    ),
    # growth of 5 % on 10,000
    (
        "growth(revenue, FY-1) >= 5 %",
        {"revenue[-2]": 10000 * YUAN, "revenue[-1]": 10100 * YUAN},
        "revenue",
        10500 * YUAN,
    ),
    # 1.05 ** 2 on 10,000: compound over two years
    (
        "cagr(revenue, FY-3..FY-1) >= 5 %",
        {"revenue[-3]": 10000 * YUAN, "revenue[-1]": 10100 * YUAN},
        "revenue",
        11025 * YUAN,
    ),
    # debt falls: 70 % of 15,000
    (
        "total_liabilities[FY-1] / total_assets[FY-1] <= 70 %",
        {"total_liabilities[-1]": 12000 * YUAN, "total_assets[-1]": 15000 * YUAN},
        "total_liabilities",
        10500 * YUAN,
    ),
    # 5 % of 210 people is 10.5: eleven
    ("rd_staff[FY-1] / employees[FY-1] >= 5 %", {"rd_staff[-1]": 3, "employees[-1]": 210}, "rd_staff", 11),
    ("class1_ip >= 4 项", {"class1_ip": 3}, "class1_ip", 4),
    ("market_share >= 10 %", {"market_share": Fraction(3, 250)}, "market_share", Fraction(1, 10)),
    ("market_rank_national <= 3 名", {"market_rank_national": 5}, "market_rank_national", 3),
    ("niche_product_count <= 2 个", {"niche_product_count": 4}, "niche_product_count", 2),
    ("floor(service_cases / 2) >= 3 个", {"service_cases": 3}, "service_cases", 6),
    (
        "max(rd_expense[FY-2], rd_expense[FY-1]) >= 100 万元",
        {"rd_expense[-2]": 1, "rd_expense[-1]": 2},
        "rd_expense",
        100 * YUAN,
    ),
)


@pytest.mark.parametrize(("formula", "values", "name", "level"), AMOUNTS)
def test_an_amount_is_the_least_that_suffices(formula: str, values: dict[str, Any], name: str, level: Any) -> None:
    """With it the formula holds, one step short of it not."""
    found = way(formula, values)
    [move] = found.moves
    assert (move.name, move.target, found.blocks) == (name, level, ())
    key = f"{name}[-1]" if move.year else name
    step = Fraction(1, 10_000) if name == "market_share" else 1
    assert holds(formula, {**values, key: level}) is True
    assert holds(formula, {**values, key: level - step if move.rising else level + step}) is False


OPEN_YEARS = {
    "rd_expense[-2]": 500 * YUAN,
    "rd_expense[-1]": 300 * YUAN,
    "revenue[-2]": 10000 * YUAN,
    "revenue[-1]": 10000 * YUAN,
}


def test_years_still_open_are_brought_to_one_level() -> None:
    """For the round of 2028 both 2026 and 2027 can still be moved."""
    found = way("sum(rd_expense[FY-2..FY-1]) >= 1200 万元", OPEN_YEARS, cycle=2028)
    assert [(move.year, move.target) for move in found.moves] == [(2026, 600 * YUAN), (2027, 600 * YUAN)]


def test_growth_between_open_years_moves_the_last() -> None:
    """Raising both alike would be no growth."""
    found = way("growth(revenue, FY-1) >= 5 %", OPEN_YEARS, cycle=2028)
    assert [(move.year, move.target) for move in found.moves] == [(2027, 10500 * YUAN)]


@pytest.mark.parametrize(
    ("formula", "values", "block"),
    [
        ("revenue[FY-1] >= 5000 万元", {"revenue[-1]": 1}, Block("closed-year", "revenue", 2025)),
        ("industry in {C}", {"industry": ("I", "65")}, Block("fixed", "industry")),
        ("years_since(established) >= 3 年", {"established": date(2025, 6, 1)}, Block("time", "established")),
        ("segment_years >= 3 年", {"segment_years": 2}, Block("time", "segment_years")),
        ("not major_accident_3y", {"major_accident_3y": True}, Block("time", "major_accident_3y", 3)),
        ("revenue[FY-1] < 5000 万元", {"revenue[-1]": 9000 * YUAN}, Block("closed-year", "revenue", 2025)),
    ],
)
def test_what_cannot_be_moved_says_why(formula: str, values: dict[str, Any], block: Block) -> None:
    """In a round whose base year has closed."""
    assert way(formula, values, cycle=2026) == Way((), (block,))


def test_nobody_is_told_to_sell_less() -> None:
    """A figure that is better when it is larger is never to be lowered."""
    found = way("revenue[FY-1] < 5000 万元", {"revenue[-1]": 9000 * YUAN})
    assert found == Way((), (Block("amount", "revenue"),))


def test_a_held_recognition_may_stand_in_the_way() -> None:
    """A champion cannot become a little giant."""
    here = ground({})
    champion = {"manufacturing-champion": (Holding(date(2024, 1, 1), None),)}
    node = condition("not holds(manufacturing-champion)", vocabulary())
    holder = replace(here, situation=replace(here.situation, held=champion))
    assert way_to(node, holder).blocks == (Block("held", "manufacturing-champion"),)


def test_the_cheaper_part_of_a_choice_is_taken() -> None:
    """Four patents more or one certificate: fewer changes, then the smaller one."""
    found = way("class1_ip >= 8 项 or iso9001", {"class1_ip": 2, "iso9001": False})
    assert [(move.name, move.target) for move in found.moves] == [("iso9001", True)]


def test_all_parts_are_moved_one_figure_once() -> None:
    """Both an amount and a share of R&D: the larger of the two."""
    values = {"rd_expense[-1]": 50 * YUAN, "revenue[-1]": 9000 * YUAN}
    found = way("rd_expense[FY-1] >= 100 万元 and rd_expense[FY-1] / revenue[FY-1] >= 3 %", values)
    assert [(move.name, move.year, move.target) for move in found.moves] == [("rd_expense", 2026, 270 * YUAN)]


def test_a_count_of_conditions_takes_the_cheapest_ones() -> None:
    """Two of four are asked for, one holds: one more, in rule order."""
    values = {"iso9001": True, "iso14001": False, "iso45001": False, "own_brand": False}
    found = way("count_true(iso9001, iso14001, iso45001, own_brand) >= 2", values)
    assert [move.name for move in found.moves] == ["iso14001"]


def test_a_list_gets_an_entry_that_counts() -> None:
    """New equity by what is missing; an award with the level and rank that are asked for."""
    applied = DateSpan(date(2027, 3, 1), date(2027, 3, 1))
    values = {"equity_investments": ({"date": date(2026, 5, 1), "amount": 500 * YUAN},), "science_awards": ()}
    formula = "total(equity_investments.amount within 2 年) >= 2000 万元"
    [equity] = way(formula, values, applied=applied).moves
    assert dict(equity.entry)["amount"] == 1500 * YUAN
    formula = "exists(science_awards where level == national and rank <= 3 名 within 3 年)"
    [award] = way(formula, values, applied=applied).moves
    assert (dict(award.entry)["level"], dict(award.entry)["rank"]) == ("national", 3)
    after = {**values, **values_of((equity, award), ground(values, applied=applied))}
    there = ground(after, applied=applied).situation
    for one in (formula, "total(equity_investments.amount within 2 年) >= 2000 万元"):
        assert compile_condition(condition(one, vocabulary()))(there, []) is True


def test_a_platform_score_is_worked_for_never_set() -> None:
    """It comes from the platform, for the cycle's year."""
    here = ground({})
    here = replace(here, situation=replace(here.situation, scores={("srdi-development", 2027): 48}))
    [move] = way_to(condition("platform_score(srdi-development, cycle) >= 60 分", vocabulary()), here).moves
    assert (move.kind, move.year, move.target, move.lever) == ("score", 2027, 60, "platform")


def test_what_takes_too_long_is_late() -> None:
    """A certificate takes three months; the round closes in one."""
    soon = DateSpan(date(2026, 12, 1), date(2026, 12, 24))
    [move] = way("iso9001", {"iso9001": False}, applied=soon).moves
    assert (move.late, move.lead_days) == (True, 90)
    [move] = way("iso9001", {"iso9001": False}).moves
    assert not move.late


def test_what_is_open_needs_no_move() -> None:
    """Blanks and ranges that may suffice are asked about, not moved."""
    assert way("revenue[FY-1] >= 5000 万元", {}) == Way()
    assert way("class1_ip >= 4 项", {"class1_ip": Range(2, 6)}) == Way()
    [move] = way("class1_ip >= 9 项", {"class1_ip": Range(2, 6)}).moves
    assert (move.actual, move.target) == (Range(2, 6), 9)


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**12), st.integers(1, 10**12), st.integers(1, 9999))
def test_ratios_are_exact_whatever_the_figures(over: int, under: int, bound: int) -> None:
    """Money in 分, bounds in hundredths of a percent: held with the move, missed one 分 below it."""
    formula = f"rd_expense[FY-1] / revenue[FY-1] >= {bound / 100:.2f} %"
    values = {"rd_expense[-1]": over, "revenue[-1]": under}
    found = way(formula, values)
    if holds(formula, values):
        assert found == Way()
        return
    [move] = found.moves
    assert isinstance(move, Move)
    assert holds(formula, {**values, "rd_expense[-1]": move.target}) is True
    assert holds(formula, {**values, "rd_expense[-1]": move.target - 1}) is False
