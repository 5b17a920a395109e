"""What `match --with` and `match --compare` set side by side."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Literal

import click

from assistant.cli.assessing import dumped
from assistant.cli.context import Day, Options, rule_folders
from assistant.cli.inputs import known_projects, official_dates, profile, rulebook
from assistant.company.answers import shown
from assistant.company.changes import Change, changed, read_changes, seen_on
from assistant.company.profile import Profile
from assistant.delivery.comparison import comparison
from assistant.delivery.wording.speaker import Speaker
from assistant.errors import BadInput, Place, Problem, nearest
from assistant.matching.match import Matcher
from assistant.planning.assessment import Assessment, assess
from assistant.planning.comparison import Comparison, against_version
from assistant.rulebook.book import Rulebook
from assistant.rulebook.load import load
from assistant.rulebook.requirement import nodes
from assistant.settings import cache_directory

FACTS = "facts.yaml"  # makes a folder a rules folder
_DAY = re.compile(r"\d{4}-\d+-\d+")

Kind = Literal["with", "profile", "day", "version", "rules"]
Look = Callable[[Rulebook, Profile, date], Assessment]


def compare(
    options: Options,
    path: Path,
    on: date,
    cycle: int | None,
    kind: str | None,
    projects: tuple[str, ...],
    given: Sequence[str],
    other: str | None,
    form: str,
) -> None:
    """Print the company at *path* beside itself with *given* answers, or beside *other*.

    Raises:
        BadInput: the profile, the answers or *other* cannot be used.

    """
    book = rulebook(options)
    chosen = known_projects(projects, book)
    what: Kind = "with" if other is None else _kind(other, chosen, book)
    if what == "profile" and given:
        raise BadInput([Problem("with-and-profile", Place("--with"))])
    own, changes = _read(path, given, book, on)
    official = official_dates()

    def look(rules: Rulebook, company: Profile, day: date) -> Assessment:
        ids = tuple(id_ for id_ in chosen if id_ in rules.projects)
        found = assess(Matcher(rules), company, day, cycle=cycle, kind=kind, projects=ids, announcements=official)
        return replace(found, prospects=()) if chosen and not ids else found

    base, company = look(book, own, on), changed(own, changes)
    now = look(book, company, on) if changes else base
    match what:
        case "with":
            sides = Comparison(base, now)
        case "profile":
            sides = Comparison(now, look(book, profile(Path(str(other)), book, on), on))
        case "day":
            day = Day().convert(other, None, None)
            then = look(book, seen_on(company, day), day)
            sides = Comparison(*((now, then) if on <= day else (then, now)))
        case "version":
            sides = against_version(now, _version(str(other), now))
        case "rules":
            rules = load(*rule_folders((Path(str(other)),)), cache=cache_directory())
            read, there = _read(path, given, rules, on)
            sides = Comparison(now, look(rules, _judged_in(changed(read, there), rules), on))
    data = comparison(base, sides, options.lang, kind=what, changes=changes, compared=other)
    if form == "json":
        click.echo(dumped(data))
    else:
        tables = import_module("assistant.delivery.comparison_tables")  # machines that read JSON do not wait for it
        tables.comparison(data, Speaker(base.rulebook, options.lang))


def _read(path: Path, given: Sequence[str], book: Rulebook, on: date) -> tuple[Profile, tuple[Change, ...]]:
    """Read profile and changes; the mistakes of both are told together."""
    problems: list[Problem] = []
    own = Profile("")
    changes: tuple[Change, ...] = ()
    try:
        own = profile(path, book, on)
    except BadInput as error:
        problems += error.problems
    try:
        changes = read_changes(given, book.dictionary, book.lists, on, place="--with")
    except BadInput as error:
        problems += error.problems
    if problems:
        raise BadInput(problems)
    return own, changes


def _kind(other: str, chosen: Sequence[str], book: Rulebook) -> Kind:
    """Return what *other* is.

    Raises:
        BadInput: it is nothing that can be compared with.

    """
    if _DAY.fullmatch(other):
        return "day"
    with suppress(OSError):  # a name too long to be a file's
        path = Path(other)
        if other and path.is_dir():
            if (path / FACTS).is_file():
                return "rules"
            raise BadInput([Problem("compare-folder", Place("--compare"), {"found": other, "expected": FACTS})])
        if other and path.exists():
            return "profile"
    versions = dict.fromkeys(version.id for id_ in chosen for version in book.projects[id_].versions)
    if other in versions:
        return "version"
    code = "compare-unknown-version" if chosen else "compare-unknown"
    params = {"found": shown(other), "expected": "、".join(versions), "nearest": nearest(other, versions)}
    if not chosen and any(version.id == other for one in book.projects.values() for version in one.versions):
        code = "compare-without-project"
    raise BadInput([Problem(code, Place("--compare"), params)])


def _version(id_: str, assessment: Assessment) -> str:
    """Return *id_*, a version of every project looked at that decides applications of its kind.

    Raises:
        BadInput: it is not.

    """
    problems = []
    for prospect in assessment.prospects:
        project, application = prospect.match.project, prospect.match.application
        known = [version.id for version in project.versions]
        if id_ not in known:
            params = {"found": id_, "nearest": nearest(id_, known)}
            problems.append(Problem("unknown-version", Place("--compare", 0, project.id), params))
        elif project.named(id_, application.kind, application.applied.earliest) is None:
            code = "version-not-for-review" if application.kind == "review" else "version-not-for-new"
            problems.append(Problem(code, Place("--compare", 0, project.id), {"found": id_}))
    if problems:
        raise BadInput(problems)
    return id_


def _judged_in(company: Profile, rules: Rulebook) -> Profile:
    """Return *company* without the judgements that other *rules* do not ask for."""
    known = {
        (project.id, node.id)
        for project in rules.projects.values()
        for version in project.versions
        for node in nodes(version.root)
    }
    kept = tuple(entry for entry in company.judgements if (entry.project, entry.criterion) in known)
    return replace(company, judgements=kept)
