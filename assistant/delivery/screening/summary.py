"""The summary of a screening is its tally in words: plain data that every format lays out, none recomputes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from assistant.delivery.plain import Json, plain
from assistant.delivery.wording.labels import labels
from assistant.delivery.wording.screening import words
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.screening.nearest import Amount
from assistant.matching.screening.plan import LeftOut
from assistant.matching.screening.tally import DIMENSIONS, REACH, Example, Shortfalls, Sole, Tally
from assistant.matching.screening.transitions import Comparison
from assistant.rulebook.requirement import Project, leaves
from assistant.units import Unit, decimal_text, from_base

MOST_EDGES = 8  # between a chart's bars
WIDE = 20  # times the least: from there on bars grow
POWERS = (-6, 20)  # of ten


Grouped = Mapping[str | None, Mapping[str, int]]  # states by group


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison with what the two versions of the rules are called."""

    comparison: Comparison
    before: str
    after: str


def summary(
    tally: Tally,
    amounts: Mapping[str, Mapping[str, Amount]],
    on: date,
    lang: str = "zh",
    *,
    source: str = "",
    compared: Compared | None = None,
    left_out: Sequence[LeftOut] = (),
) -> Json:
    """Return what *tally* says.

    Args:
        tally: the counts.
        amounts: what amounts count, by project and criterion, as the plan has it.
        on: the day of the screening.
        lang: `zh` or `en`.
        source: what the input is called.
        compared: what another version of the rules says of the same companies.
        left_out: projects that were not screened.

    """
    say = Speaker(tally.rulebook, lang)
    projects = [tally.rulebook.projects[id_] for id_ in tally.projects]
    grouped = {dimension: tally.by(dimension) for dimension in DIMENSIONS}
    return {
        "on": on.isoformat(),
        "lang": lang,
        "source": source,
        "rules": {"version": tally.rulebook.version, "digest": tally.rulebook.digest},
        "year": tally.year,
        "named": tally.examples,
        "companies": tally.companies,
        "best": tally.states(),
        "projects": [_project(project, tally, amounts.get(project.id, {}), say) for project in projects],
        "sole": _soles(tally, say) if tally.asks else None,
        "groups": {name: list(_groups(found[REACH], name, say)) for name, found in grouped.items()},
        "cross": {name: _cross(found, name, say) for name, found in grouped.items()},
        "comparison": _compared(compared, tally, say) if compared else None,
        "left_out": [
            {"id": one.project, "name": _name(tally.rulebook.projects[one.project], say), "reason": one.reason}
            for one in left_out
        ],
    }


def _name(project: Project, say: Speaker) -> str:
    return say.pick(project.name, project.en)


# ---- projects


def _project(project: Project, tally: Tally, amounts: Mapping[str, Amount], say: Speaker) -> Json:
    says = {leaf.id: leaf.says for version in project.versions for leaf in leaves(version.root)}
    return {
        "id": project.id,
        "name": _name(project, say),
        "level": labels("level", say.lang)[project.level],
        "states": tally.states(project.id),
        "near": [_company(one, says, amounts, say) for one in tally.near.get(project.id, ())],
        "short": [
            _short(one, says[one.criterion], amounts[one.criterion], say) for one in tally.shortfalls(project.id)
        ],
        "sole": [_sole(one, say) for one in tally.soles(project.id)] if tally.asks else None,
    }


def _company(one: Example, says: Mapping[str, str], amounts: Mapping[str, Amount], say: Speaker) -> Json:
    told = one.criterion is not None and one.amount is not None
    return {
        "row": one.row,
        "name": one.name,
        "uscc": one.uscc,
        "criterion": one.criterion,
        "says": says[one.criterion] if one.criterion else None,
        "fact": say.fact(amounts[one.criterion].fact) if one.criterion else None,
        "short_by": _text(one.amount, amounts[one.criterion], say) if told else None,  # type: ignore[arg-type,index]
    }


def _unit(what: Amount, say: Speaker) -> Unit:
    unit = say.rulebook.dictionary.spec(what.fact).unit
    assert unit is not None
    return unit


def _text(amount: int, what: Amount, say: Speaker) -> str:
    """Return an amount as it is read: it is a difference, so a rank's has no 第 in front."""
    return say.number(amount * what.scale, _unit(what, say)).removeprefix("第 ")


def _short(one: Shortfalls, says: str, what: Amount, say: Speaker) -> Json:
    unit = _unit(what, say)
    ends = {
        "least": one.least,
        "quarter": one.quantile(1, 4),
        "half": one.quantile(1, 2),
        "three_quarters": one.quantile(3, 4),
        "most": one.most,
    }
    return {
        "id": one.criterion,
        "says": says,
        "fact": say.fact(what.fact),
        "unit": unit.symbol,
        "companies": one.count,
        "near": one.near,
        "numbers": {
            name: None if amount is None else plain(from_base(amount * what.scale, unit))
            for name, amount in ends.items()
        },
        "texts": {name: None if amount is None else _text(amount, what, say) for name, amount in ends.items()},
        "bars": list(_bars(one, what, unit)),
    }


