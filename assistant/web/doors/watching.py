"""For whoever watches the server: whether all is well, and what it counts."""

from __future__ import annotations

from hmac import compare_digest
from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse
from starlette.requests import Request
from starlette.responses import Response

from assistant.service import measures
from assistant.service.store.tokens import digest_of
from assistant.web.health import gauges, health
from assistant.web.identity import at_home
from assistant.web.site import site_of

router = APIRouter()


@router.get("/healthz")
def healthz(request: Request) -> JSONResponse:
    """Say whether all is well: 200, or 503 with what is not."""
    site, state = site_of(request), request.app.state
    well, found = health(site.store, state.shelf, site.clock(), state.began)
    return JSONResponse(found, 200 if well else 503, {"cache-control": "no-store"})


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Tell what was counted, on this machine or to whoever has the token for it."""
    site, state = site_of(request), request.app.state
    given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if not at_home(request) and not (site.manner.metrics and compare_digest(digest_of(given), site.manner.metrics)):
        raise HTTPException(404)
    _, found = health(site.store, state.shelf, site.clock(), state.began)
    folder = Path(site.manner.measures) if site.manner.measures else None
    return Response(measures.exposition(folder, gauges(found)), headers={"content-type": measures.TYPE})
