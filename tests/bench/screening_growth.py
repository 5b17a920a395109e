"""How the time of screening grows with companies, projects and criteria, and what Spark adds on one machine.

Usage: python tests/bench/screening_growth.py [--companies N ...] [--rounds N] [--no-spark] [--keep FOLDER]

Every table is of one run; what stands beside each other took turns, the best of the rounds counts. Companies come from
Parquet in batches and their answers are dropped, with all columns unless it says verdicts alone. Spark runs in local
mode with two workers (`pip install '.[spark]'` and Java): the same Parquet in and out as the local engine, after a run
that starts its workers and compiles their plans; the answers of both are compared.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter

import polars as pl
from pyspark.sql import SparkSession

sys.path.insert(0, str(Path(__file__).parents[2]))

from assistant.matching.screening.arrow import KEPT, Screener, wanted_types
from assistant.matching.screening.frame import RECOGNITIONS
from assistant.matching.screening.plan import COLUMNS, Plan, compile  # noqa: A004
from assistant.planning.applying import Applications
from assistant.rulebook.book import Rulebook
from assistant.rulebook.load import load
from assistant.rulebook.requirement import leaves
from tests.bench.five_rules import FIVE, Queries
from tests.bench.peak import peak
from tests.bench.screening import ON, make
from tests.bench.screening_by_hand import best

ROOT = Path(__file__).parents[2]
BATCH = 100_000
SPARKED = 200_000
SPARK_BATCH = 50_000  # a run costs much for few, the JVM for many; its own default is 10,000
SOME = 100_000  # companies before whom projects and criteria grow
COUNTS = (1, 5, 20)


def criteria(rulebook: Rulebook, id_: str) -> int:
    """Return how many criteria all versions of a project have."""
    return sum(len(list(leaves(version.root))) for version in rulebook.projects[id_].versions)


def screened(plan: Plan, source: Path) -> int:
    """Screen all of *source* and return how many companies there were."""
    return sum(answers.height for answers in plan.screen(pl.scan_parquet(source / "*.parquet"), rows=BATCH))


def planned(rulebook: Rulebook, projects: Sequence[str], columns: Sequence[str], source: Path) -> tuple[Plan, float]:
    """Return a plan that is ready for *source*, and how long it took to compile: the first run more than the next."""
    start = perf_counter()
    plan = compile(rulebook, ON, Applications(ON), projects=projects, columns=columns)
    screened(plan, source)
    whole = perf_counter() - start
    start = perf_counter()
    screened(plan, source)
    return plan, whole - (perf_counter() - start)


def by_companies(rulebook: Rulebook, folder: Path, counts: Sequence[int], rounds: int) -> None:
    """Show how the time grows with companies."""
    print("\n| 公司 | 全部列 (s) | 千家/秒 | 只要结论 (s) | 千家/秒 | 峰值内存 MB |\n|" + " --- |" * 6)
    for count in counts:
        source = make(folder, count)
        plans = [planned(rulebook, (), columns, source)[0] for columns in (COLUMNS, ("verdict",))]
        (whole, _), (verdicts, _) = best(rounds, *(partial(screened, plan, source) for plan in plans))
        speed, quick = count / whole / 1000, count / verdicts / 1000
        print(f"| {count:,} | {whole:.2f} | {speed:.0f} | {verdicts:.2f} | {quick:.0f} | {peak()} |", flush=True)


def by_projects(rulebook: Rulebook, folder: Path, rounds: int) -> None:
    """Show how the time grows with projects, in the rulebook's order and by how many criteria they have."""
    source = make(folder, SOME)
    ids = list(rulebook.projects)
    ordered = sorted(ids, key=partial(criteria, rulebook))
    quarter = -(-len(ids) // 4)
    parts = {f"前 {count} 个项目": ids[:count] for count in COUNTS} | {f"全部 {len(ids)} 个项目": ids}
    parts |= {
        f"按条件数从少到多第 {at + 1} 组（{quarter} 个一组）": ordered[at * quarter : (at + 1) * quarter]
        for at in range(4)
    }
    print(f"\n| {SOME:,} 家公司 | 条件（各版本合计） | 编译 (s) | 全部列 (s) | 只要结论 (s) |\n|" + " --- |" * 5)
    for name, projects in parts.items():
        whole, compiling = planned(rulebook, projects, COLUMNS, source)
        verdicts, _ = planned(rulebook, projects, ("verdict",), source)
        (long, _), (short, _) = best(rounds, partial(screened, whole, source), partial(screened, verdicts, source))
        total = sum(criteria(rulebook, id_) for id_ in projects)
        print(f"| {name} | {total:,} | {compiling:.2f} | {long:.2f} | {short:.2f} |", flush=True)


def plain(rulebook: Rulebook, source: Path, target: Path) -> int:
    """Write what the five rules ask of the companies, as engines without enumerations hold it; return how many."""
    verdicts = Queries(rulebook).verdicts.values()
    asked = {name for verdict in verdicts for name in verdict.meta.root_names()} | {RECOGNITIONS}
    frame = pl.concat([pl.read_parquet(path) for path in sorted(source.glob("*.parquet"))])
    words = [pl.col(name).cast(pl.String) for name, kind in frame.schema.items() if isinstance(kind, pl.Enum)]
    number = pl.int_range(pl.len()).cast(pl.String)
    kept = frame.with_columns(*words).select([name for name in frame.columns if name in asked])
    whole = kept.with_columns(row=number, name="甲" + number)
    half = -(-whole.height // 2)
    for at in (0, half):  # a partition each
        whole[at : at + half].write_parquet(target / f"{at:07}.parquet")
    return whole.height


def local(screen: Screener, source: Path, target: Path) -> None:
    """Screen from Parquet to Parquet in this process."""
    for path in sorted(source.glob("*.parquet")):
        frame = pl.read_parquet(path)
        answers = screen.plan.run(frame).cast(pl.Schema(wanted_types(screen.plan)))
        frame.select("row", "name").hstack(answers).write_parquet(target / path.name)


def on_spark(spark: SparkSession, screen: Screener, source: Path, target: Path) -> None:
    """Screen from Parquet to Parquet on Spark."""
    given = spark.read.parquet(str(source))
    given.mapInArrow(screen, screen.spark_schema()).write.mode("overwrite").parquet(str(target))


def with_spark(rulebook: Rulebook, folder: Path, rounds: int) -> None:
    """Show what Spark adds."""
    screen = Screener(rulebook, ON, Applications(ON), FIVE)
    source, here, there = (folder / name for name in ("plain", "here", "there"))
    for path in (source, here):
        path.mkdir()
    count = plain(rulebook, make(folder, SPARKED), source)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    start = perf_counter()
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.executorEnv.PYTHONPATH", str(ROOT))
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", str(SPARK_BATCH))
        .config("spark.executorEnv.POLARS_MAX_THREADS", "1")  # a task has one core
        .getOrCreate()
    )
    started = perf_counter() - start
    runs: list[Callable[[], object]] = [
        partial(local, screen, source, here), partial(on_spark, spark, screen, source, there),
    ]  # fmt: skip
    first = [best(1, run)[0][0] for run in runs]
    (own, _), (theirs, _) = best(rounds, *runs)
    spark.stop()
    both = [pl.read_parquet(path / "*.parquet").sort(pl.col("row").cast(pl.Int64)) for path in (here, there)]
    assert both[0].drop("name", "row").equals(both[1].drop(KEPT), null_equal=True)
    print(f"\nSpark local[2], {count:,} 家公司, {len(FIVE)} 个项目, Parquet 到 Parquet, 结果逐位相同：")
    print(
        f"本机 {own:.2f} s（首次 {first[0]:.2f}），Spark {theirs:.2f} s（首次 {first[1]:.2f}，另起动 {started:.1f}），",
        end="",
    )
    print(f"Spark / 本机 = {theirs / own:.2f}")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--no-spark", action="store_true")
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    rulebook = load(ROOT / "rules")
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, batches of {BATCH:,}")
        by_projects(rulebook, folder, given.rounds)
        if not given.no_spark:
            with_spark(rulebook, Path(temporary), given.rounds)
        by_companies(rulebook, folder, given.companies, given.rounds)
        print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
