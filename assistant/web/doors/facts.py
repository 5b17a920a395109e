"""All answers by topic, to look up and to change."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assistant.delivery.fields import HELD, Field
from assistant.web.desk import Desk, OpenDesk
from assistant.web.forms import Form, text_of
from assistant.web.page import page
from assistant.web.saving import Refusal, save
from assistant.web.sheet import ENTERPRISE, fields, names_of, remarks, replies_of, told, years_of

router = APIRouter()

_MOST = 20_000  # characters of a list of names


@router.get("/facts")
def facts(request: Request, desk: OpenDesk, done: str = "") -> Response:
    """Show all answers by topic."""
    topics = []
    for id_, label in desk.site.book.dictionary.topics.items():
        rows = _together(fields(_names(id_, desk), desk))
        topics.append((id_, label, rows, sum(any(field.told for field in row) for row in rows)))
    return page(
        request,
        "facts.html.j2",
        desk=desk,
        place="facts",
        topics=topics,
        held=fields([HELD], desk)[0],
        who=fields(ENTERPRISE, desk),
        remarks=remarks(desk),
        done=done,
    )


@router.get("/facts/{topic}")
def topic(request: Request, desk: OpenDesk, topic: str) -> Response:
    """Show all answers of one topic as a form."""
    desk.require("edit")
    return _page(request, desk, topic, _names(topic, desk))


@router.post("/facts/{topic}")
def answers(request: Request, desk: OpenDesk, topic: str, form: Form) -> Response:
    """Take the answers of one topic."""
    desk.require("edit")
    bases = {name.partition("[")[0] for name in _names(topic, desk)}
    names = [name for name in names_of(text_of(form, "names", _MOST), desk) if name.partition("[")[0] in bases]
    response = RedirectResponse(f"{desk.base}/facts?done=saved#{topic}", 303)
    refusal = save(request, response, desk, replies_of(names, desk, form), form)
    return response if refusal is None else _page(request, desk, topic, names, refusal)


def _names(topic: str, desk: Desk) -> list[str]:
    """Return the names of all answers of a topic."""
    if topic == "enterprise":
        return [*ENTERPRISE]
    if topic == HELD:
        return [HELD]
    if topic not in desk.site.book.dictionary.topics:
        raise HTTPException(404)
    found: list[str] = []
    for name, spec in desk.site.book.dictionary.facts.items():
        if spec.topic == topic and not spec.derived:
            found += [f"{name}[{year}]" for year in years_of(desk)] if spec.yearly else [name]
    return found


def _together(shown: Sequence[Field]) -> list[list[Field]]:
    """Return the fields of one fact together."""
    rows: dict[str, list[Field]] = {}
    for one in shown:
        rows.setdefault(one.name.partition("[")[0], []).append(one)
    return [*rows.values()]


def _page(request: Request, desk: Desk, topic: str, names: Sequence[str], refusal: Refusal | None = None) -> Response:
    shown = fields(names, desk, refusal)
    return page(
        request,
        "topic.html.j2",
        status=422 if refusal else 200,
        desk=desk,
        place="facts",
        topic=topic,
        label=desk.site.book.dictionary.topics.get(topic, ""),
        who=shown if topic == "enterprise" else (),
        rows=[] if topic == "enterprise" else _together(shown),
        **told(desk, names, refusal),
    )
