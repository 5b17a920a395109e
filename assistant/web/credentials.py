"""Credentials (登录信息) are what somebody gives to get in: read here, checked, and never shown again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from fastapi import HTTPException
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from assistant.errors import BadInput, Place, Problem
from assistant.service.access import is_address
from assistant.service.passwords import LONGEST, SALT_BYTES, hashed, weaknesses
from assistant.service.store.records import Account, Link, LinkKind, Standing
from assistant.service.store.tokens import SECRET_BYTES, digest_of, token_of
from assistant.web.forms import text_of
from assistant.web.identity import begin_session, visitor_of
from assistant.web.page import see
from assistant.web.site import Site, site_of
from assistant.web.tries import LINK, counted

Wrong = Mapping[str, Problem]  # what is wrong with which field
_LONGEST_NAME, _LONGEST_ADDRESS = 40, 254


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who wants an account, and what is wrong with what they gave."""

    email: str
    name: str
    password: str
    wrong: Wrong


def newcomer_of(site: Site, form: FormData, *, email: str = "") -> Person:
    """Return for whom an account is to be made; an *email* that is settled is not asked for."""
    given = email or text_of(form, "email", _LONGEST_ADDRESS + 1)
    name = name_of(form)
    wrong: dict[str, Problem] = {}
    if not given:
        wrong["email"] = Problem("account-email-missing", Place("email"))
    elif not is_address(given):
        wrong["email"] = Problem("account-email-unlike", Place("email"), {"found": given})
    elif site.store.accounts.by_email(given):
        wrong["email"] = Problem("account-exists", Place("email"), {"found": given})
    if not name:
        wrong["name"] = Problem("account-name-missing", Place("name"))
    return Person(given, name, "", wrong)


def person_of(site: Site, form: FormData, *, email: str = "") -> Person:
    """Return who wants an account, with the password they chose."""
    who = newcomer_of(site, form, email=email)
    password, wrong = new_password(form, who.email, who.name)
    return Person(who.email, who.name, password, {**who.wrong, **wrong})


def name_of(form: FormData) -> str:
    """Return the name somebody gives, in one line."""
    return " ".join(text_of(form, "name", _LONGEST_NAME).split())


def new_password(form: FormData, *own: str) -> tuple[str, Wrong]:
    """Return the password that was chosen and typed once more, and what is wrong with it."""
    password = secret_of(form, "password")
    found = weaknesses(password, *own)
    if found:
        return password, {"password": found[0]}
    if secret_of(form, "again") != password:
        return password, {"again": Problem("password-differs", Place("again"))}
    return password, {}


def secret_of(form: FormData, name: str) -> str:
    """Return a field as it was typed, blanks and all."""
    value = form.get(name)
    return value[: LONGEST + 1] if isinstance(value, str) else ""


def hash_of(site: Site, password: str) -> str:
    """Return what is kept of a password."""
    return hashed(password, site.entropy(SALT_BYTES))


def added(site: Site, person: Person, standing: Standing, *, who: str = "") -> Account:
    """Add an account; one without a password lets nobody in until one is chosen.

    Raises:
        BadInput: somebody was faster with the same address.

    """
    identity = str(UUID(bytes=site.entropy(16), version=4))
    kept = hash_of(site, person.password) if person.password else ""
    return site.store.accounts.add(identity, person.email, person.name, kept, standing, at=site.clock(), who=who)


def let_in(request: Request, account: Account, address: str) -> Response:
    """Log *account* in and send the browser on; whoever was logged in there before is not any more."""
    site, visitor = site_of(request), visitor_of(request)
    response = see(address)
    if visitor.session:
        site.store.accounts.close_session(visitor.session)
    begin_session(request, response, account)
    site.store.accounts.note("login", who=account.name, at=site.clock(), account=account.id)
    return response


def new_link(site: Site) -> tuple[str, str]:
    """Return the secret of a new link and its digest."""
    token = token_of(site.entropy(SECRET_BYTES))
    return token, digest_of(token)


def link_of(request: Request, token: str, kind: LinkKind) -> Link | None:
    """Return the link with that secret; None for one that is not in force.

    Raises:
        HTTPException: somebody tries too many.

    """
    site = site_of(request)
    link = site.store.accounts.link(digest_of(token), now=site.clock())
    if link is not None and link.kind == kind:
        return link
    if counted(request, LINK):
        raise HTTPException(429, "tries")
    return None


def address_of(request: Request, path: str) -> str:
    """Return the whole address of a page here, to hand to somebody who is looking at it now.

    What is mailed must not use it without a known base address: whoever asks could name another host.
    """
    base = site_of(request).manner.base_url or str(request.base_url).rstrip("/")
    return f"{base}{path}"


def first_of(error: BadInput) -> Problem:
    """Return what is told of a refusal."""
    return error.problems[0]
