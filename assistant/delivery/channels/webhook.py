"""A webhook (回调) is a program's own address: it gets the message as data, signed, and answers with a status.

`X-Signature: sha256=<hex>` is the HMAC of `<X-Timestamp>.<body>` by the secret both sides know; `X-Message-Id` is the
same at every retry, so that a program can tell that it has had a message.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from assistant.delivery.channels.http import Client, NoAnswer, public
from assistant.delivery.channels.message import Message
from assistant.delivery.channels.receipt import Receipt
from assistant.delivery.channels.robots import lost, short, waiting
from assistant.errors import BadInput, Place, Problem

SHORTEST, LONGEST = 16, 200  # characters of a secret
_FINAL = frozenset({301, 308, 400, 401, 403, 404, 405, 406, 410, 411, 413, 414, 415, 422, 501})


class Webhook:
    """Programs' addresses; with *private* they may be in this network, and without encryption."""

    def __init__(self, http: Client, *, private: bool = False) -> None:
        """Send over *http*."""
        self._http, self._private = http, private

    def address(self, given: Mapping[str, str]) -> Mapping[str, str]:
        """Return the address and the secret.

        Raises:
            BadInput: one of them cannot be right.

        """
        url, secret = given.get("url", "").strip(), given.get("secret", "").strip()
        problems = []
        if not self._fits(url):
            problems.append(Problem("webhook-url", Place("url")))
        if not (SHORTEST <= len(secret) <= LONGEST and secret.isascii() and secret.isprintable()):
            problems.append(Problem("webhook-secret", Place("secret")))
        if problems:
            raise BadInput(problems)
        return {"url": url, "secret": secret}

    def _fits(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            known = parts.port is None or parts.port > 0
        except ValueError:
            return False
        schemes = {"https", "http"} if self._private else {"https"}
        if not known or parts.scheme not in schemes or not parts.hostname or parts.username is not None:
            return False
        if len(url) > 2000 or not url.isascii() or not url.isprintable() or " " in url:
            return False
        try:
            return self._private or public(str(ip_address(parts.hostname)))
        except ValueError:  # a name: what it leads to is looked at when it is used
            return True

    def send(self, message: Message, address: Mapping[str, str], *, at: datetime, begin: int = 0) -> Receipt:
        """Hand a message over; it is one piece."""
        del begin
        body = json.dumps(_told(message), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        stamp = str(int(at.timestamp()))
        signed = hmac.digest(address["secret"].encode(), stamp.encode() + b"." + body, "sha256").hex()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Message-Id": quote(message.key, safe="|.:@"),
            "X-Timestamp": stamp,
            "X-Signature": f"sha256={signed}",
        }
        try:
            answer = self._http.post(address["url"], body, headers, private=self._private)
        except NoAnswer as error:
            return lost(error)
        code = str(answer.status)
        if 200 <= answer.status < 300:
            return Receipt("sent", code, pieces=1)
        reason = short(answer.body[:300].decode("utf-8", "replace"), (address["secret"], address["url"]))
        if answer.status in _FINAL:
            return Receipt("dead", code, reason)
        return Receipt("retry", code, reason, waiting(answer, at))


def _told(message: Message) -> Mapping[str, object]:
    return {
        "id": message.key,
        "reference": message.reference,
        "lang": message.lang,
        "subject": message.subject,
        "intro": message.intro,
        "parts": [{"heading": part.heading, "lines": part.lines, "url": part.url} for part in message.parts],
        "outro": message.outro,
    }
