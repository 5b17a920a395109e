"""The spreadsheet: download it blank or filled in, send it back, look at what would change, take it over.

Nothing is kept between looking and taking over: what was sent travels in the form that is to be confirmed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from assistant.company.joining import joined
from assistant.company.profile import Profile, read_profile
from assistant.company.writing import Data, profile_text
from assistant.delivery.edits import edited
from assistant.delivery.wording.conversation import comments
from assistant.delivery.wording.speaker import Speaker
from assistant.delivery.workbook.reading import imported
from assistant.delivery.workbook.writing import workbook_xlsx
from assistant.errors import BadInput, Place, Problem
from assistant.planning.assessment import check_judgements
from assistant.service.store.store import Superseded
from assistant.sources import Source, parse, text_in
from assistant.web.desk import Desk, OpenDesk
from assistant.web.draft import DraftTooLong, keep_draft
from assistant.web.forms import Form, text_of
from assistant.web.page import LANG, page, see

router = APIRouter()

NAME = "企业资料表"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEETS = (".xlsx", ".xlsm", ".xls", ".et")  # the last two are told how to become the first
TEXTS = (".yaml", ".yml", ".json")
SHOWN = 100  # mistakes on a page
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Sent:
    """A file as it was sent, with the name it had."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Told:
    """What a file tells, in the form a profile is kept in; *remarks*: what the person should look at."""

    data: Data
    profile: Profile
    remarks: tuple[Problem, ...]


@router.get("/spreadsheet")
def choose(request: Request, desk: OpenDesk) -> Response:
    """Offer the workbook, and ask for it back."""
    return _page(request, desk)


@router.get("/spreadsheet/blank.xlsx")
def blank(request: Request, desk: OpenDesk) -> Response:
    """Return the workbook with nothing in it: the same for all, made once a day."""
    made = getattr(request.app.state, "blank_workbook", None)
    if made is None or made[0] != desk.on:
        made = request.app.state.blank_workbook = desk.on, workbook_xlsx({}, desk.site.book, desk.on)
    return _workbook(made[1], NAME)


@router.get("/spreadsheet/filled.xlsx")
def filled(desk: OpenDesk) -> Response:
    """Return the workbook with all that is known."""
    known = desk.data if desk.profile else {}
    return _workbook(workbook_xlsx(known, desk.site.book, desk.on), desk.name or NAME)


async def sent(form: Form) -> Sent | None:
    """Return the file in a form."""
    given = form.get("files")
    if not isinstance(given, UploadFile) or not given.filename:
        return None
    name = " ".join(given.filename.replace("\\", "/").rpartition("/")[2].split())[:_LONGEST_NAME]
    return Sent(name or "?", await given.read())


@router.post("/spreadsheet")
def look(request: Request, desk: OpenDesk, file: Annotated[Sent | None, Depends(sent)]) -> Response:
    """Tell what a file would change, or what is wrong in it."""
    desk.require("edit")
    if file is None:
        return _page(request, desk, status=422, missing=True)
    try:
        told = _told(file, desk)
        return _changes(request, desk, told, file.name)
    except BadInput as error:
        return _page(request, desk, status=422, file=file.name, wrong=error.problems)


@router.post("/spreadsheet/confirm")
def confirm(request: Request, desk: OpenDesk, form: Form) -> Response:
    """Take over what was looked at: what is blank in it stays as it is known, or goes."""
    desk.require("edit")
    name, text = text_of(form, "file", _LONGEST_NAME), str(form.get("text", "")).replace("\r\n", "\n")
    told = _read(parse(text, name=name), desk)
    _check_company(told.profile, desk, name)
    if desk.kind == "saved" and text_of(form, "after") != str(desk.version):
        return _changes(request, desk, told, name, status=422, changed=True)
    data = told.data if text_of(form, "rest") == "drop" else joined(desk.data, told.data)
    onward = see(f"{desk.base}/?done=spreadsheet")
    try:
        _keep(request, onward, desk, data)
    except Superseded:  # in this very moment: a desk of its own sees the new version
        return _changes(request, replace(desk), told, name, status=422, changed=True)
    except DraftTooLong:
        return _changes(request, desk, told, name, status=422, too_long=True)
    return onward


