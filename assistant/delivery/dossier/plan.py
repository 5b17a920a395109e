"""The plan's page: every task with its day and its reasons, this year's targets, the timeline and the paths.

The plan is kept as it is worked out. What people say of it is laid over it when the page is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from hashlib import sha256

from assistant.delivery import agenda
from assistant.delivery.agenda import Item
from assistant.delivery.dossier.values import plainly
from assistant.delivery.drawing.path import path_view
from assistant.delivery.drawing.timeline import timeline_view
from assistant.delivery.plain import Json
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.assessment import Assessment
from assistant.planning.checklist import Step
from assistant.planning.marks import Marked, Task, Worked, parts_of
from assistant.planning.prospect import Prospect


def view(assessment: Assessment, data: Json, say: Speaker) -> Json:
    """Return the plan of a company."""
    prospects = {prospect.match.project.id: prospect for prospect in assessment.prospects}
    steps = zip(assessment.steps, data["steps"], agenda.steps(data, say.lang), strict=True)
    duties = zip(data["upkeep"], agenda.duties(data, say.lang), strict=True)
    tasks = [
        *(_step(step, told, item, prospects, say) for step, told, item in steps),
        *(_duty(told, item) for told, item in duties),
    ]
    served = {id_ for task in tasks for id_ in task["projects"]}
    times, graph = timeline_view(assessment, data, say), path_view(data["paths"], assessment.on, say)
    found: Json = plainly(
        {
            "on": assessment.on,
            "tasks": tasks,
            "projects": [
                {"id": id_, "name": say.recognition(id_)}
                for id_ in dict.fromkeys((*data["ranked"], *sorted(served)))
                if id_ in served
            ],
            "targets": data["targets"],
            "timeline": times,
            "graph": graph,
        }
    )
    found["timeline"]["axis"]["width"] = times.axis.width  # what drawings work out from their own measures
    if graph is not None:
        found["graph"]["axis"]["width"] = graph.axis.width
        for leg, drawn in zip(found["graph"]["legs"], graph.legs, strict=True):
            leg["middle"] = drawn.middle
    return found


def _step(step: Step, told: Json, item: Item, prospects: Mapping[str, Prospect], say: Speaker) -> Json:
    served = [{"id": id_, **one._asdict()} for id_, one in zip(step.serves, item.served, strict=True)]
    return {
        **_task(item, served),
        "topic": step.subject if step.kind == "answer" else "",
        "parts": sorted(parts_of(step)),
        "not_before": step.not_before,
        "limit": _limit(step, prospects, say),
        "chance": told["chance"],
    }


def _duty(told: Json, item: Item) -> Json:
    served = [{"id": told["project"], **one._asdict()} for one in item.served]
    return {**_task(item, served), "topic": "", "parts": [], "not_before": None, "limit": None, "chance": "in-time"}


def _task(item: Item, served: Sequence[Json]) -> Json:
    return {
        "key": item.key,
        "id": identity(item.key),
        "kind": item.kind,
        "title": item.title,
        "note": item.note,
        "due": item.due,
        "at_once": item.at_once,
        "estimated": item.estimated,
        "by": item.by,
        "basis": item.basis,
        "sure": item.sure,
        "served": list(served),
        "projects": [one["id"] for one in served],
    }


def identity(key: str) -> str:
    """Return what a task is called in the address of a page."""
    return f"t-{sha256(key.encode()).hexdigest()[:10]}"


def _limit(step: Step, prospects: Mapping[str, Prospect], say: Speaker) -> Json | None:
    """Return the first day by which an application that the step serves must be in, as far as is known."""
    found: list[tuple[date, str, bool, bool]] = []
    for id_ in step.serves:
        window = prospects[id_].window if id_ in prospects else None
        end = (window.closes or window.opens) if window else None
        if window and end:
            found.append((end.earliest, say.recognition(id_), window.status != "announced", window.closes is None))
    if step.move and step.move.kind == "figure" and step.move.year is not None:
        found.append((date(step.move.year, 12, 31), "", False, False))
    if not found:
        return None
    day, name, expected, opens = min(found)
    return {"day": day, "name": name, "expected": expected, "opens": opens}


# ---- what people say of it


def tasks_in(plan: Json) -> Iterator[Task]:
    """Yield the tasks of a plan as marks know them."""
    for one in plan["tasks"]:
        yield Task(one["key"], one["title"], _day(one["due"]), frozenset(one["parts"]), _day(one["not_before"]))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def rows(plan: Json, worked: Worked) -> list[Json]:
    """Return the tasks as they stand, each with its mark, in the order they are worked."""
    names = {one["id"]: one["name"] for one in plan["projects"]}
    found = [_row(task, told, names) for task, told in zip(plan["tasks"], worked.tasks, strict=True)]
    return sorted(found, key=lambda row: (not row["at_once"], row["due"] or "9999"))


def _row(task: Json, told: Marked, names: Mapping[str, str]) -> Json:
    mark = told.mark
    state, due = told.state, told.due.isoformat() if told.due else None
    limit = task["limit"]
    return {
        **task,
        "state": state,
        "settled": state in agenda.SETTLED,
        "at_once": task["at_once"] and state == "open",
        "due": due,
        "first_due": task["due"],
        "too_late": bool(state == "postponed" and due and limit and due > limit["day"]),
        "assignee": mark.assignee if mark else "",
        "email": mark.email if mark else "",
        "note_of": mark.note if mark else "",
        "reason": mark.reason if mark else "",
        "who": mark.who if mark else "",
        "day": mark.day.isoformat() if mark else None,
        "revision": mark.revision if mark else 0,
        "follows": mark.key if mark and mark.key != task["key"] else "",
        "later": _later(told.later, names),
        "lapses": told.lapses,
    }


def _later(parts: Iterable[str], names: Mapping[str, str]) -> Json | None:
    """Return what came to a task after it was settled, sorted out for telling."""
    split = [part.split("|") for part in parts]
    if not split:
        return None
    projects = [names.get(one[1], one[1]) for one in split if one[0] == "round"]
    return {
        "projects": list(dict.fromkeys(projects)),
        "years": sorted(one[1] for one in split if one[0] == "year"),
        "asks": sum(one[0] == "asks" for one in split),
        "criteria": sum(one[0] == "criterion" for one in split),
        "goal": any(one[0] == "goal" for one in split),
    }


def grouped(shown: Iterable[Json], lang: str) -> list[Json]:
    """Return rows under their headings: what cannot wait, then months, then what has no day."""
    own = agenda.words("agenda", lang)
    found: dict[str, Json] = {}
    for row in shown:
        if row["at_once"]:
            id_, heading = "now", own["at_once"]
        elif not row["due"]:
            id_, heading = "undated", own["undated"]
        else:
            day = date.fromisoformat(row["due"])
            id_ = f"{day:%Y-%m}"
            heading = own["month"].format(year=day.year, month=own["months"][day.month - 1])
        found.setdefault(id_, {"id": id_, "heading": heading, "rows": []})["rows"].append(row)
    return list(found.values())


def is_of(row: Json, name: str, email: str) -> bool:
    """Tell whether the one with that name or address has the task in hand; an address says more than a name."""
    if row["email"]:
        return bool(email) and row["email"].casefold() == email.casefold()
    return bool(name) and row["assignee"].casefold() == name.casefold()
