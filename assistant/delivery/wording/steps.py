"""Steps and duties in words: what to do, why, from where it stands, and what is still possible where it is late."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.delivery.wording.advice import move_text, to_do, upward
from assistant.delivery.wording.reasons import reason
from assistant.delivery.wording.sentences import month_day
from assistant.delivery.wording.speaker import Speaker
from assistant.logic.values import bounds
from assistant.matching.findings import Finding
from assistant.matching.moves import Move
from assistant.planning.assessment import Assessment
from assistant.planning.checklist import Step
from assistant.planning.questions import Ask
from assistant.planning.upkeep import Upkeep
from assistant.units import Unit

SHOWN = 6  # projects named in a row


def step_title(step: Step, assessment: Assessment, say: Speaker) -> str:
    """Return a step in a few words, beginning with what to do."""
    projects = assessment.rulebook.projects
    match step.kind:
        case "answer":
            topic = assessment.rulebook.dictionary.topics.get(step.subject, "")
            count = len(step.asks)
            facts = "fact" if count == 1 else "facts"
            return say.pick(f"补充“{topic}”信息（{count} 项）", f"Fill in {count} {facts}: {topic}")
        case "improve":
            assert step.move is not None
            return _goal(step.move, say)
        case "judgement":
            count = len(step.findings)
            return say.pick(
                f"写好{projects[step.subject].name}的 {count} 项专家研判说明",
                f"Prepare the case for {count} judgements",
            )
        case "prepare":
            return say.pick("准备", "Prepare ") + document_title(step, assessment, say)
        case "apply":
            name = say.pick(projects[step.subject].name, projects[step.subject].en)
            review = any(p.is_review for p in assessment.prospects if p.match.project.id == step.subject)
            if review:
                return say.pick(f"提交{name}复核", f"Apply for review: {name}")
            return say.pick(f"提交{name}申报", f"Apply: {name}")


def _goal(move: Move, say: Speaker) -> str:
    """Return a move as a heading: the goal alone, figures and what is short stand in the note."""
    text = move_text(move, say)
    head = text.partition(say.pick("（", " ("))[0] if move.kind in ("figure", "fact", "score") else text
    return head if say.lang == "zh" else head[:1].upper() + head[1:]


def document_title(step: Step, assessment: Assessment, say: Speaker) -> str:
    """Return the document that a step prepares, with the years it is for."""
    document = assessment.rulebook.lists.documents[step.subject]
    name = say.pick(document.label, document.en)
    items = {material.item for material in step.materials}
    if document.own and len(items) == 1:
        name = items.pop()
    if not step.years:
        return name
    first, last = min(step.years), max(step.years)
    years = f"{first}" if first == last else f"{first}—{last}"
    return say.pick(f"{name}（{years}年）", f"{name} ({years})")


def step_note(step: Step, assessment: Assessment, say: Speaker) -> str:
    """Return what helps to do a step: the questions, the shortfall, what the document must show."""
    parts: list[str] = []
    match step.kind:
        case "answer":
            parts.append(say.pick("、", ", ").join(_asked(ask, say) for ask in step.asks))
        case "improve":
            parts += _why(step, assessment, say)
        case "judgement":
            parts.append(say.pick("；", "; ").join(finding.criterion.says for finding in step.findings))
        case "prepare":
            document = assessment.rulebook.lists.documents[step.subject]
            notes = [document.help, *dict.fromkeys(m.note for m in step.materials if m.note)]
            parts += [note for note in notes if note]
            if step.not_before:
                days = document.validity_days
                first = month_day(step.not_before, say)
                parts.append(
                    say.pick(
                        f"{days} 天内有效，{first}以前开的到申报时已经失效",
                        f"valid for {days} days: one made before {first} lapses too soon",
                    )
                )
        case "apply":
            parts.append(assessment.rulebook.projects[step.subject].channel)
            if others := [id_ for id_ in step.serves if id_ != step.subject]:
                names = say.pick("、", ", ").join(say.recognition(id_) for id_ in others)
                parts.append(say.pick(f"取得后才能报{names}", f"needed for {names}"))
    if step.late:
        parts.append(say.pick(*_STILL_POSSIBLE[step.chance]))
    return say.pick("。", ". ").join(part.rstrip("。.") for part in parts if part) + say.pick("。", ".")


_STILL_POSSIBLE: dict[str, tuple[str, str]] = {
    "by-closing": (
        "按最早的受理时间已经偏晚，赶在最早的截止前还来得及",
        "late for the earliest opening; still in time for the earliest closing",
    ),
    "at-the-latest": (
        "只有截止得晚才赶得上，请马上办，并问清当年的截止日",
        "only in time if it closes late: begin at once and ask for the date",
    ),
    "missed": (
        "按往年时间这一轮多半赶不上；先问受理部门能否后补，同时为下一轮准备",
        "too late by past rounds: ask whether it may be handed in later, and prepare for the next round",
    ),
}


def _why(step: Step, assessment: Assessment, say: Speaker) -> list[str]:
    """Return where a figure stands, what each project asks of it, who can move it, and how long that takes."""
    move = step.move
    assert move is not None
    spec = assessment.rulebook.dictionary.facts.get(move.name)
    parts = []
    if move.kind == "judgement":
        return [reason(say, finding) for finding in _findings(step, assessment)]
    if move.kind in ("figure", "fact") and spec and spec.unit and move.actual is not None:
        parts.append(_at_hand(move, spec.unit, say))
        if len(step.wanted) > 1:
            each = [
                f"{say.recognition(one.project)} {upward(one.move.target, spec.unit, say)}"
                for one in step.wanted[:SHOWN]
            ]
            parts.append(say.pick(f"各项目的要求：{'、'.join(each)}", f"each asks for: {', '.join(each)}"))
    says = dict.fromkeys(finding.criterion.says for finding in _findings(step, assessment))
    parts += [say.pick("；", "; ").join(says)] if says and len(step.wanted) == 1 else []
    if move.kind != "recognition":
        parts.append(say.word(f"lever.{move.lever}"))
    if move.lead_days:
        parts.append(say.pick(f"最快也要约 {move.lead_days} 天", f"some {move.lead_days} days at the least"))
    return parts


def _at_hand(move: Move, unit: Unit, say: Speaker) -> str:
    """Return where a figure stands and by how much it is short."""
    now = say.number(move.actual, unit)
    if unit.dimension == "rank":
        return say.pick(f"现为{now}", f"now {now}")
    by = to_do(abs(move.target - bounds(move.actual)[1 if move.rising else 0]), unit, say)
    head = say.pick(f"{'现预计' if move.year else '现有'} {now}", f"{'expected' if move.year else 'now'} {now}")
    short = say.pick("，还差" if move.rising else "，要减", ", short by" if move.rising else ", too much by")
    return f"{head}{short} {by}"


def _findings(step: Step, assessment: Assessment) -> Iterator[Finding]:
    """Yield the findings of the criteria that a step serves."""
    for prospect in assessment.prospects:
        for finding in prospect.match.findings:
            if (prospect.match.project.id, finding.criterion.id) in step.criteria:
                yield finding


def _asked(ask: Ask, say: Speaker) -> str:
    years = say.pick("、", ", ").join(map(str, ask.years))
    return say.fact(ask.fact) + (say.pick(f"（{years}）", f" ({years})") if years else "")


def upkeep_text(duty: Upkeep, say: Speaker) -> str:
    """Return what a holder owes, and what fails if it is missed."""
    name = say.recognition(duty.project)
    if duty.kind == "expiry":
        says = f"；{duty.duty.says}" if duty.duty and say.lang == "zh" else ""
        text = say.pick(f"{name}有效期到{month_day(duty.due, say)}为止{says}", f"{name} expires on {duty.due}")
        if duty.affects:
            names = say.pick("、", ", ").join(say.recognition(id_) for id_ in duty.affects)
            text += say.pick(f"；断档会影响{names}", f"; a lapse affects {names}")
        return text
    assert duty.duty is not None
    return f"{name}{say.pick('：', ': ')}{duty.duty.says}"
