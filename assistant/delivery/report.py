"""The report is the whole assessment on one self-contained page: what to do next first, then why.

Every verdict, sentence and number comes from the result; here they are only put in the order of a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import groupby
from typing import Literal, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from assistant.company.profile import Held
from assistant.delivery.drawing.timeline import timeline_view
from assistant.delivery.result import Json, iso, result
from assistant.delivery.wording.captions import captions
from assistant.delivery.wording.labels import labels
from assistant.delivery.wording.speaker import Speaker, unit_of
from assistant.logic import tree
from assistant.logic.scalar import Outcome
from assistant.matching.findings import Finding, FindingNode, shortfall
from assistant.matching.gaps import alternatives, failed, gap_says
from assistant.matching.situation import holding
from assistant.planning.assessment import Assessment
from assistant.planning.prospect import STANDINGS, Prospect
from assistant.planning.questions import topic_of
from assistant.units import Number, Unit, decimal_text, from_base, to_base

ActionKind = Literal["answers", "gaps", "papers", "apply", "upkeep"]

ACTIONS = 7  # what one can take in at a glance
FIRST_QUESTIONS = 4
SHOWN_PLACES = 2  # decimals of what is still to do, and of points


@dataclass(frozen=True, slots=True)
class Action:
    """One of the next things to do: the steps (or duties) of one kind that belong together, by *due*."""

    kind: ActionKind
    due: date
    days: int
    entries: tuple[Json, ...]
    project: str = ""
    late: bool = False
    estimated: bool = False


class Part(NamedTuple):
    """The projects of one part of the page: those with a round open or expected, and the others."""

    live: list[str]
    idle: list[str]


@dataclass(frozen=True, slots=True)
class Shortage:
    """A failed comparison in numbers; *lever* is the fact, and by how much it must change, behind a ratio."""

    subject: str
    actual: str
    required: str
    short: str
    over: bool
    lever: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class GapView:
    """A gap as the page shows it: its nearest way; *others* counts the further ways that would do as well."""

    id: str
    says: str
    findings: tuple[tuple[Json, tuple[Shortage, ...]], ...]
    others: int


class Owed(NamedTuple):
    """What a holder owes by *due* (None: whenever something changes); kind `expiry`: the recognition ends that day."""

    kind: Literal["yearly", "expiry", "change"]
    due: str | None
    says: str
    clause: str


@dataclass(frozen=True, slots=True)
class HeldView:
    """A recognition held: until when, what it owes, and the project it belongs to if there are rules for it."""

    name: str
    granted: str | None
    expires: str | None
    sure: bool
    lapsed: bool
    project: str
    review: str
    duties: tuple[Owed, ...]


def report(assessment: Assessment, lang: str = "zh") -> str:
    """Return the assessment as one HTML page that needs nothing beside it."""
    say = Speaker(assessment.rulebook, lang)
    data = result(assessment, lang)
    projects = {entry["id"]: entry for entry in data["projects"]}
    prospects = {prospect.match.project.id: prospect for prospect in assessment.ranked()}
    template = _environment().get_template("report.html.j2")
    page = template.render(
        lang=lang,
        say=say,
        result=data,
        projects=projects,
        on=assessment.on,
        counts=_counts(prospects.values(), assessment.on),
        sections=_sections(prospects.values(), assessment.on),
        gaps={id_: [_gap(gap, prospect.way(gap), projects[id_], say) for gap in prospect.gaps] for id_, prospect in prospects.items()},
        outlines={id_: outline for id_, prospect in prospects.items() if (outline := _outline(prospect.match.tree))},
        criteria={id_: {one["id"]: one for one in entry["criteria"]} for id_, entry in projects.items()},
        bases={id_: _bases(entry, say) for id_, entry in projects.items()},
        actions=_actions(data, list(prospects.values()), assessment.on),
        holdings=[_held(entry, assessment, data, say) for entry in assessment.profile.recognitions or ()],
        told_holdings=assessment.profile.recognitions is not None,
        topics=_topics(assessment, data),
        months=_months(data),
        first_questions=FIRST_QUESTIONS,
        timeline=timeline_view(assessment, data, say),
        words={"sign": captions("sign", say), **{group: labels(group, lang) for group in _WORDS}},
    )
    return page.lstrip()  # the macros before the page leave their line ends


_WORDS = ("state", "role", "kind", "level", "confidence", "standing", "standing-of-source", "step", "cost", "verdict")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("assistant.delivery", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = _number
    environment.filters["link"] = _link
    return environment


def _number(value: float) -> str:
    """Return a JSON number for reading, cut and never rounded up."""
    return decimal_text(Fraction(str(value)), places=SHOWN_PLACES)


def _link(url: str | None) -> str:
    """Return *url* where a browser may be sent there, else nothing."""
    return url if url and url.startswith(("https://", "http://")) else ""


def _sections(prospects: Iterable[Prospect], on: date) -> dict[str, Part]:
    """Return the projects of each part of the page; reviews far ahead wait with what is held."""
    parts: dict[str, Part] = {name: Part([], []) for name in (*STANDINGS, "later")}
    for prospect in prospects:
        waits = prospect.is_review and prospect.standing in ("ready", "near", "open") and not prospect.is_due(on)
        part = parts["later" if waits else prospect.standing]
        (part.live if prospect.is_live else part.idle).append(prospect.match.project.id)
    return parts


def _counts(prospects: Iterable[Prospect], on: date) -> dict[str, int | None]:
    """Return how many projects with a round to come are where; *year*: that of all new applications, if the same."""
    live = [prospect for prospect in prospects if prospect.is_live and prospect.is_due(on)]
    ready = [prospect for prospect in live if prospect.standing == "ready"]
    years = {prospect.window.cycle for prospect in ready if not prospect.is_review}
    return {
        "apply": sum(not prospect.is_review for prospect in ready),
        "renew": sum(prospect.is_review for prospect in ready),
        "near": sum(prospect.standing == "near" for prospect in live),
        "open": sum(prospect.standing == "open" for prospect in live),
        "year": years.pop() if len(years) == 1 else None,
    }


def _outline(node: FindingNode | None) -> Json | None:
    """Return the shape of a criterion tree: groups, and the ids of the criteria that the result describes."""
    if node is None:
        return None
    if isinstance(node, Finding):
        return {"criterion": node.criterion.id}
    group = node.group
    members = [_outline(member) for member in node.members]
    return {
        "criterion": "",
        "how": group.how,
        "n": group.n,
        "says": group.says,
        "state": node.state,
        "members": members,
    }


def _bases(project: Json, say: Speaker) -> list[str]:
    """Return what decided a project's criteria besides figures of the years they are meant for."""
    decided = [criterion for criterion in project["criteria"] if criterion["state"] in ("met", "unmet")]
    names = dict.fromkeys(name for criterion in decided for name in criterion["basis"])
    return list(dict.fromkeys(say.basis(name) for name in names))


