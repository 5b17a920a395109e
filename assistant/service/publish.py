"""To publish (发布) is to build a company's calendars from what the store knows and put them in place of the last ones.

It happens when something has changed or the day has, never on request. All calendars of a company change together, in
one transaction, after every one of them has been read back; whatever goes wrong, the last good ones stay.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from assistant.delivery.events import events
from assistant.delivery.feed import Only, feed
from assistant.delivery.revision import EventState, day_of, revise
from assistant.delivery.wording.speaker import Speaker
from assistant.errors import BadInput
from assistant.matching.match import Matcher
from assistant.planning.assessment import Assessment
from assistant.service.dossier import Dossiers, assessed
from assistant.service.proof import Misprint, proof
from assistant.service.reminding import Occasion, changes
from assistant.service.store.records import FeedBody, Inputs
from assistant.service.store.store import Store

FEEDS: Mapping[str, Only] = {"all": "all", "windows": "windows", "prep": "work", "tasks": "tasks"}  # by their files


@dataclass(frozen=True)
class Edition:
    """A company's calendars, built and read back, with what is to be remembered of their events."""

    states: Mapping[str, EventState]
    bodies: tuple[FeedBody, ...]
    assessment: Assessment


@dataclass(frozen=True)
class Composer:
    """What every company's calendars are built with: the rules, a language, the address of the company's page."""

    matcher: Matcher
    lang: str = "zh"
    home: str = ""

    def edition(self, inputs: Inputs, now: datetime) -> Edition:
        """Return the calendars of *inputs* as of *now*.

        Raises:
            BadInput: the profile cannot be used.
            Misprint: a calendar does not read back.

        """
        book = self.matcher.rulebook
        assessment = assessed(self.matcher, inputs, day_of(now))
        company = inputs.company.id
        known = {uid: EventState.from_plain(state) for uid, state in inputs.states.items()}
        revision = revise(events(assessment, Speaker(book, self.lang), company, inputs.marks), known, now)
        bodies = []
        for kind, only in FEEDS.items():
            raw = feed(assessment, self.lang, company=company, only=only, states=revision.published, home=self.home)
            proof(raw, only, revision.published)
            bodies.append(pack(kind, raw, now))
        return Edition(revision.states, tuple(bodies), assessment)


def occasion_of(inputs: Inputs, composer: Composer, now: datetime) -> Occasion:
    """Return what reminders are planned from, as the next publishing would have it.

    Raises:
        BadInput: the profile cannot be used.

    """
    book = composer.matcher.rulebook
    assessment = assessed(composer.matcher, inputs, day_of(now))
    known = {uid: EventState.from_plain(state) for uid, state in inputs.states.items()}
    said = events(assessment, Speaker(book, composer.lang), inputs.company.id, inputs.marks)
    states = revise(said, known, now).states
    return Occasion(inputs, assessment, states, composer.lang)


def publish(store: Store, company: str, composer: Composer, now: datetime, *, dossiers: Dossiers | None = None) -> bool:
    """Build the company's calendars and put them in place; False when its data changed meanwhile: it stays due.

    What is to be reminded of goes with them; what pages show is kept afterwards, in *dossiers*.

    Raises:
        BadInput: the store or the profile cannot be used.
        Misprint: a calendar does not read back.

    """
    inputs = store.inputs(company)
    made = composer.edition(inputs, now)
    states = {uid: state.to_plain() for uid, state in made.states.items()}
    reminded = None
    if inputs.recipients:
        reminded = changes(Occasion(inputs, made.assessment, made.states, composer.lang), now)
    day = day_of(now)
    done = store.publish(company, states, made.bodies, revision=inputs.revision, day=day, reminders=reminded)
    if done and dossiers is not None:
        dossiers.put(inputs, made.assessment)
    return done


def reason_of(error: Exception) -> str:
    """Return in a few words, for log and health page, why something failed: no text of the company's."""
    if isinstance(error, BadInput):
        told = [
            f"{problem.code}: {problem.params['found']}" if problem.code.startswith("store-") else problem.code
            for problem in error.problems
        ]
        return "; ".join(dict.fromkeys(told))[:200]
    if isinstance(error, Misprint):
        return f"misprint: {error}"[:200]
    return f"{type(error).__name__}: {error}"[:200]


def pack(kind: str, raw: bytes, now: datetime) -> FeedBody:
    """Return a calendar as it is kept: compressed, under a tag of its own bytes."""
    return FeedBody(kind, tag_of(raw), gzip.compress(raw, 9, mtime=0), now)


def unpack(body: FeedBody) -> bytes:
    """Return the calendar that was packed.

    Raises:
        Misprint: it is damaged.

    """
    try:
        raw = gzip.decompress(body.body)
    except (OSError, EOFError, zlib.error) as error:
        raise Misprint(f"damaged: {error}") from error
    if not raw or tag_of(raw) != body.etag:
        raise Misprint("damaged: the bytes are not those of the tag")
    return raw


def tag_of(raw: bytes) -> str:
    """Return the strong tag of a calendar: the same bytes have the same one."""
    return sha256(raw).hexdigest()[:32]
