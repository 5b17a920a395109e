"""Marks in the calendars: what is done, put off or not needed, as those see it who subscribe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from assistant.company.profile import Profile
from assistant.delivery.events import events
from assistant.delivery.feed import feed
from assistant.delivery.revision import DONE_DAYS, PAST_MONTHS, EventState, FeedEvent, Revision, revise, uid_of
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.match import Matcher
from assistant.planning.assessment import Assessment, assess
from assistant.planning.checklist import Step
from assistant.planning.marks import Mark, Marked, Task, assigned, marked, noted, restated, tasks_of
from assistant.service.press import Press
from assistant.service.publish import Composer, unpack
from assistant.service.store.store import Store
from tests.conftest import ON, Assess
from tests.serving import add_sample, new_store

MORNING = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
COMPANY = "firm"


def at(days: int) -> datetime:
    """Return the morning so many days after the first."""
    return MORNING + timedelta(days=days)


def task(assessment: Assessment, key: str) -> Task:
    """Return the task of that key."""
    return next(one for one in tasks_of(assessment.steps, assessment.duties) if one.key == key)


def some(assessment: Assessment, kind: str) -> Step:
    """Return a step of that kind which has days left."""
    return next(one for one in assessment.steps if one.kind == kind and one.due and one.due > ON + timedelta(days=40))


def done(assessment: Assessment, key: str, moment: datetime = MORNING) -> Mark:
    """Return the mark of somebody who has done it."""
    return restated(None, task(assessment, key), "done", who="王工", at=moment)


def put_off(assessment: Assessment, key: str, to: date) -> Mark:
    """Return the mark of somebody who has put it off."""
    found = task(assessment, key)
    return restated(None, found, "postponed", who="王工", at=MORNING, postponed_to=to, reason="法人出差")


def wanted(assessment: Assessment, *marks: Mark) -> tuple[FeedEvent, ...]:
    """Return the events of a plan with its marks."""
    return events(assessment, Speaker(assessment.rulebook, "zh"), COMPANY, marks)


def told(*plans: tuple[int, Sequence[FeedEvent]]) -> Revision:
    """Revise through *plans*, each so many days after the first morning."""
    revision = Revision((), {})
    for days, plan in plans:
        revision = revise(plan, revision.states, at(days))
    return revision


def shown(assessment: Assessment, revision: Revision, key: str) -> Any:
    """Return the event that a subscriber sees."""
    raw = feed(assessment, company=COMPANY, states=revision.published, only="all")
    found = [one for one in Calendar.from_ical(raw).walk("VEVENT") if one["UID"] == uid_of(COMPANY, key)]
    return found[0] if found else None


def listed(assessment: Assessment, revision: Revision, key: str) -> Any:
    """Return the task that a subscriber sees."""
    raw = feed(assessment, company=COMPANY, states=revision.published, only="tasks", alarms=True)
    found = [one for one in Calendar.from_ical(raw).walk("VTODO") if one["UID"] == f"task-{uid_of(COMPANY, key)}"]
    return found[0] if found else None


@pytest.fixture
def valves(assessed: Assess) -> Assessment:
    """Return a company with much to do."""
    return assessed("valve-maker")


# ---- done


def test_a_step_done_is_a_finished_task(valves: Assessment) -> None:
    """With the moment it was ticked; nobody is reminded of it."""
    key = some(valves, "prepare").key
    revision = told((0, wanted(valves)), (1, wanted(valves, done(valves, key, at(1)))))
    todo = listed(valves, revision, key)
    assert todo is not None
    assert (todo["STATUS"], todo["PERCENT-COMPLETE"]) == ("COMPLETED", 100)
    assert todo.decoded("COMPLETED") == at(1)
    assert todo["SUMMARY"].startswith("【已完成】")
    assert todo.walk("VALARM") == []


def test_a_step_done_says_so_in_the_calendar_for_some_weeks(valves: Assessment) -> None:
    """Under its identity, on its day; one long before its day then goes, and stays a finished task."""
    step = some(valves, "prepare")
    assert step.due is not None
    assert step.due > ON + timedelta(days=DONE_DAYS)
    before, after = wanted(valves), wanted(valves, done(valves, step.key))
    first = told((0, before))
    second = revise(after, first.states, at(0))
    event = shown(valves, second, step.key)
    assert event is not None
    assert event["SUMMARY"].startswith("【已完成】")
    assert event["DTSTART"].dt == step.due
    assert event["SEQUENCE"] == 1
    assert "已完成" in event["DESCRIPTION"].split("变更记录：")[1]
    last = revise(after, second.states, at(DONE_DAYS))
    assert last.states == second.states
    later = revise(after, last.states, at(DONE_DAYS + 1))
    assert shown(valves, later, step.key) is None
    todo = listed(valves, later, step.key)
    assert todo is not None
    assert (todo["STATUS"], todo["SEQUENCE"]) == ("COMPLETED", 1)


def test_a_step_done_shortly_before_its_day_stays_in_the_past() -> None:
    """As all past events do."""
    day = ON + timedelta(days=DONE_DAYS - 1)
    event = FeedEvent(uid_of(COMPANY, "a"), "a", "prep", "prepare", "审计报告", day, day, "说明", done=MORNING)
    revision = told((0, [event]), (DONE_DAYS + 5, [event]), (200, []))
    [state] = revision.published
    assert (state.mark, state.is_event, state.is_task) == ("done", True, True)
    past = (PAST_MONTHS + 3) * 31
    assert revise([], revision.states, at(past)).states == {}


def test_a_step_done_stays_as_it_was_when_the_plan_moves_on(samples: Mapping[str, Profile], matcher: Matcher) -> None:
    """Days pass, the texts count them down, at last the step is gone: the bytes of a finished task do not change."""
    start = assess(matcher, samples["valve-maker"], ON)
    key = next(step.key for step in start.steps if step.chance == "at-the-latest" or step.kind == "answer")
    mark = done(start, key)
    revision = revise(wanted(start, mark), {}, MORNING)
    known = revision.states[uid_of(COMPANY, key)]
    for days in (1, 9, 20):
        later = assess(matcher, samples["valve-maker"], ON + timedelta(days=days))
        revision = revise(wanted(later, mark), revision.states, at(days))
        assert revision.states[uid_of(COMPANY, key)] == known
    gone = [event for event in wanted(start) if event.key != key]
    state = revise(gone, revision.states, at(21)).states[uid_of(COMPANY, key)]
    assert state == replace(known, live=False)


def test_a_step_opened_again_is_as_before(valves: Assessment) -> None:
    """Its identity goes on counting, and the log tells both."""
    step = some(valves, "prepare")
    revision = told((0, wanted(valves)), (1, wanted(valves, done(valves, step.key))), (2, wanted(valves)))
    event, todo = shown(valves, revision, step.key), listed(valves, revision, step.key)
    assert event is not None
    assert todo is not None
    assert event["SUMMARY"].startswith("【准备】")
    assert event["SEQUENCE"] == 2
    assert event["DESCRIPTION"].endswith("2026年11月25日：重新打开\n2026年11月24日：已完成")
    assert todo["STATUS"] == "NEEDS-ACTION"
    assert "COMPLETED" not in todo


def test_a_duty_done_is_done_too(assessed: Assess) -> None:
    """A yearly update is ticked like any step."""
    giant = assessed("bearing-giant")
    key = next(duty.key for duty in giant.duties if duty.kind == "yearly")
    todo = listed(giant, told((0, wanted(giant, done(giant, key)))), key)
    assert todo is not None
    assert todo["STATUS"] == "COMPLETED"


# ---- put off, not needed


def test_a_step_put_off_is_on_its_new_day_and_tells_the_old_one(valves: Assessment) -> None:
    """Nobody's forecast moves it now."""
    step = some(valves, "prepare")
    assert step.due is not None
    to = step.due + timedelta(days=9)
    revision = told((0, wanted(valves)), (1, wanted(valves, put_off(valves, step.key, to))))
    event = shown(valves, revision, step.key)
    assert event is not None
    assert event["DTSTART"].dt == to
    assert event["SEQUENCE"] == 1
    said = str(event["DESCRIPTION"])
    assert said.startswith(f"原定 {step.due.year}年{step.due.month}月{step.due.day}日，已推迟到这天。")
    assert "日期按往年情况推算" not in said
    assert "日期有变" in said


