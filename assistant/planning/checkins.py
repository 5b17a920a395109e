"""A check-in (核对) is a day on which to look for a notice, where no date of a window can be expected.

It rests on the earliest day of past rounds, less some days; where only closings are known, it is the first working
day of the month before. Without any day on record there is none, and none for a dormant project far from the company.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from assistant.dates import add_months, add_years
from assistant.planning import workdays
from assistant.planning.prospect import Prospect
from assistant.planning.upkeep import HORIZON_MONTHS
from assistant.planning.windows import closing_of, opening_of

LEAD_DAYS = 14
ROUNDS = 3  # years of rounds that it looks at
STANDINGS = {"unknown": ("ready", "near", "open"), "dormant": ("ready", "near")}


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A day to look for a notice; *key* is that of the window it waits for.

    *monthly*: the usual day has passed, so it is asked again from month to month.
    """

    key: str
    due: date
    prospect: Prospect
    monthly: bool = False


def check_ins(prospects: Sequence[Prospect], on: date) -> tuple[CheckIn, ...]:
    """Return the check-ins of projects without a date, in order of days."""
    found = [one for prospect in prospects if _is_asked(prospect) for one in _check_in(prospect, on)]
    return tuple(sorted(found, key=lambda one: (one.due, one.key)))


def _is_asked(prospect: Prospect) -> bool:
    asked = STANDINGS.get(prospect.window.status, ())
    return bool(asked) and (prospect.is_review or prospect.standing in asked)


def _check_in(prospect: Prospect, on: date) -> Iterator[CheckIn]:
    window = prospect.window
    usual = _usual(prospect, on)
    if usual is None or usual > add_months(on, HORIZON_MONTHS):
        return
    key = f"{window.project}|{window.cycle}|window"
    if usual >= on:
        yield CheckIn(key, usual, prospect)
    elif window.status == "unknown":
        yield CheckIn(key, workdays.on_or_after(add_months(on.replace(day=1), 1)), prospect, monthly=True)


def _usual(prospect: Prospect, on: date) -> date | None:
    """Return the day on which past rounds suggest to look."""
    cycle, city = prospect.window.cycle, prospect.horizon.company.profile.facts.get("city")
    rounds = [(past, opening_of(past), closing_of(past, city)[0]) for past in prospect.match.project.rounds]
    dated = [(past, opens, closes) for past, opens, closes in rounds if (opens or closes or on) < on]
    years = sorted({past.year for past, _, _ in dated})[-ROUNDS:]
    recent = [(cycle - past.year, opens, closes) for past, opens, closes in dated if past.year in years]
    openings = [add_years(opens, years_on) for years_on, opens, _ in recent if opens]
    if openings:
        return workdays.on_or_before(min(openings) - timedelta(days=LEAD_DAYS))
    closings = [add_years(closes, years_on) for years_on, _, closes in recent if closes]
    if closings:
        return workdays.on_or_after(add_months(min(closings).replace(day=1), -1))
    return None
