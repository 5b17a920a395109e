"""Options that every command shares, and how problems are told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any

import click

from assistant.delivery.wording.problems import problem_text
from assistant.errors import Problem
from assistant.settings import language, packaged_rules


@dataclass(frozen=True, slots=True)
class Options:
    """The language of the output and the folders of the rules, the one with dictionary and lists first."""

    lang: str
    rules: tuple[Path, ...]


EARLIEST, LATEST = 2000, 2100  # years that a question may be about


class Day(click.ParamType[date]):
    """A date on the command line."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the date that *value* writes."""
        try:
            day = value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}”不是日期，应为 YYYY-MM-DD / ‘{value}’ is not a date", param, ctx)
        if not EARLIEST <= day.year <= LATEST:
            self.fail(f"{day} 不在 {EARLIEST}—{LATEST} 年之间 / is not within {EARLIEST}–{LATEST}", param, ctx)
        return day


RULES_HELP = "规则文件夹，可重复：后面的增加或替换项目 rules folder, repeatable: later ones add or replace projects"


def rule_folders(given: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return the rule folders: the given ones, after the packaged rules unless one brings its own dictionary."""
    whole = [folder for folder in given if (folder / "facts.yaml").exists()]
    if given and whole:
        return (whole[0], *(folder for folder in given if folder != whole[0]))
    return (packaged_rules(), *given)


def shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--lang` and `--rules`; it receives them as an `Options` first argument."""

    @click.option("--lang", type=click.Choice(["zh", "en"]), help="输出语言 output language")
    @click.option("--rules", multiple=True, type=click.Path(path_type=Path), help=RULES_HELP)
    @click.pass_context
    @wraps(command)
    def run(ctx: click.Context, /, lang: str | None, rules: tuple[Path, ...], **values: Any) -> Any:
        given: Options | None = ctx.find_object(Options)
        inherited = given.rules if given else rule_folders(())
        options = Options(
            lang or (given.lang if given else language(None)), rule_folders(rules) if rules else inherited
        )
        ctx.obj = ctx.find_root().obj = options
        return command(options, **values)

    return run


def report_problems(problems: Iterable[Problem], lang: str) -> None:
    """Print one line per problem on standard error."""
    listed = list(problems)
    for problem in listed:
        text = problem_text(problem.code, dict(problem.params), lang)
        colon = "：" if lang == "zh" else ": "
        click.echo(f"{problem.place}{colon}{text}", err=True)
    if len(listed) > 1:
        click.echo(f"共 {len(listed)} 处" if lang == "zh" else f"{len(listed)} problems", err=True)
    sys.stderr.flush()
