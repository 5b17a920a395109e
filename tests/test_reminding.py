"""Reminders of real companies, planned with their calendars on a real store and sent day by day."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from assistant.dates import CHINA
from assistant.delivery.channels.message import Message
from assistant.delivery.channels.receipt import Receipt
from assistant.delivery.reminders import KINDS, LEADS
from assistant.delivery.revision import day_of
from assistant.matching.match import Matcher
from assistant.planning import workdays
from assistant.planning.announcements import Announcement
from assistant.planning.manners import gathering, moment
from assistant.planning.marks import Mark
from assistant.service import publish as publishing
from assistant.service.deliver import Courier
from assistant.service.dispatch import dispatch
from assistant.service.publish import Composer, occasion_of, publish
from assistant.service.reminding import changes, preview
from assistant.service.store import schema
from assistant.service.store.engine import transaction
from assistant.service.store.records import Recipient, ReminderRow
from assistant.service.store.store import Store
from tests.conftest import ON, SAMPLES
from tests.serving import add_sample, new_store, profile_text

DAY = timedelta(days=1)
GIANT = "little-giant"
HANZI = re.compile("[\u4e00-\u9fff]")


@dataclass
class Mailbox:
    """Keeps letters."""

    came: list[tuple[datetime, str, Message]] = field(default_factory=list)

    def address(self, given: Mapping[str, str]) -> Mapping[str, str]:
        """Return what is kept."""
        return given

    def send(self, message: Message, address: Mapping[str, str], *, at: datetime, begin: int = 0) -> Receipt:
        """Keep a letter."""
        del begin
        self.came.append((at, address["to"], message))
        return Receipt("sent")


@dataclass
class Life:
    """A store that lives day by day: calendars and reminders are planned, messages are sent at nine."""

    store: Store
    composer: Composer
    now: datetime = field(default_factory=lambda: moment(ON))
    box: Mailbox = field(default_factory=Mailbox)

    def join(self, sample: str, **more: object) -> tuple[str, Recipient]:
        """Add a sample company and somebody who is reminded of all that concerns it."""
        company = add_sample(self.store, sample)
        return company, self.add(company, sample, **more)

    def add(self, company: str, name: str, **more: object) -> Recipient:
        """Add somebody who is reminded."""
        email = f"{name}@example.cn"
        made = Recipient(f"{name:r>32}"[:32], company, name, email, ("email",), KINDS, LEADS, self.now)
        made = replace(made, **more)  # type: ignore[arg-type]
        self.store.addressees.add(made, who="test")
        return made

    def plan(self, *companies: str) -> None:
        """Publish the calendars of the day."""
        for company in companies:
            assert publish(self.store, company, self.composer, self.now)

    def send(self) -> list[Message]:
        """Send what is due; return it."""
        before = len(self.box.came)
        dispatch(self.store, self.now)
        Courier(self.store, {"email": self.box}, None, lambda: self.now, lambda: 0.5, "w").deliver()
        return [message for _, _, message in self.box.came[before:]]

    def announce(self, project: str, opens: date, closes: date) -> None:
        """Enter official dates."""
        entry = Announcement(project, 2027, opens, closes, "https://www.example.gov.cn/a", day_of(self.now))
        self.store.add_announcement(entry, who="test", at=self.now)

    def rows(self, company: str, kind: str = "", state: str = "") -> list[ReminderRow]:
        """Return reminders of a kind and in a state."""
        known = self.store.outbox.reminders(company)
        return [row for row in known if kind in ("", row.kind) and state in ("", row.state)]


@pytest.fixture(autouse=True)
def no_calendars(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plan without writing the calendars' files: they are proven elsewhere, and slow."""
    monkeypatch.setattr(publishing, "FEEDS", {})


@pytest.fixture
def life(tmp_path: Path, matcher: Matcher) -> Iterator[Life]:
    """Return a store in which nobody lives yet, on a Monday morning."""
    with new_store(tmp_path) as store:
        yield Life(store, Composer(matcher))


def text_of(message: Message) -> str:
    """Return all that a message says."""
    return "\n".join(
        [message.subject, message.intro, *(line for part in message.parts for line in (part.heading, *part.lines))]
    )


# ---- planning


def test_planning_twice_changes_nothing(life: Life) -> None:
    """At once, in the same hour, or from the same store."""
    company, _ = life.join("valve-maker")
    life.plan(company)
    before = life.rows(company)
    assert len(before) > 20
    assert len({row.key for row in before}) == len(before)
    for then in (life.now, life.now + timedelta(minutes=30)):
        occasion = occasion_of(life.store.inputs(company), life.composer, then)
        assert changes(occasion, then).put == ()
    life.store.save_profile(company, profile_text("valve-maker"), who="test", at=life.now)
    life.plan(company)
    assert life.rows(company) == before


