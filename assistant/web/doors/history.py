"""The history's pages: what was changed, by whom, and what it did to the verdicts; an old version is put back here."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from assistant.company.edits import sittings
from assistant.delivery.plain import Json
from assistant.errors import BadInput
from assistant.service.history import Side, Sitting, compared, past, read_version
from assistant.service.store.records import ProfileVersion
from assistant.service.store.store import Superseded
from assistant.web.desk import Desk, OpenDesk
from assistant.web.forms import Form, text_of
from assistant.web.page import page, see

AT_ONCE = 20  # sittings on a page
DONE = 100  # entries of what was done besides
_DIGITS = 6
_YEARS_BACK, _YEARS_AHEAD = 10, 3  # how far from today a company is looked at

router = APIRouter()


@router.get("/history")
def history(request: Request, desk: OpenDesk, at: str = "1", restored: str = "", changed: str = "") -> Response:
    """Show what was changed, the latest first."""
    if desk.kind != "saved":
        return page(request, "history.html.j2", desk=desk)
    site, accounts = desk.site, desk.site.store.accounts
    versions = site.store.profiles(desk.company)
    number = max(_number(at) or 1, 1)
    shown, total = past(versions, site.book, skip=(number - 1) * AT_ONCE, most=AT_ONCE)
    return page(
        request,
        "history.html.j2",
        desk=desk,
        sittings=shown,
        total=total,
        at=number,
        pages=-(-total // AT_ONCE),
        effect=_effect(desk, shown) if number == 1 else None,
        offered=_offered(versions),
        restored=_number(restored),
        superseded=bool(changed),
        audit=accounts.audit(desk.company, DONE) if desk.may("share") else (),
        names={one.account.id: one.account.name for one in accounts.members(desk.company)},
    )


def _effect(desk: Desk, shown: Sequence[Sitting]) -> Json | None:
    """Return what the latest sitting did to the verdicts as they are today; None where nothing can be told."""
    if not shown or shown[0].base is None:
        return None
    with suppress(BadInput):
        sides = Side(shown[0].base, desk.on), Side(shown[0].last, desk.on)
        return compared(*sides, desk.site.matcher, desk.announcements, desk.on)
    return None


@router.get("/history/compare")
def compare(
    request: Request, desk: OpenDesk, before: str = "", after: str = "", before_day: str = "", after_day: str = ""
) -> Response:
    """Show in which projects two versions, or two days, differ."""
    _saved(desk)
    versions = desk.site.store.profiles(desk.company)
    latest = versions[-1]
    base = sittings(versions)[-1][0].number - 1
    sides = (
        _side(versions, before, versions[max(base, 1) - 1], before_day, desk.on),
        _side(versions, after, latest, after_day, desk.on),
    )
    found = None
    if None not in sides:
        with suppress(BadInput):
            found = compared(*sides, desk.site.matcher, desk.announcements, desk.on)  # type: ignore[arg-type] # see above
    given = {"before": before, "after": after, "before_day": before_day, "after_day": after_day}
    return page(
        request,
        "compare.html.j2",
        desk=desk,
        status=200 if found else 422,
        sides=sides,
        given=given,
        offered=_offered(versions, _number(before), _number(after)),
        found=found,
    )


def _side(
    versions: Sequence[ProfileVersion], number: str, otherwise: ProfileVersion, day: str, on: date
) -> Side | None:
    """Return the side that was asked for; None where there is no such version or day."""
    version = _version(versions, number) if number else otherwise
    try:
        seen = date.fromisoformat(day) if day else on
    except ValueError:
        return None
    near = on.year - _YEARS_BACK <= seen.year <= on.year + _YEARS_AHEAD
    return Side(version, seen) if version and near else None


def _version(versions: Sequence[ProfileVersion], number: str) -> ProfileVersion | None:
    found = _number(number) or 0
    return versions[found - 1] if 1 <= found <= len(versions) else None


def _number(text: str) -> int | None:
    """Return the whole number written, None where there is none of a sensible length."""
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else None


def _offered(versions: Sequence[ProfileVersion], *chosen: int | None) -> list[ProfileVersion]:
    """Return the versions to choose from, the latest first: what each sitting left behind, and those *chosen*."""
    last = {group[-1].number for group in sittings(versions)}
    return [one for one in reversed(versions) if one.number in last or one.number in chosen]


@router.post("/history/restore")
def restore(desk: OpenDesk, form: Form) -> Response:
    """Save an old version again as the newest; nothing of what came after it is lost."""
    _saved(desk)
    desk.require("edit")
    site, after = desk.site, _number(text_of(form, "after"))
    old = _version(site.store.profiles(desk.company), text_of(form, "number"))
    if old is None or after is None:
        raise HTTPException(404)
    profile = read_version(old, site.book, desk.on)
    renamed = {"name": profile.name, "uscc": profile.uscc}
    try:
        site.store.save_profile(
            desk.company, old.content, who=desk.visitor.name, at=site.clock(), after=after, **renamed
        )
    except Superseded:
        return see(f"{desk.base}/history?changed=1")
    return see(f"{desk.base}/history?restored={old.number}")


def _saved(desk: Desk) -> None:
    if desk.kind != "saved":
        raise HTTPException(404)
