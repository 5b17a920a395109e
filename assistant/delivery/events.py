"""The events of a calendar: the timeline in titles and texts, one identity for each of its entries.

Meaning stands in the title (预计, 已公布, 核对, 准备, 维护), since status and colour are lost in some clients.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from assistant.delivery.revision import FeedEvent, uid_of
from assistant.delivery.wording.events import event_words, sentence, serves_text
from assistant.delivery.wording.sentences import month_day, window_basis, window_text
from assistant.delivery.wording.speaker import Speaker
from assistant.delivery.wording.steps import document_title, step_note, step_title, upkeep_text
from assistant.planning.assessment import Assessment
from assistant.planning.checkins import CheckIn, check_ins
from assistant.planning.checklist import Step
from assistant.planning.marks import Mark, Marked, marked, tasks_of
from assistant.planning.prospect import Prospect
from assistant.planning.timeline import Entry
from assistant.planning.upkeep import Upkeep
from assistant.planning.windows import Window

LONGEST_DAYS = 21  # a longer interval becomes two one-day markers
_FLOATING = ("at-the-latest", "missed")  # chances whose day is today, whenever that is


def events(
    assessment: Assessment, say: Speaker, company: str = "", marks: Sequence[Mark] = ()
) -> tuple[FeedEvent, ...]:
    """Return the events of the plan in order of days.

    What is done says so, what is not needed is none; whose it is and why stays out: whoever has the link reads it.

    Args:
        assessment: the company on one day.
        say: whose language the texts are in.
        company: what identities are made of; default the credit code, else the name.
        marks: what people say of the plan's tasks.

    """
    worked = marked(tasks_of(assessment.steps, assessment.duties), marks, assessment.on)
    by_key = {one.task.key: one for one in worked.tasks if one.mark}
    writer = _Writer(assessment, say, company or assessment.profile.uscc or assessment.profile.name, by_key)
    found = [event for entry in assessment.entries for event in writer.entry(entry)]
    found += [writer.check(one) for one in check_ins(assessment.prospects, assessment.on)]
    return tuple(sorted(found, key=lambda event: (event.first, event.last, event.key)))


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the events of one company in one language."""

    assessment: Assessment
    say: Speaker
    company: str
    marks: Mapping[str, Marked]

    def entry(self, entry: Entry) -> Iterator[FeedEvent]:
        """Yield the events of one entry of the timeline."""
        if entry.prospect is not None:
            yield from self._window(entry, entry.prospect)
        elif entry.step is not None:
            told = self.marks.get(entry.key)
            if told is None or told.state != "not-needed":
                put_off = told is not None and told.state == "postponed"
                yield self._as_marked(self._step(entry.key, entry.span.latest, entry.step, put_off=put_off), told)
        elif entry.upkeep is not None:
            yield self._as_marked(self._upkeep(entry.key, entry.span.latest, entry.upkeep), self.marks.get(entry.key))

    def _as_marked(self, event: FeedEvent, told: Marked | None) -> FeedEvent:
        """Return the event as people say it stands: done, or on the day it was put off to, which is its own."""
        if told is None or told.mark is None:
            return event
        if told.state == "done":
            return replace(event, done=told.mark.at.replace(microsecond=0))
        if told.state != "postponed" or told.due is None or event.kind != "prep":
            return event
        line = event_words("put-off", self.say).format(month_day(event.last, self.say))
        return replace(
            event,
            tag="prepare",
            first=told.due,
            last=told.due,
            text=f"{line}\n{event.text}",
            closing=None,
            floats=False,
        )

    def check(self, one: CheckIn) -> FeedEvent:
        """Return the event of a check-in: under the identity of the window it waits for."""
        prospect = one.prospect
        heading = event_words("check", self.say).format(_name(prospect, self.say), prospect.window.cycle)
        text = "\n".join([*self._about(prospect), event_words("check-day", self.say)])
        extra = (("X-GDE-PRECISION", "none"), ("X-GDE-BASIS", _years(prospect.window)))
        return FeedEvent(
            uid_of(self.company, one.key),
            one.key,
            "check",
            "check",
            heading,
            one.due,
            one.due,
            text,
            floats=one.monthly,
            extra=extra,
            url=_url(prospect.window),
        )

    def _window(self, entry: Entry, prospect: Prospect) -> Iterator[FeedEvent]:
        window, span, on = prospect.window, entry.span, self.assessment.on
        kind = event_words(prospect.match.application.kind, self.say).format(_name(prospect, self.say))
        text = "\n".join(self._about(prospect))

        def event(words: str, first: date, last: date, second: str = "") -> FeedEvent:
            announced = window.status == "announced"
            uid = uid_of(self.company, entry.key)
            return FeedEvent(
                uid_of(self.company, entry.key + second) if second else uid,
                entry.key + second,
                "window",
                "announced" if announced else "expected",
                event_words(words, self.say).format(kind),
                first,
                last,
                text,
                confirmed=announced,
                closing=window.closes.latest if announced and window.closes else None,
                whole=uid if second else "",
                extra=_measures(entry, window),
                url=_url(window),
                name=kind,
                point=words,
            )

        if window.status == "announced" or span.days <= LONGEST_DAYS:
            yield event("open" if window.opens else "closes", span.earliest, span.latest)
        else:
            if span.earliest >= on:
                yield event("earliest" if window.opens else "earliest-close", span.earliest, span.earliest)
            yield event("latest" if window.closes else "latest-open", span.latest, span.latest, "|latest")

    def _about(self, prospect: Prospect) -> list[str]:
        """Return what is known of a window: when, on what basis, how to apply, where the company stands."""
        say, window = self.say, prospect.window
        basis = window_basis(window, say)
        channel = prospect.match.channel_note or prospect.match.project.channel
        lines = [window_text(window, say) + say.pick("。", ".")]
        if _may_be_open(window, self.assessment.on):
            lines.append(event_words("open-already", say))
        if basis:
            lines.append(event_words("basis", say).format(say.pick("；", "; ").join(basis)))
        if window.source:
            lines.append(event_words("notice", say).format(window.source))
        lines.append(sentence(event_words("channel", say).format(channel), say))
        about = "review" if prospect.is_review else "standing"
        lines.append(event_words("standing", say).format(say.word(f"{about}.{prospect.standing}")))
        if window.status == "expected":
            lines.append(event_words("estimated", say))
        return lines

    def _step(self, key: str, due: date, step: Step, *, put_off: bool = False) -> FeedEvent:
        say, assessment = self.say, self.assessment
        estimated = step.estimated and step.kind != "answer"  # no notice decides when a question is answered
        note = step_note(step, assessment, say)
        if step.kind == "answer":
            note = event_words("answer", say).format(note)
        lines = [note, serves_text([say.recognition(id_) for id_ in step.serves], say)]
        if estimated and not put_off:  # the day it was put off to is nobody's estimate
            lines.append(event_words("workdays" if self._is_official(step) else "estimated", say))
        applies = step.kind == "apply"
        floats = step.kind == "answer" or step.chance in _FLOATING
        return FeedEvent(
            uid_of(self.company, key),
            key,
            "prep",
            "prepare" if not applies else "apply" if estimated else "deadline",
            self._heading(step),
            due,
            due,
            "\n".join(line for line in lines if line.strip("。.")),
            confirmed=not estimated,
            closing=due if applies and not estimated and not floats else None,
            floats=floats,
        )

    def _is_official(self, step: Step) -> bool:
        """Tell whether the windows that a step serves are announced: then only working days are estimates."""
        served = [prospect for prospect in self.assessment.prospects if prospect.match.project.id in step.serves]
        return all(prospect.window.status == "announced" for prospect in served)

    def _heading(self, step: Step) -> str:
        """Return a step's title; a document of one project alone names it: each has its 申请表."""
        if step.kind != "prepare":
            return step_title(step, self.assessment, self.say)
        document = document_title(step, self.assessment, self.say)
        name = self.say.recognition(step.serves[0])
        return document if len(step.serves) > 1 or name in document else f"{name}{self.say.pick('：', ': ')}{document}"

    def _upkeep(self, key: str, due: date, one: Upkeep) -> FeedEvent:
        clause = one.duty.basis.clause if one.duty else None
        heading = event_words(f"upkeep-{one.kind}", self.say).format(self.say.recognition(one.project))
        lines = [sentence(upkeep_text(one, self.say), self.say)]
        if clause:
            lines.append(event_words("basis", self.say).format(clause))
        return FeedEvent(
            uid_of(self.company, key), key, "upkeep", "upkeep", heading, due, due, "\n".join(lines), confirmed=True
        )


def _name(prospect: Prospect, say: Speaker) -> str:
    return say.pick(prospect.match.project.name, prospect.match.project.en)


def _measures(entry: Entry, window: Window) -> tuple[tuple[str, str], ...]:
    """Return for machines what the title cannot hold."""
    return (
        ("X-GDE-EARLIEST", entry.span.earliest.isoformat()),
        ("X-GDE-LATEST", entry.span.latest.isoformat()),
        ("X-GDE-PRECISION", _precision(entry.span.days)),
        ("X-GDE-CONFIDENCE", window.confidence),
        ("X-GDE-BASIS", _years(window)),
    )


def _years(window: Window) -> str:
    return ",".join(dict.fromkeys(str(past.year) for past in window.basis))


def _url(window: Window) -> str:
    return window.source or next((past.notice.url for past in reversed(window.basis) if past.notice.url), "") or ""


def _may_be_open(window: Window, on: date) -> bool:
    return window.status == "expected" and window.opens is not None and window.opens.earliest < on


def _precision(days: int) -> str:
    for limit, word in ((1, "day"), (16, "half-month"), (31, "month"), (92, "quarter")):
        if days <= limit:
            return word
    return "year"
