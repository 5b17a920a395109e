"""The calendar: bytes that every reader takes the same way, stable identities, and no date that looks surer than it is.

Three readers stand for the clients: icalendar, vobject and the strict `ical`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import icalendar
import pytest
import vobject
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream

from assistant.company.profile import Held, Judgement, Profile, read_profile
from assistant.dates import add_months
from assistant.delivery.events import events
from assistant.delivery.feed import Only, clean, feed
from assistant.delivery.revision import FeedEvent, Revision, first_states, revise
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.match import Matcher
from assistant.planning.announcements import Announcement
from assistant.planning.assessment import Assessment, assess
from assistant.planning.checkins import check_ins
from assistant.planning.workdays import is_workday
from assistant.sources import read
from tests.conftest import ON, ROOT, Assess, book

PAGE = "https://www.miit.gov.cn/x"
PREFIXES = ("【预计】", "【已公布】", "【核对】", "【准备】", "【预计最早截止】", "【截止】", "【维护】")
fuzzed = settings(derandomize=True, deadline=None, max_examples=50, suppress_health_check=list(HealthCheck))


class Row(NamedTuple):
    """What a subscriber sees of an event."""

    uid: str
    start: date
    end: date
    status: str
    summary: str
    description: str


# ---- three readers


def components(raw: bytes) -> list[Any]:
    """Return the events as the library that wrote them reads them."""
    found: list[Any] = list(icalendar.Calendar.from_ical(raw).walk("VEVENT"))
    assert not any(event.errors for event in found)
    return found


def by_icalendar(raw: bytes) -> list[Row]:
    """Read with the library that wrote it."""
    texts = ("STATUS", "SUMMARY", "DESCRIPTION")
    found = components(raw)
    return [Row(str(e["UID"]), e["DTSTART"].dt, e["DTEND"].dt, *(str(e[name]) for name in texts)) for e in found]


def by_vobject(raw: bytes) -> list[Row]:
    """Read with an independent parser."""
    [calendar] = vobject.readComponents(raw.decode())
    return [
        Row(e.uid.value, e.dtstart.value, e.dtend.value, e.status.value, e.summary.value, e.description.value)
        for e in calendar.vevent_list
    ]


def by_ical(raw: bytes) -> list[Row]:
    """Read with a strict one: a single wrong line refuses the whole calendar."""
    found: list[Any] = IcsCalendarStream.calendar_from_ics(raw.decode()).events
    return [Row(str(e.uid), e.dtstart, e.dtend, e.status.value, str(e.summary), str(e.description)) for e in found]


READERS: tuple[Callable[[bytes], list[Row]], ...] = (by_icalendar, by_vobject, by_ical)


@cache
def assessed_alone(name: str) -> Assessment:
    """Return a sample's assessment."""
    rulebook = book()
    profile = read_profile(read(ROOT / "profiles" / f"{name}.yaml"), rulebook.dictionary, rulebook.lists, ON)
    return assess(matcher(), profile, ON)


@cache
def matcher() -> Matcher:
    """Return one matcher for all."""
    return Matcher(book())


@pytest.fixture
def raw(sample: str) -> bytes:
    """Return the calendar of each sample in turn, built once."""
    return built(sample)


@cache
def built(name: str) -> bytes:
    """Return a sample's calendar."""
    return feed(assessed_alone(name))


def written(raw: bytes) -> None:
    """Assert what RFC 5545 and careless clients ask of every line."""
    assert raw.endswith(b"\r\n")
    lines = raw.split(b"\r\n")[:-1]
    for line in lines:
        assert len(line) <= 75, line
        assert b"\n" not in line, line
        assert b"\r" not in line, line
        line.decode()  # whole signs only
        assert len(line) % 2 == len(line.rstrip(b"\\")) % 2, line
        assert not any(sign < 32 and sign != 9 for sign in line), line
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-1] == b"END:VCALENDAR"


# ---- every sample


def test_every_line_is_well_formed(raw: bytes, assessment: Assessment) -> None:
    """At most 75 octets, CRLF, no sign and no escape split by a fold."""
    written(raw)
    written(feed(assessment, "en"))


def test_all_readers_see_the_same(raw: bytes, assessment: Assessment) -> None:
    """And as many events as were put in."""
    first, *others = [reader(raw) for reader in READERS]
    assert [len(rows) for rows in others] == [len(first)] * 2
    assert all(rows == first for rows in others)
    assert len(first) == len(list(events(assessment, Speaker(assessment.rulebook))))


