"""Five real rules as Polars queries written by hand, against the product's own plan.

Usage: python tests/bench/screening_by_hand.py [--companies N] [--rounds N]

Every verdict is compared first, for companies as they come and for promising ones. Then both get the same frame in
memory and give verdicts alone; they take turns, and the best of the rounds is compared: ratios, never absolute claims.
The plan also checks at its door what the queries take for granted (types, bounds, ranges).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[2]))

from assistant.matching.screening.plan import compile  # noqa: A004
from assistant.planning.applying import Applications
from assistant.rulebook.book import Rulebook
from assistant.rulebook.load import load
from tests.bench.five_rules import Queries
from tests.bench.screening import ON, Dice, companies

ROOT = Path(__file__).parents[2]
PROMISE = 0.98  # of the flags of a promising company are as the rules want them
WRONG = ("3y", "2y", "1y", "pending", "issue", "list", "dishonesty", "product")  # how flags end that should not be set


def promising(frame: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Return companies that fail by little: enterprises with most flags as they should be."""
    dice = Dice(frame.height, seed)
    flags = [name for name, kind in frame.schema.items() if kind == pl.Boolean]
    turned = [
        pl.when((dice.share() < PROMISE) & pl.col(name).is_not_null()).then(not name.endswith(WRONG)).otherwise(name)
        for name in flags
    ]
    spent = [(pl.col(name) // 2).alias(name) for name in frame.columns if name.startswith("total_liabilities")]
    kept = [(pl.col(name) * 3 // 4).alias(name) for name in frame.columns if name.startswith("total_income")]
    return frame.with_columns(*(one.alias(name) for one, name in zip(turned, flags, strict=True)), *spent, *kept)


def best(rounds: int, *runs: Callable[[], object]) -> list[tuple[float, float]]:
    """Return the least seconds of each of *runs*, by the clock and of all cores' work; they take turns."""
    taken: list[list[tuple[float, float]]] = [[] for _ in runs]
    for _ in range(rounds):
        for each, run in zip(taken, runs, strict=True):
            clock, work = perf_counter(), process_time()
            run()
            each.append((perf_counter() - clock, process_time() - work))
    return [(min(one[0] for one in each), min(one[1] for one in each)) for each in taken]


def compare(rulebook: Rulebook, frames: Sequence[pl.DataFrame]) -> None:
    """See that the queries and the plan say the same of every company."""
    queries = Queries(rulebook)
    projects = list(queries.verdicts)
    plan = compile(rulebook, ON, Applications(ON), projects=projects, columns=("verdict",))
    for frame in frames:
        ours, theirs = plan.run(frame), queries.run(frame, projects)
        assert ours.columns == theirs.columns
        for name in ours.columns:
            apart = (ours[name].cast(pl.String) != theirs[name].cast(pl.String)).arg_true()
            if ours[name].null_count() or theirs[name].null_count() or len(apart):
                pairs = ours.select(pl.col(name).alias("plan")).hstack([theirs[name].alias("query")])[apart]
                sys.exit(
                    f"{name}: {len(apart)} companies apart {pairs.head(3).rows()}, first in row {apart[:1].to_list()}"
                )
            counts = ours[name].value_counts(sort=True).rows()
            print(f"  {name.removesuffix('.verdict')}: " + ", ".join(f"{word} {count:,}" for word, count in counts))


def main() -> None:
    """Compare, then measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    rulebook = load(ROOT / "rules")
    frame = companies(rulebook, given.companies, 1)
    print(
        f"verdicts of plan and queries are the same for all of {given.companies:,} companies, and for promising ones:"
    )
    compare(rulebook, [frame, promising(frame, 7)])
    queries = Queries(rulebook)
    every = list(queries.verdicts)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; best of {given.rounds}, taking turns")
    print("| 规则 | 手写查询 (s) | 计划 (s) | 时间比 | 处理器时间比 |\n| --- | --- | --- | --- | --- |")
    for projects in ([*every], *([id_] for id_ in every)):
        plan = compile(rulebook, ON, Applications(ON), projects=projects, columns=("verdict",))
        plan.run(frame)
        theirs, ours = best(given.rounds, partial(queries.run, frame, projects), partial(plan.run, frame))
        name = rulebook.projects[projects[0]].name if len(projects) == 1 else "五条一起"
        ratios = " | ".join(f"{own / hand:.2f}" for own, hand in zip(ours, theirs, strict=True))
        print(f"| {name} | {theirs[0]:.3f} | {ours[0]:.3f} | {ratios} |", flush=True)


if __name__ == "__main__":
    main()
