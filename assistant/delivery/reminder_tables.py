"""Reminders for the terminal: what is to come, what is due, what was sent, who is told. Times are China's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich import box
from rich.markup import escape
from rich.table import Table

from assistant.dates import CHINA
from assistant.delivery.plain import Json
from assistant.delivery.tables import console
from assistant.delivery.wording.reminding import kind_name, reminding, state_name

_HEADS = {
    "plan": (("哪天", "给谁", "哪一类", "内容"), ("day", "to", "kind", "what")),
    "log": (("时间", "给谁", "渠道", "结果", "内容"), ("time", "to", "channel", "outcome", "what")),
    "people": (("姓名", "邮箱", "渠道", "状态", "编号"), ("name", "e-mail", "channels", "state", "id")),
    "channels": (("渠道", "种类", "连续失败", "最近答复"), ("channel", "kind", "failures", "last answer")),
    "due": (("给谁", "企业编号"), ("to", "company")),
    "states": (("消息", "条数"), ("messages", "count")),
}


def plan(rows: Sequence[Json], lang: str) -> None:
    """Print what is to come."""
    table = _table("plan", lang)
    for row in rows:
        day = _moment(row["due"]).strftime("%Y-%m-%d")
        table.add_row(day, escape(row["recipient"]), kind_name(row["kind"], lang), escape(row["title"]))
    _shown(table, lang)


def due(rows: Sequence[Json], counts: Mapping[str, int], lang: str) -> None:
    """Print what is due, and how many messages are in each state."""
    table = _table("due", lang)
    for row in rows:
        table.add_row(escape(row["recipient"]), row["company"])
    _shown(table, lang)
    if counts:
        states = _table("states", lang)
        for state, count in sorted(counts.items()):
            states.add_row(state_name(state, lang), str(count))
        console().print(states)


def log(rows: Sequence[Json], lang: str) -> None:
    """Print messages, and below each the tries that went wrong."""
    table = _table("log", lang)
    for row in rows:
        time = _moment(row["created"]).strftime("%Y-%m-%d %H:%M")
        what = "\n".join(escape(title) for title in row["titles"])
        table.add_row(time, escape(row["recipient"]), escape(row["channel"]), state_name(row["state"], lang), what)
        for tried in row["attempts"]:
            if tried["outcome"] != "sent":
                at = _moment(tried["at"]).strftime("%H:%M:%S")
                told = escape(f"{tried['code']} {tried['answer']}".strip())
                table.add_row(f"  {at}", "", "", state_name(tried["outcome"], lang), told, style="dim")
    _shown(table, lang)


def people(rows: Sequence[Json], ways: Sequence[Json], lang: str) -> None:
    """Print recipients and channels."""
    table = _table("people", lang)
    for row in rows:
        state = "stopped" if row["stopped"] else "paused" if row["paused"] else "active"
        named = escape("、".join(row["channels"]))
        table.add_row(escape(row["name"]), escape(row["email"]), named, state_name(state, lang), row["id"][:8])
    _shown(table, lang)
    if ways:
        others = _table("channels", lang)
        for way in ways:
            others.add_row(escape(way["name"]), way["kind"], str(way["failures"]), escape(way["answer"]))
        console().print(others)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(CHINA)


def _table(name: str, lang: str) -> Table:
    return Table(*_HEADS[name][lang != "zh"], box=box.SIMPLE_HEAD)


def _shown(table: Table, lang: str) -> None:
    console().print(table if table.row_count else reminding("nothing", lang))
