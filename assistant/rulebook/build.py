"""Building turns a validated rule file into a `Project`: formulas parsed, roles assigned, one tree per version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal

from assistant.errors import nearest
from assistant.logic import parse
from assistant.logic.terms import FormulaError, units_of
from assistant.logic.tree import All, Comparator, Compare, Condition, Growth, Value
from assistant.logic.vocabulary import Vocabulary
from assistant.rulebook.requirement import (
    Applies,
    Authority,
    Criterion,
    Duty,
    Group,
    Instrument,
    Item,
    Material,
    Notice,
    Part,
    Project,
    Regions,
    Requirement,
    Role,
    Round,
    Scoring,
    Tier,
    Validity,
    Version,
    nodes,
)
from assistant.rulebook.schema import (
    CriterionShape,
    DutyShape,
    ItemShape,
    MaterialShape,
    ProjectShape,
    RoundShape,
    ScoringShape,
    TierShape,
    VersionShape,
)
from assistant.sources import Path_, Source
from assistant.units import Number, exact

_SECTIONS: tuple[tuple[str, Role], ...] = (
    ("conditions", "condition"),
    ("exclusions", "exclusion"),
    ("judgements", "judgement"),
)
_BOUNDS: dict[str, Comparator] = {"at_least": ">=", "above": ">", "at_most": "<=", "below": "<"}


def build(shape: ProjectShape, source: Source, vocabulary: Vocabulary) -> Project:
    """Return the project of a rule file; formula mistakes are reported to *source*."""
    regions = shape.regions
    return Project(
        id=shape.id,
        name=shape.name,
        en=shape.en,
        level=shape.level,
        applicant=tuple(shape.applicant),
        list_entry=(shape.list_entry.section, shape.list_entry.number) if shape.list_entry else None,
        authority=shape.authority,
        channel=shape.channel,
        regions=Regions(regions.within, regions.except_, regions.separate, regions.note),
        prerequisites=tuple(shape.prerequisites),
        leads_to=tuple(shape.leads_to),
        checked=shape.checked,
        next_review=shape.next_review,
        validity=Validity(shape.validity.years, shape.validity.permanent, shape.validity.review),
        duties=tuple(_duty(duty) for duty in shape.duties),
        versions=tuple(
            _VersionBuilder(version, source, ("versions", index), vocabulary).version()
            for index, version in enumerate(shape.versions)
        ),
        rounds=tuple(_round(past) for past in shape.cycles),
        notes=tuple(shape.notes),
        quota=shape.quota,
        rolling=shape.rolling,
        file=source.file,
    )


def _duty(duty: DutyShape) -> Duty:
    basis = Authority(duty.clause, duty.standing, duty.confidence, duty.clause_note, duty.note)
    return Duty(duty.id, duty.says, duty.due, duty.from_, duty.to, basis)


def _round(past: RoundShape) -> Round:
    notice = past.notice
    return Round(
        year=past.year,
        batch=past.batch,
        notice=Notice(notice.number, notice.title, notice.announced, notice.url) if notice else Notice(),
        opens=past.opens,
        closes=past.closes,
        city_deadlines=past.city_deadlines,
        province_deadline=past.province_deadline,
        published=past.published,
        standing=past.standing,
        confidence=past.confidence,
        note=past.note,
    )


class _VersionBuilder:
    def __init__(self, shape: VersionShape, source: Source, path: Path_, vocabulary: Vocabulary) -> None:
        self.shape = shape
        self.source = source
        self.path = path
        self.vocabulary = vocabulary
        self.scorings: dict[str, Scoring] = {}
        self.ids: dict[str, Path_] = {}

    def version(self) -> Version:
        shape = self.shape
        if shape.text != "full" and not shape.text_note:
            self.source.report("key-missing", self.path, expected="text_note")
        for index, scoring in enumerate(shape.scoring):
            if scoring.id in self.scorings:
                self.source.report("duplicate-id", (*self.path, "scoring", index, "id"), found=scoring.id, first="")
            self.scorings[scoring.id] = self.scoring(scoring, (*self.path, "scoring", index))
        members: list[Requirement] = []
        for section, role in _SECTIONS:
            for index, entry in enumerate(getattr(shape, section)):
                members.append(self.requirement(entry, role, (*self.path, section, index), top=True))
        if not members:
            self.source.report("key-missing", self.path, expected="conditions")
        root = Group("root", "", "all", tuple(members))
        preferences = tuple(
            self.criterion(entry, "preference", (*self.path, "preferences", index))
            for index, entry in enumerate(shape.preferences)
        )
        return Version(
            id=shape.id,
            instrument=Instrument(shape.instrument.title, shape.instrument.number, shape.instrument.url),
            start=shape.in_force.from_,
            end=shape.in_force.to,
            approximate=shape.in_force.approximate,
            applies=self.applies(),
            root=self.with_fast_tracks(root),
            preferences=preferences,
            scorings=tuple(self.scorings.values()),
            materials=tuple(
                self.material(material, (*self.path, "materials", index))
                for index, material in enumerate(shape.materials)
            ),
            standing=shape.standing,
            confidence=shape.confidence,
            notes=(*([shape.note] if shape.note else []), *shape.notes),
            line=self.source.place(self.path).line,
        )

    def applies(self) -> tuple[Applies, ...]:
        shape = self.shape
        if shape.applies is None:
            return tuple(
                Applies(kind, shape.in_force.from_, shape.in_force.to, shape.text, shape.text_note)
                for kind in ("new", "review")
            )
        return tuple(
            Applies(
                entry.kind,
                entry.from_,
                entry.to,
                entry.text or shape.text,
                entry.text_note or shape.text_note,
                entry.note,
                tuple(entry.cities),
            )
            for entry in shape.applies
        )

    def authority(self, entry: CriterionShape | ItemShape | ScoringShape) -> Authority:
        return Authority(
            entry.clause,
            entry.standing or self.shape.standing,
            entry.confidence or self.shape.confidence,
            getattr(entry, "clause_note", ""),
            entry.note,
        )

    def remember(self, id_: str, path: Path_) -> None:
        if id_ in self.ids:
            first = self.source.place(self.ids[id_]).line
            self.source.report("duplicate-id", (*path, "id"), found=id_, first=first)
        self.ids[id_] = path

    def requirement(self, entry: CriterionShape, role: Role, path: Path_, *, top: bool) -> Requirement:
        bodies = entry.bodies
        if role == "judgement":
            if bodies:
                self.source.report("judgement-with-test", path, found=bodies[0], id=entry.id)
        elif len(bodies) != 1 or entry.is_empty:
            self.source.report("criterion-body", path, id=entry.id, found=", ".join(bodies) or "-")
        if entry.replaces:
            self.source.report("replaces-outside", path, id=entry.id)
        if entry.when is not None and not top:
            self.source.report("when-inside-group", (*path, "when"), id=entry.id)
        if entry.clause is None and not entry.clause_note and bodies not in (["any_of"], ["all_of"], ["at_least"]):
            self.source.report("clause-missing", path, id=entry.id)
        grouped = self.grouped(entry)
        if grouped is None:
            return self.criterion(entry, role, path)
        how, n, members, key = grouped
        self.remember(entry.id, path)
        if n > len(members):
            self.source.report("at-least-too-many", path, found=n, expected=len(members))
        return Group(
            id=entry.id,
            says=entry.says,
            how=how,
            n=n,
            members=tuple(
                self.requirement(member, role, (*path, *key, index), top=False) for index, member in enumerate(members)
            ),
            when=self.formula(entry.when, (*path, "when")),
            basis=self.authority(entry),
            role=role,
            line=self.source.place(path).line,
        )

    @staticmethod
    def grouped(
        entry: CriterionShape,
    ) -> tuple[Literal["any", "all", "at-least"], int, list[CriterionShape], tuple[str, ...]] | None:
        if entry.any_of is not None:
            return "any", 0, entry.any_of, ("any_of",)
        if entry.all_of is not None:
            return "all", 0, entry.all_of, ("all_of",)
        if entry.at_least is not None:
            return "at-least", entry.at_least.n, entry.at_least.of, ("at_least", "of")
        return None

    def criterion(self, entry: CriterionShape, role: Role, path: Path_) -> Criterion:
        self.remember(entry.id, path)
        scoring = None
        if entry.score is not None:
            scoring = self.scorings.get(entry.score)
            if scoring is None:
                close = nearest(entry.score, self.scorings)
                self.source.report("unknown-scoring", (*path, "score"), found=entry.score, nearest=close)
        return Criterion(
            id=entry.id,
            role=role,
            says=entry.says,
            basis=self.authority(entry),
            test=self.formula(entry.test, (*path, "test")),
            scoring=scoring,
            when=self.formula(entry.when, (*path, "when")),
            line=self.source.place(path).line,
        )

    def with_fast_tracks(self, root: Group) -> Group:
        """Put each fast track beside every criterion it stands in for."""
        relieved: dict[str, list[Criterion]] = {}
        known = {node.id for node in nodes(root)} - {"root"}
        for index, entry in enumerate(self.shape.fast_tracks):
            path = (*self.path, "fast_tracks", index)
            if entry.bodies != ["test"]:
                self.source.report("criterion-body", path, id=entry.id, found=", ".join(entry.bodies) or "-")
            if not entry.replaces:
                self.source.report("key-missing", path, expected="replaces")
            track = self.criterion(entry, "fast-track", path)
            for id_ in entry.replaces:
                if id_ not in known:
                    self.source.report("unknown-criterion", (*path, "replaces"), found=id_, nearest=nearest(id_, known))
                relieved.setdefault(id_, []).append(track)
        return _relieve(root, relieved)

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

    # ---- scoring

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

    # ---- materials

    def material(self, shape: MaterialShape, path: Path_) -> Material:
        offsets = []
        for year in shape.years:
            if not re.fullmatch(r"FY-[1-9]", year):
                self.source.report("shape", (*path, "years"), found=year, expected="FY-1, FY-2 …")
                continue
            offsets.append(-int(year[3:]))
        return Material(
            id=shape.id,
            item=shape.item,
            document=shape.document,
            offsets=tuple(offsets),
            required=shape.required,
            proves=tuple(shape.proves),
            when=self.formula(shape.when, (*path, "when")),
            lead_days=shape.lead_days,
            note=shape.note,
        )


def _relieve(node: Group, relieved: Mapping[str, list[Criterion]]) -> Group:
    members: list[Requirement] = []
    for member in node.members:
        inner = _relieve(member, relieved) if isinstance(member, Group) else member
        tracks = relieved.get(member.id, [])
        if not tracks:
            members.append(inner)
        elif node.how == "any":
            members += [inner, *tracks]
        else:
            members.append(_relief(inner, tracks))
    return replace(node, members=tuple(members))


def _relief(member: Requirement, tracks: Iterable[Criterion]) -> Group:
    """Return the choice between *member* and the fast tracks; its `when` moves to the choice as a whole."""
    return Group(
        id=f"{member.id}-or-fast-track",
        says=member.says,
        how="any",
        members=(replace(member, when=None), *tracks),
        when=member.when,
        basis=member.basis,
        role=member.role,
        relief=True,
        line=member.line,
    )
