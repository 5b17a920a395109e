"""A comparison as plain data: what was changed or set side by side, and the verdicts and criteria that differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assistant.company.changes import Change
from assistant.delivery.result import authority, enterprise, held, instrument, not_offered_reason
from assistant.delivery.wording.comparisons import (
    change_label,
    change_text,
    standing_text,
    state_text,
    titles,
    unanswered,
)
from assistant.delivery.wording.problems import problem_text
from assistant.delivery.wording.reasons import reason
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.difference import Difference, FindingChange
from assistant.matching.findings import Finding
from assistant.planning.assessment import Assessment
from assistant.planning.comparison import Comparison
from assistant.planning.prospect import Prospect

Json = dict[str, Any]


def comparison(
    base: Assessment,
    found: Comparison,
    lang: str,
    *,
    kind: str,
    changes: Sequence[Change] = (),
    compared: str | None = None,
) -> Json:
    """Return a comparison of *base*: the contract of `match --with` and `match --compare`.

    Args:
        base: the company as its profile stands, as of the day that was asked for.
        found: the two sides.
        lang: `zh` or `en`.
        kind: what differs: `with` (answers), `profile`, `day`, `version`, `rules`.
        changes: the answers given differently.
        compared: what to compare with, as it was written.

    """
    say = Speaker(base.rulebook, lang)
    names = titles(kind, found, say)
    return {
        **_side(base),
        "with": [
            {"name": one.name, "label": change_label(one, say), "value": one.text or None,
             "text": change_text(one, base.profile, say)}
            for one in changes
        ],
        "compare": None if compared is None else {"kind": kind, "given": compared},
        "before": {"title": names[0], **_side(found.before)},
        "after": {"title": names[1], **_side(found.after)},
        "changes": [_change(one, found, lang) for one in found.differences],
        "remarks": [problem_text(p.code, dict(p.params), lang) for one in changes for p in one.answer.remarks],
    }  # fmt: skip


def _side(assessment: Assessment) -> Json:
    book = assessment.rulebook
    return {
        "on": assessment.on.isoformat(),
        "enterprise": enterprise(assessment.profile),
        "rulebook": {"version": book.version, "digest": book.digest},
    }


def _change(one: Difference, found: Comparison, lang: str) -> Json:
    before, after = (_prospect(side, one.project) for side in (found.before, found.after))
    old, new = (Speaker(side.rulebook, lang) for side in (found.before, found.after))
    match = one.after or one.before
    assert match is not None
    subject = match.project
    return {
        "project": one.project,
        "name": new.pick(subject.name, subject.en),
        "before": before and outcome(before, old),
        "after": after and outcome(after, new),
        "findings": [finding(change, old, new) for change in one.findings],
    }


def _prospect(assessment: Assessment, project: str) -> Prospect | None:
    return next((one for one in assessment.prospects if one.match.project.id == project), None)


def outcome(prospect: Prospect, say: Speaker) -> Json:
    """Return one side of a project: the verdict and what it rests on."""
    match = prospect.match
    return {
        "verdict": match.verdict,
        "standing": prospect.standing,
        "text": standing_text(prospect, say),
        "reason": not_offered_reason(prospect, say) or unanswered(prospect, say),
        "held": held(match.held),
        "version": match.version.id if match.version else None,
        "instrument": instrument(match.version.instrument) if match.version else None,
        "kind": match.application.kind,
        "cycle": match.application.cycle,
    }


def finding(change: FindingChange, old: Speaker, new: Speaker) -> Json:
    """Return one criterion on both sides."""
    return {
        "id": change.criterion.id,
        "role": change.criterion.role,
        "says": change.criterion.says,
        "change": change.how,
        "text": state_text(change, new),
        "before": change.before and _found(change.before, old, hinders=change.hindered),
        "after": change.after and _found(change.after, new, hinders=change.hinders),
    }


def _found(one: Finding, say: Speaker, *, hinders: bool) -> Json:
    return {
        "state": one.state,
        "hinders": hinders,
        "says": one.criterion.says,
        "reason": reason(say, one),
        "missing": list(one.missing),
        **authority(one.criterion.basis),
    }
