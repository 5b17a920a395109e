"""The web application: feeds in front, pages and the API behind, and beside them a look at the store once a second."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse
from starlette.middleware.gzip import GZipMiddleware

from assistant.service.publish import FEEDS
from assistant.web.api.application import PREFIX, interface, nowhere
from assistant.web.doors import (
    account,
    administration,
    bureau,
    calendar,
    company,
    facts,
    history,
    intake,
    interview,
    links,
    login,
    members,
    official,
    start,
    static,
    upload,
)
from assistant.web.failures import tell_failures
from assistant.web.feeds import Feeds
from assistant.web.health import health
from assistant.web.safety import Safety
from assistant.web.shelf import Shelf
from assistant.web.site import Site

LOOK = 0.5  # seconds between looks at the store
NOTE = 10  # looks between two batches of fetches
DESKS = ("/c/{company}", "/samples/{sample}", "/try")  # where the pages of a company stand

GENERAL: tuple[APIRouter, ...] = (  # pages that stand once
    static.router,
    start.router,
    bureau.router,
    intake.router,
    official.router,
    login.router,
    links.router,
    account.router,
    members.router,
    administration.router,
)
OF_A_COMPANY: tuple[APIRouter, ...] = (  # pages that stand under every desk
    company.router,
    interview.router,
    facts.router,
    upload.router,
    calendar.router,
    history.router,
)

log = logging.getLogger(__name__)


def application(site: Site) -> FastAPI:
    """Return the application that serves *site*; it closes the store when it ends."""
    shelf = Shelf(site.store, site.clock)

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        await shelf.refresh()
        beside = asyncio.create_task(_watch(shelf))
        try:
            yield
        finally:
            beside.cancel()
            with suppress(asyncio.CancelledError):
                await beside
            await shelf.note()
            site.store.close()

    app = FastAPI(title="申报助手", docs_url=None, redoc_url=None, openapi_url=None, lifespan=living)
    app.state.site, app.state.shelf = site, shelf
    app.add_middleware(GZipMiddleware, minimum_size=500, compresslevel=5)
    app.add_middleware(Safety, encrypted=site.manner.base_url.startswith("https://"))
    app.add_middleware(Feeds, shelf=shelf, kinds=frozenset(FEEDS))
    tell_failures(app)
    for router in GENERAL:
        app.include_router(router)
    for desk in DESKS:
        for router in OF_A_COMPANY:
            app.include_router(router, prefix=desk)

    app.mount(PREFIX, interface(site))
    app.mount("/api", nowhere)

    @app.get("/healthz")
    def healthz() -> JSONResponse:
        """Say whether all is well: 200, or 503 with what is not."""
        well, found = health(site.store, shelf, site.clock())
        return JSONResponse(found, 200 if well else 503, {"cache-control": "no-store"})

    return app


async def _watch(shelf: Shelf) -> None:
    """Keep the shelf current and its fetches noted, whatever happens."""
    looks = 0
    while True:
        await asyncio.sleep(LOOK)
        looks += 1
        try:
            await shelf.refresh()
            if looks % NOTE == 0:
                await shelf.note()
        except Exception:
            log.exception("the look at the store failed; the next one follows")
