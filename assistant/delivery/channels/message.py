"""A message (消息) is what one recipient is told at once, before a channel gives it its form."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One reminder in a message: plain text, one line each; *url* leads to the step or the project."""

    heading: str
    lines: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What is said, the same at every retry.

    *key* is what the Message-ID is made of, *reference* the few characters of it that a reader can quote. *unsubscribe*
    is a link that ends all of them without logging in; *ics* holds the announced dates as a calendar.
    """

    subject: str
    parts: tuple[Part, ...]
    reference: str
    key: str
    lang: str = "zh"
    intro: str = ""
    outro: str = ""
    unsubscribe: str = ""
    ics: bytes | None = None
