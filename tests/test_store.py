"""The store on real SQLite and real PostgreSQL: what is kept, in what order, and what happens when things go wrong."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select, text, update

from assistant.errors import BadInput
from assistant.planning.announcements import Announcement
from assistant.service.store import migration, schema
from assistant.service.store.engine import StoreFailure, engine_of, label_of
from assistant.service.store.migration import upgrade
from assistant.service.store.records import FeedBody, FeedToken, Fetch, State
from assistant.service.store.store import Store, open_store
from assistant.service.store.tokens import digest_of, token_of
from tests.conftest import ON
from tests.databases import KINDS, database

NOW = datetime(2026, 11, 23, 1, 30, 15, 123456, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
SECRET = bytes(range(32))
PUMPS, VALVES = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
MIGRATIONS = Path(migration.__file__).parent / "migrations"


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database that nobody has used, of each kind in turn."""
    return database(request.param, tmp_path)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Give an empty store."""
    upgrade(url)
    with open_store(url) as opened:
        yield opened


@pytest.fixture
def pumps(store: Store) -> Store:
    """Give a store with one company."""
    store.add_company(PUMPS, "佛山某某水泵有限公司", "facts: {}\n", who="王工", at=NOW, uscc="91440605MA4XXX2B7B")
    return store


def body(kind: str, tag: str, at: datetime = NOW) -> FeedBody:
    """Return a feed whose bytes tell its tag."""
    return FeedBody(kind, f'"{tag}"', f"BEGIN:VCALENDAR {tag}".encode(), at)


def published(store: Store, states: Mapping[str, State], *bodies: FeedBody, day: date = ON) -> bool:
    """Publish on what the store holds now."""
    return store.publish(PUMPS, states, bodies, revision=store.inputs(PUMPS).revision, day=day)


def codes(error: pytest.ExceptionInfo[BadInput]) -> list[str]:
    """Return what was wrong."""
    return [problem.code for problem in error.value.problems]


# ---- the schema


def test_migrations_make_the_tables_that_the_program_knows(store: Store) -> None:
    """Every column, index and key of the schema; nothing besides."""
    with store.engine.connect() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, schema.metadata) == []


def test_the_newest_migration_is_the_one_the_program_asks_for() -> None:
    """Opening a store looks at a number only."""
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == schema.HEAD


def test_an_upgrade_makes_the_store_once(url: str) -> None:
    """The first time it is new; after that there is nothing to do."""
    assert upgrade(url) == ""
    assert upgrade(url) == schema.HEAD


def test_upgrades_at_the_same_time_take_turns(url: str) -> None:
    """Several servers start together on a new database: one makes the tables, the others find them."""
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(upgrade, [url] * 4)) == ["", schema.HEAD, schema.HEAD, schema.HEAD]


def add_migration(folder: Path, rest: str) -> None:
    """Write a step after the newest one: it makes a table, then does the *rest*."""
    shutil.copytree(MIGRATIONS, folder)
    (folder / "versions" / "v9999_next.py").write_text(
        f"from alembic import op\nrevision, down_revision = '9999', {schema.HEAD!r}\n\n\n"
        f"def upgrade():\n    op.execute('CREATE TABLE extra (id INTEGER PRIMARY KEY)')\n    {rest}\n",
        encoding="utf-8",
    )


def test_a_migration_that_fails_half_way_leaves_all_as_it_was(
    pumps: Store, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table it made before is gone, the version is the old one, the data is there."""
    add_migration(tmp_path / "migrations", "op.execute('SELECT nonsense FROM nowhere')")
    monkeypatch.setattr(migration, "MIGRATIONS", str(tmp_path / "migrations"))
    with pytest.raises(StoreFailure) as error:
        upgrade(url)
    assert codes(error) == ["store-unusable"]
    with open_store(url) as again, again.engine.connect() as db:
        assert not db.dialect.has_table(db, "extra")
        assert [one.id for one in again.companies()] == [PUMPS]
    assert pumps.latest_profile(PUMPS).number == 1


