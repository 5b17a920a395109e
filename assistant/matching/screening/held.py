"""Recognitions held, as bit masks: a bit for each recognition of the lists, a mask for each question asked of them.

A question is about the days of an application or the year of a cycle. What is not sure has a mask of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal, NamedTuple

import polars as pl

from assistant.dates import DateSpan
from assistant.logic.column_dates import add_years
from assistant.matching.screening.frame import RECOGNITIONS
from assistant.rulebook.book import Rulebook

BITS = 62  # of one mask
ROW = "·row"
_FOR_GOOD = date.max


class Question(NamedTuple):
    """Which holdings a mask marks: valid, possibly valid, ending in a year, or with a last day that is not known."""

    what: Literal["valid", "maybe", "ends", "unsure"]
    span: DateSpan | None = None
    year: int = 0

    @property
    def column(self) -> str:
        """The mask's column, without the number of its word."""
        days = f"{self.span.earliest}..{self.span.latest}" if self.span else ""
        return f"·{self.what}{days}{self.year or ''}"


class Masks:
    """The masks that formulas ask for, and how they are made from a frame's recognitions."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Number the recognitions of *rulebook*."""
        self.places = {id_: place for place, id_ in enumerate(rulebook.lists.recognitions)}
        self.questions: dict[Question, None] = {}
        terms = [rulebook.recognition(id_) for id_ in self.places]
        self._terms = pl.DataFrame(
            {
                "id": pl.Series(list(self.places), dtype=pl.Enum(list(self.places))),
                "years": pl.Series([term.years for term in terms], dtype=pl.Int32),
                "permanent": [term.permanent for term in terms],
                "bit": pl.Series([1 << place % BITS for place in self.places.values()], dtype=pl.Int64),
                "word": pl.Series([place // BITS for place in self.places.values()], dtype=pl.UInt8),
            }
        )

    @property
    def words(self) -> int:
        """How many masks hold all recognitions."""
        return (len(self.places) - 1) // BITS + 1

    def any_of(self, ids: tuple[str, ...], question: Question) -> pl.Expr:
        """Return whether one of *ids* is marked; null where the company did not say."""
        self.questions[question] = None
        marks: dict[int, int] = {}
        for id_ in dict.fromkeys(ids):
            place = self.places[id_]
            marks[place // BITS] = marks.get(place // BITS, 0) | 1 << place % BITS
        found = [
            (pl.col(f"{question.column}·{word}") & pl.lit(mask, dtype=pl.Int64)) != 0 for word, mask in marks.items()
        ]
        return pl.any_horizontal(found)

    def listed(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Return a row for every holding in *batch*, with its last valid day as far as it is known."""
        long = batch.select(pl.row_index(ROW), RECOGNITIONS).drop_nulls().explode(RECOGNITIONS).drop_nulls()
        long = long.unnest(RECOGNITIONS).drop_nulls("id").join(self._terms, on="id", how="left", maintain_order="left")
        by_term = pl.when(~pl.col("permanent") & pl.col("years").is_not_null()).then(
            add_years(pl.col("granted"), pl.col("years")) - timedelta(days=1)
        )
        return long.with_columns(
            expires=pl.coalesce("expires", by_term),
            sure=pl.col("expires").is_not_null() | pl.col("permanent") | by_term.is_not_null(),
        )

    def marked(self, batch: pl.DataFrame, long: pl.DataFrame, needed: frozenset[str] | None = None) -> pl.DataFrame:
        """Return *batch* with a column for each mask asked for, or those *needed* of them."""
        columns = {
            f"{question.column}·{word}": pl.when(_marks(question) & (pl.col("word") == word))
            .then("bit")
            .otherwise(pl.lit(0, dtype=pl.Int64))
            for question in self.questions
            for word in range(self.words)
            if needed is None or f"{question.column}·{word}" in needed
        }
        if not columns:
            return batch
        twice = long.select(pl.struct(ROW, "id").is_duplicated().any()).item()
        joining = pl.all().bitwise_or() if twice else pl.all().sum()  # different bits add up to their mask, faster
        masks = long.select(ROW, **columns).group_by(ROW).agg(joining)
        joined = batch.with_row_index(ROW).join(masks, on=ROW, how="left", maintain_order="left")
        told = pl.col(RECOGNITIONS).is_not_null()
        return joined.drop(ROW).with_columns(pl.when(told).then(pl.col(*columns).fill_null(0)))


def valid(span: DateSpan) -> pl.Expr:
    """Return whether a holding is valid on the application date, whichever day of *span* that is."""
    granted, expires, sure = pl.col("granted"), pl.col("expires"), pl.col("sure")
    first, last = pl.lit(span.earliest), pl.lit(span.latest)
    never = (granted > last).fill_null(value=False) | (expires < first).fill_null(value=False)
    open_ = ~sure | (granted > first).fill_null(value=False) | (expires < last).fill_null(value=False)
    return pl.when(never).then(pl.lit(False)).when(~open_).then(pl.lit(True))  # noqa: FBT003


def _marks(question: Question) -> pl.Expr:
    match question.what:
        case "valid":
            assert question.span is not None
            return valid(question.span).fill_null(value=False)
        case "maybe":
            assert question.span is not None
            return valid(question.span).is_null()
        case "ends":
            return (pl.col("sure") & (pl.col("expires").dt.year() == question.year)).fill_null(value=False)
        case "unsure":
            return ~pl.col("sure")


def holders(long: pl.DataFrame, on: date, projects: Mapping[str, object]) -> pl.DataFrame:
    """Return who holds which of *projects* today, until when at the longest (null = for good or not known)."""
    current = valid(DateSpan.of(on)).fill_null(value=True) & pl.col("id").cast(pl.String).is_in(list(projects))
    last = pl.col("expires").fill_null(_FOR_GOOD).max()
    found = long.filter(current).group_by("id", ROW).agg(last)
    return found.with_columns(pl.when(pl.col("expires") != _FOR_GOOD).then("expires"))
