"""The builder turns the parts of a parsed formula into typed nodes: units must fit, names must be known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

from lark import Token, Tree

from assistant.errors import nearest
from assistant.logic import tree
from assistant.logic.terms import ANY, Mistake, Parsed, Term, is_word, minus, span_of, text_of, units_of
from assistant.logic.tree import Comparator, Condition, Const, Figure, Node, Value
from assistant.logic.vocabulary import Signature, Vocabulary
from assistant.units import UNITS, exact, to_base

KINDS = ("new", "review")
DEEPEST = 6  # fiscal years a formula may look back
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
Function = Callable[["Builder", str, Sequence[Parsed]], Term]


@dataclass(slots=True)
class Builder:
    """Builds one formula; every mistake is noted, and building goes on.

    Methods without a sentence of their own are named for the rule of the grammar that they build.
    """

    vocabulary: Vocabulary
    functions: Mapping[str, Function]
    mistakes: list[Mistake] = field(default_factory=list)
    record: Signature | None = None  # the events fact whose fields `where` speaks of

    def mistake(self, code: str, **params: str) -> Term:
        self.mistakes.append(Mistake(code, params))
        return Term((Const(0),), ANY)

    def build(self, parsed: Parsed) -> Term:
        assert isinstance(parsed, Tree)
        handler: Callable[[list[Parsed]], Term] = getattr(self, str(parsed.data))
        return handler(parsed.children)

    # ---- truth

    def disjunction(self, children: Sequence[Parsed]) -> Term:
        return Term((tree.Any(tuple(self.truth(child) for child in children)),), "truth")

    def conjunction(self, children: Sequence[Parsed]) -> Term:
        return Term((tree.All(tuple(self.truth(child) for child in children)),), "truth")

    def negated(self, children: Sequence[Parsed]) -> Term:
        return Term((tree.Not(self.truth(children[0])),), "truth")

    def truth(self, child: Parsed) -> Condition:
        term = self.build(child)
        if term.signature and term.signature.kind == "flag":
            return tree.Is(cast("Figure", term.node))
        if term.dimension not in ("truth", ANY):
            self.mistake("formula-not-condition", found=text_of(child))
        return cast("Condition", term.node)

    # ---- comparison

    def compared(self, children: Sequence[Parsed]) -> Term:
        parts = [
            self.compare(children[at], str(children[at + 1]), children[at + 2]) for at in range(0, len(children) - 2, 2)
        ]
        return (
            parts[0] if len(parts) == 1 else Term((tree.All(tuple(cast("Condition", p.node) for p in parts)),), "truth")
        )

    def each(self, children: Sequence[Parsed]) -> Term:
        left, right = self.build(children[0]), self.build(children[2])
        op = cast("Comparator", str(children[1]))
        if not left.series:
            return self.mistake("each-without-series", found=text_of(children[0]))
        if right.series:
            return self.mistake("series-without-each", found=text_of(children[2]))
        self.fit(left, right, children[2])
        return Term(
            (tree.All(tuple(tree.Compare(op, cast("Value", n), cast("Value", right.node)) for n in left.nodes)),),
            "truth",
        )

    def compare(self, left_part: Parsed, op: str, right_part: Parsed) -> Term:
        left = self.build(left_part)
        if left.signature and left.signature.kind in ("choice", "city", "industry"):
            return self.choice(left.signature, cast("Figure", left.node), op, right_part)
        if text_of(left_part) == "kind":
            word = text_of(right_part)
            if word not in KINDS or op not in ("==", "!="):
                return self.mistake("unknown-value", name="kind", found=word, expected="new, review", nearest="")
            is_kind: Condition = tree.KindIs(cast("Literal['new', 'review']", word))
            return Term((is_kind if op == "==" else tree.Not(is_kind),), "truth")
        if left.dimension == ANY and is_word(right_part):  # what it is compared with cannot be known
            return Term((tree.All(()),), "truth")
        right = self.build(right_part)
        if left.series or right.series:
            return self.mistake("series-without-each", found=text_of(left_part))
        if isinstance(left.node, tree.Growth) and not isinstance(right.node, Const):
            return self.mistake("growth-needs-number", found=text_of(right_part))
        if isinstance(right.node, tree.Growth):
            return self.mistake("growth-needs-number", found=text_of(left_part))
        for term, part in ((left, left_part), (right, right_part)):
            if term.dimension == "truth" or not term.is_value:
                return self.mistake("formula-not-number", found=text_of(part))
        self.fit(left, right, right_part)
        if isinstance(left.node, Const) and not isinstance(right.node, Const):  # 5 <= x is x >= 5: the fact stands left
            left, right, op = right, left, _MIRRORED[op]
        return Term(
            (tree.Compare(cast("Comparator", op), cast("Value", left.node), cast("Value", right.node)),), "truth"
        )

    def fit(self, left: Term, right: Term, part: Parsed) -> None:
        dimensions = {left.dimension, right.dimension}
        if dimensions == {"pure", "cycles"}:
            return
        if len(dimensions) > 1 and ANY not in dimensions:
            self.mistake("unit-mismatch", found=text_of(part), expected=units_of(left.dimension))

    def choice(self, signature: Signature, figure: Figure, op: str, right: Parsed) -> Term:
        word = text_of(right)
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

    def member(self, children: Sequence[Parsed]) -> Term:
        term, words = self.build(children[0]), [str(word) for word in cast("Tree[Token]", children[1]).children]
        if term.signature is None or term.signature.kind not in ("choice", "city", "industry"):
            return self.mistake("not-a-choice", found=text_of(children[0])) if term.dimension != ANY else term
        return Term((self.membership(term.signature, cast("Figure", term.node), words),), "truth")

    def not_member(self, children: Sequence[Parsed]) -> Term:
        return Term((tree.Not(cast("Condition", self.member(children).node)),), "truth")

    # ---- arithmetic

    def additive(self, children: Sequence[Parsed]) -> Term:
        terms = [self.number_term(child) for child in children[::2]]
        signs = ["+", *(str(child) for child in children[1::2])]
        for other, part in zip(terms[1:], children[2::2], strict=True):
            self.fit(terms[0], other, part)
        rows = self.aligned(terms)
        nodes = tuple(
            tree.Sum(tuple(minus(n) if sign == "-" else n for sign, n in zip(signs, row, strict=True))) for row in rows
        )
        return Term(nodes, terms[0].dimension, series=any(term.series for term in terms))

    def term(self, children: Sequence[Parsed]) -> Term:
        result = self.number_term(children[0])
        for op, part in zip(children[1::2], children[2::2], strict=True):
            result = self.scale(result, str(op), self.number_term(part), part)
        return result

    def scale(self, left: Term, op: str, right: Term, part: Parsed) -> Term:
        rows = self.aligned([left, right])
        series = left.series or right.series
        if op == "*":
            pure = {"pure", "ratio", ANY}
            if left.dimension not in pure and right.dimension not in pure:
                return self.mistake("unit-product", found=text_of(part))
            dimension = right.dimension if left.dimension in pure else left.dimension
            if {left.dimension, right.dimension} == {"pure", "ratio"}:
                dimension = "ratio"
            return Term(tuple(tree.Product(a, b) for a, b in rows), dimension, series=series)
        if not all(self.never_negative(b) for _, b in rows):
            return self.mistake("divisor-may-be-negative", found=text_of(part))
        if right.dimension in ("pure", ANY):
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

    def signed(self, children: Sequence[Parsed]) -> Term:
        term = self.number_term(children[1])
        if str(children[0]) == "+":
            return term
        return Term(tuple(minus(cast("Value", node)) for node in term.nodes), term.dimension, series=term.series)

    def number_term(self, child: Parsed) -> Term:
        term = self.build(child)
        if term.dimension == "truth" or not term.is_value:
            return self.mistake("formula-not-number", found=text_of(child))
        if isinstance(term.node, tree.Growth):
            return self.mistake("growth-needs-number", found=text_of(child))
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

    def number(self, children: Sequence[Parsed]) -> Term:
        text = str(children[0])
        if len(children) == 1:
            return Term((Const(exact(text)),), "pure")
        symbol = str(children[1])
        unit = UNITS.get(symbol)
        if unit is None:
            return self.mistake("unknown-unit", found=symbol, nearest=nearest(symbol, UNITS))
        return Term((Const(to_base(text, unit), symbol),), unit.dimension)

    def han(self, children: Sequence[Parsed]) -> Term:
        name = str(children[0])
        aliases = self.vocabulary.aliases
        return self.mistake("unknown-name", found=name, nearest=aliases.get(name) or nearest(name, aliases))

    def name(self, children: Sequence[Parsed]) -> Term:
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
            return Term((Const(0),), ANY)
        if len(children) == 1:
            if signature.yearly:
                return self.mistake("year-needed", found=name)
            return Term((Figure(name),), signature.dimension, signature=signature)
        if not signature.yearly:
            return self.mistake("year-not-possible", found=name)
        offsets = span_of(cast("Tree[Token]", children[1]).children)
        if not offsets:
            return self.mistake("year-span-reversed", found=text_of(cast("Tree[Token]", children[1])))
        if offsets[0] < -DEEPEST or offsets[-1] > -1:
            return self.mistake(
                "year-out-of-reach", found=text_of(cast("Tree[Token]", children[1])), deepest=f"FY-{DEEPEST}"
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

    def call(self, children: Sequence[Parsed]) -> Term:
        name, args = str(children[0]), children[1:]
        handler = self.functions.get(name)
        if handler is None:
            return self.mistake("unknown-function", found=name, nearest=nearest(name, self.functions))
        try:
            return handler(self, name, args)
        except (IndexError, AttributeError, ValueError, KeyError):
            return self.mistake("function-arguments", found=name)
