"""How many calendars a second, how soon, in how much memory? 1,000 companies × 300 events on `assistant serve`.

Usage: python tests/bench/feeds.py [--companies N] [--events N] [--seconds S] [--connections N] [--workers N]...

The server runs as an operator would start it; the load comes from a process of its own (tests/bench/load.py), over
127.0.0.1 only. Whatever else runs on the machine takes its share: the load average is printed with the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from uuid import UUID, uuid5

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from icalendar import Calendar, Event  # noqa: E402

from assistant.delivery.revision import day_of  # noqa: E402
from assistant.service.publish import FEEDS, pack  # noqa: E402
from assistant.service.store.migration import upgrade  # noqa: E402
from assistant.service.store.store import Store, open_store  # noqa: E402

SPACE = UUID("00000000-0000-0000-0000-000000000001")
NOW = datetime.now(UTC)
TEXT = "窗口：2027年4月1日至6月30日之间开放，5月10日至7月31日之间截止。\n依据：2023年、2024年两次通知。\n报送：{0}。"


def calendar(company: int, events: int) -> bytes:
    """Return a company's calendar of so many events, as large as ours are."""
    made = Calendar()
    made.add("VERSION", "2.0")
    made.add("PRODID", "-//bench//ZH")
    for number in range(events):
        event = Event()
        day = date(2027, 1, 1) + timedelta(days=number)
        event.add("UID", f"{uuid5(SPACE, f'{number}')}@{company:06}.bench")
        for key in ("DTSTAMP", "CREATED", "LAST-MODIFIED"):
            event.add(key, datetime(2026, 11, 23, tzinfo=UTC))
        event.add("SEQUENCE", 0)
        event.add("SUMMARY", f"【准备】第{number}项：研究开发费用专项审计报告")
        event.add("DTSTART", day)
        event.add("DTEND", day + timedelta(days=1))
        event.add("STATUS", "TENTATIVE")
        event.add("TRANSP", "TRANSPARENT")
        event.add("DESCRIPTION", TEXT.format(f"{sha256(bytes([number % 256])).hexdigest()}，企业向所在地工信部门提出"))
        made.add_component(event)
    return bytes(made.to_ical())


def fill(store: Store, companies: int, events: int) -> list[str]:
    """Add the companies with built calendars; return a token of each."""
    template = calendar(0, events)
    tokens = []
    for number in range(companies):
        identity = str(uuid5(SPACE, f"company {number}"))
        store.add_company(identity, f"第{number}号企业", "facts: {}", who="bench", at=NOW)
        secret = sha256(identity.encode()).digest()
        tokens.append(store.add_token(identity, "bench", secret=secret, at=NOW)[0])
        raw = template.replace(b"@000000.bench", f"@{number:06}.bench".encode())
        body = pack("all", raw, NOW)
        bodies = [replace(body, kind=kind) for kind in FEEDS]
        assert store.publish(identity, {}, bodies, revision=1, day=day_of(NOW) + timedelta(days=1))
    print(f"{companies} companies × {events} events: {len(template):,} bytes each, {len(body.body):,} packed")
    return tokens


@contextmanager
def serving(url: str, workers: int) -> Iterator[tuple[int, int]]:
    """Run `assistant serve`; yield its port and process."""
    command = [sys.executable, "-m", "assistant", "serve", "--db", url, "--port", "0", "--workers", str(workers)]
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        port = int(process.stdout.readline().strip().rstrip("/").rpartition(":")[2])
        try:
            yield port, process.pid
        finally:
            process.terminate()
            process.wait(30)


def load(port: int, seconds: float, connections: int, lines: list[str]) -> dict[str, object]:
    """Return the figures of one run of the load generator."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("\n".join(lines))
        listed.flush()
        command = [sys.executable, str(ROOT / "tests/bench/load.py"), str(port), str(seconds), str(connections)]
        done = subprocess.run([*command, listed.name], capture_output=True, text=True, check=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def family(process: int) -> Iterator[int]:
    """Yield a process and all that it started."""
    waiting = [process]
    while waiting:
        one = waiting.pop()
        waiting += [int(child) for task in Path(f"/proc/{one}/task").iterdir() for child in _words(task / "children")]
        yield one


def _words(path: Path) -> list[str]:
    return path.read_text().split()


def memory(process: int) -> str:
    """Return the resident memory of a process and its children, in MiB."""
    statuses = [Path(f"/proc/{one}/status").read_text() for one in family(process)]
    found = [int(kilobytes[1]) // 1024 for text in statuses if (kilobytes := re.search(r"VmRSS:\s+(\d+)", text))]
    return " + ".join(map(str, found)) + f" = {sum(found)} MiB"


def processor(process: int) -> float:
    """Return the seconds of processor time of a process and its children: what is busy elsewhere does not count."""
    ticks = [Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[11:13] for one in family(process)]
    return sum(int(part) for pair in ticks for part in pair) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=1000)
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--workers", type=int, action="append")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.db"
        upgrade(url)
        start = perf_counter()
        with open_store(url) as store:
            tokens = fill(store, given.companies, given.events)
            tags = [
                body.etag for body in map(store.body, _companies(given.companies), ["all"] * given.companies) if body
            ]
        print(f"filled in {perf_counter() - start:.1f} s; {os.cpu_count()} cores")
        paths = [f"/f/{token}/all.ics" for token in tokens]
        for workers in given.workers or [1, 2]:
            with serving(url, workers) as (port, process):
                load(port, 0.5, 4 * workers, ["/healthz\t"])  # until all are up
                print(f"\n{workers} worker(s); before: {memory(process)}")
                runs = {
                    "cold, gzip": [f"{path}\tAccept-Encoding: gzip" for path in paths],
                    "304": [
                        f'{path}\tAccept-Encoding: gzip|If-None-Match: "{tag}-gzip"'
                        for path, tag in zip(paths, tags, strict=True)
                    ],
                    "full, gzip": [f"{path}\tAccept-Encoding: gzip" for path in paths],
                    "full, plain": [f"{path}\t" for path in paths],
                    "404": [f"/f/{'A' * 42}{number % 10}/all.ics\t" for number in range(given.companies)],
                }
                for name, lines in runs.items():
                    for _ in range(2 * workers if name == "304" else 0):
                        load(port, 0, given.connections, lines)  # until each worker has all in memory
                    seconds = 0 if name.startswith("cold") else given.seconds
                    used = processor(process)
                    figures = load(port, seconds, given.connections, lines)
                    each = (processor(process) - used) / int(str(figures["total"]))
                    figures["processor_µs"] = round(each * 1e6)
                    print(
                        f"{name:12}",
                        json.dumps(figures, ensure_ascii=False),
                        f"load {os.getloadavg()[0]:.1f}",
                        flush=True,
                    )
                print(f"after: {memory(process)}", flush=True)


def _companies(number: int) -> list[str]:
    return [str(uuid5(SPACE, f"company {one}")) for one in range(number)]


if __name__ == "__main__":
    main()
