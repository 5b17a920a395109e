"""A route (申报路径) is what a company applies for, and the version that decides it: most companies take the usual one.

Those with another deadline in their city, or a review of what they hold, are told apart by their rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

import polars as pl

from assistant.logic.scalar import Holding
from assistant.matching.match import Application
from assistant.matching.screening.held import ROW
from assistant.rulebook.requirement import Applies, Project, Version

Applications = Callable[[Project, str | None, Holding | None], Application]
"""What a company applies for: by the project, its city and the recognition it holds; of a city that the project's own
rounds, regions and versions do not name, the same as of none. Within one year of expiry it changes in one direction."""


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


class Routes:
    """The routes of companies, by project, city and the recognition they hold."""

    def __init__(self, applications: Applications) -> None:
        """Ask *applications*, each question once."""
        self._applications = applications
        self._known: dict[tuple[str, str | None, Holding | None], Route] = {}

    def of(self, project: Project, city: str | None, held: Holding | None) -> Route:
        """Return what companies of *city* that hold the project as *held* apply for."""
        key = (project.id, city, held)
        if key not in self._known:
            application = self._applications(project, city, held)
            decided = project.select(application.kind, application.applied.earliest, city)
            self._known[key] = Route.of(application, decided)
        return self._known[key]

    def apart(self, project: Project, batch: pl.DataFrame, held: pl.DataFrame) -> dict[Route, list[pl.Series]]:
        """Return the rows of companies that do not apply as most do, by what they apply for."""
        usual = self.of(project, None, None)
        found: dict[Route, list[pl.Series]] = {}
        cities = named_cities(project)
        city = batch["city"] if "city" in batch.columns else None
        own = held.filter(pl.col("id") == project.id)
        for name in (None, *cities):
            of_city = (
                None if city is None else (city == name if name else ~city.is_in(list(cities)).fill_null(value=False))
            )
            if name is not None and of_city is not None and (here := self.of(project, name, None)) != usual:
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

        def until(day: date | None) -> Route:
            return self.of(project, city, Holding(None, day))

        def split(run: list[date]) -> None:
            if until(run[0]) == until(run[-1]):
                found.setdefault(until(run[0]), []).extend(run)
            else:
                split(run[: len(run) // 2])
                split(run[len(run) // 2 :])

        if None in days:
            found.setdefault(until(None), []).append(None)
        for _, run in groupby(sorted(day for day in days if day is not None), key=lambda day: day.year):
            split(list(run))
        return found


def named_cities(project: Project) -> tuple[str, ...]:
    """Return the cities that the rounds, regions and versions of *project* name."""
    named = [city for past in project.rounds for city in past.city_deadlines]
    named += [*project.regions.separate, *project.regions.except_]
    named += [city for version in project.versions for applies in version.applies for city in applies.cities]
    return tuple(dict.fromkeys(named))
