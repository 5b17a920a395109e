"""The calendar's page: what its files hold from today on, settled and forecast apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest

from assistant.company.profile import Profile
from assistant.delivery.dossier.calendar import calendar, view
from assistant.delivery.events import events
from assistant.delivery.plain import Json
from assistant.delivery.revision import revise
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.match import Matcher
from assistant.planning.announcements import announce
from assistant.planning.assessment import assess
from assistant.rulebook.book import Rulebook
from tests.conftest import SAMPLES, Assess

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)


def entries(found: Json) -> list[Json]:
    """Return every entry of a view."""
    return [entry for month in found["months"] for entry in (*month["settled"], *month["expected"])]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_page_has_every_event_once_and_in_order(assessed: Assess, rulebook: Rulebook, on: date, name: str) -> None:
    """What the feed has is shown, by month; it is plain JSON."""
    say = Speaker(rulebook)
    found = view(assessed(name), {}, say)
    assert json.loads(json.dumps(found)) == found
    wanted = [(event.heading, event.first.isoformat()) for event in events(assessed(name), say) if event.last >= on]
    assert sorted((one["title"], one["first"]) for one in entries(found)) == sorted(wanted)
    months = [month["month"] for month in found["months"]]
    assert months == sorted(set(months))
    assert all(
        one["shown"].startswith(month["month"]) for month in found["months"] for one in entries({"months": [month]})
    )
    assert sum(found["kinds"].values()) == len(wanted)


def test_what_is_forecast_never_stands_among_what_is_settled(assessed: Assess, rulebook: Rulebook) -> None:
    """A month lists them apart, and what is settled never says 预计."""
    seen = set()
    for name in SAMPLES:
        for month in view(assessed(name), {}, Speaker(rulebook))["months"]:
            assert all(one["settled"] for one in month["settled"])
            assert not any(one["settled"] for one in month["expected"])
            assert not any("预计" in one["tag"] for one in month["settled"])
            assert not any("已公布" in one["tag"] for one in month["expected"])
            seen |= {one["tag"] for one in (*month["settled"], *month["expected"])}
    assert {"预计", "准备", "维护"} <= seen


def test_an_announced_date_moves_over(
    rulebook: Rulebook, matcher: Matcher, samples: Mapping[str, Profile], on: date
) -> None:
    """Once the authority has said when, the entry is among what is settled."""
    say, company = Speaker(rulebook), samples["valve-maker"]
    before = entries(view(assess(matcher, company, on), {}, say))
    windows = [one for one in before if one["kind"] == "window"]
    names = {project.name: project.id for project in rulebook.projects.values()}
    name, window = next(
        (name, one)
        for one in windows
        for name in names
        if one["title"].startswith(f"{name}申报") and one["first"] > "2027"
    )
    opens = date.fromisoformat(window["first"]) + timedelta(3)
    closes, source = opens + timedelta(20), "https://example.com/n"
    notice = announce(names[name], opens=opens, closes=closes, source=source, on=on, known=rulebook.projects)
    after = entries(view(assess(matcher, company, on, announcements=[notice]), {}, say))
    own = [one for one in after if one["kind"] == "window" and one["title"].startswith(name)]
    assert {one["tag"] for one in windows} == {"预计"}
    assert [(one["tag"], one["settled"], one["first"], one["last"], one["url"]) for one in own] == [
        ("已公布", True, opens.isoformat(), closes.isoformat(), source)
    ]


def test_what_was_published_is_shown_as_published(assessed: Assess, rulebook: Rulebook, on: date) -> None:
    """An entry dropped from the plan stays to be seen, and says so."""
    say = Speaker(rulebook)
    wanted = events(assessed("valve-maker"), say)
    first = revise(wanted, {}, NOW)
    window = next(
        event for event in wanted if event.kind == "window" and event.last > on + timedelta(5) and not event.whole
    )
    kept = [event for event in wanted if window.uid not in {event.uid, event.whole}]
    second = revise(kept, first.states, NOW + timedelta(days=1))
    found = [one for one in entries(calendar(second.published, on, say)) if one["dropped"]]
    assert window.heading + "（不再列入计划）" in [one["title"] for one in found]
    assert {one["tag"] for one in found} == {"已取消"}