def test_in_the_night_the_plan_is_the_same(life: Life) -> None:
    """What was to go on a day goes on that day, unless it is over, or has become another thing."""
    company, _ = life.join("valve-maker")
    life.plan(company)
    life.send()
    before = {row.key: row.due for row in life.rows(company, state="pending")}
    for hours in (15, 39, 63):
        life.now = moment(ON, time(0, 5)) + timedelta(hours=hours - 15 + 24)
        life.plan(company)
        after = {row.key: row.due for row in life.rows(company, state="pending")}
        same = before.keys() & after.keys()
        assert len(same) > 20
        assert {key for key in same if before[key] != after[key]} == set()


def test_keys_hold_no_dates_and_no_titles(life: Life) -> None:
    """So a reminder is the same one, wherever its day goes."""
    company, _ = life.join("bearing-giant")
    life.plan(company)
    for row in life.rows(company):
        assert not re.search(r"\d{4}-\d\d", row.key)
        assert not HANZI.search(row.key)
        assert row.key.startswith(f"{row.kind}|") or row.key.startswith("dropped|")


def test_a_preview_is_the_plan_and_leaves_no_trace(life: Life) -> None:
    """Before anything is planned it shows what will be."""
    company, person = life.join("valve-maker")
    occasion = occasion_of(life.store.inputs(company), life.composer, life.now)
    shown = preview(occasion, person, life.now, days=100)
    assert life.rows(company) == []
    life.plan(company)
    assert {row.id for row in shown} == {row.id for row in life.rows(company, state="pending")}
    week = preview(occasion, person, life.now, days=7)
    assert {row.due for row in week} == {row.due for row in shown if row.due <= moment(ON + 7 * DAY)}


def test_who_has_left_is_planned_for_no_more(life: Life) -> None:
    """What was planned is withdrawn; the others keep theirs."""
    company, person = life.join("valve-maker")
    other = life.add(company, "other")
    life.plan(company)
    life.store.addressees.change(replace(person, stopped=life.now), who="test", at=life.now)
    life.plan(company)
    states = {who: {row.state for row in life.rows(company) if row.recipient == who} for who in (person.id, other.id)}
    assert states == {person.id: {"superseded"}, other.id: {"pending"}}


# ---- dates


def test_an_estimate_is_spoken_of_as_one(life: Life) -> None:
    """预计 in every title, no days counted; what is announced says 已公布 and counts."""
    company, _ = life.join("valve-maker")
    life.announce(GIANT, date(2026, 12, 20), date(2027, 1, 15))
    life.plan(company)
    told = {(row.kind, row.confirmed): json.loads(row.body) for row in life.rows(company)}
    assert {kind for kind, confirmed in told if confirmed} >= {"announced", "opening", "closing"}
    for row in life.rows(company, "expected"):
        body = json.loads(row.body)
        assert (row.confirmed, body["aim"], body["what"]) == (False, None, "")
        assert body["title"].startswith("【预计】")
        assert "已公布" not in body["title"]
        assert not re.search(r"还有 ?\d+ ?天", " ".join(body["lines"]))
    [news] = life.rows(company, "announced")
    body = json.loads(news.body)
    assert body["title"].startswith("【已公布】")
    assert body["ics"].startswith("BEGIN:VCALENDAR")
    assert {json.loads(row.body)["aim"] for row in life.rows(company, "closing")} == {"2027-01-15"}


def live(life: Life, company: str, until: date) -> Iterator[tuple[date, Message]]:
    """Let days pass; yield what comes."""
    while day_of(life.now) < until:
        if workdays.is_workday(day_of(life.now)):
            life.plan(company)
        for message in life.send():
            yield day_of(life.now), message
        life.now += DAY


@pytest.mark.parametrize("days", [3, 20])
def test_a_date_that_moves_is_told_once_and_nothing_twice(life: Life, days: int) -> None:
    """One 【日期调整】 the day after; of the leads only those that are ahead, and again only where it moved far."""
    company, _ = life.join("valve-maker", kinds=("announced", "moved", "opening", "closing"))
    closes = date(2026, 12, 24)
    life.announce(GIANT, date(2026, 11, 20), closes)
    came = list(live(life, company, ON + 4 * DAY))
    life.announce(GIANT, date(2026, 11, 20), closes + days * DAY)
    came += live(life, company, date(2027, 1, 15))
    parts = [(on, part.heading, part.lines) for on, message in came for part in message.parts]
    kinds = Counter(heading[: heading.index("】") + 1] for _, heading, _ in parts)
    assert (kinds["【已公布】"], kinds["【日期调整】"], kinds["【开始受理】"]) == (1, 1, 0)
    [(on, lines)] = [(on, lines) for on, heading, lines in parts if heading.startswith("【日期调整】")]
    assert on == ON + 4 * DAY
    assert lines[0].startswith("原来：")
    assert "12月24日" in lines[0]
    assert lines[1].startswith("现在：")
    counted = [lines[0] for _, heading, lines in parts if heading.startswith("【截止提醒】")]
    told = [re.search(r"还有 (\d+) 天|就是明天", line) for line in counted]
    assert all(told), counted
    left = [int(one[1] or 1) for one in told if one]
    leads = [30, 14, 7, 3, 1] if days == 3 else [30, 30, 14, 7, 3, 1]
    assert len(left) == len(leads), counted
    assert all(lead <= found <= lead + 10 for lead, found in zip(leads, left, strict=True)), counted


