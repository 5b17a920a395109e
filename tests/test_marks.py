"""Marks: what was done stays done whatever becomes of the plan, and a document counts where it still serves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.company.profile import Profile
from assistant.matching.match import Matcher
from assistant.planning.assessment import Assessment, assess
from assistant.planning.marks import STATES, Mark, MarkState, Task, assigned, deed, marked, noted, restated, tasks_of
from tests.conftest import ON

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
AUDIT = Task(
    "prepare|audit|2028",
    "准备审计报告",
    date(2028, 2, 1),
    frozenset(("round|little|2028", "year|2026", "year|2027")),
)


def done(task: Task, at: datetime = NOW) -> Mark:
    """Return the mark of somebody who has done *task*."""
    return restated(None, task, "done", who="王工", at=at)


def joined(task: Task, *marks: Mark, on: date = ON) -> Task | Mark | None:
    """Return the mark that holds for *task*."""
    [one] = marked([task], marks, on).tasks
    return one.mark


def tasks(assessment: Assessment) -> list[Task]:
    """Return the tasks of an assessment."""
    return list(tasks_of(assessment.steps, assessment.duties))


# ---- what was done stays done


@given(
    due=st.none() | st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    title=st.text(max_size=8),
    more=st.frozensets(st.sampled_from(("round|other|2028", "year|2025", "criterion|x"))),
    less=st.booleans(),
    days=st.integers(0, 800),
)
def test_a_task_done_stays_done_whatever_becomes_of_it(
    due: date | None, title: str, more: frozenset[str], days: int, *, less: bool
) -> None:
    """Its day, its words and what it is for may all change; what came to it is told."""
    mark = done(AUDIT)
    now = replace(AUDIT, due=due, title=title, parts=(frozenset() if less else AUDIT.parts) | more)
    [one] = marked([now], [mark], ON + timedelta(days=days)).tasks
    assert (one.state, one.mark) == ("done", mark)
    assert set(one.later) == more


_keys = st.sampled_from(
    [f"prepare|{name}|{cycle}" for name in ("audit", "form|little") for cycle in (2027, 2028)]
    + ["answer|money", "answer|people", "apply|little|2027", "improve|figure|revenue|2026", "little|yearly|2027"]
)
_parts = st.frozensets(
    st.sampled_from(("round|little|2027", "round|little|2028", "round|giant|2027", "year|2026", "asks|a", "asks|b"))
)
_tasks = st.lists(st.builds(Task, _keys, parts=_parts), unique_by=lambda task: task.key.rpartition("|")[0])
_marks = st.lists(
    st.builds(
        Mark,
        _keys,
        st.sampled_from(STATES),
        st.just("事"),
        st.integers(-400, 400).map(lambda days: NOW + timedelta(days=days)),
        parts=_parts.map(lambda parts: tuple(sorted(parts))),
        postponed_to=st.dates(date(2026, 6, 1), date(2027, 6, 1)),
    ),
    unique_by=lambda mark: mark.key,
)


@settings(max_examples=400)
@given(wanted=_tasks, marks=_marks)
def test_every_mark_that_says_done_is_shown_once(wanted: Sequence[Task], marks: Sequence[Mark]) -> None:
    """At its task, or among what was kept; the plan keeps its tasks and their order."""
    found = marked(wanted, marks, ON)
    assert [one.task for one in found.tasks] == list(wanted)
    at_tasks = [one.mark for one in found.tasks if one.mark]
    assert sorted(mark.key for mark in (*at_tasks, *found.kept) if mark.state == "done") == sorted(
        mark.key for mark in marks if mark.state == "done"
    )
    assert all(mark.state == "done" for mark in found.kept)


@settings(max_examples=400)
@given(wanted=_tasks, marks=_marks)
def test_a_mark_goes_to_the_task_it_was_put_on_first(wanted: Sequence[Task], marks: Sequence[Mark]) -> None:
    """And to another name of it only where there is none; never to another document."""
    by_key = {mark.key: mark for mark in marks}
    for one in marked(wanted, marks, ON).tasks:
        if one.mark is None:
            continue
        if one.mark.key != one.task.key:
            assert one.task.key not in by_key
            assert one.mark.key.rpartition("|")[0] == one.task.key.rpartition("|")[0]
            assert one.task.key.startswith("prepare|")


@settings(max_examples=200)
@given(wanted=_tasks, marks=_marks, data=st.data())
def test_the_order_of_marks_does_not_matter(wanted: Sequence[Task], marks: Sequence[Mark], data: st.DataObject) -> None:
    """They come out of a store in any."""
    assert marked(wanted, data.draw(st.permutations(marks)), ON) == marked(wanted, marks, ON)


def test_done_tasks_of_a_real_plan_stay_done_when_the_company_changes(
    samples: Mapping[str, Profile], matcher: Matcher
) -> None:
    """Every step done today, and the company then answers nothing any more: none is asked for again."""
    before = assess(matcher, samples["valve-maker"], ON)
    marks = [done(task) for task in tasks(before)]
    poorer = replace(samples["valve-maker"], recognitions=())
    after = tasks(assess(matcher, poorer, ON + timedelta(days=20)))
    found = marked(after, marks, ON + timedelta(days=20))
    known = {mark.key for mark in marks}
    again = [one for one in found.tasks if one.task.key in known]
    assert len(again) > 10
    assert {one.state for one in again} == {"done"}
    assert len(found.kept) + len([one for one in found.tasks if one.mark]) == len(marks)


def test_what_is_no_longer_asked_for_is_listed_under_its_old_title() -> None:
    """The latest first; what was only put off or assigned is forgotten with its step."""
    first, last = done(AUDIT), done(replace(AUDIT, key="apply|little|2027", title="提交申报"), NOW + timedelta(days=1))
    waiting = restated(None, replace(AUDIT, key="apply|giant|2027"), "postponed", who="李工", at=NOW)
    assert [mark.title for mark in marked([], [first, last, waiting], ON).kept] == ["提交申报", "准备审计报告"]


# ---- a new round is new


def test_the_next_round_is_open() -> None:
    """It has a key of its own; the document of the last one does not stand for it."""
    task = Task("prepare|audit|2029", parts=frozenset(("round|little|2029", "year|2027", "year|2028")))
    assert joined(task, done(AUDIT)) is None


def test_questions_that_are_all_new_are_open() -> None:
    """Their task has no cycle in its name; one that is left of those answered is not."""
    mark = done(Task("answer|money", parts=frozenset(("asks|revenue[2026]", "asks|tax"))))
    assert joined(Task("answer|money", parts=frozenset(("asks|revenue[2027]",))), mark) is None
    left = marked([Task("answer|money", parts=frozenset(("asks|tax", "asks|revenue[2027]")))], [mark], ON)
    assert (left.tasks[0].state, left.tasks[0].later) == ("done", ("asks|revenue[2027]",))


def test_a_goal_that_moved_away_is_told() -> None:
    """One that came nearer is not."""
    mark = done(Task("improve|fact|patents", parts=frozenset(("goal|>=|2",))))
    for goal, later in (("goal|>=|3", ("goal|>=|3",)), ("goal|>=|1", ()), ("goal|<=|2", ("goal|<=|2",))):
        [one] = marked([Task("improve|fact|patents", parts=frozenset((goal,)))], [mark], ON).tasks
        assert (one.state, one.later) == ("done", later)


# ---- documents under another name


def earlier(*parts: str, not_before: date | None = None) -> Task:
    """Return the audit as an application of 2027 needs it, which 2028's joins."""
    return Task("prepare|audit|2027", "准备审计报告", date(2027, 3, 1), frozenset(parts), not_before)


