"""Saving (保存): the one way in which a page changes a company's answers.

A draft goes back into its visitor's browser. A saved company gets a new version, made from the newest one: what
somebody else saved meanwhile stays, and where both answered the same thing differently the second is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import HTTPException
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from assistant.company.profile import Profile, read_profile
from assistant.company.replies import Clash, Replies, clashes, with_replies
from assistant.company.writing import Data, profile_text
from assistant.delivery.wording.conversation import comments
from assistant.errors import BadInput, Problem
from assistant.service.store.store import Superseded
from assistant.sources import Source, parse
from assistant.web.desk import Desk
from assistant.web.draft import DraftTooLong, draft_of, keep_draft

MINE = "mine"  # the field that names the answers to keep although somebody else gave others


@dataclass(frozen=True)
class Refusal:
    """Nothing was saved: *problems* by the name of the answer ("" for none in particular), or *clashes* to decide."""

    problems: Mapping[str, tuple[Problem, ...]]
    clashes: tuple[Clash, ...] = ()
    too_long: bool = False


def save(request: Request, response: Response, desk: Desk, replies: Replies, form: FormData) -> Refusal | None:
    """Put *replies* into the company's answers; None when that is done.

    *form* says from which version they were given (`after`), and which clashes were decided for the visitor's own.
    """
    desk.require("edit")
    if desk.kind == "draft":
        return _into_draft(request, response, desk, replies)
    latest = desk.latest
    given = str(form.get("after", ""))
    after = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else latest.number
    decided = {str(name) for name in form.getlist(MINE)}
    while True:
        data: Data = parse(latest.content, name=desk.name).data or {}
        if after != latest.number:
            found = clashes(_version(desk, after), data, replies)
            open_ones = tuple(one for one in found if one.name not in decided)
            if open_ones:
                return Refusal({}, open_ones)
        made = with_replies(data, replies, desk.on)
        profile = checked(desk, made, replies)
        if isinstance(profile, Refusal):
            return profile
        text = profile_text(made, desk.site.book.dictionary, comments(desk.site.book))
        try:
            desk.site.store.save_profile(
                desk.company,
                text,
                who=desk.visitor.name,
                at=desk.site.clock(),
                name=profile.name,
                uscc=profile.uscc,
                after=latest.number,
            )
        except Superseded as error:
            latest = error.latest
        else:
            return None


def checked(desk: Desk, data: Data, replies: Replies) -> Profile | Refusal:
    """Return the profile that *data* are, or what is wrong with which of the *replies*."""
    try:
        return read_profile(Source("", dict(data)), desk.site.book.dictionary, desk.site.book.lists, desk.on)
    except BadInput as error:
        found: dict[str, tuple[Problem, ...]] = {}
        for problem in error.problems:
            name = _name(problem.place.path, replies)
            found[name] = (*found.get(name, ()), problem)
        return Refusal(found)


def _into_draft(request: Request, response: Response, desk: Desk, replies: Replies) -> Refusal | None:
    made = with_replies(draft_of(request), replies, desk.on)
    profile = checked(desk, made, replies)
    if isinstance(profile, Refusal):
        return profile
    try:
        keep_draft(request, response, made)
    except DraftTooLong:
        return Refusal({}, too_long=True)
    return None


def _version(desk: Desk, number: int) -> Data:
    """Return an older version's data; a number that was never given is a form that nobody was sent."""
    for version in desk.site.store.profiles(desk.company):
        if version.number == number:
            found: Data = parse(version.content, name=desk.name).data or {}
            return found
    raise HTTPException(422)


def _name(path: str, replies: Replies) -> str:
    """Return which reply a mistake at *path* (`years.2025.revenue`, `facts.city`) belongs to."""
    section, _, rest = path.partition(".")
    if section in ("years", "estimates"):
        year, _, fact = rest.partition(".")
        name = f"{fact}[{year}]"
    elif section == "facts":
        name = rest.partition(".")[0]
    elif section == "enterprise":
        name = path
    else:
        name = section
    return name if name in replies else ""


def submitted(form: FormData) -> dict[str, list[str]]:
    """Return the texts of a form by name, files left out."""
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value[:4000])
    return found


def query(**values: Any) -> str:
    """Return a query string of the values that are something."""
    given = "&".join(f"{name}={quote(str(value), safe=',[]')}" for name, value in values.items() if value)
    return f"?{given}" if given else ""
