"""Profiles: every mistake of a file is told at once, exactly and where it stands; no blank becomes an answer.

The files of `bad_profiles` carry what must be said about a line behind it, after `#!`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.company.profile import Held, Profile, read_profile
from assistant.delivery.wording.problems import PROBLEMS, problem_text
from assistant.errors import BadInput
from assistant.logic.values import Range
from assistant.rulebook.book import Rulebook
from assistant.sources import Source, parse, read
from tests.conftest import ROOT, Read

BAD = sorted((ROOT / "tests" / "bad_profiles").glob("*.yaml"))
WAN = 1_000_000

fuzzed = settings(derandomize=True, deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))


def expected(path: Path) -> list[str]:
    """Return what the file itself says must be told: `line path：message`."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [f"{number} {told.strip()}" for number, line in enumerate(lines, 1) for told in line.split("#!")[1:]]


def told(error: BadInput) -> list[str]:
    """Return what *error* tells, in the same form."""
    return [f"{p.place.line} {p.place.path}：{problem_text(p.code, dict(p.params), 'zh')}" for p in error.problems]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_profile_is_told_all_its_mistakes(rulebook: Rulebook, on: date, path: Path) -> None:
    """Word for word, line by line."""
    with pytest.raises(BadInput) as caught:
        read_profile(read(path), rulebook.dictionary, rulebook.lists, on)
    assert told(caught.value) == expected(path)


# ---- doubts: asked about, not refused


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (
            "facts:\n  industry: C9999\n",
            2,
            "行业代码“C9999”不在 GB/T 4754-2017 的列表里，最接近的是 8999，请核对；暂按“不清楚”处理",
        ),
        ("enterprise:\n  uscc: 91440605MA4W1XXX0\n", 2, "统一社会信用代码应为 18 位：91440605MA4W1XXX0"),
        ("enterprise:\n  uscc: 91440605MA4XXX2B7A\n", 2, "统一社会信用代码末位校验不对，请核对：91440605MA4XXX2B7A"),
        ("years:\n  2025:\n    revenue: 100\n    main_revenue: 101\n", 4, "2025 年主营业务收入大于营业收入，请核对"),
        ("estimates:\n  2026: {employees: 9, rd_staff: 10}\n", 2, "2026 年研发人员大于从业人员，请核对"),
    ],
)
def test_what_can_hardly_be_right_is_asked_about(company: Read, text: str, line: int, message: str) -> None:
    """The profile is read all the same."""
    [doubt] = company(text).remarks
    assert (doubt.place.line, problem_text(doubt.code, dict(doubt.params), "zh")) == (line, message)


def test_an_industry_not_listed_is_not_known(company: Read) -> None:
    """Not some other industry, nor none."""
    assert company("facts: {industry: C9999}").facts == {"industry": None}


# ---- blanks


def test_a_blank_is_no_answer(company: Read) -> None:
    """Nothing left out or left empty becomes 0 or no."""
    profile = company("enterprise:\nfacts:\n  iso9001:\n  city: ~\nyears:\n  2025:\n    revenue:\n  2024:\n")
    assert (profile.facts, profile.years, profile.recognitions) == ({}, {2025: {}, 2024: {}}, None)
    assert profile.figure("revenue", 2025) == (None, False)


@pytest.mark.parametrize("text", ["", "# 空\n", "{}", "enterprise: {name: ''}"])
def test_an_empty_profile_is_a_profile(company: Read, text: str) -> None:
    """Of which nothing is known."""
    assert company(text) == Profile("")


def test_not_known_differs_from_not_answered(company: Read) -> None:
    """Asked once, it need not be asked again."""
    assert company("facts: {iso9001: unknown}").facts == {"iso9001": None}


def test_a_list_given_empty_says_none(company: Read) -> None:
    """A list left out says nothing."""
    assert company("recognitions: []").recognitions == ()
    assert company("recognitions:").recognitions is None


# ---- figures


def test_an_actual_figure_goes_before_an_estimate(company: Read) -> None:
    """An estimate fills in, and says that it is one."""
    profile = company(
        "years: {2025: {revenue: 5, employees: unknown}}\nestimates: {2025: {revenue: 6, employees: 7}}\n"
    )
    assert profile.figure("revenue", 2025) == (5 * WAN, False)
    assert profile.figure("employees", 2025) == (7, True)
    assert profile.figure("rd_staff", 2025) == (None, False)


