"""Work in the store: marks, who made them, and what happens when two people mark the same step."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from assistant.errors import BadInput
from assistant.planning.marks import Mark, Task, assigned, noted, restated
from assistant.service.store.migration import upgrade
from assistant.service.store.store import Store, open_store
from assistant.service.store.work import MarkedMeanwhile
from tests.conftest import ON
from tests.databases import KINDS, database

NOW = datetime(2026, 11, 23, 1, 30, 15, 123456, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
PUMPS, VALVES = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
AUDIT = Task("prepare|audit|2028", "准备审计报告", date(2028, 2, 1), frozenset(("round|little|2028", "year|2027")))


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Give a store with two companies, of each kind of database in turn."""
    url = database(request.param, tmp_path)
    upgrade(url)
    with open_store(url) as opened:
        for identity in (PUMPS, VALVES):
            opened.add_company(identity, "佛山某某水泵有限公司", "facts: {}\n", who="王工", at=NOW)
        yield opened


def put(store: Store, mark: Mark, after: int, who: str = "王工", at: datetime = NOW) -> Mark:
    """Put a mark in its place."""
    return store.work.put(PUMPS, mark, who=who, at=at, after=after)


def done(known: Mark | None = None, who: str = "王工", at: datetime = NOW) -> Mark:
    """Return the mark of somebody who has done the audit."""
    return restated(known, AUDIT, "done", who=who, at=at)


def test_a_mark_comes_back_as_it_was_made(store: Store) -> None:
    """With every one of its parts, and the number of its revision."""
    mark = restated(None, AUDIT, "postponed", who="王工", at=NOW, postponed_to=date(2028, 3, 1), reason="等审计")
    mark = replace(mark, assignee="李会计", email="li@example.com", note="三份，盖章")
    kept = put(store, mark, after=0)
    assert kept == replace(mark, revision=1)
    assert store.work.marks(PUMPS) == (kept,)
    assert store.work.marks(VALVES) == ()
    assert store.inputs(PUMPS).marks == (kept,)


def test_the_second_of_two_people_is_told(store: Store) -> None:
    """What the first one said stays, and the second one sees it."""
    mine = put(store, done(), after=0)
    theirs = assigned(None, AUDIT, "李会计", "", who="李工", at=LATER)
    with pytest.raises(MarkedMeanwhile) as told:
        put(store, theirs, after=0, who="李工", at=LATER)
    assert told.value.latest == mine
    assert store.work.marks(PUMPS) == (mine,)
    assert len(store.work.events(PUMPS)) == 1
    kept = put(store, noted(mine, AUDIT, "放在财务室", who="李工", at=LATER), after=1, who="李工", at=LATER)
    assert (kept.state, kept.note, kept.who, kept.at, kept.revision) == ("done", "放在财务室", "王工", NOW, 2)


def test_of_many_at_the_same_time_one_is_first(store: Store) -> None:
    """All the others are told; nothing is lost or written twice."""

    def attempt(number: int) -> bool:
        try:
            put(store, noted(None, AUDIT, f"第{number}人", who=str(number), at=NOW), after=0, who=str(number))
        except MarkedMeanwhile:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 1
    [mark] = store.work.marks(PUMPS)
    assert mark.revision == 1
    assert [event.detail for event in store.work.events(PUMPS)] == [mark.note]


def test_the_history_tells_who_did_what_when(store: Store) -> None:
    """The latest first; of one step, or of all."""
    first = put(store, done(), after=0)
    second = put(store, restated(first, AUDIT, "open", who="李工", at=LATER), after=1, who="李工", at=LATER)
    put(store, noted(None, Task("answer|money", "补充信息"), "问出纳", who="王工", at=LATER), after=0, at=LATER)
    told = [(event.step, event.what, event.detail, event.who, event.at) for event in store.work.events(PUMPS)]
    assert told == [
        ("answer|money", "noted", "问出纳", "王工", LATER),
        (AUDIT.key, "reopened", "", "李工", LATER),
        (AUDIT.key, "done", "", "王工", NOW),
    ]
    assert [event.what for event in store.work.events(PUMPS, step=AUDIT.key)] == ["reopened", "done"]
    assert len(store.work.events(PUMPS, limit=1)) == 1
    assert store.work.events(VALVES) == ()
    assert second.state == "open"


def test_every_mark_stands_in_the_trail(store: Store) -> None:
    """With the title of the step, and the account of the one who made it."""
    store.accounts.add("a" * 36, "wang@example.com", "王工", "", "member", at=NOW)
    store.work.put(PUMPS, done(), who="王工", at=NOW, after=0, account="a" * 36)
    entry = store.accounts.audit(PUMPS)[0]
    assert (entry.what, entry.detail, entry.who, entry.account) == ("step-done", "准备审计报告", "王工", "a" * 36)


def test_a_mark_makes_the_feeds_due(store: Store) -> None:
    """Those of its company alone; what says nothing new makes nothing due."""
    for company in (PUMPS, VALVES):
        assert store.publish(company, {}, (), revision=store.inputs(company).revision, day=ON)
    assert store.due(ON, failed_before=LATER) == ()
    mark = put(store, done(), after=0)
    assert store.due(ON, failed_before=LATER) == (PUMPS,)
    assert store.publish(PUMPS, {}, (), revision=store.inputs(PUMPS).revision, day=ON)
    assert put(store, done(mark, "李工", LATER), after=1, who="李工", at=LATER) == mark
    assert store.due(ON, failed_before=LATER) == ()
    assert len(store.work.events(PUMPS)) == 1


def test_feeds_built_without_a_mark_are_not_put_in_place(store: Store) -> None:
    """Somebody ticked a step while they were built: they are built again."""
    before = store.inputs(PUMPS)
    put(store, done(), after=0)
    assert not store.publish(PUMPS, {}, (), revision=before.revision, day=ON)


def test_a_mark_moves_with_its_history_to_the_name_its_step_has_now(store: Store) -> None:
    """The document's earlier application joined, and somebody opens the step again."""
    mark = put(store, done(), after=0)
    now = replace(AUDIT, key="prepare|audit|2027")
    opened = restated(mark, now, "open", who="李工", at=LATER)
    kept = store.work.put(PUMPS, opened, who="李工", at=LATER, after=1, follows=AUDIT.key)
    assert store.work.marks(PUMPS) == (kept,)
    assert kept.key == now.key
    assert [event.what for event in store.work.events(PUMPS, step=now.key)] == ["reopened", "done"]
    with pytest.raises(MarkedMeanwhile):
        store.work.put(PUMPS, restated(mark, AUDIT, "open", who="王工", at=LATER), who="王工", at=LATER, after=1)


def test_a_mark_on_no_company_is_refused(store: Store) -> None:
    """Nothing is left behind."""
    with pytest.raises(BadInput):
        store.work.put("x" * 36, done(), who="王工", at=NOW, after=0)
    assert store.work.events("x" * 36) == ()
