"""A channel gives a message its form, hands it over, and understands the provider's answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from assistant.delivery.channels.message import Message
from assistant.delivery.channels.receipt import Receipt


class Channel(Protocol):
    """One kind of channel; an *address* holds all that one destination needs, its secrets too."""

    def address(self, given: Mapping[str, str]) -> Mapping[str, str]:
        """Return what is kept of what a user typed.

        Raises:
            BadInput: with one clear problem per mistake.

        """
        ...

    def send(self, message: Message, address: Mapping[str, str], *, at: datetime, begin: int = 0) -> Receipt:
        """Hand a message over; *begin*: so many of its pieces have arrived before."""
        ...
