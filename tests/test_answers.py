"""Answers: every way to write a number means exactly that number; everything else is a mistake with a reason."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.company.answers import AnswerError, NotListed, read_answer
from assistant.logic.values import Range
from assistant.rulebook.book import Rulebook

WAN = 1_000_000  # 分
MOST = 10**12  # 万元

exactly = settings(derandomize=True, deadline=None, max_examples=200)


def answer(rulebook: Rulebook, fact: str, raw: object) -> Any:
    """Return what *raw* means for *fact*."""
    return read_answer(raw, rulebook.dictionary.spec(fact), rulebook.lists, date(2026, 11, 23))


def mistake(rulebook: Rulebook, fact: str, raw: object) -> str:
    """Return what is wrong with *raw*."""
    with pytest.raises(AnswerError) as caught:
        answer(rulebook, fact, raw)
    return caught.value.code


# ---- numbers


@pytest.mark.parametrize(
    ("fact", "raw", "value"),
    [
        ("revenue", 12800, 12800 * WAN),
        ("revenue", Decimal("12800.000001"), 12800 * WAN + 1),
        ("revenue", 0, 0),
        ("revenue", MOST, MOST * WAN),
        ("revenue", "1.28 亿元", 12800 * WAN),
        ("revenue", "1.28亿元", 12800 * WAN),
        ("revenue", "128000000元", 12800 * WAN),
        ("revenue", "0.01 元", 1),
        ("revenue", " 12800 万元 ", 12800 * WAN),
        ("net_profit", -620, -620 * WAN),
        ("net_profit", "-620 万元", -620 * WAN),
        ("employees", 210, 210),
        ("employees", Decimal("210.0"), 210),
        ("employees", "210 人", 210),
        ("market_share", 25, Fraction(1, 4)),
        ("market_share", Decimal("8.2"), Fraction(82, 1000)),
        ("market_share", 1, Fraction(1, 100)),
        ("market_share", "25 %", Fraction(1, 4)),
        ("market_share", "0.25 %", Fraction(1, 400)),
        ("market_share", 0, 0),
        ("market_share", 100, 1),
        ("segment_years", Decimal("2.99"), Fraction(299, 100)),
        ("segment_years", "12 年", 12),
        ("class1_ip", "4 件", 4),
        ("market_rank_national", 1, 1),
    ],
)
def test_a_number_means_exactly_itself(rulebook: Rulebook, fact: str, raw: object, value: object) -> None:
    """Money in 分, ratios as fractions of one, no float anywhere."""
    found = answer(rulebook, fact, raw)
    assert found == value
    assert isinstance(found, int | Fraction)


@given(fen=st.integers(0, MOST * WAN))
@exactly
def test_every_amount_is_kept_to_the_fen(rulebook: Rulebook, fen: int) -> None:
    """Six decimals of 万元 are whole 分."""
    assert answer(rulebook, "revenue", Decimal(fen).scaleb(-6)) == fen


@pytest.mark.parametrize(
    ("fact", "raw", "low", "high"),
    [
        ("class1_ip", "1..3", 1, 3),
        ("class1_ip", "1～3", 1, 3),
        ("class1_ip", "1 ~ 3 项", 1, 3),
        ("class1_ip", "..3", 0, 3),
        ("revenue", "4800..5200", 4800 * WAN, 5200 * WAN),
        ("revenue", "0.48..0.52 亿元", 4800 * WAN, 5200 * WAN),
        ("net_profit", "-100..50", -100 * WAN, 50 * WAN),
        ("market_share", "1..4", Fraction(1, 100), Fraction(4, 100)),
        ("market_share", "2.5..4 %", Fraction(25, 1000), Fraction(4, 100)),
        ("segment_years", "5..10", 5, 10),
    ],
)
def test_a_range_keeps_both_ends(rulebook: Rulebook, fact: str, raw: str, low: object, high: object) -> None:
    """Somewhere between, both included."""
    assert answer(rulebook, fact, raw) == Range(low, high)  # type: ignore[arg-type]  # exact numbers


def test_a_range_of_one_number_is_the_number(rulebook: Rulebook) -> None:
    """Nothing is left open."""
    assert answer(rulebook, "class1_ip", "3..3") == 3


@pytest.mark.parametrize("raw", ["unknown", "Unknown ", "不清楚", "不知道", "未知"])
@pytest.mark.parametrize("fact", ["revenue", "iso9001", "city", "industry", "established", "science_awards"])
def test_not_knowing_is_an_answer_to_everything(rulebook: Rulebook, fact: str, raw: str) -> None:
    """It is neither 0 nor no."""
    assert answer(rulebook, fact, raw) is None


@pytest.mark.parametrize(
    ("fact", "raw", "code"),
    [
        ("revenue", "12800", "number-as-text"),
        ("revenue", "一亿", "number-expected"),
        ("revenue", True, "number-expected"),
        ("revenue", [1], "number-expected"),
        ("revenue", Decimal("0.0000001"), "too-many-decimals"),
        ("revenue", -1, "negative"),
        ("revenue", MOST + 1, "too-large"),
        ("net_profit", -MOST - 1, "too-large"),
        ("revenue", "5 人", "wrong-unit"),
        ("revenue", "5 斤", "wrong-unit"),
        ("employees", Decimal("0.5"), "whole-number-expected"),
        ("employees", "1.5..2", "whole-number-expected"),
        ("market_share", Decimal("0.25"), "fraction-for-percent"),
        ("market_share", "0.1..0.3", "fraction-for-percent"),
        ("market_share", 2500, "too-large"),
        ("market_share", Decimal("100.1"), "too-large"),
        ("class1_ip", "3..1", "range-reversed"),
        ("net_profit", "..5", "range-open"),
        ("class1_ip", "1..2..3", "number-expected"),
        ("market_rank_national", 0, "too-small"),
    ],
)
def test_a_wrong_number_says_what_is_wrong(rulebook: Rulebook, fact: str, raw: object, code: str) -> None:
    """Each mistake has its own name."""
    assert mistake(rulebook, fact, raw) == code


# ---- yes and no, choices, places, days


@pytest.mark.parametrize(
    ("raw", "value"), [(True, True), (False, False), ("是", True), ("有", True), ("否", False), ("无", False)]
)
def test_yes_and_no_may_be_chinese(rulebook: Rulebook, raw: object, value: object) -> None:
    """As the questions are."""
    assert answer(rulebook, "iso9001", raw) is value


@pytest.mark.parametrize("raw", [1, 0, "yes please", "", None, date(2025, 1, 1)])
def test_what_is_neither_yes_nor_no_is_no_answer(rulebook: Rulebook, raw: object) -> None:
    """Least of all an empty text: it does not become no."""
    assert mistake(rulebook, "iso9001", raw) == "flag-expected"


@pytest.mark.parametrize(
    ("raw", "value"), [("provincial", "provincial"), ("省（部）级", "provincial"), ("none", "none"), (False, "none")]
)
def test_a_choice_is_given_by_name_or_label(rulebook: Rulebook, raw: object, value: str) -> None:
    """A bare `no` means none."""
    assert answer(rulebook, "rd_institution_level", raw) == value


def test_several_choices_are_kept_once_each(rulebook: Rulebook) -> None:
    """In the order given."""
    raw = ["platform-operator", "企业", "enterprise"]
    assert answer(rulebook, "applicant_kind", raw) == ("platform-operator", "enterprise")


@pytest.mark.parametrize("raw", ["佛山市", "佛山", "440600", 440600, " 佛山市 "])
def test_a_city_is_given_by_name_or_code(rulebook: Rulebook, raw: object) -> None:
    """With or without 市, or GB/T 2260."""
    assert answer(rulebook, "city", raw) == "佛山市"


def test_elsewhere_is_a_city(rulebook: Rulebook) -> None:
    """The word for all others."""
    assert answer(rulebook, "city", "省外") == "省外"


@pytest.mark.parametrize("raw", ["C3443", "3443", 3443, "c3443", " C3443 "])
def test_an_industry_is_given_with_or_without_its_letter(rulebook: Rulebook, raw: object) -> None:
    """And brings its ancestors."""
    assert answer(rulebook, "industry", raw) == ("C", "34", "344", "3443")


@pytest.mark.parametrize(("raw", "depth"), [("C", 1), ("C34", 2), ("344", 3)])
def test_an_industry_may_be_given_roughly(rulebook: Rulebook, raw: str, depth: int) -> None:
    """A section, a division, a group."""
    assert answer(rulebook, "industry", raw) == ("C", "34", "344")[:depth]


@pytest.mark.parametrize("raw", ["U", "C34431", "阀门", ""])
def test_what_has_not_the_form_of_a_code_is_no_industry(rulebook: Rulebook, raw: str) -> None:
    """A letter outside A to T, too many digits, words, nothing."""
    assert mistake(rulebook, "industry", raw) == "industry-form"


@pytest.mark.parametrize("raw", ["C9999", "0000"])
def test_an_industry_that_is_not_listed_is_asked_about(rulebook: Rulebook, raw: str) -> None:
    """Well-formed, yet nobody's: doubt, no refusal."""
    with pytest.raises(NotListed):
        answer(rulebook, "industry", raw)


