"""A publisher that is killed again and again: run in a process of its own, for it forks.

Usage: python -m tests.killing DB COMPANY TIMES PROFILE PROFILE — each time the company gets the other profile, a child
begins to publish and is killed (SIGKILL) on its way: half of them at a moment of the building, half of them, with
calendars built before, at a statement of the transaction that puts them in place. After each kill the store must hold
calendars of one building.
Prints JSON: how many were killed before they were done, at how many different statements, how many mixtures were found.
"""

from __future__ import annotations

import json
import os
import re
import select
import signal
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import event

from assistant.matching.match import Matcher
from assistant.rulebook.load import load
from assistant.service.publish import FEEDS, Composer, publish, unpack
from assistant.service.store.records import FeedBody, State
from assistant.service.store.store import Store, open_store
from assistant.settings import cache_directory, packaged_rules

STATEMENTS = 12  # of the transaction, at which a child is killed in turn


class Killing:
    """One company, published by children that are killed."""

    def __init__(self, url: str, company: str, profiles: list[str]) -> None:
        """Load the rules once for all children."""
        self.url, self.company, self.profiles = url, company, profiles
        self.composer = Composer(Matcher(load(packaged_rules(), cache=cache_directory())))

    def save(self, number: int) -> None:
        """Save another profile under a name with this number."""
        text = self.profiles[number % len(self.profiles)]
        named = re.sub(r"(?m)^enterprise:.*$", f"enterprise: {{name: 第{number}号企业}}", text)
        with open_store(self.url) as store:
            store.save_profile(self.company, named, who="test", at=datetime.now(UTC))

    def child(self) -> int:
        """Begin to publish in a child."""
        child = os.fork()
        if not child:
            with open_store(self.url) as store:
                done = publish(store, self.company, self.composer, datetime.now(UTC))
            os._exit(0 if done else 1)
        return child

    def built(self) -> tuple[Mapping[str, State], tuple[FeedBody, ...]]:
        """Return what is to be published now."""
        with open_store(self.url) as store:
            made = self.composer.edition(store.inputs(self.company), datetime.now(UTC))
        return {uid: state.to_plain() for uid, state in made.states.items()}, made.bodies

    def undisturbed(self) -> float:
        """Publish in a child that nobody kills; return the seconds it took."""
        start = time.monotonic()
        _, status = os.waitpid(self.child(), 0)
        assert status == 0
        return time.monotonic() - start

    def kill_after(self, seconds: float) -> bool:
        """Kill a child so long after its birth; tell whether it was still at work."""
        child = self.child()
        time.sleep(seconds)
        return _killed(child)

    def kill_at(self, statement: int, states: Mapping[str, State], bodies: tuple[FeedBody, ...]) -> bool:
        """Kill a child when its transaction has come so far; tell whether it was still at work."""
        heard, told = os.pipe()
        child = os.fork()
        if not child:
            with open_store(self.url) as store:
                revision = store.inputs(self.company).revision
                _tell(store, told, statement)
                store.publish(self.company, states, bodies, revision=revision, day=datetime.now(UTC).date())
            os._exit(0)
        os.close(told)
        select.select([heard], [], [], 60)
        os.close(heard)
        return _killed(child)

    def numbers(self) -> set[str]:
        """Return the numbers that the names of the calendars in the store have: one, if all are of one building."""
        with open_store(self.url) as store:
            bodies = [store.body(self.company, kind) for kind in FEEDS]
            states = store.event_states(self.company)
        raws = [unpack(body) for body in bodies if body]
        assert len(raws) == len(FEEDS)
        published = set(re.findall(rb"\r\nUID:(\S+)", raws[0]))
        assert published
        assert published <= {uid.encode() for uid in states}
        return {found for raw in raws for found in re.findall(r"\r\nNAME:.*第(-?\d+)号企业", raw.decode())}


def _tell(store: Store, told: int, statement: int) -> None:
    passed = [-1]

    def after(*given: object) -> None:
        if passed[0] >= 0 or str(given[2]).startswith("UPDATE change"):
            passed[0] += 1
            if passed[0] == statement:
                os.write(told, b"!")
                time.sleep(60)

    event.listen(store.engine, "after_cursor_execute", after)


def _killed(child: int) -> bool:
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def main(url: str, company: str, times: int, profiles: list[str]) -> None:
    """Kill so many children."""
    killing = Killing(url, company, profiles)
    editions = []
    for number in (-2, -1):
        killing.save(number)
        editions.append(killing.built())
        whole = killing.undisturbed()
    unfinished, mixed = 0, 0
    statements: set[int] = set()
    for number in range(times):
        killing.save(number)
        if number % 2:
            statement = number // 2 % STATEMENTS
            killed = killing.kill_at(statement, *editions[number // 2 % 2])
            statements |= {statement} if killed else set()
        else:
            killed = killing.kill_after(whole * number / times)
        unfinished += killed
        mixed += len(killing.numbers()) != 1
    killing.save(times)
    killing.undisturbed()
    assert killing.numbers() == {str(times)}
    print(json.dumps({"unfinished": unfinished, "statements": len(statements), "mixed": mixed}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), [Path(name).read_text(encoding="utf-8") for name in sys.argv[4:]])
