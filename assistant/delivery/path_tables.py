"""The table of a path: its legs in order, each with its window, what must be true by then, and what binds it."""

from __future__ import annotations

from rich import box
from rich.markup import escape
from rich.table import Table

from assistant.delivery.plain import Json
from assistant.delivery.tables import console
from assistant.delivery.wording.routes import conflict_text, leg_needs
from assistant.delivery.wording.speaker import Speaker


def paths(found: list[Json], say: Speaker) -> None:
    """Print every path: its sentence, then a row for each leg."""
    out = console()
    for number, path in enumerate(found):
        if number:
            out.print()
        out.print(f"[bold]{escape(path['text'])}[/]")
        for first, second in path["conflicts"]:
            out.print(f"[yellow]{escape(conflict_text(first, second, say))}[/]")
        if not path["legs"]:
            continue
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for heading, share in (
            (say.pick("步骤", "leg"), 4),
            (say.pick("到那时要做到", "to be true by then"), 5),
            (say.pick("为什么不能更早", "why not sooner"), 3),
        ):
            table.add_column(heading, overflow="fold", ratio=share)
        for leg in path["legs"]:
            held = leg["valid_until"] and say.pick(f"有效到 {leg['valid_until']}", f"valid until {leg['valid_until']}")
            table.add_row(
                escape("\n".join(filter(None, [leg["text"], held]))),
                escape("\n".join(leg_needs(leg, say))),
                escape(leg["binding"]["text"]),
            )
        out.print(table)
