"""Made-up companies before real projects: some answers drawn at and next to the thresholds that the rules name.

A drawn company is an eligible one (from the golden cases) with some answers changed, or one made up altogether.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from assistant.company.facts import FactSpec
from assistant.company.profile import Held, Judgement, Profile, read_profile
from assistant.dates import DateSpan, add_years
from assistant.logic import tree
from assistant.logic.values import between
from assistant.matching.cases import overlay
from assistant.matching.match import Application, Match, Matcher
from assistant.rulebook.book import Rulebook
from assistant.rulebook.load import load
from assistant.rulebook.requirement import Criterion, Project, Version, leaves, nodes
from assistant.sources import Source, read
from assistant.units import UNITS, Number, exact
from tests.logic.naive import YES, condition
from tests.oracle import view_of

RULES = Path(__file__).parents[1] / "rules"
CASES = Path(__file__).parent / "projects"
LARGEST = 10**17  # 分
INDUSTRIES = ("3443", "6513", "4710", "5176", "7010", "6631", "0111")


@dataclass(frozen=True)
class Scene:
    """A company before a project on a day."""

    profile: Profile
    project: Project = field(repr=False)
    application: Application
    on: date

    def match(self, profile: Profile | None = None) -> Match:
        """Return the matcher's answer, for this company or another in its place."""
        return matcher().match(profile or self.profile, self.project, self.application, self.on)


@cache
def book() -> Rulebook:
    """Return the real rulebook."""
    return load(RULES)


@cache
def matcher() -> Matcher:
    """Return one matcher for all tests, as in life."""
    return Matcher(book())


# ---- what a version asks about


@dataclass(frozen=True)
class Asked:
    """The figures, recognitions, judgements and thresholds of a version."""

    figures: tuple[tree.Figure, ...]
    recognitions: tuple[str, ...]
    judged: tuple[str, ...]
    compared: tuple[tree.Compare, ...]
    edges: Mapping[str, tuple[Number, ...]]


def formulas(version: Version) -> Iterator[tree.Node]:
    """Yield every formula that decides something."""
    for node in nodes(version.root):
        yield from filter(None, [node.when, node.test if isinstance(node, Criterion) else None])
    for scoring in version.scorings:
        for item in scoring.items:
            yield from filter(None, [item.formula, *(tier.test for tier in item.tiers)])


@cache
def asked(project: str, index: int) -> Asked:
    """Return what the version at *index* of a project asks about."""
    version = book().projects[project].versions[index]
    parts = [part for formula in formulas(version) for part in tree.walk(formula)]
    figures = dict.fromkeys(figure for formula in formulas(version) for figure in tree.figures(formula))
    basics = [tree.Figure(name) for name in ("applicant_kind", "city", "industry", "established")]
    size = [tree.Figure(name, -1) for name in ("employees", "revenue", "total_assets")]
    edges: dict[str, set[Number]] = {"ratio": {0, 1}, "money": {0}, "years": {0}}
    for part in parts:
        if isinstance(part, tree.Const) and part.unit:
            edges.setdefault(UNITS[part.unit].dimension, set()).add(part.value)
    scores = [tree.Figure("platform_scores")] if any(isinstance(part, tree.PlatformScore) for part in parts) else []
    named = dict.fromkeys([*basics, *figures, *(size if tree.Figure("size_class") in figures else []), *scores])
    return Asked(
        tuple(figure for figure in named if not book().dictionary.facts[figure.name].derived),
        tuple(dict.fromkeys(id_ for formula in formulas(version) for id_ in tree.recognitions(formula))),
        tuple(leaf.id for leaf in leaves(version.root) if leaf.role == "judgement" or leaf.scoring),
        tuple(part for part in parts if isinstance(part, tree.Compare) and isinstance(part.right, tree.Const)),
        {dimension: tuple(sorted(values)) for dimension, values in edges.items()},
    )


@cache
def bases() -> dict[tuple[str, str], Scene]:
    """Return, for each version with golden cases, the company that they call eligible."""
    found = {}
    for id_, project in book().projects.items():
        path = CASES / f"{id_}.yaml"
        given_versions: dict[str, Any] = read(path).data["versions"] if path.is_file() else {}
        for version, given_case in given_versions.items():
            data = overlay(given_case.get("base") or {}, {})
            data["judgements"] = [
                {"project": id_, "criterion": one, "verdict": "met"}
                for one in data.get("judgements") or ()
                if isinstance(one, str)
            ]
            on: date = given_case["on"]
            profile = read_profile(Source(path.name, data), book().dictionary, book().lists, on)
            application = Application(
                given_case.get("cycle") or on.year, DateSpan.of(on), given_case.get("kind") or "new"
            )
            found[id_, version] = Scene(profile, project, application, on)
    return found


# ---- drawing companies


