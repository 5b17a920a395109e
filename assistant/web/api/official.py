"""Operations on official dates, for those who may enter them: they count for every company."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from starlette.responses import Response

from assistant.delivery.plain import Json
from assistant.errors import BadInput, Place
from assistant.errors import Problem as Mistake
from assistant.planning.announcements import announce
from assistant.service.access import may_announce
from assistant.service.store.announced import Entered, announced
from assistant.web.api.answers import OF_A_BODY, InLanguage, answer, refusals, takes
from assistant.web.api.body import read_as
from assistant.web.api.caller import Caller
from assistant.web.api.models.rules import Announcement, Announcements, NewAnnouncement
from assistant.web.identity import Visitor

router = APIRouter(prefix="/announcements", tags=["announcements"])

_PLACES = {
    "unknown-project": "/project",
    "announcement-cycle": "/cycle",
    "announcement-without-date": "/opens",
    "dates-reversed": "/closes",
    "announcement-without-source": "/source",
}


def announcer(caller: Caller) -> Visitor:
    """Return the caller, who may enter official dates.

    Raises:
        HTTPException: it is somebody who may not.

    """
    if not may_announce(caller.standing):
        raise HTTPException(403, "standing")
    return caller


Announcer = Annotated[Visitor, Depends(announcer)]


@router.get("", response_model=Announcements, responses=refusals("forbidden"))
def list_announcements(caller: Announcer, asked: InLanguage) -> Response:
    """The official dates in the order of entry."""
    del caller
    return answer({"announcements": [_entry(one) for one in announced(asked.site.store)]})


@router.post(
    "",
    status_code=201,
    response_model=Announcement,
    responses=refusals(*OF_A_BODY, "forbidden"),
    openapi_extra=takes(NewAnnouncement),
)
def add_announcement(
    caller: Announcer, asked: InLanguage, wanted: Annotated[NewAnnouncement, Depends(read_as(NewAnnouncement))]
) -> Response:
    """Enter an official date: it replaces the forecast in every company's calendar."""
    site = asked.site
    try:
        entry = announce(
            wanted.project,
            opens=wanted.opens,
            closes=wanted.closes,
            source=wanted.source,
            on=site.today,
            known=site.book.projects,
            cycle=wanted.cycle,
        )
    except BadInput as error:
        raise BadInput(
            Mistake(one.code, Place("body", 0, _PLACES.get(one.code, "")), one.params) for one in error.problems
        ) from None
    now = site.clock()
    site.store.add_announcement(entry, who=caller.name, at=now)
    account = caller.account.id if caller.account else None
    detail = f"{site.book.projects[entry.project].name} {entry.cycle}"
    site.store.accounts.note("official-date", who=caller.name, at=now, account=account, detail=detail)
    return answer(_entry(Entered(entry, caller.name, now)), 201)


def _entry(one: Entered) -> Json:
    entry = one.entry
    return {
        "project": entry.project,
        "cycle": entry.cycle,
        "opens": entry.opens,
        "closes": entry.closes,
        "source": entry.source,
        "entered": entry.on,
        "who": one.who,
        "at": one.at,
    }
