"""The interview: a few questions at a time, the most decisive first; and all answers by topic, to look up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assistant.company.answers import is_unknown
from assistant.company.replies import answer
from assistant.delivery.asking import progress, question
from assistant.delivery.fields import Field, field_of, industries, reply
from assistant.delivery.plain import Json
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.questions import Ask, outlook, topic_of
from assistant.web.desk import Desk, OpenDesk
from assistant.web.forms import Form, text_of
from assistant.web.page import LANG, page
from assistant.web.saving import Refusal, query, save, submitted

router = APIRouter()

AT_ONCE = 5  # questions on one page
_LOOKED_AT = 14  # questions among which those of the first one's topic are found
YEARS_SHOWN = 3
ENTERPRISE = ("enterprise.name", "enterprise.uscc")


@router.get("/questions")
def questions(
    request: Request, desk: OpenDesk, skip: str = "", facts: str = "", project: str = "", last: str = ""
) -> Response:
    """Show the questions to answer next, or those that are asked for."""
    desk.require("edit")
    asks = [ask for ask in desk.assessment.asks if not project or project in ask.serves]
    passed = _names(skip)
    chosen = _named(_names(facts), desk) if facts else _next(asks, passed, desk)
    return _page(request, desk, chosen, asks, skip=skip, project=project, last=last)


@router.post("/questions")
def answers(request: Request, desk: OpenDesk, form: Form) -> Response:
    """Take the answers of one page, and go on to the next."""
    desk.require("edit")
    names = [name for name in _names(text_of(form, "names")) if _is_answer(name, desk)]
    skip, project, leave = text_of(form, "skip"), text_of(form, "project"), text_of(form, "do") == "finish"
    replies = _replies(names, form, desk)
    asked = _names(text_of(form, "asked"))
    passed = ",".join(dict.fromkeys((*_names(skip), *asked)))
    onward = (
        f"{desk.base}/"
        if leave
        else f"{desk.base}/questions" + query(skip=passed, project=project, last=",".join(asked))
    )
    response = RedirectResponse(onward, 303)
    if text_of(form, "do") == "skip":
        return response
    refusal = save(request, response, desk, replies, form)
    if refusal is None:
        return response
    chosen = tuple(question_of for name in asked if (question_of := _asked(name, desk)))
    return _page(
        request, desk, chosen, desk.assessment.asks, skip=skip, project=project, form=form, refusal=refusal, names=names
    )


@router.get("/facts")
def facts(request: Request, desk: OpenDesk) -> Response:
    """Show all answers by topic."""
    book, say = desk.site.book, Speaker(desk.site.book, LANG)
    topics = []
    for id_, label in book.dictionary.topics.items():
        rows = _topic_fields(id_, desk, say)
        topics.append((id_, label, rows, sum(any(field.told for field in fields) for fields in rows)))
    held = field_of("recognitions", desk.data, book, say, desk.on)
    return page(request, "facts.html.j2", desk=desk, place="facts", topics=topics, held=held)


@router.get("/facts/{topic}")
def topic(request: Request, desk: OpenDesk, topic: str) -> Response:
    """Show all answers of one topic as a form."""
    desk.require("edit")
    return _topic_page(request, desk, topic)


@router.post("/facts/{topic}")
def topic_answers(request: Request, desk: OpenDesk, topic: str, form: Form) -> Response:
    """Take the answers of one topic."""
    desk.require("edit")
    names = _topic_names(topic, desk)
    replies = _replies(names, form, desk)
    response = RedirectResponse(f"{desk.base}/facts?done=saved#{topic}", 303)
    refusal = save(request, response, desk, replies, form)
    return response if refusal is None else _topic_page(request, desk, topic, form, refusal)


# ---- inside


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name][:400]


def _is_answer(name: str, desk: Desk) -> bool:
    return name in ("recognitions", *ENTERPRISE) or name.partition("[")[0] in desk.site.book.dictionary.facts


def _next(asks: Sequence[Ask], passed: Sequence[str], desk: Desk) -> tuple[Ask, ...]:
    """Return the most decisive question not passed yet, with others of its topic that come soon after it."""
    left = [ask for ask in asks if ask.fact not in passed][:_LOOKED_AT]
    if not left:
        return ()
    of_topic = topic_of(left[0].fact, desk.site.book)
    same = [ask for ask in left if topic_of(ask.fact, desk.site.book) == of_topic]
    if left[0].fact.startswith("recognitions"):
        return tuple(same[:1])
    return tuple(ask for ask in same if not ask.fact.startswith("recognitions"))[:AT_ONCE]


def _named(names: Sequence[str], desk: Desk) -> tuple[Ask, ...]:
    return tuple(ask for name in names if (ask := _asked(name, desk)))


def _asked(name: str, desk: Desk) -> Ask | None:
    """Return the question of that name, one that is not open any more as well."""
    for ask in desk.assessment.asks:
        if ask.fact == name:
            return ask
    base = name.partition(".")[0]
    if base == "recognitions":
        return Ask("recognitions", (), ())
    spec = desk.site.book.dictionary.facts.get(base)
    if spec is None:
        return None
    return Ask(base, _years(desk) if spec.yearly else (), ())


def _years(desk: Desk) -> tuple[int, ...]:
    """Return the fiscal years a form shows: this one, to be estimated, and those closed last, or told of before."""
    this = desk.on.year
    told = [int(year) for section in ("years", "estimates") for year in (desk.data.get(section) or {})]
    return tuple(sorted({*range(this - YEARS_SHOWN, this + 1), *told}, reverse=True))


def _fields(ask: Ask, desk: Desk, say: Speaker) -> list[Field]:
    """Return the fields of one question: one, or one a year."""
    base = ask.fact.partition(".")[0]
    names = [f"{base}[{year}]" for year in ask.years] or [base]
    return [field_of(name, desk.data, desk.site.book, say, desk.on) for name in names]


def _replies(names: Sequence[str], form: Form, desk: Desk) -> dict[str, Any]:
    """Return what a form says of *names*; what it leaves as it was, and blank, is no reply."""
    texts = submitted(form)
    found: dict[str, Any] = {}
    for name in names:
        known = answer(desk.data, name)
        if name in ENTERPRISE:
            raw: Any = (texts.get(name) or [""])[0].strip() or None
        else:
            raw = reply(name, desk.site.book, texts, known)
        if raw != known and not (raw is None and known is None):
            found[name] = raw
    return found


def _page(
    request: Request,
    desk: Desk,
    chosen: Sequence[Ask],
    asks: Sequence[Ask],
    *,
    skip: str,
    project: str,
    last: str = "",
    form: Form | None = None,
    refusal: Refusal | None = None,
    names: Sequence[str] = (),
) -> Response:
    book, say = desk.site.book, Speaker(desk.site.book, LANG)
    shown = [(question(ask, say), _fields(ask, desk, say)) for ask in chosen]
    if form is not None:
        shown = [(one, [_again(field, form, desk) for field in fields]) for one, fields in shown]
    first = not _names(skip) and not project
    inputs = [field.name for _, fields in shown for field in fields]
    return page(
        request,
        "interview.html.j2",
        status=422 if refusal else 200,
        desk=desk,
        place="facts",
        topic=book.dictionary.topics[topic_of(chosen[0].fact, book)] if chosen else "",
        shown=shown,
        left=len([ask for ask in asks if ask.fact not in _names(skip)]),
        progress=progress(outlook(desk.assessment.prospects, desk.on), say),
        names=",".join(inputs + ([*ENTERPRISE] if first or set(ENTERPRISE) & {*names} else [])),
        asked=",".join(ask.fact for ask in chosen),
        who=first or bool(set(ENTERPRISE) & {*names}),
        enterprise=_enterprise(desk, form),
        skip=skip,
        project=book.projects.get(project),
        last=last,
        **_refused(refusal, desk, say),
    )


def _enterprise(desk: Desk, form: Form | None) -> Mapping[str, str]:
    if form is not None and form.get(ENTERPRISE[0]) is not None:
        return {name: text_of(form, name) for name in ENTERPRISE}
    return {name: str(answer(desk.data, name) or "") for name in ENTERPRISE}


def _topic_names(topic: str, desk: Desk) -> list[str]:
    """Return the names of all answers of a topic."""
    if topic == "enterprise":
        return [*ENTERPRISE]
    if topic == "recognitions":
        return ["recognitions"]
    if topic not in desk.site.book.dictionary.topics:
        raise HTTPException(404)
    found: list[str] = []
    for name, spec in desk.site.book.dictionary.facts.items():
        if spec.topic == topic:
            found += [f"{name}[{year}]" for year in _years(desk)] if spec.yearly else [name]
    return found


def _topic_fields(topic: str, desk: Desk, say: Speaker) -> list[list[Field]]:
    """Return the fields of a topic, those of one fact together."""
    rows: dict[str, list[Field]] = {}
    for name in _topic_names(topic, desk):
        made = field_of(name, desk.data, desk.site.book, say, desk.on)
        rows.setdefault(name.partition("[")[0], []).append(made)
    return list(rows.values())


def _topic_page(
    request: Request, desk: Desk, topic: str, form: Form | None = None, refusal: Refusal | None = None
) -> Response:
    book, say = desk.site.book, Speaker(desk.site.book, LANG)
    rows = [] if topic == "enterprise" else _topic_rows(topic, desk, say)
    if form is not None:
        rows = [[_again(field, form, desk) for field in fields] for fields in rows]
    return page(
        request,
        "topic.html.j2",
        status=422 if refusal else 200,
        desk=desk,
        place="facts",
        topic=topic,
        label=book.dictionary.topics.get(topic, ""),
        rows=rows,
        enterprise=_enterprise(desk, form),
        **_refused(refusal, desk, say),
    )


def _topic_rows(topic: str, desk: Desk, say: Speaker) -> list[list[Field]]:
    if topic == "recognitions":
        return [[field_of(topic, desk.data, desk.site.book, say, desk.on)]]
    return _topic_fields(topic, desk, say)


def _again(field: Field, form: Form, desk: Desk) -> Field:
    """Return a field with what was typed into it, so that nothing has to be typed twice."""
    texts = submitted(form)
    name = field.name
    sure = texts.get(f"{name}:sure", [])
    given = texts.get(name, [])
    field = replace(field, unknown="unknown" in sure, none="none" in sure)
    if field.input == "held":
        rows = tuple(
            {
                "id": id_,
                "granted": (texts.get(f"{name}:{id_}:granted") or [""])[0],
                "expires": (texts.get(f"{name}:{id_}:expires") or [""])[0],
            }
            for id_ in given
        )
        return replace(field, rows=rows)
    if field.input == "entries":
        columns = {one.name: texts.get(f"{name}:{one.name}", []) for one in field.columns}
        count = max(map(len, columns.values()), default=0)
        listed = [{key: values[n] for key, values in columns.items() if n < len(values)} for n in range(count)]
        return replace(field, rows=tuple(row for row in listed if any(row.values())))
    if field.input in ("flag", "choice", "choices", "city"):
        return replace(field, chosen=tuple(given))
    text = given[0] if given else ""
    offered = industries(text, desk.site.book.lists) if field.input == "industry" and not is_unknown(text) else ()
    return replace(field, given=text, candidates=offered)


def _refused(refusal: Refusal | None, desk: Desk, say: Speaker) -> Json:
    """Return what a form says of why nothing was saved."""
    found = refusal or Refusal({})
    clashes = [
        {
            "name": one.name,
            "label": say.fact(one.name) if not one.name.startswith("enterprise.") else one.name,
            "theirs": one.theirs,
            "mine": one.mine,
        }
        for one in found.clashes
    ]
    return {
        "wrong": found.problems,
        "clashes": clashes,
        "too_long": found.too_long,
        "refused": refusal is not None,
        "after": desk.version,
    }
