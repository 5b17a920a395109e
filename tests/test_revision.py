"""The life of a calendar event: one identity throughout, and a count that moves only with what a reader sees."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.dates import add_months
from assistant.delivery.revision import (
    CANCELLED_DAYS,
    OVERDUE_DAYS,
    PAST_MONTHS,
    POSTPONED_DAYS,
    SHOWN_CHANGES,
    EventState,
    FeedEvent,
    Revision,
    day_of,
    revise,
    uid_of,
)
from tests.conftest import ON

MORNING = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
OPENS, CLOSES = date(2027, 4, 1), date(2027, 4, 20)


def at(days: int) -> datetime:
    """Return the morning so many days after the first."""
    return MORNING + timedelta(days=days)


def window(opens: date = OPENS, closes: date = CLOSES, *, announced: bool = False, **other: Any) -> FeedEvent:
    """Return the event of a window."""
    key = other.pop("key", "little|2027|window")
    return FeedEvent(
        uid_of("firm", key),
        key,
        other.pop("kind", "window"),
        "announced" if announced else "expected",
        "小企业申报受理",
        opens,
        closes,
        other.pop("text", "说明"),
        confirmed=announced,
        closing=closes if announced else None,
        **other,
    )


def step(due: date, *, key: str = "prepare|report|2027", floats: bool = False, text: str = "说明") -> FeedEvent:
    """Return the event of something to do."""
    return FeedEvent(uid_of("firm", key), key, "prep", "prepare", "审计报告", due, due, text, floats=floats)


def upkeep(due: date) -> FeedEvent:
    """Return the event of something owed."""
    key = "small|yearly|2027"
    return FeedEvent(uid_of("firm", key), key, "upkeep", "upkeep", "年度更新", due, due, "说明", confirmed=True)


def told(*plans: tuple[int, Sequence[FeedEvent]]) -> Revision:
    """Revise through *plans*, each so many days after the first morning."""
    revision = Revision((), {})
    for days, wanted in plans:
        revision = revise(wanted, revision.states, at(days))
    return revision


def only(revision: Revision) -> EventState:
    """Return the one event that is published."""
    [state] = revision.published
    return state


# ---- what changes


def test_a_new_event_counts_from_nought() -> None:
    """Created, changed and stamped at the same moment."""
    state = only(told((0, [window()])))
    assert (state.sequence, state.created, state.modified) == (0, MORNING, MORNING)
    assert (state.status, state.tag, state.changes) == ("TENTATIVE", "expected", ())


def test_the_same_plan_changes_nothing() -> None:
    """Neither count nor time, a hundred days later."""
    plan = [window(), step(date(2027, 3, 1)), upkeep(date(2027, 4, 30))]
    once = told((0, plan))
    again = told((0, plan), (1, plan), (97, plan))
    assert again == once


def test_a_forecast_becomes_official_under_its_identity() -> None:
    """The title and the status change, the birthday stays."""
    official = window(date(2027, 4, 8), date(2027, 5, 8), announced=True)
    state = only(told((0, [window()]), (10, [official])))
    assert state.uid == window().uid
    assert (state.sequence, state.created, state.modified) == (1, MORNING, at(10))
    assert (state.status, state.tag) == ("CONFIRMED", "announced")
    [change] = state.changes
    assert (change.what, change.was, change.now) == ("announced", (OPENS, CLOSES), (date(2027, 4, 8), date(2027, 5, 8)))
    assert change.day == ON + timedelta(days=10)


def test_an_announced_date_that_is_withdrawn_is_expected_again() -> None:
    """It was entered by mistake."""
    state = only(told((0, [window(announced=True)]), (1, [window()])))
    assert (state.status, state.tag, state.changes[-1].what) == ("TENTATIVE", "expected", "expected")


def test_a_closing_put_off_says_so_for_thirty_days() -> None:
    """Then the title is that of any announced window."""
    first, later = window(announced=True), window(closes=date(2027, 5, 7), announced=True)
    plans = [(0, [first]), (40, [later])]
    assert (only(told(*plans)).tag, only(told(*plans)).sequence) == ("postponed", 1)
    last = only(told(*plans, (40 + POSTPONED_DAYS, [later])))
    assert (last.tag, last.sequence, last.modified) == ("postponed", 1, at(40))
    after = only(told(*plans, (41 + POSTPONED_DAYS, [later])))
    assert (after.tag, after.sequence, after.modified) == ("announced", 2, at(41 + POSTPONED_DAYS))
    assert [change.what for change in after.changes] == ["postponed"]


@pytest.mark.parametrize(
    "first",
    [
        window(closes=date(2027, 3, 1), opens=date(2027, 2, 1)),
        replace(window(opens=OPENS, closes=OPENS, announced=True), closing=None),
        window(closes=date(2027, 5, 30), announced=True),
    ],
    ids=["only-expected", "closing-not-known-before", "brought-forward"],
)
def test_what_was_not_announced_or_is_earlier_is_not_put_off(first: FeedEvent) -> None:
    """延期 is said of an announced closing that moves later, of nothing else."""
    assert only(told((0, [first]), (1, [window(announced=True)]))).tag == "announced"


def test_a_closing_brought_back_is_no_longer_put_off() -> None:
    """The mark goes with its reason."""
    first, later = window(announced=True), window(closes=date(2027, 5, 7), announced=True)
    assert only(told((0, [first]), (1, [later]), (2, [first]))).tag == "announced"


def test_only_the_last_five_changes_are_told() -> None:
    """The oldest goes first."""
    plans = [(days, [window(OPENS + timedelta(days=days), CLOSES)]) for days in range(9)]
    changes = only(told(*plans)).changes
    assert len(changes) == SHOWN_CHANGES
    assert [change.day for change in changes] == [ON + timedelta(days=days) for days in range(4, 9)]


def test_changes_of_the_text_alone_do_not_push_out_dates() -> None:
    """Of several in a row the latest is told."""
    plans = [(0, [window()]), (1, [window(date(2027, 4, 2))])]
    plans += [(days, [window(date(2027, 4, 2), text=f"说明{days}")]) for days in range(2, 12)]
    state = only(told(*plans))
    assert state.sequence == 11
    assert [(change.what, change.day.day) for change in state.changes] == [("moved", 24), ("text", 4)]


def test_a_step_whose_window_becomes_official_is_certain() -> None:
    """The same title on the same day: the status alone is worth a count."""
    due = step(date(2027, 3, 1))
    state = only(told((0, [due]), (1, [replace(due, confirmed=True)])))
    assert (state.status, state.sequence, state.changes[-1].what) == ("CONFIRMED", 1, "announced")


def test_a_window_put_off_and_over_is_only_a_window_of_the_past() -> None:
    """延期 wears off when nobody asks for it any more, too."""
    first, later = window(announced=True), window(closes=date(2027, 4, 23), announced=True)
    closing = (date(2027, 4, 20) - ON).days
    plans = [(0, [first]), (closing, [later]), (closing + 4, [])]
    assert only(told(*plans)).tag == "postponed"
    state = only(told(*plans, (closing + 1 + POSTPONED_DAYS, [])))
    assert (state.tag, state.status, state.sequence, state.live) == ("announced", "CONFIRMED", 2, False)


# ---- what goes


@pytest.mark.parametrize("event", [window(), upkeep(date(2027, 4, 30))], ids=["window", "upkeep"])
def test_what_vanishes_before_its_day_is_cancelled_for_thirty_days(event: FeedEvent) -> None:
    """To be seen; then it goes."""
    cancelled = only(told((0, [event]), (5, [])))
    assert (cancelled.status, cancelled.tag, cancelled.sequence, cancelled.modified) == (
        "CANCELLED",
        "cancelled",
        1,
        at(5),
    )
    assert only(told((0, [event]), (5, []), (5 + CANCELLED_DAYS, []))) == cancelled
    assert told((0, [event]), (5, []), (6 + CANCELLED_DAYS, [])).published == ()


@pytest.mark.parametrize("empty", [[5], [5, 6 + CANCELLED_DAYS]], ids=["while-cancelled", "after-it-was-gone"])
def test_what_comes_back_goes_on_counting(empty: list[int]) -> None:
    """A client that remembers the cancellation takes it as the later version."""
    state = only(told((0, [window()]), *((days, []) for days in empty), (50, [window()])))
    assert (state.status, state.sequence, state.created) == ("TENTATIVE", 2, MORNING)
    assert state.changes[-1].what == "back"


def test_what_comes_back_on_a_later_day_was_not_put_off() -> None:
    """It had been left out; the log tells both."""
    first, later = window(announced=True), window(closes=date(2027, 5, 7), announced=True)
    state = only(told((0, [first]), (5, []), (6, [later])))
    assert (state.tag, [change.what for change in state.changes]) == ("announced", ["cancelled", "back"])


@pytest.mark.parametrize(("days", "tag"), [(0, "cancelled"), (1, "expected")])
def test_what_vanishes_on_its_last_day_is_cancelled_and_later_is_past(days: int, tag: str) -> None:
    """The last day itself is still to come."""
    assert only(told((0, [window()]), ((CLOSES - ON).days + days, []))).tag == tag


def test_what_is_asked_for_again_unchanged_is_to_be_done_again() -> None:
    """An overdue step that the plan left out for a day: the same event, and a task once more."""
    due = step(date(2026, 12, 1))
    plans = [(0, [due]), (20, [])]
    assert only(told(*plans)).live is False
    state = only(told(*plans, (21, [due])))
    assert (state.live, state.sequence) == (True, 0)


def test_what_is_done_simply_goes() -> None:
    """A report that is written, a question that is answered; asked again, it goes on counting."""
    due = step(date(2027, 1, 15))
    gone = told((0, [due]), (5, []))
    assert gone.published == ()
    again = only(revise([due], gone.states, at(9)))
    assert (again.sequence, again.created, again.changes[-1].what) == (1, MORNING, "back")


def test_a_check_in_becomes_the_window_it_waited_for() -> None:
    """And goes without a word where nothing comes of it."""
    check = window(date(2027, 3, 1), date(2027, 3, 1), kind="check")
    state = only(told((0, [check]), (5, [window()])))
    assert (state.uid, state.sequence, state.event.kind) == (check.uid, 1, "window")
    assert told((0, [check]), (5, [])).published == ()


def test_the_second_marker_of_an_interval_goes_when_one_event_holds_both_ends() -> None:
    """The confirmation takes the identity of the first; nobody cancelled the other."""
    first = window(closes=OPENS)
    second = window(opens=CLOSES, key="little|2027|window|latest", whole=first.uid)
    official = window(announced=True)
    assert only(told((0, [first, second]), (9, [official]))).uid == first.uid
    assert {state.tag for state in told((0, [first, second]), (9, [])).published} == {"cancelled"}


def test_the_past_stays_eighteen_months() -> None:
    """As it was, without a change; then it goes, and so does what is remembered of it."""
    past = [window(), step(date(2027, 3, 1)), upkeep(date(2027, 4, 30))]
    before = told((0, past))
    days = (date(2027, 5, 1) - ON).days
    assert told((0, past), (days, [])) == replace_live(before)
    last = (add_months(CLOSES, PAST_MONTHS) - ON).days
    kept = told((0, past), (days, []), (last, []))
    assert [state.event.kind for state in kept.published] == ["window", "upkeep"]
    assert told((0, past), (days, []), (last + 30, [])) == Revision((), {})


def replace_live(revision: Revision) -> Revision:
    """Return the same, no longer asked for."""
    states = {uid: replace(state, live=False) for uid, state in revision.states.items()}
    return Revision(tuple(states[state.uid] for state in revision.published), states)


# ---- days counted from today


def test_what_is_counted_from_today_stays_where_it_was_published() -> None:
    """Every day's plan counts another day; the reader sees one."""
    plans = [(days, [step(ON + timedelta(days=days + 14), floats=True)]) for days in range(14 + OVERDUE_DAYS + 1)]
    state = only(told(*plans))
    assert (state.event.first, state.sequence) == (ON + timedelta(days=14), 0)


