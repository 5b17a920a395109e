"""The rule language in columns says what it says of one company: by hand, and on random rules and companies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from assistant.company.profile import Held, Profile
from assistant.dates import DateSpan, add_years, years_between
from assistant.logic import tree
from assistant.logic.column_dates import YEAR, last_start, years_until
from assistant.logic.column_numbers import Uncovered
from assistant.logic.columns import Setting, condition
from assistant.logic.scalar import Situation, compile_condition
from assistant.logic.tree import Compare, Const, Figure
from assistant.logic.truth import Truth
from assistant.logic.values import Range, between
from assistant.matching.screening.frame import admit, admitted, profiles_to_frame
from assistant.matching.screening.held import Masks
from assistant.matching.screening.plan import Plan
from assistant.matching.screening.sheet import Sheet
from assistant.matching.screening.view import View
from assistant.matching.situation import Company
from assistant.planning.applying import Applications
from assistant.units import Number, exact
from tests.companies import book
from tests.conftest import ON
from tests.logic.naive import NO, YES
from tests.logic.naive import condition as naively
from tests.oracle import view_of

T, F, U = True, False, None
WAN = 1_000_000

thoroughly = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=150,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Asking:
    """An application in which formulas are read, *shift* years back where another year stands in."""

    applied: DateSpan
    cycle: int = 2026
    kind: str = "new"
    shift: int = 0

    @property
    def setting(self) -> Setting:
        """The columns' setting."""
        return Setting(self.cycle - 1 - self.shift, self.cycle, self.applied, self.kind)


USUAL = Asking(DateSpan.of(date(2026, 5, 10)))
PLAN: list[Plan] = []


def prepared(profiles: Sequence[Profile], node: tree.Condition, asking: Asking, *, wide: bool) -> list[Truth]:
    """Return the truth of *node* for each of *profiles*, in columns."""
    if not PLAN:
        PLAN.append(Plan(book(), ON, Applications(ON), ["innovative-sme"]))
    plan = PLAN[0]
    frame = admitted(profiles_to_frame(profiles, book()), book())
    if "recognitions" not in frame.columns:
        told = pl.Series("recognitions", [None] * len(profiles), dtype=plan_type())
        frame = frame.with_columns(told)
    plan.masks = Masks(book())
    sheet = Sheet()
    view = View(book(), frozenset(frame.columns), sheet, plan.masks, wide=wide)
    truth = condition(node, asking.setting, view)
    ready = plan._prepared(frame, plan.masks.listed(frame))
    return sheet.fill(ready).with_columns(truth.alias("truth"))["truth"].to_list()


def plan_type() -> pl.DataType:
    """Return the type of recognitions."""
    from assistant.matching.screening.frame import recognitions_type  # noqa: PLC0415

    return recognitions_type(book())


def by_scalar(profile: Profile, node: tree.Condition, asking: Asking) -> Truth:
    """Return the truth of *node* for one company."""
    company = Company(profile, book(), ON)
    values, _, _ = company.values(asking.cycle, asking.shift)
    given_ = Situation(values, asking.applied, asking.cycle, asking.kind, company.holdings, company.scores)
    return compile_condition(node)(given_, [])


def by_naive(profile: Profile, node: tree.Condition, asking: Asking) -> Truth:
    """Return the truth of *node* in the naive reading."""
    view = view_of(profile, book(), asking.applied, asking.cycle, asking.kind, asking.shift)
    return {YES: True, NO: False}.get(naively(node, view))


def agreed(profiles: Sequence[Profile], node: tree.Condition, asking: Asking = USUAL) -> list[Truth]:
    """Return the truths, once all three readings, and the columns of both widths, agree on them."""
    narrow = prepared(profiles, node, asking, wide=False)
    assert narrow == [by_scalar(profile, node, asking) for profile in profiles], node
    assert narrow == [by_naive(profile, node, asking) for profile in profiles], node
    assert narrow == prepared(profiles, node, asking, wide=True), node
    return narrow


def years(**figures: Any) -> Profile:
    """Return a company with figures of 2025."""
    return Profile("某公司", years={2025: figures})


REVENUE, RD, PROFIT = Figure("revenue", -1), Figure("rd_expense", -1), Figure("net_profit", -1)


# ---- by hand


