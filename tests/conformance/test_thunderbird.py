"""Acceptance: Thunderbird subscribes to a running server once, and what changes afterwards changes in it too.

It runs on today's date, as the server does, so the projects are chosen from today's plan. Its screen is kept in
`build/` before and after the changes.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from urllib.request import urlopen
from uuid import UUID

from assistant.company.profile import read_profile
from assistant.delivery.events import events
from assistant.delivery.revision import day_of, uid_of
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.match import Matcher
from assistant.planning.announcements import Announcement
from assistant.planning.assessment import assess
from assistant.service.store.migration import upgrade
from assistant.service.store.store import Store, open_store
from assistant.sources import parse
from tests.conformance.readers import Row, as_written
from tests.conformance.thunderbird import thunderbird
from tests.conformance.tools import BUILD, need
from tests.conftest import ROOT

COMPANY = str(UUID(int=5))
PAGE = "https://www.miit.gov.cn/notice.html"
PATIENCE = 60.0  # seconds; a machine that does much else at the same time is slow
WHO = "test"


@contextmanager
def served(url: str, log: Path) -> Iterator[str]:
    """Run the server on the store; give its address."""
    command = [sys.executable, "-m", "assistant", "serve", "--port", "0", "--db", url]
    with log.open("wb") as errors, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().decode().strip()
        finally:
            process.terminate()


def seen(url: str, until: Callable[[Mapping[str, Row]], bool], copy: Path) -> Mapping[str, Row]:
    """Return the feed as it is served, once it is as it should be."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with urlopen(url) as answer:  # noqa: S310 - our own server
                copy.write_bytes(answer.read())
            rows = {row.uid: row for row in as_written([copy])[copy]}
            if until(rows):
                return rows
        except OSError as error:  # nothing is published yet
            last: object = error
        else:
            last = sorted(rows.values(), key=str)
        assert time.monotonic() < end, last
        time.sleep(0.3)


@dataclass(frozen=True)
class Plan:
    """The company's plan of today."""

    matcher: Matcher
    today: date
    profile: str

    @cached_property
    def cycles(self) -> Mapping[str, int]:
        """The cycles of the windows that are expected, the soonest first."""
        keys = (key.split("|") for key in self._windows(self.profile))
        return {project: int(cycle) for project, cycle, *_ in keys}

    def chosen(self) -> tuple[str, str, str]:
        """Return three projects: to be moved, confirmed and dropped."""
        dropped = next(one for one in self.cycles if not self._asks_for(one, self.without(one)))
        moved, confirmed, *_ = (one for one in self.cycles if one != dropped)
        return moved, confirmed, dropped

    def _windows(self, text: str) -> list[str]:
        """Return the keys of the windows that are expected, the soonest first."""
        book = self.matcher.rulebook
        profile = read_profile(parse(text, name="profile"), book.dictionary, book.lists, self.today)
        plan = events(assess(self.matcher, profile, self.today), Speaker(book))
        return [event.key for event in plan if event.tag == "expected"]

    def _asks_for(self, project: str, text: str) -> bool:
        return any(key.startswith(f"{project}|") for key in self._windows(text))

    def without(self, project: str) -> str:
        """Return the profile after the company has won *project*: it need not apply."""
        won = f"recognitions:\n  - {{id: {project}, granted: {self.today - timedelta(days=1)}}}\n"
        return self.profile.replace("recognitions:\n", won)

    def uid(self, project: str) -> str:
        """Return the identity of a window."""
        return uid_of(COMPANY, f"{project}|{self.cycles[project]}|window")

    def day(self, days: int) -> date:
        """Return a day from today on."""
        return self.today + timedelta(days=days)

    def announce(self, store: Store, project: str, opens: int, closes: int) -> None:
        """Make the dates of a window official."""
        entry = Announcement(project, self.cycles[project], self.day(opens), self.day(closes), PAGE, self.today)
        store.add_announcement(entry, who=WHO, at=datetime.now(UTC))


def test_thunderbird_follows_its_subscription(matcher: Matcher, tmp_path: Path) -> None:
    """It shows the windows; a closing that moves, a confirmation and a cancellation change the same three events."""
    need("thunderbird", "Xvfb", "import")
    plan = Plan(matcher, day_of(datetime.now(UTC)), (ROOT / "profiles" / "valve-maker.yaml").read_text("utf-8"))
    moved, confirmed, dropped = plan.chosen()
    at = [plan.uid(one) for one in (moved, confirmed, dropped)]
    database, copy = f"sqlite:///{tmp_path}/assistant.db", tmp_path / "all.ics"
    upgrade(database)
    with open_store(database) as store:
        store.add_company(COMPANY, "佛山某某阀门有限公司", plan.profile, who=WHO, at=datetime.now(UTC))
        plan.announce(store, moved, 2, 8)
        plan.announce(store, dropped, 4, 13)
        token, _ = store.add_token(COMPANY, "Thunderbird", secret=bytes(range(32)), at=datetime.now(UTC))
        with served(database, tmp_path / "server.log") as address:
            url = f"{address}f/{token}/all.ics"
            before = seen(url, lambda rows: at[0] in rows, copy)
            assert [before[uid].status for uid in at] == ["CONFIRMED", "TENTATIVE", "CONFIRMED"]
            with thunderbird(tmp_path / "thunderbird", url, "申报日历") as client:
                assert client.await_rows(list(before.values()), PATIENCE) == sorted(before.values(), key=str)
                assert client.picture(BUILD / "thunderbird-subscribed.png", PATIENCE)

                plan.announce(store, moved, 2, 17)
                plan.announce(store, confirmed, 6, 27)
                store.save_profile(COMPANY, plan.without(dropped), who=WHO, at=datetime.now(UTC))
                after = seen(url, lambda rows: rows[at[2]].status == "CANCELLED", copy)
                assert [(after[uid].start, after[uid].end, after[uid].status) for uid in at] == [
                    (str(plan.day(2)), str(plan.day(18)), "CONFIRMED"),
                    (str(plan.day(6)), str(plan.day(28)), "CONFIRMED"),
                    (str(plan.day(4)), str(plan.day(14)), "CANCELLED"),
                ]
                tags = [(after[uid].summary or "").partition("】")[0] for uid in at]
                assert tags == ["【延期", "【已公布", "【已取消"]

                found = client.await_rows(list(after.values()), PATIENCE)
                assert found == sorted(after.values(), key=str)
                assert len({row.uid for row in found}) == len(found)
                assert client.picture(BUILD / "thunderbird-revised.png", PATIENCE)
        [used] = store.tokens(COMPANY)
        assert "Thunderbird/" in used.last_client
        assert used.last_fetched
    log = (tmp_path / "server.log").read_text("utf-8")
    assert " 304" in log
    assert token not in log
