"""`assistant db`, `company`, `feed`: what the store keeps.

The work is in `storing`, imported when a command runs: the database's parts are heavy, and need not be installed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from getpass import getuser
from pathlib import Path
from secrets import token_bytes
from typing import Any
from uuid import uuid4

import click

from assistant.cli.context import Day, Options, shared
from assistant.cli.inputs import store_part
from assistant.settings import database_url

DB_HELP = "数据库：文件，或 postgresql:// 开头的地址；默认 $ASSISTANT_DB the store: a file or postgresql://…"
BY_HELP = "谁录入的，默认登录名 who enters it; the login name by default"
_COMPANY_HELP = "企业名称，默认用资料里的 the company's name; the profile's by default"
_SECRET_BYTES = 32


def stored(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--db` beside the shared options; it receives the store's *url*."""
    option = click.option("--db", "url", callback=lambda _context, _option, given: database_url(given), help=DB_HELP)
    return shared(option(command))


def login() -> str:
    """Return the name of the user of this machine; "" where there is none."""
    try:
        return getuser()
    except (KeyError, ImportError, OSError):
        return ""


_form = click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
_by = click.option("--by", "who", default=login, help=BY_HELP)
_on = click.option("--on", type=Day(), default=date.today, help="按哪一天检查资料，默认今天 as of this day")
_path = click.argument("path", metavar="PROFILE", type=click.Path(path_type=Path))
_file = click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
_company = click.argument("company_name", metavar="COMPANY")


# ---- the database


@click.group()
def db() -> None:
    """数据库：升级、备份、恢复 the store: upgrade, backup, restore。"""


@db.command("upgrade")
@stored
def upgrade_(options: Options, url: str) -> None:
    """建立数据库，或升级到本版本，数据保留 create the store or bring it up to date。"""
    store_part("assistant.cli.storing").upgraded(options, url)


@db.command("backup")
@_file
@click.option("--force", is_flag=True, help="覆盖已有文件 overwrite")
@stored
def backup_(options: Options, url: str, file: Path, force: bool) -> None:
    """备份成一个文件，不用停止服务 back up into one file, while in use。"""
    store_part("assistant.cli.storing").backed_up(options, url, file, replace=force)


@db.command("restore")
@_file
@click.option("--force", is_flag=True, help="代替数据库里已有的数据 replace what the store holds")
@stored
def restore_(options: Options, url: str, file: Path, force: bool) -> None:
    """从备份恢复，可换机器、换数据库 restore a backup, on another machine or database, too。"""
    store_part("assistant.cli.storing").restored(options, url, file, replace=force)


# ---- companies


@click.group()
def company() -> None:
    """企业：登记、列出、更新资料 companies: add, list, update。"""


@company.command("add")
@_path
@click.option("--name", default="", help=_COMPANY_HELP)
@_by
@_on
@_form
@stored
def add(options: Options, url: str, path: Path, name: str, who: str, on: date, form: str) -> None:
    """登记一家企业和它的资料 add a company with its profile。"""
    work = store_part("assistant.cli.storing")
    work.added(options, url, path, identity=str(uuid4()), name=name, who=who, at=_now(), on=on, form=form)


@company.command("update")
@_company
@_path
@click.option("--name", default="", help=_COMPANY_HELP)
@_by
@_on
@stored
def update(options: Options, url: str, company_name: str, path: Path, name: str, who: str, on: date) -> None:
    """存入新一版资料，旧版保留 save a new version of the profile; old ones stay。"""
    work = store_part("assistant.cli.storing")
    work.updated(options, url, company_name, path, name=name, who=who, at=_now(), on=on)


@company.command("list")
@_form
@stored
def list_companies(options: Options, url: str, form: str) -> None:
    """列出企业 list the companies。"""
    store_part("assistant.cli.storing").companies(options, url, form)


@company.command("history")
@_company
@click.option("--version", "number", type=click.IntRange(1), help="打印这一版的内容 print this version")
@_form
@stored
def history(options: Options, url: str, company_name: str, number: int | None, form: str) -> None:
    """列出资料的各个版本 list the versions of a profile: who, when。"""
    store_part("assistant.cli.storing").history(options, url, company_name, number, form)


# ---- feeds


@click.group()
def feed() -> None:
    """日历订阅：建立、列出、停用 calendar subscriptions: create, list, revoke。"""


@feed.command("create")
@_company
@click.option("--name", required=True, help="给谁、在哪里用，如“王工手机” who uses it where")
@click.option("--base-url", default="", help="服务器的对外网址 the server's address for others")
@click.option("--guide", type=click.Path(path_type=Path), help="写出订阅说明（网页） write the guide as a page")
@_form
@stored
def create(
    options: Options, url: str, company_name: str, name: str, base_url: str, guide: Path | None, form: str
) -> None:
    """建立一个订阅链接，只显示这一次 create a link to subscribe to, shown this once。"""
    work, guides = store_part("assistant.cli.storing"), store_part("assistant.cli.subscribing")
    if guide:
        guides.check_address(base_url)
    secret = token_bytes(_SECRET_BYTES)
    made = work.feed_created(options, url, company_name, name, secret=secret, at=_now(), base_url=base_url, form=form)
    if guide:
        company, address = made
        guides.guide_written(options, company, guides.links(address), guide, aside=form == "json")


@feed.command("show")
@click.argument("named", metavar="FEED|COMPANY")
@click.option("--link", help="建立订阅时显示的链接 the link shown when it was created")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="写成带二维码的网页 a page with a code to scan")
@_form
@stored
def show(options: Options, url: str, named: str, link: str | None, output: Path | None, form: str) -> None:
    """怎么订阅：各种日历软件的做法 how to subscribe, program by program。"""
    store_part("assistant.cli.subscribing").feed_shown(options, url, named, link, output, form)


@feed.command("list")
@click.argument("company_name", metavar="[COMPANY]", required=False)
@_form
@stored
def list_feeds(options: Options, url: str, company_name: str | None, form: str) -> None:
    """列出订阅和上次读取的时间 list the subscriptions and when they were last fetched。"""
    store_part("assistant.cli.storing").feeds(options, url, company_name, form)


@feed.command("revoke")
@click.argument("feed_name", metavar="FEED")
@stored
def revoke(options: Options, url: str, feed_name: str) -> None:
    """停用一个订阅，链接不能再用 revoke a subscription, by name or id。"""
    store_part("assistant.cli.storing").feed_revoked(options, url, feed_name, at=_now())


def _now() -> datetime:
    return datetime.now(UTC)
