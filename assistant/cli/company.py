"""Verdicts on one company: match, explain."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from pathlib import Path
from types import ModuleType

import click

from assistant.cli.assessing import asked, assessed, dumped
from assistant.cli.context import Options
from assistant.delivery.result import matches, result, tree_of
from assistant.delivery.result import project as project_data
from assistant.delivery.wording.speaker import Speaker


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
    if form == "json":
        click.echo(dumped({**data, "tree": tree}))
    else:
        _tables().explanation(data, tree, options.lang)


def _tables() -> ModuleType:
    """Return the tables; machines that read JSON do not wait for them."""
    return import_module("assistant.delivery.tables")
