"""The plan as data: for each project its remedy and closings, for the year its targets, for the years its paths."""

from __future__ import annotations

from typing import Any

from assistant.delivery.plain import Json, in_unit, iso, span, window
from assistant.delivery.wording.advice import (
    aim_text,
    at_hand,
    block_text,
    closing_text,
    listed,
    move_text,
    required_text,
    target_text,
    to_do,
)
from assistant.delivery.wording.labels import label
from assistant.delivery.wording.routes import binding_text, leg_text, needs_text, path_text
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.moves import Block, Move
from assistant.planning.assessment import Assessment
from assistant.planning.closing import Closing, closings
from assistant.planning.path import Leg, Path
from assistant.planning.prospect import Prospect
from assistant.planning.targets import Aim, Target


def plan(assessment: Assessment, say: Speaker) -> Json:
    """Return remedies by project, this year's targets, and the paths."""
    names = {
        one.match.project.id: say.pick(one.match.project.name, one.match.project.en) for one in assessment.prospects
    }
    return {
        "remedies": {
            prospect.match.project.id: remedy(prospect, say)
            for prospect in assessment.prospects
            if prospect.gaps and prospect.remedy is not None
        },
        "targets": [aim(one, names, say) for one in assessment.aims],
        "paths": [path(one, say) for one in assessment.paths],
    }


# ---- one project


def remedy(prospect: Prospect, say: Speaker) -> Json:
    """Return the cheapest way to be eligible in the cycle, and how each failed criterion can be closed."""
    found = prospect.remedy
    assert found is not None
    moves = [{**move(one, say), "late": not prospect.in_time(one)} for one in found.moves]
    return {
        "cycle": prospect.match.application.cycle,
        "possible": found.stands and not any(one["late"] for one in moves),
        "criteria": list(found.criteria),
        "moves": moves,
        "blocks": [block(one, say) for one in found.blocks],
        "steps": [
            {"item": step.item.id, "says": step.item.says, "points": in_unit(step.points, None)}
            for mend in found.mends
            for step in mend.steps
        ],
        "text": listed((one["text"] for one in moves), say),
        "closings": [closing(one, prospect, say) for one in closings(prospect)],
    }


def move(one: Move, say: Speaker) -> Json:
    """Return one thing to change."""
    return {
        "kind": one.kind,
        "subject": one.name,
        "year": one.year,
        "target": _value(one, one.target, say),
        "actual": _value(one, one.actual, say),
        "lever": {"kind": one.lever, "label": label(f"lever.{one.lever}", say.lang)},
        "lead_days": one.lead_days or None,
        "late": one.late,
        "text": move_text(one, say),
    }


def _value(one: Move, value: Any, say: Speaker) -> Any:
    spec = say.rulebook.dictionary.facts.get(one.name)
    if spec is not None and spec.unit is not None and value is not None:
        return in_unit(value, spec.unit)
    return list(value) if isinstance(value, tuple) else value


def block(one: Block, say: Speaker) -> Json:
    """Return what stands in the way."""
    return {"kind": one.kind, "subject": one.name, "text": block_text(one, say)}


def closing(one: Closing, prospect: Prospect, say: Speaker) -> Json:
    """Return how a failed criterion is closed, by whom, and when at the earliest."""
    levers = list(dict.fromkeys(each.lever for each in one.way.moves))
    return {
        "criterion": one.finding.criterion.id,
        "levers": [{"kind": lever, "label": label(f"lever.{lever}", say.lang)} for lever in levers],
        "moves": [move(each, say) for each in one.way.moves],
        "blocks": [block(each, say) for each in one.way.blocks],
        "earliest": {
            "when": one.when,
            "date": iso(one.day),
            "cycle": one.cycle,
            "text": closing_text(one, say, prospect.horizon.on),
        },
    }


# ---- this year


def aim(one: Aim, names: dict[str, str], say: Speaker) -> Json:
    """Return one figure of one year with its targets."""
    unit = say.rulebook.dictionary.spec(one.fact).unit
    return {
        "fact": one.fact,
        "label": say.fact(one.fact),
        "year": one.year,
        "unit": unit.symbol if unit else None,
        "least": in_unit(one.least, unit),
        "most": in_unit(one.most, unit),
        "expected": in_unit(one.expected, unit),
        "assumed": one.assumed,
        "short_by": in_unit(one.short_by, unit) or None,
        "conflict": one.in_conflict,
        "required": required_text(one, say),
        "at_hand": "" if one.expected is None or unit is None else at_hand(one.expected, unit, say),
        "short": to_do(one.short_by, unit, say) if unit and one.short_by else "",
        "text": aim_text(one, say),
        "targets": [target(each, names, say) for each in one.targets],
    }


def target(one: Target, names: dict[str, str], say: Speaker) -> Json:
    """Return what one project asks of a figure."""
    unit = say.rulebook.dictionary.spec(one.fact).unit
    return {
        "project": one.project,
        "name": names[one.project],
        "criterion": one.criterion.id,
        "says": one.criterion.says,
        "clause": one.criterion.basis.clause,
        "op": ">=" if one.rising else "<=",
        "level": in_unit(one.level, unit),
        "short_by": in_unit(one.short_by, unit) or None,
        "short": to_do(one.short_by, unit, say) if unit and one.short_by else "",
        "text": target_text(one, say),
    }


# ---- the years to come


def path(one: Path, say: Speaker) -> Json:
    """Return a path with its legs, prerequisites first."""
    return {
        "target": one.target,
        "name": say.recognition(one.target),
        "reachable": bool(one.legs),
        "year": one.year,
        "text": path_text(one, say),
        "binding": {"kind": one.binding.kind, "text": binding_text(one.binding, say)},
        "conflicts": [list(pair) for pair in one.conflicts],
        "legs": [leg(each, one.target, say) for each in one.legs],
    }


def leg(one: Leg, goal: str, say: Speaker) -> Json:
    """Return one recognition on a path."""
    held = one.holding
    return {
        "project": one.project,
        "name": say.recognition(one.project),
        "kind": one.kind,
        "cycle": one.window.cycle,
        "window": window(one.window, say),
        "granted": span(one.grant.span) if one.grant else None,
        "grant_estimated": one.grant.estimated if one.grant else False,
        "valid_until": iso(one.until),
        "renewals": [day.isoformat() for day in one.renewals],
        "held_until": iso(held.expires) if held else None,
        "after": list(one.after),
        "binding": {"kind": one.binding.kind, "text": binding_text(one.binding, say)},
        "needs": [
            {"text": move_text(each, say), "due": f"{each.year}-12-31" if each.kind == "figure" else None}
            for each in one.moves
        ],
        "needs_text": needs_text(one.moves, say),
        "trend": needs_text(one.trend, say),
        "questions": [say.fact(name) for name in one.asks],
        "judged": one.judged,
        "certain": one.is_certain,
        "target": one.project == goal,
        "text": leg_text(one, say),
    }