# ---- gaps in numbers


def _gap(gap: FindingNode, way: Sequence[Finding], project: Json, say: Speaker) -> GapView:
    criteria = {one["id"]: one for one in project["criteria"]}
    findings = tuple(
        (criteria[finding.criterion.id], tuple(_shortages(finding, say))) for finding in way
    )
    id_ = gap.criterion.id if isinstance(gap, Finding) else gap.group.id
    others = sum(any(True for _ in failed(way)) for way in alternatives(gap)) - 1
    return GapView(id_, gap_says(gap), findings, max(others, 0))


def _shortages(finding: Finding, say: Speaker) -> Iterator[Shortage]:
    """Yield the failed comparisons with a number; none where any other test failed, its sentence says more."""
    wrong = [outcome for outcome in finding.outcomes if outcome.truth is False]
    if any(_shortage(outcome, finding.base_year, say) is None for outcome in wrong):
        return
    for outcome in wrong:
        if row := _shortage(outcome, finding.base_year, say):
            yield row


def _shortage(outcome: Outcome, base_year: int, say: Speaker) -> Shortage | None:
    node, short = outcome.node, shortfall(outcome)
    if short is None or not isinstance(node, tree.Compare) or short.by == 0:
        return None
    unit = unit_of(node)
    if unit is None:
        return None
    lever = None
    if isinstance(node.left, tree.Ratio) and short.amount is not None:
        own = say.rulebook.dictionary.spec(short.fact).unit
        if own is not None:
            lever = (say.subject(node.left.over, base_year), _to_do(abs(Fraction(short.amount)), own, say))
    return Shortage(
        say.subject(node, base_year),
        say.value(outcome),
        say.required(outcome),
        _to_do(short.by, unit, say).replace(" %", say.pick(" 个百分点", " percentage points")),
        node.op in ("<=", "<") and unit.dimension != "rank",
        lever,
    )


