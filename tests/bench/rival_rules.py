"""Five real rules as other engines get them, written by hand, with two texts for each: may it be true, is it surely.

An engine without unknowns needs both to tell undetermined from eligible and ineligible. What it cannot look up it is
given: from where on a company is large, whether it applies for a review, what it holds when it applies, zero for years
before its founding. All of this is in the engine's favour.

A name ending in _fy1 is the figure of the last closed year, _fy2 and _fy3 of the years before. Money is in 分.
"""

from __future__ import annotations

import ast
import re

from tests.bench.rival_spelling import Spelling, names

WAN = 1_000_000
CYCLE, LAST = 2027, 2025  # of the applications, and the last closed year
YEARLY = re.compile(r"(\w+)_fy([123])$")


def _steps(*tiers: tuple[str, int], otherwise: int = 0) -> str:
    return "(" + " else ".join(f"{points} if {test}" for test, points in tiers) + f" else {otherwise})"


def _grown(name: str) -> str:
    tiers = [(f"growth({name}_grown, {2 + percent / 50})", points) for percent, points in _GROWTH]
    return _steps(*tiers, (f"above({name}_grown, 2)", 2))


def _ratios(over: str, under: str, *tiers: tuple[int, int], how: str = "ratio") -> str:
    return _steps(*((f"{how}({over}, {under}, {percent}, 100)", points) for percent, points in tiers))


_GROWTH = ((35, 10), (25, 8), (15, 6), (5, 4))
_PATENTS = _steps(("class1_ip >= 1", 8), ("class2_ip >= 5", 6), ("class2_ip >= 3", 4), ("class2_ip >= 1", 2))
_RIGHTS = (
    ("class1_ip_high_value >= 1", 20),
    ("class1_ip_self >= 1", 15),
    ("class1_ip >= 1", 10),
    ("class2_ip >= 1", 5),
)

SUMS = {f"{name}_3": f"{name}_fy1 + {name}_fy2 + {name}_fy3" for name in
        ("revenue", "rd_expense", "rd_expense_domestic", "tech_transformations")}  # fmt: skip
POINTS = {
    "rights": f"16 + {_PATENTS} + (6 if ip_self_developed else 3) + (2 if standards_participated >= 1 else 0)",
    "results": _steps(
        *((f"tech_transformations_3 >= {n}", most) for n, most in ((15, 30), (12, 24), (9, 18), (6, 12))),
        ("tech_transformations_3 > 0", 6),
    ),
    "grown": f"{_grown('net_assets')} + {_grown('revenue')}",
    "innovation": f"{_steps(*_RIGHTS)} + "
    + _ratios("rd_expense_fy1", "revenue_fy1", (5, 20), (3, 15), (2, 10), (1, 5)),
    "growing": _ratios("main_revenue_fy1", "main_revenue_fy2", (115, 20), (110, 15), (105, 10), (100, 5))
    + " + "
    + _ratios("total_liabilities_fy1", "total_assets_fy1", (55, 10), (75, 5), how="at_most"),
    "special": "(10 if strategic_emerging else 5) + "
    + _ratios("main_revenue_fy1", "revenue_fy1", (70, 20), (60, 15), (55, 10), (50, 5)),
}