def test_what_is_not_done_by_then_moves_on() -> None:
    """Two weeks after its day, and says why."""
    late = 14 + OVERDUE_DAYS + 1
    plans = [(0, [step(ON + timedelta(days=14), floats=True)]), (late, [step(ON + timedelta(days=50), floats=True)])]
    state = only(told(*plans))
    assert (state.event.first, state.sequence, state.changes[-1].what) == (ON + timedelta(days=50), 1, "overdue")


def test_a_day_counted_back_from_a_window_moves_with_it() -> None:
    """At once."""
    state = only(told((0, [step(date(2027, 1, 15))]), (1, [step(date(2027, 1, 22))])))
    assert (state.event.first, state.sequence, state.changes[-1].what) == (date(2027, 1, 22), 1, "moved")


def test_a_day_is_a_day_in_china() -> None:
    """Half past four in the afternoon in Greenwich is the next morning."""
    assert day_of(datetime(2026, 11, 23, 16, 30, tzinfo=UTC)) == date(2026, 11, 24)
    assert day_of(datetime(2026, 11, 23, 15, 59, tzinfo=UTC)) == date(2026, 11, 23)


# ---- any sequence of plans

_KEYS = ("a|2027|window", "a|2027|window|latest", "b|2027|window", "prepare|c|2027", "answer|d", "e|yearly|2027")
_PLANS = st.lists(
    st.tuples(
        st.integers(0, 60),
        st.dictionaries(
            st.sampled_from(_KEYS),
            st.tuples(st.integers(-40, 120), st.integers(0, 20), st.booleans(), st.sampled_from(["甲", "乙"])),
        ),
    ),
    max_size=25,
)
_KINDS: dict[str, Any] = {"prepare|c|2027": "prep", "answer|d": "prep", "e|yearly|2027": "upkeep"}


