"""Fixed words of the product, in Chinese and English."""

from __future__ import annotations

_LABELS: dict[str, tuple[str, str]] = {
    "verdict.eligible": ("符合", "eligible"),
    "verdict.ineligible": ("不符合", "not eligible"),
    "verdict.undetermined": ("待补充", "undetermined"),
    "verdict.not-offered": ("不适用", "not offered"),
    "standing.ready": ("可申报", "can apply"),
    "standing.near": ("差一点", "nearly there"),
    "standing.open": ("待补充", "answers needed"),
    "standing.far": ("暂不具备", "not yet in reach"),
    "standing.not-offered": ("不适用", "not offered"),
    "review.ready": ("复核条件已达到", "review: conditions met"),
    "review.near": ("复核有差距", "review: gaps to close"),
    "review.open": ("复核待补充", "review: answers needed"),
    "review.far": ("复核有差距", "review: gaps to close"),
    "review.not-offered": ("由地市另行复核", "review: elsewhere"),
    "state.met": ("符合", "met"),
    "state.unmet": ("不符合", "not met"),
    "state.unknown": ("待定", "open"),
    "state.not-applicable": ("不适用", "not applicable"),
    "role.condition": ("条件", "condition"),
    "role.fast-track": ("直通条件", "fast track"),
    "role.exclusion": ("否决项", "exclusion"),
    "role.judgement": ("专家研判", "judgement"),
    "role.preference": ("优先支持", "preference"),
    "role.text": ("原文待核", "text missing"),
    "kind.new": ("新申报", "new application"),
    "kind.review": ("复核", "review"),
    "status.announced": ("已公布", "announced"),
    "status.expected": ("预计", "expected"),
    "status.dormant": ("近年没有组织", "dormant"),
    "status.unknown": ("时间未知", "not known"),
    "status.rolling": ("常年受理", "rolling"),
    "confidence.high": ("高", "high"),
    "confidence.medium": ("中", "medium"),
    "confidence.low": ("低", "low"),
    "standing-of-source.official": ("官方原文", "official text"),
    "standing-of-source.secondary": ("二手资料", "secondary source"),
    "standing-of-source.unverified": ("未经核实", "unverified"),
    "account.member": ("一般用户", "member"),
    "account.adviser": ("顾问", "adviser"),
    "account.bureau": ("主管部门", "bureau"),
    "account.administrator": ("管理员", "administrator"),
    "member.owner": ("所有者", "owner"),
    "member.editor": ("编辑", "editor"),
    "member.viewer": ("查看者", "viewer"),
    "whose.company": ("企业", "company"),
    "whose.city": ("地市", "city"),
    "whose.province": ("省", "province"),
    "level.national": ("国家级", "national"),
    "level.provincial": ("省级", "provincial"),
    "step.answer": ("补充信息", "fill in"),
    "step.improve": ("补差距", "close the gap"),
    "step.judgement": ("准备说明", "prepare the case"),
    "step.prepare": ("准备材料", "prepare"),
    "step.apply": ("提交申报", "apply"),
    "cost.memory": ("凭记忆可答", "from memory"),
    "cost.look-up": ("需要查找", "look up"),
    "cost.third-party": ("需要第三方", "third party"),
    "lever.own": ("企业自己能定", "the company decides"),
    "lever.market": ("看经营结果", "business results"),
    "lever.slow": ("要外部授予或批准", "others must grant it"),
    "lever.platform": ("由官方平台计算", "an official platform computes it"),
    "lever.time": ("只能等时间", "only time helps"),
    "lever.none": ("改变不了", "cannot be moved"),
    "flag.yes": ("是", "yes"),
    "flag.no": ("否", "no"),
    "recognitions": ("已获得的资质", "recognitions held"),
}


def label(name: str, lang: str) -> str:
    """Return the word *name* stands for."""
    chinese, english = _LABELS[name]
    return chinese if lang == "zh" else english


def labels(group: str, lang: str) -> dict[str, str]:
    """Return all words of a group: `labels("state", "zh")["met"]`."""
    prefix = f"{group}."
    return {name.removeprefix(prefix): label(name, lang) for name in _LABELS if name.startswith(prefix)}