RULES: dict[str, dict[str, str]] = {  # the first part of each: whether it is offered
    "green-design-enterprise": {
        "offered": "enterprise and in_province",
        "legal": "legal_person",
        "systems": "iso9001 and iso14001 and iso50001 and iso45001",
        "track": "green_product_certified or green_design_service",
        "score": "green_design_self_score >= 80000000",
        "accidents": "not larger_accident_3y and not larger_quality_accident_3y and not larger_env_incident_3y",
        "problems": "not inspection_serious_issue and not energy_rectification_pending",
        "strength": "judged",
    },
    "tech-innovation-demo": {
        "offered": "enterprise and in_province",
        "legal": "legal_person and finance_sound",
        "control": "domestic_base and chinese_control",
        "center": "center",
        "employees": "employees_fy1 >= 300",
        "revenue": f"revenue_fy1 >= {3000 * WAN}",
        "assets": f"total_assets_fy1 >= {4000 * WAN}",
        "standards": "standards_participated >= 1",
        "rd": "ratio(rd_expense_fy1, revenue_fy1, 3, 100)",
        "unit": "rd_institution or academia_cooperation",
        "profit": "net_profit_fy1 > 0 and net_profit_fy2 > 0 and net_profit_fy3 > 0",
        "quality": "iso9001 and ip_management_system",
        "effect": "judged",
    },
    "provincial-enterprise-tech-center": {
        "offered": "enterprise and in_province and not in_shenzhen",
        "legal": "legal_person",
        "years": "center_review or tech_center_years >= 1000000",
        "main": f"center_review or main_revenue_fy1 >= {10_000 * WAN}",
        "gate": "center_free or "
        f"(main_revenue_fy1 >= {100_000 * WAN} and rd_expense_fy1 >= {3000 * WAN}) or "
        f"(main_revenue_fy1 < {100_000 * WAN} and ratio(rd_expense_fy1, main_revenue_fy1, 3, 100) "
        f"and rd_expense_fy1 >= {800 * WAN}) or "
        f"(builds and ratio(rd_expense_fy1, main_revenue_fy1, 5, 1000) and rd_expense_fy1 >= {800 * WAN})",
        "staff": "center_free or builds or rd_staff_fulltime_fy1 >= 50",
        "staff-building": "center_free or not builds or rd_staff_fulltime_fy1 >= 60",
        "leader": "center_free or tech_leader",
        "equipment": f"center_free or builds or rd_equipment_value >= {800 * WAN}",
        "equipment-building": f"center_free or not builds or rd_equipment_value >= {1000 * WAN}",
        "evaluation": "not center_review or center_free or judged",
        "clean": "not serious_violation_2y and not major_accident_2y and not tech_center_revoked_3y",
        "organised": "center_review or judged",
    },
    "high-tech-enterprise": {
        "offered": "enterprise and in_province",
        "resident": "resident_enterprise",
        "registered": "registered_for_a_year",
        "core": "core_ip >= 1",
        "field": "high_tech_field >= 1",
        "staff": "ratio(tech_staff_fy1, employees_fy1, 10, 100)",
        "rd": f"(revenue_fy1 <= {5000 * WAN} and ratio(rd_expense_3, revenue_3, 5, 100)) or "
        f"(revenue_fy1 > {5000 * WAN} and revenue_fy1 <= {20_000 * WAN} and ratio(rd_expense_3, revenue_3, 4, 100)) or "
        f"(revenue_fy1 > {20_000 * WAN} and ratio(rd_expense_3, revenue_3, 3, 100))",
        "domestic": "ratio(rd_expense_domestic_3, rd_expense_3, 60, 100)",
        "products": "ratio(hitech_revenue_fy1, total_income_fy1, 60, 100)",
        "innovation": "judged and (rights + results + grown > 50 and results + grown > 20)",  # rights count 30 at most
        "once": "high_tech_last_applied < high_tech_cycle",
        "changes": "not high_tech_review or (not registration_change_pending and high_tech_annual_reports_done)",
        "clean": "not major_accident_1y and not serious_env_violation_1y",
        "early": "high_tech_in_time",
    },
    "innovative-sme": {
        "offered": "enterprise and in_province and not in_shenzhen",
        "legal": "legal_person",
        "size": "(sized or judged) and (not sized or not ((not by_employees or employees_fy1 >= large_employees) and "
        "(not by_revenue or revenue_fy1 >= large_revenue) and "
        "(not by_total_assets or total_assets_fy1 >= large_total_assets)))",
        "gate": "honoured or rd_institution_level >= 3 or judged or (innovation >= 20 and growing >= 15 "
        "and special >= 15 and innovation + growing + special >= 60)",
        "lists": "not abnormal_list and not serious_dishonesty and not restricted_product",
        "events": "not larger_accident_3y and not serious_quality_3y and not major_data_event_3y "
        "and not major_env_violation_3y and not serious_industry_violation_3y",
    },
}
WORDS = ("not-offered", "ineligible", "undetermined", "eligible")
_TEXTS = [*SUMS.values(), *POINTS.values(), *(text for rule in RULES.values() for text in rule.values())]
INPUTS = [
    name for name in dict.fromkeys(name for text in _TEXTS for name in names(text)) if name not in {*SUMS, *POINTS}
]

CERTAIN = frozenset(
    ["center_review", "high_tech_review", "high_tech_cycle", "sized"]
    + [f"{what}_{name}" for what in ("by", "large") for name in ("employees", "revenue", "total_assets")]
)

ZEN = Spelling(
    {ast.And: "and", ast.Or: "or"}, "(not {})", "({} ? {} : {})", "({} != null)",
    ("({} != false)", "({} == true)"), "true", "false", SUMS, POINTS, CERTAIN,
)  # fmt: skip
NUMPY = Spelling(
    {ast.And: "&", ast.Or: "|"}, "(~{})", "where({}, {}, {})", "{}_ok",
    ("({0} | ~{0}_ok)", "({0} & {0}_ok)"), "all_true", "all_false", SUMS, POINTS, CERTAIN,
)  # fmt: skip


def placed(name: str) -> tuple[str, int]:
    """Return the fact that a name stands for, and its year."""
    found = YEARLY.match(name)
    return (found[1], LAST + 1 - int(found[2])) if found else (name, CYCLE)