def test_every_event_is_a_span_of_whole_days(raw: bytes) -> None:
    """The end is the day after the last."""
    for event in by_icalendar(raw):
        assert type(event.start) is date
        assert type(event.end) is date
        assert timedelta(days=1) <= event.end - event.start <= timedelta(days=21)


def test_no_event_lies_in_the_past(raw: bytes) -> None:
    """Least of all a day on which something was expected to open."""
    assert [(event.end, event.summary) for event in by_icalendar(raw) if event.end <= ON] == []


def test_the_earliest_deadline_is_the_earliest(assessment: Assessment) -> None:
    """An event that says 预计最早截止 stands no later than the first day on which closing is expected."""
    for entry in assessment.entries:
        if entry.step and entry.step.kind == "apply" and entry.step.estimated:
            closes = next(p.window.closes for p in assessment.prospects if p.match.project.id == entry.step.subject)
            assert closes is not None
            assert entry.span.latest <= closes.earliest, entry.key


def test_no_two_events_share_an_identity(raw: bytes) -> None:
    """Clients keep only one of them."""
    uids = [event.uid for event in by_icalendar(raw)]
    assert len(uids) == len(set(uids))


def test_what_is_expected_says_so_in_its_title(raw: bytes) -> None:
    """Status and colour are lost in some client; and what is certain never says 预计."""
    for event in by_icalendar(raw):
        assert event.summary.startswith(PREFIXES)
        assert event.status in ("TENTATIVE", "CONFIRMED")
        if event.summary.startswith("【预计"):
            assert event.status == "TENTATIVE", event
        if event.status == "TENTATIVE":
            assert "以当年通知为准" in event.description, event


def test_every_expected_window_is_tentative_with_its_basis(raw: bytes, assessment: Assessment) -> None:
    """Which rounds it rests on, how sure it is, who takes applications."""
    titles = {event.summary: event for event in by_icalendar(raw)}
    shown = [entry.prospect for entry in assessment.entries if entry.prospect]
    for prospect in shown:
        found = [
            event for title, event in titles.items() if prospect.match.project.name in title and "【预计】" in title
        ]
        assert found, prospect.match.project.id
        for event in found:
            assert event.status == "TENTATIVE"
            assert "可信度" in event.description
            assert "依据：" in event.description


def test_the_calendar_names_itself_twice_and_is_no_invitation(raw: bytes, assessment: Assessment) -> None:
    """Old and new property names; no METHOD."""
    calendar = icalendar.Calendar.from_ical(raw)
    assert "METHOD" not in calendar
    assert not calendar.walk("VALARM")
    named = {name: str(calendar[name]) for name in ("VERSION", "CALSCALE", "NAME", "X-WR-CALNAME", "X-WR-TIMEZONE")}
    assert named["NAME"] == named["X-WR-CALNAME"]
    assert assessment.profile.name in named["NAME"]
    assert (named["VERSION"], named["CALSCALE"], named["X-WR-TIMEZONE"]) == ("2.0", "GREGORIAN", "Asia/Shanghai")
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in raw
    assert b"X-PUBLISHED-TTL:PT6H\r\n" in raw


def test_the_stamp_is_the_last_change_of_the_rules(raw: bytes, assessment: Assessment) -> None:
    """Never the time of writing, or every event would seem changed."""
    checked = max(prospect.match.project.checked for prospect in assessment.prospects)
    stamp = datetime.combine(checked, time(), UTC)
    for event in components(raw):
        assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == stamp
        assert event["SEQUENCE"] == 0


def test_events_come_in_the_order_of_their_days(assessment: Assessment) -> None:
    """As the timeline has them."""
    assert all(one.span.earliest <= other.span.earliest for one, other in pairwise(assessment.entries))


def test_english_titles_are_english(assessed: Assess) -> None:
    """The prefix too; the same events at the same days."""
    chinese, english = (by_icalendar(feed(assessed("valve-maker"), lang)) for lang in ("zh", "en"))
    assert [event[:4] for event in english] == [event[:4] for event in chinese]
    assert all(
        re.match(r"\[(expected|announced|check|prepare|upkeep|deadline|expected deadline)\]", e.summary)
        for e in english
    )


