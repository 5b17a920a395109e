"""Five real rules as Polars queries, written by hand: what a good engineer makes of them, knowing them by heart.

They say what the rules said when they were written (2026-11-23), for companies with figures of 2023 to 2025 and exact
answers: whole numbers, cross-multiplied ratios with guarded divisors, Kleene's logic, certificates by their days, a
review for those who hold one. `screening_by_hand.py` compares their verdicts with the product's, then the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce
from typing import Literal

import polars as pl

from assistant.company.derive import size_rule
from assistant.matching.situation import SIZE_FIGURES
from assistant.rulebook.book import Rulebook

ON = date(2026, 11, 23)
FIVE = (
    "green-design-enterprise",
    "tech-innovation-demo",
    "provincial-enterprise-tech-center",
    "high-tech-enterprise",
    "innovative-sme",
)

MILLION = 1_000_000
WAN = 1_000_000  # 分
LAST = 2025  # the last closed year
VERDICTS = pl.Enum(["eligible", "ineligible", "undetermined", "not-offered"])
TRUE, FALSE, OPEN = pl.lit(value=True), pl.lit(value=False), pl.lit(None, dtype=pl.Boolean)
col, when = pl.col, pl.when

YEARS = {"high-tech-enterprise": 3, "innovative-sme": 3, "tech-innovation-demo": 3, "ip-advantage": 3, "ip-demo": 3}
FOR_GOOD = ("provincial-enterprise-tech-center", "national-enterprise-tech-center")


def every(*truths: pl.Expr) -> pl.Expr:
    """Return the conjunction."""
    return reduce(lambda a, b: a & b, truths)


def none(*names: str) -> pl.Expr:
    """Return whether none of these flags is set."""
    return every(*(~col(name) for name in names))


def fy(name: str, back: int = 1) -> pl.Expr:
    """Return the figure of a year: zero before the founding."""
    year = LAST + 1 - back
    return pl.coalesce(f"{name}_{year}", when(col("established").dt.year() > year).then(pl.lit(0, dtype=pl.Int64)))


def ratio(over: pl.Expr, under: pl.Expr, parts: int, of: int = 100) -> pl.Expr:
    """Return whether over / under is at least parts / of; open where there is nothing to divide by."""
    return when(under > 0).then(over * of >= under * parts)


def three(name: str) -> pl.Expr:
    """Return the sum of three years."""
    return fy(name, 3) + fy(name, 2) + fy(name)


def growth(name: str, percent: int, *, above: bool = False) -> pl.Expr:
    """Return whether two years' mean growth is at least (or above) *percent*."""
    first, middle, last = (fy(name, back).cast(pl.Int128) for back in (3, 2, 1))
    over, under = (middle * middle + last * first) * 100, first * middle * (200 + 2 * percent)
    return when((first > 0) & (middle > 0)).then(over > under if above else over >= under)


def steps(*tiers: tuple[pl.Expr, int], open_: bool, otherwise: int = 0) -> pl.Expr:
    """Return the points of the first tier that holds; an open one holds or not as *open_* says."""
    points = pl.lit(otherwise, dtype=pl.Int32)
    for test, value in reversed(tiers):
        points = when(test.fill_null(value=open_)).then(pl.lit(value, dtype=pl.Int32)).otherwise(points)
    return points


def interval(*tiers: tuple[pl.Expr, int], otherwise: int = 0) -> tuple[pl.Expr, pl.Expr]:
    """Return the least and most points."""
    return steps(*tiers, open_=False, otherwise=otherwise), steps(*tiers, open_=True, otherwise=otherwise)


# ---- certificates


def valid(first: pl.Expr, last: pl.Expr) -> pl.Expr:
    """Return whether a certificate is valid on a day from *first* to *last*."""
    never = (col("granted") > last) | (col("expires") < first)
    unsure = ~col("sure") | (col("granted") > first) | (col("expires") < last)
    return when(never).then(FALSE).when(unsure).then(OPEN).otherwise(TRUE)


def day(month: int, day_: int, cycle: pl.Expr) -> pl.Expr:
    """Return a day of the cycle's year."""
    return pl.date(cycle, month, day_)


def cycle_of(until: pl.Expr, *starts: date) -> pl.Expr:
    """Return the cycle in which the holder of a certificate applies: the last that starts before it ends."""
    found = pl.lit(2027)
    for start in starts:
        found = when((until >= start) & (until != date.max)).then(start.year).otherwise(found)
    return found


