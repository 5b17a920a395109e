"""A tally says what counting by hand says, however its batches are cut; a sole blank is what matching misses alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import polars as pl
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from assistant.company.derive import size_class
from assistant.matching.gaps import open_questions
from assistant.matching.match import Application, Match
from assistant.matching.screening.frame import column_of, profiles_to_frame, type_of
from assistant.matching.screening.plan import COLUMNS, VERDICTS, Plan
from assistant.matching.screening.sole import SOLE
from assistant.matching.screening.tally import DIMENSIONS, REACH, STATES, Tally
from assistant.matching.screening.transitions import Comparison, Move
from tests.companies import Scene, book, scenes
from tests.test_screening import Fixed, admissible

YEAR = 2025
PROJECTS = tuple(book().projects)[:3]
CRITERIA = ("a", "b")
BLANKS = ("city", "revenue_2025", "employees_2025")
SIZED = ("employees", "revenue", "total_assets")
CODES = ("3443", "0111", "6513", "9610")
NAMED = 3
quickly = settings(
    derandomize=True, deadline=None, database=None, max_examples=25, suppress_health_check=list(HealthCheck)
)

Row = dict[str, Any]

amounts = st.one_of(st.integers(1, 1200), st.integers(1, 10**17), st.sampled_from([99, 100, 999, 1000, 9999, 10**6]))


@st.composite
def answered(draw: st.DrawFn) -> Row:
    """Draw what a plan may say of one company, with the company."""
    row: Row = {"city": draw(st.sampled_from([None, "佛山市", "广州市", "省外"]))}
    row["industry"] = draw(st.sampled_from([None, *CODES]))
    row |= {column_of(name, YEAR): draw(st.one_of(st.none(), st.integers(0, 10**13))) for name in SIZED}
    row |= {"name": draw(st.sampled_from([None, "甲公司", "=1+1"])), "uscc": None}
    for project in PROJECTS:
        verdict = draw(st.sampled_from(list(VERDICTS.categories)))
        failed = verdict == "ineligible"
        nearest = draw(st.sampled_from([None, *CRITERIA])) if failed else None
        row |= {
            f"{project}.verdict": verdict,
            f"{project}.unmet": draw(st.integers(1, 2)) if failed else 0,
            f"{project}.unknown": draw(st.integers(0, 1)),
            f"{project}.judgement": draw(st.integers(0, 1)),
            f"{project}.nearest": nearest,
            f"{project}.amount": draw(amounts) if nearest else None,
            f"{project}.{SOLE}": draw(st.sampled_from([None, *BLANKS])) if verdict == "undetermined" else None,
        }
    return row


def tables(rows: Sequence[Row], first: int = 1) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return the answers, the frame and the identities of *rows*."""
    types: dict[str, Any] = {
        "verdict": VERDICTS,
        "nearest": pl.Enum(CRITERIA),
        "amount": pl.Int64,
        SOLE: pl.Enum(BLANKS),
    }
    names = ("verdict", "unmet", "unknown", "judgement", "nearest", "amount", SOLE)
    kept = [f"{project}.{name}" for project in PROJECTS for name in names]
    schema = {name: types.get(name.partition(".")[2], pl.UInt16) for name in kept}
    columns = ["city", "industry", *(column_of(name, YEAR) for name in SIZED)]
    answers = pl.DataFrame({name: pl.Series([row[name] for row in rows], dtype=kind) for name, kind in schema.items()})
    frame = pl.DataFrame(
        {name: pl.Series([row[name] for row in rows], dtype=type_of(name, book())) for name in columns}
    )
    known = pl.DataFrame(
        {
            "row": pl.Series(range(first, first + len(rows)), dtype=pl.UInt32),
            "name": pl.Series([row["name"] for row in rows], dtype=pl.String),
            "uscc": pl.Series([row["uscc"] for row in rows], dtype=pl.String),
        }
    )
    return answers, frame, known


def tallied(parts: Sequence[Sequence[Row]]) -> Tally:
    """Return the tally of batches that follow each other."""
    tally, first = Tally(book(), YEAR, PROJECTS, NAMED), 1
    for rows in parts:
        tally.add(*tables(rows, first))
        first += len(rows)
    return tally


def told(tally: Tally) -> list[Any]:
    """Return all that a tally says."""
    listed = (*PROJECTS, REACH)
    return [
        tally.companies,
        tally.near,
        tally.counts().rows(),
        [tally.states(id_) for id_ in listed],
        [tally.by(name) for name in DIMENSIONS],
        [tally.shortfalls(id_) for id_ in PROJECTS],
        [tally.soles(id_) for id_ in listed],
    ]


def cut(rows: Sequence[Any], places: Sequence[int]) -> list[Sequence[Any]]:
    """Return *rows* in pieces."""
    ends = sorted({min(place, len(rows)) for place in places} | {0, len(rows)})
    return [rows[a:b] for a, b in pairwise(ends)] or [rows]