def test_a_date_that_moves_takes_its_reminders_along(life: Life) -> None:
    """Those that are not sent: under the same keys, on other days."""
    company, _ = life.join("valve-maker")
    life.announce(GIANT, date(2027, 1, 5), date(2027, 2, 1))
    life.plan(company)
    life.send()
    before = {row.key: row for row in life.rows(company, "closing", "pending")}
    life.announce(GIANT, date(2027, 1, 5), date(2027, 2, 26))
    life.now += DAY
    life.plan(company)
    after = {row.key: row for row in life.rows(company, "closing")}
    assert before
    assert before.keys() <= after.keys()
    for key, row in before.items():
        assert (after[key].state, after[key].last) == ("pending", date(2027, 2, 26))
        assert after[key].due > row.due
    [message] = life.send()
    assert message.parts[0].heading.startswith("【日期调整】")
    assert message.ics is not None


# ---- what is done


def test_what_is_done_is_not_said(life: Life) -> None:
    """A step that was to be said this week is marked; the others come."""
    company, _ = life.join("valve-maker", kinds=("step", "overdue"))
    life.plan(company)
    first = life.rows(company, state="pending")
    soonest = min(row.due for row in first)
    due = [row for row in first if row.due == soonest]
    life.now = soonest
    life.store.work.put(company, Mark(due[0].event, "done", "", life.now, who="test"), who="test", at=life.now, after=0)
    life.plan(company)
    life.send()
    states = {row.key: row.state for row in life.rows(company) if row.key in {one.key for one in due}}
    assert states.pop(due[0].key) == "superseded"
    assert set(states.values()) <= {"sent"}


def test_own_steps_only(life: Life) -> None:
    """Of the steps those in one's own hands; windows as everybody."""
    company, _ = life.join("valve-maker")
    life.plan(company)
    steps = [row for row in life.rows(company) if row.kind in ("step", "overdue")]
    chosen = steps[0].event
    mark = Mark(chosen, "open", "", life.now, assignee="王工", email="wang@example.cn", who="test")
    life.store.work.put(company, mark, who="test", at=life.now, after=0)
    wang = life.add(company, "wang", own=True)
    life.plan(company)
    mine = [row for row in life.rows(company) if row.recipient == wang.id]
    assert {row.event for row in mine if row.kind in ("step", "overdue", "question")} == {chosen}
    assert "expected" in {row.kind for row in mine}


# ---- rules


def test_a_rule_that_alters_a_verdict_is_told_once(life: Life) -> None:
    """The same answers judged by another text; other answers, or the same text, are no news."""
    company, _ = life.join("valve-maker")
    life.plan(company)
    assert life.rows(company, "rules") == []
    rewrite(life, company, rules="other")
    life.plan(company)
    [row] = life.rows(company, "rules")
    body = json.loads(row.body)
    assert body["title"].startswith("【规则变化】")
    assert body["lines"][0].startswith("结论由“")
    life.now += DAY
    life.plan(company)
    assert [one.key for one in life.rows(company, "rules")] == [row.key]
    assert any(part.heading == body["title"] for message in life.send() for part in message.parts)
    life.now += DAY
    life.plan(company)
    assert [one.state for one in life.rows(company, "rules")] == ["sent"]


@pytest.mark.parametrize("other", [{"rules": ""}, {"rules": "other", "profile": 7}])
def test_what_is_not_the_rules_doing_is_no_news_of_rules(life: Life, other: Mapping[str, Any]) -> None:
    """The same rules, or another profile."""
    company, _ = life.join("valve-maker")
    life.plan(company)
    rewrite(life, company, **other)
    life.plan(company)
    assert life.rows(company, "rules") == []


