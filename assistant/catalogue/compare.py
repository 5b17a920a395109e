"""A comparison says what a published list and the rules do not agree on: new, vanished, renamed and changed rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, Protocol

from assistant.catalogue.rows import PublishedList, Row, Section
from assistant.rulebook.requirement import Project

SAME_PLACE = 0.4  # likeness of names from which a row with the same number is the same project, renamed
ELSEWHERE = 0.65  # and from which one with another number is

Field = Literal["section", "number", "basis", "basis_links", "notices", "notice_links", "planned"]


class Listed(Protocol):
    """What a rule keeps of the row it came from, as printed then."""

    @property
    def name(self) -> str: ...
    @property
    def basis(self) -> Sequence[str]: ...
    @property
    def basis_links(self) -> Sequence[str]: ...
    @property
    def notices(self) -> Sequence[str]: ...
    @property
    def notice_links(self) -> Sequence[str]: ...
    @property
    def planned(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Known:
    """A project of the rules, as a list names it; *listed* is None where the rule keeps no row."""

    id: str
    name: str
    section: Section
    number: int | None
    listed: Listed | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A column that differs from what the rule keeps."""

    field: Field
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A row and the project it belongs to."""

    id: str
    name: str  # by which the rules, or the row they keep, know it
    row: Row
    renamed: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs; *unkept* are projects whose rule keeps no row, so that its columns cannot be compared."""

    new: tuple[Row, ...]
    vanished: tuple[Known, ...]
    pairs: tuple[Pair, ...]
    unkept: tuple[str, ...]

    @property
    def renamed(self) -> tuple[Pair, ...]:
        """The projects that the list calls otherwise."""
        return tuple(pair for pair in self.pairs if pair.renamed)

    @property
    def changed(self) -> tuple[Pair, ...]:
        """The projects of which a column changed."""
        return tuple(pair for pair in self.pairs if pair.changes)

    @property
    def agrees(self) -> bool:
        """Tell whether nothing differs."""
        return not (self.new or self.vanished or self.renamed or self.changed)


def known(project: Project) -> Known:
    """Return *project* as a list names it."""
    section, number = project.list_entry or ("", None)
    kept: Listed | None = project.listed
    return Known(project.id, project.name, _section(section), number, kept)


def _section(name: str) -> Section:
    return "national" if name == "national" else "provincial" if name == "provincial" else ""


def compare(published: PublishedList, projects: Sequence[Known]) -> Comparison:
    """Return what *published* and *projects* do not agree on; projects outside of lists are no part of it."""
    rows = list(published.rows)
    pairs: dict[int, Known] = {}  # by position of the row
    free = {project.id: project for project in projects}
    for at, row in enumerate(rows):
        same = [project for project in free.values() if _fits(row, project) and _same_name(row.name, project)]
        if same:
            pairs[at] = min(same, key=lambda project: project.number != row.number)
            del free[pairs[at].id]
    likely = sorted(_likely(rows, pairs, list(free.values())), key=lambda entry: entry[0], reverse=True)
    for _, at, project in likely:
        if at not in pairs and project.id in free:
            pairs[at] = free.pop(project.id)
    return Comparison(
        tuple(row for at, row in enumerate(rows) if at not in pairs),
        tuple(project for project in free.values() if project.number is not None),
        tuple(_pair(rows[at], pairs[at]) for at in sorted(pairs)),
        tuple(project.id for project in projects if project.number is not None and project.listed is None),
    )


def _likely(
    rows: Sequence[Row], pairs: dict[int, Known], projects: Sequence[Known]
) -> Iterator[tuple[float, int, Known]]:
    """Yield rows and projects whose names are alike enough, with how much."""
    for at, row in enumerate(rows):
        for project in projects if at not in pairs else ():
            if _fits(row, project) and project.number is not None:
                same_place = row.number is not None and row.number == project.number
                likeness = max(_likeness(row.name, name) for name in _names(project))
                if likeness >= (SAME_PLACE if same_place else ELSEWHERE):
                    yield likeness + 0.2 * same_place, at, project


def _fits(row: Row, project: Known) -> bool:
    return not row.section or not project.section or row.section == project.section


def _names(project: Known) -> tuple[str, ...]:
    return (project.listed.name,) if project.listed else (project.name,)


def _same_name(name: str, project: Known) -> bool:
    """Tell whether *name* is the project's; without a row kept, what stands in brackets at the end does not count."""
    if project.listed:
        return _bare(name) == _bare(project.listed.name)
    stems = (_bare(re.sub(r"（[^（）]*）$", "", given)) for given in (name, project.name))
    return _bare(name) == _bare(project.name) or len(set(stems)) == 1


def _bare(text: str) -> str:
    """Return *text* without spaces and signs, which lists and pages set as they like."""
    return re.sub(r"[\W_]", "", text)


def _likeness(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, _bare(one), _bare(other), autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= SAME_PLACE else 0.0


def _pair(row: Row, project: Known) -> Pair:
    return Pair(
        project.id,
        _names(project)[0],
        row,
        not _same_name(row.name, project),
        tuple(_changes(row, project)),
    )


def _changes(row: Row, project: Known) -> Iterator[Change]:
    if row.section and row.section != project.section:
        yield Change("section", (project.section,), (row.section,))
    if row.number is not None and row.number != project.number:
        yield Change("number", (str(project.number or ""),), (str(row.number),))
    kept = project.listed
    if kept is None:
        return
    columns: tuple[tuple[Field, Sequence[str], Sequence[str]], ...] = (
        ("basis", kept.basis, row.basis),
        ("basis_links", kept.basis_links, row.basis_links),
        ("notices", kept.notices, row.notices),
        ("notice_links", kept.notice_links, row.notice_links),
        ("planned", (kept.planned,), (row.planned,)),
    )
    for name, before, after in columns:
        plain = str.strip if name.endswith("links") else _bare
        if [plain(text) for text in before] != [plain(text) for text in after]:
            yield Change(name, tuple(before), tuple(after))
