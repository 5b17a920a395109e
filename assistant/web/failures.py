"""Failures (出错) are told on a page: what is wrong, and what can be done about it."""

from __future__ import annotations

import logging
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from assistant.errors import BadInput
from assistant.service import measures
from assistant.service.store.engine import StoreFailure
from assistant.web.page import page, see, told

log = logging.getLogger(__name__)


class LoginNeeded(Exception):
    """Nobody in particular asked for what only somebody may see."""


def tell_failures(app: FastAPI) -> None:
    """Have *app* answer failures of pages with pages."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(LoginNeeded, _login)
    app.add_exception_handler(BadInput, _bad)
    app.add_exception_handler(Exception, _broken)


def failure(request: Request, status: int, *, reason: str = "", problems: tuple[str, ...] = ()) -> Response:
    """Return the page for *status*."""
    return page(request, "failure.html.j2", status=status, code=status, reason=reason, problems=problems)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    made = failure(request, error.status_code, reason=error.detail)
    for name, value in (error.headers or {}).items():
        made.headers[name] = value
    return made


def _unreadable(request: Request, error: Exception) -> Response:
    del error
    return failure(request, 422)


def _login(request: Request, error: Exception) -> Response:
    del error
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return see(f"/login?next={quote(wanted if request.method == 'GET' else '/', safe='')}")


def _bad(request: Request, error: Exception) -> Response:
    assert isinstance(error, BadInput)
    if isinstance(error, StoreFailure):
        log.error("store: %s", error)
        measures.store_failed("pages")
        return failure(request, 503)
    return failure(request, 422, problems=tuple(told(error.problems)))


def _broken(request: Request, error: Exception) -> Response:
    log.error("a page failed", exc_info=error)
    return failure(request, 500)
