"""Words of reminders: titles, how many days are left, what became of a date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from assistant.dates import DateSpan
from assistant.delivery.wording.sentences import month_day, span_text
from assistant.delivery.wording.speaker import Speaker

TAGS: dict[str, tuple[str, str]] = {
    "announced": ("【已公布】", "[announced] "),
    "moved": ("【日期调整】", "[date changed] "),
    "opening": ("【开始受理】", "[opens] "),
    "closing": ("【截止提醒】", "[closes] "),
    "expected": ("【预计】", "[expected] "),
    "check": ("【核对】", "[check] "),
    "step": ("【准备】", "[prepare] "),
    "overdue": ("【抓紧】", "[overdue] "),
    "question": ("【补充资料】", "[question] "),
    "upkeep": ("【维护】", "[upkeep] "),
    "rules": ("【规则变化】", "[rules changed] "),
}

KIND_NAMES: dict[str, tuple[str, str]] = {
    "announced": ("申报日期公布", "dates announced"),
    "moved": ("日期有调整", "dates changed"),
    "opening": ("开始受理", "applications open"),
    "closing": ("临近截止", "closing soon"),
    "expected": ("预计快要受理", "expected soon"),
    "check": ("该查看通知了", "time to look for a notice"),
    "step": ("本周要办的准备事项", "steps due this week"),
    "overdue": ("不能再拖的事项", "steps that cannot wait"),
    "question": ("补充资料就能判断的项目", "questions that would settle a project"),
    "upkeep": ("资质维护和到期", "upkeep and expiry"),
    "rules": ("规则变化影响结论", "rule changes that alter a verdict"),
}

_TEXTS: dict[str, tuple[str, str]] = {
    "opens": ("{day}开始受理", "opens on {day}"),
    "closes": ("{day}截止", "closes on {day}"),
    "due": ("{day}前办完", "to be done by {day}"),
    "expires": ("{day}到期", "due on {day}"),
    "earliest": ("最早可能{day}开始", "may open on {day} at the earliest"),
    "latest": ("最晚可能{day}截止", "may close on {day} at the latest"),
    "earliest-close": ("最早可能{day}截止", "may close on {day} at the earliest"),
    "latest-open": ("最晚可能{day}开始", "may open on {day} at the latest"),
    "left": ("{what}，还有 {days} 天", "{what}, {days} days left"),
    "tomorrow": ("{what}，就是明天", "{what}: tomorrow"),
    "today": ("{what}，就是今天", "{what}: today"),
    "was": ("原来：{}", "before: {}"),
    "now": ("现在：{}", "now: {}"),
    "announced": ("{}（已公布）", "{} (announced)"),
    "expected": ("{}（预计）", "{} (expected)"),
    "basis": ("依据：{}", "clause: {}"),
    "sure": ("日期把握：{}", "how sure: {}"),
    "at-once": ("按往年时间已经很紧，请尽快办。", "By past rounds there is little time left: do it now."),
    "verdict": ("结论由“{}”变为“{}”。", "The verdict changes from “{}” to “{}”."),
    "version": ("现在按：{}", "now by: {}"),
    "several": ("{first}等 {count} 项", "{first} and {more} more"),
    "subject": ("{what}｜{company}", "{what} | {company}"),
    "intro": ("{company}：这次有 {count} 项提醒。", "{company}: {count} reminders."),
    "intro-one": ("{company}", "{company}"),
    "stop": (
        "不想再收到？打开这个链接就可以退订，不用登录：{}",
        "To stop these messages, open this link; no login is needed: {}",
    ),
    "settings": ("调整提醒：{}", "Change your reminders: {}"),
    "nothing": ("没有。", "Nothing."),
    "built": ("计划了 {} 家企业的提醒", "planned for {} companies"),
    "queued": ("新排 {} 条消息", "{} messages queued"),
    "taken": ("送达 {} 条", "{} taken"),
    "waits": ("还有 {} 条等着重试", "{} wait for another try"),
    "added": ("已添加收件人“{}”。", "Recipient {} added."),
    "stopped": ("不再提醒“{}”。", "{} is reminded no more."),
    "channel-added": (
        "已添加渠道“{}”。用 assistant remind test 发一条测试消息。",
        "Channel {} added. Try it with: assistant remind test",
    ),
    "channel-removed": ("已删去渠道“{}”，密钥也删了。", "Channel {} and its secret removed."),
    "ask-url": ("机器人或程序的网址（输入时不显示）", "the robot's or program's address (not shown)"),
    "ask-secret": ("签名密钥，没有就回车（输入时不显示）", "the secret for signing, if any (not shown)"),
    "test": ("测试消息：能看到这条，说明渠道通了。", "A test: that you can read this means that the channel works."),
    "test-subject": ("申报助手测试消息", "a test of the assistant"),
    "fall-back": (
        "“{channel}”没有送达（{answer}），所以改发邮件。",
        "“{channel}” could not be reached ({answer}), so this comes by e-mail.",
    ),
    "alarm-subject": ("申报助手：提醒发不出去", "the assistant cannot send reminders"),
    "alarm": (
        "“{company}”的渠道“{channel}”从 {since} 起一直没有送达，最近的答复：{answer}。请检查设置。",
        "Channel “{channel}” of “{company}” has failed since {since}; its last answer: {answer}. Check its settings.",
    ),
}


_STATES: dict[str, tuple[str, str]] = {
    "pending": ("等待发送", "waiting"),
    "queued": ("等待发送", "waiting"),
    "sending": ("正在发送", "being sent"),
    "sent": ("已送达", "taken"),
    "dead": ("没有送达", "not taken"),
    "failed": ("没有送达", "not taken"),
    "retry": ("稍后再试", "tried again"),
    "expired": ("过期未发", "expired"),
    "superseded": ("不再需要", "not needed any more"),
    "active": ("正常", "active"),
    "paused": ("已暂停", "paused"),
    "stopped": ("已退订", "unsubscribed"),
}


def reminding(name: str, lang: str) -> str:
    """Return a phrase of reminders."""
    return _TEXTS[name][0 if lang == "zh" else 1]


def kind_name(kind: str, lang: str = "zh") -> str:
    """Return what a kind of reminder is called."""
    return KIND_NAMES[kind][0 if lang == "zh" else 1]


def state_name(state: str, lang: str = "zh") -> str:
    """Return how a message, a try or a recipient stands."""
    return _STATES[state][0 if lang == "zh" else 1]


def sent_text(built: int, queued: int, taken: int, waits: int, lang: str) -> str:
    """Return what a round of sending has done."""
    counts = (("built", built), ("queued", queued), ("taken", taken), ("waits", waits))
    told = [reminding(name, lang).format(count) for name, count in counts if count or name != "waits"]
    return "，".join(told) + "。" if lang == "zh" else f"{', '.join(told)}."


def trial_text(name: str, outcome: str, code: str, answer: str, lang: str) -> str:
    """Return what became of a test message."""
    reason = " ".join(part for part in (code, answer) if part) if outcome != "sent" else ""
    told = state_name("dead" if outcome == "retry" else outcome, lang)
    if lang == "zh":
        return f"{name}：{told}" + (f"（{reason}）" if reason else "")
    return f"{name}: {told}" + (f" ({reason})" if reason else "")


def added_text(name: str, lang: str) -> str:
    """Tell that a recipient was added."""
    return reminding("added", lang).format(name)


def stopped_text(name: str, lang: str) -> str:
    """Tell that somebody is reminded no more."""
    return reminding("stopped", lang).format(name)


def channel_text(name: str, lang: str, *, removed: bool) -> str:
    """Tell that a channel was added or removed."""
    return reminding("channel-removed" if removed else "channel-added", lang).format(name)


def asked_text(what: str, lang: str) -> str:
    """Return how an address or a secret is asked for."""
    return reminding(f"ask-{what}", lang)


def title(kind: str, heading: str, lang: str) -> str:
    """Return the title of a reminder."""
    return f"{TAGS[kind][0 if lang == 'zh' else 1]}{heading}"


def days_text(first: date, last: date, *, confirmed: bool, say: Speaker) -> str:
    """Return days, and whether they were announced."""
    return reminding("announced" if confirmed else "expected", say.lang).format(span_text(DateSpan(first, last), say))


def counted(what: str, aim: date, on: date, lang: str) -> str:
    """Return what happens on *aim* and how far that is from *on*: counted on the day of sending."""
    told = reminding(what, lang).format(day=_day(aim, lang))
    left = (aim - on).days
    if left < 0:
        return told
    name = ("today", "tomorrow")[left] if left < 2 else "left"
    return reminding(name, lang).format(what=told, days=left)


def end_of_window(point: str, day: date, say: Speaker) -> str:
    """Return which end of an estimated window a day is; "" where the day is the whole of it."""
    return reminding(point, say.lang).format(day=month_day(day, say)) if point in _TEXTS else ""


def subject(titles: Sequence[str], company: str, lang: str) -> str:
    """Return the subject of a message with reminders of these titles."""
    what = titles[0]
    if len(titles) > 1:
        what = reminding("several", lang).format(first=what, count=len(titles), more=len(titles) - 1)
    return reminding("subject", lang).format(what=what, company=" ".join(company.split()))


def _day(day: date, lang: str) -> str:
    return f"{day.month}月{day.day}日" if lang == "zh" else day.isoformat()
