"""ZEN Engine on the rules of `rival_rules`, company by company; a child of `screening_rivals.py`.

Usage: PYTHON tests/bench/rival_zen.py graph|expression COMPANIES.npz ANSWERS.npy COUNT [ROUNDS]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import zen

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.peak import peak
from tests.bench.rival_rules import INPUTS, POINTS, RULES, SUMS, ZEN
from tests.bench.rival_spelling import names

Answer = Callable[[dict[str, Any]], dict[str, int]]


def shared() -> dict[str, str]:
    """Return the values that several criteria rest on."""
    told = {name: " and ".join(ZEN.known.format(one) for one in names(text)) for name, text in SUMS.items()}
    sums = {name: f"({told[name]}) ? ({text}) : null" for name, text in SUMS.items()}
    return sums | {
        f"{name}_{end}": ZEN.number(text, sure=sure)
        for name, text in POINTS.items()
        for end, sure in (("least", True), ("most", False))
    }


def verdicts() -> dict[str, str]:
    """Return each rule as one expression: 0 not offered, 1 ineligible, 2 undetermined, 3 eligible."""
    found = {}
    for id_, rule in RULES.items():
        offered, *parts = (ZEN.spell(text, sure=False) for text in rule.values())
        sure = ZEN.all_of([ZEN.spell(text, sure=True) for text in rule.values()])
        found[id_.replace("-", "_")] = f"not {offered} ? 0 : (not {ZEN.all_of(parts)} ? 1 : ({sure} ? 3 : 2))"
    return found


def by_graph() -> Answer:
    """Answer by a decision graph: what is shared in two steps, then the verdicts."""

    def node(id_: str, texts: dict[str, str]) -> dict[str, Any]:
        listed = [{"id": f"{id_}{at}", "key": key, "value": value} for at, (key, value) in enumerate(texts.items())]
        content = {"expressions": listed, "passThrough": id_ != "verdicts"}
        return {"id": id_, "name": id_, "type": "expressionNode", "content": content}

    values = shared()
    steps = [
        node("sums", {name: text for name, text in values.items() if name in SUMS}),
        node("points", {name: text for name, text in values.items() if name not in SUMS}),
        node("verdicts", verdicts()),
    ]
    ends = [{"id": "in", "name": "in", "type": "inputNode"}, *steps, {"id": "out", "name": "out", "type": "outputNode"}]
    edges = [{"id": f"{a['id']}-", "sourceId": a["id"], "targetId": b["id"]} for a, b in pairwise(ends)]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": ends, "edges": edges}))

    def answer(company: dict[str, Any]) -> dict[str, int]:
        found: dict[str, int] = decision.evaluate(company)["result"]
        return found

    return answer


def by_expression() -> Answer:
    """Answer by three compiled expressions, without a graph."""

    def compiled(texts: dict[str, str]) -> Any:
        return zen.compile_expression("{" + ", ".join(f'"{key}": {value}' for key, value in texts.items()) + "}")

    values = shared()
    sums = compiled({name: text for name, text in values.items() if name in SUMS})
    points = compiled({name: text for name, text in values.items() if name not in SUMS})
    words = compiled(verdicts())

    def answer(company: dict[str, Any]) -> dict[str, int]:
        with_sums = company | sums.evaluate(company)
        found: dict[str, int] = words.evaluate(with_sums | points.evaluate(with_sums))
        return found

    return answer


def main() -> None:
    """Answer for some companies, write what was said, tell how long one took."""
    how, source, target, count = sys.argv[1:5]
    rounds = int(sys.argv[5]) if len(sys.argv) > 5 else 3
    answer = {"graph": by_graph, "expression": by_expression}[how]()
    columns: list[list[Any]] = []
    with np.load(source) as found:
        for name in INPUTS:
            values, known = (found[key][: int(count)].tolist() for key in (name, f"{name}_ok"))
            columns.append([value if ok else None for value, ok in zip(values, known, strict=True)])
    companies = [dict(zip(INPUTS, row, strict=True)) for row in zip(*columns, strict=True)]
    told = [answer(company) for company in companies]
    least = float("inf")
    for _ in range(rounds):
        start = perf_counter()
        for company in companies:
            answer(company)
        least = min(least, perf_counter() - start)
    np.save(target, np.array([[one[id_.replace("-", "_")] for id_ in RULES] for one in told]))
    memory = peak()
    sys.stdout.write(json.dumps({"seconds": least, "companies": len(companies), "memory": memory}))


if __name__ == "__main__":
    main()