# ---- stable bytes


def test_building_twice_gives_the_same_bytes(raw: bytes, assessment: Assessment, matcher: Matcher) -> None:
    """From the same assessment, and from a new one."""
    again = assess(matcher, assessment.profile, assessment.on)
    assert raw == feed(assessment) == feed(again)


@pytest.mark.parametrize(("seed", "zone"), [("1", "America/New_York"), ("2", "Asia/Shanghai")])
def test_another_process_gives_the_same_bytes(assessed: Assess, seed: str, zone: str) -> None:
    """With another hash seed, in another time zone."""
    command = [sys.executable, "-m", "assistant", "calendar", "profiles/valve-maker.yaml", "--on", ON.isoformat()]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    assert done.stdout == feed(assessed("valve-maker"))


# ---- identities


def uids(assessment: Assessment, lang: str = "zh") -> dict[str, str]:
    """Return the identity of every event by its key."""
    keys = [event.key for event in events(assessment, Speaker(assessment.rulebook, lang))]
    return dict(zip(keys, [event.uid for event in by_icalendar(feed(assessment, lang))], strict=True))


def event_of(assessment: Assessment, key: str) -> Row:
    """Return the event with this key."""
    uid = uids(assessment)[key]
    return next(event for event in by_icalendar(feed(assessment)) if event.uid == uid)


def test_an_identity_does_not_hang_on_the_title(assessed: Assess) -> None:
    """Another language, another company name under the same credit code."""
    assessment = assessed("valve-maker")
    renamed = replace(assessment, profile=replace(assessment.profile, name="佛山另一阀门有限公司"))
    assert uids(assessment) == uids(assessment, "en") == uids(renamed)


def test_two_companies_share_no_identity(samples: Mapping[str, Profile], assessed: Assess) -> None:
    """An adviser subscribes to both in one account."""
    known: set[str] = set()
    for name in samples:
        mine = set(uids(assessed(name)).values())
        assert not mine & known
        known |= mine


def test_an_identity_stays_when_days_pass(assessed: Assess, matcher: Matcher) -> None:
    """Three weeks later most of the plan is the same plan."""
    before = assessed("valve-maker")
    after = assess(matcher, before.profile, ON + timedelta(weeks=3))
    now, then = uids(before), uids(after)
    assert len(now.keys() & then.keys()) > len(now) * 0.8
    assert all(then[key] == now[key] for key in now.keys() & then.keys())


def announced(assessment: Assessment, opens: date, closes: date) -> Assessment:
    """Return the same company after the dates of one project have become official."""
    dates = [Announcement("little-giant", 2027, opens, closes, PAGE)]
    return assess(matcher(), assessment.profile, assessment.on, announcements=dates)


def of_window(assessment: Assessment) -> set[str]:
    """Return the identities of the events about the window of the project."""
    return {uid for key, uid in uids(assessment).items() if key.startswith("little-giant|2027|window")}


def test_an_official_date_takes_the_identity_of_the_forecast(assessed: Assess) -> None:
    """The subscriber sees the same event move and lose its 预计, not a new one beside the old."""
    forecast = assessed("valve-maker")
    one = announced(forecast, date(2027, 4, 1), date(2027, 4, 20))
    assert of_window(forecast)
    assert of_window(one)
    assert of_window(one) <= of_window(forecast)


def test_an_official_date_that_is_put_off_keeps_its_identity(assessed: Assess) -> None:
    """Longer or later, it is the same window."""
    first = announced(assessed("valve-maker"), date(2027, 4, 1), date(2027, 4, 20))
    later = announced(assessed("valve-maker"), date(2027, 4, 8), date(2027, 5, 20))
    assert of_window(first) == of_window(later)


def test_what_is_counted_back_moves_with_its_identity(assessed: Assess) -> None:
    """The day to hand in moves by a week; the event stays."""
    first = announced(assessed("valve-maker"), date(2027, 4, 1), date(2027, 4, 21))
    later = announced(assessed("valve-maker"), date(2027, 4, 8), date(2027, 4, 28))
    key = "apply|little-giant|2027"
    assert uids(first)[key] == uids(later)[key]
    assert [event_of(one, key).start for one in (first, later)] == [date(2027, 4, 21), date(2027, 4, 28)]


