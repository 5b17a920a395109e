"""What an interview says: the question with its choices, where its answer is found, why it is asked, what to type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.company.answers import is_unknown
from assistant.company.facts import FactSpec
from assistant.company.writing import Comments
from assistant.delivery.wording.asking import names, progress, why, words
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.interview import Interview, Turn
from assistant.planning.questions import Ask, topic_of
from assistant.rulebook.book import Rulebook

BACK, HELP, FINISH = "<", "?", "q"

_WORDS: dict[str, tuple[str, str]] = {
    "opening": (
        "一次问一项，最有用的先问，每答一项就存一次。不清楚就填“不清楚”，只知道大概可以填范围，如 5..10。",
        "One question at a time, the most useful first; every answer is saved. Type unknown, or a range such as 5..10.",
    ),
    "keys": (
        "回车跳过，? 看说明，< 回到上一题，q 结束。",
        "Enter passes over, ? gives help, < goes back, q finishes.",
    ),
    "name": ("企业名称：", "The company's name: "),
    "uscc": ("统一社会信用代码（18 位，可以先不填）：", "Unified social credit code (18 characters, optional): "),
    "prompt": ("答：", "> "),
    "first": ("已经是第一题了。", "This is the first question."),
    "none-left": ("没有要问的了。", "Nothing is left to ask."),
    "entry": (
        "第 {number} 项　{label}（没有了就回车；一项都没有填“无”）：",
        "No. {number}: {label} (Enter if that is all; none if there is none): ",
    ),
    "field": ("　　{label}：", "  {label}: "),
    "granted": ("授予日期，如 2024-11-19（不清楚就回车）", "granted on, such as 2024-11-19 (Enter if not known)"),
    "expires": (
        "有效期到哪天（证书没写就回车，按资质的有效期推算）",
        "valid until (Enter if not written: its own term applies)",
    ),
    "recognition": ("资质名称", "recognition"),
    "kept": (
        "清单按已填的 {number} 项保存；还有别的，请在文件里补上。",
        "The list is kept with {number} entries; add others in the file.",
    ),
    "nothing": ("没有回答，没有写文件。", "Nothing was answered; no file was written."),
    "saved": (
        "已存到 {path}：答了 {answers} 项，其中不清楚的 {unknown} 项。",
        "Saved to {path}: {answers} answers, {unknown} of them unknown.",
    ),
    "again": ("接着填：assistant profile new {path} --continue", "To go on: assistant profile new {path} --continue"),
    "next": ("看结论：assistant match {path}", "Verdicts: assistant match {path}"),
}

_HEAD = """\
企业资料。没有写的就是“没有回答”，不会当作 0 或“否”；不清楚的写 unknown，只知道大概的写范围，如 "5..10"。
金额单位万元，人数单位人，比例写百分数。
"""
_NONE = {"无", "没有", "none", "[]"}
_KEYS = {"？": HELP, "＜": BACK, "《": BACK, "ｑ": FINISH, "Q": FINISH, "Ｑ": FINISH}  # as an input method gives them
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def word(name: str, say: Speaker, **values: object) -> str:
    """Return a fixed sentence with its values."""
    return say.pick(*_WORDS[name]).format(**values)


def is_none(text: str) -> bool:
    """Tell whether *text* says that a list is empty."""
    return text.strip().lower() in _NONE


def question(turn: Turn, ask: Ask, say: Speaker) -> Iterator[str]:
    """Yield a question as it is put: where the interview stands, what is asked, the choices, why, where to look."""
    dictionary = say.rulebook.dictionary
    asked, _, evidence = words(ask, say)
    yield f"—— {dictionary.topics.get(topic_of(ask.fact, say.rulebook), '')} · {progress(turn.outlook, say)}"
    spec = dictionary.facts.get(ask.fact)
    unit = say.pick(f"（{spec.unit.symbol}）", f" ({spec.unit.symbol})") if spec and spec.unit else ""
    yield f"{asked}{unit}"
    if spec:
        yield from choices(spec, say)
    yield say.pick("为什么问：", "why: ") + why(ask, say)
    if evidence:
        yield say.pick("在哪里找：", "where to find it: ") + evidence


def choices(spec: FactSpec, say: Speaker) -> Iterator[str]:
    """Yield what can be chosen, by number."""
    if spec.kind == "flag":
        yield say.pick("　是 / 否", "  yes / no")
    elif spec.kind == "choice":
        named = (f"{number} {say.option(one, spec.choices)}" for number, one in enumerate(spec.choices, start=1))
        yield (
            "　"
            + "　".join(named)
            + (say.pick("（可以选几项，用逗号隔开）", " (several, separated by commas)") if spec.multiple else "")
        )


def newly_settled(ids: Sequence[str], say: Speaker) -> str:
    """Return which projects the last answer settled."""
    return say.pick(f"→ 定下了：{names(ids, say)}", f"→ settled: {names(ids, say)}")


def help_text(ask: Ask, say: Speaker) -> str:
    """Return the help on a question."""
    if ask.fact == "recognitions":
        known = say.pick("、", ", ").join(say.recognition(id_) for id_ in say.lists.recognitions)
        return words(ask, say)[1] + say.pick("可以填：", " Known: ") + known
    return words(ask, say)[1] or say.pick("没有更多说明。", "There is no more help.")


def prompt(ask: Ask, name: str, say: Speaker) -> str:
    """Return what stands before an answer: the year, where the question is about years."""
    return say.pick(f"{name[-5:-1]} 年：", f"{name[-5:-1]}: ") if ask.years else word("prompt", say)


def cleaned(text: str) -> str:
    """Return what was typed without signs that no file should hold; a key of the interview as such."""
    text = _UNPRINTABLE.sub(" ", text).strip()
    return _KEYS.get(text, text)


def comments(book: Rulebook) -> Comments:
    """Return what the file of a profile says besides the answers: in Chinese, as all of it."""
    names = {id_: book.recognition(id_).label for id_ in book.lists.recognitions}
    return Comments(_HEAD, "已结账的年度", "还没有结账的年度，企业自己的预计数", names)


def closing(told: Interview, path: str, say: Speaker) -> Iterator[str]:
    """Yield where the profile is, and what to do next."""
    answers = [*(told.data.get("facts") or {}).values()]
    for section in ("years", "estimates"):
        answers += [raw for figures in (told.data.get(section) or {}).values() for raw in figures.values()]
    answers += [told.data["recognitions"]] if "recognitions" in told.data else []
    unknown = sum(is_unknown(raw) for raw in answers)
    yield word("saved", say, path=path, answers=len(answers), unknown=unknown)
    yield word("again", say, path=path)
    yield word("next", say, path=path)
