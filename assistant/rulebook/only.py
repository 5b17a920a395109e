"""Rules with one version in force: what the rulebook would say if nothing but that text decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.rulebook.book import Rulebook


def only_version(book: Rulebook, version: str, projects: Sequence[str]) -> tuple[Rulebook, tuple[str, ...]]:
    """Return *book* with the version of that id deciding, whenever and wherever, and in which of *projects* it does."""
    changed = {}
    for id_ in projects:
        project = book.projects[id_]
        named = [one for one in project.versions if one.id == version]
        if named:
            always = tuple(replace(one, start=None, end=None, cities=()) for one in named[0].applies)
            changed[id_] = replace(project, versions=(replace(named[0], applies=always),))
    return replace(book, projects={**book.projects, **changed}, digest=f"{book.digest}|{version}"), tuple(changed)
