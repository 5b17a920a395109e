"""What if and compare: one answer changed, another company, day, version or rulebook, and what changes with it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from assistant.company.changes import Change, changed, read_changes, seen_on
from assistant.company.profile import Held, Profile
from assistant.errors import BadInput
from assistant.matching.difference import Difference, differences
from assistant.matching.match import Match, Matcher
from assistant.planning.assessment import Assessment, assess
from assistant.planning.comparison import Comparison, against_version, version_difference, version_differences
from assistant.rulebook.book import Rulebook
from assistant.sources import read
from tests.conftest import ON, ROOT, SAMPLES, Assess, Read
from tests.test_cli import TODAY, good, refused, sample
from tests.test_wording import CLUMSY, HALF_WIDTH, HANZI, INSIDES

VALVES = str(sample("valve-maker"))
PARTS = str(sample("precision-parts"))

State = str | None
States = tuple[State, State]


def changes_of(rulebook: Rulebook, *texts: str) -> tuple[Change, ...]:
    """Read changes as of today."""
    return read_changes(texts, rulebook.dictionary, rulebook.lists, ON, place="--with")


def told(rulebook: Rulebook, *texts: str) -> list[str]:
    """Return the mistakes in changes: place and code."""
    with pytest.raises(BadInput) as caught:
        changes_of(rulebook, *texts)
    return [f"{problem.place}: {problem.code}" for problem in caught.value.problems]


def matches(assessment: Assessment) -> list[Match]:
    """Return the matches of an assessment."""
    return [prospect.match for prospect in assessment.prospects]


def verdict_of(match: Match | None) -> State:
    """Return the verdict, None where the project is not there."""
    return None if match is None else match.verdict


def seen(found: Sequence[Difference]) -> dict[str, tuple[States, dict[str, States]]]:
    """Return by project the verdicts, and by criterion the states, on both sides."""
    return {
        one.project: (
            (verdict_of(one.before), verdict_of(one.after)),
            {
                change.criterion.id: (change.before and change.before.state, change.after and change.after.state)
                for change in one.findings
            },
        )
        for one in found
    }


# ---- one answer changed


@dataclass(frozen=True)
class WhatIf:
    """A sample with changes: the verdicts of one project, and the states of the criteria that change in it."""

    company: str
    changes: tuple[str, ...]
    project: str
    verdicts: States
    states: Mapping[str, States]


CASES = {
    # 294/9800 is exactly 3 %; what is left open is the platform's score of 2027
    "the missing 30,000 yuan of research": WhatIf(
        "precision-parts", ("rd_expense[2026]=294",), "specialized-sme",
        ("ineligible", "undetermined"), {"rd-two-years": ("unmet", "met")},
    ),
    # one yuan less is not enough; the shortfall is a cent's worth
    "almost the missing 30,000 yuan": WhatIf(
        "precision-parts", ("rd_expense[2026]=293.9999",), "specialized-sme",
        ("ineligible", "ineligible"), {"rd-two-years": ("unmet", "unmet")},
    ),
    "less revenue does it too": WhatIf(  # 291/9700 = 3 %
        "precision-parts", ("营业收入[2026]=0.97亿元",), "specialized-sme",
        ("ineligible", "undetermined"), {"rd-two-years": ("unmet", "met")},
    ),
    "the fourth patent of its own": WhatIf(
        "valve-maker", ("class1_ip_own=4",), "little-giant",
        ("ineligible", "undetermined"), {"ip-own": ("unmet", "met")},
    ),
    "perhaps a fourth patent": WhatIf(
        "valve-maker", ("class1_ip_own=3..4",), "little-giant",
        ("ineligible", "undetermined"), {"ip-own": ("unmet", "unknown")},
    ),
    # 12,600 of 14,000 is exactly 90 %
    "a hundredth yuan below nine tenths": WhatIf(
        "valve-maker", ("main_revenue[2026]=12599.999999",), "little-giant",
        ("ineligible", "ineligible"), {"main-ratio": ("met", "unmet")},
    ),
    "a stepping stone lost": WhatIf(
        "valve-maker", ("专精特新=no",), "little-giant",
        ("ineligible", "ineligible"), {"specialized-sme": ("met", "unmet")},
    ),
    # main revenue of three years: (10,100 + 11,800 + 12,600) / 3 = 11,500
    "a giant needs only a quarter of the champion's revenue": WhatIf(
        "valve-maker", ("小巨人=2026-08-01",), "provincial-champion",
        ("ineligible", "ineligible"), {"revenue-10000-giant": ("unmet", "met")},
    ),
    "the platform's score": WhatIf(
        "valve-maker", ("platform_scores.srdi-development[2027]=60",), "little-giant",
        ("ineligible", "ineligible"), {"eval-score": ("unknown", "met")},
    ),
    "the platform's score and the patent": WhatIf(
        "valve-maker", ("platform_scores.srdi-development[2027]=59.99", "class1_ip_own=4"), "little-giant",
        ("ineligible", "ineligible"), {"eval-score": ("unknown", "unmet"), "ip-own": ("unmet", "met")},
    ),
    "third in the world becomes fourth": WhatIf(
        "bearing-giant", ("market_rank_global=4",), "manufacturing-champion",
        ("undetermined", "ineligible"), {"market": ("met", "unmet")},
    ),
    # 36,000 + 40,500 + 43,499 misses three times 40,000 by one
    "one of 120,000 missing": WhatIf(
        "bearing-giant", ("main_revenue[2026]=43499",), "manufacturing-champion",
        ("undetermined", "ineligible"), {"revenue": ("met", "unmet")},
    ),
    "moved to where another city decides": WhatIf(
        "valve-maker", ("city=深圳",), "specialized-sme", ("eligible", "not-offered"), {},
    ),
    "no longer a company": WhatIf(
        "valve-maker", ("applicant_kind=park",), "high-tech-enterprise", ("eligible", "not-offered"), {},
    ),
    "where it is, not told": WhatIf(
        "valve-maker", ("city=",), "high-tech-enterprise", ("eligible", "undetermined"), {},
    ),
    "an accident": WhatIf(
        "valve-maker", ("larger_accident_3y=是",), "specialized-sme",
        ("eligible", "ineligible"), {"no-serious-event-3y": ("met", "unmet")},
    ),
    "no accident": WhatIf(
        "chemical-plant", ("larger_accident_3y=no",), "specialized-sme",
        ("ineligible", "undetermined"), {"no-serious-event-3y": ("unmet", "met")},
    ),
    "an answer not known": WhatIf(
        "valve-maker", ("fake_data_3y=unknown",), "specialized-sme",
        ("eligible", "undetermined"), {"no-fake-data-3y": ("met", "unknown"), "fake-data-ban": ("met", "unknown")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_if(name: str, rulebook: Rulebook, matcher: Matcher, assessed: Assess) -> None:
    """The verdict and exactly the criteria that hang on the answer."""
    case = CASES[name]
    before = assessed(case.company)
    after = assess(matcher, changed(before.profile, changes_of(rulebook, *case.changes)), ON)
    found = seen(differences(matches(before), matches(after)))
    assert found[case.project] == (case.verdicts, case.states)


def test_a_recognition_granted_today_is_held_and_reviewed(
    rulebook: Rulebook, matcher: Matcher, assessed: Assess
) -> None:
    """Its own project is looked at as one that is held; that alone is a difference."""
    before = assessed("sensor-startup")
    after = assess(matcher, changed(before.profile, changes_of(rulebook, "创新型中小企业=yes")), ON)
    [own] = [one for one in Comparison(before, after).differences if one.project == "innovative-sme"]
    assert own.before is not None
    assert own.before.held is None
    assert own.after is not None
    assert own.after.held is not None
    assert (own.after.held.granted, own.after.held.expires) == (ON, date(2029, 11, 22))  # three years
    assert own.after.application.kind == "review"


# ---- the same answer changes nothing


def written(value: Any) -> str:
    """Return an answer as it is written behind the equals sign."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {written(part)}' for key, part in value.items())}}}"
    return str(value)


