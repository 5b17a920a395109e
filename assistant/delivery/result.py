"""The result is an assessment as plain data: one object behind command line, page, file, calendar and message.

Names and shapes of the outward contract stay; every text comes from `wording`, every number is exact or cut.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from assistant.company.profile import Profile
from assistant.delivery.asking import question
from assistant.delivery.plain import Json, in_unit, iso, plain, span, window
from assistant.delivery.plan import plan
from assistant.delivery.wording.problems import problem_text
from assistant.delivery.wording.reasons import reason
from assistant.delivery.wording.sentences import gap_text
from assistant.delivery.wording.speaker import Speaker, unit_of
from assistant.delivery.wording.steps import step_note, step_title, upkeep_text
from assistant.logic import tree
from assistant.logic.scalar import Holding
from assistant.matching.findings import Finding, FindingNode, Score, actual_value, shortfall
from assistant.planning.assessment import Assessment
from assistant.planning.backtest import Trial
from assistant.planning.checklist import Step
from assistant.planning.prospect import Prospect
from assistant.planning.upkeep import Upkeep
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import Authority, Instrument


def result(assessment: Assessment, lang: str = "zh") -> Json:
    """Return the whole assessment as plain data."""
    say = Speaker(assessment.rulebook, lang)
    ranked = assessment.ranked()
    return {
        **matches(assessment, say),
        "ranked": [prospect.match.project.id for prospect in ranked],
        "due": [prospect.match.project.id for prospect in ranked if prospect.is_due(assessment.on)],
        "questions": [question(ask, say) for ask in assessment.asks],
        **tasks(assessment, say),
        **plan(assessment, say),
        "remarks": [problem_text(p.code, dict(p.params), lang) for p in assessment.profile.remarks],
    }


def agenda(assessment: Assessment, lang: str = "zh") -> Json:
    """Return of the result what an agenda is made of; remedies and paths, which take long, are left out."""
    say = Speaker(assessment.rulebook, lang)
    windows = [
        {"id": prospect.match.project.id, "window": window(prospect.window, say)} for prospect in assessment.prospects
    ]
    return {"projects": windows, **tasks(assessment, say)}


def tasks(assessment: Assessment, say: Speaker) -> Json:
    """Return the steps, and the upkeep of what is held."""
    return {
        "steps": [step(one, assessment, say) for one in assessment.steps],
        "upkeep": [duty(one, say) for one in assessment.duties],
    }


def matches(assessment: Assessment, say: Speaker) -> Json:
    """Return the verdicts: the contract of `match --format json`."""
    book = assessment.rulebook
    return {
        "on": assessment.on.isoformat(),
        "enterprise": enterprise(assessment.profile),
        "rulebook": {"version": book.version, "digest": book.digest},
        "projects": [project(prospect, say) for prospect in assessment.prospects],
    }


def enterprise(profile: Profile) -> Json:
    """Return who the company is."""
    return {"name": profile.name, "uscc": profile.uscc}


def project(prospect: Prospect, say: Speaker) -> Json:
    """Return one project's verdict with its findings, gaps and window."""
    match = prospect.match
    subject = match.project
    version = match.version
    return {
        "id": subject.id,
        "name": say.pick(subject.name, subject.en),
        "level": subject.level,
        "verdict": match.verdict,
        "standing": prospect.standing,
        "review": prospect.is_review,
        "reason": not_offered_reason(prospect, say),
        "held": held(match.held),
        "version": version.id if version else None,
        "instrument": instrument(version.instrument) if version else None,
        "kind": match.application.kind,
        "cycle": match.application.cycle,
        "base_year": match.base_year,
        "score": score(match.score) if match.score else None,
        "criteria": [
            criterion(finding, str(version.instrument) if version else "", say) for finding in match.findings
        ],
        "preferences": [
            {"id": one.id, "says": one.says, **authority(one.basis)} for one in (version.preferences if version else ())
        ],
        "gaps": [gap(node, prospect, say) for node in prospect.gaps],
        "judgements_open": [finding.criterion.id for finding in prospect.judged],
        "questions": [{"fact": name, "label": say.fact(name)} for name in prospect.questions],
        "window": window(prospect.window, say),
        "channel": match.channel_note or subject.channel,
        "authority": subject.authority,
        "notes": [*subject.notes, *(version.notes if version else ())],
        "checked": subject.checked.isoformat(),
        "next_review": subject.next_review.isoformat(),
        "overdue": match.overdue,
        "text": {"state": match.applies.text, "note": match.applies.text_note} if match.applies else None,
        "materials": [
            {"id": one.id, "item": one.item, "document": one.document, "required": one.required, "note": one.note,
             "years": [match.application.cycle + offset for offset in one.offsets]}
            for one in (version.materials if version else ())
        ],
    }  # fmt: skip


