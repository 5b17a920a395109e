"""A sheet (答卷) is the fields of a form by name: shown, filled in again after a refusal, and read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.datastructures import FormData

from assistant.company.handwriting import industries
from assistant.company.profile import Profile
from assistant.company.replies import LISTS, Clash, Replies, answer, with_replies
from assistant.company.writing import Data
from assistant.delivery.fields import HELD, Field, field_of, refilled, reply
from assistant.delivery.plain import Json
from assistant.delivery.wording.problems import problem_text
from assistant.delivery.wording.speaker import Speaker
from assistant.errors import Problem
from assistant.web.desk import Desk
from assistant.web.page import LANG
from assistant.web.saving import CLASH, KEEP, Refusal, made_from, origin, read, submitted

ENTERPRISE = ("enterprise.name", "enterprise.uscc")
YEARS_SHOWN = 3
_MOST = 400  # names of one form
_YEAR = re.compile(r"(\w+)\[((?:19|20)[0-9]{2})\]")


def names_of(text: str, desk: Desk) -> list[str]:
    """Return the answers that a form says it has, those that there are."""
    return [name for name in dict.fromkeys(text.split(",")[:_MOST]) if _is_answer(name, desk)]


def _is_answer(name: str, desk: Desk) -> bool:
    section, _, entry = name.partition(".")
    if name in ENTERPRISE or name == HELD:
        return True
    if section == HELD:
        return entry in desk.site.book.lists.recognitions
    yearly = _YEAR.fullmatch(name)
    spec = desk.site.book.dictionary.facts.get(yearly[1] if yearly else name)
    return spec is not None and not spec.derived and spec.yearly == bool(yearly)


def years_of(desk: Desk) -> tuple[int, ...]:
    """Return the fiscal years a form shows: this one, to be estimated, and those closed last, or told of before."""
    this = desk.on.year
    told = [int(year) for section in ("years", "estimates") for year in (desk.data.get(section) or {})]
    return tuple(sorted({*range(this - YEARS_SHOWN, this + 1), *told}, reverse=True))


def fields(names: Iterable[str], desk: Desk, refusal: Refusal | None = None) -> list[Field]:
    """Return the fields to be shown: the newest answers, and after a refusal those that were not saved."""
    data = with_replies(refusal.data, refusal.replies, desk.on) if refusal else desk.data
    book, say = desk.site.book, Speaker(desk.site.book, LANG)
    return [field_of(name, data, book, say, desk.on) for name in names]


def replies_of(names: Iterable[str], desk: Desk, form: FormData) -> Replies:
    """Return what a form answers otherwise than it stood there before."""
    book, say, texts = desk.site.book, Speaker(desk.site.book, LANG), submitted(form)
    before = made_from(desk, form)
    found: dict[str, Any] = {}
    for name in names:
        known, one = answer(before, name, desk.on), field_of(name, before, book, say, desk.on)
        raw = reply(one, refilled(one, texts), known, book)
        if raw != known:
            found[name] = raw
    return found


def told(desk: Desk, names: Iterable[str], refusal: Refusal | None) -> Json:
    """Return what a form says of itself: what it has, what it was made from, and why nothing was saved."""
    say, names = Speaker(desk.site.book, LANG), list(names)
    wrong = _mistakes(refusal.problems, say) if refusal else {}
    return {
        "names": ",".join(names),
        "origin": refusal.origin if refusal else origin(desk),
        "refused": refusal is not None,
        "wrong": wrong,
        "marked": [(name, _label(name, say)) for name in names if name in wrong],
        "clashes": [_clash(one, refusal.data, desk, say) for one in refusal.clashes] if refusal else [],
        "by": refusal.by if refusal else (),
        "too_long": bool(refusal and refusal.too_long),
        "clash_field": CLASH,
        "keep_field": KEEP,
        "suggested": lambda text: industries(text, desk.site.book.lists),
    }


def remarks(desk: Desk, names: Iterable[str] | None = None) -> list[str]:
    """Return what can hardly be right in the answers, or in those of *names* only: nothing is refused for it.

    Of answers that cannot be used any more, since the dictionary has changed: why.
    """
    wanted = None if names is None else {name.partition("[")[0] for name in names}
    profile = read(desk, desk.data)
    return [
        problem_text(one.code, dict(one.params), LANG)
        for one in (profile.remarks if isinstance(profile, Profile) else profile)
        if wanted is None or wanted & {one.place.path, *one.place.path.split(".")}
    ]


def _mistakes(problems: Mapping[str, tuple[Problem, ...]], say: Speaker) -> dict[str, list[Json]]:
    """Return the mistakes by the field they are told at; in a list, with the entry."""
    found: dict[str, list[Json]] = {}
    for name, several in problems.items():
        section, _, entry = name.partition(".")
        for one in several:
            parts = one.place.path.split(".")
            row = int(parts[2]) + 1 if parts[0] == "facts" and len(parts) > 3 and parts[2].isdigit() else 0
            mistake = {
                "entry": say.recognition(entry) if section == HELD and entry else "",
                "row": row,
                "text": problem_text(one.code, dict(one.params), LANG),
            }
            for field in {name, section if section == HELD else name}:
                found.setdefault(field, []).append(mistake)
    return found


def _clash(one: Clash, data: Data, desk: Desk, say: Speaker) -> Json:
    """Return an answer that two gave differently, as both gave it."""
    sides = [
        field_of(one.name, with_replies(data, {one.name: raw}, desk.on), desk.site.book, say, desk.on)
        for raw in (one.theirs, one.mine)
    ]
    return {"name": one.name, "label": _label(one.name, say), "theirs": sides[0], "mine": sides[1]}


def _label(name: str, say: Speaker) -> str:
    """Return what an answer is called; "" where the page itself has the word."""
    section, _, entry = name.partition(".")
    if section == "enterprise" or name in LISTS:
        return ""
    return say.recognition(entry) if section == HELD else say.fact(name)
