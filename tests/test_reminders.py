"""Reminders as such: what is said of an event, when, for how long, and what is not said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.delivery.reminders import (
    AHEAD,
    KINDS,
    LEADS,
    MOVED,
    NEAR,
    NEWS,
    URGENT,
    Choice,
    Reminder,
    Told,
    reminders,
)
from assistant.delivery.revision import EventState, FeedEvent
from tests.conftest import ON

exactly = settings(derandomize=True, deadline=None, max_examples=200)
KEY = "little-giant|2027|window"
DAY = timedelta(days=1)
EARLIER = datetime.combine(ON - 60 * DAY, time(), UTC)
ALL = Choice()
DAYS = st.integers(-60, 200).map(lambda days: ON + days * DAY)


def state(first: date, last: date | None = None, *, key: str = KEY, kind: Any = "window", **more: Any) -> EventState:
    """Return an event of the calendar as it is published."""
    of_state = {name: more.pop(name) for name in ("mark", "live", "created") if name in more}
    event = FeedEvent("uid", key, kind, "expected", "某项目申报", first, last or first, "内容", **more)
    made = EventState(event, 0, EARLIER, EARLIER, "")
    return replace(made, **of_state)


def announced(opens: date, closes: date, **more: Any) -> EventState:
    """Return an announced window."""
    return state(opens, closes, confirmed=True, closing=closes, **more)


def told(
    *states: EventState,
    on: date = ON,
    choice: Choice = ALL,
    before: Mapping[str, Told] | None = None,
    owners: Mapping[str, str] | None = None,
) -> tuple[Reminder, ...]:
    """Return what is to be reminded of."""
    return reminders(states, choice, on, before or {}, owners or {})


def kinds(found: tuple[Reminder, ...]) -> list[str]:
    """Return the kinds, in order of days."""
    return [one.kind for one in found]


# ---- what is announced


def test_an_announced_window_is_counted_down() -> None:
    """News first, then its beginning, then 30, 14, 7, 3 and 1 day before its end; the near ones not with others."""
    found = told(announced(ON + 10 * DAY, ON + 50 * DAY))
    assert [(one.kind, (one.day - ON).days, (one.last - ON).days) for one in found] == [
        ("announced", 0, 50),
        ("opening", 10, 50),
        ("closing", 20, 35),
        ("closing", 36, 42),
        ("closing", 43, 46),
        ("closing", 47, 48),
        ("closing", 49, 50),
    ]
    assert [one.alone for one in found] == [True, True, False, False, True, True, True]
    assert [one.urgent for one in found] == [False] * 6 + [True]
    assert {one.aim for one in found if one.kind == "closing"} == {ON + 50 * DAY}


@exactly
@given(DAYS, st.integers(0, 90), st.lists(st.integers(0, 180), min_size=1, max_size=8, unique=True))
def test_each_lead_is_true_until_the_next(opens: date, length: int, leads: list[int]) -> None:
    """Between the first lead and the end there is always one, and never two."""
    closes = opens + length * DAY
    ordered = tuple(sorted(leads, reverse=True))
    found = reminders([announced(opens, closes)], Choice(leads=ordered), date.min, {}, {}, ahead=10**6)
    counted = [one for one in found if one.kind == "closing"]
    assert [one.day for one in counted] == [closes - lead * DAY for lead in ordered]
    assert all(one.last + DAY == following.day for one, following in pairwise(counted))
    assert counted[-1].last == closes
    assert [one.urgent for one in counted] == [lead <= URGENT for lead in ordered]
    assert [one.alone for one in counted] == [lead <= NEAR for lead in ordered]


def test_what_was_told_is_no_news() -> None:
    """Neither a window known already, nor one that had begun before it was known."""
    window = announced(ON + 10 * DAY, ON + 50 * DAY)
    known = {KEY: Told(window.event.first, window.event.last, confirmed=True)}
    assert "announced" not in kinds(told(window, before=known))
    begun = announced(ON - 3 * DAY, ON + 50 * DAY, created=datetime.combine(ON, time(), UTC))
    assert "opening" not in kinds(told(begun))


# ---- what is estimated


@exactly
@given(DAYS, st.integers(0, 300), st.sampled_from(["earliest", "latest", ""]))
def test_an_estimate_is_never_counted_down(first: date, length: int, point: str) -> None:
    """Nor is it urgent, nor said by itself, nor said when its day has passed."""
    found = told(state(first, first + length * DAY, point=point))
    assert set(kinds(found)) <= {"expected"}
    for one in found:
        assert (one.aim, one.alone, one.urgent) == (None, False, False)
        assert one.last <= first
        assert (first - one.day).days in {lead for lead in LEADS if lead > NEAR}


@exactly
@given(st.integers(-40, 40))
def test_an_estimate_that_moves_by_less_than_a_week_is_the_same(days: int) -> None:
    """More is told, with the week's others."""
    window = state(ON + 60 * DAY, ON + 80 * DAY)
    before = Told(window.event.first - days * DAY, window.event.last - days * DAY, confirmed=False)
    news = [one for one in told(window, before={KEY: before}) if one.kind != "expected"]
    assert [(one.kind, one.alone, one.former) for one in news] == (
        [("moved", False, before)] if abs(days) >= MOVED else []
    )


