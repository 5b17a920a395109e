"""The import of many companies: files are looked at, then what was good and is wanted goes in, all of it or none.

Between the two steps nothing is kept here: the good ones travel in the form that is to be confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from assistant.errors import Place, Problem
from assistant.service.access import may
from assistant.service.incoming import KINDS, Arrival, arrival, looked_at, without_repeats
from assistant.service.store.intake import Incoming, take_in
from assistant.service.store.records import Company, Role
from assistant.service.store.store import Superseded
from assistant.web.doors.bureau import member_of, working_for_many
from assistant.web.forms import Form, sealed_form, text_of
from assistant.web.identity import Visitor
from assistant.web.page import page, see
from assistant.web.site import Site, site_of

MOST = 20  # files at once
_LONGEST_NAME = 200
_UUID_BYTES = 16

router = APIRouter()
Adviser = Annotated[Visitor, Depends(working_for_many)]


@dataclass(frozen=True)
class Line:
    """A file with the company that it is about, known or new, and the version it would follow."""

    arrival: Arrival
    company: str = ""
    after: int = 0


@router.get("/desk/import")
def choose(request: Request, visitor: Adviser) -> Response:
    """Ask for files."""
    del visitor
    return _shown(request, None)


async def uploads(form: Annotated[FormData, Depends(sealed_form)]) -> list[tuple[str, bytes]]:
    """Return the files of a form with their names."""
    given = [one for one in form.getlist("files") if isinstance(one, UploadFile) and one.filename]
    return [(_name(one.filename or ""), await one.read()) for one in given[:MOST]]


@router.post("/desk/import")
def look(request: Request, visitor: Adviser, files: Annotated[list[tuple[str, bytes]], Depends(uploads)]) -> Response:
    """Tell of every file what it would do, or what is wrong in it."""
    site = site_of(request)
    mine = member_of(site, visitor)
    companies = [company for company, _ in mine]
    arrivals = [looked_at(raw, name, site.book, site.today, companies) for name, raw in files]
    return _shown(request, _lines(site, mine, arrivals))


@router.post("/desk/import/confirm")
def confirm(request: Request, visitor: Adviser, form: Form) -> Response:
    """Put the chosen ones into the store: all of them, or none."""
    site = site_of(request)
    keys = [key for number in range(MOST) if form.get(f"take-{(key := str(number))}")]
    arrivals = _sent(site, visitor, form, keys)
    lines = _lines(site, member_of(site, visitor), arrivals)
    incoming = [_incoming(line, form, key) for line, key in zip(lines, keys, strict=True)]
    if not incoming or None in incoming:
        return _shown(request, lines, status=422, changed=bool(incoming))
    account, now = visitor.account, site.clock()
    wanted = [one for one in incoming if one is not None]
    try:
        taken = take_in(site.store, wanted, who=visitor.name, at=now, owner=account.id if account else None)
    except Superseded:
        return _shown(request, _lines(site, member_of(site, visitor), arrivals), status=422, changed=True)
    site.store.accounts.note("companies-imported", who=visitor.name, at=now, detail=str(len(taken)))
    added = ".".join(one.incoming.company for one in taken if not one.incoming.after)
    changed = ".".join(one.incoming.company for one in taken if one.incoming.after and one.fresh)
    same = ".".join(one.incoming.company for one in taken if one.incoming.after and not one.fresh)
    return see(f"/desk/import/done?added={added}&changed={changed}&same={same}")


def _incoming(line: Line, form: FormData, key: str) -> Incoming | None:
    """Return what goes in for a line; None where it is not what was shown to be confirmed."""
    one, company, after = line.arrival, text_of(form, f"company-{key}"), text_of(form, f"after-{key}")
    if one.problems or not after.isdecimal() or len(after) > len("1000000"):
        return None
    try:
        UUID(company)
    except ValueError:
        return None
    number = int(after)
    expected = one.known.id if one.known else company if not number else None
    if company != expected:
        return None
    return Incoming(company, one.profile.name, one.profile.uscc, one.text, number)


@router.get("/desk/import/done")
def done(request: Request, visitor: Adviser, added: str = "", changed: str = "", same: str = "") -> Response:
    """Tell what went in."""
    site = site_of(request)
    mine = {company.id: company for company, _ in member_of(site, visitor)}
    groups = [[mine[id_] for id_ in dict.fromkeys(given.split(".")) if id_ in mine] for given in (added, changed, same)]
    if not any(groups):
        raise HTTPException(404)
    return page(request, "import_done.html.j2", added=groups[0], changed=groups[1], same=groups[2])


def _sent(site: Site, visitor: Visitor, form: FormData, keys: Sequence[str]) -> list[Arrival]:
    """Return the files that travelled in a form; a browser has written its line ends its own way."""
    companies = [company for company, _ in member_of(site, visitor)]
    return [
        arrival(
            str(form.get(f"text-{key}", "")).replace("\r\n", "\n"),
            _name(text_of(form, f"file-{key}")),
            site.book,
            site.today,
            companies,
        )
        for key in keys
    ]


def _lines(site: Site, mine: Sequence[tuple[Company, Role]], arrivals: Sequence[Arrival]) -> list[Line]:
    """Return a line for every file."""
    roles = {company.id: role for company, role in mine}
    found = []
    for one in arrivals:
        if one.known and not may(roles[one.known.id], "edit"):
            viewed = Problem("file-of-viewed", Place(one.file), {"found": one.known.name})
            found.append(replace(one, problems=(viewed,)))
        else:
            found.append(one)
    return [_line(site, one) for one in without_repeats(found)]


def _line(site: Site, one: Arrival) -> Line:
    if one.problems:
        return Line(one)
    if one.known:
        return Line(one, one.known.id, site.store.latest_profile(one.known.id).number)
    return Line(one, str(UUID(bytes=site.entropy(_UUID_BYTES), version=4)))


def _shown(request: Request, lines: Sequence[Line] | None, *, status: int = 200, changed: bool = False) -> Response:
    good = [one for one in lines or () if not one.arrival.problems]
    bad = [one for one in lines or () if one.arrival.problems]
    return page(
        request,
        "import.html.j2",
        status=status,
        looked=lines is not None,
        good=good,
        bad=bad,
        changed=changed,
        most=MOST,
        kinds=",".join(KINDS),
    )


def _name(text: str) -> str:
    """Return a file's name as it may be shown: its last part, on one line."""
    return " ".join(text.replace("\\", "/").rpartition("/")[2].split())[:_LONGEST_NAME] or "?"
