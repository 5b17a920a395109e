"""`assistant account`: who may log in, for whoever looks after the server. No password is ever typed here.

The work is in `admitting`, imported when a command runs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from secrets import token_bytes
from uuid import uuid4

import click

from assistant.cli.context import Options
from assistant.cli.inputs import store_part
from assistant.cli.store import login, stored

_SECRET_BYTES = 32
_STANDINGS = ("member", "adviser", "bureau", "administrator")
_ROLES = ("owner", "editor", "viewer")

_email = click.argument("email", metavar="EMAIL")
_by = click.option("--by", "who", default=login, help="谁做的，默认登录名 who does it; the login name by default")
_base_url = click.option("--base-url", default="", help="服务器的对外网址 the server's address for others")
_form = click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")


@click.group()
def account() -> None:
    """账户：建立、列出、停用、重设密码 accounts: add, list, disable, reset the password。"""


@account.command("add")
@_email
@click.option("--name", required=True, help="姓名，写在修改记录里 the name shown beside changes")
@click.option(
    "--standing", type=click.Choice(_STANDINGS), default="member", show_default=True, help="身份 what it may do"
)
@_base_url
@_by
@stored
def add(options: Options, url: str, email: str, name: str, standing: str, base_url: str, who: str) -> None:
    """建立账户，打印设密码的链接 add an account; prints a link to choose its password with。"""
    work = store_part("assistant.cli.admitting")
    secret = token_bytes(_SECRET_BYTES)
    work.added(
        options, url, email, name, standing, identity=str(uuid4()), secret=secret, base_url=base_url, who=who, at=_now()
    )


@account.command("list")
@_form
@stored
def list_(options: Options, url: str, form: str) -> None:
    """列出账户 list the accounts。"""
    store_part("assistant.cli.admitting").listed(options, url, form)


@account.command("reset")
@_email
@_base_url
@_by
@stored
def reset(options: Options, url: str, email: str, base_url: str, who: str) -> None:
    """打印一次性的重设密码链接 print a link to choose a new password with, good for one use。"""
    work = store_part("assistant.cli.admitting")
    work.reset(options, url, email, secret=token_bytes(_SECRET_BYTES), base_url=base_url, who=who, at=_now())


@account.command("standing")
@_email
@click.argument("standing", type=click.Choice(_STANDINGS))
@_by
@stored
def standing_(options: Options, url: str, email: str, standing: str, who: str) -> None:
    """改变账户的身份 change what an account may do。"""
    store_part("assistant.cli.admitting").given_standing(options, url, email, standing, who=who, at=_now())


@account.command("disable")
@_email
@_by
@stored
def disable(options: Options, url: str, email: str, who: str) -> None:
    """停用账户，立即退出登录 shut an account out at once。"""
    store_part("assistant.cli.admitting").switched(options, url, email, on=False, who=who, at=_now())


@account.command("enable")
@_email
@_by
@stored
def enable(options: Options, url: str, email: str, who: str) -> None:
    """重新启用账户 let a disabled account in again。"""
    store_part("assistant.cli.admitting").switched(options, url, email, on=True, who=who, at=_now())


@account.command("grant")
@_email
@click.argument("company_name", metavar="COMPANY")
@click.option("--role", type=click.Choice(_ROLES), default="owner", show_default=True, help="角色 its role there")
@_by
@stored
def grant(options: Options, url: str, email: str, company_name: str, role: str, who: str) -> None:
    """让账户成为企业的成员 make an account a member of a company。"""
    store_part("assistant.cli.admitting").granted(options, url, email, company_name, role, who=who, at=_now())


def _now() -> datetime:
    return datetime.now(UTC)