def test_the_year_closes_with_its_last_day(rulebook: Rulebook) -> None:
    """On New Year's Eve the year is still open."""
    source = "years: {2026: {revenue: 1}}"
    lists, dictionary = rulebook.lists, rulebook.dictionary
    with pytest.raises(BadInput):
        read_profile(parse(source, name="x"), dictionary, lists, date(2026, 12, 31))
    assert read_profile(parse(source, name="x"), dictionary, lists, date(2027, 1, 1)).figure("revenue", 2026)[0] == WAN


def test_a_range_stays_a_range(company: Read) -> None:
    """Both ends, in base units."""
    assert company('years: {2025: {revenue: "4800..5200"}}').figure("revenue", 2025) == (
        Range(4800 * WAN, 5200 * WAN),
        False,
    )


@pytest.mark.parametrize("code", ["0111", "0131", "0610", "0810", "0890"])
def test_a_code_that_begins_with_zero_stays_itself(company: Read, code: str) -> None:
    """YAML reads 0131 as a number; 131 would be another industry."""
    assert company(f"facts: {{industry: {code}}}").facts["industry"][-1] == code


def test_recognitions_answer_to_their_other_names(company: Read) -> None:
    """As people call them."""
    held = company("recognitions: [{id: 小巨人}, {id: 高企, granted: 2024-11-19}]").recognitions
    assert held == (Held("little-giant", None, None), Held("high-tech-enterprise", date(2024, 11, 19), None))


# ---- the same profile, written otherwise


def as_json(data: Any) -> Any:
    """Return *data* as JSON has it: days and keys are text."""
    return json.loads(
        json.dumps(data, default=lambda value: float(value) if isinstance(value, Decimal) else str(value))
    )


def test_every_sample_reads_the_same_from_json(rulebook: Rulebook, samples: Mapping[str, Profile], on: date) -> None:
    """The contract: profiles are YAML, also JSON."""
    for name, profile in samples.items():
        plain = read(ROOT / "profiles" / f"{name}.yaml").data
        source = parse(json.dumps(as_json(plain), ensure_ascii=False, indent=1), name=f"{name}.json")
        found = read_profile(source, rulebook.dictionary, rulebook.lists, on)
        assert (found.facts, found.years, found.estimates, found.recognitions, found.judgements) == (
            profile.facts,
            profile.years,
            profile.estimates,
            profile.recognitions,
            profile.judgements,
        ), name


def test_every_sample_is_without_doubts(samples: Mapping[str, Profile]) -> None:
    """The samples show how it is done."""
    assert {name: profile.remarks for name, profile in samples.items() if profile.remarks} == {}


# ---- anything at all

_KEYS = st.sampled_from(
    [
        *("enterprise", "facts", "years", "estimates", "recognitions", "judgements", "name", "uscc", "city"),
        *("industry", "revenue", "employees", "established", "equity_investments", "applicant_kind", "market_share"),
        *("rd_institution_level", "iso9001", "science_awards", "platform_scores", "id", "granted", "expires"),
        *("project", "criterion", "verdict", "on", "date", "amount", "level", "rank", "cycle", "score", "2025"),
    ]
)
_LEAVES = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.text(max_size=6), st.dates(), _KEYS),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        ["5..10", "1.5..2", "5 万元", "..", "5%", "１", "1.2.3..4", "unknown", "C3443", "A3443", "2024-01-01"]
    ),
)
_ANYTHING = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS | st.integers(2020, 2030), inner, max_size=4),
    max_leaves=20,
)


def codes(data: dict[str, Any], rulebook: Rulebook, on: date) -> set[str]:
    """Return what is wrong with *data*: nothing, or codes that have a sentence."""
    try:
        read_profile(Source("x", data), rulebook.dictionary, rulebook.lists, on)
    except BadInput as error:
        return {problem.code for problem in error.problems}
    return set()


@given(data=st.dictionaries(_KEYS, _ANYTHING, max_size=5))
@fuzzed
def test_any_data_is_a_profile_or_refused(rulebook: Rulebook, on: date, data: dict[str, Any]) -> None:
    """Nothing but a profile or `BadInput` comes out, and every problem has its sentence."""
    assert codes(data, rulebook, on) <= PROBLEMS.keys()


@given(data=st.data())
@fuzzed
def test_any_answer_to_any_fact_is_read_or_refused(rulebook: Rulebook, on: date, data: st.DataObject) -> None:
    """Fact by fact, entry by entry."""
    spec = data.draw(st.sampled_from(list(rulebook.dictionary.facts.values())))
    answer = data.draw(_LEAVES | st.lists(_LEAVES | st.dictionaries(_KEYS, _LEAVES, max_size=3), max_size=2))
    section = {"years": {2025: {spec.name: answer}}} if spec.yearly else {"facts": {spec.name: answer}}
    assert codes(section, rulebook, on) <= PROBLEMS.keys()
