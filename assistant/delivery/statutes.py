"""A statute (办法) is what a project's rules say, whoever asks, as plain data; beside it the dictionary of facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from assistant.company.facts import FactSpec
from assistant.delivery.plain import Json, iso, plain, window
from assistant.delivery.result import authority, instrument
from assistant.delivery.wording.speaker import Speaker
from assistant.logic.tree import figures
from assistant.planning.announcements import Announcement
from assistant.planning.windows import next_window
from assistant.rulebook.requirement import Criterion, Project, Requirement, Scoring, Version
from assistant.units import Number


def summary(project: Project, say: Speaker) -> Json:
    """Return a project in a few words."""
    return {
        "id": project.id,
        "name": say.pick(project.name, project.en),
        "level": project.level,
        "applicant": list(project.applicant),
        "authority": project.authority,
        "versions": [version.id for version in project.versions],
        "checked": project.checked.isoformat(),
        "next_review": project.next_review.isoformat(),
    }


def statute(project: Project, on: date, say: Speaker, announcements: Sequence[Announcement] = ()) -> Json:
    """Return all that a project's rules say, with its next window seen on the day *on*."""
    regions = project.regions
    return {
        **summary(project, say),
        "channel": project.channel,
        "regions": {"within": regions.within, "except": dict(regions.except_), "note": regions.note},
        "prerequisites": list(project.prerequisites),
        "leads_to": list(project.leads_to),
        "validity": {
            "years": project.validity.years,
            "permanent": project.validity.permanent,
            "review": project.validity.review,
        },
        "quota": project.quota,
        "rolling": project.rolling,
        "notes": list(project.notes),
        "window": window(next_window(project, on, announcements=announcements), say),
        "rules": [_version(version) for version in project.versions],
        "duties": [
            {"id": one.id, "says": one.says, "due": one.due, "from": iso(one.start), "to": iso(one.end),
             **authority(one.basis)}
            for one in project.duties
        ],
        "rounds": [
            {"year": one.year, "batch": one.batch, "notice": one.notice.title or one.notice.number,
             "url": one.notice.url, "announced": iso(one.notice.announced), "opens": iso(one.opens),
             "closes": iso(one.closes), "published": iso(one.published), "standing": one.standing,
             "confidence": one.confidence, "note": one.note}
            for one in project.rounds
        ],
    }  # fmt: skip


def _version(version: Version) -> Json:
    return {
        "id": version.id,
        "instrument": instrument(version.instrument),
        "from": iso(version.start),
        "to": iso(version.end),
        "approximate": version.approximate,
        "decides": [
            {"kind": one.kind, "from": iso(one.start), "to": iso(one.end), "cities": list(one.cities),
             "text": one.text, "text_note": one.text_note, "note": one.note}
            for one in version.applies
        ],
        "criteria": [_node(member) for member in version.root.members],
        "preferences": [{"id": one.id, "says": one.says, **authority(one.basis)} for one in version.preferences],
        "scorings": [_scoring(one) for one in version.scorings],
        "materials": [
            {"id": one.id, "item": one.item, "document": one.document, "required": one.required, "note": one.note}
            for one in version.materials
        ],
        "notes": list(version.notes),
    }  # fmt: skip


def _node(node: Requirement) -> Json:
    if isinstance(node, Criterion):
        facts = dict.fromkeys(figure.name for figure in figures(node.test)) if node.test else {}
        return {
            "id": node.id,
            "role": node.role,
            "says": node.says,
            "facts": list(facts),
            "scoring": node.scoring.id if node.scoring else None,
            **authority(node.basis),
        }
    members = [_node(member) for member in node.members]
    return {"id": node.id, "says": node.says, "how": node.how, "n": node.n or None, "members": members}


def _scoring(one: Scoring) -> Json:
    return {
        "id": one.id,
        "says": one.says,
        "pass": plain(one.pass_mark),
        "strict": one.strict,
        "full": plain(one.full),
        "items": [
            {"id": item.id, "part": item.part, "says": item.says, "max": plain(item.most), "open": item.open}
            for item in one.items
        ],
    }


def fact(spec: FactSpec, say: Speaker) -> Json:
    """Return what a profile may say about one fact."""
    return {
        "name": spec.name,
        "label": say.pick(spec.label, spec.en),
        "type": spec.kind,
        "yearly": spec.yearly,
        "unit": spec.unit.symbol if spec.unit else None,
        "min": _bound(spec.least),
        "max": _bound(spec.most),
        "choices": dict(spec.choices),
        "multiple": spec.multiple,
        "derived": bool(spec.derived),
        "topic": say.rulebook.dictionary.topics.get(spec.topic, ""),
        "question": spec.question,
        "help": spec.help,
        "evidence": spec.evidence,
        "cost": spec.cost,
        "lever": spec.lever,
        "fields": [fact(inner, say) for inner in spec.fields.values()],
    }


def _bound(value: Number | None) -> int | float | None:
    return None if value is None else plain(value)
