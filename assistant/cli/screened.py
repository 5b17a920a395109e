"""What a screening shows on the terminal: what its headers were taken for, and how far it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table as Shown

from assistant.delivery.wording import screened as words
from assistant.matching.screening.intake.headers import Matched
from assistant.matching.screening.intake.table import Table

_SHOWN = 60  # headers that are listed


def show_headers(table: Table, headers: Sequence[Matched], lang: str) -> None:
    """Print what was recognised, what is only guessed, and how many headers are not ours."""
    console = Console(stderr=True)
    told = Shown(*words.header_heads(lang), title=escape(table.name), title_justify="left")
    ours = [one for one in headers if one.status != "unknown"]
    for one in ours[:_SHOWN]:
        means = one.column or (f"{one.nearest}?" if one.nearest else "")
        told.add_row(escape(one.header), escape(means), escape(one.unit), words.header_state(one.status, lang))
    console.print(told)
    others = [one.header for one in headers if one.status == "unknown" and one.header]
    if others or len(ours) > _SHOWN:
        console.print(words.other_headers(others, len(ours) - _SHOWN, lang), markup=False)


@contextmanager
def progress(table: Table, lang: str, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show how many rows were read; give what counts them."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(words.reading(lang), total=table.height)
        yield lambda rows: shown.advance(task, rows)
