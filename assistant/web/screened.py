"""What the pages of a screening show and take: all that needs the columns' own parts, which may not be installed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

from markupsafe import Markup
from starlette.datastructures import FormData

from assistant.delivery.plain import Json
from assistant.delivery.screening import page as drawn
from assistant.delivery.screening.headers import choices, partial, shown
from assistant.delivery.screening.sheets import summary_xlsx
from assistant.delivery.wording.screening import words
from assistant.matching.screening.intake.headers import Target
from assistant.matching.screening.tally import STATES
from assistant.rulebook.book import Rulebook
from assistant.service import screening as work
from assistant.service.store.screenings import Screening
from assistant.web.forms import text_of
from assistant.web.page import LANG

MOST_SOLES, MOST_GROUPS = 8, 25
_CSV, _HTML = "text/csv; charset=utf-8", "text/html; charset=utf-8"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class File(NamedTuple):
    """A file to download: what it is made from, how, its type, and what it is called."""

    source: str
    made: Callable[[bytes], bytes]
    type: str
    title: str


FILES: Mapping[str, File] = {
    "verdicts.xlsx": File(work.VERDICTS, bytes, _XLSX, "verdicts"),
    "answers.csv": File(work.ANSWERS, work.answers_csv, _CSV, "answers"),
    "summary.html": File(work.SUMMARY, lambda body: drawn.page(json.loads(body)).encode(), _HTML, "summary"),
    "summary.xlsx": File(work.SUMMARY, lambda body: summary_xlsx(json.loads(body)), _XLSX, "summary"),
    "rejects.csv": File(work.REJECTS, bytes, _CSV, "rejects"),
}


def looked_at(
    content: bytes,
    name: str,
    book: Rulebook,
    *,
    identity: str,
    account: str | None,
    at: datetime,
    day: date,
    enterprises: bool,
) -> Screening:
    """Return the screening that a table would begin; *enterprises*: it lists nothing else.

    Raises:
        BadInput: it cannot: the one thing that is wrong.

    """
    looked = work.looked_at(content, name, book, enterprises=enterprises)
    clear = work.is_clear(looked.headers, book, day)
    state = "waiting" if clear else "asking"
    return Screening(identity, account, name, at, day, state, work.kept(looked.headers), rows=looked.rows)  # type: ignore[arg-type] # one of them


def asked(one: Screening, book: Rulebook) -> Mapping[str, Any]:
    """Return what is shown of a table's headers: those that are used or may be, the others, and what is not known."""
    headers = work.known(one.headers)
    rows = list(enumerate(shown(headers, book, one.day, LANG)))
    return {
        "used": [(place, row) for place, row in rows if row["label"]],
        "open": [(place, row) for place, row in rows if row["choices"]],
        "others": [row for _, row in rows if row["header"] and not row["label"] and not row["choices"]],
        "partial": partial(headers),
    }


def confirmed(one: Screening, form: FormData, book: Rulebook) -> Screening:
    """Return the screening with what a form says of its headers.

    Raises:
        BadInput: two columns would mean the same, or none is left.

    """
    headers = work.known(one.headers)
    said: dict[int, Target] = {}
    for place, header in enumerate(headers):
        wanted = text_of(form, f"use-{place}", 200)
        found = next((target for target in choices(header, book, one.day) if target.column == wanted), None)
        if found is not None:
            said[place] = found
    agreed = work.agreed(headers, said, one.name)
    complete = bool(partial(headers)) and text_of(form, "complete") == "1"
    return replace(one, headers=work.kept(agreed), complete=complete)


def result(summary: bytes) -> Mapping[str, Any]:
    """Return what is shown of a summary."""
    data: Json = json.loads(summary)
    own = {name: Markup(text) for name, text in words(LANG).items()}  # noqa: S704 # fixed words, no user's
    soles: Sequence[Json] = data["sole"] or []
    ranked = sorted(data["projects"], key=lambda one: _rank(one["states"]), reverse=True)
    return {
        "data": data,
        "own": own,
        "states": STATES,
        "stacked": drawn.stacked,
        "share": drawn.share,
        "projects": [one for one in ranked if _hopeful(one)],
        "hopeless": [one for one in ranked if not _hopeful(one)],
        "near": [one for one in ranked if one["near"]],
        "soles": soles[:MOST_SOLES],
        "most": MOST_GROUPS,
    }


def _hopeful(project: Json) -> bool:
    """Tell whether some company can have a project, or nearly."""
    return bool(project["states"]["eligible"] or project["states"]["near"])


def _rank(states: Mapping[str, int]) -> tuple[int, ...]:
    """Put the projects first that most companies can have, and last those that are offered to none."""
    return tuple(states[name] for name in ("eligible", "near", "undetermined", "ineligible"))
