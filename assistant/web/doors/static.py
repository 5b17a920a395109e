"""Our own files: styles, scripts, the icon. Their address changes with them, so a browser keeps them for good."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from assistant.web.page import assets

router = APIRouter()


@router.get("/static/{name}")
def static(name: str) -> Response:
    """Return one of our own files."""
    if name not in assets():
        raise HTTPException(404)
    kind, body = assets()[name]
    return Response(body, media_type=kind, headers={"cache-control": "public, max-age=31536000, immutable"})
