"""Plain data: how dates, exact numbers and windows stand in JSON. Numbers are exact or cut, never rounded up."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from assistant.dates import DateSpan
from assistant.delivery.wording.sentences import window_basis, window_text
from assistant.delivery.wording.speaker import Speaker
from assistant.logic.values import Range
from assistant.planning.windows import Window
from assistant.units import Number, Unit, decimal_text, from_base

Json = dict[str, Any]


def iso(day: date | None) -> str | None:
    """Return a date in ISO form."""
    return day.isoformat() if day else None


def span(days: DateSpan | None) -> Json | None:
    """Return a span of days."""
    return {"earliest": days.earliest.isoformat(), "latest": days.latest.isoformat()} if days else None


def in_unit(value: Number | Range | None, unit: Unit | None) -> Any:
    """Return a base-unit value as a JSON number in *unit*; a range as its two ends."""
    if value is None:
        return None
    if isinstance(value, Range):
        return [in_unit(value.low, unit), in_unit(value.high, unit)]
    return plain(from_base(value, unit) if unit else value)


def plain(value: Number) -> int | float:
    """Return an exact number for JSON: whole as int, else cut at ten decimals (shown only, never compared)."""
    if isinstance(value, int) or Fraction(value).denominator == 1:
        return int(value)
    return float(decimal_text(value, places=10, grouped=False))


def window(found: Window, say: Speaker) -> Json:
    """Return a window with what it rests on."""
    return {
        "status": found.status,
        "cycle": found.cycle,
        "opens": span(found.opens),
        "closes": span(found.closes),
        "whose": found.whose,
        "confidence": found.confidence,
        "basis": window_basis(found, say),
        "text": window_text(found, say),
        "notes": list(found.notes),
        "source": found.source,
    }
