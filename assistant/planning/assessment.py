"""An assessment is everything the product knows about one company on one day. Every surface reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from assistant.company.profile import Judgement, Profile
from assistant.errors import BadInput, Place, Problem, nearest
from assistant.matching.match import Application, Matcher
from assistant.matching.situation import Company, Frames
from assistant.planning.announcements import Announcement
from assistant.planning.applying import applied_in
from assistant.planning.checklist import Step, checklist
from assistant.planning.horizon import Horizon
from assistant.planning.path import Path, ladder, paths
from assistant.planning.prospect import STANDINGS, Prospect
from assistant.planning.questions import Ask, questions
from assistant.planning.targets import Aim, aims
from assistant.planning.timeline import Entry, timeline
from assistant.planning.upkeep import Upkeep, upkeep
from assistant.planning.windows import window_of
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import Project, nodes


@dataclass(frozen=True)
class Assessment:
    """One company on one day: *prospects* in the rulebook's order; the plan is worked out when it is asked for."""

    on: date
    profile: Profile
    rulebook: Rulebook
    prospects: tuple[Prospect, ...]
    horizon: Horizon = field(repr=False, compare=False)

    @cached_property
    def asks(self) -> tuple[Ask, ...]:
        """The facts to fill in, the most useful first."""
        return questions([prospect for prospect in self.prospects if prospect.is_due(self.on)], self.rulebook)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """What to do, by date."""
        return checklist(self.prospects, self.rulebook, self.on)

    @cached_property
    def duties(self) -> tuple[Upkeep, ...]:
        """What recognitions held ask for, by date."""
        return upkeep(self.profile, self.rulebook, self.on, self.prospects)

    @cached_property
    def aims(self) -> tuple[Aim, ...]:
        """What the figures of the year not closed yet must show."""
        return aims(prospect for prospect in self.prospects if prospect.is_due(self.on))

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """The ways up the ladder: to what is offered, not held yet and leads on or stands on another recognition."""
        found = paths(self.horizon, [id_ for id_ in ladder(self.rulebook) if self._is_ahead(id_)])
        return tuple(sorted(found, key=lambda path: (not path.legs, path.year or 0, len(path.legs))))

    def _is_ahead(self, id_: str) -> bool:
        """Tell whether a project is worth a path: asked about, offered, not ready to be applied for, not held."""
        prospect = next((one for one in self.prospects if one.match.project.id == id_), None)
        return (
            prospect is not None
            and prospect.match.held is None
            and prospect.standing in ("near", "far")
            and prospect.match.version is not None
        )

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The timeline."""
        return timeline(self.prospects, self.steps, self.duties, self.on)

    @cached_property
    def clauses(self) -> Mapping[tuple[str, str], str]:
        """The clause of every criterion and group of the versions that decide, by project and id."""
        versions = {prospect.match.project.id: prospect.match.version for prospect in self.prospects}
        return {
            (id_, node.id): node.basis.clause
            for id_, version in versions.items()
            for node in (nodes(version.root) if version else ())
            if node.basis and node.basis.clause
        }

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
    check_judgements(profile, rulebook)
    chosen = [rulebook.projects[id_] for id_ in projects] if projects else list(rulebook.projects.values())
    company = Company(profile, rulebook, on)
    horizon = Horizon(matcher, company, announcements)
    prospects = tuple(_prospect(horizon, project, cycle, kind) for project in chosen)
    return Assessment(on, profile, rulebook, prospects, horizon)


def _prospect(horizon: Horizon, project: Project, cycle: int | None, kind: str | None) -> Prospect:
    company, announcements = horizon.company, horizon.announcements
    on, city = company.on, company.profile.facts.get("city")
    held = company.held(project.id)
    ahead = (
        horizon.next_window(project)
        if cycle is None
        else window_of(project, cycle, on, city=city, announcements=announcements)
    )
    window, chosen = applied_in(project, ahead, held, on, city, announcements, fixed=cycle is not None, kind=kind)
    application = Application(window.cycle, window.applied, chosen)
    frames = Frames(company, window.cycle, chosen, window.applied)
    return Prospect(horizon.matcher.match_company(company, project, application), window, frames, horizon)


def check_judgements(profile: Profile, rulebook: Rulebook) -> None:
    """Refuse judgements on what is not there.

    Raises:
        BadInput: a project is unknown, or none of its versions has the criterion.

    """
    problems = []
    for entry in profile.judgements:
        project = rulebook.projects.get(entry.project)
        if project is None:
            close = nearest(entry.project, rulebook.projects)
            problems.append(
                Problem("unknown-project", _inside(entry, "project"), {"found": entry.project, "nearest": close})
            )
            continue
        known = {node.id for version in project.versions for node in nodes(version.root)}
        if entry.criterion not in known:
            close = nearest(entry.criterion, known)
            problems.append(
                Problem("unknown-criterion", _inside(entry, "criterion"), {"found": entry.criterion, "nearest": close})
            )
    if problems:
        raise BadInput(problems)


def _inside(entry: Judgement, key: str) -> Place:
    return Place(entry.place.file, entry.place.line, f"{entry.place.path}.{key}")