def planned(today: date, plan: dict[str, tuple[int, int, bool, str]]) -> list[FeedEvent]:
    """Return the events of a plan made on the day *today*."""
    events = []
    for key, (start, length, announced, text) in plan.items():
        first = today + timedelta(days=start)
        event = window(first, first + timedelta(days=length), announced=announced, key=key, text=text)
        whole = uid_of("firm", key.removesuffix("|latest")) if key.endswith("|latest") else ""
        floats = key == "answer|d"
        closing = None if floats else event.closing
        events.append(replace(event, kind=_KINDS.get(key, "window"), floats=floats, closing=closing, whole=whole))
    return events


def seen(state: EventState) -> tuple[Any, ...]:
    """Return what a reader sees of an event, the log aside."""
    event = state.event
    return state.status, state.tag, event.heading, event.first, event.last, event.text


def wellformed(revision: Revision, today: date, wanted: Sequence[FeedEvent]) -> None:
    """Assert what holds of every revision by itself."""
    shown = {state.uid: state for state in revision.published}
    assert len(shown) == len(revision.published)
    assert all(today <= add_months(state.event.last, PAST_MONTHS) for state in revision.states.values())
    for state in shown.values():
        if state.status == "CANCELLED":
            assert state.since is not None
            assert today <= state.since + timedelta(days=CANCELLED_DAYS)
            assert state.uid not in {event.uid for event in wanted}
    assert {event.uid for event in wanted} <= {state.uid for state in shown.values() if state.live}


