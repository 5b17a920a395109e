"""What the screening must say of one company, worked out from the match and, for amounts, from the naive reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from assistant.logic import tree
from assistant.matching.findings import Finding, FindingNode, GroupFinding
from assistant.matching.gaps import gap_id, gaps, open_questions
from assistant.matching.match import Match
from assistant.matching.screening.plan import Plan
from tests.companies import Scene, book
from tests.logic.naive import number
from tests.oracle import view_of

COLUMNS = ("verdict", "cycle", "kind", "unmet", "unknown", "judgement", "low", "high", "nearest", "amount")


@dataclass(frozen=True)
class Shortfall:
    """By how much a criterion falls short, in base units, and as a share of what is required."""

    by: Fraction
    share: Fraction
    strict: bool


def counts(match: Match) -> dict[str, Any]:
    """Return what a row says of a match, but for the nearest gap."""
    open_ = {found.criterion.id: found.criterion.role for found in open_questions(match.tree)} if match.tree else {}
    return {
        "verdict": match.verdict,
        "cycle": match.application.cycle,
        "kind": match.application.kind,
        "unmet": len({gap_id(gap) for gap in gaps(match.tree)}) if match.tree else 0,
        "unknown": sum(role != "judgement" for role in open_.values()),
        "judgement": sum(role == "judgement" for role in open_.values()),
        "low": float(match.score.low) if match.score else None,
        "high": float(match.score.high) if match.score else None,
    }


def closing(gap: FindingNode) -> Iterator[Finding]:
    """Yield the failed criteria that alone close *gap*."""
    if isinstance(gap, GroupFinding):
        members = gap.members if gap.group.how == "any" else ()
        yield from (one for one in members if isinstance(one, Finding) and one.state == "unmet")
    else:
        yield gap


def shortfalls(scene: Scene, match: Match) -> dict[str, Shortfall]:
    """Return by how much each criterion falls short that alone closes a gap, where that is a matter of amount."""
    found = {}
    for gap in gaps(match.tree) if match.tree else ():
        for finding in closing(gap):
            short = shortfall(scene, finding)
            if short is not None:
                found[finding.criterion.id] = short
    return found


def shortfall(scene: Scene, finding: Finding) -> Shortfall | None:
    """Return by how much a criterion of one comparison with a number falls short."""
    test, applied = finding.criterion.test, scene.application
    if not isinstance(test, tree.Compare) or not isinstance(test.right, tree.Const) or test.op in ("==", "!="):
        return None
    moved = test.left.over if isinstance(test.left, tree.Ratio) else test.left
    if not isinstance(moved, tree.Figure | tree.Sum) or len({figure.name for figure in tree.figures(moved)}) != 1:
        return None
    if sum(isinstance(part, tree.Ratio) for part in tree.walk(test.left)) > isinstance(test.left, tree.Ratio):
        return None
    shift = applied.cycle - 1 - finding.base_year
    view = view_of(scene.profile, book(), applied.applied, applied.cycle, applied.kind, shift)
    ends = number(moved, view)
    under = number(test.left.under, view) if isinstance(test.left, tree.Ratio) else (Fraction(1), Fraction(1))
    assert ends is not None
    assert under is not None
    rising = test.op in (">=", ">")
    wanted = Fraction(test.right.value) * under[0 if rising else 1]
    by = wanted - ends[1] if rising else ends[0] - wanted
    return Shortfall(by, by / abs(wanted) if wanted else by, test.op in (">", "<"))


def assert_screened(scene: Scene, match: Match, plan: Plan, row: dict[str, Any]) -> None:
    """Check all columns of one project in a company's row against its match."""
    id_ = match.project.id
    got = {name: row[f"{id_}.{name}"] for name in COLUMNS if f"{id_}.{name}" in row}
    expected = {name: value for name, value in counts(match).items() if name in got or value is not None}
    assert {name: value for name, value in got.items() if name not in ("nearest", "amount")} == expected, scene
    short = shortfalls(scene, match)
    assert (got["nearest"] is None) == (not short), (got, short)
    if not short:
        assert got["amount"] is None
        return
    chosen = short[got["nearest"]]
    scale = plan.amounts[id_][got["nearest"]].scale
    least = min(one.share / scale if one.share == one.by else one.share for one in short.values())
    assert chosen.share <= least * (1 + Fraction(1, 10**9)) or chosen.share == chosen.by, (got, short)
    closes = Fraction(got["amount"]) * scale
    assert closes > chosen.by if chosen.strict else closes >= chosen.by, (got, chosen)
    assert closes - scale <= chosen.by if chosen.strict else closes - scale < chosen.by, (got, chosen)


def assert_columns(plan: Plan, answers: pl.DataFrame, projects: Sequence[str]) -> None:
    """Check that there is every column that there must be, and no other."""
    expected = [f"{id_}.{name}" for id_ in projects for name in plan.columns_of(plan.rulebook.projects[id_])]
    assert answers.columns == expected
    assert len(expected) >= 8 * len(projects)
