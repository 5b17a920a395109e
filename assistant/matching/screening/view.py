"""A view gives formulas the columns of a frame as one company's situation gives them values.

Figures are looked up by the year that an offset means; years before the founding are zero; the province, the size
class and the years in a segment are derived. What the frame lacks is unknown for all.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import date
from fractions import Fraction
from functools import reduce

import polars as pl

from assistant.company import derive
from assistant.company.facts import FactSpec
from assistant.company.lists import ELSEWHERE
from assistant.logic import tree
from assistant.logic.column_dates import MOST_YEARS, YEAR, years_until
from assistant.logic.column_numbers import End, Quantity, Uncovered, column, shared
from assistant.logic.columns import Aspect, Setting, Table
from assistant.logic.tree import Figure
from assistant.matching.screening.frame import column_of, most_of, scale_of, type_of
from assistant.matching.screening.held import Masks, Question
from assistant.matching.screening.sheet import Sheet
from assistant.matching.situation import SIZE_FIGURES
from assistant.rulebook.book import Rulebook

NARROW = {"money": 10**15}  # magnitudes that plain 64 bits are planned for; a batch that goes beyond is planned anew
_NARROW = 10**12
_LIMITS = 3  # of a size rule
_BITS = 62  # of a number that has one for every word


def narrow_of(spec: FactSpec) -> int:
    """Return the greatest magnitude of a fact's column that a narrow plan holds."""
    return min(most_of(spec), NARROW.get(spec.kind, _NARROW))


