"""Recognitions in a foreign table: their names in one column, or a column with yes and no for each.

A list is complete: what it lacks is not held. Columns for single recognitions say nothing of the others, so they become
a list only where there is such a list beside them, or somebody has said that they are all there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

from assistant.company.answers import UNKNOWN, AnswerError, read_date
from assistant.company.facts import FactSpec
from assistant.company.handwriting import folded, read_day, simple
from assistant.company.writing import typed
from assistant.errors import nearest
from assistant.matching.screening.frame import RECOGNITIONS, recognitions_type
from assistant.matching.screening.intake.answers import Setting, apart, day, is_blank, refuse
from assistant.matching.screening.intake.headers import EXPIRES, GRANTED
from assistant.matching.screening.intake.values import Fault, Reader
from assistant.rulebook.book import Rulebook

FLAG = FactSpec("", "", "", "flag")
DAY = FactSpec("", "", "", "date")
LATER = FactSpec("", "", "", "date", future=True)
_NONE = ("无", "没有")
_LIST = FactSpec("", "", "", "events")
_DAY = r"[0-9]{4}\s*[-/.年]\s*[0-9]{1,2}\s*[-/.月]\s*[0-9]{1,2}\s*日?|[0-9]{8}"
_DATED = re.compile(rf"(.+?)\s*[(\[:,]?\s*({_DAY})\s*(?:(?:至|到|~|-{{1,2}}|\.{{2,}})\s*({_DAY}))?\s*[)\]]?$")


class Names(Reader):
    """Reads a column with the names of all recognitions of a company, each with its days where they are told."""

    def __init__(self, rulebook: Rulebook, at: Setting) -> None:
        """Know the recognitions of *rulebook*."""
        super().__init__(RECOGNITIONS, FLAG, None, rulebook, at)
        self.dtype = recognitions_type(rulebook)
        lists = rulebook.lists
        self._ids = {folded(alias): id_ for alias, id_ in lists.recognition_aliases.items()}
        self._ids |= {folded(rulebook.recognition(id_).label): id_ for id_ in lists.recognitions}
        self._ids |= {folded(id_): id_ for id_ in lists.recognitions}

    def meant(self, text: str) -> Any:
        if is_blank(text) or read_day(text) == UNKNOWN:
            return None
        refuse(text)
        if text.startswith("["):
            return [self._entry(one) for one in typed(text, _LIST)]
        return [] if folded(text) in _NONE else apart(simple(text), self._one)

    def _entry(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Return a holding from a list in which every part has a name."""
        days = [day(str(entry[part]), self.at) for part in (GRANTED, EXPIRES) if entry.get(part) is not None]
        name = str(entry.get("id"))
        if GRANTED not in entry and days:
            return self._one(name) | {EXPIRES: read_date(days[0], self.at.on, future=True)}
        return self._one(f"{name}({'~'.join(map(str, days))})" if days else name)

    def _one(self, text: str) -> dict[str, Any]:
        if (id_ := self._ids.get(folded(text))) is not None:
            return _holding(id_, None, None)
        found = _DATED.fullmatch(text)
        id_ = self._ids.get(folded(found[1])) if found else None
        if not found or id_ is None:
            name = found[1] if found else text
            raise AnswerError("unknown-recognition", found=name, nearest=nearest(folded(name), self._ids))
        granted = read_date(day(found[2], self.at), self.at.on)
        expires = read_date(day(found[3], self.at), self.at.on, future=True) if found[3] else None
        if expires and expires < granted:
            raise AnswerError("expires-before-granted", found=expires, granted=granted)
        return _holding(id_, granted, expires)


def _holding(id_: str, granted: date | None, expires: date | None) -> dict[str, Any]:
    return {"id": id_, GRANTED: granted, EXPIRES: expires}


def joined(
    told: pl.Series | None, single: Mapping[tuple[str, str], pl.Series], rulebook: Rulebook, *, complete: bool
) -> tuple[pl.Series | None, tuple[tuple[str, Fault], ...]]:
    """Return the recognitions of a batch, and what contradicts itself with the recognition that it is about.

    *told*: the lists; *single*: columns by the recognition and what they say (yes and no, or a day). With *complete*,
    the single columns are all recognitions that there are.
    """
    if not single:
        return told, ()
    dtype = recognitions_type(rulebook)
    ids = dict.fromkeys(id_ for id_, _ in single)
    frame = pl.DataFrame({f"{id_}.{part}": values for (id_, part), values in single.items()})
    given = pl.lit(None, dtype=dtype) if told is None else pl.col(RECOGNITIONS)
    frame = frame.with_columns(given.alias(RECOGNITIONS) if told is None else told.alias(RECOGNITIONS))
    held = {id_: _held(id_, frame) for id_ in ids}
    kind = dtype.inner  # type: ignore[attr-defined]  # a list
    listed = pl.col(RECOGNITIONS).list.eval(pl.element().struct.field("id").cast(pl.String))
    entries = [
        pl.when(held[id_] & ~listed.list.contains(id_).fill_null(value=False)).then(
            pl.struct(pl.lit(id_).alias("id"), _day(id_, GRANTED, frame), _day(id_, EXPIRES, frame)).cast(kind)
        )
        for id_ in ids
    ]
    added = pl.concat_list(entries).list.drop_nulls()
    known = pl.all_horizontal(held[id_].is_not_null() for id_ in ids)
    whole = pl.when(pl.col(RECOGNITIONS).is_not_null()).then(pl.concat_list(RECOGNITIONS, added))
    result = (whole.when(known).then(added) if complete else whole).cast(dtype).alias(RECOGNITIONS)
    return frame.select(result).to_series(), tuple(_contradictions(ids, held, listed, frame))


def _day(id_: str, part: str, frame: pl.DataFrame) -> pl.Expr:
    column = f"{id_}.{part}"
    return (pl.col(column) if column in frame.columns else pl.lit(None, dtype=pl.Date)).alias(part)


def _held(id_: str, frame: pl.DataFrame) -> pl.Expr:
    """Return whether a recognition is held: as told, or because it has a day."""
    dated = _day(id_, GRANTED, frame).is_not_null() | _day(id_, EXPIRES, frame).is_not_null()
    sure = pl.when(dated).then(pl.lit(value=True))
    return pl.coalesce(pl.col(f"{id_}."), sure) if f"{id_}." in frame.columns else sure


def _contradictions(
    ids: Mapping[str, None], held: Mapping[str, pl.Expr], listed: pl.Expr, frame: pl.DataFrame
) -> Iterator[tuple[str, Fault]]:
    for id_ in ids:
        denied = (~held[id_]) & (listed.list.contains(id_) | _day(id_, GRANTED, frame).is_not_null())
        for place in frame.select(denied.fill_null(value=False)).to_series().arg_true():
            yield id_, Fault(place, "recognition-contradicts", {"found": id_})
        granted, expires = _day(id_, GRANTED, frame), _day(id_, EXPIRES, frame)
        reversed_ = frame.select((expires < granted).fill_null(value=False).alias("x")).to_series()
        for place in reversed_.arg_true() if len(reversed_) == frame.height else ():
            yield id_, Fault(place, "expires-before-granted", {"found": id_})
