"""An assessment is everything the product knows about one company on one day. Every surface reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assistant.company.profile import Profile
from assistant.dates import DateSpan
from assistant.errors import BadInput, Place, Problem, nearest
from assistant.logic.scalar import Holding
from assistant.matching.match import Application, Matcher, current_holding
from assistant.matching.situation import Frames
from assistant.planning.checklist import Ask, Step, checklist, questions
from assistant.planning.prospect import STANDINGS, Prospect
from assistant.planning.timeline import Entry, timeline
from assistant.planning.upkeep import Upkeep, upkeep
from assistant.planning.windows import Announcement, Window, next_window, window_of
from assistant.rulebook.load import Rulebook
from assistant.rulebook.requirement import Project, nodes


@dataclass(frozen=True, slots=True)
class Assessment:
    """One company on one day: *prospects* in the rulebook's order, *steps* and *entries* by date."""

    on: date
    profile: Profile
    rulebook: Rulebook
    prospects: tuple[Prospect, ...]
    asks: tuple[Ask, ...]
    steps: tuple[Step, ...]
    duties: tuple[Upkeep, ...]
    entries: tuple[Entry, ...]

    def ranked(self) -> tuple[Prospect, ...]:
        """Return the prospects as a person wants them: by standing, fewest gaps, nearest window."""
        return tuple(
            sorted(
                self.prospects,
                key=lambda p: (
                    STANDINGS.index(p.standing),
                    not p.is_live,
                    len(p.gaps),
                    len(p.questions),
                    p.window.opens.earliest if p.window.opens else date.max,
                ),
            )
        )


def assess(
    matcher: Matcher,
    profile: Profile,
    on: date,
    *,
    cycle: int | None = None,
    kind: str | None = None,
    projects: Sequence[str] = (),
    announcements: Sequence[Announcement] = (),
) -> Assessment:
    """Match *profile* with every project (or the named ones) for its next cycle, and plan.

    Args:
        matcher: the rulebook's matcher.
        profile: the company.
        on: the day of the assessment.
        cycle: the year of the application; default: that of each project's next window.
        kind: `new` or `review`; default: review for a recognition held, else new.
        projects: ids to look at; default all.
        announcements: official dates that replace forecasts.

    Raises:
        BadInput: a recorded judgement names no project or criterion.

    """
    rulebook = matcher.rulebook
    _check_judgements(profile, rulebook)
    chosen = [rulebook.projects[id_] for id_ in projects] if projects else list(rulebook.projects.values())
    prospects = tuple(_prospect(matcher, profile, project, on, cycle, kind, announcements) for project in chosen)
    steps = checklist(prospects, rulebook, on)
    duties = upkeep(profile, rulebook, on)
    asks = questions([p for p in prospects if p.is_due(on)], rulebook)
    return Assessment(on, profile, rulebook, prospects, asks, steps, duties, timeline(prospects, steps, duties))


def _prospect(
    matcher: Matcher,
    profile: Profile,
    project: Project,
    on: date,
    cycle: int | None,
    kind: str | None,
    announcements: Sequence[Announcement],
) -> Prospect:
    city = profile.facts.get("city")
    today = Frames(profile, matcher.rulebook, on.year, "new", DateSpan.of(on), on)
    held = current_holding(project.id, today, on)
    chosen = kind or ("review" if held else "new")
    if cycle is not None:
        window = window_of(project, cycle, on, city=city, announcements=announcements)
    else:
        window = next_window(project, on, city=city, announcements=announcements)
        if chosen == "review" and held:
            window = _review_window(project, window, held, on, city, announcements)
            if kind is None and held.expires and held.expires < window.applied.earliest:
                chosen = "new"  # the last review before it expires has passed
    application = Application(window.cycle, window.applied, chosen)
    frames = Frames(profile, matcher.rulebook, window.cycle, chosen, window.applied, on)
    return Prospect(matcher.match(profile, project, application, on), window, frames)


def _review_window(
    project: Project, window: Window, held: Holding, on: date, city: str | None, announcements: Sequence[Announcement]
) -> Window:
    """Return the last window that opens before the recognition expires: its holder is reviewed there."""
    if held.expires is None:
        return window
    for year in range(held.expires.year, window.cycle, -1):
        later = window_of(project, year, on, city=city, announcements=announcements)
        if later.status not in ("announced", "expected") or later.applied.earliest <= held.expires:
            return later
    return window


def _check_judgements(profile: Profile, rulebook: Rulebook) -> None:
    """Refuse a judgement on a criterion that no version of the project has."""
    problems = []
    for number, entry in enumerate(profile.judgements):
        place = Place("judgements", 0, f"judgements.{number}")
        project = rulebook.projects.get(entry.project)
        if project is None:
            close = nearest(entry.project, rulebook.projects)
            problems.append(Problem("unknown-project", place, {"found": entry.project, "nearest": close}))
            continue
        known = {node.id for version in project.versions for node in nodes(version.root)}
        if entry.criterion not in known:
            close = nearest(entry.criterion, known)
            problems.append(Problem("unknown-criterion", place, {"found": entry.criterion, "nearest": close}))
    if problems:
        raise BadInput(problems)
