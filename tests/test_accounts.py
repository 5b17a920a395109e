"""Accounts in the store: sessions, roles, links that work once, tallies; on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from assistant.errors import BadInput
from assistant.service.store import schema
from assistant.service.store.migration import upgrade
from assistant.service.store.store import Store, Superseded, open_store
from tests.databases import KINDS, database

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WANG, LI, PUMPS = (f"00000000-0000-4000-8000-00000000000{n}" for n in "abc")


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Return a store with two accounts, of which the first owns a company."""
    url = database(request.param, tmp_path)
    upgrade(url)
    with open_store(url) as opened:
        opened.accounts.add(WANG, " Wang@Example.cn", "王工", "hash-w", "administrator", at=NOW)
        opened.accounts.add(LI, "li@example.cn", "李会计", "hash-l", "member", at=NOW)
        opened.add_company(PUMPS, "水泵", "facts: {}\n", who="王工", at=NOW, owner=WANG)
        yield opened


def codes(error: pytest.ExceptionInfo[BadInput]) -> list[str]:
    """Return what was refused."""
    return [problem.code for problem in error.value.problems]


def test_an_address_is_one_account_however_it_is_written(store: Store) -> None:
    """Capitals and blanks make no second one."""
    found = store.accounts.by_email("WANG@example.CN ")
    assert found is not None
    assert (found.id, found.email) == (WANG, "wang@example.cn")
    with pytest.raises(BadInput) as refused:
        store.accounts.add("x", "wang@EXAMPLE.cn", "", "", "member", at=NOW)
    assert codes(refused) == ["account-exists"]


def test_a_session_lasts_until_it_ends(store: Store) -> None:
    """It expires, is closed, ends with a new password and with the account; another's stays."""
    people = store.accounts
    for digest, who in (("a" * 64, WANG), ("b" * 64, WANG), ("c" * 64, LI)):
        people.open_session(who, digest, at=NOW, expires=NOW + DAY)
    assert people.session("a" * 64, now=NOW + DAY - HOUR) == people.by_id(WANG)
    assert people.session("a" * 64, now=NOW + DAY) is None
    people.set_password(WANG, "new", at=NOW, keep="b" * 64)
    assert people.session("a" * 64, now=NOW) is None
    assert people.session("b" * 64, now=NOW) is not None
    people.close_session("b" * 64)
    assert people.session("b" * 64, now=NOW) is None
    people.disable(LI, who="王工", at=NOW)
    assert people.session("c" * 64, now=NOW) is None
    people.open_session(LI, "d" * 64, at=NOW, expires=NOW + DAY)
    assert people.session("d" * 64, now=NOW) is None


def test_a_company_is_its_members(store: Store) -> None:
    """Who is none has no role; the last owner stays."""
    people = store.accounts
    assert people.role(WANG, PUMPS) == "owner"
    assert people.role(LI, PUMPS) is None
    people.grant(LI, PUMPS, "viewer", who="王工", at=NOW)
    assert [(one.account.id, one.role) for one in people.members(PUMPS)] == [(WANG, "owner"), (LI, "viewer")]
    assert [(company.id, role) for company, role in people.companies_of(LI)] == [(PUMPS, "viewer")]
    deeds: tuple[Callable[[], None], ...] = (
        lambda: people.withdraw(WANG, PUMPS, who="", at=NOW),
        lambda: people.grant(WANG, PUMPS, "editor", who="", at=NOW),
    )
    for deed in deeds:
        with pytest.raises(BadInput) as refused:
            deed()
        assert codes(refused) == ["last-owner"]
    people.grant(LI, PUMPS, "owner", who="王工", at=NOW)
    people.withdraw(WANG, PUMPS, who="李会计", at=NOW)
    assert people.role(WANG, PUMPS) is None
    assert [entry.what for entry in people.audit(PUMPS)] == ["role-withdrawn", "role-given", "role-given"]


def test_a_disabled_owner_is_no_owner_to_rely_on(store: Store) -> None:
    """The only one left who can log in may not go."""
    people = store.accounts
    people.grant(LI, PUMPS, "owner", who="王工", at=NOW)
    people.disable(LI, who="王工", at=NOW)
    with pytest.raises(BadInput) as refused:
        people.withdraw(WANG, PUMPS, who="", at=NOW)
    assert codes(refused) == ["last-owner"]


def test_the_last_administrator_stays(store: Store) -> None:
    """Neither shut out nor made something else."""
    deeds: tuple[Callable[[], None], ...] = (
        lambda: store.accounts.disable(WANG, who="", at=NOW),
        lambda: store.accounts.set_standing(WANG, "member", who="", at=NOW),
    )
    for deed in deeds:
        with pytest.raises(BadInput) as refused:
            deed()
        assert codes(refused) == ["last-administrator"]


