"""Parsing turns a formula's text into a typed tree, or into every mistake found in it.

Units must fit, names must be known, a divisor can never be negative, series are unrolled year by year.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import cast

from lark import Lark, UnexpectedInput

from assistant.logic import tree
from assistant.logic.builder import Builder
from assistant.logic.functions import FUNCTIONS
from assistant.logic.terms import ANY, FormulaError, Mistake, Term
from assistant.logic.tree import Condition, Figure, Value
from assistant.logic.vocabulary import Vocabulary


@cache
def _grammar() -> Lark:
    text = files("assistant.logic").joinpath("grammar.lark").read_text("utf-8")
    return Lark(text, parser="lalr", lexer="contextual", maybe_placeholders=False)


def condition(text: str, vocabulary: Vocabulary) -> Condition:
    """Parse *text* as a condition (something met or unmet).

    Raises:
        FormulaError: with every mistake in it.

    """
    term = _built(text, vocabulary)
    if term.signature and term.signature.kind == "flag":
        return tree.Is(cast("Figure", term.node))
    if term.dimension not in ("truth", ANY):
        raise FormulaError([Mistake("formula-not-condition", {"found": text})])
    return cast("Condition", term.node)


def value(text: str, vocabulary: Vocabulary) -> tuple[Value, str]:
    """Parse *text* as a number; return it with its dimension.

    Raises:
        FormulaError: with every mistake in it.

    """
    term = _built(text, vocabulary)
    if term.dimension == "truth" or term.series or not term.is_value:
        raise FormulaError([Mistake("formula-not-number", {"found": text})])
    return cast("Value", term.node), term.dimension


def _built(text: str, vocabulary: Vocabulary) -> Term:
    try:
        parsed = _grammar().parse(text)
    except UnexpectedInput as error:
        column = getattr(error, "column", -1)
        rest = text[max(0, column - 1) :] if column and column > 0 else ""
        found = rest.split()[0] if rest.split() else ""
        raise FormulaError(
            [Mistake("formula-syntax", {"found": found or text, "column": str(max(column, 0))})]
        ) from None
    builder = Builder(vocabulary, FUNCTIONS)
    term = builder.build(parsed)
    if term.series:
        builder.mistake("series-without-each", found=text)
    if builder.mistakes:
        raise FormulaError(builder.mistakes)
    return term
