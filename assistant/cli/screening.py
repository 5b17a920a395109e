"""The work of `assistant screen`: tables in, answers and rejected rows out, a summary of all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from assistant.cli.context import Options
from assistant.cli.inputs import known_projects, official_dates, rulebook
from assistant.cli.screened import progress, show_headers
from assistant.delivery.plain import Json
from assistant.delivery.screening.answers import Answering, Rejects, usable
from assistant.delivery.screening.findings import Findings
from assistant.delivery.screening.headers import partial
from assistant.delivery.screening.page import page
from assistant.delivery.screening.sheets import summary_xlsx
from assistant.delivery.screening.summary import Compared
from assistant.delivery.screening.summary import summary as summed
from assistant.delivery.screening.writing import KINDS, check_kind, written
from assistant.delivery.wording import screened as words
from assistant.delivery.wording.speaker import Speaker
from assistant.errors import BadInput, Place, Problem, nearest
from assistant.files import write
from assistant.matching.screening.findings import FINDINGS
from assistant.matching.screening.intake.headers import Matched, Target, matched
from assistant.matching.screening.intake.mapping import mapping_text, read_mapping
from assistant.matching.screening.intake.table import Table
from assistant.matching.screening.intake.tables import open_table
from assistant.matching.screening.plan import COLUMNS, Plan
from assistant.matching.screening.sole import SOLE
from assistant.matching.screening.tally import Tally
from assistant.matching.screening.transitions import Comparison
from assistant.planning.applying import Applications
from assistant.rulebook.book import Rulebook
from assistant.rulebook.load import load
from assistant.rulebook.only import only_version
from assistant.settings import cache_directory
from assistant.sources import read

_SUMMARIES = (".html", ".xlsx", ".json")


@dataclass
class _Work:
    """What one run does, and what came of it so far."""

    options: Options
    answering: Answering
    companies: int = 0
    rejected: int = 0
    quiet: bool = False


def screened(
    options: Options,
    inputs: Sequence[Path],
    *,
    output: Path,
    form: str | None,
    mapping: Path | None,
    write_mapping: Path | None,
    sheet: str | None,
    year: int | None,
    on: date,
    projects: tuple[str, ...],
    rejects: Path | None,
    summary: Sequence[Path],
    compare: str | None,
    resume: bool,
    complete: bool,
    findings: bool,
    columns: str | None,
    quiet: bool,
) -> None:
    """Screen the companies of the tables *inputs*.

    Raises:
        BadInput: a file, an option or a header cannot be used; no output is left half written.

    """
    book = rulebook(options)
    known_projects(projects, book)
    targets = _targets(inputs, output, form)
    _check_summaries(summary)
    given = read_mapping(read(mapping), book) if mapping else {}
    tables = [open_table(path, sheet=sheet) for path in inputs]
    headers = [_matched(table, book, given, year) for table in tables]
    if write_mapping is not None:
        write(write_mapping, mapping_text([one for found in headers for one in found]).encode())
        click.echo(words.mapping_written(str(write_mapping), options.lang))
        return
    applications = Applications(on, official_dates())
    shown = _columns(columns)
    wanted = (*COLUMNS, SOLE) if summary else shown or COLUMNS
    plan = Plan(book, on, applications, projects, columns=(*wanted, FINDINGS) if findings else wanted)
    answering = Answering(plan, complete=complete, shown=shown)
    work = _Work(options, answering, quiet=quiet)
    ids = tuple(project.id for project in plan.projects)
    if summary:
        answering.tally = Tally(book, on.year - 1, ids)
    if compare:
        other, compared = _other(options, book, compare, ids)
        answering.other = Plan(other, on, applications, compared)
        answering.comparison = Comparison.of([one.id for one in answering.other.projects], ids)
    for one in plan.left_out:
        click.echo(words.left_out(one.project, one.reason, options.lang), err=True)
    for path, table, found, target in zip(inputs, tables, headers, targets, strict=True):
        key = _key(book, on, (*projects, *plan.columns, *shown), found, path)
        if resume and _is_done(target, key):
            click.echo(words.skipped(table.name, options.lang), err=True)
            continue
        _screen(work, table, found, target, rejects if len(tables) == 1 else None)
        if len(tables) > 1:
            _mark(target).write_text(key, "utf-8")
    if not quiet:
        click.echo(words.done(work.companies, work.rejected, options.lang), err=True)
    if answering.tally is not None:
        changes = Compared(answering.comparison, compare or "", book.version) if answering.comparison else None
        source = "、".join(table.name for table in tables)
        told = summed(
            answering.tally, plan.amounts, on, options.lang, source=source, compared=changes, left_out=plan.left_out
        )
        for path in summary:
            _summary(path, told)


def _summary(path: Path, told: Json) -> None:
    """Write a summary in its kind."""
    match path.suffix.lower():
        case ".json":
            write(path, json.dumps(told, ensure_ascii=False, indent=2).encode())
        case ".html":
            write(path, page(told).encode())
        case _:
            write(path, summary_xlsx(told))


def _targets(inputs: Sequence[Path], output: Path, form: str | None) -> list[Path]:
    if len(inputs) == 1 and not output.is_dir():
        target = output if form is None or output.suffix else output.with_suffix(f".{form}")
        check_kind(target)
        return [target]
    if output.suffix.lower() in KINDS and not output.is_dir():
        raise BadInput([Problem("output-folder", Place(str(output)), {"found": str(len(inputs))})])
    names = [f"{path.stem}.{form or 'parquet'}" for path in inputs]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise BadInput([Problem("output-twice", Place(str(output)), {"found": twice[0]})])
    return [output / name for name in names]


def _check_summaries(paths: Sequence[Path]) -> None:
    for path in paths:
        if path.suffix.lower() not in _SUMMARIES:
            params = {"found": path.suffix or path.name, "expected": "、".join(_SUMMARIES)}
            raise BadInput([Problem("output-kind", Place(str(path)), params)])


def _matched(table: Table, book: Rulebook, given: Mapping[str, Target], year: int | None) -> tuple[Matched, ...]:
    """Return what a table's headers mean.

    Raises:
        BadInput: the mapping speaks of headers that are not there, or nothing in the table can be used.

    """
    strange = [header for header in given if header not in table.headers]
    if strange:
        raise BadInput(
            Problem("mapping-header", Place(table.name), {"found": one, "nearest": nearest(one, table.headers)})
            for one in strange
        )
    found = matched(table.headers, book, given, year=year)
    usable(found, table.name)
    return found


def _other(options: Options, book: Rulebook, compare: str, projects: Sequence[str]) -> tuple[Rulebook, tuple[str, ...]]:
    """Return the rules to compare with, those of a folder or the same with one version in force, and for what."""
    folder = Path(compare)
    if folder.is_dir():
        other = load(*options.rules, folder, cache=cache_directory())
        return other, tuple(id_ for id_ in projects if id_ in other.projects)
    found, changed = only_version(book, compare, projects)
    if not changed:
        known = sorted({version.id for id_ in projects for version in book.projects[id_].versions})
        params = {"found": compare, "nearest": nearest(compare, known)}
        raise BadInput([Problem("unknown-version", Place("--compare"), params)])
    return found, changed


def _screen(work: _Work, table: Table, headers: Sequence[Matched], target: Path, rejects: Path | None) -> None:
    if not work.quiet:
        show_headers(table, headers, work.options.lang)
    some = partial(headers)
    if some and not work.answering.complete:
        click.echo(words.incomplete(some, work.options.lang), err=True)
    beside = rejects or target.with_name(f"{target.stem}.rejects.csv")
    with ExitStack() as stack:
        log = Rejects(beside, table.name, work.options.lang)
        stack.callback(log.close)
        bar = stack.enter_context(progress(table, work.options.lang, quiet=work.quiet))
        answering = work.answering
        found: Findings | None = None
        if FINDINGS in answering.plan.columns:
            found = Findings(answering.plan, Speaker(answering.plan.rulebook, work.options.lang))
            stack.callback(found.close)
            answering.findings = found.add
        rows = written(target, answering.answers(table, headers, log, bar), answering.schema)
        if found is not None:
            long = target.with_name(f"{target.stem}.findings{target.suffix}")
            count = found.write(long)
            if not work.quiet:
                click.echo(words.findings(count, str(long), work.options.lang), err=True)
    work.companies += rows
    work.rejected += log.rows
    if log.rows:
        click.echo(words.rejected(log.rows, str(beside), work.options.lang), err=True)


def _columns(named: str | None) -> tuple[str, ...]:
    """Return the columns that are to be shown of each project, none for all.

    Raises:
        BadInput: there is no such column.

    """
    asked = tuple(one.strip() for one in (named or "").split(",") if one.strip())
    strange = [one for one in asked if one not in COLUMNS]
    if strange:
        params = {"expected": "、".join(COLUMNS)}
        raise BadInput(
            Problem("unknown-column", Place("--columns"), {**params, "found": one, "nearest": nearest(one, COLUMNS)})
            for one in strange
        )
    return tuple(one for one in COLUMNS if one in asked)


def _mark(target: Path) -> Path:
    return target.with_name(f".{target.name}.done")


def _is_done(target: Path, key: str) -> bool:
    mark = _mark(target)
    return target.exists() and mark.exists() and mark.read_text("utf-8") == key


def _key(book: Rulebook, on: date, asked: Sequence[str], headers: Sequence[Matched], path: Path) -> str:
    """Return what an output is made from: with the same it need not be made again."""
    stat = path.stat()
    columns = [(one.header, one.column, one.unit) for one in headers]
    made_of = [book.digest, str(on), list(asked), columns, stat.st_size, stat.st_mtime_ns]
    return json.dumps(made_of, ensure_ascii=False)
