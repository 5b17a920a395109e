"""Words for edits: what was changed in a profile, what it said before and what it says now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.company.edits import Edit, Given
from assistant.company.facts import FactSpec
from assistant.company.profile import Held, Judgement
from assistant.delivery.wording.labels import label
from assistant.delivery.wording.sentences import month_day
from assistant.delivery.wording.speaker import Speaker
from assistant.rulebook.requirement import nodes


def edit_label(edit: Edit, say: Speaker) -> str:
    """Return what was changed: 2026年研发费用."""
    match edit.kind:
        case "name":
            return say.pick("企业名称", "company name")
        case "uscc":
            return say.pick("统一社会信用代码", "credit code")
        case "recognitions":
            return say.word("recognitions")
        case "recognition":
            return say.recognition(edit.subject)
        case "judgement":
            names = say.recognition(edit.subject), _says(edit, say)
            return say.pick("对{}的判断：{}", "judgement on {}: {}").format(*names)
    return say.fact(edit.subject if edit.year is None else f"{edit.subject}[{edit.year}]")


def _says(edit: Edit, say: Speaker) -> str:
    project = say.rulebook.projects[edit.subject]
    wanted = (
        node.says for version in reversed(project.versions) for node in nodes(version.root) if node.id == edit.criterion
    )
    return next(wanted, edit.criterion)


def given_text(edit: Edit, given: Given | None, say: Speaker) -> str:
    """Return what one side of an edit answers."""
    if given is None:
        return (
            say.pick("没有", "not held")
            if edit.kind in ("recognition", "judgement")
            else say.pick("没有回答", "not answered")
        )
    if given.value is None:
        return say.pick("不清楚", "not known")
    match edit.kind:
        case "name" | "uscc":
            return str(given.value)
        case "recognitions":
            return say.pick("、", ", ").join(dict.fromkeys(say.recognition(one.id) for one in given.value)) or say.pick(
                "没有", "none"
            )
        case "recognition":
            return say.pick("；", "; ").join(_held(one, say, loose=given.loose) for one in given.value)
        case "judgement":
            return _judged(given.value, say)
    text = value_text(given.value, say.rulebook.dictionary.spec(edit.subject), say)
    return say.pick(f"{text}（预计）", f"{text} (estimate)") if given.loose else text


def value_text(value: Any, spec: FactSpec, say: Speaker) -> str:
    """Return the value of a fact, in the unit that it is asked in."""
    if value is None:
        return say.pick("不清楚", "not known")
    if spec.unit is not None:
        return say.number(value, spec.unit).rstrip()
    match spec.kind:
        case "flag":
            return say.word("flag.yes" if value else "flag.no")
        case "date":
            return month_day(value, say)
        case "events":
            return _entries(value, spec, say)
        case "text":
            return str(value)
    if spec.kind == "choice":
        return say.pick("、", ", ").join(say.option(one, spec.choices) for one in _several(value)) or say.pick(
            "没有", "none"
        )
    return say.choice(spec.name, value)


def _several(value: Any) -> Sequence[str]:
    if isinstance(value, str):
        return (value,)
    return sorted(value) if isinstance(value, frozenset) else value


def _entries(entries: Sequence[Mapping[str, Any]], spec: FactSpec, say: Speaker) -> str:
    if not entries:
        return say.pick("没有", "none")
    count = say.pick(f"{len(entries)} 项", f"{len(entries)}")
    listed = say.pick("；", "; ").join(_entry(one, spec, say) for one in entries)
    return f"{count}{say.pick('：', ': ')}{listed}"


def _entry(entry: Mapping[str, Any], spec: FactSpec, say: Speaker) -> str:
    parts = (value_text(entry[name], field, say) for name, field in spec.fields.items() if name in entry)
    return say.pick("，", ", ").join(parts)


def _held(one: Held, say: Speaker, *, loose: bool) -> str:
    granted = month_day(one.granted, say) if one.granted else ""
    text = say.pick(f"{granted}获得", f"granted {granted}") if granted else say.pick("已获得", "held")
    if one.expires:
        until = month_day(one.expires, say)
        return text + say.pick(f"，至{until}", f", until {until}")
    return text + (say.pick("，有效期不清楚", ", last day not known") if loose else "")


def _judged(one: Judgement, say: Speaker) -> str:
    text = label("state.met" if one.met else "state.unmet", say.lang)
    about = [one.by, month_day(one.on, say) if one.on else "", one.why]
    told = say.pick("，", ", ").join(part for part in about if part)
    return say.pick(f"{text}（{told}）", f"{text} ({told})") if told else text