def test_an_application_put_off_by_the_company_is_no_deadline_put_off(valves: Assessment) -> None:
    """延期 is what an authority does."""
    step = some(valves, "apply")
    assert step.due is not None
    revision = told((0, wanted(valves)), (1, wanted(valves, put_off(valves, step.key, step.due + timedelta(days=3)))))
    event = shown(valves, revision, step.key)
    assert event is not None
    assert event["SUMMARY"].startswith("【准备】")
    assert "截止" not in event["DESCRIPTION"].split("变更记录：")[1]


def test_what_is_not_needed_is_in_no_calendar(valves: Assessment) -> None:
    """Neither as an event nor as a task; and comes back when somebody needs it after all."""
    step = some(valves, "prepare")
    mark = restated(None, task(valves, step.key), "not-needed", who="王工", at=MORNING)
    revision = told((0, wanted(valves)), (1, wanted(valves, mark)))
    assert shown(valves, revision, step.key) is None
    assert listed(valves, revision, step.key) is None
    assert shown(valves, revise(wanted(valves), revision.states, at(2)), step.key) is not None


def test_a_calendar_names_no_person_and_no_reason(valves: Assessment) -> None:
    """Whoever has the link reads it."""
    marks = []
    for number, one in enumerate(tasks_of(valves.steps, valves.duties)):
        mark = assigned(None, one, "李会计", "li@example.com", who="王工", at=MORNING)
        mark = noted(mark, one, "密码写在这里", who="王工", at=MORNING)
        if number % 3 == 0:
            mark = restated(mark, one, "done", who="王工", at=MORNING)
        elif number % 3 == 1:
            to = ON + timedelta(days=50)
            mark = restated(mark, one, "postponed", who="王工", at=MORNING, postponed_to=to, reason="法人出差")
        marks.append(mark)
    revision = told((0, wanted(valves, *marks)))
    for only in ("all", "tasks"):
        text = feed(valves, company=COMPANY, states=revision.published, only=only).decode().replace("\r\n ", "")
        assert "【已完成】" in text
        assert not [word for word in ("李会计", "li@example.com", "王工", "法人出差", "密码") if word in text]


