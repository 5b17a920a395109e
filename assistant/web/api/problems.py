"""Problem details (RFC 9457): how the interface refuses, always in the same shape, never with a traceback.

The kinds and their words stand in `delivery.wording.interface`; each has a page that explains it.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.delivery.wording.interface import REFUSED, expected, pick
from assistant.delivery.wording.problems import problem_text
from assistant.errors import BadInput, Place, nearest
from assistant.errors import Problem as Mistake
from assistant.service import measures
from assistant.service.store.engine import StoreFailure
from assistant.service.store.store import Superseded
from assistant.web.api.models.verdicts import Shape

TYPE = "application/problem+json"
PAGES = "/api/v1/problems/"  # where each kind is explained
BODY, QUERY, PATH, HEADER = "body", "query", "path", "header"

_KINDS = {kind.status: name for name, kind in REFUSED.items()}
_INNER = re.compile(r"^(/judgements/\d+)\.(\w+)$")  # how a place inside a judgement is told
_SHORT = 60

log = logging.getLogger(__name__)


class Fault(Shape):
    """One mistake in the input."""

    place: Literal["body", "query", "path", "header"]
    pointer: str = Field(description="A JSON pointer into the body, or the name of the parameter.")
    code: str
    message: str
    found: str | None = None
    expected: str | None = None
    nearest: str | None = Field(None, description="The known name that is most like the one found.")


class Problem(Shape):
    """Why a request was refused (RFC 9457)."""

    type: str = Field(description="The address, relative to the server, of a page that explains this kind.")
    title: str
    status: int
    detail: str
    instance: str = Field(description="The path that was asked for.")
    request: str | None = Field(None, description="The X-Request-Id, by which the log knows this request.")
    errors: list[Fault] | None = Field(None, description="Every mistake in the input.")
    latest: int | None = Field(None, description="The number of the newest version of the profile.")


class Refusal(Exception):
    """A request is refused: *kind* is a key of the wording."""

    def __init__(
        self, kind: str, *, headers: Mapping[str, str] | None = None, mistakes: Iterable[Mistake] = ()
    ) -> None:
        """Keep what the answer says besides the words of its kind."""
        super().__init__(kind)
        self.kind = kind
        self.headers = headers or {}
        self.mistakes = tuple(mistakes)


def refused(
    connection: HTTPConnection, kind: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    """Return the answer of a kind of refusal."""
    lang = language(connection)
    known = REFUSED[kind]
    found = {
        "type": f"{PAGES}{kind}",
        "title": pick(known.title, lang),
        "status": known.status,
        "detail": pick(known.advice, lang),
        "instance": quote(connection.url.path, safe="/:@!$&'()*+,;="),
        "request": getattr(connection.state, "request_id", None),
        **more,
    }
    body = json.dumps({key: value for key, value in found.items() if value is not None}, ensure_ascii=False)
    return Response(
        body.encode("utf-8", "replace"),
        known.status,
        media_type=TYPE,
        headers={"cache-control": "no-store", **(headers or {})},
    )


def language(connection: HTTPConnection) -> str:
    """Return the language asked for."""
    return "en" if connection.query_params.get("lang") == "en" else "zh"


def faults(mistakes: Iterable[Mistake], lang: str, place: str = BODY) -> list[dict[str, Any]]:
    """Return *mistakes* as an answer lists them; each tells its own place unless it stands in the body."""
    listed = []
    for one in mistakes:
        params = dict(one.params)
        stands = one.place.file if one.place.file in (QUERY, PATH, HEADER) else place
        listed.append(
            {
                "place": stands,
                "pointer": _INNER.sub(r"\1/\2", one.place.path),
                "code": one.code,
                "message": problem_text(one.code, params, lang),
                **{key: params[key] for key in ("found", "expected", "nearest") if params.get(key)},
            }
        )
    return listed


def tell_problems(app: FastAPI) -> None:
    """Have *app* answer every failure with problem details."""
    app.add_exception_handler(Refusal, _refusal)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _parameters)
    app.add_exception_handler(BadInput, _bad)
    app.add_exception_handler(Superseded, _superseded)


def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    errors = faults(error.mistakes, language(request)) or None
    return refused(request, error.kind, headers=error.headers, errors=errors)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = error.headers
    if error.status_code == 405:  # the router names the methods of one route alone
        headers = {"allow": ", ".join(sorted(_methods(request)))}
    return refused(request, _KINDS.get(error.status_code, "internal"), headers=headers)


def _methods(request: Request) -> Iterator[str]:
    """Yield the methods that the address asked for has."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    for template, methods in request.app.openapi()["paths"].items():
        if re.fullmatch(re.sub(r"\{[^/]+?\}", "[^/]+", template), path):
            yield from (method.upper() for method in methods)


def _bad(request: Request, error: Exception) -> Response:
    assert isinstance(error, BadInput)
    if isinstance(error, StoreFailure):
        log.error("store: %s", error)
        measures.store_failed("interface")
        return refused(request, "unavailable", headers={"retry-after": "10"})
    return refused(request, "bad-input", errors=faults(error.problems, language(request)))


def _superseded(request: Request, error: Exception) -> Response:
    assert isinstance(error, Superseded)
    number = error.latest.number
    return refused(request, "superseded", headers={"etag": f'"{number}"'}, latest=number)


def _parameters(request: Request, error: Exception) -> Response:
    """Tell what is wrong with the parameters of the address; bodies are read elsewhere."""
    assert isinstance(error, RequestValidationError)
    mistakes = []
    if any(fault["loc"] == (HEADER, "if-match") for fault in error.errors()):
        return refused(request, "precondition-required")
    for fault in error.errors():
        place, *names = (str(part) for part in fault["loc"])
        at = Place(place, 0, names[0] if names else "")
        wanted = expected(fault["type"], fault.get("ctx", {}), fault["msg"])
        params = {"found": shortened(fault.get("input")), "expected": wanted}
        mistakes.append(
            Mistake("key-missing", at, {"expected": at.path})
            if fault["type"] == "missing"
            else Mistake("shape", at, params)
        )
    return refused(request, "bad-input", errors=faults(mistakes, language(request)))


def shortened(found: object) -> str:
    """Return what was found as a message shows it."""
    text = str(found)
    return text if len(text) <= _SHORT else text[: _SHORT - 1] + "…"


def unknown(name: str, known: Iterable[str], code: str, place: Place) -> BadInput:
    """Return the refusal of a name that is none of the known ones."""
    return BadInput([Mistake(code, place, {"found": shortened(name), "nearest": nearest(name, known)})])


class LastResort:
    """Stands before everything else: what nobody foresaw is logged, and answered like any other refusal."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before *app*."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception:
            if scope["type"] != "http" or begun:
                raise
            log.exception("the interface failed")
            await refused(Request(scope), "internal")(scope, receive, send)
