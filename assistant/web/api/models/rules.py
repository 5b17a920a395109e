"""Models of the rules: projects, their versions and criteria, the dictionary of facts, windows, official dates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from assistant.company.facts import Cost, Lever
from assistant.logic.vocabulary import FactKind
from assistant.planning.windows import Confidence
from assistant.rulebook.requirement import How, Role
from assistant.rulebook.schema import Kind, Text
from assistant.rulebook.schema import Standing as SourceStanding
from assistant.web.api.models.verdicts import Grounded, Instrument, Number, Preference, ProjectId, Shape, Window, Year

Level = Literal["national", "provincial"]
Link = Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=500)]


class Summary(Shape):
    """A project in a few words."""

    id: ProjectId
    name: str
    level: Level
    applicant: list[str]
    authority: str
    versions: list[str]
    checked: date
    next_review: date


class Summaries(Shape):
    """All projects."""

    version: str = Field(description="The rulebook's.")
    digest: str
    projects: list[Summary]


class Regions(Shape):
    """Where a project is offered."""

    within: str
    except_: dict[str, str] = Field(alias="except")
    note: str


class Validity(Shape):
    """How long a recognition holds; both empty: not known."""

    years: int | None
    permanent: bool
    review: str


class Decides(Shape):
    """Which applications a version decides."""

    kind: Kind
    start: date | None = Field(alias="from")
    end: date | None = Field(alias="to")
    cities: list[str]
    text: Text
    text_note: str
    note: str


class Rule(Grounded):
    """A criterion as its instrument has it, with the facts it asks for."""

    id: str
    role: Role
    says: str
    facts: list[str]
    scoring: str | None


class RuleGroup(Shape):
    """A group of criteria."""

    id: str
    says: str
    how: How
    n: int | None
    members: list[RuleGroup | Rule]


class ScoringItem(Shape):
    """An item of a scoring table."""

    id: str
    part: str
    says: str
    max: Number
    open: str


class Scoring(Shape):
    """A scoring table."""

    id: str
    says: str
    pass_mark: Number = Field(alias="pass")
    strict: bool
    full: Number
    items: list[ScoringItem]


class Document(Shape):
    """A document of an application."""

    id: str
    item: str
    document: str
    required: bool
    note: str


class Version(Shape):
    """A project's criteria under one instrument."""

    id: str
    instrument: Instrument
    start: date | None = Field(alias="from")
    end: date | None = Field(alias="to")
    approximate: bool
    decides: list[Decides]
    criteria: list[RuleGroup | Rule]
    preferences: list[Preference]
    scorings: list[Scoring]
    materials: list[Document]
    notes: list[str]


class Owed(Grounded):
    """What a holder owes."""

    id: str
    says: str
    due: str
    start: date | None = Field(alias="from")
    end: date | None = Field(alias="to")


class Round(Shape):
    """A past round."""

    year: Year
    batch: str
    notice: str | None
    url: str | None
    announced: date | None
    opens: date | None
    closes: date | None
    published: date | None
    standing: SourceStanding
    confidence: Confidence
    note: str


class Statute(Summary):
    """All that a project's rules say."""

    channel: str
    regions: Regions
    prerequisites: list[str]
    leads_to: list[str]
    validity: Validity
    quota: str
    rolling: bool
    notes: list[str]
    window: Window
    rules: list[Version]
    duties: list[Owed]
    rounds: list[Round]


class Fact(Shape):
    """What a profile may say about one fact."""

    name: str
    label: str
    type: FactKind
    yearly: bool
    unit: str | None
    min: Number | None
    max: Number | None
    choices: dict[str, str]
    multiple: bool
    derived: bool
    topic: str
    question: str
    help: str
    evidence: str
    cost: Cost
    lever: Lever
    fields: list[Fact]


class Facts(Shape):
    """The dictionary."""

    facts: list[Fact]


class ProjectWindow(Shape):
    """When a project takes applications next."""

    id: ProjectId
    name: str
    window: Window


class Windows(Shape):
    """The next windows: the object of `assistant windows`."""

    on: date
    months: int
    windows: list[ProjectWindow]


class Announcement(Shape):
    """An official date: it replaces the forecast for every company."""

    project: ProjectId
    cycle: Year
    opens: date | None
    closes: date | None
    source: str
    entered: date | None
    who: str
    at: datetime


class Announcements(Shape):
    """The official dates in the order of entry; a later one of the same project and cycle counts."""

    announcements: list[Announcement]


class NewAnnouncement(Shape):
    """An official date to enter; one of `opens` and `closes` is needed."""

    project: Annotated[str, StringConstraints(max_length=100)]
    cycle: Annotated[int, Field(ge=2000, le=2100)] | None = None
    opens: date | None = None
    closes: date | None = None
    source: Link