@given(plans=_PLANS)
@settings(derandomize=True, deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))
def test_through_years_of_plans_counts_only_grow_and_only_with_what_is_seen(
    plans: list[tuple[int, dict[str, tuple[int, int, bool, str]]]],
) -> None:
    """Identities and birthdays stay, cancelled things go after thirty days, the past after eighteen months."""
    now, revision = MORNING, Revision((), {})
    for gap, plan in plans:
        now += timedelta(days=gap)
        wanted = planned(day_of(now), plan)
        before, revision = revision, revise(wanted, revision.states, now)
        wellformed(revision, day_of(now), wanted)
        shown = {state.uid: seen(state) for state in before.published}
        for state in revision.published:
            known = before.states.get(state.uid)
            if known is None:
                assert (state.sequence, state.created) == (0, now)
                continue
            assert state.created == known.created
            if shown.get(state.uid) == seen(state):
                assert (state.sequence, state.modified) == (known.sequence, known.modified)
            else:
                assert (state.sequence, state.modified) == (known.sequence + 1, now)
        for uid, known in before.states.items():
            if uid in revision.states:
                assert revision.states[uid].sequence >= known.sequence
        assert revise(wanted, revision.states, now + timedelta(hours=2)) == revision
        assert stored(revision) == dict(revision.states)


def stored(revision: Revision) -> dict[str, EventState]:
    """Return the states as a store gives them back."""
    return {
        uid: EventState.from_plain(json.loads(json.dumps(state.to_plain()))) for uid, state in revision.states.items()
    }


def test_a_state_written_by_a_later_version_is_read() -> None:
    """What it says besides is left out."""
    state = only(told((0, [window(extra=(("X-A", "b"),))])))
    plain = state.to_plain()
    plain["mood"] = plain["event"]["mood"] = "good"
    assert EventState.from_plain(plain) == state
