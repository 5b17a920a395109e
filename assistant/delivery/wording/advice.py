"""Advice says what to change and why it cannot come sooner: moves, blocks, closings, targets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from assistant.delivery.wording.sentences import month_day
from assistant.delivery.wording.speaker import Speaker
from assistant.logic.values import Range, between, bounds
from assistant.matching.levels import spec_step
from assistant.matching.moves import Block, Move
from assistant.planning.closing import Closing
from assistant.planning.targets import Aim, Given, Target
from assistant.units import Number, Unit, decimal_text, exact, from_base, to_base

PLACES = 2  # decimals of what is still to do, rounded up


def listed(texts: Iterable[str], say: Speaker) -> str:
    """Return texts in a row."""
    return say.pick("；", "; ").join(texts)


# ---- moves


def move_text(move: Move, say: Speaker) -> str:
    """Return what to do, from where it stands and by how much."""
    match move.kind:
        case "recognition":
            names = say.pick("或", " or ").join(say.recognition(id_) for id_ in move.target)
            return say.pick(f"先取得{names}", f"first obtain {names}")
        case "judgement":
            return say.pick("补充说明和佐证，争取评审改判", "argue the case again with more evidence")
        case "score":
            name = say.fact(f"platform_scores.{move.name}")
            points = decimal_text(move.target)
            now = (
                ""
                if move.actual is None
                else say.pick(
                    f"（现为 {decimal_text(bounds(move.actual)[1])} 分）",
                    f" (now {decimal_text(bounds(move.actual)[1])})",
                )
            )
            return say.pick(f"{move.year}年{name}达到 {points} 分{now}", f"{name} {move.year}: reach {points}{now}")
        case "entry":
            return _entry(move, say)
    unit = say.rulebook.dictionary.spec(move.name).unit
    return _choice(move, say) if unit is None else _amount(move, unit, say)


def _entry(move: Move, say: Speaker) -> str:
    spec = say.rulebook.dictionary.spec(move.name)
    entry = dict(move.entry)
    amount = next(
        (name for name, inner in spec.fields.items() if inner.unit and name in entry and name == "amount"), None
    )
    name = say.fact(move.name)
    if amount is not None:
        unit = spec.fields[amount].unit
        assert unit is not None
        by = to_do(entry[amount], unit, say)
        return say.pick(f"再增加{name} {by}", f"add {by} of {name}")
    parts = [
        _field(spec.fields[key].label if say.lang == "zh" else spec.fields[key].en, value, spec.fields[key], say)
        for key, value in entry.items()
        if key != "date"
    ]
    detail = say.pick("、", ", ").join(parts)
    return say.pick(f"新获得一项{name}（{detail}）", f"one more {name} ({detail})")


def _field(label: str, value: Any, spec: Any, say: Speaker) -> str:
    if spec.unit is not None and spec.unit.dimension == "rank":
        return say.pick(f"前 {value} 名", f"among the first {value}")
    if spec.choices:
        return say.option(value, spec.choices)
    return f"{label} {decimal_text(value) if isinstance(value, int | Fraction) else value}"


def _choice(move: Move, say: Speaker) -> str:
    name = say.fact(move.name)
    if move.target is True:
        return say.pick(f"补上“{name}”", f"get in place: {name}")
    if move.target is False:
        return say.pick(f"解除“{name}”", f"resolve: {name}")
    now = (
        ""
        if move.actual is None
        else say.pick(f"（现为“{say.choice(move.name, move.actual)}”）", f" (now {say.choice(move.name, move.actual)})")
    )
    value = say.choice(move.name, move.target)
    return say.pick(f"{name}做到“{value}”{now}", f"{name}: reach {value}{now}")


def _amount(move: Move, unit: Unit, say: Speaker) -> str:
    name = say.fact(f"{move.name}[{move.year}]" if move.year else move.name)
    near = None if move.actual is None else bounds(move.actual)[1 if move.rising else 0]
    rank = unit.dimension == "rank"
    goal = upward(move.target, unit, say) if move.rising else say.number(move.target, unit)
    if rank and say.lang == "zh":
        goal = f"前 {move.target} 名"
    head = say.pick(
        f"{name}进到{goal}" if rank else f"{name}不少于 {goal}" if move.rising else f"{name}不超过 {goal}",
        f"{name}: at {'least' if move.rising else 'most'} {goal}",
    )
    if near is None:
        return head
    now = at_hand(move.actual, unit, say)
    expected = say.pick("预计" if move.year else "现为" if rank else "现有", "expected" if move.year else "now")
    if rank:
        return head + say.pick(f"（{expected}{now}）", f" ({expected} {now})")
    by = to_do(abs(Fraction(move.target) - near), unit, say)
    return head + say.pick(
        f"（{expected} {now}，{'还差' if move.rising else '要减'} {by}）",
        f" ({expected} {now}, {by} {'short' if move.rising else 'too much'})",
    )


def at_hand(value: Number | Range, unit: Unit, say: Speaker) -> str:
    """Return a figure as it stands, cut to what is shown: what is still to do is told exactly beside it."""
    low, high = (
        to_base(Fraction(int(Fraction(from_base(end, unit)) * 10**PLACES), 10**PLACES), unit) for end in bounds(value)
    )
    return say.number(between(low, high), unit)


def to_do(amount: Number, unit: Unit, say: Speaker) -> str:
    """Return a base-unit amount rounded up: what is still to do must suffice."""
    return upward(amount, unit, say).replace(" %", say.pick(" 个百分点", " percentage points"))


def upward(amount: Number, unit: Unit, say: Speaker) -> str:
    """Return a base-unit amount rounded up to what is shown, whole for what can only be counted."""
    scale = 10**PLACES if unit.dimension in ("money", "ratio", "area", "points", "years") else 1
    scaled = Fraction(from_base(amount, unit)) * scale
    return say.number(to_base(Fraction(-(-scaled.numerator // scaled.denominator), scale), unit), unit)


# ---- blocks and closings


def block_text(block: Block, say: Speaker) -> str:
    """Return what stands in the way."""
    if block.kind == "held":
        name = say.recognition(block.name)
        return say.pick(f"已持有{name}，不能再报", f"holding {name} rules it out")
    if block.kind == "text":
        return say.pick("认定标准的原文还没有拿到", "the rule's text is not available")
    known = block.name in say.rulebook.dictionary.facts or block.name.startswith("platform_scores.")
    name = say.fact(block.name) if known else ""
    match block.kind:
        case "closed-year":
            return say.pick(
                f"{block.detail}年已经结账，{name}改不了", f"{block.detail} is closed: {name} cannot be changed"
            )
        case "time" if block.detail:
            return say.pick(f"“{name}”要满 {block.detail} 年才不再计算", f"{name} counts for {block.detail} years")
        case "time":
            return say.pick(f"{name}要等时间", f"only time helps: {name}")
        case "lead":
            return say.pick(
                f"{name}最快也要约 {block.detail} 天，赶不上这一轮",
                f"{name} takes some {block.detail} days at the least: too late for this round",
            )
        case "fixed" if name:
            return say.pick(f"{name}不符合，也改变不了", f"{name} does not fit and cannot be changed")
        case "amount" if name:
            return say.pick(f"只靠{name}补不上", f"{name} alone does not suffice")
    return say.pick("这一条改变不了", "this cannot be changed")


def closing_text(closing: Closing, say: Speaker, on: date) -> str:
    """Return when a criterion can hold at the earliest, and on what that depends."""
    late = (Block("lead", move.name, move.lead_days) for move in closing.way.moves if move.late)
    blocks = listed((block_text(block, say) for block in (*closing.way.blocks, *late)), say)
    if closing.ahead == "unknown":
        return say.pick("还要补充情况才能判断", "open until more is known")
    if closing.ahead != "unmet":
        return say.pick("按预计数已经达到，不用另外补", "met by the figures expected")
    match closing.when:
        case "never":
            return say.pick(f"近几年都补不上：{blocks}", f"not within years: {blocks}")
        case "cycle":
            return say.pick(f"{closing.cycle}年度：{blocks}", f"not before the {closing.cycle} round: {blocks}")
        case "grant" if closing.day is None:
            return say.pick("前置资质的申报时间不明", "no date is known for the prerequisite")
        case "grant":
            assert closing.day is not None
            return say.pick(
                f"{month_day(closing.day, say)}，前置资质预计这时公布", f"granted {closing.day} at the earliest"
            )
        case "year-end":
            assert closing.day is not None
            return say.pick(
                f"{month_day(closing.day, say)}，看{closing.day.year}年全年的数",
                f"decided when {closing.day.year} closes",
            )
    assert closing.day is not None
    if closing.day <= on:
        return say.pick("现在就可以办", "can be done now")
    if closing.way.blocks:
        return say.pick(f"{month_day(closing.day, say)}起", f"from {closing.day}")
    days = max((move.lead_days for move in closing.way.moves), default=0)
    return say.pick(
        f"{month_day(closing.day, say)}（最快约 {days} 天）", f"{closing.day} (some {days} days at the least)"
    )


# ---- this year's targets


def required_text(aim: Aim, say: Speaker) -> str:
    """Return what a figure must show for all projects that ask for it."""
    ends = [one for one in aim.targets if one.level == (aim.least if one.rising else aim.most)]
    return say.pick("，", ", ").join(dict.fromkeys(_bound_text(one, say) for one in ends))


def _bound_text(target: Target, say: Speaker) -> str:
    """Return the level of a target as the rule puts it: at least, or more than."""
    spec = say.rulebook.dictionary.spec(target.fact)
    assert spec.unit is not None
    if target.beyond:
        step = spec_step(spec) if target.rising else -spec_step(spec)
        mark = say.number(exact(Fraction(target.level) - step), spec.unit)
        return say.pick(
            f"{'超过' if target.rising else '低于'} {mark}", f"{'over' if target.rising else 'below'} {mark}"
        )
    if target.rising:
        least = upward(target.level, spec.unit, say)
        return say.pick(f"不少于 {least}", f"at least {least}")
    most = say.number(target.level, spec.unit)
    return say.pick(f"不超过 {most}", f"at most {most}")


def aim_text(aim: Aim, say: Speaker) -> str:
    """Return what a figure must show this year, and how far it is."""
    unit = say.rulebook.dictionary.spec(aim.fact).unit
    assert unit is not None
    text = f"{say.fact(f'{aim.fact}[{aim.year}]')}{say.pick('全年', ': ')}{required_text(aim, say)}"
    if aim.in_conflict:
        return text + say.pick("，两头不能同时做到，要取舍", ": both cannot be met, choose")
    return text + _at_hand(aim.expected, aim.short_by, unit, say, assumed=aim.assumed, falling=aim.least is None)


def _at_hand(expected: Any, short_by: Number, unit: Unit, say: Speaker, *, assumed: bool, falling: bool) -> str:
    if expected is None:
        return ""
    now = say.number(expected, unit)
    text = say.pick(
        f"；{'暂按上年' if assumed else '现预计'} {now}", f"; {'last year' if assumed else 'expected'} {now}"
    )
    if short_by:
        by = to_do(short_by, unit, say)
        return text + say.pick(
            f"，{'要减' if falling else '还差'} {by}", f", {by} {'too much' if falling else 'short'}"
        )
    return text + say.pick("，已够", ", enough")


def target_text(target: Target, say: Speaker) -> str:
    """Return one project's target with the figures that it rests on."""
    given = say.pick("、", ", ").join(_given(one, say) for one in target.given if one.value is not None)
    head = say.pick(f"按{given}，", f"with {given}: ") if given else ""
    return f"{head}{_bound_text(target, say)}"


def _given(one: Given, say: Speaker) -> str:
    unit = say.rulebook.dictionary.spec(one.fact).unit
    assert unit is not None
    assert one.value is not None
    value = say.number(one.value, unit)
    name = say.fact(one.fact)
    return say.pick(
        f"{name}{'沿用上年' if one.assumed else '预计'} {value}",
        f"{name} {value}{' (as last year)' if one.assumed else ''}",
    )
