"""Dossiers (档案): what pages show of a company, built once for every version of its profile and every day.

They are kept in the store, where the press puts them along with the calendars; a page that comes earlier builds them.
"""

from __future__ import annotations

import json
import zlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from threading import Lock
from typing import Any

from assistant.company.profile import read_profile
from assistant.company.writing import Data
from assistant.delivery.dossier.parts import dossier
from assistant.delivery.plain import Json
from assistant.delivery.revision import day_of
from assistant.matching.match import Matcher
from assistant.planning.announcements import Announcement
from assistant.planning.assessment import Assessment, assess
from assistant.service.store.records import Inputs
from assistant.service.store.store import Store
from assistant.sources import Source, parse

MOST_BYTES = 64_000_000  # of packed parts of saved companies in memory
MOST_TRIED = 16_000_000  # of packed parts of drafts and samples: visitors never push a company out
_LEVEL = 5


class Dossiers:
    """The dossiers of one store, as one process has them at hand."""

    def __init__(self, store: Store, matcher: Matcher, lang: str = "zh", most: int = MOST_BYTES) -> None:
        """Build with *matcher*, in one language; keep at most so many bytes in memory."""
        self._store = store
        self._matcher = matcher
        self._lang = lang
        self._saved = _Packs(most)
        self._tried = _Packs(MOST_TRIED)

    def part(self, company: str, part: str, now: datetime) -> Json:
        """Return one part of a saved company's dossier, as of *now*.

        Raises:
            BadInput: there is no such company, or its profile cannot be used.
            KeyError: there is no such part.

        """
        key = self._key(self._store.standing_of(company), day_of(now))
        at_hand = self._saved.get(company, part, key)
        if at_hand is not None:
            return unpacked(at_hand)
        stored = self._store.dossiers.part(company, part)
        if stored is not None and stored[0] == key:
            self._saved.keep(company, key, {part: stored[1]})
            return unpacked(stored[1])
        return unpacked(self._built(company, now)[part])

    def of(self, data: Data, part: str, now: datetime, announcements: Sequence[Announcement] = ()) -> Json:
        """Return one part of the dossier of a profile that is not saved.

        Raises:
            BadInput: the profile cannot be used.
            KeyError: there is no such part.

        """
        day = day_of(now)
        told = repr((data, announcements)).encode("utf-8", "backslashreplace")
        key = f"{sha256(told).hexdigest()[:32]}|{day}"
        at_hand = self._tried.get("", part, key)
        if at_hand is None:
            book = self._matcher.rulebook
            profile = read_profile(Source("", dict(data)), book.dictionary, book.lists, day)
            parts = self._packed(assess(self._matcher, profile, day, announcements=announcements))
            self._tried.keep("", key, parts)
            at_hand = parts[part]
        return unpacked(at_hand)

    def summaries(self, companies: Sequence[str]) -> Mapping[str, Json]:
        """Return the summaries of many companies as they were built last, of those that have one."""
        return {company: unpacked(body) for company, body in self._store.dossiers.parts(companies, "summary").items()}

    def put(self, inputs: Inputs, assessment: Assessment) -> None:
        """Keep the dossier of an assessment of *inputs* that was made for another purpose."""
        key = self._key(inputs.standing, assessment.on)
        self._store.dossiers.put(inputs.company.id, key, self._packed(assessment))

    # ---- inside

    def _key(self, standing: str, day: date) -> str:
        return f"{standing}|{day}|{self._lang}|{self._matcher.rulebook.digest[:16]}"

    def _built(self, company: str, now: datetime) -> Mapping[str, bytes]:
        inputs, day = self._store.inputs(company), day_of(now)
        parts = self._packed(assessed(self._matcher, inputs, day))
        key = self._key(inputs.standing, day)
        self._store.dossiers.put(company, key, parts)
        self._saved.keep(company, key, parts)
        return parts

    def _packed(self, assessment: Assessment) -> dict[str, bytes]:
        return {part: packed(value) for part, value in dossier(assessment, self._lang).items()}


class _Packs:
    """Packed parts at hand: those used last, up to so many bytes."""

    def __init__(self, most: int) -> None:
        self._kept: OrderedDict[tuple[str, str, str], bytes] = OrderedDict()
        self._size = 0
        self._most = most
        self._lock = Lock()

    def get(self, company: str, part: str, key: str) -> bytes | None:
        with self._lock:
            found = self._kept.get((company, part, key))
            if found is not None:
                self._kept.move_to_end((company, part, key))
            return found

    def keep(self, company: str, key: str, parts: Mapping[str, bytes]) -> None:
        with self._lock:
            for part, body in parts.items():
                former = self._kept.pop((company, part, key), b"")
                self._kept[company, part, key] = body
                self._size += len(body) - len(former)
            while self._size > self._most:
                self._size -= len(self._kept.popitem(last=False)[1])


def assessed(matcher: Matcher, inputs: Inputs, day: date) -> Assessment:
    """Return what a saved company's profile comes to on *day*.

    Raises:
        BadInput: the profile cannot be used.

    """
    version, book = inputs.profile, matcher.rulebook
    source = parse(version.content, name=f"{version.company}#{version.number}")
    profile = read_profile(source, book.dictionary, book.lists, day)
    return assess(matcher, profile, day, announcements=inputs.announcements)


def packed(value: Any) -> bytes:
    """Return plain data as it is kept."""
    return zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), _LEVEL)


def unpacked(body: bytes) -> Json:
    """Return the plain data that were packed."""
    found: Json = json.loads(zlib.decompress(body))
    return found
