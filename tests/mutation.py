"""Do the golden cases notice when a rule is wrong? Change one number, operator or criterion at a time and look.

Usage: python tests/mutation.py [--verbose] [--rules FOLDER] [--cases FOLDER] [--jobs N] [project …]

Each mutant is one small change of the loaded rules; it is killed when a case or probe of its version fails. A dropped
criterion stays in sight (its own state can still be asserted) but no longer takes part in the verdict.
"""

from __future__ import annotations

import argparse
import copy
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from fractions import Fraction
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from assistant.company.profile import Profile
from assistant.logic import tree
from assistant.matching.cases import _Runner
from assistant.matching.match import Matcher
from assistant.rulebook.book import Rulebook
from assistant.rulebook.load import load
from assistant.rulebook.requirement import (
    Authority,
    Criterion,
    Group,
    How,
    Item,
    Project,
    Requirement,
    Scoring,
    Tier,
    Version,
    nodes,
)
from assistant.sources import Path_, Source, read
from assistant.units import UNITS, Number, exact

ROOT = Path(__file__).parents[1]
UNFAILING = {"case-missing", "case-version-missing"}  # coverage, not a failed case
OPERATORS: dict[tree.Comparator, tree.Comparator] = {">=": ">", ">": ">=", "<=": "<", "<": "<=", "==": "!=", "!=": "=="}
DROP = "dropped from"
ALWAYS = Criterion("always", "condition", "", Authority(None, "official", "high"), test=tree.All(()))

N = TypeVar("N")
Change = tuple[str, N]  # what was done, and the result
Changed = Iterator[tuple[str, Any]]  # a value stays a value, a condition a condition: no type says so


@dataclass(frozen=True, slots=True)
class Mutant:
    """A version with one change: *where* names the criterion, group, or scoring item."""

    project: str
    version: str
    where: str
    change: str
    result: Version

    def __str__(self) -> str:
        return f"{self.project} {self.version} {self.where}: {self.change}"


# ---- changes of a formula


def formula_changes(node: Any) -> Changed:
    """Yield every formula that differs from *node* in one place."""
    yield from own_changes(node)
    for field in fields(node):
        part = getattr(node, field.name)
        if is_dataclass(part) and not is_made(node, part):
            for done, new in formula_changes(part):
                yield done, replace(node, **{field.name: new})
        elif isinstance(part, tuple):
            for at, child in enumerate(part):
                if is_dataclass(child) and not is_made(node, child):
                    for done, new in formula_changes(child):
                        yield done, replace(node, **{field.name: (*part[:at], new, *part[at + 1 :])})


def is_made(parent: tree.Node, child: object) -> bool:
    """Tell whether the parser put a constant there: the 1 a growth rate subtracts, the number of terms of a mean."""
    if not isinstance(child, tree.Const) or child.unit:
        return False
    if isinstance(parent, tree.Ratio):
        return isinstance(parent.over, tree.Sum) and child.value == len(parent.over.terms)
    return isinstance(parent, tree.Sum | tree.Product) and child.value == -1


def own_changes(node: tree.Node) -> Changed:
    """Yield the changes of *node* itself."""
    match node:
        case tree.Const(value, unit):
            for number in beside(value, unit):
                yield f"{written(value, unit)} → {written(number, unit)}", replace(node, value=number)
        case tree.Compare(op):
            yield f"{op} → {OPERATORS[op]}", tree.Compare(OPERATORS[op], node.left, node.right)
        case tree.Figure(name, offset) if offset is not None:
            yield f"{name}[FY{offset}] → [FY{offset - 1}]", replace(node, offset=offset - 1)
        case tree.Growth(name, first, last):
            yield f"growth of {name} from FY{first} → FY{first - 1}", replace(node, first=first - 1)
            yield f"growth of {name} to FY{last} → FY{last - 1}", replace(node, first=first - 1, last=last - 1)
        case tree.PlatformScore(id_, offset):
            yield f"{id_} of cycle{offset or ''} → cycle{offset - 1}", replace(node, offset=offset - 1)
        case tree.All(parts) if len(parts) > 1:
            yield "and → or", tree.Any(parts)
        case tree.Any(parts):
            yield "or → and", tree.All(parts)
        case tree.Not(part):
            yield "not dropped", part
        case tree.Is() | tree.Member():
            yield from membership_changes(node)
        case tree.Holds(ids) | tree.Expires(ids) if len(ids) > 1:
            for at, id_ in enumerate(ids):
                yield f"{id_} dropped", replace(node, ids=(*ids[:at], *ids[at + 1 :]))
        case tree.KindIs(kind):
            yield "kind exchanged", replace(node, kind="new" if kind == "review" else "review")
        case tree.Pick(which):
            yield f"{which} exchanged", replace(node, which="max" if which == "min" else "min")
        case tree.Floor(arg):
            yield "floor dropped", arg
        case tree.Tally(_, _, where, within):
            if where is not None:
                yield "where dropped", replace(node, where=None)
            if within is not None:
                for step in (-1, 1):
                    yield f"within {within} → {within + step} 年", replace(node, within=within + step)
                yield "within dropped", replace(node, within=None)


