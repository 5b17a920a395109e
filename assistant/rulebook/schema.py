"""The schema is the shape of a rule file, before its formulas are read.

Pydantic checks the shape; `validated` turns its errors into problems with line, expectation and nearest key.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from assistant.errors import nearest
from assistant.sources import Path_, Source

Standing = Literal["official", "secondary", "unverified"]
Confidence = Literal["high", "medium", "low"]
Kind = Literal["new", "review"]
Text = Literal["full", "partial", "missing"]
Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Count = Annotated[int, Field(ge=1)]
Formula = Annotated[str | bool, Field(union_mode="left_to_right")]


class Shape(BaseModel):
    """A closed mapping: a key that is not declared is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


class CriterionShape(Shape):
    """A criterion: one test, one scoring, a group of criteria, or (judgements, preferences) neither."""

    id: Id
    says: str
    test: str | None = None
    score: Id | None = None
    any_of: list[CriterionShape] | None = None
    all_of: list[CriterionShape] | None = None
    at_least: AtLeastShape | None = None
    when: str | None = None
    replaces: list[Id] = []
    clause: str | None = None
    clause_note: str = ""
    standing: Standing | None = None
    confidence: Confidence | None = None
    note: str = ""

    @property
    def bodies(self) -> list[str]:
        """Return which of the exclusive bodies are given."""
        return [name for name in ("test", "score", "any_of", "all_of", "at_least") if getattr(self, name) is not None]

    @property
    def is_empty(self) -> bool:
        """Tell whether a group has no members."""
        return self.any_of == [] or self.all_of == [] or (self.at_least is not None and not self.at_least.of)


class AtLeastShape(Shape):
    """At least *n* of these criteria."""

    n: Count
    of: list[CriterionShape]


class TierShape(Shape):
    """A tier of a scoring item: a bound (or a test) and the points it gives, or what all else gives."""

    at_least: str | int | Decimal | None = None
    above: str | int | Decimal | None = None
    at_most: str | int | Decimal | None = None
    below: str | int | Decimal | None = None
    test: str | None = None
    points: int | Decimal | list[int | Decimal] | None = None
    otherwise: int | Decimal | list[int | Decimal] | None = None
    label: str = ""

    @model_validator(mode="after")
    def _one_bound(self) -> TierShape:
        given = [
            key
            for key in ("at_least", "above", "at_most", "below", "test", "otherwise")
            if getattr(self, key) is not None
        ]
        if len(given) != 1:
            raise ValueError("at_least | above | at_most | below | test | otherwise")
        if (self.otherwise is None) == (self.points is None):
            raise ValueError("points")
        return self


class ItemShape(Shape):
    """A scoring item: tiers over a value, cases, a points formula, or open (points not public)."""

    id: Id
    part: str = ""
    says: str
    max: int | Decimal
    value: str | None = None
    tiers: list[TierShape] | None = None
    cases: list[TierShape] | None = None
    points: str | None = None
    open: str | None = None
    clause: str | None = None
    standing: Standing | None = None
    confidence: Confidence | None = None
    note: str = ""


class PartShape(Shape):
    """A part of a scoring, with its full marks and, where the text sets one, its own minimum."""

    full: int | Decimal
    min: int | Decimal | None = None


class ScoringShape(Shape):
    """A scoring table with its pass mark."""

    id: Id
    says: str
    pass_: int | Decimal | None = Field(default=None, alias="pass")
    pass_over: int | Decimal | None = None
    full: int | Decimal
    parts: dict[str, PartShape] = {}
    items: list[ItemShape]
    clause: str | None = None
    standing: Standing | None = None
    confidence: Confidence | None = None
    note: str = ""


class MaterialShape(Shape):
    """An application document."""

    id: Id
    item: str
    document: Id
    years: list[str] = []
    required: bool = True
    proves: list[str] = []
    when: str | None = None
    lead_days: Annotated[int, Field(ge=0)] | None = None
    note: str = ""


class InstrumentShape(Shape):
    """The document that a version rests on."""

    title: str
    number: str | None = None
    url: str | None = None


class SpanShape(Shape):
    """In force from–to, both included; null = not known, or still in force."""

    from_: date | None = Field(default=None, alias="from")
    to: date | None = None
    approximate: bool = False
    note: str = ""


class AppliesShape(Shape):
    """When a version applies to a kind of application, where that differs from its being in force."""

    kind: Kind
    from_: date | None = Field(default=None, alias="from")
    to: date | None = None
    cities: list[str] = []
    text: Text | None = None
    text_note: str = ""
    note: str = ""


class VersionShape(Shape):
    """A project's criteria under one instrument."""

    id: Id
    instrument: InstrumentShape
    in_force: SpanShape
    applies: list[AppliesShape] | None = None
    text: Text = "full"
    text_note: str = ""
    standing: Standing = "secondary"
    confidence: Confidence = "medium"
    conditions: list[CriterionShape] = []
    fast_tracks: list[CriterionShape] = []
    exclusions: list[CriterionShape] = []
    judgements: list[CriterionShape] = []
    preferences: list[CriterionShape] = []
    scoring: list[ScoringShape] = []
    materials: list[MaterialShape] = []
    note: str = ""
    notes: list[str] = []


class DutyShape(Shape):
    """What a holder owes: `due` is a day of every year (MM-DD), `expiry`, or months after a change."""

    id: Id
    says: str
    due: str
    from_: date | None = Field(default=None, alias="from")
    to: date | None = None
    clause: str | None = None
    clause_note: str = ""
    standing: Standing = "secondary"
    confidence: Confidence = "medium"
    note: str = ""


