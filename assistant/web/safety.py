"""Safety (安全): what goes with every answer, and which requests are not answered at all.

A page may load nothing but our own files, run no script that stands in it, and be shown in nobody's frame.
"""

from __future__ import annotations

import sys

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.delivery.wording.serving import ANSWERS

MOST_BODY = 6 * 1024 * 1024  # bytes of a request
LARGER = {"/screening": 24 * 1024 * 1024}  # where tables of many companies are sent
INTERFACE = "/api/"  # which has a limit of its own, and its own way to tell

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


class TooLarge(Exception):
    """A request's body is larger than anything our pages send."""


class Safety:
    """Puts the headers on every answer and refuses bodies that are too large, said or found out."""

    def __init__(self, app: ASGIApp, *, encrypted: bool) -> None:
        """Stand before *app*; *encrypted*: it is reached over HTTPS, and is to stay so."""
        self._app = app
        self._headers = {
            **_HEADERS,
            **({"strict-transport-security": "max-age=31536000"} if encrypted else {}),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False
        scope = _without_nul(scope)
        path = scope["path"]
        most = sys.maxsize if path.startswith(INTERFACE) else LARGER.get(path, MOST_BODY)

        async def sending(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        taken = 0

        async def receiving() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise TooLarge
            return message

        said = dict(scope["headers"]).get(b"content-length", b"0")
        fits = said.isdigit() and int(said) <= most
        try:
            if fits:
                await self._app(scope, receiving, sending)
        except TooLarge:
            fits = False
        if not fits and not begun:
            body = ANSWERS[413].encode()
            typed = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
            headers = [*typed, (b"connection", b"close")]
            await sending({"type": "http.response.start", "status": 413, "headers": headers})
            await sending({"type": "http.response.body", "body": body})


def _without_nul(scope: Scope) -> Scope:
    """Put a sign that names nothing in the place of NUL, which no database takes: an address with it is nobody's."""
    if "\0" in scope["path"]:
        scope["path"] = scope["path"].replace("\0", "\ufffd")
    if b"%00" in scope["query_string"]:
        scope["query_string"] = scope["query_string"].replace(b"%00", b"%EF%BF%BD")
    return scope
