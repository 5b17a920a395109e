"""The shelf (书架) holds, in one worker's memory, who may read and the calendars asked for lately.

It looks at the store's generation once a second: while that stands still, the store is asked for nothing that is on the
shelf. What cannot be read anew stays as it was, and the trouble is told to log and health page. Fetches are noted in
batches, off the path of requests.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from assistant.errors import BadInput
from assistant.service import measures
from assistant.service.proof import Misprint
from assistant.service.publish import reason_of, unpack
from assistant.service.store.records import FeedToken, Fetch
from assistant.service.store.store import Store
from assistant.web.leaf import Leaf, leaf

MOST_BYTES = 256_000_000  # of packed calendars in memory; beyond it the one not asked for longest goes
RETRIED = 5.0  # seconds until what could not be read is tried again
FEW = 50  # changed companies whose tokens are read one by one

Key = tuple[str, str]  # company, kind

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever holds a token in force."""

    token: str
    company: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that goes wrong, since when, and why."""

    since: datetime
    reason: str


class Shelf:
    """What one worker has at hand."""

    def __init__(self, store: Store, clock: Callable[[], datetime], most: int = MOST_BYTES) -> None:
        """Begin with nothing; `refresh` fills it."""
        self._store = store
        self._clock = clock
        self._most = most
        self._generation = -1
        self._readers: dict[str, Reader] = {}
        self._digests: dict[str, tuple[str, ...]] = {}
        self._leaves: OrderedDict[Key, Leaf] = OrderedDict()
        self._stale: dict[Key, Leaf] = {}
        self._size = 0
        self._resting: dict[Key, float] = {}
        self._fetches: dict[str, Fetch] = {}
        self._troubles: dict[str, Trouble] = {}

    # ---- on the path of requests

    def reader(self, digest: str) -> Reader | None:
        """Return whose token this is; None for one that is unknown or revoked."""
        return self._readers.get(digest)

    def at_hand(self, company: str, kind: str) -> Leaf | None:
        """Return the calendar if it is in memory and current."""
        found = self._leaves.get((company, kind))
        if found is not None:
            self._leaves.move_to_end((company, kind))
        return found

    async def fetch(self, company: str, kind: str) -> Leaf | None:
        """Return the calendar from the store; where it cannot be read, the last one in memory; None without any."""
        key = company, kind
        if asyncio.get_running_loop().time() >= self._resting.get(key, 0.0):
            try:
                return await self._taken(key)
            except (BadInput, Misprint) as error:
                self._resting[key] = asyncio.get_running_loop().time() + RETRIED
                self._trouble(f"calendar {company}/{kind}", reason_of(error))
        return self._stale.get(key)

    def fetched(self, reader: Reader, client: bytes) -> None:
        """Remember a fetch until the next `note`."""
        self._fetches[reader.token] = Fetch(reader.token, self._clock(), _plain(client))

    # ---- beside it

    async def refresh(self) -> None:
        """Take in what has changed in the store."""
        try:
            news = await asyncio.to_thread(self._news)
        except BadInput as error:
            self._trouble("store", reason_of(error))
            return
        self._settled("store")
        if news is None:
            return
        generation, changed = news
        if generation < self._generation:  # another store in the place of this one
            self._forget()
            return
        self._generation = generation
        for company, tokens in changed.items():
            self._admit(company, tokens)
        for key in [key for key in self._leaves if key[0] in changed]:
            self._stale[key] = self._leaves.pop(key)  # kept for the case that its successor cannot be read
        self._resting.clear()

    async def note(self) -> None:
        """Write the fetches since the last time to the store; those that cannot be written wait."""
        fetches, self._fetches = self._fetches, {}
        if not fetches:
            return
        try:
            await asyncio.to_thread(self._store.note_fetches, list(fetches.values()))
        except BadInput as error:
            self._fetches = fetches | self._fetches
            self._trouble("fetches", reason_of(error))
        else:
            self._settled("fetches")

    @property
    def troubles(self) -> Mapping[str, Trouble]:
        """What goes wrong in this worker, by where."""
        return self._troubles

    @property
    def size(self) -> tuple[int, int, int]:
        """How many tokens, calendars and bytes are at hand."""
        return len(self._readers), len(self._leaves), self._size

    # ---- inside

    def _news(self) -> tuple[int, Mapping[str, Iterable[FeedToken]]] | None:
        """Return the store's generation and the tokens of each company changed; None when nothing has."""
        generation = self._store.generation()  # first: what changes from here on is seen the next time
        if generation == self._generation:
            return None
        changed = self._store.changed_since(self._generation)
        if len(changed) <= FEW:
            return generation, {company: self._store.tokens(company) for company in changed}
        tokens: dict[str, list[FeedToken]] = {company: [] for company in changed}
        for token in self._store.tokens():
            if token.company in tokens:
                tokens[token.company].append(token)
        return generation, tokens

    def _admit(self, company: str, tokens: Iterable[FeedToken]) -> None:
        for digest in self._digests.pop(company, ()):
            del self._readers[digest]
        valid = {token.digest: Reader(token.id, company) for token in tokens if token.revoked is None}
        self._readers |= valid
        if valid:
            self._digests[company] = tuple(valid)

    def _forget(self) -> None:
        for kept in (self._readers, self._digests, self._leaves, self._stale, self._resting):
            kept.clear()
        self._size, self._generation = 0, -1

    async def _taken(self, key: Key) -> Leaf | None:
        """Return the calendar as the store has it, and keep it."""
        while True:
            generation = self._generation
            found = await asyncio.to_thread(self._read, key)
            if generation == self._generation:
                break
        self._settled("calendar {}/{}".format(*key))
        if found is not None:
            self._keep(key, found)
        return found

    def _read(self, key: Key) -> Leaf | None:
        body = self._store.body(*key)
        return None if body is None else leaf(body.etag, body.body, body.modified, len(unpack(body)))

    def _keep(self, key: Key, found: Leaf) -> None:
        for former in (self._stale.pop(key, None), self._leaves.pop(key, None)):
            self._size -= len(former.packed) if former else 0
        self._leaves[key] = found
        self._size += len(found.packed)
        while self._size > self._most and (self._stale or len(self._leaves) > 1):
            oldest = self._stale.pop(next(iter(self._stale))) if self._stale else self._leaves.popitem(last=False)[1]
            self._size -= len(oldest.packed)

    def _trouble(self, where: str, reason: str) -> None:
        measures.store_failed("shelf")
        known = self._troubles.get(where)
        if known is None or known.reason != reason:
            log.error("%s: %s; what is in memory stays", where, reason)
            self._troubles[where] = Trouble(known.since if known else self._clock(), reason)

    def _settled(self, where: str) -> None:
        if self._troubles.pop(where, None):
            log.info("%s: well again", where)


def _plain(client: bytes) -> str:
    """Return what a client calls itself, as one line of text."""
    return " ".join(client[:200].decode("latin-1").split())
