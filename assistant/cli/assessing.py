"""What every command about one company shares: its options and the assessment."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from assistant.cli.context import EARLIEST, LATEST, Day, Options, shared
from assistant.cli.inputs import known_projects, official_dates, profile, rulebook
from assistant.files import write
from assistant.matching.match import Matcher
from assistant.planning.assessment import Assessment, assess


def asked(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the profile and the settings of the assessment."""
    for option in (
        click.option("--kind", type=click.Choice(["new", "review"]), help="新申报或复核 new application or review"),
        click.option("--cycle", type=click.IntRange(EARLIEST, LATEST), help="申报年度 year of the application"),
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
    company = profile(path, book, on)
    official = official_dates()
    return assess(Matcher(book), company, on, cycle=cycle, kind=kind, projects=chosen, announcements=official)


def dumped(data: Any) -> str:
    """Return plain data as JSON for machines and people."""
    return json.dumps(data, ensure_ascii=False, indent=2)


def deliver(content: bytes, output: Path | None) -> None:
    """Write *content* to a file, or to standard output."""
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        write(output, content)
        click.echo(str(output))
