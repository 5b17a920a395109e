"""Official dates, the rules, and help: what was announced, what every project rests on, what the words mean."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from assistant.delivery.freshness import freshness
from assistant.errors import BadInput
from assistant.planning.announcements import announce
from assistant.service.access import may_announce
from assistant.service.store.announced import announced
from assistant.web.failures import LoginNeeded
from assistant.web.forms import Form, text_of
from assistant.web.identity import Visitor, visitor_of
from assistant.web.page import page, see
from assistant.web.site import site_of

_FIELDS = ("project", "cycle", "opens", "closes", "source")
_OF_A_FIELD: Mapping[str, str] = {
    "unknown-project": "project",
    "announcement-cycle": "cycle",
    "announcement-without-date": "opens",
    "dates-reversed": "closes",
    "announcement-without-source": "source",
}

router = APIRouter()


def announcer(visitor: Annotated[Visitor, Depends(visitor_of)]) -> Visitor:
    """Return the visitor who may enter official dates.

    Raises:
        LoginNeeded: nobody is logged in.
        HTTPException: it is somebody who may not.

    """
    if not visitor.known:
        raise LoginNeeded
    if not may_announce(visitor.standing):
        raise HTTPException(403, "standing")
    return visitor


Announcer = Annotated[Visitor, Depends(announcer)]


@router.get("/official")
def official(request: Request, visitor: Announcer, project: str = "", done: str = "") -> Response:
    """Show the official dates that were entered, and the form to enter one."""
    del visitor
    return _official(request, given={"project": project}, done=bool(done))


@router.post("/official")
def enter(request: Request, visitor: Announcer, form: Form) -> Response:
    """Enter an official date: it replaces the forecast in every company's calendar."""
    site = site_of(request)
    given = {name: text_of(form, name, 500) for name in _FIELDS}
    wrong: dict[str, str] = {}
    days = {name: _day(given[name], name, wrong) for name in ("opens", "closes")}
    cycle = _cycle(given["cycle"], wrong)
    try:
        entry = announce(
            given["project"], **days, source=given["source"], on=site.today, known=site.book.projects, cycle=cycle
        )
    except BadInput as error:
        wrong = {**{_OF_A_FIELD.get(one.code, "project"): one.code for one in error.problems}, **wrong}
    if wrong:
        return _official(request, status=422, given=given, wrong=wrong)
    now = site.clock()
    site.store.add_announcement(entry, who=visitor.name, at=now)
    detail = f"{site.book.projects[entry.project].name} {entry.cycle}"
    site.store.accounts.note("official-date", who=visitor.name, at=now, detail=detail)
    return see("/official?done=1")


def _official(request: Request, *, status: int = 200, **values: Any) -> Response:
    site = site_of(request)
    entered = announced(site.store)
    latest = {(one.entry.project, one.entry.cycle): one for one in entered}
    return page(
        request,
        "official.html.j2",
        status=status,
        projects=site.book.projects,
        entered=[(one, latest[one.entry.project, one.entry.cycle] is one) for one in reversed(entered)],
        **{"given": {}, "wrong": {}, "done": False, **values},
    )


def _day(text: str, name: str, wrong: dict[str, str]) -> date | None:
    if text:
        with suppress(ValueError):
            return date.fromisoformat(text)
        wrong[name] = "date"
    return None


def _cycle(text: str, wrong: dict[str, str]) -> int | None:
    if text and not (text.isascii() and text.isdigit() and len(text) == len("2026")):
        wrong["cycle"] = "year"
        return None
    return int(text) if text else None


@router.get("/rules")
def rules(request: Request) -> Response:
    """Show what every project rests on and when it was last looked at."""
    site = site_of(request)
    return page(request, "rules.html.j2", rules=freshness(site.book, site.today), book=site.book)


@router.get("/help")
def help_(request: Request) -> Response:
    """Tell how all this is used and what its words mean."""
    return page(request, "help.html.j2")
