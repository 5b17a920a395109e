"""`assistant rules`: the rule-writer's tools."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from importlib import import_module
from pathlib import Path

import click

from assistant.cli.context import Day, Options, report_problems, rule_folders, shared
from assistant.cli.inputs import known_projects, profile, rulebook
from assistant.delivery import tables
from assistant.errors import BadInput, Place, Problem, nearest
from assistant.matching.cases import run_cases
from assistant.matching.difference import differences
from assistant.matching.match import Matcher
from assistant.planning.assessment import assess
from assistant.rulebook.book import Rulebook
from assistant.rulebook.coverage import coverage as coverage_of
from assistant.rulebook.difference import rulebooks_differ, versions_differ
from assistant.rulebook.load import load
from assistant.rulebook.reading import read_rules
from assistant.rulebook.requirement import Project, Version
from assistant.rulebook.schema import ProjectShape
from assistant.settings import cache_directory
from assistant.sources import read


class _Rules(click.Group):
    """The commands below, and `import`, whose readers of documents are loaded only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return [*super().list_commands(ctx), "import"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name."""
        if cmd_name == "import":
            command: click.Command = import_module("assistant.cli.catalogue").import_
            return command
        return super().get_command(ctx, cmd_name)


@click.group(cls=_Rules)
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


@rules.command()
@click.argument("old")
@click.argument("new")
@click.option("--project", help="两个版本所属的项目 the project of the two versions")
@click.option(
    "--profiles", type=click.Path(path_type=Path), help="看哪些企业的结论会变 companies whose verdict may change"
)
@click.option("--on", type=Day(), default=date.today, help="按哪一天判断 as of this day")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@shared
def diff(options: Options, old: str, new: str, project: str | None, profiles: Path | None, on: date, form: str) -> None:
    """比较两个版本（--project）或两个规则文件夹 compare two versions or two rule folders。"""
    if project is not None:
        book = rulebook(options)
        known_projects((project,), book)
        first, second = (version_of(book.projects[project], name) for name in (old, new))
        changes = [(project, difference) for difference in versions_differ(first, second)]
        verdicts: list[dict[str, str]] = []
    else:
        before, after = (load(*rule_folders((Path(name),)), cache=cache_directory()) for name in (old, new))
        changes = list(rulebooks_differ(before, after))
        verdicts = verdict_changes(before, after, profiles, on) if profiles else []
    if form == "json":
        listed = [{"project": id_, **asdict(difference)} for id_, difference in changes]
        click.echo(json.dumps({"changes": listed, "verdicts": verdicts}, ensure_ascii=False, indent=2))
    else:
        tables.differences(changes, verdicts, options.lang)


def version_of(project: Project, name: str) -> Version:
    """Return a version of *project* by its id."""
    found = {version.id: version for version in project.versions}
    if name not in found:
        params = {"found": name, "nearest": nearest(name, found)}
        raise BadInput([Problem("unknown-version", Place(project.file), params)])
    return found[name]


def verdict_changes(before: Rulebook, after: Rulebook, folder: Path, on: date) -> list[dict[str, str]]:
    """Return which companies in *folder* change verdict from one rulebook to the other."""
    rows = []
    for path in sorted(folder.glob("*.yaml")):
        old, new = (
            [p.match for p in assess(Matcher(book), profile(path, book, on), on).prospects] for book in (before, after)
        )
        rows += [
            {
                "profile": path.stem,
                "project": one.project,
                "before": one.before.verdict if one.before else "-",
                "after": one.after.verdict if one.after else "-",
            }
            for one in differences(old, new)
            if one.is_of_verdict
        ]
    return rows


@rules.command()
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@shared
def coverage(options: Options, form: str) -> None:
    """每个项目的条件、条款和来源 how well each rule is grounded。"""
    rows = [coverage_of(project) for project in rulebook(options).projects.values()]
    if form == "json":
        click.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=2))
    else:
        tables.coverage(rows, options.lang)


@rules.command()
def schema() -> None:
    """规则文件的 JSON Schema，供编辑器使用 the JSON Schema of rule files, for editors。"""
    click.echo(json.dumps(ProjectShape.model_json_schema(by_alias=True), ensure_ascii=False, indent=2))
