"""Operations on the plan's tasks: what is to be done, and what people say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path
from starlette.responses import Response

from assistant.delivery.plain import Json
from assistant.delivery.result import duty, step
from assistant.errors import BadInput, Place, Problem
from assistant.planning.assessment import Assessment
from assistant.planning.marks import Mark, Marked, Task, Worked, assigned, marked, noted, restated, tasks_of
from assistant.service.access import is_address
from assistant.service.store.work import MarkedMeanwhile
from assistant.web.api.answers import OF_A_BODY, OF_A_COMPANY, Asked, InLanguage, Plainly, answer, refusals, takes
from assistant.web.api.body import read_as
from assistant.web.api.companies import Papers
from assistant.web.api.models.steps import NewMark, Steps
from assistant.web.api.models.steps import Task as TaskModel
from assistant.web.api.outcomes import assessed
from assistant.web.api.problems import Refusal
from assistant.web.desk import Desk

router = APIRouter(prefix="/companies/{company}/steps", tags=["steps"])

Change = Callable[[Mark | None], Mark]


@router.get("", response_model=Steps, responses=refusals(*OF_A_COMPANY))
def get_steps(desk: Papers, asked: Plainly) -> Response:
    """What to do by when, with what people say of it; and what was done that the plan asks for no more."""
    assessment = assessed(desk, asked)
    worked = _worked(desk, assessment, asked)
    told = _told(assessment, asked)
    rows = [_row(one, told[one.task.key]) for one in worked.tasks]
    steps = len(assessment.steps)
    kept = [{"step": one.key, "title": one.title, **_mark(one)} for one in worked.kept]
    return answer({"on": asked.on, "steps": rows[:steps], "upkeep": rows[steps:], "kept": kept})


@router.patch(
    "/{step}",
    response_model=TaskModel,
    responses=refusals(*OF_A_COMPANY, *OF_A_BODY, "forbidden", "superseded"),
    openapi_extra=takes(NewMark),
)
def mark_step(
    desk: Papers,
    step: Annotated[str, Path(description="The key of a step or a duty, percent-encoded.", max_length=200)],
    asked: InLanguage,
    wanted: Annotated[NewMark, Depends(read_as(NewMark))],
) -> Response:
    """Say what is done, put off or not needed, whose it is, or a note; what is left out stays as it is."""
    desk.require("edit")
    assessment = assessed(desk, asked)
    told = _worked(desk, assessment, asked).of(step)
    if told is None:
        raise HTTPException(404)
    _check(wanted, asked.on)
    known = told.mark
    if wanted.revision is not None and wanted.revision != (known.revision if known else 0):
        raise Refusal("superseded")
    for change in _changes(wanted, told.task, desk):
        known = _put(desk, known, change(known))
    found = Marked(told.task, asked.on, known)
    return answer(_row(found, _told(assessment, asked)[step]))


def _check(wanted: NewMark, today: date) -> None:
    """Refuse what cannot be said of a task.

    Raises:
        BadInput: it is put off without a day to come or without a reason, or the address is none.

    """
    problems = []
    if wanted.state == "postponed":
        if wanted.postponed_to is None or wanted.postponed_to < today:
            params = {"found": str(wanted.postponed_to or ""), "expected": f">= {today}"}
            problems.append(Problem("shape", Place("body", 0, "/postponed_to"), params))
        if not (wanted.reason or "").strip():
            problems.append(Problem("key-missing", Place("body"), {"expected": "reason"}))
    elif wanted.postponed_to is not None or wanted.reason is not None:
        params = {"found": str(wanted.state or ""), "expected": "postponed"}
        problems.append(Problem("shape", Place("body", 0, "/state"), params))
    if wanted.email and not is_address(wanted.email):
        problems.append(Problem("account-email-unlike", Place("body", 0, "/email"), {"found": wanted.email}))
    if problems:
        raise BadInput(problems)


def _changes(wanted: NewMark, task: Task, desk: Desk) -> Iterator[Change]:
    """Yield what is to be done to the mark, one deed after another."""
    who, at = desk.visitor.name, desk.site.clock()
    if wanted.state is not None:
        reason = (wanted.reason or "").strip()
        put_off = partial(restated, postponed_to=wanted.postponed_to, reason=reason)
        yield partial(put_off, task=task, state=wanted.state, who=who, at=at)
    if wanted.assignee is not None or wanted.email is not None:
        yield partial(_assigned, wanted=wanted, task=task, desk=desk)
    if wanted.note is not None:
        yield partial(noted, task=task, note=wanted.note.strip(), who=who, at=at)


def _assigned(known: Mark | None, wanted: NewMark, task: Task, desk: Desk) -> Mark:
    name = known.assignee if known and wanted.assignee is None else (wanted.assignee or "").strip()
    email = known.email if known and wanted.email is None else (wanted.email or "").strip()
    return assigned(known, task, name, email, who=desk.visitor.name, at=desk.site.clock())


def _put(desk: Desk, known: Mark | None, mark: Mark) -> Mark:
    account = desk.visitor.account
    try:
        return desk.site.store.work.put(
            desk.company,
            mark,
            who=desk.visitor.name,
            at=desk.site.clock(),
            after=known.revision if known else 0,
            follows=known.key if known and known.key != mark.key else "",
            account=account.id if account else None,
        )
    except MarkedMeanwhile:
        raise Refusal("superseded") from None


def _told(assessment: Assessment, asked: Asked) -> dict[str, Json]:
    """Return the steps and duties as plain data, by key."""
    steps = [step(one, assessment, asked.say) for one in assessment.steps]
    return {one["key"]: one for one in (*steps, *(duty(one, asked.say) for one in assessment.duties))}


def _worked(desk: Desk, assessment: Assessment, asked: Asked) -> Worked:
    told = _told(assessment, replace(asked, lang="zh"))  # marks keep titles as the pages show them
    tasks = []
    for task in tasks_of(assessment.steps, assessment.duties):
        one = told[task.key]
        tasks.append(replace(task, title=one.get("title") or one["text"]))
    return marked(tasks, desk.marks, asked.on)


def _row(one: Marked, told: Json) -> Json:
    mark = one.mark
    return {
        "task": told,
        "state": one.state,
        "due": one.due,
        "later": list(one.later),
        "lapses": one.lapses,
        "mark": _mark(mark) if mark else None,
    }


def _mark(mark: Mark) -> Json:
    return {
        "state": mark.state,
        "who": mark.who,
        "at": mark.at,
        "assignee": mark.assignee,
        "email": mark.email,
        "postponed_to": mark.postponed_to,
        "reason": mark.reason,
        "note": mark.note,
        "revision": mark.revision,
    }