@cache
def numbers(
    dimension: str, edges: tuple[Number, ...], least: Number, most: Number, step: Number
) -> st.SearchStrategy[Number]:
    """Draw a number at, next to or far from a threshold."""
    near = sorted({edge + sign * step for edge in edges for sign in (-1, 0, 1)} | {least, 0, 1 * step, 5 * step})
    near = [exact(number) for number in near if least <= number <= most]
    wide: st.SearchStrategy[Number] = st.integers(0, 10**6).map(lambda k: exact(min(most, max(least, k * step * 7919))))
    return st.sampled_from(near or [least]) if dimension != "money" else st.one_of(st.sampled_from(near), wide)


def number(spec: FactSpec, edges: Mapping[str, tuple[Number, ...]]) -> st.SearchStrategy[Number]:
    """Draw a number for a fact within its bounds."""
    assert spec.unit is not None
    factor = spec.unit.factor
    steps: dict[str, Number] = {"percent": Fraction(1, 10_000), "years": Fraction(1, 100)}
    least = exact((spec.least if spec.least is not None else -(10**6)) * factor)
    most = exact(spec.most * factor) if spec.most is not None else LARGEST
    return numbers(spec.unit.dimension, edges.get(spec.unit.dimension, ()), least, most, steps.get(spec.kind, 1))


def answer(
    draw: st.DrawFn, spec: FactSpec, edges: Mapping[str, tuple[Number, ...]], scene: Scene, *, vague: bool
) -> Any:
    """Draw an answer to a fact; a *vague* one may be a range."""
    if spec.numeric:
        low = draw(number(spec, edges))
        if not vague or draw(st.integers(0, 5)):
            return low
        high = draw(number(spec, edges))
        return between(min(low, high), max(low, high))
    match spec.kind:
        case "flag":
            return draw(st.booleans())
        case "choice":
            if spec.multiple:
                return (draw(st.sampled_from((*scene.project.applicant * 3, *spec.choices))),)
            return draw(st.sampled_from(tuple(spec.choices)))
        case "date":
            return ago(draw, scene)
        case "city":
            return draw(st.sampled_from(("佛山市", "佛山市", "佛山市", "佛山市", "佛山市", "阳江市", "深圳市", "省外")))
        case "industry":
            return book().lists.ancestors(draw(st.sampled_from(INDUSTRIES)))
        case "events":
            return tuple(event(draw, spec, edges, scene, vague=vague) for _ in range(draw(st.integers(0, 3))))
        case _:
            return ""


def event(
    draw: st.DrawFn, spec: FactSpec, edges: Mapping[str, tuple[Number, ...]], scene: Scene, *, vague: bool
) -> dict[str, Any]:
    """Draw one entry of a list; a *vague* one may leave fields open."""
    entry: dict[str, Any] = {}
    for name, inner in spec.fields.items():
        if vague and not draw(st.integers(0, 7)):
            entry |= draw(st.sampled_from(({}, {name: None})))
        elif name == "cycle":
            entry[name] = scene.application.cycle - draw(st.integers(0, 2))
        else:
            entry[name] = answer(draw, inner, edges, scene, vague=vague)
    return entry


def ago(draw: st.DrawFn, scene: Scene) -> date:
    """Draw a day some years before a first or last day of application: the anniversary, or a day next to it."""
    applied = scene.application.applied
    day = draw(st.sampled_from((applied.earliest, applied.latest)))
    return add_years(day, -draw(st.integers(0, 6))) + timedelta(days=draw(st.sampled_from((-1, 0, 1, 60))))


def held(draw: st.DrawFn, ids: tuple[str, ...], scene: Scene) -> tuple[Held, ...]:
    """Draw certificates for some of the recognitions a version asks about, often expiring about the application."""
    found = []
    for id_ in draw(st.lists(st.sampled_from(ids), max_size=3)) if ids else ():
        granted = draw(st.sampled_from((None, *[ago(draw, scene)] * 5)))
        day = draw(st.sampled_from((scene.application.applied.earliest, scene.application.applied.latest)))
        expires = draw(st.sampled_from((None, None, *(day + timedelta(days=step) for step in (-1, 0, 1, 500)))))
        found.append(Held(id_, granted, None if granted and expires and expires < granted else expires))
    return tuple(found)


