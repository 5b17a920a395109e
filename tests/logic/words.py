"""A small dictionary for the tests of the rule language, and the shortest way to ask a formula about a company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from assistant.dates import DateSpan
from assistant.logic import parse
from assistant.logic.scalar import Holding, Outcome, Situation, compile_condition, compile_value
from assistant.logic.truth import Truth
from assistant.logic.values import Quantity
from assistant.logic.vocabulary import Signature, Vocabulary
from assistant.units import UNITS, Number, to_base

DAY = date(2026, 5, 10)
LEVELS = ("none", "city", "provincial", "national")

_AWARDS = {
    "level": Signature("level", "choice", choices=("national", "provincial")),
    "rank": Signature("rank", "count", "rank"),
    "date": Signature("date", "date"),
}
_INVESTMENTS = {"amount": Signature("amount", "money", "money"), "date": Signature("date", "date")}
_FACTS = (
    Signature("revenue", "money", "money", yearly=True),
    Signature("rd_expense", "money", "money", yearly=True),
    Signature("net_profit", "money", "money", yearly=True, nonnegative=False),
    Signature("employees", "count", "people", yearly=True),
    Signature("rd_staff", "count", "people", yearly=True),
    Signature("segment_years", "years", "years"),
    Signature("market_share", "percent", "ratio"),
    Signature("class1_ip", "count", "items"),
    Signature("established", "date"),
    Signature("legal_person", "flag"),
    Signature("abnormal_list", "flag"),
    Signature("rd_institution_level", "choice", choices=LEVELS, ordered=True),
    Signature("size_class", "choice", choices=("micro", "small", "medium", "large"), ordered=True),
    Signature("applicant_kind", "choice", choices=("enterprise", "park"), multiple=True),
    Signature("product_field", "choice", choices=("six-basics", "other")),
    Signature("city", "city", choices=("广州市", "深圳市")),
    Signature("industry", "industry"),
    Signature("science_awards", "events", fields=_AWARDS),
    Signature("equity_investments", "events", fields=_INVESTMENTS),
    Signature("ratings", "events", fields={"score": Signature("score", "quantity", "points")}),
)
VOCABULARY = Vocabulary(
    {fact.name: fact for fact in _FACTS},
    frozenset({"innovative-sme", "tech-sme", "high-tech-enterprise"}),
    {"annual_revenue": "revenue"},
)


def wan(amount: int | str) -> Number:
    """Return an amount in 万元 as 分."""
    return to_base(amount, UNITS["万元"])


def situation(
    values: Mapping[str, Any] | None = None,
    *,
    day: date = DAY,
    until: date | None = None,
    cycle: int = 2026,
    kind: str = "new",
    held: Mapping[str, Sequence[Holding]] | None = None,
    scores: Mapping[tuple[str, int], Quantity] | None = None,
) -> Situation:
    """Return a company's situation; it applies on *day*, or on some day from then *until* another."""
    return Situation(values or {}, DateSpan(day, until or day), cycle, kind, held, scores or {})


def outcomes(formula: str, given: Situation) -> tuple[Truth, list[Outcome]]:
    """Return the truth of *formula* with every comparison's outcome."""
    found: list[Outcome] = []
    truth = compile_condition(parse.condition(formula, VOCABULARY))(given, found)
    return truth, found


def truth(formula: str, given: Situation | Mapping[str, Any]) -> Truth:
    """Return the truth of *formula* for a situation, or for a company's values on the usual day."""
    return outcomes(formula, given if isinstance(given, Situation) else situation(given))[0]


def number(formula: str, given: Situation | Mapping[str, Any]) -> Quantity:
    """Return the value of *formula*."""
    node, _ = parse.value(formula, VOCABULARY)
    return compile_value(node)(given if isinstance(given, Situation) else situation(given))
