"""An intake: several companies at once, all of them or none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from assistant.planning.announcements import Announcement
from assistant.service.store.announced import announced
from assistant.service.store.intake import Incoming, take_in
from assistant.service.store.migration import upgrade
from assistant.service.store.store import Store, Superseded, open_store
from tests.databases import KINDS, database

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
PUMPS, VALVES, TOYS = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Give a store with one company and one account, in each kind of database."""
    url = database(request.param, tmp_path)
    upgrade(url)
    with open_store(url) as opened:
        opened.accounts.add("a-1", "li@example.com", "李工", "x", "adviser", at=NOW)
        opened.add_company(PUMPS, "水泵", "facts: {}\n", who="王工", at=NOW, owner="a-1")
        yield opened


def test_all_come_in_together(store: Store) -> None:
    """New ones belong to who brought them; known ones get a version, unless it says the same."""
    incoming = [
        Incoming(VALVES, "阀门", "u-2", "facts: {class1_ip: 1}\n"),
        Incoming(PUMPS, "水泵新名", "u-1", "facts: {class1_ip: 2}\n", after=1),
    ]
    taken = take_in(store, incoming, who="李工", at=LATER, owner="a-1")
    assert [(one.number, one.fresh) for one in taken] == [(1, True), (2, True)]
    assert {company.name: role for company, role in store.accounts.companies_of("a-1")} == {
        "阀门": "owner",
        "水泵新名": "owner",
    }
    latest = store.latest_profile(PUMPS)
    assert (latest.number, latest.content, latest.who, latest.at) == (2, incoming[1].content, "李工", LATER)
    again = take_in(
        store, [Incoming(PUMPS, "水泵新名", "u-1", incoming[1].content, after=2)], who="", at=LATER, owner=None
    )
    assert [(one.number, one.fresh) for one in again] == [(2, False)]
    assert len(store.profiles(PUMPS)) == 2


def test_what_is_sent_twice_is_there_once(store: Store) -> None:
    """The second time nothing changes, whatever it says."""
    for name in ("阀门", "别名"):
        taken = take_in(store, [Incoming(VALVES, name, "", "facts: {}\n")], who="李工", at=LATER, owner="a-1")
    assert [one.fresh for one in taken] == [False]
    assert [company.name for company in store.companies()] == ["水泵", "阀门"]
    assert len(store.profiles(VALVES)) == 1


def test_what_came_in_is_due_to_be_built(store: Store) -> None:
    """Its calendars are built as those of any company."""
    store.publish(PUMPS, {}, (), revision=store.inputs(PUMPS).revision, day=date(2026, 11, 23))
    assert store.due(date(2026, 11, 23), failed_before=LATER) == ()
    take_in(
        store,
        [Incoming(VALVES, "阀门", "", "facts: {}\n"), Incoming(PUMPS, "水泵", "", "years: {}\n", after=1)],
        who="",
        at=LATER,
        owner=None,
    )
    assert store.due(date(2026, 11, 23), failed_before=LATER) == (PUMPS, VALVES)


def test_none_comes_in_where_one_cannot(store: Store) -> None:
    """Somebody saved meanwhile: nothing of any is there, not even those before it."""
    store.save_profile(PUMPS, "facts: {iso9001: yes}\n", who="王工", at=LATER)
    before = store.companies(), store.profiles(PUMPS), store.generation()
    incoming = [
        Incoming(VALVES, "阀门", "", "facts: {}\n"),
        Incoming(PUMPS, "水泵", "", "facts: {class1_ip: 2}\n", after=1),
        Incoming(TOYS, "玩具", "", "facts: {}\n"),
    ]
    with pytest.raises(Superseded) as refused:
        take_in(store, incoming, who="李工", at=LATER, owner="a-1")
    assert refused.value.latest.number == 2
    assert (store.companies(), store.profiles(PUMPS), store.generation()) == before


def test_official_dates_are_kept_with_who_entered_them(store: Store) -> None:
    """In the order of entry."""
    entries = [
        Announcement("p", 2027, date(2027, 3, day), None, "https://a.gov.cn/", date(2026, 11, day)) for day in (2, 1)
    ]
    for entry, who in zip(entries, ("王工", "李工"), strict=True):
        store.add_announcement(entry, who=who, at=NOW)
    assert [(one.entry, one.who, one.at) for one in announced(store)] == [
        (entries[0], "王工", NOW),
        (entries[1], "李工", NOW),
    ]
