"""A tally counts the answers of a screening as they come, batch by batch; tallies of parts add up to that of the whole.

Kept are counts and a few named examples, never rows: its size depends on the rulebook, not on how many companies come.

    counts      by project, state, city, industry section and size class of the last closed year; the state is the
                verdict, but `near` where exactly one criterion is unmet and nothing else is open
    reach       the same of each company's best project, under "" in place of a project
    shortfalls  amounts of the nearest gaps of those not eligible, in bins of three digits (a bin holds numbers that
                differ by less than 1 %); least and most are exact
    soles       companies that wait for one blank alone, where the plan says which (see `sole`)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

from assistant.company.derive import SIZES
from assistant.matching.screening.frame import type_of
from assistant.matching.screening.held import Masks
from assistant.matching.screening.plan import VERDICTS
from assistant.matching.screening.sheet import Sheet, solid
from assistant.matching.screening.sole import SOLE
from assistant.matching.screening.view import View, size_limits
from assistant.rulebook.book import Rulebook

STATES = ("eligible", "near", "undetermined", "ineligible", "not-offered")  # from the best to the worst
REACH = ""  # in place of a project
DIMENSIONS = ("city", "section", "size")
EXAMPLES = 20
DIGITS = 3  # kept of an amount
_NEAR = STATES.index("near")
_LARGEST = 19  # digits of a whole number of 64 bits

_COUNT = {"project": pl.UInt16, "code": pl.UInt32, "count": pl.Int64}  # the code: a place, and a state there
_SHORT = {
    "project": pl.String, "criterion": pl.String, "bin": pl.Int64, "count": pl.Int64, "near": pl.Int64,
    "least": pl.Int64, "most": pl.Int64,
}  # fmt: skip
_SOLE = {"project": pl.String, "column": pl.String, "settled": pl.Int64, "judged": pl.Int64}


class Example(NamedTuple):
    """A company that stands for many: its row in the input, its name and credit code where they were given."""

    row: int
    name: str | None = None
    uscc: str | None = None
    criterion: str | None = None  # of its nearest gap, where that is a matter of amount
    amount: int | None = None


class Bin(NamedTuple):
    """How many amounts are at least *start* and less than *end*."""

    start: int
    end: int
    companies: int


@dataclass(frozen=True, slots=True)
class Shortfalls:
    """The amounts by which companies fall short of one criterion, their nearest gap; *near*: of those, near ones."""

    criterion: str
    count: int
    near: int
    least: int | None
    most: int | None
    bins: tuple[Bin, ...]

    def quantile(self, part: int, of: int) -> int | None:
        """Return the amount that *part* of every *of* companies do not exceed: the start of its bin, within 1 %."""
        if self.least is None:
            return None
        total = sum(one.companies for one in self.bins)
        wanted = max(1, -(-total * part // of))
        for one in self.bins:
            wanted -= one.companies
            if wanted <= 0:
                return max(one.start, self.least)
        return self.most


class Sole(NamedTuple):
    """A blank, and how many companies wait for it alone: nothing else is open, or judgements only are."""

    column: str
    settled: int
    judged: int


@dataclass(slots=True)
class Tally:
    """Counts over companies; *examples* is how many near ones are named for each project."""

    rulebook: Rulebook
    year: int  # the last closed one, for the size class
    projects: tuple[str, ...]
    examples: int = EXAMPLES
    companies: int = 0
    asks: bool = False  # whether the plan says which blank is the sole one
    near: dict[str, tuple[Example, ...]] = field(default_factory=dict)
    _counts: list[pl.DataFrame] = field(default_factory=list)
    _shorts: list[pl.DataFrame] = field(default_factory=list)
    _soles: list[pl.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Name nobody yet."""
        self.near = {project: self.near.get(project, ()) for project in self.projects}

    # ---- taking in

    def add(self, answers: pl.DataFrame, frame: pl.DataFrame, identity: pl.DataFrame | None = None) -> None:
        """Count the *answers* for the companies in *frame*; *identity* has their `row` and, if known, `name`, `uscc`.

        Without it companies are numbered from 1 as they come.
        """
        states = solid(answers.select([state_of(project) for project in self.projects]))
        known = identified(identity, self.companies, answers.height)
        self.companies += answers.height
        self._count(states, frame)
        if not answers.height:
            return
        asked = [project for project in self.projects if f"{project}.{SOLE}" in answers.columns]
        self.asks |= bool(asked)
        whole = answers.lazy()
        for project in self.projects:
            named = self.near[project]
            if len(named) < self.examples:
                found = _examples(answers, project, states[project] == _NEAR, known, self.examples)
                self.near[project] = _first(named, found, self.examples)
        shorts = [_shorts(whole, states[project], project) for project in self.projects]
        soles = [_soles(whole, project) for project in asked]
        self._shorts += [one.collect() for one in shorts]
        self._soles += [one.collect() for one in soles]
        if asked:
            self._soles.append(_some(answers, asked))
        self._add_up()

    def __add__(self, other: Tally) -> Tally:
        """Return the tally of the companies of both; those of *other* came later."""
        near = {project: _first(self.near[project], other.near[project], self.examples) for project in self.projects}
        both = Tally(
            self.rulebook, self.year, self.projects, self.examples, self.companies + other.companies,
            self.asks or other.asks, near, [*self._counts, *other._counts], [*self._shorts, *other._shorts],
            [*self._soles, *other._soles],
        )  # fmt: skip
        both._add_up()
        return both

    def _add_up(self) -> None:
        self._counts = [_summed(self._counts, _COUNT, ("project", "code"))]
        self._shorts = [_summed(self._shorts, _SHORT, ("project", "criterion", "bin"))]
        self._soles = [_summed(self._soles, _SOLE, ("project", "column"))]

    def _count(self, states: pl.DataFrame, frame: pl.DataFrame) -> None:
        """Count every project's states, and the best of each company, by place."""
        best = states.select(pl.min_horizontal(pl.all()).alias(REACH)).to_series()
        place = self._placed(frame)
        coded = states.with_columns(best).select(pl.all() + place * len(STATES))
        counted = [one.rename("code").value_counts(name="count") for one in coded]
        numbered = [counts.insert_column(0, pl.lit(at).alias("project")) for at, counts in enumerate(counted)]
        self._counts += [one.select(pl.col(name).cast(kind) for name, kind in _COUNT.items()) for one in numbered]

    @property
    def _places(self) -> tuple[tuple[str, ...], ...]:
        """The cities, sections and sizes in order; what is not known comes after them."""
        lists = self.rulebook.lists
        return lists.city_names, tuple(code for code, (_, parent) in lists.industries.items() if not parent), SIZES

    def _placed(self, frame: pl.DataFrame) -> pl.Series:
        """Return the place of every company: one number for city, section and size class."""
        types = {name: kind for name in frame.columns if (kind := type_of(name, self.rulebook)) is not None}
        typed = [pl.col(name).cast(types[name]) for name in ("city", "industry") if name in types]
        missing = [
            pl.lit(None, dtype=type_of(name, self.rulebook)).alias(name)
            for name in ("city", "industry")
            if name not in types
        ]
        lists = self.rulebook.lists
        view = View(self.rulebook, frozenset(types), sheet := Sheet(), Masks(self.rulebook), wide=True)
        low, high = view.size(self.year)
        limited = frame.with_columns(*typed, *missing).join(
            size_limits(self.rulebook), on="industry", how="left", maintain_order="left"
        )
        cities, letters, sizes = self._places
        sections = pl.Series([letters.index(lists.ancestors(code)[0]) for code in lists.industries], dtype=pl.UInt32)
        found = sheet.fill(limited).select(
            pl.col("city").to_physical().cast(pl.UInt32).fill_null(len(cities)),
            pl.col("industry").to_physical(),
            pl.when(low == high).then(low).cast(pl.UInt32).fill_null(len(sizes)).alias("size"),
        )
        section = sections.gather(found["industry"]).fill_null(len(letters))
        return (found["city"] * (len(letters) + 1) + section) * (len(sizes) + 1) + found["size"]

    # ---- giving out

    def counts(self) -> pl.DataFrame:
        """Return the counts as a long table: project (or ""), state, city, section, size, count; null is not known."""
        cities, letters, sizes = self._places
        place = pl.col("code") // len(STATES)
        parts = {
            "city": (place // ((len(letters) + 1) * (len(sizes) + 1)), cities),
            "section": (place // (len(sizes) + 1) % (len(letters) + 1), letters),
            "size": (place % (len(sizes) + 1), sizes),
        }
        named = [
            at.replace_strict(dict(enumerate((*words, None))), return_dtype=pl.Enum(words)).alias(name)
            for name, (at, words) in parts.items()
        ]
        state = (pl.col("code") % len(STATES)).replace_strict(dict(enumerate(STATES)), return_dtype=pl.Enum(STATES))
        whole = _summed(self._counts, _COUNT, ("project", "code"))
        project = pl.col("project").replace_strict(dict(enumerate((*self.projects, REACH))), return_dtype=pl.String)
        return whole.select(project, state.alias("state"), *named, "count")

    def states(self, project: str = REACH) -> dict[str, int]:
        """Return how many companies are in which state of *project*, or of their best one."""
        place = (*self.projects, REACH).index(project)
        own = pl.concat(
            [part.filter(pl.col("project") == place) for part in self._counts or [pl.DataFrame(schema=_COUNT)]]
        )
        found = own.group_by(pl.col("code") % len(STATES)).agg(pl.col("count").sum())
        return dict.fromkeys(STATES, 0) | {STATES[code]: count for code, count in found.iter_rows()}

    def by(self, dimension: str) -> dict[str, dict[str | None, dict[str, int]]]:
        """Return the states by project (or "") and by city, section or size; None, at the end, for not known."""
        found = self.counts().group_by("project", dimension, "state").agg(pl.col("count").sum())
        grouped: dict[str, dict[str | None, dict[str, int]]] = {project: {} for project in (*self.projects, REACH)}
        for project, name, state, count in found.sort(dimension, "state", nulls_last=True).iter_rows():
            grouped[project].setdefault(name, dict.fromkeys(STATES, 0))[state] = count
        return grouped

    def shortfalls(self, project: str) -> list[Shortfalls]:
        """Return how far companies fall short of a project's criteria, the most frequent first."""
        own = [part.filter(pl.col("project") == project) for part in self._shorts]
        whole = _summed(own, _SHORT, ("project", "criterion", "bin"))
        found = []
        for (criterion,), part in whole.group_by("criterion", maintain_order=True):
            told = part.drop_nulls("bin").sort("bin").select("bin", "count")
            bins = tuple(Bin(start, start + _step(start), count) for start, count in told.iter_rows())
            sums = part.select(pl.col("count", "near").sum(), pl.col("least").min(), pl.col("most").max())
            count, near, least, most = sums.row(0)
            found.append(Shortfalls(str(criterion), count, near, least, most, bins))
        return sorted(found, key=lambda one: (-one.count, one.criterion))

    def soles(self, project: str = REACH) -> list[Sole]:
        """Return the blanks that companies wait for alone, the most frequent first.

        Without a project: how many companies a blank is the sole one of, in some project (judgements aside).
        """
        found = _summed(self._soles, _SOLE, ("project", "column")).filter(pl.col("project") == project)
        soles = [Sole(*row) for row in found.select("column", "settled", "judged").iter_rows()]
        return sorted(soles, key=lambda one: (-one.settled - one.judged, one.column))


def state_of(project: str) -> pl.Expr:
    """Return a project's states by their places in STATES."""
    nothing = sum((pl.col(f"{project}.{name}") for name in ("unknown", "judgement")), start=pl.lit(0)) == 0
    verdict = pl.col(f"{project}.verdict").cast(VERDICTS)
    near = (verdict == "ineligible") & (pl.col(f"{project}.unmet") == 1) & nothing
    places = {word: STATES.index(word) for word in VERDICTS.categories}
    state = verdict.replace_strict(places, return_dtype=pl.UInt8)
    return pl.when(near).then(pl.lit(_NEAR, dtype=pl.UInt8)).otherwise(state).alias(project)


def identified(identity: pl.DataFrame | None, before: int, count: int) -> pl.DataFrame:
    """Return row, name and credit code of every company."""
    if identity is None:
        identity = pl.DataFrame({"row": pl.int_range(before + 1, before + count + 1, eager=True)})
    missing = [pl.lit(None, dtype=pl.String).alias(name) for name in ("name", "uscc") if name not in identity.columns]
    return identity.with_columns(missing).select(
        pl.col("row").cast(pl.Int64), pl.col("name").cast(pl.String), pl.col("uscc").cast(pl.String)
    )


def _examples(
    answers: pl.DataFrame, project: str, which: pl.Series, known: pl.DataFrame, most: int
) -> tuple[Example, ...]:
    rows = which.arg_true().head(most)
    gaps = answers.select(pl.col(f"{project}.nearest").cast(pl.String), pl.col(f"{project}.amount"))[rows]
    return tuple(Example(*one) for one in known[rows].hstack(gaps).iter_rows())


def _first(here: Iterable[Example], there: Iterable[Example], most: int) -> tuple[Example, ...]:
    return (*here, *there)[:most]


def _step(start: int) -> int:
    return int(10 ** max(0, len(str(start)) - DIGITS))


def _shorts(answers: pl.LazyFrame, state: pl.Series, project: str) -> pl.LazyFrame:
    """Count the amounts of nearest gaps, cut to their first digits."""
    amount, near = pl.col("amount"), pl.col("state") == _NEAR
    step: pl.Expr = pl.lit(1, dtype=pl.Int64)
    for digits in range(DIGITS + 1, _LARGEST + 1):
        wider = pl.lit(10 ** (digits - DIGITS), dtype=pl.Int64)
        step = pl.when(amount >= 10 ** (digits - 1)).then(wider).otherwise(step)
    own = answers.select(criterion=f"{project}.nearest", amount=f"{project}.amount", state=state)
    failed = own.filter(pl.col("criterion").is_not_null() & pl.col("state").is_in([_NEAR, STATES.index("ineligible")]))
    found = (
        failed.with_columns(bin=amount - amount % step)
        .group_by("criterion", "bin")
        .agg(count=pl.len(), near=near.sum(), least=amount.min(), most=amount.max())
        .with_columns(project=pl.lit(project))
    )
    return found.select(pl.col(name).cast(kind) for name, kind in _SHORT.items())


def _soles(answers: pl.LazyFrame, project: str) -> pl.LazyFrame:
    """Count the companies that a blank is the sole one of, those with judgements open apart."""
    judged = (pl.col("open") > 0).sum()
    own = answers.select(column=f"{project}.{SOLE}", open=f"{project}.judgement").drop_nulls("column")
    found = own.group_by("column").agg(settled=pl.len() - judged, judged=judged).with_columns(project=pl.lit(project))
    return found.select(pl.col(name).cast(kind) for name, kind in _SOLE.items())


def _some(answers: pl.DataFrame, projects: list[str]) -> pl.DataFrame:
    """Count the companies that a blank is the sole one of in any project."""
    columns = [answers.select(column=f"{project}.{SOLE}").with_row_index("row").drop_nulls() for project in projects]
    found = pl.concat(columns).unique().group_by("column").agg(settled=pl.len())
    whole = found.with_columns(project=pl.lit(REACH), judged=pl.lit(0))
    return whole.select(pl.col(name).cast(kind) for name, kind in _SOLE.items())


def _summed(parts: list[pl.DataFrame], schema: Mapping[str, type[pl.DataType]], by: tuple[str, ...]) -> pl.DataFrame:
    """Return the rows of *parts* added up, in order."""
    if not parts:
        return pl.DataFrame(schema=dict(schema))
    least = {"least": pl.col("least").min(), "most": pl.col("most").max()} if "least" in schema else {}
    sums = {name: pl.col(name).sum() for name in schema if name not in by and name not in least}
    return pl.concat(parts).group_by(by).agg(**sums, **least).select(*schema).sort(by)
