"""The oracle decides a project a second time, as plainly as can be, so that the matcher can be held against it.

It walks the same requirement with the naive reading of the rule language (`logic.naive`), derives the company's view
itself, and knows nothing of how the matcher does it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from typing import Any

from assistant.company.profile import Held, Profile
from assistant.dates import DateSpan
from assistant.logic import tree
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import Applies, Criterion, Item, Project, Requirement, Scoring, Version
from tests.logic.naive import (
    NO,
    OPEN,
    YES,
    Holding,
    Interval,
    Number,
    Possible,
    View,
    anniversary,
    both,
    compare,
    condition,
    either,
    enough,
    interval,
    number,
    years,
)

TEXT = "text-not-available"
LADDER = ("micro", "small", "medium", "large")
_STATES = {YES: "met", NO: "unmet", OPEN: "unknown"}
_VERDICTS = {YES: "eligible", NO: "ineligible", OPEN: "undetermined"}


@dataclass
class Answer:
    """The oracle's verdict with the state of every criterion and group, and the interval of every score."""

    verdict: str
    version: str = ""
    states: dict[str, str] = field(default_factory=dict)
    scores: dict[str, Interval] = field(default_factory=dict)
    items: dict[tuple[str, str], Interval] = field(default_factory=dict)


@dataclass
class Oracle:
    """One company before one project."""

    profile: Profile
    book: Rulebook
    project: Project
    span: DateSpan
    cycle: int
    kind: str
    on: date

    def answer(self) -> Answer:
        """Return the verdict and everything it rests on."""
        offered = self.offered()
        if offered == NO:
            return Answer("not-offered")
        chosen = self.version()
        if chosen is None:
            return Answer("undetermined")
        version, applies = chosen
        answer = Answer("", version.id)
        truth = self.requirement(version.root, answer)
        if applies.text != "full":
            truth = both([truth, OPEN])
            answer.states |= {TEXT: "unknown", version.root.id: _STATES[truth]}
        answer.verdict = _VERDICTS[both([offered, truth])]
        return answer

    def offered(self) -> Possible:
        """Return whether such an applicant in such a place may apply."""
        kinds, city = self.profile.facts.get("applicant_kind"), self.profile.facts.get("city")
        suits = OPEN if kinds is None else frozenset({bool(set(kinds) & set(self.project.applicant))})
        near = OPEN if city is None else frozenset({city != "省外" and city not in self.project.regions.except_})
        return both([suits, near])

    def version(self) -> tuple[Version, Applies] | None:
        """Return the version in force on the first day of application, one named for the city before others."""
        day, city = self.span.earliest, self.profile.facts.get("city")
        found: tuple[Version, Applies] | None = None
        for version in self.project.versions:
            for applies in version.applies:
                if applies.kind != self.kind or (applies.cities and city not in applies.cities):
                    continue
                if (applies.start and day < applies.start) or (applies.end and day > applies.end):
                    continue
                if found is None or (applies.cities and not found[1].cities):
                    found = version, applies
        return found

    def requirement(self, node: Requirement, answer: Answer) -> Possible:
        """Return what *node* can be, and note its state and those below it; not applicable weighs nothing."""
        if isinstance(node, Criterion):
            truth = self.criterion(node, answer)
        else:
            parts = [(self.requirement(member, answer), member.id) for member in node.members]
            weighing = [truth for truth, id_ in parts if answer.states[id_] != "not-applicable"]
            if node.how == "at-least":
                truth = enough(node.n, weighing)
            else:
                truth = both(weighing) if node.how == "all" else either(weighing)
        if node.when is not None:
            applies = self.framed(node.when)
            truth = guarded(applies, truth, way=node.role == "fast-track")
            answer.states[node.id] = "not-applicable" if applies == NO else _STATES[truth]
            return truth
        answer.states[node.id] = _STATES[truth]
        return truth

    def criterion(self, node: Criterion, answer: Answer) -> Possible:
        """Return what a leaf can be: its test, its scoring, or what somebody judged."""
        if node.test is not None:
            return self.framed(node.test)
        truth = OPEN if node.scoring is None else self.scoring(node.scoring, answer)
        if truth == OPEN:
            for entry in self.profile.judgements:
                if (entry.project, entry.criterion) == (self.project.id, node.id):
                    truth = frozenset({entry.met})
        return truth

    # ---- years

    def views(self, node: tree.Node) -> tuple[View, View | None]:
        """Return the cycle's own view, and the last closed year's where it may stand in for *node*.

        It may where the cycle's FY-1 is not closed and a figure that *node* rests on is not on file.
        """
        own = view_of(self.profile, self.book, self.span, self.cycle, self.kind, 0)
        if self.cycle <= self.on.year:
            return own, None
        names: set[tuple[str, int]] = set()
        sized = False
        for part in tree.walk(node):
            if isinstance(part, tree.Figure):
                sized = sized or part.name == "size_class"
                names |= {(part.name, part.offset)} if part.offset is not None else set()
            if isinstance(part, tree.Growth):
                names |= {(part.name, part.first), (part.name, part.last)}
        size = own.facts["size_class", None]
        lacks = any(own.facts.get(name) is None for name in names) or (sized and (size is None or len(size) > 1))
        if not lacks:
            return own, None
        return own, view_of(self.profile, self.book, self.span, self.cycle, self.kind, self.cycle - self.on.year)

    def framed(self, node: tree.Condition) -> Possible:
        """Return what *node* can be in its own years or, where they leave it open, in the last closed ones."""
        own, stand_in = self.views(node)
        truth = condition(node, own)
        return condition(node, stand_in) if truth == OPEN and stand_in is not None else truth

    # ---- scoring

    def scoring(self, scoring: Scoring, answer: Answer) -> Possible:
        """Return whether the scoring passes, from the interval of each item."""
        points = {item.id: self.item(item) for item in scoring.items}
        answer.items |= {(scoring.id, id_): ends for id_, ends in points.items()}
        low = high = Fraction(0)
        minimums: list[Possible] = []
        for part in scoring.parts:
            inside = [points[item.id] for item in scoring.items if item.part == part.name]
            ends = tuple(min(Fraction(part.full), sum((pair[at] for pair in inside), Fraction(0))) for at in (0, 1))
            low, high = low + ends[0], high + ends[1]
            if part.least is not None:
                minimums.append(compare(">=", (ends[0], ends[1]), interval(part.least)))
        if not scoring.parts:
            low, high = sum((p[0] for p in points.values()), low), sum((p[1] for p in points.values()), high)
        answer.scores[scoring.id] = (low, high)
        return both([compare(">" if scoring.strict else ">=", (low, high), interval(scoring.pass_mark)), *minimums])

    def item(self, item: Item) -> Interval:
        """Return the points an item can give."""
        if item.open:
            return Fraction(0), Fraction(item.most)
        if item.formula is not None:
            own, stand_in = self.views(item.formula)
            found = self.capped(item, number(item.formula, own))
            if found[0] != found[1] and stand_in is not None:
                found = self.capped(item, number(item.formula, stand_in))
            return found
        own, stand_in = self.views(tree.All(tuple(tier.test for tier in item.tiers if tier.test is not None)))
        tiers = self.possible_tiers(item, own)
        if len(tiers) > 1 and stand_in is not None:
            tiers = self.possible_tiers(item, stand_in)
        points = [item.tiers[index].points for index in tiers]
        return Fraction(min(low for low, _ in points)), Fraction(max(high for _, high in points))

    @staticmethod
    def capped(item: Item, value: Number) -> Interval:
        """Return the points of a formula, from nothing to the item's most."""
        low, high = (Fraction(0), Fraction(item.most)) if value is None else value
        return max(Fraction(0), min(low, Fraction(item.most))), max(Fraction(0), min(high, Fraction(item.most)))

    @staticmethod
    def possible_tiers(item: Item, view: View) -> list[int]:
        """Return the tiers that can be the first to hold."""
        found = []
        for index, tier in enumerate(item.tiers):
            truth = YES if tier.test is None else condition(tier.test, view)
            if True in truth:
                found.append(index)
            if truth == YES:
                break
        return found


