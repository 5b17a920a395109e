"""A mark (标记) is what people say of a task: whose it is, that it is done, put off, or not needed.

A task is a step, or a duty of a holder. The plan is worked out anew every day and knows nothing of marks; here the two
are joined. What was done stays done: its days, its words and its reasons may change, and it is told when something
came to it afterwards; when the plan no longer asks for it, it stays listed under the title it had.

A document is one task for all applications that need it, named after the first of them. When an earlier application
joins, or the first one falls away, the task has another name; a mark follows it there while they have a round of
applications in common. One that is done must besides cover every fiscal year now asked for, and not have lapsed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Literal

from assistant.dates import CHINA
from assistant.planning.checklist import Step
from assistant.planning.upkeep import Upkeep

MarkState = Literal["open", "done", "postponed", "not-needed"]
STATES: tuple[MarkState, ...] = ("open", "done", "postponed", "not-needed")
MarkDeed = Literal["done", "reopened", "postponed", "not-needed", "assigned", "unassigned", "noted"]

_DOCUMENT, _ANSWERS = "prepare|", "answer|"


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do, as far as marks are concerned.

    *parts* are what it is made of: `asks|fact`, `goal|>=|120`, `criterion|id`, `round|project|cycle`, `year|2026`.
    *not_before*: what is made earlier lapses before it is needed.
    """

    key: str
    title: str = ""
    due: date | None = None
    parts: frozenset[str] = frozenset()
    not_before: date | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What people say of the task *key*: its *state* since *at*, by *who*, whose it is, and a note.

    *title*, *due* and *parts* are the task's as it was then. *postponed_to* and *reason* go with `postponed`.
    *revision* counts the changes, those of name and note too.
    """

    key: str
    state: MarkState
    title: str
    at: datetime
    due: date | None = None
    parts: tuple[str, ...] = ()
    assignee: str = ""
    email: str = ""
    postponed_to: date | None = None
    reason: str = ""
    note: str = ""
    who: str = ""
    revision: int = 0

    @property
    def day(self) -> date:
        """The day on which it was said."""
        return self.at.astimezone(CHINA).date()


@dataclass(frozen=True, slots=True)
class Marked:
    """A task with its mark, if it has one, on the day *on*; *later* are the parts that came to it afterwards."""

    task: Task
    on: date
    mark: Mark | None = None
    later: tuple[str, ...] = ()

    @property
    def state(self) -> MarkState:
        """How it stands; what was put off waits again when its day has passed."""
        if self.mark is None:
            return "open"
        return "open" if self.mark.state == "postponed" and not self._waits else self.mark.state

    @property
    def due(self) -> date | None:
        """The day it is to be done by: the plan's, or the one it was put off to."""
        return self.mark.postponed_to if self.mark and self._waits else self.task.due

    @property
    def lapses(self) -> bool:
        """Tell whether it was done so early that it may have lapsed when it is needed."""
        made, begins = self.mark, self.task.not_before
        return made is not None and made.state == "done" and begins is not None and made.day < begins

    @property
    def _waits(self) -> bool:
        until = self.mark.postponed_to if self.mark and self.mark.state == "postponed" else None
        return until is not None and until >= self.on


@dataclass(frozen=True, slots=True)
class Worked:
    """The plan's tasks in their order, each with its mark, and what was *kept*: done, and no longer in the plan."""

    tasks: tuple[Marked, ...] = ()
    kept: tuple[Mark, ...] = ()

    def of(self, key: str) -> Marked | None:
        """Return the task with that key."""
        return next((one for one in self.tasks if one.task.key == key), None)


UNTOUCHED = Worked()  # a plan that nobody has marked


def marked(tasks: Iterable[Task], marks: Iterable[Mark], on: date) -> Worked:
    """Return the *tasks* of the day *on* with their *marks*."""
    by_key = {mark.key: mark for mark in marks}
    wanted = tuple(tasks)
    own = {task.key for task in wanted if task.key in by_key}
    free = [mark for key, mark in by_key.items() if key not in own]
    free.sort(key=lambda mark: (mark.at, mark.key), reverse=True)
    joined, used = [], set()
    for task in wanted:
        mark = by_key.get(task.key) or next((one for one in free if _follows(one, task)), None)
        if mark is not None and _comes_again(task, mark):
            mark = None
        if mark is None:
            joined.append(Marked(task, on))
            continue
        used.add(mark.key)
        told = mark.state in ("done", "not-needed")
        joined.append(Marked(task, on, mark, tuple(sorted(_later(task, mark))) if told else ()))
    kept = (mark for mark in by_key.values() if mark.key not in used and mark.state == "done")
    return Worked(tuple(joined), tuple(sorted(kept, key=lambda mark: (mark.at, mark.key), reverse=True)))


def _follows(mark: Mark, task: Task) -> bool:
    """Tell whether the mark of a document under another name holds for this one: the rule is told above."""
    if not task.key.startswith(_DOCUMENT) or _document(mark.key) != _document(task.key):
        return False
    had, rounds = set(mark.parts), set(_of("round", task.parts))
    if rounds.isdisjoint(had):
        return False
    if mark.state == "done":
        return had.issuperset(_of("year", task.parts)) and (task.not_before is None or mark.day >= task.not_before)
    return mark.state != "not-needed" or rounds <= had


