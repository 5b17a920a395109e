"""A draft is a rule file for a new row: all that the list says, and nothing that it does not.

Its only version has no text, so that it can never make anybody eligible before somebody fills it in.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import yaml

from assistant.catalogue.links import faults
from assistant.catalogue.rows import PublishedList, Row
from assistant.catalogue.titles import number_of, without_number, years_named

REVIEW_DAYS = 30
_WIDTH = 10_000  # no line is folded: a link or title stays on its own
_INSERT_BEFORE = re.compile(r"^authority:", re.MULTILINE)
_LISTED = re.compile(r"^listed:.*\n(?: .*\n)*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of a draft: its head as comments, and what it says about itself."""

    head: str
    text_note: str
    criterion: str  # stands for all that is not entered yet
    clause_note: str
    other_basis: str  # with {title}
    cycle_note: str
    other_notice: str  # with {title}


def drafts(
    rows: Sequence[Row], published: PublishedList, taken: Container[str], on: date, words: Words
) -> dict[str, str]:
    """Return rule files by id for *rows* of *published*, with ids that are not *taken*."""
    made: dict[str, str] = {}
    for row in rows:
        id_ = next(name for name in _ids(row) if name not in taken and name not in made)
        made[id_] = words.head + _dump(_rule(id_, row, published, on, words))
    return made


def _ids(row: Row) -> Iterator[str]:
    stem = f"{row.section or 'listed'}-{row.number}" if row.number is not None else f"{row.section or 'listed'}-new"
    yield stem
    number = 2
    while True:
        yield f"{stem}-{number}"
        number += 1


def listed(row: Row, published: PublishedList) -> dict[str, Any]:
    """Return what a rule keeps of its row: the columns as printed."""
    return {
        "year": published.year,
        "name": row.name,
        "basis": list(row.basis),
        "basis_links": list(row.basis_links),
        "notices": list(row.notices),
        "notice_links": list(row.notice_links),
        "planned": row.planned,
    }


def with_listed(rule: str, row: Row, published: PublishedList) -> str:
    """Return the text of a rule file with the columns of *row* in it, in the place of older ones."""
    block = _dump({"listed": listed(row, published)})
    bare = _LISTED.sub("", rule)
    return _INSERT_BEFORE.sub(lambda match: block + match[0], bare, count=1)


def _rule(id_: str, row: Row, published: PublishedList, on: date, words: Words) -> dict[str, Any]:
    title = row.basis[0] if row.basis else ""
    return {
        "id": id_,
        "name": row.name,
        "en": row.name,
        "level": row.section or "provincial",
        "applicant": ["enterprise"],
        "list_entry": _entry(row),
        "listed": listed(row, published),
        "authority": "",
        "channel": "",
        "regions": {"within": "广东省"},
        "checked": on,
        "next_review": on + timedelta(days=REVIEW_DAYS),
        "validity": {},
        "versions": [
            {
                "id": "as-listed",
                "instrument": {
                    "title": without_number(title),
                    "number": number_of(title),
                    "url": _usable(row.basis_links[0]) if row.basis_links else None,
                },
                "in_force": {"from": None, "to": None},
                "text": "missing",
                "text_note": words.text_note,
                "standing": "unverified",
                "confidence": "low",
                "judgements": [
                    {"id": "to-be-read", "says": words.criterion, "clause": None, "clause_note": words.clause_note}
                ],
                "notes": [words.other_basis.format(title=other) for other in row.basis[1:]],
            }
        ],
        "cycles": list(_cycles(row, words)),
    }


def _entry(row: Row) -> dict[str, Any] | None:
    return {"section": row.section, "number": row.number} if row.section and row.number is not None else None


def _cycles(row: Row, words: Words) -> Iterator[dict[str, Any]]:
    """Yield the rounds that the last notices called, by the year in their title or number; the last one calls it."""
    rounds: dict[int, list[int]] = {}
    for at, notice in enumerate(row.notices):
        years = years_named(notice) or [int(year) for year in re.findall(r"[〔\[［](20\d\d)", number_of(notice) or "")]
        for year in years[:1]:
            rounds.setdefault(year, []).append(at)
    for year, called in sorted(rounds.items()):
        *others, at = called
        notice = row.notices[at]
        notes = [words.cycle_note, *(words.other_notice.format(title=row.notices[other]) for other in others)]
        yield {
            "year": year,
            "notice": {
                "number": number_of(notice),
                "title": without_number(notice).strip("《》"),
                "url": _usable(row.notice_links[at]) if at < len(row.notice_links) else None,
            },
            "standing": "unverified",
            "confidence": "low",
            "note": "；".join(notes),
        }


def _usable(link: str) -> str | None:
    """Return *link*, mended where it is broken in a way that can be; None where it cannot be used."""
    found = list(faults(link))
    if not found:
        return link
    mended = {meant for _, meant in found if meant.startswith("http")}
    return mended.pop() if len(mended) == 1 else None


class _Dumper(yaml.SafeDumper):
    """Writes lists as the rule files do: indented under their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists too."""
        del indentless
        return super().increase_indent(flow=flow, indentless=False)


def _dump(data: dict[str, Any]) -> str:
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_WIDTH)
