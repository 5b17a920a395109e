"""A canvas is an axis of days with room for rows; everything on it is given in units, about as large as pixels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from unicodedata import east_asian_width

from assistant.dates import DateSpan, add_months

NAMES = 104  # width of the column of names left of the axis
LENGTH = 578  # about what fits beside it on a page
MARGIN = 8  # units kept free left and right of the axis
FONT = 10  # size of text
LINE = 13  # from one line of text to the next
_NARROW = Fraction(3, 5)  # width of a letter or digit, that of a Chinese sign being 1
_WORD = re.compile(
    r"(?:（[^（）]{1,8}）|“[^“”]{1,8}”|[（“《(]*(?:[!-'*-~]+|.))[）”》)，。、：；]*\s*"
)  # what is not broken: a short parenthesis or quotation, a word, a sign; closing signs stay with what they close


@dataclass(frozen=True, slots=True)
class Axis:
    """Days from *first* to *last*, laid from left to right over *length* units."""

    first: date
    last: date
    length: int

    @property
    def days(self) -> int:
        """How many days it covers."""
        return (self.last - self.first).days + 1

    @property
    def width(self) -> int:
        """The width of the canvas."""
        return self.length + 2 * MARGIN

    def at(self, day: date) -> int:
        """Return where *day* begins, or the edge beyond which it lies."""
        return MARGIN + min(max((day - self.first).days, 0), self.days) * self.length // self.days

    def after(self, day: date) -> int:
        """Return where *day* ends."""
        return self.at(day + timedelta(days=1))

    def has(self, day: date) -> bool:
        """Tell whether *day* is on it."""
        return self.first <= day <= self.last

    def beginnings(self, months: int) -> Iterator[date]:
        """Yield the days on which a month (1), quarter (3) or year (12) begins."""
        day = self.first.replace(day=1)
        while day <= self.last:
            if self.has(day) and (day.month - 1) % months == 0:
                yield day
            day = add_months(day, 1)


@dataclass(frozen=True, slots=True)
class Tick:
    """The beginning of a month, quarter or year, with what is written there."""

    x: int
    label: str
    is_year: bool


def years(axis: Axis, write: Callable[[int], str]) -> Iterator[Tick]:
    """Yield the years with what *write* makes of them, the first one unless too little is left to write it there."""
    starts = [axis.first, *(day for day in axis.beginnings(12) if day > axis.first)]
    for day, following in zip(starts, [*starts[1:], axis.last], strict=True):
        label = write(day.year)
        if axis.at(following) - axis.at(day) > width_of(label):
            yield Tick(axis.at(day), label, day.month == 1)


@dataclass(frozen=True, slots=True)
class Bar:
    """What lasts from one date to another, by its outline; *hard*: both dates are known days.

    Where no date is known for its beginning or its end, it says so.
    """

    points: str
    left: int
    right: int
    y: int
    height: int
    hard: bool
    begins: bool = True
    ends: bool = True


def bar(axis: Axis, opens: DateSpan | None, closes: DateSpan | None, y: int, height: int) -> Bar | None:
    """Return the bar of what begins within *opens* and ends within *closes*, or None where it cannot be seen.

    It tapers over the days on which it may begin or end, and is full where it is sure.
    """
    known = [span for span in (opens, closes) if span]
    if not known:
        return None
    rise = _days(opens) if opens else None
    fall = _days(closes, 1) if closes else None
    start = rise[0] if rise else fall[0] - 1 if fall else 0
    end = max(fall[1] if fall else rise[1] + 1 if rise else 0, start + 1)
    edges = axis.first.toordinal(), axis.last.toordinal() + 1
    low, high = max(start, edges[0]), min(end, edges[1])
    if low >= high:
        return None
    corners = {*(rise or ()), *(fall or ()), _peak(rise, fall)}
    days = [low, *sorted(day for day in corners if low < day < high), high]
    scale, middle, half = Fraction(axis.length, axis.days), y + Fraction(height, 2), Fraction(height, 2)
    across = [(MARGIN + (day - edges[0]) * scale, half * _share(day, rise, fall)) for day in days]
    outline = [(x, middle - tall) for x, tall in across] + [(x, middle + tall) for x, tall in reversed(across)]
    return Bar(
        " ".join(f"{tenths(x)},{tenths(at)}" for x, at in dict.fromkeys(outline)),
        int(across[0][0]),
        -int(-across[-1][0] // 1),
        y,
        height,
        all(span.is_day for span in known),
        opens is not None,
        closes is not None,
    )


_Days = tuple[int, int]


def _days(span: DateSpan, later: int = 0) -> _Days:
    return span.earliest.toordinal() + later, span.latest.toordinal() + later


def _share(day: int | Fraction, rise: _Days | None, fall: _Days | None) -> Fraction:
    """Return how thick a bar is on *day*, from 0 to 1."""
    risen = Fraction(day - rise[0]) / (rise[1] - rise[0]) if rise and day < rise[1] else Fraction(1)
    left = Fraction(fall[1] - day) / (fall[1] - fall[0]) if fall and fall[0] < day else Fraction(1)
    return max(min(risen, left), Fraction(0))


def _peak(rise: _Days | None, fall: _Days | None) -> int | Fraction:
    """Return where a bar is thickest that may end before it must have begun."""
    if not rise or not fall or rise[1] <= fall[0]:
        return 0
    up, down = rise[1] - rise[0], fall[1] - fall[0]
    return Fraction(rise[0] * down + fall[1] * up, up + down) if up + down else rise[0]


def tenths(value: Fraction | int) -> str:
    """Return a length to one decimal."""
    whole, part = divmod(round(value * 10), 10)
    return f"{whole}.{part}" if part else str(whole)


# ---- text


def width_of(text: str) -> int:
    """Return about how wide *text* is, never less."""
    wide = sum(east_asian_width(sign) in "WFA" for sign in text)
    return -int(-(wide + (len(text) - wide) * _NARROW) * FONT // 1)


def wrapped(text: str, width: int, most: int) -> tuple[str, ...]:
    """Return *text* in lines of about the same length, cut with an ellipsis after *most* lines."""
    lines = _lines(text, width)
    narrower = width - FONT
    while len(lines) > 1 and len(again := _lines(text, narrower)) == len(lines) and narrower > FONT:
        lines, narrower = again, narrower - FONT
    if len(lines) <= most:
        return tuple(lines)
    last = lines[most - 1]
    while last and width_of(last + "…") > width:
        last = last[:-1]
    return (*lines[: most - 1], last + "…")


def _lines(text: str, width: int) -> list[str]:
    """Break *text* between words and signs, never before a closing sign or after an opening one."""
    lines = [""]
    for word in _WORD.findall(text):
        if lines[-1] and width_of(lines[-1] + word.rstrip()) > width:
            lines.append("")
        lines[-1] += word
    return [line.rstrip() for line in lines]
