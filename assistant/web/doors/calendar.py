"""The calendar's pages: the links to subscribe by, what the calendars hold, and one file to take along.

A link is shown once, when it is made: the store does not know it afterwards.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from assistant.delivery.dossier.calendar import calendar as shown
from assistant.delivery.feed import KINDS, feed
from assistant.delivery.plain import Json
from assistant.delivery.revision import EventState
from assistant.delivery.subscribe import code, guide, links
from assistant.delivery.wording.clients import client_name
from assistant.delivery.wording.speaker import Speaker
from assistant.errors import BadInput
from assistant.service.access import Deed
from assistant.service.publish import FEEDS
from assistant.service.store.records import FeedToken
from assistant.service.store.tokens import SECRET_BYTES
from assistant.web.desk import Desk, OpenDesk
from assistant.web.forms import Form, text_of
from assistant.web.identity import LOOPBACK
from assistant.web.page import LANG, page, see, told

_LONGEST_NAME = 60
_MANAGE: Deed = "edit"  # what one must be allowed to, to make and end links

router = APIRouter()


@router.get("/calendar")
def calendar(request: Request, desk: OpenDesk, done: str = "") -> Response:
    """Show the links, what the calendars hold, and how to subscribe."""
    return _calendar(request, desk, done=done)


def _calendar(request: Request, desk: Desk, *, status: int = 200, **values: Any) -> Response:
    found = _preview(desk)
    tokens = desk.site.store.tokens(desk.company) if desk.kind == "saved" else ()
    return page(
        request,
        "calendar.html.j2",
        status=status,
        desk=desk,
        preview=found,
        files=_files(found),
        links=[one for one in reversed(tokens) if one.revoked is None],
        former=[one for one in reversed(tokens) if one.revoked is not None],
        client=client_name,
        manages=desk.may(_MANAGE),
        reminded=_reminded(desk),
        **{"done": "", "given": "", "wrong": (), **values},
    )


def _reminded(desk: Desk) -> int:
    """Return how many people are reminded."""
    people = desk.site.store.addressees.recipients(desk.company) if desk.kind == "saved" else ()
    return sum(one.stopped is None for one in people)


def _preview(desk: Desk) -> Json:
    """Return what the calendars hold: as they were built for today, or as they will be."""
    if desk.record is not None and desk.record.published == desk.on:
        states = desk.site.store.event_states(desk.company).values()
        return shown([EventState.from_plain(one) for one in states], desk.on, Speaker(desk.site.book, LANG))
    return desk.part("calendar")


def _files(found: Json) -> list[Json]:
    """Return the four files with what each holds and how many entries."""
    counts = {file: sum(found["kinds"].get(kind, 0) for kind in KINDS[only]) for file, only in FEEDS.items()}
    return [{**one, "count": counts[one["kind"]]} for one in guide("", None, LANG)["calendars"]]


@router.get("/calendar.ics")
def download(desk: OpenDesk) -> Response:
    """Hand out the calendar as a file: as it is today, for good."""
    body = feed(desk.assessment, LANG, company=desk.company, marks=desk.marks)
    name = quote(f"{desk.name or 'calendar'}.ics")
    headers = {"content-disposition": f"attachment; filename=\"calendar.ics\"; filename*=UTF-8''{name}"}
    return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)


@router.post("/calendar/links")
def create(request: Request, desk: OpenDesk, form: Form) -> Response:
    """Make a link and show it, this once."""
    _managed(desk)
    site, name = desk.site, " ".join(text_of(form, "name", _LONGEST_NAME).split())
    try:
        token, record = site.store.add_token(desk.company, name, secret=site.entropy(SECRET_BYTES), at=site.clock())
    except BadInput as error:
        return _calendar(request, desk, status=422, given=name, wrong=told(error.problems))
    _note(desk, "feed-created", record)
    return _once(request, desk, token, record, replaced=False)


@router.post("/calendar/links/{token}/replace")
def replace(request: Request, desk: OpenDesk, token: str, form: Form) -> Response:
    """End a link and make another of the same name, shown this once."""
    del form
    _own(desk, token)
    site = desk.site
    made = site.store.replace_token(token, secret=site.entropy(SECRET_BYTES), at=site.clock())
    if made is None:
        raise HTTPException(404)
    _note(desk, "feed-replaced", made[1])
    return _once(request, desk, *made, replaced=True)


@router.post("/calendar/links/{token}/revoke")
def revoke(desk: OpenDesk, token: str, form: Form) -> Response:
    """End a link."""
    del form
    record = _own(desk, token)
    if desk.site.store.revoke_token(token, at=desk.site.clock()):
        _note(desk, "feed-revoked", record)
    return see(f"{desk.base}/calendar?done=revoked#links")


def _once(request: Request, desk: Desk, token: str, record: FeedToken, *, replaced: bool) -> Response:
    site = desk.site
    base = site.manner.base_url or f"{request.url.scheme}://{request.url.netloc}"
    found = links(f"{base}/f/{token}/all.ics")
    assert found is not None
    return page(
        request,
        "calendar_link.html.j2",
        desk=desk,
        name=record.name,
        replaced=replaced,
        guide=guide(desk.name, found, LANG),
        picture=code(found.webcal),
        near=urlsplit(base).hostname in LOOPBACK,
    )


def _managed(desk: Desk) -> None:
    if desk.kind != "saved":
        raise HTTPException(404)
    desk.require(_MANAGE)


def _own(desk: Desk, token: str) -> FeedToken:
    """Return this company's link with that id."""
    _managed(desk)
    found = next((one for one in desk.site.store.tokens(desk.company) if one.id == token), None)
    if found is None:
        raise HTTPException(404)
    return found


def _note(desk: Desk, what: str, record: FeedToken) -> None:
    at, who = desk.site.clock(), desk.visitor.name
    desk.site.store.accounts.note(what, who=who, at=at, company=desk.company, detail=record.name)
