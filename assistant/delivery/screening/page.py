"""The page of a screening: its summary as one HTML file that needs nothing beside it, not even a script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from assistant.delivery.drawing.canvas import tenths
from assistant.delivery.packing import printable
from assistant.delivery.plain import Json
from assistant.delivery.wording.screening import words
from assistant.matching.screening.tally import STATES

WIDTH = 100  # of a bar, in units of its drawing
MOST_CRITERIA = 2  # charts for each project
MOST_SOLES = 12
HEIGHT, GAP = 60, 4  # of a chart's tallest bar; between bars
COLUMN = 64  # from one bar to the next
AXIS, TOP = 18, 16  # room below and above the bars


class Segment(NamedTuple):
    """A part of a stacked bar."""

    state: str
    x: str
    width: str


class Bar(NamedTuple):
    """A bar of a chart: where it stands, how high, how many it is, and what stands below it."""

    x: int
    y: str
    height: str
    companies: int
    label: str


class Chart(NamedTuple):
    """A chart with its size."""

    width: int
    height: int
    base: int
    bars: tuple[Bar, ...]


def page(data: Json) -> str:
    """Return the summary *data* as an HTML page."""
    own = {name: Markup(text) for name, text in words(data["lang"]).items()}  # noqa: S704  # fixed words, no user's
    shorts = [(one, one["short"][:MOST_CRITERIA], len(one["short"][MOST_CRITERIA:])) for one in data["projects"]]
    return (
        _environment()
        .get_template("screening.html.j2")
        .render(
            data=data,
            words=own,
            states=STATES,
            stacked=stacked,
            chart=lambda bars: chart(bars, own),
            share=share,
            shorts=[entry for entry in shorts if entry[1]],
            soles=(data["sole"] or [])[:MOST_SOLES],
            near=[one for one in data["projects"] if one["near"]],
            moved=[one for one in (data["comparison"] or {"projects": ()})["projects"] if one["changed"]],
        )
    )


def stacked(states: Mapping[str, int]) -> list[Segment]:
    """Return the parts of a bar, from the best state to the worst."""
    return list(_segments(states, sum(states.values())))


def _segments(states: Mapping[str, int], whole: int) -> Iterator[Segment]:
    left = 0
    for state in STATES:
        if count := states[state]:
            start, end = (round(10 * WIDTH * place / whole) for place in (left, left + count))
            yield Segment(state, _tenth(start), _tenth(end - start))
            left += count


def _tenth(tenth: int) -> str:
    return f"{tenth // 10}.{tenth % 10}" if tenth % 10 else str(tenth // 10)


def share(count: int, whole: int) -> str:
    """Return the width of a single bar."""
    return _tenth(10 * WIDTH * count // whole) if whole else "0"


def chart(bars: list[Json], own: Mapping[str, str]) -> Chart:
    """Return the chart of a distribution."""
    most = max((one["companies"] for one in bars), default=0) or 1
    drawn = []
    for place, one in enumerate(bars):
        height = HEIGHT * one["companies"] * 10 // most
        label = _label(one, own)
        drawn.append(
            Bar(place * COLUMN, tenths(TOP + HEIGHT - height // 10), tenths(height // 10), one["companies"], label)
        )
    return Chart(COLUMN * len(drawn), TOP + HEIGHT + AXIS, TOP + HEIGHT, tuple(drawn))


def _label(bar: Json, own: Mapping[str, str]) -> str:
    if bar["start"] is None:
        return own["short.upto"].format(end=bar["end"]) if bar["end"] is not None else ""
    return own["short.from"].format(start=bar["start"]) if bar["end"] is None else f"{bar['start']}–{bar['end']}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("assistant.delivery", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["count"] = "{:,}".format
    environment.filters["clean"] = lambda text: " ".join(printable(text).split())
    return environment
