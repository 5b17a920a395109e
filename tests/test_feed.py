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
from assistant.delivery.events import events
from assistant.delivery.feed import clean, feed
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.match import Matcher
from assistant.planning.announcements import Announcement
from assistant.planning.assessment import Assessment, assess
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
        re.match(r"\[(expected|announced|check|prepare|upkeep|deadline|expected deadline)\]", e.summary) for e in english
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


@pytest.mark.parametrize("sign", HOSTILE, ids=ascii)
def test_no_sign_breaks_a_line_wherever_it_stands(sign: str) -> None:
    """At every place before and behind the first fold, among letters and among hanzi."""
    for filler, most in (("a", 80), ("甲", 28)):
        for offset in range(1, most):
            written(bare(filler * offset + sign + filler))


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
