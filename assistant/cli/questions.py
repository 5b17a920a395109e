"""`assistant questions`: which blanks to fill next."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from assistant.cli.assessing import asked, assessed, dumped
from assistant.cli.context import Options
from assistant.delivery import question_tables
from assistant.delivery.asking import questionnaire
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.questions import questions as ranked


@click.command()
@click.option("--project", "projects", multiple=True, help="只问这个项目要的，可重复 only for this project")
@click.option("--all", "every", is_flag=True, help="没有申报窗口的项目也问 ask for projects without a round, too")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="最多列几项 how many at most")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@asked
def questions(
    options: Options,
    profile_path: Path,
    on: date,
    cycle: int | None,
    kind: str | None,
    projects: tuple[str, ...],
    every: bool,
    limit: int,
    form: str,
) -> None:
    """接着补哪些空最有用 which blanks to fill next, the most useful first。"""
    assessment = assessed(options, profile_path, on, cycle, kind, projects)
    worth = assessment.prospects if every or projects else tuple(p for p in assessment.prospects if p.is_due(on))
    say = Speaker(assessment.rulebook, options.lang)
    data = questionnaire(assessment, worth, ranked(worth, assessment.rulebook), limit, say)
    if form == "json":
        click.echo(dumped(data))
    else:
        question_tables.questions(data, say)