# ---- inside


def _workbook(content: bytes, name: str) -> Response:
    disposition = f"attachment; filename=\"profile.xlsx\"; filename*=UTF-8''{quote(f'{name}.xlsx', safe='')}"
    return Response(content, media_type=WORKBOOK, headers={"content-disposition": disposition})


def _told(file: Sent, desk: Desk) -> Told:
    """Return what a file tells, whatever its kind.

    Raises:
        BadInput: with every mistake in it.

    """
    kind = PurePath(file.name).suffix.lower()
    if kind in TEXTS:
        told = _read(parse(text_in(file.content, name=file.name), name=file.name), desk)
    elif kind in SHEETS or file.content.startswith(b"PK"):
        found = imported(file.content, file.name, desk.site.book, desk.on)
        told = Told(found.data, found.profile, found.remarks)
    else:
        expected = "、".join((".xlsx", *TEXTS))
        raise BadInput([Problem("file-kind", Place(file.name), {"found": kind or file.name, "expected": expected})])
    _check_company(told.profile, desk, file.name)
    return told


def _read(source: Source, desk: Desk) -> Told:
    profile = read_profile(source, desk.site.book.dictionary, desk.site.book.lists, desk.on)
    check_judgements(profile, desk.site.book)
    return Told(source.data or {}, profile, profile.remarks)


def _check_company(profile: Profile, desk: Desk, name: str) -> None:
    """Refuse another company's file: two credit codes are two companies."""
    known = desk.record.uscc if desk.record else ""
    if known and profile.uscc and known != profile.uscc:
        params = {"found": profile.uscc, "expected": known, "name": desk.name}
        raise BadInput([Problem("company-differs", Place(name), params)])


def _profile(data: Data, desk: Desk) -> Profile:
    return read_profile(Source("", dict(data)), desk.site.book.dictionary, desk.site.book.lists, desk.on)


def _keep(request: Request, response: Response, desk: Desk, data: Data) -> None:
    if desk.kind == "draft":
        keep_draft(request, response, data)
        return
    profile = _profile(data, desk)
    desk.site.store.save_profile(
        desk.company,
        profile_text(data, desk.site.book.dictionary, comments(desk.site.book)),
        who=desk.visitor.name,
        at=desk.site.clock(),
        name=profile.name,
        uscc=profile.uscc,
        after=desk.version,
    )


def _changes(request: Request, desk: Desk, told: Told, name: str, *, status: int = 200, **said: Any) -> Response:
    """Show what a file would change, and what it leaves blank though it is known."""
    say = Speaker(desk.site.book, LANG)
    together = joined(desk.data, told.data)
    after = _profile(together, desk)
    return _page(
        request,
        desk,
        status=status,
        file=name,
        looked=True,
        edits=edited(desk.profile, after, say),
        blank=edited(after, told.profile, say),
        same=together == desk.data,
        remarks=told.remarks,
        text=profile_text(told.data, desk.site.book.dictionary, comments(desk.site.book)),
        **said,
    )


def _page(request: Request, desk: Desk, *, status: int = 200, wrong: Sequence[Problem] = (), **said: Any) -> Response:
    nothing: Mapping[str, Any] = {
        **dict.fromkeys(("looked", "missing", "changed", "too_long", "same"), False),
        **dict.fromkeys(("edits", "blank", "remarks"), ()),
        **dict.fromkeys(("file", "text"), ""),
    }
    values = {**nothing, **said, "wrong": wrong[:SHOWN], "more": len(wrong) - SHOWN, "count": len(wrong)}
    return page(request, "spreadsheet.html.j2", status=status, desk=desk, place="facts", **values)