def test_an_estimate_that_is_announced_is_news_once() -> None:
    """Not a date that moved."""
    window = announced(ON + 10 * DAY, ON + 50 * DAY)
    before = {KEY: Told(ON + 30 * DAY, ON + 90 * DAY, confirmed=False)}
    assert kinds(told(window, before=before)).count("announced") == 1
    assert "moved" not in kinds(told(window, before=before))


def test_what_is_not_announced_any_more_has_moved() -> None:
    """It says so."""
    before = {KEY: Told(ON + 10 * DAY, ON + 50 * DAY, confirmed=True)}
    [moved] = [one for one in told(state(ON + 60 * DAY), before=before) if one.kind == "moved"]
    assert (moved.former, moved.alone) == (before[KEY], True)


# ---- what moves


@exactly
@given(st.integers(-9, 200), st.integers(-30, 30).filter(bool))
def test_an_announced_date_that_moves_is_told_once(ahead: int, days: int) -> None:
    """However little: 【日期调整】 with what was said before, under the same key wherever it goes."""
    opens, closes = ON + 10 * DAY, ON + (50 + ahead) * DAY
    before = {KEY: Told(opens, closes - days * DAY, confirmed=True)}
    found = told(announced(opens, closes), before=before)
    [moved] = [one for one in found if one.kind == "moved"]
    assert (moved.key, moved.former, moved.alone, moved.day) == (f"moved|{KEY}", before[KEY], True, ON)
    assert "announced" not in kinds(found)


def test_what_is_left_out_of_the_plan_is_told_to_those_who_knew() -> None:
    """Under a key of its own; whoever never heard of it hears nothing."""
    gone = state(ON + 60 * DAY, mark="cancelled")
    assert told(gone) == ()
    [dropped] = told(gone, before={KEY: Told(ON + 60 * DAY, ON + 60 * DAY, confirmed=False)})
    assert (dropped.kind, dropped.key) == ("moved", f"dropped|{KEY}")
    step = state(ON + 60 * DAY, key="audit|report", kind="prep", mark="cancelled")
    assert told(step, before={"audit|report": Told(ON, ON, confirmed=False)}) == ()


# ---- what is done


def test_what_is_done_is_not_reminded_of() -> None:
    """A step, an expiry, a check; however it was said."""
    for kind, key in [("prep", "audit|report"), ("upkeep", "renew|x"), ("check", "check|x"), ("window", KEY)]:
        for more in ({"done": EARLIER}, {"mark": "done"}, {"mark": "filed"}, {"mark": "gone"}, {"live": False}):
            silent = state(ON + 2 * DAY, key=key, kind=kind, **more)
            assert told(silent, before={key: Told(ON, ON, confirmed=True)}) == (), (kind, more)
            assert told(replace(silent, mark="", live=True, event=replace(silent.event, done=None))) != ()


def test_who_has_applied_hears_no_more_of_the_window() -> None:
    """Its own window only; of the next year's and of other projects as before."""
    apply = state(ON + 20 * DAY, key="apply|little-giant|2027", kind="prep", done=EARLIER)
    windows = [
        announced(ON + 10 * DAY, ON + 50 * DAY, key=key)
        for key in ("little-giant|2027|window", "little-giant|2028|window", "specialized-sme|2027|window")
    ]
    found = told(apply, *windows)
    assert {one.state.event.key for one in found} == {"little-giant|2028|window", "specialized-sme|2027|window"}
    undone = replace(apply, event=replace(apply.event, done=None))
    assert "little-giant|2027|window" in {one.state.event.key for one in told(undone, *windows)}


