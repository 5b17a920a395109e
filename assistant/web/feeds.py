"""Feeds over HTTP: `/f/<token>/all.ics` and its siblings, answered from memory before any routing.

An unknown token, a revoked one and nonsense are the same 404, byte for byte: each is looked up by its digest alone.
A known token whose calendar is not built yet, or cannot be read, gets 503: clients keep what they have.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from hashlib import sha256
from typing import Any

from assistant.delivery.wording.serving import ANSWERS
from assistant.web.leaf import PRIVATE, Headers, Leaf, takes_gzip
from assistant.web.shelf import Shelf

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PREFIX = "/f/"
_CONDITIONS = frozenset((b"if-none-match", b"if-modified-since", b"accept-encoding", b"user-agent"))
_MORE: Mapping[int, Headers] = {405: [(b"allow", b"GET, HEAD")], 503: [(b"retry-after", b"10")]}


def _plain(status: int) -> tuple[Headers, bytes]:
    body = ANSWERS[status].encode()
    typed = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    return [*PRIVATE, *typed, *_MORE.get(status, [])], body


_PLAIN = {status: _plain(status) for status in ANSWERS}


class Feeds:
    """Answers requests for calendars; hands everything else on."""

    def __init__(self, app: App, shelf: Shelf, kinds: frozenset[str]) -> None:
        """Stand before *app*; a company's calendars are of these *kinds*."""
        self._app = app
        self._shelf = shelf
        self._kinds = {f"{kind}.ics": kind for kind in kinds}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        if method not in ("GET", "HEAD"):
            await _answer(send, 405, method)
            return
        token, _, name = scope["path"][len(PREFIX) :].partition("/")
        reader = self._shelf.reader(sha256(token.encode("utf-8", "replace")).hexdigest())
        kind = self._kinds.get(name)
        if reader is None or kind is None:
            await _answer(send, 404, method)
            return
        leaf = self._shelf.at_hand(reader.company, kind) or await self._shelf.fetch(reader.company, kind)
        if leaf is None:
            await _answer(send, 503, method)
            return
        asked = _conditions(scope["headers"])
        if method == "GET":
            self._shelf.fetched(reader, asked.get(b"user-agent", b""))
        await _calendar(send, leaf, asked, method)


def _conditions(headers: Headers) -> dict[bytes, bytes]:
    """Return what a client says about itself and what it has; a header given twice is one list."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _CONDITIONS:
            found[name] = found[name] + b", " + value if name in found else value
    return found


async def _calendar(send: Send, leaf: Leaf, asked: Mapping[bytes, bytes], method: str) -> None:
    gzipped = takes_gzip(asked.get(b"accept-encoding"))
    if leaf.is_known(asked.get(b"if-none-match"), asked.get(b"if-modified-since")):
        await _send(send, 304, leaf.packed_unchanged if gzipped else leaf.plain_unchanged, b"")
    elif gzipped:
        await _send(send, 200, leaf.packed_headers, leaf.packed if method == "GET" else b"")
    else:
        await _send(send, 200, leaf.plain_headers, leaf.plain if method == "GET" else b"")


async def _answer(send: Send, status: int, method: str) -> None:
    headers, body = _PLAIN[status]
    await _send(send, status, headers, body if method != "HEAD" else b"")


async def _send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
