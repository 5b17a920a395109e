"""How long does screening take, and how much memory? Made-up companies before the real rulebook, in a child process.

Usage: python tests/bench/screening.py [--companies N] [--batch N] [--threads N] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
from datetime import date
from pathlib import Path
from time import perf_counter

import polars as pl

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from assistant.company.facts import FactSpec  # noqa: E402
from assistant.matching.screening.frame import PARTS, column_of, recognitions_type, type_of  # noqa: E402
from assistant.matching.screening.plan import Plan  # noqa: E402
from assistant.planning.applying import Applications  # noqa: E402
from assistant.rulebook.book import Rulebook  # noqa: E402
from assistant.rulebook.load import load  # noqa: E402
from tests.bench.peak import peak  # noqa: E402

ON = date(2026, 11, 23)
BLANK = 0.15  # of the answers
HOLDERS = 0.08  # of the companies, for each of the recognitions that many hold
MANY_HOLD = ("high-tech-enterprise", "innovative-sme", "specialized-sme")
HALF = 0.5
DAY = 86_400_000_000  # microseconds
PIECE = 100_000  # companies made at once


class Dice:
    """Numbers that look random and are the same for the same seed: one series for each throw."""

    def __init__(self, count: int, seed: int) -> None:
        """Throw for *count* companies."""
        self.count = count
        self.seed = seed * 100_000

    def share(self) -> pl.Series:
        """Return numbers from 0 to 1."""
        self.seed += 1
        return (pl.int_range(self.count, eager=True).hash(self.seed) % (1 << 40)).cast(pl.Float64) / (1 << 40)

    def below(self, most: int) -> pl.Series:
        """Return whole numbers below *most*."""
        return (self.share() * most).cast(pl.Int64)

    def word(self, words: list[str]) -> pl.Series:
        """Return one of *words* each."""
        return pl.Series(words).gather(self.below(len(words)))


def companies(rulebook: Rulebook, count: int, seed: int) -> pl.DataFrame:
    """Return made-up companies: three years of figures, all facts that rules ask for, some blanks, few certificates."""
    dice = Dice(count, seed)
    bell = dice.share() + dice.share() + dice.share() + dice.share() - 2
    revenue = ((bell * 2.8 + 18.2).exp() * 100).cast(pl.Int64)  # 分
    employees = (revenue / 100 / (dice.share() * 8e5 + 4e5)).cast(pl.Int64) + 1
    columns: dict[str, pl.Series] = {}
    for name in sorted(rulebook.facts_used()):
        spec = rulebook.dictionary.facts[name]
        if spec.derived or spec.kind in ("text", "events"):
            continue
        for year in (2023, 2024, 2025) if spec.yearly else (None,):
            column = column_of(name, year)
            dtype = type_of(column, rulebook)
            assert dtype is not None
            base = employees if spec.kind == "count" else revenue
            columns[column] = _answers(spec, dtype, dice, base)
    frame = pl.DataFrame(columns)
    blanks = [pl.when(dice.share() >= BLANK).then(pl.col(name)).alias(name) for name in frame.columns]
    return frame.select(blanks).with_columns(_recognitions(rulebook, dice))


def _answers(spec: FactSpec, dtype: pl.DataType, dice: Dice, base: pl.Series) -> pl.Series:
    if isinstance(dtype, pl.Boolean):
        return dice.share() < HALF
    if isinstance(dtype, pl.Date):
        return pl.Series([ON]).gather(dice.below(1)) - (dice.below(12_000) * DAY).cast(pl.Duration("us"))
    if isinstance(dtype, pl.Enum):
        return dice.word(dtype.categories.to_list()).cast(dtype)
    if isinstance(dtype, pl.List):
        assert isinstance(dtype.inner, pl.Enum)
        words = dtype.inner.categories.to_list()
        return dice.word([*words[:1] * 9, *words]).reshape((dice.count, 1)).arr.to_list().cast(dtype)
    if spec.yearly:
        if spec.name in ("revenue", "employees"):
            return (base * (dice.share() * 0.4 + 0.8)).cast(pl.Int64)
        return (base * dice.share() * dice.share() * 0.4).cast(pl.Int64)
    if spec.kind in ("percent", "years", "quantity"):
        return dice.below(100) * PARTS
    return dice.below(10) + int(spec.least or 0)


def _recognitions(rulebook: Rulebook, dice: Dice) -> pl.Series:
    parts = []
    for place, id_ in enumerate(dict.fromkeys([*MANY_HOLD, *rulebook.projects])):
        holds = dice.share() < (HOLDERS if place < len(MANY_HOLD) else HOLDERS / 100)
        rows = holds.arg_true()
        granted = pl.Series([ON]).gather(dice.below(1)) - (dice.below(1500) * DAY).cast(pl.Duration("us"))
        parts.append(pl.DataFrame({"row": rows, "id": [id_] * len(rows), "granted": granted.gather(rows)}))
    held = pl.concat(parts).with_columns(expires=pl.lit(None, dtype=pl.Date))
    lists = held.group_by("row").agg(recognitions=pl.struct("id", "granted", "expires"))
    all_ = pl.DataFrame({"row": pl.int_range(dice.count, dtype=pl.UInt32, eager=True)})
    found = all_.join(lists, on="row", how="left", maintain_order="left")["recognitions"]
    return found.fill_null(pl.Series([[]], dtype=found.dtype)).cast(recognitions_type(rulebook))


def make(folder: Path, count: int) -> Path:
    """Write *count* companies as Parquet files; those that are there stay."""
    rulebook = load(ROOT / "rules")
    target = folder / f"companies-{count}"
    target.mkdir(parents=True, exist_ok=True)
    for place, start in enumerate(range(0, count, PIECE)):
        path = target / f"{place:04}.parquet"
        if not path.exists():
            companies(rulebook, min(PIECE, count - start), place).write_parquet(path)
    return target


def screen(source: Path, target: Path, batch: int, tell: multiprocessing.connection.Connection) -> None:
    """Screen all of *source* into *target*, and tell how long it took and what it needed."""
    before = peak()
    rulebook = load(ROOT / "rules")
    start = perf_counter()
    plan = Plan(rulebook, ON, Applications(ON))
    compiled = perf_counter() - start
    start = perf_counter()
    first = 0.0
    rows = columns = 0
    for place, answers in enumerate(plan.screen(pl.scan_parquet(source / "*.parquet"), rows=batch)):
        answers.write_parquet(target / f"{place:04}.parquet")
        first = first or perf_counter() - start
        rows, columns = rows + answers.height, answers.width
    took = perf_counter() - start
    tell.send((compiled, first, took, rows, columns, len(plan.left_out), before, peak()))


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=100_000)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = make(given.keep or Path(folder), given.companies)
        target = Path(folder) / "answers"
        target.mkdir()
        listen, tell = multiprocessing.Pipe()
        child = multiprocessing.get_context("spawn").Process(target=screen, args=(source, target, given.batch, tell))
        child.start()
        child.join()
        if child.exitcode:
            sys.exit(child.exitcode)
        compiled, first, took, rows, columns, left_out, before, most = listen.recv()
    print(f"load: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores (a quiet machine is below 0.5)")
    print(f"compiled and tried on the greatest numbers: {compiled:.1f} s, projects left out: {left_out}")
    print(
        f"{rows:,} companies, {columns} columns, batches of {given.batch:,}: {took:.1f} s (first batch {first:.1f} s)"
    )
    print(f"Parquet to Parquet {rows / took:,.0f} companies a second; peak memory {most} MB ({before} before)")


if __name__ == "__main__":
    main()
