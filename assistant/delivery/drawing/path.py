"""The path view draws how recognitions build on each other: one row a leg, climbing from the first to the target.

It reads the paths of a result; legs that several paths share are drawn once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from assistant.dates import DateSpan, add_months
from assistant.delivery.drawing.arrangement import GAP, Link, Spot, arranged, upright
from assistant.delivery.drawing.canvas import (
    LENGTH,
    LINE,
    MARGIN,
    NAMES,
    Axis,
    Bar,
    Tick,
    bar,
    width_of,
    wrapped,
    years,
)
from assistant.delivery.plain import Json
from assistant.delivery.wording.captions import caption
from assistant.delivery.wording.speaker import Speaker

HEAD = 36  # height of years and quarters
YEARS = 20  # height of years alone
TALL = 20  # height of a box
INSIDE = 12  # height of the round inside it
VALID = 8  # height of the bar of validity
PADDING = 8
SHORTEST = 12  # months that an axis covers at least
OUTLOOK = 6  # months of validity shown after the last grant
QUARTERS = 1500  # days up to which quarters are written
MOST_LINES = 3  # below a box


@dataclass(frozen=True, slots=True)
class PathLeg:
    """A leg with its box from the round to the grant, the round inside it, and the bars while it is held and valid.

    *sure*: rounds are held and their time is known; a box that is not is an assumption.
    """

    project: str
    name: str
    lines: tuple[str, ...]
    tag: str
    kind: str
    is_target: bool
    y: int
    height: int
    left: int
    right: int
    sure: bool
    round: Bar | None
    held: Bar | None
    valid: Bar | None
    renewals: tuple[int, ...]
    note: str
    note_x: int
    note_ends: bool
    binding: tuple[str, ...]
    binding_x: int
    binding_ends: bool
    says: str

    @property
    def middle(self) -> int:
        """The height at which box and bar lie."""
        return self.y + PADDING + TALL // 2


@dataclass(frozen=True, slots=True)
class Arrow:
    """From a prerequisite up to what needs it; *lapsed*: where its bar ends before, else None."""

    x: int
    y_from: int
    y_to: int
    lapsed: int | None


@dataclass(frozen=True, slots=True)
class PathView:
    """All legs with their places; *says* is the drawing in words, a sentence for each leg from the first on."""

    title: str
    says: tuple[str, ...]
    axis: Axis
    height: int
    ticks: tuple[Tick, ...]
    years: tuple[Tick, ...]
    legs: tuple[PathLeg, ...]
    arrows: tuple[Arrow, ...]
    signs: tuple[str, ...]


def path_view(paths: Sequence[Json], on: date, say: Speaker) -> PathView | None:
    """Return the drawing of all legs of *paths*, or None where there are none."""
    legs = _merged(paths)
    if not legs:
        return None
    axis = _axis(legs.values(), on)
    ticks = tuple(_quarters(axis, say))
    needs = {id_: leg["after"] for id_, leg in legs.items()}
    order = arranged(needs)
    spots = {id_: _spot(leg, axis) for id_, leg in legs.items()}
    links = tuple(upright(needs, order, spots))
    y = HEAD if any(tick.label for tick in ticks) else YEARS
    placed: dict[str, PathLeg] = {}
    for id_ in reversed(order):
        incoming = [link.x for link in links if link.upper == id_]
        placed[id_] = _leg(legs[id_], spots[id_], incoming, axis, y, say)
        y += placed[id_].height
    arrows = tuple(_arrow(link, placed) for link in links)
    climbing = [placed[id_] for id_ in order]
    targets = say.pick("、", ", ").join(dict.fromkeys(path["name"] for path in paths if path["legs"]))
    return PathView(
        caption("path", say).format(targets),
        tuple(leg.says for leg in climbing),
        axis,
        y,
        ticks,
        tuple(years(axis, caption("year", say).format)),
        tuple(placed.values()),
        arrows,
        tuple(_signs(climbing, arrows)),
    )


def _merged(paths: Iterable[Json]) -> dict[str, Json]:
    """Return the legs by project in order of time; one that is the target of any path is a target.

    Of a leg that one path needs for longer, renewed on the way, the longest is drawn. Where all are targets, none
    stands out.
    """
    found: dict[str, Json] = {}
    targets = set()
    for leg in (leg for path in paths for leg in path["legs"]):
        id_ = leg["project"]
        targets |= {id_} if leg["target"] else set()
        if id_ not in found or len(_renewals(leg)) > len(_renewals(found[id_])):
            found[id_] = leg
    some = len(targets) < len(found) or len(found) == 1
    ordered = sorted(found.values(), key=lambda leg: (_round(leg).earliest, leg["project"]))
    return {leg["project"]: {**leg, "target": some and leg["project"] in targets} for leg in ordered}


def _renewals(leg: Json) -> list[date]:
    """Return the days before which a leg must be renewed to last as long as it is needed."""
    return [date.fromisoformat(day) for day in leg.get("renewals", ())]


def _span(found: Json | None) -> DateSpan | None:
    if not found:
        return None
    return DateSpan(date.fromisoformat(found["earliest"]), date.fromisoformat(found["latest"]))


def _day(found: str | None) -> date | None:
    return date.fromisoformat(found) if found else None


def _round(leg: Json) -> DateSpan:
    """Return the days of a leg's round: from the earliest opening to the latest closing, or its whole year."""
    opens, closes = _span(leg["window"]["opens"]), _span(leg["window"]["closes"])
    first, last = opens or closes, closes or opens
    if first is None or last is None:
        return DateSpan(date(leg["cycle"], 1, 1), date(leg["cycle"], 12, 31))
    return DateSpan(first.earliest, max(first.earliest, last.latest))


