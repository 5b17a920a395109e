"""A match is one company against one project: the verdict with every finding that led to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from assistant.company.lists import ELSEWHERE
from assistant.company.profile import Profile
from assistant.dates import DateSpan
from assistant.logic.scalar import Holding
from assistant.logic.truth import Truth, all_of
from assistant.matching.evaluation import TRUTHS, Case, Evaluate, compile_requirement
from assistant.matching.findings import Finding, GroupFinding, Score
from assistant.matching.situation import Company, Frames
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import Applies, Group, Project, Version, text_criterion

Verdict = Literal["eligible", "ineligible", "undetermined", "not-offered"]


@dataclass(frozen=True, slots=True)
class Application:
    """An application a company could make: its cycle, the days on which it may apply, new or review."""

    cycle: int
    applied: DateSpan
    kind: str


@dataclass(frozen=True, slots=True)
class Match:
    """One company against one project.

    *reason* says why a project is not offered, or that no version covers the date; *missing* are the facts that
    decide whether it is offered at all. *overdue*: the rule's own review date has passed.
    """

    project: Project
    verdict: Verdict
    application: Application
    version: Version | None = None
    applies: Applies | None = None
    tree: GroupFinding | None = None
    findings: tuple[Finding, ...] = ()
    held: Holding | None = None
    reason: str = ""
    missing: tuple[str, ...] = ()
    channel_note: str = ""
    overdue: bool = False

    @property
    def base_year(self) -> int:
        """FY-1 of the cycle."""
        return self.application.cycle - 1

    @property
    def score(self) -> Score | None:
        """The scoring that takes part in the verdict, if there is one."""
        return next((finding.score for finding in self.findings if finding.score), None)


class Matcher:
    """Evaluates companies against a rulebook; versions are compiled once, when first needed."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Match against *rulebook*."""
        self.rulebook = rulebook
        self._compiled: dict[tuple[str, str, str], Evaluate] = {}

    def match(self, profile: Profile, project: Project, application: Application, on: date) -> Match:
        """Return the verdict on *profile* for *project* in *application*, as known *on*."""
        return self.match_company(Company(profile, self.rulebook, on), project, application)

    def match_company(
        self, company: Company, project: Project, application: Application, *, version_id: str | None = None
    ) -> Match:
        """Return the verdict on *company* for *project*; many projects share what was read of the company.

        *version_id* names a version that judges in place of the one in force.
        """
        profile, on = company.profile, company.on
        frames = Frames(company, application.cycle, application.kind, application.applied)
        held = company.held(project.id)
        overdue = project.next_review < on
        is_offered, reason, missing = offered(profile, project)
        city = profile.facts.get("city")
        if is_offered is False:
            return Match(project, "not-offered", application, held=held, reason=reason, overdue=overdue)
        day = application.applied.earliest
        if version_id is None:
            selected = project.select(application.kind, day, city)
        else:
            selected = project.named(version_id, application.kind, day)
        if selected is None:
            return Match(
                project, "undetermined", application, held=held, reason="no-version", missing=missing, overdue=overdue
            )
        version, applies = selected
        judgements = {entry.criterion: entry for entry in profile.judgements if entry.project == project.id}
        case = Case(frames.own, frames.stand_in, judgements, {})
        result = self.evaluator(project, version, applies)(case)
        assert isinstance(result, GroupFinding)
        truth = all_of([is_offered, TRUTHS[result.state]])
        verdict: Verdict = "eligible" if truth else "undetermined" if truth is None else "ineligible"
        return Match(
            project,
            verdict,
            application,
            version,
            applies,
            result,
            tuple(case.findings.values()),
            held,
            "",
            missing,
            project.regions.separate.get(city or "", ""),
            overdue,
        )

    def evaluator(self, project: Project, version: Version, applies: Applies) -> Evaluate:
        """Return the compiled requirement of a version."""
        name = (project.id, version.id, applies.text)
        if name not in self._compiled:
            self._compiled[name] = compile_requirement(root_of(version, applies))
        return self._compiled[name]


def root_of(version: Version, applies: Applies) -> Group:
    """Return the requirement of a version, behind a gate where its text is not available in full."""
    if applies.text == "full":
        return version.root
    return Group("root", "", "all", (*version.root.members, text_criterion(applies, version.instrument)))


def offered(profile: Profile, project: Project) -> tuple[Truth, str, tuple[str, ...]]:
    """Return whether the project is offered to such an applicant in such a place, the reason, what is missing."""
    kinds = profile.facts.get("applicant_kind")
    city = profile.facts.get("city")
    missing = tuple(name for name, value in (("applicant_kind", kinds), ("city", city)) if value is None)
    if kinds is not None and not set(kinds) & set(project.applicant):
        return False, "applicant", ()
    if city is not None and city in project.regions.except_:
        return False, "city", ()
    if city == ELSEWHERE:
        return False, "province", ()
    return (None if missing else True), "", missing
