"""A company's page and the pages of its projects."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assistant.delivery.dossier.parts import PROJECT
from assistant.delivery.plain import Json
from assistant.errors import nearest
from assistant.rulebook.requirement import leaves
from assistant.web.desk import Desk, OpenDesk
from assistant.web.forms import Form, text_of
from assistant.web.page import page
from assistant.web.saving import Refusal, save

router = APIRouter()


@router.get("/")
def company(
    request: Request, desk: OpenDesk, level: str = "", kind: str = "", month: str = "", q: str = "", done: str = ""
) -> Response:
    """Show the company at a glance."""
    view = desk.part("company")
    asked = {"level": level, "kind": kind, "month": month, "q": q.strip()[:40]}
    wanted = [id_ for id_, card in view["cards"].items() if _fits(card, **asked)]
    filtered = any(asked.values())
    return page(
        request,
        "company.html.j2",
        desk=desk,
        place="",
        view=view,
        asked=asked,
        wanted=wanted,
        filtered=filtered,
        done=done,
    )


def _fits(card: Json, *, level: str, kind: str, month: str, q: str) -> bool:
    return (
        (not level or card["level"] == level)
        and (not kind or card["kind"] == kind)
        and (not month or month in card["months"])
        and (not q or q.casefold() in card["name"].casefold())
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
    others = [
        one
        for one in desk.data.get("judgements") or ()
        if (one.get("project"), one.get("criterion")) != (project, criterion)
    ]
    verdict, by, why = text_of(form, "verdict"), text_of(form, "by", 60), text_of(form, "why", 600)
    evidence = text_of(form, "evidence", 600)
    entry = {"project": project, "criterion": criterion, "verdict": verdict, "by": by, "on": desk.on, "why": why}
    if verdict != "withdrawn":
        if verdict not in ("met", "unmet") or not by or not why:
            return _project(request, desk, project, status=422, lacking=criterion)
        others.append({**entry, "evidence": evidence} if evidence else entry)
    response = RedirectResponse(f"{desk.base}/projects/{project}?done=judgement#{criterion}", 303)
    refusal = save(request, response, desk, {"judgements": others or None}, form)
    return response if refusal is None else _project(request, desk, project, status=422, refusal=refusal)


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
    status: int = 200,
    lacking: str = "",
    refusal: Refusal | None = None,
) -> Response:
    _known(desk, id_)
    view = desk.part(f"{PROJECT}{id_}")
    return page(
        request,
        "project.html.j2",
        status=status,
        desk=desk,
        place="project",
        view=view,
        criteria={one["id"]: one for one in view["project"]["criteria"]},
        judged={one["criterion"]: one for one in view["judgements"]},
        judging=_open_to_judgement(desk, id_),
        lacking=lacking,
        refusal=refusal,
        after=desk.version,
        done=request.query_params.get("done", ""),
    )
