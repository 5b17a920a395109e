"""A comparison sets two assessments side by side: other answers, another day, another version, other rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from assistant.matching.difference import Difference, difference, differences
from assistant.matching.match import Match
from assistant.planning.assessment import Assessment
from assistant.planning.prospect import Prospect


@dataclass(frozen=True)
class Comparison:
    """Two assessments: *before* is the plain, the earlier or the own one."""

    before: Assessment
    after: Assessment

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """The projects in which something changes."""
        return differences(*([p.match for p in side.prospects] for side in (self.before, self.after)))


def judged_by(assessment: Assessment, versions: Mapping[str, str]) -> Assessment:
    """Return *assessment* with the projects in *versions* judged by the version named there.

    Company, cycle, kind and window stay.
    """
    matcher, company = assessment.horizon.matcher, assessment.horizon.company

    def judged(prospect: Prospect) -> Prospect:
        match = prospect.match
        named = versions.get(match.project.id)
        if named is None:
            return prospect
        other = matcher.match_company(company, match.project, match.application, version_id=named)
        return replace(prospect, match=other)

    return replace(assessment, prospects=tuple(judged(prospect) for prospect in assessment.prospects))


def against_version(assessment: Assessment, version: str) -> Comparison:
    """Compare *assessment* with what *version* says; of two versions of a project the earlier comes before."""
    other = judged_by(assessment, {prospect.match.project.id: version for prospect in assessment.prospects})
    pairs = zip(other.prospects, assessment.prospects, strict=True)
    ordered = [pair if _rank(pair[0].match) <= _rank(pair[1].match) else pair[::-1] for pair in pairs]
    before, after = (tuple(pair[side] for pair in ordered) for side in (0, 1))
    return Comparison(replace(assessment, prospects=before), replace(assessment, prospects=after))


def _rank(match: Match) -> int:
    """Return the place of the deciding version among the project's, oldest first; none decides after the last."""
    versions = match.project.versions
    return next((n for n, version in enumerate(versions) if version is match.version), len(versions))


def version_differences(assessment: Assessment) -> dict[str, Difference]:
    """Return what the version in force changes for the company, by project: before is the version that it replaced.

    Left out are projects without an earlier version, those whose earlier text is not there in full and those whose
    present text is not there at all: nothing can be told about them.
    """
    replaced = {}
    for prospect in assessment.prospects:
        match = prospect.match
        if match.version is None or match.applies is None or match.applies.text == "missing":
            continue
        older = match.project.before(match.version, match.applies)
        if older is not None and older[1].text == "full":
            replaced[match.project.id] = older[0].id
    now = [prospect for prospect in assessment.prospects if prospect.match.project.id in replaced]
    earlier = judged_by(replace(assessment, prospects=tuple(now)), replaced)
    pairs = zip(earlier.prospects, now, strict=True)
    return {new.match.project.id: difference(old.match, new.match) for old, new in pairs}


def version_difference(assessment: Assessment, project: str) -> Difference | None:
    """Return what the version in force changes for the company in one *project*; see `version_differences`.

    None where nothing can be told; a difference without changes where the new version changes nothing.
    """
    prospects = tuple(prospect for prospect in assessment.prospects if prospect.match.project.id == project)
    return version_differences(replace(assessment, prospects=prospects)).get(project)
