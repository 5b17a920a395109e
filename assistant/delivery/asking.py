"""Questions as plain data: what is asked, why, and how far the answers carry."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.delivery.plain import Json, plain
from assistant.delivery.wording.asking import progress as progress_text
from assistant.delivery.wording.asking import promise, why, words
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.assessment import Assessment
from assistant.planning.prospect import Prospect
from assistant.planning.questions import Ask, Outlook, outlook, settled_by, topic_of


def question(ask: Ask, say: Speaker) -> Json:
    """Return a fact to fill in."""
    spec = say.rulebook.dictionary.facts.get(ask.fact.partition(".")[0])
    asked, help_, evidence = words(ask, say)
    return {
        "fact": ask.fact,
        "label": say.fact(ask.fact),
        "years": list(ask.years),
        "unit": spec.unit.symbol if spec and spec.unit else None,
        "type": spec.kind if spec else None,
        "choices": [say.option(one, spec.choices) for one in spec.choices] if spec else [],
        "multiple": spec.multiple if spec else False,
        "question": asked,
        "help": help_,
        "evidence": evidence,
        "cost": spec.cost if spec else "look-up",
        "topic": say.rulebook.dictionary.topics.get(topic_of(ask.fact, say.rulebook), ""),
        "serves": list(ask.serves),
        "why": why(ask, say),
        "settles": list(ask.alone),
        "rules_out": list(ask.rules_out),
        "expected": plain(ask.settles),
        "after_gap": ask.after_gap,
        "vague": ask.vague,
    }


def questionnaire(
    assessment: Assessment, prospects: Sequence[Prospect], asks: Sequence[Ask], limit: int, say: Speaker
) -> Json:
    """Return the first *limit* of the *asks* about *prospects*, what they settle, and what can be judged already."""
    deciding = [ask for ask in asks if not ask.after_gap]
    shown = asks[:limit]
    first = [ask for ask in shown if not ask.after_gap]
    sure, all_ = settled_by(first, prospects), settled_by(deciding, prospects)
    return {
        "on": assessment.on.isoformat(),
        "enterprise": {"name": assessment.profile.name, "uscc": assessment.profile.uscc},
        "progress": progress(outlook(assessment.prospects, assessment.on), say),
        "count": len(asks),
        "settled_by_shown": sure,
        "settled_by_all": all_,
        "promise": promise(len(first), len(deciding), sure, all_, say) if deciding else "",
        "questions": [question(ask, say) for ask in shown],
    }


def progress(found: Outlook, say: Speaker) -> Json:
    """Return how many projects can be judged already."""
    return {
        "projects": found.projects,
        "settled": found.settled,
        "live": found.live,
        "live_settled": found.live_settled,
        "text": progress_text(found, say),
    }