# ---- by hand


def state(row: Row, project: str) -> str:
    """Return a company's state in a project."""
    single = row[f"{project}.unmet"] == 1 and not row[f"{project}.unknown"] and not row[f"{project}.judgement"]
    verdict = str(row[f"{project}.verdict"])
    return "near" if verdict == "ineligible" and single else verdict


def best(row: Row) -> str:
    """Return the best of a company's states."""
    return min((state(row, project) for project in PROJECTS), key=STATES.index)


def group(row: Row, dimension: str) -> str | None:
    """Return where a company is counted."""
    chain = book().lists.ancestors(row["industry"]) if row["industry"] else None
    match dimension:
        case "city":
            return row["city"]  # type: ignore[no-any-return]  # a name or None
        case "section":
            return chain[0] if chain else None
        case _:
            found = size_class(chain, {name: row[column_of(name, YEAR)] for name in SIZED}, book().lists)
            return next(iter(found)) if found and len(found) == 1 else None


@quickly
@given(st.lists(answered(), min_size=1, max_size=30))
def test_counts_are_those_of_counting_by_hand(rows: list[Row]) -> None:
    """States by project, of the best project, by city, section and size."""
    tally = tallied([rows])
    assert tally.companies == len(rows)
    for project in (*PROJECTS, REACH):
        of = [best(row) if project == REACH else state(row, project) for row in rows]
        assert tally.states(project) == {one: of.count(one) for one in STATES}
        for dimension in DIMENSIONS:
            expected = Counter((group(row, dimension), one) for row, one in zip(rows, of, strict=True))
            found = tally.by(dimension)[project]
            got = {(key, one): count for key, states in found.items() for one, count in states.items() if count}
            assert got == dict(expected)


@quickly
@given(st.lists(answered(), min_size=1, max_size=30))
def test_near_companies_are_named_in_their_order(rows: list[Row]) -> None:
    """The first few of each project, with the criterion and amount of their gap."""
    tally = tallied([rows])
    for project in PROJECTS:
        expected = [
            (at, row["name"], row["uscc"], row[f"{project}.nearest"], row[f"{project}.amount"])
            for at, row in enumerate(rows, start=1)
            if state(row, project) == "near"
        ]
        assert [tuple(one) for one in tally.near[project]] == expected[:NAMED]


