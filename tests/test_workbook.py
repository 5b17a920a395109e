"""A profile goes out as a workbook and comes back the same, whatever is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from assistant.company.answers import AnswerError, is_unknown, read_answer
from assistant.company.facts import FactSpec
from assistant.company.handwriting import simple
from assistant.company.profile import Profile, read_profile
from assistant.delivery.workbook.cells import meant, shown
from assistant.delivery.workbook.numbers import Cell
from assistant.delivery.workbook.writing import workbook_xlsx
from assistant.errors import BadInput
from assistant.sources import Source, read
from tests.conftest import ON, ROOT, book
from tests.workbooks import NAME, blank, filled, sheet, told

FACTS = [spec for spec in book().dictionary.facts.values() if not spec.derived]
SIGNS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.one_of(
    st.sampled_from(
        ["=1+1", "+86 755", "-", "@SUM(A1)", "＝HYPERLINK()", "  前后空格 ", "两\n行", "a_x0041_b", "\r\n回车"]
    ),
    st.text(SIGNS, min_size=1, max_size=30).filter(lambda text: simple(text) and not is_unknown(simple(text))),
)
DAYS = st.dates(date(1900, 3, 1), ON)


# ---- answers


def numbers(spec: FactSpec) -> st.SearchStrategy[Any]:
    """Return numbers and ranges that a profile may give for a fact."""
    least = int(spec.least) if spec.least is not None else -(10**12)
    most = int(spec.most) if spec.most is not None else 10**12
    whole = st.integers(least, most)
    places = {"money": 6, "count": 0}.get(spec.kind, 3)
    exact = st.decimals(least, most, places=places, allow_nan=False, allow_infinity=False)
    ends = st.tuples(exact, exact).map(sorted).map(lambda pair: f"{pair[0]:f}..{pair[1]:f}")
    shares = st.decimals(Decimal("0.001"), Decimal("0.999"), places=3).map(lambda part: f"{part:f} %")
    return st.one_of(whole, exact, ends, *([shares] if spec.kind == "percent" else []))


def answers(spec: FactSpec) -> st.SearchStrategy[Any]:
    """Return what a profile may give for a fact, in the form that a file has it."""
    unknown = st.just("unknown")
    if spec.numeric:
        return st.one_of(unknown, numbers(spec)).filter(lambda raw: usable(raw, spec))
    match spec.kind:
        case "flag":
            return st.one_of(unknown, st.booleans())
        case "choice" if spec.multiple:
            chosen = st.lists(st.sampled_from([*spec.choices]), min_size=int(spec.least or 0), unique=True)
            return st.one_of(unknown, chosen)
        case "choice":
            return st.one_of(unknown, st.sampled_from([*spec.choices]))
        case "date":
            return st.one_of(unknown, DAYS)
        case "city":
            return st.one_of(unknown, st.sampled_from(book().lists.city_names))
        case "industry":
            codes = [book().lists.ancestors(code) for code in book().lists.industries if len(code) > 1]
            return st.one_of(unknown, st.sampled_from([chain[0] + chain[-1] for chain in codes]))
        case "events":
            entry = st.fixed_dictionaries({}, optional={key: answers(one) for key, one in spec.fields.items()})
            return st.one_of(unknown, st.lists(entry, max_size=12))
        case _:
            return st.one_of(unknown, TEXTS)


def usable(raw: Any, spec: FactSpec) -> bool:
    """Tell whether a profile may give *raw*: 0.5 for a share might mean 50 %."""
    try:
        read_answer(raw, spec, book().lists, ON)
    except AnswerError:
        return False
    return True


PLAIN = {spec.name: answers(spec) for spec in FACTS if not spec.yearly}
YEARLY = {spec.name: answers(spec) for spec in FACTS if spec.yearly}
HELD = st.fixed_dictionaries(
    {"id": st.sampled_from([*book().lists.recognitions])},
    optional={
        "granted": st.one_of(DAYS, st.just("unknown")),
        "expires": st.one_of(st.dates(ON, ON + timedelta(9999)), st.just("unknown")),
        "note": TEXTS,
    },
)
JUDGED = st.sampled_from(["ai-open-challenge", "chain-leader"]).flatmap(
    lambda project: st.fixed_dictionaries(
        {
            "project": st.just(project),
            "criterion": st.sampled_from([one.id for one in book().projects[project].versions[0].root.members]),
            "verdict": st.sampled_from(["met", "unmet"]),
        },
        optional={"by": TEXTS, "on": DAYS, "why": TEXTS, "evidence": TEXTS},
    )
)


@st.composite
def profiles(draw: st.DrawFn) -> dict[str, Any]:
    """Return a profile that may say anything about everything."""
    data: dict[str, Any] = {
        "enterprise": draw(st.fixed_dictionaries({}, optional={"name": TEXTS, "uscc": TEXTS})),
        "facts": draw(st.fixed_dictionaries({}, optional=PLAIN)),
        "years": draw(st.dictionaries(st.integers(2016, 2025), st.fixed_dictionaries({}, optional=YEARLY), max_size=4)),
        "estimates": draw(
            st.dictionaries(st.integers(2024, 2028), st.fixed_dictionaries({}, optional=YEARLY), max_size=2)
        ),
        "recognitions": draw(st.one_of(st.none(), st.just("unknown"), st.lists(HELD, max_size=10))),
        "judgements": draw(st.lists(JUDGED, max_size=10)),
    }
    for section in ("years", "estimates"):
        data[section] = {year: figures for year, figures in data[section].items() if figures}
    empty = ("enterprise", "facts", "years", "estimates", "judgements")
    return {key: value for key, value in data.items() if value is not None and (value or key not in empty)}


# ---- there and back


def understood(data: Mapping[str, Any]) -> Profile:
    """Return the profile that *data* is."""
    return read_profile(Source(NAME, data), book().dictionary, book().lists, ON)


@given(st.data())
@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize(
    "kind", ["money", "percent", "count", "years", "quantity", "choice", "industry", "date", "text"]
)
def test_an_answer_comes_back_out_of_its_cell(kind: str, data: st.DataObject) -> None:
    """Of every kind of fact: what is shown in a cell means the answer again."""
    spec = data.draw(st.sampled_from([one for one in FACTS if one.kind == kind]))
    raw = data.draw(answers(spec))
    value = shown(raw, spec, book().lists)
    value = float(value) if isinstance(value, Decimal) else value  # as a spreadsheet keeps it
    assert meant(Cell(value), spec, book().lists).raw == raw


@given(profiles())
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.generate],  # made smaller, a failure would take minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_any_profile_comes_back_the_same(data: dict[str, Any]) -> None:
    """Facts, years, estimates, lists, recognitions, judgements: the file's data, not only what it means."""
    back = told(workbook_xlsx(data, book(), ON))
    assert back.data == data
    assert replace(back.profile, remarks=()) == replace(understood(data), remarks=())


