"""A frame is many companies as a wide table: a row each, columns by the dictionary's names. Null is unknown.

    revenue_2025, employees_2025 …   a figure of a fiscal year (the company's own estimate where there is no actual one)
    class1_ip, market_share …        a fact as of now
    <column>_low, <column>_high      both ends where the answer is a range; the column itself is null there
    city, industry, <choice>         Enum of the cities' names, the industry codes without letter, the choices' ids
    <choice of several>              List(Enum)
    established, <date>              Date
    <flag>                           Boolean
    science_awards, <events>         List(Struct) of the fields, numbers of theirs with `_low` and `_high`
    recognitions                     List(Struct{id, granted, expires}); null: the company did not say
    judgement.<project>.<criterion>  Boolean: somebody's recorded answer to a criterion that needs one

Numbers are whole (Int64): money in 分, counts in their base unit, all others in millionths of the fact's own unit.
Whatever else a column holds (floats, so NaN and infinity too) is refused at the door; unknown columns are ignored.
Derived facts are never read: they are derived here as for one company.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import polars as pl

from assistant.company.answers import LARGEST
from assistant.company.facts import FactSpec
from assistant.company.profile import Profile
from assistant.logic.columns import MOST_ENTRIES
from assistant.logic.values import Range
from assistant.rulebook.book import Rulebook

PARTS = 1_000_000  # of the unit of a number that need not be whole
RECOGNITIONS, JUDGEMENT = "recognitions", "judgement"
_YEARLY = re.compile(r"(\w+)_(\d{4})(_low|_high)?$")
_END = re.compile(r"(\w+?)(_low|_high)?$")


class NotAdmitted(Exception):
    """A frame that cannot be screened: every column with what is wrong with it."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        """Keep the *faults*: pairs of a column and a word for what is wrong."""
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{column}: {fault}" for column, fault in faults))


def scale_of(spec: FactSpec) -> Fraction:
    """Return what 1 in a frame's column is worth in the fact's base unit."""
    assert spec.unit is not None
    return Fraction(1) if spec.kind in ("money", "count") else Fraction(spec.unit.factor) / PARTS


def most_of(spec: FactSpec) -> int:
    """Return the greatest magnitude that a frame's column can have."""
    assert spec.unit is not None
    return int(max(LARGEST, spec.most or 0) * spec.unit.factor / scale_of(spec))


def column_of(name: str, year: int | None = None) -> str:
    """Return the column of a fact."""
    return name if year is None else f"{name}_{year}"


def dtype_of(spec: FactSpec, rulebook: Rulebook) -> pl.DataType:
    """Return the type of a fact's column."""
    if spec.numeric:
        return pl.Int64()
    match spec.kind:
        case "flag":
            return pl.Boolean()
        case "date":
            return pl.Date()
        case "city":
            return pl.Enum(rulebook.lists.city_names)
        case "industry":
            return pl.Enum(list(rulebook.lists.industries))
        case "choice":
            ids = pl.Enum(list(spec.choices))
            return pl.List(ids) if spec.multiple else ids
        case "events":
            return pl.List(pl.Struct(dict(_fields(spec, rulebook))))
        case _:
            return pl.String()


def _fields(spec: FactSpec, rulebook: Rulebook) -> Iterator[tuple[str, pl.DataType]]:
    for name, inner in spec.fields.items():
        yield name, dtype_of(inner, rulebook)
        if inner.numeric:
            yield from ((f"{name}_low", pl.Int64()), (f"{name}_high", pl.Int64()))


def recognitions_type(rulebook: Rulebook) -> pl.DataType:
    """Return the type of the recognitions column."""
    ids = pl.Enum(list(rulebook.lists.recognitions))
    return pl.List(pl.Struct({"id": ids, "granted": pl.Date(), "expires": pl.Date()}))


def asked_of(column: str, rulebook: Rulebook) -> FactSpec | None:
    """Return the fact that *column* belongs to; None where it is none of the dictionary's."""
    facts = rulebook.dictionary.facts
    if (yearly := _YEARLY.match(column)) and (spec := facts.get(yearly[1])) and spec.yearly:
        return spec
    if (spec := facts.get(column)) is not None and not spec.yearly:
        return spec
    ends = _END.match(column)
    spec = facts.get(ends[1]) if ends and ends[2] else None
    return spec if spec and spec.numeric and not spec.yearly else None


