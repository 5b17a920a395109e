"""Pace (节奏) is how often a robot may speak. It is counted over every stretch of time, not by a bucket that refills.

A bucket of 20 a minute lets 40 through in its first minute, and 钉钉 then silences a robot for ten.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

_SWEEP = 1000  # robots after which those that have been silent are forgotten


@dataclass(frozen=True, slots=True)
class Limit:
    """At most *most* in any *within* seconds."""

    most: int
    within: float


LIMITS: Mapping[str, Sequence[Limit]] = {
    "wecom": (Limit(20, 60.0),),
    "dingtalk": (Limit(20, 60.0),),
    "feishu": (Limit(5, 1.0), Limit(100, 60.0)),
}


class Pace:
    """The robots of one provider and when each spoke, as far as it counts."""

    def __init__(self, limits: Sequence[Limit]) -> None:
        """Keep to *limits*."""
        self._limits = tuple(limits)
        self._spoke: dict[str, deque[float]] = {}
        self._lock = Lock()
        self._longest = max((limit.within for limit in limits), default=0.0)
        self._most = max((limit.most for limit in limits), default=0)

    def wait(self, key: str, now: float) -> float:
        """Return how long to wait at *now*, in seconds; 0.0 means that the robot speaks, and is counted."""
        if not self._limits:
            return 0.0
        with self._lock:
            if len(self._spoke) > _SWEEP:
                self._forget(now)
            spoke = self._spoke.setdefault(key, deque(maxlen=self._most))
            while spoke and spoke[-1] > now:  # the clock went back
                spoke.pop()
            wait = max(self._left(spoke, limit, now) for limit in self._limits)
            if wait <= 0.0:
                spoke.append(now)
                return 0.0
            return wait

    @staticmethod
    def _left(spoke: deque[float], limit: Limit, now: float) -> float:
        if len(spoke) < limit.most:
            return 0.0
        return max(spoke[-limit.most] + limit.within - now, 0.0)

    def _forget(self, now: float) -> None:
        for key in [key for key, spoke in self._spoke.items() if not spoke or spoke[-1] + self._longest <= now]:
            del self._spoke[key]
