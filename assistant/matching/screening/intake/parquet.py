"""Tables of Parquet files, in the types they have, by pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from assistant.errors import Problem
from assistant.matching.screening.intake.blocks import refused
from assistant.matching.screening.intake.table import BATCH, ROW, Table


def opened(path: Path) -> Table:
    """Return the table of a Parquet file; see `tables.open_table`."""
    scan = pl.scan_parquet(path)
    try:
        names = scan.collect_schema().names()
        height = int(scan.select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, OSError) as error:
        raise refused("table-damaged", path.name, found=str(error).partition("\n")[0]) from None
    if not names or not height:
        raise refused("table-no-rows", path.name)

    def source(columns: Sequence[int], faults: list[Problem]) -> Iterator[pl.DataFrame]:
        del faults
        row = 1
        wanted = scan.select(pl.col(names[one]).alias(str(one)) for one in columns)
        try:
            for batch in wanted.collect_batches(chunk_size=BATCH, maintain_order=True):
                for piece in batch.iter_slices(BATCH):
                    yield piece.with_row_index(ROW, offset=row)
                    row += piece.height
        except (pl.exceptions.PolarsError, OSError) as error:
            raise refused("table-damaged", path.name, found=str(error).partition("\n")[0]) from None

    return Table(path.name, tuple(names), "parquet", source, height=height)
