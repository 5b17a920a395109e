"""A plan is a rulebook compiled for one day: a batch of companies in, for each project the verdict with its counts out.

For every project, in the rulebook's order, the columns

    <project>.verdict     as `match` gives it
    <project>.cycle       the cycle and the kind of the application, as an assessment picks them for the company
    <project>.kind
    <project>.unmet       gaps: failed parts that must all be mended, a failed choice counted once
    <project>.unknown     criteria still open that bear on the verdict, and
    <project>.judgement     of these, those that need somebody's judgement (not counted among the unknown)
    <project>.low, .high  the ends of the score, for projects that have one
    <project>.nearest     the nearest gap's criterion and its amount (see `nearest`), where it is a matter of amount
    <project>.amount
    <project>.sole        only if asked for: the answer that all open criteria wait for (see `sole`)

or those of them that are wanted: what only the others rest on is not computed. If `findings` are, the columns of every
criterion come with the project's (see `findings`).

Most companies apply alike: they are evaluated together, every distinct part once. Those that apply otherwise (another
deadline in their city, a review of what they hold) are evaluated in groups of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import NamedTuple

import polars as pl

from assistant.company.lists import ELSEWHERE
from assistant.logic.columns import Setting, Uncovered, either
from assistant.matching.match import root_of
from assistant.matching.screening.findings import FINDINGS, state_columns, states
from assistant.matching.screening.frame import RECOGNITIONS, Ends, admit, asked_of, dtype_of, recognitions_type, type_of
from assistant.matching.screening.held import Masks, holders
from assistant.matching.screening.nearest import Amount, Gap, asked, gaps, nearest
from assistant.matching.screening.reading import Reading
from assistant.matching.screening.routes import Applications, Route, Routes
from assistant.matching.screening.sheet import Extract, Sheet, solid
from assistant.matching.screening.sole import SOLE, askable, sole
from assistant.matching.screening.view import View, narrow_of, size_limits
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import Criterion, Group, Project, leaves

VERDICTS = pl.Enum(["eligible", "ineligible", "undetermined", "not-offered"])
KINDS = pl.Enum(["new", "review"])
COLUMNS = ("verdict", "cycle", "kind", "unmet", "unknown", "judgement", "low", "high", "nearest", "amount")
BATCH = 200_000  # companies evaluated at once, unless told otherwise


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A project that cannot be screened: the part of its rules that columns cannot compute exactly."""

    project: str
    reason: str


@dataclass(slots=True)
class _Program:
    """A sheet for frames of one shape; the usual application of all projects first, what others share with it once."""

    sheet: Sheet = field(default_factory=Sheet)
    roots: list[Group] = field(default_factory=list)  # kept: columns are named by the identity of what they are of
    extracts: dict[tuple[str, Route | None], Extract] = field(default_factory=dict)


class Shape(NamedTuple):
    """What a frame's plan is compiled for: its columns, whether it has great numbers, the last year of a founding."""

    columns: frozenset[str]
    wide: bool
    founded: int | None


