"""The cells of one column become values of the frame: the plain ones all at once, every other one by its text.

Numbers never pass through a float: digits become whole parts of the frame's scale. What reading at once does not
surely understand is read one text at a time, as a form would read it, and remembered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

import polars as pl

from assistant.company.answers import AnswerError, AnswerErrors, NotListed
from assistant.company.facts import FactSpec
from assistant.company.writing import written
from assistant.logic.values import Range
from assistant.matching.screening.frame import dtype_of, most_of, scale_of
from assistant.matching.screening.intake.answers import MARK, NO_KIND, NOT_FINITE, Setting, answer, in_unit, units_of
from assistant.rulebook.book import Rulebook
from assistant.units import Unit

_DIGITS = 15  # that every decimal of so many keeps as a float
_REMEMBERED = 200_000  # texts of one column
_LISTED = 20_000  # of these, such as are looked up at once
_FEW = 100  # texts that are sooner read one by one
_DIGITS = 10  # decimals that are read at once
_PLAIN = rf"^-?[0-9]{{1,13}}(\.[0-9]{{1,{_DIGITS}}})?$"
_SUFFIXED = rf"^(-?[0-9]{{1,13}}(?:\.[0-9]{{1,{_DIGITS}}})?)\s*(\D*)$"
_GROUPED = r"^-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?[^0-9.,]*$"
_EXACT = pl.Decimal(38, _DIGITS)


class Fault(NamedTuple):
    """What is wrong in a cell: its place in the batch, and the mistake; *only_told*: it is taken as not known."""

    place: int
    code: str
    params: Mapping[str, str]
    only_told: bool = False


class Taken(NamedTuple):
    """The frame's columns of one column of a table, and the cells that could not be read."""

    columns: Mapping[str, pl.Series]
    faults: tuple[Fault, ...]


def as_text(cells: pl.Series) -> pl.Series:
    """Return cells of any type as the text that a person would have written; floats by fifteen digits, like a sheet."""
    kind = cells.dtype
    if kind == pl.String:
        return cells
    if isinstance(kind, pl.List | pl.Array):
        return _listed(cells)
    if isinstance(kind, pl.Datetime):
        return cells.dt.date().cast(pl.String)
    if kind in (pl.Binary, pl.Object, pl.Duration, pl.Time) or isinstance(kind, pl.Struct):
        return pl.Series(cells.name, [None if one is None else f"{MARK}{NO_KIND}{MARK}{kind}" for one in cells])
    texts = cells.cast(pl.String)
    if kind.is_float():
        odd = texts.str.contains(r"[^0-9.\-]") | (texts.str.len_bytes() > _DIGITS)
        if odd.fill_null(value=False).any():
            texts = pl.Series(cells.name, [_spelled(text) for text in texts], dtype=pl.String)
    return texts


def _listed(cells: pl.Series) -> pl.Series:
    if isinstance(cells.dtype, pl.List) and cells.dtype.inner in (pl.String, pl.Categorical):
        empty = pl.when(cells.list.len() == 0).then(pl.lit("无"))
        joined = cells.cast(pl.List(pl.String)).list.join(";")
        return pl.select(empty.otherwise(joined)).to_series()
    return pl.Series(cells.name, [None if one is None else written(_plain(one)) for one in cells.to_list()])


