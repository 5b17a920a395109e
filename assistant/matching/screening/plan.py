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

Most companies apply alike: they are evaluated together, every distinct part once. Those that apply otherwise (another
deadline in their city, a review of what they hold) are evaluated in groups of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby

import polars as pl

from assistant.company.lists import ELSEWHERE
from assistant.logic.columns import Setting, Uncovered, either
from assistant.logic.scalar import Holding
from assistant.matching.match import Application, root_of
from assistant.matching.screening.frame import RECOGNITIONS, admitted, asked_of, dtype_of, recognitions_type, type_of
from assistant.matching.screening.held import ROW, Masks, holders
from assistant.matching.screening.nearest import Amount, Gap, asked, gaps, nearest
from assistant.matching.screening.reading import Reading
from assistant.matching.screening.sheet import Sheet, solid
from assistant.matching.screening.view import View, narrow_of, size_limits
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import Applies, Criterion, Group, Project, Version, leaves

Applications = Callable[[Project, str | None, Holding | None], Application]
"""What a company applies for: by the project, its city and the recognition it holds; of a city that the project's own
rounds, regions and versions do not name, the same as of none. Within one year of expiry it changes in one direction."""

VERDICTS = pl.Enum(["eligible", "ineligible", "undetermined", "not-offered"])
KINDS = pl.Enum(["new", "review"])
BATCH = 100_000  # companies evaluated at once, unless told otherwise


