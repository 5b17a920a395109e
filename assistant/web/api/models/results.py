"""The models (模型) describe the result object field by field, so that OpenAPI says what a program gets.

They describe and do not build: the objects come from `delivery.result`, and a test holds every sample against them.
"""

from __future__ import annotations

from datetime import date

from assistant.web.api.models.plans import Duty, Path, Question, Remedy, Step, Target
from assistant.web.api.models.verdicts import Criterion, Enterprise, Node, Project, ProjectId, RulebookVersion, Shape


class Matches(Shape):
    """The verdicts: the object of `assistant match --format json`."""

    on: date
    enterprise: Enterprise
    rulebook: RulebookVersion
    projects: list[Project]


class Result(Matches):
    """All that is known of a company on a day: the object of `assistant report`."""

    ranked: list[ProjectId]
    due: list[ProjectId]
    questions: list[Question]
    steps: list[Step]
    upkeep: list[Duty]
    remedies: dict[ProjectId, Remedy]
    targets: list[Target]
    paths: list[Path]
    remarks: list[str]


class Explained(Project):
    """One project's verdict as a tree of criteria, with the cheapest way: the object of `assistant explain`."""

    tree: Node | Criterion | None
    remedy: Remedy | None


class Progress(Shape):
    """How many projects can be judged already."""

    projects: int
    settled: int
    live: int
    live_settled: int
    text: str


class Questionnaire(Shape):
    """What to ask next: the object of `assistant questions`."""

    on: date
    enterprise: Enterprise
    progress: Progress
    count: int
    settled_by_shown: int
    settled_by_all: int
    promise: str
    questions: list[Question]


class Paths(Shape):
    """Ways to recognitions: the object of `assistant path`."""

    on: date
    enterprise: Enterprise
    paths: list[Path]
