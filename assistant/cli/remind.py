"""`assistant remind`: who is reminded of what, and what became of it; by hand or from cron.

The work is in `reminding`, imported when a command runs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import click

from assistant.cli.context import Options
from assistant.cli.inputs import store_part
from assistant.cli.store import login, stored

_COMPANY = click.argument("company_name", metavar="COMPANY")
_form = click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
_by = click.option("--by", "who", default=login, help="谁做的，默认登录名 who does it; the login name by default")
_base_url = click.option("--base-url", default="", help="服务器的对外网址 the server's address for others")
_WORK = "assistant.cli.reminding"


@click.group()
def remind() -> None:
    """提醒：收件人、渠道、预览、发送、记录 reminders: recipients, channels, preview, sending, log。"""


@remind.command("plan")
@_COMPANY
@click.option("--days", type=click.IntRange(1, 100), default=90, show_default=True, help="看多少天 how many days")
@_form
@stored
def plan(options: Options, url: str, company_name: str, days: int, form: str) -> None:
    """以后会收到哪些提醒 what will be sent to whom in the next days。"""
    store_part(_WORK).planned(options, url, company_name, days=days, form=form, now=_now())


@remind.command("due")
@_form
@stored
def due(options: Options, url: str, form: str) -> None:
    """现在该发的 what is due now。"""
    store_part(_WORK).due(options, url, form, now=_now())


@remind.command("send")
@click.option(
    "--lanes",
    type=click.IntRange(1, 32),
    default=1,
    show_default=True,
    help="同时发几条；中途断电时，每路最多重发一条 messages at once; a crash repeats at most one of each",
)
@_base_url
@stored
def send(options: Options, url: str, base_url: str, lanes: int) -> None:
    """计划并发出该发的提醒，可由 cron 调用 plan and send what is due, from cron。"""
    if not store_part(_WORK).sent(options, url, base_url, lanes=lanes, now=_now()):
        raise SystemExit(1)


@remind.command("log")
@_COMPANY
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="最多几条 at most so many")
@_form
@stored
def log(options: Options, url: str, company_name: str, limit: int, form: str) -> None:
    """发过的消息、每次尝试和答复 messages, every try, and the provider's answer。"""
    store_part(_WORK).logged(options, url, company_name, limit=limit, form=form)


@remind.command("test")
@_COMPANY
@click.argument("recipient", metavar="RECIPIENT")
@_base_url
@stored
def test(options: Options, url: str, company_name: str, recipient: str, base_url: str) -> None:
    """给一位收件人的每个渠道发一条测试消息 send a test message to every channel of a recipient。"""
    if not store_part(_WORK).tested(options, url, company_name, recipient, base_url, now=_now(), chance=uuid4().hex):
        raise SystemExit(1)


@remind.command("add")
@_COMPANY
@click.option("--name", required=True, help="姓名或群名 a person's or a group's name")
@click.option("--email", default="", help="邮箱 e-mail address")
@click.option("--channel", "channels", multiple=True, help="渠道的名称，可多次 a channel by name, repeatable")
@click.option("--kind", "kinds", multiple=True, help="提醒哪几类，默认全部 kinds of reminders, all by default")
@click.option("--lead", "leads", multiple=True, type=click.IntRange(0, 180), help="截止前几天 days before a closing")
@click.option("--own", is_flag=True, help="准备事项只提醒本人负责的 of the steps, only this person's")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@_by
@stored
def add(options: Options, url: str, company_name: str, **given: object) -> None:
    """加一位收件人 add a recipient。"""
    store_part(_WORK).added(options, url, company_name, identity=uuid4().hex, at=_now(), **given)


@remind.command("list")
@_COMPANY
@_form
@stored
def list_(options: Options, url: str, company_name: str, form: str) -> None:
    """列出收件人和渠道 list recipients and channels。"""
    store_part(_WORK).listed(options, url, company_name, form)


@remind.command("stop")
@_COMPANY
@click.argument("recipient", metavar="RECIPIENT")
@_by
@stored
def stop(options: Options, url: str, company_name: str, recipient: str, who: str) -> None:
    """不再提醒这位收件人 remind this recipient no more。"""
    store_part(_WORK).stopped(options, url, company_name, recipient, who=who, at=_now())


@remind.command("channel")
@_COMPANY
@click.option("--kind", type=click.Choice(["wecom", "dingtalk", "feishu", "webhook", "apprise"]), required=True)
@click.option("--name", required=True, help="叫什么，如“申报群” what it is called")
@click.option("--remove", is_flag=True, help="删去这个渠道 remove it")
@_by
@stored
def channel(options: Options, url: str, company_name: str, **given: object) -> None:
    """加一个渠道；地址和密钥在提示后输入，不写在命令里 add a channel; its secrets are asked for。"""
    store_part(_WORK).channel(options, url, company_name, identity=uuid4().hex, at=_now(), **given)


def _now() -> datetime:
    return datetime.now(UTC)
