"""The web application: feeds in front, pages and the API behind, and beside them a look at the store once a second."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from assistant.service.measures import share
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
    leaving,
    links,
    login,
    members,
    official,
    plan,
    reminders,
    screening,
    start,
    static,
    upload,
    watching,
)
from assistant.web.failures import tell_failures
from assistant.web.feeds import Feeds
from assistant.web.record import Record
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
    screening.router,
    official.router,
    watching.router,
    login.router,
    links.router,
    account.router,
    members.router,
    reminders.router,
    leaving.router,
    administration.router,
)
OF_A_COMPANY: tuple[APIRouter, ...] = (  # pages that stand under every desk
    company.router,
    interview.router,
    facts.router,
    upload.router,
    plan.router,
    calendar.router,
    history.router,
)

log = logging.getLogger(__name__)


def application(site: Site) -> FastAPI:
    """Return the application that serves *site*; it closes the store when it ends."""
    shelf = Shelf(site.store, site.clock)

    folder = Path(site.manner.measures) if site.manner.measures else None

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        await shelf.refresh()
        beside = asyncio.create_task(_watch(shelf, folder))
        try:
            yield
        finally:
            beside.cancel()
            with suppress(asyncio.CancelledError):
                await beside
            await shelf.note()
            site.store.close()

    app = FastAPI(title="申报助手", docs_url=None, redoc_url=None, openapi_url=None, lifespan=living)
    app.state.site, app.state.shelf, app.state.began = site, shelf, site.clock()
    app.add_middleware(GZipMiddleware, minimum_size=500, compresslevel=5)
    app.add_middleware(Safety, encrypted=site.manner.base_url.startswith("https://"))
    app.add_middleware(Feeds, shelf=shelf, kinds=frozenset(FEEDS))
    app.add_middleware(Record, entropy=site.entropy)
    tell_failures(app)
    for router in GENERAL:
        app.include_router(router)
    for desk in DESKS:
        for router in OF_A_COMPANY:
            app.include_router(router, prefix=desk)

    app.mount(PREFIX, interface(site))
    app.mount("/api", nowhere)

    return app


async def _watch(shelf: Shelf, measured: Path | None) -> None:
    """Keep the shelf current, its fetches noted and what is *measured* shared, whatever happens."""
    looks = 0
    while True:
        await asyncio.sleep(LOOK)
        looks += 1
        try:
            await shelf.refresh()
            if looks % NOTE == 0:
                await shelf.note()
                if measured:
                    await asyncio.to_thread(share, measured)
        except Exception:
            log.exception("the look at the store failed; the next one follows")
