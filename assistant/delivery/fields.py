"""A field (栏位) is one answer of a form: what is asked, how it can be answered, what is known already.

The dictionary decides what a field is. A form that comes back fills its fields again, and what was changed in them is
read as a profile's file would have it; what was left as it was stays, to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from assistant.company.answers import UNKNOWN, is_unknown
from assistant.company.facts import FactSpec
from assistant.company.handwriting import read_day, read_handwriting
from assistant.company.lists import Lists
from assistant.company.replies import answer
from assistant.company.writing import Data
from assistant.dates import is_closed
from assistant.delivery.wording.speaker import Speaker
from assistant.rulebook.book import Rulebook

Input = Literal["text", "number", "flag", "choice", "choices", "date", "city", "industry", "entries", "held", "term"]

_DIGITS = re.compile(r"(?<![0-9.])[1-9][0-9]{3,14}|(?<=\.\.)[1-9][0-9]{3,14}")
_BARE = re.compile(r"[-0-9.]+")
HELD, DAYS = "recognitions", ("granted", "expires")
_INPUTS: Mapping[str, Input] = {
    "flag": "flag",
    "date": "date",
    "city": "city",
    "industry": "industry",
    "events": "entries",
    "text": "text",
}

Submitted = Mapping[str, Sequence[str]]  # the texts of a form by the name of their input
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """One answer of a form.

    *given* is the text that stands in it, *means* what that stands for, *chosen* the options that are ticked, *rows*
    the entries of a list by the names of their columns. *unknown*: the company was asked and does not know; *none*: a
    list has no entries. *once* is what was estimated for a year that is closed by now.
    """

    name: str
    label: str
    input: Input
    question: str = ""
    help: str = ""
    evidence: str = ""
    unit: str = ""
    year: int | None = None
    estimate: bool = False
    once: str = ""
    options: tuple[tuple[str, str], ...] = ()
    columns: tuple[Field, ...] = ()
    given: str = ""
    means: str = ""
    chosen: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    none: bool = False
    unknown: bool = False

    @property
    def told(self) -> bool:
        """Tell whether there is an answer, were it that nobody knows."""
        return not self.empty or self.none or self.unknown

    @property
    def filled(self) -> tuple[object, ...]:
        """All that a visitor can change."""
        rows = list(map(_cells, self.rows))
        return self.given, sorted(self.chosen), sorted(rows) if self.input == "held" else rows

    @property
    def shown(self) -> str:
        """What is written, for reading: 12,800; 5～10."""
        if self.input != "number":
            return self.given
        text = _DIGITS.sub(lambda found: f"{int(found[0]):,}", self.given).replace("..", "～")
        return f"{text} {self.unit}" if _BARE.fullmatch(self.given) else text

    @property
    def empty(self) -> bool:
        """Tell whether nothing is written or chosen."""
        return not (self.given or self.chosen or self.rows)

    @property
    def sure(self) -> tuple[bool, bool]:
        """What is ticked beside it."""
        return self.none, self.unknown


def field_of(name: str, data: Data, book: Rulebook, say: Speaker, on: date) -> Field:
    """Return the field for the answer called *name*, as *data* has it.

    Raises:
        KeyError: there is no such fact.

    """
    raw = answer(data, name, on)
    section, _, entry = name.partition(".")
    if section == HELD:
        return _term(name, entry, raw, say) if entry else _held(raw, book.lists, say)
    if section == "enterprise":
        return Field(name, "", "text", given=_text(raw))
    base, _, year = name.partition("[")
    made = _field(name, book.dictionary.spec(base), raw, book.lists, say)
    if not year:
        return made
    number = int(year[:-1])
    closed = is_closed(number, on)
    before = answer(data, name, date(number, 1, 1)) if closed and raw is None else None
    return replace(made, year=number, estimate=not closed, once="" if is_unknown(before) else _text(before))


def _field(name: str, spec: FactSpec, raw: Any, lists: Lists, say: Speaker) -> Field:
    kind: Input = _INPUTS.get(spec.kind, "number")
    if spec.kind == "choice":
        kind = "choices" if spec.multiple else "choice"
    options = {"choice": spec.choices, "city": {city: city for city in lists.city_names}}.get(spec.kind, {})
    said = None if is_unknown(raw) else raw
    return Field(
        name,
        spec.label,
        kind,
        spec.question,
        spec.help,
        spec.evidence,
        spec.unit.symbol if spec.unit else "",
        options=tuple((id_, say.option(id_, options) if spec.kind == "choice" else id_) for id_ in options),
        columns=tuple(_field(key, inner, None, lists, say) for key, inner in spec.fields.items()),
        given=_text(said) if kind in ("text", "number", "date", "industry") else "",
        means=_industry(said, lists) if kind == "industry" else "",
        chosen=_chosen(said, spec, lists),
        rows=_rows(said, tuple(spec.fields), say) if kind == "entries" else (),
        none=raw == [],
        unknown=is_unknown(raw),
    )


def _chosen(raw: Any, spec: FactSpec, lists: Lists) -> tuple[str, ...]:
    """Return the options that an answer ticks, however a file writes them."""
    if raw is None:
        return ()
    if spec.kind == "flag":
        return ("yes" if raw in (True, "是", "有") else "no",)
    if spec.kind == "choice":
        ids = {label: id_ for id_, label in spec.choices.items()}
        texts = ["none" if one is False else str(one).strip() for one in (raw if isinstance(raw, list) else [raw])]
        return tuple(ids.get(text, text) for text in texts)
    if spec.kind == "city":
        text = lists.cities.get(str(raw).strip(), str(raw).strip())
        return (text if text in lists.city_names else f"{text}市",)
    return ()


def _rows(raw: Any, columns: Sequence[str], say: Speaker) -> tuple[Row, ...]:
    entries = raw if isinstance(raw, list) else []
    return tuple({key: _cell(one.get(key), say) for key in columns} for one in entries if isinstance(one, dict))


def _cell(raw: Any, say: Speaker) -> str:
    return say.pick("不清楚", "unknown") if is_unknown(raw) else _text(raw)


def _held(raw: Any, lists: Lists, say: Speaker) -> Field:
    options = tuple((id_, say.recognition(id_)) for id_ in lists.recognitions)
    rows = [
        {**row, "id": lists.recognition_aliases.get(row["id"], row["id"])} for row in _rows(raw, ("id", *DAYS), say)
    ]
    once = tuple({row["id"]: row for row in rows}.values())
    return Field(HELD, "", "held", options=options, rows=once, none=raw == [], unknown=is_unknown(raw))


def _term(name: str, id_: str, raw: Any, say: Speaker) -> Field:
    known = raw if isinstance(raw, dict) else {}
    row = {key: "" if is_unknown(known.get(key)) else _text(known.get(key)) for key in DAYS}
    return Field(name, say.recognition(id_), "term", rows=(row,), unknown=is_unknown(known.get("expires")))


def _industry(raw: Any, lists: Lists) -> str:
    code = _text(raw).strip().upper()
    return lists.industries.get(code[1:] if code[1:] and code[:1].isalpha() else code, ("", ""))[0]


def _cells(row: Row) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(row.items()))


def _text(raw: Any) -> str:
    """Return a plain value as somebody would type it."""
    match raw:
        case None:
            return ""
        case bool():
            return "yes" if raw else "no"
        case Decimal():
            return f"{raw:f}"
    return str(raw)


# ---- what comes back


def refilled(field: Field, form: Submitted) -> Field:
    """Return *field* as a form fills it, so that nothing has to be typed twice."""
    name, texts = field.name, [text.strip() for text in form.get(field.name, ()) if text.strip()]
    sure = form.get(f"{name}:sure", ())
    said = replace(field, none="none" in sure, unknown="unknown" in sure)
    match field.input:
        case "held":
            rows = tuple({"id": id_, **_days(f"{name}:{id_}", form)} for id_ in dict.fromkeys(texts))
            return replace(said, rows=rows)
        case "term":
            return replace(said, rows=(_days(name, form),))
        case "entries":
            columns = {one.name: form.get(f"{name}:{one.name}", ()) for one in field.columns}
            listed = [
                {key: cells[place].strip() if place < len(cells) else "" for key, cells in columns.items()}
                for place in range(max(map(len, columns.values()), default=0))
            ]
            return replace(said, rows=tuple(row for row in listed if any(row.values())))
        case "flag" | "choice" | "city":
            return replace(said, chosen=tuple(texts[:1]))
        case "choices":
            return replace(said, chosen=tuple(texts))
    text = texts[-1] if texts else ""  # an industry chosen from those that its name suggested comes last
    return replace(said, given=text, means=field.means if text == field.given else "")


def _days(name: str, form: Submitted) -> Row:
    return {key: "".join(form.get(f"{name}:{key}", ())[:1]).strip() for key in DAYS}


def reply(before: Field, now: Field, known: Any, book: Rulebook) -> Any:
    """Return the answer that a refilled field gives, as a profile's file has it; None for no answer.

    *known* is the answer that the field showed *before*. What is written counts more than a tick beside it, if it was
    changed.
    """
    if (now.filled, now.sure) == (before.filled, before.sure):
        return known
    if now.input == "term":
        return _term_of(before, now, known)
    changed, is_list = now.filled != before.filled, now.input in ("entries", "held")
    if now.empty or (not changed and now.sure != before.sure):
        if now.unknown:
            return UNKNOWN
        if now.none or (is_list and changed):
            return []
    if now.empty:
        return None
    if now.input == "held":
        return _holdings(before, now, known, book.lists)
    if now.name.startswith("enterprise."):
        return now.given
    spec = book.dictionary.spec(now.name.partition("[")[0])
    if now.input == "entries":
        return [
            {key: read_handwriting(text, spec.fields[key], book.lists) for key, text in row.items() if text}
            for row in now.rows
        ]
    if now.input == "choices":
        return [*now.chosen]
    return read_handwriting(now.chosen[0] if now.chosen else now.given, spec, book.lists)


def _holdings(before: Field, now: Field, known: Any, lists: Lists) -> list[dict[str, Any]]:
    """Return the recognitions ticked, in the order they were known in; what else was known of them stays."""
    shown, ticked = ({row["id"]: row for row in side.rows} for side in (before, now))
    entries = []
    for one in known if isinstance(known, list) else ():
        id_ = lists.recognition_aliases.get(str(one.get("id")), str(one.get("id")))
        if id_ in ticked:
            entries.append(one if ticked[id_] == shown[id_] else _with_days(one, ticked[id_]))
    return entries + [_with_days({"id": id_}, row) for id_, row in ticked.items() if id_ not in shown]


def _term_of(before: Field, now: Field, known: Any) -> dict[str, Any]:
    """Return the entry of one recognition with the days given for it."""
    entry = known if isinstance(known, dict) else {"id": now.name.partition(".")[2]}
    made = _with_days(entry, now.rows[0])
    if now.unknown and now.rows[0]["expires"] in ("", before.rows[0]["expires"]):
        made["expires"] = UNKNOWN
    return made


def _with_days(entry: Mapping[str, Any], days: Row) -> dict[str, Any]:
    kept = {key: value for key, value in entry.items() if key not in DAYS}
    given = {key: read_day(days[key]) for key in DAYS if days[key]}
    return {"id": kept.pop("id"), **given, **kept}