class View:
    """The columns of a frame with these *columns*, kept in *sheet*; *wide*: numbers may be as great as any answer.

    *founded*: nobody was founded after this year (None: somebody may have been after any).
    """

    def __init__(
        self,
        rulebook: Rulebook,
        columns: frozenset[str],
        sheet: Sheet,
        masks: Masks,
        *,
        wide: bool,
        founded: int | None = None,
    ) -> None:
        """Look at frames with *columns*."""
        self.founded = founded
        self.rulebook = rulebook
        self.columns = columns
        self.sheet = sheet
        self.masks = masks
        self.wide = wide

    def keep(self, key: Hashable, make: Callable[[], pl.Expr]) -> pl.Expr:
        return self.sheet.keep(key, make)

    def rests(self, figure: Figure) -> Iterable[Aspect]:
        if figure.offset is not None or figure.name == "size_class":
            return ("base",)
        return ("cycle",) if figure.name == "segment_years" else ()

    def spec(self, name: str) -> FactSpec:
        return self.rulebook.dictionary.facts[name]

    def column(self, name: str, dtype: pl.DataType | type[pl.DataType]) -> pl.Expr:
        """Return a column of the frame, or nulls."""
        return pl.col(name) if name in self.columns else pl.lit(None, dtype=dtype)

    # ---- numbers

    def number(self, figure: Figure, setting: Setting) -> Quantity:
        if figure.offset is not None:
            return self.figure(figure.name, setting.base + 1 + figure.offset)
        if figure.name == "segment_years" and "segment_since" in self.columns:
            return self.segment_years(setting.cycle)
        return self.told(figure.name, self.spec(figure.name))

    def told(self, name: str, spec: FactSpec) -> Quantity:
        """Return a number as it was told."""
        most = most_of(spec) if self.wide else narrow_of(spec)
        exact = self.column(name, pl.Int64)
        if f"{name}_low" not in self.columns:
            return column(exact, None, most, scale_of(spec))
        low, high = (
            self.keep((name, end), lambda end=end: pl.coalesce(exact, pl.col(f"{name}_{end}")))  # type: ignore[misc]
            for end in ("low", "high")
        )
        return column(low, high, most, scale_of(spec))

    def figure(self, name: str, year: int) -> Quantity:
        """Return the figure of a fiscal year: zero where it was not told and the company did not exist."""
        column_ = column_of(name, year)
        told = self.told(column_, self.spec(name))
        if "established" not in self.columns:
            return told
        if self.founded is not None and year >= self.founded and {column_, f"{column_}_low"}.isdisjoint(self.columns):
            return told  # nobody has told, and nobody came later
        later = self.keep(
            ("later", year),
            lambda: pl.when(pl.col("established") > date(year, 12, 31)).then(pl.lit(0, dtype=pl.Int64)),
        )

        def end(told_end: End, which: str) -> End:
            number = self.keep((name, year, which), lambda: pl.coalesce(told_end.num, later))
            return End(number, told_end.most)

        low = end(told.low, "low")
        return Quantity(low, end(told.high, "high") if told.is_ranged else low, told.scale)

    def segment_years(self, cycle: int) -> Quantity:
        """Return the years in the segment: as told, else from the day of the first business to the cycle's FY-1."""
        parts = self.keep(("segment", cycle), lambda: years_until(pl.col("segment_since"), date(cycle - 1, 12, 31)))
        since = column(pl.when(parts < 0).then(0).otherwise(parts), None, MOST_YEARS, Fraction(1, YEAR))
        told, derived = shared([self.told("segment_years", self.spec("segment_years")), since])
        needed = max(told.low.most, derived.low.most)

        def end(of: End, which: str) -> End:
            number = self.keep(
                ("segment_years", cycle, which),
                lambda: pl.coalesce(of.num.cast(_type(needed)), derived.low.num.cast(_type(needed))),
            )
            return End(number, needed)

        low = end(told.low, "low")
        return Quantity(low, end(told.high, "high") if told.is_ranged else low, told.scale)

    def is_lacking(self, figure: Figure, setting: Setting) -> pl.Expr:
        """Return where a figure is not known at all."""
        return self.number(figure, setting).low.num.is_null()

    # ---- what is no number

    def flag(self, figure: Figure, setting: Setting) -> pl.Expr:
        del setting
        return self.column(figure.name, pl.Boolean)

    def day(self, name: str) -> pl.Expr:
        return self.column(name, pl.Date)

    def member(self, node: tree.Member, setting: Setting) -> pl.Expr:
        name = node.figure.name
        if name == "province":
            here = {derive.province(city) for city in (ELSEWHERE, "")} & set(node.values)
            city = self.column("city", pl.String)
            within = pl.lit(derive.province("") in here)
            return (
                pl.when(city == ELSEWHERE)
                .then(pl.lit(derive.province(ELSEWHERE) in here))
                .when(city.is_not_null())
                .then(within)
            )
        if name == "size_class":
            return self.sized(node.values, setting.base)
        if name not in self.columns:
            return pl.lit(None, dtype=pl.Boolean)
        found, spec = pl.col(name), self.spec(name)
        if spec.kind == "industry":
            lists = self.rulebook.lists
            codes = [code for code in lists.industries if not set(lists.ancestors(code)).isdisjoint(node.values)]
            return among(found, codes)
        return self.listed(name, node.values) if spec.multiple else among(found, node.values)

    def listed(self, name: str, values: Iterable[str]) -> pl.Expr:
        """Return whether one of *values* is among the words listed in a column; null where nothing was told."""
        dtype = type_of(name, self.rulebook)
        assert isinstance(dtype, pl.List)
        assert isinstance(dtype.inner, pl.Enum)
        if name not in self.columns:
            return pl.lit(None, dtype=pl.Boolean)
        words = dtype.inner.categories.to_list()
        if len(words) > _BITS:
            raise Uncovered(name)
        places = pl.element().to_physical().cast(pl.Int64)
        bits = pl.col(name).list.eval((pl.lit(2, dtype=pl.Int64) ** places).unique())
        told = self.keep(("listed", name), bits.list.sum)
        return (told & sum(1 << words.index(one) for one in set(values) if one in words)) != 0

    def size(self, base: int) -> tuple[pl.Expr, pl.Expr]:
        """Return the lowest and highest class still possible; null where the industry has none or is not known."""
        ends = []
        for which, unknown in (("low", 0), ("high", _LIMITS)):
            levels = []
            for name in SIZE_FIGURES:
                figure = self.figure(name, base)
                number = (figure.low if which == "low" else figure.high).num
                limits = [pl.col(limit_column(name, at)) for at in range(_LIMITS)]
                level = reduce(lambda a, b: a + b, [(number >= limit).cast(pl.Int8) for limit in limits])
                levels.append(
                    pl.when(limits[0].is_null()).then(_LIMITS).otherwise(level.fill_null(unknown)).cast(pl.Int8)
                )
            made = pl.when(pl.col(SIZED)).then(pl.min_horizontal(levels))
            ends.append(self.keep(("size", base, which), lambda made=made: made))  # type: ignore[misc]
        return ends[0], ends[1]

    def is_size_open(self, base: int) -> pl.Expr:
        """Return where more than one size class is possible, or none is known."""
        low, high = self.size(base)
        return (low != high).fill_null(value=True)

    def sized(self, values: tuple[str, ...], base: int) -> pl.Expr:
        low, high = self.size(base)
        inside = [derive.SIZES.index(one) for one in values]
        possible = [(low <= at) & (high >= at) for at in range(len(derive.SIZES))]
        some = pl.any_horizontal([possible[at] for at in inside])
        others = pl.any_horizontal(
            [possible[at] for at in range(len(derive.SIZES)) if at not in inside] or [pl.lit(value=False)]
        )
        return pl.when(low.is_null()).then(None).when(~others).then(pl.lit(True)).when(~some).then(pl.lit(False))  # noqa: FBT003

    # ---- recognitions and lists

    def holds(self, ids: tuple[str, ...], setting: Setting) -> pl.Expr:
        sure = self.masks.any_of(ids, Question("valid", setting.applied))
        maybe = self.masks.any_of(ids, Question("maybe", setting.applied))
        return pl.when(sure).then(pl.lit(True)).when(~maybe).then(pl.lit(False))  # noqa: FBT003

    def expires(self, ids: tuple[str, ...], setting: Setting) -> pl.Expr:
        sure = self.masks.any_of(ids, Question("ends", year=setting.cycle))
        maybe = self.masks.any_of(ids, Question("unsure"))
        return pl.when(sure).then(pl.lit(True)).when(~maybe).then(pl.lit(False))  # noqa: FBT003

    def score(self, node: tree.PlatformScore, setting: Setting) -> Quantity:
        cycle = setting.cycle + node.offset
        entries, inside = self.entries("platform_scores")
        field = pl.element().struct.field
        wanted = (field("id").cast(pl.String) == node.id) & (field("cycle") == cycle)
        spec = self.spec("platform_scores").fields["score"]
        told = inside.number(Figure("score"), setting)

        def last(which: str, number: pl.Expr) -> pl.Expr:
            return self.keep(("score", node.id, cycle, which), entries.list.eval(number.filter(wanted)).list.last)

        return column(last("low", told.low.num), last("high", told.high.num), told.low.most, scale_of(spec))

    def entries(self, name: str) -> tuple[pl.Expr, Table]:
        return pl.col(name), Entry(self, self.spec(name))