def own_answers(data: Any) -> list[str]:
    """Return every answer of a profile's file as a change."""
    facts = [f"{name}={written(value)}" for name, value in data.get("facts", {}).items()]
    figures = [
        f"{name}[{year}]={written(value)}"
        for section in ("years", "estimates")
        for year, table in data.get(section, {}).items()
        for name, value in table.items()
    ]
    held = [
        f"{entry['id']}={written({key: day for key, day in entry.items() if key != 'id'})}"
        for entry in data.get("recognitions", ())
    ]
    return [*facts, *figures, *held]


def same(one: Profile, other: Profile) -> bool:
    """Tell whether two profiles answer alike, in whatever order they list recognitions."""
    ordered = [sorted(profile.recognitions or (), key=str) for profile in (one, other)]
    answers = [(profile.facts, profile.years, profile.estimates, profile.unsure) for profile in (one, other)]
    return ordered[0] == ordered[1] and answers[0] == answers[1]


def test_the_answer_already_there_changes_nothing(
    sample: str, rulebook: Rulebook, samples: Mapping[str, Profile]
) -> None:
    """Every answer of every sample, one by one and all together; taken away and given again."""
    profile = samples[sample]
    texts = own_answers(read(ROOT / "profiles" / f"{sample}.yaml").data)
    assert sample == "empty" or len(texts) > 30
    changes = changes_of(rulebook, *texts)
    for change in changes:
        assert same(changed(profile, (change,)), profile), change.name
        [away] = changes_of(rulebook, f"{change.name}=")
        without = changed(profile, (away,))
        assert away.value(without) is None
        assert away.value(profile) is None or not same(without, profile)
        assert same(changed(without, (change,)), profile), change.name
    assert same(changed(profile, changes), profile)


