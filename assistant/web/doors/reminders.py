"""The page of reminders: who is told what through which channel, what is to come, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Any

from fastapi import APIRouter, HTTPException
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from assistant.delivery.channels.letters import is_address
from assistant.delivery.plain import Json
from assistant.delivery.reminders import KINDS, LEADS
from assistant.delivery.revision import day_of
from assistant.delivery.wording.reminding import KIND_NAMES, state_name
from assistant.errors import BadInput, Place, Problem
from assistant.service.deliver import ALARMING, trials
from assistant.service.dispatch import EMAIL
from assistant.service.publish import Composer, occasion_of
from assistant.service.reminding import preview
from assistant.service.store.records import ChannelRecord, MessageRow, Recipient
from assistant.web import tries
from assistant.web.desk import Desk, OpenDesk
from assistant.web.forms import Form, text_of
from assistant.web.page import LANG, page, see
from assistant.web.tries import counted

AHEAD = 90  # days that are shown
_LONGEST_NAME, _LONGEST_SECRET = 60, 2000
_LOGGED = 30  # messages that are shown
_DONE = ("added", "changed", "stopped", "removed", "channel")

router = APIRouter(prefix="/c/{company}")


@router.get("/reminders")
def reminders(request: Request, desk: OpenDesk, done: str = "", who: str = "") -> Response:
    """Show recipients, channels, what is to come and what was sent."""
    _kept(desk)
    return _page(request, desk, done=done if done in _DONE else "", who=who)


@router.post("/reminders/recipients")
def add(request: Request, desk: OpenDesk, form: Form) -> Response:
    """Add a recipient, who is told everything until it is chosen otherwise."""
    _managed(desk)
    site = desk.site
    given = {"name": " ".join(text_of(form, "name", _LONGEST_NAME).split()), "email": text_of(form, "email", 255)}
    ways = _ways(desk, form)
    wrong = _mistakes(given["name"], given["email"], ways)
    person = Recipient(
        site.entropy(16).hex(), desk.company, given["name"], given["email"], ways, KINDS, LEADS, site.clock()
    )
    if not wrong:
        try:
            site.store.addressees.add(person, who=desk.visitor.name)
        except BadInput as error:
            wrong = {"email": error.problems[0]}
    if wrong:
        return _page(request, desk, status=422, wrong=wrong, given={**given, "channels": list(ways)})
    return see(f"{desk.base}/reminders?done=added")


@router.post("/reminders/recipients/{recipient}")
def change(request: Request, desk: OpenDesk, recipient: str, form: Form) -> Response:
    """Change what a recipient is told, and how."""
    _managed(desk)
    known = _recipient(desk, recipient)
    name, email = " ".join(text_of(form, "name", _LONGEST_NAME).split()), text_of(form, "email", 255)
    ways = _ways(desk, form)
    paused = text_of(form, "paused", 10)
    wrong = _mistakes(name, email, ways)
    try:
        until = date.fromisoformat(paused) if paused else None
    except ValueError:
        until = None
        wrong["paused"] = Problem("reminder-date", Place("paused"), {"found": paused})
    if wrong:
        return _page(request, desk, status=422, wrong_at=recipient, wrong=wrong)
    leads = sorted({int(one) for one in form.getlist("leads") if isinstance(one, str) and one.isdecimal()} & set(LEADS))
    chosen = replace(
        known,
        name=name,
        email=email,
        channels=ways,
        kinds=tuple(kind for kind in KINDS if kind in form.getlist("kinds")),
        leads=tuple(reversed(leads)),
        own=bool(form.get("own")),
        lang="en" if form.get("lang") == "en" else "zh",
        paused=until,
        stopped=None,
    )
    desk.site.store.addressees.change(chosen, who=desk.visitor.name, at=desk.site.clock())
    return see(f"{desk.base}/reminders?done=changed#r-{recipient}")


@router.post("/reminders/recipients/{recipient}/stop")
def stop(desk: OpenDesk, recipient: str, form: Form) -> Response:
    """Remind somebody no more."""
    del form
    _managed(desk)
    at = desk.site.clock()
    known = replace(_recipient(desk, recipient), stopped=at)
    desk.site.store.addressees.change(known, who=desk.visitor.name, at=at)
    return see(f"{desk.base}/reminders?done=stopped")


@router.post("/reminders/recipients/{recipient}/test")
def test(request: Request, desk: OpenDesk, recipient: str, form: Form) -> Response:
    """Send a test message at once and show what the providers say."""
    del form
    _managed(desk)
    known, site = _recipient(desk, recipient), desk.site
    if site.courier is None:
        raise HTTPException(404)
    if counted(request, tries.TRIAL, desk.company):
        raise HTTPException(429, "tries")
    found = trials(site.courier, known, site.clock(), site.entropy(16).hex())
    told = [
        {"name": name, "sent": one.outcome == "sent", "code": one.code, "answer": one.answer} for name, one in found
    ]
    return _page(request, desk, tried=told, tried_at=recipient)


@router.post("/reminders/channels")
def add_channel(request: Request, desk: OpenDesk, form: Form) -> Response:
    """Add a channel; what it is reached by is sealed and never shown again."""
    _managed(desk)
    site, name, kind = desk.site, " ".join(text_of(form, "name", _LONGEST_NAME).split()), text_of(form, "kind", 20)
    courier = site.courier
    if courier is None or courier.sealer is None or kind not in _offered(desk):
        raise HTTPException(404)
    given = {part: text_of(form, part, _LONGEST_SECRET) for part in ("url", "secret", "keyword")}
    wrong: dict[str, Problem] = {}
    if not name:
        wrong["channel"] = Problem("name-missing", Place("channel"))
    elif any(one.name == name for one in site.store.addressees.channels(desk.company)):
        wrong["channel"] = Problem("channel-known", Place("channel"))
    try:
        address = courier.channels[kind].address(given)
    except BadInput as error:
        wrong |= {problem.place.file: problem for problem in error.problems}
    if wrong:
        return _page(request, desk, status=422, wrong_at="channel", wrong=wrong, given={"channel": name, "kind": kind})
    sealed = courier.sealer.seal(address)
    record = ChannelRecord(site.entropy(16).hex(), desk.company, kind, name, sealed, site.clock())
    site.store.addressees.add_channel(record, who=desk.visitor.name)
    return see(f"{desk.base}/reminders?done=channel#channels")


@router.post("/reminders/channels/{channel}/remove")
def remove_channel(desk: OpenDesk, channel: str, form: Form) -> Response:
    """Remove a channel with its secret."""
    del form
    _managed(desk)
    if channel not in {one.id for one in desk.site.store.addressees.channels(desk.company)}:
        raise HTTPException(404)
    at = desk.site.clock()
    desk.site.store.addressees.remove_channel(desk.company, channel, who=desk.visitor.name, at=at)
    return see(f"{desk.base}/reminders?done=removed#channels")


# ---- inside


def _page(request: Request, desk: Desk, *, status: int = 200, who: str = "", **values: Any) -> Response:
    site, store = desk.site, desk.site.store
    people = store.addressees.recipients(desk.company)
    active = [one for one in people if one.stopped is None]
    ways = store.addressees.channels(desk.company)
    shown = next((one for one in active if one.id == who), active[0] if active else None)
    messages = store.outbox.messages(desk.company, limit=_LOGGED)
    names = {one.id: one.name for one in ways} | {EMAIL: "邮件"}
    return page(
        request,
        "reminders.html.j2",
        status=status,
        desk=desk,
        people=active,
        left=[one for one in people if one.stopped is not None],
        ways=ways,
        names=names,
        failing=[one for one in ways if one.failures >= ALARMING],
        offered=_offered(desk),
        kinds={kind: KIND_NAMES[kind][0] for kind in KINDS},
        all_leads=LEADS,
        mails=site.courier is not None and EMAIL in site.courier.channels,
        seals=site.courier is not None and site.courier.sealer is not None,
        manages=desk.may("edit"),
        shown=shown,
        coming=_coming(desk, shown) if shown else (),
        log=_log(desk, messages, {one.id: one for one in people}, names),
        **{
            "done": "",
            "wrong": {},
            "wrong_at": "",
            "given": {"name": "", "email": "", "channel": "", "kind": "", "channels": None},
            "tried": (),
            "tried_at": "",
            **_with_given(values),
        },
    )


def _with_given(values: Mapping[str, Any]) -> dict[str, Any]:
    blank = {"name": "", "email": "", "channel": "", "kind": "", "channels": None}
    return {**values, "given": {**blank, **values.get("given", {})}}


def _coming(desk: Desk, recipient: Recipient) -> list[Json]:
    """Return what somebody would be told in the next days, by the day it goes out."""
    composer = Composer(desk.site.matcher, LANG)
    now = desk.site.clock()
    rows = preview(occasion_of(desk.site.store.inputs(desk.company), composer, now), recipient, now, days=AHEAD)
    return [
        {
            "day": day,
            "rows": [
                {"title": json.loads(row.body)["title"], "kind": KIND_NAMES[row.kind][0], "confirmed": row.confirmed}
                for row in found
            ],
        }
        for day, found in groupby(rows, key=lambda row: day_of(row.due))
    ]


def _log(
    desk: Desk, messages: Sequence[MessageRow], people: Mapping[str, Recipient], names: Mapping[str, str]
) -> list[Json]:
    tried = desk.site.store.outbox.attempts([one.id for one in messages])
    found = []
    for one in messages:
        person = people.get(one.recipient or "")
        found.append(
            {
                "at": one.sent or one.created,
                "who": (person.name or person.email) if person else "",
                "way": names.get(one.channel or EMAIL, "已删去的渠道"),
                "state": one.state,
                "told": state_name(one.state),
                "titles": [told["title"] for told in json.loads(one.body).get("reminders", ())],
                "reference": one.id[:6].upper(),
                "next": one.next_try if one.state == "pending" and one.attempts else None,
                "tries": [
                    {"at": two.at, "told": state_name(two.outcome), "answer": f"{two.code} {two.answer}".strip()}
                    for two in tried
                    if two.message == one.id
                ],
            }
        )
    return found


def _offered(desk: Desk) -> tuple[str, ...]:
    courier = desk.site.courier
    return tuple(kind for kind in courier.channels if kind != EMAIL) if courier else ()


def _ways(desk: Desk, form: FormData) -> tuple[str, ...]:
    """Return the channels chosen in a form, in their order: e-mail first."""
    chosen = form.getlist("channels")
    known = [EMAIL, *(one.id for one in desk.site.store.addressees.channels(desk.company))]
    return tuple(one for one in known if one in chosen)


def _mistakes(name: str, email: str, ways: Sequence[str]) -> dict[str, Problem]:
    wrong = {}
    if not name:
        wrong["name"] = Problem("name-missing", Place("name"))
    if (email or EMAIL in ways) and not is_address(email):
        place = Place("email")
        wrong["email"] = (
            Problem("recipient-email", place, {"found": email}) if email else Problem("email-missing", place)
        )
    if not ways:
        wrong["channels"] = Problem("recipient-unreachable", Place("channels"))
    return wrong


def _recipient(desk: Desk, identity: str) -> Recipient:
    found = next((one for one in desk.site.store.addressees.recipients(desk.company) if one.id == identity), None)
    if found is None:
        raise HTTPException(404)
    return found


def _kept(desk: Desk) -> None:
    if desk.kind != "saved":
        raise HTTPException(404)


def _managed(desk: Desk) -> None:
    _kept(desk)
    desk.require("edit")