def membership_changes(node: tree.Is | tree.Member) -> Changed:
    """Yield the fact turned round, and the choices one fewer."""
    yield f"{node.figure.name} turned round", tree.Not(node)
    if isinstance(node, tree.Member) and len(node.values) > 1:
        for at, value in enumerate(node.values):
            yield f"{value} dropped", replace(node, values=(*node.values[:at], *node.values[at + 1 :]))


def beside(value: Number, unit: str) -> Iterator[Number]:
    """Yield the numbers one less and one more in the last place as written."""
    factor = UNITS[unit].factor if unit else 1
    shown = Fraction(value) / factor
    place = Fraction(1)
    while (shown / place).denominator != 1:
        place /= 10
    for sign in (-1, 1):
        yield exact((shown + sign * place) * factor)


def written(value: Number, unit: str) -> str:
    """Return a number as it stands in the rule."""
    shown = Fraction(value) / (UNITS[unit].factor if unit else 1)
    return f"{float(shown):g} {unit}".strip()


# ---- changes of a requirement


def mutants(project: Project) -> Iterator[Mutant]:
    """Yield every mutant of a project's versions."""
    for version in project.versions:
        for where, change, root in chain(requirement_changes(version), scoring_changes(version)):
            yield Mutant(project.id, version.id, where, change, replace(version, root=root))


def requirement_changes(version: Version) -> Iterator[tuple[str, str, Group]]:
    """Yield the tree with one criterion or group changed or dropped."""
    root = version.root
    seen: set[str] = set()
    for node in nodes(root):
        if node.id in seen:
            continue
        seen.add(node.id)
        for done, new in node_changes(node):
            yield node.id, done, written_over(root, node.id, new)
        if isinstance(node, Group):
            for at, member in enumerate(node.members):
                kept = replace(node, members=(*node.members[:at], *node.members[at + 1 :]))
                yield member.id, f"{DROP} {node.id}", in_sight(written_over(root, node.id, kept), member)


def node_changes(node: Requirement) -> Iterator[Change[Requirement]]:
    """Yield the changes of one criterion or group."""
    if node.when is not None:
        yield "when dropped", replace(node, when=None)
        for done, new in formula_changes(node.when):
            yield f"when: {done}", replace(node, when=new)
    if isinstance(node, Criterion):
        if node.test is not None:
            for done, new in formula_changes(node.test):
                yield done, replace(node, test=new)
    elif node.how == "at-least":
        for n in (node.n - 1, node.n + 1):
            yield f"at least {node.n} → {n}", replace(node, n=n)
    elif node.id != "root" and len(node.members) > 1:
        how: How = "any" if node.how == "all" else "all"
        yield f"{node.how} → {how}", replace(node, how=how)


def written_over(node: Group, id_: str, new: Requirement) -> Group:
    """Return *node* with *new* wherever *id_* stands."""
    if node.id == id_:
        assert isinstance(new, Group)
        return new
    members = tuple(
        new if one.id == id_ else written_over(one, id_, new) if isinstance(one, Group) else one for one in node.members
    )
    return replace(node, members=members)


def in_sight(root: Group, member: Requirement) -> Group:
    """Return *root* with *member* beside it, its state shown but of no account."""
    shown = Group("in-sight", "", "any", (ALWAYS, member))
    return replace(root, members=(*root.members, shown))