def test_nothing_differs_from_itself(assessment: Assessment) -> None:
    """Project by project, criterion by criterion."""
    assert differences(matches(assessment), matches(assessment)) == ()
    assert Comparison(assessment, assessment).differences == ()


def test_sides_swapped_mirror_each_other(assessed: Assess) -> None:
    """Added is dropped, met after is met before."""
    for one, other in permutations(SAMPLES, 2):
        there = seen(differences(matches(assessed(one)), matches(assessed(other))))
        back = seen(differences(matches(assessed(other)), matches(assessed(one))))
        assert there
        assert {
            id_: (verdicts[::-1], {name: states[::-1] for name, states in criteria.items()})
            for id_, (verdicts, criteria) in back.items()
        } == there


def test_a_difference_holds_all_that_changes(assessed: Assess) -> None:
    """No verdict and no state differs that it leaves out."""
    for one, other in permutations(SAMPLES, 2):
        before, after = (
            {
                (match.project.id, finding.criterion.id): finding.state
                for match in matches(assessed(name))
                for finding in match.findings
            }
            for name in (one, other)
        )
        found = seen(differences(matches(assessed(one)), matches(assessed(other))))
        for old, new in zip(matches(assessed(one)), matches(assessed(other)), strict=True):
            verdicts, criteria = found.get(old.project.id, ((old.verdict, old.verdict), {}))
            assert verdicts == (old.verdict, new.verdict)
            if old.tree and new.tree:
                ids = {id_ for project, id_ in {**before, **after} if project == old.project.id}
                moved = {id_ for id_ in ids if before.get((old.project.id, id_)) != after.get((old.project.id, id_))}
                assert moved <= {*criteria}


# ---- reading a change


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("class1_ip=5", "class1_ip", 5),
        (" class1_ip = 5 ", "class1_ip", 5),
        ("Ⅰ类知识产权=5", "class1_ip", 5),
        ("revenue[2026]=1.4亿元", "revenue[2026]", 14_000 * 10**6),
        ("营业收入[2025]=14000 万元", "revenue[2025]", 14_000 * 10**6),
        ("营业收入 [ 2025 ] = 14000", "revenue[2025]", 14_000 * 10**6),
        ("class1_ip=unknown", "class1_ip", None),
        ("class1_ip=", "class1_ip", None),
        ("class1_ip=~", "class1_ip", None),
        ("iso9001=否", "iso9001", False),
        ("industry=C3443", "industry", ("C", "34", "344", "3443")),
        ("city=深圳", "city", "深圳市"),
        ("established=2018-05-18", "established", date(2018, 5, 18)),
        ("equity_investments=[]", "equity_investments", ()),
        ("小巨人=2026-08-01", "little-giant", (Held("little-giant", date(2026, 8, 1), None),)),
        ("高企=yes", "high-tech-enterprise", (Held("high-tech-enterprise", ON, None),)),
        ("高企=有", "high-tech-enterprise", (Held("high-tech-enterprise", ON, None),)),
        ("高企=no", "high-tech-enterprise", None),
        ("高企=", "high-tech-enterprise", None),
        (
            "little-giant={granted: 2026-08-01, expires: 2029-07-31}",
            "little-giant",
            (Held("little-giant", date(2026, 8, 1), date(2029, 7, 31)),),
        ),
        ("platform_scores.srdi-development[2027]=60.5", "platform_scores.srdi-development[2027]", Decimal("60.5")),
        ("platform_scores.srdi-development[2026]=unknown", "platform_scores.srdi-development[2026]", None),
    ],
)
def test_a_change_is_read_like_a_profile(
    text: str, name: str, value: Any, rulebook: Rulebook, samples: Mapping[str, Profile]
) -> None:
    """Names and aliases, units, ranges, what is not known; and it takes the place of the answer that was there."""
    [change] = changes_of(rulebook, text)
    assert change.name == name
    assert change.value(changed(samples["valve-maker"], (change,))) == value


def test_a_figure_goes_where_its_year_belongs(rulebook: Rulebook, company: Read) -> None:
    """A closed year is on the books, an open one is an estimate; an older estimate gives way."""
    profile = company("estimates: {2025: {revenue: 1, exports: 2}, 2026: {revenue: 3}}")
    figures = changed(profile, changes_of(rulebook, "revenue[2025]=10", "revenue[2026]=20", "revenue[2027]=30"))
    assert figures.years == {2025: {"revenue": 10 * 10**6}}
    assert figures.estimates == {
        2025: {"exports": 2 * 10**6},
        2026: {"revenue": 20 * 10**6},
        2027: {"revenue": 30 * 10**6},
    }
    assert figures.figure("revenue", 2025) == (10 * 10**6, False)


