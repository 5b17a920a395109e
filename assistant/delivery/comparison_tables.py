"""The table of a comparison: a row for every project that changes, and below it one for every criterion."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from assistant.delivery.tables import console
from assistant.delivery.wording.comparisons import no_change
from assistant.delivery.wording.labels import label
from assistant.delivery.wording.speaker import Speaker

Json = dict[str, Any]

_COLOURS = {"met": "green", "unmet": "red", "unknown": "yellow", "not-applicable": "dim"}
_VERDICTS = {"eligible": "green", "ineligible": "red", "undetermined": "yellow", "not-offered": "dim"}


def comparison(data: Json, say: Speaker) -> None:
    """Print what changes from one side to the other."""
    out = console()
    out.print(f"[bold]{escape(data['enterprise']['name'])}[/]  {data['on']}")
    for change in data["with"]:
        out.print(f"{say.pick('如果', 'if')}  {escape(change['text'])}")
    for remark in data["remarks"]:
        out.print(f"[yellow]{escape(remark)}[/]")
    if not data["changes"]:
        out.print(escape(no_change(data["compare"] and data["compare"]["given"], say)))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading, share in (
        (say.pick("项目、条件", "project, criterion"), 3),
        (say.pick("变化", "change"), 2),
        (data["before"]["title"], 3),
        (data["after"]["title"], 3),
    ):
        table.add_column(escape(heading), overflow="fold", ratio=share)
    for change in sorted(data["changes"], key=lambda one: _verdict(one["before"], say) == _verdict(one["after"], say)):
        _project(table, change, say)
    out.print(table)


def _project(table: Table, change: Json, say: Speaker) -> None:
    before, after = change["before"], change["after"]
    verdicts = dict.fromkeys(_verdict(side, say) for side in (before, after))
    table.add_row(
        f"[bold]{escape(change['name'])}[/]\n[dim]{change['project']}[/]",
        " → ".join(verdicts),
        _side(before, after, say),
        _side(after, before, say),
    )
    for one in sorted(change["findings"], key=lambda one: not _counts(one)):
        state = (one["after"] or one["before"])["state"]
        colour = _COLOURS[state] if state == "met" or _counts(one) else "dim"
        table.add_row(
            f"  {escape(one['says'])}\n  [dim]{one['id']}[/]",
            f"[{colour}]{escape(one['text'])}[/]",
            *(escape(side["reason"]) if side else "" for side in (one["before"], one["after"])),
        )
    table.add_section()


def _counts(finding: Json) -> bool:
    """Tell whether a criterion keeps, or kept, the company from the recognition: such ones come first."""
    return any(side and side["hinders"] for side in (finding["before"], finding["after"]))


def _verdict(side: Json | None, say: Speaker) -> str:
    if side is None:
        return say.pick("没有这个项目", "no such project")
    return f"[{_VERDICTS[side['verdict']]}]{label('verdict.' + side['verdict'], say.lang)}[/]"


def _side(side: Json | None, other: Json | None, say: Speaker) -> str:
    """Return where the company stands on one side, and what else differs: version, kind and cycle, reason."""
    if side is None:
        return ""
    lines = [side["text"]]
    if side["reason"]:
        lines.append(side["reason"])
    if other and side["version"] != other["version"] and side["version"]:
        document = side["instrument"]
        number = say.pick(f"（{document['number']}）", f" ({document['number']})") if document["number"] else ""
        lines.append(f"{side['version']}  {document['title']}{number}")
    if other and (side["kind"], side["cycle"]) != (other["kind"], other["cycle"]):
        kind = label(f"kind.{side['kind']}", say.lang)
        lines.append(say.pick(f"{side['cycle']}年{kind}", f"{kind} {side['cycle']}"))
    return escape("\n".join(lines))