def type_of(column: str, rulebook: Rulebook) -> pl.DataType | None:
    """Return the type that *column* must have; None where it is not one of a frame's."""
    if column == RECOGNITIONS:
        return recognitions_type(rulebook)
    if column.startswith(f"{JUDGEMENT}."):
        return pl.Boolean()
    spec = asked_of(column, rulebook)
    return None if spec is None or spec.derived else dtype_of(spec, rulebook)


Ends = Mapping[str, tuple[Any, Any]]  # the least and greatest of a column, where it has a number or a day


def admitted(batch: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """Return the frame's columns of *batch* in their types; see `admit`."""
    return admit(batch, rulebook)[0]


def admit(batch: pl.DataFrame, rulebook: Rulebook) -> tuple[pl.DataFrame, Ends]:
    """Return the frame's columns of *batch* in their types, and between which ends they lie.

    Raises:
        NotAdmitted: a column of another type, out of a fact's bounds, or one end of a range without the other.

    """
    faults: list[tuple[str, str]] = []
    kept: list[pl.Expr] = []
    for column, found in batch.schema.items():
        wanted = type_of(column, rulebook)
        if wanted is None:
            continue
        if found != wanted and not (found.is_integer() and wanted == pl.Int64) and not _is_spelled(found, wanted):
            faults.append((column, f"{found} instead of {wanted}"))
            continue
        kept.append(pl.col(column).cast(wanted))
    if faults:
        raise NotAdmitted(faults)
    if not kept:
        return _blank(batch.height, rulebook), {}
    try:
        frame = batch.select(kept)
    except pl.exceptions.PolarsError as error:
        raise NotAdmitted([("", str(error).partition("\n")[0])]) from None
    ends = _ends(frame)
    faults = [fault for column in frame.columns for fault in _faults(frame, column, ends, rulebook)]
    if faults:
        raise NotAdmitted(faults)
    return frame, ends


def _ends(frame: pl.DataFrame) -> Ends:
    """Look through all columns at once."""
    names = [name for name, kind in frame.schema.items() if kind in (pl.Int64, pl.Date)]
    if not names or not frame.height:
        return {}
    found = frame.select(
        *(pl.col(name).min().alias(f"{name}\0low") for name in names), *(pl.col(name).max() for name in names)
    ).row(0, named=True)
    return {name: (found[f"{name}\0low"], found[name]) for name in names if found[name] is not None}


def _is_spelled(found: pl.DataType, wanted: pl.DataType) -> bool:
    """Tell whether a column may become its type: words of an Enum, columns without a value."""
    if found == pl.Null or (isinstance(wanted, pl.Enum) and isinstance(found, pl.String | pl.Categorical | pl.Enum)):
        return True
    if isinstance(found, pl.List) and isinstance(wanted, pl.List):
        return isinstance(found.inner, pl.DataType) and _is_listed(found.inner, wanted.inner)
    return False


def _is_listed(found: pl.DataType, wanted: Any) -> bool:
    if isinstance(found, pl.Struct) and isinstance(wanted, pl.Struct):
        given = {field.name: field.dtype for field in found.fields}
        asked = {field.name: field.dtype for field in wanted.fields}
        return given.keys() == asked.keys() and all(
            kind == asked[name] or _is_spelled(kind, asked[name])  # type: ignore[arg-type]  # types, not classes
            for name, kind in given.items()
        )
    return _is_spelled(found, wanted)


def _faults(frame: pl.DataFrame, column: str, ends: Ends, rulebook: Rulebook) -> Iterator[tuple[str, str]]:
    spec = asked_of(column, rulebook)
    if spec is None:
        return
    if spec.kind == "events":
        if (frame[column].list.len() > MOST_ENTRIES).any():
            yield column, f"more than {MOST_ENTRIES} entries"
        return
    if not spec.numeric or column not in ends:
        return
    least, most = ends[column]
    unit = Fraction(spec.unit.factor if spec.unit else 1) / scale_of(spec)
    low = -most_of(spec) if spec.least is None else spec.least * unit
    high = most_of(spec) if spec.most is None else spec.most * unit
    if least < low or most > high:
        yield column, f"{least!s}..{most!s} outside of {low}..{high}"
    if column.endswith("_low") and asked_of(column.removesuffix("_low"), rulebook) is spec:
        yield from _range_faults(frame, column.removesuffix("_low"))


def _range_faults(frame: pl.DataFrame, column: str) -> Iterator[tuple[str, str]]:
    low, high = f"{column}_low", f"{column}_high"
    if high not in frame.columns:
        yield low, f"without {high}"
    elif frame.filter(pl.col(low).is_null() != pl.col(high).is_null()).height:
        yield low, f"without {high} in a row"
    elif frame.filter(pl.col(low) > pl.col(high)).height:
        yield low, f"greater than {high} in a row"


# ---- profiles


def profiles_to_frame(profiles: Sequence[Profile], rulebook: Rulebook) -> pl.DataFrame:
    """Return *profiles* as a frame with the columns that any of them fills.

    Raises:
        NotAdmitted: a number finer than a frame's columns hold.

    """
    rows = [dict(_row(profile, rulebook)) for profile in profiles]
    columns = dict.fromkeys(column for row in rows for column in row)
    schema = {column: kind for column in columns if (kind := type_of(column, rulebook)) is not None}
    data = {column: [row.get(column) for row in rows] for column in schema}
    frame = pl.DataFrame({c: pl.Series(c, v, dtype=schema[c], strict=True) for c, v in data.items()})
    return frame if columns else _blank(len(rows), rulebook)


def _blank(height: int, rulebook: Rulebook) -> pl.DataFrame:
    """Return a frame of companies that told nothing."""
    return pl.DataFrame({"city": pl.Series([None] * height, dtype=type_of("city", rulebook))})


def _row(profile: Profile, rulebook: Rulebook) -> Iterator[tuple[str, Any]]:
    specs = rulebook.dictionary.facts
    for name, value in profile.facts.items():
        yield from _cells(name, value, specs[name])
    for year in {*profile.years, *profile.estimates}:
        for name in {*profile.years.get(year, ()), *profile.estimates.get(year, ())}:
            yield from _cells(column_of(name, year), profile.figure(name, year)[0], specs[name])
    if profile.recognitions is not None:
        strange = [one.id for one in profile.recognitions if one.id not in rulebook.lists.recognitions]
        if strange:
            raise NotAdmitted([(RECOGNITIONS, ", ".join(strange))])
        yield (
            RECOGNITIONS,
            [{"id": one.id, "granted": one.granted, "expires": one.expires} for one in profile.recognitions],
        )
    for entry in profile.judgements:
        yield f"{JUDGEMENT}.{entry.project}.{entry.criterion}", entry.met


def _cells(column: str, value: Any, spec: FactSpec) -> Iterator[tuple[str, Any]]:
    if spec.numeric:
        yield from _numbers(column, value, spec)
    elif spec.kind == "events" and value is not None:
        yield column, [dict(_entry(entry, spec)) for entry in value]
    elif spec.kind == "industry" and value:
        yield column, value[-1]
    else:
        words = value if isinstance(value, tuple) else (value,)
        if spec.kind == "choice" and (
            strange := [word for word in words if word is not None and word not in spec.choices]
        ):
            raise NotAdmitted([(column, ", ".join(strange))])  # in a list, Polars would make it null without a word
        yield column, list(value) if isinstance(value, tuple) else value


def _entry(entry: Mapping[str, Any], spec: FactSpec) -> Iterator[tuple[str, Any]]:
    for name, inner in spec.fields.items():
        if inner.numeric:
            yield from ((name, None), (f"{name}_low", None), (f"{name}_high", None))
        yield from _cells(name, entry.get(name), inner)


def _numbers(column: str, value: Any, spec: FactSpec) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Range):
        yield column, None
        yield f"{column}_low", _whole(column, value.low, spec)
        yield f"{column}_high", _whole(column, value.high, spec)
    else:
        yield column, None if value is None else _whole(column, value, spec)


def _whole(column: str, value: Any, spec: FactSpec) -> int:
    parts = Fraction(value) / scale_of(spec)
    if parts.denominator != 1:
        raise NotAdmitted([(column, f"{value} is finer than {scale_of(spec)}")])
    return parts.numerator
