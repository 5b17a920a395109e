"""Values as JSON has them: records become mappings, tuples lists, days texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from assistant.delivery.plain import plain


def plainly(value: Any) -> Any:
    """Return *value* as plain data."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case date():
            return value.isoformat()
        case Fraction():
            return plain(value)
        case Mapping():
            return {str(key): plainly(one) for key, one in value.items()}
        case tuple() if hasattr(value, "_fields"):
            return {name: plainly(one) for name, one in zip(value._fields, value, strict=True)}
        case list() | tuple():
            return [plainly(one) for one in value]
    if is_dataclass(value):
        return {one.name: plainly(getattr(value, one.name)) for one in fields(value)}
    raise TypeError(f"no plain value: {type(value).__name__}")
