"""New rules are what the version that decides has changed for this company against the one before it."""

from __future__ import annotations

from assistant.delivery.comparison import finding
from assistant.delivery.plain import Json
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.difference import Difference
from assistant.planning.assessment import Assessment
from assistant.planning.comparison import version_differences


def new_rules(assessment: Assessment, say: Speaker) -> dict[str, Json]:
    """Return by project how verdict and criteria differ from the version before, where the company feels it.

    What reviewers judge changes its words with every version and is counted only.
    """
    found = {id_: _of_project(one, say) for id_, one in version_differences(assessment).items()}
    return {
        id_: one for id_, one in found.items() if one["findings"] or one["before"]["verdict"] != one["after"]["verdict"]
    }


def _of_project(one: Difference, say: Speaker) -> Json:
    changes = [finding(change, say, say) for change in one.findings]
    telling = [change for change in changes if _is_failed(change, "before") or _is_failed(change, "after")]
    before, after = one.before, one.after
    assert before is not None
    assert after is not None
    assert before.version is not None
    assert after.version is not None
    return {
        "before": {"verdict": before.verdict, "instrument": str(before.version.instrument)},
        "after": {"verdict": after.verdict, "instrument": str(after.version.instrument)},
        "findings": telling,
        "others": len(changes) - len(telling),
    }


def _is_failed(change: Json, side: str) -> bool:
    found = change[side]
    return bool(found and found["hinders"] and found["state"] == "unmet")
