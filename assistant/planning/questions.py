"""The questions to fill in next, the most useful one first: most projects settled for the least trouble.

An answer settles a project when it alone rules it out, or when it is one of the fewest answers that could win it;
what can no longer change a verdict is not asked, nor what the company was asked and does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from assistant.logic.values import Range
from assistant.matching.questions import Bearing
from assistant.matching.reach import SURE, fact_of, joint
from assistant.planning.prospect import Prospect
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import Project

COSTS = {"memory": 1, "look-up": 3, "third-party": 10}
"""What an answer costs, remembered, looked up, or asked of others: our estimates, they only order questions."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A fact to fill in, for the fiscal *years* (none: as of now), with the projects that wait for it.

    *settles* is how many projects the answer can be expected to settle. *alone* are the projects for which it is the
    only answer missing, *rules_out* those that it alone can rule out. *after_gap*: it does not bear on a verdict but
    on whether closing the gaps of projects nearly won would be enough. *vague*: it was answered with too wide a range.
    """

    fact: str
    years: tuple[int, ...]
    serves: tuple[str, ...]
    settles: Fraction = Fraction(0)
    alone: tuple[str, ...] = ()
    rules_out: tuple[str, ...] = ()
    cost: int = 1
    after_gap: bool = False
    vague: bool = False

    @property
    def trouble(self) -> int:
        """What the answer costs for a project settled, negative so that the least comes first."""
        return -(self.settles.numerator * SURE // (self.settles.denominator * self.cost))

    @property
    def names(self) -> tuple[str, ...]:
        """What is asked, year by year."""
        return tuple(f"{self.fact}[{year}]" for year in self.years) or (self.fact,)


_Waiting = tuple[Prospect, Bearing]


def questions(prospects: Iterable[Prospect], rulebook: Rulebook) -> tuple[Ask, ...]:
    """Return the facts to fill in: by projects settled for the cost, then in the dictionary's order."""
    waiting: dict[str, list[_Waiting]] = {}
    later: dict[str, list[_Waiting]] = {}
    years: dict[str, set[int]] = {}
    for prospect in prospects:
        bearing = prospect.bearing
        for name in bearing.names:
            found = years.setdefault(fact_of(name), set())
            if name.endswith("]"):
                found.add(int(name[name.index("[") + 1 : -1]))
        group = waiting if prospect.match.verdict == "undetermined" else later
        for fact in bearing.facts:
            group.setdefault(fact, []).append((prospect, bearing))
    odds, facts = _Odds(rulebook), rulebook.dictionary.facts
    order = {name: place for place, name in enumerate(facts)}
    asks = [
        _ask(fact, waiting.get(fact, ()), later.get(fact, ()), asked, _cost(fact, rulebook), odds)
        for fact, asked in years.items()
    ]
    return tuple(sorted(asks, key=lambda ask: (ask.after_gap, ask.trouble, order.get(ask.fact, len(order)), ask.fact)))


def _cost(fact: str, rulebook: Rulebook) -> int:
    spec = rulebook.dictionary.facts.get(fact.partition(".")[0])
    return COSTS[spec.cost if spec else "look-up"]


@dataclass(frozen=True, slots=True)
class Outlook:
    """How many of the *projects* can be judged, and how many of those with a round to come (*live*)."""

    projects: int
    settled: int
    live: int
    live_settled: int


def outlook(prospects: Sequence[Prospect], on: date) -> Outlook:
    """Return how far the company's answers carry."""
    settled = [prospect.is_settled for prospect in prospects]
    live = [prospect.is_ahead(on) for prospect in prospects]
    both = [one and other for one, other in zip(settled, live, strict=True)]
    return Outlook(len(settled), sum(settled), sum(live), sum(both))


def settled_by(asks: Iterable[Ask], prospects: Iterable[Prospect]) -> int:
    """Return how many open projects these answers settle whatever they are; one that rules out settles more."""
    given = {ask.fact for ask in asks}
    return sum(
        not prospect.is_settled
        and given.issuperset(prospect.bearing.facts)
        and not prospect.bearing.more
        and not any(_opens_more(fact, prospect.match.project) for fact in prospect.bearing.facts)
        for prospect in prospects
    )


def topic_of(fact: str, rulebook: Rulebook) -> str:
    """Return the topic of a fact to fill in."""
    if fact.startswith("recognitions"):
        return "basics"
    spec = rulebook.dictionary.facts.get(fact.partition(".")[0])
    return spec.topic if spec else "basics"


def _ask(
    fact: str, waiting: Sequence[_Waiting], later: Sequence[_Waiting], years: Iterable[int], cost: int, odds: _Odds
) -> Ask:
    """Return the question about *fact* for the projects *waiting* whose verdict is open, and those nearly won."""
    total = 0
    alone, rules_out = [], []
    for prospect, bearing in waiting or later:
        project = prospect.match.project
        fails = odds.against(project, fact) if fact in prospect.match.missing else bearing.fails.get(fact, 0)
        if fails:
            rules_out.append(project.id)
        fails = joint(fails, bearing.shares.get(fact, 0))
        total += fails + ((SURE - fails) // bearing.fewest if fact in bearing.ways else 0)
        if bearing.facts == (fact,) and not bearing.more and not _opens_more(fact, project):
            alone.append(project.id)
    serves = tuple(prospect.match.project.id for prospect, _ in (*waiting, *later))
    profile = (*waiting, *later)[0][0].frames.profile
    given = [profile.figure(fact, year)[0] for year in years] or [profile.facts.get(fact)]
    return Ask(
        fact,
        tuple(sorted(years, reverse=True)),
        serves,
        Fraction(total, SURE),
        tuple(alone),
        tuple(id_ for id_ in rules_out if id_ not in alone),
        cost,
        not waiting,
        any(isinstance(value, Range) for value in given),
    )


def _opens_more(fact: str, project: Project) -> bool:
    """Tell whether the answer can put the project under another version, with questions of its own."""
    applies = [one for version in project.versions for one in version.applies]
    if fact == "city":
        return any(one.cities for one in applies)
    return fact == "recognitions" and any(one.kind == "review" for one in applies)


class _Odds:
    """How often a company turns out to be no applicant for a project, were every project applied for as often."""

    def __init__(self, rulebook: Rulebook) -> None:
        offers: dict[str, int] = {}
        for project in rulebook.projects.values():
            for kind in project.applicant:
                offers[kind] = offers.get(kind, 0) + 1
        self.offers = offers
        self.total = sum(offers.values())
        self.cities = len(rulebook.lists.city_names)

    def against(self, project: Project, fact: str) -> int:
        """Return the chance that the answer to *fact* shows the project not to be offered."""
        if fact == "city":
            return SURE * (len(project.regions.except_) + 1) // self.cities
        suited = sum(self.offers[kind] for kind in project.applicant)
        return SURE - SURE * suited // self.total
