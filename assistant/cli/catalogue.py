"""`assistant rules import`: read a published list and compare it with the rules."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click

from assistant.catalogue.compare import Comparison, compare, known
from assistant.catalogue.document import read_document
from assistant.catalogue.draft import drafts
from assistant.catalogue.listing import listing
from assistant.catalogue.refused import Refused
from assistant.catalogue.rows import PublishedList
from assistant.cli.context import Day, Options, shared
from assistant.cli.inputs import rulebook
from assistant.delivery.wording.catalogue import DRAFT_WORDS, report
from assistant.errors import BadInput, Place, Problem
from assistant.files import write_all


@click.command(name="import")
@click.argument("path", metavar="LIST", type=click.Path(path_type=Path))
@click.option("--year", type=click.IntRange(2000, 2099), help="清单是哪一年的，默认看表头和标题 the list's year")
@click.option(
    "--draft", "folder", type=click.Path(path_type=Path), help="为新增项目写规则草稿 write drafts for new rows"
)
@click.option("--on", type=Day(), default=date.today, help="草稿的日期 date of the drafts")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@shared
def import_(options: Options, path: Path, year: int | None, folder: Path | None, on: date, form: str) -> None:
    """读一份公布的清单，与规则对照 read a published list and compare it with the rules。"""
    book = rulebook(options)
    try:
        published = listing(read_document(path), year=year)
    except Refused as refused:
        raise BadInput([Problem(refused.code, Place(str(path)), {"found": refused.found})]) from refused
    comparison = compare(published, [known(project) for project in book.projects.values()])
    written = _write_drafts(folder, published, comparison, frozenset(book.projects), on) if folder else ()
    if form == "json":
        click.echo(json.dumps(_data(published, comparison, written), ensure_ascii=False, indent=2, default=str))
    else:
        for line in report(published, comparison, options.lang):
            click.echo(line)
        for draft in written:
            click.echo(str(draft))
    if not comparison.agrees:
        raise SystemExit(1)


def _write_drafts(
    folder: Path, published: PublishedList, comparison: Comparison, taken: frozenset[str], on: date
) -> tuple[Path, ...]:
    made = drafts(comparison.new, published, taken, on, DRAFT_WORDS)
    paths = tuple(folder / f"{id_}.yaml" for id_ in made)
    if existing := [path for path in paths if path.exists()]:
        raise BadInput(Problem("draft-exists", Place(str(path))) for path in existing)
    if made:
        write_all(folder, {f"{id_}.yaml": text.encode() for id_, text in made.items()})
    return paths


def _data(published: PublishedList, comparison: Comparison, written: tuple[Path, ...]) -> dict[str, object]:
    return {
        "agrees": comparison.agrees,
        "list": {
            "title": published.title,
            "year": published.year,
            "sections": dict(published.sections),
            "rows": [asdict(row) for row in published.rows],
            "oddities": [asdict(oddity) for oddity in published.oddities],
        },
        "new": [asdict(row) for row in comparison.new],
        "vanished": [
            {"id": project.id, "name": project.name, "section": project.section, "number": project.number}
            for project in comparison.vanished
        ],
        "renamed": [{"id": pair.id, "before": pair.name, "after": pair.row.name} for pair in comparison.renamed],
        "changed": [
            {"id": pair.id, "name": pair.row.name, "changes": [asdict(change) for change in pair.changes]}
            for pair in comparison.changed
        ],
        "not_compared": list(comparison.unkept),
        "drafts": [str(path) for path in written],
    }
