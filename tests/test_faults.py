"""What may go wrong while calendars are built and served: the last good ones stay, log and health page say why."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import event

from assistant.delivery.feed import feed
from assistant.delivery.revision import revise
from assistant.matching.match import Matcher
from assistant.service.press import Press
from assistant.service.proof import Misprint, proof
from assistant.service.publish import FEEDS, Composer, pack, publish, tag_of, unpack
from assistant.service.store.store import Store
from assistant.service.store.tokens import digest_of
from assistant.web.health import health
from assistant.web.shelf import Shelf
from tests.conftest import ROOT
from tests.serving import Server, add_sample, add_token, new_store, now, profile_text, until

EARLIER = now() - timedelta(hours=1)  # so long a server has run


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return a new store."""
    with new_store(tmp_path) as store:
        yield store


@pytest.fixture
def company(store: Store) -> str:
    """Return a company in it."""
    return add_sample(store, "empty")


@pytest.fixture
def composer(matcher: Matcher) -> Composer:
    """Return what calendars are built with."""
    return Composer(matcher)


def execute(store: Store, statement: str, *values: object) -> None:
    """Change the database behind the store's back."""
    with closing(sqlite3.connect(store.label)) as connection, connection:
        assert connection.execute(statement, values).rowcount > 0


def bodies(store: Store, company: str) -> dict[str, object]:
    """Return all calendars of a company."""
    return {kind: store.body(company, kind) for kind in FEEDS}


# ---- killed


def test_whoever_is_killed_while_publishing_leaves_whole_calendars(tmp_path: Path) -> None:
    """A hundred times, at every stage; a server that somebody reads all the while never sends a part of one."""
    files = [str(ROOT / "profiles" / f"{name}.yaml") for name in ("empty", "sensor-startup")]
    with new_store(tmp_path) as store, Server(store, tmp_path, "--no-publish") as server:
        company = add_sample(store, "empty")
        link = f"/f/{add_token(store, company)}/all.ics"
        command = [sys.executable, "-m", "tests.killing", f"sqlite:///{store.label}", company, "100", *files]
        stopped = threading.Event()
        seen: set[str] = set()
        wrong: list[object] = []

        def read() -> None:
            while not stopped.wait(0.05):
                answer = server.ask(link)
                whole = answer.body.startswith(b"BEGIN:VCALENDAR\r\n") and answer.body.endswith(b"END:VCALENDAR\r\n")
                tag = f'"{sha256(answer.body).hexdigest()[:32]}"'
                if answer.status == 200 and whole and answer.headers["etag"] == tag:
                    seen.add(tag)
                elif seen or answer.status not in (404, 503):
                    wrong.append(answer)

        reader = threading.Thread(target=read)
        reader.start()
        try:
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        finally:
            stopped.set()
            reader.join()
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert wrong == []
    assert told["mixed"] == 0
    assert told["unfinished"] > 60
    assert told["statements"] >= 8
    assert seen


# ---- a full disk


def test_a_full_disk_leaves_the_last_calendars(tmp_path: Path) -> None:
    """The server cannot write anything of any size any more; it goes on serving and says so."""
    with new_store(tmp_path) as store:
        company = add_sample(store, "valve-maker")
        link = f"/f/{add_token(store, company)}/all.ics"
        with Server(store, tmp_path) as server:
            before = server.served(link)
            server.settled()
        checkpoint(store)
        with Server(store, tmp_path, before="ulimit -f 64") as server:
            assert server.served(link).body == before.body
            store.save_profile(company, profile_text("bearing-giant"), who="test", at=now())
            checkpoint(store)
            until(lambda: server.health()[0] == 503, server.logged)
            told = (f"company {company}: not published", "store: store-unusable")  # wherever the disk gave out first
            until(lambda: any(one in server.logged() for one in told), server.logged)
            after = server.ask(link)
            assert (after.status, after.body, after.headers["etag"]) == (200, before.body, before.headers["etag"])
        with Server(store, tmp_path) as server:
            until(lambda: server.ask(link, If_None_Match=before.headers["etag"]).status == 200, server.logged)