def test_a_link_works_once(store: Store) -> None:
    """Of many who try at the same moment one is let in; an expired or replaced one lets nobody in."""
    people = store.accounts
    people.add_link("a" * 64, "invite", at=NOW, expires=NOW + DAY, who="王工", company=PUMPS, role="editor")
    with ThreadPoolExecutor(8) as pool:
        tried = list(pool.map(lambda _: people.use_link("a" * 64, at=NOW), range(16)))
    assert tried.count(True) == 1
    assert people.link("a" * 64, now=NOW) is None
    people.add_link("b" * 64, "reset", at=NOW, expires=NOW + HOUR, who="", account=LI)
    assert people.link("b" * 64, now=NOW + HOUR) is None
    assert not people.use_link("b" * 64, at=NOW + HOUR)
    people.add_link("c" * 64, "reset", at=NOW, expires=NOW + HOUR, who="", account=LI)
    assert people.link("b" * 64, now=NOW) is None
    people.set_password(LI, "new", at=NOW)
    assert people.link("c" * 64, now=NOW) is None


def test_a_tally_counts_across_workers(store: Store) -> None:
    """So many are let through, no more, whoever counts; then the time begins anew."""

    def trial(moment: datetime) -> bool:
        return store.accounts.allowed("login:x", now=moment, most=5, within=HOUR)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(trial, [NOW] * 20)).count(True) == 5
    assert store.accounts.allowed("login:y", now=NOW, most=5, within=HOUR)
    assert trial(NOW + HOUR)
    store.accounts.forgive("login:x")
    assert all(trial(NOW + HOUR) for _ in range(5))


def test_a_token_is_its_account_until_it_is_revoked(store: Store) -> None:
    """Nobody revokes another's; a disabled account has none."""
    people = store.accounts
    people.add_api_token("t1", WANG, "ERP", "a" * 64, at=NOW)
    people.add_api_token("t2", LI, "脚本", "b" * 64, at=NOW)
    assert people.api_account("a" * 64, now=NOW) == people.by_id(WANG)
    assert people.api_tokens(WANG)[0].last_used == NOW
    assert not people.revoke_api_token("t1", LI, at=NOW)
    assert people.revoke_api_token("t1", WANG, at=NOW)
    assert people.api_account("a" * 64, now=NOW) is None
    people.disable(LI, who="", at=NOW)
    people.enable(LI, who="", at=NOW)
    assert people.api_account("b" * 64, now=NOW) is None
    people.disable(LI, who="", at=NOW)
    people.add_api_token("t3", LI, "迟到的", "c" * 64, at=NOW)
    assert people.api_account("c" * 64, now=NOW) is None


def test_what_somebody_else_saved_is_not_written_over(store: Store) -> None:
    """A version made from an older one is refused; of two at once one is saved."""

    def save(content: str) -> int:
        try:
            return store.save_profile(PUMPS, content, who="", at=NOW, after=1).number
        except Superseded as error:
            return -error.latest.number

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(save, ["a: 1\n", "a: 2\n"])) == [-2, 2]
    assert len(store.profiles(PUMPS)) == 2


def test_an_owner_who_goes_leaves_no_way_back(store: Store) -> None:
    """Open invitations go with an owner, for any may be its own; those of an editor's going stay."""
    people = store.accounts
    people.grant(LI, PUMPS, "owner", who="王工", at=NOW)

    def invite(digest: str) -> None:
        people.add_link(digest, "invite", at=NOW, expires=NOW + DAY, who="李会计", company=PUMPS, role="owner")

    invite("a" * 64)
    people.grant(LI, PUMPS, "editor", who="王工", at=NOW)
    assert people.link("a" * 64, now=NOW) is None
    invite("b" * 64)
    people.withdraw(LI, PUMPS, who="王工", at=NOW)
    assert people.link("b" * 64, now=NOW) is not None
    people.grant(LI, PUMPS, "owner", who="王工", at=NOW)
    people.withdraw(LI, PUMPS, who="王工", at=NOW)
    assert people.link("b" * 64, now=NOW) is None


def test_tallies_do_not_pile_up(store: Store) -> None:
    """Whoever tries a thousand addresses leaves nothing behind after a day."""
    for n in range(20):
        store.accounts.allowed(f"login:{n}", now=NOW, most=5, within=HOUR)
    store.accounts.allowed("login:x", now=NOW + DAY, most=5, within=HOUR)
    with store.engine.connect() as db:
        assert [row.key for row in db.execute(select(schema.tally))] == ["login:x"]
