"""The interface as an application of its own, which the pages' application carries under `/api/v1`."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant import __version__
from assistant.delivery.wording.interface import OPERATIONS
from assistant.service.store.tally import drawn
from assistant.web.api import companies, docs, feeds, official, outcomes, rules, steps
from assistant.web.api.allowance import Allowances, Left
from assistant.web.api.caller import WRONG
from assistant.web.api.models.companies import NewFeed, Profile
from assistant.web.api.models.rules import NewAnnouncement
from assistant.web.api.models.steps import NewMark
from assistant.web.api.problems import LastResort, Problem, refused, tell_problems
from assistant.web.site import Site

PREFIX = "/api/v1"
ROUTERS = (
    rules.router,
    companies.router,
    companies.papers,
    outcomes.router,
    steps.router,
    feeds.router,
    official.router,
)
_DESCRIBED = (Problem, Profile, NewFeed, NewMark, NewAnnouncement)


class Interface(FastAPI):
    """An application whose description also has the bodies that it reads itself."""

    def openapi(self) -> dict[str, Any]:
        """Return the description of the interface."""
        if self.openapi_schema is None:
            found = super().openapi()
            _, more = models_json_schema(
                [(model, "validation") for model in _DESCRIBED], ref_template="#/components/schemas/{model}"
            )
            schemas = found.setdefault("components", {}).setdefault("schemas", {})
            for name, schema in more["$defs"].items():
                schemas.setdefault(name, schema)
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
        assert self.openapi_schema is not None
        return self.openapi_schema


class Told:
    """Adds to every answer what is left of its caller's allowance."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before *app*."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def sending(message: Message) -> None:
            left = scope.get("state", {}).get("allowance")
            if message["type"] == "http.response.start" and isinstance(left, Left):
                MutableHeaders(scope=message).update(left.headers)
            await send(message)

        await self._app(scope, receive, sending)


def interface(site: Site) -> FastAPI:
    """Return the interface to *site*."""
    app = Interface(
        title="申报助手 API",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        generate_unique_id_function=_name,
    )
    app.state.site = site

    def draw(key: str, since: Any, count: int) -> int:
        return drawn(site.store, key, since=since, count=count)

    app.state.allowances = Allowances(draw, site.manner.api_rate)
    app.state.wrong = Allowances(draw, WRONG)
    app.add_middleware(Told)
    app.add_middleware(LastResort)
    tell_problems(app)
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute):
                route.summary = " · ".join(OPERATIONS[route.name])
        app.include_router(router)
    app.include_router(docs.router, include_in_schema=False)
    return app


def _name(route: APIRoute) -> str:
    return route.name


async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer what is asked for beside the interface's own addresses."""
    if scope["type"] == "http":
        await refused(Request(scope), "not-found")(scope, receive, send)