def gap(node: FindingNode, prospect: Prospect, say: Speaker) -> Json:
    """Return one gap: what is asked, and by how much it is missed."""
    subject = node.criterion if isinstance(node, Finding) else node.group
    clause = subject.basis.clause if subject.basis else None
    return {"id": subject.id, "says": subject.says, "text": gap_text(node, prospect.way(node), say), "clause": clause}


def not_offered_reason(prospect: Prospect, say: Speaker) -> str:
    """Return in a few words why a project is not offered, or why nothing can be said."""
    match = prospect.match
    regions = match.project.regions
    match match.reason:
        case "applicant":
            kinds = say.rulebook.dictionary.spec("applicant_kind").choices
            names = "、".join(kinds.get(kind, kind) for kind in match.project.applicant)
            return say.pick(f"申报主体应为{names}", f"for applicants of kind {', '.join(match.project.applicant)}")
        case "city":
            return regions.except_[str(prospect.frames.profile.facts["city"])]
        case "province":
            return say.pick(f"限{regions.within}内的单位申报", "for applicants within Guangdong")
        case "no-version":
            return say.pick("申报时没有生效的认定标准，请以新发布的文件为准", "no version of the rule covers that date")
    return ""


def held(holding: Holding | None) -> Json | None:
    """Return a recognition held."""
    if holding is None:
        return None
    return {"granted": iso(holding.granted), "expires": iso(holding.expires)}


def instrument(document: Instrument) -> Json:
    """Return a legal instrument."""
    return {"title": document.title, "number": document.number, "url": document.url}


def authority(basis: Authority) -> Json:
    """Return what a criterion rests on."""
    return {
        "clause": basis.clause,
        "clause_note": basis.clause_note,
        "standing": basis.standing,
        "confidence": basis.confidence,
        "note": basis.note,
    }


def score(found: Score) -> Json:
    """Return a score interval."""
    return {
        "low": plain(found.low),
        "high": plain(found.high),
        "pass": plain(found.scoring.pass_mark),
        "strict": found.scoring.strict,
        "full": plain(found.scoring.full),
        "parts": [
            {"name": one.part.name, "low": plain(one.low), "high": plain(one.high), "full": plain(one.part.full),
             "min": None if one.part.least is None else plain(one.part.least)}
            for one in found.parts
        ],
        "items": [
            {"id": one.item.id, "part": one.item.part, "says": one.item.says, "low": plain(one.low),
             "high": plain(one.high), "max": plain(one.item.most), "open": one.item.open, "missing": list(one.missing),
             "basis": list(one.basis)}
            for one in found.items
        ],
    }  # fmt: skip


def criterion(finding: Finding, document: str, say: Speaker) -> Json:
    """Return one leaf's finding: the contract's criterion."""
    one = finding.criterion
    return {
        "id": one.id,
        "role": one.role,
        "state": finding.state,
        "says": one.says,
        "instrument": document,
        **authority(one.basis),
        **measured(finding),
        "basis": list(finding.basis),
        "missing": list(finding.missing),
        "reason": reason(say, finding),
        "score": score(finding.score) if finding.score else None,
    }


