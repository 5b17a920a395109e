"""A receipt (回执) is what became of handing a message over, by the provider's own word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["sent", "retry", "dead"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Whether it was taken, should be tried again, or never will be.

    *code* is the provider's, *answer* a few words without any secret. *wait*: so many seconds it asks to be left alone.
    *pieces*: so many pieces of the message have arrived; the next try goes on after them.
    """

    outcome: Outcome
    code: str = ""
    answer: str = ""
    wait: float = 0.0
    pieces: int = 0
