"""Scorings are built from their tables: tiers become tests over the item's value, points are checked."""

from __future__ import annotations

from assistant.errors import nearest
from assistant.logic import parse
from assistant.logic.terms import FormulaError, units_of
from assistant.logic.tree import All, Comparator, Compare, Condition, Growth, Value
from assistant.logic.vocabulary import Vocabulary
from assistant.rulebook.requirement import Authority, Item, Part, Scoring, Tier
from assistant.rulebook.schema import CriterionShape, ItemShape, ScoringShape, TierShape, VersionShape
from assistant.sources import Path_, Source
from assistant.units import Number, exact

_BOUNDS: dict[str, Comparator] = {"at_least": ">=", "above": ">", "at_most": "<=", "below": "<"}


class Formulas:
    """Reads the formulas and authorities of one version; mistakes are reported to its source."""

    def __init__(self, shape: VersionShape, source: Source, vocabulary: Vocabulary) -> None:
        """Read for the version *shape* in *source*."""
        self.shape = shape
        self.source = source
        self.vocabulary = vocabulary

    def formula(self, text: str | None, path: Path_) -> Condition | None:
        if text is None:
            return None
        try:
            return parse.condition(text, self.vocabulary)
        except FormulaError as error:
            self.report(error, path, text)
            return None

    def report(self, error: FormulaError, path: Path_, text: str) -> None:
        for mistake in error.mistakes:
            self.source.report(mistake.code, path, **{**mistake.params, "formula": text})

    def authority(self, entry: CriterionShape | ItemShape | ScoringShape) -> Authority:
        return Authority(
            entry.clause,
            entry.standing or self.shape.standing,
            entry.confidence or self.shape.confidence,
            getattr(entry, "clause_note", ""),
            entry.note,
        )

    def scoring(self, shape: ScoringShape, path: Path_) -> Scoring:
        mark = shape.pass_ if shape.pass_ is not None else shape.pass_over
        if mark is None or (shape.pass_ is not None and shape.pass_over is not None):
            self.source.report("key-missing", path, expected="pass | pass_over")
            mark = 0
        items: dict[str, Item] = {}
        for index, item in enumerate(shape.items):
            at = (*path, "items", index)
            if item.id in items:
                self.source.report("duplicate-id", (*at, "id"), found=item.id, first="")
            if item.part not in shape.parts and (item.part or shape.parts):
                self.source.report("unknown-part", at, found=item.part, nearest=nearest(item.part, shape.parts))
            items[item.id] = self.item(item, at)
        return Scoring(
            id=shape.id,
            says=shape.says,
            pass_mark=exact(mark),
            strict=shape.pass_ is None,
            full=exact(shape.full),
            parts=tuple(
                Part(name, exact(part.full), None if part.min is None else exact(part.min))
                for name, part in shape.parts.items()
            ),
            items=tuple(items.values()),
            basis=self.authority(shape),
        )

    def item(self, shape: ItemShape, path: Path_) -> Item:
        bodies = [name for name in ("tiers", "cases", "points", "open") if getattr(shape, name) is not None]
        for index, tier in enumerate(shape.cases or ()):
            if tier.test is None and tier.otherwise is None:
                self.source.report("item-body", (*path, "cases", index), id=shape.id, found="cases")
        if len(bodies) != 1 or (shape.value is None) == (shape.tiers is not None):
            self.source.report("item-body", path, id=shape.id, found=", ".join(bodies) or "-")
        value = dimension = None
        if shape.value is not None:
            value, dimension = self.number(shape.value, (*path, "value"))
        tiers = shape.tiers if shape.tiers is not None else shape.cases or []
        key = "tiers" if shape.tiers is not None else "cases"
        return Item(
            id=shape.id,
            part=shape.part,
            says=shape.says,
            most=exact(shape.max),
            basis=self.authority(shape),
            value=value,
            tiers=tuple(
                self.tier(tier, value, dimension, (*path, key, index), exact(shape.max))
                for index, tier in enumerate(tiers)
            ),
            formula=self.points(shape.points, (*path, "points")) if shape.points is not None else None,
            open=shape.open or "",
        )

    def number(self, text: str, path: Path_) -> tuple[Value | None, str | None]:
        try:
            return parse.value(text, self.vocabulary)
        except FormulaError as error:
            self.report(error, path, text)
            return None, None

    def points(self, text: str, path: Path_) -> Value | None:
        formula, dimension = self.number(text, path)
        if isinstance(formula, Growth) or dimension not in (None, "pure", "ratio", "points"):
            self.source.report("points-not-a-number", path, found=text)
        return formula

    def tier(self, shape: TierShape, value: Value | None, dimension: str | None, path: Path_, most: Number) -> Tier:
        given = shape.points if shape.points is not None else shape.otherwise
        ends = [exact(end) for end in (given if isinstance(given, list) else [given or 0])]
        if len(ends) > 2 or ends[0] < 0 or ends[0] > ends[-1]:
            self.source.report("tier-points", path, found=given, expected=f"0..{most}")
        points = (ends[0], ends[-1])
        if shape.otherwise is not None:
            return Tier(None, points, shape.label)
        if shape.test is not None:
            return Tier(self.formula(shape.test, (*path, "test")) or All(()), points, shape.label)
        key = next(key for key in _BOUNDS if getattr(shape, key) is not None)
        bound, unit = self.number(str(getattr(shape, key)), (*path, key))
        if bound is not None and unit is not None and dimension is not None and unit != dimension:
            expected = units_of(dimension)
            self.source.report("unit-mismatch", (*path, key), found=getattr(shape, key), expected=expected)
        if value is None or bound is None:
            return Tier(All(()), points, shape.label)
        return Tier(Compare(_BOUNDS[key], value, bound), points, shape.label)
