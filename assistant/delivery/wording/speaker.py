"""The speaker says facts, values and comparisons of one rulebook in one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from assistant.company.lists import Lists
from assistant.delivery.wording.labels import label
from assistant.logic import tree
from assistant.logic.scalar import Outcome
from assistant.logic.values import Range
from assistant.matching.findings import actual_value
from assistant.rulebook.book import Rulebook
from assistant.units import UNITS, Number, Unit, decimal_text, from_base

_DEFAULT_UNITS = {"money": "万元", "ratio": "%"}
_ENGLISH_UNITS = {
    **dict.fromkeys(("项", "件", "个", "种", "款", "类", "处", "家", "名", "次", "人", "年度"), ""),
    "万元": "×10,000 yuan",
    "亿元": "×100 million yuan",
    "元": "yuan",
    "分": "points",
    "年": "years",
    "天": "days",
    "个月": "months",
}
_OPERATORS = {
    ">=": ("不低于", "at least"),
    ">": ("超过", "over"),
    "<=": ("不超过", "at most"),
    "<": ("低于", "below"),
    "==": ("等于", "exactly"),
    "!=": ("不等于", "not"),
}


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says things about one rulebook in one language."""

    rulebook: Rulebook
    lang: str = "zh"

    def pick(self, chinese: str, english: str) -> str:
        """Return the text in the speaker's language."""
        return chinese if self.lang == "zh" else english

    def word(self, name: str) -> str:
        """Return a fixed word."""
        return label(name, self.lang)

    @property
    def lists(self) -> Lists:
        """The reference lists."""
        return self.rulebook.lists

    # ---- facts and values

    def fact(self, name: str, *, year: bool = True) -> str:
        """Return what a fact is called; `revenue[2025]` with its year, `platform_scores.x` by its choice."""
        base, _, rest = name.partition("[")
        if base == "recognitions":
            return self.word("recognitions")
        if base.startswith("recognitions."):
            return self.pick(f"{self.recognition(base[13:])}的有效期", f"validity of {self.recognition(base[13:])}")
        if base.startswith("platform_scores."):
            spec = self.rulebook.dictionary.spec("platform_scores").fields["id"]
            return self.pick(f"{spec.choices.get(base[16:], base[16:])}得分", f"score of {base[16:]}")
        spec = self.rulebook.dictionary.spec(base)
        text = self.pick(spec.label, spec.en)
        if not rest or not year:
            return text
        return self.pick(f"{rest[:-1]}年{text}", f"{text} {rest[:-1]}")

    def recognition(self, id_: str) -> str:
        """Return a recognition's name."""
        known = self.rulebook.recognition(id_)
        return self.pick(known.label, known.en)

    def number(self, value: Number | Range, unit: Unit) -> str:
        """Return a base-unit value in *unit*, cut and never rounded up."""
        if unit.dimension == "cycles":
            return str(value)
        places = 2 if unit.symbol == "%" else 6
        first = "第 " if unit.dimension == "rank" and self.lang == "zh" else ""
        symbol = unit.symbol if self.lang == "zh" else _ENGLISH_UNITS.get(unit.symbol, unit.symbol)
        if isinstance(value, Range):
            low, high = (decimal_text(from_base(end, unit), places=places) for end in (value.low, value.high))
            return f"{first}{low}～{high} {symbol}"
        return f"{first}{decimal_text(from_base(value, unit), places=places)} {symbol}".rstrip()

    def value(self, outcome: Outcome) -> str:
        """Return what was found, in the unit that the rule uses."""
        actual = actual_value(outcome)
        node = outcome.node.part if isinstance(outcome.node, tree.Not) else outcome.node
        match node:
            case tree.Compare():
                if isinstance(node.left, tree.Growth):
                    return self.growth(actual, node.left)
                unit = unit_of(node)
                if unit is None:
                    return (
                        decimal_text(actual) if not isinstance(actual, Range) else self.number(actual, UNITS["项"])[:-2]
                    )
                return self.number(actual, unit)
            case tree.Is():
                return self.word("flag.yes" if actual else "flag.no")
            case tree.Member(figure):
                return self.choice(figure.name, actual)
            case tree.Holds() | tree.Expires():
                return self.holdings(actual)
        return str(actual)

    def growth(self, quotient: Number | Range, growth: tree.Growth) -> str:
        """Return a compound rate in %, cut to four decimals: shown only, never compared."""
        low = quotient.low if isinstance(quotient, Range) else quotient
        years = growth.last - growth.first
        rate = _root(Fraction(low), years) - 1
        return self.pick(
            f"年均 {decimal_text(rate * 100, places=4)} %", f"{decimal_text(rate * 100, places=4)} % a year"
        )

    def choice(self, name: str, actual: Any) -> str:
        """Return the label of a choice, city or industry (or of those still possible)."""
        if name == "industry":
            code = actual[-1]
            return f"{actual[0]}{code if code != actual[0] else ''} {self.lists.industries[code][0]}"
        choices = self.rulebook.dictionary.facts[name].choices if name in self.rulebook.dictionary.facts else {}
        order = list(choices)
        parts = (
            sorted(actual, key=order.index)
            if isinstance(actual, frozenset)
            else actual
            if isinstance(actual, tuple)
            else [actual]
        )
        joiner = self.pick("或", " or ") if isinstance(actual, frozenset) else self.pick("、", ", ")
        return joiner.join(self.option(part, choices) for part in parts)

    def option(self, part: str, choices: Mapping[str, str]) -> str:
        """Return a choice or city in the speaker's language; the ids of choices are English."""
        return choices.get(part, part) if self.lang == "zh" else self.lists.city_names_en.get(part, part)

    def holdings(self, found: Any) -> str:
        """Return the recognitions found with their dates."""
        if not found:
            return self.pick("没有", "none")
        texts = []
        for id_, holding in found:
            name = self.recognition(id_)
            if holding.expires:
                until = day_text(holding.expires, self.lang)
                texts.append(self.pick(f"{name}（有效期至{until}）", f"{name} (until {until})"))
            else:
                texts.append(name)
        return self.pick("、", ", ").join(texts)

    # ---- what a comparison is about

    def subject(self, node: tree.Value | tree.Condition, base_year: int) -> str:
        """Return what the left side of a comparison is called."""
        match node:
            case tree.Not(part):
                return self.subject(part, base_year)
            case tree.Compare(_, left, right):
                return self.subject(right if isinstance(left, tree.Const) else left, base_year)
            case tree.Is(figure) | tree.Member(figure):
                return self.subject(figure, base_year)
            case tree.Holds(ids) | tree.Expires(ids):
                return self.pick("、", ", ").join(self.recognition(id_) for id_ in ids)
            case tree.Figure(name, offset):
                return self.fact(name if offset is None else f"{name}[{base_year + 1 + offset}]")
            case tree.Ratio(tree.Sum(terms), tree.Const()) if grown := _grown(terms):
                return self._years(grown[0], grown[1], base_year, "平均增长率", "mean growth")
            case tree.Ratio(tree.Sum(terms), tree.Const()) if same := _same(terms):
                return self._years(same[0], same[1], base_year, "年均", "yearly mean")
            case tree.Sum(terms) if grown := _grown((node,)):
                return self._years(grown[0], grown[1], base_year, "增长率", "growth")
            case tree.Sum(terms) if same := _same(terms):
                return self._years(same[0], same[1], base_year, "合计", "in total")
            case tree.Ratio(over, under):
                a, b = self.subject(over, base_year), self.subject(under, base_year)
                years = {a[:5], b[:5]}
                if self.lang == "zh" and len(years) == 1 and a[4:5] == "年":
                    return f"{a}占{b[5:]}比重"
                return self.pick(f"{a}占{b}比重", f"{a} / {b}")
            case tree.Growth(name, first, last):
                return self._years(name, [first, last], base_year, "复合增长率", "compound growth")
            case tree.Elapsed(name, unit):
                fact = self.fact(name)
                return self.pick(f"{fact}至申报时的{'天数' if unit == 'days' else '年数'}", f"{unit} since {fact}")
            case tree.Tally(name, _, _, within):
                span = self.pick(f"近{within}年" if within else "", f" in {within} years" if within else "")
                return self.pick(f"{span}{self.fact(name)}", f"{self.fact(name)}{span}")
            case tree.PlatformScore(id_, offset):
                year = base_year + 1 + offset
                return self.pick(
                    f"{year}年{self.fact(f'platform_scores.{id_}')}", f"{self.fact(f'platform_scores.{id_}')} {year}"
                )
            case tree.CycleYear():
                return self.pick("申报年度", "cycle")
        names = [self.subject(figure, base_year) for figure in tree.figures(node)]
        return self.pick("、", ", ").join(names)

    def _years(self, name: str, offsets: list[int], base_year: int, chinese: str, english: str) -> str:
        years = [base_year + 1 + offset for offset in offsets]
        span = str(years[0]) if len(set(years)) == 1 else f"{min(years)}—{max(years)}"
        return self.pick(f"{span}年{self.fact(name)}{chinese}", f"{self.fact(name)} {span}, {english}")

    def condition(self, node: tree.Condition) -> str:
        """Return a condition in words, without years: what a scoring tier asks."""
        match node:
            case tree.All(parts):
                return self.pick("，", ", ").join(self.condition(part) for part in parts)
            case tree.Any(parts):
                return self.pick("，或 ", ", or ").join(self.condition(part) for part in parts)
            case tree.Compare(op, left, tree.Const(bound)):
                unit = unit_of(node)
                value = self.number(bound, unit) if unit else decimal_text(bound)
                about = "" if isinstance(left, tree.Ratio | tree.Sum) else self.subject(left, -1).replace("-1年", "")
                return f"{about}{self.pick(*_OPERATORS[op])} {value}"
            case tree.Not(part):
                return self.pick("不是：", "not: ") + self.condition(part)
            case tree.Member(figure):
                return f"{self.fact(figure.name)}：{self.required(Outcome(node, None, None, ()))}"
        return self.subject(node, -1)

    # ---- what is required, and on what figures rest

    def required(self, outcome: Outcome) -> str:
        """Return what a comparison requires: 不低于 3 %."""
        node = outcome.node
        if isinstance(node, tree.Compare) and isinstance(node.right, tree.Const):
            op = self.pick(*_OPERATORS[node.op])
            unit = unit_of(node)
            bound = self.number(node.right.value, unit) if unit else decimal_text(node.right.value)
            if unit and unit.dimension == "rank" and node.op == "<=":
                return self.pick(f"前 {decimal_text(node.right.value)} 名", f"among the first {node.right.value}")
            return f"{op} {bound}"
        if isinstance(node, tree.Member):
            spec = self.rulebook.dictionary.facts.get(node.figure.name)
            choices = spec.choices if spec else {}
            if node.figure.name == "industry":
                return self.pick("、", ", ").join(self.lists.industries.get(v, (v, ""))[0] for v in node.values)
            return self.pick("、", ", ").join(self.option(value, choices) for value in node.values)
        if isinstance(node, tree.Not) and isinstance(node.part, tree.Is):
            return self.word("flag.no")
        if isinstance(node, tree.Is):
            return self.word("flag.yes")
        return ""

    def basis(self, name: str) -> str:
        """Return what figures rest on: `stand-in:2025`, `estimate:2026`, `range`."""
        kind, _, year = name.partition(":")
        if kind == "stand-in":
            return self.pick(f"暂按{year}年数据", f"{year} figures stand in")
        if kind == "estimate":
            return self.pick(f"{year}年为企业预计数", f"{year} is the company's estimate")
        return self.pick("按所填范围", "a range was given")