def test_every_sample_comes_back_the_same(sample: str, samples: Mapping[str, Profile]) -> None:
    """As understood; a single choice is a list of one."""
    data = read(ROOT / "profiles" / f"{sample}.yaml").data or {}
    back = told(workbook_xlsx(data, book(), ON))
    assert back.profile == samples[sample]
    assert workbook_xlsx(back.data, book(), ON) == workbook_xlsx(data, book(), ON)


def test_it_comes_back_the_same_when_a_spreadsheet_saved_it() -> None:
    """What a program writes anew: texts in a table of their own, styles renumbered."""
    data = read(ROOT / "profiles" / "bearing-giant.yaml").data
    once = workbook_xlsx(data, book(), ON)
    assert told(filled({}, base=once)).data == told(once).data


def test_an_empty_workbook_says_nothing() -> None:
    """Nothing is answered with 0 or no."""
    found = told(blank())
    assert found.data == {}
    assert found.remarks == ()


# ---- the workbook itself


def test_every_fact_has_its_place() -> None:
    """Once: label, unit and help beside it."""
    made = load_workbook(BytesIO(blank()))
    keys = [
        str(row[0].value) for title in ("企业", "财务") for row in sheet(made, title).iter_rows(min_row=2, max_col=1)
    ]
    expected = [spec.name for spec in FACTS if spec.kind != "events"]
    assert sorted(key for key in keys if key in book().dictionary.facts) == sorted(expected)
    lists = " ".join(str(row[0].value) for row in sheet(made, "清单").iter_rows(max_col=1))
    assert all(f"{spec.name}?" in lists for spec in FACTS if spec.kind == "events")
    assert made.sheetnames == ["说明", "企业", "财务", "资质", "清单", "研判", "选项"]


def test_the_structure_is_locked_and_the_cells_are_not() -> None:
    """Sheets cannot be renamed by accident; everything may be filled in."""
    made = load_workbook(BytesIO(blank()))
    assert made.security.lockStructure
    assert not any(one.protection.sheet for one in made.worksheets)
    assert sheet(made, "选项").sheet_state == "hidden"
    assert sheet(made, "财务").freeze_panes == "C2"


def test_no_text_becomes_a_formula() -> None:
    """A company called =1+1 is called that."""
    data = {"enterprise": {"name": "=HYPERLINK(1)"}, "judgements": []}
    made = load_workbook(BytesIO(workbook_xlsx(data, book(), ON)))
    formulas = [cell.coordinate for one in made.worksheets for row in one for cell in row if cell.data_type == "f"]
    assert formulas == []
    cell = sheet(made, "企业")["C3"]
    assert (cell.value, cell.quotePrefix) == ("=HYPERLINK(1)", True)


def test_more_years_on_demand() -> None:
    """As many closed years as asked for, then the estimates; years that the profile has are always there."""
    data = {"years": {2019: {"revenue": 1}}, "estimates": {2027: {"revenue": 2}}}
    headings = [
        cell.value
        for cell in next(sheet(load_workbook(BytesIO(workbook_xlsx(data, book(), ON, years=2))), "财务").rows)
    ]
    assert headings[1:7] == ["指标", "2019年", "2024年", "2025年", "2026年预计", "2027年预计"]


def test_the_same_data_gives_the_same_bytes() -> None:
    """No hour of the day is in it."""
    assert workbook_xlsx({}, book(), ON) == blank()


def test_a_text_that_no_cell_holds_is_refused() -> None:
    """Rather than cut off."""
    data = {"facts": {"county": "长" * 32768}}
    with pytest.raises(BadInput) as caught:
        workbook_xlsx(data, book(), ON)
    assert [one.code for one in caught.value.problems] == ["workbook-text-long"]
