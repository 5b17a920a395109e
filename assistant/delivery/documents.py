"""Plain-text documents: the checklist as Markdown, a blank profile to fill in."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from assistant.delivery import agenda
from assistant.delivery.packing import printable
from assistant.planning.marks import UNTOUCHED, Worked
from assistant.rulebook.book import Rulebook

Json = dict[str, Any]

_MARKUP = re.compile(r"[\\`*_\[\]<]|~(?=~)|&(?=#?\w+;)")
_BEGINNING = re.compile(r"^\d+(?=[.)])|^(?=[#>+=-])")  # what would begin a list, a heading or a rule


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("assistant.delivery", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # plain text, no markup
    )
    environment.filters["md"] = _literal
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    return environment


def markdown(data: Json, lang: str, worked: Worked = UNTOUCHED) -> str:
    """Return the checklist as Markdown with boxes to tick; those of what is done are ticked."""
    months, duties = agenda.by_month(agenda.steps(data, lang, worked), lang), agenda.duties(data, lang, worked)
    return _environment().get_template(f"checklist.{lang}.md.j2").render(data=data, months=months, duties=duties)


def _literal(text: str) -> str:
    """Return *text* as one line of Markdown that says just that."""
    line = " ".join(printable(text).split())
    return _BEGINNING.sub(r"\g<0>\\", _MARKUP.sub(r"\\\g<0>", line))


def blank_profile(book: Rulebook, name: str, on: date) -> str:
    """Return a profile with every fact that the rules use, commented out, with its question and help."""
    used = book.facts_used()
    topics = [
        (
            label,
            [
                spec
                for spec in book.dictionary.facts.values()
                if spec.topic == topic and spec.name in used and not spec.derived
            ],
        )
        for topic, label in book.dictionary.topics.items()
    ]
    years = [on.year - 1, on.year - 2, on.year - 3]
    template = _environment().get_template("profile.yaml.j2")
    return template.render(topics=topics, name=name, years=years, current=on.year, example=next(iter(book.projects)))