def _plain(value: Any) -> Any:
    """Return what is in a list with floats by fifteen digits, and without what is not said."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items() if one is not None}
    return _decimal(value) if isinstance(value, float) else value


def _spelled(text: str | None) -> str | None:
    if text is None:
        return None
    value = _decimal(float(text))
    return f"{value:f}" if value.is_finite() else f"{MARK}{NOT_FINITE}{MARK}{text}"


def _decimal(value: float) -> Decimal:
    """Return what a float stands for: beyond fifteen digits it has what arithmetic left in it."""
    return Decimal(format(value, f".{_DIGITS}g"))


class Reader:
    """Reads a column of a fact, written in *unit* (None: the fact's own)."""

    def __init__(self, column: str, spec: FactSpec, unit: Unit | None, rulebook: Rulebook, at: Setting) -> None:
        """Begin with nothing remembered."""
        self.column = column
        self.spec = in_unit(spec, unit)
        self.at = at
        self._scale = scale_of(spec) if spec.numeric else None
        self.dtype = dtype_of(spec, rulebook)
        self._known: dict[str, Any] = {}
        self._places: int | None = None
        if spec.numeric:
            own = spec.unit if unit is None else unit
            assert own is not None
            self._places = _power(own, self._scale)
            self._suffixes = dict(self._suffixed(spec))
            factor = Fraction(spec.unit.factor if spec.unit else 1) / Fraction(self._scale or 1)
            self._least = -most_of(spec) if spec.least is None else ceil(spec.least * factor)
            self._most = most_of(spec) if spec.most is None else floor(spec.most * factor)

    def _suffixed(self, spec: FactSpec) -> Iterator[tuple[str, int]]:
        """Yield the powers of ten of what may stand behind a number, where one reader understands the same."""
        for symbol, unit in units_of(spec).items():
            places = _power(unit, self._scale)
            try:
                same = answer(f"7{symbol}", self.spec, self.at) == 7 * unit.factor
            except AnswerError:
                continue
            if places is not None and same:
                yield symbol, places

    # ---- at once

    def parsed(self, text: pl.Expr) -> pl.Expr:
        """Return what is surely read of texts at once: of numbers their digits, in parts of the last decimal."""
        if self.spec.numeric:
            return _parts(pl.when(text.str.contains(_PLAIN)).then(text))
        if self.spec.kind == "date":
            return self._day(text)
        if isinstance(self.dtype, pl.List):
            return pl.lit(None, dtype=self.dtype)
        known = {one: value for one, value in self._known.items() if isinstance(value, str | bool)}
        if not known or len(known) > _LISTED:
            return pl.lit(None, dtype=self.dtype)
        values = pl.Series(list(known.values()), dtype=self.dtype)
        return text.replace_strict(list(known), values, default=None, return_dtype=self.dtype)

    def sure(self, parsed: pl.Expr) -> pl.Expr:
        """Return the values that are surely right of what was parsed; null for all others."""
        return self._exactly(parsed, self._places, bare=True) if self.spec.numeric else parsed

    def _day(self, text: pl.Expr) -> pl.Expr:
        plain = text.str.strip_suffix(" 00:00:00")
        iso = pl.when(plain.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")).then(plain)
        days = iso.str.to_date("%Y-%m-%d", strict=False)
        right = days >= date(1840, 1, 1)
        if not self.spec.future:
            right &= days <= self.at.on
        return pl.when(right).then(days)

    def _exactly(self, parts: pl.Expr, places: int | None, *, bare: bool) -> pl.Expr:
        """Return digits as whole parts of the frame's scale; null where they do not fit or are not surely right."""
        if places is None or places > _DIGITS:
            return pl.lit(None, dtype=pl.Int64)
        step = 10 ** (_DIGITS - places)
        right = parts.is_between(_big(self._least * step), _big(self._most * step))
        if step > 1:
            right &= parts % _big(step) == _big(0)
        if bare and self.spec.kind == "percent":
            right &= (parts <= _big(0)) | (parts >= _big(10**_DIGITS))  # half a percent, or half: a form would ask
        return pl.when(right).then(parts // _big(step)).cast(pl.Int64)

    def _spelled(self, words: pl.Series) -> pl.Series:
        """Return numbers with separators and units behind them, as far as they can be read at once."""
        plain = words.str.normalize("NFKC").str.strip_chars()
        grouped = pl.when(pl.col("plain").str.contains(_GROUPED)).then(
            pl.col("plain").str.replace_all(",", "", literal=True)
        )
        texts = pl.DataFrame({"plain": plain}).select(pl.coalesce(grouped, "plain")).to_series()
        parts = texts.str.extract_groups(_SUFFIXED).struct.unnest().rename({"1": "digits", "2": "suffix"})
        parts = parts.with_columns(_parts(pl.col("digits")))
        read = [
            self._exactly(pl.when(pl.col("suffix") == symbol).then(pl.col("digits")), places, bare=symbol == "")
            for symbol, places in {"": self._places, **self._suffixes}.items()
            if (parts["suffix"] == symbol).any()
        ]
        if not read:
            return pl.Series([None], dtype=pl.Int64).new_from_index(0, len(words))
        return parts.select(pl.coalesce(read)).to_series()

    # ---- one by one

    def read(self, texts: pl.Series, sure: pl.Series) -> Taken:
        """Return what *texts* say, where *sure* has not read them yet."""
        sure = sure.alias(self.column)
        rest = (texts.is_not_null() & sure.is_null()).arg_true()
        if not len(rest):
            return Taken({self.column: sure}, ())
        words = texts.gather(rest)
        if self.spec.numeric and len(rest) > _FEW:
            values = self._spelled(words)
            sure = sure.scatter(rest, values)
            rest = rest.filter(values.is_null())
            words = texts.gather(rest)
        unique = words.unique()
        found = [self._remembered(text) for text in unique]
        order = words.replace_strict(unique, pl.int_range(len(unique), dtype=pl.UInt32, eager=True))
        columns = {
            name: _spread(values, order, rest, sure if name == self.column else None, len(texts), self.dtype)
            for name, values in self._columns(found)
        }
        wrong = {place: one for place, one in enumerate(found) if isinstance(one, AnswerError | AnswerErrors)}
        if not wrong:
            return Taken(columns, ())
        at_fault = order.is_in(list(wrong))
        faults = [
            Fault(at, *told, only_told=isinstance(wrong[which], NotListed))
            for at, which in zip(rest.filter(at_fault), order.filter(at_fault), strict=True)
            for told in mistakes(wrong[which])
        ]
        return Taken(columns, tuple(faults))

    def _columns(self, found: list[Any]) -> Iterator[tuple[str, list[Any]]]:
        values = [None if isinstance(one, AnswerError | AnswerErrors) else one for one in found]
        yield self.column, [None if isinstance(one, Ends) else one for one in values]
        if any(isinstance(one, Ends) for one in values):
            for end in ("low", "high"):
                yield f"{self.column}_{end}", [getattr(one, end) if isinstance(one, Ends) else None for one in values]

    def _remembered(self, text: str) -> Any:
        if text not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            try:
                self._known[text] = self.meant(text)
            except (AnswerError, AnswerErrors) as error:
                if isinstance(error, AnswerError) and error.code == "too-many-decimals" and self._places is not None:
                    error.params["expected"] = str(self._places)
                self._known[text] = error
        return self._known[text]

    def meant(self, text: str) -> Any:
        """Return the value of a text as the frame has it.

        Raises:
            AnswerError: it cannot be used.

        """
        value = answer(text, self.spec, self.at)
        if value is None:
            return None
        if isinstance(value, Range):
            return Ends(_whole(value.low, self._scale), _whole(value.high, self._scale))
        if self.spec.numeric:
            return _whole(value, self._scale)
        if self.spec.kind == "industry":
            return value[-1]
        if self.spec.kind == "events":
            return [dict(_entry(entry, self.spec)) for entry in value]
        return list(value) if isinstance(value, tuple) else value


class Ends(NamedTuple):
    """Both ends of a range in the frame's scale."""

    low: int
    high: int


def mistakes(error: AnswerError | AnswerErrors) -> Iterable[tuple[str, Mapping[str, str]]]:
    """Yield each mistake's code and parameters."""
    for one in error.errors if isinstance(error, AnswerErrors) else (error,):
        yield one.code, one.params


def _parts(digits: pl.Expr) -> pl.Expr:
    return digits.cast(_EXACT, strict=False).to_physical()


def _big(value: int) -> pl.Expr:
    return pl.lit(value, dtype=pl.Int128)


def _power(unit: Unit, scale: Fraction | None) -> int | None:
    """Return the power of ten that *unit* is of a frame's scale; None where it is none."""
    times = Fraction(unit.factor) / Fraction(scale or 1)
    text = str(times.numerator)
    return len(text) - 1 if times.denominator == 1 and re.fullmatch("10*", text) else None


def _whole(value: Any, scale: Fraction | None) -> int:
    parts = Fraction(value) / Fraction(scale or 1)
    if parts.denominator != 1:
        raise AnswerError("too-many-decimals", found=value, expected=6)
    return parts.numerator


def _entry(entry: Mapping[str, Any], spec: FactSpec) -> Iterator[tuple[str, Any]]:
    for name, inner in spec.fields.items():
        value = entry.get(name)
        if not inner.numeric:
            yield name, value[-1] if inner.kind == "industry" and value else value
            continue
        low, high = (value.low, value.high) if isinstance(value, Range) else (None, None)
        scale = scale_of(inner)
        plain = None if isinstance(value, Range) else value
        for column, one in ((name, plain), (f"{name}_low", low), (f"{name}_high", high)):
            yield column, None if one is None else _whole(one, scale)


def _spread(
    values: list[Any], order: pl.Series, rest: pl.Series, sure: pl.Series | None, height: int, dtype: pl.DataType
) -> pl.Series:
    """Return *values* at the places *rest* of a column of *height*, the others from *sure*."""
    typed = pl.Series(values, dtype=dtype, strict=True)
    if all(one is None for one in values):
        return typed.clear(height) if sure is None else sure
    places = pl.Series([None], dtype=pl.UInt32).new_from_index(0, height).scatter(rest, order)
    spread = typed.gather(places)
    return spread if sure is None else sure.zip_with(sure.is_not_null(), spread)