class Entry:
    """The fields of one entry of an events fact, inside its list."""

    def __init__(self, view: View, spec: FactSpec) -> None:
        """Look into the entries of *spec*."""
        self.view = view
        self.fields = spec.fields

    def keep(self, key: Hashable, make: Callable[[], pl.Expr]) -> pl.Expr:
        del key
        return make()

    def rests(self, figure: Figure) -> Iterable[Aspect]:
        del figure
        return ()

    def number(self, figure: Figure, setting: Setting) -> Quantity:
        del setting
        field, spec = pl.element().struct.field, self.fields[figure.name]
        most = most_of(spec) if self.view.wide else narrow_of(spec)
        low, high = (pl.coalesce(field(figure.name), field(f"{figure.name}_{end}")) for end in ("low", "high"))
        return column(low, high, most, scale_of(spec))

    def flag(self, figure: Figure, setting: Setting) -> pl.Expr:
        del setting
        return pl.element().struct.field(figure.name)

    def day(self, name: str) -> pl.Expr:
        return pl.element().struct.field(name)

    def member(self, node: tree.Member, setting: Setting) -> pl.Expr:
        del setting
        spec = self.fields[node.figure.name]
        values: Iterable[str] = node.values
        if spec.kind == "industry":
            lists = self.view.rulebook.lists
            values = [code for code in lists.industries if not set(lists.ancestors(code)).isdisjoint(node.values)]
        found = pl.element().struct.field(node.figure.name)
        if spec.multiple:
            raise Uncovered(node.figure.name)
        return among(found, values)

    def holds(self, ids: tuple[str, ...], setting: Setting) -> pl.Expr:
        del setting
        raise Uncovered(", ".join(ids))

    expires = holds

    def score(self, node: tree.PlatformScore, setting: Setting) -> Quantity:
        del setting
        raise Uncovered(node.id)

    def entries(self, name: str) -> tuple[pl.Expr, Table]:
        raise Uncovered(name)


def among(found: pl.Expr, values: Iterable[str]) -> pl.Expr:
    """Return whether a word is one of *values*; null where there is none."""
    listed = list(dict.fromkeys(values))
    if not listed:
        return pl.when(found.is_not_null()).then(pl.lit(False))  # noqa: FBT003
    return found.is_in(listed)


SIZED = "·sized"


def limit_column(name: str, at: int) -> str:
    """Return the column of a size limit."""
    return f"·{name}·{at}"


def size_limits(rulebook: Rulebook) -> pl.DataFrame:
    """Return the size limits of every industry."""
    lists = rulebook.lists
    rules = {code: derive.size_rule(lists.ancestors(code), lists) for code in lists.industries}
    columns: dict[str, pl.Series] = {
        "industry": pl.Series(list(rules), dtype=pl.Enum(list(rules))),
        SIZED: pl.Series([rule is not None for rule in rules.values()]),
    }
    for name in SIZE_FIGURES:
        for at in range(_LIMITS):
            found = [rule.bounds[name][at] if rule and name in rule.bounds else None for rule in rules.values()]
            columns[limit_column(name, at)] = pl.Series(found, dtype=pl.Int64)
    return pl.DataFrame(columns)


def _type(most: int) -> type[pl.DataType]:
    return pl.Int64 if most < 2**63 else pl.Int128
