"""Operations on the caller's companies: their profiles and versions, and all that is worked out from them."""

from __future__ import annotations

import re
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, HTTPException, Path
from starlette.requests import Request
from starlette.responses import Response

from assistant.company.profile import Profile as Known
from assistant.company.writing import profile_text
from assistant.delivery.plain import Json
from assistant.delivery.wording.conversation import comments
from assistant.delivery.wording.problems import problem_text
from assistant.errors import BadInput, Problem
from assistant.planning.assessment import check_judgements
from assistant.service.store.records import Company as Record
from assistant.service.store.records import ProfileVersion, Role
from assistant.web.api.answers import OF_A_BODY, OF_A_COMPANY, InLanguage, answer, refusals, takes
from assistant.web.api.body import Sent, profile_in
from assistant.web.api.caller import Caller
from assistant.web.api.models.companies import Companies, Company, Profile, Saved, Versions
from assistant.web.desk import Desk, desk_of
from assistant.web.site import Site

router = APIRouter(prefix="/companies", tags=["companies"])
papers = APIRouter(prefix="/companies/{company}", tags=["companies"])

_ID = re.compile(r"[A-Za-z0-9-]{1,36}")
_TAG = re.compile(r'\s*(?:(W/)?"([^"]*)"|(\*))\s*(?:,|$)')


def desk_at(
    request: Request, caller: Caller, company: Annotated[str, Path(description="The id of a company.", max_length=100)]
) -> Desk:
    """Return the papers of a company that the caller is a member of.

    Raises:
        HTTPException: there is no such company, or not for this caller.

    """
    if not _ID.fullmatch(company):
        raise HTTPException(404, "company")
    return desk_of(request, caller)


Papers = Annotated[Desk, Depends(desk_at)]


def company_data(record: Record, role: Role) -> Json:
    """Return a company as its members see it."""
    return {
        "id": record.id,
        "name": record.name,
        "uscc": record.uscc,
        "role": role,
        "created": record.created,
        "published": record.published,
    }


@router.get("", response_model=Companies, responses=refusals())
def list_companies(caller: Caller, asked: InLanguage) -> Response:
    """The companies that the caller is a member of."""
    store = asked.site.store
    if caller.account is None:
        return answer({"companies": [company_data(one, "owner") for one in store.companies()]})
    mine = store.accounts.companies_of(caller.account.id)
    return answer({"companies": [company_data(one, role) for one, role in mine]})


@router.post(
    "",
    status_code=201,
    response_model=Company,
    responses=refusals(*OF_A_BODY),
    openapi_extra=takes(Profile),
)
def add_company(caller: Caller, asked: InLanguage, body: Sent) -> Response:
    """Add a company by its profile, which names it; the caller is its owner."""
    site = asked.site
    profile = _checked(site, profile_in(body, site.book, site.today))
    if not profile.name:
        raise BadInput([Problem("company-nameless", body.place(("enterprise", "name")))])
    owner = caller.account.id if caller.account else None
    mine = [one for one, _ in site.store.accounts.companies_of(owner)] if owner else site.store.companies()
    same = [one for one in mine if profile.uscc and one.uscc == profile.uscc]
    if same:
        params = {"found": profile.uscc, "name": same[0].name, "id": same[0].id}
        raise BadInput([Problem("company-exists", body.place(("enterprise", "uscc")), params)])
    record = site.store.add_company(
        str(UUID(bytes=site.entropy(16), version=4)),
        profile.name,
        profile_text(body.data or {}, site.book.dictionary, comments(site.book)),
        who=caller.name,
        at=site.clock(),
        uscc=profile.uscc,
        owner=owner,
    )
    headers = {"location": f"/api/v1/companies/{record.id}", "etag": '"1"'}
    return answer(company_data(record, "owner"), 201, headers)


@papers.get("", response_model=Company, responses=refusals(*OF_A_COMPANY))
def get_company(desk: Papers, asked: InLanguage) -> Response:
    """A company of the caller's."""
    del asked
    assert desk.record is not None
    assert desk.role is not None
    return answer(company_data(desk.record, desk.role))


# ---- the profile


@papers.get("/profile", response_model=Profile, responses=refusals(*OF_A_COMPANY))
def get_profile(desk: Papers, asked: InLanguage) -> Response:
    """The newest version of the profile; its number is the ETag."""
    del asked
    given = {key: one for key, one in desk.data.items() if one is not None}
    return answer(given, headers={"etag": f'"{desk.version}"'})


@papers.put(
    "/profile",
    response_model=Saved,
    responses=refusals(*OF_A_COMPANY, *OF_A_BODY, "forbidden", "superseded", "precondition-required"),
    openapi_extra=takes(Profile),
)
def put_profile(
    desk: Papers,
    asked: InLanguage,
    body: Sent,
    if_match: Annotated[str, Header(description="The ETag of the version that this one was made from.")],
) -> Response:
    """Save a new version of the profile, made from the one in If-Match; a newer one is never overwritten."""
    desk.require("edit")
    site, latest = desk.site, desk.latest
    after = latest.number if _names(if_match, latest) else 0  # 0 is none: the store says which is the newest
    profile = _checked(site, profile_in(body, site.book, site.today))
    assert desk.record is not None
    if desk.record.uscc and profile.uscc and desk.record.uscc != profile.uscc:
        params = {"found": profile.uscc, "expected": desk.record.uscc, "name": desk.record.name}
        raise BadInput([Problem("company-differs", body.place(("enterprise", "uscc")), params)])
    text = profile_text(body.data or {}, site.book.dictionary, comments(site.book))
    renamed = {"name": profile.name, "uscc": profile.uscc}
    version = site.store.save_profile(
        desk.company, text, who=desk.visitor.name, at=site.clock(), after=after, **renamed
    )
    remarks = [problem_text(one.code, dict(one.params), asked.lang) for one in profile.remarks]
    found = {"company": desk.company, **_version(version), "remarks": remarks}
    return answer(found, headers={"etag": f'"{version.number}"'})


def _checked(site: Site, profile: Known) -> Known:
    check_judgements(profile, site.book)
    return profile


def _names(if_match: str, latest: ProfileVersion) -> bool:
    """Tell whether the condition names the newest version; a weak tag names nothing here."""
    found = [(weak, tag, any_) for weak, tag, any_ in _TAG.findall(if_match)]
    return any(any_ or (not weak and tag == str(latest.number)) for weak, tag, any_ in found)


def _version(one: ProfileVersion) -> Json:
    return {"number": one.number, "at": one.at, "who": one.who}


@papers.get("/versions", response_model=Versions, responses=refusals(*OF_A_COMPANY))
def list_versions(desk: Papers, asked: InLanguage) -> Response:
    """Every version of the profile, the oldest first: when it was saved, and by whom."""
    del asked
    found = [_version(one) for one in desk.site.store.profiles(desk.company)]
    return answer({"company": desk.company, "versions": found})
