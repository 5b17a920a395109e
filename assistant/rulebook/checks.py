"""Checks hold rule files against themselves, the lists and each other; formulas were checked while building."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import combinations, pairwise

from assistant.company.facts import Dictionary
from assistant.company.lists import Lists
from assistant.errors import nearest
from assistant.logic.tree import Compare, Const
from assistant.rulebook.requirement import Applies, Item, Project, Scoring, Version, leaves, nodes
from assistant.sources import Path_, Source

PROVINCES = ("广东省",)
_DUE = re.compile(r"(\d{2}-\d{2}|expiry|change\+\d+m)$")
_FIRST, _LAST = date.min, date.max


def check_project(project: Project, source: Source, dictionary: Dictionary, lists: Lists) -> None:
    """Report what is wrong inside one project."""
    _known(source, ("applicant",), project.applicant, dictionary.facts["applicant_kind"].choices, "applicant")
    _known(source, ("regions", "within"), [project.regions.within], PROVINCES, "within")
    for key, cities in (("except", project.regions.except_), ("separate", project.regions.separate)):
        _known(source, ("regions", key), cities, lists.city_names, "city")
    _known(source, ("prerequisites",), project.prerequisites, lists.recognitions, "recognition")
    _known(source, ("leads_to",), project.leads_to, lists.recognitions, "recognition")
    if project.next_review <= project.checked:
        source.report("dates-reversed", ("next_review",), first=project.checked, found=project.next_review)
    if project.validity.years is not None and project.validity.permanent:
        source.report("validity-both", ("validity",))
    _check_duties(project, source)
    if not project.versions:
        source.report("key-missing", (), expected="versions")
    ids = [version.id for version in project.versions]
    for index, version in enumerate(project.versions):
        path: Path_ = ("versions", index)
        if ids.index(version.id) != index:
            source.report("duplicate-id", (*path, "id"), found=version.id, first="")
        _check_version(version, source, path, lists)
    _check_spans(project, source)
    _check_rounds(project, source, lists)


def _known(source: Source, path: Path_, names: Iterable[str], known: Iterable[str], what: str) -> None:
    choices = list(known)
    for name in names:
        if name not in choices:
            shown = ", ".join(choices[:12])
            source.report("unknown-value", path, name=what, found=name, expected=shown, nearest=nearest(name, choices))


def _check_duties(project: Project, source: Source) -> None:
    for index, duty in enumerate(project.duties):
        if not _is_due(duty.due):
            source.report("shape", ("duties", index, "due"), found=duty.due, expected="MM-DD | expiry | change+3m")
        for earlier in project.duties[:index]:
            apart = _before(earlier.end, duty.start) or _before(duty.end, earlier.start)
            if earlier.id == duty.id and not apart:
                source.report("duplicate-id", ("duties", index, "id"), found=duty.id, first="")


def _is_due(text: str) -> bool:
    if not _DUE.match(text):
        return False
    if not text[0].isdigit():
        return True
    month, day = map(int, text.split("-"))
    return 1 <= month <= 12 and 1 <= day <= monthrange(2024, month)[1]


def _before(end: date | None, start: date | None) -> bool:
    return end is not None and start is not None and end < start


def _check_version(version: Version, source: Source, path: Path_, lists: Lists) -> None:
    if version.start and version.end and version.end < version.start:
        source.report("dates-reversed", (*path, "in_force"), first=version.start, found=version.end)
    ids = {node.id for node in nodes(version.root)} | {criterion.id for criterion in version.preferences}
    ids |= {f"{scoring.id}.{item.id}" for scoring in version.scorings for item in scoring.items}
    for index, material in enumerate(version.materials):
        at = (*path, "materials", index)
        _known(source, (*at, "document"), [material.document], lists.documents, "document")
        for proved in material.proves:
            if proved not in ids:
                source.report("unknown-criterion", (*at, "proves"), found=proved, nearest=nearest(proved, ids))
    seen: set[str] = set()
    for index, material in enumerate(version.materials):
        if material.id in seen:
            source.report("duplicate-id", (*path, "materials", index, "id"), found=material.id, first="")
        seen.add(material.id)
    for index, applies in enumerate(version.applies):
        _known(source, (*path, "applies", index, "cities"), applies.cities, lists.city_names, "city")
    used = {leaf.scoring.id for leaf in leaves(version.root) if leaf.scoring}
    for index, scoring in enumerate(version.scorings):
        at = (*path, "scoring", index)
        if scoring.id not in used:
            source.report("scoring-unused", at, found=scoring.id)
        _check_scoring(scoring, source, at)


def _check_scoring(scoring: Scoring, source: Source, path: Path_) -> None:
    if scoring.pass_mark < 0:
        source.report("pass-not-positive", path, found=scoring.pass_mark)
    if scoring.pass_mark > scoring.full:
        source.report("pass-above-full", path, found=scoring.pass_mark, expected=scoring.full)
    for part in scoring.parts:
        most = sum(item.most for item in scoring.items if item.part == part.name)
        if most < part.full:
            source.report("part-short", path, part=part.name, found=most, expected=part.full)
        if part.least is not None and part.least > part.full:
            source.report("pass-above-full", path, found=part.least, expected=part.full)
    total = sum(part.full for part in scoring.parts) if scoring.parts else sum(item.most for item in scoring.items)
    if total != scoring.full:
        source.report("full-marks-differ", path, found=total, expected=scoring.full)
    for index, item in enumerate(scoring.items):
        _check_tiers(item, source, (*path, "items", index))


def _check_tiers(item: Item, source: Source, path: Path_) -> None:
    tiers = item.tiers
    if not tiers:
        return
    if tiers[-1].test is not None:
        source.report("tiers-gap", path, id=item.id)
    for index, tier in enumerate(tiers[:-1]):
        if tier.test is None:
            source.report("tier-unreachable", (*path, "tiers", index + 1), id=item.id)
    if (most := max(tier.points[1] for tier in tiers)) != item.most:
        source.report("tier-points", path, found=most, expected=item.most)
    bounds = [tier.test for tier in tiers[:-1] if isinstance(tier.test, Compare) and isinstance(tier.test.right, Const)]
    if item.value is None or len(bounds) != len(tiers) - 1:
        return
    rising = {">=": False, ">": False, "<=": True, "<": True}
    directions = {rising[bound.op] for bound in bounds}
    if len(directions) > 1:
        source.report("tiers-mixed", path, id=item.id)
        return
    for index in range(1, len(bounds)):
        before, here = bounds[index - 1], bounds[index]
        low, high = before.right.value, here.right.value  # type: ignore[union-attr]  # Const, filtered above
        later = high > low if True in directions else high < low
        touching = high == low and before.op in (">", "<") and here.op in (">=", "<=")
        if not (later or touching):
            source.report("tier-unreachable", (*path, "tiers", index), id=item.id)


def _check_spans(project: Project, source: Source) -> None:
    """Versions for the same kind of application must neither overlap nor leave a hole between them."""
    for kind in ("new", "review"):
        spans = [
            (applies, index)
            for index, version in enumerate(project.versions)
            for applies in version.applies
            if applies.kind == kind
        ]
        for (a, _), (b, index) in combinations(spans, 2):
            if set(a.cities) == set(b.cities) and _start(a) <= _end(b) and _start(b) <= _end(a):
                at = ("versions", index, "in_force")
                source.report("versions-overlap", at, kind=kind, found=max(_start(a), _start(b)))
        general = sorted((span for span in spans if not span[0].cities), key=lambda span: _start(span[0]))
        for (a, _), (b, index) in pairwise(general):
            if _end(a) < _LAST and _start(b) > _end(a) + timedelta(days=1):
                day = _end(a) + timedelta(days=1)
                source.report("versions-hole", ("versions", index, "in_force"), kind=kind, found=day)


def _start(applies: Applies) -> date:
    return applies.start or _FIRST


def _end(applies: Applies) -> date:
    return applies.end or _LAST


def _check_rounds(project: Project, source: Source, lists: Lists) -> None:
    seen: set[tuple[int, str]] = set()
    for index, past in enumerate(project.rounds):
        path: Path_ = ("cycles", index)
        if (past.year, past.batch) in seen:
            source.report("duplicate-id", path, found=f"{past.year} {past.batch}", first="")
        seen.add((past.year, past.batch))
        _known(source, (*path, "city_deadlines"), past.city_deadlines, lists.city_names, "city")
        days = [day for day in (past.notice.announced, past.closes) if day]
        if past.opens and past.closes and past.closes < past.opens:
            source.report("dates-reversed", path, first=past.opens, found=past.closes)
        elif days != sorted(days):
            source.report("dates-reversed", path, first=days[0], found=days[-1])


def check_ladder(projects: Mapping[str, Project], sources: Mapping[str, Source]) -> None:
    """Report prerequisite cycles: projects that each must be held before the other."""
    done: set[str] = set()
    for start in projects:
        trail: list[str] = []
        _follow(start, projects, sources, trail, done)


def _follow(
    id_: str, projects: Mapping[str, Project], sources: Mapping[str, Source], trail: list[str], done: set[str]
) -> None:
    if id_ in trail:
        cycle = " → ".join([*trail[trail.index(id_) :], id_])
        sources[projects[id_].file].report("prerequisite-cycle", ("prerequisites",), found=cycle)
    elif id_ in projects and id_ not in done:
        trail.append(id_)
        for needed in projects[id_].prerequisites:
            _follow(needed, projects, sources, trail, done)
        trail.pop()
        done.add(id_)
