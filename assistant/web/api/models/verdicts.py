"""Models of verdicts: criteria with their findings, scores, windows, gaps."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.matching.findings import State
from assistant.matching.match import Verdict
from assistant.planning.prospect import Standing
from assistant.planning.windows import Confidence, Status, Whose
from assistant.rulebook.requirement import How, Role
from assistant.rulebook.schema import Kind, Text
from assistant.rulebook.schema import Standing as SourceStanding

Number = Annotated[int | float, Field(description="Exact; a fraction without end is cut after ten decimals.")]
Day = date  # for a field that is itself called so
Year = Annotated[int, Field(description="A calendar year.")]
ProjectId = Annotated[str, Field(description="The id of a project, as in /projects.")]
FactName = Annotated[str, Field(description="A fact of /facts; `name[year]` is its figure of one year.")]


class Shape(BaseModel):
    """A closed object: it has these keys and no other."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Enterprise(Shape):
    """Who the company is."""

    name: str
    uscc: str = Field(description="Unified social credit code; empty where it is not given.")


class RulebookVersion(Shape):
    """Which rules decided."""

    version: str
    digest: str = Field(description="Changes with any change of the rules.")


class Days(Shape):
    """A span of days: one day where both ends are the same."""

    earliest: date
    latest: date


class Instrument(Shape):
    """A legal instrument."""

    title: str
    number: str | None
    url: str | None


class Held(Shape):
    """A recognition that the company holds."""

    granted: date | None
    expires: date | None


class Grounded(Shape):
    """What a statement rests on."""

    clause: str | None
    clause_note: str
    standing: SourceStanding = Field(description="How the text of the rule was obtained.")
    confidence: Confidence
    note: str


class Window(Shape):
    """When a project takes applications: announced, or forecast from past rounds, and then it says so."""

    status: Status = Field(description="`announced` is official, `expected` a forecast; they are never mixed.")
    cycle: Year
    opens: Days | None
    closes: Days | None
    whose: Whose = Field(description="Whose deadline `closes` is.")
    confidence: Confidence
    basis: list[str]
    text: str
    notes: list[str]
    source: str


class ScorePart(Shape):
    """A part of a scoring table."""

    name: str
    low: Number
    high: Number
    full: Number
    min: Number | None


class ScoreItem(Shape):
    """An item of a scoring table."""

    id: str
    part: str
    says: str
    low: Number
    high: Number
    max: Number
    open: str = Field(description="Why its points are not public; empty where they are.")
    missing: list[FactName]
    basis: list[str]


class Score(Shape):
    """Points as an interval: what is not known, or judged by experts, widens it."""

    low: Number
    high: Number
    pass_mark: Number = Field(alias="pass")
    strict: bool = Field(description="The pass mark itself is not enough.")
    full: Number
    parts: list[ScorePart]
    items: list[ScoreItem]


class HeldOf(Shape):
    """A recognition that was found to be held."""

    id: str
    granted: date | None = None
    expires: date | None = None


Required = bool | int | float | str | list[str] | None
Actual = bool | int | float | str | list[int | float | None] | list[str] | list[HeldOf] | None


class Criterion(Grounded):
    """A leaf of a project's criteria with its finding."""

    id: str
    role: Role
    state: State
    says: str
    instrument: str
    op: str | None
    required: Required
    actual: Actual = Field(description="A number, the two ends of a range, a choice, or the recognitions found.")
    short_by: Number | None
    unit: str | None
    basis: list[str]
    missing: list[FactName]
    reason: str
    score: Score | None


class Preference(Grounded):
    """What is favoured and decides nothing."""

    id: str
    says: str


class Gap(Shape):
    """What is missed, and by how much."""

    id: str
    says: str
    text: str
    clause: str | None


class OpenQuestion(Shape):
    """A fact that would decide."""

    fact: FactName
    label: str


class RuleText(Shape):
    """How much of the rule's text was available."""

    state: Text
    note: str


class Material(Shape):
    """A document of an application."""

    id: str
    item: str
    document: str
    required: bool
    note: str
    years: list[Year]


class Project(Shape):
    """One project's verdict with all that it rests on."""

    id: ProjectId
    name: str
    level: Literal["national", "provincial"]
    verdict: Verdict
    standing: Standing
    review: bool
    reason: str
    held: Held | None
    version: str | None
    instrument: Instrument | None
    kind: Kind
    cycle: Year
    base_year: Year
    score: Score | None
    criteria: list[Criterion]
    preferences: list[Preference]
    gaps: list[Gap]
    judgements_open: list[str]
    questions: list[OpenQuestion]
    window: Window
    channel: str
    authority: str
    notes: list[str]
    checked: date
    next_review: date
    overdue: bool
    text: RuleText | None
    materials: list[Material]


class Node(Shape):
    """A group of criteria with its state."""

    id: str
    says: str
    how: How
    n: int | None
    state: State
    members: list[Node | Criterion]
