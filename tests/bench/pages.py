"""Pages before many companies: `python -m tests.bench.pages [COMPANIES]`, about three minutes for 1,000.

A store of so many companies with their dossiers, `assistant serve --workers 2`, and readers that open the company's
page, a project's page and the table of all companies, at random, from another process. Prints p50, p95 and p99 per
page, the bytes of the first page, and the memory of the workers.
"""

from __future__ import annotations

import gzip
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from uuid import UUID

from assistant.company.profile import read_profile
from assistant.delivery.revision import day_of
from assistant.matching.match import Matcher
from assistant.planning.assessment import Assessment, assess
from assistant.rulebook.load import load
from assistant.service.dossier import Dossiers
from assistant.service.store.store import Store
from assistant.settings import cache_directory, packaged_rules
from assistant.sources import parse
from tests.conftest import SAMPLES
from tests.serving import Server, new_store, profile_text

READERS = 4
REQUESTS = 1200
PROJECTS = 12


def main() -> None:
    """Measure."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rng = random.Random(6)  # noqa: S311 # the same pages every time
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.perf_counter()
        with new_store(folder) as store:
            companies = fill(store, count)
            print(
                f"{count} companies with their dossiers: {time.perf_counter() - began:.0f} s, "
                f"store {(folder / 'store.db').stat().st_size / 1e6:.0f} MB"
            )
            with Server(store, folder, "--workers", "2", "--no-publish", "--no-access-log") as server:
                book = load(packaged_rules(), cache=cache_directory())
                projects = rng.sample(sorted(book.projects), PROJECTS)
                first = ask(server.port, "/", gzipped=True)
                page = ask(server.port, f"/c/{companies[0]}/", gzipped=True)
                print(
                    f"first page {len(first[1])} bytes compressed, company's page {len(page[1])}, "
                    f"{len(gzip.decompress(page[1]))} plain"
                )
                kinds: dict[str, Callable[[], str]] = {
                    "company": lambda: f"/c/{rng.choice(companies)}/",
                    "project": lambda: f"/c/{rng.choice(companies)}/projects/{rng.choice(projects)}",
                    "companies": lambda: f"/desk?page={rng.randint(1, max(1, count // 50))}",
                }
                for readers in (1, READERS):
                    for kind, address in kinds.items():
                        wanted = [address() for _ in range(REQUESTS if kind != "companies" else 200)]
                        measure(server.port, kind, wanted, readers)
                print(
                    "memory of the server's processes:", ", ".join(f"{one} MiB" for one in memory(server.process.pid))
                )


def memory(server: int) -> list[int]:
    """Return the memory of a server's processes in MiB."""
    statuses = []
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            text = status.read_text()
            if re.search(rf"^PPid:\s+{server}$", text, re.MULTILINE):
                statuses.append(text)
    return [int(found[1]) // 1024 for text in statuses if (found := re.search(r"VmRSS:\s+(\d+)", text))]


def fill(store: Store, count: int) -> list[str]:
    """Add so many companies; dossiers of the same sample are worked out once, as the press would have them."""
    book = load(packaged_rules(), cache=cache_directory())
    matcher = Matcher(book)
    dossiers = Dossiers(store, matcher)
    now = datetime.now(UTC)
    names = [name for name in SAMPLES if name != "empty"]
    made: dict[str, Assessment] = {}
    companies = []
    for number in range(count):
        sample = names[number % len(names)]
        company = str(UUID(int=number + 1))
        store.add_company(company, f"{sample} {number}", profile_text(sample), who="bench", at=now)
        inputs = store.inputs(company)
        if sample not in made:
            profile = read_profile(parse(inputs.profile.content, name=sample), book.dictionary, book.lists, day_of(now))
            made[sample] = assess(matcher, profile, day_of(now))
        dossiers.put(inputs, made[sample])
        companies.append(company)
    return companies


def measure(port: int, kind: str, addresses: list[str], readers: int) -> None:
    """Open *addresses* with so many readers, one after the other each, and print how long an answer took."""

    def timed(address: str) -> float:
        began = time.perf_counter()
        status, _ = ask(port, address)
        assert status == 200, address
        return time.perf_counter() - began

    with ThreadPoolExecutor(readers) as pool:
        began = time.perf_counter()
        took = sorted(pool.map(timed, addresses))
        rate = len(addresses) / (time.perf_counter() - began)
    p50, p95, p99 = (took[int(len(took) * share)] * 1000 for share in (0.5, 0.95, 0.99))
    print(
        f"{kind}: {len(took)} requests, readers {readers}, {rate:.0f}/s, "
        f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms"
    )


def ask(port: int, address: str, *, gzipped: bool = False) -> tuple[int, bytes]:
    """Open a page."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", address, headers={"accept-encoding": "gzip" if gzipped else "identity"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


if __name__ == "__main__":
    main()
