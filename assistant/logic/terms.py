"""Terms are what a formula's parts are built into: nodes with their dimension, or the mistakes found in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lark import Token, Tree

from assistant.logic import tree
from assistant.logic.tree import Const, Node, Value
from assistant.logic.vocabulary import NUMERIC, Signature
from assistant.units import UNITS

Parsed = Tree[Token] | Token
ANY = "?"  # the dimension after a mistake: fits everything, so one mistake gives one message


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong in a formula; `code` and `params` as in `errors.Problem`."""

    code: str
    params: dict[str, str]


@dataclass(frozen=True, slots=True)
class Term:
    """A built node with its dimension; a series has one node per fiscal year."""

    nodes: tuple[Node, ...]
    dimension: str
    series: bool = False
    signature: Signature | None = None

    @property
    def node(self) -> Node:
        """The node of what is no series."""
        return self.nodes[0]

    @property
    def is_value(self) -> bool:
        """Tell whether the term is a number: no flag, choice, date …."""
        return not (self.signature and self.signature.kind not in NUMERIC)


class FormulaError(Exception):
    """A formula that cannot be used, with all its mistakes."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        """Keep the *mistakes* in the order found, each once."""
        found = list(mistakes)
        self.mistakes = tuple(mistake for at, mistake in enumerate(found) if mistake not in found[:at])
        super().__init__("; ".join(f"{m.code} {m.params}" for m in self.mistakes))


def minus(node: Value) -> Value:
    """Return the node with its sign turned."""
    if isinstance(node, Const):
        return Const(-node.value, node.unit)
    return tree.Product(Const(-1), node)


def span_of(years: Iterable[Parsed]) -> list[int]:
    """Return the offsets from the first to the last of the written years; none where they are reversed."""
    ends = [-int(str(year).removeprefix("FY-")) for year in years]
    return list(range(ends[0], ends[-1] + 1))


def is_word(part: Parsed) -> bool:
    """Tell whether a part is a bare name."""
    return isinstance(part, Tree) and part.data in ("name", "han")


def units_of(dimension: str) -> str:
    """Return the units that a dimension is written in."""
    return " ".join(unit.symbol for unit in UNITS.values() if unit.dimension == dimension) or dimension


def text_of(parsed: Parsed) -> str:
    """Return a part much as it was written, for messages."""
    if isinstance(parsed, Token):
        return str(parsed)
    joiner = " and " if parsed.data == "conjunction" else " "
    return joiner.join(text_of(child) for child in parsed.children)
