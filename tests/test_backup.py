"""A backup restores on a fresh machine and into either database; what is none is refused, and nothing is half done."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from assistant.errors import BadInput
from assistant.planning.announcements import Announcement
from assistant.service.store import migration, schema
from assistant.service.store.backup import backup, restore
from assistant.service.store.engine import StoreFailure, transaction
from assistant.service.store.migration import upgrade
from assistant.service.store.records import (
    Attempt,
    ChannelRecord,
    Fetch,
    MessageRow,
    Recipient,
    ReminderChanges,
    ReminderRow,
)
from assistant.service.store.store import Store, open_store
from assistant.service.store.tokens import digest_of
from tests.conftest import ON, ROOT
from tests.databases import KINDS, database
from tests.test_store import LATER, NOW, PUMPS, SECRET, VALVES, add_migration, body, codes, published

COUNTS = {
    "account": 2,
    "announcement": 1,
    "api_token": 1,
    "attempt": 1,
    "audit": 9,
    "channel": 1,
    "company": 2,
    "event_state": 1,
    "feed_body": 2,
    "feed_token": 2,
    "link": 1,
    "member": 1,
    "message": 1,
    "message_reminder": 1,
    "profile_version": 3,
    "recipient": 1,
    "reminder": 1,
    "reminder_plan": 1,
    "step_event": 0,
    "step_mark": 0,
}
PASSING = ("change", "lease", "session", "tally", "dossier", "screening", "screening_file")
KEPT = [table for table in schema.metadata.sorted_tables if table.name not in PASSING]
OWNER, GUEST = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"


@pytest.fixture(params=KINDS)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return a store of each kind with something in every table."""
    url = database(request.param, tmp_path)
    upgrade(url)
    with open_store(url) as store:
        store.add_company(
            PUMPS, "佛山某某水泵有限公司 🏭", "facts: {}\n", who="王工", at=NOW, uscc="91440605MA4XXX2B7B"
        )
        store.add_company(VALVES, "阀门", "enterprise: {name: '阀门\\\\\"'}\r\n\t# 注释\n", who="", at=LATER)
        store.save_profile(PUMPS, "facts: {city: 佛山市}\n", who="李会计", at=LATER)
        store.add_announcement(Announcement("some-project", 2027, ON, None, "https://a.gov.cn"), who="王工", at=NOW)
        _, revoked = store.add_token(PUMPS, "旧手机", secret=SECRET, at=NOW)
        _, live = store.add_token(PUMPS, "新手机", secret=SECRET[::-1], at=LATER)
        store.revoke_token(revoked.id, at=LATER)
        store.note_fetches([Fetch(live.id, LATER, "iOS")])
        assert published(
            store, {"a@x": {"sequence": 3, "title": "【预计】"}}, body("all", "1"), body("prep", "2", LATER)
        )
        store.note_failure(VALVES, "year-not-closed", at=LATER)
        assert store.take_lease("press", "a", now=NOW, until=LATER)
        people = store.accounts
        people.add(OWNER, "Wang@example.cn", "王工", "$argon2id$", "administrator", at=NOW)
        people.add(GUEST, "li@example.cn", "李会计", "$argon2id$", "member", at=NOW)
        people.grant(OWNER, PUMPS, "owner", who="王工", at=NOW)
        people.add_link("d" * 64, "invite", at=NOW, expires=LATER, who="王工", company=PUMPS, role="viewer")
        people.add_api_token("t" * 16, OWNER, "ERP", "e" * 64, at=NOW)
        people.note("company-exported", who="王工", at=NOW, company=PUMPS)
        people.disable(GUEST, who="王工", at=LATER)
        people.open_session(OWNER, "f" * 64, at=NOW, expires=LATER)
        remind(store)
    return url


