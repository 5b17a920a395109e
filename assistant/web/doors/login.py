"""Logging in and out, registering, and a forgotten password. An account that is not there is answered as any other."""

from __future__ import annotations

import logging
from urllib.parse import quote

from fastapi import APIRouter, HTTPException
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from assistant.delivery.wording.letters import reset_letter
from assistant.errors import BadInput
from assistant.service import measures
from assistant.service.access import RESET_LASTS
from assistant.service.mail import Letter, MailFailure
from assistant.service.passwords import matches, outdated
from assistant.service.store.records import Account
from assistant.web import tries
from assistant.web.credentials import added, first_of, hash_of, let_in, new_link, person_of, secret_of
from assistant.web.forms import Form, text_of
from assistant.web.identity import end_session, visitor_of
from assistant.web.page import own_address, page, see
from assistant.web.site import Site, site_of
from assistant.web.tries import counted, forgiven, whence

HOME = "/companies"  # where somebody goes who wanted nothing in particular
_LONGEST_ADDRESS = 254

router = APIRouter()
log = logging.getLogger(__name__)


@router.get("/login")
def login(request: Request, done: str = "") -> Response:
    """Show the form to log in with."""
    wanted = own_address(request.query_params.get("next", ""), HOME)
    if visitor_of(request).known:
        return see(wanted)
    return page(request, "login.html.j2", next=wanted, email="", fault="", done=done)


@router.post("/login")
def enter(request: Request, form: Form) -> Response:
    """Log in, or say that address and password do not go together: not which of them is wrong."""
    site = site_of(request)
    email, password = text_of(form, "email", _LONGEST_ADDRESS), secret_of(form, "password")
    wanted = own_address(text_of(form, "next"), HOME)
    here = f"{email.casefold()} {whence(request)}"
    over = [
        counted(request, tries.LOGIN_ADDRESS),
        counted(request, tries.LOGIN_ACCOUNT, email.casefold()),
        counted(request, tries.LOGIN_THERE, here),
    ]
    if any(over):
        log.warning("too many logins from %s", whence(request))
        return page(request, "login.html.j2", status=429, next=wanted, email=email, fault="tries", done="")
    account = _proven(site, email, password)
    if account is None:
        log.warning("a login from %s was refused", whence(request))
        measures.login_failed()
        return page(request, "login.html.j2", status=422, next=wanted, email=email, fault="wrong", done="")
    forgiven(request, tries.LOGIN_THERE, here)
    return let_in(request, account, wanted)


@router.post("/logout")
def leave(request: Request, form: Form) -> Response:
    """Log out."""
    del form
    response = see("/")
    end_session(request, response)
    return response


@router.get("/register")
def register(request: Request) -> Response:
    """Show the form for a new account, or who makes one where not everybody may."""
    wanted = own_address(request.query_params.get("next", ""), HOME)
    if visitor_of(request).known:
        return see(wanted)
    return page(request, "register.html.j2", next=wanted, given={}, wrong={})


@router.post("/register")
def enrol(request: Request, form: Form) -> Response:
    """Make an account, where everybody may."""
    site = site_of(request)
    if not site.manner.registration:
        raise HTTPException(403, "registration")
    if counted(request, tries.REGISTER):
        raise HTTPException(429, "tries")
    wanted = own_address(text_of(form, "next"), HOME)
    person = person_of(site, form)
    wrong = person.wrong
    if not wrong:
        try:
            return let_in(request, added(site, person, "member"), wanted)
        except BadInput as error:
            wrong = {"email": first_of(error)}
    given = {"email": person.email, "name": person.name}
    return page(request, "register.html.j2", status=422, next=wanted, given=given, wrong=wrong)


@router.get("/forgot")
def forgot(request: Request) -> Response:
    """Ask for the address to send a link to, or tell who else can help."""
    return page(request, "forgot.html.j2", mails=_mails(site_of(request)), sent=False)


@router.post("/forgot")
def remind(request: Request, form: Form) -> Response:
    """Answer the same whether there is such an account or not; look for it when the answer is on its way."""
    site = site_of(request)
    if not _mails(site):
        raise HTTPException(403, "mail")
    email = text_of(form, "email", _LONGEST_ADDRESS).casefold()
    if counted(request, tries.FORGOT_ADDRESS):
        raise HTTPException(429, "tries")
    quiet = counted(request, tries.FORGOT_ACCOUNT, email)
    response = page(request, "forgot.html.j2", mails=True, sent=True)
    if not quiet:
        response.background = BackgroundTask(_mail_link, site, email)
    return response


def _proven(site: Site, email: str, password: str) -> Account | None:
    """Return whose address and password these are; for nobody's the same is done as for somebody's."""
    account = site.store.accounts.by_email(email)
    known = site.store.accounts.password_hash(account.id if account else "")
    right = matches(known, password)
    if account is None or account.disabled or not right:
        return None
    if outdated(known):
        site.store.accounts.rehash(account.id, hash_of(site, password))
    return account


def _mails(site: Site) -> bool:
    """Tell whether links are mailed: only with an address that nobody who asks can choose."""
    return site.post is not None and bool(site.manner.base_url)


def _mail_link(site: Site, email: str) -> None:
    account = site.store.accounts.by_email(email)
    if account is None or account.disabled or site.post is None:
        return
    token, digest = new_link(site)
    now = site.clock()
    site.store.accounts.add_link(digest, "reset", at=now, expires=now + RESET_LASTS, who="", account=account.id)
    address = f"{site.manner.base_url}/reset/{quote(token)}"
    try:
        site.post.send(Letter(account.email, *reset_letter(address, RESET_LASTS)), at=now)
    except MailFailure as error:
        log.error("a link to reset a password could not be mailed: %s", error)  # noqa: TRY400 # says all there is
