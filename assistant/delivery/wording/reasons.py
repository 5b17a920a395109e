"""Reasons say why a criterion is met, failed or open: what was found, by how much it falls short, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from assistant.delivery.wording.speaker import Speaker, unit_of
from assistant.logic import tree
from assistant.logic.scalar import Outcome
from assistant.logic.values import Range
from assistant.matching.findings import Finding, Score, shortfall
from assistant.units import Number, decimal_text, from_base

_WANTED: Mapping[str, Any] = {"met": True, "unmet": False, "unknown": None}


def reason(say: Speaker, finding: Finding) -> str:
    """Return why the criterion is in its state, in one or two short sentences."""
    if finding.state == "not-applicable":
        return say.pick("这种情形不适用。", "Does not apply here.")
    if finding.judgement is not None:
        return _judged(say, finding)
    if finding.score is not None:
        return score(say, finding.score)
    if finding.criterion.role == "text":
        return finding.criterion.says
    if finding.criterion.test is None:
        return say.pick("没有公开的数值线，由评审专家判断。", "No published threshold; reviewers decide.")
    told = [o for o in finding.outcomes if o.truth is _WANTED[finding.state]]
    texts = [_outcome(say, o, finding) for o in told]
    texts = list(dict.fromkeys(text for text in texts if text)) or [_without_figures(say, finding)]
    if finding.state == "met":
        texts = texts[:2]
    dated = any(
        figure.offset is not None or figure.name == "size_class" for o in told for figure in tree.figures(o.node)
    )
    basis = _basis(say, finding) if dated else ""
    return say.pick("；", "; ").join(texts) + basis + say.pick("。", ".")


def _outcome(say: Speaker, outcome: Outcome, finding: Finding) -> str:
    subject = say.subject(outcome.node, finding.base_year)
    if outcome.truth is None:
        return _open(say, outcome, finding, subject)
    found = say.value(outcome)
    if isinstance(outcome.node, tree.Holds):
        if outcome.truth:
            return say.pick(f"已持有{found}", f"holds {found}")
        return _lapsed(say, outcome, subject)
    if isinstance(outcome.node, tree.Expires):
        when = say.pick(
            "在申报当年到期" if outcome.truth else "不在申报当年到期",
            "expires that year" if outcome.truth else "does not expire that year",
        )
        return (
            f"{found}{say.pick('，', ', ')}{when}"
            if outcome.actual
            else say.pick(f"没有有效的{subject}", f"no {subject} held")
        )
    inner = outcome.node.part if isinstance(outcome.node, tree.Not) else outcome.node
    between = "：" if not isinstance(inner, tree.Compare) else "" if found.startswith("第 ") else "为 "
    text = say.pick(f"{subject}{between}{found}", f"{subject}: {found}")
    if outcome.truth:
        return text
    return text + short(say, outcome)


def _lapsed(say: Speaker, outcome: Outcome, subject: str) -> str:
    if not outcome.actual:
        return say.pick(f"还没有{subject}", f"no {subject} held")
    return say.pick(
        f"{say.holdings(outcome.actual)}，到申报时不再有效，要先续上",
        f"{say.holdings(outcome.actual)} is not valid at the application; renew it first",
    )


def short(say: Speaker, outcome: Outcome) -> str:
    """Return by how much a comparison fails, as the tail of a sentence."""
    missing = shortfall(outcome)
    node = outcome.node
    if missing is None or not isinstance(node, tree.Compare):
        return _required(say, outcome)
    unit = unit_of(node)
    if unit is None:
        return _required(say, outcome)
    required = _required(say, outcome)
    if missing.by == 0:
        return required + say.pick("，刚好在线上不算", "; the exact figure is not enough")
    by = _ceil(from_base(missing.by, unit), 2) * unit.factor if unit.symbol == "%" else missing.by
    amount = say.number(by, unit).replace(" %", say.pick(" 个百分点", " percentage points"))
    amount = amount.removeprefix("第 ")
    over = node.op in ("<=", "<") and unit.dimension != "rank"
    text = required + say.pick(f"，{'高出' if over else '差'} {amount}", f", {'over' if over else 'short'} by {amount}")
    if missing.amount is not None and missing.fact:
        assert isinstance(node.left, tree.Ratio)
        text += _lever(say, missing.fact, missing.amount, several=isinstance(node.left.over, tree.Sum))
    return text


def _lever(say: Speaker, fact: str, amount: Number, *, several: bool) -> str:
    unit = say.rulebook.dictionary.spec(fact).unit
    if unit is None:
        return ""
    name = say.fact(fact) + (say.pick("合计", " in total") if several else "")
    size = from_base(Fraction(amount) if amount > 0 else -Fraction(amount), unit)
    text = say.number(_ceil(size, 0 if unit.dimension == "people" else 6) * unit.factor, unit)
    if amount > 0:
        return say.pick(f"（{name}少 {text}）", f" ({name} is {text} too low)")
    return say.pick(f"（{name}多 {text}）", f" ({name} is {text} too high)")


def _required(say: Speaker, outcome: Outcome) -> str:
    required = say.required(outcome)
    return say.pick(f"，要求{required}", f"; required: {required}") if required else ""


def _open(say: Speaker, outcome: Outcome, finding: Finding, subject: str) -> str:
    if outcome.missing and finding.missing:
        names = say.pick("、", ", ").join(say.fact(name) for name in finding.missing[:6])
        if isinstance(outcome.actual, Range):
            return say.pick(
                f"{subject}在 {say.value(outcome)} 之间，还不能判断",
                f"{subject} within {say.value(outcome)} does not decide",
            )
        return say.pick(f"需要补充：{names}", f"please fill in: {names}")
    if isinstance(outcome.node, tree.Holds):
        return say.pick(
            f"{say.holdings(outcome.actual)}，可能在申报前到期", f"{say.holdings(outcome.actual)} may lapse first"
        )
    if isinstance(outcome.actual, Range):
        return say.pick(f"{subject}取决于申报当天，还不能判断", f"{subject} depends on the day of application")
    return say.pick(
        f"{subject}的分母为零或为负，算不出来", f"{subject} cannot be computed: the divisor is not positive"
    )


def _without_figures(say: Speaker, finding: Finding) -> str:
    if finding.state == "met":
        return say.pick("符合", "met")
    return say.pick("不符合", "not met") if finding.state == "unmet" else say.pick("还不能判断", "open")


def _judged(say: Speaker, finding: Finding) -> str:
    entry = finding.judgement
    assert entry is not None
    by = say.pick(f"{entry.by or '有人'}判断：", f"judged by {entry.by or 'somebody'}: ")
    day = f"（{entry.on}）" if entry.on and say.lang == "zh" else f" ({entry.on})" if entry.on else ""
    state = say.word(f"state.{finding.state}")
    return (
        f"{by}{state}{day}" + (say.pick(f"，{entry.why}", f", {entry.why}") if entry.why else "") + say.pick("。", ".")
    )


def _basis(say: Speaker, finding: Finding) -> str:
    if finding.state == "unknown":
        return ""
    texts = [say.basis(name) for name in finding.basis if name != "range"]
    return say.pick(f"（{'，'.join(texts)}）", f" ({', '.join(texts)})") if texts else ""


def score(say: Speaker, score: Score) -> str:
    """Return a score with its pass mark and what part is short."""
    mark = decimal_text(score.scoring.pass_mark)
    need = say.pick(f"需超过 {mark} 分" if score.scoring.strict else f"需 {mark} 分", f"{mark} needed")
    low, high = decimal_text(score.low), decimal_text(score.high)
    points = say.pick(f"{low} 分", low) if low == high else say.pick(f"{low}～{high} 分", f"{low}–{high}")
    text = say.pick(f"得分 {points}，{need}", f"score {points}, {need}")
    for part in score.parts:
        if part.part.least is not None and part.high < part.part.least:
            least = decimal_text(part.part.least)
            text += say.pick(
                f"；{part.part.name}最多 {decimal_text(part.high)} 分，不到 {least} 分",
                f"; one part stays below its minimum of {least}",
            )
    return text + say.pick("。", ".")


def _ceil(value: Number, places: int) -> Number:
    """Return *value* rounded up: what is still to do must suffice."""
    scaled = Fraction(value) * 10**places
    return Fraction(-(-scaled.numerator // scaled.denominator), 10**places)