def test_an_official_window_is_certain(assessed: Assess) -> None:
    """No event about it says 预计 any more, and its own days are in the calendar."""
    one = announced(assessed("valve-maker"), date(2027, 4, 1), date(2027, 4, 20))
    key = next(key for key in uids(one) if key.startswith("little-giant|2027|window"))
    window, deadline = event_of(one, key), event_of(one, "apply|little-giant|2027")
    assert window.summary.startswith("【已公布】")
    assert (window.status, window.start, window.end) == ("CONFIRMED", date(2027, 4, 1), date(2027, 4, 21))
    assert "预计" not in deadline.summary


def test_a_window_of_which_only_the_deadline_is_known_says_so(assessed: Assess) -> None:
    """The event on its last day does not read as if applications began there."""
    dates = [Announcement("little-giant", 2027, None, date(2027, 4, 20), PAGE)]
    one = assess(matcher(), assessed("valve-maker").profile, ON, announcements=dates, projects=["little-giant"])
    key = next(key for key in uids(one) if key.startswith("little-giant|2027|window"))
    assert event_of(one, key).start == date(2027, 4, 20)
    assert "截止" in event_of(one, key).summary


def test_a_recognition_listed_twice_is_kept_up_once(samples: Mapping[str, Profile], matcher: Matcher) -> None:
    """The old certificate and the new one: one yearly update, one identity."""
    twice = (Held("innovative-sme", date(2024, 12, 20), None), Held("innovative-sme", date(2026, 11, 2), None))
    raw = feed(assess(matcher, replace(samples["valve-maker"], recognitions=twice), ON))
    found = [event.uid for event in by_icalendar(raw)]
    assert len(found) == len(set(found))


# ---- which events, in what form


def read_back(raw: bytes) -> Any:
    """Return the calendar as its library reads it."""
    return icalendar.Calendar.from_ical(raw)


def test_windows_preparation_and_upkeep_are_the_whole(assessment: Assessment) -> None:
    """Each event is in one of the three; what there is to do is the last two."""
    parts: dict[Only, list[Row]] = {
        name: by_icalendar(feed(assessment, only=name)) for name in ("windows", "prep", "upkeep")
    }
    assert sorted(event for rows in parts.values() for event in rows) == sorted(by_icalendar(feed(assessment)))
    assert sorted(parts["prep"] + parts["upkeep"]) == sorted(by_icalendar(feed(assessment, only="work")))
    assert all(event.summary.startswith(("【预计】", "【已公布】", "【核对】")) for event in parts["windows"])
    assert all(event.summary.startswith(("【准备】", "【预计最早截止】", "【截止】")) for event in parts["prep"])
    assert all(event.summary.startswith("【维护】") for event in parts["upkeep"])


def test_what_there_is_to_do_can_be_had_as_tasks(assessment: Assessment) -> None:
    """Due on the last day of the event, under an identity of their own; all readers see the same."""
    raw = feed(assessment, only="tasks")
    written(raw)
    events_ = by_icalendar(feed(assessment, only="work"))
    tasks: list[Any] = list(icalendar.Calendar.from_ical(raw).walk("VTODO"))
    assert not icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert [(t["DUE"].dt, str(t["SUMMARY"]), str(t["DESCRIPTION"])) for t in tasks] == [
        (event.end - timedelta(days=1), event.summary, event.description) for event in events_
    ]
    assert {str(task["STATUS"]) for task in tasks} == {"NEEDS-ACTION"}
    assert not {str(task["UID"]) for task in tasks} & {event.uid for event in events_}
    strict = IcsCalendarStream.calendar_from_ics(raw.decode()).todos
    [loose] = vobject.readComponents(raw.decode())
    shown = [(str(task["UID"]), task["DUE"].dt, str(task["DESCRIPTION"])) for task in tasks]
    assert [(t.uid, t.due, t.description) for t in strict] == shown
    assert [(t.uid.value, t.due.value, t.description.value) for t in loose.vtodo_list] == shown


