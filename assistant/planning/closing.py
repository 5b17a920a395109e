"""A closing is how a failed criterion can be closed: by which moves or what stands in the way, and how early.

Time passes, years close: what is blocked in the cycle at hand is tried in the cycles after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from assistant.dates import DateSpan, add_years
from assistant.logic import tree
from assistant.logic.scalar import compile_condition
from assistant.matching.findings import Finding, State, leaf_findings
from assistant.matching.gaps import failed
from assistant.matching.moves import Ground, Move, Way
from assistant.matching.remedies import Remedies
from assistant.planning.horizon import Horizon
from assistant.planning.prospect import Prospect

LATER = 6  # cycles after the one at hand that are tried
When = Literal["day", "year-end", "grant", "cycle", "never"]


@dataclass(frozen=True, slots=True)
class Closing:
    """How one failed criterion is closed.

    *day* is the first on which it can hold, as *when* tells: after a lead time or a span of time (`day`), when a
    fiscal year closes (`year-end`), when a recognition is granted (`grant`); what waits for a later cycle (`cycle`)
    has none. *ahead* is the criterion's state with the figures expected.
    """

    finding: Finding
    way: Way
    when: When
    day: date | None
    cycle: int | None
    ahead: State = "unmet"


def closings(prospect: Prospect) -> Iterator[Closing]:
    """Yield how each failed criterion in the gaps of *prospect* can be closed, in rule order, each once."""
    remedies, remedy = prospect.remedies, prospect.remedy
    if remedies is None or remedy is None:
        return
    ahead = {finding.criterion.id: finding for finding in leaf_findings(remedy.tree)}
    seen: set[str] = set()
    for gap in prospect.gaps:
        for finding in failed(gap):
            if finding.criterion.id not in seen:
                seen.add(finding.criterion.id)
                yield _closing(prospect, remedies, finding, ahead.get(finding.criterion.id, finding))


def _closing(prospect: Prospect, remedies: Remedies, finding: Finding, ahead: Finding) -> Closing:
    cycle = prospect.match.application.cycle
    way = remedies.mend(ahead, remedies.ground).way if ahead.state == "unmet" else Way()
    if not way.hindrances:
        when, day = _ready(way.moves, prospect.horizon)
        return Closing(finding, way, when, day, cycle, ahead.state)
    if day := passing(ahead, remedies.ground):
        return Closing(finding, way, "day", day, None)
    return Closing(finding, way, *_later(prospect, ahead))


def _ready(moves: Sequence[Move], horizon: Horizon) -> tuple[When, date | None]:
    """Return when the last of *moves* can have been made."""
    days: list[tuple[date, When]] = []
    for move in moves:
        if move.kind in ("figure", "score") and move.year is not None:
            days.append((date(move.year, 12, 31), "year-end"))
        elif move.kind == "recognition":
            granted = horizon.earliest_grant(move.target)
            if granted is None:
                return "grant", None
            days.append((granted, "grant"))
        else:
            days.append((horizon.on + timedelta(move.lead_days), "day"))
    if not days:
        return "day", horizon.on
    day, when = max(days)
    return when, day


def passing(finding: Finding, ground: Ground) -> date | None:
    """Return the first day on which a criterion that only waits for time to pass holds; None for all others."""
    test = finding.criterion.test
    if test is None or not any(isinstance(part, tree.Elapsed) for part in tree.walk(test)):
        return None
    holds = compile_condition(test)

    def held(day: date) -> bool:
        return holds(replace(ground.situation, applied=DateSpan.of(day)), []) is True

    early, late = ground.on, add_years(ground.on, 30)
    if not held(late):
        return None
    while (late - early).days > 1:
        middle = early + timedelta((late - early).days // 2)
        early, late = (early, middle) if held(middle) else (middle, late)
    return late


def _later(prospect: Prospect, finding: Finding) -> tuple[When, date | None, int | None]:
    """Return the first later cycle in which nothing blocks the criterion any more."""
    match, horizon = prospect.match, prospect.horizon
    assert match.version is not None
    assert match.applies is not None
    for year in range(1, LATER + 1):
        cycle = match.application.cycle + year
        span = match.application.applied
        application = replace(
            match.application,
            cycle=cycle,
            applied=DateSpan(add_years(span.earliest, year), add_years(span.latest, year)),
        )
        remedies = horizon.remedies_in(match.project, application, match.version, match.applies)
        found = next(
            (one for one in leaf_findings(remedies.tree(remedies.ground)) if one.criterion.id == finding.criterion.id),
            finding,
        )
        if found.state != "unmet" or not remedies.mend(found, remedies.ground).way.hindrances:
            return "cycle", None, cycle
    return "never", None, None
