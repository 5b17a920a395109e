"""A field (栏位) is one answer of a form: what is asked, how it can be answered, what is known already.

The dictionary decides what a field is; what comes back is read as a profile's file would have it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from assistant.company.answers import UNKNOWN, is_unknown
from assistant.company.facts import FactSpec
from assistant.company.lists import Lists
from assistant.company.replies import answer
from assistant.company.writing import Data, typed
from assistant.dates import is_closed
from assistant.delivery.wording.speaker import Speaker
from assistant.rulebook.book import Rulebook

Input = Literal["text", "number", "flag", "choice", "choices", "date", "city", "industry", "entries", "held"]

ROWS = 3  # empty rows after those of a list that are filled in
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_DAY = re.compile(r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?")
_SEVERAL = 20  # industries offered where a word names more than one
_INPUTS: Mapping[str, Input] = {
    **{"flag": "flag", "date": "date", "city": "city", "industry": "industry", "events": "entries", "text": "text"}
}

Submitted = Mapping[str, Sequence[str]]  # the texts of a form by the name of their input


@dataclass(frozen=True, slots=True)
class Field:
    """One answer of a form.

    *given* is the text that stands in it, *chosen* the options that are ticked, *rows* the entries of a list, each by
    the name of its column. *sure* is False where the company was asked and does not know.
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
    options: tuple[tuple[str, str], ...] = ()
    columns: tuple[Field, ...] = ()
    given: str = ""
    chosen: tuple[str, ...] = ()
    rows: tuple[Mapping[str, str], ...] = ()
    none: bool = False
    unknown: bool = False
    candidates: tuple[tuple[str, str], ...] = ()

    @property
    def told(self) -> bool:
        """Tell whether there is an answer, were it that nobody knows."""
        return bool(self.given or self.chosen or self.rows or self.none or self.unknown)


def field_of(name: str, data: Data, book: Rulebook, say: Speaker, on: date) -> Field:
    """Return the field for the answer called *name*, as *data* has it.

    Raises:
        KeyError: there is no such fact.

    """
    raw = answer(data, name)
    unknown = is_unknown(raw)
    if name == "recognitions":
        options = tuple((id_, say.recognition(id_)) for id_ in book.lists.recognitions)
        rows = tuple(_texts(one, ("id", "granted", "expires")) for one in raw) if isinstance(raw, list) else ()
        return Field(name, "", "held", options=options, rows=rows, none=raw == [], unknown=unknown)
    base, _, year = name.partition("[")
    spec = book.dictionary.spec(base)
    made = _field(name, spec, raw, book.lists, say)
    if year:
        number = int(year[:-1])
        return replace(made, year=number, estimate=not is_closed(number, on))
    return made


def _field(name: str, spec: FactSpec, raw: Any, lists: Lists, say: Speaker) -> Field:
    unknown = is_unknown(raw)
    kind: Input = _INPUTS.get(spec.kind, "number")
    options: tuple[tuple[str, str], ...] = ()
    chosen: tuple[str, ...] = ()
    columns: tuple[Field, ...] = ()
    rows: tuple[Mapping[str, str], ...] = ()
    if spec.kind == "choice":
        kind = "choices" if spec.multiple else "choice"
        options = tuple((id_, say.option(id_, spec.choices)) for id_ in spec.choices)
        chosen = tuple(map(str, raw)) if isinstance(raw, list) else () if raw is None or unknown else (str(raw),)
    elif spec.kind == "flag":
        chosen = () if raw is None or unknown else ("yes" if raw in (True, "是", "有") else "no",)
    elif spec.kind == "city":
        options = tuple((city, city) for city in lists.city_names)
        chosen = (lists.cities.get(str(raw), str(raw)),) if raw and not unknown else ()
    elif spec.kind == "events":
        columns = tuple(_field(key, inner, None, lists, say) for key, inner in spec.fields.items())
        rows = tuple(_texts(one, tuple(spec.fields)) for one in raw) if isinstance(raw, list) else ()
    return Field(
        name,
        spec.label,
        kind,
        spec.question,
        spec.help,
        spec.evidence,
        spec.unit.symbol if spec.unit else "",
        options=options,
        columns=columns,
        given="" if raw is None or unknown or isinstance(raw, list) else _text(raw),
        chosen=chosen,
        rows=rows,
        none=raw == [],
        unknown=unknown,
    )


