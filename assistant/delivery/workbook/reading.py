"""Reading a workbook back: the profile in it, or every mistake with its cell; nothing is taken until all is right.

Sheets are known by a mark, rows by a key, both hidden; columns by their headings. So rows may be moved and labels
edited. What has lost its key is known by its label.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from assistant.company.facts import Dictionary
from assistant.company.lists import Lists
from assistant.company.profile import Profile, read_profile
from assistant.company.writing import Data
from assistant.delivery.workbook import entries, figures
from assistant.delivery.workbook.answers import KEY, Answers
from assistant.delivery.workbook.opening import Opened, Sheet, opened
from assistant.delivery.workbook.sheets import MARK, TITLES, digest, judgement_fields, recognition_fields
from assistant.errors import BadInput, Place, Problem
from assistant.planning.assessment import check_judgements
from assistant.rulebook.book import Rulebook

_SECTIONS = ("enterprise", "facts", "years", "estimates", "recognitions", "judgements")
_UNREAD = ("guide", "choices")


@dataclass(frozen=True, slots=True)
class Imported:
    """What a workbook says: a profile's data, the profile read from it, and what the person should know of it."""

    data: Data
    profile: Profile
    remarks: tuple[Problem, ...]


def read_workbook(content: bytes, name: str, dictionary: Dictionary, lists: Lists, on: date) -> Data:
    """Return the profile's data in a workbook; *name* stands for it in messages.

    Raises:
        BadInput: with every mistake, each with its cell.

    """
    return _read(content, name, dictionary, lists, on).data


def imported(content: bytes, name: str, book: Rulebook, on: date) -> Imported:
    """Return what a workbook says, its judgements checked against the rules.

    Raises:
        BadInput: with every mistake, each with its cell.

    """
    found = _read(content, name, book.dictionary, book.lists, on)
    try:
        check_judgements(found.profile, book)
    except BadInput as error:
        raise BadInput(
            Problem(one.code, Place(name, path=one.place.path.partition(".")[0]), one.params) for one in error.problems
        ) from None
    return found


def _read(content: bytes, name: str, dictionary: Dictionary, lists: Lists, on: date) -> Imported:
    book = opened(content, name)
    answers = Answers(book, name, dictionary, lists)
    source = answers.source
    source.data = _data(book, answers)
    try:
        profile = read_profile(source, dictionary, lists, on)
    except BadInput:
        raise BadInput(answers.told(source.problems)) from None
    return Imported(source.data, profile, tuple(answers.told([*answers.remarks, *profile.remarks])))


def _data(book: Opened, answers: Answers) -> dict[str, Any]:
    data: dict[str, Any] = {}
    events = {spec.name: spec.fields for spec in answers.dictionary.facts.values() if spec.kind == "events"}
    for name, sheet in _known(book, answers):
        match name:
            case "facts":
                figures.facts(sheet, answers, data)
            case "years":
                figures.figures(sheet, answers, data)
            case "recognitions":
                data |= entries.lists(sheet, {name: recognition_fields()}, answers)
                entries.with_ids(data.get(name), answers)
            case "judgements":
                data |= entries.lists(sheet, {name: judgement_fields()}, answers)
                entries.with_criteria(data.get(name, ()), answers)
            case _:
                data.setdefault("facts", {}).update(entries.lists(sheet, events, answers))
    return {section: data[section] for section in _SECTIONS if section in data and data[section] != {}}


def _known(book: Opened, answers: Answers) -> Iterator[tuple[str, Sheet]]:
    """Yield the sheets to read, with their names in the program; sheets that are somebody's own are left alone."""
    found: dict[str, str] = {}
    for sheet in book.sheets:
        name = _name(sheet)
        if name == "choices" and sheet.text(2, KEY) != digest(answers.dictionary, answers.lists):
            answers.remark("workbook-older", found=sheet.text(3, KEY))
        if name not in TITLES or name in _UNREAD:
            continue
        if name in found:
            answers.wrong("cell-sheet-twice", sheet, 1, KEY + 1, found=sheet.title, first=found[name])
            continue
        found[name] = sheet.title
        yield name, sheet
    if not found:
        expected = "、".join(TITLES[name] for name in ("facts", "years", "recognitions"))
        answers.source.report("workbook-other", expected=expected)


def _name(sheet: Sheet) -> str:
    mark = sheet.text(1, KEY).partition(" ")[0]
    names: Mapping[str, str] = {title: name for name, title in TITLES.items()}
    return mark.removeprefix(MARK) if mark.startswith(MARK) else names.get(sheet.title.strip(), "")
