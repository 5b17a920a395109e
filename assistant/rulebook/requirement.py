"""A requirement is one version of a project as one tree of criteria. Everything reads this tree.

Values are frozen; formulas are parsed (`logic.tree`). The roles are the law's own: condition, fast track,
exclusion, judgement; preferences are shown and never decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from assistant.logic.tree import Condition, Value
from assistant.units import Number

TEXT_CRITERION = "text-not-available"
Role = Literal["condition", "fast-track", "exclusion", "judgement", "preference", "text"]
How = Literal["all", "any", "at-least"]


@dataclass(frozen=True, slots=True)
class Authority:
    """What a statement rests on: the clause, and how sure the source is."""

    clause: str | None
    standing: str
    confidence: str
    clause_note: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tier:
    """Points of a scoring item where *test* holds (None = everything else); an interval where experts decide."""

    test: Condition | None
    points: tuple[Number, Number]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A scoring item. Exactly one of tiers (first that holds), formula, open (reason why points are not known)."""

    id: str
    part: str
    says: str
    most: Number
    basis: Authority
    value: Value | None = None
    tiers: tuple[Tier, ...] = ()
    formula: Value | None = None
    open: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a scoring with its full marks and its own minimum, if any."""

    name: str
    full: Number
    least: Number | None


@dataclass(frozen=True, slots=True)
class Scoring:
    """A scoring table; *strict*: the pass mark itself is not enough."""

    id: str
    says: str
    pass_mark: Number
    strict: bool
    full: Number
    parts: tuple[Part, ...]
    items: tuple[Item, ...]
    basis: Authority


@dataclass(frozen=True, slots=True)
class Criterion:
    """A leaf: a test, a scoring, or (judgement, text) an open question."""

    id: str
    role: Role
    says: str
    basis: Authority
    test: Condition | None = None
    scoring: Scoring | None = None
    when: Condition | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """A node over criteria. *relief*: made of a criterion and the fast tracks that stand in for it."""

    id: str
    says: str
    how: How
    members: tuple[Requirement, ...]
    n: int = 0
    when: Condition | None = None
    basis: Authority | None = None
    role: Role = "condition"
    relief: bool = False
    line: int = 0


Requirement = Criterion | Group


@dataclass(frozen=True, slots=True)
class Instrument:
    """The document that a version rests on."""

    title: str
    number: str | None = None
    url: str | None = None

    def __str__(self) -> str:
        return f"{self.title}（{self.number}）" if self.number else self.title


@dataclass(frozen=True, slots=True)
class Applies:
    """A kind of application, the application dates (None = open) and cities for which a version decides."""

    kind: str
    start: date | None
    end: date | None
    text: str
    text_note: str = ""
    note: str = ""
    cities: tuple[str, ...] = ()

    def covers(self, kind: str, day: date, city: str | None) -> bool:
        """Tell whether an application of *kind* made on *day* by a company of *city* falls under it."""
        return (
            kind == self.kind
            and (self.start is None or self.start <= day)
            and (self.end is None or day <= self.end)
            and (not self.cities or city in self.cities)
        )

    def days_from(self, day: date) -> int:
        """Return how many days *day* lies outside its span."""
        early = (self.start - day).days if self.start else 0
        late = (day - self.end).days if self.end else 0
        return max(0, early, late)


@dataclass(frozen=True, slots=True)
class Material:
    """An application document of a version; *offsets* are fiscal years relative to the cycle."""

    id: str
    item: str
    document: str
    offsets: tuple[int, ...] = ()
    required: bool = True
    proves: tuple[str, ...] = ()
    when: Condition | None = None
    lead_days: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """A project's criteria under one instrument."""

    id: str
    instrument: Instrument
    start: date | None
    end: date | None
    approximate: bool
    applies: tuple[Applies, ...]
    root: Group
    preferences: tuple[Criterion, ...]
    scorings: tuple[Scoring, ...]
    materials: tuple[Material, ...]
    standing: str
    confidence: str
    notes: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Duty:
    """What a holder owes; *due* is MM-DD of every year, `expiry`, or `change+3m`."""

    id: str
    says: str
    due: str
    start: date | None
    end: date | None
    basis: Authority