def test_a_document_done_counts_where_an_earlier_application_joins() -> None:
    """It covers every year that is asked for, and a round in common shows that it is the same paper."""
    task = earlier("round|small|2027", "round|little|2028", "year|2026", "year|2027")
    [one] = marked([task], [done(AUDIT)], ON).tasks
    assert one.state == "done"
    assert one.later == ("round|small|2027",)


def test_a_document_done_does_not_count_for_a_year_it_does_not_cover() -> None:
    """The earlier application wants an older year."""
    task = earlier("round|small|2027", "round|little|2028", "year|2025", "year|2026", "year|2027")
    found = marked([task], [done(AUDIT)], ON)
    assert found.tasks[0].state == "open"
    assert [mark.title for mark in found.kept] == ["准备审计报告"]


@pytest.mark.parametrize(("days", "counts"), [(-1, True), (0, True), (1, False)])
def test_a_document_done_does_not_count_once_it_lapses(days: int, *, counts: bool) -> None:
    """Made on the first day on which it lasts long enough, or later."""
    task = earlier("round|small|2027", "round|little|2028", not_before=ON + timedelta(days=days))
    assert (joined(task, done(AUDIT)) is not None) == counts


def test_a_document_done_under_its_own_name_too_early_is_told() -> None:
    """It stays done; that it may have lapsed is for people to see."""
    task = replace(AUDIT, not_before=ON + timedelta(days=1))
    [one] = marked([task], [done(AUDIT)], ON).tasks
    assert (one.state, one.lapses) == ("done", True)
    [one] = marked([AUDIT], [done(AUDIT)], ON).tasks
    assert not one.lapses


