"""The timeline view draws the dated entries of an assessment: one row a project, months from left to right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Literal, NamedTuple

from assistant.dates import add_months
from assistant.delivery.actions import AT_ONCE
from assistant.delivery.drawing.canvas import LINE, NAMES, Axis, Bar, Tick, bar, width_of, wrapped, years
from assistant.delivery.plain import Json
from assistant.delivery.wording.captions import caption
from assistant.delivery.wording.sentences import month_day
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.assessment import Assessment
from assistant.planning.prospect import Prospect
from assistant.planning.timeline import Entry
from assistant.planning.upkeep import HORIZON_MONTHS

Sign = Literal["answer", "improve", "prepare", "apply", "yearly", "expiry"]
SIGNS: tuple[Sign, ...] = ("prepare", "improve", "answer", "apply", "yearly", "expiry")
GroupName = Literal["common", "ready", "near", "open", "held"]
GROUPS: tuple[GroupName, ...] = ("common", "ready", "near", "open", "held")

HEAD = 47  # height of years and months
CAPTION = 24  # height of a group's caption
PADDING = 5  # above and below a row
LANE = 15  # height of a line of marks
THICK = 13  # height of a bar
SIZE = 10  # of a mark
TOGETHER = 10  # preparations that begin within so many days of each other are one mark
GAP = 4  # between a bar and what is written beside it
INSIDE = ("prepare", "answer")  # signs that hold their number
OPEN_END = 26  # length of the dots where a bar has no date for an end


@dataclass(frozen=True, slots=True)
class Mark:
    """One or several entries of a kind at about the same time, with its label as wide as it needs."""

    keys: tuple[str, ...]
    sign: Sign
    x: int
    y: int
    width: int
    sign_x: int
    label: str
    label_x: int
    late: bool
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """What belongs to one project, or to several: *name* in full and as it fits; *keys* are those of its window."""

    name: str
    lines: tuple[str, ...]
    link: str
    y: int
    height: int
    keys: tuple[str, ...] = ()
    bar: Bar | None = None
    announced: bool = False
    note: str = ""
    note_x: int = 0
    note_y: int = 0
    note_ends: bool = False
    title: str = ""
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one standing under a caption."""

    name: GroupName
    caption: str
    y: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class TimelineView:
    """All rows with their places; *says* is the drawing in words, a sentence for each row."""

    title: str
    says: tuple[str, ...]
    axis: Axis
    height: int
    ticks: tuple[Tick, ...]
    years: tuple[Tick, ...]
    today: int
    groups: tuple[Group, ...]
    signs: tuple[str, ...]


class _Subject(NamedTuple):
    """What a row is about, before it has a place."""

    group: GroupName
    name: str
    link: str
    prospect: Prospect | None
    entries: list[Entry]


def timeline_view(assessment: Assessment, data: Json, say: Speaker) -> TimelineView:
    """Return the drawing of the assessment's entries, with the words of its result *data*."""
    axis = _axis(assessment.on)
    words = _words(data, say)
    groups: list[Group] = []
    y = HEAD
    for name, members in groupby(_subjects(assessment, say), key=lambda one: one.group):
        top, y = y, y + CAPTION
        rows = []
        for subject in members:
            rows.append(_row(subject, axis, y, words, say))
            y += rows[-1].height
        groups.append(Group(name, caption(f"group.{name}", say), top, tuple(rows)))
    drawn = [row for group in groups for row in group.rows]
    return TimelineView(
        caption("timeline", say).format(month_day(axis.first, say), month_day(axis.last, say)),
        tuple(row.title for row in drawn),
        axis,
        y + PADDING,
        tuple(_months(axis, say)),
        tuple(years(axis, caption("year", say).format)),
        axis.at(assessment.on),
        tuple(groups),
        tuple(_signs(drawn)),
    )


def _axis(on: date) -> Axis:
    """Return whole months over the horizon, a unit a day."""
    first = on.replace(day=1)
    last = add_months(first, HORIZON_MONTHS + 1) - timedelta(days=1)
    return Axis(first, last, (last - first).days + 1)


def _months(axis: Axis, say: Speaker) -> Iterator[Tick]:
    for day in axis.beginnings(1):
        yield Tick(axis.at(day), caption("month", say).format(day.month), day.month == 1)


def _words(data: Json, say: Speaker) -> dict[str, str]:
    """Return what the result says of every step and duty, by its key, and of every project's window, by its id."""
    words = {project["id"]: project["window"]["text"] for project in data["projects"]}
    for step in data["steps"]:
        if step["due"]:
            text = _told("begins" if step["by"] == "begin" else "due", step["due"], step["title"], say)
            words[step["key"]] = text + caption("about", say) if step["estimated"] else text
    for duty in data["upkeep"]:
        words[duty["key"]] = _told("day" if duty["kind"] == "expiry" else "due", duty["due"], duty["text"], say)
    return words


