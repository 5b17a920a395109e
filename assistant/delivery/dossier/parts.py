"""The parts of a dossier: one for each page, and one for every project."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from assistant.delivery.dossier import calendar, company, plan, project, summary
from assistant.delivery.plain import Json
from assistant.delivery.result import result
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.assessment import Assessment

View = Callable[[Assessment, Json, Speaker], Json]

PROJECT = "project/"  # before a project's id
PARTS: Mapping[str, View] = {
    "company": company.view,
    "summary": summary.view,
    "calendar": calendar.view,
    "plan": plan.view,
    "result": lambda _, data, __: data,
}


def dossier(assessment: Assessment, lang: str = "zh") -> dict[str, Json]:
    """Return what all pages of a company show."""
    data = result(assessment, lang)
    say = Speaker(assessment.rulebook, lang)
    found = {name: view(assessment, data, say) for name, view in PARTS.items()}
    return found | {f"{PROJECT}{id_}": one for id_, one in project.views(assessment, data, say).items()}
