"""Couriers that are killed again and again: run in a process of its own, for it forks.

Usage: python -m tests.killing_couriers DB KEY KILLS — so many times one of four couriers, each at work on the messages
of the store, is killed (SIGKILL): with a message it has claimed, with one that has been taken but is not marked, within
the transaction that marks it, after it, or at any moment. Another takes its place at once. Those that stay at the end
are let be until nothing waits any more. It is ten o'clock on a working day all the while.
Prints JSON: how many were killed, and how many of them at which moment.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random

from sqlalchemy import event

from assistant.delivery.channels.channel import Channel
from assistant.delivery.channels.http import Client
from assistant.delivery.channels.message import Message
from assistant.delivery.channels.receipt import Receipt
from assistant.delivery.channels.webhook import Webhook
from assistant.service.deliver import Courier
from assistant.service.sealing import Sealer
from assistant.service.store.store import open_store

COURIERS = 4
LEASE = timedelta(seconds=5)
PATIENCE = 60  # seconds after which something is wrong
MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
MOMENTS = ("claimed", "taken", "marking", "marked", "any")
AMID = 2  # of the statements of a transaction that marks a message


class Stopping:
    """A way for messages that tells when a courier has come to its moment, and waits there to be killed."""

    def __init__(self, channel: Channel, moment: str, after: int, told: int) -> None:
        """Pass messages on to *channel*, so many of them undisturbed."""
        self.channel, self.moment, self.left, self.told = channel, moment, after, told
        self.marking = False

    def address(self, given: Mapping[str, str]) -> Mapping[str, str]:
        """Return what is kept."""
        return self.channel.address(given)

    def send(self, message: Message, address: Mapping[str, str], *, at: datetime, begin: int = 0) -> Receipt:
        """Hand a message over."""
        if self.marking:
            self.stop("marked")
        self.left -= 1
        if self.left == 0:
            self.stop("claimed")
        receipt = self.channel.send(message, address, at=at, begin=begin)
        if self.left == 0:
            self.stop("taken")
            self.marking = True
        return receipt

    def after(self, *given: object) -> None:
        """Count the statements of a transaction that marks a message."""
        if self.marking and str(given[2]).startswith("INSERT INTO attempt"):
            self.stop("marking")

    def stop(self, moment: str) -> None:
        """Wait to be killed, if this is the moment."""
        if moment == self.moment:
            os.write(self.told, b"!")
            time.sleep(PATIENCE)


def work(url: str, key: str, start: float, moment: str, after: int, told: int) -> None:
    """Send until nothing waits any more."""
    with open_store(url) as store:
        stopping = Stopping(Webhook(Client(), private=True), moment, after, told)
        event.listen(store.engine, "after_cursor_execute", stopping.after)

        def clock() -> datetime:
            return MORNING + timedelta(seconds=time.monotonic() - start)

        name = f"{os.getpid()}"
        courier = Courier(store, {"webhook": stopping}, Sealer([key]), clock, lambda: 0.5, name, lease=LEASE)
        while {"pending", "sending"} & store.outbox.counts().keys():
            courier.deliver()
            time.sleep(0.05)


def main(url: str, key: str, kills: int) -> None:
    """Keep four couriers at work until so many were killed, and then until they are done."""
    start, chance = time.monotonic(), Random(7)  # noqa: S311 # the same every time
    living: dict[int, tuple[int, str, float]] = {}
    killed: Counter[str] = Counter()
    begun = 0

    def begin(moment: str) -> None:
        heard, told = os.pipe()
        child = os.fork()
        if not child:
            os.close(heard)
            work(url, key, start, moment, chance.randrange(8, 20) if moment else 0, told)
            os._exit(0)
        os.close(told)
        chance.random()
        living[heard] = (child, moment, time.monotonic() + (chance.uniform(0.02, 0.3) if moment == "any" else PATIENCE))

    while killed.total() < kills:
        while len(living) < COURIERS:
            begin(MOMENTS[begun % len(MOMENTS)])
            begun += 1
        soonest = min(until for _, _, until in living.values())
        ready, _, _ = select.select([*living], [], [], max(soonest - time.monotonic(), 0))
        for heard, (child, moment, until) in list(living.items()):
            if heard in ready or until <= time.monotonic():
                os.kill(child, signal.SIGKILL)
                _, status = os.waitpid(child, 0)
                os.close(heard)
                del living[heard]
                killed[moment] += os.WIFSIGNALED(status)
    for heard, (child, _, _) in living.items():
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)
        os.close(heard)
    killed["at the end"] += len(living)
    living.clear()
    for _ in range(COURIERS):
        begin("")
    ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child, _, _ in living.values()]
    assert ended == [0] * COURIERS, ended
    print(json.dumps({"killed": killed.total(), "moments": killed}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
