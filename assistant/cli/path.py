"""`assistant path`: the way to a recognition over the years."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from assistant.cli.assessing import assessed, dumped
from assistant.cli.context import Day, Options, shared
from assistant.cli.inputs import known_projects, rulebook
from assistant.delivery import plan_tables
from assistant.delivery.plan import path as path_data
from assistant.delivery.result import enterprise
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.path import paths


@click.command()
@click.argument("profile_path", metavar="PROFILE", type=click.Path(path_type=Path))
@click.option("--target", "targets", multiple=True, required=True, help="目标项目，可重复 target project, repeatable")
@click.option("--on", type=Day(), default=date.today, help="按哪一天判断，默认今天 as of this day")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@shared
def path(options: Options, profile_path: Path, targets: tuple[str, ...], on: date, form: str) -> None:
    """到目标资质的路线：最早哪一年、先做什么 the way to a recognition, its earliest year, what binds it。"""
    book = rulebook(options)
    known_projects(targets, book, "--target")
    assessment = assessed(options, profile_path, on, None, None, targets)
    say = Speaker(book, options.lang)
    found = [path_data(one, say) for one in paths(assessment.horizon, dict.fromkeys(targets))]
    if form == "json":
        click.echo(dumped({"on": on.isoformat(), "enterprise": enterprise(assessment.profile), "paths": found}))
    else:
        plan_tables.paths(found, say)