class Plan:
    """A rulebook compiled for one day; what a batch's shape asks for is compiled when it is first seen."""

    def __init__(
        self,
        rulebook: Rulebook,
        on: date,
        applications: Applications,
        projects: Sequence[str] = (),
        *,
        columns: Sequence[str] = COLUMNS,
    ) -> None:
        """Plan for *projects* (default: all of the rulebook); only these *columns* of each are wanted."""
        self.columns = tuple(columns)
        self.rulebook = rulebook
        self.on = on
        self.masks = Masks(rulebook)
        self.amounts: dict[str, dict[str, Amount]] = {}
        chosen = [rulebook.projects[id_] for id_ in projects] if projects else list(rulebook.projects.values())
        self._limits = size_limits(rulebook)
        self._events = [name for name, spec in rulebook.dictionary.facts.items() if spec.kind == "events"]
        self._routes = Routes(applications)
        self._programs: dict[Shape, _Program] = {}
        self.criteria = {project.id: list(sayings(project)) for project in chosen}
        self.left_out = tuple(self._left_out(chosen))
        names = {one.project for one in self.left_out}
        self.projects = tuple(project for project in chosen if project.id not in names)

    def _left_out(self, chosen: Sequence[Project]) -> Iterator[LeftOut]:
        """Try every version on a frame with every column and the greatest numbers."""
        every = frozenset(_all_columns(self.rulebook, self.on))
        for project in chosen:
            try:
                for version in project.versions:
                    for applies in version.applies:
                        application = self._routes.of(project, None, None).application
                        route = Route.of(replace(application, kind=applies.kind), (version, applies))
                        self._compile(_Program(), project, route, Shape(every, wide=True, founded=None))
            except Uncovered as fault:
                yield LeftOut(project.id, str(fault))

    # ---- compiling

    def _usual(self, shape: Shape) -> Extract:
        """Return the columns of all projects, for those who apply as most do."""
        program = self._programs.setdefault(shape, _Program())
        if ("", None) not in program.extracts:
            taken: dict[str, pl.Expr] = {}
            for project in self.projects:
                taken |= self._compile(program, project, self._routes.of(project, None, None), shape)
            program.extracts["", None] = program.sheet.extract(taken)
        return program.extracts["", None]

    def _other(self, shape: Shape, project: Project, route: Route) -> Extract:
        """Return the columns of a project for those who take another *route*; the usual ones are there."""
        program, given = self._programs[shape], self._usual(shape).made
        key = (project.id, route)
        if key not in program.extracts:
            taken = self._compile(program, project, route, shape)
            program.extracts[key] = program.sheet.extract(taken, given)
        return program.extracts[key]

    def _compile(self, program: _Program, project: Project, route: Route, shape: Shape) -> dict[str, pl.Expr]:
        view = View(self.rulebook, shape.columns, program.sheet, self.masks, wide=shape.wide, founded=shape.founded)
        application = route.application
        taken: dict[str, pl.Expr] = {
            "cycle": pl.lit(application.cycle, dtype=pl.Int16),
            "kind": pl.lit(application.kind, dtype=KINDS),
        }
        offer = view.keep(("offered", project.id), lambda: offered(project, view))
        refused = (~offer).fill_null(value=False)
        zero = pl.lit(0, dtype=pl.UInt16)
        blank = {"unmet": zero, "unknown": zero, "judgement": zero}
        if route.version is None or route.applies is None:
            verdict = pl.when(refused).then(pl.lit("not-offered")).otherwise(pl.lit("undetermined"))
            taken |= {"verdict": verdict.cast(VERDICTS), **blank}
        else:
            root = root_of(route.version, route.applies)
            program.roots.append(root)
            cycle = application.cycle
            own = Setting(cycle - 1, cycle, application.applied, application.kind)
            other = own._replace(base=self.on.year - 1) if cycle > self.on.year else None
            reading = Reading(view, project.id, own, other)
            whole = reading.read(root).truth
            truth = view.keep(("verdict", project.id, own, other), lambda: offer & whole)
            word = pl.when(refused).then(pl.lit("not-offered")).when(truth).then(pl.lit("eligible"))
            word = word.when(~truth).then(pl.lit("ineligible")).otherwise(pl.lit("undetermined"))  # type: ignore[assignment]  # a chain of `when`
            taken["verdict"] = word.cast(VERDICTS)
            taken |= self._details(project, root, reading, refused)
            if SOLE in self.columns:
                blank_ = sole(root, reading, ("sole", project.id, own, other), offer)
                taken[SOLE] = pl.when(~refused).then(blank_).cast(self.dtype_of(project, SOLE))
        found = state_columns(self.criteria[project.id]) if FINDINGS in self.columns else ()
        return {
            f"{project.id}.{name}": taken.get(name, pl.lit(None, dtype=self.dtype_of(project, name)))
            for name in (*self.columns_of(project), *found)
        }

    def _details(self, project: Project, root: Group, reading: Reading, refused: pl.Expr) -> dict[str, pl.Expr]:
        """Return the columns beside the verdict, as far as they are wanted."""
        taken: dict[str, pl.Expr] = {}
        wanted = set(self.columns)
        if wanted & {"unmet", "unknown", "judgement"}:
            counts = _counts(list(gaps(root, reading)), list(asked(root, reading)))
            zero = pl.lit(0, dtype=pl.UInt16)
            taken |= {name: pl.when(refused).then(zero).otherwise(count) for name, count in counts.items()}
        if wanted & {"nearest", "amount"}:
            found = nearest(list(gaps(root, reading)), reading, self.criteria[project.id])
            self.amounts.setdefault(project.id, {}).update(found.counts)
            taken["nearest"] = pl.when(~refused).then(found.place).cat.to(pl.Enum(self.criteria[project.id]))
            taken["amount"] = pl.when(~refused).then(found.amount)
        if wanted & {"low", "high"} and reading.scores:
            for name in ("low", "high"):
                ends = [
                    pl.when(~refused if aside is None else ~refused & ~aside).then(getattr(score, name) / score.parts)
                    for id_, score in reading.scores.items()
                    for aside in (reading.found[id_].aside,)
                ]
                taken[name] = pl.coalesce(ends)
        if FINDINGS in wanted:
            told, counted = states(root, reading, refused)
            taken |= told
            self.amounts.setdefault(project.id, {}).update(counted)
        return taken

    def columns_of(self, project: Project) -> tuple[str, ...]:
        """Return the names of a project's columns."""
        scored = any(leaf.scoring for version in project.versions for leaf in leaves(version.root))
        left_out = (FINDINGS,) if scored else (FINDINGS, "low", "high")
        return tuple(name for name in self.columns if name not in left_out)

    def dtype_of(self, project: Project, name: str) -> pl.DataType:
        """Return the type of one of a project's columns."""
        types: dict[str, pl.DataType] = {
            "verdict": VERDICTS, "cycle": pl.Int16(), "kind": KINDS, "low": pl.Float64(), "high": pl.Float64(),
            "nearest": pl.Enum(self.criteria[project.id]), "amount": pl.Int64(),
            SOLE: pl.Enum(askable(self.rulebook, self.on)), **state_columns(self.criteria[project.id]),
        }  # fmt: skip
        return types.get(name, pl.UInt16())

    # ---- running

    def run(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Return the answers for the companies in *batch*, row by row.

        Raises:
            NotAdmitted: the batch is no frame.

        """
        frame, ends = admit(batch, self.rulebook)
        shape = self._shape(frame, ends)
        if RECOGNITIONS not in frame.columns:
            frame = frame.with_columns(
                pl.Series(RECOGNITIONS, [None] * batch.height, dtype=recognitions_type(self.rulebook))
            )
        long = self.masks.listed(frame)
        held = holders(long, self.on, self.criteria)
        apart = {project.id: self._routes.apart(project, frame, held) for project in self.projects}
        usual = self._usual(shape)
        others = [
            (self._other(shape, project, route), pl.concat(rows), project)
            for project in self.projects
            for route, rows in apart[project.id].items()
        ]
        needed = usual.own.union(*(other.own for other, _, _ in others))
        ready = self._prepared(frame, long, needed)
        answers, kept = usual.of(ready, usual.made & needed)
        whole = {one.name: one for one in (*ready, *kept)}
        for _, group in groupby(others, key=lambda other: other[2].id):
            answers = _patched(answers, [(rows, other.of(_part(other, whole, rows))[0]) for other, rows, _ in group])
        return answers

    def screen(self, frame: pl.LazyFrame, *, rows: int = BATCH) -> Iterator[pl.DataFrame]:
        """Yield the answers for a frame of any length, *rows* companies at a time; only what rules ask for is read."""
        asked, kept = self.rulebook.facts_used(self.projects), []
        for name in frame.collect_schema().names():
            spec = asked_of(name, self.rulebook)
            if spec.name in asked if spec else type_of(name, self.rulebook) is not None:
                kept.append(name)
        for batch in (frame.select(kept) if kept else frame).collect_batches(chunk_size=rows, maintain_order=True):
            yield self.run(batch)

    def _shape(self, frame: pl.DataFrame, ends: Ends) -> Shape:
        last = ends["established"][1].year if "established" in ends else 0
        wide = any(self._is_wide(frame, column, ends) for column in frame.columns)
        return Shape(frozenset(frame.columns), wide, max(last, self.on.year))

    def _is_wide(self, frame: pl.DataFrame, column: str, ends: Ends) -> bool:
        """Tell whether a column has a number greater than a narrow plan holds."""
        spec = asked_of(column, self.rulebook)
        if spec is None:
            return False
        if spec.kind != "events":
            return spec.numeric and any(abs(end) > narrow_of(spec) for end in ends.get(column, ()))
        entries = frame[column].explode().struct.unnest()
        checks = [(entries[name], inner) for name, inner in spec.fields.items() if inner.numeric]
        checks += [(entries[f"{s.name}_{end}"], inner) for s, inner in checks for end in ("low", "high")]
        return any(
            not values.drop_nulls().is_between(-narrow_of(inner), narrow_of(inner)).all() for values, inner in checks
        )

    def _prepared(self, frame: pl.DataFrame, long: pl.DataFrame, needed: frozenset[str] | None = None) -> pl.DataFrame:
        """Return the frame with the columns that programs read beside it; of all, only those *needed*."""
        missing = {
            name: pl.lit(None, dtype=dtype_of(self.rulebook.dictionary.facts[name], self.rulebook))
            for name in self._events
            if name not in frame.columns and (needed is None or name in needed)
        }
        if "industry" not in frame.columns:
            missing["industry"] = pl.lit(None, dtype=type_of("industry", self.rulebook))
        if needed is not None:
            frame = frame.select(name for name in frame.columns if name in needed or name in ("industry", RECOGNITIONS))
        frame = frame.with_columns(**missing)
        if needed is None or not needed.isdisjoint(self._limits.columns[1:]):
            frame = frame.join(self._limits, on="industry", how="left", maintain_order="left")
        return solid(self.masks.marked(frame, long, needed))


def _all_columns(rulebook: Rulebook, on: date) -> Iterator[str]:
    for name, spec in rulebook.dictionary.facts.items():
        columns = [f"{name}_{year}" for year in range(on.year - 8, on.year + 4)] if spec.yearly else [name]
        for column in columns:
            yield column
            if spec.numeric:
                yield from (f"{column}_low", f"{column}_high")
    yield RECOGNITIONS


def sayings(project: Project) -> dict[str, str]:
    """Return what the criteria of *project* say, by their ids, of all its versions."""
    roots = (root_of(version, applies) for version in project.versions for applies in version.applies)
    return {leaf.id: leaf.says for root in roots for leaf in leaves(root)}


def offered(project: Project, view: View) -> pl.Expr:
    """Return whether the project is offered to such an applicant in such a place."""
    suits = view.listed("applicant_kind", project.applicant)
    city = view.column("city", pl.String)
    return suits & ~city.is_in([*project.regions.except_, ELSEWHERE])


def _counts(gaps_found: Iterable[Gap], open_found: Iterable[tuple[Criterion, pl.Expr]]) -> dict[str, pl.Expr]:
    unmet: dict[str, list[pl.Expr]] = {}
    for gap in gaps_found:
        unmet.setdefault(gap.id, []).append(gap.flag)
    unknown: dict[str, list[pl.Expr]] = {}
    judged: dict[str, list[pl.Expr]] = {}
    for criterion, flag in open_found:
        (judged if criterion.role == "judgement" else unknown).setdefault(criterion.id, []).append(flag)
    return {
        name: pl.sum_horizontal([either(flags).cast(pl.UInt16) for flags in listed.values()] or [pl.lit(0)]).cast(
            pl.UInt16
        )
        for name, listed in (("unmet", unmet), ("unknown", unknown), ("judgement", judged))
    }


def _part(program: Extract, ready: Mapping[str, pl.Series], rows: pl.Series) -> pl.DataFrame:
    """Return *rows* of the columns that *program* reads, of one at least."""
    return pl.DataFrame([ready[name] for name in sorted(program.own | {"industry"}) if name in ready])[rows]


def _patched(answers: pl.DataFrame, parts: list[tuple[pl.Series, pl.DataFrame]]) -> pl.DataFrame:
    """Return *answers* with the rows of *parts* in place of theirs."""
    columns = parts[0][1].columns
    stacked = pl.concat([answers.select(columns), *(found for _, found in parts)])
    order = pl.int_range(answers.height, dtype=pl.UInt32, eager=True)
    start = answers.height
    for rows, found in parts:
        order = order.scatter(rows, pl.int_range(start, start + found.height, dtype=pl.UInt32, eager=True))
        start += found.height
    return answers.with_columns(stacked[order])


def compile(  # noqa: A001  # what it does
    rulebook: Rulebook,
    on: date,
    applications: Applications,
    *,
    projects: Sequence[str] = (),
    columns: Sequence[str] = COLUMNS,
) -> Plan:
    """Return the plan of *projects* (default: all) for the day *on*, of which these *columns* are wanted."""
    return Plan(rulebook, on, applications, projects, columns=columns)
