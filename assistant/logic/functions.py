"""The functions of the rule language: sums and means, growth, elapsed time, events, recognitions, scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

from lark import Token, Tree

from assistant.errors import nearest
from assistant.logic import tree
from assistant.logic.builder import DEEPEST, Builder, Function
from assistant.logic.terms import ANY, Parsed, Term, span_of, text_of
from assistant.logic.tree import Const, Figure, Value
from assistant.logic.vocabulary import NUMERIC


def _reduce(builder: Builder, name: str, args: Sequence[Parsed]) -> Term:
    terms = [builder.number_term(arg) for arg in args]
    nodes = tuple(cast("Value", node) for term in terms for node in term.nodes)
    for other, part in zip(terms[1:], args[1:], strict=True):
        if {terms[0].dimension, other.dimension} != {"pure", "ratio"}:
            builder.fit(terms[0], other, part)
    dimension = terms[0].dimension
    if name in ("min", "max"):
        return Term((tree.Pick(cast("Literal['min', 'max']", name), nodes),), dimension)
    total: Value = tree.Sum(nodes)
    return Term((tree.Ratio(total, Const(len(nodes))) if name == "mean" else total,), dimension)


def _floor(builder: Builder, _: str, args: Sequence[Parsed]) -> Term:
    (arg,) = args
    term = builder.number_term(arg)
    if term.series:
        return builder.mistake("series-without-each", found=text_of(arg))
    return Term((tree.Floor(cast("Value", term.node)),), "pure" if term.dimension == "ratio" else term.dimension)


def _cagr(builder: Builder, _: str, args: Sequence[Parsed]) -> Term:
    name, offsets = _grown(builder, args)
    if len(offsets) == 1:
        return builder.mistake("growth-needs-years", found=text_of(args[1]))
    return Term((tree.Growth(name, offsets[0], offsets[-1]),), "ratio")


def _growth(builder: Builder, _: str, args: Sequence[Parsed]) -> Term:
    name, offsets = _grown(builder, args)
    rates = tuple(_rate(name, offset) for offset in offsets)
    return Term((rates[0] if len(rates) == 1 else tree.Ratio(tree.Sum(rates), Const(len(rates))),), "ratio")


def _grown(builder: Builder, args: Sequence[Parsed]) -> tuple[str, list[int]]:
    named, span = args
    name = text_of(named)
    signature = builder.fact(name)
    if signature and not (signature.yearly and signature.kind in NUMERIC):
        builder.mistake("year-not-possible", found=name)
    offsets = span_of(cast("Tree[Token]", span).children)
    if not offsets:
        raise ValueError(name)
    if offsets[0] <= -DEEPEST or offsets[-1] > -1:
        builder.mistake("year-out-of-reach", found=text_of(span), deepest=f"FY-{DEEPEST}")
    return name, offsets


def _elapsed(builder: Builder, name: str, args: Sequence[Parsed]) -> Term:
    (arg,) = args
    fact = text_of(arg)
    signature = builder.fact(fact)
    if signature and signature.kind != "date":
        return builder.mistake("not-a-date", found=fact)
    unit = cast("Literal['years', 'days']", name.removesuffix("_since"))
    return Term((tree.Elapsed(fact, unit),), unit)


def _count_true(builder: Builder, _: str, args: Sequence[Parsed]) -> Term:
    if not args:
        return builder.mistake("function-arguments", found="count_true")
    return Term((tree.CountTrue(tuple(builder.truth(arg) for arg in args)),), "pure")


def _holds(builder: Builder, name: str, args: Sequence[Parsed]) -> Term:
    ids = tuple(text_of(arg) for arg in args)
    if not ids:
        return builder.mistake("function-arguments", found=name)
    for id_ in ids:
        if id_ not in builder.vocabulary.recognitions:
            builder.mistake("unknown-recognition", found=id_, nearest=nearest(id_, builder.vocabulary.recognitions))
    return Term((tree.Holds(ids) if name == "holds" else tree.Expires(ids),), "truth")


def _score(builder: Builder, _: str, args: Sequence[Parsed]) -> Term:
    platform, cycle = (text_of(arg).replace(" ", "") for arg in args)
    offset = {"cycle": 0, "cycle-1": -1, "cycle-2": -2}[cycle]
    listed = builder.vocabulary.facts.get("platform_scores")
    known = listed.fields["id"].choices if listed and "id" in listed.fields else (platform,)
    if platform not in known:
        shown = ", ".join(known)
        builder.mistake(
            "unknown-value", name="platform_score", found=platform, expected=shown, nearest=nearest(platform, known)
        )
    return Term((tree.PlatformScore(platform, offset),), "points")


def _tally(builder: Builder, name: str, args: Sequence[Parsed]) -> Term:
    query = cast("Tree[Token]", args[0])
    fact = str(query.children[0])
    signature = builder.fact(fact)
    if signature is None:
        return Term((Const(0),), "truth" if name == "exists" else ANY)
    if signature.kind != "events":
        return builder.mistake("not-a-list", found=fact)
    parts = [part for part in query.children[1:] if isinstance(part, Tree)]
    clauses = {str(clause.data): clause for part in parts for clause in part.children if isinstance(clause, Tree)}
    where = within = None
    if "where" in clauses:
        builder.record = signature
        where = builder.truth(clauses["where"].children[0])
        builder.record = None
    if "within" in clauses and "date" not in signature.fields:
        return builder.mistake("within-without-date", found=fact)
    if "within" in clauses:
        term = builder.number(clauses["within"].children)
        if term.dimension not in ("years", ANY):
            return builder.mistake("unit-mismatch", found=text_of(clauses["within"]), expected="年")
        within = cast("Const", term.node).value
    if name == "exists":
        return Term((tree.Compare(">=", tree.Tally(fact, None, where, within), Const(1, "项")),), "truth")
    if name == "count":
        return Term((tree.Tally(fact, None, where, within),), "items")
    inner = str(query.children[1])
    if inner not in signature.fields:
        return builder.mistake("unknown-field", found=inner, name=fact, nearest=nearest(inner, signature.fields))
    if signature.fields[inner].kind not in NUMERIC:
        return builder.mistake("formula-not-number", found=f"{fact}.{inner}")
    return Term((tree.Tally(fact, inner, where, within),), signature.fields[inner].dimension)


def _rate(name: str, offset: int) -> Value:
    """Growth over the year before as a quotient less one, so that each figure stands in it once."""
    return tree.Sum((tree.Ratio(Figure(name, offset), Figure(name, offset - 1)), Const(-1)))


FUNCTIONS: dict[str, Function] = {
    "sum": _reduce,
    "mean": _reduce,
    "min": _reduce,
    "max": _reduce,
    "floor": _floor,
    "cagr": _cagr,
    "growth": _growth,
    "mean_growth": _growth,
    "years_since": _elapsed,
    "days_since": _elapsed,
    "count_true": _count_true,
    "holds": _holds,
    "expires_this_cycle": _holds,
    "platform_score": _score,
    "exists": _tally,
    "count": _tally,
    "total": _tally,
}
