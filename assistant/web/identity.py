"""Identity (身份): who asks. A visitor is nobody in particular, an account, or the one who uses this machine alone.

A session is known by a random secret in a cookie, of which the store has the digest. From the same secret comes the
seal that every form carries: a page elsewhere knows neither, and cannot make one.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from assistant.service.store.records import Account
from assistant.service.store.tokens import digest_of
from assistant.web.site import site_of

SESSION, VISIT = "session", "visit"
LASTS = timedelta(days=14)
_SECRET_BYTES = 32
_LENGTH = 43  # of a secret as text
LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
_PASSED_ON = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever asks. *secret* is what the seal is made of; *fresh*: it is to be put into a cookie first."""

    account: Account | None
    local: str
    secret: str
    fresh: bool = False

    @property
    def known(self) -> bool:
        """Tell whether somebody is logged in, or needs not be."""
        return self.account is not None or bool(self.local)

    @property
    def name(self) -> str:
        """How entries in a history call this person; "" for nobody in particular."""
        return self.account.name or self.account.email if self.account else self.local

    @property
    def standing(self) -> str:
        """What the account is; the one who uses the machine alone is all of it."""
        return self.account.standing if self.account else "administrator" if self.local else ""

    @property
    def session(self) -> str:
        """The digest of the session's secret; "" without an account."""
        return digest_of(self.secret) if self.account else ""

    @property
    def seal(self) -> str:
        """What forms carry to show that they come from here."""
        return sha256(b"seal " + self.secret.encode()).hexdigest()[:40]


def visitor_of(request: Request) -> Visitor:
    """Return who asks; looked up once per request."""
    found = getattr(request.state, "visitor", None)
    if found is None:
        found = request.state.visitor = _visitor(request)
    assert isinstance(found, Visitor)
    return found


def _visitor(request: Request) -> Visitor:
    site = site_of(request)
    secret = request.cookies.get(cookie_name(request, SESSION), "")
    if len(secret) == _LENGTH:
        account = site.store.accounts.session(digest_of(secret), now=site.clock())
        if account is not None:
            return Visitor(account, "", secret)
    local = site.manner.local if at_home(request) else ""
    visit = request.cookies.get(cookie_name(request, VISIT), "")
    if len(visit) == _LENGTH and visit.isascii():
        return Visitor(None, local, visit)
    return Visitor(None, local, secret_text(site.entropy(_SECRET_BYTES)), fresh=True)


def at_home(request: Request) -> bool:
    """Tell whether a request comes from this machine itself, neither passed on nor asking under another name."""
    if request.client is None or request.client.host not in LOOPBACK:
        return False
    return request.url.hostname in LOOPBACK and not any(name in request.headers for name in _PASSED_ON)


def secret_text(secret: bytes) -> str:
    """Return 32 random bytes as the text of a cookie or a link."""
    return urlsafe_b64encode(secret).decode().rstrip("=")


def begin_session(request: Request, response: Response, account: Account) -> None:
    """Log *account* in: a new secret, whatever the browser had before."""
    site = site_of(request)
    secret = secret_text(site.entropy(_SECRET_BYTES))
    now = site.clock()
    site.store.accounts.open_session(account.id, digest_of(secret), at=now, expires=now + LASTS)
    put_cookie(request, response, SESSION, secret, keep=LASTS)


def end_session(request: Request, response: Response) -> None:
    """Log out: here and in the store."""
    visitor = visitor_of(request)
    if visitor.session:
        site_of(request).store.accounts.close_session(visitor.session)
    drop_cookie(request, response, SESSION)


def is_secure(request: Request) -> bool:
    """Tell whether the visitor's side of the connection is encrypted."""
    return request.url.scheme == "https" or site_of(request).manner.base_url.startswith("https://")


def cookie_name(request: Request, name: str) -> str:
    """Return a cookie's name; over an encrypted connection no neighbouring site can set it."""
    return f"__Host-{name}" if is_secure(request) else name


def put_cookie(request: Request, response: Response, name: str, value: str, *, keep: timedelta | None = None) -> None:
    """Have the browser keep *value*: until it is closed, or for as long as *keep*; no script can read it."""
    response.set_cookie(
        cookie_name(request, name),
        value,
        max_age=int(keep.total_seconds()) if keep else None,
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Have the browser forget a cookie."""
    response.delete_cookie(
        cookie_name(request, name), path="/", secure=is_secure(request), httponly=True, samesite="lax"
    )
