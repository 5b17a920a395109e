"""The pages of a screening: a table of many companies is sent, its headers are agreed on, what came out is looked at.

Whoever sent it alone sees it: to everybody else it is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import PurePath
from threading import Lock
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from assistant.errors import BadInput, Place, Problem
from assistant.service.store.screenings import KEPT, Screening
from assistant.web.doors.bureau import working_for_many
from assistant.web.forms import Form, sealed_form, text_of
from assistant.web.identity import Visitor
from assistant.web.page import page, see
from assistant.web.site import site_of

MOST_KEPT = 20  # screenings of an account
MOST_BYTES, MOST_ROWS = 20_000_000, 20_000  # as the pages tell it; what is sent is measured by the parts themselves
EXTRA = "shenbao-assistant[screen]"
_ID_BYTES = 16
_LONGEST_NAME = 200
_PARTS = "assistant.web.screened"
_TEMPLATES = {"asking": "headers", "waiting": "progress", "running": "progress", "failed": "failed"}

router = APIRouter()
Adviser = Annotated[Visitor, Depends(working_for_many)]
_turn = Lock()  # one table at a time is looked at: reading workbooks takes the whole of a processor


class PartsMissing(Exception):
    """What reads tables is not installed."""


def own(request: Request, visitor: Adviser, screening: str) -> Screening:
    """Return the screening that is asked for, which is the visitor's own.

    Raises:
        HTTPException: there is none, or it is somebody else's.

    """
    found = site_of(request).store.screenings.one(screening, _account(visitor))
    if found is None:
        raise HTTPException(404)
    return found


@router.get("/screening")
def screenings(request: Request, visitor: Adviser, done: str = "") -> Response:
    """Show the visitor's screenings, and ask for a table."""
    return _listed(request, visitor, removed=done == "removed")


class Sent(NamedTuple):
    """A table as it was sent: its name, what is in it, and whether companies alone are."""

    name: str
    content: bytes
    enterprises: bool


async def uploaded(form: Annotated[FormData, Depends(sealed_form)]) -> Sent | None:
    """Return the file of a form; of one that is too large, enough to tell."""
    given = form.get("files")
    if not isinstance(given, UploadFile) or not given.filename:
        return None
    content = await given.read(MOST_BYTES + 1)
    return Sent(_name(given.filename), content, text_of(form, "enterprises") == "1")


@router.post("/screening")
def begin(request: Request, visitor: Adviser, sent: Annotated[Sent | None, Depends(uploaded)]) -> Response:
    """Take a table: let it wait its turn, or ask what some of its headers mean."""
    site, account = site_of(request), _account(visitor)
    if sent is None:
        return _listed(request, visitor, status=422, missing=True)
    at = site.clock()
    if len(site.store.screenings.all(account)) >= MOST_KEPT:
        full = Problem("screening-kept", Place(sent.name), {"expected": str(MOST_KEPT)})
        return _listed(request, visitor, status=422, file=sent.name, wrong=[full])
    try:
        with _turn:
            made = _parts().looked_at(
                sent.content,
                sent.name,
                site.book,
                identity=site.entropy(_ID_BYTES).hex(),
                account=account,
                at=at,
                day=site.today,
                enterprises=sent.enterprises,
            )
    except BadInput as error:
        return _listed(request, visitor, status=422, file=sent.name, wrong=error.problems)
    except PartsMissing:
        return _listed(request, visitor, status=422)
    site.store.screenings.add(made, sent.content)
    site.store.accounts.note("companies-screened", who=visitor.name, at=at, account=account, detail=str(made.rows))
    return see(f"/screening/{made.id}")


@router.get("/screening/{screening}")
def look(request: Request, one: Annotated[Screening, Depends(own)]) -> Response:
    """Show how far a screening is, or what came out."""
    return _shown(request, one)


@router.post("/screening/{screening}/confirm")
def confirm(request: Request, one: Annotated[Screening, Depends(own)], form: Form) -> Response:
    """Take over what the visitor says of the headers."""
    if one.state == "asking":
        try:
            said = _parts().confirmed(one, form, site_of(request).book)
        except BadInput as error:
            return _shown(request, one, status=422, wrong=error.problems, chosen=form)
        except PartsMissing:
            return _shown(request, one, status=422)
        site_of(request).store.screenings.confirm(one.id, said.headers, complete=said.complete)
    return see(f"/screening/{one.id}")


@router.post("/screening/{screening}/remove")
def remove(request: Request, one: Annotated[Screening, Depends(own)], form: Form) -> Response:
    """Forget a screening, whatever it is doing."""
    del form
    site_of(request).store.screenings.remove(one.id)
    return see("/screening?done=removed")


@router.get("/screening/{screening}/files/{file}")
def download(request: Request, one: Annotated[Screening, Depends(own)], file: str) -> Response:
    """Return what came out as a file."""
    try:
        found = _parts().FILES.get(file)
    except PartsMissing:
        raise HTTPException(404) from None
    body = site_of(request).store.screenings.file(one.id, found.source) if found and one.state == "done" else None
    if body is None:
        raise HTTPException(404)
    kind = PurePath(file).suffix
    called = quote(f"{PurePath(one.name).stem}-{found.title}{kind}", safe="")
    disposition = f"attachment; filename=\"{found.title}{kind}\"; filename*=UTF-8''{called}"
    return Response(found.made(body), media_type=found.type, headers={"content-disposition": disposition})


# ---- inside


def _parts() -> Any:
    """Return what reads tables and draws summaries.

    Raises:
        PartsMissing: it is not installed.

    """
    try:
        return import_module(_PARTS)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("assistant"):
            raise
        raise PartsMissing from error


def _is_able() -> bool:
    try:
        _parts()
    except PartsMissing:
        return False
    return True


def _account(visitor: Visitor) -> str | None:
    return visitor.account.id if visitor.account else None


def _name(text: str) -> str:
    """Return a file's name as it may be shown: its last part, on one line."""
    return " ".join(text.replace("\\", "/").rpartition("/")[2].split())[:_LONGEST_NAME] or "?"


def _listed(
    request: Request, visitor: Visitor, *, status: int = 200, wrong: Sequence[Problem] = (), **said: Any
) -> Response:
    values = {"missing": False, "removed": False, "file": "", **said}
    return page(
        request,
        "screenings.html.j2",
        status=status,
        screenings=site_of(request).store.screenings.all(_account(visitor)),
        able=_is_able(),
        extra=EXTRA,
        wrong=wrong,
        most_rows=MOST_ROWS,
        most_bytes=MOST_BYTES,
        days=KEPT.days,
        **values,
    )


def _shown(
    request: Request,
    one: Screening,
    *,
    status: int = 200,
    wrong: Sequence[Problem] = (),
    chosen: FormData | None = None,
) -> Response:
    site = site_of(request)
    values: dict[str, Any] = {"one": one, "wrong": wrong, "chosen": chosen or {}, "days": KEPT.days, "extra": EXTRA}
    try:
        parts = _parts()
    except PartsMissing:
        return page(request, "screening_parts.html.j2", status=status, **values)
    values |= parts.asked(one, site.book)
    if one.state == "done":
        summary = site.store.screenings.file(one.id, "summary")
        if summary is None:
            raise HTTPException(404)  # removed this very moment
        return page(request, "screening_result.html.j2", status=status, **values, **parts.result(summary))
    ahead = site.store.screenings.ahead(one) if one.state == "waiting" else 0
    return page(request, f"screening_{_TEMPLATES[one.state]}.html.j2", status=status, ahead=ahead, **values)