@quickly
@given(st.lists(answered(), min_size=1, max_size=40))
def test_shortfalls_are_counted_to_three_digits(rows: list[Row]) -> None:
    """Least and most are exact, every amount is in its bin, quartiles are within one percent below."""
    tally = tallied([rows])
    for project in PROJECTS:
        found = {one.criterion: one for one in tally.shortfalls(project)}
        for criterion in CRITERIA:
            own = [row for row in rows if row[f"{project}.nearest"] == criterion]
            values = sorted(row[f"{project}.amount"] for row in own)
            assert (criterion in found) == bool(values)
            if not values:
                continue
            short = found[criterion]
            assert (short.count, short.least, short.most) == (len(values), values[0], values[-1])
            assert short.near == sum(state(row, project) == "near" for row in own)
            for one in short.bins:
                assert one.companies == sum(one.start <= value < one.end for value in values)
                assert one.end - one.start == 1 or (one.end - one.start) * 100 <= one.start
            assert sum(one.companies for one in short.bins) == len(values)
            for part in (1, 2, 3, 4):
                exact = values[-(-len(values) * part // 4) - 1]
                got = short.quantile(part, 4)
                assert got is not None
                assert got <= exact < got * 1.01 + 1


@quickly
@given(st.lists(answered(), min_size=1, max_size=30))
def test_sole_blanks_are_counted_by_project_and_by_company(rows: list[Row]) -> None:
    """A company counts once for a blank, in however many projects it is the sole one."""
    tally = tallied([rows])
    for project in PROJECTS:
        expected = Counter((row[f"{project}.{SOLE}"], row[f"{project}.judgement"]) for row in rows)
        got = {(one.column, at): count for one in tally.soles(project) for at, count in enumerate(one[1:]) if count}
        assert got == {key: count for key, count in expected.items() if key[0]}
    some = Counter(blank for row in rows for blank in {row[f"{project}.{SOLE}"] for project in PROJECTS} if blank)
    assert {one.column: one.settled for one in tally.soles()} == dict(some)


# ---- batches


@quickly
@given(st.lists(answered(), max_size=30), st.lists(st.integers(0, 30), max_size=4), st.integers(0, 4))
def test_batches_cut_anywhere_give_the_same(rows: list[Row], places: list[int], at: int) -> None:
    """Added one after the other, or tallied apart and added up."""
    whole = told(tallied([rows]))
    parts = cut(rows, places)
    assert told(tallied(parts)) == whole
    at = min(at, len(parts))
    done = sum(len(part) for part in parts[:at])
    early, late = tallied(parts[:at]), Tally(book(), YEAR, PROJECTS, NAMED)
    for part in parts[at:]:
        late.add(*tables(part, done + 1))
        done += len(part)
    assert told(early + late) == whole


def test_companies_without_names_are_numbered() -> None:
    """From 1, on through all batches; a plan that does not ask leaves no sole blanks."""
    row: Row = {"city": None, "industry": None, "name": None, "uscc": None}
    row |= {column_of(name, YEAR): None for name in SIZED}
    for project in PROJECTS:
        own = {
            "verdict": "ineligible",
            "unmet": 1,
            "unknown": 0,
            "judgement": 0,
            "nearest": "a",
            "amount": 7,
            SOLE: None,
        }
        row |= {f"{project}.{name}": value for name, value in own.items()}
    answers, frame, _ = tables([row])
    tally = Tally(book(), YEAR, PROJECTS, NAMED)
    for _ in range(5):
        tally.add(answers.drop(f"{project}.{SOLE}" for project in PROJECTS), frame.select("city"))
    assert [one.row for one in tally.near[PROJECTS[0]]] == [1, 2, 3]
    assert tally.states(PROJECTS[0])["near"] == 5
    assert not tally.asks
    assert tally.soles() == []


# ---- two versions of the rules


@quickly
@given(st.lists(st.tuples(answered(), answered()), max_size=30), st.lists(st.integers(0, 30), max_size=3))
def test_moves_are_counted_and_named(pairs: list[tuple[Row, Row]], places: list[int]) -> None:
    """From which verdict to which, the first few named; in any batches, and added up."""
    whole, total = Comparison.of(PROJECTS, [*PROJECTS[1:], "new"], examples=NAMED), None
    first = 1
    for part in cut(pairs, places):
        before, _, known = tables([pair[0] for pair in part], first)
        after = tables([pair[1] for pair in part])[0]
        one = Comparison.of(PROJECTS, PROJECTS[1:], examples=NAMED)
        one.add(before, after, known)
        whole.add(before, after, known)
        total = total + one if total else one
        first += len(part)
    assert whole.projects == PROJECTS[1:]
    for project in PROJECTS[1:]:
        key = f"{project}.verdict"
        moves = [Move(a[key], b[key]) for a, b in pairs]
        found = {move: (count, [one.row for one in named]) for move, count, named in whole.moves(project)}
        assert found == {
            move: (
                moves.count(move),
                [at for at, one in enumerate(moves, start=1) if one == move][:NAMED] if len(set(move)) > 1 else [],
            )
            for move in moves
        }
        assert whole.changed(project) == sum(move.before != move.after for move in moves)
        assert total is None or total.moves(project) == whole.moves(project)


# ---- the sole blank


@cache
def asking(project: str, application: Application, on: Any) -> Plan:
    """Return the plan of one project for one application."""
    return Plan(book(), on, Fixed(application), [project], columns=(*COLUMNS, SOLE))


def column(name: str) -> str:
    """Return the frame's column of what matching calls missing."""
    base, _, rest = name.partition("[")
    base = base.partition(".")[0]
    return column_of(base, int(rest[:-1])) if rest else base


def missing_alone(match: Match) -> str | None:
    """Return the one fact that all open criteria wait for, judgements aside."""
    if match.verdict != "undetermined":
        return None
    open_ = list(open_questions(match.tree)) if match.tree else []
    waits = [{column(name) for name in one.missing} for one in open_ if one.criterion.role != "judgement"]
    waits += [{column(name) for name in match.missing}] if match.missing else []
    union = set[str]().union(*waits)
    return union.pop() if len(union) == 1 and all(waits) else None


def test_a_sole_blank_is_what_matching_misses_alone() -> None:
    """Random companies before real projects, each also with one more of its answers left blank."""
    seen: Counter[bool] = Counter()

    @settings(quickly, max_examples=60, phases=(Phase.generate,))
    @given(scenes())
    def compare(scene: Scene) -> None:
        scene = admissible(scene)
        profile = scene.profile
        fewer = [
            replace(profile, facts={key: value for key, value in profile.facts.items() if key != name})
            for name in list(profile.facts)[:10]
        ]
        plan = asking(scene.project.id, scene.application, scene.on)
        answers = plan.run(profiles_to_frame([profile, *fewer], book()))
        for one, sole in zip([profile, *fewer], answers[f"{scene.project.id}.{SOLE}"], strict=True):
            expected = missing_alone(scene.match(one))
            assert sole == expected, (one, scene.project.id)
            seen[expected is not None] += 1

    compare()
    assert seen[True] >= 20
    assert seen[False] >= 100
