"""`assistant windows` and `assistant announce`: expected windows, how good forecasts were, official dates."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click

from assistant.cli.assessing import dumped
from assistant.cli.context import Day, Options, shared
from assistant.cli.inputs import known_city, official_dates, rulebook, store_part
from assistant.cli.store import BY_HELP, DB_HELP, login
from assistant.dates import add_months
from assistant.delivery import tables
from assistant.delivery.plain import window
from assistant.delivery.result import trial
from assistant.delivery.wording.speaker import Speaker
from assistant.planning.announcements import add_announcement
from assistant.planning.announcements import announce as announced
from assistant.planning.backtest import backtest as run_backtest
from assistant.planning.backtest import summary
from assistant.planning.windows import next_window
from assistant.settings import announcements_file, database_url, store_exists


@click.group(invoke_without_command=True)
@click.option("--months", type=click.IntRange(1, 60), default=18, show_default=True, help="看多少个月 months ahead")
@click.option("--city", help="按哪个地市的截止日 whose city deadlines")
@click.option("--on", type=Day(), default=date.today, help="按哪一天判断，默认今天 as of this day")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@shared
def windows(options: Options, months: int, city: str | None, on: date, form: str) -> None:
    """各项目下一次申报的窗口 the next window of every project。"""
    if click.get_current_context().invoked_subcommand:
        return
    book = rulebook(options)
    city = known_city(city, book)
    say = Speaker(book, options.lang)
    official = official_dates()
    until = add_months(on, months)
    rows = []
    for project in book.projects.values():
        found = next_window(project, on, city=city, announcements=official)
        if found.opens is None or found.opens.earliest <= until:
            rows.append({"id": project.id, "name": say.pick(project.name, project.en), "window": window(found, say)})
    if form == "json":
        click.echo(dumped({"on": on.isoformat(), "months": months, "windows": rows}))
    else:
        tables.windows(rows, options.lang)


@windows.command()
@click.option("--hide", type=click.IntRange(1, 5), default=1, help="藏起倒数第几次 which last round to hide")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@shared
def backtest(options: Options, hide: int, form: str) -> None:
    """用往年检验预测：藏起最近一次再预测它 hide the last round and predict it。"""
    book = rulebook(options)
    trials = run_backtest(book.projects.values(), hide=hide)
    rows = [trial(one) for one in trials]
    if form == "json":
        click.echo(dumped({"trials": rows, "summary": tables.backtest_summary(summary(trials))}))
    else:
        tables.backtest(rows, summary(trials), options.lang)


@click.command()
@click.argument("project")
@click.option("--opens", type=Day(), help="开始日期 opens")
@click.option("--closes", type=Day(), help="企业截止日期 the company's deadline")
@click.option("--source", required=True, help="公布日期的官方网页 the official page")
@click.option("--on", type=Day(), default=date.today, help="录入日期 the day of entry")
@click.option("--db", help=DB_HELP)
@click.option("--by", "who", default=login, help=BY_HELP)
@shared
def announce(
    options: Options,
    project: str,
    opens: date | None,
    closes: date | None,
    source: str,
    on: date,
    db: str | None,
    who: str,
) -> None:
    """录入官方公布的日期，代替预计 enter an official date; it replaces the forecast。"""
    book = rulebook(options)
    entry = announced(project, opens=opens, closes=closes, source=source, on=on, known=book.projects)
    url = database_url(db)
    if db or store_exists(url):
        store_part("assistant.cli.official").announced(url, entry, who=who, at=datetime.now(UTC))
    else:
        add_announcement(announcements_file(), entry)
    name = Speaker(book, options.lang).pick(book.projects[project].name, book.projects[project].en)
    span = " — ".join(str(day) for day in (opens, closes) if day)
    click.echo(f"{name} {entry.cycle}：{span}" if options.lang == "zh" else f"{name} {entry.cycle}: {span}")
