"""The command line: parse, call, print; it decides nothing.

A command's module is imported when the command is called, so that start-up stays short.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import click

from assistant import __version__
from assistant.cli.context import RULES_HELP, Options, report_problems, rule_folders
from assistant.errors import BadInput
from assistant.settings import language

_COMMANDS = {
    "report": "plan",
    "match": "company",
    "explain": "company",
    "questions": "questions",
    "path": "path",
    "checklist": "plan",
    "calendar": "plan",
    "windows": "windows",
    "announce": "windows",
    "profile": "profile",
    "screen": "screen",
    "rules": "rules",
    "company": "store",
    "feed": "store",
    "db": "store",
    "account": "account",
    "remind": "remind",
    "serve": "server",
    "publish": "server",
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = getattr(import_module(f"assistant.cli.{module}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; bad input ends with one message per mistake and exit status 2."""
        try:
            return super().invoke(ctx)
        except BadInput as error:
            report_problems(error.problems, ctx.obj.lang if ctx.obj else language(None))
            ctx.exit(2)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="assistant")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="输出语言 output language")
@click.option("--rules", multiple=True, type=click.Path(path_type=Path), help=RULES_HELP)
@click.pass_context
def cli(ctx: click.Context, lang: str | None, rules: tuple[Path, ...]) -> None:
    """申报助手：企业能申报什么、差多少、何时准备。

    Which government recognitions a company can win, by how much it falls short, what to prepare by when.
    """
    ctx.obj = Options(language(lang), rule_folders(rules))


def main() -> None:
    """Run the command line."""
    cli(prog_name="assistant")
