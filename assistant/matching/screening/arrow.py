"""The same plan as a function over Arrow batches, for engines that spread them over many machines.

It is made of the rules themselves and compiles its plan where it runs, once in each process. In PySpark:

    screen = Screener(rulebook, on, applications)
    answers = companies.mapInArrow(screen, screen.spark_schema())
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa

from assistant.matching.screening.plan import Plan
from assistant.matching.screening.routes import Applications
from assistant.rulebook.book import Rulebook

KEPT = ("row", "name", "uscc")  # columns that are handed through

_plans: dict[tuple[str, date, tuple[str, ...]], Plan] = {}  # of this process


class Screener:
    """Answers for batches of companies; small enough to be sent to every worker."""

    def __init__(self, rulebook: Rulebook, on: date, applications: Applications, projects: Sequence[str] = ()) -> None:
        """Screen by *rulebook* on a day, for *projects* (default: all)."""
        self._given = rulebook, on, applications
        self._projects = tuple(projects)

    @property
    def plan(self) -> Plan:
        """The plan, compiled in this process when it is first needed."""
        rulebook, on, applications = self._given
        key = (rulebook.digest, on, self._projects)
        if key not in _plans:
            _plans[key] = Plan(rulebook, on, applications, self._projects)
        return _plans[key]

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the answers, batch by batch; the columns `row`, `name`, `uscc` come through where they are there.

        Raises:
            NotAdmitted: a batch is no frame.

        """
        wanted = self.schema()
        for batch in batches:
            found = pl.DataFrame(pl.from_arrow(batch))
            answers = self.plan.run(found).cast(pl.Schema(wanted_types(self.plan)))
            kept = [found[name] if name in found.columns else pl.Series(name, [None] * found.height) for name in KEPT]
            told = pl.DataFrame(kept).with_columns(pl.all().cast(pl.String)).hstack(answers)
            yield from told.to_arrow().cast(wanted).to_batches()

    def schema(self) -> pa.Schema:
        """Return the types of the answers in Arrow."""
        types = {**dict.fromkeys(KEPT, pl.String()), **wanted_types(self.plan)}
        schema: pa.Schema = pl.DataFrame(schema=types).to_arrow().schema
        return pa.schema(
            [field.with_type(pa.string()) if field.type == pa.large_string() else field for field in schema]
        )

    def spark_schema(self) -> Any:
        """Return the types of the answers in PySpark."""
        from pyspark.sql.pandas.types import from_arrow_schema  # noqa: PLC0415 # only where Spark is

        return from_arrow_schema(self.schema())


def wanted_types(plan: Plan) -> Mapping[str, pl.DataType]:
    """Return the types of a plan's answers for engines without enumerations and numbers without sign."""
    plain: dict[str, pl.DataType] = {}
    for project in plan.projects:
        for name in plan.columns_of(project):
            kind = plan.dtype_of(project, name)
            if isinstance(kind, pl.Enum):
                kind = pl.String()
            elif isinstance(kind, pl.UInt16 | pl.Int16):
                kind = pl.Int32()
            plain[f"{project.id}.{name}"] = kind
    return plain
