"""The sheets of a workbook before they are drawn: what stands in every row, and what may be filled in where."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, Literal

from assistant.company.answers import is_unknown
from assistant.company.facts import Dictionary, FactSpec
from assistant.company.lists import Lists
from assistant.company.writing import Data
from assistant.delivery.agenda import words
from assistant.delivery.plain import Json
from assistant.delivery.workbook.cells import LEFT_OUT, NOT_KNOWN, Value, shown
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import Criterion, nodes

WORDS: Json = words("workbook", "zh")
TITLES: Mapping[str, str] = WORDS["sheets"]
STATES: Mapping[str, str] = WORDS["states"]
VERDICTS: Mapping[str, str] = WORDS["verdicts"]
ENTERPRISE = "enterprise."
MARK = "#"  # before a sheet's name in the program, in its hidden column: a sheet is known whatever it is called
STATE, HEADINGS = "?", ":"  # after the name of a list: the row that says whether there is any, the row of headings
SPARE = 8  # rows left for more entries of a list
LONGEST_SAYS = 40
_UNIT = re.compile(r"[(（][^()（）]{1,6}[)）]$")

Kind = Literal["heading", "topic", "answer", "expected", "state", "columns", "entry", "title", "head", "text", "sheet"]


@dataclass(frozen=True, slots=True)
class Slot:
    """A cell to fill in: the fact it answers; *expected*: an estimate."""

    spec: FactSpec
    expected: bool = False
    prompt: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its key in the hidden column, the values beside it, and which of them are to be filled in."""

    kind: Kind
    values: tuple[Value, ...]
    key: str = ""
    slots: Mapping[int, Slot] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sheet: its name in the program, its columns with their widths, its rows; *fixed* columns stay in sight."""

    name: str
    widths: tuple[int, ...]
    lines: tuple[Line, ...]
    fixed: int = 0

    @property
    def title(self) -> str:
        """The name that the sheet bears."""
        return TITLES[self.name]


def digest(dictionary: Dictionary, lists: Lists) -> str:
    """Return what tells two dictionaries apart as far as their workbooks differ."""
    said = [_said(spec) for spec in dictionary.facts.values() if not spec.derived]
    text = json.dumps([said, sorted(lists.recognitions)], ensure_ascii=False)
    return sha256(text.encode()).hexdigest()[:12]


def _said(spec: FactSpec) -> list[Any]:
    unit = spec.unit.symbol if spec.unit else ""
    inner = [_said(one) for one in spec.fields.values()]
    return [spec.name, spec.label, spec.kind, unit, spec.yearly, spec.multiple, dict(spec.choices), inner]


def drawn(data: Data, book: Rulebook, on: date, years: int) -> tuple[Drawn, ...]:
    """Return the sheets for a company's *data*, with room for the *years* last closed on *on*."""
    return (
        _guide(book, on),
        _facts(data, book),
        _years(data, book, on, years),
        _recognitions(data, book),
        _events(data, book),
        _judgements(data, book),
    )


def _column(name: str) -> tuple[str, int]:
    heading, width = WORDS["columns"][name]
    return heading, width


def _headed(names: Sequence[str]) -> tuple[Line, tuple[int, ...]]:
    columns = [_column(name) for name in names]
    return Line("heading", tuple(heading for heading, _ in columns)), tuple(width for _, width in columns)


def _guide(book: Rulebook, on: date) -> Drawn:
    made = WORDS["made"].format(date=on, digest=digest(book.dictionary, book.lists))
    lines = [
        Line("sheet", (TITLES[one[1]], one[2])) if one[0] == "sheet" else Line(one[0], ("", one[1]))
        for one in WORDS["guide"]
    ]
    return Drawn("guide", (12, 100), (*lines, Line("text", ("", made))))


# ---- facts and figures


