"""The web application: feeds in front, pages behind, and beside them a look at the store once a second."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from assistant.service.publish import FEEDS
from assistant.service.store.store import Store
from assistant.web.feeds import Feeds
from assistant.web.health import health
from assistant.web.shelf import Shelf

LOOK = 0.5  # seconds between looks at the store
NOTE = 10  # looks between two batches of fetches

log = logging.getLogger(__name__)


def application(store: Store, clock: Callable[[], datetime]) -> FastAPI:
    """Return the application that serves *store*; it closes the store when it ends."""
    shelf = Shelf(store, clock)

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
            store.close()

    app = FastAPI(title="申报助手", docs_url=None, redoc_url=None, openapi_url=None, lifespan=living)
    app.add_middleware(Feeds, shelf=shelf, kinds=frozenset(FEEDS))

    @app.get("/healthz")
    def healthz() -> JSONResponse:
        """Say whether all is well: 200, or 503 with what is not."""
        well, found = health(store, shelf, clock())
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
