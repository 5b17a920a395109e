"""How fast is one evaluation? Medians of repeated runs, and the memory it takes.

Usage: python tests/bench/evaluation.py [--profile FILE] [--rounds N]
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import tempfile
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter

from assistant.company.profile import Profile, read_profile
from assistant.dates import DateSpan
from assistant.matching.findings import actual_value, shortfall
from assistant.matching.match import Application, Match, Matcher
from assistant.matching.situation import Company
from assistant.rulebook.book import Rulebook
from assistant.rulebook.load import load
from assistant.sources import read

ROOT = Path(__file__).parents[2]
ON = date(2026, 11, 23)
MILLION = 1_000_000


def median_time(run: Callable[[], object], rounds: int) -> float:
    """Return the median seconds of a run."""
    times = []
    gc.disable()
    for _ in range(rounds):
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
        gc.collect()
    gc.enable()
    return median(times)


def matches(matcher: Matcher, profile: Profile) -> Iterator[Match]:
    """Yield the match of a company with every project, for next year's cycle."""
    company = Company(profile, matcher.rulebook, ON)
    application = Application(ON.year + 1, DateSpan(date(ON.year + 1, 3, 1), date(ON.year + 1, 8, 31)), "new")
    for project in matcher.rulebook.projects.values():
        yield matcher.match_company(company, project, application)


def forced(found: Iterator[Match]) -> int:
    """Read every finding as a page would: state, basis, missing, what was found and by how much it falls short."""
    count = 0
    for match in found:
        for finding in match.findings:
            count += 1
            assert finding.state
            assert isinstance(finding.basis, tuple)
            assert isinstance(finding.missing, tuple)
            for outcome in finding.outcomes:
                actual_value(outcome)
                shortfall(outcome)
    return count


def process_time(arguments: Sequence[str], rounds: int, *, warm: bool) -> float | None:
    """Return the seconds of a whole process, with an empty or a filled cache; None where the command fails."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "ASSISTANT_CACHE": cache, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "assistant", *arguments]

        def run() -> int:
            return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=False).returncode

        if warm and run() not in (0, 1):
            return None
        times = []
        for _ in range(rounds):
            if not warm:
                for path in Path(cache).iterdir():
                    path.unlink()
            start = perf_counter()
            if run() not in (0, 1):
                return None
            times.append(perf_counter() - start)
        return median(times)


def peak_memory(book: Rulebook, profile: Profile) -> int:
    """Return the most bytes that evaluating one company holds at once."""
    matcher = Matcher(book)
    forced(matches(matcher, profile))
    tracemalloc.start()
    kept = list(matches(matcher, profile))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept
    return peak


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--profile", type=Path)
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args()
    path = options.profile or next((p for p in sorted((ROOT / "profiles").glob("*.yaml")) if p.stem != "empty"), None)
    book = load(ROOT / "rules")
    if path is None:
        raise SystemExit("no profile in profiles/; give one with --profile")
    profile = read_profile(read(path), book.dictionary, book.lists, ON)
    matcher = Matcher(book)
    found = list(matches(matcher, profile))
    criteria = forced(iter(found))
    row("profile", path.name)
    row("projects · criteria found", f"{len(found)} · {criteria}")
    whole = median_time(lambda: forced(matches(matcher, profile)), options.rounds)
    row("one company × whole rulebook", f"{whole * MILLION:,.0f} µs")
    row("per criterion", f"{whole * MILLION / criteria:.2f} µs")
    row(
        "compiling all versions",
        f"{median_time(lambda: deque(matches(Matcher(book), profile), maxlen=0), 10) * 1000:,.1f} ms",
    )
    row("reading all rule files", f"{median_time(lambda: load(ROOT / 'rules'), 5) * 1000:,.0f} ms")
    row("peak memory of one evaluation", f"{peak_memory(book, profile) / 1024:,.0f} KiB")
    command = ["match", str(path.resolve()), "--on", str(ON), "--format", "json"]
    for name, warm in (("assistant match, cold", False), ("assistant match, with cache", True)):
        seconds = process_time(command, 7, warm=warm)
        row(
            name,
            "left out: the command fails or does not exist yet" if seconds is None else f"{seconds * 1000:,.0f} ms",
        )


def row(name: str, value: str) -> None:
    """Print one line of the table."""
    print(f"{name:32} {value}")


if __name__ == "__main__":
    main()
