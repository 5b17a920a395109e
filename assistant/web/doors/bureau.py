"""The pages for many companies: my companies, the table of all of them, the next deadlines across them."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from assistant.errors import BadInput
from assistant.service.access import may_announce, may_work_for_many
from assistant.service.overview import ORDERS, SHOWS, Row, Wanted, agenda, overview, totals
from assistant.service.store.records import Company, Role
from assistant.web.draft import has_draft
from assistant.web.failures import LoginNeeded
from assistant.web.identity import Visitor, visitor_of
from assistant.web.page import page
from assistant.web.site import Site, site_of

_DIGITS = 6
_BUILT = 3  # summaries that one request builds at most

router = APIRouter()


def known(visitor: Annotated[Visitor, Depends(visitor_of)]) -> Visitor:
    """Return the visitor, who is somebody.

    Raises:
        LoginNeeded: nobody is logged in.

    """
    if not visitor.known:
        raise LoginNeeded
    return visitor


def working_for_many(visitor: Annotated[Visitor, Depends(known)]) -> Visitor:
    """Return the visitor, who works for many companies.

    Raises:
        HTTPException: it is somebody else.

    """
    if not may_work_for_many(visitor.standing):
        raise HTTPException(403, "standing")
    return visitor


def member_of(site: Site, visitor: Visitor) -> list[tuple[Company, Role]]:
    """Return the companies that the visitor is a member of, with the role in each."""
    if visitor.account is None:
        return [(company, "owner") for company in site.store.companies()]
    return list(site.store.accounts.companies_of(visitor.account.id))


def rows_of(site: Site, visitor: Visitor) -> list[Row]:
    """Return the companies that the visitor is a member of, with the summary of each as it was built last.

    A few that have none yet get one now; the press builds the others in a moment.
    """
    mine = member_of(site, visitor)
    summaries = dict(site.dossiers.summaries([company.id for company, _ in mine]))
    for company in [company.id for company, _ in mine if company.id not in summaries][:_BUILT]:
        with suppress(BadInput):
            summaries[company] = site.dossiers.part(company, "summary", site.clock())
    return [Row(company, role, summaries.get(company.id)) for company, role in mine]


@router.get("/companies")
def companies(request: Request, visitor: Annotated[Visitor, Depends(known)]) -> Response:
    """Show the visitor's companies and the ways to add one."""
    site = site_of(request)
    rows = sorted(rows_of(site, visitor), key=lambda row: row.company.name)
    return page(
        request,
        "companies.html.j2",
        rows=rows,
        many=may_work_for_many(visitor.standing),
        drafted=has_draft(request),
    )


@router.get("/desk")
def table(
    request: Request,
    visitor: Annotated[Visitor, Depends(working_for_many)],
    q: str = "",
    show: str = "",
    sort: str = "due",
    at: str = "1",
) -> Response:
    """Show many companies in a table, and what is due next across them."""
    site = site_of(request)
    rows = rows_of(site, visitor)
    number = int(at) if at.isascii() and at.isdigit() and len(at) <= _DIGITS else 1
    wanted = Wanted(q.strip()[:100], show if show in SHOWS else "", sort if sort in ORDERS else "due", number)
    return page(
        request,
        "desk.html.j2",
        total=len(rows),
        counts=totals(rows),
        wanted=wanted,
        overview=overview(rows, wanted, site.today),
        agenda=agenda(rows, site.today),
        announces=may_announce(visitor.standing),
    )
