"""Commands about one company: report, match, explain, checklist, calendar."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from assistant.cli.context import Day, Options, shared
from assistant.cli.inputs import known_projects, profile, rulebook
from assistant.delivery import tables
from assistant.delivery.documents import markdown
from assistant.delivery.feed import feed
from assistant.delivery.report import report as html_report
from assistant.delivery.result import matches, result, tree_of
from assistant.delivery.result import project as project_data
from assistant.delivery.spreadsheet import checklist_xlsx
from assistant.delivery.wording.reasons import Speaker
from assistant.files import write, write_all
from assistant.matching.match import Matcher
from assistant.planning.assessment import Assessment, assess


def asked(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the profile and the settings of the assessment."""
    for option in (
        click.option("--kind", type=click.Choice(["new", "review"]), help="新申报或复核 new application or review"),
        click.option("--cycle", type=int, help="申报年度 year of the application"),
        click.option("--on", type=Day(), default=date.today, help="按哪一天判断，默认今天 as of this day"),
        click.argument("profile_path", metavar="PROFILE", type=click.Path(path_type=Path)),
    ):
        command = option(command)
    return shared(command)


def assessed(
    options: Options, path: Path, on: date, cycle: int | None, kind: str | None, projects: tuple[str, ...] = ()
) -> Assessment:
    """Assess the company at *path*."""
    book = rulebook(options)
    chosen = known_projects(projects, book)
    return assess(Matcher(book), profile(path, book, on), on, cycle=cycle, kind=kind, projects=chosen)


def dumped(data: Any) -> str:
    """Return plain data as JSON for machines and people."""
    return json.dumps(data, ensure_ascii=False, indent=2)


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="输出文件夹 output folder")
@asked
def report(options: Options, profile_path: Path, on: date, cycle: int | None, kind: str | None, output: Path) -> None:
    """写出报告、日历、清单和数据 write report, calendar, checklist and data。"""
    assessment = assessed(options, profile_path, on, cycle, kind)
    contents = {
        "report.html": html_report(assessment, options.lang).encode(),
        "calendar.ics": feed(assessment, options.lang),
        "checklist.xlsx": checklist_xlsx(assessment, options.lang),
        "result.json": dumped(result(assessment, options.lang)).encode(),
    }
    write_all(output, contents)
    for name in contents:
        click.echo(str(output / name))


@click.command()
@click.option("--project", "projects", multiple=True, help="只看这个项目，可重复 only this project")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@asked
def match(
    options: Options,
    profile_path: Path,
    on: date,
    cycle: int | None,
    kind: str | None,
    projects: tuple[str, ...],
    form: str,
) -> None:
    """逐个项目给出结论 give the verdict for every project。"""
    assessment = assessed(options, profile_path, on, cycle, kind, projects)
    if form == "json":
        click.echo(dumped(matches(assessment, Speaker(assessment.rulebook, options.lang))))
    else:
        tables.verdicts(result(assessment, options.lang), options.lang)


@click.command()
@click.argument("project")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@asked
def explain(
    options: Options, profile_path: Path, on: date, cycle: int | None, kind: str | None, project: str, form: str
) -> None:
    """逐条说明一个项目的结论 explain a project's verdict clause by clause。"""
    assessment = assessed(options, profile_path, on, cycle, kind, (project,))
    prospect = assessment.prospects[0]
    say = Speaker(assessment.rulebook, options.lang)
    data = project_data(prospect, say)
    tree = tree_of(prospect.match.tree, prospect, say) if prospect.match.tree else {}
    if form == "json":
        click.echo(dumped({**data, "tree": tree}))
    else:
        tables.explanation(data, tree, options.lang)


@click.command()
@click.option("--project", "projects", multiple=True, help="只看这个项目，可重复 only this project")
@click.option("--format", "form", type=click.Choice(["table", "md", "html", "xlsx", "json"]), default="table")
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
    assessment = assessed(options, profile_path, on, cycle, kind, projects)
    data = result(assessment, options.lang)
    match form:
        case "xlsx":
            if output is None:
                text = "xlsx 需要 -o 文件名 / xlsx needs -o FILE"
                raise click.UsageError(text)
            content = checklist_xlsx(assessment, options.lang)
        case "html":
            content = html_report(assessment, options.lang).encode()
        case "md":
            content = markdown(data, options.lang).encode()
        case "json":
            content = dumped({key: data[key] for key in ("on", "enterprise", "steps", "upkeep", "questions")}).encode()
        case _:
            tables.steps(data, options.lang)
            return
    deliver(content, output)


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), help="输出文件 output file")
@asked
def calendar(
    options: Options, profile_path: Path, on: date, cycle: int | None, kind: str | None, output: Path | None
) -> None:
    """写出日历（.ics）write the calendar。"""
    deliver(feed(assessed(options, profile_path, on, cycle, kind), options.lang), output)


def deliver(content: bytes, output: Path | None) -> None:
    """Write *content* to a file, or to standard output."""
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        write(output, content)
        click.echo(str(output))
