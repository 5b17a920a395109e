"""Whoever sends reminders from this machine: its channels, its key, its clock."""

from __future__ import annotations

import os
import socket
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from random import SystemRandom
from secrets import token_bytes

from assistant.delivery.channels.http import Client
from assistant.delivery.channels.registry import OFFICIAL, channels
from assistant.errors import BadInput, Place, Problem
from assistant.service.deliver import Courier
from assistant.service.leaving import leaving
from assistant.service.mail import Post
from assistant.service.sealing import Sealer
from assistant.service.store.store import Store
from assistant.settings import mail_settings, private_webhooks, robot_addresses, sealing_key

_KEY_BYTES = 32


def courier(store: Store, url: str, base_url: str = "") -> Courier:
    """Return who sends the messages of the *store* at *url*, for readers who reach the server at *base_url*.

    Raises:
        BadInput: the surroundings name a mail server or a key that makes no sense.

    """
    found = channels(Client(), post(), {**OFFICIAL, **robot_addresses()}, private=private_webhooks())
    seals, base = sealer(url), base_url.rstrip("/")
    worker = f"{socket.gethostname()}:{os.getpid()}"
    link = leaving(seals, base) if seals and base else lambda _: ""
    return Courier(store, found, seals, _now, SystemRandom().random, worker, base, link)


def sealer(url: str) -> Sealer | None:
    """Return what seals the addresses of channels; None where the surroundings have no key.

    Raises:
        BadInput: what they have is no key, or cannot be read.

    """
    named, file = sealing_key(url)
    if named:
        return Sealer(named.replace(",", " ").split())
    if file is None:
        return None
    return Sealer.of(file, urlsafe_b64encode(token_bytes(_KEY_BYTES)).decode("ascii"))


def post() -> Post | None:
    """Return who takes mail, if the surroundings name anybody.

    Raises:
        BadInput: what they name makes no sense.

    """
    url, sender = mail_settings()
    if not url:
        return None
    try:
        return Post.of(url, sender)
    except ValueError as error:
        name = "ASSISTANT_MAIL_FROM" if str(error) == "mail-from" else "ASSISTANT_SMTP_URL"
        raise BadInput([Problem(str(error), Place(name))]) from None


def _now() -> datetime:
    return datetime.now(UTC)