@dataclass(frozen=True, slots=True)
class Route:
    """An application with the version that decides it (None: none does)."""

    application: Application
    version_id: str
    applies: Applies | None
    version: Version | None = field(compare=False, repr=False)

    @classmethod
    def of(cls, application: Application, decided: tuple[Version, Applies] | None) -> Route:
        """Return the route of an application that a version, as it applies, decides."""
        if decided is None:
            return cls(application, "", None, None)
        return cls(application, decided[0].id, decided[1], decided[0])


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A project that cannot be screened: the part of its rules that columns cannot compute exactly."""

    project: str
    reason: str


@dataclass(slots=True)
class _Program:
    """A sheet with the columns that are taken out of it."""

    sheet: Sheet
    taken: dict[str, pl.Expr] = field(default_factory=dict)
    roots: list[Group] = field(default_factory=list)  # kept: columns are named by the identity of what they are of


Shape = tuple[frozenset[str], bool]  # the columns of a frame, and whether it has great numbers


class Plan:
    """A rulebook compiled for one day; what a batch's shape asks for is compiled when it is first seen."""

    def __init__(self, rulebook: Rulebook, on: date, applications: Applications, projects: Sequence[str] = ()) -> None:
        """Plan for *projects* (default: all of the rulebook)."""
        self.rulebook = rulebook
        self.on = on
        self.applications = applications
        self.masks = Masks(rulebook)
        self.amounts: dict[str, dict[str, Amount]] = {}
        chosen = [rulebook.projects[id_] for id_ in projects] if projects else list(rulebook.projects.values())
        self._limits = size_limits(rulebook)
        self._events = [name for name, spec in rulebook.dictionary.facts.items() if spec.kind == "events"]
        self._routes: dict[tuple[str, str | None, Holding | None], Route] = {}
        self._programs: dict[tuple[Shape, str, Route | None], _Program] = {}
        self._criteria = {project.id: _criteria(project) for project in chosen}
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
                        application = self.route(project, None, None).application
                        route = Route.of(replace(application, kind=applies.kind), (version, applies))
                        self._compile(_Program(Sheet()), project, route, (every, True))
            except Uncovered as fault:
                yield LeftOut(project.id, str(fault))

    # ---- who applies for what

    def route(self, project: Project, city: str | None, held: Holding | None) -> Route:
        """Return what companies of *city* that hold the project as *held* apply for."""
        key = (project.id, city, held)
        if key not in self._routes:
            application = self.applications(project, city, held)
            decided = project.select(application.kind, application.applied.earliest, city)
            self._routes[key] = Route.of(application, decided)
        return self._routes[key]

    def _apart(self, project: Project, batch: pl.DataFrame, held: pl.DataFrame) -> dict[Route, list[pl.Series]]:
        """Return the rows of companies that do not apply as most do, by what they apply for."""
        usual = self.route(project, None, None)
        found: dict[Route, list[pl.Series]] = {}
        cities = named_cities(project)
        city = batch["city"] if "city" in batch.columns else None
        own = held.filter(pl.col("id") == project.id)
        for name in (None, *cities):
            of_city = (
                None if city is None else (city == name if name else ~city.is_in(list(cities)).fill_null(value=False))
            )
            if name is not None and of_city is not None and (here := self.route(project, name, None)) != usual:
                rows = of_city.arg_true().cast(pl.UInt32)
                found.setdefault(here, []).append(rows.filter(~rows.is_in(own[ROW].implode())))
            if own.height and (of_city is not None or name is None):
                there = own if of_city is None else own.filter(of_city.fill_null(value=False).gather(own[ROW]))
                for route, days in self._by_expiry(project, name, there["expires"].unique().to_list()).items():
                    if route != usual:
                        rows = there.filter(pl.col("expires").is_in(days, nulls_equal=True))[ROW]
                        found.setdefault(route, []).append(rows)
        return {
            route: [rows for rows in listed if len(rows)] for route, listed in found.items() if any(map(len, listed))
        }

    def _by_expiry(self, project: Project, city: str | None, days: list[date | None]) -> dict[Route, list[date | None]]:
        """Return which last days lead to the same application; it changes in one direction within a year."""
        found: dict[Route, list[date | None]] = {}

        def of(day: date | None) -> Route:
            return self.route(project, city, Holding(None, day))

        def split(run: list[date]) -> None:
            if of(run[0]) == of(run[-1]):
                found.setdefault(of(run[0]), []).extend(run)
            else:
                split(run[: len(run) // 2])
                split(run[len(run) // 2 :])

        if None in days:
            found.setdefault(of(None), []).append(None)
        for _, run in groupby(sorted(day for day in days if day is not None), key=lambda day: day.year):
            split(list(run))
        return found

    # ---- compiling

    def _program(self, shape: Shape, projects: Sequence[Project], name: str, route: Route | None) -> _Program:
        key = (shape, name, route)
        if key not in self._programs:
            program = self._programs[key] = _Program(Sheet())
            for project in projects:
                self._compile(program, project, route or self.route(project, None, None), shape)
        return self._programs[key]

    def _compile(self, program: _Program, project: Project, route: Route, shape: Shape) -> None:
        view = View(self.rulebook, shape[0], program.sheet, self.masks, wide=shape[1])
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
            counts = _counts(list(gaps(root, reading)), list(asked(root, reading)))
            taken |= {name: pl.when(refused).then(zero).otherwise(count) for name, count in counts.items()}
            taken |= self._amounts(project, root, reading, refused)
        for name in self.columns_of(project):
            made = taken.get(name, pl.lit(None, dtype=self.dtype_of(project, name)))
            program.taken[f"{project.id}.{name}"] = made

    def _amounts(self, project: Project, root: Group, reading: Reading, refused: pl.Expr) -> dict[str, pl.Expr]:
        found = nearest(list(gaps(root, reading)), reading, self._criteria[project.id])
        self.amounts.setdefault(project.id, {}).update(found.counts)
        taken = {
            "nearest": pl.when(~refused).then(found.place).cat.to(pl.Enum(self._criteria[project.id])),
            "amount": pl.when(~refused).then(found.amount),
        }
        if reading.scores:
            for name in ("low", "high"):
                ends = [
                    pl.when(~refused if aside is None else ~refused & ~aside).then(getattr(score, name) / score.parts)
                    for id_, score in reading.scores.items()
                    for aside in (reading.found[id_].aside,)
                ]
                taken[name] = pl.coalesce(ends)
        return taken

    def columns_of(self, project: Project) -> tuple[str, ...]:
        """Return the names of a project's columns."""
        scored = any(leaf.scoring for version in project.versions for leaf in leaves(version.root))
        score = ("low", "high") if scored else ()
        return ("verdict", "cycle", "kind", "unmet", "unknown", "judgement", *score, "nearest", "amount")

    def dtype_of(self, project: Project, name: str) -> pl.DataType:
        """Return the type of one of a project's columns."""
        types: dict[str, pl.DataType] = {
            "verdict": VERDICTS, "cycle": pl.Int16(), "kind": KINDS, "low": pl.Float64(), "high": pl.Float64(),
            "nearest": pl.Enum(self._criteria[project.id]), "amount": pl.Int64(),
        }  # fmt: skip
        return types.get(name, pl.UInt16())

    # ---- running

    def run(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Return the answers for the companies in *batch*, row by row.

        Raises:
            NotAdmitted: the batch is no frame.

        """
        frame = admitted(batch, self.rulebook)
        shape = (frozenset(frame.columns), self._is_wide(frame))
        if RECOGNITIONS not in frame.columns:
            frame = frame.with_columns(
                pl.Series(RECOGNITIONS, [None] * batch.height, dtype=recognitions_type(self.rulebook))
            )
        long = self.masks.listed(frame)
        held = holders(long, self.on, self._criteria)
        apart = {project.id: self._apart(project, frame, held) for project in self.projects}
        usual = self._program(shape, self.projects, "", None)
        programs = {
            (project.id, route): self._program(shape, [project], project.id, route)
            for project in self.projects
            for route in apart[project.id]
        }
        ready = self._prepared(frame, long)
        answers = _answers(usual, ready)
        for project in self.projects:
            parts = [
                (rows, _answers(programs[project.id, route], _part(programs[project.id, route], ready, rows)))
                for route, listed in apart[project.id].items()
                for rows in [pl.concat(listed)]
            ]
            if parts:
                answers = _patched(answers, parts)
        return answers

    def screen(self, frame: pl.LazyFrame, *, rows: int = BATCH) -> Iterator[pl.DataFrame]:
        """Yield the answers for a frame of any length, *rows* companies at a time."""
        for batch in frame.collect_batches(chunk_size=rows, maintain_order=True):
            yield self.run(batch)

    def _is_wide(self, frame: pl.DataFrame) -> bool:
        """Tell whether any number is greater than a narrow plan holds."""
        for column in frame.columns:
            spec = asked_of(column, self.rulebook)
            if spec is None:
                continue
            if spec.kind == "events":
                entries = frame[column].explode().struct.unnest()
                checks = [(entries[name], inner) for name, inner in spec.fields.items() if inner.numeric]
                checks += [(entries[f"{s.name}_{end}"], inner) for s, inner in checks for end in ("low", "high")]
            else:
                checks = [(frame[column], spec)] if spec.numeric else []
            for values, inner in checks:
                most = narrow_of(inner)
                if len(values) and not values.drop_nulls().is_between(-most, most).all():
                    return True
        return False

    def _prepared(self, frame: pl.DataFrame, long: pl.DataFrame) -> pl.DataFrame:
        missing = {
            name: pl.lit(None, dtype=dtype_of(self.rulebook.dictionary.facts[name], self.rulebook))
            for name in self._events
            if name not in frame.columns
        }
        if "industry" not in frame.columns:
            missing["industry"] = pl.lit(None, dtype=type_of("industry", self.rulebook))
        frame = frame.with_columns(**missing).join(self._limits, on="industry", how="left", maintain_order="left")
        return self.masks.marked(frame, long)


def _all_columns(rulebook: Rulebook, on: date) -> Iterator[str]:
    for name, spec in rulebook.dictionary.facts.items():
        columns = [f"{name}_{year}" for year in range(on.year - 8, on.year + 4)] if spec.yearly else [name]
        for column in columns:
            yield column
            if spec.numeric:
                yield from (f"{column}_low", f"{column}_high")
    yield RECOGNITIONS


def _criteria(project: Project) -> list[str]:
    return list(dict.fromkeys(leaf.id for version in project.versions for leaf in leaves(version.root)))


def named_cities(project: Project) -> tuple[str, ...]:
    """Return the cities that the rounds, regions and versions of *project* name."""
    named = [city for past in project.rounds for city in past.city_deadlines]
    named += [*project.regions.separate, *project.regions.except_]
    named += [city for version in project.versions for applies in version.applies for city in applies.cities]
    return tuple(dict.fromkeys(named))


def offered(project: Project, view: View) -> pl.Expr:
    """Return whether the project is offered to such an applicant in such a place."""
    kinds = view.column("applicant_kind", dtype_of(view.spec("applicant_kind"), view.rulebook))
    suits = kinds.list.eval(pl.element().is_in(list(project.applicant))).list.any()
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


def _answers(program: _Program, ready: pl.DataFrame) -> pl.DataFrame:
    taken = program.sheet.fill(ready).select(**program.taken)
    if taken.height != ready.height:  # all of it is the same for everybody
        taken = ready.select(pl.lit(0).alias(ROW)).with_columns(**program.taken).drop(ROW)
    return solid(taken)


def _part(program: _Program, ready: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """Return *rows* with the columns that *program* reads."""
    made = [*program.taken.values(), *(column for stage in program.sheet.stages for column in stage.values())]
    roots = {root for column in made for root in column.meta.root_names()}
    return ready.select([name for name in ready.columns if name in roots or name == "industry"])[rows]


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
    rulebook: Rulebook, on: date, applications: Applications, *, projects: Sequence[str] = ()
) -> Plan:
    """Return the plan of *projects* (default: all) for the day *on*."""
    return Plan(rulebook, on, applications, projects)