def test_a_ratio_is_exact_at_its_threshold() -> None:
    """3 % of any revenue, to the 分: at, below and above; zero and blank divisors leave it open."""
    node = Compare(">=", tree.Ratio(RD, REVENUE), Const(Fraction(3, 100), "%"))
    pairs = [(3, 100), (2, 100), (309_999, 10_333_300), (310_000, 10_333_300), (309_999, 10_333_333), (0, 0), (5, 0)]
    found = agreed([years(rd_expense=a, revenue=b) for a, b in pairs], node)
    assert found == [T, F, T, T, F, U, U]
    assert agreed([years(rd_expense=5), years(revenue=5), Profile("")], node) == [U, U, U]


@pytest.mark.parametrize("op", ["<", "<=", ">", ">=", "==", "!="])
def test_every_comparison_of_ranges(op: tree.Comparator) -> None:
    """Ranges that lie beside, touch, hold or are the number, against a number and against each other."""
    told: list[Any] = [4, 5, 6, None, *(between(a, b) for a in range(3, 8) for b in range(a, 8))]
    profiles = [years(revenue=value) for value in told]
    agreed(profiles, Compare(op, REVENUE, Const(5)))
    pairs = [years(revenue=a, net_profit=b) for a in told for b in told]
    assert len(set(agreed(pairs, Compare(op, REVENUE, PROFIT)))) == 3


def test_a_divisor_that_may_be_zero() -> None:
    """Unless the divisor is surely positive, a quotient is not known; a loss over it is negative."""
    told: list[Any] = [-3, 0, 2, Range(-2, 3), Range(0, 4), Range(1, 4), Range(-5, -2), None]
    profiles = [Profile("", years={2025: {"net_profit": a}, 2024: {"net_profit": b}}) for a in told for b in told]
    for op in OPS:
        for bound in (Fraction(-3, 2), 0, Fraction(1, 2), 1):
            agreed(profiles, Compare(op, tree.Ratio(PROFIT, Figure("net_profit", -2)), Const(bound)))


def test_sets_that_share_nothing() -> None:
    """A blank is in neither of two disjoint sets: not known, never failed."""
    city = Figure("city")
    node = tree.All((tree.Member(city, ("广州市",)), tree.Member(city, ("深圳市", "佛山市"))))
    profiles = [Profile("", facts={"city": name} if name else {}) for name in ("广州市", "佛山市", "省外", None)]
    assert agreed(profiles, node) == [F, F, F, U]
    assert agreed(profiles, tree.Not(tree.Member(city, ()))) == [T, T, T, U]


def test_the_greatest_numbers_do_not_wrap() -> None:
    """A hundred times the world's largest company, multiplied crosswise and squared, in 128 bits."""
    most = 10**18
    profiles = [years(rd_expense=a, revenue=b) for a in (0, 1, most - 1, most) for b in (1, most - 1, most)]
    frame = profiles_to_frame(profiles, book())
    for node in (
        Compare(">=", tree.Ratio(RD, REVENUE), Const(Fraction(9999, 10000))),
        Compare(">", tree.Product(RD, REVENUE), tree.Product(REVENUE, REVENUE)),
        Compare("==", tree.Sum((RD, REVENUE)), Const(2 * most)),
    ):
        wide = prepared(profiles, node, USUAL, wide=True)
        assert wide == [by_scalar(profile, node, USUAL) for profile in profiles]
        assert len(set(wide)) > 1
    assert PLAN[0]._shape(*admit(frame, book())).wide
    assert not PLAN[0]._shape(*admit(profiles_to_frame([years(revenue=10**15)], book()), book())).wide


@pytest.mark.parametrize("op", ["<", "<=", ">", ">=", "==", "!="])
def test_a_number_that_is_the_same_of_all(op: tree.Comparator) -> None:
    """Figures of years before all were founded, beside a written number on either side."""
    profiles = [Profile("", facts={"established": date(2025, month, 1)}) for month in (1, 2, 3)]
    before = Figure("revenue", -2)
    for left, right in ((Const(5), before), (before, Const(5)), (tree.Pick("min", (before, Const(5))), Const(0))):
        assert len(set(agreed(profiles, Compare(op, left, right)))) == 1


def test_what_no_type_holds_is_refused() -> None:
    """A product too great for 128 bits is told, not computed."""
    cubed = tree.Product(REVENUE, tree.Product(REVENUE, REVENUE))
    with pytest.raises(Uncovered):
        prepared([years(revenue=5)], Compare(">=", cubed, Const(1)), USUAL, wide=True)


