"""Parsing turns a formula's text into a typed tree, or into every mistake found in it.

Units must fit, names must be known, a divisor can never be negative, series are unrolled year by year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from lark import Lark, Token, Tree, UnexpectedInput

from assistant.errors import nearest
from assistant.logic import tree
from assistant.logic.tree import Comparator, Condition, Const, Figure, Node, Value
from assistant.logic.vocabulary import NUMERIC, Signature, Vocabulary
from assistant.units import UNITS, exact, to_base

KINDS = ("new", "review")
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
DEEPEST = 6  # fiscal years a formula may look back
_ANY = "?"  # the dimension after a mistake: fits everything, so one mistake gives one message


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
        return self.nodes[0]


class FormulaError(Exception):
    """A formula that cannot be used, with all its mistakes."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        """Keep the *mistakes* in the order found, each once."""
        unique: list[Mistake] = []
        unique += (mistake for mistake in mistakes if mistake not in unique)
        self.mistakes = tuple(unique)
        super().__init__("; ".join(f"{m.code} {m.params}" for m in self.mistakes))


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
    if term.dimension not in ("truth", _ANY):
        raise FormulaError([Mistake("formula-not-condition", {"found": text})])
    return cast("Condition", term.node)


def value(text: str, vocabulary: Vocabulary) -> tuple[Value, str]:
    """Parse *text* as a number; return it with its dimension.

    Raises:
        FormulaError: with every mistake in it.

    """
    term = _built(text, vocabulary)
    if term.dimension == "truth" or term.series or not _is_value(term):
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
    builder = _Builder(vocabulary)
    term = builder.build(parsed)
    if term.series:
        builder.mistake("series-without-each", found=text)
    if builder.mistakes:
        raise FormulaError(builder.mistakes)
    return term


def _is_value(term: Term) -> bool:
    return not (term.signature and term.signature.kind not in NUMERIC)


@dataclass(slots=True)
class _Builder:
    vocabulary: Vocabulary
    mistakes: list[Mistake] = field(default_factory=list)
    record: Signature | None = None  # the events fact whose fields `where` speaks of

    def mistake(self, code: str, **params: str) -> Term:
        self.mistakes.append(Mistake(code, params))
        return Term((Const(0),), _ANY)

    def build(self, parsed: Tree[Token] | Token) -> Term:
        assert isinstance(parsed, Tree)
        handler: Callable[[list[Tree[Token] | Token]], Term] = getattr(self, str(parsed.data))
        return handler(parsed.children)

    # ---- truth

    def disjunction(self, children: Sequence[Tree[Token] | Token]) -> Term:
        return Term((tree.Any(tuple(self.truth(child) for child in children)),), "truth")

    def conjunction(self, children: Sequence[Tree[Token] | Token]) -> Term:
        return Term((tree.All(tuple(self.truth(child) for child in children)),), "truth")

    def negated(self, children: Sequence[Tree[Token] | Token]) -> Term:
        return Term((tree.Not(self.truth(children[0])),), "truth")

    def truth(self, child: Tree[Token] | Token) -> Condition:
        term = self.build(child)
        if term.signature and term.signature.kind == "flag":
            return tree.Is(cast("Figure", term.node))
        if term.dimension not in ("truth", _ANY):
            self.mistake("formula-not-condition", found=_text(child))
        return cast("Condition", term.node)

    # ---- comparison

    def compared(self, children: Sequence[Tree[Token] | Token]) -> Term:
        parts = [
            self.compare(children[at], str(children[at + 1]), children[at + 2]) for at in range(0, len(children) - 2, 2)
        ]
        return (
            parts[0] if len(parts) == 1 else Term((tree.All(tuple(cast("Condition", p.node) for p in parts)),), "truth")
        )

    def each(self, children: Sequence[Tree[Token] | Token]) -> Term:
        left, right = self.build(children[0]), self.build(children[2])
        op = cast("Comparator", str(children[1]))
        if not left.series:
            return self.mistake("each-without-series", found=_text(children[0]))
        if right.series:
            return self.mistake("series-without-each", found=_text(children[2]))
        self.fit(left, right, children[2])
        return Term(
            (tree.All(tuple(tree.Compare(op, cast("Value", n), cast("Value", right.node)) for n in left.nodes)),),
            "truth",
        )

    def compare(self, left_part: Tree[Token] | Token, op: str, right_part: Tree[Token] | Token) -> Term:
        left = self.build(left_part)
        if left.signature and left.signature.kind in ("choice", "city", "industry"):
            return self.choice(left.signature, cast("Figure", left.node), op, right_part)
        if _text(left_part) == "kind":
            word = _text(right_part)
            if word not in KINDS or op not in ("==", "!="):
                return self.mistake("unknown-value", name="kind", found=word, expected="new, review", nearest="")
            is_kind: Condition = tree.KindIs(cast("Literal['new', 'review']", word))
            return Term((is_kind if op == "==" else tree.Not(is_kind),), "truth")
        if left.dimension == _ANY and _is_word(right_part):  # what it is compared with cannot be known
            return Term((tree.All(()),), "truth")
        right = self.build(right_part)
        if left.series or right.series:
            return self.mistake("series-without-each", found=_text(left_part))
        if isinstance(left.node, tree.Growth) and not isinstance(right.node, Const):
            return self.mistake("growth-needs-number", found=_text(right_part))
        if isinstance(right.node, tree.Growth):
            return self.mistake("growth-needs-number", found=_text(left_part))
        for term, part in ((left, left_part), (right, right_part)):
            if term.dimension == "truth" or not _is_value(term):
                return self.mistake("formula-not-number", found=_text(part))
        self.fit(left, right, right_part)
        if isinstance(left.node, Const) and not isinstance(right.node, Const):  # 5 <= x is x >= 5: the fact stands left
            left, right, op = right, left, _MIRRORED[op]
        return Term(
            (tree.Compare(cast("Comparator", op), cast("Value", left.node), cast("Value", right.node)),), "truth"
        )

    def fit(self, left: Term, right: Term, part: Tree[Token] | Token) -> None:
        dimensions = {left.dimension, right.dimension}
        if dimensions == {"pure", "cycles"}:
            return
        if len(dimensions) > 1 and _ANY not in dimensions:
            self.mistake("unit-mismatch", found=_text(part), expected=units_of(left.dimension))

    def choice(self, signature: Signature, figure: Figure, op: str, right: Tree[Token] | Token) -> Term:
        word = _text(right)
        if op in ("==", "!="):
            member = self.membership(signature, figure, [word])
            return Term((member if op == "==" else tree.Not(member),), "truth")
        if not signature.ordered or word not in signature.choices:
            return self.unknown_value(signature, word)
        at = signature.choices.index(word)
        chosen = {
            ">=": signature.choices[at:],
            ">": signature.choices[at + 1 :],
            "<=": signature.choices[: at + 1],
            "<": signature.choices[:at],
        }[op]
        return Term((tree.Member(figure, chosen),), "truth")

    def unknown_value(self, signature: Signature, word: str) -> Term:
        return self.mistake(
            "unknown-value",
            name=signature.name,
            found=word,
            expected=", ".join(signature.choices[:12]),
            nearest=nearest(word, signature.choices),
        )

    def membership(self, signature: Signature, figure: Figure, words: list[str]) -> Condition:
        if signature.kind == "industry":
            words = [word[1:] if len(word) > 1 and word[0].isalpha() else word for word in words]
            for word in words:
                if self.vocabulary.industries and word not in self.vocabulary.industries:
                    self.mistake(
                        "unknown-value", name=signature.name, found=word, expected="GB/T 4754-2017", nearest=""
                    )
        else:
            for word in words:
                if word not in signature.choices:
                    self.unknown_value(signature, word)
        return tree.Member(figure, tuple(words), prefix=signature.kind == "industry" or signature.multiple)

    def member(self, children: Sequence[Tree[Token] | Token]) -> Term:
        term, words = self.build(children[0]), [str(word) for word in cast("Tree[Token]", children[1]).children]
        if term.signature is None or term.signature.kind not in ("choice", "city", "industry"):
            return self.mistake("not-a-choice", found=_text(children[0])) if term.dimension != _ANY else term
        return Term((self.membership(term.signature, cast("Figure", term.node), words),), "truth")

    def not_member(self, children: Sequence[Tree[Token] | Token]) -> Term:
        return Term((tree.Not(cast("Condition", self.member(children).node)),), "truth")

    # ---- arithmetic

    def additive(self, children: Sequence[Tree[Token] | Token]) -> Term:
        terms = [self.number_term(child) for child in children[::2]]
        signs = ["+", *(str(child) for child in children[1::2])]
        for other, part in zip(terms[1:], children[2::2], strict=True):
            self.fit(terms[0], other, part)
        rows = self.aligned(terms)
        nodes = tuple(
            tree.Sum(tuple(_minus(n) if sign == "-" else n for sign, n in zip(signs, row, strict=True))) for row in rows
        )
        return Term(nodes, terms[0].dimension, series=any(term.series for term in terms))

    def term(self, children: Sequence[Tree[Token] | Token]) -> Term:
        result = self.number_term(children[0])
        for op, part in zip(children[1::2], children[2::2], strict=True):
            result = self.scale(result, str(op), self.number_term(part), part)
        return result

    def scale(self, left: Term, op: str, right: Term, part: Tree[Token] | Token) -> Term:
        rows = self.aligned([left, right])
        series = left.series or right.series
        if op == "*":
            pure = {"pure", "ratio", _ANY}
            if left.dimension not in pure and right.dimension not in pure:
                return self.mistake("unit-product", found=_text(part))
            dimension = right.dimension if left.dimension in pure else left.dimension
            if {left.dimension, right.dimension} == {"pure", "ratio"}:
                dimension = "ratio"
            return Term(tuple(tree.Product(a, b) for a, b in rows), dimension, series=series)
        if not all(self.never_negative(b) for _, b in rows):
            return self.mistake("divisor-may-be-negative", found=_text(part))
        if right.dimension in ("pure", _ANY):
            dimension = left.dimension
        elif left.dimension == right.dimension:
            dimension = "ratio"
        else:
            dimension = f"{left.dimension}/{right.dimension}"
        return Term(tuple(tree.Ratio(a, b) for a, b in rows), dimension, series=series)

    def never_negative(self, node: Node) -> bool:
        match node:
            case Const(number):
                return number > 0
            case Figure(name):
                signature = self.vocabulary.facts.get(name)
                return signature is None or signature.nonnegative
            case tree.Sum(parts) | tree.Pick(_, parts):
                return all(self.never_negative(part) for part in parts)
            case tree.Product(left, right):
                return self.never_negative(left) and self.never_negative(right)
            case tree.Ratio(over, _):
                return self.never_negative(over)
            case _:
                return isinstance(node, tree.Elapsed | tree.Tally | tree.CountTrue)

    def signed(self, children: Sequence[Tree[Token] | Token]) -> Term:
        term = self.number_term(children[1])
        if str(children[0]) == "+":
            return term
        return Term(tuple(_minus(cast("Value", node)) for node in term.nodes), term.dimension, series=term.series)

    def number_term(self, child: Tree[Token] | Token) -> Term:
        term = self.build(child)
        if term.dimension == "truth" or not _is_value(term):
            return self.mistake("formula-not-number", found=_text(child))
        if isinstance(term.node, tree.Growth):
            return self.mistake("growth-needs-number", found=_text(child))
        return term

    def aligned(self, terms: Sequence[Term]) -> list[tuple[Value, ...]]:
        lengths = {len(term.nodes) for term in terms if term.series}
        if len(lengths) > 1:
            self.mistake("series-lengths-differ")
        length = max(lengths, default=1)
        return [
            tuple(cast("Value", t.nodes[min(at, len(t.nodes) - 1)] if t.series else t.node) for t in terms)
            for at in range(length)
        ]

    # ---- atoms

    def number(self, children: Sequence[Tree[Token] | Token]) -> Term:
        text = str(children[0])
        if len(children) == 1:
            return Term((Const(exact(text)),), "pure")
        symbol = str(children[1])
        unit = UNITS.get(symbol)
        if unit is None:
            return self.mistake("unknown-unit", found=symbol, nearest=nearest(symbol, UNITS))
        return Term((Const(to_base(text, unit), symbol),), unit.dimension)

    def han(self, children: Sequence[Tree[Token] | Token]) -> Term:
        name = str(children[0])
        aliases = self.vocabulary.aliases
        return self.mistake("unknown-name", found=name, nearest=aliases.get(name) or nearest(name, aliases))

    def name(self, children: Sequence[Tree[Token] | Token]) -> Term:
        name = str(children[0])
        if self.record is not None:
            inner = self.record.fields.get(name)
            if inner is None:
                return self.mistake(
                    "unknown-field", found=name, name=self.record.name, nearest=nearest(name, self.record.fields)
                )
            return Term((Figure(name),), inner.dimension, signature=inner)
        if name == "cycle":
            return Term((tree.CycleYear(),), "pure")
        if name == "kind":
            return Term((Const(0),), "kind")
        signature = self.fact(name)
        if signature is None:
            return Term((Const(0),), _ANY)
        if len(children) == 1:
            if signature.yearly:
                return self.mistake("year-needed", found=name)
            return Term((Figure(name),), signature.dimension, signature=signature)
        if not signature.yearly:
            return self.mistake("year-not-possible", found=name)
        offsets = _span(cast("Tree[Token]", children[1]).children)
        if not offsets:
            return self.mistake("year-span-reversed", found=_text(cast("Tree[Token]", children[1])))
        if offsets[0] < -DEEPEST or offsets[-1] > -1:
            return self.mistake(
                "year-out-of-reach", found=_text(cast("Tree[Token]", children[1])), deepest=f"FY-{DEEPEST}"
            )
        nodes = tuple(Figure(name, offset) for offset in offsets)
        return Term(
            nodes, signature.dimension, series=len(cast("Tree[Token]", children[1]).children) > 1, signature=signature
        )

    def fact(self, name: str) -> Signature | None:
        signature = self.vocabulary.facts.get(name)
        if signature is None:
            known = self.vocabulary.aliases.get(name) or nearest(name, self.vocabulary.facts)
            self.mistake("unknown-fact", found=name, nearest=known)
        return signature

    # ---- calls

    def call(self, children: Sequence[Tree[Token] | Token]) -> Term:
        name, args = str(children[0]), children[1:]
        handler = _CALLS.get(name)
        if handler is None:
            return self.mistake("unknown-function", found=name, nearest=nearest(name, _CALLS))
        try:
            return handler(self, name, args)
        except (IndexError, AttributeError, ValueError, KeyError):
            return self.mistake("function-arguments", found=name)

    def call_reduce(self, name: str, args: Sequence[Tree[Token] | Token]) -> Term:
        terms = [self.number_term(arg) for arg in args]
        nodes = tuple(cast("Value", node) for term in terms for node in term.nodes)
        for other, part in zip(terms[1:], args[1:], strict=True):
            if {terms[0].dimension, other.dimension} != {"pure", "ratio"}:
                self.fit(terms[0], other, part)
        dimension = terms[0].dimension
        if name in ("min", "max"):
            return Term((tree.Pick(cast("Literal['min', 'max']", name), nodes),), dimension)
        total: Value = tree.Sum(nodes)
        return Term((tree.Ratio(total, Const(len(nodes))) if name == "mean" else total,), dimension)

    def call_floor(self, _: str, args: Sequence[Tree[Token] | Token]) -> Term:
        (arg,) = args
        term = self.number_term(arg)
        if term.series:
            return self.mistake("series-without-each", found=_text(arg))
        return Term((tree.Floor(cast("Value", term.node)),), "pure" if term.dimension == "ratio" else term.dimension)

    def call_cagr(self, _: str, args: Sequence[Tree[Token] | Token]) -> Term:
        name, offsets = self.grown(args)
        if len(offsets) == 1:
            return self.mistake("growth-needs-years", found=_text(args[1]))
        return Term((tree.Growth(name, offsets[0], offsets[-1]),), "ratio")

    def call_growth(self, _: str, args: Sequence[Tree[Token] | Token]) -> Term:
        name, offsets = self.grown(args)
        rates = tuple(_rate(name, offset) for offset in offsets)
        return Term((rates[0] if len(rates) == 1 else tree.Ratio(tree.Sum(rates), Const(len(rates))),), "ratio")

    def grown(self, args: Sequence[Tree[Token] | Token]) -> tuple[str, list[int]]:
        named, span = args
        name = _text(named)
        signature = self.fact(name)
        if signature and not (signature.yearly and signature.kind in NUMERIC):
            self.mistake("year-not-possible", found=name)
        offsets = _span(cast("Tree[Token]", span).children)
        if not offsets:
            raise ValueError(name)
        if offsets[0] <= -DEEPEST or offsets[-1] > -1:
            self.mistake("year-out-of-reach", found=_text(span), deepest=f"FY-{DEEPEST}")
        return name, offsets

    def call_elapsed(self, name: str, args: Sequence[Tree[Token] | Token]) -> Term:
        (arg,) = args
        fact = _text(arg)
        signature = self.fact(fact)
        if signature and signature.kind != "date":
            return self.mistake("not-a-date", found=fact)
        unit = cast("Literal['years', 'days']", name.removesuffix("_since"))
        return Term((tree.Elapsed(fact, unit),), unit)

    def call_count_true(self, _: str, args: Sequence[Tree[Token] | Token]) -> Term:
        if not args:
            return self.mistake("function-arguments", found="count_true")
        return Term((tree.CountTrue(tuple(self.truth(arg) for arg in args)),), "pure")

    def call_holds(self, name: str, args: Sequence[Tree[Token] | Token]) -> Term:
        ids = tuple(_text(arg) for arg in args)
        if not ids:
            return self.mistake("function-arguments", found=name)
        for id_ in ids:
            if id_ not in self.vocabulary.recognitions:
                self.mistake("unknown-recognition", found=id_, nearest=nearest(id_, self.vocabulary.recognitions))
        return Term((tree.Holds(ids) if name == "holds" else tree.Expires(ids),), "truth")

    def call_score(self, _: str, args: Sequence[Tree[Token] | Token]) -> Term:
        platform, cycle = (_text(arg).replace(" ", "") for arg in args)
        offset = {"cycle": 0, "cycle-1": -1, "cycle-2": -2}[cycle]
        listed = self.vocabulary.facts.get("platform_scores")
        known = listed.fields["id"].choices if listed and "id" in listed.fields else (platform,)
        if platform not in known:
            shown = ", ".join(known)
            self.mistake(
                "unknown-value", name="platform_score", found=platform, expected=shown, nearest=nearest(platform, known)
            )
        return Term((tree.PlatformScore(platform, offset),), "points")

    def call_tally(self, name: str, args: Sequence[Tree[Token] | Token]) -> Term:
        query = cast("Tree[Token]", args[0])
        fact = str(query.children[0])
        signature = self.fact(fact)
        if signature is None:
            return Term((Const(0),), "truth" if name == "exists" else _ANY)
        if signature.kind != "events":
            return self.mistake("not-a-list", found=fact)
        parts = [part for part in query.children[1:] if isinstance(part, Tree)]
        clauses = {str(clause.data): clause for part in parts for clause in part.children if isinstance(clause, Tree)}
        where = within = None
        if "where" in clauses:
            self.record = signature
            where = self.truth(clauses["where"].children[0])
            self.record = None
        if "within" in clauses and "date" not in signature.fields:
            return self.mistake("within-without-date", found=fact)
        if "within" in clauses:
            term = self.number(clauses["within"].children)
            if term.dimension not in ("years", _ANY):
                return self.mistake("unit-mismatch", found=_text(clauses["within"]), expected="年")
            within = cast("Const", term.node).value
        if name == "exists":
            return Term((tree.Compare(">=", tree.Tally(fact, None, where, within), Const(1, "项")),), "truth")
        if name == "count":
            return Term((tree.Tally(fact, None, where, within),), "items")
        inner = str(query.children[1])
        if inner not in signature.fields:
            return self.mistake("unknown-field", found=inner, name=fact, nearest=nearest(inner, signature.fields))
        if signature.fields[inner].kind not in NUMERIC:
            return self.mistake("formula-not-number", found=f"{fact}.{inner}")
        return Term((tree.Tally(fact, inner, where, within),), signature.fields[inner].dimension)


_CALLS: dict[str, Callable[[_Builder, str, Sequence[Tree[Token] | Token]], Term]] = {
    "sum": _Builder.call_reduce,
    "mean": _Builder.call_reduce,
    "min": _Builder.call_reduce,
    "max": _Builder.call_reduce,
    "floor": _Builder.call_floor,
    "cagr": _Builder.call_cagr,
    "growth": _Builder.call_growth,
    "mean_growth": _Builder.call_growth,
    "years_since": _Builder.call_elapsed,
    "days_since": _Builder.call_elapsed,
    "count_true": _Builder.call_count_true,
    "holds": _Builder.call_holds,
    "expires_this_cycle": _Builder.call_holds,
    "platform_score": _Builder.call_score,
    "exists": _Builder.call_tally,
    "count": _Builder.call_tally,
    "total": _Builder.call_tally,
}


def _rate(name: str, offset: int) -> Value:
    """Growth over the year before as a quotient less one, so that each figure stands in it once."""
    return tree.Sum((tree.Ratio(Figure(name, offset), Figure(name, offset - 1)), Const(-1)))


def _minus(node: Value) -> Value:
    if isinstance(node, Const):
        return Const(-node.value, node.unit)
    return tree.Product(Const(-1), node)


def _span(years: Iterable[Tree[Token] | Token]) -> list[int]:
    ends = [-int(str(year).removeprefix("FY-")) for year in years]
    return list(range(ends[0], ends[-1] + 1))


def _is_word(part: Tree[Token] | Token) -> bool:
    return isinstance(part, Tree) and part.data in ("name", "han")


def units_of(dimension: str) -> str:
    """Return the units that a dimension is written in."""
    return " ".join(unit.symbol for unit in UNITS.values() if unit.dimension == dimension) or dimension


def _text(parsed: Tree[Token] | Token) -> str:
    if isinstance(parsed, Token):
        return str(parsed)
    joiner = " and " if parsed.data == "conjunction" else " "
    return joiner.join(_text(child) for child in parsed.children)