def _told(how: str, due: str, text: str, say: Speaker) -> str:
    """Return what is due, with its day: 12月30日起：准备年度审计报告."""
    return caption(how, say).format(month_day(date.fromisoformat(due), say), text)


# ---- rows


def _subjects(assessment: Assessment, say: Speaker) -> list[_Subject]:
    """Return the rows in order: what is shared, then projects by standing and opening, then what is held."""
    prospects = {prospect.match.project.id: prospect for prospect in assessment.prospects}
    found: dict[str, _Subject] = {}
    for entry in assessment.entries:
        id_ = _subject_of(entry)
        if id_ not in found:
            found[id_] = _subject(id_, prospects.get(id_), assessment, say)
        found[id_].entries.append(entry)
    return sorted(found.values(), key=lambda one: (GROUPS.index(one.group), _beginning(one), one.link))


def _subject_of(entry: Entry) -> str:
    """Return the project an entry belongs to, or the row that it shares with others."""
    if entry.prospect:
        return entry.prospect.match.project.id
    if entry.upkeep:
        return entry.upkeep.project
    assert entry.step is not None
    if entry.step.kind == "answer":
        return "answers"
    return entry.step.serves[0] if len(entry.step.serves) == 1 else "shared"


def _subject(id_: str, prospect: Prospect | None, assessment: Assessment, say: Speaker) -> _Subject:
    if prospect is None:
        common = id_ in ("answers", "shared")
        name = caption(f"row.{id_}", say) if common else say.recognition(id_)
        link = {"answers": "questions", "shared": "checklist"}.get(id_, "held")
        return _Subject("common" if common else "held", name, link, None, [])
    project = prospect.match.project
    name = say.pick(project.name, project.en)
    group: GroupName = "held"
    if prospect.is_due(assessment.on):
        match prospect.standing:
            case "ready" | "near" | "open" as standing:
                group = standing
    link = f"p-{id_}" if prospect.match.tree else f"c-{id_}" if group != "held" else "held"
    return _Subject(group, name, link, prospect, [])


def _beginning(subject: _Subject) -> date:
    """Return when a project opens, else the day of its first entry."""
    window = subject.prospect.window if subject.prospect else None
    span = (window.opens or window.closes) if window else None
    return span.earliest if span else subject.entries[0].span.earliest


def _row(subject: _Subject, axis: Axis, y: int, words: dict[str, str], say: Speaker) -> Row:
    lines = _name_lines(subject, say)
    lanes = _lanes(_marks(subject.entries, axis, words, say))
    windows = [entry for entry in subject.entries if entry.kind == "window"]
    content = len(lanes) * LANE + (THICK + 2 if windows else 0)
    inner = max(content, len(lines) * LINE)
    top = y + PADDING + (inner - content) // 2
    marks = [replace(mark, y=top + at * LANE + 2) for at, lane in enumerate(lanes) for mark in lane]
    row = Row(
        subject.name + (caption("review", say) if subject.prospect and subject.prospect.is_review else ""),
        lines,
        subject.link,
        y,
        inner + 2 * PADDING,
        tuple(entry.key for entry in windows),
        marks=tuple(sorted(marks, key=lambda mark: (mark.x, mark.y))),
    )
    if windows and subject.prospect:
        return _with_window(row, subject.prospect, axis, top + len(lanes) * LANE + 1, words, say)
    return replace(
        row, title=f"{row.name}{say.pick('：', ': ')}{say.pick('；', '; ').join(mark.title for mark in marks)}"
    )


def _name_lines(subject: _Subject, say: Speaker) -> tuple[str, ...]:
    """Return a row's name in lines, the word for a review unbroken."""
    lines = wrapped(subject.name, NAMES - PADDING, 3)
    if subject.prospect is None or not subject.prospect.is_review:
        return lines
    review = caption("review", say)
    fits = width_of(lines[-1] + review) <= NAMES - PADDING
    return (*lines[:-1], lines[-1] + review) if fits else (*lines, review.strip())


