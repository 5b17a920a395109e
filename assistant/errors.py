"""An error is something the user can mend: it says where, what was found and what was expected.

A `Problem` carries a code and its parameters; `delivery.wording` puts it into Chinese or English.
All problems of one input travel together in one `BadInput`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: file, line (from 1, 0 = the whole file) and the path of keys inside."""

    file: str
    line: int = 0
    path: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place} {self.path}" if self.path else place


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in an input.

    `code` names the kind of mistake (a key of the wording's problem table); `params` fill its sentence.
    """

    code: str
    place: Place
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        details = ", ".join(f"{key}={value}" for key, value in self.params.items())
        return f"{self.place}: {self.code}({details})"


class AssistantError(Exception):
    """Base of the errors that the doors (command line, web) answer instead of crashing."""


class BadInput(AssistantError):
    """An input that cannot be used; nothing was done with any part of it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep *problems* in order of their place."""
        self.problems = tuple(sorted(problems, key=lambda p: (p.place.file, p.place.line)))
        super().__init__("\n".join(map(str, self.problems)))


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name most like *name*, or "" when none is close."""
    lowered = {candidate.lower(): candidate for candidate in known}
    close = get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return lowered[close[0]] if close else ""
