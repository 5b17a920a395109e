"""A project's page: every criterion with what was found, the way to eligibility, the round, papers and duties."""

from __future__ import annotations

from assistant.delivery.asking import question
from assistant.delivery.dossier.values import plainly
from assistant.delivery.layout import bases, outline
from assistant.delivery.new_rules import new_rules
from assistant.delivery.pages import project_pages
from assistant.delivery.plain import Json
from assistant.delivery.shortages import gap_view
from assistant.delivery.wording.routes import leg_needs
from assistant.delivery.wording.speaker import Speaker
from assistant.logic.tree import figures
from assistant.planning.assessment import Assessment
from assistant.planning.questions import questions
from assistant.rulebook.requirement import leaves


def views(assessment: Assessment, data: Json, say: Speaker) -> dict[str, Json]:
    """Return the values of every project's page, by project."""
    entries = {entry["id"]: entry for entry in data["projects"]}
    pages = project_pages(assessment, {**data, "questions": [*data["questions"], *_unhurried(assessment, data, say)]})
    changes = new_rules(assessment, say)
    found: dict[str, Json] = {}
    for prospect in assessment.prospects:
        id_ = prospect.match.project.id
        entry = entries[id_]
        made: Json = plainly(
            {
                "on": assessment.on,
                "project": entry,
                "outline": outline(prospect.match.tree),
                "gaps": [gap_view(gap, prospect.way(gap), entry, say) for gap in prospect.gaps],
                "bases": bases(entry, say),
                "page": pages[id_],
                "remedy": data["remedies"].get(id_),
                "aims": _aims(id_, data),
                "change": changes.get(id_),
                "evidence": _evidence(assessment, id_, say),
                "judgements": [one for one in assessment.profile.judgements if one.project == id_],
                "labels": _labels(entry, say),
                "path": _path(id_, data, say),
            }
        )
        found[id_] = made
    return found


def _unhurried(assessment: Assessment, data: Json, say: Speaker) -> list[Json]:
    """Return the questions that only projects without a round to come wait for: nobody is asked them unasked."""
    known = {one["fact"] for one in data["questions"]}
    waiting = [prospect for prospect in assessment.prospects if not prospect.is_due(assessment.on)]
    asks = questions(waiting, assessment.rulebook)
    return [question(ask, say) for ask in asks if ask.fact not in known]


def _aims(id_: str, data: Json) -> list[Json]:
    """Return what this year's figures must show for one project."""
    return [
        {"label": aim["label"], "year": aim["year"], **one}
        for aim in data["targets"]
        for one in aim["targets"]
        if one["project"] == id_
    ]


def _labels(entry: Json, say: Speaker) -> dict[str, str]:
    """Return what the facts are called that items of scores wait for."""
    scores = [one["score"] for one in entry["criteria"] if one["score"]]
    return {name: say.fact(name) for score in scores for item in score["items"] for name in item["missing"]}


def _path(id_: str, data: Json, say: Speaker) -> Json | None:
    """Return the way to a project over others; None where the next application is all of it."""
    path = next((one for one in data["paths"] if one["target"] == id_), None)
    if path is None or len(path["legs"]) == 1:
        return None
    legs = [
        {"project": leg["project"], "text": leg["text"] or leg["name"], "needs": leg_needs(leg, say)}
        for leg in path["legs"]
    ]
    return {"text": path["text"], "legs": legs}


def _evidence(assessment: Assessment, id_: str, say: Speaker) -> dict[str, list[str]]:
    """Return where the facts that each criterion reads are found."""
    version = next(one.match.version for one in assessment.prospects if one.match.project.id == id_)
    if version is None:
        return {}
    found: dict[str, list[str]] = {}
    for criterion in leaves(version.root):
        names = [figure.name for figure in figures(criterion.test)] if criterion.test is not None else []
        specs = [say.rulebook.dictionary.facts[name] for name in names if name in say.rulebook.dictionary.facts]
        found[criterion.id] = list(dict.fromkeys(spec.evidence for spec in specs if spec.evidence))
    return {name: listed for name, listed in found.items() if listed}
