"""Sentences about comparisons: what was changed, which side is which, where a company stands on each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assistant.company.changes import Change
from assistant.company.facts import FactSpec
from assistant.company.profile import Held, Profile
from assistant.delivery.wording.sentences import month_day
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.difference import FindingChange
from assistant.planning.comparison import Comparison
from assistant.planning.prospect import Prospect

_TITLES = {
    "with": (("现在", "now"), ("如果", "if")),
    "profile": (("这家企业", "this company"), ("另一家", "the other")),
    "version": (("较早的版本", "earlier version"), ("较晚的版本", "later version")),
    "rules": (("现用规则", "rules in use"), ("另一套规则", "the other rules")),
}
_HOW = {"added": ("新增", "added"), "dropped": ("取消", "dropped")}


def change_label(change: Change, say: Speaker) -> str:
    """Return what is changed: 2026年研发费用."""
    if change.kind == "recognition":
        return say.recognition(change.subject)
    if change.kind == "score":
        return say.pick(f"{change.year}年{say.fact(change.name)}", f"{say.fact(change.name)} {change.year}")
    return say.fact(change.name)


def change_text(change: Change, profile: Profile, say: Speaker) -> str:
    """Return a change against what *profile* answers now: 2026年研发费用：291 万元 → 294 万元."""
    now, then = (_answer(change, side, say) for side in (profile, change.applied(profile)))
    return f"{change_label(change, say)}{say.pick('：', ': ')}{now} → {then}"


def _answer(change: Change, profile: Profile, say: Speaker) -> str:
    value = change.value(profile)
    dictionary = say.rulebook.dictionary
    if change.kind == "recognition":
        return _held(value, profile, say)
    if change.kind == "score":
        return _told(value, dictionary.spec("platform_scores").fields["score"], say)
    return _told(value, dictionary.spec(change.subject), say)


def _held(value: Any, profile: Profile, say: Speaker) -> str:
    if profile.recognitions is None:
        return say.pick("不知道", "not known")
    if not value:
        return say.pick("没有", "not held")
    return say.pick("；", "; ").join(_certificate(entry, say) for entry in value)


def _certificate(entry: Held, say: Speaker) -> str:
    text = say.pick("已获得", "held")
    if entry.granted:
        day = month_day(entry.granted, say)
        text = say.pick(f"{day}获得", f"granted {day}")
    if entry.expires:
        day = month_day(entry.expires, say)
        text += say.pick(f"，至{day}", f", until {day}")
    return text


def _told(value: Any, spec: FactSpec, say: Speaker) -> str:
    if value is None:
        return say.pick("不知道", "not known")
    if spec.unit is not None:
        return say.number(value, spec.unit).rstrip()
    match spec.kind:
        case "flag":
            return say.word("flag.yes" if value else "flag.no")
        case "date":
            return month_day(value, say)
        case "events":
            return say.pick(f"{len(value)} 项", f"{len(value)} entries")
        case "text":
            return str(value)
    return say.choice(spec.name, value)


def titles(kind: str, comparison: Comparison, say: Speaker) -> tuple[str, str]:
    """Return what the two sides are called."""
    sides = comparison.before, comparison.after
    if kind == "day":
        return month_day(sides[0].on, say), month_day(sides[1].on, say)
    names = [_name(kind, side.prospects, side.profile.name) for side in sides]
    if all(names) and names[0] != names[1]:
        return names[0], names[1]
    before, after = _TITLES[kind]
    return say.pick(*before), say.pick(*after)


def _name(kind: str, prospects: Sequence[Prospect], company: str) -> str:
    """Return a side's own name: that of the company, or of the only version that judges there."""
    if kind == "profile":
        return company
    versions = {p.match.version.id for p in prospects if p.match.version} if kind == "version" else set()
    return versions.pop() if len(versions) == 1 else ""


def standing_text(prospect: Prospect, say: Speaker) -> str:
    """Return where a company stands with a project: 可申报; 已获得，至2027年11月7日，复核待补充."""
    if not prospect.is_review:
        return say.word(f"standing.{prospect.standing}")
    held = prospect.match.held
    until = month_day(held.expires, say) if held and held.expires else ""
    parts = [
        say.pick(f"已获得，至{until}" if until else "已获得", f"held until {until}" if until else "held"),
        say.word(f"review.{prospect.standing}"),
    ]
    return say.pick("，", ", ").join(parts)


def unanswered(prospect: Prospect, say: Speaker) -> str:
    """Return what must be answered before it is known whether the project is offered, or ""."""
    names = say.pick("、", ", ").join(say.fact(name) for name in prospect.match.missing)
    return say.pick(f"需要补充：{names}", f"please fill in: {names}") if names else ""


def state_text(change: FindingChange, say: Speaker) -> str:
    """Return how a criterion's state changes: 不符合 → 符合; 新增：待定; 仍不符合, but by another amount."""
    states = [say.word(f"state.{finding.state}") for finding in (change.before, change.after) if finding]
    if not change.is_of_state:
        return say.pick(f"仍{states[0]}", f"still {states[0]}")
    if change.how == "altered":
        return " → ".join(states)
    return f"{say.pick(*_HOW[change.how])}{say.pick('：', ': ')}{states[0]}"


def no_change(compared: str | None, say: Speaker) -> str:
    """Return that nothing changes, by what is different or from what it was compared with."""
    beside = say.pick(f"与 {compared} 比较，", f"Compared with {compared}: ") if compared else ""
    return beside + say.pick(
        "没有变化：结论和各项条件都一样。", "nothing changes, every verdict and criterion stays the same."
    )
