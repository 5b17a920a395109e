"""A desk (桌面) is where one company's papers lie open: a saved company, a visitor's draft, or a sample.

The same pages stand under each of them. Who may see a saved company is decided here and nowhere else: for everybody
else it is as if it were not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from fastapi import Depends, HTTPException
from starlette.requests import Request

from assistant.company.profile import Profile, read_profile
from assistant.company.writing import Data
from assistant.delivery.plain import Json
from assistant.planning.announcements import Announcement
from assistant.planning.assessment import Assessment, assess
from assistant.planning.marks import Mark
from assistant.service.access import Deed, may
from assistant.service.store.records import Company, ProfileVersion, Role
from assistant.sources import Source, parse
from assistant.web.draft import draft_of
from assistant.web.failures import LoginNeeded
from assistant.web.identity import Visitor, visitor_of
from assistant.web.site import Site, site_of

Kind = Literal["saved", "draft", "sample"]


@dataclass(frozen=True)
class Desk:
    """One company's papers as one visitor sees them.

    *base* is the address its pages stand under, *company* its id in the store and *record* what the store has of it,
    "" and None where it is not saved. *role* is the visitor's, None where there are no roles.
    """

    site: Site
    visitor: Visitor
    kind: Kind
    base: str
    company: str = ""
    record: Company | None = None
    role: Role | None = None
    draft: Data | None = None
    sample: str = ""

    def may(self, deed: Deed) -> bool:
        """Tell whether the visitor may do this here: a draft is the visitor's own, a sample is only looked at."""
        if self.kind == "saved":
            return self.role is not None and may(self.role, deed)
        return deed == "view" or (self.kind == "draft" and deed == "edit")

    def require(self, deed: Deed) -> None:
        """Raise the refusal that belongs to the deed."""
        if not self.may(deed):
            raise HTTPException(403, "role")

    @cached_property
    def latest(self) -> ProfileVersion:
        """The newest version of a saved company's profile."""
        return self.site.store.latest_profile(self.company)

    @property
    def version(self) -> int:
        """The number of that version, 0 where nothing is saved: what a form says it was made from."""
        return self.latest.number if self.kind == "saved" else 0

    @cached_property
    def source(self) -> Source:
        """The profile as its file would have it, with the places of its lines."""
        if self.kind == "saved":
            return parse(self.latest.content, name=self.name)
        if self.kind == "sample":
            return parse(self.site.samples[self.sample], name=self.sample)
        return Source("", dict(self.draft or {}))

    @property
    def data(self) -> Data:
        """The profile as plain values under the keys of its file."""
        found: Data = self.source.data or {}
        return found

    @cached_property
    def profile(self) -> Profile:
        """The profile.

        Raises:
            BadInput: what was saved cannot be used any more.

        """
        return read_profile(self.source, self.site.book.dictionary, self.site.book.lists, self.on)

    @property
    def on(self) -> date:
        """The day it is looked at."""
        return self.site.today

    @property
    def name(self) -> str:
        """What the company is called; "" while nobody has said."""
        if self.record is not None:
            return self.record.name
        enterprise = self.data.get("enterprise")
        return str(enterprise.get("name") or "") if isinstance(enterprise, dict) else ""

    @cached_property
    def announcements(self) -> tuple[Announcement, ...]:
        """The official dates known here."""
        return self.site.store.announcements()

    @cached_property
    def assessment(self) -> Assessment:
        """The whole assessment, worked out now: for what no part of the dossier holds."""
        return assess(self.site.matcher, self.profile, self.on, announcements=self.announcements)

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """What people say of the plan of a saved company."""
        return self.site.store.work.marks(self.company) if self.kind == "saved" else ()

    def part(self, name: str) -> Json:
        """Return one part of the dossier: what the page of that name shows."""
        if self.kind == "saved":
            return self.site.dossiers.part(self.company, name, self.site.clock())
        return self.site.dossiers.of(self.data, name, self.site.clock(), self.announcements)


def desk_of(request: Request, visitor: Annotated[Visitor, Depends(visitor_of)]) -> Desk:
    """Return the desk that a request is about.

    Raises:
        LoginNeeded: a saved company, and nobody is logged in.
        HTTPException: there is no such company, or not for this visitor.

    """
    site = site_of(request)
    company, sample = request.path_params.get("company"), request.path_params.get("sample")
    if sample is not None:
        if sample not in site.samples:
            raise HTTPException(404, "sample")
        return Desk(site, visitor, "sample", f"/samples/{sample}", sample=sample)
    if company is None:
        return Desk(site, visitor, "draft", "/try", draft=draft_of(request))
    if not visitor.known:
        raise LoginNeeded
    record = site.store.company(company)
    role: Role | None = "owner" if visitor.local else None
    if visitor.account and record:
        role = site.store.accounts.role(visitor.account.id, company)
    if record is None or role is None:
        raise HTTPException(404, "company")
    return Desk(site, visitor, "saved", f"/c/{company}", company, record, role)


OpenDesk = Annotated[Desk, Depends(desk_of)]
