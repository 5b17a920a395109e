"""The shelf of one worker: who may read, which calendars are at hand, how much memory they take."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from assistant.matching.match import Matcher
from assistant.service.press import Press
from assistant.service.publish import FEEDS, Composer, pack
from assistant.service.store.migration import upgrade
from assistant.service.store.records import Fetch
from assistant.service.store.store import Store, open_store
from assistant.service.store.tokens import digest_of
from assistant.web.health import health
from assistant.web.leaf import Leaf
from assistant.web.shelf import FEW, Shelf
from tests.databases import KINDS, database
from tests.serving import add_sample, add_token

NOW = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=1)  # so long a server has run


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Return a new store of each kind in turn."""
    url = database(request.param, tmp_path)
    upgrade(url)
    with open_store(url) as store:
        yield store


def clock() -> datetime:
    """Return the moment at which everything happens."""
    return NOW


def add(store: Store, number: int) -> tuple[str, str]:
    """Add a company; return its id and a token."""
    company = add_sample(store, f"company {number}", "facts: {}\n")
    return company, add_token(store, company)


def issue(store: Store, company: str, text: str) -> None:
    """Put these calendars in place of the company's last ones."""
    known = store.company(company)
    assert known is not None
    bodies = [pack(kind, f"{kind}: {text}".encode(), NOW) for kind in FEEDS]
    assert store.publish(company, {}, bodies, revision=known.revision, day=NOW.date())


def taken(shelf: Shelf, token: str, kind: str = "all") -> bytes | None:
    """Return what a reader gets after the shelf has looked into the store; None where there is no such reader."""

    async def asked() -> Leaf | None:
        await shelf.refresh()
        reader = shelf.reader(digest_of(token))
        if reader is None:
            return None
        return shelf.at_hand(reader.company, kind) or await shelf.fetch(reader.company, kind)

    found = asyncio.run(asked())
    return found.plain if found else None


def test_what_the_press_prints_lies_on_the_shelf(store: Store, matcher: Matcher) -> None:
    """In either database; with a sign of life, and a note of the fetch."""
    company = add_sample(store, "empty")
    token = add_token(store, company)
    press = Press(store, Composer(matcher), "test", clock)
    shelf = Shelf(store, clock)
    assert taken(shelf, token) is None
    assert not health(store, shelf, NOW, EARLIER)[0]
    looks = iter([False, False, True])
    press.run(lambda seconds: next(looks) if seconds else False)
    for kind in FEEDS:
        calendar = taken(shelf, token, kind)
        assert calendar is not None
        assert calendar.startswith(b"BEGIN:VCALENDAR\r\n")
    assert health(store, shelf, NOW, EARLIER)[0]
    assert not health(store, shelf, NOW + timedelta(minutes=1), EARLIER)[0]
    reader = shelf.reader(digest_of(token))
    assert reader is not None
    shelf.fetched(reader, b"one\r\n\ttwo " + b"x" * 500)
    asyncio.run(shelf.note())
    [record] = store.tokens(company)
    assert record.last_fetched == NOW
    assert record.last_client.startswith("one two xx")
    assert len(record.last_client) <= 200


def test_a_change_is_seen_and_a_token_goes(store: Store) -> None:
    """Of one company; the other's calendar stays at hand."""
    (first, one), (second, two) = add(store, 1), add(store, 2)
    issue(store, first, "old")
    issue(store, second, "same")
    shelf = Shelf(store, clock)
    assert (taken(shelf, one), taken(shelf, two)) == (b"all: old", b"all: same")
    kept = shelf.at_hand(second, "all")
    issue(store, first, "new")
    assert taken(shelf, one) == b"all: new"
    assert shelf.at_hand(second, "all") is kept
    [record] = store.tokens(first)
    store.revoke_token(record.id, at=NOW)
    assert (taken(shelf, one), taken(shelf, two)) == (None, b"all: same")


def test_nothing_is_read_while_nothing_changes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look at the generation is all; noting a fetch changes none."""
    company, token = add(store, 1)
    issue(store, company, "same")
    shelf = Shelf(store, clock)
    assert taken(shelf, token) == b"all: same"
    [record] = store.tokens(company)
    store.note_fetches([Fetch(record.id, NOW, "client")])
    for name in ("tokens", "changed_since", "body"):
        owner = next(kind for kind in Store.__mro__ if name in vars(kind))
        monkeypatch.delattr(owner, name)
    assert taken(shelf, token) == b"all: same"


def test_many_changes_are_taken_in_together(store: Store) -> None:
    """As after the turn of a day."""
    companies = [add(store, number) for number in range(FEW + 2)]
    shelf = Shelf(store, clock)
    for text in ("monday", "tuesday"):
        for company, _ in companies:
            issue(store, company, text)
        assert {taken(shelf, token) for _, token in companies} == {f"all: {text}".encode()}


def test_memory_is_bounded(store: Store) -> None:
    """The calendar not asked for longest goes; it comes back when it is asked for."""
    companies = [add(store, number) for number in range(6)]
    noise = [sha256(bytes([number])).hexdigest() * 10 for number in range(6)]
    for (company, _), text in zip(companies, noise, strict=True):
        issue(store, company, text)
    shelf = Shelf(store, clock, most=300)
    for _ in range(2):
        for (_, token), text in zip(companies, noise, strict=True):
            assert taken(shelf, token) == f"all: {text}".encode()
    _, calendars, size = shelf.size
    assert 0 < calendars < 6
    assert size <= 300
    assert shelf.at_hand(companies[-1][0], "all") is not None
    assert shelf.at_hand(companies[0][0], "all") is None


def test_a_store_put_in_the_place_of_another_is_read_anew(store: Store, tmp_path: Path) -> None:
    """Tokens of the old one open nothing."""
    company, token = add(store, 1)
    for text in ("one", "two", "three"):
        issue(store, company, text)
    shelf = Shelf(store, clock)
    assert taken(shelf, token) == b"all: three"
    url = f"sqlite:///{tmp_path / 'restored.db'}"
    upgrade(url)
    with open_store(url) as restored:
        shelf._store = restored
        asyncio.run(shelf.refresh())
        assert taken(shelf, token) is None
        assert shelf.size == (0, 0, 0)


def test_what_changes_while_it_is_read_is_read_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the old calendar would stay at hand as if it were current."""
    company, token = add(store, 1)
    issue(store, company, "old")
    shelf = Shelf(store, clock)

    async def asked() -> bytes | None:
        await shelf.refresh()
        read = Store.body
        loop = asyncio.get_running_loop()

        def meanwhile(self: Store, *key: str) -> object:
            found = read(self, *key)
            monkeypatch.setattr(Store, "body", read)
            issue(store, company, "new")
            asyncio.run_coroutine_threadsafe(shelf.refresh(), loop).result(30)
            return found

        monkeypatch.setattr(Store, "body", meanwhile)
        leaf = await shelf.fetch(company, "all")
        return leaf.plain if leaf else None

    assert asyncio.run(asked()) == b"all: new"
    assert taken(shelf, token) == b"all: new"
