"""Advice says what to change and why it cannot come sooner: moves, blocks, closings, targets, legs of a path."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import Any

from assistant.delivery.wording.sentences import month_day, span_text
from assistant.delivery.wording.speaker import Speaker
from assistant.logic.values import Range, between, bounds
from assistant.matching.moves import Block, Move
from assistant.planning.closing import Closing
from assistant.planning.path import Binding, Leg, Path
from assistant.planning.targets import Aim, Given, Target
from assistant.units import Number, Unit, decimal_text, from_base, to_base

SHOWN = 4  # names in a row
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
    if closing.is_met:
        return say.pick("按预计数已经达到，不用另外补", "met by the figures expected")
    match closing.when:
        case "never":
            return say.pick(f"近几年都补不上：{blocks}", f"not within years: {blocks}")
        case "cycle":
            return say.pick(f"最早{closing.cycle}年度：{blocks}", f"not before the {closing.cycle} round: {blocks}")
        case "grant" if closing.day is None:
            return say.pick("前置资质的申报时间不明", "no date is known for the prerequisite")
        case "grant":
            assert closing.day is not None
            return say.pick(
                f"前置资质预计最早{month_day(closing.day, say)}公布", f"granted {closing.day} at the earliest"
            )
        case "year-end":
            assert closing.day is not None
            return say.pick(
                f"看{closing.day.year}年全年，{month_day(closing.day, say)}结账时定",
                f"decided when {closing.day.year} closes",
            )
    assert closing.day is not None
    if closing.day <= on:
        return say.pick("现在就可以办", "can be done now")
    if closing.way.blocks:
        return say.pick(f"{month_day(closing.day, say)}起", f"from {closing.day}")
    return say.pick(f"最快{month_day(closing.day, say)}", f"{closing.day} at the earliest")


# ---- this year's targets


def aim_text(aim: Aim, say: Speaker) -> str:
    """Return what a figure must show this year, for all projects together."""
    unit = say.rulebook.dictionary.spec(aim.fact).unit
    assert unit is not None
    name = say.fact(f"{aim.fact}[{aim.year}]")
    parts = []
    if aim.least is not None:
        parts.append(say.pick(f"全年不少于 {upward(aim.least, unit, say)}", f"at least {upward(aim.least, unit, say)}"))
    if aim.most is not None:
        parts.append(say.pick(f"不超过 {say.number(aim.most, unit)}", f"at most {say.number(aim.most, unit)}"))
    text = f"{name}{say.pick('', ': ')}{say.pick('，', ', ').join(parts)}"
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
    unit = say.rulebook.dictionary.spec(target.fact).unit
    assert unit is not None
    given = say.pick("、", ", ").join(_given(one, say) for one in target.given if one.value is not None)
    head = say.pick(f"按{given}，", f"with {given}: ") if given else ""
    level = upward(target.level, unit, say) if target.rising else say.number(target.level, unit)
    goal = say.pick(
        f"{'不少于' if target.rising else '不超过'} {level}", f"at {'least' if target.rising else 'most'} {level}"
    )
    return f"{head}{goal}"


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


# ---- paths


def binding_text(binding: Binding, say: Speaker) -> str:
    """Return what keeps a leg from coming earlier, or a target from being reached."""
    detail = binding.detail
    match binding.kind:
        case "window":
            return say.pick("下一轮就可以报", "the next round will do")
        case "prerequisite" if detail in say.rulebook.lists.recognitions:
            return say.pick(f"要先取得{say.recognition(detail)}", f"waits for {say.recognition(detail)}")
        case "block":
            return block_text(detail, say)
        case "reach":
            return _reach_text(detail, say)
        case "text":
            return say.pick("没有可用的认定标准", "no rule to go by")
        case "not-offered":
            return say.pick("不受理这类申报主体或这个地方的申报", "not offered to such an applicant or place")
    return say.pick("几项要求互相牵制，找不到同时满足的办法", "its requirements pull against each other")


def _reach_text(move: Move, say: Speaker) -> str:
    """Return why a move is no realistic aim."""
    unit = say.rulebook.dictionary.spec(move.name).unit
    name = say.fact(f"{move.name}[{move.year}]" if move.year else move.name)
    if unit is None or move.actual is None:
        return say.pick(f"{name}一时做不到", f"{name} is out of reach for now")
    goal, now = upward(move.target, unit, say), at_hand(move.actual, unit, say)
    if unit.dimension == "rank":
        return say.pick(f"{name}现为{now}，一时进不到前 {move.target} 名", f"{name} is {now}: {goal} is far")
    if move.year and move.lever == "own":
        return say.pick(
            f"{name}要从 {now} 提到 {goal}，一下提得太多", f"{name} would have to rise from {now} to {goal}"
        )
    if move.year:
        return say.pick(
            f"按现有增速，{name}约 {now}，到不了 {goal}", f"at your growth {name} is {now}, short of {goal}"
        )
    return say.pick(f"{name}现有 {now}，一时到不了 {goal}", f"{name} is {now}: {goal} is far")


def needs_text(moves: Sequence[Move], say: Speaker) -> list[str]:
    """Return moves in words, those of one figure over several years as one."""
    texts = []
    for _, same in groupby(moves, key=lambda one: (one.kind, one.name, str(one.target), one.rising)):
        group = list(same)
        years = sorted(one.year for one in group if one.year is not None)
        unit = say.rulebook.dictionary.facts[group[0].name].unit if group[0].kind == "figure" else None
        if len(group) == 1 or unit is None:
            texts += [move_text(one, say) for one in group]
            continue
        name, span = say.fact(group[0].name), f"{years[0]}—{years[-1]}"
        goal = upward(group[0].target, unit, say)
        first, last = at_hand(group[0].actual, unit, say), at_hand(group[-1].actual, unit, say)
        word = say.pick("不少于" if group[0].rising else "不超过", "at least" if group[0].rising else "at most")
        ends = say.pick(f"从 {first} 增到 {last}", f"from {first} to {last}") if first != last else first
        texts.append(
            say.pick(
                f"{span}年{name}每年{word} {goal}（预计{' ' * (first == last)}{ends}）",
                f"{name} {span}: {word} {goal} each year (expected {ends})",
            )
        )
    return texts


def leg_text(leg: Leg, say: Speaker) -> str:
    """Return one leg in a sentence: when to apply, when it is granted, until when it holds."""
    name = say.recognition(leg.project)
    if leg.kind == "held":
        until = say.pick(f"，有效期至{month_day(leg.until, say)}", f" until {leg.until}") if leg.until else ""
        return say.pick(f"{name}已持有{until}", f"{name}: held{until}")
    verb = say.pick("复核" if leg.kind == "review" else "申报", "review" if leg.kind == "review" else "application")
    window = leg.window
    first = window.opens or window.closes
    when = span_text(first, say) if first else ""
    head = say.pick(f"{window.cycle}年度{verb}{name}", f"{name}: {verb} {window.cycle}")
    if not window.is_live:
        return head + say.pick("（近年没有组织，以恢复申报为前提）", " (no round of late: if it is held again)")
    parts = [say.pick(f"预计{when}开始", f"expected to open {when}")] if when else []
    if leg.grant:
        parts.append(
            say.pick(f"预计{span_text(leg.grant.span, say)}公布", f"published {span_text(leg.grant.span, say)}")
        )
    return head + say.pick("：", ": ") * bool(parts) + say.pick("，", ", ").join(parts)


def path_text(path: Path, say: Speaker) -> str:
    """Return a path in a sentence: the earliest year and what binds it, or why it cannot be reached."""
    name = say.recognition(path.target)
    leg = path.leg
    if leg is None:
        return say.pick(
            f"{name}十年内看不到可行的路：{binding_text(path.binding, say)}",
            f"{name}: no way within ten years: {binding_text(path.binding, say)}",
        )
    if leg.holding is not None and leg.kind != "new":
        return say.pick(f"{name}已经持有，要做的是按期复核和更新", f"{name} is held: keep it by review and updates")
    asks = len(dict.fromkeys(ask for one in path.legs for ask in one.asks))
    text = say.pick(f"{name}最早{path.year}年度可以申报", f"{name}: the {path.year} round at the earliest")
    if path.binding.kind != "window":
        text += say.pick(
            f"；更早不行，因为{binding_text(path.binding, say)}", f"; not sooner: {binding_text(path.binding, say)}"
        )
    if not leg.is_certain:
        text += say.pick("；这个项目近年没有组织，是否恢复要看通知", "; no round of late: watch for a notice")
    if asks:
        text += say.pick(f"；还有 {asks} 项情况没有回答，答完才算准", f"; {asks} answers are still missing")
    return text


def leg_needs(leg: Any, say: Speaker) -> list[str]:
    """Return what must be true by a leg of a path (as plain data), one line each."""
    lines = list(leg["needs_text"])
    lines += [say.pick(f"{text}：按现有增速预计能到", f"{text}: expected by your own growth") for text in leg["trend"]]
    if leg["questions"]:
        names = say.pick("、", ", ").join(leg["questions"][:SHOWN])
        count = len(leg["questions"])
        more = say.pick(f"等 {count} 项", f" and more, {count} in all") if count > SHOWN else ""
        lines.append(say.pick(f"先回答：{names}{more}", f"first answer: {names}{more}"))
    lines += [say.pick(f"{day} 前复核续期，不能断档", f"renew before {day}") for day in leg["renewals"]]
    if leg["judged"]:
        lines.append(say.pick(f"{leg['judged']} 项由评审专家判断", f"reviewers decide {leg['judged']} criteria"))
    return lines or [say.pick("现有条件都够", "nothing more")]


def conflict_text(first: str, second: str, say: Speaker) -> str:
    """Return that holding one recognition rules out another."""
    a, b = say.recognition(first), say.recognition(second)
    return say.pick(f"注意先后：取得{a}以后不能再报{b}", f"mind the order: holding {a} rules out {b}")
