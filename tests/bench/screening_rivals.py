"""Five real rules in other engines, and one by one in the product's own, against the product's columns.

Usage: python -m venv RIVALS; RIVALS/bin/pip install "zen-engine>=2,<3" "OpenFisca-Core>=46,<47"
       python tests/bench/screening_rivals.py --python RIVALS/bin/python [--companies N] [--few N] [--rounds N]

In a venv of their own, for OpenFisca pins what it needs. Same companies, blanks included, and same verdicts: every
answer of every engine is compared with the plan's first. These engines know no unknown, so they compute what may be
true and what surely is; what they cannot look up they are given (see `rival_rules`). Every engine runs in a process of
its own, in memory, the best of some rounds; the plan takes its turn before and after each. ZEN and the product's own
engine, which answer company by company, do so for a few. Peak memory is the whole process's, libraries included.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[2]))

from assistant.company.profile import Held, Profile
from assistant.matching.match import Matcher
from assistant.matching.screening.frame import RECOGNITIONS, asked_of, scale_of
from assistant.matching.screening.plan import compile  # noqa: A004
from assistant.matching.situation import SIZE_FIGURES, Company
from assistant.planning.applying import Applications
from assistant.rulebook.book import Rulebook
from assistant.rulebook.load import load
from assistant.units import exact
from tests.bench.five_rules import Queries, cycle_of, fy
from tests.bench.peak import peak
from tests.bench.rival_rules import INPUTS, LAST, RULES, WORDS, placed
from tests.bench.screening import ON, companies
from tests.bench.screening_by_hand import promising

ROOT = Path(__file__).parents[2]
BATCH = 200_000
PLACES = {word: place for place, word in enumerate(WORDS)}


def inputs(frame: pl.DataFrame, queries: Queries) -> dict[str, np.ndarray[Any, Any]]:
    """Return what other engines are told of the companies."""
    until = pl.col("until.high-tech-enterprise")
    review = (until >= pl.date(2027, 2, 11)).fill_null(value=False)
    cycle = cycle_of(until, date(2028, 2, 12), date(2029, 3, 25))
    first = pl.when(cycle == 2027).then(pl.date(2027, 2, 11)).when(cycle == 2028).then(pl.date(2028, 2, 12))
    last = pl.when(cycle == 2027).then(pl.date(2027, 9, 20)).when(cycle == 2028).then(pl.date(2028, 10, 20))
    sure, possible = (
        (end - pl.col("established")).dt.total_days() >= 365
        for end in (first.otherwise(pl.date(2029, 3, 25)), last.otherwise(pl.date(2029, 11, 4)))
    )
    center = (pl.col("until.provincial-enterprise-tech-center") >= pl.date(2027, 1, 30)).fill_null(value=False)
    honour = pl.when((pl.col("city") == "阳江市").fill_null(value=False)).then("honour_yangjiang").otherwise("honour")
    code = pl.col("industry").cast(pl.String)
    ready = {
        "enterprise": pl.col("applicant_kind").list.contains("enterprise"),
        "in_province": pl.col("city") != "省外",
        "in_shenzhen": pl.col("city") == "深圳市",
        "center_review": center,
        "center_free": center & pl.col("national_center"),
        "builds": (code == "E") | code.str.slice(0, 2).is_in(["47", "48", "49", "50"]),
        "registered_for_a_year": pl.when(sure == possible).then(sure),
        "high_tech_field": pl.col("high_tech_field").to_physical().cast(pl.Int64),
        "high_tech_review": review,
        "high_tech_cycle": cycle.cast(pl.Int64),
        "high_tech_in_time": pl.when(review).then("hte_ends").otherwise(~pl.col("hte_new")),
        "rd_institution_level": pl.col("rd_institution_level").to_physical().cast(pl.Int64),
        "honoured": honour,
        "sized": pl.col("sized").fill_null(value=False),
        **{f"large_{name}": pl.col(f"large.{name}").fill_null(0) for name in SIZE_FIGURES},
        **{f"by_{name}": pl.col(f"large.{name}").is_not_null() for name in SIZE_FIGURES},
    }
    for name in INPUTS:
        fact, year = placed(name)
        if name not in ready:
            ready[name] = fy(fact, LAST + 1 - year) if year <= LAST else pl.col(name)
    found = (
        queries.joined(frame, list(RULES)).select(**{name: ready[name] for name in INPUTS}).collect(engine="in-memory")
    )
    arrays = {}
    for name in INPUTS:
        blank = False if found.schema[name] == pl.Boolean else 0
        arrays[name] = found[name].fill_null(blank).to_numpy()
        arrays[f"{name}_ok"] = found[name].is_not_null().to_numpy()
    return arrays


def profile_of(row: dict[str, Any], rulebook: Rulebook) -> Profile:
    """Return one company of a frame as its profile."""
    facts: dict[str, Any] = {}
    years: dict[int, dict[str, Any]] = {}
    for column, found in row.items():
        spec = asked_of(column, rulebook)
        if spec is None or found is None:
            continue
        told: Any = found
        if spec.numeric:
            told = exact(found * scale_of(spec))
        elif spec.kind == "industry":
            told = rulebook.lists.ancestors(found)
        elif isinstance(found, list):
            told = tuple(found)
        if spec.yearly:
            years.setdefault(int(column[-4:]), {})[spec.name] = told
        else:
            facts[spec.name] = told
    held = row.get(RECOGNITIONS)
    listed = None if held is None else tuple(Held(**one) for one in held)
    return Profile("公司", facts=facts, years=years, recognitions=listed)


class Told(NamedTuple):
    """What an engine said, and what it took."""

    answers: np.ndarray[Any, Any]
    seconds: float
    companies: int
    memory: int

    @property
    def each(self) -> float:
        """Microseconds for one company."""
        return self.seconds / self.companies * 1e6


Answered = tuple[Sequence[Sequence[int]], float, int]  # the verdicts, the least seconds, how many companies


def by_plan(source: Path, batch: int, rounds: int) -> Answered:
    """Let the plan answer."""
    plan = compile(load(ROOT / "rules"), ON, Applications(ON), projects=list(RULES), columns=("verdict",))
    frame = pl.read_parquet(source)
    plan.run(frame)
    least = float("inf")
    for _ in range(rounds):
        start = perf_counter()
        parts = [plan.run(frame[at : at + batch]) for at in range(0, frame.height, batch)]
        least = min(least, perf_counter() - start)
    found = pl.concat(parts).select(
        pl.col(f"{id_}.verdict").replace_strict(PLACES, return_dtype=pl.Int64) for id_ in RULES
    )
    return found.rows(), least, frame.height


def one_by_one(source: Path, count: int, rounds: int) -> Answered:
    """Let the product's own engine answer, company by company."""
    rulebook = load(ROOT / "rules")
    matcher, choose = Matcher(rulebook), Applications(ON)
    profiles = [profile_of(row, rulebook) for row in pl.read_parquet(source)[:count].iter_rows(named=True)]
    projects = [rulebook.projects[id_] for id_ in RULES]

    def verdicts(profile: Profile) -> list[int]:
        company = Company(profile, rulebook, ON)
        city = profile.facts.get("city")
        chosen = [choose(one, city, company.held(one.id)) for one in projects]
        matches = [matcher.match_company(company, *each) for each in zip(projects, chosen, strict=True)]
        return [WORDS.index(match.verdict) for match in matches]

    least = float("inf")
    for _ in range(rounds):
        start = perf_counter()
        found = [verdicts(profile) for profile in profiles]
        least = min(least, perf_counter() - start)
    return found, least, len(profiles)


