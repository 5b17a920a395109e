"""Replies: what a form says goes into a profile's data exactly, and nobody's answer is lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.company.handwriting import industries, read_handwriting
from assistant.company.profile import read_profile
from assistant.company.replies import LISTS, answer, clashes, narrowed, with_replies
from assistant.company.writing import profile_text
from assistant.delivery.fields import DAYS, Field, field_of, refilled, reply
from assistant.delivery.wording.conversation import comments
from assistant.delivery.wording.speaker import Speaker
from assistant.errors import BadInput, Problem
from assistant.rulebook.book import Rulebook
from assistant.sources import Source, parse
from tests.conftest import ON, ROOT, SAMPLES, book

NAMES = (
    *("city", "established", "revenue[2025]", "revenue[2026]", "enterprise.name", "iso9001"),
    *("recognitions.a", "recognitions.b", "judgements.p/c"),
)
values = st.one_of(st.none(), st.integers(0, 3), st.sampled_from(["unknown", "5..10"]))
entries = {
    "recognitions.a": st.builds(lambda day: {"id": "a", "granted": day}, st.integers(1, 2)),
    "recognitions.b": st.builds(lambda day: {"id": "b", "granted": day}, st.integers(1, 2)),
    "judgements.p/c": st.builds(lambda by: {"project": "p", "criterion": "c", "by": by}, st.integers(1, 2)),
}
said = {name: st.none() | entries[name] if name in entries else values for name in NAMES}
replies = st.sets(st.sampled_from(NAMES)).flatmap(
    lambda names: st.fixed_dictionaries({name: said[name] for name in sorted(names)})
)


def told(given_replies: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a profile with these answers."""
    return dict(with_replies({}, given_replies, ON))


