"""What one company does next: report, checklist, calendar."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from pathlib import Path

import click

from assistant.cli.assessing import asked, assessed, deliver, dumped
from assistant.cli.context import Options
from assistant.delivery import tables
from assistant.delivery.documents import markdown
from assistant.delivery.feed import Only, feed
from assistant.delivery.report import report as html_report
from assistant.delivery.result import result
from assistant.delivery.spreadsheet import checklist_xlsx
from assistant.files import write_all
from assistant.settings import cache_directory


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="输出文件夹 output folder")
@asked
def report(options: Options, profile_path: Path, on: date, cycle: int | None, kind: str | None, output: Path) -> None:
    """写出报告、日历、清单和数据 write report, calendar, checklist and data。"""
    assessment = assessed(options, profile_path, on, cycle, kind)
    data = result(assessment, options.lang)
    contents = {
        "report.html": html_report(assessment, options.lang, data=data, cache=cache_directory()).encode(),
        "calendar.ics": feed(assessment, options.lang),
        "checklist.xlsx": checklist_xlsx(assessment, options.lang, data=data),
        "result.json": dumped(data).encode(),
    }
    write_all(output, contents)
    for name in contents:
        click.echo(str(output / name))


@click.command()
@click.option("--project", "projects", multiple=True, help="只看这个项目，可重复 only this project")
@click.option("--format", "form", type=click.Choice(["table", "md", "html", "xlsx", "docx", "json"]), default="table")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="输出文件 output file")
@asked
def checklist(
    options: Options,
    profile_path: Path,
    on: date,
    cycle: int | None,
    kind: str | None,
    projects: tuple[str, ...],
    form: str,
    output: Path | None,
) -> None:
    """准备清单：要做什么、何时做完 what to do by when。"""
    if form in ("xlsx", "docx") and output is None:
        text = f"{form} 需要 -o 文件名 / {form} needs -o FILE"
        raise click.UsageError(text)
    assessment = assessed(options, profile_path, on, cycle, kind, projects)
    data = result(assessment, options.lang)
    match form:
        case "xlsx":
            deliver(checklist_xlsx(assessment, options.lang, data=data), output)
        case "docx":
            made = import_module("assistant.delivery.action_plan").action_plan(data, options.lang)
            deliver(made, output)
        case "html":
            deliver(html_report(assessment, options.lang, data=data, cache=cache_directory()).encode(), output)
        case "md":
            deliver(markdown(data, options.lang).encode(), output)
        case "json":
            chosen = {key: data[key] for key in ("on", "enterprise", "steps", "upkeep", "questions")}
            deliver(dumped(chosen).encode(), output)
        case _:
            tables.steps(data, options.lang)


_ONLY_HELP = "只要窗口、准备、维护，或者只要待办（VTODO）only windows, preparation, upkeep, or tasks"


@click.command()
@click.option("--only", type=click.Choice(["windows", "prep", "upkeep", "tasks"]), help=_ONLY_HELP)
@click.option("--alarms", is_flag=True, help="每项加一次提醒：前一天 9 点 one alarm per event: 9:00 on the day before")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="输出文件 output file")
@asked
def calendar(
    options: Options,
    profile_path: Path,
    on: date,
    cycle: int | None,
    kind: str | None,
    output: Path | None,
    only: Only | None,
    alarms: bool,
) -> None:
    """写出日历（.ics）write the calendar。"""
    assessment = assessed(options, profile_path, on, cycle, kind)
    deliver(feed(assessment, options.lang, only=only or "all", alarms=alarms), output)
