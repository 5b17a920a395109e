"""A difference is what changed between two versions of a rule, or between two rulebooks: added, dropped, altered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import Criterion, Group, Project, Requirement, Scoring, Version, nodes

Change = Literal["added", "dropped", "altered"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One change: to what (criterion, group, scoring item, version, project), its name, and both sides in words."""

    change: Change
    what: str
    name: str
    before: str = ""
    after: str = ""


def versions_differ(old: Version, new: Version) -> Iterator[Difference]:
    """Yield what changed from version *old* to version *new*, criterion by criterion."""
    before, after = _parts(old), _parts(new)
    for name in dict.fromkeys([*before, *after]):
        if name not in after:
            yield Difference("dropped", before[name][0], name, before=before[name][1])
        elif name not in before:
            yield Difference("added", after[name][0], name, after=after[name][1])
        elif before[name][2] != after[name][2]:
            yield Difference("altered", after[name][0], name, before[name][1], after[name][1])


Part = tuple[str, str, object]  # kind, words, what must be equal


def _parts(version: Version) -> dict[str, Part]:
    parts = {node.id: _part(node) for node in nodes(version.root) if node.id != "root"}
    for scoring in version.scorings:
        parts[scoring.id] = ("scoring", _marks(scoring), (scoring.pass_mark, scoring.strict, scoring.parts))
        for item in scoring.items:
            body = (item.most, item.value, [(tier.test, tier.points) for tier in item.tiers], item.formula, item.open)
            parts[f"{scoring.id}.{item.id}"] = ("item", item.says, body)
    return parts


def _part(node: Requirement) -> Part:
    if isinstance(node, Group):
        return "group", node.says, (node.how, node.n, node.when, [member.id for member in node.members])
    assert isinstance(node, Criterion)
    return node.role, node.says, (node.role, node.test, node.when, node.scoring and node.scoring.id)


def _marks(scoring: Scoring) -> str:
    mark = f"> {scoring.pass_mark}" if scoring.strict else f"{scoring.pass_mark}"
    least = "，".join(f"{part.name} {part.least}" for part in scoring.parts if part.least is not None)
    return f"{scoring.says} {mark}/{scoring.full}" + (f"（{least}）" if least else "")


def rulebooks_differ(old: Rulebook, new: Rulebook) -> Iterator[tuple[str, Difference]]:
    """Yield what changed between two rulebooks, with the project it changed in."""
    for id_ in dict.fromkeys([*old.projects, *new.projects]):
        if id_ not in new.projects:
            yield id_, Difference("dropped", "project", old.projects[id_].name)
        elif id_ not in old.projects:
            yield id_, Difference("added", "project", new.projects[id_].name)
        else:
            for difference in _projects_differ(old.projects[id_], new.projects[id_]):
                yield id_, difference


def _projects_differ(old: Project, new: Project) -> Iterator[Difference]:
    before, after = ({version.id: version for version in project.versions} for project in (old, new))
    for id_ in dict.fromkeys([*before, *after]):
        if id_ not in after:
            yield Difference("dropped", "version", id_, before=str(before[id_].instrument))
        elif id_ not in before:
            yield Difference("added", "version", id_, after=str(after[id_].instrument))
        else:
            yield from versions_differ(before[id_], after[id_])
    for name, first, second in (
        ("name", old.name, new.name),
        ("authority", old.authority, new.authority),
        ("validity", str(old.validity.years), str(new.validity.years)),
        ("cycles", str(len(old.rounds)), str(len(new.rounds))),
    ):
        if first != second:
            yield Difference("altered", name, name, first, second)
