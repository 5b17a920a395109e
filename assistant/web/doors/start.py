"""The start: three ways in, the samples, and what becomes of a draft."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assistant.company.writing import profile_text
from assistant.delivery.wording.conversation import comments
from assistant.sources import parse
from assistant.web.desk import Desk, OpenDesk, desk_of
from assistant.web.draft import draft_of, drop_draft, keep_draft
from assistant.web.forms import Form
from assistant.web.identity import visitor_of
from assistant.web.page import page
from assistant.web.site import Site, site_of

router = APIRouter()

SHOWN = 8  # companies on the first page


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
        draft_name=str((draft.get("enterprise") or {}).get("name") or ""),
        companies=companies[:SHOWN],
        more=len(companies) > SHOWN,
    )


@router.get("/samples")
def samples(request: Request) -> Response:
    """List the sample companies."""
    site = site_of(request)
    listed = sorted((_sample(name, site) for name in site.samples), key=lambda one: not one[1])
    return page(request, "samples.html.j2", samples=listed)


def _told(name: str, site: Site) -> bool:
    return bool((parse(site.samples[name], name=name).data or {}).get("facts"))


def _sample(name: str, site: Site) -> tuple[str, str, str, str]:
    data = parse(site.samples[name], name=name).data or {}
    facts = data.get("facts") or {}
    code = str(facts.get("industry") or "")
    industry = site.book.lists.industries.get(code.lstrip("ABCDEFGHIJKLMNOPQRST"), ("", ""))[0]
    company = (data.get("enterprise") or {}).get("name") if facts else ""
    return name, str(company or ""), industry, str(facts.get("city") or "")


@router.post("/samples/{sample}/take")
def take(request: Request, desk: OpenDesk, form: Form) -> Response:
    """Begin a draft with a sample's answers."""
    del form
    response = RedirectResponse("/try/", 303)
    keep_draft(request, response, desk.data)
    return response


@router.get("/try/save")
def saving(request: Request) -> Response:
    """Ask whether the draft is to be saved, or what is missing for it."""
    return page(request, "save.html.j2", desk=_draft(request))


@router.post("/try/save")
def save_draft(request: Request, form: Form) -> Response:
    """Save the draft as a company of whoever is logged in."""
    del form
    desk, visitor, site = _draft(request), visitor_of(request), site_of(request)
    if not visitor.known or not desk.name:
        return page(request, "save.html.j2", status=422, desk=desk)
    profile = desk.profile
    identity = str(UUID(bytes=site.entropy(16), version=4))
    site.store.add_company(
        identity,
        profile.name,
        profile_text(desk.data, site.book.dictionary, comments(site.book)),
        who=visitor.name,
        at=site.clock(),
        uscc=profile.uscc,
        owner=visitor.account.id if visitor.account else None,
    )
    response = RedirectResponse(f"/c/{identity}/?done=company", 303)
    drop_draft(request, response)
    return response


@router.post("/try/discard")
def discard(request: Request, form: Form) -> Response:
    """Have the browser forget the draft."""
    del form
    response = RedirectResponse("/", 303)
    drop_draft(request, response)
    return response


def _draft(request: Request) -> Desk:
    return desk_of(request, visitor_of(request))
