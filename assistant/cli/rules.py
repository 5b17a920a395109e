"""`assistant rules`: the rule-writer's tools."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from assistant.cli.context import Day, Options, report_problems, shared
from assistant.cli.inputs import known_projects, rulebook
from assistant.delivery import tables
from assistant.errors import Place, Problem
from assistant.matching.cases import run_cases
from assistant.matching.match import Matcher
from assistant.rulebook.reading import read_rules
from assistant.sources import read


@click.group()
def rules() -> None:
    """规则编写工具 the rule-writer's tools。"""


@rules.command()
@click.option("--on", type=Day(), default=date.today, help="按哪一天检查 as of this day")
@shared
def check(options: Options, on: date) -> None:
    """检查规则文件：一次列出所有问题 check the rule files。"""
    book, problems = read_rules(*options.rules)
    overdue = [
        Problem("review-overdue", Place(project.file), {"expected": str(project.next_review)})
        for project in book.projects.values()
        if project.next_review < on
    ]
    report_problems([*problems, *overdue], options.lang)
    if problems:
        raise SystemExit(2)
    click.echo(tables.rules_checked(book, options.lang))
    if overdue:
        raise SystemExit(1)


@rules.command()
@click.argument("projects", nargs=-1)
@click.option("--cases", type=click.Path(path_type=Path), help="案例文件夹 folder of golden cases")
@shared
def test(options: Options, projects: tuple[str, ...], cases: Path | None) -> None:
    """运行案例 run the golden cases。"""
    book = rulebook(options)
    folders = [cases] if cases else [folder.parent / "tests" / "projects" for folder in reversed(options.rules)]
    matcher = Matcher(book)
    problems: list[Problem] = []
    ran = 0
    for id_ in known_projects(projects, book) or tuple(book.projects):
        path = next((found for folder in folders if (found := folder / f"{id_}.yaml").is_file()), None)
        if path is None:
            expected = str(folders[0] / f"{id_}.yaml")
            problems.append(Problem("case-file-missing", Place(book.projects[id_].file), {"expected": expected}))
            continue
        source = read(path)
        ran += run_cases(source, matcher).ran
        problems += source.problems
    report_problems(problems, options.lang)
    click.echo(tables.cases_ran(ran, len(problems), options.lang))
    if problems:
        raise SystemExit(1)


@rules.command(name="list")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@shared
def list_(options: Options, form: str) -> None:
    """列出所有项目 list the projects。"""
    book = rulebook(options)
    if form == "json":
        click.echo(
            json.dumps(
                [tables.project_row(project) for project in book.projects.values()], ensure_ascii=False, indent=2
            )
        )
    else:
        tables.projects(book, options.lang)


@rules.command()
@click.argument("project")
@shared
def show(options: Options, project: str) -> None:
    """逐条显示一个项目的规则 show a project's rule clause by clause。"""
    book = rulebook(options)
    known_projects((project,), book)
    tables.rule(book.projects[project], book, options.lang)
