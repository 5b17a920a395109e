"""A caption is what stands on a drawing, or says what its signs mean."""

from __future__ import annotations

from assistant.delivery.wording.speaker import Speaker

_CAPTIONS: dict[str, tuple[str, str]] = {
    # groups of rows
    "group.common": ("几个项目共用的", "shared"),
    "group.ready": ("能申报的", "ready to apply"),
    "group.near": ("差一点的", "nearly there"),
    "group.open": ("待补充的", "answers needed"),
    "group.held": ("已获得的", "held"),
    "row.answers": ("补充信息", "questions to answer"),
    "row.shared": ("共用的准备", "shared preparations"),
    "review": ("（复核）", " (review)"),
    # on the axis
    "year": ("{}年", "{}"),
    "month": ("{}月", "{}"),
    "quarter": ("{}季度", "Q{}"),
    # beside a bar or mark
    "expected": ("预计", "expected"),
    "announced": ("已公布 {}", "announced {}"),
    "to": ("—", " to "),
    "day-of-month": ("{}月{}日", "{:02d}-{:02d}"),
    "over": ("已经结束", "over"),
    "no-end": ("截止未知", "end not known"),
    "no-beginning": ("开始未知", "start not known"),
    "expires": ("{}到期", "expires {}"),
    "now": ("现在就办", "now"),
    "times": ("共 {} 项", "×{}"),
    # what the signs mean
    "sign.expected": (
        "预计受理时间：左尖是最早开始、右尖是最晚截止，越厚越可能正在受理",
        "expected round: begins at the earliest on the left tip, ends at the latest on the right one",
    ),
    "sign.announced": ("已公布的受理时间", "announced round"),
    "sign.answer": ("补充信息的期限", "answers due"),
    "sign.improve": ("补差距：最晚动手或办到的日子", "gap: last day to begin, or to be done"),
    "sign.prepare": ("开始准备材料，数字是件数", "begin on papers, with their number"),
    "sign.apply": ("最早的截止日（多为预计），赶在这天前提交", "earliest deadline (mostly expected): apply before it"),
    "sign.yearly": ("年度填报的期限", "yearly report due"),
    "sign.expiry": ("有效期满", "recognition expires"),
    "sign.now": ("今天", "today"),
    # what is told of a mark
    "begins": ("{}起：{}", "from {}: {}"),
    "due": ("{}前：{}", "by {}: {}"),
    "day": ("{}：{}", "{}: {}"),
    "about": ("（预计）", " (expected)"),
    "timeline": ("{}至{}的申报时间表", "Timeline from {} to {}"),
    # legs of a path
    "path": ("通往{}的路线", "The path to {}"),
    "leg.new": ("{}年度新申报", "new, {}"),
    "leg.review": ("{}年度复核", "review, {}"),
    "leg.held": ("已有", "held"),
    "leg.held-until": ("已有，到{}", "held until {}"),
    "year-month": ("{}年{}月", "{}-{:02d}"),
    "to-month": ("{1}月", "{0}-{1:02d}"),
    "applied": ("{}受理", "applications {}"),
    "applied-expected": ("预计{}受理", "applications expected {}"),
    "applied-unknown": ("受理时间未知", "date of applications not known"),
    "granted": ("{}公布", "granted {}"),
    "granted-expected": ("约{}公布", "granted about {}"),
    "renewed": ("{}前要复核续期", "to be renewed before {}"),
    "until": ("有效到{}", "valid until {}"),
    "sign.window": ("从受理到公布，斜线是受理时间", "from applications (hatched) to the grant"),
    "sign.unsure": ("不知道还办不办、何时办", "not known whether or when it is held"),
    "sign.granted": ("公布后的有效期", "valid once granted"),
    "sign.renewed": ("到期前要复核续期", "to be renewed"),
    "sign.lapsed": ("有效期接不上", "no longer valid"),
    "sign.held": ("现在已有", "held today"),
    "sign.needs": ("先有下面的，才能报上面的", "the lower one is needed for the upper one"),
    "sign.target": ("目标", "target"),
}


def caption(name: str, say: Speaker) -> str:
    """Return a caption."""
    return say.pick(*_CAPTIONS[name])


def captions(group: str, say: Speaker) -> dict[str, str]:
    """Return all captions of a group: `captions("sign", say)["now"]`."""
    prefix = f"{group}."
    return {name.removeprefix(prefix): caption(name, say) for name in _CAPTIONS if name.startswith(prefix)}
