"""A rulebook is all projects with the dictionary and lists they speak of, ready to be matched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from assistant.company.facts import Dictionary
from assistant.company.lists import Lists, Recognition
from assistant.logic.tree import Node, figures, platform_scores
from assistant.rulebook.requirement import Criterion, Project, Version, nodes


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All projects with the dictionary and lists they speak of; *digest* identifies exactly these rules."""

    projects: Mapping[str, Project]
    dictionary: Dictionary
    lists: Lists
    version: str
    digest: str

    def recognition(self, id_: str) -> Recognition:
        """Return a recognition's name and term: a project's own validity, or the list's."""
        listed = self.lists.recognitions[id_]
        project = self.projects.get(id_)
        if project is None:
            return listed
        return Recognition(id_, project.name, project.en, project.validity.years, project.validity.permanent)

    def facts_used(self, projects: Iterable[Project] | None = None) -> frozenset[str]:
        """Return the facts that the rules of *projects* (default: all) ask for, and those behind derived ones."""
        used = {"applicant_kind", "city", "industry", "established", "employees", "revenue", "total_assets"}
        for project in self.projects.values() if projects is None else projects:
            for version in project.versions:
                for test in _formulas(version):
                    used |= {figure.name for figure in figures(test)}
                    if platform_scores(test):
                        used.add("platform_scores")
        if "segment_years" in used:
            used.add("segment_since")
        return frozenset(used)


def _formulas(version: Version) -> Iterator[Node]:
    for node in nodes(version.root):
        yield from filter(None, (node.when, node.test if isinstance(node, Criterion) else None))
    for scoring in version.scorings:
        for item in scoring.items:
            yield from filter(None, (item.formula, *(tier.test for tier in item.tiers)))
