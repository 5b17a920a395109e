"""A project page shows one project in full: what it needs beside the result are questions, papers, duties and days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from assistant.delivery.holdings import Owed, owed, promised
from assistant.delivery.plain import Json
from assistant.planning.assessment import Assessment
from assistant.planning.prospect import Prospect


class Asked(NamedTuple):
    """A question that a project waits for, and the criteria that the answer decides."""

    question: Json
    years: tuple[int, ...]
    decides: tuple[Json, ...]


class Paper(NamedTuple):
    """A paper of the application, and the step that says when to begin with it."""

    material: Json
    step: Json | None


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """What one project's page shows beside its result.

    *matters*: it can be applied for, or nearly, in a round to come. *opens_in*, *closes_in*: days until the earliest
    opening and closing that are still to come.
    """

    matters: bool
    opens_in: int | None
    closes_in: int | None
    asked: tuple[Asked, ...]
    papers: tuple[Paper, ...]
    duties: tuple[Owed, ...]


def project_pages(assessment: Assessment, data: Json) -> dict[str, ProjectPage]:
    """Return the pages of the assessment's projects, with the words of its result *data*."""
    entries = {entry["id"]: entry for entry in data["projects"]}
    questions = {question["fact"]: question for question in data["questions"]}
    begins = _begins(assessment, data)
    return {
        prospect.match.project.id: _page(prospect, entries[prospect.match.project.id], questions, begins, assessment)
        for prospect in assessment.prospects
    }


def _page(
    prospect: Prospect,
    entry: Json,
    questions: Mapping[str, Json],
    begins: Mapping[tuple[str, str], Json],
    assessment: Assessment,
) -> ProjectPage:
    window, on, id_ = prospect.window, assessment.on, entry["id"]
    held = prospect.match.held is not None
    return ProjectPage(
        prospect.standing in ("ready", "near") and prospect.is_due(on),
        _until(window.opens.earliest if window.opens else None, on),
        _until(window.closes.earliest if window.closes else None, on),
        tuple(_asked(entry, questions)),
        tuple(_papers(entry, begins)),
        tuple(owed(id_, assessment) if held else promised(prospect.match.project, on)),
    )


def _until(day: date | None, on: date) -> int | None:
    return (day - on).days if day and day > on else None


def _begins(assessment: Assessment, data: Json) -> dict[tuple[str, str], Json]:
    """Return the step that prepares a document for a project, by project and document."""
    words = {step["key"]: step for step in data["steps"]}
    return {
        (id_, step.subject): words[step.key]
        for step in assessment.steps
        if step.kind == "prepare"
        for id_ in step.serves
    }


def _papers(entry: Json, begins: Mapping[tuple[str, str], Json]) -> list[Paper]:
    """Return the papers, those to begin with first."""
    papers = [Paper(material, begins.get((entry["id"], material["document"]))) for material in entry["materials"]]
    return sorted(papers, key=lambda paper: (paper.step and paper.step["due"]) or "9999")


def _asked(entry: Json, questions: Mapping[str, Json]) -> Iterator[Asked]:
    """Yield the questions a project waits for, each once, with its years."""
    names: dict[str, list[str]] = {}
    for one in entry["questions"]:
        names.setdefault(one["fact"].partition("[")[0], []).append(one["fact"])
    for fact, wanted in names.items():
        if fact in questions:
            decides = [one for one in entry["criteria"] if one["state"] == "unknown" and {*wanted} & {*one["missing"]}]
            yield Asked(questions[fact], _years(wanted), tuple(decides))


def _years(names: Sequence[str]) -> tuple[int, ...]:
    return tuple(sorted({int(name[name.index("[") + 1 : -1]) for name in names if name.endswith("]")}, reverse=True))