def remind(store: Store) -> None:
    """Send one reminder, through a channel, to somebody."""
    robot = ChannelRecord("c" * 32, PUMPS, "wecom", "申报群", "gAAAA", NOW)
    store.addressees.add_channel(robot, who="王工")
    person = Recipient("r" * 32, PUMPS, "李会计", "li@example.cn", (robot.id,), ("closing",), (7,), NOW)
    store.addressees.add(person, who="王工")
    due = ReminderRow("m" * 32, PUMPS, person.id, "closing|a|2027|7", "a|2027|window", "closing", "pending", NOW, LATER)
    row = replace(due, first=ON, last=ON, confirmed=True, body='{"title":"【截止提醒】"}')
    store.outbox.apply(ReminderChanges(((row, "", 0),), '{"profile":2}'), PUMPS)
    message = MessageRow("e" * 32, PUMPS, person.id, robot.id, "", "{}", NOW, NOW, LATER)
    with transaction(store.engine, store.label, writes=True) as db:
        store.outbox.queue(db, [(message, [row])])
    taken = store.outbox.claim("w", now=NOW)
    assert taken is not None
    store.outbox.arrived(taken, Attempt(taken.id, 1, NOW, "sent", "0", "ok", 12))


@pytest.fixture(params=KINDS)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return where to restore to: a database of each kind that nobody has used."""
    return database(request.param, tmp_path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where backups go, in a folder that is not there yet."""
    return tmp_path / "backups" / "monday.db"