def guarded(applies: Possible, truth: Possible, *, way: bool) -> Possible:
    """Return what "if it applies, it holds" can be; of one *way* among others, "it applies and holds"."""
    return frozenset((a and t) if way else (not a or t) for a, t in product(applies, truth))


def view_of(profile: Profile, book: Rulebook, span: DateSpan, cycle: int, kind: str, shift: int) -> View:
    """Return what *profile* tells where FY-1 is the year before the cycle's, *shift* years earlier."""
    facts: dict[tuple[str, int | None], Any] = {(name, None): value for name, value in profile.facts.items()}
    for offset in range(-6, 0):
        year = cycle + offset - shift
        for table in (profile.estimates, profile.years):  # an actual figure replaces the estimate
            for name, value in table.get(year, {}).items():
                if value is not None:
                    facts[name, offset] = value
        established = profile.facts.get("established")
        if established is not None and established.year > year:  # no figures, because there was no company
            for name, spec in book.dictionary.facts.items():
                if spec.yearly and spec.numeric and facts.get((name, offset)) is None:
                    facts[name, offset] = 0
    since = facts.get(("segment_since", None))
    if since is not None and facts.get(("segment_years", None)) is None:  # full years at the end of the year before
        facts["segment_years", None] = max(Fraction(0), years(since, date(cycle - 1, 12, 31)))
    if facts.get(("city", None)) is not None:
        facts["province", None] = "other" if facts["city", None] == "省外" else "guangdong"
    facts["size_class", None] = size_class(facts, book)
    held = None if profile.recognitions is None else holdings(profile.recognitions, book)
    return View(facts, span, cycle, kind, held)


def size_class(facts: Mapping[tuple[str, int | None], Any], book: Rulebook) -> frozenset[str] | None:
    """Return the classes still possible: the lowest of those that the indicators give, in every combination."""
    limits = None
    for code in facts.get(("industry", None)) or ():
        if code in book.lists.unsized:
            limits = None
        elif code in book.lists.size_rules:
            limits = book.lists.size_rules[code].bounds
    if limits is None:
        return None
    possible: list[list[int]] = []
    for name, lower in limits.items():
        known = interval(facts.get((name, -1)))
        ends = (0, 3) if known is None else tuple(sum(value >= limit for limit in lower) for value in known)
        possible.append(list(range(ends[0], ends[1] + 1)))
    return frozenset(LADDER[min(classes)] for classes in product(*possible))


def holdings(listed: tuple[Held, ...], book: Rulebook) -> dict[str, list[Holding]]:
    """Return the recognitions with their last valid day, by the recognition's own term where none is given."""
    found: dict[str, list[Holding]] = {}
    for entry in listed:
        project = book.projects.get(entry.id)
        term = project.validity if project else book.lists.recognitions[entry.id]
        expires, sure = entry.expires, True
        if expires is None and not term.permanent:
            sure = term.years is not None and entry.granted is not None
            if term.years is not None and entry.granted is not None:
                expires = anniversary(entry.granted, term.years) - timedelta(days=1)
        found.setdefault(entry.id, []).append((entry.granted, expires, sure))
    return found
