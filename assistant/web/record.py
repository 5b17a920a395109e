"""A record (请求记录) is one line of the log for every request, and one count: which route, how it ended, how long.

The route is told as its template: no address, no query, no name stands in a line. The answer carries the request's id
as `X-Request-Id`, so that somebody who has trouble can name it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.service import measures
from assistant.web.feeds import PREFIX as FEEDS
from assistant.web.identity import Visitor

NONE = "-"  # where no route answered, nobody asked
_FEED = "/f/{token}/{calendar}"
_ID_BYTES = 9
_GIVEN = re.compile(r"[A-Za-z0-9-]{8,40}")
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))

log = logging.getLogger("assistant.requests")


class Record:
    """Stands before everything else and writes down what happens."""

    def __init__(self, app: ASGIApp, entropy: Callable[[int], bytes]) -> None:
        """Stand before *app*; ids are made of *entropy*."""
        self._app = app
        self._entropy = entropy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        id_ = scope.setdefault("state", {})["request_id"] = self._id(scope)
        now = asyncio.get_running_loop().time
        begun, status = now(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if id_:
                    MutableHeaders(scope=message)["x-request-id"] = id_
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            _tell(scope, status, now() - begun, id_ or NONE)

    def _id(self, scope: Scope) -> str:
        """Return what a request is called; calendars go out as they are built, with no mark of the request."""
        if scope["path"].startswith(FEEDS):
            return ""
        given = Headers(scope=scope).get("x-request-id", "")
        return given if _GIVEN.fullmatch(given) else urlsafe_b64encode(self._entropy(_ID_BYTES)).decode()


def _tell(scope: Scope, status: int, seconds: float, id_: str) -> None:
    method = scope["method"] if scope["method"] in _METHODS else NONE
    route = route_of(scope)
    if route == _FEED:
        measures.feed_served(status)
    measures.request_done(method, route, status, seconds)
    if log.isEnabledFor(logging.INFO):
        visitor = scope["state"].get("visitor")
        account = visitor.account.id if isinstance(visitor, Visitor) and visitor.account else NONE
        told = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
        line = "%s %s %d %.1f ms account=%s request=%s"
        log.info(line, *told.values(), account, id_, extra={"told": {**told, "account": account, "request": id_}})


def route_of(scope: Scope) -> str:
    """Return the template of the route that answered: its address with names in the place of what was asked for."""
    path: str = scope["path"]
    if path.startswith(FEEDS):
        return _FEED
    if not hasattr(scope.get("route"), "methods"):  # none, or one that only carries others
        return NONE
    names = {str(value): f"{{{name}}}" for name, value in scope.get("path_params", {}).items()}
    return "/".join(names.get(part, part) for part in path.split("/"))
