"""The headers of a table as they are shown to whoever sent it: what each was taken for, and what it may be instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from assistant.company.handwriting import folded
from assistant.delivery.plain import Json
from assistant.delivery.wording import screened as words
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.screening.frame import JUDGEMENT, RECOGNITIONS, asked_of
from assistant.matching.screening.intake.answers import units_of
from assistant.matching.screening.intake.headers import IDENTITY, Matched, Target, is_column, parted
from assistant.rulebook.book import Rulebook

YEAR = "<year>"
_YEARS_BACK = 3


def shown(headers: Sequence[Matched], book: Rulebook, on: date, lang: str) -> list[Json]:
    """Return every header with what it means and what may be chosen instead."""
    say = Speaker(book, lang)
    return [
        {
            "header": one.header,
            "status": one.status,
            "state": words.header_state(one.status, lang),
            "label": label(one.column, say) if one.column else "",
            "unit": one.unit,
            "choices": [
                {"column": target.column, "label": label(target.column, say), "unit": target.unit}
                for target in choices(one, book, on)
            ],
        }
        for one in headers
    ]


def choices(one: Matched, book: Rulebook, on: date) -> list[Target]:
    """Return what a header may mean that is not used as it stands: nothing where that is not known."""
    if one.status not in ("guessed", "duplicate"):
        return []
    return [target for column in _columns(one, on) if (target := _target(one, column, book)) is not None]


def partial(headers: Sequence[Matched]) -> list[str]:
    """Return the headers that tell of single recognitions, where none tells of all of them."""
    used = [one for one in headers if one.is_used]
    if any(one.column == RECOGNITIONS for one in used):
        return []
    return [one.header for one in used if one.column.startswith(f"{RECOGNITIONS}.")]


def label(column: str, say: Speaker) -> str:
    """Return what a frame's column is called."""
    if column in (*IDENTITY, RECOGNITIONS):
        return words.column(column, say.lang)
    first, _, rest = column.partition(".")
    if first == RECOGNITIONS:
        id_, _, part = rest.partition(".")
        return words.recognition(say.recognition(id_), part, say.lang)
    if first == JUDGEMENT:
        return rest
    facts = say.rulebook.dictionary.facts
    name, _, year = column.rpartition("_")
    return say.fact(f"{name}[{year}]") if column not in facts and name in facts else say.fact(column)


def _columns(one: Matched, on: date) -> Iterator[str]:
    if not one.nearest.endswith(YEAR):
        yield one.nearest
        return
    stem = one.nearest.removesuffix(YEAR)
    yield from (f"{stem}{on.year - back}" for back in (*range(1, _YEARS_BACK + 1), 0))


def _target(one: Matched, column: str, book: Rulebook) -> Target | None:
    """Return a column with the unit that the header gives; None where the two do not go together."""
    if not is_column(column, book):
        return None
    unit = parted(folded(one.header))[2]
    spec = asked_of(column, book)
    units = {folded(symbol): symbol for symbol in units_of(spec)} if spec else {}
    if unit and unit not in units:
        return None
    return Target(column, units.get(unit, "") if unit else "")
