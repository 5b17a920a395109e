"""Applying: in which window a company applies, for the first time or to keep what it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from assistant.logic.scalar import Holding
from assistant.matching.match import Application
from assistant.planning.announcements import Announcement
from assistant.planning.windows import Window, next_window, review_window, window_of
from assistant.rulebook.requirement import Project


def applied_in(
    project: Project,
    ahead: Window,
    held: Holding | None,
    on: date,
    city: str | None,
    announcements: Sequence[Announcement],
    *,
    fixed: bool = False,
    kind: str | None = None,
) -> tuple[Window, str]:
    """Return the window of a company's application and its kind.

    Args:
        project: what is applied for.
        ahead: its next window, or that of the year asked for.
        held: the recognition, where the company holds it.
        on: today.
        city: where the company is.
        announcements: official dates.
        fixed: stay in that window.
        kind: `new` or `review`; default: review for a recognition held, else new.

    """
    chosen = kind or ("review" if held else "new")
    if fixed or chosen != "review" or not held:
        return ahead, chosen
    window = review_window(project, ahead, held, on, city, announcements)
    if kind is None and held.expires and held.expires < window.applied.earliest:
        return window, "new"  # the last review before it expires has passed
    if held.expires and window.is_dated and held.expires < window.applied.latest:
        window = replace(window, notes=(*window.notes, "after-expiry"))
    return window, chosen


class Applications:
    """What companies apply for on one day, by city and by what they hold; the screening's choice of applications."""

    def __init__(
        self,
        on: date,
        announcements: Sequence[Announcement] = (),
        *,
        cycle: int | None = None,
        kind: str | None = None,
    ) -> None:
        """Choose as an assessment made *on* a day does."""
        self.on = on
        self.announcements = announcements
        self.cycle = cycle
        self.kind = kind
        self._ahead: dict[tuple[str, str | None], Window] = {}

    def __call__(self, project: Project, city: str | None, held: Holding | None) -> Application:
        """Return what a company of *city* applies for that holds the recognition as *held*."""
        ahead = self._ahead.get((project.id, city))
        if ahead is None:
            if self.cycle is None:
                ahead = next_window(project, self.on, city=city, announcements=self.announcements)
            else:
                ahead = window_of(project, self.cycle, self.on, city=city, announcements=self.announcements)
            self._ahead[project.id, city] = ahead
        fixed = self.cycle is not None
        window, kind = applied_in(project, ahead, held, self.on, city, self.announcements, fixed=fixed, kind=self.kind)
        return Application(window.cycle, window.applied, kind)