def lists_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return data whose lists are there, were they empty."""
    return {**{name: [] for name in LISTS}, **data}


@given(replies, replies)
def test_what_was_said_is_what_stands(first: dict[str, Any], second: dict[str, Any]) -> None:
    """Every reply is found again; what was not replied to stays; an answer taken back leaves no trace."""
    data = with_replies(told(first), second, ON)
    for name in NAMES:
        assert answer(data, name, ON) == (second[name] if name in second else first.get(name))
    without = with_replies(data, dict.fromkeys(NAMES), ON)
    assert {key: value for key, value in without.items() if value != []} == {}


@given(replies, replies, replies)
def test_two_who_write_at_once(base: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any]) -> None:
    """Only answers that both gave, and gave differently, clash; without a clash both stand."""
    before = lists_of(told(base))
    latest = with_replies(before, theirs, ON)
    found = {one.name: one for one in clashes(before, latest, mine, ON)}
    for name in NAMES:
        changed = name in theirs and theirs[name] != base.get(name)
        assert (name in found) == (changed and name in mine and mine[name] != theirs[name])
    if not found:
        merged = with_replies(latest, mine, ON)
        for name, raw in theirs.items():
            assert answer(merged, name, ON) == (mine.get(name, raw))


@given(replies, replies, replies)
def test_two_who_send_whole_lists(base: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any]) -> None:
    """A list that is sent as a whole changes its own entries only: it is as if each had been sent by itself."""
    before = lists_of(told(base))
    latest, meant = with_replies(before, theirs, ON), with_replies(before, mine, ON)
    whole = {name: meant[name] for name in LISTS}
    small = narrowed(before, latest, whole)
    assert small == {
        name: raw for name, raw in mine.items() if name.partition(".")[0] in LISTS and raw != answer(before, name, ON)
    }
    for name in small:
        assert answer(with_replies(latest, small, ON), name, ON) == answer(meant, name, ON)
    assert narrowed(before, {**latest, "recognitions": "unknown"}, {"recognitions": []}) == {"recognitions": []}
    twice = [{"id": "a"}, {"id": "a"}]
    assert narrowed(before, latest, {"recognitions": twice}) == {"recognitions": twice}


def test_a_closed_year_is_a_figure_and_an_open_one_an_estimate(rulebook: Rulebook) -> None:
    """Each stands in its section of the file, once; an estimate of a closed year is told beside, not as an answer."""
    data = told({"revenue[2025]": 12800, "revenue[2026]": 14000})
    assert data == {"years": {2025: {"revenue": 12800}}, "estimates": {2026: {"revenue": 14000}}}
    later = date(2027, 3, 1)
    field = field_of("revenue[2026]", data, rulebook, Speaker(rulebook, "zh"), later)
    assert (field.given, field.once, field.estimate) == ("", "14000", False)
    assert with_replies(data, {"revenue[2026]": None}, later) == data
    assert with_replies(data, {"revenue[2026]": 14100}, later) == {
        "years": {2025: {"revenue": 12800}, 2026: {"revenue": 14100}}
    }
    assert with_replies({"years": {"2025": {"revenue": 1}}}, {"revenue[2025]": 2}, ON) == {
        "years": {2025: {"revenue": 2}}
    }


# ---- handwriting


@pytest.mark.parametrize(
    ("fact", "text", "raw"),
    [
        ("revenue", "12,800.5", Decimal("12800.5")),
        ("revenue", "１２，８００", 12800),
        ("revenue", "5..10", "5..10"),
        ("revenue", "5-10", "5..10"),
        ("revenue", "-5 ～ -3", "-5 ~ -3"),
        ("revenue", "1,000至2,000 万元", "1000..2000万元"),
        ("revenue", "1.2亿", "12000万元"),
        ("revenue", "1亿到1.5亿", "10000..15000万元"),
        ("revenue", "1.28亿元", "1.28亿元"),
        ("revenue", "1,28,00", "1,28,00"),
        ("revenue", "12800元 左右", "12800元 左右"),
        ("revenue", "1_000", "1_000"),
        ("revenue", "0x10", "0x10"),
        ("revenue", "1e9", "1e9"),
        ("rd_staff", "007", 7),
        ("established", "2012年5月18日", date(2012, 5, 18)),
        ("established", "2012.5.18", date(2012, 5, 18)),
        ("established", "2012-02-30", "2012-02-30"),
        ("established", "不清楚", "unknown"),
        ("iso9001", "yes", True),
        ("iso9001", "没有", False),
        ("industry", "Ｃ３４４３", "C3443"),
        ("industry", "C3443 阀门和旋塞制造", "C3443"),
        ("industry", "阀门和旋塞制造", "C3443"),
        ("industry", "阀门", "阀门"),
    ],
)
def test_handwriting_is_read_as_a_file_has_it(rulebook: Rulebook, fact: str, text: str, raw: Any) -> None:
    """Exactly or not at all: what is not clear stays to be told."""
    found = read_handwriting(text, rulebook.dictionary.spec(fact), rulebook.lists)
    assert found == raw
    assert type(found) is type(raw)


@given(
    st.sampled_from(sorted(name for name, spec in book().dictionary.facts.items() if not spec.derived)),
    st.text(max_size=12) | st.from_regex(r"-?[0-9,.]{0,8}(\.\.|-|~|至)?[0-9.]{0,6}(万|亿|元|%|人)?", fullmatch=True),
)
def test_whatever_is_written_is_read_or_told(name: str, text: str) -> None:
    """Nothing that is typed breaks anything: it is an answer, or a mistake at its place."""
    spec = book().dictionary.spec(name)
    full = f"{name}[2025]" if spec.yearly else name
    raw = [{"date": text, "rank": text}] if spec.kind == "events" else read_handwriting(text, spec, book().lists)
    data = told({full: raw})
    problems: tuple[Problem, ...] = ()
    try:
        read_profile(Source("", data), book().dictionary, book().lists, ON)
    except BadInput as error:
        problems = error.problems
    assert all(name in one.place.path for one in problems)
    assert parse(profile_text(data, book().dictionary, comments(book())), name="").data is not None


def test_industries_are_found_by_word_and_by_code(rulebook: Rulebook) -> None:
    """The most particular first, each with its letter."""
    assert ("C3443", "阀门和旋塞制造") in industries("阀门", rulebook.lists)
    assert industries("C344", rulebook.lists)[0][0].startswith("C344")
    assert len(industries("344", rulebook.lists)[0][0]) == 5
    assert len(industries("制造", rulebook.lists)) == 20
    assert industries("  ", rulebook.lists) == industries("没有这样的行业", rulebook.lists) == ()


# ---- forms


def sent(field: Field, **changes: list[str]) -> dict[str, list[str]]:
    """Return what a browser sends of a form with this field, filled in otherwise where *changes* say so."""
    form: dict[str, list[str]] = {field.name: [*field.chosen] or [field.given]}
    form[f"{field.name}:sure"] = ["unknown"] if field.unknown else ["none"] if field.none else []
    if field.input == "entries":
        form |= {f"{field.name}:{one.name}": [*(row[one.name] for row in field.rows), ""] for one in field.columns}
    if field.input == "held":
        form[field.name] = sorted(row["id"] for row in field.rows)
        form |= {f"{field.name}:{row['id']}:{key}": [row[key]] for row in field.rows for key in DAYS}
    if field.input == "term":
        form |= {f"{field.name}:{key}": [field.rows[0][key]] for key in DAYS}
    return form | {
        f"{field.name}{key.replace('_', ':')}" if key != "given" else field.name: texts
        for key, texts in changes.items()
    }


def answered(rulebook: Rulebook, name: str, known: Any, **changes: list[str]) -> Any:
    """Return what a form with one field answers, filled in otherwise than it stood there."""
    data = told({name: known})
    field = field_of(name, data, rulebook, Speaker(rulebook, "zh"), ON)
    return reply(field, refilled(field, sent(field, **changes)), answer(data, name, ON), rulebook)


def test_what_is_changed_counts(rulebook: Rulebook) -> None:
    """A tick that was added takes an old answer back; an answer that was added takes back an old tick."""
    assert answered(rulebook, "city", "佛山", _sure=["unknown"]) == "unknown"
    assert answered(rulebook, "city", "unknown", given=["佛山市"]) == "佛山市"
    assert answered(rulebook, "city", "佛山", given=["珠海市"], _sure=["unknown"]) == "珠海市"
    assert answered(rulebook, "city", "佛山", given=[""]) is None
    assert answered(rulebook, "city", None, given=["", "  "]) is None
    assert answered(rulebook, "revenue[2025]", 5, given=["5..10"]) == "5..10"
    assert answered(rulebook, "enterprise.name", "甲", given=["乙"]) == "乙"
    assert answered(rulebook, "iso9001", "是", given=["no"]) is False
    assert answered(rulebook, "applicant_kind", ["企业"], given=["enterprise", "park"]) == ["enterprise", "park"]
    assert answered(rulebook, "industry", None, given=["阀门", "C3443"]) == "C3443"


def test_lists_are_filled_emptied_and_not_known(rulebook: Rulebook) -> None:
    """Their entries are kept with all that is known of them."""
    known: list[dict[str, Any]] = [
        {"id": "high-tech-enterprise", "granted": date(2024, 11, 19), "note": "换证"},
        {"id": "innovative-sme"},
    ]
    name, one = "recognitions", "_high-tech-enterprise"
    moved = answered(rulebook, name, known, **{f"{one}_granted": ["2024.11.20"], f"{one}_expires": ["不清楚"]})
    assert moved == [{**known[0], "granted": date(2024, 11, 20), "expires": "unknown"}, known[1]]
    assert answered(rulebook, name, known, given=["innovative-sme", "srdi-sme"]) == [known[1], {"id": "srdi-sme"}]
    assert answered(rulebook, name, known, _sure=["none"]) == []
    assert answered(rulebook, name, known, given=[]) == []
    assert answered(rulebook, name, None, given=[], _sure=[""]) is None
    assert answered(rulebook, name, [], given=["srdi-sme"]) == [{"id": "srdi-sme"}]
    term = f"{name}.innovative-sme"
    assert answered(rulebook, term, known[1], _sure=["unknown"]) == {"id": "innovative-sme", "expires": "unknown"}
    assert answered(rulebook, term, None, _granted=["2025-01-02"]) == {
        "id": "innovative-sme",
        "granted": date(2025, 1, 2),
    }
    awards = {"_level": ["national", "", ""], "_rank": ["３", "", ""], "_date": ["2024/1/5", "", ""]}
    entry = {"level": "national", "rank": 3, "date": date(2024, 1, 5)}
    assert answered(rulebook, "science_awards", None, **awards) == [entry]
    assert answered(rulebook, "science_awards", [], **awards) == [entry]
    assert answered(rulebook, "science_awards", None, _sure=["none"]) == []


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_answer_of_every_sample_goes_through_a_form_unchanged(rulebook: Rulebook, sample: str) -> None:
    """What a form shows, sent back as it is, is to the letter what was there; and an empty one leaves all unsaid."""
    say = Speaker(rulebook, "zh")
    data = parse((ROOT / "profiles" / f"{sample}.yaml").read_text(encoding="utf-8"), name="").data or {}
    names = [name for name, spec in rulebook.dictionary.facts.items() if not spec.derived and not spec.yearly]
    names += [f"{name}[{year}]" for name in rulebook.dictionary.yearly_numbers for year in range(2022, 2027)]
    names += ["recognitions", "enterprise.name", "enterprise.uscc"]
    names += [f"recognitions.{one['id']}" for one in data.get("recognitions") or ()]
    seen = 0
    for name in names:
        field, known = field_of(name, data, rulebook, say, ON), answer(data, name, ON)
        back = refilled(field, sent(field))
        assert reply(field, back, known, rulebook) is known, name
        assert (back.filled, back.sure) == (field.filled, field.sure)
        blank = reply(field, refilled(field, {}), known, rulebook)
        assert blank in (None, []) or field.input == "term", name
        assert field.told == (known is not None) or field.input == "term", name
        seen += field.told
    assert seen > 30 or sample == "empty"
    assert field_of("city", {}, rulebook, say, ON).told is False