def _bars(one: Shortfalls, what: Amount, unit: Unit) -> Iterator[Json]:
    """Yield how many fall short by how much; the first and the last bar are open."""
    if not one.bins:
        return

    def shown(amount: int) -> Fraction:
        return Fraction(from_base(amount * what.scale, unit))

    low, high = (one.quantile(part, 20) or 0 for part in (1, 19))
    widest = max(found.end - found.start for found in one.bins if found.start <= high)
    edges = _edges(shown(low), shown(high), shown(widest))
    counts = [0] * (len(edges) + 1)
    for found in one.bins:
        counts[bisect_right(edges, shown(found.start))] += found.companies
    for place, count in enumerate(counts):
        start, end = edges[place - 1] if place else None, edges[place] if place < len(edges) else None
        yield {
            "start": None if start is None else decimal_text(start),
            "end": None if end is None else decimal_text(end),
            "companies": count,
        }


def _edges(low: Fraction, high: Fraction, least: Fraction) -> list[Fraction]:
    """Return round numbers from above *low* to *high*: 1, 2, 5, 10 … over a wide span, else *least* apart or more."""
    if low > 0 and high > WIDE * low:
        return [edge for edge in _round() if low < edge <= high][-MOST_EDGES:]
    step = next(edge for edge in _round() if edge >= max(least, (high - low) / MOST_EDGES))
    first = low // step + 1
    return [step * place for place in range(first, first + MOST_EDGES) if step * place <= high]


def _round() -> Iterator[Fraction]:
    """Yield 1, 2 and 5 times the powers of ten."""
    for power in range(*POWERS):
        yield from (Fraction(10) ** power * step for step in (1, 2, 5))


# ---- blanks


def _sole(one: Sole, say: Speaker) -> Json:
    return {"column": one.column, "fact": _fact(one.column, say), "settled": one.settled, "judged": one.judged}


def _fact(column: str, say: Speaker) -> str:
    """Return what a frame's column is called; one of a fiscal year with its year."""
    name, _, year = column.rpartition("_")
    facts = say.rulebook.dictionary.facts
    return say.fact(f"{name}[{year}]") if column not in facts and name in facts else say.fact(column)


def _soles(tally: Tally, say: Speaker) -> list[Json]:
    """Return the blanks with the projects that wait for them, the most frequent first."""
    own = {id_: {one.column: one for one in tally.soles(id_)} for id_ in tally.projects}
    listed = []
    for one in tally.soles():
        found = [(id_, soles[one.column]) for id_, soles in own.items() if one.column in soles]
        found.sort(key=lambda pair: -pair[1].settled - pair[1].judged)
        projects = [
            {
                "id": id_,
                "name": _name(tally.rulebook.projects[id_], say),
                "settled": sole.settled,
                "judged": sole.judged,
            }
            for id_, sole in found
        ]
        fact = _fact(one.column, say)
        listed.append({"column": one.column, "fact": fact, "companies": one.settled, "projects": projects})
    return listed


# ---- groups


def _label(dimension: str, key: str | None, say: Speaker) -> str:
    if key is None:
        return words(say.lang)[f"unknown.{dimension}"]
    match dimension:
        case "city":
            return say.pick(key, say.lists.city_names_en.get(key, key))
        case "section":
            return f"{key} {say.lists.industries[key][0]}"
        case _:
            return say.choice("size_class", key)


def _groups(found: Grouped, dimension: str, say: Speaker) -> Iterator[Json]:
    for key, states in found.items():
        yield {
            "key": key,
            "label": _label(dimension, key, say),
            "companies": sum(states.values()),
            "states": states,
        }


def _cross(found: Mapping[str, Grouped], dimension: str, say: Speaker) -> Json:
    """Return how many are eligible for each project in each group."""
    keys = list(found[REACH])
    projects = say.rulebook.projects
    return {
        "labels": [_label(dimension, key, say) for key in keys],
        "projects": [
            {
                "id": id_,
                "name": _name(projects[id_], say),
                "eligible": [own[key]["eligible"] if key in own else 0 for key in keys],
            }
            for id_, own in found.items()
            if id_ != REACH
        ],
    }


# ---- two versions


def _compared(compared: Compared, tally: Tally, say: Speaker) -> Json:
    found = compared.comparison
    return {
        "before": compared.before,
        "after": compared.after,
        "companies": found.companies,
        "projects": [
            {
                "id": id_,
                "name": _name(tally.rulebook.projects[id_], say),
                "changed": found.changed(id_),
                "moves": [
                    {
                        "before": move.before,
                        "after": move.after,
                        "companies": count,
                        "examples": [{"row": one.row, "name": one.name, "uscc": one.uscc} for one in examples],
                    }
                    for move, count, examples in found.moves(id_)
                ],
            }
            for id_ in found.projects
        ],
    }
