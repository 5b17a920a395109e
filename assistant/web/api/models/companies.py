"""Models of a company in the store: its profile and versions, its steps and marks, its subscriptions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from assistant.service.store.records import Role
from assistant.web.api.models.verdicts import Shape

_ANSWER = "A number in the fact's unit, a text with a unit, a range such as `5..10`, `unknown`, a choice, a list."
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Answers = Annotated[dict[str, Any], Field(description=f"Answers by the names of /facts. {_ANSWER}")]


class Recognition(Shape):
    """A recognition held."""

    id: str
    granted: date | str | None = None
    expires: date | str | None = None
    note: str | None = None


class Who(Shape):
    """Who the company is."""

    name: str | None = None
    uscc: str | None = None


class Profile(Shape):
    """What a company tells us. What is left out is not answered; a list that is given is complete."""

    enterprise: Who | None = None
    facts: Answers | None = None
    years: dict[str, Answers | None] | None = Field(None, description="Figures of closed years, by year.")
    estimates: dict[str, Answers | None] | None = Field(None, description="Estimates of years still running.")
    recognitions: list[Recognition] | str | None = Field(None, description="All that are held, or `unknown`.")
    judgements: list[dict[str, Any]] | None = Field(
        None, description="Recorded judgements: project, criterion, verdict (met or unmet), by, on, why, evidence."
    )


class Company(Shape):
    """A company that the caller is a member of."""

    id: str
    name: str
    uscc: str
    role: Role
    created: datetime
    published: date | None = Field(description="For which day its calendars were built last.")


class Companies(Shape):
    """The caller's companies."""

    companies: list[Company]


class Version(Shape):
    """A version of a profile: it is never changed."""

    number: int
    at: datetime
    who: str


class Versions(Shape):
    """Every version, the oldest first."""

    company: str
    versions: list[Version]


class Saved(Version):
    """The version that is the newest now, and what is remarked on in it."""

    company: str
    remarks: list[str]


class Feed(Shape):
    """A subscription to the company's calendars."""

    id: str
    name: str
    created: datetime
    revoked: datetime | None
    last_fetched: datetime | None
    last_client: str | None


class Feeds(Shape):
    """The company's subscriptions, ended ones too."""

    feeds: list[Feed]


class NewFeed(Shape):
    """A subscription to make."""

    name: Name = Field(description="Who holds it, such as a person and a device.")


class Subscription(Feed):
    """A new subscription: its addresses are told this once."""

    token: str
    addresses: dict[str, str] = Field(description="By the name of the file: all, windows, prep, tasks.")
