"""Operations that need no company: the rules, the dictionary, windows, and verdicts on a profile that is not kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query
from starlette.responses import Response

from assistant.company.answers import AnswerError, read_answer
from assistant.dates import add_months
from assistant.delivery.plain import window
from assistant.delivery.result import matches, result
from assistant.delivery.statutes import fact, statute, summary
from assistant.errors import BadInput, Place, Problem
from assistant.planning.assessment import Assessment, assess
from assistant.planning.windows import next_window
from assistant.web.api.answers import (
    OF_A_BODY,
    OF_A_COMPANY,
    Asked,
    ForProjects,
    InLanguage,
    Plainly,
    answer,
    refusals,
    takes,
)
from assistant.web.api.body import Body, Sent, profile_in
from assistant.web.api.caller import Caller
from assistant.web.api.models.companies import Profile
from assistant.web.api.models.results import Matches, Result
from assistant.web.api.models.rules import Facts, Statute, Summaries, Windows
from assistant.web.api.problems import QUERY

router = APIRouter(tags=["rules"])

ProjectId = Annotated[str, Path(description="The id of a project.", max_length=100)]


@router.get("/projects", response_model=Summaries, responses=refusals())
def list_projects(caller: Caller, asked: InLanguage) -> Response:
    """All projects in the order of the rulebook."""
    del caller
    book = asked.site.book
    listed = [summary(one, asked.say) for one in book.projects.values()]
    return answer({"version": book.version, "digest": book.digest, "projects": listed})


@router.get("/projects/{project}", response_model=Statute, responses=refusals(*OF_A_COMPANY))
def get_project(caller: Caller, project: ProjectId, asked: Plainly) -> Response:
    """What a project's rules say: every version with its criteria, past rounds, the next window."""
    del caller
    found = asked.site.book.projects.get(project)
    if found is None:
        raise HTTPException(404)
    return answer(statute(found, asked.on, asked.say, asked.site.store.announcements()))


@router.get("/facts", response_model=Facts, responses=refusals())
def list_facts(caller: Caller, asked: InLanguage) -> Response:
    """The dictionary of facts: what a profile may say, in the order in which it is asked."""
    del caller
    return answer({"facts": [fact(one, asked.say) for one in asked.site.book.dictionary.facts.values()]})


@router.get("/windows", response_model=Windows, responses=refusals())
def list_windows(
    caller: Caller,
    asked: Plainly,
    months: Annotated[int, Query(ge=1, le=60, description="How many months ahead.")] = 18,
    city: Annotated[str | None, Query(max_length=40, description="Whose city's deadlines, by name or code.")] = None,
) -> Response:
    """When each project takes applications next, and what that rests on."""
    del caller
    book, official = asked.site.book, asked.site.store.announcements()
    whose = None if city is None else _city(city, asked)
    until = add_months(asked.on, months)
    listed = []
    for project in book.projects.values():
        found = next_window(project, asked.on, city=whose, announcements=official)
        if found.opens is None or found.opens.earliest <= until:
            name = asked.say.pick(project.name, project.en)
            listed.append({"id": project.id, "name": name, "window": window(found, asked.say)})
    return answer({"on": asked.on, "months": months, "windows": listed})


def _city(name: str, asked: Asked) -> str:
    book = asked.site.book
    try:
        return str(read_answer(name, book.dictionary.spec("city"), book.lists, asked.on))
    except AnswerError as error:
        raise BadInput([Problem(error.code, Place(QUERY, 0, "city"), error.params)]) from None


@router.post("/match", response_model=Matches, responses=refusals(*OF_A_BODY), openapi_extra=takes(Profile))
def match_profile(caller: Caller, asked: ForProjects, body: Sent) -> Response:
    """The verdict for every project on the profile in the body; nothing of it is kept."""
    del caller
    return answer(matches(_assessed(body, asked), asked.say))


@router.post("/assess", response_model=Result, responses=refusals(*OF_A_BODY), openapi_extra=takes(Profile))
def assess_profile(caller: Caller, asked: ForProjects, body: Sent) -> Response:
    """The verdicts with questions, steps, remedies, targets and paths; nothing of the profile is kept."""
    del caller
    return answer(result(_assessed(body, asked), asked.lang))


def _assessed(body: Body, asked: Asked) -> Assessment:
    profile = profile_in(body, asked.site.book, asked.on)
    return assess(
        asked.site.matcher,
        profile,
        asked.on,
        cycle=asked.cycle,
        kind=asked.kind,
        projects=asked.projects,
        announcements=asked.site.store.announcements(),
    )
