"""A horizon is what lies ahead of one company: outlooks by cycle, windows of any year, when a grant can be expected.

Past the next window nothing is forecast: later ones are the next one laid on later years, and say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from assistant.dates import DateSpan, add_years
from assistant.matching.match import Application, Match, Matcher
from assistant.matching.outlook import Outlook
from assistant.matching.remedies import Remedies
from assistant.matching.situation import Company
from assistant.planning.announcements import Announcement
from assistant.planning.windows import Window, next_window, period_of
from assistant.rulebook.requirement import Applies, Project, Round, Version

PROCESSING = (120, 240)  # days from closing to publication where no past round tells them (practice)


@dataclass(frozen=True, slots=True)
class Grant:
    """When a recognition applied for in a window is published; *estimated*: by practice, no past round tells it."""

    span: DateSpan
    estimated: bool


class Horizon:
    """What lies ahead of *company*; everything is worked out once."""

    def __init__(self, matcher: Matcher, company: Company, announcements: Sequence[Announcement] = ()) -> None:
        """Look ahead from the day of *company*."""
        self.matcher = matcher
        self.company = company
        self.on = company.on
        self.rulebook = company.rulebook
        self.announcements = announcements
        self._outlooks: dict[tuple[int, bool], Outlook] = {}
        self._windows: dict[str, Window] = {}

    def outlook(self, cycle: int, *, growth: bool = False) -> Outlook:
        """Return the company as it will stand in *cycle*."""
        name = (cycle, growth)
        if name not in self._outlooks:
            self._outlooks[name] = Outlook(self.company, cycle, growth=growth)
        return self._outlooks[name]

    def next_window(self, project: Project) -> Window:
        """Return the window of *project* that is open or comes next."""
        if project.id not in self._windows:
            city = self.company.profile.facts.get("city")
            self._windows[project.id] = next_window(project, self.on, city=city, announcements=self.announcements)
        return self._windows[project.id]

    def windows(self, project: Project, years: int) -> Sequence[Window]:
        """Return the next window and those after it, as far as *years* from today's; a later one repeats the next."""
        first = self.next_window(project)
        step = 1 if project.rolling else period_of(project, self.on)
        cycles = range(first.cycle, self.on.year + years + 1, step)
        return [first if cycle == first.cycle else later(first, cycle) for cycle in cycles]

    def grant(self, project: Project, window: Window) -> Grant:
        """Return when an application in *window* is decided: as long after the closing as in past rounds."""
        took = [days for past in project.rounds if (days := _processing(past))]
        first, last = (min(took), max(took)) if took else PROCESSING
        applied = window.closes or DateSpan(window.applied.earliest, window.applied.latest)
        if window.status == "rolling":
            applied = DateSpan.of(max(self.on, applied.earliest))
        return Grant(DateSpan(applied.earliest + timedelta(first), applied.latest + timedelta(last)), not took)

    def earliest_grant(self, ids: Sequence[str]) -> date | None:
        """Return the first day on which one of these recognitions could be granted, applied for in its next window."""
        days = [
            self.grant(project, window).span.earliest
            for id_ in ids
            if (project := self.rulebook.projects.get(id_)) and (window := self.next_window(project)).is_live
        ]
        return min(days, default=None)

    def remedies(self, match: Match) -> Remedies | None:
        """Return the finder of remedies for a match; None where no version decides."""
        if match.version is None or match.applies is None:
            return None
        return self.remedies_in(match.project, match.application, match.version, match.applies)

    def remedies_in(
        self, project: Project, application: Application, version: Version, applies: Applies, *, growth: bool = False
    ) -> Remedies:
        """Return the finder of remedies for an application in any cycle."""
        outlook = self.outlook(application.cycle, growth=growth)
        return Remedies(self.matcher, outlook, project, application, version, applies)


def _processing(past: Round) -> int:
    """Return how many days a past round took from its closing to its publication; 0 where that is not known."""
    closed = past.province_deadline or past.closes or past.opens
    return (past.published - closed).days if past.published and closed and past.published > closed else 0


def later(window: Window, cycle: int) -> Window:
    """Return *window* laid on a later *cycle*: expected at best, and with little confidence."""
    years = cycle - window.cycle

    def moved(span: DateSpan | None) -> DateSpan | None:
        return DateSpan(add_years(span.earliest, years), add_years(span.latest, years)) if span else None

    status = "expected" if window.status == "announced" else window.status
    notes = tuple(note for note in window.notes if note != "after-expiry")
    return replace(
        window, status=status, cycle=cycle, opens=moved(window.opens), closes=moved(window.closes), confidence="low",
        source="", notes=notes,
    )  # fmt: skip
