"""Models of the plan: questions, steps, duties, remedies, this year's targets, paths over the years."""

from __future__ import annotations

from datetime import date
from typing import Literal

from assistant.company.facts import Cost, Lever
from assistant.logic.vocabulary import FactKind
from assistant.matching.moves import BlockKind, MoveKind
from assistant.planning.checklist import StepKind
from assistant.planning.closing import When
from assistant.planning.deadlines import Chance
from assistant.planning.path import BindingKind, LegKind
from assistant.planning.upkeep import UpkeepKind
from assistant.web.api.models.verdicts import Day, Days, FactName, Number, ProjectId, Required, Shape, Window, Year


class Question(Shape):
    """A fact to fill in, and what its answer settles."""

    fact: FactName
    label: str
    years: list[Year]
    unit: str | None
    type: FactKind | None
    choices: list[str]
    multiple: bool
    question: str
    help: str
    evidence: str
    cost: Cost
    topic: str
    serves: list[ProjectId]
    why: str
    settles: list[ProjectId]
    rules_out: list[ProjectId]
    expected: Number
    after_gap: bool
    vague: bool


class NamedProject(Shape):
    """A project by id and name."""

    id: ProjectId
    name: str


class Proof(Shape):
    """A criterion that a step serves."""

    project: ProjectId
    criterion: str
    clause: str | None


class Step(Shape):
    """One thing to do."""

    key: str
    kind: StepKind
    title: str
    note: str
    due: date | None
    by: Literal["begin", "done"]
    late: bool
    chance: Chance
    estimated: bool
    not_before: date | None
    serves: list[NamedProject]
    criteria: list[Proof]
    years: list[Year]


class Duty(Shape):
    """One thing that a holder owes."""

    key: str
    kind: UpkeepKind
    project: ProjectId
    name: str
    due: date
    text: str
    clause: str | None


class LeverOf(Shape):
    """Who can move a fact."""

    kind: Lever
    label: str


class Move(Shape):
    """One thing to change."""

    kind: MoveKind
    subject: str
    year: Year | None
    target: Required | list[int | float | None]
    actual: Required | list[int | float | None]
    lever: LeverOf
    lead_days: int | None
    late: bool
    text: str


class Block(Shape):
    """What stands in the way."""

    kind: BlockKind
    subject: str
    text: str


class Points(Shape):
    """Points to win in a scoring."""

    item: str
    says: str
    points: Number | list[Number]


class Earliest(Shape):
    """When a failed criterion can be met at the earliest."""

    when: When
    date: Day | None
    cycle: Year | None
    text: str


class Closing(Shape):
    """How a failed criterion is closed."""

    criterion: str
    levers: list[LeverOf]
    moves: list[Move]
    blocks: list[Block]
    earliest: Earliest


class Remedy(Shape):
    """The cheapest way to be eligible in the cycle."""

    cycle: Year
    possible: bool
    criteria: list[str]
    moves: list[Move]
    blocks: list[Block]
    steps: list[Points]
    text: str
    closings: list[Closing]


class TargetOf(Shape):
    """What one project asks of a figure."""

    project: ProjectId
    name: str
    criterion: str
    says: str
    clause: str | None
    op: Literal[">=", "<="]
    level: Number
    short_by: Number | None
    short: str
    text: str


class Target(Shape):
    """One figure of one year, and what projects ask of it."""

    fact: FactName
    label: str
    year: Year
    unit: str | None
    least: Number | None
    most: Number | None
    expected: Number | list[Number | None] | None
    assumed: bool
    short_by: Number | None
    conflict: bool
    required: str
    at_hand: str
    short: str
    text: str
    targets: list[TargetOf]


class Binding(Shape):
    """Why it cannot be earlier."""

    kind: BindingKind
    text: str


class Need(Shape):
    """What must be so by then."""

    text: str
    due: date | None


class Leg(Shape):
    """One recognition on a path."""

    project: ProjectId
    name: str
    kind: LegKind
    cycle: Year
    window: Window
    granted: Days | None
    grant_estimated: bool
    valid_until: date | None
    renewals: list[date]
    held_until: date | None
    after: list[ProjectId]
    binding: Binding
    needs: list[Need]
    needs_text: list[str]
    trend: list[str]
    questions: list[str]
    judged: int
    certain: bool
    target: bool
    text: str


class Path(Shape):
    """The way to a recognition, prerequisites first."""

    target: ProjectId
    name: str
    reachable: bool
    year: Year | None
    text: str
    binding: Binding
    conflicts: list[list[str]]
    legs: list[Leg]
