"""The list of questions for the terminal: by topic, topics and questions in the order of their use."""

from __future__ import annotations

from rich.markup import escape
from rich.padding import Padding

from assistant.delivery.plain import Json
from assistant.delivery.tables import console
from assistant.delivery.wording.speaker import Speaker


def questions(data: Json, say: Speaker) -> None:
    """Print the questions, numbered by their use, each with where to find the answer and why it is asked."""
    out = console()
    out.print(f"[bold]{escape(data['enterprise']['name'])}[/]  {data['on']}")
    out.print(escape(data["progress"]["text"]))
    if not data["questions"]:
        out.print(say.pick("没有要补充的了。", "Nothing is left to fill in."))
        return
    if data["promise"]:
        out.print(escape(data["promise"]))
    topics: dict[str, list[tuple[int, Json]]] = {}
    for number, one in enumerate(data["questions"], start=1):
        topics.setdefault(one["topic"], []).append((number, one))
    for topic, asked in topics.items():
        out.print(f"\n[bold]{escape(topic)}[/]")
        for number, one in asked:
            out.print(f"[bold]{number:>3}[/] {escape(one['question'])}  [dim]{escape(_about(one, say))}[/]")
            for line in (one["why"], say.pick("在哪里找：", "where to find it: ") + one["evidence"], one["help"]):
                if line:
                    out.print(Padding(f"[dim]{escape(line)}[/]", (0, 0, 0, 4)))


def _about(one: Json, say: Speaker) -> str:
    """Return the fact's name in the profile, the years asked for, its unit and what an answer costs."""
    years = say.pick("、", ", ").join(map(str, one["years"]))
    parts = [one["fact"], years and say.pick(f"{years} 年", years), one["unit"] or "", say.word(f"cost.{one['cost']}")]
    return " · ".join(filter(None, parts))
