"""OpenFisca on the rules of `rival_rules`, all companies at once; a child of `screening_rivals.py`.

Usage: PYTHON tests/bench/rival_openfisca.py COMPANIES.npz ANSWERS.npy CHUNK [ROUNDS]

Every criterion and every shared value is a variable, as a country package would have it. Companies come in chunks of
CHUNK: all at once its arrays take much more memory, and more time.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import YEAR
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.peak import peak
from tests.bench.rival_rules import CERTAIN, CYCLE, NUMPY, POINTS, RULES, SUMS, placed
from tests.bench.rival_spelling import names

TRUTHS = {"where": np.where}


def at(name: str) -> tuple[str, int]:
    """Return the variable that a name stands for, and its year; whether it is known is a variable beside it."""
    fact, year = placed(name.removesuffix("_ok"))
    return (f"{fact}_ok" if name.endswith("_ok") else fact), year


def formula(text: str) -> Callable[..., Any]:
    """Return the formula that *text* describes."""
    found = [node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)]
    asked = {name: (variable, year - CYCLE) for name in found if name not in TRUTHS for variable, year in [at(name)]}
    made = compile(text, "<rule>", "eval")

    def computed(company: Any, period: Any) -> Any:
        arrays = {name: company(variable, period.offset(away, "year")) for name, (variable, away) in asked.items()}
        return eval(made, TRUTHS | arrays)  # noqa: S307 # our own text

    return computed


def formulas() -> Iterator[tuple[str, type, str]]:
    """Yield every variable that is computed, with its type and text."""
    for name, text in SUMS.items():
        yield name, float, text
        yield f"{name}_ok", bool, " & ".join(NUMPY.known.format(one) for one in names(text))
    for name, text in POINTS.items():
        yield f"{name}_least", int, NUMPY.number(text, sure=True)
        yield f"{name}_most", int, NUMPY.number(text, sure=False)
    for id_, rule in RULES.items():
        whole: dict[bool, list[str]] = {False: [], True: []}
        for part, text in rule.items():
            for sure, end in ((False, "may"), (True, "sure")):
                spelled = NUMPY.spell(text, sure=sure)
                variable = f"{id_}__{part}__{end}".replace("-", "_")
                if spelled in (NUMPY.true, NUMPY.false):
                    whole[sure].append(spelled)
                else:
                    whole[sure].append(variable)
                    yield variable, bool, spelled
        offered, sure_ = whole[False][0], NUMPY.all_of(whole[True])
        known = "2" if sure_ == NUMPY.false else f"where({sure_}, 3, 2)"
        text = f"where(~{offered}, 0, where(~{NUMPY.all_of(whole[False][1:])}, 1, {known}))"
        yield id_.replace("-", "_"), int, text


def system(inputs: dict[str, np.ndarray[Any, Any]]) -> TaxBenefitSystem:
    """Return the rules with the variables they ask for."""
    company = build_entity("company", "companies", "A company", is_person=True)
    rules = TaxBenefitSystem([company])

    def add(name: str, kind: type, made: Callable[..., Any] | None = None) -> None:
        about = {"value_type": kind, "entity": company, "definition_period": YEAR, "label": name}
        rules.add_variable(type(name, (Variable,), about | ({"formula": made} if made else {})))

    for name, array in {at(name)[0]: array for name, array in inputs.items()}.items():
        add(name, bool if array.dtype.kind == "b" else float)  # its whole numbers have 32 bits: too few for money
    for name, kind, text in formulas():
        add(name, kind, formula(text))
    return rules


def answers(rules: TaxBenefitSystem, inputs: dict[str, np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """Return the verdicts."""
    count = len(next(iter(inputs.values())))
    simulation = SimulationBuilder().build_default_simulation(rules, count)
    for name, array in inputs.items():
        variable, year = at(name)
        simulation.set_input(variable, str(year), array)
    return np.column_stack([simulation.calculate(id_.replace("-", "_"), str(CYCLE)) for id_ in RULES])


def main() -> None:
    """Answer for all companies, write what was said, tell how long it took."""
    source, target, chunk = sys.argv[1:4]
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    with np.load(source) as found:
        inputs = {
            name: found[name] for name in found.files if name.removesuffix("_ok") not in CERTAIN or name in CERTAIN
        }
    rules = system(inputs)
    count, step = len(next(iter(inputs.values()))), int(chunk)
    least = float("inf")
    for _ in range(rounds):
        start = perf_counter()
        parts = [
            answers(rules, {name: array[first : first + step] for name, array in inputs.items()})
            for first in range(0, count, step)
        ]
        least = min(least, perf_counter() - start)
    np.save(target, np.concatenate(parts))
    memory = peak()
    sys.stdout.write(json.dumps({"seconds": least, "companies": count, "memory": memory}))


if __name__ == "__main__":
    main()
