"""A question is a fact to fill in next; the most useful one comes first.

It says which projects wait for the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.planning.prospect import Prospect
from assistant.rulebook.book import Rulebook


@dataclass(frozen=True, slots=True)
class Ask:
    """A fact to fill in, for the fiscal *years* (none: as of now), with the projects that wait for it."""

    fact: str
    years: tuple[int, ...]
    serves: tuple[str, ...]


def questions(prospects: Sequence[Prospect], rulebook: Rulebook) -> tuple[Ask, ...]:
    """Return the facts to fill in: first those that most projects nearly won wait for, then most projects."""
    waiting: dict[str, list[tuple[Prospect, str]]] = {}
    for prospect in prospects:
        for name in prospect.questions:
            waiting.setdefault(name.partition("[")[0], []).append((prospect, name))
    order = {name: index for index, name in enumerate(rulebook.dictionary.facts)}
    near = {prospect.match.project.id for prospect in prospects if prospect.standing in ("ready", "near")}
    asks = []
    for fact, wanted in waiting.items():
        years = sorted({int(name[name.index("[") + 1 : -1]) for _, name in wanted if name.endswith("]")}, reverse=True)
        asks.append(Ask(fact, tuple(years), tuple(dict.fromkeys(p.match.project.id for p, _ in wanted))))
    return tuple(
        sorted(
            asks,
            key=lambda ask: (-len(near & {*ask.serves}), -len(ask.serves), order.get(ask.fact, len(order)), ask.fact),
        )
    )


def topic_of(fact: str, rulebook: Rulebook) -> str:
    """Return the topic of a fact to fill in."""
    if fact.startswith("recognitions"):
        return "basics"
    spec = rulebook.dictionary.facts.get(fact.partition(".")[0])
    return spec.topic if spec else "basics"