class ValidityShape(Shape):
    """How long a recognition holds."""

    years: int | None = None
    permanent: bool = False
    from_: str = Field(default="granted", alias="from")
    review: str = ""


class NoticeShape(Shape):
    """The notice that called a round."""

    number: str | None = None
    title: str | None = None
    announced: date | None = None
    url: str | None = None


class RoundShape(Shape):
    """A past round of applications."""

    year: int
    batch: str = ""
    notice: NoticeShape | None = None
    opens: date | None = None
    closes: date | None = None
    city_deadlines: dict[str, date] = {}
    province_deadline: date | None = None
    published: date | None = None
    standing: Standing = "secondary"
    confidence: Confidence = "medium"
    note: str = ""


class RegionsShape(Shape):
    """Where the project is offered; `except` is not offered, `separate` has its own channel and dates."""

    within: str
    except_: dict[str, str] = Field(default={}, alias="except")
    separate: dict[str, str] = {}
    note: str = ""


class ListEntryShape(Shape):
    """The row of the published list."""

    section: Literal["national", "provincial"]
    number: int


class ListedShape(Shape):
    """The row of the published list as it was printed, faults and all."""

    year: int | None = None
    name: str
    basis: list[str] = []
    basis_links: list[str] = []
    notices: list[str] = []
    notice_links: list[str] = []
    planned: str = ""


class ProjectShape(Shape):
    """A rule file."""

    id: Id
    name: str
    en: str
    level: Literal["national", "provincial"]
    applicant: list[str]
    list_entry: ListEntryShape | None
    listed: ListedShape | None = None
    authority: str
    channel: str
    regions: RegionsShape
    prerequisites: list[Id] = []
    leads_to: list[Id] = []
    checked: date
    next_review: date
    notes: list[str] = []
    quota: str = ""
    rolling: bool = False
    validity: ValidityShape
    duties: list[DutyShape] = []
    versions: list[VersionShape]
    cycles: list[RoundShape] = []


def validated(source: Source) -> ProjectShape | None:
    """Return the rule file in *source*, or None with every mistake of shape reported to it."""
    if not isinstance(source.data, dict):
        source.report("not-a-mapping", expected="id, name, versions …")
        return None
    try:
        return ProjectShape.model_validate(source.data)
    except ValidationError as error:
        faults: dict[Path_, list[Any]] = {}
        for fault in error.errors(include_url=False):
            faults.setdefault(_position(source.data, fault["loc"]), []).append(fault)
        for path, found in faults.items():
            kinds = {fault["type"] for fault in found}
            _report(source, "number" if kinds >= {"int_type", "is_instance_of"} else found[0]["type"], path, found[0])
        return None


def _position(data: Any, loc: tuple[int | str, ...]) -> Path_:
    """Return the part of *loc* that is a path in the file (pydantic adds the names of union members)."""
    path: list[int | str] = []
    for index, part in enumerate(loc):
        inside: Any = None
        if isinstance(data, dict):
            if part not in data and index < len(loc) - 1:
                break
            inside = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            inside = data[part]
        else:
            break
        path.append(part)
        data = inside
    return tuple(path)


_MODELS: dict[str, type[Shape]] = {
    "versions": VersionShape, "conditions": CriterionShape, "fast_tracks": CriterionShape, "exclusions": CriterionShape,
    "judgements": CriterionShape, "preferences": CriterionShape, "any_of": CriterionShape, "all_of": CriterionShape,
    "of": CriterionShape, "scoring": ScoringShape, "items": ItemShape, "tiers": TierShape, "cases": TierShape,
    "materials": MaterialShape, "duties": DutyShape, "cycles": RoundShape, "validity": ValidityShape,
    "regions": RegionsShape, "listed": ListedShape, "instrument": InstrumentShape, "in_force": SpanShape,
    "notice": NoticeShape, "applies": AppliesShape, "at_least": AtLeastShape,
}  # fmt: skip


def _keys(path: Path_) -> list[str]:
    model: type[Shape] = ProjectShape
    for part in path:
        if isinstance(part, str) and part in _MODELS:
            model = _MODELS[part]
    return [field.alias or name for name, field in model.model_fields.items()]


def _report(source: Source, kind: str, path: Path_, fault: Any) -> None:
    found = fault.get("input")
    match kind:
        case "missing":
            source.report("key-missing", path[:-1], expected=path[-1])
        case "extra_forbidden":
            keys = _keys(path[:-1])
            source.report(
                "unknown-key", path, found=path[-1], nearest=nearest(str(path[-1]), keys), expected=", ".join(keys)
            )
        case "value_error":
            source.report("shape", path, found=_short(found), expected=fault["ctx"]["error"])
        case "literal_error":
            expected = fault["ctx"]["expected"]
            source.report("shape", path, found=_short(found), expected=expected)
        case _:
            source.report("shape", path, found=_short(found), expected=_EXPECTED.get(kind, fault["msg"]))


_EXPECTED = {
    "string_type": "文字 text",
    "number": "数字 number",
    "int_type": "整数 integer",
    "date_type": "日期 YYYY-MM-DD",
    "bool_type": "yes / no",
    "list_type": "列表 list",
    "dict_type": "键值 mapping",
    "model_type": "键值 mapping",
    "string_pattern_mismatch": "a-z, 0-9, -",
}


def _short(found: object) -> str:
    text = str(found)
    return text if len(text) <= 60 else text[:59] + "…"
