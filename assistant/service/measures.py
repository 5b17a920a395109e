"""Measures (计量) are what a server counts about itself, for Prometheus: never who, never what about.

Every process counts in its own memory and from time to time writes its sums to a file of its own in a folder that all
of them share; whichever is asked writes its own and adds all of them up. So the numbers are those of all workers and
the press, the others' at most some seconds old, and never less than what was told before. A disk that is full stops
nothing but this.
"""

from __future__ import annotations

import json
import logging
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

TYPE = CONTENT_TYPE_LATEST
_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

log = logging.getLogger(__name__)

_sharing = Lock()
_shared: dict[Path, str] = {}  # what was written last
_own = CollectorRegistry()
_requests = Counter(
    "assistant_requests", "Requests by method, route template and status.", ("method", "route", "status"), registry=_own
)
_seconds = Histogram(
    "assistant_request_duration_seconds",
    "How long requests took until their last byte, by route template.",
    ("route",),
    buckets=_BOUNDS,
    registry=_own,
)
_feeds = Counter(
    "assistant_feeds_served", "Requests for calendars, by the status of the answer.", ("status",), registry=_own
)
_builds = Counter(
    "assistant_press_builds", "Companies whose calendars were built, by how it ended.", ("outcome",), registry=_own
)
_store_errors = Counter(
    "assistant_store_errors", "Times that the store refused, by who asked it.", ("by",), registry=_own
)
_logins_failed = Counter("assistant_logins_failed", "Logins with a wrong address or password.", registry=_own)
_tokens_refused = Counter("assistant_tokens_refused", "Requests of programs with a token not in force.", registry=_own)
_messages = Counter(
    "assistant_messages", "Tries to hand a reminder over, by kind of channel and outcome.", ("channel", "outcome"),
    registry=_own,
)  # fmt: skip


def request_done(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request."""
    _requests.labels(method, route, str(status)).inc()
    _seconds.labels(route).observe(seconds)


def feed_served(status: int) -> None:
    """Count a request for a calendar."""
    _feeds.labels(str(status)).inc()


def built(outcome: str) -> None:
    """Count a company's calendars: `published`, `superseded` or `failed`."""
    _builds.labels(outcome).inc()


def delivered(channel: str, outcome: str) -> None:
    """Count a try to hand a message over: `sent`, `retry` or `dead`."""
    _messages.labels(channel, outcome).inc()


def store_failed(by: str) -> None:
    """Count a refusal of the store: towards `pages`, `interface`, `shelf` or `press`."""
    _store_errors.labels(by).inc()


def login_failed() -> None:
    """Count a login that was refused."""
    _logins_failed.inc()


def token_refused() -> None:
    """Count a token that was refused."""
    _tokens_refused.inc()


def exposition(folder: Path | None, gauges: Mapping[str, tuple[str, float]]) -> bytes:
    """Return all measures as Prometheus reads them, those of all who share *folder*; and *gauges* by name."""
    if folder is not None:
        share(folder)
    seen = CollectorRegistry()
    seen.register(_Seen(folder, gauges))
    return generate_latest(seen)


def share(folder: Path) -> None:
    """Write what this process has counted to its file in *folder*, whole or not at all."""
    text = json.dumps([[name, sorted(labels.items()), value] for name, labels, value in _counted()])
    file = folder / f"{os.getpid()}.json"
    with _sharing:
        if _shared.get(file) == text:
            return
        try:
            fresh = file.with_suffix(".new")
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(file)
        except OSError as error:
            log.warning("measures are not shared: %s", error.strerror)
        else:
            _shared[file] = text


def _counted() -> Iterator[tuple[str, Mapping[str, str], float]]:
    for metric in _own.collect():
        for sample in metric.samples:
            if not sample.name.endswith("_created"):
                yield sample.name, sample.labels, sample.value


class _Seen(Collector):
    """The sums over all processes, and what was looked up."""

    def __init__(self, folder: Path | None, gauges: Mapping[str, tuple[str, float]]) -> None:
        self._folder = folder
        self._gauges = gauges

    def collect(self) -> Iterable[Metric]:
        sums: dict[str, dict[tuple[tuple[str, str], ...], float]] = defaultdict(lambda: defaultdict(float))
        for name, labels, value in _counted() if self._folder is None else _read(self._folder):
            sums[name][tuple(sorted(labels.items()))] += value
        for metric in _own.collect():
            found = Metric(metric.name, metric.documentation, metric.type)
            for name in (f"{metric.name}{end}" for end in ("_total", "_bucket", "_count", "_sum")):
                for said, total in _in_order(sums.get(name, {})):
                    found.add_sample(name, dict(said), total)
            yield found
        for name, (about, value) in self._gauges.items():
            yield GaugeMetricFamily(name, about, value=value)


def _in_order(
    sums: Mapping[tuple[tuple[str, str], ...], float],
) -> list[tuple[tuple[tuple[str, str], ...], float]]:
    """Return sums by label, the bounds of a histogram in their order."""
    return sorted(
        sums.items(),
        key=lambda one: [(key, float(value) if key == "le" else 0.0, value) for key, value in one[0]][::-1],
    )


def _read(folder: Path) -> Iterator[tuple[str, Mapping[str, str], float]]:
    for file in sorted(folder.glob("*.json")):
        try:
            listed = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        for name, labels, value in listed:
            yield name, dict(labels), value