@pytest.mark.parametrize("only", ["all", "tasks"])
def test_every_event_has_one_alarm_where_alarms_are_asked_for(assessment: Assessment, only: Only) -> None:
    """At nine on the day before, counted from the end of a task, which has no beginning."""
    raw = feed(assessment, only=only, alarms=True)
    written(raw)
    bare_, found = (read_back(one) for one in (feed(assessment, only=only), raw))
    component = "VTODO" if only == "tasks" else "VEVENT"
    assert len(found.walk(component)) == len(bare_.walk(component))
    for event in found.walk(component):
        [alarm] = event.walk("VALARM")
        assert (str(alarm["ACTION"]), alarm["TRIGGER"].dt) == ("DISPLAY", timedelta(hours=-15))
        assert str(alarm["DESCRIPTION"]) == str(event["SUMMARY"])
        assert alarm["TRIGGER"].params.get("RELATED", "START") == ("END" if only == "tasks" else "START")
    assert IcsCalendarStream.calendar_from_ics(raw.decode()).extras
    assert b"TRIGGER:-PT15H" in raw or only == "tasks"


def test_a_feed_that_knows_its_address_says_it() -> None:
    """And the page about it."""
    raw = feed(assessed_alone("empty"), home="https://example.cn/c/1", source="https://example.cn/f/x/all.ics")
    assert b"URL:https://example.cn/c/1\r\n" in raw
    assert b"SOURCE;VALUE=URI:https://example.cn/f/x/all.ics\r\n" in raw
    assert b"SOURCE" not in built("empty")
    assert IcsCalendarStream.calendar_from_ics(raw.decode())


# ---- through the life of an event

MORNING = datetime(2026, 11, 23, 1, tzinfo=UTC)


def revised(before: Revision | None, assessment: Assessment, days: int = 0) -> Revision:
    """Return the revision of a company's calendar, so many days after the first."""
    known = before.states if before else {}
    return revise(events(assessment, Speaker(assessment.rulebook)), known, MORNING + timedelta(days=days))


def test_the_first_publication_is_the_plan(assessment: Assessment) -> None:
    """Only the stamps differ from a calendar without a history."""
    raw = feed(assessment, states=revised(None, assessment).published)
    assert by_icalendar(raw) == by_icalendar(feed(assessment))
    assert {event["DTSTAMP"].dt for event in components(raw)} == {MORNING}


def test_days_that_bring_nothing_new_bring_the_same_bytes(samples: Mapping[str, Profile], matcher: Matcher) -> None:
    """A week of daily rebuilding: one body, though every day counts its own days."""
    bodies = set()
    revision = None
    for days in range(7):
        assessment = assess(matcher, samples["valve-maker"], ON + timedelta(days=days))
        revision = revised(revision, assessment, days)
        bodies.add(feed(assessment, states=revision.published))
    assert len(bodies) == 1


def told(assessment: Assessment, revision: Revision, part: str) -> dict[str, tuple[str, str, int]]:
    """Return title, status and count of the events of which *part* is in the title, by identity."""
    raw = feed(assessment, states=revision.published)
    written(raw)
    assert [reader(raw) for reader in READERS] == [by_icalendar(raw)] * 3
    found = [event for event in components(raw) if part in str(event["SUMMARY"])]
    return {str(e["UID"]): (str(e["SUMMARY"]), str(e["STATUS"]), int(e["SEQUENCE"])) for e in found}


def test_an_event_keeps_its_identity_from_forecast_to_cancellation(assessed: Assess) -> None:
    """预计, 已公布, 延期 and 已取消 are one event; each client replaces the one before."""
    forecast = assessed("valve-maker")
    official = announced(forecast, date(2027, 4, 1), date(2027, 4, 21))
    later = announced(forecast, date(2027, 4, 1), date(2027, 5, 12))
    dropped = replace(forecast, prospects=tuple(p for p in forecast.prospects if p.match.project.id != "little-giant"))
    part = "“小巨人”企业申报"
    first = revised(None, forecast)
    assert [title[:4] for title, _, _ in told(forecast, first, part).values()] == ["【预计】", "【预计最", "【预计】"]
    second = revised(first, official, 10)
    third = revised(second, later, 20)
    fourth = revised(third, dropped, 30)
    uid = next(uid for uid in told(official, second, part) if uid in of_window(forecast))
    steps = [told(one, state, part).get(uid) for one, state in ((official, second), (later, third), (dropped, fourth))]
    assert steps == [
        ("【已公布】专精特新“小巨人”企业申报受理", "CONFIRMED", 1),
        ("【延期】专精特新“小巨人”企业申报受理", "CONFIRMED", 2),
        ("【已取消】专精特新“小巨人”企业申报受理（不再列入计划）", "CANCELLED", 3),
    ]
    assert len(told(official, second, part)) == 2  # the window and the deadline: no second marker is left
    assert told(dropped, revised(fourth, dropped, 61), "小巨人") == {}