def test_marks_that_say_nothing_of_the_state_change_no_byte(valves: Assessment) -> None:
    """Whose it is, and notes."""
    tasks = list(tasks_of(valves.steps, valves.duties))
    marks = [
        noted(assigned(None, one, "李", "", who="王", at=MORNING), one, "记", who="王", at=MORNING) for one in tasks
    ]
    assert wanted(valves, *marks) == wanted(valves)


def test_a_state_is_kept_as_plain_data(valves: Assessment) -> None:
    """The store gives back what was put into it."""
    revision = told((0, wanted(valves, *(done(valves, step.key) for step in valves.steps))))
    assert any(state.event.done for state in revision.published)
    for state in revision.published:
        assert EventState.from_plain(state.to_plain()) == state


# ---- published


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a store of its own."""
    with new_store(tmp_path) as opened:
        yield opened


def tick(store: Store, company: str, matcher: Matcher, samples: Mapping[str, Profile], key: str) -> None:
    """Tick a step of the company's plan."""
    assessment = assess(matcher, samples["valve-maker"], ON)
    [one] = [one for one in marked(tasks_of(assessment.steps, ()), (), ON).tasks if one.task.key == key]
    assert isinstance(one, Marked)
    mark = restated(None, one.task, "done", who="王工", at=MORNING)
    store.work.put(company, mark, who="王工", at=MORNING, after=0)


def test_a_tick_publishes_the_calendars_anew(
    store: Store, matcher: Matcher, samples: Mapping[str, Profile], valves: Assessment
) -> None:
    """All of them in one go, read back by another parser before they are put in place."""
    company = add_sample(store, "valve-maker")
    press = Press(store, Composer(matcher), "test", lambda: MORNING)
    assert list(press.due()) == [True]
    before = {kind: store.body(company, kind) for kind in ("all", "windows", "prep", "tasks")}
    key = some(valves, "prepare").key
    tick(store, company, matcher, samples, key)
    assert list(press.due()) == [True]
    after = {kind: store.body(company, kind) for kind in before}
    assert {kind for kind in before if before[kind] != after[kind]} == {"all", "prep", "tasks"}
    body = after["tasks"]
    assert body is not None
    [todo] = [
        one for one in Calendar.from_ical(unpack(body)).walk("VTODO") if one["UID"] == f"task-{uid_of(company, key)}"
    ]
    assert todo["STATUS"] == "COMPLETED"
    assert store.failures() == ()
