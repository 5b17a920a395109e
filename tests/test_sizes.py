"""Size classes: the lowest class that the indicators give one by one, exact at every bound of the list."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from assistant.company.derive import SIZES, size_class, size_rule
from assistant.company.lists import Lists, read_lists
from assistant.logic.values import Range
from assistant.sources import read
from assistant.units import UNITS, Number, to_base

ROOT = Path(__file__).parents[1]
EXAMPLES: list[dict[str, Any]] = read(Path(__file__).parent / "data" / "size-class-examples.yaml").data["examples"]
INDUSTRIES: list[dict[str, Any]] = read(ROOT / "rules" / "lists" / "size-classes.yaml").data["industries"]
FIGURES = {"employees": ("employees", "人"), "revenue": ("revenue", "万元"), "assets": ("total_assets", "万元")}
BOUNDS = [
    (entry, key, SIZES[3 - at], limit)
    for entry in INDUSTRIES
    for key in FIGURES
    for at, limit in enumerate(entry.get(key, ()))
]


@cache
def lists() -> Lists:
    """Return the real lists."""
    return read_lists(ROOT / "rules" / "lists", "lists")[0]


def chain(prefix: str) -> tuple[str, ...]:
    """Return a code of the list with its ancestors."""
    found = lists().ancestors(prefix)
    assert found, prefix
    return found


def base(key: str, value: Any) -> tuple[str, Number]:
    """Return an indicator of the list as a figure of the dictionary in base units."""
    name, unit = FIGURES[key]
    return name, to_base(value, UNITS[unit])


def plenty(entry: Mapping[str, Any], but: str) -> dict[str, Number]:
    """Return figures large in every indicator of an industry but one."""
    return dict(base(key, entry[key][0]) for key in FIGURES if key in entry and key != but)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example['n']}-{example['why']}")
def test_a_worked_example(example: dict[str, Any]) -> None:
    """The fifteen companies worked by hand."""
    figures = dict(base(key, example[key]) for key in FIGURES if key in example)
    found = size_class(chain(example["gb"]), figures, lists())
    assert found == (None if example["class"] is None else frozenset({example["class"]}))


def test_all_examples_are_there() -> None:
    """None was lost on the way."""
    assert [example["n"] for example in EXAMPLES] == list(range(1, 16))


@pytest.mark.parametrize(
    ("entry", "key", "size", "limit"), BOUNDS, ids=lambda given: getattr(given, "get", str)("id") or str(given)
)
def test_a_bound_is_exact(entry: dict[str, Any], key: str, size: str, limit: int) -> None:
    """Exactly at a bound is the upper class, one person or one 分 less is the class below."""
    below = SIZES[SIZES.index(size) - 1]
    name, edge = base(key, limit)
    for prefix in entry["gb"]:
        industry = chain(str(prefix))
        assert size_class(industry, {**plenty(entry, key), name: edge}, lists()) == frozenset({size})
        assert size_class(industry, {**plenty(entry, key), name: edge - 1}, lists()) == frozenset({below})


@pytest.mark.parametrize("entry", INDUSTRIES, ids=lambda entry: str(entry["id"]))
def test_an_unknown_indicator_leaves_an_upper_limit(entry: dict[str, Any]) -> None:
    """Large by all that is known may be anything; medium by one indicator is never large."""
    keys = [key for key in FIGURES if key in entry]
    industry = chain(str(entry["gb"][0]))
    for missing in keys:
        assert size_class(industry, plenty(entry, missing), lists()) == frozenset(SIZES)
        for known in keys:
            if known != missing:
                name, medium = base(known, entry[known][1])
                found = size_class(industry, {**plenty(entry, missing), name: medium}, lists())
                assert found == frozenset({"micro", "small", "medium"})
    assert size_class(industry, {}, lists()) == frozenset(SIZES)


def test_micro_by_one_indicator_is_micro() -> None:
    """Nothing is below micro, so the other indicator is of no account."""
    assert size_class(chain("3443"), {"employees": 19}, lists()) == frozenset({"micro"})


def test_a_range_leaves_the_classes_it_spans() -> None:
    """Between 250 and 350 people with a large revenue: small or medium."""
    figures = {"employees": Range(250, 350), "revenue": base("revenue", 40_000)[1]}
    assert size_class(chain("3443"), figures, lists()) == frozenset({"small", "medium"})


def test_the_longest_code_decides() -> None:
    """Loading belongs to transport, the other codes of division 59 to storage; 704 has to be asked about."""
    rules = [size_rule(chain(code), lists()) for code in ("5910", "5920", "7010", "7020", "7040", "6631")]
    found = [rule.id if rule else None for rule in rules]
    assert found == ["transport", "storage", "real-estate-development", "property-management", None, None]


def test_without_an_industry_there_is_no_class() -> None:
    """An industry that is not known, or outside the table, has none."""
    assert size_class(None, {"employees": 5}, lists()) is None
    assert size_class(chain("J"), {"employees": 5}, lists()) is None