def scoring_changes(version: Version) -> Iterator[tuple[str, str, Group]]:
    """Yield the tree with one number of a scoring changed."""
    for node in nodes(version.root):
        if isinstance(node, Criterion) and node.scoring is not None:
            for where, done, new in table_changes(node.scoring):
                yield where, done, written_over(version.root, node.id, replace(node, scoring=new))


def table_changes(scoring: Scoring) -> Iterator[tuple[str, str, Scoring]]:
    """Yield the scoring with a mark, a part, a bound or a number of points changed."""
    mark = scoring.pass_mark
    for step in (-1, 1):
        yield scoring.id, f"pass mark {mark} → {mark + step}", replace(scoring, pass_mark=mark + step)
    yield scoring.id, "pass mark itself is (not) enough", replace(scoring, strict=not scoring.strict)
    for at, part in enumerate(scoring.parts):
        for field in ("full", "least"):
            value = getattr(part, field)
            for step in (-1, 1) if value is not None else ():
                parts = (*scoring.parts[:at], replace(part, **{field: value + step}), *scoring.parts[at + 1 :])
                yield scoring.id, f"{part.name} {field} {value} → {value + step}", replace(scoring, parts=parts)
    for at, item in enumerate(scoring.items):
        for done, new in item_changes(item):
            items = (*scoring.items[:at], new, *scoring.items[at + 1 :])
            yield f"{scoring.id}.{item.id}", done, replace(scoring, items=items)


def item_changes(item: Item) -> Iterator[Change[Item]]:
    """Yield a scoring item with its formula or value, one bound or one number of points changed."""
    if item.formula is not None:
        for done, new in formula_changes(item.formula):
            yield done, replace(item, formula=new)
    if item.value is not None:
        for done, new in formula_changes(item.value):
            yield done, replace(item, value=new, tiers=tuple(measured(tier, new) for tier in item.tiers))
    if not item.tiers:
        for step in (-1, 1):
            yield f"most {item.most} → {item.most + step}", replace(item, most=item.most + step)
    for at, tier in enumerate(item.tiers):
        for done, other in tier_changes(tier, by_value=item.value is not None):
            yield f"tier {at + 1}: {done}", replace(item, tiers=(*item.tiers[:at], other, *item.tiers[at + 1 :]))


def measured(tier: Tier, value: tree.Value) -> Tier:
    """Return the tier with *value* held against its bound."""
    return replace(tier, test=replace(tier.test, left=value)) if isinstance(tier.test, tree.Compare) else tier


def tier_changes(tier: Tier, *, by_value: bool) -> Iterator[Change[Tier]]:
    """Yield a tier with its points or its test changed; the value that several tiers share is not the tier's own."""
    low, high = tier.points
    ends = [(low + step, high + step) for step in (-1, 1)]
    if low != high:
        ends = [(low - 1, high), (low + 1, high), (low, high - 1), (low, high + 1)]
    for pair in ends:
        yield f"points {[low, high]} → {list(pair)}", replace(tier, points=pair)
    test = tier.test
    if by_value and isinstance(test, tree.Compare):
        for done, new in chain(own_changes(test), bound_changes(test)):
            yield done, replace(tier, test=new)
    elif test is not None:
        for done, new in formula_changes(test):
            yield done, replace(tier, test=new)


def bound_changes(test: tree.Compare) -> Changed:
    """Yield the comparison with another bound."""
    for done, new in formula_changes(test.right):
        yield done, replace(test, right=new)


# ---- running the cases


class Killed(Exception):
    """A case failed."""


class Watch(Source):
    """A case file that ends the run at the first failed case."""

    def report(self, code: str, path: Path_ = (), **params: object) -> None:
        """Raise where a case failed; mere coverage is not asked for."""
        if code not in UNFAILING:
            raise Killed(f"{self.place(path)}: {code} {params}")


class Replay(_Runner):
    """Runs cases with profiles that were read once for all mutants."""

    def __init__(self, source: Source, matcher: Matcher, profiles: dict[tuple[object, ...], Profile | None]) -> None:
        """Share *profiles* with other runs over the same case file."""
        super().__init__(source, matcher)
        self.profiles = profiles

    def company(
        self, project: str, base: Mapping[str, Any], changes: Mapping[str, Any], on: date, at: Path_
    ) -> Profile | None:
        """Return the profile of a case, read at its first use."""
        key = (id(base), repr(changes), on)
        if key not in self.profiles:
            self.profiles[key] = super().company(project, base, changes, on, at)
        return self.profiles[key]