@dataclass(frozen=True, slots=True)
class Validity:
    """How long a recognition holds: years, or for good; both empty = not known."""

    years: int | None
    permanent: bool
    review: str


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice that called a round."""

    number: str | None = None
    title: str | None = None
    announced: date | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """A past round: *closes* is the company's own deadline, the others those of cities and the province."""

    year: int
    batch: str
    notice: Notice
    opens: date | None
    closes: date | None
    city_deadlines: Mapping[str, date]
    province_deadline: date | None
    published: date | None
    standing: str
    confidence: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Regions:
    """Where a project is offered."""

    within: str
    except_: Mapping[str, str] = field(default_factory=dict)
    separate: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """The row of the published list as it was printed, faults and all."""

    year: int | None
    name: str
    basis: tuple[str, ...]
    basis_links: tuple[str, ...]
    notices: tuple[str, ...]
    notice_links: tuple[str, ...]
    planned: str


@dataclass(frozen=True, slots=True)
class Project:
    """A recognition one can apply for: one rule file."""

    id: str
    name: str
    en: str
    level: str
    applicant: tuple[str, ...]
    list_entry: tuple[str, int] | None
    authority: str
    channel: str
    regions: Regions
    prerequisites: tuple[str, ...]
    leads_to: tuple[str, ...]
    checked: date
    next_review: date
    validity: Validity
    duties: tuple[Duty, ...]
    versions: tuple[Version, ...]
    rounds: tuple[Round, ...]
    notes: tuple[str, ...] = ()
    quota: str = ""
    rolling: bool = False
    listed: Listed | None = None
    file: str = ""

    def select(self, kind: str, day: date, city: str | None = None) -> tuple[Version, Applies] | None:
        """Return the version that decides an application made on *day*; one named for the city comes first."""
        found = [
            (version, applies)
            for version in self.versions
            for applies in version.applies
            if applies.covers(kind, day, city)
        ]
        found.sort(key=lambda pair: not pair[1].cities)
        return found[0] if found else None

    def latest(self, kind: str, city: str | None = None) -> tuple[Version, Applies] | None:
        """Return the version that decided applications of *kind* last, or decides them now."""
        found = [
            (version, applies)
            for version in self.versions
            for applies in version.applies
            if applies.kind == kind and (not applies.cities or city in applies.cities)
        ]
        return max(found, key=lambda pair: (pair[1].end or date.max, bool(pair[1].cities)), default=None)

    def named(self, id_: str, kind: str, day: date) -> tuple[Version, Applies] | None:
        """Return the version *id_* as it decided applications of *kind* nearest to *day*; None where it has none."""
        found = [
            (version, applies)
            for version in self.versions
            if version.id == id_
            for applies in version.applies
            if applies.kind == kind
        ]
        return min(found, key=lambda pair: pair[1].days_from(day), default=None)

    def before(self, version: Version, applies: Applies) -> tuple[Version, Applies] | None:
        """Return the version that decided applications of the same kind directly before *version* did."""
        found = [
            (older, span)
            for older in self.versions
            if older.id != version.id
            for span in older.applies
            if span.kind == applies.kind
            and applies.start is not None
            and (span.start or date.min) < applies.start
            and (not span.cities or span.cities == applies.cities)
        ]
        return max(found, key=lambda pair: pair[1].start or date.min, default=None)


def leaves(node: Requirement) -> Iterator[Criterion]:
    """Yield the criteria below *node* in rule order; one that stands in several places comes once."""
    seen: set[str] = set()
    for leaf in _leaves(node):
        if leaf.id not in seen:
            seen.add(leaf.id)
            yield leaf


def _leaves(node: Requirement) -> Iterator[Criterion]:
    if isinstance(node, Criterion):
        yield node
        return
    for member in node.members:
        yield from _leaves(member)


def nodes(node: Requirement) -> Iterator[Requirement]:
    """Yield *node* and everything below it."""
    yield node
    if isinstance(node, Group):
        for member in node.members:
            yield from nodes(member)


def text_criterion(applies: Applies, instrument: Instrument) -> Criterion:
    """Return the leaf that keeps a version without its full text from ever coming out eligible."""
    basis = Authority(None, "unverified", "low", clause_note=str(instrument))
    return Criterion(TEXT_CRITERION, "text", applies.text_note, basis)
