"""The caller (调用者) is whose token came with a request; it may do what its account may do on the pages.

No cookie counts here, so no page elsewhere can make a browser ask for somebody. The one who uses the machine alone
needs no token.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from assistant.service import measures
from assistant.service.store.tokens import digest_of
from assistant.web.api.allowance import Allowances
from assistant.web.api.problems import Refusal
from assistant.web.forms import from_here
from assistant.web.identity import Visitor, at_home
from assistant.web.site import site_of

WRONG = 60  # trials with a wrong token from one address in a minute

_bearer = HTTPBearer(auto_error=False, scheme_name="token", description="A token of your account.")


def caller_of(request: Request, token: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]) -> Visitor:
    """Return whose token came with the request.

    Raises:
        Refusal: there is none in force, or it has used up its allowance.

    """
    site = site_of(request)
    now = site.clock()
    if token is None and site.manner.local and at_home(request) and from_here(request):
        visitor, key = Visitor(None, site.manner.local, ""), "api local"
    else:
        digest = digest_of(token.credentials) if token else ""
        account = site.store.accounts.api_account(digest, now=now) if digest else None
        if account is None:
            raise _unknown(request, tried=bool(digest))
        visitor, key = Visitor(account, "", ""), f"api {digest[:32]}"
    request.state.visitor = visitor
    left = _allowances(request).take(key, now)
    request.state.allowance = left
    if not left.granted:
        raise Refusal("rate-limited", headers=left.headers)
    return visitor


Caller = Annotated[Visitor, Depends(caller_of)]


def _unknown(request: Request, *, tried: bool) -> Refusal:
    headers = {"www-authenticate": 'Bearer error="invalid_token"' if tried else "Bearer"}
    if tried:
        measures.token_refused()
        wrong: Allowances = request.app.state.wrong
        address = request.client.host if request.client else ""
        left = wrong.take(f"api wrong {address}"[:120], site_of(request).clock())
        if not left.granted:
            return Refusal("rate-limited", headers={"retry-after": left.headers["retry-after"]})
    return Refusal("unauthorized", headers=headers)


def _allowances(request: Request) -> Allowances:
    found = request.app.state.allowances
    assert isinstance(found, Allowances)
    return found
