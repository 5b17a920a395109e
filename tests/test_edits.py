"""Edits: what two versions of a profile answer differently, and what one person changed at one go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest

from assistant.company.edits import edits, sittings
from assistant.company.profile import Profile, read_profile
from assistant.delivery.edits import edited
from assistant.delivery.wording.speaker import Speaker
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import nodes
from assistant.sources import parse

Told = Callable[[str, str], list[str]]

BEGAN = datetime.fromisoformat("2026-11-23T09:00+08:00")


@pytest.fixture
def told(rulebook: Rulebook, on: date) -> Told:
    """Return a function: two profiles as files have them → their edits in words."""

    def read(text: str) -> Profile:
        return read_profile(parse(text, name="test"), rulebook.dictionary, rulebook.lists, on)

    def lines(before: str, after: str) -> list[str]:
        rows = edited(read(before), read(after), Speaker(rulebook))
        return [f"{row['label']}: {row['before']} → {row['after']}" for row in rows]

    return lines


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("enterprise: {name: 甲厂}", "enterprise: {name: 乙厂}", "企业名称: 甲厂 → 乙厂"),
        ("{}", "enterprise: {uscc: 91441900MA4XXX3C13}", "统一社会信用代码: 没有回答 → 91441900MA4XXX3C13"),
        ("facts: {class1_ip: 2}", "facts: {class1_ip: 3..5}", "Ⅰ类知识产权: 2 项 → 3～5 项"),
        ("facts: {iso9001: yes}", "facts: {iso9001: unknown}", "质量管理体系认证: 是 → 不清楚"),
        ("facts: {iso9001: no}", "{}", "质量管理体系认证: 否 → 没有回答"),
        ("facts: {city: 东莞市}", "facts: {city: 佛山市}", "注册地市: 东莞市 → 佛山市"),
        (
            "facts: {industry: C3484}",
            "facts: {industry: C3443}",
            "所属行业: C3484 机械零部件加工 → C3443 阀门和旋塞制造",
        ),
        (
            "facts: {established: 2014-08-26}",
            "facts: {established: 2015-01-02}",
            "成立日期: 2014年8月26日 → 2015年1月2日",
        ),
        (
            "years: {2025: {revenue: 9200}}",
            "years: {2025: {revenue: 1.4亿元}}",
            "2025年营业收入: 9,200 万元 → 14,000 万元",
        ),
        (
            "estimates: {2026: {revenue: 9200}}",
            "estimates: {2026: {revenue: 9300}}",
            "2026年营业收入: 9,200 万元（预计） → 9,300 万元（预计）",
        ),
        (
            "estimates: {2025: {revenue: 9200}}",
            "years: {2025: {revenue: 9200}}",
            "2025年营业收入: 9,200 万元（预计） → 9,200 万元",
        ),
        (
            "facts: {equity_investments: []}",
            "facts: {equity_investments: [{date: 2026-01-05, amount: 300}]}",
            "新增股权融资: 没有 → 1 项：2026年1月5日，300 万元",
        ),
        ("{}", "recognitions: []", "已获得的资质: 没有回答 → 没有"),
        ("{}", "recognitions: unknown", "已获得的资质: 没有回答 → 不清楚"),
        (
            "recognitions: []",
            "recognitions: [{id: specialized-sme, granted: 2024-11-08, expires: 2027-11-07}]",
            "专精特新中小企业: 没有 → 2024年11月8日获得，至2027年11月7日",
        ),
        (
            "recognitions: [{id: specialized-sme, granted: 2024-11-08}]",
            "recognitions: [{id: specialized-sme, granted: 2024-11-08, expires: unknown}]",
            "专精特新中小企业: 2024年11月8日获得 → 2024年11月8日获得，有效期不清楚",
        ),
    ],
)
def test_an_edit_says_what_was_and_what_is(told: Told, before: str, after: str, line: str) -> None:
    """One answer is changed: one line, in the dictionary's words and units."""
    assert told(before, after) == [line]


def test_a_judgement_is_told_with_its_criterion(told: Told, rulebook: Rulebook) -> None:
    """Who judged, when and why belongs to it."""
    project, criterion = next(
        (project, node)
        for project in rulebook.projects.values()
        for node in nodes(project.versions[-1].root)
        if node.role == "judgement"
    )
    about = f"project: {project.id}, criterion: {criterion.id}"
    (line,) = told("{}", f"judgements: [{{{about}, verdict: met, by: 王工, on: 2026-11-01}}]")
    assert line == f"对{project.name}的判断：{criterion.says}: 没有 → 符合（王工，2026年11月1日）"


def test_what_is_typed_differently_is_no_edit(told: Told) -> None:
    """Another unit, another order, a comment: the answers are the same."""
    before = "facts: {iso9001: yes, class1_ip: 2}\nyears: {2025: {revenue: 14000}}\n"
    after = "# checked\nyears: {2025: {revenue: 1.4亿元}}\nfacts:\n  class1_ip: 2 项\n  iso9001: 是\n"
    assert told(before, after) == []


def test_every_answer_of_every_sample_is_told(rulebook: Rulebook, samples: Mapping[str, Profile]) -> None:
    """From nothing to a whole company and back, in both languages: as many lines as answers."""
    nothing = Profile("")
    for profile in samples.values():
        found = edits(nothing, profile)
        answers = len(profile.facts) + len(profile.judgements) + sum(map(len, (*profile.years.values(),)))
        assert len(found) >= answers
        for lang in ("zh", "en"):
            say = Speaker(rulebook, lang)
            there, back = edited(nothing, profile, say), edited(profile, nothing, say)
            assert [(row["label"], row["after"]) for row in there] == [(row["label"], row["before"]) for row in back]
            assert all(row["label"] and row["before"] and row["after"] for row in there)


@dataclass(frozen=True)
class Version:
    """A version's stamp."""

    who: str
    at: datetime


def test_what_one_person_does_at_one_go_is_one_sitting() -> None:
    """Half an hour's pause, or another person, ends it."""
    stamps = [("王工", 0), ("王工", 10), ("王工", 40), ("王工", 71), ("李工", 72), ("王工", 73)]
    versions = [Version(who, BEGAN + timedelta(minutes=after)) for who, after in stamps]
    assert [len(one) for one in sittings(versions)] == [3, 1, 1, 1]
    assert [version for one in sittings(versions) for version in one] == versions
    assert sittings([]) == ()