def test_a_document_done_counts_when_the_first_application_falls_away() -> None:
    """The other way round: what was made for both serves the one that is left."""
    both = earlier("round|small|2027", "round|little|2028", "year|2026")
    left = Task("prepare|audit|2028", parts=frozenset(("round|little|2028", "round|small|2028", "year|2026")))
    assert joined(left, done(both)) == done(both)


def test_whose_it_is_follows_a_document_and_not_needed_only_where_nothing_is_new() -> None:
    """That one application needs no paper says nothing of another."""
    mine = assigned(None, AUDIT, "李会计", "li@example.com", who="王工", at=NOW)
    spared = restated(None, AUDIT, "not-needed", who="王工", at=NOW)
    more, same = earlier("round|small|2027", "round|little|2028"), earlier("round|little|2028")
    assert (joined(more, mine), joined(same, mine)) == (mine, mine)
    assert (joined(more, spared), joined(same, spared)) == (None, spared)


def test_a_document_of_one_project_is_not_that_of_another() -> None:
    """Each has its own application form."""
    mark = done(Task("prepare|form|little|2028", parts=frozenset(("round|little|2028",))))
    assert joined(Task("prepare|form|giant|2027", parts=frozenset(("round|little|2028",))), mark) is None


def test_real_documents_count_where_earlier_applications_join(samples: Mapping[str, Profile], matcher: Matcher) -> None:
    """The licence made for next year's round serves this year's; the audits of years that were not asked for do not."""
    later = date(2027, 8, 1)
    alone = tasks(assess(matcher, samples["valve-maker"], later, projects=["little-giant"]))
    marks = [done(task) for task in alone if task.key.startswith("prepare|")]
    found = marked(tasks(assess(matcher, samples["valve-maker"], later)), marks, later)
    by_name = {one.task.key: one for one in found.tasks}
    assert {mark.key for mark in marks} >= {"prepare|business-licence|2028", "prepare|audit-report|2028"}
    assert by_name["prepare|business-licence|2027"].state == "done"
    assert "round|specialized-sme|2027" in by_name["prepare|business-licence|2027"].later
    assert by_name["prepare|audit-report|2027"].state == "open"
    assert "prepare|audit-report|2028" in {mark.key for mark in found.kept}


# ---- put off


@pytest.mark.parametrize(("days", "state"), [(0, "postponed"), (9, "postponed"), (10, "postponed"), (11, "open")])
def test_what_is_put_off_waits_until_its_day_has_passed(days: int, state: MarkState) -> None:
    """After it the plan's own day holds again."""
    until = ON + timedelta(days=10)
    mark = restated(None, AUDIT, "postponed", who="王工", at=NOW, postponed_to=until, reason="等审计")
    [one] = marked([AUDIT], [mark], ON + timedelta(days=days)).tasks
    assert one.state == state
    assert one.due == (until if state == "postponed" else AUDIT.due)


# ---- what is done to a mark


def test_a_note_does_not_move_the_day_on_which_it_was_done() -> None:
    """Nor the title it had, nor what it was for."""
    mark = done(AUDIT)
    later = replace(AUDIT, title="别的题目", parts=frozenset(("year|2030",)))
    assert noted(mark, later, "放在财务室", who="李工", at=NOW + timedelta(days=3)) == replace(mark, note="放在财务室")


def test_every_deed_is_called_by_its_name() -> None:
    """What says nothing new is no deed."""
    mine = assigned(None, AUDIT, "李会计", "", who="王工", at=NOW)
    finished = restated(mine, AUDIT, "done", who="王工", at=NOW)
    until = restated(mine, AUDIT, "postponed", who="王工", at=NOW, postponed_to=ON, reason="等审计")
    assert deed(None, mine) == ("assigned", "李会计")
    assert deed(mine, assigned(mine, AUDIT, "", "", who="王工", at=NOW)) == ("unassigned", "")
    assert deed(mine, noted(mine, AUDIT, "三份", who="王工", at=NOW)) == ("noted", "三份")
    assert deed(mine, finished) == ("done", "")
    assert deed(finished, restated(finished, AUDIT, "open", who="王工", at=NOW)) == ("reopened", "")
    assert deed(mine, until) == ("postponed", "2026-11-23 等审计")
    assert deed(until, restated(until, AUDIT, "not-needed", who="王工", at=NOW)) == ("not-needed", "")
    assert deed(until, until) is None
    assert deed(None, noted(None, AUDIT, "", who="王工", at=NOW)) is None
    wider = replace(AUDIT, parts=AUDIT.parts | {"year|2025"})
    assert deed(finished, restated(finished, wider, "done", who="王工", at=NOW)) == ("done", "")
    assert finished.assignee == "李会计"