@pytest.mark.parametrize(
    ("raw", "code"), [(date(2026, 11, 24), "date-in-future"), (20120518, "date-expected"), ("去年", "date-expected")]
)
def test_a_day_is_a_day_that_has_come(rulebook: Rulebook, raw: object, code: str) -> None:
    """Today itself is allowed."""
    assert mistake(rulebook, "established", raw) == code
    assert answer(rulebook, "established", date(2026, 11, 23)) == date(2026, 11, 23)


def test_a_day_in_quotes_is_the_same_day(rulebook: Rulebook) -> None:
    """JSON and spreadsheets have no other way to write one."""
    assert answer(rulebook, "established", "2012-05-18") == date(2012, 5, 18)


# ---- lists


def test_events_are_read_field_by_field(rulebook: Rulebook) -> None:
    """A field left out is unknown, not zero."""
    raw = [{"date": date(2025, 9, 3), "amount": 8000}, {"amount": "unknown"}, {}]
    assert answer(rulebook, "equity_investments", raw) == (
        {"date": date(2025, 9, 3), "amount": 8000 * WAN},
        {"amount": None},
        {},
    )


def test_an_empty_list_says_that_there_are_none(rulebook: Rulebook) -> None:
    """Unlike a list that is not given."""
    assert answer(rulebook, "equity_investments", []) == ()


def test_no_choice_at_all_is_no_answer(rulebook: Rulebook) -> None:
    """An applicant of no kind cannot be; taken as said, every project would be closed to it."""
    try:
        found = answer(rulebook, "applicant_kind", [])
    except AnswerError:
        return
    assert found is None


@pytest.mark.parametrize(
    ("raw", "code", "path"),
    [
        ([{"level": "global"}], "unknown-value", "1.level"),
        ([{"level": "national"}, {"rank": "第一"}], "number-expected", "2.rank"),
        ([{"level": "national", "day": 1}], "unknown-field", "1.day"),
        ([5], "list-expected", "1"),
        ({"level": "national"}, "list-expected", ""),
    ],
)
def test_a_mistake_in_an_event_says_where(rulebook: Rulebook, raw: object, code: str, path: str) -> None:
    """The entry, counted from one, and the field."""
    with pytest.raises(AnswerError) as caught:
        answer(rulebook, "science_awards", raw)
    assert (caught.value.code, caught.value.params.get("path", "")) == (code, path)
