"""An allowance (限额) is how many requests a token has in a minute, whichever worker they come to.

A worker draws a few at a time from the store, so that not every request writes; between draws it counts by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

WITHIN = timedelta(minutes=1)
_DRAWS = 20  # in which a worker that is alone takes all of a minute's requests

Draw = Callable[[str, datetime, int], int]  # key, beginning of the minute, how many → how many are drawn by all


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of an allowance: whether this request is *granted*, how many more, and for how many seconds."""

    granted: bool
    most: int
    more: int
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """How an answer tells it."""
        within = int(WITHIN.total_seconds())
        return {
            "ratelimit-policy": f'"minute";q={self.most};w={within}',
            "ratelimit": f'"minute";r={self.more};t={self.seconds}',
            **({} if self.granted else {"retry-after": str(self.seconds)}),
        }


class Allowances:
    """The allowances as one worker has them at hand."""

    def __init__(self, draw: Draw, most: int) -> None:
        """Grant *most* requests a minute, drawn from what all workers share."""
        self._draw = draw
        self._most = most
        self._step = max(1, most // _DRAWS)
        self._minute: datetime | None = None
        self._held: dict[str, tuple[int, int]] = {}  # key → how many are at hand, how many all have drawn
        self._lock = Lock()

    def take(self, key: str, now: datetime) -> Left:
        """Use one request of the allowance under *key*."""
        minute = now.replace(second=0, microsecond=0)
        seconds = max(1, int((minute + WITHIN - now).total_seconds()))
        with self._lock:
            if minute != self._minute:
                self._minute, self._held = minute, {}
            at_hand, drawn = self._held.get(key, (0, 0))
            if not at_hand and drawn < self._most:
                drawn = self._draw(key, minute, self._step)
                at_hand = max(0, min(self._step, self._most - (drawn - self._step)))
            granted = at_hand > 0
            self._held[key] = (at_hand - granted, drawn)
            more = at_hand - granted + max(0, self._most - drawn)
        return Left(granted, self._most, more, seconds)
