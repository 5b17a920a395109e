"""The interview: a few questions at a time, the most decisive first; one may skip, go back, and stop at any time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assistant.delivery.asking import progress, question
from assistant.delivery.fields import HELD
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.questions import Ask, outlook, settled_by, topic_of
from assistant.planning.questions import questions as ranked
from assistant.web.desk import Desk, OpenDesk
from assistant.web.forms import Form, text_of
from assistant.web.page import LANG, page
from assistant.web.saving import Refusal, query, save
from assistant.web.sheet import ENTERPRISE, fields, names_of, remarks, replies_of, told, years_of

router = APIRouter()

AT_ONCE = 5  # questions on one page
_LOOKED_AT = 14  # questions among which those of the first one's topic are found
_MOST = 20_000  # characters of a list of names
_NEXT_PAGE = "~"  # between the pages that lie behind the visitor, whose questions have commas between them


@router.get("/questions")
def questions(
    request: Request, desk: OpenDesk, skip: str = "", facts: str = "", project: str = "", settled: str = ""
) -> Response:
    """Show the questions to answer next, or those that are asked for."""
    desk.require("edit")
    asks = _open(desk, project)
    chosen = _named(facts, desk) if facts else _next(asks, _pages(skip), desk)
    return _page(request, desk, chosen, asks, skip=skip, project=project, settled=settled, named=bool(facts))


@router.post("/questions")
def answers(request: Request, desk: OpenDesk, form: Form) -> Response:
    """Take the answers of one page, and go on to the next."""
    desk.require("edit")
    asked, skip, project = (text_of(form, name, _MOST) for name in ("asked", "skip", "project"))
    if text_of(form, "do") == "finish":
        onward = f"{desk.base}/projects/{project}" if project in desk.site.book.projects else f"{desk.base}/"
    else:
        passed = _NEXT_PAGE.join(part for part in (skip, asked) if part)
        onward = f"{desk.base}/questions" + query(skip=passed, project=project, settled=text_of(form, "settled", 4))
    response = RedirectResponse(onward, 303)
    names = names_of(text_of(form, "names", _MOST), desk)
    refusal = save(request, response, desk, replies_of(names, desk, form), form)
    if refusal is None:
        return response
    return _page(
        request,
        desk,
        _named(asked, desk),
        _open(desk, project),
        skip=skip,
        project=project,
        names=names,
        refusal=refusal,
    )


# ---- inside


def _pages(skip: str) -> list[list[str]]:
    """Return what was asked on the pages that lie behind the visitor."""
    return [names for part in skip.split(_NEXT_PAGE) if (names := [name for name in part.split(",") if name])]


def _open(desk: Desk, project: str) -> tuple[Ask, ...]:
    """Return the open questions, all of them or those that a project waits for."""
    if not project:
        return desk.assessment.asks
    mine = [prospect for prospect in desk.assessment.prospects if prospect.match.project.id == project]
    return ranked(mine, desk.site.book)


def _left(asks: Sequence[Ask], passed: Sequence[Sequence[str]]) -> list[Ask]:
    """Return the questions not asked yet; of a figure the years that were not."""
    known = {name for names in passed for name in names}
    found = []
    for ask in asks:
        years = tuple(year for year in ask.years if f"{ask.fact}[{year}]" not in known)
        if years or (not ask.years and ask.fact not in known):
            found.append(replace(ask, years=years))
    return found


def _next(asks: Sequence[Ask], passed: Sequence[Sequence[str]], desk: Desk) -> tuple[Ask, ...]:
    """Return the most decisive question not passed yet, with others of its topic that come soon after it."""
    left = _left(asks, passed)[:_LOOKED_AT]
    if not left:
        return ()
    if left[0].fact == HELD:
        return (left[0],)
    of_topic = topic_of(left[0].fact, desk.site.book)
    same = [ask for ask in left if topic_of(ask.fact, desk.site.book) == of_topic and ask.fact != HELD]
    return tuple(same[:AT_ONCE])


def _named(facts: str, desk: Desk) -> tuple[Ask, ...]:
    """Return the questions of these names, those that are not open any more as well."""
    known, spans = {ask.fact: ask for ask in desk.assessment.asks}, dict[str, list[int]]()
    for name in facts.split(","):
        fact, _, year = name.partition("[")
        base = fact.partition(".")[0]
        spec = desk.site.book.dictionary.facts.get(base)
        if fact == HELD or (base == HELD and names_of(fact, desk)) or (spec and not spec.derived):
            of_fact = spans.setdefault(fact, [])
            if spec and spec.yearly:
                of_fact += [int(year[:-1])] if names_of(name, desk) else years_of(desk)
    return tuple(
        replace(known.get(fact) or Ask(fact, (), ()), years=tuple(dict.fromkeys(years)))
        for fact, years in spans.items()
    )


def _inputs(ask: Ask) -> list[str]:
    """Return the names of the answers that a question asks for; that about an entry of a list, for the list."""
    base = ask.fact.partition(".")[0]
    return [ask.fact] if base == HELD else [f"{base}[{year}]" for year in ask.years] or [base]


def _page(
    request: Request,
    desk: Desk,
    chosen: Sequence[Ask],
    asks: Sequence[Ask],
    *,
    skip: str,
    project: str,
    settled: str = "",
    named: bool = False,
    names: Sequence[str] = (),
    refusal: Refusal | None = None,
) -> Response:
    book, say = desk.site.book, Speaker(desk.site.book, LANG)
    behind = _pages(skip)
    who = (not behind and not named and not project and not desk.name) or ENTERPRISE[0] in names
    known = outlook(desk.assessment.prospects, desk.on)
    inputs = [name for ask in chosen for name in _inputs(ask)]
    back = (
        query(facts=",".join(behind[-1]), skip=_NEXT_PAGE.join(map(",".join, behind[:-1])), project=project)
        if behind
        else ""
    )
    return page(
        request,
        "interview.html.j2",
        status=422 if refusal else 200,
        desk=desk,
        place="facts",
        topic=book.dictionary.topics[topic_of(chosen[0].fact, book)] if chosen else "",
        shown=[(question(ask, say), fields(_inputs(ask), desk, refusal)) for ask in chosen],
        who=fields(ENTERPRISE, desk, refusal) if who else (),
        asked=",".join(name for ask in chosen for name in ask.names),
        left=len(_left(asks, behind)),
        promised=settled_by(chosen, desk.assessment.prospects),
        progress=progress(known, say),
        gained=known.settled - int(settled) if settled.isascii() and settled.isdigit() else 0,
        remarks=remarks(desk, [*behind[-1], *ENTERPRISE]) if behind and not refusal else (),
        skip=skip,
        back=back,
        project=book.projects.get(project),
        **told(desk, [*(ENTERPRISE if who else ()), *inputs], refusal),
    )