def _is_held(leg: Json) -> bool:
    return bool(leg["kind"] == "held")


# ---- the axis


def _axis(legs: Iterable[Json], on: date) -> Axis:
    """Return whole quarters from today's to half a year after the last grant."""
    first = on.replace(month=(on.month - 1) // 3 * 3 + 1, day=1)
    last = add_months(first, SHORTEST - OUTLOOK)
    for leg in legs:
        if not _is_held(leg):
            granted = _span(leg["granted"])
            last = max(last, granted.latest if granted else _round(leg).latest)
    end = add_months(last, OUTLOOK)
    following = add_months(end.replace(month=(end.month - 1) // 3 * 3 + 1, day=1), 3)
    return Axis(first, following - timedelta(days=1), LENGTH)


def _quarters(axis: Axis, say: Speaker) -> Iterator[Tick]:
    """Yield the quarters, on a long axis half years without a label."""
    written = axis.days <= QUARTERS
    for day in axis.beginnings(3 if written else 6):
        label = caption("quarter", say).format(day.month // 3 + 1) if written else ""
        yield Tick(axis.at(day), label, day.month == 1)


# ---- rows


def _spot(leg: Json, axis: Axis) -> Spot:
    if _is_held(leg):
        return Spot(MARGIN, MARGIN)
    days, granted = _round(leg), _span(leg["granted"])
    left = axis.at(days.earliest)
    return Spot(left, max(axis.after(granted.latest if granted else days.latest), left + 3 * GAP))


def _leg(leg: Json, spot: Spot, incoming: Sequence[int], axis: Axis, y: int, say: Speaker) -> PathLeg:
    until = _day(leg["valid_until"])
    middle = y + PADDING + TALL // 2
    lines = wrapped(leg["name"], NAMES - GAP, 3)
    note = _granted(leg, say)
    note_ends = spot.right + GAP + width_of(note) > axis.width
    binding, binding_x, binding_ends = _beneath(leg["binding"]["text"], spot, incoming, axis)
    tag = _tag(leg, until, say)
    return PathLeg(
        leg["project"],
        leg["name"],
        lines,
        tag,
        leg["kind"],
        bool(leg["target"]),
        y,
        2 * PADDING + max(TALL + len(binding) * LINE, (len(lines) + 1) * LINE),
        *spot,
        _is_dated(leg) and leg.get("certain", True),
        None if _is_held(leg) else _window(leg, axis, middle - INSIDE // 2),
        _held(leg, axis, middle - VALID // 2),
        _valid(leg, until, axis, middle - VALID // 2),
        tuple(axis.after(day) for day in _renewals(leg) if axis.has(day)),
        note,
        spot.left - GAP if note_ends else spot.right + GAP,
        note_ends,
        binding,
        binding_x,
        binding_ends,
        _says(leg, tag, note, until, say),
    )


def _beneath(text: str, spot: Spot, incoming: Sequence[int], axis: Axis) -> tuple[tuple[str, ...], int, bool]:
    """Return the lines of *text*, where they begin right of the arrows from below, or end left of the box."""
    right = max((x + 2 * GAP for x in incoming), default=spot.left)
    room = axis.width - right - GAP
    if not text:
        return (), right, False
    if width_of(text) <= room or room >= spot.left:
        return wrapped(text, room, MOST_LINES), right, False
    return wrapped(text, spot.left - GAP, MOST_LINES), spot.left - GAP, True


def _held(leg: Json, axis: Axis, y: int) -> Bar | None:
    """Return the bar of what is held today, to its last day or to the other edge."""
    if not _is_held(leg) and not leg.get("held_until"):
        return None
    until = (leg["valid_until"] if _is_held(leg) else None) or leg.get("held_until")
    return bar(axis, DateSpan.of(axis.first), DateSpan.of(_day(until) or axis.last), y, VALID)


def _valid(leg: Json, until: date | None, axis: Axis, y: int) -> Bar | None:
    """Return the bar from the grant to the last valid day or the other edge."""
    granted = _span(leg["granted"])
    if granted is None or _is_held(leg):
        return None
    return bar(axis, granted, DateSpan.of(max(until or axis.last, granted.latest)), y, VALID)


def _window(leg: Json, axis: Axis, y: int) -> Bar | None:
    window = leg["window"]
    return bar(axis, _span(window["opens"]), _span(window["closes"]), y, INSIDE)


def _tag(leg: Json, until: date | None, say: Speaker) -> str:
    if _is_held(leg):
        return caption("leg.held-until", say).format(_month(until, say)) if until else caption("leg.held", say)
    return caption(f"leg.{leg['kind']}", say).format(leg["cycle"])


def _month(day: date, say: Speaker) -> str:
    return caption("year-month", say).format(day.year, day.month)


def _months(span: DateSpan, say: Speaker) -> str:
    """Return a span in months, the year said once."""
    first, last = _month(span.earliest, say), _month(span.latest, say)
    if first == last:
        return first
    if span.earliest.year == span.latest.year:
        last = caption("to-month", say).format(span.latest.year, span.latest.month)
    return first + caption("to", say) + last


def _granted(leg: Json, say: Speaker) -> str:
    """Return when a leg is granted, or that nothing is known of its round."""
    granted = _span(leg["granted"])
    if _is_held(leg):
        return ""
    if granted is None:
        return "" if _is_dated(leg) else caption("applied-unknown", say)
    return caption("granted" if granted.is_day else "granted-expected", say).format(_months(granted, say))


def _is_dated(leg: Json) -> bool:
    return bool(leg["window"]["opens"] or leg["window"]["closes"])


def _says(leg: Json, tag: str, when: str, until: date | None, say: Speaker) -> str:
    """Return a leg in a sentence."""
    parts = [tag]
    if not _is_held(leg):
        if _is_dated(leg):
            word = "applied" if leg["window"]["status"] == "announced" else "applied-expected"
            parts.append(caption(word, say).format(_months(_round(leg), say)))
        parts += [when] if when else []
        renewals = say.pick("、", ", ").join(_month(day, say) for day in _renewals(leg))
        parts += [caption("renewed", say).format(renewals)] if renewals else []
        parts += [caption("until", say).format(_month(until, say))] if until else []
    parts += [leg["binding"]["text"].rstrip("。.")] if leg["binding"]["text"] else []
    return f"{leg['name']}{say.pick('：', ': ')}{say.pick('，', ', ').join(parts)}"


# ---- arrows


def _arrow(link: Link, placed: Mapping[str, PathLeg]) -> Arrow:
    lower, upper = placed[link.lower], placed[link.upper]
    last = lower.valid or lower.held
    end = last.right if last else lower.right
    return Arrow(link.x, lower.middle, upper.middle + TALL // 2, end if end < link.x else None)


def _signs(legs: Iterable[PathLeg], arrows: Sequence[Arrow]) -> Iterator[str]:
    """Yield the kinds of things that occur, for the legend."""
    drawn = list(legs)
    found = {
        "window": any(leg.round for leg in drawn),
        "unsure": any(leg.kind != "held" and not leg.sure for leg in drawn),
        "granted": any(leg.valid for leg in drawn),
        "renewed": any(leg.renewals for leg in drawn),
        "held": any(leg.held for leg in drawn),
        "lapsed": any(arrow.lapsed is not None for arrow in arrows),
        "needs": bool(arrows),
    }
    yield from (name for name, is_there in found.items() if is_there)
