"""A robot (机器人) speaks in one group chat. Whether it did is the code in the body, never the status alone."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from assistant.delivery.channels.http import Answer, Client, NoAnswer
from assistant.delivery.channels.message import Message
from assistant.delivery.channels.pace import Pace
from assistant.delivery.channels.pieces import Piece, plain
from assistant.delivery.channels.receipt import Receipt
from assistant.errors import BadInput, Place, Problem

SLOWLY = 60.0  # seconds after which a minute's limit is over
_LONGEST_WAIT = 6 * 3600.0
_MOST_ANSWER = 120  # characters
_LINK = re.compile(r"\S*://\S*")


@dataclass(frozen=True, slots=True)
class Codes:
    """How a provider says what became of a message.

    *fields* hold its code, the first that is there counts, and *words* the reason. With *dead* codes it never will be
    taken; after a *slow* one so many seconds are waited. All others may pass.
    """

    fields: Sequence[str]
    words: str
    dead: Collection[int]
    slow: Mapping[int, float]

    def receipt(self, answer: Answer, secrets: Collection[str], at: datetime) -> Receipt:
        """Return what an answer means; nothing of it that is one of *secrets*."""
        told = _json(answer.body)
        code = next((told[name] for name in self.fields if type(told.get(name)) is int), None)
        reason = short(str(told.get(self.words, "")), secrets)
        if answer.status == 429:
            return Receipt("retry", str(code or 429), reason, waiting(answer, at) or SLOWLY)
        if code is None or answer.status >= 500:
            return Receipt("retry", str(answer.status if code is None else code), reason, waiting(answer, at))
        if code == 0:
            ok = 200 <= answer.status < 300
            return Receipt("sent", "0") if ok else Receipt("retry", str(answer.status), reason)
        if code in self.dead:
            return Receipt("dead", str(code), reason)
        return Receipt("retry", str(code), reason, waiting(answer, at) or self.slow.get(code, 0.0))


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def short(text: str, secrets: Collection[str]) -> str:
    """Return a provider's words without links and secrets."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "…")
    text = plain(_LINK.sub("…", text))
    return text if len(text) <= _MOST_ANSWER else f"{text[: _MOST_ANSWER - 1]}…"


def waiting(answer: Answer, at: datetime) -> float:
    """Return how many seconds the other side asks to be left alone."""
    asked = (answer.headers.get("retry-after") or answer.headers.get("x-ogw-ratelimit-reset") or "").strip()
    if asked.isascii() and asked.isdigit():
        return min(float(asked[:9]), _LONGEST_WAIT)
    try:
        left = (parsedate_to_datetime(asked) - at).total_seconds()
    except (TypeError, ValueError):
        return 0.0
    return min(max(left, 0.0), _LONGEST_WAIT)


def lost(error: NoAnswer) -> Receipt:
    """Return the receipt of a message nobody answered to."""
    return Receipt("dead" if error.never else "retry", error.code)


class Robot:
    """What the robots have in common; each says how its texts, its request and its codes look."""

    name: str
    path: str
    hidden: str  # the parameter or the last part of the path that is the robot's secret
    example: str
    codes: Codes
    kept: Sequence[str] = ()

    def __init__(self, http: Client, base: str, pace: Pace | None = None) -> None:
        """Speak to the provider at *base*, as often as *pace* allows."""
        self._http, self._base, self._pace = http, base, pace or Pace(())

    def address(self, given: Mapping[str, str]) -> Mapping[str, str]:
        """Return what is kept of a robot's webhook address and of what was typed beside it.

        Raises:
            BadInput: it is not one of this provider's, or something beside it cannot be right.

        """
        problems = []
        key = self._key(given.get("url", "").strip())
        if key is None:
            code = "robot-url-other" if given.get("url", "").strip() else "robot-url-missing"
            problems.append(Problem(code, Place("url"), {"expected": f"{self._base}{self.example}"}))
        others = {name: text for name in self.kept if (text := given.get(name, "").strip())}
        problems += self._mistakes(others)
        if problems:
            raise BadInput(problems)
        assert key is not None
        return {"key": key, **others}

    def _mistakes(self, others: Mapping[str, str]) -> list[Problem]:
        secret, keyword = others.get("secret", ""), others.get("keyword", "")
        found = []
        if not secret.isascii() or len(secret) > 200 or len(secret.split()) > 1:
            found.append(Problem("robot-secret", Place("secret")))
        if len(keyword) > 20 or plain(keyword) != keyword:
            found.append(Problem("robot-keyword", Place("keyword")))
        return found

    def _key(self, url: str) -> str | None:
        try:
            parts, own = urlsplit(url), urlsplit(self._base)
            same = (parts.scheme, parts.hostname, parts.port) == (own.scheme, own.hostname, own.port)
        except ValueError:
            return None
        if not same or parts.username is not None:
            return None
        if self.hidden:
            keys = parse_qs(parts.query).get(self.hidden, []) if parts.path == self.path else []
        else:
            keys = [parts.path.removeprefix(self.path)] if parts.path.startswith(self.path) else []
        fits = len(keys) == 1 and re.fullmatch(r"[A-Za-z0-9_-]{8,128}", keys[0])
        return keys[0] if fits else None

    def pieces(self, message: Message, address: Mapping[str, str]) -> tuple[Piece, ...]:
        """Return the texts that the message becomes; so many times the robot speaks."""
        raise NotImplementedError

    def request(self, piece: Piece, address: Mapping[str, str], at: datetime) -> tuple[str, Mapping[str, Any]]:
        """Return where a text goes, after the base, and as what."""
        raise NotImplementedError

    def send(self, message: Message, address: Mapping[str, str], *, at: datetime, begin: int = 0) -> Receipt:
        """Say what is left of a message; stops at the first piece that is not taken, or would be too early."""
        receipt, done = Receipt("sent", "0"), begin
        for piece in self.pieces(message, address)[begin:]:
            receipt = self._said(piece, address, at)
            if receipt.outcome != "sent":
                break
            done += 1
        return replace(receipt, pieces=done)

    def _said(self, piece: Piece, address: Mapping[str, str], at: datetime) -> Receipt:
        if wait := self._pace.wait(address["key"], at.timestamp()):
            return Receipt("retry", "pace", wait=wait)
        path, told = self.request(piece, address, at)
        body = json.dumps(told, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        try:
            answer = self._http.post(f"{self._base}{path}", body, headers, private=True)
        except NoAnswer as error:
            return lost(error)
        return self.codes.receipt(answer, (address["key"], address.get("secret", "")), at)
