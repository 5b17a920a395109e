"""`assistant screen`: many companies from a table against every project.

The work is in `screening`, imported when the command runs.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from assistant.cli.context import EARLIEST, LATEST, Day, Options, shared
from assistant.cli.inputs import store_part

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("inputs", metavar="INPUT…", nargs=-1, required=True, type=_FILE)
@click.option(
    "-o", "--output", required=True, type=_FILE, help="结论：.parquet、.csv、.xlsx；多个输入时是文件夹 answers"
)
@click.option("--format", "form", type=click.Choice(["parquet", "csv", "xlsx"]), help="文件夹里的格式 kind in a folder")
@click.option("--mapping", type=_FILE, help="表头对照（YAML） what foreign headers mean")
@click.option("--write-mapping", type=_FILE, help="只写出认出的表头对照，不评估 write what was recognised, and stop")
@click.option("--sheet", help="工作表名称 the sheet of a workbook")
@click.option("--year", type=click.IntRange(EARLIEST, LATEST), help="没写年份的数是哪一年的 year of undated figures")
@click.option("--on", type=Day(), default=date.today, help="按哪一天判断，默认今天 as of this day")
@click.option("--project", "projects", multiple=True, help="只看这些项目，可重复 these projects only")
@click.option("--rejects", type=_FILE, help="读不了的行（CSV），默认在结论旁边 rows that cannot be read")
@click.option("--summary", type=_FILE, multiple=True, help="汇总：.html、.xlsx、.json，可重复 a summary")
@click.option("--compare", metavar="VERSION|FOLDER", help="与这个版本或另一个规则文件夹比较 what other rules change")
@click.option("--resume", is_flag=True, help="已写好的输入跳过 skip inputs that are done")
@click.option("--complete", is_flag=True, help="表里的资质列就是全部 the recognition columns are all that is held")
@click.option("--findings", is_flag=True, help="另写一张长表：每家企业没达到和没答清的每一条 a long table beside it")
@click.option("--columns", help="每个项目只要这几列，如 verdict,unmet only these columns of each project")
@click.option("--quiet", is_flag=True, help="不显示表头对照和进度 neither headers nor progress")
@shared
def screen(options: Options, inputs: tuple[Path, ...], **given: object) -> None:
    """一次评估表里的所有企业 screen every company of a table against every project。"""
    store_part("assistant.cli.screening", "screen").screened(options, inputs, **given)
