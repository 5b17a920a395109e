"""Sentences about windows, gaps, steps and upkeep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from assistant.dates import DateSpan
from assistant.delivery.wording.reasons import reason
from assistant.delivery.wording.speaker import Speaker
from assistant.matching.findings import Finding, FindingNode
from assistant.matching.gaps import alternatives
from assistant.planning.windows import Window


def month_day(day: date, say: Speaker) -> str:
    """Return a date for people: 2027年3月5日."""
    return say.pick(f"{day.year}年{day.month}月{day.day}日", day.isoformat())


def span_text(days: DateSpan, say: Speaker) -> str:
    """Return a span for people, the year said once."""
    if days.is_day:
        return month_day(days.earliest, say)
    if say.lang != "zh":
        return f"{days.earliest} to {days.latest}"
    last = f"{days.latest.month}月{days.latest.day}日"
    if days.latest.year != days.earliest.year:
        last = f"{days.latest.year}年{last}"
    return f"{month_day(days.earliest, say)}至{last}"


def window_text(window: Window, say: Speaker) -> str:
    """Return when applications are taken and how sure that is."""
    if window.status == "dormant":
        last = max((past.year for past in window.basis), default=None)
        return say.pick(
            f"{last}年以后没有见到申报通知，暂无预计时间", f"no call seen since {last}; no date can be expected"
        )
    if window.status == "rolling":
        return say.pick("常年受理", "applications are taken all year round")
    if window.status == "unknown":
        return say.pick(
            f"{window.cycle}年的申报时间未知：往年通知没有可靠的日期，请留意主管部门通知",
            f"dates for {window.cycle} are not known; watch for the authority's notice",
        )
    parts = []
    announced = window.status == "announced"
    if window.opens:
        text = span_text(window.opens, say)
        parts.append(
            say.pick(f"{text}开始", f"opens {text}")
            if announced
            else say.pick(f"预计{text}之间开始", f"expected to open {text}")
        )
    if window.closes:
        text = span_text(window.closes, say)
        whose = say.word(f"whose.{window.whose}")
        if announced:
            parts.append(say.pick(f"{text}{whose}截止", f"closes {text} ({whose})"))
        elif window.closes.is_day or not parts:
            parts.append(say.pick(f"预计{text}之间{whose}截止", f"expected to close {text} ({whose})"))
        else:
            parts.append(say.pick(f"{text}之间{whose}截止", f"closing {text} ({whose})"))
    text = say.pick("，", ", ").join(parts)
    if not announced:
        text += say.pick(f"；可信度{say.word(f'confidence.{window.confidence}')}", f"; confidence {window.confidence}")
    for note in window.notes:
        text += say.pick("，", ", ") + _NOTES[note][0 if say.lang == "zh" else 1]
    return text


_NOTES = {
    "batches": ("往年分批受理", "several batches in past years"),
    "closing-inferred": ("截止时间按往年受理天数推算", "closing inferred from past rounds' length"),
    "opening-inferred": ("开始时间按往年受理天数推算", "opening inferred from past rounds' length"),
    "every-2-years": ("近三次都隔一年举办", "held every two years of late"),
    "every-3-years": ("近三次都隔两年举办", "held every three years of late"),
    "after-expiry": ("可能晚于证书到期日，请提前问清复核安排", "possibly after the certificate expires: ask early"),
    "separate-channel": ("本市单独组织，以本市通知为准", "organised separately; the city's own notice decides"),
}


def window_basis(window: Window, say: Speaker) -> list[str]:
    """Return the rounds a window rests on, one text each."""
    texts = []
    for past in window.basis:
        batch = past.batch.removeprefix(f"{past.year}年度").removeprefix(f"{past.year}年")
        name = f"{past.year}年{batch}" if say.lang == "zh" else f"{past.year} {batch}".strip()
        number = past.notice.number
        dates = [
            say.pick(f"{word}{day.month}月{day.day}日", f"{english} {day}")
            for word, english, day in (
                ("发布 ", "announced", past.notice.announced),
                ("开始 ", "opened", past.opens),
                ("企业截止 ", "closed", past.closes),
                ("省截止 ", "province", past.province_deadline),
            )
            if day
        ]
        dates += [
            say.pick(f"{city} {day.month}月{day.day}日", f"{city} {day}") for city, day in past.city_deadlines.items()
        ][:2]
        detail = say.pick("，", ", ").join([*([number] if number else []), *dates])
        texts.append(say.pick(f"{name}（{detail}）", f"{name} ({detail})") if detail else name)
    return texts


def gap_text(gap: FindingNode, way: Sequence[Finding], say: Speaker) -> str:
    """Return what is short: the criterion and by how much, or the *way* to close a choice."""
    if isinstance(gap, Finding):
        return f"{gap.criterion.says}{say.pick('：', ': ')}{reason(say, gap)}"
    reasons = dict.fromkeys(reason(say, finding).rstrip("。.") for finding in way)
    several = len(alternatives(gap)) > 1
    head = f"{gap.group.says}{say.pick('：', ': ')}"
    if several:
        head += say.pick("几种办法满足一种即可，最近的一种：", "any one way suffices; the nearest: ")
    return head + say.pick("；", "; ").join(reasons) + say.pick("。", ".")
