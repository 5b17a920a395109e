"""The ledger (签收簿) keeps that messages have arrived: of several lanes in one transaction, for a commit takes long.

Each lane waits until its own is kept before it sends the next, so whoever dies has at most one per lane that nobody
knows of.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from assistant.service.store.outbox import Outbox
from assistant.service.store.records import Attempt, MessageRow


@dataclass(eq=False)
class _Entry:
    message: MessageRow
    attempt: Attempt
    kept: bool = False
    error: Exception | None = None


class Ledger:
    """The ledger of one courier's lanes."""

    def __init__(self, outbox: Outbox) -> None:
        """Keep it in *outbox*."""
        self._outbox = outbox
        self._waiting: list[_Entry] = []
        self._gathering, self._turn = Lock(), Lock()

    def arrived(self, message: MessageRow, attempt: Attempt) -> None:
        """Return when it is kept that a message was taken."""
        mine = _Entry(message, attempt)
        with self._gathering:
            self._waiting.append(mine)
        with self._turn:  # whose turn it is keeps all that have come meanwhile
            if not mine.kept and mine.error is None:
                self._keep()
        if mine.error is not None:
            raise mine.error

    def _keep(self) -> None:
        with self._gathering:
            entries, self._waiting = self._waiting, []
        try:
            self._outbox.arrived_together([(one.message, one.attempt) for one in entries])
        except Exception as error:
            for one in entries:
                one.error = error
            raise
        for one in entries:
            one.kept = True