# ---- steps


def test_a_step_is_said_in_its_week_and_again_when_it_cannot_wait() -> None:
    """A step whose day floats is overdue by nature."""
    step = state(ON + 20 * DAY, key="audit|report", kind="prep")
    [one] = told(step)
    assert (one.kind, one.day, one.last, one.aim) == ("step", ON + 13 * DAY, ON + 20 * DAY, ON + 20 * DAY)
    assert kinds(told(step, on=ON + 21 * DAY)) == ["overdue"]
    [floating] = told(replace(step, event=replace(step.event, floats=True)))
    assert (floating.kind, floating.day, floating.last) == ("overdue", ON, ON + NEWS * DAY)
    assert kinds(told(state(ON + 3 * DAY, key="answer|finance", kind="prep"))) == ["question"]


def test_own_steps_are_those_in_ones_own_hands() -> None:
    """By the address, in whatever case; windows and expiries are everybody's."""
    mine, others, nobodys = (state(ON + 5 * DAY, key=f"audit|{name}", kind="prep") for name in ("a", "b", "c"))
    owners = {"audit|a": "Li@Example.cn", "audit|b": "wang@example.cn"}
    window = announced(ON + 10 * DAY, ON + 50 * DAY)
    found = told(mine, others, nobodys, window, choice=Choice(own="li@example.cn"), owners=owners)
    assert {one.state.event.key for one in found} == {"audit|a", KEY}
    assert len(told(mine, others, nobodys, owners=owners)) == 3


def test_an_expiry_is_said_long_before() -> None:
    """At the leads of a week and more, or a week before where there is none."""
    expiry = state(ON + 60 * DAY, key="expires|high-tech", kind="upkeep", confirmed=True)
    assert [(ON + 60 * DAY - one.day).days for one in told(expiry)] == [30, 14, 7]
    assert [(ON + 60 * DAY - one.day).days for one in told(expiry, choice=Choice(leads=(3, 1)))] == [7]


# ---- choices and keys

STATES = st.lists(
    st.builds(
        lambda kind, first, length, number, flags: state(
            first,
            first + length * DAY,
            key=f"{'answer|' if flags[2] else ''}project-{number}|2027|{kind}",
            kind=kind,
            confirmed=flags[0],
            closing=first + length * DAY if flags[0] and kind == "window" else None,
            floats=flags[1],
        ),
        st.sampled_from(["window", "check", "prep", "upkeep"]),
        DAYS,
        st.integers(0, 100),
        st.integers(0, 20),
        st.tuples(st.booleans(), st.booleans(), st.booleans()),
    ),
    max_size=8,
    unique_by=lambda one: one.event.key,
)


@exactly
@given(STATES)
def test_keys_are_of_one_thing_each_and_hold_no_date(states: list[EventState]) -> None:
    """Days do not matter to them: everything moved by a month has the same keys, as far as one looks ahead."""
    found = reminders(states, ALL, ON, {}, {}, ahead=10**4)
    assert len({one.key for one in found}) == len(found)
    assert not any(re.search(r"\d{4}-\d\d|\d{8}", one.key) for one in found)
    assert all(one.day <= one.last for one in found)
    moved = [
        replace(
            one,
            created=one.created + 30 * DAY,
            event=replace(
                one.event,
                first=one.event.first + 30 * DAY,
                last=one.event.last + 30 * DAY,
                closing=one.event.closing and one.event.closing + 30 * DAY,
            ),
        )
        for one in states
    ]
    later = reminders(moved, ALL, ON + 30 * DAY, {}, {}, ahead=10**4)
    assert {one.key: one.day + 30 * DAY for one in found} == {one.key: one.day for one in later}


@exactly
@given(STATES, st.sets(st.sampled_from(KINDS)))
def test_only_what_was_chosen_is_said_and_only_in_time(states: list[EventState], chosen: set[str]) -> None:
    """Kinds that nobody wants are left out; the others are the same as ever."""
    found = told(*states, choice=Choice(kinds=frozenset(chosen)))  # type: ignore[arg-type]
    assert found == tuple(one for one in told(*states) if one.kind in chosen)
    assert all(one.day <= ON + AHEAD * DAY and one.last >= ON for one in found)
    assert [one.day for one in found] == sorted(one.day for one in found)