def test_a_change_leaves_all_other_events_as_they_were(assessed: Assess) -> None:
    """Byte for byte."""
    forecast = assessed("valve-maker")
    official = announced(forecast, date(2027, 4, 1), date(2027, 4, 21))
    before = revised(None, forecast)
    after = revised(before, official, 10)
    old, new = (
        {str(event["UID"]): event.to_ical() for event in components(feed(forecast, states=one.published))}
        for one in (before, after)
    )
    changed = {uid for uid in old.keys() & new.keys() if old[uid] != new[uid]}
    assert changed == {state.uid for state in after.published if state.sequence}
    assert all("小巨人" in state.event.heading + state.event.text for state in after.published if state.sequence)


def test_two_years_of_a_company_are_told_under_the_same_identities(
    samples: Mapping[str, Profile], matcher: Matcher
) -> None:
    """Every fifth week; a date is announced, put off, passes. No reader ever sees an event twice or a count go back."""
    revision, raw = None, b""
    counts: dict[str, int] = {}
    for days in range(0, 740, 35):
        dates = [Announcement("little-giant", 2027, date(2027, 4, 1), date(2027, 5 if days > 120 else 4, 25), PAGE)]
        on = ON + timedelta(days=days)
        assessment = assess(matcher, samples["valve-maker"], on, announcements=dates if days > 90 else ())
        revision = revised(revision, assessment, days)
        raw = feed(assessment, states=revision.published)
        written(raw)
        found = components(raw)
        assert len({str(event["UID"]) for event in found}) == len(found)
        for event in found:
            assert event["SEQUENCE"] >= counts.get(str(event["UID"]), 0)
            counts[str(event["UID"])] = event["SEQUENCE"]
    assert revision is not None
    assert by_ical(raw) == by_icalendar(raw)
    assert any(state.event.last < ON + timedelta(days=200) for state in revision.published)
    assert not any(add_months(state.event.last, 18) < ON + timedelta(days=730) for state in revision.published)


def test_the_log_tells_what_changed_when(assessed: Assess) -> None:
    """The latest first."""
    forecast = assessed("valve-maker")
    first = revised(None, announced(forecast, date(2027, 4, 1), date(2027, 4, 21)))
    later = announced(forecast, date(2027, 4, 1), date(2027, 5, 12))
    state = next(s for s in revised(first, later, 20).published if s.tag == "postponed" and s.event.kind == "window")
    raw = feed(later, states=[state])
    log = by_icalendar(raw)[0].description.split("变更记录：\n")[1]
    assert log == "2026年12月13日：截止延期，由2027年4月1日至4月21日改为2027年4月1日至5月12日"


def test_a_cancelled_event_says_that_no_authority_cancelled_it(assessed: Assess) -> None:
    """And rings no bell."""
    forecast = assessed("valve-maker")
    gone = [s for s in revise([], revised(None, forecast).states, MORNING).published if s.event.first > ON]
    assert {state.status for state in gone} == {"CANCELLED"}
    raw = feed(forecast, states=gone, alarms=True)
    assert b"VALARM" not in raw
    rows = by_icalendar(raw)
    assert all(event.description.startswith("日历不再列这一项：") for event in rows)
    assert sum("不是主管部门取消申报" in event.description for event in rows) == len(
        by_icalendar(feed(forecast, only="windows", states=gone))
    )


def test_tasks_that_are_over_are_no_tasks(assessed: Assess) -> None:
    """An event of the past stays in the calendar; a task of the past would stand there undone for ever."""
    forecast = assessed("valve-maker")
    late = revise([], revised(None, forecast).states, MORNING + timedelta(days=530))
    assert any(state.event.kind == "upkeep" for state in late.published)
    past = [state for state in late.published if state.mark != "cancelled"]
    assert b"VTODO" not in feed(forecast, only="tasks", states=past)


# ---- check-ins


