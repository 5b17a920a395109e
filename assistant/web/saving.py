"""Saving (保存): the one way in which a page changes a company's answers.

A draft goes back into its visitor's browser. A saved company gets a new version, made from the newest one: what
somebody else saved meanwhile stays, and where both answered the same thing differently the second is asked. Forms say
what they were made from: a saved company's version, or the draft as it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import HTTPException
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from assistant.company.profile import Profile, read_profile
from assistant.company.replies import LISTS, Clash, Replies, answer, clashes, narrowed, with_replies
from assistant.company.writing import Data, profile_text
from assistant.delivery.wording.conversation import comments
from assistant.errors import BadInput, Problem
from assistant.service.store.records import ProfileVersion
from assistant.service.store.store import Superseded
from assistant.sources import Source, parse
from assistant.web.desk import Desk
from assistant.web.draft import DraftTooLong, draft_of, keep_draft, packed, unpacked

AFTER, BEFORE = "after", "before"  # the fields that say what a form was made from
CLASH, KEEP = "clash", "keep:"  # the answers that two gave, and which one is to be kept: mine, or theirs
_LONGEST = 500  # characters of a text
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True)
class Refusal:
    """Nothing was saved: *problems* by the name of the answer ("" for none in particular), or *clashes* to decide.

    The form is to be shown again as made from *origin*: the newest *data*, with the *replies* that stay to be saved.
    """

    problems: Mapping[str, tuple[Problem, ...]]
    clashes: tuple[Clash, ...]
    data: Data
    replies: Replies
    origin: tuple[str, str]
    by: tuple[ProfileVersion, ...] = ()  # the versions that others saved meanwhile
    too_long: bool = False


def origin(desk: Desk) -> tuple[str, str]:
    """Return the field of a form, name and value, that says what it was made from."""
    return (AFTER, str(desk.version)) if desk.kind == "saved" else (BEFORE, packed(desk.data))


def made_from(desk: Desk, form: FormData) -> Data:
    """Return the answers that a form was made from."""
    if desk.kind != "saved":
        given = form.get(BEFORE)
        return unpacked(given) if isinstance(given, str) else desk.data
    number = _after(desk, form)
    return desk.data if number == desk.version else _parsed(_version(desk, number).content, desk)


def save(request: Request, response: Response, desk: Desk, replies: Replies, form: FormData) -> Refusal | None:
    """Put *replies* into the company's answers; None when that is done.

    *form* says what they were made from, and what was decided where they clash with somebody else's.
    """
    desk.require("edit")
    before = made_from(desk, form)
    if desk.kind == "draft":
        return _into_draft(request, response, desk, before, replies, form)
    after, latest = _after(desk, form), desk.latest
    while True:
        data = _parsed(latest.content, desk)
        mine, open_ones = _decided(before, data, replies, form, desk)
        made = with_replies(data, mine, desk.on)
        profile = read(desk, made)
        if open_ones or isinstance(profile, tuple):
            meanwhile = tuple(one for one in desk.site.store.profiles(desk.company) if one.number > after)
            problems = {} if isinstance(profile, Profile) else _by_name(profile, made, mine)
            return Refusal(problems, open_ones, data, mine, (AFTER, str(latest.number)), by=meanwhile)
        if made == data:
            return None
        try:
            desk.site.store.save_profile(
                desk.company,
                profile_text(made, desk.site.book.dictionary, comments(desk.site.book)),
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


def read(desk: Desk, data: Data) -> Profile | tuple[Problem, ...]:
    """Return the profile that *data* are, or what is wrong with them."""
    try:
        return read_profile(Source("", dict(data)), desk.site.book.dictionary, desk.site.book.lists, desk.on)
    except BadInput as error:
        return error.problems


def _into_draft(
    request: Request, response: Response, desk: Desk, before: Data, replies: Replies, form: FormData
) -> Refusal | None:
    data = draft_of(request)
    mine, open_ones = _decided(before, data, replies, form, desk)
    made = with_replies(data, mine, desk.on)
    profile, made_of = read(desk, made), (BEFORE, packed(data))
    if open_ones or not isinstance(profile, Profile):
        problems = {} if isinstance(profile, Profile) else _by_name(profile, made, mine)
        return Refusal(problems, open_ones, data, mine, made_of)
    try:
        keep_draft(request, response, made)
    except DraftTooLong:
        return Refusal({}, (), data, mine, made_of, too_long=True)
    return None


def _decided(
    before: Data, latest: Data, replies: Replies, form: FormData, desk: Desk
) -> tuple[Replies, tuple[Clash, ...]]:
    """Return the replies to be saved, and those that somebody else gave otherwise and nobody has decided about."""
    mine = narrowed(before, latest, replies)
    kept = {name: form.get(f"{KEEP}{name}") for name in mine}
    mine = {name: raw for name, raw in mine.items() if kept[name] != "theirs"}
    found = {one.name: one for one in clashes(before, latest, mine, desk.on)}
    for name in form.getlist(CLASH):  # told already, and sent again without a decision
        if isinstance(name, str) and name in mine and kept[name] != "mine":
            found[name] = Clash(name, answer(before, name, desk.on), answer(latest, name, desk.on), mine[name])
    return mine, tuple(found.values())


def _after(desk: Desk, form: FormData) -> int:
    """Return the number of the version that a form was made from; the newest where it does not say."""
    given = form.get(AFTER)
    return int(given) if isinstance(given, str) and given.isdecimal() and len(given) < 9 else desk.version


def _version(desk: Desk, number: int) -> ProfileVersion:
    """Return an older version; a number that was never given is a form that nobody was sent."""
    for version in desk.site.store.profiles(desk.company):
        if version.number == number:
            return version
    raise HTTPException(422)


def _parsed(content: str, desk: Desk) -> Data:
    found: Data = parse(content, name=desk.name).data or {}
    return found


def _by_name(problems: tuple[Problem, ...], data: Data, replies: Replies) -> Mapping[str, tuple[Problem, ...]]:
    """Return the mistakes by the reply they belong to; an entry of a list has its place in the problem's."""
    found: dict[str, tuple[Problem, ...]] = {}
    for problem in problems:
        name = _name(problem.place.path, data, replies)
        found[name] = (*found.get(name, ()), problem)
    return found


def _name(path: str, data: Data, replies: Replies) -> str:
    """Return which reply a mistake at *path* (`years.2025.revenue`, `facts.city`) belongs to."""
    section, _, rest = path.partition(".")
    key, _, inner = rest.partition(".")
    names = [section]
    if section in ("years", "estimates"):
        names = [f"{inner.partition('.')[0]}[{key}]"]
    elif section == "facts":
        names = [key]
    elif section == "enterprise":
        names = [path]
    elif section in LISTS and key.isdigit():
        entry = data[section][int(key)]
        names = [f"{section}.{'/'.join(str(entry.get(one)) for one in LISTS[section])}", section]
    return next((name for name in names if name in replies), "")


def submitted(form: FormData) -> dict[str, list[str]]:
    """Return the texts of a form by name, each as one line, files left out."""
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(_CONTROL.sub(" ", value[:_LONGEST]))
    return found


def query(**values: Any) -> str:
    """Return a query string of the values that are something."""
    given = "&".join(f"{name}={quote(str(value), safe=',[]')}" for name, value in values.items() if value)
    return f"?{given}" if given else ""
