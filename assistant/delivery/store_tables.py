"""What the store keeps, for the terminal: companies, versions of a profile, subscriptions. Times are China's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone

from rich import box
from rich.markup import escape
from rich.table import Table

from assistant.delivery.plain import Json
from assistant.delivery.tables import console
from assistant.delivery.wording.labels import label

_CHINA = timezone(timedelta(hours=8))
_NOTHING = {
    "companies": ("还没有登记企业。", "No company yet."),
    "feeds": ("还没有订阅。", "No subscription yet."),
    "accounts": ("还没有账户。", "No account yet."),
}


def companies(rows: Sequence[Json], lang: str) -> None:
    """Print the companies."""
    if not rows:
        console().print(_NOTHING["companies"][lang != "zh"])
        return
    table = _table(
        ("企业", "信用代码", "登记", "日历", "编号") if lang == "zh" else ("company", "code", "added", "calendar", "id")
    )
    for row in rows:
        calendar = row["published"] or ("待生成" if lang == "zh" else "to be built")
        table.add_row(
            escape(row["name"]),
            row["uscc"],
            _time(row["created"]),
            f"[red]{escape(row['failure'])}[/]" if row["failure"] else calendar,
            row["id"],
        )
    console().print(table)


def versions(name: str, rows: Iterable[Json], lang: str) -> None:
    """Print the versions of a profile."""
    table = _table(("版本", "时间", "录入人") if lang == "zh" else ("version", "time", "who"))
    for row in rows:
        table.add_row(str(row["number"]), _time(row["at"]), escape(row["who"]))
    console().print(f"[bold]{escape(name)}[/]", table)


def feeds(rows: Sequence[Json], lang: str) -> None:
    """Print the subscriptions, with who fetched last."""
    if not rows:
        console().print(_NOTHING["feeds"][lang != "zh"])
        return
    chinese = ("企业", "订阅", "建立", "上次读取", "读取方", "状态", "编号")
    english = ("company", "subscription", "created", "last fetched", "by", "state", "id")
    table = _table(chinese if lang == "zh" else english)
    for row in rows:
        live, ended = ("在用", "已停用") if lang == "zh" else ("in use", "revoked")
        table.add_row(
            escape(row["company_name"]),
            escape(row["name"]),
            _time(row["created"]),
            _time(row["last_fetched"]) if row["last_fetched"] else ("未读取" if lang == "zh" else "never"),
            escape(row["last_client"] or ""),
            f"[dim]{ended}[/]" if row["revoked"] else live,
            row["id"],
        )
    console().print(table)


def accounts(rows: Sequence[Json], lang: str) -> None:
    """Print the accounts, with how many companies each belongs to."""
    if not rows:
        console().print(_NOTHING["accounts"][lang != "zh"])
        return
    chinese = ("邮箱", "姓名", "身份", "企业", "建立", "状态")
    table = _table(chinese if lang == "zh" else ("e-mail", "name", "standing", "companies", "created", "state"))
    live, ended = ("在用", "已停用") if lang == "zh" else ("in use", "disabled")
    for row in rows:
        table.add_row(
            escape(row["email"]),
            escape(row["name"]),
            label(f"account.{row['standing']}", lang),
            str(row["companies"]),
            _time(row["created"]),
            ended if row["disabled"] else live,
        )
    console().print(table)


def _table(headings: Iterable[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _time(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(_CHINA).strftime("%Y-%m-%d %H:%M")
