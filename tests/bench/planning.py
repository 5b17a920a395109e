"""How long does the plan take? All projects for one company, by part, against the matching that it stands on.

Usage: python tests/bench/planning.py [--profile FILE]… [--rounds N]
"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter

from assistant.company.profile import Profile, read_profile
from assistant.delivery.report import report
from assistant.delivery.result import result
from assistant.matching.match import Matcher
from assistant.planning.assessment import Assessment, assess
from assistant.planning.closing import closings
from assistant.rulebook.load import load
from assistant.sources import read

ROOT = Path(__file__).parents[2]
ON = date(2026, 11, 23)
MILLI = 1000

PARTS: Mapping[str, Callable[[Assessment], object]] = {
    "standings and remedies": lambda a: [prospect.standing for prospect in a.prospects],
    "questions": lambda a: a.asks,
    "targets": lambda a: a.aims,
    "steps": lambda a: a.steps,
    "upkeep and timeline": lambda a: a.entries,
    "closings": lambda a: [list(closings(prospect)) for prospect in a.prospects],
    "paths": lambda a: a.paths,
}
PLAN = ("standings and remedies", "questions", "targets", "steps", "upkeep and timeline")


def timed(matcher: Matcher, profile: Profile) -> dict[str, float]:
    """Return the milliseconds of each part, worked out once after one another as a user meets them."""
    gc.collect()
    start = perf_counter()
    found = assess(matcher, profile, ON)
    times = {"matching": (perf_counter() - start) * MILLI}
    for name, part in PARTS.items():
        start = perf_counter()
        part(found)
        times[name] = (perf_counter() - start) * MILLI
    start = perf_counter()
    result(found)
    times["result as data"] = (perf_counter() - start) * MILLI
    start = perf_counter()
    report(found)
    times["report page"] = (perf_counter() - start) * MILLI
    return times


def main() -> None:
    """Print a table: parts by company, the least and the median of the rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", action="append", type=Path)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    rulebook = load(ROOT / "rules")
    matcher = Matcher(rulebook)
    for path in given.profile or sorted((ROOT / "profiles").glob("*.yaml")):
        profile = read_profile(read(path), rulebook.dictionary, rulebook.lists, ON)
        timed(matcher, profile)
        runs = [timed(matcher, profile) for _ in range(given.rounds)]
        print(f"{path.stem}  (least / median ms)")
        for name in runs[0]:
            print(f"  {name:24} {min(run[name] for run in runs):8.1f} {median(run[name] for run in runs):8.1f}")
        plan = [sum(run[name] for name in ("matching", *PLAN)) for run in runs]
        print(f"  {'plan, all projects':24} {min(plan):8.1f} {median(plan):8.1f}")


if __name__ == "__main__":
    main()