def test_years_are_those_of_the_calendar() -> None:
    """Every start about the leap days, until every end about them, exact to the day."""
    days = [
        date(y, m, d) for y in (1999, 2000, 2020, 2023, 2024, 2025) for m, d in ((2, 27), (2, 28), (3, 1), (12, 31))
    ]
    days += [date(2000, 2, 29), date(2020, 2, 29), date(2024, 2, 29), date(1900, 3, 1)]
    starts = pl.DataFrame({"start": days})
    for end in days:
        parts = starts.select(years_until(pl.col("start"), end)).to_series().to_list()
        assert [exact(Fraction(part, YEAR)) for part in parts] == [years_between(start, end) for start in days], end
        for n in (1, 3, 4):
            last = last_start(n, end)
            assert add_years(last, n) <= end < add_years(last + timedelta(days=1), n) or (last.month, last.day) == (
                2,
                28,
            )


# ---- random rules


FIGURES = (REVENUE, RD, PROFIT, Figure("revenue", -2), Figure("employees", -1), Figure("class1_ip"))
FRACTIONS = (Figure("market_share"), Figure("segment_years"))
RATES: tuple[Number, ...] = (0, 1, 2, Fraction(1, 20), Fraction(3, 100), Fraction(-1, 2), 5, 7)
OPS: tuple[tree.Comparator, ...] = ("<", "<=", ">", ">=", "==", "!=")


def values() -> st.SearchStrategy[tree.Value]:
    """Draw a number of the rule language."""
    leaf: st.SearchStrategy[Any] = st.one_of(
        st.sampled_from((*FIGURES, *FRACTIONS)),
        st.sampled_from(RATES).map(Const),
        st.just(tree.CycleYear()),
        st.sampled_from(("years", "days")).map(lambda unit: tree.Elapsed("established", unit)),  # type: ignore[arg-type]
        st.sampled_from((0, -1)).map(lambda offset: tree.PlatformScore("srdi-development", offset)),
        st.builds(
            tree.Tally,
            st.just("science_awards"),
            st.just(None),
            st.sampled_from(
                (None, Compare("<=", Figure("rank"), Const(3)), tree.Member(Figure("level"), ("national",)))
            ),
            st.sampled_from((None, 3, Fraction(5, 2))),
        ),
        st.builds(
            tree.Tally, st.just("equity_investments"), st.just("amount"), st.just(None), st.sampled_from((None, 2))
        ),
        st.lists(st.sampled_from(TRUTHS), min_size=1, max_size=3).map(lambda parts: tree.CountTrue(tuple(parts))),
    )

    def deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        several = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return st.one_of(
            st.builds(tree.Sum, several),
            st.builds(tree.Product, inner, inner),
            st.builds(tree.Ratio, inner, inner),
            st.builds(tree.Pick, st.sampled_from(("min", "max")), several),
            st.builds(tree.Floor, inner),
        )

    return st.recursive(leaf, deeper, max_leaves=4)


TRUTHS: tuple[tree.Condition, ...] = (
    tree.Is(Figure("legal_person")),
    tree.Member(Figure("city"), ("广州市", "佛山市")),
    tree.Member(Figure("size_class"), ("micro", "small")),
    tree.Member(Figure("size_class"), ("micro", "medium")),
    tree.Member(Figure("industry"), ("C", "651"), prefix=True),
    tree.Member(Figure("applicant_kind"), ("park", "association"), prefix=True),
    tree.Member(Figure("province"), ("guangdong",)),
    tree.Member(Figure("rd_institution_level"), ("provincial", "national")),
    tree.Holds(("high-tech-enterprise", "innovative-sme")),
    tree.Expires(("high-tech-enterprise",)),
    tree.KindIs("review"),
    Compare(">=", tree.Growth("revenue", -3, -1), Const(Fraction(1, 20))),
)


def conditions() -> st.SearchStrategy[tree.Condition]:
    """Draw a condition of the rule language."""
    leaf = st.one_of(st.sampled_from(TRUTHS), st.builds(Compare, st.sampled_from(OPS), values(), values()))

    def deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        several = st.lists(inner, max_size=3).map(tuple)
        return st.one_of(st.builds(tree.All, several), st.builds(tree.Any, several), st.builds(tree.Not, inner))

    return st.recursive(leaf, deeper, max_leaves=4)


@st.composite
def told(draw: st.DrawFn, *, least: int = 0, step: Number = 1) -> Any:
    """Draw a number, a range or a blank."""
    low = draw(st.one_of(st.integers(least, 12), st.integers(least, 10**11)))
    if draw(st.integers(0, 3)):
        return exact(low * step)
    return draw(st.sampled_from((None, between(exact(low * step), exact((low + draw(st.integers(1, 9))) * step)))))


