"""A window is when a project takes applications: announced, or expected from past rounds, or honestly unknown.

A forecast is an interval with the rounds it rests on and a confidence in words; it is never a date. The rule:
openings and closings of the last dated rounds, laid on the target year, widened by a margin that shrinks with
the number of rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from assistant.dates import DateSpan, add_years
from assistant.logic.scalar import Holding
from assistant.planning.announcements import Announcement
from assistant.rulebook.requirement import Project, Round

Status = Literal["announced", "expected", "dormant", "unknown", "rolling"]
Confidence = Literal["high", "medium", "low"]
Whose = Literal["company", "city", "province"]

RECENT = 4  # years of rounds that a forecast looks at
DORMANT_AFTER = 2  # full years without a round
MARGIN_DAYS = {1: 60, 2: 45}  # by number of dated years (tuned on rounds before the last); more years: LEAST_MARGIN
LEAST_MARGIN = 15
CLOSE_SPREAD = 60  # days within which rounds count as close to each other
OPEN_ENDED_DAYS = 90  # an announced round without a closing day is taken to be open for so long
LATE_YEAR = 10  # from this month on, a project without dates is looked at for the next year


@dataclass(frozen=True, slots=True)
class Window:
    """When a cycle's applications are taken; spans are None where nothing is known.

    *whose* deadline the closing is; *basis* are the rounds the forecast rests on; *note* names a limit of it
    (`separate-channel`, `batches`, `every-2-years`, `closing-inferred`).
    """

    project: str
    status: Status
    cycle: int
    opens: DateSpan | None = None
    closes: DateSpan | None = None
    whose: Whose = "company"
    confidence: Confidence = "low"
    basis: tuple[Round, ...] = ()
    source: str = ""
    notes: tuple[str, ...] = ()

    @property
    def is_recorded(self) -> bool:
        """Tell whether it rests on its own cycle's rounds."""
        return any(past.year == self.cycle for past in self.basis)

    @property
    def is_dated(self) -> bool:
        """Tell whether anything is known of when it opens or closes."""
        return self.opens is not None or self.closes is not None

    @property
    def is_live(self) -> bool:
        """Tell whether a round is open or expected."""
        return self.status in ("announced", "expected", "rolling")

    @property
    def applied(self) -> DateSpan:
        """The days on which an application may be made: the window, or all of the cycle's year."""
        year = DateSpan(date(self.cycle, 1, 1), date(self.cycle, 12, 31))
        start = self.opens or (
            DateSpan(min(self.closes.earliest, year.earliest), self.closes.latest) if self.closes else year
        )
        end = self.closes or (DateSpan(start.latest, max(start.latest, year.latest)) if self.opens else year)
        return DateSpan(start.earliest, max(start.earliest, end.latest))


def next_window(
    project: Project, on: date, *, city: str | None = None, announcements: Sequence[Announcement] = ()
) -> Window:
    """Return the window of *project* that is open on the day *on* or comes next.

    A round may run over New Year, so last year's counts while it is open; a forecast stands until its last day has
    passed, over New Year too; a year whose round is on record without dates is not forecast again.
    """
    if project.rolling:
        return window_of(project, on.year, on, city=city, announcements=announcements)
    last_year = window_of(project, on.year - 1, on, city=city, announcements=announcements)
    if _runs_on(project, last_year, on):
        return last_year
    this_year = window_of(project, on.year, on, city=city, announcements=announcements)
    official = bool(this_year.source) or this_year.is_recorded
    if this_year.is_dated and (official or _in_step(project, on.year, on) == on.year):
        if not _is_over(this_year, on) and (official or not _recorded(project, on.year, on)):
            return this_year
        following = on.year + 1
    else:
        following = on.year + 1 if on.month >= LATE_YEAR or _recorded(project, on.year, on) else on.year
    return window_of(project, _in_step(project, following, on), on, city=city, announcements=announcements)


def _runs_on(project: Project, last_year: Window, on: date) -> bool:
    """Tell whether last year's round is still open, or was expected, never seen, and may still come."""
    if last_year.status == "announced":
        return last_year.closes is not None and last_year.closes.latest >= on
    if last_year.status != "expected" or _is_over(last_year, on) or _recorded(project, last_year.cycle, on):
        return False
    return _in_step(project, last_year.cycle, on) == last_year.cycle


