"""A message is made of reminders: each in words when it is planned, put together on the day it goes out.

So the text is that of the calendar's event, and only the days that are left are counted on the day of sending.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from assistant.delivery.agenda import Item, cited
from assistant.delivery.channels.message import Message, Part
from assistant.delivery.dossier.plan import identity
from assistant.delivery.feed import joined
from assistant.delivery.plain import Json
from assistant.delivery.reminders import Kind, Reminder
from assistant.delivery.wording.events import event_words
from assistant.delivery.wording.reminding import counted, days_text, end_of_window, reminding, subject, title
from assistant.delivery.wording.speaker import Speaker

REFERENCE = 6  # characters that a reader can quote
_WHAT: Mapping[Kind, str] = {"opening": "opens", "closing": "closes", "step": "due", "upkeep": "expires"}


@dataclass(frozen=True, slots=True)
class Links:
    """Where messages lead: the page of the company, its settings, and how to be left alone; "" where there is none."""

    home: str = ""
    settings: str = ""
    unsubscribe: str = ""


def body_of(reminder: Reminder, items: Mapping[str, Item], say: Speaker, ics: str = "") -> Json:
    """Return a reminder in words, as plain data; *items* are the plan's tasks by their keys."""
    event = reminder.state.event
    item = items.get(event.key)
    lines = [*_change(reminder, say), *(line for line in event.text.splitlines() if line.strip())]
    if reminder.kind == "expected" and (end := end_of_window(event.point, event.first, say)):
        lines.insert(0, end)
    if reminder.kind == "overdue":
        lines.insert(0, reminding("at-once", say.lang))
    if item is not None:
        clauses = cited(item.served, say.lang)
        lines += [reminding("basis", say.lang).format(text) for text in clauses]
        sure = say.pick("，", ", ").join(text for text in (item.basis, item.sure) if text)
        lines += [reminding("sure", say.lang).format(sure)] if sure else []
    return {
        "kind": reminder.kind,
        "title": title(reminder.kind, event.name or event.heading, say.lang) + _dropped(reminder, say),
        "lines": lines,
        "path": _path(event.key, reminder.kind),
        "what": _WHAT.get(reminder.kind, ""),
        "aim": reminder.aim.isoformat() if reminder.aim and reminder.kind in _WHAT else None,
        "ics": ics,
    }


def _dropped(reminder: Reminder, say: Speaker) -> str:
    return event_words("dropped", say) if reminder.state.mark == "cancelled" else ""


def _change(reminder: Reminder, say: Speaker) -> list[str]:
    """Return what was said before and what holds now."""
    former, now = reminder.former, reminder.told
    if reminder.kind != "moved" or former is None:
        return []
    was = reminding("was", say.lang).format(days_text(former.first, former.last, confirmed=former.confirmed, say=say))
    if reminder.state.mark == "cancelled":
        return [was, event_words("dropped-window", say)]
    told = days_text(now.first, now.last, confirmed=now.confirmed, say=say)
    return [was, reminding("now", say.lang).format(told)]


def _path(key: str, kind: Kind) -> str:
    if kind == "question":
        return "/questions"
    if key.rsplit("|", maxsplit=1)[-1] == "window" or "|window|" in key or kind == "rules":
        return f"/projects/{quote(key.removeprefix('rules|').split('|')[0])}"
    return f"/plan#{identity(key)}"


def message_of(
    bodies: Sequence[Json], company: str, lang: str, on: date, *, key: str, links: Links, note: str = ""
) -> Message:
    """Return the message that says all of *bodies* on the day *on*, the most urgent first.

    Args:
        bodies: what is to be said.
        company: what the company is called.
        lang: the reader's language.
        on: the day it goes out.
        key: the message's identity.
        links: where it leads.
        note: what is said before anything else.

    """
    parts = tuple(_part(body, lang, on, links) for body in bodies)
    intro = reminding("intro" if len(parts) > 1 else "intro-one", lang).format(company=company, count=len(parts))
    outro = []
    if links.settings:
        outro.append(reminding("settings", lang).format(links.settings))
    if links.unsubscribe:
        outro.append(reminding("stop", lang).format(links.unsubscribe))
    dates = [body["ics"].encode() for body in bodies if body["ics"]]
    return Message(
        subject([part.heading for part in parts], company, lang),
        parts,
        key[:REFERENCE].upper(),
        key,
        lang,
        f"{note}\n{intro}" if note else intro,
        "\n".join(outro),
        links.unsubscribe,
        joined(dates) if dates else None,
    )


def _part(body: Json, lang: str, on: date, links: Links) -> Part:
    lines = list(body["lines"])
    if body["aim"]:
        lines.insert(0, counted(body["what"], date.fromisoformat(body["aim"]), on, lang))
    return Part(body["title"], tuple(lines), f"{links.home}{body['path']}" if links.home else "")


def trial(company: str, lang: str, *, key: str) -> Message:
    """Return a message that only tells that it has arrived."""
    part = Part(reminding("test", lang))
    return Message(
        subject([reminding("test-subject", lang)], company, lang), (part,), key[:REFERENCE].upper(), key, lang
    )


def notice(heading: str, text: str, *, key: str) -> Message:
    """Return a message with a text of its own."""
    return Message(heading, (Part(heading, tuple(text.splitlines())),), key[:REFERENCE].upper(), key)
