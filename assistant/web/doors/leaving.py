"""The way out of reminders: a link in a message, without logging in; a mail program may use it in one click.

Opening the link changes nothing, since programs that look for viruses open links, too.
"""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from assistant.service.leaving import leaver
from assistant.service.store.records import Recipient
from assistant.web import tries
from assistant.web.page import page
from assistant.web.site import site_of
from assistant.web.tries import counted

router = APIRouter()


@router.get("/u/{token}")
def ask(request: Request, token: str) -> Response:
    """Ask whether somebody really wants no more reminders."""
    return page(request, "leaving.html.j2", recipient=_recipient(request, token), token=token)


@router.post("/u/{token}")
def leave(request: Request, token: str) -> Response:
    """Remind the one whose link it is no more; the link itself says who may do that (RFC 8058)."""
    recipient, site = _recipient(request, token), site_of(request)
    if recipient.stopped is None:
        at = site.clock()
        who = recipient.name or recipient.email
        site.store.addressees.change(replace(recipient, stopped=at), who=who, at=at)
    return page(request, "leaving.html.j2", recipient=replace(recipient, stopped=site.clock()), token=token)


def _recipient(request: Request, token: str) -> Recipient:
    site = site_of(request)
    if counted(request, tries.LINK):
        raise HTTPException(429, "tries")
    sealer = site.courier.sealer if site.courier else None
    identity = leaver(sealer, token) if sealer else None
    found = site.store.addressees.recipient(identity) if identity else None
    if found is None:
        raise HTTPException(404, "link")
    return found