def _facts(data: Data, book: Rulebook) -> Drawn:
    heading, widths = _headed(("label", "answer", "unit", "help", "evidence"))
    own, enterprise = WORDS["enterprise"], data.get("enterprise") or {}
    lines = [heading, Line("topic", (own["topic"],))]
    for key in ("name", "uscc"):
        label, help_, evidence = own[key]
        value = enterprise.get(key)
        slot = Slot(FactSpec(key, label, label, "text", help=help_))
        named = (label, None if value is None else str(value), None, help_, evidence)
        lines.append(Line("answer", named, ENTERPRISE + key, {1: slot}))
    answers = data.get("facts") or {}
    plain = [spec for spec in book.dictionary.facts.values() if not (spec.derived or spec.yearly)]
    for spec in _by_topic(lines, plain, book.dictionary):
        value, unit = shown(answers.get(spec.name), spec, book.lists), spec.unit.symbol if spec.unit else None
        said = (spec.label, value, unit, spec.question + spec.help, spec.evidence)
        lines.append(Line("answer", said, spec.name, {1: Slot(spec)}))
    return Drawn("facts", widths, tuple(lines), 2)


def _by_topic(lines: list[Line], specs: Iterable[FactSpec], dictionary: Dictionary) -> Iterator[FactSpec]:
    """Yield the facts topic by topic, each topic below its name; lists of events have a sheet of their own."""
    listed = [spec for spec in specs if spec.kind != "events"]
    for topic, label in dictionary.topics.items():
        of_topic = [spec for spec in listed if spec.topic == topic]
        if of_topic:
            lines.append(Line("topic", (label,)))
        yield from of_topic


def _years(data: Data, book: Rulebook, on: date, years: int) -> Drawn:
    given = {
        section: {int(year): figures or {} for year, figures in (data.get(section) or {}).items()}
        for section in ("years", "estimates")
    }
    closed = sorted({*range(on.year - years, on.year), *given["years"]})
    open_ = sorted({on.year, *given["estimates"]})
    columns = [("years", year, WORDS["year"]) for year in closed] + [
        ("estimates", year, WORDS["expected"]) for year in open_
    ]
    names = ("figure", *("year" for _ in columns), "help", "evidence")
    heading, widths = _headed(names)
    headings = [said.format(year=year) for _, year, said in columns]
    lines = [Line("heading", (heading.values[0], *headings, *heading.values[-2:]))]
    specs = [spec for spec in book.dictionary.facts.values() if spec.yearly and not spec.derived]
    for spec in _by_topic(lines, specs, book.dictionary):
        values = [shown(given[section].get(year, {}).get(spec.name), spec, book.lists) for section, year, _ in columns]
        slots = {place: Slot(spec, section == "estimates") for place, (section, _, _) in enumerate(columns, start=1)}
        said = WORDS["figure"].format(label=spec.label, unit=spec.unit.symbol) if spec.unit else spec.label
        lines.append(Line("answer", (said, *values, spec.question + spec.help, spec.evidence), spec.name, slots))
    return Drawn("years", widths, tuple(lines), 2)


# ---- lists


def recognition_fields() -> dict[str, FactSpec]:
    """Return what is told of a recognition."""
    return {
        "id": _told("id", "text"),
        "granted": _told("granted", "date"),
        "expires": _told("expires", "date", future=True),
        "note": _told("note", "text"),
    }


def judgement_fields() -> dict[str, FactSpec]:
    """Return what is told of a judgement."""
    return {
        "criterion": _told("criterion", "text"),
        "verdict": _told("verdict", "choice", choices=VERDICTS),
        "by": _told("by", "text"),
        "on": _told("on", "date"),
        "why": _told("why", "text"),
        "evidence": _told("evidence", "text", heading="evidence_of"),
    }


def _told(
    name: str, kind: Any, *, heading: str = "", future: bool = False, choices: Mapping[str, str] | None = None
) -> FactSpec:
    label = _column(heading or name)[0]
    return FactSpec(name, label, label, kind, future=future, choices=choices or {}, help=WORDS["beside"].get(name, ""))