def rewrite(life: Life, company: str, *, rules: str = "", profile: int = 0) -> None:
    """Have the store remember another verdict for one project, by other *rules* or of another *profile*."""
    known = json.loads(life.store.inputs(company).verdicts)
    was = known["projects"][GIANT]
    others = {"eligible", "not-eligible", "undecided"} - {was[1]}
    known["projects"][GIANT] = [f"{was[0]}-before" if rules else was[0], min(others), was[2]]
    known |= {"rules": rules or known["rules"], "profile": profile or known["profile"]}
    with transaction(life.store.engine, life.store.label, writes=True) as db:
        db.execute(update(schema.reminder_plan).values(verdicts=json.dumps(known)))
        db.execute(update(schema.company).values(published=None))


# ---- languages


def test_who_reads_english_gets_english(life: Life) -> None:
    """Every word of ours; names, clauses and quotations stay as they are."""
    company, _ = life.join("valve-maker", lang="en")
    life.announce(GIANT, date(2026, 12, 20), date(2027, 1, 15))
    life.plan(company)
    for row in life.rows(company):
        body = json.loads(row.body)
        if row.kind not in ("question", "step", "overdue"):  # these name papers and topics
            assert not HANZI.search(body["title"]), body["title"]
        assert not re.search("还有|截止|开始|预计|已公布|依据：|日期把握", body["title"] + " ".join(body["lines"][:1]))
    [message] = life.send()
    assert message.lang == "en"
    assert not HANZI.search(message.intro.replace("valve-maker", ""))
    assert not HANZI.search(message.subject)


# ---- a year

OFFICIAL = {  # by the day of entry, as in past rounds; one is moved
    date(2027, 3, 1): ("provincial-champion", date(2027, 3, 5), date(2027, 4, 9)),
    date(2027, 4, 6): (GIANT, date(2027, 4, 8), date(2027, 4, 30)),
    date(2027, 4, 20): (GIANT, date(2027, 4, 8), date(2027, 5, 14)),
    date(2027, 5, 25): ("high-tech-enterprise", date(2027, 6, 1), date(2027, 7, 15)),
    date(2027, 6, 15): ("innovative-sme", date(2027, 6, 20), date(2027, 7, 30)),
    date(2027, 8, 20): ("specialized-sme", date(2027, 9, 1), date(2027, 9, 24)),
}
FORTNIGHT = 14 * DAY
MOST = 2.0  # messages a week


def year(life: Life, samples: Sequence[str], *, daily: bool) -> dict[str, list[tuple[date, Message]]]:
    """Live for a year; return who got what. Not *daily*: plans are made once a week, and when dates are announced."""
    people = {life.join(name)[0]: name for name in samples}
    got: dict[str, list[tuple[date, Message]]] = {name: [] for name in samples}
    for day in (ON + days * DAY for days in range(365)):
        life.now = moment(day)
        if day in OFFICIAL:
            life.announce(*OFFICIAL[day])
        if (daily and workdays.is_workday(day)) or day in OFFICIAL or day == gathering(day):
            life.plan(*people)
        before = len(life.box.came)
        life.send()
        for _, email, message in life.box.came[before:]:
            got[email.partition("@")[0]].append((day, message))
    return got


def near_a_deadline(day: date) -> bool:
    """Tell whether an announced window closes in the next fortnight."""
    known = {project: closes for entered, (project, _, closes) in OFFICIAL.items() if entered <= day}
    return any(day <= closes <= day + FORTNIGHT for closes in known.values())


def table(got: Mapping[str, list[tuple[date, Message]]]) -> str:
    """Return how many messages each got."""
    quiet = sum(not near_a_deadline(ON + days * DAY) for days in range(365)) / 7
    lines = [f"{'company':20} messages reminders  a week  fullest week  (quiet weeks: {quiet:.0f})"]
    for name, came in got.items():
        outside = sum(not near_a_deadline(day) for day, _ in came)
        weeks = Counter(day.isocalendar()[:2] for day, _ in came)
        parts = sum(len(message.parts) for _, message in came)
        lines.append(f"{name:20} {len(came):8} {parts:9} {outside / quiet:7.2f} {max(weeks.values(), default=0):13}")
    return "\n".join(lines)


def test_in_a_year_nobody_is_bothered(life: Life, capsys: pytest.CaptureFixture[str]) -> None:
    """At most two messages a week on average, but for the fortnight before an announced deadline."""
    got = year(life, SAMPLES, daily=False)
    told = table(got)
    with capsys.disabled():
        print(f"\n{told}")
    quiet = sum(not near_a_deadline(ON + days * DAY) for days in range(365)) / 7
    for name, came in got.items():
        assert came, name
        assert sum(not near_a_deadline(day) for day, _ in came) <= MOST * quiet, told
        for day, message in came:
            assert workdays.is_workday(day) or all(one.heading.startswith("【截止提醒】") for one in message.parts)
            said = [(one.heading, one.lines) for one in message.parts]
            assert len(set(said)) == len(said), said
    assert all(at.astimezone(CHINA).hour >= 9 for at, _, _ in life.box.came)
