"""The members of a company: who may see it, who may change it, who is invited. Its owners alone decide."""

from __future__ import annotations

import logging
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, HTTPException
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from assistant.delivery.wording.letters import invitation_letter
from assistant.errors import BadInput, Place, Problem
from assistant.service.access import INVITE_LASTS, is_address
from assistant.service.mail import Letter, MailFailure, Post
from assistant.service.store.records import Role
from assistant.web import tries
from assistant.web.credentials import address_of, first_of, new_link
from assistant.web.desk import Desk, desk_of
from assistant.web.forms import Form, text_of
from assistant.web.page import page, see
from assistant.web.tries import counted

_LONGEST_ADDRESS = 254
_SHOWN = 50  # entries of what was done

router = APIRouter(prefix="/c/{company}")
log = logging.getLogger(__name__)


def owners_desk(desk: Annotated[Desk, Depends(desk_of)]) -> Desk:
    """Return the desk, for an owner."""
    desk.require("share")
    return desk


Owned = Annotated[Desk, Depends(owners_desk)]


@router.get("/members")
def members(request: Request, desk: Owned, done: str = "") -> Response:
    """Show the members, the open invitations, and what was done."""
    return _members(request, desk, done=done)


@router.post("/members/invite")
def invite(request: Request, desk: Owned, form: Form) -> Response:
    """Make an invitation and show its link this once; mail it where an address is given and mail can be sent."""
    site, role, email = desk.site, _role(form), text_of(form, "email", _LONGEST_ADDRESS + 1)
    if email and not is_address(email):
        wrong = {"email": Problem("account-email-unlike", Place("email"), {"found": email})}
        return _members(request, desk, status=422, wrong=wrong, given={"email": email, "role": role})
    if counted(request, tries.INVITE, desk.company):
        raise HTTPException(429, "tries")
    token, digest = new_link(site)
    now, path = site.clock(), f"/invite/{token}"
    site.store.accounts.add_link(
        digest,
        "invite",
        at=now,
        expires=now + INVITE_LASTS,
        who=desk.visitor.name,
        company=desk.company,
        role=role,
        email=email,
    )
    post = site.post if email and site.manner.base_url else None
    response = _members(request, desk, fresh=address_of(request, path), fresh_email=email, mailed=post is not None)
    if post is not None:
        told = invitation_letter(
            f"{site.manner.base_url}{path}", company=desk.name, role=role, who=desk.visitor.name, lasts=INVITE_LASTS
        )
        response.background = BackgroundTask(_mail, post, Letter(email, *told), now)
    return response


@router.post("/members/role")
def change_role(request: Request, desk: Owned, form: Form) -> Response:
    """Change what a member may do."""
    account, role = _member(desk, form), _role(form)
    try:
        desk.site.store.accounts.grant(account, desk.company, role, who=desk.visitor.name, at=desk.site.clock())
    except BadInput as error:
        return _members(request, desk, status=422, refused=first_of(error))
    return see(_after(desk, account, "role"))


@router.post("/members/withdraw")
def withdraw(request: Request, desk: Owned, form: Form) -> Response:
    """End a membership."""
    account = _member(desk, form)
    try:
        desk.site.store.accounts.withdraw(account, desk.company, who=desk.visitor.name, at=desk.site.clock())
    except BadInput as error:
        return _members(request, desk, status=422, refused=first_of(error))
    return see(_after(desk, account, "withdraw"))


@router.post("/members/void")
def void(desk: Owned, form: Form) -> Response:
    """Take an invitation back."""
    digest = text_of(form, "link")
    store = desk.site.store.accounts
    if digest not in {one.digest for one in store.links(desk.company, now=desk.site.clock())}:
        raise HTTPException(404, "link")
    store.void_link(digest)
    return see(f"{desk.base}/members?done=void")


def _role(form: Form) -> Role:
    given = text_of(form, "role")
    for role in get_args(Role):
        if given == role:
            found: Role = role
            return found
    raise HTTPException(422, "role")


def _member(desk: Desk, form: Form) -> str:
    """Return the account that a form is about, if it is a member here."""
    account = text_of(form, "account")
    if desk.site.store.accounts.role(account, desk.company) is None:
        raise HTTPException(404, "member")
    return account


def _after(desk: Desk, account: str, done: str) -> str:
    """Return where to go on: whoever gave the own ownership away sees this page no more."""
    mine = desk.visitor.account
    if mine is None or mine.id != account:
        return f"{desk.base}/members?done={done}"
    role = desk.site.store.accounts.role(mine.id, desk.company)
    return f"{desk.base}/members?done={done}" if role == "owner" else f"{desk.base}/" if role else "/companies"


def _mail(post: Post, letter: Letter, at: Any) -> None:
    try:
        post.send(letter, at=at)
    except MailFailure as error:
        log.error("an invitation could not be mailed: %s", error)  # noqa: TRY400 # says all there is


def _members(request: Request, desk: Desk, *, status: int = 200, **values: Any) -> Response:
    store = desk.site.store.accounts
    shown: dict[str, Any] = {"wrong": {}, "given": {}, "refused": None, "done": ""}
    shown |= {"fresh": "", "fresh_email": "", "mailed": False, **values}
    return page(
        request,
        "members.html.j2",
        status=status,
        desk=desk,
        members=store.members(desk.company),
        links=store.links(desk.company, now=desk.site.clock()),
        mails=desk.site.post is not None and bool(desk.site.manner.base_url),
        days=INVITE_LASTS.days,
        entries=store.audit(desk.company, _SHOWN),
        names={one.id: one.name for one in store.all()},
        **shown,
    )