def test_a_project_without_dates_is_checked_before_its_usual_day(assessed: Assess) -> None:
    """Two weeks before the earliest opening of past rounds, on a working day; the event says that it is no date."""
    found = check_ins(assessed("valve-maker").prospects, ON)
    assert found
    for one in found:
        assert one.prospect.window.opens is None
        assert ON <= one.due <= date(2028, 5, 23)
        assert is_workday(one.due)
        assert one.prospect.standing in ("ready", "near", "open")
        row = event_of(assessed("valve-maker"), one.key)
        assert row.summary.startswith("【核对】")
        assert (row.start, row.status) == (one.due, "TENTATIVE")
        assert "不是申报日期" in row.description


def test_a_dormant_project_far_from_the_company_is_not_checked(assessed: Assess) -> None:
    """Nor one that never had a day."""
    empty = assessed("empty")
    assert any(p.window.status == "dormant" and p.standing == "open" for p in empty.prospects)
    assert check_ins(empty.prospects, ON) == ()


# ---- hostile text

HOSTILE = ("\n", "\r", ",", ";", "\\", '"', ":", "😀", "\x00", "\x1b", "\x7f", "\x85", "\u2028", "\ufeff", "\t")
_TEXTS = st.text(st.sampled_from([*"某公司ab n", *HOSTILE]), max_size=40)


def bare(name: str) -> bytes:
    """Return the calendar, without events, of a company of this name."""
    assessment = assessed_alone("empty")
    return feed(replace(assessment, profile=replace(assessment.profile, name=name), prospects=()))


def argued(text: str) -> bytes:
    """Return the calendar of a company about which somebody wrote *text*: it stands in a description."""
    assessment = assessed_alone("valve-maker")
    entry = Judgement("little-giant", "chain-field", met=False, by=text, on=None, why=text)
    profile = replace(assessment.profile, judgements=(entry,))
    raw = feed(assess(matcher(), profile, ON, projects=["little-giant"]))
    assert any("判断：" in event.description for event in by_icalendar(raw))
    return raw


def shown(raw: bytes) -> str:
    """Return the calendar's name as a client shows it; the strict reader must take the calendar too."""
    assert IcsCalendarStream.calendar_from_ics(raw.decode()).extras
    assert icalendar.Calendar.from_ical(raw).to_ical() == raw
    [calendar] = vobject.readComponents(raw.decode())
    return str(calendar.contents["x-wr-calname"][0].value)


def told_once(title: str, text: str) -> bytes:
    """Return a calendar of one event of this title and text."""
    event = FeedEvent("u@feed", "k", "prep", "prepare", title, ON, ON, text, url="https://example.cn/?a,b;c")
    return feed(assessed_alone("empty"), states=first_states([event], datetime(2026, 1, 1, tzinfo=UTC)))


@pytest.mark.parametrize("sign", HOSTILE, ids=ascii)
@pytest.mark.parametrize("filler", ["a", "甲", "😀", "a甲"])
def test_no_sign_breaks_a_line_wherever_it_stands(sign: str, filler: str) -> None:
    """At every place before and behind the first two folds, among letters, hanzi and emoji."""
    for offset in range(1, 161 // len(filler.encode()) + 2):
        raw = told_once("题", filler * offset + sign + filler)
        written(raw)
        if offset % 7 == 0:
            assert [reader(raw) for reader in READERS[:2]] == [by_icalendar(raw)] * 2
            assert by_icalendar(raw)[0].description == clean(filler * offset + sign + filler)


@given(name=_TEXTS, offset=st.integers(0, 90))
@fuzzed
def test_any_name_makes_a_calendar_that_reads_back(name: str, offset: int) -> None:
    """Wherever a fold falls."""
    raw = bare("甲" * offset + name)
    written(raw)
    assert shown(raw) == f"申报日历（{clean('甲' * offset + name)}）"


@given(text=_TEXTS, offset=st.integers(0, 90))
@fuzzed
def test_any_text_of_others_makes_a_calendar_that_reads_back(text: str, offset: int) -> None:
    """All three readers agree on it."""
    raw = argued("甲" * offset + text + "乙")
    written(raw)
    assert [reader(raw) for reader in READERS] == [by_icalendar(raw)] * 3


@given(text=st.text(max_size=60))
@fuzzed
def test_cleaned_text_has_nothing_that_a_fold_could_break(text: str) -> None:
    """No control signs but line feeds and tabs, no backslash."""
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\\]", clean(text))


def test_a_company_without_a_name_has_a_calendar() -> None:
    """Nothing is known of it yet."""
    raw = bare("")
    written(raw)
    assert shown(raw) == "申报日历（）"
