"""What is said around a question: what it asks, why it is asked, and what the answers will settle."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.delivery.wording.speaker import Speaker
from assistant.planning.questions import Ask, Outlook

SHOWN = 3  # projects named before the rest is counted


def words(ask: Ask, say: Speaker) -> tuple[str, str, str]:
    """Return what is asked, what helps to answer, and what proves the answer."""
    base, _, entry = ask.fact.partition(".")
    if base != "recognitions":
        spec = say.rulebook.dictionary.facts[base]
        label = say.fact(ask.fact)
        asked = (
            say.pick(f"{label}是多少？写明是哪一年的。", f"What is the {label}, and of which year?") if entry else ""
        )
        return asked or spec.question or say.pick(f"{label}？", f"{label}?"), spec.help, spec.evidence
    proof = say.pick("证书或公告", "certificate or announcement")
    if entry:
        name = say.recognition(entry)
        return (
            say.pick(f"{name}的有效期到哪一天？", f"Until which day is {name} valid?"),
            say.pick(
                "看证书或公布文件；有效期没有写明的，写授予日期。", "See the certificate; or give the day of grant."
            ),
            proof,
        )
    return (
        say.pick("已获得哪些有效的资质？", "Which recognitions are held and valid?"),
        say.pick(
            "全部列出，写明授予日期和到期日；没有就填“无”。",
            "List all with the dates of grant and expiry; none is an answer.",
        ),
        proof,
    )


def why(ask: Ask, say: Speaker) -> str:
    """Return why a question is asked: what it settles, what it can rule out, what else waits for it."""
    parts = []
    if ask.after_gap:
        parts.append(
            say.pick("补上差距后够不够，要看这一项：", "tells whether closing the gaps is enough: ")
            + names(ask.serves, say)
        )
    else:
        if ask.alone:
            parts.append(say.pick("答了就能定：", "settles: ") + names(ask.alone, say))
        if ask.rules_out:
            parts.append(say.pick("答案不合就能排除：", "may rule out: ") + names(ask.rules_out, say))
        rest = [id_ for id_ in ask.serves if id_ not in ask.alone and id_ not in ask.rules_out]
        if rest:
            also = say.pick("还关系到：", "also bears on: ") if parts else say.pick("关系到：", "bears on: ")
            parts.append(also + names(rest, say))
    if ask.vague:
        parts.append(
            say.pick("填的范围跨过了门槛，填准一些才能判断", "the range given straddles a threshold; narrow it")
        )
    return say.pick("；", "; ").join(parts)


def names(ids: Sequence[str], say: Speaker) -> str:
    """Return the first projects by name and the number of all."""
    projects = say.rulebook.projects
    shown = say.pick("、", ", ").join(say.pick(projects[id_].name, projects[id_].en) for id_ in ids[:SHOWN])
    if len(ids) <= SHOWN:
        return shown
    return say.pick(f"{shown}等{len(ids)}个项目", f"{shown} and {len(ids) - SHOWN} more")


def progress(found: Outlook, say: Speaker) -> str:
    """Return how many projects can be judged already."""
    text = say.pick(
        f"已能判断 {found.settled}/{found.projects} 个项目",
        f"{found.settled} of {found.projects} projects can be judged",
    )
    if found.live == found.projects:
        return text
    return text + say.pick(
        f"（近期有申报窗口的 {found.live_settled}/{found.live} 个）",
        f" ({found.live_settled} of the {found.live} with a round to come)",
    )


def promise(count: int, total: int, sure: int, all_: int, say: Speaker) -> str:
    """Return what the first *count* of *total* answers settle for sure: an answer that rules out settles more."""
    if count >= total:
        return say.pick(
            f"共 {total} 项，全部答完至少能定下 {all_} 个项目。",
            f"Questions: {total}. Projects settled for sure by all of them: {all_}.",
        )
    return say.pick(
        f"共 {total} 项。答完最前面 {count} 项，至少能定下 {sure} 个项目；全部答完，至少定下 {all_} 个。",
        f"Questions: {total}. Projects settled for sure by the first {count}: {sure}; by all: {all_}.",
    )