def some_day(draw: st.DrawFn) -> date | None:
    """Draw a day about the application's anniversaries, or none."""
    day = add_years(USUAL.applied.earliest, -draw(st.integers(0, 4))) + timedelta(
        days=draw(st.sampled_from((-1, 0, 1, 40)))
    )
    return draw(st.sampled_from((day, day, day, None, date(2024, 2, 29))))


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """Draw a company that has told some of what the random rules ask."""
    facts: dict[str, Any] = {
        "class1_ip": draw(told()),
        "market_share": draw(st.one_of(st.none(), st.integers(0, 10**8).map(lambda n: exact(Fraction(n, 10**8))))),
        "legal_person": draw(st.sampled_from((True, False, None))),
        "city": draw(st.sampled_from(("广州市", "深圳市", "省外", None))),
        "industry": draw(
            st.sampled_from((None, *(book().lists.ancestors(code) for code in ("3443", "6513", "6631", "C"))))
        ),
        "applicant_kind": draw(st.sampled_from((None, ("enterprise",), ("enterprise", "park"), ("association",)))),
        "rd_institution_level": draw(st.sampled_from((None, "none", "city", "national"))),
        "established": some_day(draw),
        "segment_since": some_day(draw),
        "segment_years": draw(st.one_of(st.none(), told(step=Fraction(1, 4)))),
        "science_awards": draw(
            st.none() | st.lists(st.just(0), max_size=3).map(lambda listed: tuple(award(draw) for _ in listed))
        ),
        "equity_investments": draw(
            st.none() | st.lists(st.just(0), max_size=3).map(lambda listed: tuple(investment(draw) for _ in listed))
        ),
        "platform_scores": draw(
            st.none()
            | st.lists(st.just(0), max_size=2).map(
                lambda listed: tuple(
                    {
                        "id": "srdi-development",
                        "cycle": draw(st.sampled_from((2025, 2026, None))),
                        "score": draw(told()),
                    }
                    for _ in listed
                )
            )
        ),
    }
    facts = {name: value for name, value in facts.items() if value is not None or draw(st.booleans())}
    figures = {
        year: {
            name: draw(told(least=-9 if name == "net_profit" else 0))
            for name in ("revenue", "rd_expense", "net_profit", "employees")
        }
        for year in (2022, 2023, 2024, 2025)
        if draw(st.integers(0, 3))
    }
    held = draw(
        st.none() | st.lists(st.just(0), max_size=2).map(lambda listed: tuple(certificate(draw) for _ in listed))
    )
    return Profile("某公司", facts=facts, years=figures, recognitions=held)


def award(draw: st.DrawFn) -> Mapping[str, Any]:
    return {
        "level": draw(st.sampled_from(("national", "provincial", None))),
        "rank": draw(st.sampled_from((1, 3, 4, None, Range(2, 3), Range(3, 4)))),
        "date": some_day(draw),
    }


def investment(draw: st.DrawFn) -> Mapping[str, Any]:
    return {"amount": draw(told()), "date": some_day(draw)}


def certificate(draw: st.DrawFn) -> Held:
    granted, expires = (
        some_day(draw),
        draw(st.sampled_from((None, None, date(2026, 5, 9), date(2026, 5, 10), date(2027, 1, 1)))),
    )
    id_ = draw(st.sampled_from(("high-tech-enterprise", "innovative-sme", "tech-sme")))
    return Held(id_, granted, None if granted and expires and expires < granted else expires)


@thoroughly
@given(conditions(), st.lists(profiles(), min_size=4, max_size=8), st.data())
def test_random_rules_on_random_companies(node: tree.Condition, drawn: list[Profile], data: st.DataObject) -> None:
    """Three readings of the same tree: one company at a time, naively, and in columns."""
    days = data.draw(st.sampled_from((0, 0, 45)))
    applied = DateSpan(USUAL.applied.earliest, USUAL.applied.earliest + timedelta(days=days))
    asking = replace(USUAL, applied=applied, kind=data.draw(st.sampled_from(("new", "review"))))
    asking = replace(asking, shift=data.draw(st.sampled_from((0, 0, 1))))
    try:
        agreed(drawn, node, asking)
    except Uncovered:
        REFUSED.append(node)


REFUSED: list[tree.Condition] = []


def test_few_random_rules_are_refused() -> None:
    """Most of what can be drawn is computed; the rest is nested deeper than any rule is."""
    assert len(REFUSED) < 80