@dataclass
class Bench:
    """A rulebook with the case files to hold it against."""

    book: Rulebook
    cases: Path

    def __post_init__(self) -> None:
        self.given: dict[str, dict[str, Any]] = {}
        self.profiles: dict[tuple[object, ...], Profile | None] = {}

    def versions(self, project: str) -> dict[str, Any]:
        """Return the cases of a project by version; none where it has no file."""
        if project not in self.given:
            path = self.cases / f"{project}.yaml"
            self.given[project] = read(path).data.get("versions") or {} if path.is_file() else {}
        return self.given[project]

    def failure(self, mutant: Mutant) -> str:
        """Return the case that *mutant* fails, or "" where it passes all."""
        project = self.book.projects[mutant.project]
        others = [mutant.result if version.id == mutant.version else version for version in project.versions]
        changed = replace(project, versions=tuple(others))
        book = replace(self.book, projects={**self.book.projects, project.id: changed})
        runner = Replay(Watch(project.id), Matcher(book), self.profiles)
        given = self.versions(project.id).get(mutant.version)
        if given is None:
            return ""
        try:
            runner.version(changed, mutant.result, nearest_first(given, mutant.where), (mutant.version,))
        except Killed as found:
            return str(found)
        return ""

    def sound(self, project: str) -> str:
        """Return why the unchanged rules of *project* fail their cases, or ""."""
        if not self.versions(project):
            return "no cases"
        for version in self.book.projects[project].versions:
            if found := self.failure(Mutant(project, version.id, "", "", version)):
                return found
        return ""


def nearest_first(given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return the cases of a version with the probes of *where* in front: most mutants fail there."""
    probes = given.get("probes") or {}
    ordered = sorted(probes.items(), key=lambda probe: probe[0] != where)
    return {**copy.copy(dict(given)), "probes": dict(ordered)}


def share(bench: Bench, project: str, start: int, step: int) -> list[tuple[str, str]]:
    """Return every *step*-th mutant of *project* with the case that killed it."""
    return [
        (str(mutant), bench.failure(mutant))
        for number, mutant in enumerate(mutants(bench.book.projects[project]))
        if number % step == start
    ]


def measure(bench: Bench, project: str, *, jobs: int) -> list[tuple[str, str]]:
    """Return all mutants of *project*, each with the case that killed it."""
    if jobs == 1:
        return share(bench, project, 0, 1)
    work = partial(share, bench, project)
    with get_context("fork").Pool(jobs) as pool:
        return [pair for part in pool.starmap(work, [(start, jobs) for start in range(jobs)]) for pair in part]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print for each project how many mutants its cases kill, and on request those that survive."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("projects", nargs="*")
    parser.add_argument("--verbose", action="store_true", help="list the survivors")
    parser.add_argument("--rules", type=Path, default=ROOT / "rules")
    parser.add_argument("--cases", type=Path, default=ROOT / "tests" / "projects")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    bench = Bench(load(options.rules), options.cases)
    total: Counter[str] = Counter()
    print(f"{'project':44}{'mutants':>8}{'killed':>8}{'rate':>9}")
    for project in options.projects or bench.book.projects:
        if reason := bench.sound(project):
            print(f"{project:44} not measured: {reason}")
            continue
        results = measure(bench, project, jobs=options.jobs)
        survivors = [mutant for mutant, killer in results if not killer]
        print(row(project, len(results), len(survivors)), flush=True)
        for survivor in survivors if options.verbose else ():
            print(f"    {survivor}")
        total.update(mutants=len(results), survivors=len(survivors))
        total.update(drops=sum(DROP in mutant for mutant, _ in results), kept=sum(DROP in one for one in survivors))
    print(row("all", total["mutants"], total["survivors"]))
    print(row("criteria dropped", total["drops"], total["kept"]))
    print(row("all else", total["mutants"] - total["drops"], total["survivors"] - total["kept"]))


def row(name: str, count: int, survivors: int) -> str:
    """Return one line of the table."""
    rate = f"{100 * (count - survivors) / count:.1f} %" if count else "-"
    return f"{name:44}{count:>8}{count - survivors:>8}{rate:>8}"


if __name__ == "__main__":
    main()
