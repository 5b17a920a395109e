"""`assistant windows`: when each project's next applications are expected, and on what that rests."""

from __future__ import annotations

import json
from datetime import date

import click

from assistant.cli.context import Day, Options, shared
from assistant.cli.inputs import rulebook
from assistant.dates import add_months
from assistant.delivery import tables
from assistant.delivery.result import window
from assistant.delivery.wording.reasons import Speaker
from assistant.planning.windows import next_window


@click.command()
@click.option("--months", type=click.IntRange(1, 60), default=18, show_default=True, help="看多少个月 months ahead")
@click.option("--city", help="按哪个地市的截止日 whose city deadlines")
@click.option("--on", type=Day(), default=date.today, help="按哪一天判断，默认今天 as of this day")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@shared
def windows(options: Options, months: int, city: str | None, on: date, form: str) -> None:
    """各项目下一次申报的窗口 the next window of every project。"""
    book = rulebook(options)
    say = Speaker(book, options.lang)
    until = add_months(on, months)
    rows = []
    for project in book.projects.values():
        found = next_window(project, on, city=city)
        if found.opens is None or found.opens.earliest <= until:
            rows.append({"id": project.id, "name": say.pick(project.name, project.en), "window": window(found, say)})
    if form == "json":
        click.echo(json.dumps({"on": on.isoformat(), "months": months, "windows": rows}, ensure_ascii=False, indent=2))
    else:
        tables.windows(rows, options.lang)