BAD = {
    "no equals sign": ("class1_ip", "--with: with-form"),
    "no name": ("=5", "--with: with-form"),
    "no such fact": ("class1_pi=5", "--with class1_pi: unknown-answer"),
    "no such recognition": ("小巨仁=yes", "--with 小巨仁: unknown-answer"),
    "no number": ("class1_ip=five", "--with class1_ip: number-expected"),
    "half a patent": ("class1_ip=1.5", "--with class1_ip: whole-number-expected"),
    "below nothing": ("class1_ip=-1", "--with class1_ip: negative"),
    "range reversed": ("class1_ip=4..3", "--with class1_ip: range-reversed"),
    "a share as a fraction": ("market_share=0.1", "--with market_share: fraction-for-percent"),
    "another unit": ("revenue[2026]=5人", "--with revenue[2026]: wrong-unit"),
    "a year is needed": ("revenue=5", "--with revenue: with-needs-year"),
    "a year is no year": ("revenue[26]=5", "--with revenue[26]: year-expected"),
    "a year is no year, nothing said": ("revenue[FY-1]=", "--with revenue[FY-1]: year-expected"),
    "a year too far": ("revenue[2099]=5", "--with revenue[2099]: year-expected"),
    "a year too much": ("class1_ip[2026]=5", "--with class1_ip[2026]: with-without-year"),
    "a recognition of a year": ("小巨人[2026]=yes", "--with 小巨人[2026]: with-without-year"),
    "a recognition that may be": ("小巨人=unknown", "--with 小巨人: recognition-expected"),
    "a recognition to come": ("小巨人=2027-01-01", "--with 小巨人: date-in-future"),
    "a recognition ending before it begins": (
        "小巨人={granted: 2026-01-01, expires: 2025-01-01}", "--with 小巨人.expires: expires-before-granted"
    ),
    "a day that is none": ("established=2026-02-30", "--with established: no-such-day"),
    "what follows from others": ("size_class=small", "--with size_class: fact-derived"),
    "no choice": ("rd_institution_level=world", "--with rd_institution_level: unknown-value"),
    "no yes and no no": ("iso9001=maybe", "--with iso9001: flag-expected"),
    "no city": ("city=广洲市", "--with city: unknown-city"),
    "no list": ("science_awards=3", "--with science_awards: list-expected"),
    "inside a list": (
        "science_awards=[{level: national}, {level: worldwide}]", "--with science_awards.1.level: unknown-value"
    ),
    "no such score": ("platform_scores.srdi[2027]=60", "--with platform_scores.srdi[2027].id: unknown-value"),
    "a score of no year": (
        "platform_scores.srdi-development=60", "--with platform_scores.srdi-development: with-needs-year"
    ),
    "not YAML": ("science_awards=[{", "--with science_awards: yaml-syntax"),
    "not plain YAML": ("class1_ip=!!python/object x", "--with class1_ip: yaml-tag"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_change_is_told_where_it_stands(name: str, rulebook: Rulebook) -> None:
    """By the same reader as a profile's answers."""
    text, expected = BAD[name]
    assert told(rulebook, text) == [expected]


def test_all_bad_changes_are_told_at_once(rulebook: Rulebook) -> None:
    """In the order they were given; the same answer twice is one."""
    texts = ("class1_ip=1", "revenue=5", "Ⅰ类知识产权=2", "class1_pi=5", "revenue[2026]=1", "营业收入[2026]=2")
    assert told(rulebook, *texts) == [
        "--with revenue: with-needs-year",
        "--with Ⅰ类知识产权: given-twice",
        "--with class1_pi: unknown-answer",
        "--with 营业收入[2026]: given-twice",
    ]


def test_one_recognition_says_nothing_of_the_others(rulebook: Rulebook, company: Read) -> None:
    """Where none are listed, a single one would make a complete list."""
    silent, none = company("facts: {class1_ip: 1}"), company("recognitions: []")
    with pytest.raises(BadInput) as caught:
        changed(silent, changes_of(rulebook, "小巨人=yes"))
    assert [problem.code for problem in caught.value.problems] == ["recognitions-open"]
    assert changed(silent, changes_of(rulebook, "小巨人=")) == silent
    assert changed(none, changes_of(rulebook, "小巨人=no")) == none


def test_what_is_not_known_of_a_recognition_goes_with_it(rulebook: Rulebook, company: Read) -> None:
    """Its last day asked and not known: so it is until another answer comes."""
    profile = company("recognitions: [{id: little-giant, granted: 2024-09-02, expires: unknown}, {id: 高企}]")
    assert profile.unsure == {"recognitions.little-giant"}
    assert changed(profile, changes_of(rulebook, "高企={expires: unknown}")).unsure == {
        "recognitions.little-giant",
        "recognitions.high-tech-enterprise",
    }
    assert changed(profile, changes_of(rulebook, "小巨人=2024-09-02")).unsure == set()


def test_no_name_is_both_a_fact_and_a_recognition(rulebook: Rulebook) -> None:
    """Else a change would be ambiguous."""
    dictionary, lists = rulebook.dictionary, rulebook.lists
    facts, recognitions = {*dictionary.facts, *dictionary.aliases}, {*lists.recognitions, *lists.recognition_aliases}
    assert facts & recognitions == set()
    assert [name for name in facts | recognitions if set(name) & set("=[]")] == []


# ---- another day


def test_on_an_earlier_day_later_things_are_not_there(samples: Mapping[str, Profile]) -> None:
    """Grants, judgements and awards of later are gone, years then open are estimates, the rest stays."""
    day = date(2024, 11, 8)
    now, then = samples["bearing-giant"], seen_on(samples["bearing-giant"], day)
    assert {entry.id for entry in now.recognitions or ()} - {entry.id for entry in then.recognitions or ()} == {
        "high-tech-enterprise"
    }
    assert {*then.years} == {2023}
    assert {year: dict(then.estimates[year]) for year in (2024, 2025, 2026)} == {
        2024: now.years[2024], 2025: now.years[2025], 2026: now.estimates[2026]
    }  # fmt: skip
    assert (len(now.facts["science_awards"]), then.facts["science_awards"]) == (1, ())
    assert then.judgements == ()
    assert then.facts["class1_ip"] == now.facts["class1_ip"]


def test_on_a_later_day_the_profile_is_the_same(sample: str, samples: Mapping[str, Profile]) -> None:
    """Nothing new is known of it."""
    for day in (ON, date(2028, 1, 1)):
        assert seen_on(samples[sample], day) == samples[sample]


# ---- another version


def test_the_earlier_version_comes_before(assessed: Assess) -> None:
    """Whichever of the two is in force."""
    now = assessed("precision-parts")
    for version in ("gd-2022", "gd-2024"):
        sides = against_version(now, version)
        [one] = [one for one in sides.differences if one.project == "specialized-sme"]
        assert one.before is not None
        assert one.after is not None
        assert (one.before.version and one.before.version.id, one.after.version and one.after.version.id) == (
            version,
            "miit-2026",
        )
        assert one.before.application == one.after.application
        assert [change.how for change in one.findings if change.criterion.id == "rd-two-years"] == ["added"]
        assert [change.how for change in one.findings if change.criterion.id == "rd-100-3pct"] == ["dropped"]
    later = assess(now.prospects[0].horizon.matcher, now.profile, ON, cycle=2025, projects=("specialized-sme",))
    [one] = against_version(later, "miit-2026").differences
    assert [side and side.version and side.version.id for side in (one.before, one.after)] == ["gd-2024", "miit-2026"]


def test_the_version_in_force_differs_from_itself_in_nothing(assessment: Assessment) -> None:
    """Judged by name or by date: the same."""
    for match in matches(assessment):
        if match.version:
            named = against_version(assessment, match.version.id)
            assert [one for one in named.differences if one.project == match.project.id] == []


def test_what_the_new_rules_change(assessed: Assess) -> None:
    """An accident that the old rules let pass; everything else that is new, it meets or has still to answer."""
    found = version_difference(assessed("chemical-plant"), "specialized-sme")
    assert found is not None
    assert found.before is not None
    assert found.after is not None
    assert (found.before.version and found.before.version.id, found.before.verdict) == ("gd-2024", "eligible")
    assert (found.after.version and found.after.version.id, found.after.verdict) == ("miit-2026", "ineligible")
    assert found.is_of_verdict
    in_the_way = {change.criterion.id for change in found.findings if change.hinders}
    assert in_the_way == {"no-serious-event-3y", "dev-score-50", "market-position"}
    assert not any(change.hindered for change in found.findings)


def test_only_what_can_be_told_is_told(assessed: Assess, rulebook: Rulebook) -> None:
    """Of versions without their full text nothing; the version directly before, of the same kind of application."""
    assessment = assessed("valve-maker")
    found = version_differences(assessment)
    assert len(found) > 10
    for id_, one in found.items():
        assert one.before is not None
        assert one.after is not None
        assert one.before.version is not None
        assert one.before.applies is not None
        assert one.after.applies is not None
        assert one.before.applies.text == "full"
        assert one.after.applies.text != "missing"
        assert one.before.applies.kind == one.after.applies.kind == one.after.application.kind
        between = [
            version.id
            for version in rulebook.projects[id_].versions
            for span in version.applies
            if span.kind == one.after.application.kind
            and version is not one.after.version
            and (one.before.applies.end or date.min) < (span.start or date.min) < (one.after.applies.start or date.min)
        ]
        assert between == []
        assert version_difference(assessment, id_) == one
    assert "provincial-industrial-design-center" not in found  # its earlier text is missing
    assert "chain-leader" not in found  # its present text is missing
    assert "high-tech-enterprise" not in found  # it has had one version only
    assert version_difference(assessment, "chain-leader") is None


# ---- the command


def test_the_command_says_what_if() -> None:
    """For machines: the changes made, and what changes with them."""
    asked = ("match", VALVES, *TODAY, "--with", "class1_ip_own=4", "--format", "json")
    data = json.loads(good(*asked))
    assert {*data} == {
        *("on", "enterprise", "rulebook", "with", "compare", "before", "after", "changes", "remarks")
    }  # fmt: skip
    assert data["compare"] is None
    assert [(one["name"], one["value"]) for one in data["with"]] == [("class1_ip_own", "4")]
    [change] = data["changes"]
    assert (change["project"], change["before"]["verdict"], change["after"]["verdict"]) == (
        "little-giant",
        "ineligible",
        "undetermined",
    )
    [finding] = change["findings"]
    assert (finding["id"], finding["change"]) == ("ip-own", "altered")
    assert (finding["before"]["state"], finding["after"]["state"]) == ("unmet", "met")
    assert "差 1 项" in finding["before"]["reason"]
    assert "为 4 项" in finding["after"]["reason"]
    assert finding["before"]["clause"] == finding["after"]["clause"] != ""


def test_people_read_before_and_after() -> None:
    """What was changed, the verdict, the reasons of both sides; nothing of what stays."""
    shown = good("match", PARTS, *TODAY, "--with", "rd_expense[2026]=294", "--project", "specialized-sme")
    flat = "".join(shown.split())
    assert "2026年研发费用：291万元→294万元" in flat
    assert "不符合→待补充" in flat
    assert "rd-two-years" in flat
    assert "dev-score-50" not in flat
    english = good("match", PARTS, *TODAY, "--with", "rd_expense[2026]=294", "--lang", "en")
    assert "not eligible → undetermined" in english


@pytest.mark.parametrize(
    "compared", [("--with", "class1_ip_own=3"), ("--compare", VALVES), ("--compare", ON.isoformat())]
)
def test_that_nothing_changes_is_said(compared: tuple[str, str]) -> None:
    """Plainly, and an empty list for machines."""
    assert "没有变化：结论和各项条件都一样。" in good("match", VALVES, *TODAY, *compared)
    assert "nothing changes" in good("match", VALVES, *TODAY, *compared, "--lang", "en")
    assert json.loads(good("match", VALVES, *TODAY, *compared, "--format", "json"))["changes"] == []


def compare(*arguments: str | Path) -> dict[str, Any]:
    """Return a comparison of the valve maker as data."""
    found: dict[str, Any] = json.loads(good("match", VALVES, *TODAY, *arguments, "--format", "json"))
    return found


def test_another_company() -> None:
    """Side by side under their names."""
    data = compare("--compare", PARTS, "--project", "specialized-sme")
    assert data["compare"] == {"kind": "profile", "given": PARTS}
    assert [data[side]["title"] for side in ("before", "after")] == [
        "佛山某某阀门有限公司",
        "东莞某某精密零部件有限公司",
    ]
    [change] = data["changes"]
    assert (change["before"]["verdict"], change["after"]["verdict"]) == ("eligible", "ineligible")
    assert change["before"]["held"]
    assert change["after"]["held"] is None


def test_another_day() -> None:
    """The earlier one first; each with its own cycle and version."""
    asked = ("--project", "little-giant")
    data = compare("--compare", "2025-03-01", *asked)
    assert [data[side]["on"] for side in ("before", "after")] == ["2025-03-01", "2026-11-23"]
    [change] = data["changes"]
    assert [(change[side]["version"], change[side]["cycle"]) for side in ("before", "after")] == [
        ("miit-2022", 2025),
        ("miit-2026", 2027),
    ]
    later = compare("--compare", "2028-01-05", *asked)
    assert [later[side]["on"] for side in ("before", "after")] == ["2026-11-23", "2028-01-05"]
    assert later["changes"][0]["after"]["cycle"] == 2028


def test_another_version() -> None:
    """The same cycle; what only one side asks for is added or dropped, with its state."""
    data = compare("--compare", "gd-2022", "--project", "specialized-sme")
    [change] = data["changes"]
    assert [change[side]["version"] for side in ("before", "after")] == ["gd-2022", "miit-2026"]
    assert change["before"]["cycle"] == change["after"]["cycle"] == 2027
    assert all(change[side]["instrument"]["number"] for side in ("before", "after"))
    how = {one["id"]: (one["change"], one["text"]) for one in change["findings"]}
    assert how["revenue-1500"] == ("added", "新增：符合")
    assert how["revenue-1000"] == ("dropped", "取消：符合")
    shown = good("match", VALVES, *TODAY, "--compare", "gd-2022", "--project", "specialized-sme")
    assert "gd-2022" in shown
    assert "工信部企业〔2026〕2号" in "".join(shown.split())


def test_an_answer_changed_on_both_sides() -> None:
    """With a day, a version or other rules, the changed company is seen on both sides."""
    for other in (("--compare", "gd-2024"), ("--compare", "2025-03-01"), ("--compare", ROOT / "rules")):
        data = compare(*other, "--with", "larger_accident_3y=yes", "--project", "specialized-sme")
        assert [one["name"] for one in data["with"]] == ["larger_accident_3y"]
        for change in data["changes"]:
            assert change["after"]["verdict"] == "ineligible"
            assert "no-serious-event-3y" not in [one["id"] for one in change["findings"] if one["change"] == "altered"]
    assert data["changes"] == []


@pytest.fixture(scope="module")
def lenient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return rules in which three patents are enough, and one project is missing."""
    folder = tmp_path_factory.mktemp("lenient") / "rules"
    shutil.copytree(ROOT / "rules", folder)
    text = (folder / "little-giant.yaml").read_text(encoding="utf-8")
    assert "class1_ip_own >= 4 项" in text
    (folder / "little-giant.yaml").write_text(
        text.replace("class1_ip_own >= 4 项", "class1_ip_own >= 3 项"), encoding="utf-8"
    )
    (folder / "chain-leader.yaml").unlink()
    return folder


def test_other_rules(lenient: Path) -> None:
    """A verdict that changes, a project that is no longer there; `rules diff` decides the same."""
    data = compare("--compare", lenient)
    found = {
        change["project"]: tuple(change[side] and change[side]["verdict"] for side in ("before", "after"))
        for change in data["changes"]
    }
    assert found == {"little-giant": ("ineligible", "undetermined"), "chain-leader": ("undetermined", None)}
    assert "没有这个项目" in good("match", VALVES, *TODAY, "--compare", lenient)
    assert compare("--compare", lenient, "--project", "chain-leader")["changes"][0]["after"] is None
    told = good("rules", "diff", ROOT / "rules", lenient, "--profiles", ROOT / "profiles", *TODAY, "--format", "json")
    rows = [row for row in json.loads(told)["verdicts"] if row["profile"] == "valve-maker"]
    assert rows == [
        {"profile": "valve-maker", "project": id_, "before": before, "after": after or "-"}
        for id_, (before, after) in sorted(found.items())
    ]


def test_a_judgement_that_other_rules_do_not_ask_for_is_left_out(lenient: Path, tmp_path: Path) -> None:
    """It decides nothing there, and is no mistake of the profile."""
    folder = tmp_path / "rules"
    shutil.copytree(lenient, folder)
    (folder / "high-tech-enterprise.yaml").unlink()
    data = compare("--compare", folder, "--project", "high-tech-enterprise")
    assert [change["after"] for change in data["changes"]] == [None]


WOULD_DO = "这里可以写另一份资料的文件名、日期（如 2027-06-01）、规则文件夹，或版本号（同时用 --project 指明项目）"
REFUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "nothing of the kind": (
        ("--compare", "nowhere.yaml"),
        f"--compare：没有“nowhere.yaml”：{WOULD_DO}",
    ),
    "nothing": (
        ("--compare", ""),
        f"--compare：没有“”：{WOULD_DO}",
    ),
    "too long for a file": (
        ("--compare", "x" * 5000),
        f"--compare：没有“{'x' * 39}…”：{WOULD_DO}",
    ),
    "a version nearly right": (
        ("--project", "specialized-sme", "--compare", "gd-2042"),
        (
            "--compare：没有“gd-2042”，最接近的是 gd-2024："
            "这里可以写版本号（gd-selection、gd-2022、gd-2024、miit-2026）、"
            "另一份资料的文件名、日期（如 2027-06-01）或规则文件夹"
        ),
    ),
    "a version of no project": (("--compare", "gd-2022"), "--compare：“gd-2022”是版本号，请同时用 --project 指明项目"),
    "a version of one project only": (
        ("--compare", "gd-2022", "--project", "specialized-sme", "--project", "little-giant"),
        "--compare little-giant：没有版本“gd-2022”，最接近的是 miit-2022",
    ),
    "a version for new applications only": (
        ("--compare", "miit-2025", "--project", "new-industrialization-base", "--kind", "review"),
        "--compare new-industrialization-base：版本 miit-2025 不用于复核",
    ),
    "a folder without rules": (
        ("--compare", str(ROOT / "profiles")),
        f"--compare：{ROOT / 'profiles'} 不是规则文件夹，里面没有 facts.yaml",
    ),
    "a change and another company": (
        ("--compare", PARTS, "--with", "class1_ip=5"),
        "--with：与另一份资料比较时不能再用 --with，请把改动写进资料",
    ),
    "a change that cannot be": (("--with", "class1_ip=-5"), "--with class1_ip：Ⅰ类知识产权不能是负数，写的是 -5"),
    "a name nearly right": (
        ("--with", "revenu[2026]=5"),
        "--with revenu[2026]：没有“revenu”这个指标或资质，最接近的是 revenue（营业收入）",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_compared_is_told(name: str) -> None:
    """In one line that says what would do."""
    arguments, message = REFUSED[name]
    assert refused("match", VALVES, *TODAY, *arguments) == [message]
    assert len(refused("match", VALVES, *TODAY, *arguments, "--lang", "en")) == 1


def test_a_day_that_is_none_is_told() -> None:
    """As for `--on`."""
    assert "不是日期" in refused("match", VALVES, *TODAY, "--compare", "2026-13-01")[-1]


def test_mistakes_of_profile_and_changes_are_told_together() -> None:
    """The profile's at their lines, the changes' at theirs."""
    bad = ROOT / "tests" / "bad_profiles" / "several-at-once.yaml"
    lines = refused("match", bad, *TODAY, "--with", "class1_pi=5", "--with", "revenue=5")
    assert lines[-1] == "共 10 处"
    assert [line.partition("：")[0] for line in lines[:2]] == ["--with class1_pi", "--with revenue"]


SAID = (
    "revenue[2026]=1.5亿元",
    *(
        "iso9001=unknown",
        "class1_ip=3..5",
        "market_rank_global=4",
        "city=广州",
        "industry=C2659",
        "established=2018-05-18",
    ),
    *("applicant_kind=[enterprise, park]", "rd_institution_level=provincial", "county=白云区", "equity_investments=[]"),
    *("高企={expires: 2030-01-01}", "创新型中小企业=2026-01-05", "专精特新=no", "小巨人=yes"),
    "platform_scores.srdi-development[2027]=60",
)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_changes_are_said_like_everything_else(lang: str) -> None:
    """No insides of the program; Chinese in Chinese signs, English without hanzi but in names of places."""
    data = compare("--lang", lang, *(part for text in SAID for part in ("--with", text)))
    assert len(data["with"]) == len(SAID)
    texts = [one["text"] for one in data["with"]]
    texts += [change[side]["text"] for change in data["changes"] for side in ("before", "after")]
    texts += [change[side]["reason"] for change in data["changes"] for side in ("before", "after")]
    texts += [finding["text"] for change in data["changes"] for finding in change["findings"]]
    for text in texts:
        assert not INSIDES.search(text), text
        assert not CLUMSY.search(text), text
        assert lang == "en" or not HALF_WIDTH.search(text), text
    if lang == "en":
        hanzi = [one["name"] for one in data["with"] if re.search(f"[{HANZI}]", one["text"])]
        assert hanzi == ["industry", "county"]
    else:
        assert texts[: len(SAID)] == [
            "2026年营业收入：14,000 万元 → 15,000 万元",
            "质量管理体系认证：是 → 不知道",
            "Ⅰ类知识产权：4 项 → 3～5 项",
            "全球市场排名：第 16 名 → 第 4 名",
            "注册地市：佛山市 → 广州市",
            "所属行业：C3443 阀门和旋塞制造 → C2659 其他合成材料制造",
            "成立日期：2012年5月18日 → 2018年5月18日",
            "申报主体类型：企业 → 企业、园区、开发区",
            "研发机构级别：市级 → 省（部）级",
            "注册县区：南海区 → 白云区",
            "新增股权融资：0 项 → 0 项",
            "高新技术企业：2024年11月19日获得，至2027年11月18日 → 已获得，至2030年1月1日",
            "创新型中小企业：2023年12月30日获得，至2029年12月29日 → 2026年1月5日获得",
            "专精特新中小企业：2024年11月8日获得 → 没有",
            "专精特新“小巨人”企业：没有 → 2026年11月23日获得",
            "2027年专精特新发展评价得分：不知道 → 60 分",
        ]


def test_a_doubtful_change_is_remarked() -> None:
    """An industry that the list does not have is asked about, not refused."""
    asked = ("match", VALVES, *TODAY, "--with", "industry=C9999", "--project", "little-giant")
    assert "行业代码“C9999”不在" in good(*asked)
    assert len(json.loads(good(*asked, "--format", "json"))["remarks"]) == 1
