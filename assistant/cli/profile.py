"""`assistant profile`: begin a profile, check one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from assistant.cli.context import Day, Options, report_problems, shared
from assistant.cli.inputs import profile as read_profile
from assistant.cli.inputs import rulebook
from assistant.delivery.documents import blank_profile
from assistant.errors import BadInput, Place, Problem
from assistant.files import write
from assistant.planning.assessment import check_judgements


@click.group()
def profile() -> None:
    """填写和检查企业资料 fill in and check a company's profile。"""


@profile.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--name", default="", help="企业名称 the company's name")
@click.option("--on", type=Day(), default=date.today, help="按哪一天 as of this day")
@click.option("--force", is_flag=True, help="覆盖已有文件 overwrite")
@shared
def new(options: Options, path: Path, name: str, on: date, force: bool) -> None:
    """写出一份带说明的空白资料 write a blank profile with explanations。"""
    book = rulebook(options)
    if path.exists() and not force:
        raise BadInput([Problem("file-exists", Place(str(path)))])
    write(path, blank_profile(book, name, on).encode())
    click.echo(str(path))


@profile.command()
@click.argument("path", metavar="PROFILE", type=click.Path(path_type=Path))
@click.option("--on", type=Day(), default=date.today, help="按哪一天 as of this day")
@shared
def check(options: Options, path: Path, on: date) -> None:
    """检查资料，一次列出所有问题 check a profile, all mistakes at once。"""
    book = rulebook(options)
    found = read_profile(path, book, on)
    check_judgements(found, book)
    answered = len(found.facts) + sum(map(len, found.years.values())) + sum(map(len, found.estimates.values()))
    report_problems(found.remarks, options.lang)
    text = (
        f"{found.name}：已填 {answered} 项，没有错误"
        if options.lang == "zh"
        else f"{found.name}: {answered} answers, no mistakes"
    )
    click.echo(text)
    if found.remarks:
        raise SystemExit(1)
