"""Paths: the earliest round, prerequisites and their terms, what binds, and targets out of reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from assistant.company.profile import Held, Profile
from assistant.matching.match import Matcher
from assistant.matching.situation import Company
from assistant.planning.horizon import Horizon
from assistant.planning.path import Leg, Path, ladder, paths
from assistant.rulebook.book import Rulebook
from tests.conftest import ON, SAMPLES


def path_to(matcher: Matcher, profile: Profile, target: str, on: date = ON) -> Path:
    """Return a company's path to one target."""
    [found] = paths(Horizon(matcher, Company(profile, matcher.rulebook, on)), [target])
    return found


def legs(path: Path) -> list[tuple[str, str, int]]:
    """Return what is applied for, how and in which round."""
    return [(leg.project, leg.kind, leg.window.cycle) for leg in path.legs]


def test_the_next_round_where_nothing_stands_in_the_way(matcher: Matcher, samples: Mapping[str, Profile]) -> None:
    """One patent more, and 小巨人 can be applied for in 2027."""
    found = path_to(matcher, samples["valve-maker"], "little-giant")
    assert legs(found) == [("little-giant", "new", 2027)]
    assert [(move.name, move.target) for move in found.legs[0].moves] == [("class1_ip_own", 4)]
    assert found.binding.kind == "window"


def test_the_ladder_is_climbed_rung_by_rung(matcher: Matcher, samples: Mapping[str, Profile]) -> None:
    """创新型 lapsed: first that, then 专精特新, then 小巨人, each granted before the next."""
    found = path_to(matcher, samples["software-firm"], "little-giant")
    assert [leg.project for leg in found.legs] == ["innovative-sme", "specialized-sme", "little-giant"]
    assert (found.binding.kind, found.binding.detail) == ("prerequisite", "specialized-sme")
    for earlier, later in zip(found.legs, found.legs[1:], strict=False):
        assert later.after == (earlier.project,)
        assert earlier.grant is not None
        assert earlier.grant.span.latest <= later.window.applied.latest
        assert earlier.until is None or earlier.until >= later.window.applied.earliest


def test_what_lapses_on_the_way_is_renewed(matcher: Matcher, samples: Mapping[str, Profile]) -> None:
    """A term of three years does not last until the round that it is needed for."""
    found = path_to(matcher, samples["sensor-startup"], "little-giant")
    first = next(leg for leg in found.legs if leg.project == "specialized-sme")
    assert first.renewals
    assert first.grant is not None
    assert first.renewals[0] < found.legs[-1].window.applied.earliest <= (first.until or date.max)


def test_a_held_prerequisite_that_lapses_is_reviewed(matcher: Matcher, samples: Mapping[str, Profile]) -> None:
    """专精特新 ends in January: the round of 小巨人 in spring needs it renewed first."""
    valve = samples["valve-maker"]
    lapsing = [
        replace(one, expires=date(2027, 1, 31)) if one.id == "specialized-sme" else one
        for one in valve.recognitions or ()
    ]
    found = path_to(matcher, replace(valve, recognitions=tuple(lapsing)), "little-giant")
    assert found.legs[0].project == "specialized-sme"
    assert found.legs[-1].after == ("specialized-sme",)
    assert found.year is not None
    assert found.year >= 2028


def test_a_target_already_held_is_kept(matcher: Matcher, samples: Mapping[str, Profile]) -> None:
    """What is left is its review."""
    found = path_to(matcher, samples["valve-maker"], "high-tech-enterprise")
    [leg] = found.legs
    assert leg.holding is not None
    assert leg.kind in ("review", "held")


@pytest.mark.parametrize(
    ("sample", "target", "kind"),
    [
        ("appliance-group", "little-giant", "block"),  # no SME
        ("sensor-startup", "manufacturing-champion", "reach"),  # 400 million
        ("shenzhen-robotics", "innovative-sme", "not-offered"),  # Shenzhen has its own
    ],
)
def test_a_target_out_of_reach_says_why(
    matcher: Matcher, samples: Mapping[str, Profile], sample: str, target: str, kind: str
) -> None:
    """No legs, and the reason."""
    found = path_to(matcher, samples[sample], target)
    assert (found.legs, found.year, found.binding.kind) == ((), None, kind)


def test_a_champion_never_becomes_a_little_giant(matcher: Matcher, samples: Mapping[str, Profile]) -> None:
    """Recognitions that rule each other out."""
    valve = samples["valve-maker"]
    champion = (*(valve.recognitions or ()), Held("manufacturing-champion", date(2025, 3, 1), None))
    found = path_to(matcher, replace(valve, recognitions=champion), "little-giant")
    assert (found.legs, found.binding.detail.kind) == ((), "held")


def test_a_dormant_project_is_uncertain(matcher: Matcher, samples: Mapping[str, Profile]) -> None:
    """No round since 2024: the leg stands, and says that it may never come."""
    found = path_to(matcher, samples["bearing-giant"], "manufacturing-champion")
    leg = found.leg
    assert isinstance(leg, Leg)
    assert not leg.is_certain


def test_time_alone_binds(matcher: Matcher, samples: Mapping[str, Profile]) -> None:
    """Ten years in the segment are reached in time: the round before is blocked by it."""
    found = path_to(matcher, samples["shenzhen-robotics"], "manufacturing-champion")
    assert found.binding.kind == "block"
    assert (found.binding.detail.kind, found.binding.detail.name) == ("time", "segment_years")


@pytest.mark.parametrize("sample", SAMPLES)
def test_paths_of_every_sample_hold_together(
    matcher: Matcher, samples: Mapping[str, Profile], rulebook: Rulebook, sample: str
) -> None:
    """Prerequisites stand before what needs them, are granted in time and valid; twice gives the same."""
    horizon = Horizon(matcher, Company(samples[sample], rulebook, ON))
    found = paths(horizon, ladder(rulebook))
    assert found == paths(Horizon(matcher, Company(samples[sample], rulebook, ON)), ladder(rulebook))
    for path in found:
        order = [leg.project for leg in path.legs]
        assert len(order) == len(set(order))
        for leg in path.legs:
            assert all(order.index(id_) < order.index(leg.project) for id_ in leg.after)
            for id_ in leg.after:
                needed = path.legs[order.index(id_)]
                assert needed.until is None or needed.until >= leg.window.applied.earliest
                assert needed.grant is None or needed.grant.span.latest <= leg.window.applied.latest
        assert path.legs == () or path.legs[-1].project == path.target