def _to_do(amount: Number, unit: Unit, say: Speaker) -> str:
    """Return a base-unit amount rounded up, whole for what can only be counted: what is still to do must suffice."""
    scale = 10**SHOWN_PLACES if unit.dimension in ("money", "ratio", "area", "points", "years") else 1
    scaled = Fraction(from_base(amount, unit)) * scale
    rounded = Fraction(-(-scaled.numerator // scaled.denominator), scale)
    return say.number(to_base(rounded, unit), replace(unit, dimension="amount"))


# ---- what to do next


def _actions(data: Json, ranked: Sequence[Prospect], on: date) -> list[Action]:
    """Return the few most important things to do: late ones, answers, gaps, papers, expiry; the rest by date."""
    found = [
        *_answers(data, on),
        *_gaps(data, ranked, on),
        *_papers(data, ranked, on),
        *_applications(data, ranked, on),
    ]
    duties = list(_duties(data, on))
    expiring = [duty for duty in duties if any(entry["kind"] == "expiry" for entry in duty.entries)]
    by_kind = {
        kind: sorted((one for one in found if one.kind == kind), key=lambda one: not one.late)
        for kind in ("answers", "gaps", "papers", "apply")
    }
    wanted = [
        *by_kind["answers"],
        *by_kind["gaps"][:2],
        *by_kind["papers"][:1],
        *expiring[:1],
        *duties[:1],
        *by_kind["apply"][:1],
        *sorted([*by_kind["gaps"][2:], *by_kind["papers"][1:]], key=lambda one: (not one.late, one.due)),
    ]
    chosen: list[Action] = []
    for one in wanted:
        if one not in chosen:
            chosen.append(one)
    return sorted(chosen[:ACTIONS], key=lambda one: (not one.late, one.due))


def _action(kind: ActionKind, steps: Sequence[Json], on: date, project: str = "") -> Action:
    due = min(date.fromisoformat(step["due"]) for step in steps)
    late = any(step["late"] for step in steps)
    return Action(kind, due, (due - on).days, tuple(steps), project, late, all(step["estimated"] for step in steps))


def _answers(data: Json, on: date) -> Iterator[Action]:
    if steps := [step for step in data["steps"] if step["kind"] == "answer" and step["due"]]:
        yield _action("answers", steps, on)


def _gaps(data: Json, ranked: Iterable[Prospect], on: date) -> Iterator[Action]:
    """Yield one action per project with gaps, the nearest project first."""
    for prospect in ranked:
        id_ = prospect.match.project.id
        mine = [s for s in data["steps"] if s["kind"] == "improve" and s["due"] and s["serves"][0]["id"] == id_]
        if mine:
            yield _action("gaps", mine, on, id_)


def _papers(data: Json, ranked: Sequence[Prospect], on: date) -> Iterator[Action]:
    """Yield one action per project that is ready or near, the first round to open first; each paper counts once."""
    close = [prospect for prospect in ranked if prospect.standing in ("ready", "near") and prospect.is_live]
    close.sort(key=lambda p: (p.standing != "ready", p.window.opens.earliest if p.window.opens else date.max))
    left = [step for step in data["steps"] if step["kind"] in ("prepare", "judgement") and step["due"]]
    for prospect in close:
        id_ = prospect.match.project.id
        mine = [step for step in left if any(served["id"] == id_ for served in step["serves"])]
        left = [step for step in left if step not in mine]
        if mine:
            yield _action("papers", mine, on, id_)


def _applications(data: Json, ranked: Iterable[Prospect], on: date) -> Iterator[Action]:
    ready = {prospect.match.project.id for prospect in ranked if prospect.standing == "ready"}
    for step in data["steps"]:
        if step["kind"] == "apply" and step["due"] and step["serves"][0]["id"] in ready:
            yield _action("apply", [step], on, step["serves"][0]["id"])


def _duties(data: Json, on: date) -> Iterator[Action]:
    """Yield what holders owe, one action per day."""
    for due, entries in groupby(data["upkeep"], key=lambda entry: str(entry["due"])):
        day = date.fromisoformat(due)
        yield Action("upkeep", day, (day - on).days, tuple(entries))


# ---- lists


def _held(entry: Held, assessment: Assessment, data: Json, say: Speaker) -> HeldView:
    term = holding(entry, assessment.rulebook)
    project = assessment.rulebook.projects.get(entry.id)
    lapsed = term.expires is not None and term.expires < assessment.on
    return HeldView(
        say.recognition(entry.id),
        iso(term.granted),
        iso(term.expires),
        term.sure,
        lapsed,
        entry.id if any(one["id"] == entry.id for one in data["projects"]) else "",
        project.validity.review if project else "",
        () if lapsed else tuple(_owed(entry.id, assessment)),
    )


def _owed(id_: str, assessment: Assessment) -> Iterator[Owed]:
    """Yield what the holder of a recognition owes: dated duties, then those that a change brings."""
    for one in assessment.duties:
        if one.project == id_:
            says, clause = (one.duty.says, one.duty.basis.clause) if one.duty else ("", None)
            yield Owed(one.kind, one.due.isoformat(), says, clause or "")
    if project := assessment.rulebook.projects.get(id_):
        for duty in project.duties:
            in_force = (duty.start or assessment.on) <= assessment.on <= (duty.end or assessment.on)
            if duty.due.startswith("change") and in_force:
                yield Owed("change", None, duty.says, duty.basis.clause or "")


def _topics(assessment: Assessment, data: Json) -> list[tuple[str, list[Json]]]:
    """Return the questions by topic, topics and questions in the order of their use."""
    topics: dict[str, list[Json]] = {}
    for ask, question in zip(assessment.asks, data["questions"], strict=True):
        label = assessment.rulebook.dictionary.topics[topic_of(ask.fact, assessment.rulebook)]
        topics.setdefault(label, []).append(question)
    return list(topics.items())


def _months(data: Json) -> list[tuple[str, list[Json]]]:
    """Return steps and duties by month (`2026-12`); those without a date come last under no month."""
    duties = [
        {"kind": duty["kind"], "title": duty["text"], "note": "", "due": duty["due"], "late": False, "estimated": False,
         "serves": []}
        for duty in data["upkeep"]
    ]  # fmt: skip
    entries = sorted([*data["steps"], *duties], key=lambda entry: entry["due"] or "9999")
    return [(month, list(group)) for month, group in groupby(entries, key=lambda entry: (entry["due"] or "")[:7])]
