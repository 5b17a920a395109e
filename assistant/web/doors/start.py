"""The start: three ways in, the samples, and what becomes of a draft."""

from __future__ import annotations

import re
from uuid import UUID

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from assistant.company.handwriting import industries
from assistant.company.writing import Data, profile_text
from assistant.delivery.plain import Json
from assistant.delivery.wording.conversation import comments
from assistant.sources import parse
from assistant.web.desk import Desk, OpenDesk, desk_of
from assistant.web.draft import draft_of, drop_draft, has_draft, keep_draft
from assistant.web.forms import Form, text_of
from assistant.web.identity import visitor_of
from assistant.web.page import page, see
from assistant.web.site import Site, site_of

router = APIRouter()

SHOWN = 8  # companies on the first page
_IDENTITY = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@router.get("/")
def start(request: Request) -> Response:
    """Show the first page."""
    site, visitor = site_of(request), visitor_of(request)
    draft = draft_of(request)
    if visitor.account:
        companies = [company for company, _ in site.store.accounts.companies_of(visitor.account.id)]
    else:
        companies = list(site.store.companies()) if visitor.local else []
    return page(
        request,
        "start.html.j2",
        count=len(site.book.projects),
        samples=len([name for name in site.samples if _told(name, site)]),
        drafted=bool(draft),
        draft_name=_name(draft),
        companies=companies[:SHOWN],
        more=len(companies) > SHOWN,
    )


@router.get("/samples")
def samples(request: Request) -> Response:
    """List the sample companies."""
    site = site_of(request)
    listed = sorted((_sample(name, site) for name in site.samples), key=lambda one: not one["where"])
    return page(request, "samples.html.j2", samples=listed)


def _name(data: Data) -> str:
    return str((data.get("enterprise") or {}).get("name") or "")


def _told(name: str, site: Site) -> bool:
    return bool((parse(site.samples[name], name=name).data or {}).get("facts"))


def _sample(name: str, site: Site) -> Json:
    """Return what is told of a sample in the list; the first line of its file says what it is an example of."""
    text = site.samples[name]
    first, data = text.partition("\n")[0], parse(text, name=name).data or {}
    facts = data.get("facts") or {}
    code = str(facts.get("industry") or "").lstrip("ABCDEFGHIJKLMNOPQRST")
    industry = site.book.lists.industries.get(code, ("", ""))[0]
    about = first.lstrip("# ") if first.startswith("#") else ""
    where = [one for one in (str(facts.get("city") or ""), industry) if one]
    return {"id": name, "name": _name(data), "about": about, "where": where}


@router.get("/samples/{sample}/take")
def taking(request: Request, desk: OpenDesk, sample: str) -> Response:
    """Ask whether a draft is to begin with a sample's answers: one that is there already would be gone."""
    del sample
    return page(
        request,
        "take.html.j2",
        desk=desk,
        place="take",
        draft_name=_name(draft_of(request)),
        drafted=has_draft(request),
    )


@router.post("/samples/{sample}/take")
def take(request: Request, desk: OpenDesk, sample: str, form: Form) -> Response:
    """Begin a draft with a sample's answers."""
    del sample, form
    response = see("/try/")
    keep_draft(request, response, desk.data)
    return response


@router.get("/industries.json")
def industry(request: Request, q: str = "") -> Response:
    """Offer the industries that a word or the beginning of a code names."""
    return JSONResponse(industries(q[:40], site_of(request).book.lists), headers={"cache-control": "max-age=3600"})


@router.get("/try/save")
def saving(request: Request) -> Response:
    """Ask whether the draft is to be saved, or what is missing for it."""
    return _saving(request, str(UUID(bytes=site_of(request).entropy(16), version=4)))


@router.post("/try/save")
def save_draft(request: Request, form: Form) -> Response:
    """Save the draft as a company of whoever is logged in; sent twice, it is still one company."""
    desk, visitor, site = _draft(request), visitor_of(request), site_of(request)
    identity = text_of(form, "identity", 40)
    if not _IDENTITY.fullmatch(identity):
        raise HTTPException(422)
    response = see(f"/c/{identity}/?done=company")
    if site.store.company(identity) is not None:  # whether it is this visitor's is told there
        return response
    if not visitor.known or not desk.name:
        return _saving(request, identity, status=422)
    profile = desk.profile
    site.store.add_company(
        identity,
        profile.name,
        profile_text(desk.data, site.book.dictionary, comments(site.book)),
        who=visitor.name,
        at=site.clock(),
        uscc=profile.uscc,
        owner=visitor.account.id if visitor.account else None,
    )
    drop_draft(request, response)
    return response


def _saving(request: Request, identity: str, status: int = 200) -> Response:
    return page(request, "save.html.j2", status=status, desk=_draft(request), place="save", identity=identity)


@router.post("/try/discard")
def discard(request: Request, form: Form) -> Response:
    """Have the browser forget the draft."""
    del form
    response = see("/")
    drop_draft(request, response)
    return response


def _draft(request: Request) -> Desk:
    return desk_of(request, visitor_of(request))
