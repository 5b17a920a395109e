"""The outbox on real SQLite and real PostgreSQL: nothing is lost, hardly anything said twice, nothing said too late."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import event, insert

from assistant.delivery.channels.http import Client
from assistant.delivery.channels.message import Message
from assistant.delivery.channels.receipt import Receipt
from assistant.delivery.channels.webhook import Webhook
from assistant.delivery.channels.wecom import WeCom
from assistant.delivery.reminders import KINDS, LEADS
from assistant.planning.manners import CLOSES, may_send, moment
from assistant.planning.marks import Mark
from assistant.service.deliver import Courier
from assistant.service.dispatch import dispatch, message_of
from assistant.service.sealing import Sealer
from assistant.service.store import addressees, schema
from assistant.service.store.engine import StoreFailure, engine_of, transaction
from assistant.service.store.migration import upgrade
from assistant.service.store.outbox import LEASE
from assistant.service.store.records import (
    Attempt,
    ChannelRecord,
    MessageRow,
    Recipient,
    ReminderChanges,
    ReminderRow,
)
from assistant.service.store.store import Store, open_store
from tests.conftest import ROOT
from tests.databases import KINDS as DATABASES
from tests.databases import database
from tests.killing_couriers import COURIERS
from tests.robots import KEY as ROBOT
from tests.robots import provider, tells, wecom

COMPANY = "00000000-0000-4000-8000-000000000001"
DAY = date(2026, 11, 24)  # a Tuesday
TEN = moment(DAY) + timedelta(hours=1)
HOOK_SECRET = "0123456789abcdef" * 2
KEY = Fernet.generate_key().decode()


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a new store, of each kind in turn."""
    made = database(request.param, tmp_path)
    upgrade(made)
    return made


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Give a store with one company."""
    with open_store(url) as opened:
        opened.add_company(COMPANY, "佛山某某水泵有限公司", "facts: {}\n", who="王工", at=TEN)
        yield opened


def hook(store: Store, base: str, name: str = "c", kind: str = "webhook") -> ChannelRecord:
    """Add a channel that leads to a program at *base*."""
    sealed = Sealer([KEY]).seal({"url": f"{base}/hook", "secret": HOOK_SECRET})
    record = ChannelRecord(name * 32, COMPANY, kind, f"接口{name}", sealed, TEN)
    store.addressees.add_channel(record, who="王工")
    return record


def person(store: Store, *channels: str, name: str = "r", email: str = "") -> Recipient:
    """Add somebody who is reminded over *channels*."""
    made = Recipient(name * 32, COMPANY, f"李会计{name}", email, channels, KINDS, LEADS, TEN)
    store.addressees.add(made, who="王工")
    return made


def row(of: Recipient, number: int, **more: object) -> ReminderRow:
    """Return a reminder that is due."""
    told = {
        "kind": "closing",
        "title": f"【截止提醒】第{number}项",
        "lines": ["材料一式两份"],
        "path": "/plan",
        "what": "",
        "aim": None,
        "ics": "",
    }
    about = f"project-{number}|2027|window"
    made = ReminderRow(
        f"{number:08}{of.id}"[:32],
        COMPANY,
        of.id,
        f"closing|{about}|7",
        about,
        "closing",
        "pending",
        due=TEN - timedelta(hours=1),
        expires=TEN + timedelta(days=3),
        alone=True,
        first=DAY,
        last=DAY,
        confirmed=True,
        body=json.dumps(told, ensure_ascii=False),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def remember(store: Store, *rows: ReminderRow) -> None:
    """Plan reminders."""
    store.outbox.apply(ReminderChanges(tuple((one, "", 0) for one in rows)), COMPANY)


# ---- killed


def test_whoever_is_killed_while_sending_loses_nothing(store: Store, url: str) -> None:
    """Four couriers, 2,000 messages, a hundred kills at every stage: each arrives, hardly any twice."""
    with provider(lambda _: {}) as sink:
        channel = hook(store, sink.base)
        someone = person(store, channel.id)
        rows = [row(someone, number) for number in range(2000)]
        remember(store, *rows)
        messages = [
            (MessageRow(f"{number:032}", COMPANY, someone.id, channel.id, "", _body(one), TEN, TEN, one.expires), [one])
            for number, one in enumerate(rows)
        ]
        with transaction(store.engine, store.label, writes=True) as db:
            store.outbox.queue(db, messages)
        command = [sys.executable, "-m", "tests.killing_couriers", url, KEY, "105"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    came = Counter(one.headers["x-message-id"] for one in sink.came)
    assert told["killed"] >= 100
    assert all(told["moments"][name] >= 15 for name in ("claimed", "taken", "marking", "marked", "any"))
    assert came.keys() == {message.id for message, _ in messages}
    twice = came.total() - len(messages)
    assert 0 < twice <= told["killed"]
    assert store.outbox.counts() == {"sent": 2000}
    assert {one.state for one in store.outbox.reminders(COMPANY)} == {"sent"}


def _body(one: ReminderRow) -> str:
    return json.dumps({"reminders": [json.loads(one.body)], "note": ""}, ensure_ascii=False)


# ---- a courier, its clock, its ways


@dataclass
class Clock:
    """Shows what it was set to."""

    now: datetime = TEN

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def pass_(self, **much: float) -> None:
        """Go on, or back."""
        self.now += timedelta(**much)


@dataclass
class Way:
    """A channel that keeps what came, and answers as it was told, else that it was taken."""

    plays: list[Receipt] = field(default_factory=list)
    came: list[tuple[Message, int]] = field(default_factory=list)

    def address(self, given: Mapping[str, str]) -> Mapping[str, str]:
        """Return what is kept."""
        return given

    def send(self, message: Message, address: Mapping[str, str], *, at: datetime, begin: int = 0) -> Receipt:
        """Keep a message."""
        del address, at
        self.came.append((message, begin))
        return self.plays.pop(0) if self.plays else Receipt("sent", "0")

    @property
    def keys(self) -> list[str]:
        """The identities of what came."""
        return [message.key for message, _ in self.came]

    @property
    def headings(self) -> list[list[str]]:
        """The headings of what came."""
        return [[part.heading for part in message.parts] for message, _ in self.came]


AGAIN, NEVER = Receipt("retry", "503", "busy"), Receipt("dead", "404", "gone")


@dataclass
class Office:
    """A store, somebody who sends what is in it, and the ways to an imagined robot and to a mailbox."""

    store: Store
    clock: Clock = field(default_factory=Clock)
    robot: Way = field(default_factory=Way)
    mail: Way = field(default_factory=Way)
    chance: float = 0.0

    def courier(self, worker: str = "w", **more: object) -> Courier:
        """Return who sends."""
        ways = {"webhook": self.robot, "email": self.mail}
        made = Courier(self.store, ways, Sealer([KEY]), self.clock, lambda: self.chance, worker)
        return replace(made, **more)  # type: ignore[arg-type]

    def tick(self) -> tuple[int, int]:
        """Queue what is due and send what waits; return how many messages were queued, and how many taken."""
        return dispatch(self.store, self.clock()), self.courier().deliver()

    def states(self) -> dict[str, str]:
        """Return the state of each reminder by the number it begins with."""
        return {one.id[:8].lstrip("0") or "0": one.state for one in self.store.outbox.reminders(COMPANY)}

    def message(self) -> MessageRow:
        """Return the only message."""
        [found] = self.store.outbox.messages(COMPANY)
        return found


@pytest.fixture
def office(store: Store) -> Office:
    """Give an office that nothing has come to yet."""
    return Office(store)


def change(store: Store, was: ReminderRow, **more: object) -> None:
    """Plan a reminder anew, as it is found in the store."""
    known = next(one for one in store.outbox.reminders(COMPANY) if one.id == was.id)
    fresh = replace(known, **{"body": was.body, "state": "pending", **more})  # type: ignore[arg-type]
    store.outbox.apply(ReminderChanges(((fresh, known.state, known.epoch),)), COMPANY)


# ---- leases and clocks


def test_a_lease_that_is_over_is_taken_over(office: Office) -> None:
    """By whoever asks next; what the first says afterwards of a failure counts for nothing."""
    someone = person(office.store, hook(office.store, "http://x").id)
    remember(office.store, row(someone, 1))
    dispatch(office.store, TEN)
    outbox = office.store.outbox
    first = outbox.claim("a", now=TEN)
    assert first is not None
    assert outbox.claim("b", now=TEN + LEASE) is None
    second = outbox.claim("b", now=TEN + LEASE + timedelta(seconds=1))
    assert second is not None
    assert (second.id, second.attempts, second.worker) == (first.id, 2, "b")
    office.clock.pass_(minutes=3)
    outbox.missed(first, Attempt(first.id, 1, office.clock(), "retry", "503", "busy", 1), next_try=office.clock())
    assert office.message().state == "sending"
    outbox.arrived(second, Attempt(second.id, 2, office.clock(), "sent", "200", "", 1))
    outbox.missed(first, Attempt(first.id, 1, office.clock(), "dead", "404", "gone", 1), next_try=None)
    assert (office.message().state, office.states()) == ("sent", {"1": "sent"})
    assert [one.number for one in outbox.attempts([first.id])] == [1, 2, 3]


def test_what_is_said_twice_has_the_same_identity(office: Office) -> None:
    """Whoever dies between sending and saying so: the other sends the same, and a program can tell."""
    someone = person(office.store, hook(office.store, "http://x").id)
    remember(office.store, row(someone, 1))
    dispatch(office.store, TEN)
    claimed = office.store.outbox.claim("dead", now=TEN)
    assert claimed is not None
    office.clock.pass_(minutes=3)
    office.courier().deliver()
    assert office.robot.keys == [claimed.id]
    assert office.robot.came[0][0].reference == claimed.id[:6].upper()


def test_lanes_send_side_by_side(office: Office) -> None:
    """Each message goes once, whoever of them claims it; not more than were asked for."""
    someone = person(office.store, hook(office.store, "http://x").id)
    for number in range(40):
        remember(office.store, row(someone, number))
        assert dispatch(office.store, TEN) == 1
    assert office.courier().deliver(lanes=8, most=30) == 30
    assert office.store.outbox.counts() == {"sent": 30, "pending": 10}
    assert office.courier().deliver(lanes=8) == 10
    assert Counter(Counter(office.robot.keys).values()) == {1: 40}


@pytest.mark.parametrize("ahead", [timedelta(hours=9), timedelta(days=2), timedelta(days=400)])
def test_a_clock_that_is_set_back_keeps_nothing_waiting(office: Office, ahead: timedelta) -> None:
    """Neither what was being sent by the wrong time, nor what was to be tried again by it."""
    channel = hook(office.store, "http://x")
    someone = person(office.store, channel.id)
    rows = [row(someone, number, expires=TEN + timedelta(days=900)) for number in (1, 2)]
    with transaction(office.store.engine, office.store.label, writes=True) as db:
        db.execute(insert(schema.reminder), [_plain(one) for one in rows])
        wrong = TEN + ahead
        for one in rows:
            message = message_of(someone, channel.id, [one], wrong)
            office.store.outbox.queue(db, [(message, [one])])
    assert office.store.outbox.claim("wrong", now=TEN + ahead, lease=timedelta(hours=1)) is not None
    assert office.courier().deliver() == 2
    assert office.states() == {"1": "sent", "2": "sent"}


def test_a_clock_that_is_set_back_a_little_does_not_take_from_who_is_at_work(office: Office) -> None:
    """A minute is nothing."""
    someone = person(office.store, hook(office.store, "http://x").id)
    remember(office.store, row(someone, 1))
    dispatch(office.store, TEN)
    assert office.store.outbox.claim("a", now=TEN) is not None
    assert office.store.outbox.claim("b", now=TEN - timedelta(minutes=1)) is None


def test_a_clock_that_leaps_ahead_sends_nothing_too_late(office: Office) -> None:
    """What was true until yesterday is not said; what is still true is."""
    someone = person(office.store, hook(office.store, "http://x").id)
    remember(
        office.store,
        row(someone, 1),
        row(someone, 2, expires=TEN + timedelta(days=30)),
        row(someone, 3, due=TEN + timedelta(days=2), expires=TEN + timedelta(days=3)),
    )
    dispatch(office.store, TEN)
    office.clock.pass_(days=9)
    assert office.tick() == (0, 1)
    assert office.states() == {"1": "expired", "2": "sent", "3": "expired"}


# ---- tries


@pytest.mark.parametrize(("chance", "factor"), [(0.0, 1.0), (0.5, 1.125), (1.0, 1.25)])
def test_tries_grow_rarer(office: Office, chance: float, factor: float) -> None:
    """1, 5, 30 minutes, 2 and 6 hours, up to a quarter more; not a second before."""
    office.chance = chance
    someone = person(office.store, hook(office.store, "http://x").id)
    remember(office.store, row(someone, 1, urgent=True, expires=TEN + timedelta(days=9)))
    office.robot.plays += [AGAIN] * 7
    dispatch(office.store, TEN)
    tried = []
    for _ in range(8):
        while not may_send(office.clock(), urgent=True):
            office.clock.pass_(hours=1)
        at = office.clock()
        office.courier().deliver()
        tried.append(office.message().next_try - at)
        assert office.courier().deliver() == 0
        office.clock.now = office.message().next_try - timedelta(seconds=1)
        assert office.courier().deliver() == 0
        office.clock.pass_(seconds=1)
    assert tried[:7] == [timedelta(minutes=minutes) * factor for minutes in (1, 5, 30, 120, 360, 360, 360)]
    assert len(office.robot.came) == 8
    assert len(set(office.robot.keys)) == 1
    assert office.states() == {"1": "sent"}


def test_who_asks_for_patience_gets_it(office: Office) -> None:
    """A program that says when to come again, over the wire."""
    with provider(lambda _: {}) as sink:
        someone = person(office.store, hook(office.store, sink.base).id)
        remember(office.store, row(someone, 1))
        sink.plays.append(tells({}, status=429, Retry_After="1800"))
        dispatch(office.store, TEN)
        courier = office.courier(channels={"webhook": Webhook(Client(), private=True)})
        assert courier.deliver() == 0
        assert office.message().next_try == TEN + timedelta(minutes=30)
        [attempt] = office.store.outbox.attempts([office.message().id])
        assert (attempt.number, attempt.outcome, attempt.code) == (1, "retry", "429")
        office.clock.pass_(minutes=30)
        assert courier.deliver() == 1


def test_nothing_is_sent_after_it_has_expired(office: Office) -> None:
    """Nor is it tried again where the next try would be too late."""
    someone = person(office.store, hook(office.store, "http://x").id)
    remember(office.store, row(someone, 1, expires=TEN + timedelta(minutes=5)))
    office.robot.plays += [AGAIN, AGAIN]
    dispatch(office.store, TEN)
    office.courier().deliver()
    assert office.states() == {"1": "queued"}
    office.clock.pass_(minutes=1)
    office.courier().deliver()
    assert (office.message().state, office.states()) == ("expired", {"1": "expired"})
    office.clock.pass_(minutes=30)
    assert office.tick() == (0, 0)
    assert len(office.robot.came) == 2


def test_what_is_true_longer_than_its_message_goes_on_alone(office: Office) -> None:
    """Of two in one message one expires: the message is not said any more, the other is."""
    someone = person(office.store, hook(office.store, "http://x").id)
    remember(
        office.store,
        row(someone, 1, alone=False, expires=TEN + timedelta(minutes=5)),
        row(someone, 2, alone=False, expires=TEN + timedelta(days=9)),
    )
    office.robot.plays.append(AGAIN)
    assert office.tick() == (1, 0)
    office.clock.pass_(minutes=10)
    assert office.tick() == (0, 0)
    assert office.states() == {"1": "expired", "2": "pending"}
    assert office.tick() == (1, 1)
    assert office.robot.headings == [["【截止提醒】第1项", "【截止提醒】第2项"], ["【截止提醒】第2项"]]
    assert office.states() == {"1": "expired", "2": "sent"}


def test_a_long_message_goes_on_where_it_stopped(office: Office) -> None:
    """A robot takes two of its pieces and no more; the rest follows, and nothing comes twice."""
    lines = [f"第{number:02}行：{'须由法定代表人签字并加盖公章' * 12}" for number in range(20)]
    with provider(wecom) as group:
        sealed = Sealer([KEY]).seal({"key": ROBOT})
        office.store.addressees.add_channel(ChannelRecord("g" * 32, COMPANY, "wecom", "群", sealed, TEN), who="")
        someone = person(office.store, "g" * 32)
        long = row(someone, 1)
        long = replace(long, body=json.dumps(json.loads(long.body) | {"lines": lines}, ensure_ascii=False))
        remember(office.store, long)
        fine = tells({"errcode": 0, "errmsg": "ok"})
        group.plays.extend([fine, fine, tells({"errcode": -1, "errmsg": "system busy"})])
        courier = office.courier(channels={"wecom": WeCom(Client(), group.base)})
        dispatch(office.store, TEN)
        assert courier.deliver() == 0
        assert (office.message().state, office.message().pieces) == ("pending", 2)
        before = len(group.came)
        office.clock.pass_(minutes=2)
        assert courier.deliver() == 1
    texts = [came.said["markdown"]["content"] for came in group.came]
    taken = [*texts[:2], *texts[before:]]
    assert len(taken) == len(set(taken)) > 2
    assert all(sum(line[:4] in text for text in taken) == 1 for line in lines)


# ---- channels that fail


def test_a_channel_closed_for_good_is_told_by_e_mail(office: Office) -> None:
    """Once, with a note why; what it says counts as told when it has arrived."""
    someone = person(office.store, hook(office.store, "http://x").id, email="li@example.cn")
    remember(office.store, row(someone, 1))
    office.robot.plays.append(NEVER)
    office.mail.plays.append(AGAIN)
    assert office.tick() == (1, 0)
    assert office.states() == {"1": "queued"}
    office.clock.pass_(minutes=1)
    assert office.tick() == (0, 1)
    [(letter, _), (again, _)] = office.mail.came
    assert letter == again
    assert letter.intro.splitlines()[0] == "“接口c”没有送达（gone），所以改发邮件。"
    assert [part.heading for part in letter.parts] == ["【截止提醒】第1项"]
    assert office.states() == {"1": "sent"}
    office.clock.pass_(days=1)
    assert office.tick() == (0, 0)
    assert sorted(one.state for one in office.store.outbox.messages(COMPANY)) == ["dead", "sent"]


def test_who_has_e_mail_anyway_gets_no_second_one(office: Office) -> None:
    """The robot is closed; the mailbox is another way that this recipient chose."""
    someone = person(office.store, "email", hook(office.store, "http://x").id, email="li@example.cn")
    remember(office.store, row(someone, 1))
    office.robot.plays.append(NEVER)
    assert office.tick() == (2, 1)
    assert len(office.mail.came) == 1
    assert office.states() == {"1": "sent"}


def test_a_channel_without_another_way_fails(office: Office) -> None:
    """What it should have said counts as failed."""
    someone = person(office.store, hook(office.store, "http://x").id)
    remember(office.store, row(someone, 1))
    office.robot.plays.append(NEVER)
    assert office.tick() == (1, 0)
    assert office.states() == {"1": "failed"}


def test_a_channel_that_was_removed_is_closed(office: Office) -> None:
    """Its messages go by e-mail, too."""
    channel = hook(office.store, "http://x")
    someone = person(office.store, channel.id, email="li@example.cn")
    remember(office.store, row(someone, 1))
    dispatch(office.store, TEN)
    office.store.addressees.remove_channel(COMPANY, channel.id, who="", at=TEN)
    assert office.courier().deliver() == 0
    assert (office.robot.came, office.message().state) == ([], "dead")


def test_administrators_hear_of_a_channel_that_keeps_failing(office: Office) -> None:
    """At the third failure, once a day; one success, and the count begins anew. Nobody else hears of it."""
    accounts = office.store.accounts
    for number, (email, standing) in enumerate(
        [("a@x.cn", "administrator"), ("m@x.cn", "member"), ("d@x.cn", "administrator")]
    ):
        accounts.add(f"{number:036}", email, email, "x", standing, at=TEN)  # type: ignore[arg-type]
    accounts.disable(f"{2:036}", who="", at=TEN)
    channel = hook(office.store, "http://x")
    someone = person(office.store, channel.id)
    remember(office.store, row(someone, 1, urgent=True, expires=TEN + timedelta(days=9)))
    dispatch(office.store, TEN)

    def failed(times: int) -> int:
        office.robot.plays += [AGAIN] * times
        for _ in range(times):
            office.clock.now = max(office.clock(), _next(office))
            office.courier().deliver()
            office.courier().deliver()
        found = office.store.addressees.channel(channel.id)
        assert found is not None
        assert (found.failing is None) == (found.failures == 0)
        return found.failures

    assert failed(2) == 2
    assert office.mail.came == []
    assert failed(1) == 3
    [(alarm, _)] = office.mail.came
    assert alarm.subject == "申报助手：提醒发不出去"
    assert alarm.parts[0].lines == (
        "“佛山某某水泵有限公司”的渠道“接口c”从 2026年11月24日 起一直没有送达，最近的答复：busy。请检查设置。",
    )
    assert failed(1) == 4
    assert len(office.mail.came) == 1
    office.clock.now = TEN + timedelta(days=1)
    assert failed(1) == 5
    assert len(office.mail.came) == 2
    assert [one.id for one in office.store.addressees.failing(failures=3)] == [channel.id]
    office.clock.now = max(TEN + timedelta(days=2), _next(office))
    assert office.courier().deliver() == 1
    found = office.store.addressees.channel(channel.id)
    assert found is not None
    assert (found.failures, found.failing) == (0, None)
    assert office.store.addressees.failing(failures=1) == ()


def _next(office: Office) -> datetime:
    [found] = [one for one in office.store.outbox.messages(COMPANY) if one.channel]
    return found.next_try


def test_a_message_that_cannot_be_worded_stops_nobody(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """It is tried again; the others go."""
    someone = person(office.store, hook(office.store, "http://x").id)
    remember(office.store, row(someone, 1, body='{"title": "broken"}'), row(someone, 2))
    assert office.tick() == (2, 1)
    assert office.states() == {"1": "queued", "2": "sent"}
    assert "could not be put into words" in caplog.text


# ---- more than one address


def test_of_two_channels_one_is_enough(office: Office) -> None:
    """It counts as told when the first has it; the second still gets it."""
    ways = [hook(office.store, "http://x", name) for name in "cd"]
    someone = person(office.store, *[one.id for one in ways])
    remember(office.store, row(someone, 1))
    office.robot.plays += [Receipt("sent"), AGAIN]
    assert office.tick() == (2, 1)
    assert office.states() == {"1": "sent"}
    office.clock.pass_(minutes=1)
    assert office.tick() == (0, 1)
    assert [one.state for one in office.store.outbox.messages(COMPANY)] == ["sent", "sent"]
    assert office.states() == {"1": "sent"}


def test_of_two_channels_the_last_decides_on_failure(office: Office) -> None:
    """One is closed, the other is tried again: nothing has failed yet."""
    ways = [hook(office.store, "http://x", name) for name in "cd"]
    someone = person(office.store, *[one.id for one in ways])
    remember(office.store, row(someone, 1))
    office.robot.plays += [NEVER, AGAIN]
    assert office.tick() == (2, 0)
    assert office.states() == {"1": "queued"}
    office.robot.plays.append(NEVER)
    office.clock.pass_(minutes=1)
    assert office.tick() == (0, 0)
    assert office.states() == {"1": "failed"}


# ---- what changes while it waits


def test_a_date_that_moves_takes_back_what_waits(office: Office) -> None:
    """The message that would tell of it; the other reminder in it goes out all the same, at the next look."""
    someone = person(office.store, hook(office.store, "http://x").id)
    both = [row(someone, number, alone=False) for number in (1, 2)]
    remember(office.store, *both)
    dispatch(office.store, TEN)
    change(office.store, both[0], due=TEN + timedelta(days=2))
    assert office.message().state == "superseded"
    assert office.states() == {"1": "pending", "2": "pending"}
    assert office.tick() == (1, 1)
    assert office.robot.headings == [["【截止提醒】第2项"]]


def test_what_was_taken_back_goes_out_when_it_is_due_again(office: Office) -> None:
    """In the same company as before, so under the same identity: it was never sent, and is now."""
    someone = person(office.store, hook(office.store, "http://x").id)
    both = [row(someone, number, alone=False) for number in (1, 2)]
    remember(office.store, *both)
    dispatch(office.store, TEN)
    first = office.message().id
    told = json.loads(both[0].body) | {"title": "【截止提醒】改过的一项"}
    change(office.store, replace(both[0], body=json.dumps(told)))
    assert office.tick() == (1, 1)
    assert office.robot.keys == [first]
    assert office.robot.headings == [["【截止提醒】改过的一项", "【截止提醒】第2项"]]
    assert office.states() == {"1": "sent", "2": "sent"}


def test_what_is_on_its_way_is_not_taken_back(office: Office) -> None:
    """Whoever is sending it this moment will say so; planning comes again."""
    someone = person(office.store, hook(office.store, "http://x").id)
    one = row(someone, 1)
    remember(office.store, one)
    dispatch(office.store, TEN)
    claimed = office.store.outbox.claim("a", now=TEN)
    assert claimed is not None
    change(office.store, one, state="superseded")
    office.store.outbox.arrived(claimed, Attempt(claimed.id, 1, TEN, "sent", "200", "", 1))
    assert office.states() == {"1": "sent"}


def test_who_has_left_gets_nothing_even_if_it_waits(office: Office) -> None:
    """Queued before, not sent after; nor later."""
    someone = person(office.store, hook(office.store, "http://x").id)
    remember(office.store, row(someone, 1), row(someone, 2, due=TEN + timedelta(hours=1)))
    dispatch(office.store, TEN)
    office.store.addressees.change(replace(someone, stopped=TEN), who="李会计", at=TEN)
    assert office.tick() == (0, 0)
    office.clock.pass_(hours=1)
    assert office.tick() == (0, 0)
    assert office.robot.came == []
    assert office.states() == {"1": "superseded", "2": "superseded"}


def test_who_pauses_hears_it_afterwards(office: Office) -> None:
    """If it is still true then; what was queued waits with the rest."""
    someone = person(office.store, hook(office.store, "http://x").id)
    long = TEN + timedelta(days=30)
    remember(
        office.store, row(someone, 1, expires=long), row(someone, 2), row(someone, 3, due=TEN + LEASE, expires=long)
    )
    dispatch(office.store, TEN)
    office.store.addressees.change(replace(someone, paused=DAY + timedelta(days=5)), who="", at=TEN)
    for days in range(5):
        office.clock.now = TEN + timedelta(days=days)
        assert office.tick() == (0, 0)
    office.clock.now = TEN + timedelta(days=6)
    assert office.tick() == (2, 2)
    assert office.states() == {"1": "sent", "2": "expired", "3": "sent"}


@pytest.mark.parametrize("state", ["done", "not-needed"])
def test_a_step_that_is_done_is_not_reminded_of_even_if_it_waits(office: Office, state: str) -> None:
    """Marked between queueing and sending; what else the message said goes out without it."""
    someone = person(office.store, hook(office.store, "http://x").id)
    remember(office.store, row(someone, 1, alone=False), row(someone, 2, alone=False), row(someone, 3, due=TEN + LEASE))
    dispatch(office.store, TEN)
    for number in (1, 3):
        key = f"project-{number}|2027|window"
        mark = Mark(key, state, f"第{number}项", TEN, who="李会计")  # type: ignore[arg-type]
        office.store.work.put(COMPANY, mark, who="李会计", at=TEN, after=0)
    assert office.tick() == (0, 0)
    assert office.states() == {"1": "superseded", "2": "pending", "3": "pending"}
    office.clock.pass_(minutes=10)
    assert office.tick() == (1, 1)
    assert office.robot.headings == [["【截止提醒】第2项"]]
    assert office.states() == {"1": "superseded", "2": "sent", "3": "superseded"}


def test_those_who_pause_keep_nobody_waiting(office: Office) -> None:
    """However many there are before the one who does not."""
    channel = hook(office.store, "http://x")
    rows = []
    with transaction(office.store.engine, office.store.label, writes=True) as db:
        for number in range(600):
            one = Recipient(f"{number:032}", COMPANY, str(number), "", (channel.id,), KINDS, LEADS, TEN, paused=DAY)
            one = one if number < 599 else replace(one, paused=None)
            db.execute(insert(schema.recipient).values(**addressees._values(one)))
            rows.append(row(one, number))
    remember(office.store, *rows)
    assert office.tick() == (1, 1)
    assert office.states()["599"] == "sent"


# ---- hours


def test_nothing_goes_out_at_night_and_what_is_not_urgent_not_on_days_off(office: Office) -> None:
    """Neither queued nor sent; on Monday the rest follows."""
    someone = person(office.store, hook(office.store, "http://x").id)
    saturday = moment(date(2026, 11, 28))
    remember(
        office.store,
        row(someone, 1, urgent=True, due=saturday, expires=saturday + timedelta(days=9)),
        row(someone, 2, due=saturday, expires=saturday + timedelta(days=9)),
    )
    for hour, queued in [(-1, 0), (9, 0), (0, 1), (8, 0), (24, 0), (47, 0), (48, 1)]:
        office.clock.now = saturday + timedelta(hours=hour)
        assert office.tick() == (queued, queued), hour
    assert office.robot.headings == [["【截止提醒】第1项"], ["【截止提醒】第2项"]]


def test_what_was_queued_in_time_is_not_sent_in_the_evening(office: Office) -> None:
    """A courier stops at six o'clock, in the middle of what it has claimed; the rest goes the next morning."""
    someone = person(office.store, hook(office.store, "http://x").id)
    remember(office.store, *[row(someone, number) for number in range(3)])
    dispatch(office.store, TEN)
    office.clock.now = moment(DAY, CLOSES) - timedelta(seconds=30)

    class Slow(Way):
        def send(self, *given: Any, **more: Any) -> Receipt:
            office.clock.pass_(seconds=40)
            return super().send(*given, **more)

    assert office.courier(channels={"webhook": Slow()}).deliver() == 1
    assert office.store.outbox.counts() == {"pending": 2, "sent": 1}
    office.clock.now = moment(DAY + timedelta(days=1)) - timedelta(seconds=1)
    assert office.tick() == (0, 0)
    office.clock.pass_(seconds=1)
    assert office.tick() == (0, 2)


