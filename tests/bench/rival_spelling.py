"""A rule's text in the expressions of an engine without unknowns: as two texts, whether it may be true and surely is.

Texts are in Python's syntax. Beside names, numbers, `and`, `or`, `not`, `a if test else b` and comparisons they have

    ratio(over, under, parts, of)    over / under is at least parts / of; at_most(…) turns it round
    growth(name, bound)              the sum of last / middle and middle / first is at least bound; above(…): more
    judged                           nobody told

What divides must be positive, else it is open. Points fall from tier to tier, so their most is what may be.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

_SIGNS: dict[type, str] = {
    ast.Add: "+", ast.Mult: "*", ast.GtE: ">=", ast.Gt: ">", ast.LtE: "<=", ast.Lt: "<",
}  # fmt: skip


def names(text: str) -> list[str]:
    """Return what a rule asks for."""
    found = [node for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)]
    functions = {"ratio", "at_most", "judged", "growth", "above"}
    listed = [name for node in found if node.id not in functions for name in grown(node.id)]
    return list(dict.fromkeys(listed))


def grown(name: str) -> list[str]:
    """Return the figures of a growth: the last year, the middle one, the first."""
    return [f"{name.removesuffix('_grown')}_fy{back}" for back in (1, 2, 3)] if name.endswith("_grown") else [name]


@dataclass(frozen=True, slots=True)
class Spelling:
    """How an engine writes what; *points* are values that have a least and a most, *sums* are known or not."""

    join: Mapping[type[ast.boolop], str]
    negated: str
    choice: str
    known: str  # of a name
    flag: tuple[str, str]  # what a told flag may be, and surely is
    true: str
    false: str
    sums: Mapping[str, str] = field(default_factory=dict)
    points: Mapping[str, str] = field(default_factory=dict)
    certain: frozenset[str] = frozenset()  # names that are always known

    def spell(self, text: str, *, sure: bool) -> str:
        """Return whether *text* is surely true, or may be."""
        return self.truth(ast.parse(text, mode="eval").body, sure)

    def number(self, text: str, *, sure: bool) -> str:
        """Return the least or the most of points."""
        return self.value(ast.parse(text, mode="eval").body, sure)

    def all_of(self, parts: list[str]) -> str:
        """Return the conjunction."""
        if self.false in parts:
            return self.false
        kept = [part for part in parts if part != self.true]
        return "(" + f" {self.join[ast.And]} ".join(kept) + ")" if kept else self.true

    def any_of(self, parts: list[str]) -> str:
        """Return the disjunction."""
        if self.true in parts:
            return self.true
        kept = [part for part in parts if part != self.false]
        return "(" + f" {self.join[ast.Or]} ".join(kept) + ")" if kept else self.false

    def truth(self, node: ast.expr, sure: bool) -> str:  # which of the two
        match node:
            case ast.Name(id="judged"):
                return self.false if sure else self.true
            case ast.Name(id=name):
                return name if name in self.certain else self.flag[sure].format(name)
            case ast.BoolOp(op=ast.And(), values=values):
                return self.all_of([self.truth(one, sure) for one in values])
            case ast.BoolOp(values=values):
                return self.any_of([self.truth(one, sure) for one in values])
            case ast.UnaryOp(operand=operand):
                inner = self.truth(operand, not sure)
                return {self.true: self.false, self.false: self.true}.get(inner, self.negated.format(inner))
            case ast.Compare(left=left, ops=[sign], comparators=[right]):
                said = f"({self.value(left, sure)} {_SIGNS[type(sign)]} {self.value(right, sure)})"
                return self._told([left, right], [], said, sure)
            case ast.Call(func=ast.Name(id="growth" | "above" as how), args=[ast.Name(id=name), bound]):
                last, middle, first = grown(name)
                order = ">=" if how == "growth" else ">"
                said = f"({middle} / {first} + {last} / {middle} {order} {self.value(bound, sure)})"
                listed: list[ast.expr] = [ast.Name(one) for one in (first, middle, last)]
                return self._told(listed, [first, middle], said, sure)
            case ast.Call(func=ast.Name(id=how), args=[over, under, parts, of]):
                order = ">=" if how == "ratio" else "<="
                a, b, p, q = (self.value(one, sure) for one in (over, under, parts, of))
                return self._told([over, under], [b], f"({a} * {q} {order} {b} * {p})", sure)
        raise TypeError(ast.dump(node))

    def _told(self, nodes: list[ast.expr], positive: list[str], said: str, sure: bool) -> str:
        """Return *said* where all is known that it rests on and what divides is positive."""
        asked = dict.fromkeys(part.id for node in nodes for part in ast.walk(node) if isinstance(part, ast.Name))
        told = [self.known.format(name) for name in asked if name not in {*self.points, *self.certain}]
        told += [f"({one} > 0)" for one in positive]
        return self.all_of([*told, said]) if sure else self.any_of([*map(self.negated.format, told), said])

    def value(self, node: ast.expr, sure: bool) -> str:
        match node:
            case ast.Name(id=name):
                return f"{name}_{'least' if sure else 'most'}" if name in self.points else name
            case ast.Constant(value=value):
                return str(value)
            case ast.BinOp(left=left, op=sign, right=right):
                return f"({self.value(left, sure)} {_SIGNS[type(sign)]} {self.value(right, sure)})"
            case ast.IfExp(test=test, body=body, orelse=orelse):
                told = (self.truth(test, sure), self.value(body, sure), self.value(orelse, sure))
                return self.choice.format(*told)
        raise TypeError(ast.dump(node))
