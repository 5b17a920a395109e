"""The tick (心跳) looks once a minute at what is due: it keeps no plan of its own, so a restart forgets nothing.

The scheduler's own stores lose or double jobs after a crash, so it has one job, in memory; all else is in the outbox.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC

from apscheduler.schedulers.background import BackgroundScheduler

from assistant.service import measures
from assistant.service.deliver import Courier
from assistant.service.dispatch import dispatch
from assistant.service.store.engine import StoreFailure

SECONDS = 60

log = logging.getLogger(__name__)


def tick(courier: Courier, *, stopped: Callable[[], bool] = lambda: False) -> tuple[int, int]:
    """Queue what is due and send what waits; return how many messages were queued, and how many taken."""
    queued = dispatch(courier.store, courier.clock())
    return queued, courier.deliver(stopped=stopped)


@contextmanager
def ticking(courier: Courier, *, seconds: float = SECONDS) -> Iterator[None]:
    """Tick in a thread of its own for as long as the block lasts; one that is under way ends with its message."""
    ended: list[bool] = []

    def job() -> None:
        try:
            queued, taken = tick(courier, stopped=lambda: bool(ended))
            if queued or taken:
                log.info("reminders: %d queued, %d sent", queued, taken)
        except StoreFailure as error:
            measures.store_failed("reminders")
            log.error("reminders: %s", error.problems[0].code)  # noqa: TRY400 # the store's own words are logged there

    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(
        job, "interval", seconds=seconds, id="tick", coalesce=True, max_instances=1, misfire_grace_time=None
    )
    scheduler.start()
    try:
        yield
    finally:
        ended.append(True)
        scheduler.shutdown(wait=True)
