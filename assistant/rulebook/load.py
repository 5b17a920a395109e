"""Loading reads a rules folder into a rulebook, or reports every mistake of every file at once.

A compiled rulebook is kept beside nothing the user edits: in the cache folder, under the digest of all rule files
and of the code that compiled them, so it can never be stale.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from assistant.company.facts import Dictionary, read_dictionary
from assistant.company.lists import Lists, Recognition, read_lists
from assistant.errors import BadInput, Place, Problem
from assistant.logic.tree import Node, figures, platform_scores
from assistant.logic.vocabulary import Vocabulary
from assistant.rulebook import checks
from assistant.rulebook.build import build
from assistant.rulebook.requirement import Criterion, Project, Version, nodes
from assistant.rulebook.schema import validated
from assistant.sources import Source, read

_PACKAGES = ("logic", "company", "rulebook")


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

    def facts_used(self) -> frozenset[str]:
        """Return the facts that any rule asks for; the facts behind derived ones are among them."""
        used = {"applicant_kind", "city", "industry", "established", "employees", "revenue", "total_assets"}
        for project in self.projects.values():
            for version in project.versions:
                for test in _formulas(version):
                    used |= {figure.name for figure in figures(test)}
                    if platform_scores(test):
                        used.add("platform_scores")
        return frozenset(used)


def _formulas(version: Version) -> Iterator[Node]:
    for node in nodes(version.root):
        yield from filter(None, (node.when, node.test if isinstance(node, Criterion) else None))
    for scoring in version.scorings:
        for item in scoring.items:
            yield from filter(None, (item.formula, *(tier.test for tier in item.tiers)))


def load(folder: Path, *, cache: Path | None = None) -> Rulebook:
    """Return the rulebook in *folder*.

    Raises:
        BadInput: with every mistake in every file of it.

    """
    if not folder.is_dir():
        raise BadInput([Problem("folder-missing", Place(str(folder)))])
    digest = _digest(folder)
    kept = cache / f"rulebook-{digest}.pickle" if cache else None
    if kept and (found := _kept(kept)):
        return found
    rulebook = _compiled(folder, digest)
    if kept:
        _keep(rulebook, kept)
    return rulebook


def read_rules(folder: Path) -> tuple[Rulebook, list[Problem]]:
    """Return what could be read of *folder*, and all problems: for the checks, which show everything."""
    return _read(folder, _digest(folder))


def _compiled(folder: Path, digest: str) -> Rulebook:
    rulebook, problems = _read(folder, digest)
    if problems:
        raise BadInput(problems)
    return rulebook


def _read(folder: Path, digest: str) -> tuple[Rulebook, list[Problem]]:
    label = folder.name
    facts = read(folder / "facts.yaml", name=f"{label}/facts.yaml")
    dictionary = read_dictionary(facts)
    lists, sources = read_lists(folder / "lists", f"{label}/lists")
    sources.append(facts)
    files = sorted(path for path in folder.glob("*.yaml") if path.name != "facts.yaml")
    lists = _with_projects(lists, files)
    vocabulary = vocabulary_of(dictionary, lists)
    problems: list[Problem] = []
    projects: dict[str, Project] = {}
    for path in files:
        try:
            source = read(path, name=f"{label}/{path.name}")
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
    )


def _digest(folder: Path) -> str:
    """Return a digest of every rule file and of the code that compiles them."""
    package = Path(__file__).parent.parent
    code = [path for name in _PACKAGES for path in sorted((package / name).glob("*.*")) if path.is_file()]
    rules = [path for path in sorted(folder.rglob("*")) if path.suffix in (".yaml", ".csv")]
    return _hash([*code, *(package / name for name in ("units.py", "sources.py", "dates.py")), *rules])


def _hash(paths: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        total.update(f"{path.name}:{len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()[:20]


def _kept(path: Path) -> Rulebook | None:
    """Return the compiled rulebook, if it is there, ours and whole."""
    try:
        if path.stat().st_uid != os.getuid():
            return None
        with path.open("rb") as stream:
            found = pickle.load(stream)  # noqa: S301  # our own file, named by the digest of its content's sources
    except Exception:  # noqa: BLE001  # a damaged cache of any kind only means compiling again
        return None
    return found if isinstance(found, Rulebook) else None


def _keep(rulebook: Rulebook, path: Path) -> None:
    """Write the compiled rulebook whole or not at all; a read-only home is no error."""
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in path.parent.glob("rulebook-*.pickle"):
            old.unlink(missing_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            pickle.dump(rulebook, stream, protocol=pickle.HIGHEST_PROTOCOL)
        Path(temporary).replace(path)
