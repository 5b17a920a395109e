"""Delivery (投递): claimed messages are handed over one by one, and what became of each is kept.

A message that was not taken is tried again after 1, 5, 30 minutes, 2 and 6 hours, each with some jitter, until it
expires. One that never will be goes by e-mail instead. Where a channel keeps failing, the administrators are told.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from time import monotonic

from assistant.delivery.channels.channel import Channel
from assistant.delivery.channels.message import Message
from assistant.delivery.channels.receipt import Receipt
from assistant.delivery.messages import Links, message_of, notice, trial
from assistant.delivery.revision import day_of
from assistant.delivery.wording.reminding import reminding
from assistant.delivery.wording.speaker import day_text
from assistant.errors import BadInput
from assistant.planning.manners import may_send
from assistant.service import measures
from assistant.service.dispatch import EMAIL, instead_of
from assistant.service.sealing import Sealer
from assistant.service.store.addressees import Addressed
from assistant.service.store.outbox import LEASE
from assistant.service.store.records import Attempt, ChannelRecord, MessageRow, Recipient
from assistant.service.store.store import Store

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
JITTER = 0.25  # of the wait, at most
ALARMING = 3  # failures in a row
BATCH = 8  # messages that a lane claims at once
_LONGEST = 200  # characters of an answer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Courier:
    """Whoever sends the messages of one store, known to others as *worker*.

    *chance* gives a number from 0 to 1; *link* the address that ends a recipient's messages.
    """

    store: Store
    channels: Mapping[str, Channel]
    sealer: Sealer | None
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    worker: str
    base_url: str = ""
    link: Callable[[str], str] = field(default=lambda _: "")
    lease: timedelta = LEASE

    def deliver(self, *, most: int | None = None, stopped: Callable[[], bool] = lambda: False, lanes: int = 1) -> int:
        """Send what waits, *most* messages at most; return how many were taken.

        Whoever dies leaves one message of each of the *lanes* that was handed over and is not known to be: it is
        sent a second time.
        """
        left = iter(range(most)) if most is not None else iter(int, 1)

        def lane() -> int:
            taken = 0
            while not stopped() and (room := sum(1 for _ in islice(left, BATCH))):
                now = self.clock()
                batch = self._claimed(now, room)
                if not batch:
                    break
                taken += self._send(batch, now, stopped)
            return taken

        if lanes == 1:
            return lane()
        with ThreadPoolExecutor(lanes, thread_name_prefix="courier") as pool:
            return sum(future.result() for future in [pool.submit(lane) for _ in range(lanes)])

    def _claimed(self, now: datetime, most: int) -> tuple[MessageRow, ...]:
        """Return the next messages that may go out now."""
        if not may_send(now, urgent=True):
            return ()
        rested = not may_send(now, urgent=False)
        return self.store.outbox.take(self.worker, now=now, lease=self.lease, urgent_only=rested, most=most)

    def _send(self, batch: Sequence[MessageRow], claimed: datetime, stopped: Callable[[], bool]) -> int:
        """Send claimed messages, and give back those it is too late for; return how many were taken."""
        outbox, taken = self.store.outbox, 0
        known = self.store.addressees.addressed(batch)
        for number, message in enumerate(batch):
            now = self.clock()
            late = now - claimed > self.lease / 2 or not may_send(now, urgent=message.urgent)
            if number and (late or stopped()):
                for rest in batch[number:]:
                    outbox.held(rest, until=now)
                break
            recipient = known.recipients.get(message.recipient or "")
            if recipient is not None and not recipient.is_heard(day_of(now)):
                outbox.withdraw(message, "superseded" if recipient.stopped else "pending", now=now)
                continue
            taken += self._sent(message, known, now)
        return taken

    def _sent(self, message: MessageRow, known: Addressed, now: datetime) -> bool:
        """Send one message and keep what became of it; tell whether it was taken."""
        recipient, channel = known.recipients.get(message.recipient or ""), known.channels.get(message.channel or "")
        began = monotonic()
        receipt = self._receipt(message, known, now)
        if receipt.code == "pace":  # nothing was sent: this robot has spoken often enough for now
            self.store.outbox.held(message, until=now + timedelta(seconds=receipt.wait))
            return False
        spent = round((monotonic() - began) * 1000)
        attempt = Attempt(
            message.id, message.attempts, now, receipt.outcome, receipt.code[:50], receipt.answer[:_LONGEST], spent
        )
        measures.delivered(channel.kind if channel else EMAIL, receipt.outcome)
        if receipt.outcome == "sent":
            self.store.outbox.arrived(message, attempt)
            return True
        self._missed(message, recipient, channel, receipt, attempt)
        return False

    def _receipt(self, message: MessageRow, known: Addressed, now: datetime) -> Receipt:
        channel = known.channels.get(message.channel or "")
        if message.channel and channel is None:
            return Receipt("dead", answer="removed")
        try:
            worded = self._worded(message, known, now)
        except Exception as error:
            log.exception("message %s could not be put into words", message.id[:6])
            return Receipt("retry", type(error).__name__, type(error).__name__)
        return self.hand_over(worded, message.email, channel, now, begin=message.pieces)

    def hand_over(
        self, message: Message, email: str, channel: ChannelRecord | None, now: datetime, *, begin: int = 0
    ) -> Receipt:
        """Hand a message over to a channel, or else to an address; return what became of it, whatever that is."""
        try:
            kind = channel.kind if channel else EMAIL
            sender = self.channels.get(kind)
            if sender is None:
                return Receipt("retry", "unavailable", f"no {kind} here")
            address = {"to": email}
            if channel is not None:
                if self.sealer is None:
                    return Receipt("retry", "unavailable", "no key here")
                address = dict(self.sealer.opened(channel.sealed))
            return sender.send(message, address, at=now, begin=begin)
        except BadInput as error:
            return Receipt("dead", error.problems[0].code, error.problems[0].code)
        except Exception as error:
            log.exception("message %s could not be handed over", message.reference)
            return Receipt("retry", type(error).__name__, type(error).__name__)

    def _worded(self, message: MessageRow, known: Addressed, now: datetime) -> Message:
        body = json.loads(message.body)
        if "text" in body:
            return notice(body["subject"], body["text"], key=message.id)
        recipient = known.recipients[message.recipient or ""]
        home = f"{self.base_url}/c/{recipient.company}" if self.base_url else ""
        mail = not message.channel
        links = Links(
            home,
            f"{home}/reminders" if home and mail else "",
            self.link(recipient.id) if self.base_url and mail else "",
        )
        name = known.names.get(recipient.company, "")
        return message_of(
            body["reminders"], name, recipient.lang, day_of(now), key=message.id, links=links, note=body["note"]
        )

    def _missed(
        self,
        message: MessageRow,
        recipient: Recipient | None,
        channel: ChannelRecord | None,
        receipt: Receipt,
        attempt: Attempt,
    ) -> None:
        again = None
        if receipt.outcome == "retry":
            wait = BACK_OFF[min(attempt.number, len(BACK_OFF)) - 1]
            wait = max(wait + wait * JITTER * self.chance(), timedelta(seconds=receipt.wait))
            again = attempt.at + wait
        instead = None
        lost = again is None or again > message.expires
        mailed = recipient is not None and EMAIL in recipient.channels  # who has it by e-mail anyway
        if lost and channel is not None and recipient is not None and recipient.email and not mailed:
            said = reminding("fall-back", recipient.lang).format(channel=channel.name, answer=attempt.answer)
            instead = instead_of(message, recipient, said, attempt.at)
        self.store.outbox.missed(message, attempt, next_try=again, pieces=receipt.pieces, instead=instead)
        log.warning("message %s: %s %s", message.id[:6], receipt.outcome, attempt.code)
        if channel is not None and (channel.failures + 1 >= ALARMING or receipt.outcome == "dead"):
            self._alarm(channel, attempt)

    def _alarm(self, channel: ChannelRecord, attempt: Attempt) -> None:
        """Tell the administrators, once a day for each channel."""
        log.error("channel %s of company %s keeps failing: %s", channel.id, channel.company, attempt.answer)
        company = self.store.company(channel.company)
        text = reminding("alarm", "zh").format(
            company=company.name if company else channel.company,
            channel=channel.name,
            since=day_text(day_of(channel.failing or attempt.at), "zh"),
            answer=attempt.answer or attempt.code,
        )
        body = json.dumps({"subject": reminding("alarm-subject", "zh"), "text": text}, ensure_ascii=False)
        for account in self.store.accounts.all():
            if account.standing == "administrator" and not account.disabled:
                key = f"alarm|{channel.id}|{account.id}|{day_of(attempt.at)}"
                at, until = attempt.at, attempt.at + timedelta(days=2)
                identity = sha256(key.encode()).hexdigest()[:32]
                self.store.outbox.add(
                    MessageRow(identity, None, None, None, account.email, body, at, at, until, urgent=True)
                )


def trials(courier: Courier, recipient: Recipient, now: datetime, chance: str) -> list[tuple[str, Receipt]]:
    """Send a test message to every channel of a recipient, at once; return what became of each, by its name."""
    company = courier.store.company(recipient.company)
    found = []
    for name in recipient.channels:
        channel = courier.store.addressees.channel(name) if name != EMAIL else None
        if name != EMAIL and channel is None:
            continue
        message = trial(company.name if company else "", recipient.lang, key=f"{chance}{name}"[:32])
        found.append(
            (channel.name if channel else recipient.email, courier.hand_over(message, recipient.email, channel, now))
        )
    return found