def unit_of(node: tree.Compare) -> Unit | None:
    """Return the unit that a comparison is written in."""
    for side in (node.right, node.left):
        if isinstance(side, tree.Const) and side.unit:
            return UNITS[side.unit]
    return None


def _same(terms: tuple[tree.Value, ...]) -> tuple[str, list[int]] | None:
    figures = [term for term in terms if isinstance(term, tree.Figure) and term.offset is not None]
    if len(figures) < len(terms) or len({figure.name for figure in figures}) != 1:
        return None
    return figures[0].name, [figure.offset for figure in figures if figure.offset is not None]


def _grown(terms: tuple[tree.Value, ...]) -> tuple[str, list[int]] | None:
    """Return the fact and years of growth rates (a quotient of two years less one), if *terms* are such."""
    names, offsets = set(), []
    for term in terms:
        match term:
            case tree.Sum((tree.Ratio(tree.Figure(name, int(offset)), tree.Figure(other)), tree.Const(-1))) if (
                name == other
            ):
                names.add(name)
                offsets.append(offset)
            case _:
                return None
    return (names.pop(), offsets) if len(names) == 1 else None


def _root(value: Fraction, degree: int) -> Fraction:
    """Return the *degree*-th root cut to eight decimals, by bisection over whole numbers."""
    scale = 10**8
    low, high = 0, max(2, int(value) + 2) * scale
    target = value * scale**degree
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**degree <= target else (low, middle)
    return Fraction(low, scale)


def day_text(day: date, lang: str) -> str:
    """Return a date for people."""
    return f"{day.year}年{day.month}月{day.day}日" if lang == "zh" else day.isoformat()
