"""A step is one thing to do, with a due date and the criteria or documents it serves.

Steps are merged across projects: one audit report that serves six applications is one step that names them all, and
so is one figure that three projects ask for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from assistant.dates import add_months
from assistant.logic.scalar import compile_condition
from assistant.matching.findings import Finding
from assistant.matching.moves import Move, further
from assistant.planning import workdays
from assistant.planning.deadlines import Chance, Deadline, before, within, year_end
from assistant.planning.prospect import Prospect
from assistant.planning.questions import Ask, questions, topic_of
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import Material

StepKind = Literal["answer", "improve", "judgement", "prepare", "apply"]
KINDS: tuple[StepKind, ...] = ("answer", "improve", "judgement", "prepare", "apply")

ANSWER_DAYS = 14  # days given to answer questions
ACCOUNTS_MONTHS = 3  # after a year closes, its audit takes so long (practice)


@dataclass(frozen=True, slots=True)
class Wanted:
    """How far one project wants something moved."""

    project: str
    move: Move


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do by *due*, a working day.

    *key* identifies it for good. *subject* is a topic (answer), what is moved (improve), document (prepare) or
    project. *serves* are project ids, *criteria* (project, criterion) pairs, *years* fiscal years. *wanted* is what
    each project asks of what is moved, the furthest first. *not_before*: a document made earlier lapses before the
    application. *chance* tells what is still possible where the date counted back has passed. *estimated*: counted
    back from a forecast, or over a year whose working days are not published. *rounds* are the applications (project
    and cycle) that a document is for.
    """

    key: str
    kind: StepKind
    subject: str
    due: date | None
    serves: tuple[str, ...]
    criteria: tuple[tuple[str, str], ...] = ()
    years: tuple[int, ...] = ()
    asks: tuple[Ask, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    findings: tuple[Finding, ...] = ()
    materials: tuple[Material, ...] = ()
    chance: Chance = "in-time"
    estimated: bool = True
    not_before: date | None = None
    rounds: tuple[tuple[str, int], ...] = ()

    @property
    def late(self) -> bool:
        """Tell whether the date counted back has passed."""
        return self.chance != "in-time"

    @property
    def move(self) -> Move | None:
        """What to move, as far as any project wants it."""
        return self.wanted[0].move if self.wanted else None


def checklist(prospects: Sequence[Prospect], rulebook: Rulebook, on: date) -> tuple[Step, ...]:
    """Return the steps that serve the *prospects* worth working for, by due date, kind and reach."""
    worth = [p for p in prospects if p.is_due(on)]
    close = [p for p in worth if p.standing != "open"]
    applications = {step.subject: step for step in _applications(close, on)}
    improvements = list(_merged(_improvements(close, on), applications))
    steps = [
        *_answers(worth, rulebook, on),
        *improvements,
        *_judgements(close, on),
        *_preparations([p for p in close if not p.text_missing], rulebook, on),
        *applications.values(),
    ]
    return tuple(sorted(steps, key=_urgency))


def _urgency(step: Step) -> tuple[date, int, int]:
    """Order by due date, kind and reach; questions keep their own order."""
    return step.due or date.max, KINDS.index(step.kind), 0 if step.kind == "answer" else -len(step.serves)


def _ids(prospects: Iterable[Prospect]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(p.match.project.id for p in prospects))


def _dated(deadline: Deadline | None) -> tuple[date | None, Chance, bool]:
    """Return due day, chance and whether they are estimates; without a date there is nothing to be late for."""
    return (deadline.due, deadline.chance, deadline.estimated) if deadline else (None, "in-time", True)


def _soonest(deadlines: Iterable[Deadline | None]) -> Deadline | None:
    return min((one for one in deadlines if one), key=lambda one: one.due, default=None)


# ---- answers


def _answers(prospects: Sequence[Prospect], rulebook: Rulebook, on: date) -> list[Step]:
    """One step per topic of questions."""
    due, chance, estimated = _dated(within(ANSWER_DAYS, on))
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
            chance=chance,
            estimated=estimated,
        )
        for topic, asks in by_topic.items()
    ]


# ---- improvements


def _improvements(prospects: Sequence[Prospect], on: date) -> list[Step]:
    """One step per thing to move, for all projects that want it moved."""
    found: dict[object, list[tuple[Prospect, Move]]] = {}
    for prospect in prospects:
        for move in prospect.remedy.moves if prospect.remedy and prospect.remedy.stands else ():
            own = prospect.match.project.id if move.kind == "judgement" else ""
            found.setdefault((*move.subject, own), []).append((prospect, move))
    return [_improvement(pairs, on) for pairs in found.values()]


def _merged(improvements: Iterable[Step], applications: dict[str, Step]) -> Iterator[Step]:
    """Yield *improvements* but those that an application brings: to win a recognition is to apply for it."""
    for step in improvements:
        move = step.move
        applied = (
            next((applications[id_] for id_ in move.target if id_ in applications), None)
            if (move and move.kind == "recognition")
            else None
        )
        if applied is None:
            yield step
        else:
            serves = tuple(dict.fromkeys((*applied.serves, *step.serves)))
            applications[applied.subject] = replace(applied, serves=serves)


