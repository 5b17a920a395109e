"""The action plan is the checklist to print and work with: boxes to tick, columns to write in, questions to answer.

It lays out the result as it is, for people who want paper on the table: who does what by when.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from assistant.delivery import agenda, paper
from assistant.delivery.agenda import Item, Served
from assistant.delivery.paper import Cell, Element, Line
from assistant.delivery.plain import Json
from assistant.delivery.wording.labels import labels
from assistant.planning.marks import UNTOUCHED, Worked

MOST_NAMES = 6  # projects named for one item; of more only so many, and their number
MOST_OPTIONS = 12  # choices offered to tick; for more there is a line to write on
LIVE = ("announced", "expected", "rolling")


def action_plan(data: Json, lang: str = "zh", worked: Worked = UNTOUCHED) -> bytes:
    """Return the result *data* as a document; boxes of what is done are ticked, names and notes written in."""
    words = {**agenda.words("agenda", lang), **agenda.words("action_plan", lang)}
    day, name = date.fromisoformat(data["on"]), data["enterprise"]["name"]
    dated = _day(day, words)
    steps, duties = agenda.steps(data, lang, worked), agenda.duties(data, lang, worked)
    body = [
        paper.paragraph(words["title"], "Title"),
        paper.paragraph(name, "Subtitle"),
        paper.paragraph(words["made"].format(on=dated)),
        paper.paragraph(words["summary"]["heading"], "Heading 1"),
        paper.pairs((34, paper.WIDTH - 34), _summary(data, steps, duties, words)),
        *_steps(steps, day, words, lang),
        *_upkeep(duties, words["upkeep"], words),
        *_questions(data, words["questions"], words),
        *_appendix(data, words["appendix"], lang),
    ]
    frame = paper.Frame(f"{name} {words['title']}", words["creator"], name, dated, words["page"])
    return paper.packed(body, frame, day, lang)


def _day(day: date, words: Json) -> str:
    return str(words["date"].format(year=day.year, month=day.month, day=day.day))


# ---- where things stand


def _summary(data: Json, steps: Sequence[Item], duties: Sequence[Item], words: Json) -> Iterator[tuple[str, Cell]]:
    """Yield what can be applied for, what is nearly there, what waits, and the next dates."""
    told = words["summary"]
    by_id = {project["id"]: project for project in data["projects"]}
    due = [by_id[id_] for id_ in data["due"]]
    ready = [one for one in due if one["standing"] == "ready"]
    near = [one for one in due if one["standing"] == "near"]
    waiting = [one for one in due if one["questions"]]
    if urgent := sum(one.at_once for one in steps):
        yield told["at_once"], [Line(told["things"].format(count=urgent))]
    applying = [one for one in ready if not one["review"]]
    yield told["ready"], _projects(applying) or [Line(words["none"])]
    if renewing := [one for one in ready if one["review"]]:
        yield told["review"], _projects(renewing)
    if near:
        yield told["near"], _projects(near, told["gaps"])
    if waiting:
        count = told["questions"].format(projects=len(waiting), count=len(data["questions"]))
        yield told["open"], [Line(count), Line(words["comma"].join(one["name"] for one in waiting), "Cell Small")]
    first = next((one for one in steps if one.kind == "apply" and one.due and not one.settled), None)
    if first:
        yield told["deadline"], _dated(first, words)
    if ending := next((one for one in duties if one.kind == "expiry" and not one.settled), None):
        yield told["expiry"], _dated(ending, words)


def _projects(projects: Sequence[Json], count: str = "") -> list[Line]:
    lines = []
    for one in projects:
        more = f"  {count.format(count=len(one['gaps']))}" if count else ""
        lines += [Line(f"{one['name']}{more}"), Line(one["window"]["text"], "Cell Small")]
    return lines


def _dated(item: Item, words: Json) -> list[Line]:
    assert item.due is not None
    sure = words["pause"].join([item.basis, item.sure] if item.sure else [item.basis])
    return [Line(f"{_day(item.due, words)}  {item.title}"), *([Line(sure, "Cell Small")] if item.estimated else [])]


# ---- what to do


def _steps(steps: Sequence[Item], day: date, words: Json, lang: str) -> Iterator[Element]:
    told = words["steps"]
    yield paper.paragraph(told["heading"], "Heading 1")
    if not steps:
        yield paper.paragraph(told["none"])
    for heading, items in agenda.by_month(steps, lang):
        yield paper.paragraph(heading, "Heading 2")
        rows = [
            [
                _box(item, words),
                _when(item, day, words, lang),
                [Line(item.title, "Cell Strong"), Line(item.note, "Cell Small")],
                _served(item.served, words),
                *_people(item),
            ]
            for item in items
        ]
        yield paper.table(told["columns"], rows)


def _box(item: Item, words: Json) -> Cell:
    return [Line(words["ticked" if item.state == "done" else "box"], "Cell Box")]


def _people(item: Item) -> tuple[Cell, Cell]:
    """Return who has it in hand and what was noted: columns to write in otherwise."""
    return [Line(item.who)] if item.who else [], [Line(text, "Cell Small") for text in item.remarks]


def _when(item: Item, today: date, words: Json, lang: str) -> Cell:
    """Return the date, with its year where no month is told above; below it what it means."""
    day = ""
    if item.due:
        alone = item.settled or (item.at_once and item.due.year != today.year)
        day = _day(item.due, words) if alone else agenda.day_of_month(item.due, lang)
    under = " · ".join(word for word in (item.by, item.basis) if word)
    return [*([Line(day)] if day else []), *([Line(under, "Cell Small")] if under else [])]


def _served(served: Sequence[Served], words: Json) -> Cell:
    """Return the projects with their clauses; where they are many, the first of them and their number."""
    if len(served) > MOST_NAMES:
        first = words["comma"].join(one.name for one in served[:MOST_NAMES])
        return [Line(words["more"].format(first=first, count=len(served)))]
    lines = []
    for one in served:
        lines += [Line(one.name), *(Line(clause, "Cell Small") for clause in one.clauses)]
    return lines


def _upkeep(duties: Sequence[Item], told: Json, words: Json) -> Iterator[Element]:
    yield paper.paragraph(told["heading"], "Heading 1")
    if not duties:
        yield paper.paragraph(told["none"])
        return
    rows = []
    for item in duties:
        assert item.due is not None
        clauses = [Line(clause, "Cell Small") for one in item.served for clause in one.clauses]
        rows.append(
            [
                _box(item, words),
                [Line(_day(item.due, words)), Line(item.by, "Cell Small")],
                [Line(item.title)],
                clauses,
                *_people(item),
            ]
        )
    yield paper.table(told["columns"], rows)


# ---- questions


def _questions(data: Json, told: Json, words: Json) -> Iterator[Element]:
    """Yield the questions by topic, topics in the order of their first use, numbered through."""
    yield paper.paragraph(told["heading"], "Heading 1")
    if not data["questions"]:
        yield paper.paragraph(told["none"])
        return
    yield paper.paragraph(told["lead"], "Lead")
    topics = list(dict.fromkeys(one["topic"] for one in data["questions"]))
    ordered = sorted(data["questions"], key=lambda one: topics.index(one["topic"]))
    numbered = enumerate(ordered, start=1)
    for topic, group in groupby(numbered, key=lambda pair: str(pair[1]["topic"])):
        yield paper.paragraph(topic, "Heading 2")
        rows = [
            [
                [Line(str(number))],
                [Line(one["question"] or one["label"]), *([Line(one["help"], "Cell Small")] if one["help"] else [])],
                [Line(one["evidence"], "Cell Small")] if one["evidence"] else [],
                _blanks(one, told, words),
            ]
            for number, one in group
        ]
        yield paper.table(told["columns"], rows)


def _blanks(one: Json, told: Json, words: Json) -> Cell:
    """Return where to write: boxes for what is chosen, a line per year for figures."""
    kind, options = one["type"], one["choices"]
    if kind == "flag":
        options = told["options"]
    if options and len(options) <= MOST_OPTIONS:
        boxes = words["gap"].join(f"{words['box']}\u00a0{option}" for option in options)
        return [Line(boxes), *([Line(told["several"], "Cell Small")] if one["multiple"] else [])]
    blank = told["date"] if kind == "date" else f"{told['blank']} {one['unit']}" if one["unit"] else told["line"]
    return [Line(f"{told['year'].format(year=year)}{blank}") for year in one["years"]] or [Line(blank)]


# ---- gaps by project


def _appendix(data: Json, told: Json, lang: str) -> Iterator[Element]:
    """Yield the counts of every project with a round to come, then its gaps in numbers."""
    by_id: Mapping[str, Json] = {project["id"]: project for project in data["projects"]}
    offered = [by_id[id_] for id_ in data["ranked"] if by_id[id_]["standing"] != "not-offered"]
    live = [one for one in offered if one["window"]["status"] in LIVE]
    hidden = len(by_id) - len(live)
    standings, reviews = labels("standing", lang), labels("review", lang)
    yield paper.paragraph(told["heading"], "Heading 1")
    yield paper.paragraph(told["lead"] + (told["others"].format(count=hidden) if hidden else ""), "Lead")
    counts = [
        [
            [Line(one["name"])],
            [Line((reviews if one["review"] else standings)[one["standing"]])],
            *([Line(str(len(one[key]) or ""))] for key in ("gaps", "questions", "judgements_open")),
            [Line(one["window"]["text"], "Cell Small")],
        ]
        for one in live
    ]
    if counts:
        yield paper.table(told["columns"], counts)
        yield paper.paragraph(told["note"], "Note")
    gaps = [
        [
            [Line(one["name"])],
            [Line(gap["says"]), *([Line(gap["clause"], "Cell Small")] if gap["clause"] else [])],
            [Line(gap["text"].removeprefix(gap["says"]).lstrip("：: "))],
        ]
        for one in live
        for gap in one["gaps"]
    ]
    if gaps:
        yield paper.paragraph(told["gaps"], "Heading 2")
        yield paper.table(told["gap_columns"], gaps)