def certificates(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Return for each company with any: until when it holds what it may renew, and what it holds when it applies."""
    long = frame.select("row", "recognitions").explode("recognitions").unnest("recognitions")
    name = col("id").cast(pl.String)
    long = long.filter(name.is_in([*YEARS, *FOR_GOOD]))
    term = when(~name.is_in(FOR_GOOD)).then(col("granted").dt.offset_by("3y").dt.offset_by("-1d"))
    long = long.with_columns(expires=pl.coalesce("expires", term))
    long = long.with_columns(sure=col("expires").is_not_null() | name.is_in(FOR_GOOD))
    current = valid(pl.lit(ON), pl.lit(ON)).fill_null(value=True)
    for which in ("high-tech-enterprise", "innovative-sme", "tech-innovation-demo", FOR_GOOD[0]):
        until = col("expires").fill_null(date.max).filter(current & (name == which)).max().over("row")
        long = long.with_columns(until.alias(f"until.{which}"))
    sme, tid = (
        cycle_of(col(f"until.{which}"), *starts)
        for which, starts in (
            ("innovative-sme", (date(2028, 5, 2), date(2029, 5, 2))),
            ("tech-innovation-demo", (date(2028, 1, 1), date(2029, 1, 1))),
        )
    )

    def any_of(ids: Sequence[str], first: pl.Expr, last: pl.Expr) -> pl.Expr:
        return valid(first, last).filter(name.is_in(ids)).any(ignore_nulls=False)

    renewal = cycle_of(col("until.high-tech-enterprise"), date(2028, 2, 12), date(2029, 3, 25))
    own = name == "high-tech-enterprise"
    ends = when(col("sure")).then((col("expires").dt.year() == renewal).fill_null(value=False))
    honours = ("high-tech-enterprise", "tech-innovation-demo", "ip-advantage", "ip-demo")
    return long.group_by("row").agg(
        pl.col("^until\\..*$").first(),
        hte_new=any_of(["high-tech-enterprise"], pl.lit(date(2027, 2, 11)), pl.lit(date(2027, 9, 20))),
        hte_ends=ends.filter(own).any(ignore_nulls=False),
        honour=any_of(honours, day(5, 2, sme), day(9, 29, sme)),
        honour_yangjiang=any_of(honours, day(5, 2, sme), day(9, 22, sme)),
        center=any_of(FOR_GOOD, day(1, 1, tid), day(12, 31, tid)),
        national_center=any_of(FOR_GOOD[1:], pl.lit(date(2027, 1, 30)), pl.lit(date(2027, 9, 30))),
    )


HELD = ("hte_new", "hte_ends", "honour", "honour_yangjiang", "center", "national_center")


# ---- the rules


def verdict(truth: pl.Expr, *except_: str) -> pl.Expr:
    """Return the word for what the requirement came to, for enterprises in the province."""
    offered = col("applicant_kind").list.contains("enterprise") & ~col("city").is_in([*except_, "省外"])
    whole = offered & truth
    word = when(~offered).then(pl.lit("not-offered")).when(whole).then(pl.lit("eligible"))
    return word.when(~whole).then(pl.lit("ineligible")).otherwise(pl.lit("undetermined")).cast(VERDICTS)


def green_design() -> pl.Expr:
    """Return the verdict on 工业产品绿色设计示范企业 (2023)."""
    return verdict(
        every(
            *map(col, ("legal_person", "iso9001", "iso14001", "iso50001", "iso45001")),
            col("green_product_certified") | col("green_design_service"),
            col("green_design_self_score") >= 80 * MILLION,
            none("larger_accident_3y", "larger_quality_accident_3y", "larger_env_incident_3y"),
            none("inspection_serious_issue", "energy_rectification_pending"),
            OPEN,  # an expert's
        )
    )


def tech_innovation() -> pl.Expr:
    """Return the verdict on 国家技术创新示范企业 (2010)."""
    return verdict(
        every(
            *map(col, ("legal_person", "finance_sound", "domestic_base", "chinese_control", "center")),
            fy("employees") >= 300,
            fy("revenue") >= 3000 * WAN,
            fy("total_assets") >= 4000 * WAN,
            col("standards_participated") >= 1,
            ratio(fy("rd_expense"), fy("revenue"), 3),
            col("rd_institution") | col("academia_cooperation"),
            *(fy("net_profit", back) > 0 for back in (3, 2, 1)),
            col("iso9001") & col("ip_management_system"),
            OPEN,
        )
    )


def tech_center(categories: Sequence[str]) -> pl.Expr:
    """Return the verdict on 省级企业技术中心 (2022)."""
    until = col("until.provincial-enterprise-tech-center")
    review = (until >= date(2027, 1, 30)).fill_null(value=False)
    building = col("industry").is_in([code for code in categories if code == "E" or "47" <= code[:2] <= "50"])
    main, spent = fy("main_revenue"), fy("rd_expense")
    asked = ~review | ~col("national_center")
    gate = (
        ((main >= 100_000 * WAN) & (spent >= 3000 * WAN))
        | ((main < 100_000 * WAN) & ratio(spent, main, 3) & (spent >= 800 * WAN))
        | (building & ratio(spent, main, 5, 1000) & (spent >= 800 * WAN))
    )
    staff, equipment = fy("rd_staff_fulltime"), col("rd_equipment_value")
    truth = every(
        col("legal_person"),
        review | (col("tech_center_years") >= MILLION),
        review | (main >= 10_000 * WAN),
        ~asked | gate,
        ~(~building & asked) | (staff >= 50),
        ~(building & asked) | (staff >= 60),
        ~asked | col("tech_leader"),
        ~(~building & asked) | (equipment >= 800 * WAN),
        ~(building & asked) | (equipment >= 1000 * WAN),
        ~(review & asked) | OPEN,  # a platform's score that nobody told
        none("serious_violation_2y", "major_accident_2y", "tech_center_revoked_3y"),
        review | OPEN,
    )
    late = (until >= date(2028, 1, 31)) & (until != date.max)  # no version decides these
    return verdict(when(late).then(OPEN).otherwise(truth), "深圳市")


def high_tech() -> pl.Expr:
    """Return the verdict on 高新技术企业 (2016); what experts give leaves no room to pass for sure, only to fail."""
    until = col("until.high-tech-enterprise")
    review = (until >= date(2027, 2, 11)).fill_null(value=False)
    cycle = cycle_of(until, date(2028, 2, 12), date(2029, 3, 25))
    first = when(cycle == 2027).then(date(2027, 2, 11)).when(cycle == 2028).then(date(2028, 2, 12))
    last = when(cycle == 2027).then(date(2027, 9, 20)).when(cycle == 2028).then(date(2028, 10, 20))
    sure, possible = (
        (end - col("established")).dt.total_days() >= 365
        for end in (first.otherwise(date(2029, 3, 25)), last.otherwise(date(2029, 11, 4)))
    )
    revenue, spent, sold = fy("revenue"), three("rd_expense"), three("revenue")
    patents = steps(
        (col("class1_ip") >= 1, 8), *((col("class2_ip") >= n, most) for n, most in ((5, 6), (3, 4), (1, 2))), open_=True
    )
    source = steps((col("ip_self_developed"), 6), otherwise=3, open_=True)
    standards = steps((col("standards_participated") >= 1, 2), open_=True)
    made = three("tech_transformations")
    results = steps(
        *((made >= 3 * n, most) for n, most in ((5, 30), (4, 24), (3, 18), (2, 12))), (made > 0, 6), open_=True
    )
    grown = [
        steps(*((growth(name, n), most) for n, most in ((35, 10), (25, 8), (15, 6), (5, 4))),
              (growth(name, 0, above=True), 2), open_=True)
        for name in ("net_assets", "revenue")
    ]  # fmt: skip
    most = pl.min_horizontal(16 + patents + source + standards, 30) + results + 20 + grown[0] + grown[1]
    fields = ["electronic-information", "biology-medicine", "aerospace", "new-materials", "high-tech-services"]
    fields += ["new-energy", "resources-environment", "advanced-manufacturing"]
    return verdict(
        every(
            col("resident_enterprise"),
            when(sure == possible).then(sure),
            col("core_ip") >= 1,
            col("high_tech_field").is_in(fields),
            ratio(fy("tech_staff"), fy("employees"), 10),
            ((revenue <= 5000 * WAN) & ratio(spent, sold, 5))
            | ((revenue > 5000 * WAN) & (revenue <= 20_000 * WAN) & ratio(spent, sold, 4))
            | ((revenue > 20_000 * WAN) & ratio(spent, sold, 3)),
            ratio(three("rd_expense_domestic"), spent, 60),
            ratio(fy("hitech_revenue"), fy("total_income"), 60),
            when(most <= 70).then(FALSE),
            col("high_tech_last_applied") < cycle,
            ~review | (~col("registration_change_pending") & col("high_tech_annual_reports_done")),
            none("major_accident_1y", "serious_env_violation_1y"),
            when(review).then(col("hte_ends")).otherwise(~col("hte_new")),
        )
    )


def innovative_sme() -> pl.Expr:
    """Return the verdict on 创新型中小企业 (2026)."""
    revenue, main, before = fy("revenue"), fy("main_revenue"), fy("main_revenue", 2)
    debts, assets = fy("total_liabilities"), fy("total_assets")
    rights = ("class1_ip_high_value", "class1_ip_self", "class1_ip", "class2_ip")
    parts = (
        (
            interval(*((col(name) >= 1, points) for name, points in zip(rights, (20, 15, 10, 5), strict=True))),
            interval(*((ratio(fy("rd_expense"), revenue, n), most) for n, most in ((5, 20), (3, 15), (2, 10), (1, 5)))),
        ),
        (
            interval(*((ratio(main, before, n), most) for n, most in ((115, 20), (110, 15), (105, 10), (100, 5)))),
            interval(*((when(assets > 0).then(debts * 100 <= assets * n), most) for n, most in ((55, 10), (75, 5)))),
        ),
        (
            interval((col("strategic_emerging"), 10), otherwise=5),
            interval(*((ratio(main, revenue, n), most) for n, most in ((70, 20), (60, 15), (55, 10), (50, 5)))),
        ),
    )  # fmt: skip
    least, most = ([sum((item[end] for item in part), start=pl.lit(0)) for part in parts] for end in (0, 1))
    passes = every(sum(least, start=pl.lit(0)) >= 60, *(a >= b for a, b in zip(least, (20, 15, 15), strict=True)))
    may = every(sum(most, start=pl.lit(0)) >= 60, *(a >= b for a, b in zip(most, (20, 15, 15), strict=True)))
    score = when(passes).then(TRUE).when(~may).then(FALSE)
    honour = when((col("city") == "阳江市").fill_null(value=False)).then("honour_yangjiang").otherwise("honour")
    institution = col("rd_institution_level").is_in(["provincial", "national"])
    bounds = [
        when(col(f"large.{name}").is_null()).then(TRUE).otherwise(fy(name) >= col(f"large.{name}"))
        for name in SIZE_FIGURES
    ]
    return verdict(
        every(
            (col("city") != "省外") & col("legal_person"),
            when(col("sized")).then(~every(*bounds)),
            score | honour | institution | OPEN,  # awards and investments that nobody told
            none("abnormal_list", "serious_dishonesty", "restricted_product", "larger_accident_3y"),
            none("serious_quality_3y", "major_data_event_3y", "major_env_violation_3y"),
            ~col("serious_industry_violation_3y"),
        ),
        "深圳市",
    )  # fmt: skip


# ---- the queries


def limits(rulebook: Rulebook) -> pl.DataFrame:
    """Return from where on a company of each industry is large."""
    lists = rulebook.lists
    rules = {code: size_rule(lists.ancestors(code), lists) for code in lists.industries}
    return pl.DataFrame(
        {
            "industry": pl.Series(list(rules), dtype=pl.Enum(list(rules))),
            "sized": [rule is not None for rule in rules.values()],
            **{
                f"large.{name}": pl.Series(
                    [max(rule.bounds[name]) if rule and name in rule.bounds else None for rule in rules.values()],
                    dtype=pl.Int64,
                )
                for name in SIZE_FIGURES
            },
        }
    )


class Queries:
    """The five queries, ready to be run on frames."""

    engine: Literal["in-memory", "streaming"] = "in-memory"  # the streaming one (2.1) forgets the order of joined rows

    def __init__(self, rulebook: Rulebook) -> None:
        """Look up what the lists say once."""
        self._limits = limits(rulebook).lazy()
        self.verdicts = {
            "green-design-enterprise": green_design(),
            "tech-innovation-demo": tech_innovation(),
            "provincial-enterprise-tech-center": tech_center(list(rulebook.lists.industries)),
            "high-tech-enterprise": high_tech(),
            "innovative-sme": innovative_sme(),
        }

    def run(self, frame: pl.DataFrame, projects: Sequence[str]) -> pl.DataFrame:
        """Return the verdicts on *projects*."""
        found = [self.verdicts[id_].alias(f"{id_}.verdict") for id_ in projects]
        return self.joined(frame, projects).select(found).collect(engine=self.engine)

    def joined(self, frame: pl.DataFrame, projects: Sequence[str]) -> pl.LazyFrame:
        """Return the frame with what *projects* ask of certificates and of the lists."""
        query = frame.lazy()
        if set(projects) != {"green-design-enterprise"}:  # it asks for no certificate
            query = query.with_row_index("row")
            query = query.join(certificates(query), on="row", how="left", maintain_order="left")
            told = col("recognitions").is_not_null()
            query = query.with_columns(when(told).then(col(HELD).fill_null(value=False)))
        if "innovative-sme" in projects:
            query = query.join(self._limits, on="industry", how="left", maintain_order="left")
        return query
