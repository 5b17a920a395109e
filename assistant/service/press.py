"""The press (印刷机) publishes what is due: companies whose data changed, and all of them when the day does.

It runs in a process of its own, so that building never holds up serving. Of several only the one with the lease works;
the lease it prolongs is also the sign of life that the health page looks at.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from assistant.delivery.revision import day_of
from assistant.service import measures
from assistant.service.dossier import Dossiers
from assistant.service.publish import Composer, publish, reason_of
from assistant.service.store.engine import StoreFailure
from assistant.service.store.store import Store

LEASE = "press"
HELD = timedelta(seconds=10)
RENEWED = timedelta(seconds=3)
RETRIED = timedelta(minutes=2)  # so long a company that failed is left alone, unless its data change
PAUSE = 1.0  # seconds between looks at what is due

log = logging.getLogger(__name__)


@dataclass
class Press:
    """One publisher, known to others as *holder*."""

    store: Store
    composer: Composer
    holder: str
    clock: Callable[[], datetime]
    dossiers: Dossiers | None = None
    _renewed: datetime | None = field(default=None, init=False)
    _began: bool = field(default=False, init=False)
    _trouble: str = field(default="", init=False)
    _failing: dict[str, str] = field(default_factory=dict, init=False)

    def run(self, stopped: Callable[[float], bool]) -> None:
        """Publish until *stopped*, which waits for so many seconds."""
        while not stopped(PAUSE):
            try:
                if self._leads():
                    for _ in self.due():
                        if stopped(0) or not self._leads():
                            break
            except StoreFailure as error:
                self._tell(reason_of(error))
            else:
                self._tell("")

    def due(self) -> Iterator[bool]:
        """Publish what is due, company by company; yield whether each is published."""
        now = self.clock()
        rested = now - RETRIED if self._began else now  # a new press tries at once: something may have been mended
        self._began = True
        for company in self.store.due(day_of(now), failed_before=rested):
            yield self.publish(company)

    def publish(self, company: str) -> bool:
        """Publish one company's calendars; on failure the last good ones stay and the reason is noted.

        Raises:
            StoreFailure: the store refuses the note too.

        """
        now = self.clock()
        try:
            done = publish(self.store, company, self.composer, now, dossiers=self.dossiers)
        except Exception as error:
            reason = reason_of(error)
            if self._failing.get(company) != reason:  # not again at every trial
                log.exception("company %s: not published, its last calendars stay (%s)", company, reason)
            self._failing[company] = reason
            measures.built("failed")
            self.store.note_failure(company, reason, at=now)
            return False
        self._failing.pop(company, None)
        measures.built("published" if done else "superseded")
        log.info("company %s: %s", company, "published" if done else "changed meanwhile, again in a moment")
        return done

    def _leads(self) -> bool:
        now = self.clock()
        if self._renewed is None or now >= self._renewed + RENEWED:
            leads = self.store.take_lease(LEASE, self.holder, now=now, until=now + HELD)
            self._renewed = now if leads else None
        return self._renewed is not None

    def _tell(self, trouble: str) -> None:
        """Log trouble with the store when it begins and ends, not every second."""
        if trouble:
            measures.store_failed("press")
        if trouble and trouble != self._trouble:
            log.error("store: %s", trouble)
        elif self._trouble and not trouble:
            log.info("store: usable again")
        self._trouble = trouble