def _in_step(project: Project, cycle: int, on: date) -> int:
    """Return *cycle*, or the year in which a project is due that is held every two or three years."""
    years = sorted({past.year for past in project.rounds if _seen(past, on)})
    return max(cycle, years[-1] + _period(years)) if years and cycle > years[-1] else cycle


def period_of(project: Project, on: date) -> int:
    """Return every how many years the rounds of *project* are held, as known *on*."""
    return _period(sorted({past.year for past in project.rounds if _seen(past, on)}))


def _period(years: Sequence[int]) -> int:
    """Return by how many years the last three rounds lie apart, if evenly; else 1."""
    if len(years) >= 3 and years[-1] - years[-2] == years[-2] - years[-3] in (2, 3):
        return years[-1] - years[-2]
    return 1


def _is_over(window: Window, on: date) -> bool:
    if window.closes:
        return window.closes.latest < on
    open_ended = timedelta(days=OPEN_ENDED_DAYS) if window.status == "announced" else timedelta(0)
    return window.opens is None or window.opens.latest + open_ended < on


def window_of(
    project: Project, cycle: int, on: date, *, city: str | None = None, announcements: Sequence[Announcement] = ()
) -> Window:
    """Return the window of one *cycle* (a year), past or to come, as known *on*."""
    if project.rolling:
        return Window(project.id, "rolling", cycle, basis=project.rounds[-1:])
    official = [entry for entry in announcements if entry.project == project.id and entry.cycle == cycle]
    recorded = [past for past in project.rounds if past.year == cycle and _seen(past, on)]
    if official:
        window = _announced(project, official[-1])
    elif any(past.opens or closing_of(past, city)[0] for past in recorded):
        window = _recorded_window(project, cycle, recorded, city)
    else:
        window = _forecast(project, cycle, on, city)
    if city in project.regions.separate and window.status in ("announced", "expected"):
        return replace(window, status="expected", confidence="low", notes=(*window.notes, "separate-channel"))
    return window


def review_window(
    project: Project, window: Window, held: Holding, on: date, city: str | None, announcements: Sequence[Announcement]
) -> Window:
    """Return the last window that opens before the recognition expires: its holder is reviewed there."""
    if held.expires is None:
        return window
    for year in range(held.expires.year, window.cycle, -1):
        later = window_of(project, year, on, city=city, announcements=announcements)
        if later.status not in ("announced", "expected") or later.applied.earliest <= held.expires:
            return later
    return window


def _recorded(project: Project, year: int, on: date) -> bool:
    """Tell whether a round of *year* is on record and known."""
    return any(past.year == year and _seen(past, on) for past in project.rounds)


def _announced(project: Project, entry: Announcement) -> Window:
    return Window(
        project.id,
        "announced",
        entry.cycle,
        DateSpan.of(entry.opens) if entry.opens else None,
        DateSpan.of(entry.closes) if entry.closes else None,
        confidence="high",
        source=entry.source,
    )


def _recorded_window(project: Project, cycle: int, rounds: Sequence[Round], city: str | None) -> Window:
    opens = [past.opens for past in rounds if past.opens]
    closes = [(day, whose) for past in rounds for day, whose in [closing_of(past, city)] if day]
    whose: Whose = closes[-1][1] if closes else "company"
    days = [day for day, _ in closes]
    return Window(
        project.id,
        "announced",
        cycle,
        DateSpan.of(min(opens)) if opens else None,
        DateSpan.of(max(days)) if days else None,
        whose,
        "high",
        tuple(rounds),
        notes=("batches",) if len(rounds) > 1 else (),
    )


def opening_of(past: Round) -> date | None:
    """Return the day from which a past round took applications: that of its notice where no other is known."""
    return past.opens or past.notice.announced


def closing_of(past: Round, city: str | None) -> tuple[date | None, Whose]:
    """Return the deadline that binds a company of *city* in a past round, and whose deadline it is.

    The company's own, or its city's where that is earlier; elsewhere the earliest city's is the safe one.
    """
    of_city = past.city_deadlines.get(city) if city else None
    if past.closes:
        return (of_city, "city") if of_city and of_city < past.closes else (past.closes, "company")
    if of_city or past.city_deadlines:
        return of_city or min(past.city_deadlines.values()), "city"
    return past.province_deadline, "province"


