"""A company's page and the pages of its projects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assistant.delivery.dossier.company import sought
from assistant.delivery.dossier.parts import PROJECT
from assistant.delivery.plain import Json
from assistant.errors import nearest
from assistant.rulebook.requirement import leaves
from assistant.web.desk import Desk, OpenDesk
from assistant.web.forms import Form, text_of
from assistant.web.page import page
from assistant.web.saving import Refusal, save

router = APIRouter()

_VERDICTS = ("met", "unmet")
_WITHDRAWN = "withdrawn"
_MOST = 600  # signs of a reason


@router.get("/")
def company(
    request: Request, desk: OpenDesk, level: str = "", kind: str = "", month: str = "", q: str = "", done: str = ""
) -> Response:
    """Show the company at a glance; projects that the filters leave out are on the page, hidden."""
    view = desk.part("company")
    asked = {"level": level, "kind": kind, "month": month, "q": q.strip()[:40]}
    wanted = [id_ for id_, card in view["cards"].items() if _fits(card, **asked)]
    return page(
        request,
        "company.html.j2",
        desk=desk,
        place="",
        view=view,
        asked=asked,
        wanted=wanted,
        filtered=any(asked.values()),
        done=done,
    )


def _fits(card: Json, *, level: str, kind: str, month: str, q: str) -> bool:
    return (
        (not level or card["level"] == level)
        and (not kind or card["kind"] == kind)
        and (not month or month in card["months"])
        and sought(q) in card["key"]
    )


@router.get("/projects/{project}")
def project(request: Request, desk: OpenDesk, project: str) -> Response:
    """Show one project in full."""
    return _project(request, desk, project)


@router.post("/projects/{project}/judgements/{criterion}")
def judge(request: Request, desk: OpenDesk, project: str, criterion: str, form: Form) -> Response:
    """Record somebody's answer to a criterion that needs one, or take it back."""
    desk.require("edit")
    _known(desk, project)
    if criterion not in _open_to_judgement(desk, project):
        raise HTTPException(404)
    given = {
        "verdict": text_of(form, "verdict"),
        "by": text_of(form, "by", 60),
        "why": text_of(form, "why", _MOST),
        "evidence": text_of(form, "evidence", _MOST),
    }
    entry: Json | None = None
    if given["verdict"] != _WITHDRAWN:
        lacking = [name for name in ("verdict", "by", "why") if not given[name]]
        if lacking or given["verdict"] not in _VERDICTS:
            return _project(request, desk, project, tried=(criterion, given), lacking=lacking or ["verdict"])
        said = {name: text for name, text in given.items() if text}
        entry = {"project": project, "criterion": criterion, "on": desk.on, **said}
    response = RedirectResponse(f"{desk.base}/projects/{project}?done=judgement#{criterion}", 303)
    refusal = save(request, response, desk, {f"judgements.{project}/{criterion}": entry}, form)
    return _project(request, desk, project, tried=(criterion, given), refusal=refusal) if refusal else response


def _known(desk: Desk, id_: str) -> None:
    if id_ not in desk.site.book.projects:
        raise HTTPException(404, f"project:{nearest(id_, desk.site.book.projects)}")


def _open_to_judgement(desk: Desk, id_: str) -> set[str]:
    versions = desk.site.book.projects[id_].versions
    return {leaf.id for version in versions for leaf in leaves(version.root) if leaf.role == "judgement"}


def _project(
    request: Request,
    desk: Desk,
    id_: str,
    *,
    tried: tuple[str, Mapping[str, Any]] | None = None,
    lacking: list[str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    """Show one project; *tried* is the criterion that somebody wanted to judge in vain, with what was sent."""
    _known(desk, id_)
    view = desk.part(f"{PROJECT}{id_}")
    return page(
        request,
        "project.html.j2",
        status=422 if tried else 200,
        desk=desk,
        place="project",
        view=view,
        criteria={one["id"]: one for one in view["project"]["criteria"]},
        judged={one["criterion"]: one for one in view["judgements"]},
        judging=_open_to_judgement(desk, id_),
        tried=tried,
        lacking=lacking or [],
        refusal=refusal,
        done=request.query_params.get("done", ""),
    )
