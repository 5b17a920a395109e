"""The layout (版面): which projects stand where, for the report and for pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from assistant.delivery.plain import Json
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.findings import Finding, FindingNode
from assistant.planning.prospect import STANDINGS, Prospect


class Part(NamedTuple):
    """The projects of one part of the page: those with a round open or expected, and the others."""

    live: list[str]
    idle: list[str]


def sections(prospects: Iterable[Prospect], on: date) -> dict[str, Part]:
    """Return the projects of each part of the page; reviews far ahead wait with what is held."""
    parts: dict[str, Part] = {name: Part([], []) for name in (*STANDINGS, "later")}
    for prospect in prospects:
        waits = prospect.is_review and prospect.standing in ("ready", "near", "open") and not prospect.is_due(on)
        part = parts["later" if waits else prospect.standing]
        (part.live if prospect.is_live else part.idle).append(prospect.match.project.id)
    return parts


def counts(prospects: Iterable[Prospect], on: date) -> dict[str, int | None]:
    """Return how many projects with a round to come are where; *year*: that of all new applications, if the same."""
    live = [prospect for prospect in prospects if prospect.is_live and prospect.is_due(on)]
    ready = [prospect for prospect in live if prospect.standing == "ready"]
    years = {prospect.window.cycle for prospect in ready if not prospect.is_review}
    return {
        "apply": sum(not prospect.is_review for prospect in ready),
        "renew": sum(prospect.is_review for prospect in ready),
        "near": sum(prospect.standing == "near" for prospect in live),
        "open": sum(prospect.standing == "open" for prospect in live),
        "year": years.pop() if len(years) == 1 else None,
    }


def outline(node: FindingNode | None) -> Json | None:
    """Return the shape of a criterion tree: groups, and the ids of the criteria that the result describes."""
    if node is None:
        return None
    if isinstance(node, Finding):
        return {"criterion": node.criterion.id}
    group = node.group
    members = [outline(member) for member in node.members]
    return {
        "criterion": "",
        "how": group.how,
        "n": group.n,
        "says": group.says,
        "state": node.state,
        "members": members,
    }


def bases(project: Json, say: Speaker) -> list[str]:
    """Return what decided a project's criteria besides figures of the years they are meant for."""
    decided = [criterion for criterion in project["criteria"] if criterion["state"] in ("met", "unmet")]
    names = dict.fromkeys(name for criterion in decided for name in criterion["basis"])
    return list(dict.fromkeys(say.basis(name) for name in names))