def _improvement(pairs: Sequence[tuple[Prospect, Move]], on: date) -> Step:
    furthest = pairs[0][1]
    for _, move in pairs[1:]:
        furthest = further(furthest, move)
    ranked = sorted(pairs, key=lambda pair: pair[1] != furthest)
    due, chance, estimated = _dated(_soonest(_closing(prospect, move, on) for prospect, move in pairs))
    criteria = {
        (prospect.match.project.id, mend.finding.criterion.id): None
        for prospect, move in pairs
        for mend in (prospect.remedy.mends if prospect.remedy else ())
        if any(one.subject == move.subject for one in mend.way.moves)
    }
    year = f"|{furthest.year}" if furthest.year is not None else ""
    own = f"|{pairs[0][0].match.project.id}" if furthest.kind == "judgement" else ""
    return Step(
        f"improve|{furthest.kind}|{furthest.name}{year}{own}",
        "improve",
        furthest.name,
        due,
        _ids(prospect for prospect, _ in ranked),
        tuple(criteria),
        (furthest.year,) if furthest.year is not None else (),
        wanted=tuple(Wanted(prospect.match.project.id, move) for prospect, move in ranked),
        chance=chance,
        estimated=estimated,
    )


def _closing(prospect: Prospect, move: Move, on: date) -> Deadline | None:
    """Return when a move must be made: a figure by the end of its year, another thing begun in time for the window."""
    if move.kind == "figure" and move.year is not None:
        return year_end(move.year, on)
    if move.kind == "recognition":
        project = next((prospect.horizon.rulebook.projects.get(id_) for id_ in move.target), None)
        window = prospect.horizon.next_window(project) if project else None
        end = window.closes or window.opens if window else None
        if window is None or end is None or end.earliest < on:
            return None
        due = workdays.on_or_before(end.earliest)
        return Deadline(due, "in-time", not (window.status == "announced" and workdays.is_published(due.year)))
    return before(prospect, move.lead_days, on)


def _judgements(prospects: Iterable[Prospect], on: date) -> list[Step]:
    """One step per project with judgements open: what reviewers will ask must be argued in the application."""
    steps = []
    for prospect in prospects:
        if prospect.judged:
            project = prospect.match.project.id
            due, chance, estimated = _dated(before(prospect, 0, on))
            steps.append(
                Step(
                    f"judgement|{project}|{prospect.window.cycle}",
                    "judgement",
                    project,
                    due,
                    (project,),
                    tuple((project, finding.criterion.id) for finding in prospect.judged),
                    findings=prospect.judged,
                    chance=chance,
                    estimated=estimated,
                )
            )
    return steps


# ---- documents


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
    document = rulebook.lists.documents[wanted[0][1].document]
    deadlines = [(before(prospect, _lead(material, rulebook), on), prospect) for prospect, material in wanted]
    dated = [(one, prospect) for one, prospect in deadlines if one]
    deadline, first = min(dated, key=lambda pair: pair[0].due, default=(None, None))
    years = {prospect.match.application.cycle + offset for prospect, material in wanted for offset in material.offsets}
    due, chance, estimated = _dated(deadline)
    if due and first and years:
        due = _after_accounts(due, first, max(years), on)
    opens = first.window.opens or first.window.closes if first else None
    lasting = document.validity_days
    criteria = {
        (prospect.match.project.id, proved): None for prospect, material in wanted for proved in material.proves
    }
    return Step(
        f"prepare|{key}|{min(prospect.window.cycle for prospect, _ in wanted)}",
        "prepare",
        wanted[0][1].document,
        due,
        _ids(prospect for prospect, _ in wanted),
        tuple(criteria),
        tuple(sorted(years)),
        materials=tuple(material for _, material in wanted),
        chance=chance,
        estimated=estimated,
        not_before=opens.earliest - timedelta(days=lasting) if opens and lasting else None,
        rounds=tuple((prospect.match.project.id, prospect.window.cycle) for prospect, _ in wanted),
    )


def _lead(material: Material, rulebook: Rulebook) -> int:
    """Return how long a document takes, but no longer than it lasts: one made too early lapses."""
    document = rulebook.lists.documents[material.document]
    lead = material.lead_days if material.lead_days is not None else document.lead_days
    return lead if document.validity_days is None else min(lead, document.validity_days)


def _after_accounts(due: date, first: Prospect, year: int, on: date) -> date:
    """Return *due*, moved to when the accounts of *year* allow it.

    Nothing about a year can be made before it closes. Where applications open only after its accounts are ready
    anyway, that day will do.
    """
    closed = workdays.on_or_after(date(year + 1, 1, 1))
    ready = add_months(date(year, 12, 31), ACCOUNTS_MONTHS)
    opens = first.window.opens or first.window.closes
    if opens and on < due < ready < opens.earliest:
        return workdays.on_or_before(ready)
    return max(due, closed)


# ---- applications


def _applications(prospects: Iterable[Prospect], on: date) -> list[Step]:
    """One step per project: hand in the application before the company's deadline."""
    steps = []
    for prospect in prospects:
        closes = prospect.window.closes
        if closes and closes.latest >= on:
            last = closes.earliest
            held = prospect.match.held
            if prospect.is_review and held and held.expires:
                last = min(last, held.expires)
            due = workdays.on_or_before(last)
            project = prospect.match.project.id
            steps.append(
                Step(
                    f"apply|{project}|{prospect.window.cycle}",
                    "apply",
                    project,
                    max(due, on),
                    (project,),
                    chance="in-time" if due >= on else "at-the-latest",
                    estimated=prospect.window.status != "announced",
                )
            )
    return steps
