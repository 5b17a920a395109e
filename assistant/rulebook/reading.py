"""Reading compiles the YAML files of a rules folder; every mistake of every file is reported at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.company.facts import Dictionary, read_dictionary
from assistant.company.lists import Lists, Recognition, read_lists
from assistant.errors import BadInput, Place, Problem
from assistant.logic.vocabulary import Vocabulary
from assistant.rulebook import checks
from assistant.rulebook.book import Rulebook
from assistant.rulebook.build import build
from assistant.rulebook.requirement import Project
from assistant.rulebook.schema import validated
from assistant.sources import Source, read

FACTS = "facts.yaml"


def read_rules(folder: Path, *more: Path, digest: str = "") -> tuple[Rulebook, list[Problem]]:
    """Return what could be read, and all problems: for the checks, which show everything.

    *folder* holds the dictionary and the lists; *more* folders add facts and projects, or put theirs in place of
    those with the same name.
    """
    absent = [Problem("folder-missing", Place(str(one))) for one in (folder, *more) if not one.is_dir()]
    if absent:
        raise BadInput(absent)
    lists, sources = read_lists(folder / "lists", f"{folder.name}/lists")
    dictionary = Dictionary({}, {}, {})
    for one in (folder, *(extra for extra in more if (extra / FACTS).exists())):
        facts = read(one / FACTS, name=f"{one.name}/{FACTS}")
        dictionary = read_dictionary(facts, dictionary)
        sources.append(facts)
    named = {path.stem: path for one in (folder, *more) for path in sorted(one.glob("*.yaml")) if path.name != FACTS}
    files = sorted(named.values())
    lists = _with_projects(lists, files)
    vocabulary = vocabulary_of(dictionary, lists)
    problems: list[Problem] = []
    projects: dict[str, Project] = {}
    for path in files:
        try:
            source = read(path, name=f"{path.parent.name}/{path.name}")
        except BadInput as error:
            problems += error.problems
            continue
        sources.append(source)
        project = _project(source, path, vocabulary)
        if project is not None:
            projects[project.id] = project
            checks.check_project(project, source, dictionary, lists)
    checks.check_ladder(projects, {source.file: source for source in sources})
    problems += [problem for source in sources for problem in source.problems]
    ordered = dict(sorted(projects.items(), key=lambda pair: _rank(pair[1])))
    version = max((str(project.checked) for project in projects.values()), default="")
    return Rulebook(ordered, dictionary, lists, version, digest), problems


def _project(source: Source, path: Path, vocabulary: Vocabulary) -> Project | None:
    shape = validated(source)
    if shape is None:
        return None
    if shape.id != path.stem:
        source.report("id-not-stem", ("id",), found=shape.id, expected=path.stem)
    return build(shape, source, vocabulary)


def _rank(project: Project) -> tuple[int, int, str]:
    """Order projects as the published list does; stepping stones that it leaves out come first."""
    section, number = project.list_entry or ("", 0)
    return (("", "provincial", "national").index(section), number, project.id)


def _with_projects(lists: Lists, files: Sequence[Path]) -> Lists:
    """Return *lists* with every project as a recognition that one may hold."""
    known = dict(lists.recognitions)
    for path in files:
        known.setdefault(path.stem, Recognition(path.stem, path.stem, path.stem))
    return Lists(
        lists.industries, lists.cities, lists.city_names_en, lists.size_rules, lists.unsized, known,
        lists.recognition_aliases, lists.documents,
    )  # fmt: skip


def vocabulary_of(dictionary: Dictionary, lists: Lists) -> Vocabulary:
    """Return the names that formulas may use."""
    return Vocabulary(
        {name: spec.signature(lists.city_names) for name, spec in dictionary.facts.items()},
        frozenset(lists.recognitions),
        dictionary.aliases,
        frozenset(lists.industries),
    )
