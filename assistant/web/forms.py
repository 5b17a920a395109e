"""Forms (表单): the one way in which anything sent to a page is read.

A form is taken when it carries the visitor's seal and does not come from another site. Larger ones than the pages have
are refused before they are read.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from hmac import compare_digest
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException
from starlette.datastructures import FormData
from starlette.requests import Request

from assistant.web.identity import visitor_of
from assistant.web.page import SEAL
from assistant.web.site import site_of

MOST_FIELDS = 2000
_MOST_PART = 1024 * 1024  # bytes of one field that is no file


async def sealed_form(request: Request) -> AsyncIterator[FormData]:
    """Give the fields of a form that comes from one of our pages; its files are closed afterwards."""
    if not from_here(request):
        raise HTTPException(403, "foreign")
    async with request.form(max_files=20, max_fields=MOST_FIELDS, max_part_size=_MOST_PART) as form:
        given = form.get(SEAL)
        if not isinstance(given, str) or not compare_digest(given.encode(), visitor_of(request).seal.encode()):
            raise HTTPException(403, "seal")
        yield form


Form = Annotated[FormData, Depends(sealed_form)]


def text_of(form: FormData, name: str, most: int = 4000) -> str:
    """Return a field as one trimmed text, "" where it is not there; never longer than *most*."""
    value = form.get(name)
    return value.replace("\0", "").strip()[:most] if isinstance(value, str) else ""


def from_here(request: Request) -> bool:
    """Tell whether the browser says that one of our own pages sent this; older ones say nothing."""
    if request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    asked = {request.headers.get("host", ""), urlsplit(site_of(request).manner.base_url).netloc}
    return urlsplit(origin).netloc in asked - {""}