def _texts(entry: Any, columns: Sequence[str]) -> Mapping[str, str]:
    return {key: _text(entry.get(key)) for key in columns} if isinstance(entry, dict) else {}


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


def reply(name: str, book: Rulebook, form: Submitted, before: Any = None) -> Any:
    """Return what a form says of *name*, as a profile's file would have it; None: nothing was said.

    *before* is what was known of a list whose entries carry more than the form shows.
    """
    if "unknown" in form.get(f"{name}:sure", ()):
        return UNKNOWN
    if name == "recognitions":
        return _held(form, before)
    spec = book.dictionary.spec(name.partition("[")[0])
    if spec.kind == "events":
        return _entries(name, spec, book.lists, form)
    texts = [text.strip() for text in form.get(name, ()) if text.strip()]
    if spec.kind == "choice" and spec.multiple:
        return texts or None
    if not texts:
        return None
    return read(texts[0], spec, book.lists)


def read(text: str, spec: FactSpec, lists: Lists) -> Any:
    """Return what *text* means as an answer to *spec*; what cannot be read stays as it is, to be told."""
    if spec.kind == "industry":
        return _industry(text, lists)
    if spec.kind == "date":
        return _day(text)
    if spec.numeric:
        plain = unicodedata.normalize("NFKC", text).strip()
        plain = plain.replace(",", "") if _GROUPED.fullmatch(plain) else plain
        if spec.kind == "money" and plain[-1:] in ("亿", "万"):
            plain += "元"
        return typed(plain, spec)
    return typed(text, spec)


def industries(text: str, lists: Lists) -> tuple[tuple[str, str], ...]:
    """Return the industries that a word names, by code; few enough to choose from."""
    word = text.strip()
    if not word:
        return ()
    named = [(code, label) for code, (label, _) in lists.industries.items() if word in label and len(code) >= 2]
    return tuple(named[:_SEVERAL])


def _industry(text: str, lists: Lists) -> str:
    """Return the code of an industry given by code or by its whole name."""
    plain = unicodedata.normalize("NFKC", text).strip()
    named = [code for code, (label, _) in lists.industries.items() if label == plain]
    return max(named, key=len) if named else plain.partition(" ")[0] if plain[:1].isascii() else plain


def _day(text: str) -> date | str:
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found:
        return text
    year, month, day = map(int, found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return f"{year:04}-{month:02}-{day:02}"


def _entries(name: str, spec: FactSpec, lists: Lists, form: Submitted) -> list[dict[str, Any]] | None:
    """Return the filled-in rows of a list; an empty list where it says that there are none."""
    columns = {key: list(form.get(f"{name}:{key}", ())) for key in spec.fields}
    entries = []
    for place in range(max(map(len, columns.values()), default=0)):
        texts = {key: texts[place].strip() for key, texts in columns.items() if place < len(texts)}
        if any(texts.values()):
            entries.append({key: read(text, spec.fields[key], lists) for key, text in texts.items() if text})
    if entries:
        return entries
    return [] if "none" in form.get(f"{name}:sure", ()) else None


def _held(form: Submitted, before: Any) -> list[dict[str, Any]] | None:
    """Return the recognitions ticked, with their days; what else was known of them stays."""
    known = {one.get("id"): one for one in before if isinstance(one, dict)} if isinstance(before, list) else {}
    entries = []
    for id_ in dict.fromkeys(form.get("recognitions", ())):
        entry = {key: value for key, value in known.get(id_, {}).items() if key not in ("granted", "expires")}
        entry["id"] = id_
        for key in ("granted", "expires"):
            for text in form.get(f"recognitions:{id_}:{key}", ()):
                if text.strip():
                    entry[key] = UNKNOWN if is_unknown(text) else _day(text)
        entries.append(entry)
    if entries:
        return entries
    return [] if "none" in form.get("recognitions:sure", ()) else None
