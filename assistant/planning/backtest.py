"""A backtest hides the last known round of each project and predicts it from the earlier ones.

It measures the forecast honestly: a hit is a real date inside the predicted interval, and the width is what the
interval cost. Beside it stand two naive forecasts: the same day as the year before, and the published list's wording.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median
from typing import Literal

from assistant.dates import DateSpan, add_years
from assistant.periods import read_periods
from assistant.planning.windows import closing_of, opening_of, window_of
from assistant.rulebook.requirement import Project, Round

Milestone = Literal["opens", "closes"]


@dataclass(frozen=True, slots=True)
class Trial:
    """One milestone of one hidden round: what was predicted, and what came.

    *naive* is last time's day again; *worded* is the list's wording laid on the year: when the list says that the
    project will take applications.
    """

    project: str
    year: int
    milestone: Milestone
    actual: date
    predicted: DateSpan | None
    naive: date | None
    worded: DateSpan | None = None

    @property
    def hit(self) -> bool:
        """Tell whether the day that came lay in the predicted interval."""
        return self.predicted is not None and self.predicted.earliest <= self.actual <= self.predicted.latest

    @property
    def worded_hit(self) -> bool:
        """Tell whether the day that came lay in the interval that the list's wording gives."""
        return self.worded is not None and self.worded.earliest <= self.actual <= self.worded.latest

    @property
    def naive_error(self) -> int | None:
        """Return by how many days last time's day was off."""
        return abs((self.naive - self.actual).days) if self.naive else None


@dataclass(frozen=True, slots=True)
class Score:
    """All trials together: predictions made, hits, median width; the naive forecasts beside it (errors in days)."""

    trials: int
    predicted: int
    hits: int
    median_width: float | None
    naive_within: int
    naive_error: float | None
    worded: int
    worded_hits: int
    worded_width: float | None


def backtest(projects: Iterable[Project], *, hide: int = 1) -> tuple[Trial, ...]:
    """Predict the *hide*-th last dated year of every project from the years before it."""
    return tuple(trial for project in projects for trial in _trials(project, hide))


def _trials(project: Project, hide: int) -> Iterator[Trial]:
    years = sorted({past.year for past in project.rounds if opening_of(past) or closing_of(past, None)[0]})
    if len(years) < hide:
        return
    target = years[-hide]
    hidden = [past for past in project.rounds if past.year == target]
    earlier = replace(project, rounds=tuple(past for past in project.rounds if past.year < target))
    window = window_of(earlier, target, date(target, 1, 1))
    spans: tuple[tuple[Milestone, DateSpan | None], ...] = (("opens", window.opens), ("closes", window.closes))
    for milestone, predicted in spans:
        actual = _milestone(hidden, milestone)
        if actual is not None:
            naive = _naive(earlier.rounds, milestone, target)
            yield Trial(project.id, target, milestone, actual, predicted, naive, _worded(project, target))


def _worded(project: Project, target: int) -> DateSpan | None:
    """Return what the list's wording says, moved to the *target* year; an open end is the end of the year named."""
    listed = project.listed
    if listed is None or listed.year is None:
        return None
    periods = [p for p in read_periods(listed.planned, year=listed.year).periods if p.earliest or p.latest]
    if not periods:
        return None
    first = min(p.earliest or date(p.latest.year if p.latest else listed.year, 1, 1) for p in periods)
    last = max(p.latest or date(p.earliest.year if p.earliest else listed.year, 12, 31) for p in periods)
    return DateSpan(add_years(first, target - listed.year), add_years(last, target - listed.year))


def _milestone(rounds: Sequence[Round], milestone: str) -> date | None:
    if milestone == "opens":
        return min((day for past in rounds if (day := opening_of(past))), default=None)
    return max((day for past in rounds if (day := closing_of(past, None)[0])), default=None)


def _naive(rounds: Sequence[Round], milestone: str, target: int) -> date | None:
    for year in sorted({past.year for past in rounds}, reverse=True):
        day = _milestone([past for past in rounds if past.year == year], milestone)
        if day:
            return add_years(day, target - year)
    return None


def summary(trials: Sequence[Trial], *, tolerance: timedelta = timedelta(days=15)) -> Score:
    """Return the trials' hit rate and width; the naive forecast counts as right within *tolerance*."""
    made = [trial for trial in trials if trial.predicted]
    worded = [trial.worded for trial in trials if trial.worded]
    errors = [trial.naive_error for trial in trials if trial.naive_error is not None]
    return Score(
        len(trials),
        len(made),
        sum(trial.hit for trial in made),
        median([trial.predicted.days for trial in made if trial.predicted]) if made else None,
        sum(error <= tolerance.days for error in errors),
        median(errors) if errors else None,
        len(worded),
        sum(trial.worded_hit for trial in trials),
        median([span.days for span in worded]) if worded else None,
    )
