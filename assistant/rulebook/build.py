"""Building turns a validated rule file into a `Project`: formulas parsed, roles assigned, one tree per version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal

from assistant.errors import nearest
from assistant.logic.vocabulary import Vocabulary
from assistant.rulebook.requirement import (
    Applies,
    Authority,
    Criterion,
    Duty,
    Group,
    Instrument,
    Listed,
    Material,
    Notice,
    Project,
    Regions,
    Requirement,
    Role,
    Round,
    Scoring,
    Validity,
    Version,
    nodes,
)
from assistant.rulebook.schema import (
    CriterionShape,
    DutyShape,
    ListedShape,
    MaterialShape,
    ProjectShape,
    RoundShape,
    VersionShape,
)
from assistant.rulebook.scorings import Formulas
from assistant.sources import Path_, Source

_SECTIONS: tuple[tuple[str, Role], ...] = (
    ("conditions", "condition"),
    ("exclusions", "exclusion"),
    ("judgements", "judgement"),
)


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
        listed=_listed(shape.listed) if shape.listed else None,
        file=source.file,
    )


def _listed(row: ListedShape) -> Listed:
    return Listed(
        row.year,
        row.name,
        tuple(row.basis),
        tuple(row.basis_links),
        tuple(row.notices),
        tuple(row.notice_links),
        row.planned,
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
        self.formulas = Formulas(shape, source, vocabulary)
        self.scorings: dict[str, Scoring] = {}
        self.ids: dict[str, Path_] = {}

    def version(self) -> Version:
        shape = self.shape
        if shape.text != "full" and not shape.text_note:
            self.source.report("key-missing", self.path, expected="text_note")
        for index, scoring in enumerate(shape.scoring):
            if scoring.id in self.scorings:
                self.source.report("duplicate-id", (*self.path, "scoring", index, "id"), found=scoring.id, first="")
            self.scorings[scoring.id] = self.formulas.scoring(scoring, (*self.path, "scoring", index))
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
            when=self.formulas.formula(entry.when, (*path, "when")),
            basis=self.formulas.authority(entry),
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
            basis=self.formulas.authority(entry),
            test=self.formulas.formula(entry.test, (*path, "test")),
            scoring=scoring,
            when=self.formulas.formula(entry.when, (*path, "when")),
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
            when=self.formulas.formula(shape.when, (*path, "when")),
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
