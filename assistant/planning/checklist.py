"""A step is one thing to do, with a due date and the criteria or documents it serves.

Steps are merged across projects: one audit report that serves six applications is one step that names them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from assistant.dates import add_months
from assistant.logic import tree
from assistant.logic.scalar import compile_condition
from assistant.matching.findings import Finding, FindingNode
from assistant.matching.gaps import failed, gap_id
from assistant.planning import workdays
from assistant.planning.prospect import Prospect
from assistant.planning.questions import Ask, questions, topic_of
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import Material

StepKind = Literal["answer", "improve", "judgement", "prepare", "apply"]
KINDS: tuple[StepKind, ...] = ("answer", "improve", "judgement", "prepare", "apply")

ANSWER_DAYS = 14  # days given to answer questions
ACCOUNTS_MONTHS = 3  # after a year closes, its audit takes so long (practice)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do by *due*.

    *key* identifies it for good. *subject* is a topic (answer), criterion (improve), document (prepare) or project.
    *serves* are project ids, *criteria* (project, criterion) pairs, *years* fiscal years. *late*: the date counted
    back has passed, so *due* is today. *estimated*: counted back from a forecast, or over a year whose working days
    are not published.
    """

    key: str
    kind: StepKind
    subject: str
    due: date | None
    serves: tuple[str, ...]
    criteria: tuple[tuple[str, str], ...] = ()
    years: tuple[int, ...] = ()
    asks: tuple[Ask, ...] = ()
    gap: FindingNode | None = None
    findings: tuple[Finding, ...] = ()
    materials: tuple[Material, ...] = ()
    late: bool = False
    estimated: bool = True


def checklist(prospects: Sequence[Prospect], rulebook: Rulebook, on: date) -> tuple[Step, ...]:
    """Return the steps that serve the *prospects* worth working for, by due date, kind and reach."""
    worth = [p for p in prospects if p.is_due(on)]
    close = [p for p in worth if p.standing != "open"]
    steps = [
        *_answers(worth, rulebook, on),
        *_improvements(worth, on),
        *_judgements(close, on),
        *_preparations([p for p in close if not p.text_missing], rulebook, on),
        *_applications(close, on),
    ]
    return tuple(sorted(steps, key=_urgency))


def _urgency(step: Step) -> tuple[date, int, int]:
    """Order by due date, kind and reach; questions keep their own order."""
    return step.due or date.max, KINDS.index(step.kind), 0 if step.kind == "answer" else -len(step.serves)


def _answers(prospects: Sequence[Prospect], rulebook: Rulebook, on: date) -> list[Step]:
    """One step per topic of questions."""
    due = workdays.on_or_before(on + timedelta(days=ANSWER_DAYS))
    by_topic: dict[str, list[Ask]] = {}
    for ask in questions(prospects, rulebook):
        by_topic.setdefault(topic_of(ask.fact, rulebook), []).append(ask)
    return [
        Step(
            f"answer|{topic}",
            "answer",
            topic,
            due,
            tuple(dict.fromkeys(id_ for ask in asks for id_ in ask.serves)),
            asks=tuple(asks),
            estimated=False,
        )
        for topic, asks in by_topic.items()
    ]


def _ids(prospects: Iterable[Prospect]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(p.match.project.id for p in prospects))


def _improvements(prospects: Iterable[Prospect], on: date) -> list[Step]:
    """One step per gap; a figure of the year not yet closed can be moved until it closes."""
    steps = []
    for prospect in prospects:
        project, base = prospect.match.project.id, prospect.match.base_year
        for gap in prospect.gaps:
            closing = date(base, 12, 31)
            yearly = any(_is_yearly(finding) for finding in failed(gap))
            due = closing if yearly and closing >= on else _start(prospect, on)
            steps.append(
                Step(
                    f"improve|{project}|{prospect.window.cycle}|{gap_id(gap)}",
                    "improve",
                    gap_id(gap),
                    max(due, on) if due else None,
                    (project,),
                    ((project, gap_id(gap)),),
                    (base,) if yearly else (),
                    gap=gap,
                    late=due is not None and due < on,
                    estimated=not (yearly and closing >= on),
                )
            )
    return steps


