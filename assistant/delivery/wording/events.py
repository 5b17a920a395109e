"""Words of the calendar: prefixes and titles of events, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from assistant.dates import DateSpan
from assistant.delivery.wording.sentences import month_day, span_text
from assistant.delivery.wording.speaker import Speaker

NAMED = 6  # projects named in a row

_TAGS: dict[str, tuple[str, str]] = {
    "expected": ("【预计】", "[expected] "),
    "announced": ("【已公布】", "[announced] "),
    "postponed": ("【延期】", "[postponed] "),
    "cancelled": ("【已取消】", "[cancelled] "),
    "done": ("【已完成】", "[done] "),
    "check": ("【核对】", "[check] "),
    "prepare": ("【准备】", "[prepare] "),
    "apply": ("【预计最早截止】", "[expected deadline] "),
    "deadline": ("【截止】", "[deadline] "),
    "upkeep": ("【维护】", "[upkeep] "),
}

_WORDS: dict[str, tuple[str, str]] = {
    "open": ("{}受理", "{} open"),
    "closes": ("{}截止", "{} close"),
    "earliest": ("{}：最早这天开始", "{} open at the earliest"),
    "latest": ("{}：最晚这天截止", "{} close at the latest"),
    "earliest-close": ("{}：最早这天截止", "{} close at the earliest"),
    "latest-open": ("{}：最晚这天开始", "{} open at the latest"),
    "check": ("{}：查看有没有{}年的通知", "{}: look for the notice of {}"),
    "new": ("{}申报", "{}: applications"),
    "review": ("{}复核", "{}: reviews"),
    "upkeep-yearly": ("{}年度更新", "{}: yearly update"),
    "upkeep-expiry": ("{}到期", "{}: expires"),
    "open-already": (
        "现在可能已经开始受理，请查看主管部门通知。",
        "It may be open already: look for a notice.",
    ),
    "answer": ("请填写：{}", "fill in: {}"),
    "for": ("用于：{}", "for: {}"),
    "and-more": ("{}等 {} 个项目", "{} and others, {} in all"),
    "basis": ("依据：{}", "basis: {}"),
    "channel": ("怎么报：{}", "how: {}"),
    "standing": ("目前：{}", "standing: {}"),
    "estimated": (
        "日期按往年情况推算，以当年通知为准。",
        "Dates are inferred from past rounds; the year's notice decides.",
    ),
    "workdays": (
        "申报日期已公布；当年的放假安排还没有公布，工作日按推算，以当年通知为准。",
        "The dates of applications are announced; working days of that year are not yet and are estimated.",
    ),
    "check-day": (
        "这一天按往年最早的日期定，只是提醒查看通知，不是申报日期；申报时间以当年通知为准。",
        "A day to look for the notice, not a date of applications; the year's notice decides.",
    ),
    "notice": ("通知：{}", "notice: {}"),
    "put-off": ("原定 {}，已推迟到这天。", "Put off to this day from {}."),
    "dropped": ("（不再列入计划）", " (left out of the plan)"),
    "dropped-window": (
        "日历不再列这一项：资料、资质或预计时间有变化，或者年度结束时还有差距。不是主管部门取消申报；资料更新后会重新判断。",
        "Not in the plan any more: answers, the forecast or a closed year changed it. The authority cancelled nothing.",
    ),
    "dropped-upkeep": (
        "日历不再列这一项：资质或有关规则有变化。",
        "Not in the plan any more: the recognition or its rules changed.",
    ),
    "changes": ("变更记录：", "Changes:"),
}

_CHANGES: dict[str, tuple[str, str]] = {
    "announced": ("日期已公布", "dates announced"),
    "expected": ("改回预计", "expected again"),
    "postponed": ("截止延期", "closing put off"),
    "moved": ("日期有变", "days changed"),
    "overdue": ("还没有办完", "not done yet"),
    "cancelled": ("不再列入日历", "left out of the plan"),
    "done": ("已完成", "done"),
    "reopened": ("重新打开", "opened again"),
    "back": ("重新列入日历", "back in the plan"),
    "text": ("说明有更新", "text changed"),
}


def event_tag(name: str, say: Speaker) -> str:
    """Return the prefix of a title: in it stands what some clients do not show."""
    return say.pick(*_TAGS[name])


def event_words(name: str, say: Speaker) -> str:
    """Return a phrase of calendar events."""
    return say.pick(*_WORDS[name])


def sentence(text: str, say: Speaker) -> str:
    """Return *text* with a full stop."""
    return text.rstrip("。.") + say.pick("。", ".")


def serves_text(names: Sequence[str], say: Speaker) -> str:
    """Return what a step is for: the first few by name."""
    listed = say.pick("、", ", ").join(names[:NAMED])
    if len(names) > NAMED:
        listed = event_words("and-more", say).format(listed, len(names))
    return event_words("for", say).format(listed)


def change_line(day: date, what: str, was: DateSpan | None, now: DateSpan | None, say: Speaker) -> str:
    """Return one line of the log: the day, what changed, from which days to which."""
    text = f"{month_day(day, say)}{say.pick('：', ': ')}{say.pick(*_CHANGES[what])}"
    if was and now:
        before, after = span_text(was, say), span_text(now, say)
        text += say.pick(f"，由{before}改为{after}", f", from {before} to {after}")
    return text


def feed_words(say: Speaker) -> tuple[str, str]:
    """Return the calendar's name and description, with a place for the company."""
    return (
        say.pick("申报日历（{}）", "Applications ({})"),
        say.pick(
            "申报窗口、准备事项和资质维护。【预计】由往年通知推算，以当年通知为准。",
            "Windows, preparation and upkeep. [expected] is inferred.",
        ),
    )
