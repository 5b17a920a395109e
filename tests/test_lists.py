"""The reference lists are whole and agree with each other."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
import yaml

from assistant.company.derive import size_rule
from assistant.company.lists import ELSEWHERE
from assistant.rulebook.book import Rulebook
from tests.conftest import ROOT

LISTS = ROOT / "rules" / "lists"


def listed(stem: str) -> Any:
    """Return a list as it is written."""
    return yaml.safe_load((LISTS / f"{stem}.yaml").read_text(encoding="utf-8"))


# ---- industries (GB/T 4754-2017)


def test_the_industries_are_complete(rulebook: Rulebook) -> None:
    """Twenty sections, 97 divisions, 473 groups, 1381 classes."""
    industries = rulebook.lists.industries
    depths = Counter(len(rulebook.lists.ancestors(code)) for code in industries)
    assert depths == {1: 20, 2: 97, 3: 473, 4: 1381}
    assert len(industries) == 1971


def test_every_industry_hangs_on_its_section(rulebook: Rulebook) -> None:
    """Letter, two, three, four digits; each code continues its parent's."""
    for code, (name, parent) in rulebook.lists.industries.items():
        chain = rulebook.lists.ancestors(code)
        assert name
        assert chain[0].isalpha()
        assert chain[-1] == code
        assert not parent.isdigit() or code.startswith(parent)
        assert all(len(one) == depth + 1 for depth, one in enumerate(chain[1:], 1))


@pytest.mark.parametrize(
    ("code", "name"), [("C", "制造业"), ("3443", "阀门和旋塞制造"), ("6513", "应用软件开发"), ("0111", "稻谷种植")]
)
def test_an_industry_has_its_printed_name(rulebook: Rulebook, code: str, name: str) -> None:
    """As in the standard."""
    assert rulebook.lists.industries[code][0] == name


# ---- regions


def test_there_are_twenty_one_cities(rulebook: Rulebook) -> None:
    """Guangdong's, by code, each with an English name."""
    lists = rulebook.lists
    assert len(lists.cities) == len(set(lists.cities.values())) == 21
    assert all(code.startswith("44") and code.endswith("00") and len(code) == 6 for code in lists.cities)
    assert all(name.endswith("市") for name in lists.cities.values())
    assert {*lists.city_names_en} == {*lists.cities.values()}
    assert all(name.isascii() for name in lists.city_names_en.values())
    assert lists.city_names == (*lists.cities.values(), ELSEWHERE)


def test_every_county_lies_in_a_city(rulebook: Rulebook) -> None:
    """Its code begins with the city's."""
    codes = {name: code for code, name in rulebook.lists.cities.items()}
    for county in listed("regions")["counties"]:
        assert county["code"][:4] == codes[county["city"]][:4]


def test_rules_name_only_cities_that_exist(rulebook: Rulebook) -> None:
    """In exceptions, separate channels, deadlines of past rounds."""
    cities = {*rulebook.lists.city_names}
    for project in rulebook.projects.values():
        named = {*project.regions.except_, *project.regions.separate}
        for past in project.rounds:
            named |= {*past.city_deadlines}
        for version in project.versions:
            named |= {city for applies in version.applies for city in applies.cities}
        assert named <= cities, project.id


# ---- size classes


def test_size_bounds_fall(rulebook: Rulebook) -> None:
    """Large, medium, small: each below the one before."""
    for rule in rulebook.lists.size_rules.values():
        assert rule.bounds
        for large, medium, small in rule.bounds.values():
            assert large > medium > small > 0


def test_every_class_of_industry_has_a_size_rule_or_none(rulebook: Rulebook) -> None:
    """All of manufacturing is sized; banks and schools are not."""
    lists = rulebook.lists
    assert {*lists.size_rules} <= {*lists.industries}
    assert {*lists.unsized} <= {*lists.industries}
    assert not {*lists.size_rules} & {*lists.unsized}
    for code in lists.industries:
        chain = lists.ancestors(code)
        rule = size_rule(chain, lists)
        if chain[0] in "BCD":
            assert rule is not None
            assert rule.id == "industry"
        if chain[0] in "JPST":
            assert rule is None


# ---- recognitions


def test_every_recognition_is_known_by_one_name(rulebook: Rulebook) -> None:
    """No alias means two things, or is another's id."""
    entries = listed("recognitions")["recognitions"]
    names = Counter(name for entry in entries for name in {entry["id"], *entry.get("aliases", ()), entry.get("label")})
    assert [name for name, times in names.items() if name and times > 1] == []
    assert {entry["id"] for entry in entries} <= rulebook.lists.recognitions.keys()


