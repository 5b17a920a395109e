"""Screening on Spark: the same plan over Arrow batches, in processes of its own, equal bit for bit."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from pyspark.sql import SparkSession

from assistant.matching.screening.arrow import KEPT, Screener, wanted_types
from assistant.planning.applying import Applications
from tests.bench.screening import companies
from tests.conftest import ON, ROOT, book

PROJECTS = ("specialized-sme", "little-giant", "high-tech-enterprise", "provincial-enterprise-tech-center")
COUNT = 3_000


@pytest.fixture(scope="module")
def screen() -> Screener:
    """Return a screener of a few projects: compiling all of them in every worker is no more of a proof."""
    return Screener(book(), ON, Applications(ON), PROJECTS)


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    """Return made-up companies, as engines without enumerations hold them."""
    made = companies(book(), COUNT, 11)
    plain = [pl.col(name).cast(pl.String) for name, kind in made.schema.items() if isinstance(kind, pl.Enum)]
    number = pl.int_range(pl.len())
    return made.with_columns(*plain, row=number.cast(pl.String), name=pl.lit("甲") + number.cast(pl.String))


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    """Give a Spark of two workers on this machine."""
    patch = pytest.MonkeyPatch()
    patch.setenv("PYSPARK_PYTHON", sys.executable)
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.executorEnv.PYTHONPATH", str(ROOT))
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "700")
        .getOrCreate()
    )
    yield session
    session.stop()
    patch.undo()


def expected(screen: Screener, frame: pl.DataFrame) -> pl.DataFrame:
    """Return what the local engine says, in the same types."""
    return screen.plan.run(frame).cast(pl.Schema(wanted_types(screen.plan)))


def test_arrow_batches_say_what_the_local_engine_says(screen: Screener, frame: pl.DataFrame) -> None:
    """Whoever they are comes through; how they are cut makes no difference; a copy that was sent away says the same."""
    sent = pickle.loads(pickle.dumps(screen))  # noqa: S301 # our own
    batches = frame.to_arrow().to_batches(max_chunksize=501)
    found = pl.concat([pl.DataFrame(pl.from_arrow(one)) for one in sent(iter(batches))])
    assert found.schema == pl.DataFrame(pl.from_arrow(screen.schema().empty_table())).schema
    assert found["row"].to_list() == frame["row"].to_list()
    assert found["uscc"].null_count() == COUNT
    assert found.drop(KEPT).equals(expected(screen, frame), null_equal=True)


def test_spark_says_what_the_local_engine_says(
    screen: Screener, frame: pl.DataFrame, spark: SparkSession, tmp_path: Path
) -> None:
    """From Parquet to Parquet, in two workers."""
    frame.write_parquet(tmp_path / "companies.parquet")
    given = spark.read.parquet(str(tmp_path / "companies.parquet")).repartition(3)
    given.mapInArrow(screen, screen.spark_schema()).write.parquet(str(tmp_path / "answers"))
    found = pl.read_parquet(tmp_path / "answers" / "*.parquet").sort(pl.col("row").cast(pl.Int64))
    assert found.height == COUNT
    assert found.drop(KEPT).equals(expected(screen, frame), null_equal=True)
