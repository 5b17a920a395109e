"""Operations on what follows from a company's profile: the result, one project of it, questions, paths."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query
from starlette.responses import Response

from assistant.company.changes import seen_on
from assistant.delivery.asking import questionnaire
from assistant.delivery.plan import path as path_data
from assistant.delivery.plan import remedy
from assistant.delivery.result import enterprise, result, tree_of
from assistant.delivery.result import project as project_data
from assistant.planning.assessment import Assessment, assess
from assistant.planning.path import paths
from assistant.planning.questions import questions
from assistant.web.api.answers import OF_A_COMPANY, Asked, ForApplication, ForProjects, Plainly, answer, refusals
from assistant.web.api.companies import Papers
from assistant.web.api.models.results import Explained, Paths, Questionnaire, Result
from assistant.web.desk import Desk

router = APIRouter(prefix="/companies/{company}", tags=["results"])

ProjectId = Annotated[str, Path(description="The id of a project.", max_length=100)]


@router.get("/result", response_model=Result, responses=refusals(*OF_A_COMPANY))
def get_result(desk: Papers, asked: ForProjects) -> Response:
    """The whole result: verdicts, questions, steps, remedies, targets, paths."""
    if asked.is_plain:
        return answer(desk.part("result"))
    return answer(result(assessed(desk, asked), asked.lang))


@router.get("/result/projects/{project}", response_model=Explained, responses=refusals(*OF_A_COMPANY))
def get_result_of_project(
    desk: Papers,
    project: ProjectId,
    asked: ForApplication,
) -> Response:
    """One project's verdict with its tree of criteria and the cheapest way to be eligible."""
    if project not in asked.site.book.projects:
        raise HTTPException(404)
    prospect = assessed(desk, replace(asked, projects=(project,))).prospects[0]
    tree = tree_of(prospect.match.tree, prospect, asked.say) if prospect.match.tree else None
    closed = remedy(prospect, asked.say) if prospect.gaps and prospect.remedy else None
    return answer({**project_data(prospect, asked.say), "tree": tree, "remedy": closed})


@router.get("/questions", response_model=Questionnaire, responses=refusals(*OF_A_COMPANY))
def get_questions(
    desk: Papers,
    asked: ForProjects,
    limit: Annotated[int, Query(ge=1, le=500, description="How many at most.")] = 20,
    every: Annotated[bool, Query(alias="all", description="For projects without a round to come as well.")] = False,
) -> Response:
    """Which blanks to fill next, the most useful first."""
    assessment = assessed(desk, asked)
    chosen = assessment.prospects
    worth = chosen if every or asked.projects else tuple(one for one in chosen if one.is_due(asked.on))
    return answer(questionnaire(assessment, worth, questions(worth, asked.site.book), limit, asked.say))


@router.get("/path/{target}", response_model=Paths, responses=refusals(*OF_A_COMPANY))
def get_path(
    desk: Papers,
    target: ProjectId,
    asked: Plainly,
) -> Response:
    """The way to a recognition over the years: its earliest year, what comes before, what binds it."""
    if target not in asked.site.book.projects:
        raise HTTPException(404)
    assessment = assessed(desk, replace(asked, projects=(target,)))
    found = [path_data(one, asked.say) for one in paths(assessment.horizon, [target])]
    return answer({"on": asked.on, "enterprise": enterprise(assessment.profile), "paths": found})


def assessed(desk: Desk, asked: Asked) -> Assessment:
    """Return the assessment of the newest version of the profile, as asked for."""
    profile = desk.profile if asked.on >= desk.on else seen_on(desk.profile, asked.on)
    return assess(
        asked.site.matcher,
        profile,
        asked.on,
        cycle=asked.cycle,
        kind=asked.kind,
        projects=asked.projects,
        announcements=desk.announcements,
    )
