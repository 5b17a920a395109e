"""Links that work once: to choose a new password, to join a company, to become the first administrator.

Looking at one uses nothing up: programs that fetch every link in a mail do no harm. A link that is not in force is
told as one kind of page, whatever the reason.
"""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from assistant.errors import BadInput
from assistant.service.store.records import Account, Company, Link
from assistant.web import tries
from assistant.web.credentials import added, first_of, hash_of, let_in, link_of, new_password, person_of
from assistant.web.forms import Form
from assistant.web.identity import visitor_of
from assistant.web.page import page, see
from assistant.web.site import Site, site_of
from assistant.web.tries import counted

router = APIRouter()


# ---- a new password


@router.get("/reset/{token}")
def reset(request: Request, token: str) -> Response:
    """Show the form for a new password."""
    found = _resetting(request, token)
    if found is None:
        return _void(request, "reset")
    return page(request, "reset.html.j2", account=found[1], wrong={})


@router.post("/reset/{token}")
def choose(request: Request, token: str, form: Form) -> Response:
    """Change the password: every session of the account ends, and one begins here."""
    found = _resetting(request, token)
    if found is None:
        return _void(request, "reset")
    (link, account), site = found, site_of(request)
    password, wrong = new_password(form, account.email, account.name)
    if wrong:
        return page(request, "reset.html.j2", status=422, account=account, wrong=wrong)
    kept = hash_of(site, password)
    if not site.store.accounts.use_link(link.digest, at=site.clock()):
        return _void(request, "reset")
    site.store.accounts.set_password(account.id, kept, at=site.clock())
    return let_in(request, account, "/account?done=password")


def _resetting(request: Request, token: str) -> tuple[Link, Account] | None:
    link = link_of(request, token, "reset")
    account = site_of(request).store.accounts.by_id(link.account) if link and link.account else None
    return None if link is None or account is None or account.disabled else (link, account)


# ---- an invitation


@router.get("/invite/{token}")
def invite(request: Request, token: str) -> Response:
    """Show to which company somebody is invited, and as what."""
    found = _inviting(request, token)
    if found is None:
        return _void(request, "invite")
    return _invitation(request, *found)


@router.post("/invite/{token}")
def join(request: Request, token: str, form: Form) -> Response:
    """Join the company: with the account that is logged in, else with a new one."""
    found = _inviting(request, token)
    if found is None:
        return _void(request, "invite")
    (link, company), site, visitor = found, site_of(request), visitor_of(request)
    if visitor.account:
        account = visitor.account
        if not _meant(link, account) or site.store.accounts.role(account.id, company.id):
            return _invitation(request, link, company, status=422)
        if not site.store.accounts.use_link(link.digest, at=site.clock()):
            return _void(request, "invite")
        _grant(site, link, account)
        return see(f"/c/{company.id}/")
    if counted(request, tries.REGISTER):
        raise HTTPException(429, "tries")
    person = person_of(site, form, email=link.email)
    given = {"email": person.email, "name": person.name}
    if person.wrong:
        return _invitation(request, link, company, status=422, given=given, wrong=person.wrong)
    if not site.store.accounts.use_link(link.digest, at=site.clock()):
        return _void(request, "invite")
    try:
        account = added(site, person, "member")
    except BadInput as error:  # somebody was faster with the same address
        return _invitation(request, link, company, status=422, given=given, wrong={"email": first_of(error)})
    _grant(site, link, account)
    return let_in(request, account, f"/c/{company.id}/")


def _inviting(request: Request, token: str) -> tuple[Link, Company] | None:
    link = link_of(request, token, "invite")
    company = site_of(request).store.company(link.company) if link and link.company else None
    return None if link is None or company is None or link.role is None else (link, company)


def _invitation(
    request: Request, link: Link, company: Company, *, status: int = 200, given: object = None, wrong: object = None
) -> Response:
    site, visitor = site_of(request), visitor_of(request)
    account = visitor.account
    return page(
        request,
        "invite.html.j2",
        status=status,
        link=link,
        company=company,
        here=request.url.path,
        meant=account is None or _meant(link, account),
        role=site.store.accounts.role(account.id, company.id) if account else None,
        known=bool(link.email and site.store.accounts.by_email(link.email)),
        given=given or {},
        wrong=wrong or {},
    )


def _meant(link: Link, account: Account) -> bool:
    """Tell whether an invitation is for this account: one that names an address is for nobody else."""
    return link.email in ("", account.email)


def _grant(site: Site, link: Link, account: Account) -> None:
    assert link.company
    assert link.role
    site.store.accounts.grant(account.id, link.company, link.role, who=account.name, at=site.clock())


# ---- the first administrator


@router.get("/setup/{token}")
def setup(request: Request, token: str) -> Response:
    """Show the form for the first administrator's account."""
    if _setting_up(request, token) is None:
        return _void(request, "administrator")
    return page(request, "setup.html.j2", given={}, wrong={})


@router.post("/setup/{token}")
def set_up(request: Request, token: str, form: Form) -> Response:
    """Make the first administrator's account."""
    link, site = _setting_up(request, token), site_of(request)
    if link is None:
        return _void(request, "administrator")
    person = person_of(site, form)
    if person.wrong:
        given = {"email": person.email, "name": person.name}
        return page(request, "setup.html.j2", status=422, given=given, wrong=person.wrong)
    if not site.store.accounts.use_link(link.digest, at=site.clock()):
        return _void(request, "administrator")
    return let_in(request, added(site, person, "administrator"), "/admin?done=setup")


def _setting_up(request: Request, token: str) -> Link | None:
    """Return the link, while there is no administrator."""
    link = link_of(request, token, "administrator")
    return None if site_of(request).store.accounts.has_administrator() else link


def _void(request: Request, kind: str) -> Response:
    return page(request, "void.html.j2", status=404, kind=kind)