def test_a_slow_channel_gives_back_what_its_lease_is_too_short_for(office: Office) -> None:
    """Others may take it; nobody sends what somebody else may have taken over meanwhile."""
    someone = person(office.store, hook(office.store, "http://x").id)
    for number in range(5):
        remember(office.store, row(someone, number))
        assert dispatch(office.store, TEN) == 1
    left = []

    class Slow(Way):
        def send(self, message: Message, *given: Any, **more: Any) -> Receipt:
            known = {one.id: one.lease for one in office.store.outbox.messages(COMPANY)}
            lease = known[message.key]
            assert lease is not None
            left.append(lease - office.clock())
            office.clock.pass_(seconds=40)
            return super().send(message, *given, **more)

    assert office.courier(channels={"webhook": Slow()}).deliver() == 5
    assert [round(one.total_seconds()) for one in left] == [120, 80, 120, 80, 120]


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Shanghai", "Pacific/Apia"])
def test_the_zone_of_the_host_changes_nothing(office: Office, monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    """Nor does its summer time, which ends between two tries of a message."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        someone = person(office.store, hook(office.store, "http://x").id)
        sunday = date(2026, 11, 1)
        remember(office.store, row(someone, 1, urgent=True, due=moment(sunday), expires=moment(sunday, CLOSES)))
        office.clock.now = datetime(2026, 11, 1, 0, 59, 59, tzinfo=UTC)
        assert office.tick() == (0, 0)
        office.clock.now = datetime(2026, 11, 1, 5, 58, tzinfo=UTC)  # 01:58 in New York, for the first time
        office.robot.plays += [AGAIN, AGAIN]
        assert office.tick() == (1, 0)
        assert office.message().next_try == datetime(2026, 11, 1, 5, 59, tzinfo=UTC)
        office.clock.pass_(minutes=1)
        assert office.tick() == (0, 0)
        assert office.message().next_try == datetime(2026, 11, 1, 6, 4, tzinfo=UTC)  # 01:04 there, again
        office.clock.pass_(minutes=5, seconds=-1)
        assert office.tick() == (0, 0)
        assert len(office.robot.came) == 2
        assert office.store.outbox.claim("dead", now=datetime(2026, 11, 1, 6, 4, tzinfo=UTC)) is not None
        office.clock.now = datetime(2026, 11, 1, 6, 6, tzinfo=UTC)
        assert office.tick() == (0, 0)
        office.clock.pass_(seconds=1)
        assert office.tick() == (0, 1)
        assert office.states() == {"1": "sent"}
    finally:
        monkeypatch.undo()
        time.tzset()


# ---- a database in trouble


def _impatient(connection: Any, record: object) -> None:
    """Have a connection give up soon."""
    del record
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA busy_timeout = 50")
    else:
        connection.execute("SET lock_timeout = 50")
        connection.commit()


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Keep everybody from writing messages."""
    engine = engine_of(url)
    statement = "BEGIN IMMEDIATE" if url.startswith("sqlite") else "LOCK TABLE message IN EXCLUSIVE MODE"
    connection = engine.raw_connection()
    try:
        connection.cursor().execute(statement)
        yield
        connection.rollback()
    finally:
        connection.close()
        engine.dispose()


def test_a_database_that_is_locked_loses_nothing(office: Office, url: str) -> None:
    """Before anything is claimed, and between sending and saying so: it is told, and sent again after the lease."""
    someone = person(office.store, hook(office.store, "http://x").id)
    remember(office.store, *[row(someone, number) for number in range(3)])
    dispatch(office.store, TEN)
    event.listen(office.store.engine, "connect", _impatient)
    office.store.engine.dispose()
    with locked(url), pytest.raises(StoreFailure):
        office.courier().deliver()
    assert office.robot.came == []
    assert office.store.outbox.counts() == {"pending": 3}
    with ExitStack() as until_told:
        robot = office.robot

        @dataclass
        class Locking(Way):
            def send(self, *given: Any, **more: Any) -> Receipt:
                until_told.enter_context(locked(url))
                return robot.send(*given, **more)

        with pytest.raises(StoreFailure):
            office.courier(channels={"webhook": Locking()}).deliver()
    assert office.store.outbox.counts() == {"sending": 3}
    office.clock.pass_(minutes=3)
    assert office.courier().deliver() == 3
    assert office.store.outbox.counts() == {"sent": 3}
    assert Counter(Counter(robot.keys).values()) == {1: 2, 2: 1}


def test_who_holds_the_database_for_a_while_is_waited_for(office: Office, url: str) -> None:
    """Seconds are nothing: the courier goes on when it is free."""
    someone = person(office.store, hook(office.store, "http://x").id)
    remember(office.store, row(someone, 1))
    dispatch(office.store, TEN)
    with ThreadPoolExecutor(1) as pool:
        with locked(url):
            sending = pool.submit(lambda: office.courier().deliver())
            with pytest.raises(TimeoutError):
                sending.result(1)
        assert sending.result(60) == 1
    assert office.states() == {"1": "sent"}


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """Couriers that cannot write any more stop; when there is room again, what they left is sent."""
    url = f"sqlite:///{tmp_path}/store.db"
    upgrade(url)
    with open_store(url) as store, provider(lambda _: {}) as sink:
        store.add_company(COMPANY, "佛山某某水泵有限公司", "facts: {}\n", who="王工", at=TEN)
        someone = person(store, hook(store, sink.base).id)
        remember(store, *[row(someone, number, alone=False) for number in range(100)])
        with transaction(store.engine, store.label, writes=True) as db:
            told = [
                (message_of(someone, "c" * 32, [one], TEN), [one]) for one in store.outbox.waiting(db, someone.id, TEN)
            ]
            store.outbox.queue(db, told)
        with closing(sqlite3.connect(store.label)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        command = [sys.executable, "-m", "tests.killing_couriers", url, KEY, "0"]
        limited = ["sh", "-c", 'ulimit -f 200; exec "$@"', "sh", *command]
        stopped = subprocess.run(limited, cwd=ROOT, capture_output=True, text=True, check=False)
        assert stopped.returncode != 0
        assert re.search("store-unusable|disk I/O error|full", stopped.stderr), stopped.stderr
        before = store.outbox.counts()
        assert 0 < before["sent"] < 100
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert store.outbox.counts() == {"sent": 100}
        assert {one.state for one in store.outbox.reminders(COMPANY)} == {"sent"}
        came = Counter(one.headers["x-message-id"] for one in sink.came)
        assert len(came) == 100
        assert came.total() - 100 <= COURIERS
        with closing(sqlite3.connect(store.label)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def _plain(one: ReminderRow) -> dict[str, object]:
    return asdict(one) | {name: int(getattr(one, name)) for name in ("urgent", "alone", "confirmed")}
