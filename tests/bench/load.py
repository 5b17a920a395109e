"""A load generator: keeps some connections to 127.0.0.1 busy for some seconds and counts. Speaks HTTP/1.1 itself.

Usage: python tests/bench/load.py PORT SECONDS CONNECTIONS FILE — FILE holds one request a line: path, tab, headers
joined by "|". With 0 SECONDS each is asked once. Prints JSON: answers by status, rate, latencies in ms, bytes.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

MOST = 400_000  # answers in one run


class Connection(asyncio.Protocol):
    """One connection that asks again as soon as it has been answered."""

    def __init__(self, requests: Iterator[bytes], until: float, tally: Tally) -> None:
        """Ask these *requests* one after another."""
        self._requests = requests
        self._until = until
        self._tally = tally
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._wanted = 0  # length of the answer under way, once its head is read
        self._status = b""
        self._sent = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        assert self._transport is not None
        self._sent = perf_counter()
        request = next(self._requests, None)
        if request is None or self._sent >= self._until or self._tally.total >= MOST:
            self._transport.close()
        else:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Wait for a whole answer, count it, ask again."""
        self._buffer += data
        if not self._wanted:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._buffer[:end]).lower()
            self._status = head[9:12]
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 and self._status != b"304" else 0
            self._wanted = end + 4 + length
        if len(self._buffer) >= self._wanted:
            self._tally.count(self._status, perf_counter() - self._sent, len(self._buffer))
            del self._buffer[:]
            self._wanted = 0
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell that this connection is at its end."""
        if exc is not None:
            self._tally.broken += 1
        if not self.done.done():
            self.done.set_result(None)


class Tally:
    """What was answered, and how fast."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.statuses: Counter[str] = Counter()
        self.times: list[float] = []
        self.bytes = 0
        self.broken = 0

    @property
    def total(self) -> int:
        """How many answers there were."""
        return len(self.times)

    def count(self, status: bytes, seconds: float, size: int) -> None:
        """Count one answer."""
        self.statuses[status.decode()] += 1
        self.times.append(seconds)
        self.bytes += size


async def load(port: int, seconds: float, connections: int, requests: Sequence[bytes]) -> dict[str, object]:
    """Return the figures of one run."""
    tally = Tally()
    loop = asyncio.get_running_loop()
    start = perf_counter()
    opened = []
    for number in range(connections):
        first = number * len(requests) // connections
        last = (number + 1) * len(requests) // connections
        own = islice(cycle(requests), first, None if seconds else last)
        _, connection = await loop.create_connection(
            lambda own=own: Connection(own, start + (seconds or 600), tally),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
        opened.append(connection)
    await asyncio.gather(*(connection.done for connection in opened))
    taken = perf_counter() - start
    times = sorted(tally.times)
    return {
        "statuses": dict(tally.statuses),
        "total": tally.total,
        "broken": tally.broken,
        "rate": round(tally.total / taken),
        "p50": round(times[len(times) // 2] * 1000, 2),
        "p99": round(times[len(times) * 99 // 100] * 1000, 2),
        "most": round(times[-1] * 1000, 2),
        "mb_per_s": round(tally.bytes / taken / 1e6, 1),
    }


def read_requests(path: Path) -> list[bytes]:
    """Return the requests listed in a file, as bytes for the wire."""
    found = []
    for line in path.read_text().splitlines():
        where, _, headers = line.partition("\t")
        lines = [f"GET {where} HTTP/1.1", "Host: 127.0.0.1", *(part for part in headers.split("|") if part)]
        found.append(("\r\n".join(lines) + "\r\n\r\n").encode())
    return found


if __name__ == "__main__":
    port, seconds, connections = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    print(json.dumps(asyncio.run(load(port, seconds, connections, read_requests(Path(sys.argv[4]))))))
