"""How many answers settle how many projects? Our order against the dictionary's, for every sample company.

Each sample starts as an empty profile; its full profile answers what is asked (what it does not say is answered
"unknown") and the questions are ranked anew after every answer. A figure of several years counts as one answer.

Usage: python tests/bench/questions.py [--profile NAME]… [--live] [--form]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from assistant.company.profile import Profile, read_profile
from assistant.matching.match import Matcher
from assistant.planning.assessment import Assessment, assess
from assistant.planning.prospect import Prospect
from assistant.planning.questions import Ask, questions
from assistant.rulebook.book import Rulebook
from assistant.rulebook.load import load
from assistant.sources import read

ROOT = Path(__file__).parents[2]
ON = date(2026, 11, 23)
MARKS = (10, 20, 30)


@dataclass(frozen=True)
class Run:
    """A company that answers one question after the other; *settled* counts the projects after each answer."""

    profile: Profile
    settled: tuple[int, ...]

    def answers_for(self, count: int) -> int | None:
        """Return after how many answers *count* projects were settled."""
        return next((number for number, settled in enumerate(self.settled) if settled >= count), None)


Order = Callable[[Sequence[Ask], Rulebook], Sequence[Ask]]


def by_use(asks: Sequence[Ask], book: Rulebook) -> Sequence[Ask]:
    """Return the questions as the product ranks them."""
    del book
    return asks


def by_dictionary(asks: Sequence[Ask], book: Rulebook) -> Sequence[Ask]:
    """Return the questions in the order of the dictionary."""
    order = {name: place for place, name in enumerate(book.dictionary.facts)}
    return sorted(asks, key=lambda ask: order.get(ask.fact.partition(".")[0], -1))


def answered(profile: Profile, ask: Ask, full: Profile) -> Profile:
    """Return *profile* with the answer that *full* gives; what it does not say is not known."""
    base, _, entry = ask.fact.partition(".")
    if base == "recognitions":
        if entry or full.recognitions is None:
            return replace(profile, unsure=profile.unsure | {ask.fact})
        return replace(profile, recognitions=full.recognitions)
    if entry:
        told = [one for one in full.facts.get(base) or () if one["id"] == entry]
        unknown = {"id": entry, "cycle": ON.year + 1, "score": None}
        return replace(profile, facts={**profile.facts, base: (*(profile.facts.get(base) or ()), *told, unknown)})
    if not ask.years:
        return replace(profile, facts={**profile.facts, base: full.facts.get(base)})
    years: dict[int, dict[str, Any]] = {year: dict(figures) for year, figures in profile.years.items()}
    for year in ask.years:
        years.setdefault(year, {})[base] = full.figure(base, year)[0]
    return replace(profile, years=years)


def interview(matcher: Matcher, full: Profile, order: Order, *, live: bool) -> Run:
    """Ask until nothing is left to ask; a range that is too wide is all that the company knows."""
    profile, settled, passed = Profile(full.name), list[int](), set[str]()
    while True:
        found = worth(assess(matcher, profile, ON), live=live)
        settled.append(sum(one.is_settled for one in found))
        asks = [ask for ask in questions(found, matcher.rulebook) if not ask.after_gap and not {*ask.names} <= passed]
        if not asks:
            return Run(profile, tuple(settled))
        chosen = order(asks, matcher.rulebook)[0]
        profile, passed = answered(profile, chosen, full), passed | {*chosen.names}


def form(matcher: Matcher, full: Profile, *, live: bool) -> Run:
    """Fill the blank form from top to bottom, whether or not an answer still matters; looked at every fourth answer."""
    book = matcher.rulebook
    used = book.facts_used()
    years = tuple(range(ON.year - 1, ON.year - 4, -1))
    fields = [Ask("recognitions", (), ())]
    fields += [
        Ask(name, years if spec.yearly else (), ())
        for name, spec in book.dictionary.facts.items()
        if name in used and not spec.derived
    ]
    profile, settled = Profile(full.name), [0]
    for number, ask in enumerate(fields, start=1):
        profile = answered(profile, ask, full)
        if number % 4 == 0 or number < 8 or number == len(fields):
            settled.append(sum(one.is_settled for one in worth(assess(matcher, profile, ON), live=live)))
        else:
            settled.append(settled[-1])
    return Run(profile, tuple(settled))


def worth(assessment: Assessment, *, live: bool) -> list[Prospect]:
    """Return the projects looked at: all, or those with a round to come."""
    return [one for one in assessment.prospects if one.is_live or not live]


def samples(names: Sequence[str], book: Rulebook) -> Iterator[tuple[str, Profile]]:
    """Yield the sample companies."""
    for path in sorted((ROOT / "profiles").glob("*.yaml")):
        if path.stem in names or (not names and path.stem != "empty"):
            yield path.stem, read_profile(read(path), book.dictionary, book.lists, ON)


def ranking_time(matcher: Matcher, profiles: Mapping[str, Profile]) -> str:
    """Return the milliseconds of ranking the questions of each company, its verdicts given: best and worst."""
    times = {}
    for name, profile in {"empty": Profile(""), **profiles}.items():
        rounds = []
        for _ in range(9):
            found = assess(matcher, profile, ON).prospects
            for one in found:
                assert one.standing  # worked out before the clock runs
            start = perf_counter()
            questions(found, matcher.rulebook)
            rounds.append((perf_counter() - start) * 1000)
        times[name] = (min(rounds), median(rounds))
    return ", ".join(f"{name} {best:.1f}/{middle:.1f}" for name, (best, middle) in times.items())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--profile", action="append", default=[])
    parser.add_argument("--live", action="store_true", help="only projects with a round to come")
    parser.add_argument("--form", action="store_true", help="fill in the whole blank form as well")
    options = parser.parse_args()
    book = load(ROOT / "rules")
    matcher = Matcher(book)
    cast = dict(samples(options.profile, book))
    marks = (4, 8, 12) if options.live else MARKS
    row(
        "company",
        "order",
        *(f"{mark} settled after" for mark in marks),
        "all",
        "projects",
        *(f"settled by {n}" for n in MARKS),
    )
    for name, full in cast.items():
        runs = {
            "ours": interview(matcher, full, by_use, live=options.live),
            "dictionary": interview(matcher, full, by_dictionary, live=options.live),
        }
        if options.form:
            runs["whole form"] = form(matcher, full, live=options.live)
        for label, run in runs.items():
            last = run.settled[-1]
            needed = [run.answers_for(mark) for mark in (*marks, last)]
            after = [run.settled[min(mark, len(run.settled) - 1)] for mark in MARKS]
            row(name, label, *needed, last, *after)
    print("ranking, ms (best/median):", ranking_time(matcher, cast))


def row(*cells: object) -> None:
    """Print one line of the table."""
    print("".join(f"{'-' if cell is None else cell!s:18}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
