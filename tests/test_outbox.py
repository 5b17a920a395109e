"""The outbox on real SQLite and real PostgreSQL: nothing is lost, hardly anything said twice, nothing said too late."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from assistant.delivery.reminders import KINDS, LEADS
from assistant.planning.manners import moment
from assistant.service.sealing import Sealer
from assistant.service.store.engine import transaction
from assistant.service.store.migration import upgrade
from assistant.service.store.records import (
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
from tests.robots import provider

COMPANY = "00000000-0000-4000-8000-000000000001"
DAY = date(2026, 11, 24)  # a Tuesday
TEN = moment(DAY) + timedelta(hours=1)
HOOK_SECRET = "0123456789abcdef0123456789abcdef"
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
    made = ReminderRow(
        f"{number:08}{of.id}"[:32], COMPANY, of.id, f"closing|project-{number}|2027|window|7", f"project-{number}|2027|window",
        "closing", "pending", due=TEN - timedelta(hours=1), expires=TEN + timedelta(days=3), alone=True, first=DAY, last=DAY,
        confirmed=True, body=json.dumps(told, ensure_ascii=False),
    )  # fmt: skip
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