def test_every_project_is_a_recognition_with_an_alias(rulebook: Rulebook) -> None:
    """So that a company may hold it, and name it as people do."""
    aliased = {*rulebook.lists.recognition_aliases.values()}
    for id_ in rulebook.projects:
        assert id_ in rulebook.lists.recognitions
        assert id_ in aliased, id_


def test_a_recognition_has_a_term_or_says_that_it_has_none(rulebook: Rulebook) -> None:
    """Years, for good, or not known; those with a rule file leave it to the file."""
    for entry in listed("recognitions")["recognitions"]:
        given = [key for key in ("years", "permanent", "term") if key in entry]
        if entry["id"] in rulebook.projects:
            assert given == [], entry["id"]
        elif "label" in entry:
            assert len(given) == 1, entry["id"]
            assert entry["authority"]
            assert entry["en"].isascii()


def test_names_of_recognitions_are_there_in_both_languages(rulebook: Rulebook) -> None:
    """An id is no name."""
    for id_ in rulebook.lists.recognitions:
        known = rulebook.recognition(id_)
        assert known.label != id_, id_
        assert known.en != id_, id_


# ---- documents


def test_every_document_is_well_formed(rulebook: Rulebook) -> None:
    """A label in both languages, days to get it, from whom, what to mind."""
    for id_, document in rulebook.lists.documents.items():
        assert document.label, id_
        assert document.en != document.label, id_
        assert 0 <= document.lead_days <= 180, id_
        assert document.validity_days is None or document.validity_days >= document.lead_days, id_
        assert document.issuer, id_


def test_every_material_is_a_document_of_the_list(rulebook: Rulebook) -> None:
    """And proves criteria of its own version."""
    for project in rulebook.projects.values():
        for version in project.versions:
            for material in version.materials:
                assert material.document in rulebook.lists.documents, (project.id, material.id)
                assert all(-6 <= offset <= -1 for offset in material.offsets), (project.id, material.id)


# ---- the dictionary


def test_every_fact_can_be_asked(rulebook: Rulebook) -> None:
    """A label in both languages, a question, help, where to look."""
    for name, spec in rulebook.dictionary.facts.items():
        assert spec.label != name, name
        assert spec.en.isascii(), name
        assert spec.topic in rulebook.dictionary.topics, name
        assert spec.question.endswith(("？", "。")), name
        assert spec.help, name
        assert spec.evidence, name


def test_no_two_facts_share_a_name(rulebook: Rulebook) -> None:
    """Label or alias: each leads to one fact."""
    names = Counter(
        alias for spec in rulebook.dictionary.facts.values() for alias in {spec.name, spec.label, *spec.aliases}
    )
    assert [name for name, times in names.items() if times > 1] == []


def test_the_facts_of_the_contract_are_there(rulebook: Rulebook) -> None:
    """Their names stay."""
    yearly = "revenue main_revenue rd_expense total_assets total_liabilities net_profit employees rd_staff exports"
    instant = (
        "applicant_kind legal_person city county industry established segment_years class1_ip class1_ip_high_value "
        "class2_ip invention_patents market_rank_national market_rank_global market_share rd_institution_level "
        "abnormal_list serious_dishonesty major_accident_3y tax_violation_3y restricted_product iso9001 iso14001 "
        "iso45001 iso50001 equity_investments science_awards platform_scores"
    )
    facts = rulebook.dictionary.facts
    assert all(facts[name].yearly for name in yearly.split())
    assert not any(facts[name].yearly for name in instant.split())
    assert {*facts["equity_investments"].fields} == {"date", "amount"}
    assert {*facts["science_awards"].fields} == {"level", "rank", "date"}
    assert {*facts["platform_scores"].fields} == {"id", "cycle", "score"}
    assert {"none", "city", "provincial", "national"} <= {*facts["rd_institution_level"].choices}


# ---- past rounds


def test_past_rounds_lie_in_their_years(rulebook: Rulebook, on: date) -> None:
    """Oldest first; announced before they close; none from the future."""
    for project in rulebook.projects.values():
        years = [past.year for past in project.rounds]
        assert years == sorted(years), project.id
        for past in project.rounds:
            days = [past.notice.announced, past.opens, past.closes, past.province_deadline, past.published]
            known = [one for one in (*days, *past.city_deadlines.values()) if one]
            assert all(past.year - 1 <= one.year <= past.year + 1 for one in known), (project.id, past.year)
            assert all(one <= on for one in (past.notice.announced, past.published) if one), (project.id, past.year)
