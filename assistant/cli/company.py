"""Verdicts on one company: match, explain."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from pathlib import Path
from types import ModuleType

import click

from assistant.cli.assessing import asked, assessed, dumped
from assistant.cli.context import Options
from assistant.delivery.plan import remedy
from assistant.delivery.result import matches, result, tree_of
from assistant.delivery.result import project as project_data
from assistant.delivery.wording.speaker import Speaker

_WITH_HELP = "如果这一项是另一个答案，结论怎么变，可重复 what if an answer were different"
_COMPARE_HELP = (
    "与另一份资料、另一天、一个版本（加 --project）或另一个规则文件夹比较 "
    "compare with another profile, day, version (with --project) or rules folder"
)


@click.command()
@click.option("--compare", "other", metavar="X", help=_COMPARE_HELP)
@click.option("--with", "given", multiple=True, metavar="NAME=VALUE", help=_WITH_HELP)
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
    given: tuple[str, ...],
    other: str | None,
    form: str,
) -> None:
    """逐个项目给出结论 give the verdict for every project。"""
    if given or other is not None:
        comparing = import_module("assistant.cli.comparing")  # imported only where it is asked for: start-up counts
        comparing.compare(options, profile_path, on, cycle, kind, projects, given, other, form)
        return
    assessment = assessed(options, profile_path, on, cycle, kind, projects)
    if form == "json":
        click.echo(dumped(matches(assessment, Speaker(assessment.rulebook, options.lang))))
    else:
        _tables().verdicts(result(assessment, options.lang), options.lang)


@click.command()
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@asked
@click.argument("project")
def explain(
    options: Options, profile_path: Path, on: date, cycle: int | None, kind: str | None, project: str, form: str
) -> None:
    """逐条说明一个项目的结论 explain a project's verdict clause by clause。"""
    assessment = assessed(options, profile_path, on, cycle, kind, (project,))
    prospect = assessment.prospects[0]
    say = Speaker(assessment.rulebook, options.lang)
    data = project_data(prospect, say)
    tree = tree_of(prospect.match.tree, prospect, say) if prospect.match.tree else {}
    closed = remedy(prospect, say) if prospect.gaps and prospect.remedy else None
    if form == "json":
        click.echo(dumped({**data, "tree": tree, "remedy": closed}))
        return
    _tables().explanation(data, tree, options.lang)
    if closed:
        texts = {criterion["id"]: criterion["says"] for criterion in data["criteria"]}
        import_module("assistant.delivery.plan_tables").remedy(closed, texts, say)


def _tables() -> ModuleType:
    """Return the tables; machines that read JSON do not wait for them."""
    return import_module("assistant.delivery.tables")