def _with_window(row: Row, prospect: Prospect, axis: Axis, y: int, words: Mapping[str, str], say: Speaker) -> Row:
    """Return *row* with the bar of its window, and what stands beside it."""
    window, id_ = prospect.window, prospect.match.project.id
    found = bar(axis, window.opens, window.closes, y, THICK)
    note = caption("expected", say)
    if window.status == "announced":
        days = [span.earliest for span in (window.opens, window.closes) if span]
        note = caption("announced", say).format(caption("to", say).join(_short(day, say) for day in days))
    comma = say.pick("，", ", ")
    if found is None:
        note += comma + caption("over", say)
    elif not found.begins:
        note += comma + caption("no-beginning", say)
    elif not found.ends:
        note += comma + caption("no-end", say)
    right = found.right + GAP + (0 if found.ends else OPEN_END) if found else axis.at(axis.first)
    left = found.left - GAP - (0 if found.begins else OPEN_END) if found else 0
    ends = right + width_of(note) > axis.width
    return replace(
        row,
        bar=found,
        announced=window.status == "announced",
        note=note,
        note_x=left if ends else right,
        note_y=y + THICK - 3,
        note_ends=ends,
        title=f"{row.name}{say.pick('：', ': ')}{words[id_]}",
    )


def _short(day: date, say: Speaker) -> str:
    return caption("day-of-month", say).format(day.month, day.day)


# ---- marks


def _marks(entries: Iterable[Entry], axis: Axis, words: Mapping[str, str], say: Speaker) -> list[Mark]:
    """Return the marks of a row from left to right, all still in its first line."""
    by_sign: dict[Sign, list[Entry]] = {}
    for entry in entries:
        if entry.kind != "window":
            by_sign.setdefault(_sign(entry), []).append(entry)
    found = [
        _mark(sign, together, axis, words, say)
        for sign, members in by_sign.items()
        for together in _together(members, TOGETHER if sign == "prepare" else 0)
    ]
    return sorted(found, key=lambda mark: (mark.x, SIGNS.index(mark.sign)))


def _sign(entry: Entry) -> Sign:
    if entry.upkeep:
        return entry.upkeep.kind
    assert entry.step is not None
    return "prepare" if entry.step.kind == "judgement" else entry.step.kind


def _together(entries: Sequence[Entry], days: int) -> Iterator[list[Entry]]:
    """Yield the entries, already in order, that follow each other within so many days."""
    group: list[Entry] = []
    for entry in entries:
        if group and (entry.span.earliest - group[-1].span.earliest).days > days:
            yield group
            group = []
        group.append(entry)
    yield group


def _mark(sign: Sign, entries: Sequence[Entry], axis: Axis, words: Mapping[str, str], say: Speaker) -> Mark:
    first, last = axis.at(entries[0].span.earliest), axis.at(entries[-1].span.earliest)
    label = str(len(entries)) if len(entries) > 1 else ""
    x = first - SIZE // 2
    width = max(last - first + SIZE, width_of(label) + 6 if label else 0)
    sign_x, label_x = x, x + width // 2
    if sign not in INSIDE:
        label = _beside(sign, entries, say)
        room = GAP + width_of(label) if label else 0
        width = SIZE + room
        x = x if x + width < axis.width else x - room
        label_x = x if x < sign_x else x + SIZE + GAP
    return Mark(
        tuple(entry.key for entry in entries),
        sign,
        x,
        0,
        width,
        sign_x,
        label,
        label_x,
        _is_late(entries),
        "\n".join(words[entry.key] for entry in entries),
    )


def _is_late(entries: Iterable[Entry]) -> bool:
    return any(entry.step is not None and entry.step.chance in AT_ONCE for entry in entries)


def _beside(sign: Sign, entries: Sequence[Entry], say: Speaker) -> str:
    """Return what is written beside a mark: its day if that is sure, and how many it stands for."""
    if _is_late(entries):
        return caption("now", say)
    sure = not any(entry.step is not None and entry.step.estimated for entry in entries)
    day = _short(entries[0].span.earliest, say) if sure else ""
    if sign == "expiry":
        return caption("expires", say).format(day)
    times = caption("times", say).format(len(entries)) if len(entries) > 1 else ""
    return " ".join(filter(None, (day, times)))


def _lanes(marks: Sequence[Mark]) -> list[list[Mark]]:
    """Return the marks in as few lines as keep them apart, the last line nearest to the bar and its deadline."""
    lanes: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: mark.sign != "apply"):
        free = (lane for lane in lanes if all(_apart(mark, other) for other in lane))
        lane = next(free, None)
        if lane is None:
            lanes.append(lane := [])
        lane.append(mark)
    return lanes[::-1]


def _apart(one: Mark, other: Mark) -> bool:
    return one.x + one.width < other.x or other.x + other.width < one.x


def _signs(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the kinds of bars and marks that occur, for the legend."""
    bars = {"announced" if row.announced else "expected" for row in rows if row.bar}
    yield from (kind for kind in ("expected", "announced") if kind in bars)
    signs = {mark.sign for row in rows for mark in row.marks}
    yield from (sign for sign in SIGNS if sign in signs)
