"""A feed is the timeline as iCalendar bytes: the same assessment gives the same bytes.

Meaning stands in the title (预计, 已公布, 准备, 维护), since status and colour are lost in some clients. All events
are whole days with an exclusive DTEND; there is no METHOD (a feed is no invitation); UIDs come from the entry's
key, never from a date or title; DTSTAMP is the last change of the rules, never the time of writing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid5

from icalendar import Calendar, Event, vDuration, vText

from assistant.delivery.wording.sentences import (
    event_words,
    feed_words,
    window_basis,
    window_text,
)
from assistant.delivery.wording.speaker import Speaker
from assistant.delivery.wording.steps import document_title, step_note, step_title, upkeep_text
from assistant.planning.assessment import Assessment
from assistant.planning.prospect import Prospect
from assistant.planning.timeline import Entry
from assistant.planning.windows import Window

NAMESPACE = UUID("5f7a1d1e-4c5e-5b0e-9d53-6b8c7a0e9f11")
DOMAIN = "feed.shenbao-assistant"
LONGEST_DAYS = 21  # a longer interval becomes two one-day markers
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One calendar event before it becomes bytes; *last* is its last day, included."""

    key: str
    first: date
    last: date
    title: str
    text: str
    category: str
    confirmed: bool = False
    extra: tuple[tuple[str, str], ...] = ()
    url: str = ""


def feed(assessment: Assessment, lang: str = "zh") -> bytes:
    """Return the company's calendar."""
    say = Speaker(assessment.rulebook, lang)
    calendar = _calendar(assessment, say)
    stamp = _stamp(assessment)
    company = assessment.profile.uscc or assessment.profile.name
    for event in events(assessment, say):
        calendar.add_component(_component(event, company, stamp))
    return bytes(calendar.to_ical())


def events(assessment: Assessment, say: Speaker) -> Iterator[FeedEvent]:
    """Yield the events of the timeline in order."""
    for entry in assessment.entries:
        if entry.prospect is not None:
            yield from _window(entry, entry.prospect, assessment.on, say)
        elif entry.step is not None:
            step = entry.step
            names = [say.pick(p.name, p.en) for p in (assessment.rulebook.projects[id_] for id_ in step.serves)]
            text = step_note(step, assessment, say) + "\n" + event_words("for", say).format("、".join(names))
            if step.estimated:
                text += "\n" + event_words("estimated", say)
            tag = "prepare" if step.kind != "apply" else "apply" if step.estimated else "deadline"
            what = document_title if step.kind == "prepare" else step_title
            title = event_words(tag, say).format(what(step, assessment, say))
            yield FeedEvent(
                entry.key, entry.span.earliest, entry.span.latest, title, text, "prep", confirmed=not step.estimated
            )
        elif entry.upkeep is not None:
            text = upkeep_text(entry.upkeep, say)
            clause = entry.upkeep.duty.basis.clause if entry.upkeep.duty else None
            title = event_words("upkeep", say).format(say.recognition(entry.upkeep.project))
            title += event_words(f"upkeep-{entry.upkeep.kind}", say)
            body = "\n".join(part for part in (text, clause) if part)
            yield FeedEvent(entry.key, entry.span.earliest, entry.span.latest, title, body, "upkeep", confirmed=True)