def content(url: str) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of a store, times as UTC; the numbers by which servers notice changes aside."""
    with open_store(url) as store, store.engine.connect() as db:
        ordered = {table.name: select(table).order_by(*table.primary_key.columns) for table in KEPT}
        return {
            name: [
                {k: v for k, v in row.items() if k not in ("changed", "revision")}
                for row in db.execute(asked).mappings()
            ]
            for name, asked in ordered.items()
        }


def test_everything_comes_back(source: str, target: str, file: Path) -> None:
    """From either kind of database into either kind, byte for byte."""
    assert backup(source, file) == COUNTS
    assert restore(file, target) == COUNTS
    assert content(target) == content(source)


def test_subscribers_notice_nothing(source: str, target: str, file: Path) -> None:
    """Their links work, revoked ones do not; the feed has the same bytes; work goes on where it stopped."""
    backup(source, file)
    restore(file, target)
    with open_store(target) as store:
        live = store.tokens(PUMPS)[1]
        assert store.token_by_digest(live.digest) == live
        assert store.token_by_digest(store.tokens(PUMPS)[0].digest) is None
        assert store.body(PUMPS, "prep") == body("prep", "2", LATER)
        assert store.save_profile(PUMPS, "years: {}\n", who="王工", at=LATER).number == 3
        token, _ = store.add_token(VALVES, "手机", secret=b"x" * 32, at=LATER)
        assert store.token_by_digest(digest_of(token)) is not None
        store.add_announcement(Announcement("some-project", 2027, ON, ON, "https://a.gov.cn"), who="", at=LATER)
        assert [entry.closes for entry in store.announcements()] == [None, ON]
        assert published(store, {}, body("all", "9"))
        assert store.take_lease("press", "b", now=NOW, until=LATER)


def test_nobody_is_logged_in_by_a_backup(source: str, target: str, file: Path) -> None:
    """Sessions end with the machine; the backup does not hold so much as their digests."""
    backup(source, file)
    restore(file, target)
    for url in (f"sqlite:///{file}", target):
        with open_store(url) as store, store.engine.connect() as db:
            assert db.execute(select(schema.session)).all() == []
            assert store.accounts.session("f" * 64, now=NOW) is None
            assert store.accounts.by_email("WANG@example.cn") is not None


def test_a_backup_is_one_file_for_its_owner(source: str, file: Path) -> None:
    """Nothing lies about beside it; any SQLite tool reads it."""
    backup(source, file)
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert file.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
        assert db.execute("SELECT name FROM company ORDER BY created").fetchall() == [
            ("佛山某某水泵有限公司 🏭",),
            ("阀门",),
        ]


def test_a_backup_there_already_is_kept(source: str, file: Path) -> None:
    """Unless it is to be replaced; then the new one is whole before the old one goes."""
    file.parent.mkdir()
    file.write_text("precious")
    with pytest.raises(BadInput) as error:
        backup(source, file)
    assert codes(error) == ["file-exists"]
    assert file.read_text() == "precious"
    assert backup(source, file, replace=True) == COUNTS


def test_a_store_with_data_is_not_overwritten(source: str, target: str, file: Path) -> None:
    """Unless it is to be; then all it held is gone, and those who serve it look again."""
    backup(source, file)
    upgrade(target)
    with open_store(target) as store:
        store.add_company(VALVES, "另一家", "", who="", at=NOW)
        for _ in range(30):
            store.add_announcement(Announcement("other", 2026, ON, None, "https://b.gov.cn"), who="", at=NOW)
        before, inputs = content(target), store.inputs(VALVES)
        with pytest.raises(StoreFailure) as error:
            restore(file, target)
        assert codes(error) == ["store-not-empty"]
        assert content(target) == before
        generation = store.generation()
        restore(file, target, replace=True)
        assert content(target) == content(source)
        assert {*store.changed_since(generation)} == {PUMPS, VALVES}
        assert not store.publish(VALVES, {}, [], revision=inputs.revision, day=ON)


def test_a_backup_while_others_write_is_of_one_moment(source: str, file: Path) -> None:
    """Feed and states of one edition, every company with its profile."""
    with open_store(source) as store:

        def work() -> None:
            for number in range(60):
                store.add_company(f"{number:036d}", str(number), str(number), who="", at=NOW)
                assert published(store, {"a@x": {"n": number}}, body("all", str(number)))

        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(work)
            taken = 0
            while taken < 3 or not writing.done():
                backup(source, file, replace=True)
                taken += 1
                with closing(sqlite3.connect(file)) as db:
                    companies = db.execute("SELECT id FROM company ORDER BY id").fetchall()
                    first = "SELECT company FROM profile_version WHERE number = 1 ORDER BY company"
                    assert db.execute(first).fetchall() == companies
                    [[state]] = db.execute("SELECT state FROM event_state").fetchall()
                    [[etag]] = db.execute("SELECT etag FROM feed_body WHERE kind = 'all'").fetchall()
                    assert state in (f'{{"n":{etag.strip(chr(34))}}}', '{"sequence":3,"title":"【预计】"}')
            writing.result()


def test_a_backup_of_an_older_version_is_brought_up_to_date(
    source: str, target: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file itself stays as it is."""
    backup(source, file)
    before = file.read_bytes()
    add_migration(tmp_path / "migrations", "pass")
    monkeypatch.setattr(migration, "MIGRATIONS", str(tmp_path / "migrations"))
    monkeypatch.setattr(schema, "HEAD", "9999")
    assert restore(file, target) == COUNTS
    with open_store(target) as store, store.engine.connect() as db:
        assert db.dialect.has_table(db, "extra")
        assert len(store.companies()) == 2
    assert file.read_bytes() == before


def test_a_store_that_needs_an_upgrade_can_be_backed_up_before(tmp_path: Path, file: Path) -> None:
    """That is when one wants a backup."""
    url = f"sqlite:///{tmp_path}/store.db"
    upgrade(url)
    with closing(sqlite3.connect(tmp_path / "store.db")) as db:
        db.execute("UPDATE alembic_version SET version_num = '0000'")
        db.commit()
    assert backup(url, file)["company"] == 0


def newer(file: Path) -> None:
    """Make a backup look as if a later program had written it."""
    with closing(sqlite3.connect(file)) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
        db.commit()


def cut_short(file: Path) -> None:
    """Keep the first half of a file."""
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def garbled(file: Path) -> None:
    """Overwrite some pages in the middle."""
    raw = bytearray(file.read_bytes())
    raw[8192:24576] = b"\xff" * 16384
    file.write_bytes(bytes(raw))


def foreign(file: Path) -> None:
    """Put another program's database there."""
    file.unlink()
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE bookmarks (id INTEGER)")