def _is_yearly(finding: Finding) -> bool:
    test = finding.criterion.test
    return test is not None and any(figure.offset is not None for figure in tree.figures(test))


def _judgements(prospects: Iterable[Prospect], on: date) -> list[Step]:
    """One step per project with judgements open: what reviewers will ask must be argued in the application."""
    steps = []
    for prospect in prospects:
        if prospect.judged:
            project, due = prospect.match.project.id, _start(prospect, on)
            steps.append(
                Step(
                    f"judgement|{project}|{prospect.window.cycle}",
                    "judgement",
                    project,
                    max(due, on) if due else None,
                    (project,),
                    tuple((project, finding.criterion.id) for finding in prospect.judged),
                    findings=prospect.judged,
                    late=due is not None and due < on,
                )
            )
    return steps


def _start(prospect: Prospect, on: date) -> date | None:
    """Return the working day on or before the day when applications may open at the earliest, today if it passed."""
    span = prospect.window.opens or prospect.window.closes
    return workdays.on_or_before(max(span.earliest, on)) if span else None


def _preparations(prospects: Iterable[Prospect], rulebook: Rulebook, on: date) -> list[Step]:
    """One step per kind of document, due for the first application that needs it."""
    needs: dict[str, list[tuple[Prospect, Material]]] = {}
    for prospect in prospects:
        version = prospect.match.version
        for material in version.materials if version else ():
            if _needed(material, prospect):
                own = rulebook.lists.documents[material.document].own
                key = f"{material.document}|{prospect.match.project.id}" if own else material.document
                needs.setdefault(key, []).append((prospect, material))
    return [_preparation(key, wanted, rulebook, on) for key, wanted in needs.items()]


def _needed(material: Material, prospect: Prospect) -> bool:
    if material.when is not None:
        return compile_condition(material.when)(prospect.frames.own.situation, []) is True
    return material.required


def _preparation(key: str, wanted: list[tuple[Prospect, Material]], rulebook: Rulebook, on: date) -> Step:
    starts = [(start, material) for prospect, material in wanted if (start := _start(prospect, on))]
    due = min((_counted_back(start, material, rulebook) for start, material in starts), default=None)
    years = {prospect.match.application.cycle + offset for prospect, material in wanted for offset in material.offsets}
    accounts = add_months(date(max(years), 12, 31), ACCOUNTS_MONTHS) if years else None
    if due and accounts and due < accounts and min(start for start, _ in starts) > accounts:
        due = workdays.on_or_before(accounts)
    announced = all(prospect.window.status == "announced" for prospect, _ in wanted)
    criteria = {
        (prospect.match.project.id, proved): None for prospect, material in wanted for proved in material.proves
    }
    return Step(
        f"prepare|{key}|{min(prospect.window.cycle for prospect, _ in wanted)}",
        "prepare",
        wanted[0][1].document,
        max(due, on) if due else None,
        _ids(prospect for prospect, _ in wanted),
        tuple(criteria),
        tuple(sorted(years)),
        materials=tuple(material for _, material in wanted),
        late=due is not None and due < on,
        estimated=not (announced and due is not None and workdays.is_published(due.year)),
    )


def _counted_back(start: date, material: Material, rulebook: Rulebook) -> date:
    """Return the day to begin: the lead time before *start*, but no so early that the document lapses before it."""
    document = rulebook.lists.documents[material.document]
    lead = material.lead_days if material.lead_days is not None else document.lead_days
    if document.validity_days is not None:
        lead = min(lead, document.validity_days)
    return workdays.on_or_before(start - timedelta(days=lead))


def _applications(prospects: Iterable[Prospect], on: date) -> list[Step]:
    """One step per project: hand in the application before the company's deadline."""
    steps = []
    for prospect in prospects:
        closes = prospect.window.closes
        if closes and closes.earliest >= on:
            last = closes.earliest
            held = prospect.match.held
            if prospect.is_review and held and held.expires:
                last = min(last, held.expires)
            project = prospect.match.project.id
            steps.append(
                Step(
                    f"apply|{project}|{prospect.window.cycle}",
                    "apply",
                    project,
                    max(workdays.on_or_before(last), on),
                    (project,),
                    estimated=prospect.window.status != "announced",
                )
            )
    return steps
