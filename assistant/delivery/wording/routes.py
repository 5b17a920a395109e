"""Routes say a path in words: its earliest year, its legs, what binds each, what must be true by then."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from assistant.delivery.wording.advice import at_hand, block_text, move_text, upward
from assistant.delivery.wording.sentences import month_day, span_text
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.moves import Move
from assistant.planning.path import Binding, Leg, Path

SHOWN = 4  # names in a row


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
        return say.pick(f"{name}要从 {now}提到 {goal}，一下提得太多", f"{name} would have to rise from {now} to {goal}")
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
        ends = say.pick(f"从 {first}增到 {last}", f"from {first} to {last}") if first != last else first
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