def a_folder(file: Path) -> None:
    """Make a folder of that name."""
    file.unlink()
    file.mkdir()


WRONG: dict[str, Callable[[Path], object]] = {
    "store-newer": newer,
    "store-damaged": cut_short,
    "store-damaged ": garbled,
    "not-a-store": foreign,
    "not-a-store ": lambda file: file.write_text("尊敬的客户" * 500, encoding="utf-8"),
    "not-a-store  ": lambda file: file.write_bytes(b""),
    "file-missing": Path.unlink,
    "file-unreadable": a_folder,
}


@pytest.mark.parametrize("code", list(WRONG))
def test_what_is_no_backup_is_refused(code: str, tmp_path: Path, file: Path) -> None:
    """Before anything is touched: a new store is not made, an old one keeps what it has, even with force."""
    url = f"sqlite:///{tmp_path}/store.db"
    upgrade(url)
    with open_store(url) as store:
        store.add_company(PUMPS, "水泵", "facts: {}\n" * 5000, who="", at=NOW)
    backup(url, file)
    WRONG[code](file)
    before = content(url)
    for place in (url, f"sqlite:///{tmp_path}/new/store.db"):
        with pytest.raises(BadInput) as error:
            restore(file, place, replace=True)
        assert codes(error) == [code.strip()]
    assert content(url) == before
    assert not (tmp_path / "new").exists()


def break_backup(file: Path) -> None:
    """Make its last table impossible to take over: sound to SQLite, nonsense to us."""
    with closing(sqlite3.connect(file)) as db:
        db.execute("UPDATE feed_body SET modified = 'yesterday' WHERE kind = 'prep'")
        db.commit()


def test_a_restore_that_fails_half_way_changes_nothing(source: str, target: str, file: Path, tmp_path: Path) -> None:
    """Neither a store in use, nor a fresh machine."""
    backup(source, file)
    break_backup(file)
    for url in (source, target):
        before = content(url) if url == source else None
        with pytest.raises(StoreFailure):
            restore(file, url, replace=True)
        if before is not None:
            assert content(url) == before
    with pytest.raises(StoreFailure):
        restore(file, f"sqlite:///{tmp_path}/new.db")
    assert not (tmp_path / "new.db").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_damaged_store_makes_no_backup(tmp_path: Path, file: Path) -> None:
    """The last good one is not replaced by it."""
    url = f"sqlite:///{tmp_path}/store.db"
    upgrade(url)
    with open_store(url) as store:
        store.add_company(PUMPS, "水泵", "facts: {}\n" * 5000, who="", at=NOW)
    backup(url, file)
    good = file.read_bytes()
    garbled(tmp_path / "store.db")
    with pytest.raises(StoreFailure):
        backup(url, file, replace=True)
    assert file.read_bytes() == good


def test_a_backup_that_does_not_fit_leaves_nothing(source: str) -> None:
    """A place where nobody can write."""
    with pytest.raises(BadInput) as error:
        backup(source, Path("/proc/backup.db"))
    assert codes(error) == ["not-writable"]


@pytest.mark.parametrize("kilobytes", [20, 60])
def test_a_disk_that_is_full_leaves_nothing(source: str, file: Path, tmp_path: Path, kilobytes: int) -> None:
    """A backup or a restore that does not fit, at the beginning or later, is one message; the store works on."""
    backup(source, file)
    before = content(source)
    small = tmp_path / "small"
    for command in (
        ("backup", str(small / "backup.db"), "--db", source),
        ("restore", str(file), "--db", str(small / "fresh.db")),
    ):
        program = [sys.executable, "-m", "assistant", "db", *command]
        limited = ["sh", "-c", f'ulimit -f {kilobytes * 2}; exec "$@"', "sh", *program]
        ended = subprocess.run(limited, capture_output=True, check=False, cwd=ROOT, text=True)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert re.search("：(数据库不能用|无法写入)：", ended.stderr)
        assert len(ended.stderr.splitlines()) == 1
        assert not small.exists() or [*small.iterdir()] == []
    assert content(source) == before
