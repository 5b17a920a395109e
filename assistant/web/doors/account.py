"""One's own account: the name, the password, where one is logged in, keys for programs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from assistant.errors import BadInput, Place, Problem
from assistant.service.passwords import matches
from assistant.service.store.records import Account
from assistant.web import tries
from assistant.web.credentials import first_of, hash_of, name_of, new_link, new_password, secret_of
from assistant.web.failures import LoginNeeded
from assistant.web.forms import Form, text_of
from assistant.web.identity import Visitor, visitor_of
from assistant.web.page import page, see
from assistant.web.site import site_of
from assistant.web.tries import counted

MOST_TOKENS = 20  # in use at once
_TOKEN_ID = 16
_LONGEST_NAME = 40

router = APIRouter()


def owner(visitor: Annotated[Visitor, Depends(visitor_of)]) -> Account:
    """Return the account that is logged in.

    Raises:
        LoginNeeded: nobody is.
        HTTPException: the one who uses this machine alone has none.

    """
    if visitor.account is None:
        if visitor.local:
            raise HTTPException(404, "local")
        raise LoginNeeded
    return visitor.account


Mine = Annotated[Account, Depends(owner)]


@router.get("/account")
def account(request: Request, mine: Mine, done: str = "") -> Response:
    """Show one's own account."""
    return _account(request, mine, done=done)


@router.post("/account/name")
def rename(request: Request, mine: Mine, form: Form) -> Response:
    """Change the name that others see."""
    name = name_of(form)
    if not name:
        wrong = {"name": Problem("account-name-missing", Place("name"))}
        return _account(request, mine, status=422, wrong=wrong, given={"name": ""})
    site_of(request).store.accounts.rename(mine.id, name)
    return see("/account?done=name")


@router.post("/account/password")
def change_password(request: Request, mine: Mine, form: Form) -> Response:
    """Change the password: every other session ends."""
    site = site_of(request)
    if counted(request, tries.PASSWORD, mine.id):
        raise HTTPException(429, "tries")
    if not matches(site.store.accounts.password_hash(mine.id), secret_of(form, "current")):
        return _account(request, mine, status=422, wrong={"current": Problem("password-wrong", Place("current"))})
    password, wrong = new_password(form, mine.email, mine.name)
    if wrong:
        return _account(request, mine, status=422, wrong=wrong)
    kept, visitor = hash_of(site, password), visitor_of(request)
    site.store.accounts.set_password(mine.id, kept, at=site.clock(), keep=visitor.session)
    return see("/account?done=password")


@router.post("/account/sessions")
def close_others(request: Request, mine: Mine, form: Form) -> Response:
    """Log out everywhere else."""
    del form
    site_of(request).store.accounts.close_sessions(mine.id, keep=visitor_of(request).session)
    return see("/account?done=sessions")


@router.post("/account/tokens")
def add_token(request: Request, mine: Mine, form: Form) -> Response:
    """Make a key for a program and show it this once."""
    site = site_of(request)
    if len(_live(request, mine)) >= MOST_TOKENS:
        return _account(request, mine, status=422, wrong={"token": Problem("token-too-many", Place("token"))})
    token, digest = new_link(site)
    name = text_of(form, "token", _LONGEST_NAME)
    try:
        site.store.accounts.add_api_token(digest[:_TOKEN_ID], mine.id, name, digest, at=site.clock())
    except BadInput as error:
        return _account(request, mine, status=422, wrong={"token": first_of(error)})
    return _account(request, mine, fresh=token, fresh_name=name)


@router.post("/account/tokens/{token}/revoke")
def revoke_token(request: Request, mine: Mine, token: str, form: Form) -> Response:
    """Revoke one of one's own keys."""
    del form
    site = site_of(request)
    if not site.store.accounts.revoke_api_token(token, mine.id, at=site.clock()):
        raise HTTPException(404, "token")
    return see("/account?done=token")


def _live(request: Request, mine: Account) -> list[Any]:
    return [one for one in site_of(request).store.accounts.api_tokens(mine.id) if one.revoked is None]


def _account(request: Request, mine: Account, *, status: int = 200, **values: Any) -> Response:
    site = site_of(request)
    shown = {"wrong": {}, "given": {"name": mine.name}, "done": "", "fresh": "", "fresh_name": "", **values}
    return page(
        request,
        "account.html.j2",
        status=status,
        mine=mine,
        tokens=_live(request, mine),
        sessions=site.store.accounts.sessions(mine.id, now=site.clock()),
        **shown,
    )