def _recognitions(data: Data, book: Rulebook) -> Drawn:
    raw = data.get("recognitions")
    names = {id_: listed.label for id_, listed in book.lists.recognitions.items()}
    entries = [
        {**one, "id": names[book.lists.recognition_aliases.get(str(one["id"]), str(one["id"]))]}
        for one in (raw if isinstance(raw, list) else ())
    ]
    _, widths = _headed(("id", "granted", "expires", "note"))
    label = WORDS["has"].format(label=_column("id")[0].removesuffix("名称"))
    lines = _block(
        "recognitions", label, WORDS["beside"]["recognitions"], raw, entries, recognition_fields(), book, len(widths)
    )
    return Drawn("recognitions", widths, tuple(lines))


def _events(data: Data, book: Rulebook) -> Drawn:
    lines: list[Line] = []
    specs = [spec for spec in book.dictionary.facts.values() if spec.kind == "events" and not spec.derived]
    most = max((len(spec.fields) for spec in specs), default=1)
    for spec in specs:
        raw = (data.get("facts") or {}).get(spec.name)
        beside = f"{spec.question}{spec.help}{WORDS['beside']['lists']}"
        label = WORDS["has"].format(label=spec.label)
        lines += _block(
            spec.name, label, beside, raw, raw if isinstance(raw, list) else (), spec.fields, book, most + 1
        )
        lines.append(Line("text", ()))
    return Drawn("lists", (34, *(18 for _ in range(1, most)), 76), tuple(lines))


def _judgements(data: Data, book: Rulebook) -> Drawn:
    known = criteria(book)
    entries = []
    for one in data.get("judgements") or ():
        key = f"{one['project']}/{one['criterion']}"
        entries.append({**one, "criterion": known.get(key, f"（{key}）")})
    fields = judgement_fields()
    _, widths = _headed(("criterion", "verdict", "by", "on", "why", "evidence_of"))
    lines = _block("judgements", "", "", None, entries, fields, book, len(widths))
    return Drawn("judgements", widths, tuple(line for line in lines if line.kind != "state"))


def _block(
    name: str,
    label: str,
    beside: str,
    raw: Any,
    entries: Sequence[Mapping[str, Any]],
    fields: Mapping[str, FactSpec],
    book: Rulebook,
    width: int,
) -> list[Line]:
    """Return the rows of a list: whether there is any, the headings, the entries, rows left for more."""
    state = None if raw is None else NOT_KNOWN if is_unknown(raw) else STATES["listed"] if raw else STATES["none"]
    spec = FactSpec(name, label, label, "choice", choices=STATES, help=beside)
    said = (label, state, *[None] * (width - 3), beside)
    lines = [Line("state", said, name + STATE, {1: Slot(spec)})]
    headings = tuple(_heading(one) for one in fields.values())
    lines.append(Line("columns", headings, name + HEADINGS))
    slots = {place: Slot(one, prompt=bool(one.help)) for place, one in enumerate(fields.values())}
    for entry in (*entries, *({} for _ in range(SPARE))):
        values = [shown(entry.get(key), one, book.lists) for key, one in fields.items()]
        lines.append(Line("entry", tuple(values), name, slots))
    for place, entry in enumerate(entries, start=2):
        if not any(one is not None for one in entry.values()):  # an entry of which nothing is told is one all the same
            lines[place] = Line("entry", (LEFT_OUT,), name, slots)
    return lines


def _heading(spec: FactSpec) -> str:
    if spec.unit is None or spec.unit.symbol == spec.label:
        return spec.label
    return str(WORDS["figure"].format(label=spec.label, unit=spec.unit.symbol))


def criteria(book: Rulebook) -> dict[str, str]:
    """Return the criteria that need somebody's judgement, as the workbook names them, by `project/criterion`."""
    found: dict[str, str] = {}
    for project in book.projects.values():
        for version in project.versions:
            for node in nodes(version.root):
                if isinstance(node, Criterion) and node.role == "judgement":
                    key = f"{project.id}/{node.id}"
                    says = node.says if len(node.says) <= LONGEST_SAYS else f"{node.says[: LONGEST_SAYS - 1]}…"
                    found[key] = WORDS["criterion"].format(project=project.name, says=says, key=key)
    return found


def unitless(label: str) -> str:
    """Return a label without the unit in brackets at its end."""
    return _UNIT.sub("", label.strip())