def measured(finding: Finding) -> Json:
    """Return required, actual and shortfall of the deciding comparison, in the unit the rule is written in."""
    empty: Json = {"op": None, "required": None, "actual": None, "short_by": None, "unit": None}
    if finding.score is not None:
        found = finding.score
        mark = found.scoring.pass_mark
        op = ">" if found.scoring.strict else ">="
        short = max(0, mark - found.high) if finding.state == "unmet" else None
        return {"op": op, "required": plain(mark), "actual": [plain(found.low), plain(found.high)],
                "short_by": None if short is None else plain(short), "unit": "分"}  # fmt: skip
    outcome = finding.deciding
    if outcome is None:
        return empty
    node = outcome.node
    if isinstance(node, tree.Compare) and isinstance(node.right, tree.Const):
        unit = unit_of(node)
        short_by = shortfall(outcome)
        return {
            "op": node.op,
            "required": in_unit(node.right.value, unit),
            "actual": None if isinstance(node.left, tree.Growth) else in_unit(actual_value(outcome), unit),
            "short_by": in_unit(short_by.by, unit) if short_by else None,
            "unit": unit.symbol if unit else None,
        }
    inner = node.part if isinstance(node, tree.Not) else node
    match inner:
        case tree.Is():
            return {**empty, "required": not isinstance(node, tree.Not), "actual": outcome.actual}
        case tree.Member():
            return {**empty, "op": "in", "required": list(inner.values), "actual": _choice(outcome.actual)}
        case tree.Holds(ids):
            found_ids = [{"id": id_, **(held(holding) or {})} for id_, holding in outcome.actual or ()]
            return {**empty, "op": "holds", "required": list(ids), "actual": found_ids}
    return empty


def _choice(actual: Any) -> Any:
    if isinstance(actual, frozenset):
        return sorted(actual)
    return list(actual) if isinstance(actual, tuple) else actual


def trial(found: Trial) -> Json:
    """Return one forecast of a round that has happened."""
    return {
        "project": found.project,
        "year": found.year,
        "milestone": found.milestone,
        "actual": found.actual.isoformat(),
        "predicted": span(found.predicted),
        "hit": found.hit,
        "naive_error_days": found.naive_error,
        "list_wording": span(found.worded),
        "list_wording_hit": found.worded_hit if found.worded else None,
    }


def step(one: Step, assessment: Assessment, say: Speaker) -> Json:
    """Return one thing to do."""
    projects = assessment.rulebook.projects
    return {
        "key": one.key,
        "kind": one.kind,
        "title": step_title(one, assessment, say),
        "note": step_note(one, assessment, say),
        "due": iso(one.due),
        "by": "begin" if one.kind == "prepare" or (one.move and one.move.lead_days) else "done",
        "late": one.late,
        "chance": one.chance,
        "estimated": one.estimated,
        "not_before": iso(one.not_before),
        "serves": [{"id": id_, "name": say.pick(projects[id_].name, projects[id_].en)} for id_ in one.serves],
        "criteria": [
            {"project": id_, "criterion": name, "clause": assessment.clauses.get((id_, name))}
            for id_, name in one.criteria
        ],
        "years": list(one.years),
    }


def duty(one: Upkeep, say: Speaker) -> Json:
    """Return one thing a holder owes."""
    return {
        "key": one.key,
        "kind": one.kind,
        "project": one.project,
        "name": say.recognition(one.project),
        "due": one.due.isoformat(),
        "text": upkeep_text(one, say),
        "clause": one.duty.basis.clause if one.duty else None,
    }


def names(ids: Iterable[str], rulebook: Rulebook, say: Speaker) -> str:
    """Return project names in a row."""
    return say.pick("、", ", ").join(say.pick(rulebook.projects[i].name, rulebook.projects[i].en) for i in ids)


def tree_of(node: FindingNode, prospect: Prospect, say: Speaker) -> Json:
    """Return the criterion tree with states, for `explain`."""
    version = prospect.match.version
    document = str(version.instrument) if version else ""
    if isinstance(node, Finding):
        return criterion(node, document, say)
    return {
        "id": node.group.id,
        "says": node.group.says,
        "how": node.group.how,
        "n": node.group.n or None,
        "state": node.state,
        "members": [tree_of(member, prospect, say) for member in node.members],
    }
