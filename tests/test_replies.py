"""Replies: what a form says goes into a profile's data exactly, and nobody's answer is lost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assistant.company.profile import read_profile
from assistant.company.replies import answer, clashes, with_replies
from assistant.company.writing import profile_text
from assistant.delivery.fields import field_of, reply
from assistant.delivery.wording.conversation import comments
from assistant.delivery.wording.speaker import Speaker
from assistant.rulebook.book import Rulebook
from assistant.sources import Source, parse
from tests.conftest import ON, ROOT

NAMES = ("city", "established", "revenue[2025]", "revenue[2026]", "enterprise.name", "recognitions", "iso9001")
values = st.one_of(st.none(), st.integers(0, 9), st.sampled_from(["unknown", "5..10", "甲"]))
replies = st.dictionaries(st.sampled_from(NAMES), values)


def told(given_replies: dict[str, Any]) -> dict[str, Any]:
    """Return the data of a profile with these answers."""
    return dict(with_replies({}, given_replies, ON))


@given(replies, replies)
def test_what_was_said_is_what_stands(first: dict[str, Any], second: dict[str, Any]) -> None:
    """Every reply is found again; what was not replied to stays; an answer taken back leaves no trace."""
    data = with_replies(told(first), second, ON)
    for name in NAMES:
        assert answer(data, name) == (second[name] if name in second else first.get(name))
    assert with_replies(data, dict.fromkeys(NAMES), ON) == {}


@given(replies, replies, replies)
def test_two_who_write_at_once(base: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any]) -> None:
    """Only answers that both gave, and gave differently, clash; without a clash both stand."""
    before = told(base)
    latest = with_replies(before, theirs, ON)
    found = {one.name: one for one in clashes(before, latest, mine)}
    for name in NAMES:
        changed = name in theirs and theirs[name] != base.get(name)
        assert (name in found) == (changed and name in mine and mine[name] != theirs[name])
    if not found:
        merged = with_replies(latest, mine, ON)
        for name, raw in theirs.items():
            assert answer(merged, name) == (mine.get(name, raw))


def test_a_closed_year_is_a_figure_and_an_open_one_an_estimate() -> None:
    """Each stands in its section of the file, once."""
    data = told({"revenue[2025]": 12800, "revenue[2026]": 14000})
    assert data == {"years": {2025: {"revenue": 12800}}, "estimates": {2026: {"revenue": 14000}}}
    next_year = with_replies(data, {"revenue[2026]": 14100}, date(2027, 3, 1))
    assert next_year == {"years": {2025: {"revenue": 12800}, 2026: {"revenue": 14100}}}


def test_typed_answers_are_read_as_a_file_has_them(rulebook: Rulebook) -> None:
    """Full-width digits, thousands, ranges, days in words; what is not clear stays to be told."""

    def said(name: str, *texts: str, **more: list[str]) -> Any:
        return reply(name, rulebook, {name: list(texts), **more})

    assert said("revenue[2025]", "12,800.5") == Decimal("12800.5")
    assert said("revenue[2025]", "１２８００") == 12800
    assert said("revenue[2025]", "5..10") == "5..10"
    assert said("revenue[2025]", "1,28,00") == "1,28,00"
    assert said("revenue[2025]", "1.2亿") == "1.2亿元"
    assert said("established", "2012年5月18日") == date(2012, 5, 18)
    assert said("established", "2012.5.18") == date(2012, 5, 18)
    assert said("established", "2012-02-30") == "2012-02-30"
    assert said("iso9001", "yes") is True
    assert said("iso9001", "no") is False
    assert said("industry", "Ｃ３４４３") == "C3443"
    assert said("applicant_kind", "enterprise", "park") == ["enterprise", "park"]
    assert said("city", "") is None
    assert said("city", "佛山市", **{"city:sure": ["unknown"]}) == "unknown"
    assert said("science_awards", **{"science_awards:sure": ["none"]}) == []
    awards = {
        "science_awards:level": ["national", ""],
        "science_awards:rank": ["3", ""],
        "science_awards:date": ["2024/1/5", ""],
    }
    assert said("science_awards", **awards) == [{"level": "national", "rank": 3, "date": date(2024, 1, 5)}]
    held = {"recognitions": ["high-tech-enterprise"], "recognitions:high-tech-enterprise:granted": ["2024-11-19"]}
    assert reply("recognitions", rulebook, held) == [{"id": "high-tech-enterprise", "granted": date(2024, 11, 19)}]


def test_every_answer_of_every_sample_goes_through_a_form_unchanged(rulebook: Rulebook) -> None:
    """What a form shows, sent back as it is, is what was there."""
    say = Speaker(rulebook, "zh")
    seen = 0
    for path in sorted((ROOT / "profiles").glob("*.yaml")):
        data = parse(path.read_text(encoding="utf-8"), name="").data or {}
        names = [*(data.get("facts") or {}), *(["recognitions"] if "recognitions" in data else [])]
        for section in ("years", "estimates"):
            names += [f"{name}[{year}]" for year, figures in (data.get(section) or {}).items() for name in figures]
        for name in names:
            field = field_of(name, data, rulebook, say, ON)
            form: dict[str, list[str]] = {name: [*field.chosen] or [field.given]}
            form[f"{name}:sure"] = ["unknown"] if field.unknown else ["none"] if field.none else [""]
            if field.input == "entries":
                form |= {f"{name}:{one.name}": [row[one.name] for row in field.rows] for one in field.columns}
            if field.input == "held":
                form[name] = [row["id"] for row in field.rows]
                form |= {
                    f"{name}:{row['id']}:{key}": [row[key]] for row in field.rows for key in ("granted", "expires")
                }
            back = with_replies(data, {name: reply(name, rulebook, form, answer(data, name))}, ON)
            assert _read(back, rulebook) == _read(data, rulebook), name
            seen += 1
    assert seen > 300


def _read(data: Any, rulebook: Rulebook) -> Any:
    written = parse(profile_text(data, rulebook.dictionary, comments(rulebook)), name="").data
    return read_profile(Source("", written), rulebook.dictionary, rulebook.lists, ON)