def test_a_store_that_could_not_be_made_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No empty file for the next command to stumble over."""
    add_migration(tmp_path / "migrations", "raise RuntimeError")
    monkeypatch.setattr(migration, "MIGRATIONS", str(tmp_path / "migrations"))
    with pytest.raises(RuntimeError):
        upgrade(f"sqlite:///{tmp_path}/new.db")
    assert [path.name for path in tmp_path.iterdir()] == ["migrations"]


def test_sqlite_is_in_wal_mode_and_for_its_owner(tmp_path: Path) -> None:
    """One writes while others read; other users of the machine do not."""
    file = tmp_path / "kept" / "store.db"
    upgrade(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert file.stat().st_mode & 0o777 == 0o600


# ---- companies and their profiles


def test_every_version_of_a_profile_is_kept(pumps: Store) -> None:
    """With its number, its text, by whom and when; the newest counts."""
    pumps.save_profile(PUMPS, "facts: {city: 佛山市}\n", who="李会计", at=LATER)
    assert [(one.number, one.content, one.who, one.at) for one in pumps.profiles(PUMPS)] == [
        (1, "facts: {}\n", "王工", NOW),
        (2, "facts: {city: 佛山市}\n", "李会计", LATER),
    ]
    assert pumps.latest_profile(PUMPS).number == 2


def test_the_same_text_again_is_no_new_version(pumps: Store) -> None:
    """And nothing is to be built anew."""
    before = pumps.company(PUMPS)
    assert pumps.save_profile(PUMPS, "facts: {}\n", who="李会计", at=LATER).who == "王工"
    assert pumps.company(PUMPS) == before


def test_a_new_name_is_taken_over_with_the_profile(pumps: Store) -> None:
    """The credit code stays when none is given."""
    pumps.save_profile(PUMPS, "facts: {}\n", who="王工", at=LATER, name="佛山水泵股份有限公司")
    [company] = pumps.companies()
    assert (company.name, company.uscc) == ("佛山水泵股份有限公司", "91440605MA4XXX2B7B")
    assert len(pumps.profiles(PUMPS)) == 1


def test_times_are_kept_in_utc(pumps: Store) -> None:
    """Whatever clock they were read from; a time that names no zone is refused."""
    china = timezone(timedelta(hours=8))
    version = pumps.save_profile(PUMPS, "years: {}\n", who="", at=datetime(2026, 11, 23, 9, 30, 15, tzinfo=china))
    assert version.at == datetime(2026, 11, 23, 1, 30, 15, tzinfo=UTC)
    assert pumps.latest_profile(PUMPS).at.tzinfo is UTC
    with pytest.raises(StoreFailure):
        pumps.save_profile(PUMPS, "facts: {city: 广州市}\n", who="", at=datetime(2026, 11, 23, 9, 30))  # noqa: DTZ001
    assert len(pumps.profiles(PUMPS)) == 2


def test_a_company_that_is_not_there_is_named(pumps: Store) -> None:
    """With the nearest that is."""
    with pytest.raises(BadInput) as error:
        pumps.save_profile(PUMPS[:-1] + "9", "", who="", at=NOW)
    assert codes(error) == ["unknown-company"]
    assert error.value.problems[0].params["nearest"] == PUMPS
    assert pumps.company(VALVES) is None


def test_versions_never_fork(pumps: Store, url: str) -> None:
    """Four people save a hundred versions at the same time: all are there, numbered without a gap."""

    def save(person: int) -> None:
        with open_store(url) as own:
            for turn in range(25):
                own.save_profile(PUMPS, f"facts: {{segment_years: {person}.{turn}1}}\n", who=str(person), at=NOW)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(save, range(4)))
    assert [one.number for one in pumps.profiles(PUMPS)] == [*range(1, 102)]
    company = pumps.company(PUMPS)
    assert company is not None
    assert company.revision == 101


# ---- official dates


def test_official_dates_stay_in_the_order_of_entry(pumps: Store) -> None:
    """A correction comes after what it corrects, whatever day either was entered for."""
    first = Announcement("some-project", 2027, date(2027, 4, 1), None, "https://a.gov.cn/1", ON)
    second = Announcement("some-project", 2027, date(2027, 4, 8), date(2027, 5, 1), "https://a.gov.cn/2", None)
    for entry in (first, second):
        pumps.add_announcement(entry, who="王工", at=NOW)
    assert pumps.announcements() == (first, second)
    assert pumps.inputs(PUMPS).announcements == (first, second)


def test_an_official_date_has_every_company_built_anew(pumps: Store) -> None:
    """At once, although they were built today."""
    pumps.add_company(VALVES, "阀门", "", who="", at=NOW)
    assert published(pumps, {})
    assert pumps.due(ON, failed_before=NOW) == (VALVES,)
    pumps.add_announcement(Announcement("some-project", 2027, ON, None, "https://a.gov.cn/1"), who="", at=NOW)
    assert pumps.due(ON, failed_before=NOW) == (PUMPS, VALVES)


# ---- tokens


def test_a_token_is_kept_as_its_digest_alone(pumps: Store) -> None:
    """Whoever reads the database cannot subscribe."""
    token, record = pumps.add_token(PUMPS, "王工手机", secret=SECRET, at=NOW)
    assert len(token) == 43
    assert record == FeedToken(record.id, PUMPS, "王工手机", digest_of(token), NOW)
    assert pumps.token_by_digest(digest_of(token)) == record
    with pumps.engine.connect() as db:
        for table in schema.metadata.sorted_tables:
            assert token not in str(db.execute(select(table)).all())


def test_a_revoked_token_is_as_unknown_as_one_that_never_was(pumps: Store) -> None:
    """Its owner sees it in the list; its name may be given again."""
    token, record = pumps.add_token(PUMPS, "王工手机", secret=SECRET, at=NOW)
    assert pumps.revoke_token(record.id, at=LATER)
    assert not pumps.revoke_token(record.id, at=LATER)
    assert not pumps.revoke_token("nonsense", at=LATER)
    assert pumps.token_by_digest(digest_of(token)) is pumps.token_by_digest(digest_of("nonsense")) is None
    _, again = pumps.add_token(PUMPS, "王工手机", secret=SECRET[::-1], at=LATER)
    assert [one.revoked for one in pumps.tokens(PUMPS)] == [LATER, None]
    assert pumps.tokens(PUMPS)[1] == again
    assert pumps.tokens(VALVES) == ()


def test_a_token_is_replaced_at_once(pumps: Store) -> None:
    """The old one ends with the moment the new one of the same name begins, and servers learn it; not twice."""
    old, record = pumps.add_token(PUMPS, "王工手机", secret=SECRET, at=NOW)
    before = pumps.generation()
    replaced = pumps.replace_token(record.id, secret=SECRET[::-1], at=LATER)
    assert replaced
    assert replaced == (token_of(SECRET[::-1]), pumps.token_by_digest(digest_of(replaced[0])))
    assert pumps.token_by_digest(digest_of(old)) is None
    assert [(one.name, one.created, one.revoked) for one in pumps.tokens(PUMPS)] == [
        ("王工手机", NOW, LATER),
        ("王工手机", LATER, None),
    ]
    assert pumps.changed_since(before) == (PUMPS,)
    assert pumps.replace_token(record.id, secret=SECRET[:31] + b"1", at=LATER) is None
    assert len(pumps.tokens(PUMPS)) == 2


@pytest.mark.parametrize(
    ("company", "name", "code"),
    [(PUMPS, "王工手机", "feed-name-taken"), (PUMPS, " ", "feed-name-missing"), (VALVES, "李工", "unknown-company")],
)
def test_a_token_needs_a_company_and_a_name_of_its_own(pumps: Store, company: str, name: str, code: str) -> None:
    """Otherwise nobody knows which one to revoke."""
    pumps.add_token(PUMPS, "王工手机", secret=SECRET, at=NOW)
    with pytest.raises(BadInput) as error:
        pumps.add_token(company, name, secret=SECRET[::-1], at=NOW)
    assert codes(error) == [code]
    assert len(pumps.tokens()) == 1


def test_a_token_is_32_bytes() -> None:
    """No less, lest it be guessed."""
    assert token_of(SECRET) == "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    with pytest.raises(ValueError, match="32"):
        token_of(b"short")


def test_the_last_fetch_is_shown(pumps: Store) -> None:
    """The latest of a batch, whatever its order; a late batch does not turn it back. Feeds are not touched."""
    _, record = pumps.add_token(PUMPS, "王工手机", secret=SECRET, at=NOW)
    still = pumps.generation()
    pumps.note_fetches([Fetch(record.id, LATER, "iOS"), Fetch(record.id, NOW, "Google"), Fetch("gone", NOW, "x")])
    pumps.note_fetches([Fetch(record.id, NOW, "Outlook")])
    [kept] = pumps.tokens(PUMPS)
    assert (kept.last_fetched, kept.last_client) == (LATER, "iOS")
    pumps.note_fetches([Fetch(record.id, LATER, "很长" * 500)])
    assert len(pumps.tokens(PUMPS)[0].last_client) == 200
    assert pumps.generation() == still


# ---- publishing


def test_states_and_feeds_are_replaced_together(pumps: Store) -> None:
    """What is wanted no longer goes; what stays keeps its time."""
    first: dict[str, State] = {"a@x": {"sequence": 0, "title": "【预计】"}, "b@x": {"sequence": 2}}
    assert published(pumps, first, body("all", "1"), body("prep", "1"), body("tasks", "1"))
    assert pumps.event_states(PUMPS) == first
    second: dict[str, State] = {"a@x": {"sequence": 1, "title": "【已公布】"}, "c@x": {"sequence": 0}}
    assert published(pumps, second, body("all", "2", LATER), body("prep", "1", LATER))
    assert pumps.inputs(PUMPS).states == second
    assert pumps.body(PUMPS, "all") == body("all", "2", LATER)
    assert pumps.body(PUMPS, "prep") == body("prep", "1", NOW)
    assert pumps.body(PUMPS, "tasks") is None


def test_what_was_built_from_old_data_is_not_published(pumps: Store) -> None:
    """Somebody saved a profile, announced a date or published while it was being built."""
    assert published(pumps, {"a@x": {"sequence": 0}}, body("all", "1"))
    for meanwhile in (
        lambda: pumps.save_profile(PUMPS, "years: {}\n", who="", at=NOW),
        lambda: pumps.add_announcement(Announcement("p", 2027, ON, None, "https://a.gov.cn"), who="", at=NOW),
        lambda: published(pumps, {"a@x": {"sequence": 0}}, body("all", "1")),
    ):
        revision = pumps.inputs(PUMPS).revision
        meanwhile()
        due = pumps.due(ON, failed_before=NOW)
        assert not pumps.publish(PUMPS, {}, [body("all", "2")], revision=revision, day=ON)
        assert pumps.body(PUMPS, "all") == body("all", "1")
        assert pumps.event_states(PUMPS) == {"a@x": {"sequence": 0}}
        assert pumps.due(ON, failed_before=NOW) == due


def test_publishing_that_fails_half_way_changes_nothing(pumps: Store) -> None:
    """The states are written before the bodies; neither stays when a body cannot."""
    assert published(pumps, {"a@x": {"sequence": 0}}, body("all", "1"))
    before = (pumps.company(PUMPS), pumps.generation())
    broken = FeedBody("prep", '"2"', None, LATER)  # type: ignore[arg-type]
    with pytest.raises(StoreFailure):
        published(pumps, {"a@x": {"sequence": 1}}, body("all", "2"), broken)
    assert pumps.body(PUMPS, "all") == body("all", "1")
    assert pumps.event_states(PUMPS) == {"a@x": {"sequence": 0}}
    assert (pumps.company(PUMPS), pumps.generation()) == before


def test_a_reader_sees_one_edition(pumps: Store, url: str) -> None:
    """While another publishes, feeds and states of one reading belong together."""
    assert published(pumps, {"a@x": {"n": 0}}, body("all", "0"))

    def publish_many() -> None:
        with open_store(url) as own:
            for number in range(1, 40):
                assert published(own, {"a@x": {"n": number}}, body("all", str(number)))

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(publish_many)
        seen = []
        while not writing.done():
            inputs = pumps.inputs(PUMPS)
            seen.append((inputs.revision, inputs.states["a@x"]["n"]))
        writing.result()
    numbers = [number for _, number in seen]
    assert numbers == sorted(numbers)
    assert all(first[0] <= second[0] for first, second in pairwise(seen))


def test_a_company_is_due_once_a_day_and_when_something_is_new(pumps: Store) -> None:
    """Not again after publishing, not for a day gone by."""
    assert pumps.due(ON, failed_before=NOW) == (PUMPS,)
    assert published(pumps, {})
    assert pumps.due(ON, failed_before=NOW) == pumps.due(ON - timedelta(1), failed_before=NOW) == ()
    assert pumps.due(ON + timedelta(1), failed_before=NOW) == (PUMPS,)
    pumps.save_profile(PUMPS, "years: {}\n", who="", at=LATER)
    assert pumps.due(ON, failed_before=NOW) == (PUMPS,)


def test_a_failure_waits_and_is_shown_until_it_is_mended(pumps: Store) -> None:
    """The last good feed stays; a new profile is tried at once."""
    assert published(pumps, {}, body("all", "1"))
    tomorrow = ON + timedelta(1)
    pumps.note_failure(PUMPS, "not-a-mapping", at=NOW)
    assert [(one.id, one.failure, one.failed) for one in pumps.failures()] == [(PUMPS, "not-a-mapping", NOW)]
    assert pumps.due(tomorrow, failed_before=NOW) == ()
    assert pumps.due(tomorrow, failed_before=LATER) == (PUMPS,)
    assert pumps.body(PUMPS, "all") == body("all", "1")
    pumps.save_profile(PUMPS, "years: {}\n", who="", at=NOW)
    assert pumps.failures() == ()
    assert pumps.due(tomorrow, failed_before=NOW) == (PUMPS,)


def test_a_server_learns_what_has_changed(pumps: Store) -> None:
    """Feeds and tokens of which companies; a feed built anew to the same bytes is no change."""
    pumps.add_company(VALVES, "阀门", "", who="", at=NOW)

    def changed(act: Callable[[], object]) -> tuple[str, ...]:
        before = pumps.generation()
        act()
        return pumps.changed_since(before)

    _, record = pumps.add_token(VALVES, "手机", secret=SECRET, at=NOW)
    assert changed(lambda: pumps.add_token(PUMPS, "手机", secret=SECRET[::-1], at=NOW)) == (PUMPS,)
    assert changed(lambda: published(pumps, {"a@x": {"n": 1}}, body("all", "1"))) == (PUMPS,)
    assert changed(lambda: published(pumps, {"a@x": {"n": 2}}, body("all", "1", LATER))) == ()
    assert changed(lambda: published(pumps, {}, body("all", "2"))) == (PUMPS,)
    assert changed(lambda: published(pumps, {})) == (PUMPS,)
    assert changed(lambda: pumps.save_profile(PUMPS, "years: {}\n", who="", at=NOW)) == ()
    assert changed(lambda: pumps.revoke_token(record.id, at=NOW)) == (VALVES,)


def test_one_holds_a_lease(store: Store) -> None:
    """Its holder prolongs it; another takes it when it has run out."""
    soon = NOW + timedelta(minutes=1)
    assert store.lease_until("press") is None
    assert store.take_lease("press", "a", now=NOW, until=soon)
    assert not store.take_lease("press", "b", now=NOW, until=LATER)
    assert store.take_lease("press", "a", now=NOW, until=soon)
    assert store.take_lease("other", "b", now=NOW, until=soon)
    assert store.lease_until("press") == soon
    assert store.take_lease("press", "b", now=soon, until=LATER)
    assert not store.take_lease("press", "a", now=soon, until=LATER)


def test_a_lease_is_taken_by_one_of_many(store: Store, url: str) -> None:
    """All servers ask at once."""
    assert store.generation() == 0

    def ask(holder: int) -> bool:
        with open_store(url) as own:
            return own.take_lease("press", str(holder), now=NOW, until=LATER)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 1


# ---- what goes wrong


def test_a_store_that_is_not_ready_is_named(url: str) -> None:
    """None there, an older one, a newer one: each says what to do."""
    with pytest.raises(StoreFailure) as error:
        open_store(url)
    assert codes(error) == ["store-missing" if url.startswith("sqlite") else "store-empty"]
    upgrade(url)
    engine = engine_of(url)
    for version, code in (("0000", "store-outdated"), ("9999", "store-newer")):
        with engine.begin() as db:
            db.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
        with pytest.raises(StoreFailure) as error:
            open_store(url)
        assert codes(error) == [code]
    with pytest.raises(StoreFailure) as error:
        upgrade(url)
    engine.dispose()
    assert codes(error) == ["store-newer"]


def test_a_database_of_somebody_else_is_left_alone(url: str) -> None:
    """It is not ours to make tables in."""
    engine = engine_of(url)
    with engine.begin() as db:
        db.execute(text("CREATE TABLE customers (id INTEGER PRIMARY KEY)"))
    for use in (open_store, upgrade):
        with pytest.raises(StoreFailure) as error:
            use(url)
        assert codes(error) == ["not-a-store"]
    with engine.connect() as db:
        assert not db.dialect.has_table(db, "company")
    engine.dispose()


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    """Not a byte of it changes."""
    file = tmp_path / "letter.db"
    file.write_text("尊敬的客户：" * 200, encoding="utf-8")
    before = file.read_bytes()
    for use in (open_store, upgrade):
        with pytest.raises(StoreFailure) as error:
            use(f"sqlite:///{file}")
        assert codes(error) == ["store-unusable"]
    assert file.read_bytes() == before


@pytest.mark.parametrize("url", ["nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:", "foo://a@b"], ids=str)
def test_an_address_of_no_store_is_refused(url: str) -> None:
    """Nothing is kept in a memory that forgets, or in a database we do not know."""
    for use in (open_store, upgrade):
        with pytest.raises(StoreFailure) as error:
            use(url)
        assert codes(error) == ["store-url"]


def test_passwords_are_not_told() -> None:
    """Messages name the place; where nobody listens, they say so."""
    url = "postgresql://assistant:geheim@127.0.0.1:9/store"
    assert label_of(url) == "postgresql://assistant:***@127.0.0.1:9/store"
    assert "geheim" not in label_of("postgresql//assistant:geheim@127.0.0.1/store")
    with pytest.raises(StoreFailure) as error:
        open_store(url)
    assert codes(error) == ["store-unusable"]
    assert "geheim" not in str(error.value)


def test_a_damaged_row_is_an_error_of_its_company(pumps: Store) -> None:
    """Others are served and built as before."""
    pumps.add_company(VALVES, "阀门", "", who="", at=NOW)
    assert published(pumps, {"a@x": {"n": 1}})
    for broken in ("{", "[]", ""):
        with pumps.engine.begin() as db:
            db.execute(update(schema.event_state).values(state=broken))
        with pytest.raises(StoreFailure) as error:
            pumps.inputs(PUMPS)
        assert codes(error) == ["store-unusable"]
        assert pumps.inputs(VALVES).states == {}


def test_a_damaged_time_is_an_error(tmp_path: Path) -> None:
    """SQLite takes any text for a time."""
    url = f"sqlite:///{tmp_path}/store.db"
    upgrade(url)
    with open_store(url) as store:
        store.add_company(PUMPS, "水泵", "", who="", at=NOW)
        with store.engine.begin() as db:
            db.execute(text("UPDATE company SET created = 'yesterday'"))
        with pytest.raises(StoreFailure) as error:
            store.companies()
        assert codes(error) == ["store-unusable"]


def test_reading_goes_on_while_somebody_writes(tmp_path: Path) -> None:
    """In SQLite, too: a writer that takes long holds up other writers, no readers."""
    url = f"sqlite:///{tmp_path}/store.db"
    upgrade(url)
    with open_store(url) as store:
        store.add_company(PUMPS, "水泵", "", who="", at=NOW)
        with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as slow:
            slow.execute("BEGIN IMMEDIATE")
            slow.execute("UPDATE company SET name = 'other'")
            assert [one.name for one in store.companies()] == ["水泵"]
            slow.execute("COMMIT")
        assert [one.name for one in store.companies()] == ["other"]