def told(command: Sequence[str], target: Path) -> Told:
    """Run an engine in a process of its own."""
    done = subprocess.run([*command], check=True, capture_output=True, text=True)  # our own scripts
    found = json.loads(done.stdout)
    return Told(np.load(target), found["seconds"], found["companies"], found["memory"])


def measure(folder: Path, given: argparse.Namespace) -> None:
    """Compare, then show what everybody took."""
    rulebook = load(ROOT / "rules")
    queries = Queries(rulebook)
    made = promising(companies(rulebook, given.companies, 3), 5)
    asked = {name for verdict in queries.verdicts.values() for name in verdict.meta.root_names()} | {RECOGNITIONS}
    frame = made.select(name for name in made.columns if name in asked)
    frame.write_parquet(source := folder / "companies.parquet")
    inputs(frame, queries)
    start = perf_counter()
    given_ready = inputs(frame, queries)
    ready = (perf_counter() - start) / given.companies * 1e6
    np.savez(arrays := folder / "companies.npz", **given_ready)  # type: ignore[arg-type]  # a name each
    print(f"what other engines cannot look up was made ready for them in {ready:.2f} µs a company, not counted below")
    target, here = folder / "answers.npy", Path(__file__)
    few, rounds = str(given.few), str(given.rounds)
    own = [sys.executable, str(here), "--child"]
    plan = [*own, "plan", str(source), str(target), str(BATCH), rounds]
    openfisca = [given.python, str(here.with_name("rival_openfisca.py")), str(arrays), str(target)]
    zen = [given.python, str(here.with_name("rival_zen.py"))]
    rivals = {
        "OpenFisca-Core（全部一次）": [*openfisca, str(given.companies), rounds],
        "OpenFisca-Core（每批 10 万家）": [*openfisca, "100000", rounds],
        "zen-engine（决策图）": [*zen, "graph", str(arrays), str(target), few, rounds],
        "zen-engine（编译的表达式）": [*zen, "expression", str(arrays), str(target), few, rounds],
        "本产品逐家（带依据）": [*own, "one", str(source), str(target), few, rounds],
    }
    ours = told(plan, target)
    for at, id_ in enumerate(RULES):
        counts = dict(zip(WORDS, np.bincount(ours.answers[:, at], minlength=len(WORDS)).tolist(), strict=True))
        print(f"  {id_}: " + ", ".join(f"{word} {count:,}" for word, count in counts.items()))
    print("| 引擎 | 公司 | µs/家 | 计划 µs/家 | 慢几倍 | 峰值内存 MB | 计划的几倍 |\n|" + " --- |" * 7)
    for name, command in rivals.items():
        try:
            found = told(command, target)
        except subprocess.CalledProcessError as fault:
            print(f"| {name} | {fault.stderr.strip().splitlines()[-1]} |")
            continue
        apart = (found.answers != ours.answers[: found.companies]).sum(axis=0)
        if apart.any():
            sys.exit(f"{name}: answers apart {dict(zip(RULES, apart.tolist(), strict=True))}")
        again = told(plan, target)
        each, most = min(ours.each, again.each), min(ours.memory, again.memory)
        print(
            f"| {name} | {found.companies:,} | {found.each:.2f} | {each:.2f} | {found.each / each:.1f} "
            f"| {found.memory} | {found.memory / most:.1f} |",
            flush=True,
        )
        ours = again
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; the plan itself {ours.memory} MB")


def main() -> None:
    """Measure, or answer as a child."""
    if sys.argv[1:2] == ["--child"]:
        how, source, target, number, rounds = sys.argv[2:7]
        answer = by_plan if how == "plan" else one_by_one
        answers, seconds, count = answer(Path(source), int(number), int(rounds))
        memory = peak()
        np.save(target, np.array(answers))
        sys.stdout.write(json.dumps({"seconds": seconds, "companies": count, "memory": memory}))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", required=True, help="an interpreter that has zen-engine and OpenFisca-Core")
    parser.add_argument("--companies", type=int, default=300_000)
    parser.add_argument("--few", type=int, default=3_000, help="for engines that answer company by company")
    parser.add_argument("--rounds", type=int, default=3)
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), parser.parse_args())


if __name__ == "__main__":
    main()
