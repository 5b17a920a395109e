"""The findings of a screening: every criterion that a company does not meet, or not surely, as a long table.

    row, name, uscc       the company
    project, criterion
    state                 unmet | unknown | judgement (open until somebody judges it)
    bears                 whether it still matters to the verdict: a failed way of a choice that another way meets does
                          not
    amount                by how much the figure falls short, in the units of its column, where it is one of amount

What is met, or does not apply, is left out, and so is every project that is not offered to the company.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from assistant.logic.columns import either
from assistant.matching.screening.nearest import Amount, asked, gaps, short_of
from assistant.matching.screening.reading import Reading
from assistant.rulebook.requirement import Criterion, Group, Requirement

FINDINGS = "findings"
STATES = ("unmet", "unknown", "judgement")
_STATE, _SHORT = "state.", "short."
_CODE = pl.UInt8()  # state in STATES, and as many more where it bears on the verdict


def state_columns(criteria: Sequence[str]) -> dict[str, pl.DataType]:
    """Return the columns that hold what was found of *criteria*, with their types."""
    return {f"{_STATE}{id_}": _CODE for id_ in criteria} | {f"{_SHORT}{id_}": pl.Int64() for id_ in criteria}


def states(root: Group, reading: Reading, refused: pl.Expr) -> tuple[dict[str, pl.Expr], dict[str, Amount]]:
    """Return these columns, and what the amount of each criterion counts."""
    bearing: dict[str, list[pl.Expr]] = {}
    for gap in gaps(root, reading):
        for leaf in _leaves(root, gap.id):
            bearing.setdefault(leaf.id, []).append(gap.flag & reading.of(leaf).unmet)
    for leaf, flag in asked(root, reading):
        bearing.setdefault(leaf.id, []).append(flag)
    found: dict[str, pl.Expr] = {}
    counts: dict[str, Amount] = {}
    for leaf in _leaves(root):
        open_ = STATES.index("judgement" if leaf.role == "judgement" else "unknown")
        truth = reading.of(leaf).truth
        code = pl.when(~refused & ~truth).then(pl.lit(0, dtype=_CODE))
        code = code.when(~refused & truth.is_null()).then(pl.lit(open_, dtype=_CODE))  # type: ignore[assignment]  # a chain of `when`
        bears = either(bearing.get(leaf.id, [])).fill_null(value=False)
        found[f"{_STATE}{leaf.id}"] = (code + bears.cast(_CODE) * len(STATES)).cast(_CODE)
        short = short_of(leaf, reading)
        if short is not None:
            found[f"{_SHORT}{leaf.id}"] = pl.when(~refused & ~truth).then(short.amount)
            counts[leaf.id] = short.what
    return found, counts


def _leaves(node: Requirement, under: str | None = None) -> Iterator[Criterion]:
    """Yield the criteria of *node*, or of the part of it called *under*."""
    if node.id == under:
        under = None
    if isinstance(node, Criterion):
        if under is None:
            yield node
        return
    for member in node.members:
        yield from _leaves(member, under)


def long(answers: pl.DataFrame, criteria: Mapping[str, Sequence[str]], identity: pl.DataFrame) -> pl.DataFrame:
    """Return the findings in *answers* as a long table, by row; *criteria* of each project in their order.

    Args:
        answers: of a plan of which the findings are wanted.
        criteria: the ids of each project's criteria.
        identity: columns that tell whose the answers are.

    """
    names = pl.Enum(list(criteria))
    ids = pl.Enum(list(dict.fromkeys(id_ for listed in criteria.values() for id_ in listed)))
    whose = identity.with_row_index("·at")
    parts = [
        whose.select(
            "·at",
            pl.lit(project, dtype=names).alias("project"),
            pl.lit(id_, dtype=ids).alias("criterion"),
            answers[f"{project}.{_STATE}{id_}"].alias("·code"),
            answers[f"{project}.{_SHORT}{id_}"].alias("amount"),
        ).filter(pl.col("·code").is_not_null())
        for project, listed in criteria.items()
        for id_ in listed
    ]
    told = pl.concat(parts).sort("·at", "project", maintain_order=True)
    state = (pl.col("·code") % len(STATES)).replace_strict(dict(enumerate(STATES)), return_dtype=pl.Enum(STATES))
    return (
        whose.join(told, on="·at", how="inner", maintain_order="right")
        .with_columns(state.alias("state"), (pl.col("·code") >= len(STATES)).alias("bears"))
        .select(*identity.columns, "project", "criterion", "state", "bears", "amount")
    )