@st.composite
def scenes(draw: st.DrawFn, *, closed: bool = False) -> Scene:
    """Draw a company: an eligible one with some answers changed, or one made up altogether.

    With *closed* all its fiscal years are closed, every answer is definite and only experts' questions are judged.
    """
    project = draw(st.sampled_from(list(book().projects.values())))
    index = draw(st.integers(0, len(project.versions) - 1))
    version, wanted = project.versions[index], asked(project.id, index)
    start = bases().get((project.id, version.id))
    made_up = start is None or not draw(st.integers(0, 3))
    scene = blank(draw, project, version) if start is None or made_up else start
    scene = timed(draw, scene, closed=closed)
    facts, years, estimates = dict(scene.profile.facts), *map(copied, (scene.profile.years, scene.profile.estimates))
    figures = wanted.figures
    changed = figures if made_up else draw(st.lists(st.sampled_from(figures), max_size=5))
    for figure in changed:
        spec = book().dictionary.spec(figure.name)
        value = answer(draw, spec, wanted.edges, scene, vague=not closed)
        told = closed or draw(st.integers(0, 9)) > 0
        if figure.offset is None:
            put(facts, figure.name, value, told=told)
        else:
            year = scene.application.cycle + figure.offset
            estimate = year >= scene.on.year or (not closed and not draw(st.integers(0, 9)))
            put((estimates if estimate else years).setdefault(year, {}), figure.name, value, told=told)
    recognitions = scene.profile.recognitions
    if made_up or draw(st.booleans()):
        recognitions = None if not closed and not draw(st.integers(0, 4)) else held(draw, wanted.recognitions, scene)
    experts = {leaf.id for leaf in leaves(version.root) if leaf.role == "judgement"}
    judgements = {one.criterion: one for one in scene.profile.judgements if not closed or one.criterion in experts}
    for id_ in draw(st.lists(st.sampled_from(wanted.judged), max_size=2)) if wanted.judged else ():
        if not closed or id_ in experts:
            judgements[id_] = Judgement(project.id, id_, met=draw(st.booleans()))
    profile = Profile("某公司", "", facts, years, estimates, recognitions, tuple(judgements.values()))
    return at_the_edge(draw, replace(scene, profile=profile), wanted, vague=not closed)


def blank(draw: st.DrawFn, project: Project, version: Version) -> Scene:
    """Return a company that has told nothing, applying while *version* is in force."""
    applies = draw(st.sampled_from(version.applies))
    start = applies.start or add_years(applies.end or date(2026, 1, 1), -2)
    end = applies.end or date(2027, 12, 31)
    day = draw(
        st.sampled_from((start, end, max(start, min(end, date(2024, 2, 29))), max(start, min(end, date(2026, 5, 10)))))
    )
    return Scene(Profile("某公司"), project, Application(day.year, DateSpan.of(day), applies.kind), day)


def timed(draw: st.DrawFn, scene: Scene, *, closed: bool) -> Scene:
    """Draw when the company asks and applies: on one day or some time later, for this cycle or the next."""
    given_ = scene.application
    kind = draw(st.sampled_from((given_.kind, given_.kind, "new", "review")))
    span = DateSpan(
        given_.applied.earliest, given_.applied.earliest + timedelta(days=draw(st.sampled_from((0, 0, 0, 45))))
    )
    if closed:
        return replace(
            scene, application=Application(given_.cycle, span, kind), on=max(scene.on, date(given_.cycle, 1, 1))
        )
    cycle = given_.cycle + draw(st.sampled_from((0, 0, 0, 1, 2)))
    return replace(
        scene,
        application=Application(cycle, span, kind),
        on=scene.on - timedelta(days=draw(st.sampled_from((0, 0, 0, 200)))),
    )


def put(table: dict[str, Any], name: str, value: Any, *, told: bool) -> None:
    """Give an answer, or take it away."""
    if told:
        table[name] = value
    else:
        table.pop(name, None)


def copied(table: Mapping[int, Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
    return {year: dict(figures) for year, figures in table.items()}


def at_the_edge(draw: st.DrawFn, scene: Scene, wanted: Asked, *, vague: bool) -> Scene:
    """Move up to three figures to where a comparison just holds, or one unit beside it; a *vague* one ends there."""
    for compare in draw(st.lists(st.sampled_from(wanted.compared), max_size=3)) if wanted.compared else ():
        yearly = [figure for figure in tree.figures(compare) if figure.offset is not None]
        if yearly:
            step, width = draw(st.sampled_from((-1, 0, 1))), draw(st.sampled_from((-9, 9))) if vague else 0
            if draw(st.integers(0, 2)):
                width = 0
            scene = moved(scene, compare, draw(st.sampled_from(yearly)), step, width)
    return scene


def moved(scene: Scene, compare: tree.Compare, figure: tree.Figure, step: int, width: int) -> Scene:
    """Return the scene with *figure* where the truth of *compare* changes, found by halving, or a range from there."""
    profile, applied = scene.profile, scene.application
    assert figure.offset is not None
    year = applied.cycle + figure.offset
    table = profile.years if isinstance(profile.years.get(year, {}).get(figure.name), int) else profile.estimates
    if not isinstance(table.get(year, {}).get(figure.name), int):
        return scene
    view = view_of(profile, book(), applied.applied, applied.cycle, applied.kind, 0)

    def holds(value: int) -> bool:
        here = replace(view, facts={**view.facts, (figure.name, figure.offset): value})
        return condition(compare, here) == YES

    low, high = 0, LARGEST
    if holds(low) == holds(high):
        return scene
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) == holds(low) else (low, middle)
    edge = max(0, high + step)
    value = between(max(0, min(edge, edge + width)), max(edge, edge + width))
    figures = {**table[year], figure.name: value}
    if table is profile.years:
        return replace(scene, profile=replace(profile, years={**table, year: figures}))
    return replace(scene, profile=replace(profile, estimates={**table, year: figures}))
