"""The plan's pages: what to do by when and why, who does it, what became of it; and the plan as a file or on paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from urllib.parse import quote

from fastapi import APIRouter, HTTPException
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from assistant.delivery.action_plan import action_plan
from assistant.delivery.documents import markdown
from assistant.delivery.dossier.plan import grouped, is_of, rows, tasks_in
from assistant.delivery.plain import Json
from assistant.delivery.spreadsheet import checklist_xlsx
from assistant.delivery.wording.captions import captions
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.marks import Mark, MarkState, Task, Worked, assigned, marked, noted, restated
from assistant.service.access import is_address
from assistant.service.store.work import MarkedMeanwhile
from assistant.web.desk import Desk, OpenDesk
from assistant.web.forms import Form, text_of
from assistant.web.page import LANG, page, see
from assistant.web.saving import query

Format = Literal["xlsx", "docx", "md"]
_TYPES: Mapping[Format, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "md": "text/markdown; charset=utf-8",
}
_PART = "x-plan-task"  # the header of a script that wants one task back, not the page
_STATES: Mapping[str, MarkState] = {"done": "done", "open": "open", "not-needed": "not-needed"}
_SHOWN = ("mine", "unassigned")
_LONGEST_NAME, _LONGEST_TEXT = 60, 500
_EVENTS = 500

router = APIRouter()


@dataclass(frozen=True)
class Tried:
    """What somebody wanted to do to the task *key*, and why it was not done: *wrong* by field, or *by* another."""

    key: str
    given: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    by: str = ""


@router.get("/plan")
def plan(request: Request, desk: OpenDesk, show: str = "", project: str = "", said: str = "") -> Response:
    """Show the plan."""
    return _plan(request, desk, show, project, said=said)


@router.post("/plan")
def work(request: Request, desk: OpenDesk, form: Form, show: str = "", project: str = "") -> Response:
    """Mark one task, as the form says."""
    if desk.kind != "saved":
        raise HTTPException(404)
    desk.require("edit")
    view, key, deed = desk.part("plan"), text_of(form, "task", 200), text_of(form, "do")
    task = next((one for one in tasks_in(view) if one.key == key), None)
    if task is None:
        return _plan(request, desk, show, project, status=409, gone=True)
    told = _worked(view, desk).of(key)
    known = told.mark if told else None
    given = {
        name: text_of(form, name, _LONGEST_TEXT) for name in ("assignee", "email", "note", "postponed_to", "reason")
    }
    tried = Tried(key, given, _wrong(deed, given, desk.on))
    status = 422 if tried.wrong else 200
    if not tried.wrong:
        try:
            _mark(desk, task, known, deed, form)
        except MarkedMeanwhile as error:
            tried, status = Tried(key, given, by=error.latest.who), 409
        else:
            if not request.headers.get(_PART):
                filters = query(show=show, project=project, said=_row(view, desk, key)["id"])
                return see(f"{desk.base}/plan{filters}#said")
            tried = Tried("")
    desk.__dict__.pop("marks", None)
    if request.headers.get(_PART):
        row = _row(view, desk, key)
        return page(request, "plan_task.html.j2", status=status, row=row, **_frame(desk, show, project, tried))
    return _plan(request, desk, show, project, status=status, tried=tried)


def _wrong(deed: str, given: Mapping[str, str], on: date) -> dict[str, str]:
    """Return what is wrong with a form, by field."""
    if deed in _STATES:
        return {}
    if deed == "words":
        return {"email": "address"} if given["email"] and not is_address(given["email"]) else {}
    if deed != "postpone":
        raise HTTPException(422)
    found = {}
    day = _day(given["postponed_to"])
    if day is None or day < on:
        found["postponed_to"] = "day" if day is None else "past"
    if not given["reason"]:
        found["reason"] = "missing"
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _mark(desk: Desk, task: Task, known: Mark | None, deed: str, form: FormData) -> None:
    """Put the mark that a form asks for in its place.

    Raises:
        MarkedMeanwhile: it was made for another than the newest.

    """
    who, now = desk.visitor.name, desk.site.clock()
    account = desk.visitor.account.id if desk.visitor.account else None
    after = text_of(form, "after", 9)
    number = int(after) if after.isascii() and after.isdigit() else 0

    def put(mark: Mark, number: int, follows: str) -> Mark:
        return desk.site.store.work.put(
            desk.company, mark, who=who, at=now, after=number, follows=follows, account=account
        )

    follows = known.key if known and known.key != task.key else ""
    if deed == "words":
        name, email = text_of(form, "assignee", _LONGEST_NAME), text_of(form, "email", 254)
        kept = put(assigned(known, task, name, email, who=who, at=now), number, follows)
        note = text_of(form, "note", _LONGEST_TEXT).replace("\r\n", "\n")
        put(noted(kept, task, note, who=who, at=now), kept.revision, "")
        return
    until = _day(text_of(form, "postponed_to")) if deed == "postpone" else None
    reason = text_of(form, "reason", _LONGEST_TEXT) if until else ""
    state = "postponed" if until else _STATES[deed]
    put(restated(known, task, state, who=who, at=now, postponed_to=until, reason=reason), number, follows)


# ---- the page


def _worked(view: Json, desk: Desk) -> Worked:
    return marked(tasks_in(view), desk.marks, desk.on)


def _row(view: Json, desk: Desk, key: str) -> Json:
    return next(row for row in rows(view, _worked(view, desk)) if row["key"] == key)


def _frame(desk: Desk, show: str, project: str, tried: Tried) -> Json:
    """Return what every task on a page is shown with."""
    events: dict[str, list[object]] = {}
    for event in desk.site.store.work.events(desk.company, limit=_EVENTS) if desk.kind == "saved" else ():
        events.setdefault(event.step, []).append(event)
    return {
        "desk": desk,
        "works": desk.kind == "saved" and desk.may("edit"),
        "events": events,
        "tried": tried,
        "filters": query(show=show, project=project),
    }


def _plan(
    request: Request,
    desk: Desk,
    show: str,
    project: str,
    *,
    status: int = 200,
    said: str = "",
    tried: Tried | None = None,
    gone: bool = False,
) -> Response:
    view = desk.part("plan")
    worked = _worked(view, desk)
    found = rows(view, worked)
    show = show if show in _SHOWN and desk.kind == "saved" else ""
    project = project if project in {one["id"] for one in view["projects"]} else ""
    account = desk.visitor.account
    email = account.email if account else ""

    def fits(row: Json) -> bool:
        if show == "mine" and not is_of(row, desk.visitor.name, email):
            return False
        if show == "unassigned" and (row["assignee"] or row["email"]):
            return False
        return not project or project in row["projects"]

    shown = [row for row in found if fits(row)]
    return page(
        request,
        "plan.html.j2",
        status=status,
        place="plan",
        view=view,
        groups=grouped((row for row in shown if not row["settled"]), LANG),
        settled=[row for row in shown if row["settled"]],
        kept=worked.kept if not project and not show else (),
        total=sum(not row["settled"] for row in found),
        mine=sum(not row["settled"] and is_of(row, desk.visitor.name, email) for row in found),
        show=show,
        project=project,
        said=next((row for row in found if row["id"] == said), None),
        gone=gone,
        people=_people(desk, found),
        **_frame(desk, show, project, tried or Tried("")),
        **_drawn(desk, found),
    )


def _people(desk: Desk, found: list[Json]) -> list[tuple[str, str]]:
    """Return the names and addresses to choose from: members, and whoever has a task in hand."""
    if desk.kind != "saved" or not desk.may("edit"):
        return []
    members = [(one.account.name, one.account.email) for one in desk.site.store.accounts.members(desk.company)]
    others = [(row["assignee"], row["email"]) for row in found if row["assignee"]]
    return list({name: (name, email) for name, email in (*others, *members) if name}.values())


def _drawn(desk: Desk, found: list[Json]) -> Json:
    """Return the words of the drawings, and where their rows lead."""
    say = Speaker(desk.site.book, LANG)
    elsewhere = {"questions": "/questions" if desk.may("edit") else "/facts", "checklist": "/plan", "held": "/#held"}

    def address(link: str) -> str:
        kind, _, id_ = link.partition("-")
        return f"{desk.base}/projects/{id_}" if kind in ("p", "c") and id_ else desk.base + elsewhere.get(link, "/")

    return {
        "say": say,
        "pick": say.pick,
        "address": address,
        "done": {row["key"] for row in found if row["settled"]},
        "signs": captions("sign", say),
    }


# ---- to take along


@router.get("/plan/print")
def sheet(request: Request, desk: OpenDesk) -> Response:
    """Show the plan as it goes on paper."""
    view = desk.part("plan")
    worked = _worked(view, desk)
    found = rows(view, worked)
    return page(
        request,
        "plan_print.html.j2",
        desk=desk,
        view=view,
        groups=grouped((row for row in found if not row["settled"]), LANG),
        settled=[row for row in found if row["settled"]],
        kept=worked.kept,
        **_drawn(desk, found),
    )


@router.get("/plan/checklist.{kind}")
def document(desk: OpenDesk, kind: Format) -> Response:
    """Hand out the plan as a file."""
    worked, data = _worked(desk.part("plan"), desk), desk.part("result")
    if kind == "xlsx":
        body: bytes | str = checklist_xlsx(desk.assessment, LANG, data=data, worked=worked)
    else:
        body = action_plan(data, LANG, worked) if kind == "docx" else markdown(data, LANG, worked)
    name = quote(f"{desk.name or 'plan'}.{kind}")
    headers = {"content-disposition": f"attachment; filename=\"plan.{kind}\"; filename*=UTF-8''{name}"}
    return Response(body, media_type=_TYPES[kind], headers=headers)
