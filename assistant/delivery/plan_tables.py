"""Tables of the plan: how a project's gaps are closed, and the legs of a path in order."""

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


def remedy(found: Json, criteria: dict[str, str], say: Speaker) -> None:
    """Print the least that suffices, then how early each failed criterion can be closed; *criteria* are their texts."""
    out = console()
    if found["possible"] and found["moves"]:
        out.print(f"[bold]{say.pick('最省事的补法', 'the least that suffices')}[/]")
    elif found["moves"] or found["blocks"]:
        out.print(f"[bold]{say.pick('这一轮补不齐', 'not in this round')}[/]")
    for move in found["moves"]:
        late = say.pick("，这一轮赶不上", ", too late for this round") if move["late"] else ""
        out.print(f"  · {escape(move['text'])}  [dim]{escape(move['lever']['label'])}{late}[/]")
    for block in found["blocks"]:
        out.print(f"  · {escape(block['text'])}")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading, share in ((say.pick("没达到的条件", "failed criterion"), 5), (say.pick("最早", "earliest"), 4)):
        table.add_column(heading, overflow="fold", ratio=share)
    for closing in found["closings"]:
        table.add_row(escape(criteria[closing["criterion"]]), escape(closing["earliest"]["text"]))
    out.print(table)
