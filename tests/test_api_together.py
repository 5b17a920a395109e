"""Several programs at once: of two that save at the same time exactly one does; an allowance is shared by workers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from assistant.service.store.migration import upgrade
from assistant.service.store.store import Store, open_store
from assistant.service.store.tally import drawn
from assistant.service.store.tokens import digest_of
from assistant.web.api.allowance import Allowances
from assistant.web.site import Manner
from tests.calling import PREFIX, Program, Reply, as_json, token_for
from tests.databases import KINDS, database
from tests.serving import PATIENCE, Server, add_sample, now
from tests.visiting import House

TOKEN = "R" * 43
TIMES = 8
AT = datetime(2026, 11, 23, 8, 0, 12, tzinfo=UTC)


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a new store of either kind."""
    found = database(request.param, tmp_path)
    upgrade(found)
    return found


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Return it, with an account that has a token."""
    with open_store(url) as store:
        account = store.accounts.add("a-1", "a@example.com", "a", "x", "member", at=now())
        store.accounts.add_api_token("t-1", account.id, "program", digest_of(TOKEN), at=now())
        yield store


def put(port: int, company: str, data: Any, tag: str) -> Reply:
    """Put a profile, over a connection of its own."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json", "If-Match": tag}
        connection.request("PUT", f"{PREFIX}/companies/{company}/profile", json.dumps(data).encode(), headers)
        answer = connection.getresponse()
        return Reply(answer.status, {key.lower(): one for key, one in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def test_of_two_at_once_exactly_one_saves(store: Store, url: str, tmp_path: Path) -> None:
    """From the same version, again and again, at a server of two workers: the other is told the number it must merge.

    What is told as saved is what is there, version by version.
    """
    company = add_sample(store, "valve-maker")
    store.accounts.grant("a-1", company, "owner", who="test", at=now())
    sent = as_json("valve-maker")
    saved: list[int] = []
    with Server(store, tmp_path, "--workers", "2", "--no-publish", "--db", url) as server:
        for number in range(1, TIMES + 1):
            together = threading.Barrier(2)
            came: dict[int, Reply] = {}

            def save(side: int, number: int = number, together: Any = together, came: Any = came) -> None:
                data = {**sent, "facts": {**sent["facts"], "established": f"20{number:02}-01-{side + 1:02}"}}
                together.wait(PATIENCE)
                came[side] = put(server.port, company, data, f'"{number}"')

            threads = [threading.Thread(target=save, args=(side,)) for side in (0, 1)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(PATIENCE)
            assert sorted(one.status for one in came.values()) == [200, 412], server.logged()
            winner = next(side for side, one in came.items() if one.status == 200)
            assert came[winner].headers["etag"] == f'"{number + 1}"'
            assert came[1 - winner].data["latest"] == number + 1
            saved.append(winner)
    versions = store.profiles(company)
    assert [one.number for one in versions] == list(range(1, TIMES + 2))
    for number, winner in enumerate(saved, 1):
        assert f"20{number:02}-01-{winner + 1:02}" in versions[number].content


def test_an_allowance_is_shared_by_all_workers(store: Store) -> None:
    """Two of them grant together what one token has, and not one request more; a minute later all begins anew."""

    def worker() -> Allowances:
        return Allowances(lambda key, since, count: drawn(store, key, since=since, count=count), 50)

    workers = [worker(), worker()]
    granted = [workers[turn % 2].take("a", AT).granted for turn in range(120)]
    assert sum(granted) == 50
    assert not any(granted[60:])
    other = workers[0].take("b", AT)
    assert (other.granted, other.more) == (True, 49)
    refused = workers[1].take("a", AT)
    assert refused.headers["retry-after"] == "48"
    assert refused.headers["ratelimit"] == '"minute";r=0;t=48'
    again = workers[0].take("a", AT + timedelta(seconds=48))
    assert (again.granted, again.headers["ratelimit-policy"]) == (True, '"minute";q=50;w=60')


def test_one_that_asks_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    """With what is left on every answer; another token has its own; whoever guesses is slowed down."""
    with House(tmp_path, manner=Manner(api_rate=3)) as house:
        house.clock.now = AT
        account = house.account("wang")
        first, second = (Program(house, token_for(house, account, name)) for name in ("a", "b"))
        left = [first.get("/projects/x").headers["ratelimit"] for _ in range(3)]
        assert left == ['"minute";r=2;t=48', '"minute";r=1;t=48', '"minute";r=0;t=48']
        over = first.get("/projects/x")
        assert (over.status, over.headers["retry-after"]) == (429, "48")
        assert second.get("/projects/x").status == 404
        house.clock.forward(seconds=48)
        assert first.get("/projects/x").status == 404
        guesses = [Program(house, f"{turn:043}").get("/projects").status for turn in range(70)]
        assert guesses == [401] * 60 + [429] * 10
        assert Program(house).get("/projects").status == 401
