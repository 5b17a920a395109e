"""Writing a profile down: what is typed as its file has it, and the file as a person would fill it in.

*Data* is a profile as plain values under the keys of its file; every fact gets a line with its name beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from assistant.company.answers import UNKNOWN, AnswerError, is_unknown, read_flag
from assistant.company.facts import Dictionary, FactSpec
from assistant.dates import is_closed
from assistant.errors import BadInput
from assistant.sources import parse

Data = Mapping[str, Any]

_PLAIN = re.compile(r"[A-Za-z\u4e00-\u9fff][\w\u4e00-\u9fff.-]*$")
_WORDS = {"yes", "no", "true", "false", "on", "off", "null", "y", "n"}  # YAML reads them as something else
_SEPARATORS = re.compile(r"[,，、;；\s]+")
_FLAGS = {"y": True, "n": False}


class Comments(NamedTuple):
    """What the file says besides the answers: at its head, beside its sections, and recognitions' names by id."""

    head: str
    years: str
    estimates: str
    recognitions: Mapping[str, str]


def typed(text: str, spec: FactSpec) -> Any:
    """Return what *text*, typed in answer to a fact, would be in a profile's file."""
    if is_unknown(text):
        return UNKNOWN
    if spec.kind == "choice":
        return _chosen(text, spec)
    if spec.kind in ("text", "city", "industry"):
        return text
    if spec.kind == "date":
        return day(text)
    try:
        value = parse(text, name="").data
    except BadInput:
        return text
    if spec.kind == "flag":
        with suppress(AnswerError):
            return read_flag(_FLAGS.get(text.lower(), value))
        return text
    if spec.kind == "events":
        return value if isinstance(value, list) else text
    return value if isinstance(value, bool | int | Decimal | str) else text


def day(text: str) -> date | str:
    """Return the date that *text* writes, or the text itself."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _chosen(text: str, spec: FactSpec) -> str | list[str]:
    """Return the choices meant: by id, by label, or by their number in the list."""
    parts = [part for part in _SEPARATORS.split(text) if part] if spec.multiple else [text]
    ids = list(spec.choices)
    known = {
        **{label: id_ for id_, label in spec.choices.items()},
        **{str(place): id_ for place, id_ in enumerate(ids, 1)},
    }
    found = [part if part in spec.choices else known.get(part, part) for part in parts]
    return found if spec.multiple else found[0]


def with_answer(data: Data, name: str, raw: Any, on: date) -> Data:
    """Return *data* with the answer *raw* to `name`, `name[year]` or the entry `name.id` of a list."""
    base, _, rest = name.partition("[")
    if rest:
        year = int(rest[:-1])
        section = "years" if is_closed(year, on) else "estimates"
        figures = data.get(section) or {}
        return {**data, section: {**figures, year: {**(figures.get(year) or {}), base: raw}}}
    if name == "recognitions":
        return {**data, name: raw}
    if name.startswith("recognitions."):
        held = [{**one, **raw} if one.get("id") == name[13:] else one for one in data.get("recognitions") or ()]
        return {**data, "recognitions": held}
    facts = data.get("facts") or {}
    base, _, entry = name.partition(".")
    if entry:
        raw = [*(facts.get(base) or ()), {"id": entry, **raw}]
    return {**data, "facts": {**facts, base: raw}}


def profile_text(data: Data, dictionary: Dictionary, comments: Comments) -> str:
    """Return the profile's file."""
    lines = [*(f"# {line}" for line in comments.head.splitlines()), "enterprise:"]
    lines += [f"  {key}: {written(value)}" for key, value in (data.get("enterprise") or {}).items()]
    lines += ["", "facts:", *_facts(data.get("facts") or {}, dictionary)]
    for section, note in (("years", comments.years), ("estimates", comments.estimates)):
        figures = data.get(section) or {}
        if figures:
            lines += ["", f"{section}:   # {note}"]
        for year in sorted(figures, key=str, reverse=True):
            lines.append(f"  {year}:")
            lines += [f"    {line}" for line in _answers(figures[year] or {}, dictionary)]
    lines += _listed("recognitions", data.get("recognitions"), comments.recognitions)
    lines += _listed("judgements", data.get("judgements"), {})
    return "\n".join(lines) + "\n"


def _facts(facts: Mapping[str, Any], dictionary: Dictionary) -> Iterator[str]:
    for topic, label in dictionary.topics.items():
        of_topic = {name: raw for name, raw in facts.items() if dictionary.spec(name).topic == topic}
        if of_topic:
            yield f"  # {label}"
            yield from (f"  {line}" for line in _answers(of_topic, dictionary))


def _answers(answers: Mapping[str, Any], dictionary: Dictionary) -> Iterator[str]:
    """Yield a line for each answer in the dictionary's order."""
    for name, spec in dictionary.facts.items():
        raw = answers.get(name)
        if raw is not None:
            yield f"{name}: {written(raw)}   # {_beside(spec, raw)}"


def _beside(spec: FactSpec, raw: Any) -> str:
    """Return the comment beside an answer: the fact's name, the unit, what the choice means."""
    meant = [spec.choices[one] for one in (raw if isinstance(raw, list) else [raw]) if str(one) in spec.choices]
    unit = f"，{spec.unit.symbol}" if spec.unit else ""
    return spec.label + unit + (f"：{'、'.join(meant)}" if meant else "")


def _listed(section: str, entries: Any, names: Mapping[str, str]) -> Iterator[str]:
    if entries is None:
        return
    if not isinstance(entries, list) or not entries:
        yield from ("", f"{section}: {written(entries)}")
        return
    yield from ("", f"{section}:")
    for entry in entries:
        name = names.get(str(entry.get("id")), "")
        yield f"  - {written(entry)}" + (f"   # {name}" if name else "")


def written(value: Any) -> str:
    """Return a plain value as YAML on one line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{written(key)}: {written(one)}' for key, one in value.items())}}}"
    if isinstance(value, str):
        is_plain = _PLAIN.match(value) and value.lower() not in _WORDS
        return value if is_plain else json.dumps(value, ensure_ascii=not value.isprintable())
    return "" if value is None else str(value)
