"""Coverage says how well a rule is grounded: criteria by role and standing of the source, share with a clause."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from assistant.rulebook.requirement import Project, leaves


@dataclass(frozen=True, slots=True)
class Coverage:
    """Counts over all versions of a project; *explicit* are criteria whose missing clause is said to be unknown."""

    project: str
    versions: int
    criteria: int
    roles: dict[str, int]
    standings: dict[str, int]
    with_clause: int
    explicit: int
    items: int
    rounds: int


def coverage(project: Project) -> Coverage:
    """Return the coverage of *project*."""
    criteria = [leaf for version in project.versions for leaf in leaves(version.root)]
    criteria += [preference for version in project.versions for preference in version.preferences]
    return Coverage(
        project.id,
        len(project.versions),
        len(criteria),
        dict(Counter(criterion.role for criterion in criteria)),
        dict(Counter(criterion.basis.standing for criterion in criteria)),
        sum(criterion.basis.clause is not None for criterion in criteria),
        sum(criterion.basis.clause is None and bool(criterion.basis.clause_note) for criterion in criteria),
        sum(len(scoring.items) for version in project.versions for scoring in version.scorings),
        len(project.rounds),
    )
