"""`assistant profile`: begin a profile, check one, fill one in as a workbook."""

from __future__ import annotations

import sys
from datetime import date
from importlib import import_module
from pathlib import Path

import click

from assistant.cli.context import Day, Options, report_problems, shared
from assistant.cli.inputs import profile as read_profile
from assistant.cli.inputs import rulebook
from assistant.company.writing import Data, profile_text
from assistant.delivery.documents import blank_profile
from assistant.delivery.wording.conversation import comments
from assistant.delivery.wording.speaker import Speaker
from assistant.errors import BadInput, Place, Problem
from assistant.files import check_writable, write
from assistant.matching.match import Matcher
from assistant.planning.assessment import check_judgements
from assistant.planning.interview import Interview
from assistant.rulebook.book import Rulebook
from assistant.sources import read, read_bytes


@click.group()
def profile() -> None:
    """填写和检查企业资料 fill in and check a company's profile。"""


@profile.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--name", default="", help="企业名称 the company's name")
@click.option("--on", type=Day(), default=date.today, help="按哪一天 as of this day")
@click.option("--force", is_flag=True, help="覆盖已有文件 overwrite")
@click.option("--blank", is_flag=True, help="只写空白资料，不问 write a blank file, ask nothing")
@click.option("--interview", "asks", is_flag=True, help="不在终端也逐项提问 ask even if this is no terminal")
@click.option(
    "--continue", "resume", is_flag=True, help="接着填已有的文件（注释重写）go on with a file; comments are rewritten"
)
@click.option("--all", "every", is_flag=True, help="没有申报窗口的项目也问 ask for projects without a round, too")
@shared
def new(
    options: Options,
    path: Path,
    name: str,
    on: date,
    force: bool,
    blank: bool,
    asks: bool,
    resume: bool,
    every: bool,
) -> None:
    """在终端逐项提问，写出资料；或写出空白资料 ask for the answers at a terminal, or write a blank profile。"""
    if blank and (asks or resume):
        raise click.UsageError("--blank 不能和 --interview、--continue 同用 / --blank asks nothing")
    book = rulebook(options)
    if path.exists() and not (force or resume):
        raise BadInput([Problem("file-exists", Place(str(path)))])
    if blank or not (asks or resume or sys.stdin.isatty()):
        write(path, blank_profile(book, name, on).encode())
        click.echo(str(path))
        return
    data: Data = {"enterprise": {"name": name}} if name else {}
    if resume:
        check_judgements(read_profile(path, book, on), book)
        data = read(path).data or {}
    check_writable(path)
    talk = import_module("assistant.cli.interview").Talk
    talk(Interview(data), path, Matcher(book), Speaker(book, options.lang), on, every).hold()


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


_YEARS = click.option("--years", type=click.IntRange(1, 10), default=3, help="几个已结账的年度 years already closed")
_FORCE = click.option("--force", is_flag=True, help="覆盖已有文件 overwrite")
_WORKBOOK = click.option(
    "-o", "target", metavar="XLSX", required=True, type=click.Path(path_type=Path), help="写到哪里 where to write"
)


@profile.command()
@_WORKBOOK
@_YEARS
@click.option("--on", type=Day(), default=date.today, help="按哪一天 as of this day")
@_FORCE
@shared
def template(options: Options, target: Path, years: int, on: date, force: bool) -> None:
    """写出空白的资料表（.xlsx）write an empty workbook to fill in。"""
    _write_workbook({}, rulebook(options), target, on, years, force=force)


@profile.command()
@click.argument("path", metavar="PROFILE", type=click.Path(path_type=Path))
@_WORKBOOK
@_YEARS
@click.option("--on", type=Day(), default=date.today, help="按哪一天 as of this day")
@_FORCE
@shared
def export(options: Options, path: Path, target: Path, years: int, on: date, force: bool) -> None:
    """把资料写成资料表（.xlsx），内容不变 write a profile as a workbook, nothing lost。"""
    book = rulebook(options)
    check_judgements(read_profile(path, book, on), book)
    _write_workbook(read(path).data or {}, book, target, on, years, force=force)


@profile.command("import")
@click.argument("path", metavar="XLSX", type=click.Path(path_type=Path))
@click.option(
    "-o", "target", metavar="PROFILE", required=True, type=click.Path(path_type=Path), help="写到哪里 where to write"
)
@click.option("--on", type=Day(), default=date.today, help="按哪一天 as of this day")
@_FORCE
@shared
def import_(options: Options, path: Path, target: Path, on: date, force: bool) -> None:
    """读资料表，写成资料；有一处不对就什么都不写 read a workbook; nothing is written until all is right。"""
    book = rulebook(options)
    _check_target(target, force=force)
    found = import_module("assistant.delivery.workbook.reading").imported(read_bytes(path), str(path), book, on)
    write(target, profile_text(found.data, book.dictionary, comments(book)).encode())
    report_problems(found.remarks, options.lang)
    click.echo(str(target))


def _write_workbook(data: Data, book: Rulebook, target: Path, on: date, years: int, *, force: bool) -> None:
    _check_target(target, force=force)
    write(target, import_module("assistant.delivery.workbook.writing").workbook_xlsx(data, book, on, years=years))
    click.echo(str(target))


def _check_target(target: Path, *, force: bool) -> None:
    if target.exists() and not force:
        raise BadInput([Problem("file-exists", Place(str(target)))])
