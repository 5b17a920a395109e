"""Administration: who has an account, what was done, whether all is well. No company's data is shown here."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from assistant.errors import BadInput
from assistant.service.access import FIRST_LASTS, RESET_LASTS, may_admit
from assistant.service.store.records import Account, Standing
from assistant.web.credentials import added, address_of, first_of, new_link, newcomer_of
from assistant.web.failures import LoginNeeded
from assistant.web.forms import Form, text_of
from assistant.web.health import health
from assistant.web.identity import Visitor, visitor_of
from assistant.web.page import page, see
from assistant.web.site import site_of

_SHOWN = 200  # entries of what was done

router = APIRouter(prefix="/admin")


def administrator(visitor: Annotated[Visitor, Depends(visitor_of)]) -> Visitor:
    """Return the visitor who looks after the accounts.

    Raises:
        LoginNeeded: nobody is logged in.
        HTTPException: it is somebody else.

    """
    if not visitor.known:
        raise LoginNeeded
    if not may_admit(visitor.standing):
        raise HTTPException(403, "standing")
    return visitor


Admin = Annotated[Visitor, Depends(administrator)]


@router.get("")
def administration(request: Request, admin: Admin, done: str = "") -> Response:
    """Show the accounts, how the server is, and what was done."""
    del admin
    return _administration(request, done=done)


@router.post("/accounts")
def add(request: Request, admin: Admin, form: Form) -> Response:
    """Add an account and show the link to choose its password with, this once."""
    site, standing = site_of(request), _standing(form)
    who = newcomer_of(site, form)
    wrong = who.wrong
    if not wrong:
        try:
            account = added(site, who, standing, who=admin.name)
        except BadInput as error:
            wrong = {"email": first_of(error)}
        else:
            return _linked(request, admin, account, FIRST_LASTS)
    given = {"email": who.email, "name": who.name, "standing": standing}
    return _administration(request, status=422, wrong=wrong, given=given)


@router.post("/accounts/{account}/reset")
def reset(request: Request, admin: Admin, account: str, form: Form) -> Response:
    """Show a link to choose a new password with, this once."""
    del form
    found = _account(request, account)
    if found.disabled:
        raise HTTPException(404, "account")
    return _linked(request, admin, found, RESET_LASTS)


@router.post("/accounts/{account}/standing")
def change_standing(request: Request, admin: Admin, account: str, form: Form) -> Response:
    """Change what an account may do."""
    site, found, standing = site_of(request), _account(request, account), _standing(form)
    try:
        site.store.accounts.set_standing(found.id, standing, who=admin.name, at=site.clock())
    except BadInput as error:
        return _administration(request, status=422, refused=first_of(error))
    mine = admin.account is not None and admin.account.id == found.id
    return see("/" if mine and not may_admit(standing) else "/admin?done=standing")


@router.post("/accounts/{account}/disable")
def disable(request: Request, admin: Admin, account: str, form: Form) -> Response:
    """Shut an account out at once."""
    del form
    site, found = site_of(request), _account(request, account)
    try:
        site.store.accounts.disable(found.id, who=admin.name, at=site.clock())
    except BadInput as error:
        return _administration(request, status=422, refused=first_of(error))
    return see("/admin?done=disable")


@router.post("/accounts/{account}/enable")
def enable(request: Request, admin: Admin, account: str, form: Form) -> Response:
    """Let a disabled account in again."""
    del form
    site, found = site_of(request), _account(request, account)
    site.store.accounts.enable(found.id, who=admin.name, at=site.clock())
    return see("/admin?done=enable")


def _linked(request: Request, admin: Visitor, account: Account, lasts: timedelta) -> Response:
    site = site_of(request)
    token, digest = new_link(site)
    now = site.clock()
    site.store.accounts.add_link(digest, "reset", at=now, expires=now + lasts, who=admin.name, account=account.id)
    return _administration(request, fresh=address_of(request, f"/reset/{token}"), fresh_account=account, lasts=lasts)


def _standing(form: Form) -> Standing:
    given = text_of(form, "standing")
    for standing in get_args(Standing):
        if given == standing:
            found: Standing = standing
            return found
    raise HTTPException(422, "standing")


def _account(request: Request, identity: str) -> Account:
    found = site_of(request).store.accounts.by_id(identity)
    if found is None:
        raise HTTPException(404, "account")
    return found


def _administration(request: Request, *, status: int = 200, **values: Any) -> Response:
    site = site_of(request)
    store = site.store.accounts
    accounts = store.all()
    state = request.app.state
    well, found = health(site.store, state.shelf, site.clock(), state.began)
    shown: dict[str, Any] = {"wrong": {}, "given": {}, "refused": None, "done": ""}
    shown |= {"fresh": "", "fresh_account": None, "lasts": RESET_LASTS, **values}
    return page(
        request,
        "admin.html.j2",
        status=status,
        accounts=accounts,
        belongs=store.belonging(),
        unowned=len(store.unowned()),
        entries=store.audit(limit=_SHOWN),
        names={one.id: one.name for one in accounts},
        well=well,
        health=found,
        mails=site.post is not None and bool(site.manner.base_url),
        **shown,
    )