def _document(key: str) -> str:
    return key.rpartition("|")[0]


def _comes_again(task: Task, mark: Mark) -> bool:
    """Tell whether questions are all others than those that were answered: these tasks have no cycle in their names."""
    settled = mark.state in ("done", "not-needed") and task.key.startswith(_ANSWERS)
    return settled and bool(mark.parts) and task.parts.isdisjoint(mark.parts)


def _later(task: Task, mark: Mark) -> Iterator[str]:
    """Yield the parts of a task that it did not have when it was marked; a goal only where it lies further now."""
    goals = [_goal(part) for part in _of("goal", mark.parts)]
    for part in task.parts - set(mark.parts):
        if not part.startswith("goal|") or not any(_is_as_far(known, _goal(part)) for known in goals):
            yield part


def _of(kind: str, parts: Iterable[str]) -> Iterator[str]:
    return (part for part in parts if part.startswith(f"{kind}|"))


def _goal(part: str) -> tuple[str, Fraction]:
    _, op, value = part.split("|")
    return op, Fraction(value)


def _is_as_far(known: tuple[str, Fraction], wanted: tuple[str, Fraction]) -> bool:
    rising = wanted[0] == ">="
    return known[0] == wanted[0] and (known[1] >= wanted[1] if rising else known[1] <= wanted[1])


# ---- what is done to a mark


def restated(
    known: Mark | None,
    task: Task,
    state: MarkState,
    *,
    who: str,
    at: datetime,
    postponed_to: date | None = None,
    reason: str = "",
) -> Mark:
    """Return the mark that says *state* of the task as it is now; whose it is and the note stay."""
    now = _as_now(known, task, who, at)
    return replace(now, state=state, who=who, at=at, postponed_to=postponed_to, reason=reason)


def assigned(known: Mark | None, task: Task, name: str, email: str, *, who: str, at: datetime) -> Mark:
    """Return the mark that says whose the task is."""
    return replace(_or_open(known, task, who, at), assignee=name, email=email)


def noted(known: Mark | None, task: Task, note: str, *, who: str, at: datetime) -> Mark:
    """Return the mark with another note."""
    return replace(_or_open(known, task, who, at), note=note)


def _or_open(known: Mark | None, task: Task, who: str, at: datetime) -> Mark:
    """Return the mark under the task's key; one that says something of its state says it of the task as it was."""
    if known is not None and known.state != "open":
        return replace(known, key=task.key)
    return _as_now(known, task, who, at)


def _as_now(known: Mark | None, task: Task, who: str, at: datetime) -> Mark:
    mark = known or Mark(task.key, "open", task.title, at, who=who)
    return replace(mark, key=task.key, title=task.title, due=task.due, parts=tuple(sorted(task.parts)))


def deed(before: Mark | None, after: Mark) -> tuple[MarkDeed, str] | None:
    """Return what made one mark of the other, with what goes with it; None where nothing is said anew."""
    blank: Mark = replace(after, state="open", assignee="", email="", postponed_to=None, reason="", note="")
    was = before or blank
    if _said(was) == _said(after):
        return (after.state, "") if after.state in ("done", "not-needed") and was.parts != after.parts else None
    if after.state == "postponed" and _put_off(was) != _put_off(after):
        return "postponed", f"{after.postponed_to} {after.reason}".strip()
    if after.state != was.state:
        return ("reopened" if after.state == "open" else after.state), ""
    if (after.assignee, after.email) != (was.assignee, was.email):
        named = after.assignee or after.email
        return ("assigned" if named else "unassigned"), named
    return "noted", after.note


def _put_off(mark: Mark) -> tuple[object, ...]:
    return mark.state, mark.postponed_to, mark.reason


def _said(mark: Mark) -> tuple[object, ...]:
    return *_put_off(mark), mark.assignee, mark.email, mark.note


# ---- tasks of a plan


def tasks_of(steps: Sequence[Step], duties: Sequence[Upkeep]) -> Iterator[Task]:
    """Yield the tasks that the steps and duties of an assessment are."""
    for step in steps:
        yield Task(step.key, due=step.due, parts=frozenset(parts_of(step)), not_before=step.not_before)
    for duty in duties:
        yield Task(duty.key, due=duty.due)


def parts_of(step: Step) -> Iterator[str]:
    """Yield what a step is made of."""
    yield from (f"asks|{name}" for ask in step.asks for name in ask.names)
    yield from (f"criterion|{finding.criterion.id}" for finding in step.findings)
    yield from (f"round|{project}|{cycle}" for project, cycle in step.rounds)
    if step.kind == "prepare":
        yield from (f"year|{year}" for year in step.years)
    move = step.move
    if move is not None and isinstance(move.target, int | Fraction) and not isinstance(move.target, bool):
        yield f"goal|{'>=' if move.rising else '<='}|{move.target}"
