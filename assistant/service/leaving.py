"""Leaving (退订): a link in a message ends all reminders of whoever has it, without logging in."""

from __future__ import annotations

from collections.abc import Callable

from assistant.errors import BadInput
from assistant.service.sealing import Sealer

_FOR = "leaving"


def leaving(sealer: Sealer, base_url: str) -> Callable[[str], str]:
    """Return what makes the links: of a recipient's id, at the server's address."""
    return lambda recipient: f"{base_url}/u/{sealer.seal({_FOR: recipient})}"


def leaver(sealer: Sealer, token: str) -> str | None:
    """Return whose link that is; None where it is none of ours."""
    try:
        return sealer.opened(token).get(_FOR)
    except BadInput:
        return None