def _forecast(project: Project, cycle: int, on: date, city: str | None) -> Window:
    known = [past for past in project.rounds if past.year < cycle and _seen(past, on)]
    years = sorted({past.year for past in known})
    if not years:
        return Window(project.id, "unknown", cycle)
    period = _period(years)
    if min(cycle - 1, on.year) - years[-1] >= max(DORMANT_AFTER, period):
        return Window(project.id, "dormant", cycle, basis=tuple(past for past in known if past.year == years[-1]))
    recent = [past for past in known if past.year >= cycle - RECENT]
    opens = _by_year(recent, [opening_of(past) for past in recent])
    closes = _by_year(recent, [closing_of(past, city)[0] for past in recent])
    if not opens and not closes:
        return Window(project.id, "unknown", cycle, basis=tuple(recent))
    whose = _whose(recent, city)
    notes = [f"every-{period}-years"] if period > 1 else []
    lengths = _lengths(known, city)
    if lengths and opens and not closes:
        closes, whose = _shifted(opens, min(lengths), max(lengths)), _whose(known, city)
        notes.append("closing-inferred")
    elif lengths and closes and not opens:
        opens = _shifted(closes, -max(lengths), -min(lengths))
        notes.append("opening-inferred")
    opening, closing = _project(opens, cycle), _project(closes, cycle)
    if opening and closing and closing.latest < opening.earliest:
        closing = None
    if opening and closing and closing.earliest < opening.earliest:
        closing = DateSpan(opening.earliest, closing.latest)
    dated = [past for past in recent if opening_of(past) or closing_of(past, city)[0]]
    if len(dated) > len({past.year for past in dated}):
        notes.insert(0, "batches")
    return Window(
        project.id,
        "expected",
        cycle,
        opening,
        closing,
        whose,
        _confidence(opens or closes, cycle),
        tuple(dated),
        notes=tuple(notes),
    )


def _seen(past: Round, on: date) -> bool:
    """Tell whether a round was known on the day *on*."""
    first = past.notice.announced or past.opens or past.closes
    return first is None or first <= on


def _by_year(rounds: Sequence[Round], days: Sequence[date | None]) -> dict[int, tuple[date, date]]:
    """Return the first and last of *days* for each year of rounds (several batches make one year)."""
    spans: dict[int, tuple[date, date]] = {}
    for past, day in zip(rounds, days, strict=True):
        if day:
            first, last = spans.get(past.year, (day, day))
            spans[past.year] = (min(first, day), max(last, day))
    return spans


def _whose(rounds: Sequence[Round], city: str | None) -> Whose:
    closings = [closing_of(past, city) for past in rounds]
    return next((whose for day, whose in reversed(closings) if day), "company")


def _lengths(rounds: Sequence[Round], city: str | None) -> list[int]:
    """Return for how many days applications were taken, of rounds whose both ends are known."""
    ends = [(opening_of(past), closing_of(past, city)[0]) for past in rounds]
    return [(last - first).days for first, last in ends if first and last and last >= first]


def _shifted(spans: dict[int, tuple[date, date]], least: int, most: int) -> dict[int, tuple[date, date]]:
    """Return each year's days moved by *least* to *most* days: the other end of a round of known lengths."""
    return {year: (first + timedelta(days=least), last + timedelta(days=most)) for year, (first, last) in spans.items()}


def _project(spans: dict[int, tuple[date, date]], cycle: int) -> DateSpan | None:
    """Lay past days on the *cycle*'s year and widen them by the margin for so many years."""
    if not spans:
        return None
    first = min(add_years(day, cycle - year) for year, (day, _) in spans.items())
    last = max(add_years(day, cycle - year) for year, (_, day) in spans.items())
    margin = timedelta(days=MARGIN_DAYS.get(len(spans), LEAST_MARGIN))
    return DateSpan(first - margin, last + margin)


def _confidence(spans: dict[int, tuple[date, date]], cycle: int) -> Confidence:
    days = [add_years(first, cycle - year).toordinal() for year, (first, _) in spans.items()]
    spread = max(days) - min(days)
    if len(days) >= 3 and spread <= CLOSE_SPREAD and max(spans) >= cycle - 1:
        return "high"
    if len(days) >= 2 and spread <= 2 * CLOSE_SPREAD and max(spans) >= cycle - 2:
        return "medium"
    return "low"
