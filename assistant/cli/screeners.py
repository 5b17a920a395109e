"""Screening beside the server: a process of its own whenever a table waits, with bounded memory, behind all else.

It ends when nothing waits any more and gives its memory back. What a process leaves that dies, the next one takes up.
"""

from __future__ import annotations

import logging
import logging.config
import os
import signal
import socket
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from multiprocessing.connection import Connection, wait

from assistant.cli.children import outlived
from assistant.cli.context import Options
from assistant.cli.inputs import rulebook, store_part
from assistant.service.publish import reason_of
from assistant.service.store.engine import StoreFailure
from assistant.service.store.screenings import KEPT
from assistant.service.store.store import Store, open_store
from assistant.settings import keep_to_one_processor
from assistant.web.logs import Form, log_settings

_LOOK = 1.0  # seconds between looks at what waits
_RESTED = 5.0  # seconds until a process that died is followed by another
_FORGOTTEN = timedelta(minutes=10)  # between looks at what is too old
_ENDING = 5.0  # seconds a process has to end by itself
_NICE = 10
_MEMORY = 4 * 1024**3  # bytes of addresses, of which a screening has a quarter in use

log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Screening:
    """Has what waits screened, for as long as the block lasts."""

    def __init__(self, url: str, options: Options, log_format: Form) -> None:
        """Look after the store at *url*."""
        self._url = url
        self._worker = f"{socket.gethostname()}:{os.getpid()}"  # whatever one of this server left is taken up at once
        self._given = (url, options, self._worker, log_format)
        self._able = find_spec("polars") is not None
        self._ended = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._trouble = ""
        self._forgot: datetime | None = None

    def __enter__(self) -> None:
        self._keeper.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._keeper.join()

    def _keep(self) -> None:
        with open_store(self._url) as store:
            while not self._ended.wait(_LOOK):
                try:
                    due = self._look(store)
                except StoreFailure as error:
                    self._tell(reason_of(error))
                else:
                    self._tell("")
                    if due:
                        self._run()
            with suppress(StoreFailure):
                store.screenings.leave(self._worker)

    def _look(self, store: Store) -> bool:
        now = _now()
        if self._forgot is None or now >= self._forgot + _FORGOTTEN:
            store.screenings.forget(now - KEPT)
            self._forgot = now
        return self._able and store.screenings.waits(self._worker, now)

    def _run(self) -> None:
        code = outlived(screening, self._given, self._ended, patience=_ENDING)
        if code and not self._ended.is_set():
            log.error("screening: its process ended (%s)", code)
            self._ended.wait(_RESTED)

    def _tell(self, trouble: str) -> None:
        """Log trouble with the store when it begins, not at every look."""
        if trouble and trouble != self._trouble:
            log.error("screening: store: %s", trouble)
        self._trouble = trouble


def screening(server: Connection, url: str, options: Options, worker: str, log_format: Form) -> None:
    """Screen until nothing waits, or the *server* hangs up, or is no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the server, which hangs up
    logging.config.dictConfig(log_settings(requests=False, form=log_format))
    with suppress(AttributeError, ImportError, OSError, ValueError):  # not every system has both
        os.nice(_NICE)
        limits = import_module("resource")
        limits.setrlimit(limits.RLIMIT_AS, (_MEMORY, limits.getrlimit(limits.RLIMIT_AS)[1]))
    keep_to_one_processor()  # the others are for pages
    work = store_part("assistant.service.screening", "screen")
    with open_store(url) as store:
        screener = work.Screener(store, rulebook(options), worker, _now, lambda: bool(wait([server], 0)))
        try:
            while screener.next():
                pass
        except StoreFailure as error:  # what was begun is taken up again, when the store can be used
            log.error("screening: store: %s", reason_of(error))  # noqa: TRY400 # the store's own words
