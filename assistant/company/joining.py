"""Joining (合并): what somebody tells of a company, put to what is known of it already.

What is told takes the place of what was known; what is not told stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.company.writing import Data

_TABLES = ("enterprise", "facts")
_YEARLY = ("years", "estimates")
_SECTIONS = (*_TABLES, *_YEARLY, "recognitions", "judgements")


def joined(known: Data, told: Data) -> Data:
    """Return *known* with everything that is *told*."""
    made: dict[str, Any] = {section: known.get(section) for section in _SECTIONS}
    for section in _TABLES:
        made[section] = _table(known.get(section), told.get(section))
    for section in _YEARLY:
        old, new = known.get(section) or {}, told.get(section) or {}
        made[section] = {year: _table(old.get(year), new.get(year)) for year in dict.fromkeys((*old, *new))}
    if told.get("recognitions") is not None:
        made["recognitions"] = told["recognitions"]
    judged = {_criterion(one): one for one in (*(known.get("judgements") or ()), *(told.get("judgements") or ()))}
    made["judgements"] = [*judged.values()]
    return {
        section: value for section, value in made.items() if value or (value is not None and section == "recognitions")
    }


def _table(known: Mapping[Any, Any] | None, told: Mapping[Any, Any] | None) -> dict[Any, Any]:
    return {**(known or {}), **{key: value for key, value in (told or {}).items() if value is not None}}


def _criterion(judgement: Mapping[str, Any]) -> tuple[Any, Any]:
    return judgement["project"], judgement["criterion"]
