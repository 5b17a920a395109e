"""Acceptance: Thunderbird subscribes to a running server once, and what changes afterwards changes in it too.

It runs on today's date, as the server does, so the projects are chosen from today's plan. Its screen is kept in
`build/` before and after the changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from uuid import uuid5

from assistant.company.profile import read_profile
from assistant.delivery.events import events
from assistant.delivery.revision import NAMESPACE, day_of, uid_of
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.match import Matcher
from assistant.planning.announcements import Announcement
from assistant.planning.assessment import assess
from assistant.service.store.store import Store
from assistant.sources import parse
from tests.conformance.readers import Row, as_written
from tests.conformance.thunderbird import thunderbird
from tests.conformance.tools import BUILD, need
from tests.serving import PATIENCE, Server, add_sample, add_token, new_store, now, profile_text, until

SAMPLE = "valve-maker"
COMPANY = str(uuid5(NAMESPACE, SAMPLE))
PAGE = "https://www.miit.gov.cn/notice.html"


def rows(raw: bytes, copy: Path) -> Mapping[str, Row]:
    """Return the rows of a feed as it is served, by their identities."""
    copy.write_bytes(raw)
    return {row.uid: row for row in as_written([copy])[copy]}


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
        store.add_announcement(entry, who="test", at=now())


def test_thunderbird_follows_its_subscription(matcher: Matcher, tmp_path: Path) -> None:
    """It shows the windows; a closing that moves, a confirmation and a cancellation change the same three events."""
    need("thunderbird", "Xvfb", "import")
    plan = Plan(matcher, day_of(now()), profile_text(SAMPLE))
    moved, confirmed, dropped = plan.chosen()
    at = [plan.uid(one) for one in (moved, confirmed, dropped)]
    with new_store(tmp_path) as store:
        add_sample(store, SAMPLE)
        plan.announce(store, moved, 2, 8)
        plan.announce(store, dropped, 4, 13)
        token = add_token(store, COMPANY)
        path, copy = f"/f/{token}/all.ics", tmp_path / "all.ics"
        with Server(store, tmp_path) as server:
            before = rows(server.served(path).body, copy)
            assert [before[uid].status for uid in at] == ["CONFIRMED", "TENTATIVE", "CONFIRMED"]
            with thunderbird(tmp_path / "thunderbird", f"http://127.0.0.1:{server.port}{path}", "申报日历") as client:
                assert client.await_rows(list(before.values()), PATIENCE) == sorted(before.values(), key=str)
                assert client.picture(BUILD / "thunderbird-subscribed.png", PATIENCE)

                plan.announce(store, moved, 2, 17)
                plan.announce(store, confirmed, 6, 27)
                store.save_profile(COMPANY, plan.without(dropped), who="test", at=now())
                until(lambda: rows(server.ask(path).body, copy)[at[2]].status == "CANCELLED", server.logged)
                after = rows(server.ask(path).body, copy)
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
    assert " 304" in server.logged()
    assert token not in server.logged()