def _window(entry: Entry, prospect: Prospect, on: date, say: Speaker) -> Iterator[FeedEvent]:
    window, project = prospect.window, prospect.match.project
    name = say.pick(project.name, project.en)
    kind = say.word(f"kind.{prospect.match.application.kind}")
    basis = window_basis(window, say)
    text = "\n".join(
        [
            window_text(window, say) + say.pick("。", "."),
            *([event_words("open-already", say)] if _may_be_open(window, on) else []),
            *([event_words("basis", say).format(say.pick("；", "; ").join(basis))] if basis else []),
            event_words("channel", say).format(prospect.match.channel_note or project.channel),
            event_words("standing", say).format(say.word(f"standing.{prospect.standing}")),
            *([] if window.status == "announced" else [event_words("estimated", say)]),
        ]
    )
    extra = (
        ("X-GDE-EARLIEST", entry.span.earliest.isoformat()),
        ("X-GDE-LATEST", entry.span.latest.isoformat()),
        ("X-GDE-PRECISION", _precision(entry.span.days)),
        ("X-GDE-CONFIDENCE", window.confidence),
        ("X-GDE-BASIS", ",".join(dict.fromkeys(str(past.year) for past in window.basis))),
    )
    url = next((past.notice.url for past in reversed(window.basis) if past.notice.url), "") or ""
    if window.status == "announced":
        title = event_words("announced" if window.opens else "announced-close", say).format(name, kind)
        yield FeedEvent(
            entry.key,
            entry.span.earliest,
            entry.span.latest,
            title,
            text,
            "window",
            confirmed=True,
            extra=extra,
            url=url,
        )
    elif entry.span.days <= LONGEST_DAYS:
        title = event_words("expected", say).format(name, kind)
        yield FeedEvent(entry.key, entry.span.earliest, entry.span.latest, title, text, "window", extra=extra, url=url)
    else:
        first, last = entry.span.earliest, entry.span.latest
        opens = "earliest" if window.opens else "earliest-close"
        closes = "latest" if window.closes else "latest-open"
        if first >= on:
            title = event_words(opens, say).format(name, kind)
            yield FeedEvent(entry.key, first, first, title, text, "window", extra=extra, url=url)
        title = event_words(closes, say).format(name, kind)
        yield FeedEvent(f"{entry.key}|latest", last, last, title, text, "window", extra=extra, url=url)


def _may_be_open(window: Window, on: date) -> bool:
    return window.status == "expected" and window.opens is not None and window.opens.earliest < on


def _precision(days: int) -> str:
    for limit, word in ((1, "day"), (16, "half-month"), (31, "month"), (92, "quarter")):
        if days <= limit:
            return word
    return "year"


def _stamp(assessment: Assessment) -> datetime:
    """Return when the rules last changed: what a store-less feed can know of its last change."""
    checked = max((p.match.project.checked for p in assessment.prospects), default=assessment.on)
    return datetime.combine(checked, time(), UTC)


def _calendar(assessment: Assessment, say: Speaker) -> Calendar:
    name, description = (text.format(clean(assessment.profile.name)) for text in feed_words(say))
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//shenbao-assistant//feed 1//ZH")
    calendar.add("CALSCALE", "GREGORIAN")
    for key, text in (
        ("NAME", name),
        ("X-WR-CALNAME", name),
        ("DESCRIPTION", description),
        ("X-WR-CALDESC", description),
    ):
        calendar.add(key, vText(text))
    calendar.add("COLOR", vText("orange"))
    calendar.add("X-APPLE-CALENDAR-COLOR", vText("#FF9500"))
    calendar.add("REFRESH-INTERVAL", vDuration(timedelta(hours=6)), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vText("PT6H"))
    calendar.add("X-WR-TIMEZONE", vText("Asia/Shanghai"))
    return calendar


def _component(event: FeedEvent, company: str, stamp: datetime) -> Event:
    component = Event()
    component.add("UID", f"{uuid5(NAMESPACE, f'{company}|{event.key}')}@{DOMAIN}")
    for key in ("DTSTAMP", "CREATED", "LAST-MODIFIED"):
        component.add(key, stamp)
    component.add("SEQUENCE", 0)
    component.add("SUMMARY", clean(event.title))
    component.add("DTSTART", event.first)
    component.add("DTEND", event.last + timedelta(days=1))
    component.add("STATUS", "CONFIRMED" if event.confirmed else "TENTATIVE")
    component.add("TRANSP", "TRANSPARENT")
    component.add("CATEGORIES", [event.category])
    component.add("DESCRIPTION", clean(event.text))
    component.add("CLASS", "PUBLIC")
    component.add("X-MICROSOFT-CDO-BUSYSTATUS", vText("FREE" if event.confirmed else "TENTATIVE"))
    if event.url:
        component.add("URL", event.url)
    for key, text in event.extra:
        component.add(key, vText(clean(text)))
    return component


def clean(text: str) -> str:
    """Return *text* fit for a calendar: no control characters, no backslash (it is split over folds)."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).replace("\\", "＼")
