"""Other services by Apprise, where it is installed: what it says is only whether a service seemed to take a message.

Its own senders to 企业微信, 钉钉 and 飞书 call an error in the answer's body a success; for these there are ours.
Its addresses may name any host, which Apprise connects to itself; so it is for those who trust their users.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from typing import Any

from assistant.delivery.channels.message import Message
from assistant.delivery.channels.pieces import Dress, pieces
from assistant.delivery.channels.receipt import Receipt
from assistant.errors import BadInput, Place, Problem

OWN: Mapping[str, str] = {"wecombot": "企业微信", "dingtalk": "钉钉", "feishu": "飞书", "lark": "飞书"}
_WHOLE = 1 << 30


class Others:
    """Addresses that Apprise understands."""

    def __init__(self) -> None:
        """Load Apprise.

        Raises:
            ImportError: it is not installed.

        """
        self._library: Any = import_module("apprise")

    def address(self, given: Mapping[str, str]) -> Mapping[str, str]:
        """Return the address.

        Raises:
            BadInput: Apprise does not know it, or it is one for a channel of our own.

        """
        url = given.get("url", "").strip()
        known = self._library.Apprise.instantiate(url, suppress_exceptions=True) if url else None
        if known is None:
            raise BadInput([Problem("apprise-url", Place("url"))])
        if own := self._own(known):
            raise BadInput([Problem("apprise-own", Place("url"), {"expected": own})])
        return {"url": url}

    def send(self, message: Message, address: Mapping[str, str], *, at: datetime, begin: int = 0) -> Receipt:
        """Hand a message over; Apprise cuts it as the service needs."""
        del at, begin
        asset = self._library.AppriseAsset(async_mode=False)
        known = self._library.Apprise.instantiate(address["url"], asset=asset, suppress_exceptions=True)
        if known is None:
            return Receipt("dead", "apprise-url")
        if self._own(known):
            return Receipt("dead", "apprise-own")
        [whole] = pieces(message, Dress(), _WHOLE, len)
        sender = self._library.Apprise(asset=asset)
        sender.add(known)
        taken = sender.notify(title=whole.title, body=whole.text, body_format="text")
        return Receipt("sent", "taken", pieces=1) if taken else Receipt("retry", "not-taken")

    @staticmethod
    def _own(known: Any) -> str:
        names = (known.secure_protocol, known.protocol)
        schemes = {scheme for name in names for scheme in ((name,) if isinstance(name, str) else name or ())}
        return next((OWN[scheme] for scheme in sorted(schemes) if scheme in OWN), "")