def checkpoint(store: Store) -> None:
    """Empty the write-ahead log, so that what is written next begins at its start."""
    with closing(sqlite3.connect(store.label)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


# ---- a database that cannot be written


def test_a_database_that_cannot_be_written_is_read_on(
    store: Store, company: str, composer: Composer, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is published, fetches wait, calendars are served; log and health page say so; then all is made up for."""
    token = add_token(store, company)
    assert publish(store, company, composer, now())
    before = bodies(store, company)
    store.save_profile(company, profile_text("sensor-startup"), who="test", at=now())
    shelf = Shelf(store, now)
    press = Press(store, composer, "test", now)
    event.listen(store.engine, "connect", _only_reads)
    store.engine.dispose()

    async def served() -> None:
        await shelf.refresh()
        reader = shelf.reader(digest_of(token))
        assert reader is not None
        assert await shelf.fetch(company, "all") is not None
        shelf.fetched(reader, b"client")
        await shelf.note()

    asyncio.run(served())
    press.run(rounds(2))
    assert bodies(store, company) == before
    assert [one.reason for one in shelf.troubles.values()] == ["store-unusable: attempt to write a readonly database"]
    assert "readonly database" in caplog.text
    well, told = health(store, shelf, now(), EARLIER)
    assert (well, told["status"], told["press"]["alive"], told["due"]) == (False, "failing", False, 1)

    event.remove(store.engine, "connect", _only_reads)
    store.engine.dispose()
    press.run(rounds(1))
    asyncio.run(shelf.note())
    assert bodies(store, company) != before
    assert store.tokens(company)[0].last_client == "client"
    assert health(store, shelf, now(), EARLIER)[0]


def _only_reads(connection: sqlite3.Connection, record: object) -> None:
    del record
    connection.execute("PRAGMA query_only = ON")


class rounds:  # noqa: N801 # reads as a word of the call
    """Lets a press look so many times, without waiting."""

    def __init__(self, left: int) -> None:
        """Begin to count."""
        self.left = left

    def __call__(self, seconds: float) -> bool:
        """Tell whether it is over."""
        if seconds:
            self.left -= 1
        return self.left < 0


# ---- damaged rows


def damage(store: Store, company: str, kind: str = "all") -> None:
    """Cut a calendar short, and have everybody look again."""
    execute(store, "UPDATE feed_body SET body = substr(body, 1, 200) WHERE company = ? AND kind = ?", company, kind)
    execute(store, "UPDATE change SET number = number + 1")
    execute(store, "UPDATE company SET changed = (SELECT number FROM change) WHERE id = ?", company)


def test_a_damaged_calendar_is_not_served(
    store: Store, company: str, composer: Composer, caplog: pytest.LogCaptureFixture
) -> None:
    """Who had it in memory serves it on, who had not says that it comes later; building once more mends it."""
    assert publish(store, company, composer, now())
    good = store.body(company, "all")
    old, new = Shelf(store, now), Shelf(store, now)

    async def served(shelf: Shelf) -> bytes | None:
        await shelf.refresh()
        found = shelf.at_hand(company, "all") or await shelf.fetch(company, "all")
        return found.plain if found else None

    before = asyncio.run(served(old))
    damage(store, company)
    assert asyncio.run(served(old)) == before
    assert asyncio.run(served(new)) is None
    assert "damaged" in caplog.text
    for shelf in (old, new):
        [trouble] = health(store, shelf, now(), EARLIER)[1]["troubles"]
        assert trouble["where"] == f"calendar {company}/all"
        assert trouble["why"].startswith("misprint: damaged")
    assert publish(store, company, composer, now() + timedelta(days=1))
    assert store.body(company, "all") == good
    assert [asyncio.run(served(shelf)) for shelf in (old, new)] == [before, before]
    assert not old.troubles
    assert not new.troubles


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event_state SET state = substr(state, 1, 50) WHERE company = ?",
        "UPDATE event_state SET state = '{}' WHERE company = ?",
        "UPDATE profile_version SET content = substr(content, 1, 100) || char(0) WHERE company = ?",
        "UPDATE profile_version SET at = 'yesterday' WHERE company = ?",
    ],
)
def test_a_damaged_row_harms_nobody_else(
    store: Store, composer: Composer, caplog: pytest.LogCaptureFixture, statement: str
) -> None:
    """Its company keeps the last calendars; the others get new ones; it is told once."""
    hurt, well = add_sample(store, "software-firm"), add_sample(store, "sensor-startup")
    press = Press(store, composer, "test", now)
    assert list(press.due()) == [True, True]
    before = bodies(store, hurt)
    execute(store, statement, hurt)
    execute(store, "UPDATE company SET published = NULL")
    press.run(rounds(3))
    assert bodies(store, hurt) == before
    assert [one.id for one in store.failures()] == [hurt]
    assert {one.id: one.published is not None for one in store.companies()} == {hurt: False, well: True}
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [hurt in record.getMessage() for record in errors] == [True]


# ---- proofs


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda raw: raw[:0],
        lambda raw: raw[: len(raw) // 2],
        lambda raw: raw.replace(b"END:VEVENT\r\n", b"", 1),
        lambda raw: raw.replace(b"STATUS:TENTATIVE", b"STATUS:CONFIRMED", 1),
        lambda raw: raw.replace(b"DTSTART;VALUE=DATE:20", b"DTSTART;VALUE=DATE:19", 1),
        lambda raw: raw.replace(b"DTEND;VALUE=DATE:20", b"DTEND;VALUE=DATE:x0", 1),
        lambda raw: raw.replace(b"\r\nUID:", b"\r\nUID:x", 1),
        lambda raw: raw.replace(b"\r\nSUMMARY", b"\r\nX-SUMMARY", 1),
        lambda raw: raw.replace(b"\r\n", b"\n"),
        lambda raw: raw.replace(b"\r\n ", b"", 1),
        lambda raw: raw[: raw.index(b"BEGIN:VEVENT")] + b"END:VCALENDAR\r\n",
        lambda raw: raw.replace("【".encode(), b"\xe3\x80", 1),
    ],
)
def test_a_spoilt_calendar_does_not_go_out(
    store: Store, composer: Composer, monkeypatch: pytest.MonkeyPatch, spoilt: object
) -> None:
    """Whatever is wrong with it: nothing in the store changes."""
    company = add_sample(store, "valve-maker")
    assert publish(store, company, composer, now())
    before, states = bodies(store, company), store.event_states(company)
    assert callable(spoilt)
    monkeypatch.setattr("assistant.service.publish.feed", lambda *given, **more: spoilt(feed(*given, **more)))
    store.save_profile(company, profile_text("bearing-giant"), who="test", at=now())
    with pytest.raises(Misprint):
        publish(store, company, composer, now())
    assert (bodies(store, company), store.event_states(company)) == (before, states)


def test_what_is_packed_unpacks() -> None:
    """The same bytes have the same tag, and pack to the same."""
    body = pack("all", b"calendar" * 1000, now())
    assert unpack(body) == b"calendar" * 1000
    assert body.etag == tag_of(b"calendar" * 1000)
    assert pack("all", b"calendar" * 1000, now()).body == body.body
    for damaged in (b"", body.body[:-1], b"calendar", body.body[:-4] + b"\0\0\0\0"):
        with pytest.raises(Misprint):
            unpack(replace(body, body=damaged))


def test_a_proof_reads_what_was_meant(composer: Composer, store: Store) -> None:
    """Every sort of calendar of a company."""
    company = add_sample(store, "valve-maker")
    made = composer.edition(store.inputs(company), now())
    again = revise((), made.states, now())
    for body in made.bodies:
        with pytest.raises(Misprint, match="not as meant"):
            proof(unpack(body), FEEDS[body.kind], again.published)


# ---- somebody else was quicker


def test_data_that_change_meanwhile_are_published_next(
    store: Store, company: str, composer: Composer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was built from old data does not go out."""
    edition = Composer.edition

    def interrupted(self: Composer, *given: object) -> object:
        store.save_profile(company, profile_text("sensor-startup"), who="test", at=now())
        return edition(self, *given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Composer, "edition", interrupted)
        assert not publish(store, company, composer, now())
    assert store.body(company, "all") is None
    assert store.due(now().date(), failed_before=now()) == (company,)
    assert publish(store, company, composer, now())


def test_of_two_presses_one_works(store: Store, company: str, composer: Composer) -> None:
    """The other one takes over when the first shows no sign of life."""
    first = Press(store, composer, "first", now)
    second = Press(store, composer, "second", now)
    later = Press(store, composer, "second", lambda: now() + timedelta(minutes=1))
    first.run(rounds(1))
    done = bodies(store, company)
    assert done["all"] is not None
    store.save_profile(company, profile_text("sensor-startup"), who="test", at=now())
    second.run(rounds(1))
    assert bodies(store, company) == done
    later.run(rounds(1))
    assert bodies(store, company) != done
