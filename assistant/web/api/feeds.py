"""Operations on a company's subscriptions: the addresses by which calendars are read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path
from starlette.requests import Request
from starlette.responses import Response

from assistant.delivery.plain import Json
from assistant.service.publish import FEEDS
from assistant.service.store.records import FeedToken
from assistant.service.store.tokens import SECRET_BYTES
from assistant.web.api.answers import OF_A_BODY, OF_A_COMPANY, InLanguage, answer, refusals, takes
from assistant.web.api.body import read_as
from assistant.web.api.companies import Papers
from assistant.web.api.models.companies import Feeds, NewFeed, Subscription
from assistant.web.desk import Desk

router = APIRouter(prefix="/companies/{company}/feeds", tags=["feeds"])


@router.get("", response_model=Feeds, responses=refusals(*OF_A_COMPANY))
def list_feeds(desk: Papers, asked: InLanguage) -> Response:
    """The company's subscriptions, ended ones too; their addresses are known to their holders alone."""
    del asked
    return answer({"feeds": [_feed(one) for one in desk.site.store.tokens(desk.company)]})


@router.post(
    "",
    status_code=201,
    response_model=Subscription,
    responses=refusals(*OF_A_COMPANY, *OF_A_BODY, "forbidden"),
    openapi_extra=takes(NewFeed),
)
def add_feed(
    request: Request, desk: Papers, asked: InLanguage, wanted: Annotated[NewFeed, Depends(read_as(NewFeed))]
) -> Response:
    """Make a subscription; its addresses are in this answer and nowhere else."""
    del asked
    desk.require("edit")
    site = desk.site
    token, record = site.store.add_token(desk.company, wanted.name, secret=site.entropy(SECRET_BYTES), at=site.clock())
    _note(desk, "feed-created", record)
    base = site.manner.base_url or f"{request.url.scheme}://{request.url.netloc}"
    addresses = {name: f"{base}/f/{token}/{name}.ics" for name in FEEDS}
    return answer({**_feed(record), "token": token, "addresses": addresses}, 201)


@router.delete(
    "/{feed}",
    status_code=204,
    response_class=Response,
    responses=refusals(*OF_A_COMPANY, "forbidden"),
)
def revoke_feed(
    desk: Papers, feed: Annotated[str, Path(description="The id of a subscription.", max_length=100)], asked: InLanguage
) -> Response:
    """End a subscription: its addresses are as unknown as if they had never been."""
    del asked
    desk.require("edit")
    site = desk.site
    found = next((one for one in site.store.tokens(desk.company) if one.id == feed), None)
    if found is None:
        raise HTTPException(404)
    if site.store.revoke_token(found.id, at=site.clock()):
        _note(desk, "feed-revoked", found)
    return Response(status_code=204)


def _feed(one: FeedToken) -> Json:
    return {
        "id": one.id,
        "name": one.name,
        "created": one.created,
        "revoked": one.revoked,
        "last_fetched": one.last_fetched,
        "last_client": one.last_client or None,
    }


def _note(desk: Desk, what: str, record: FeedToken) -> None:
    account = desk.visitor.account
    desk.site.store.accounts.note(
        what,
        who=desk.visitor.name,
        at=desk.site.clock(),
        account=account.id if account else None,
        company=desk.company,
        detail=record.name,
    )
