"""A shortage is a failed comparison in numbers: what there is, what is required, and what is still to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from assistant.delivery.plain import Json
from assistant.delivery.wording.speaker import Speaker, unit_of
from assistant.logic import tree
from assistant.logic.scalar import Outcome
from assistant.matching.findings import Finding, FindingNode, shortfall
from assistant.matching.gaps import alternatives, failed, gap_says
from assistant.units import Number, Unit, from_base, to_base

SHOWN_PLACES = 2  # decimals of what is still to do


@dataclass(frozen=True, slots=True)
class Shortage:
    """A failed comparison in numbers; *lever* is the fact, and by how much it must change, behind a ratio."""

    subject: str
    actual: str
    required: str
    short: str
    over: bool
    lever: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class GapView:
    """A gap as the page shows it: its nearest way; *others* counts the further ways that would do as well."""

    id: str
    says: str
    findings: tuple[tuple[Json, tuple[Shortage, ...]], ...]
    others: int


def gap_view(gap: FindingNode, way: Sequence[Finding], project: Json, say: Speaker) -> GapView:
    """Return a gap with the findings of its nearest *way* in numbers."""
    criteria = {one["id"]: one for one in project["criteria"]}
    findings = tuple((criteria[finding.criterion.id], tuple(_shortages(finding, say))) for finding in way)
    id_ = gap.criterion.id if isinstance(gap, Finding) else gap.group.id
    others = sum(any(True for _ in failed(way)) for way in alternatives(gap)) - 1
    return GapView(id_, gap_says(gap), findings, max(others, 0))


def _shortages(finding: Finding, say: Speaker) -> Iterator[Shortage]:
    """Yield the failed comparisons with a number; none where any other test failed, its sentence says more."""
    wrong = [outcome for outcome in finding.outcomes if outcome.truth is False]
    if any(_shortage(outcome, finding.base_year, say) is None for outcome in wrong):
        return
    for outcome in wrong:
        if row := _shortage(outcome, finding.base_year, say):
            yield row


def _shortage(outcome: Outcome, base_year: int, say: Speaker) -> Shortage | None:
    node, short = outcome.node, shortfall(outcome)
    if short is None or not isinstance(node, tree.Compare) or short.by == 0:
        return None
    unit = unit_of(node)
    if unit is None:
        return None
    lever = None
    if isinstance(node.left, tree.Ratio) and short.amount is not None:
        own = say.rulebook.dictionary.spec(short.fact).unit
        if own is not None:
            lever = (say.subject(node.left.over, base_year), _to_do(abs(Fraction(short.amount)), own, say))
    return Shortage(
        say.subject(node, base_year),
        say.value(outcome),
        say.required(outcome),
        _to_do(short.by, unit, say).replace(" %", say.pick(" 个百分点", " percentage points")),
        node.op in ("<=", "<") and unit.dimension != "rank",
        lever,
    )


def _to_do(amount: Number, unit: Unit, say: Speaker) -> str:
    """Return a base-unit amount rounded up, whole for what can only be counted: what is still to do must suffice."""
    scale = 10**SHOWN_PLACES if unit.dimension in ("money", "ratio", "area", "points", "years") else 1
    scaled = Fraction(from_base(amount, unit)) * scale
    rounded = Fraction(-(-scaled.numerator // scaled.denominator), scale)
    return say.number(to_base(rounded, unit), replace(unit, dimension="amount"))
