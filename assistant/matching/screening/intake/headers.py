"""The headers of a foreign table, matched with the columns of a frame; what is only likely is proposed, never used.

    revenue_2025, city            by the dictionary's names: `exact`
    2025年营业收入（万元）          by a label or another name, with year and unit: `label`
    anything                      as a mapping file says: `mapped`
    销售额2025                     like something known: `guessed`, not used until somebody says so
    备注                           `unknown`

Where several headers mean the same column, none of them is used (`duplicate`) unless the mapping says which.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assistant.company.facts import FactSpec
from assistant.company.handwriting import folded
from assistant.errors import nearest
from assistant.matching.screening.frame import JUDGEMENT, RECOGNITIONS, asked_of, column_of
from assistant.matching.screening.intake.answers import unit_named, units_of
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import Criterion, nodes
from assistant.units import Unit

Status = Literal["exact", "label", "mapped", "guessed", "unknown", "duplicate", "unit", "derived", "unused"]
NAME, USCC = "name", "uscc"
IDENTITY = (NAME, USCC)
GRANTED, EXPIRES = "granted", "expires"

_YEAR = r"(?:fy)?((?:19|20)\d\d)"
_YEARS = re.compile(rf"^{_YEAR}(?:年度?末?|年底)?(?:的|[-_/.])?|(?:[-_/.]|^)?{_YEAR}(?:年度?末?|年底)?$")
_BRACKETS = re.compile(r"[(\[【〔{]([^()\[\]【】〔〕{}]*)[)\]】〕}]")
_PIECES = re.compile(r"[,;、:/\s]+")
_TAIL = re.compile(r"[-_/]([^-_/]+)$")
_ESTIMATE = re.compile(r"预计|预估|估计")
_NAMES = re.compile(r"(企业|单位|公司|申报单位|申报企业|法人)?(名称|全称)|企业|公司|name|enterprise|company(name)?")
_CODES = re.compile(r"(统一)?(社会)?信用代码(/?组织机构代码)?|税号|uscc|(unifiedsocial)?creditcode")
_ASKED = re.compile(r"^(?:是否)?(?:为|是|属于|获得?|通过|有效)?(.*?)(?:认定|称号|资质)?$")
_DAYS = {
    GRANTED: re.compile(r"(.+?)(?:认定|授予|发证|获批|批准)(?:日期|时间)$"),
    EXPIRES: re.compile(r"(.+?)(?:有效期[至止]|到期日?期?|有效期截止日?期?)$"),
}


@dataclass(frozen=True, slots=True)
class Matched:
    """A header and the frame's column that it means ("" = none), in *unit* ("" = the fact's own).

    *column* may also be `name` or `uscc`, which are kept as they are, or `recognitions.<id>`: a column about one
    recognition (`….granted`, `….expires`: its days). *nearest* is what it may mean, or the column meant twice.
    """

    header: str
    column: str
    unit: str
    status: Status
    nearest: str = ""

    @property
    def is_used(self) -> bool:
        """Tell whether the column is taken."""
        return self.status in ("exact", "label", "mapped")


@dataclass(frozen=True, slots=True)
class Target:
    """What a mapping says of a header: the frame's column ("" = not used) and the unit it is in."""

    column: str
    unit: str = ""


def matched(
    headers: Sequence[str], rulebook: Rulebook, mapping: Mapping[str, Target] | None = None, *, year: int | None = None
) -> tuple[Matched, ...]:
    """Return what each of *headers* means, in their order; *year*: of figures whose header names none."""
    known = _Known(rulebook, year)
    given = mapping or {}
    found = [_mapped(header, given[header]) if header in given else known.meant(header) for header in headers]
    return tuple(_once(found))


def _mapped(header: str, target: Target) -> Matched:
    return Matched(header, target.column, target.unit, "mapped" if target.column else "unused")


def _once(found: Sequence[Matched]) -> Iterator[Matched]:
    used = Counter(one.column for one in found if one.is_used)
    chosen = Counter(one.column for one in found if one.status == "mapped")
    for one in found:
        twice = one.is_used and used[one.column] > 1
        if twice and not (one.status == "mapped" and chosen[one.column] == 1):
            yield replace(one, column="", status="duplicate", nearest=one.column)
        else:
            yield one


def is_column(column: str, rulebook: Rulebook) -> bool:
    """Tell whether a table's column can be taken as *column*."""
    if column in (*IDENTITY, RECOGNITIONS):
        return True
    first, _, rest = column.partition(".")
    if first == RECOGNITIONS:
        id_, _, part = rest.partition(".")
        return id_ in rulebook.lists.recognitions and part in ("", GRANTED, EXPIRES)
    if first == JUDGEMENT:
        project, _, criterion = rest.partition(".")
        return project in rulebook.projects and criterion in _criteria(rulebook, project)
    spec = asked_of(column, rulebook)
    return spec is not None and not spec.derived and not re.search(r"_(low|high)$", column)


def _criteria(rulebook: Rulebook, project: str) -> set[str]:
    return {
        node.id
        for version in rulebook.projects[project].versions
        for node in nodes(version.root)
        if isinstance(node, Criterion)
    }


def unit_of(one: Matched, rulebook: Rulebook) -> Unit | None:
    """Return the unit that a header gives; None for the fact's own."""
    spec = asked_of(one.column, rulebook)
    return units_of(spec).get(one.unit) if spec is not None and one.unit else None


class _Known:
    """What headers may be called, as names are compared."""

    def __init__(self, rulebook: Rulebook, year: int | None) -> None:
        self.rulebook = rulebook
        self.year = year
        self.facts: dict[str, FactSpec] = {}
        ambiguous: set[str] = set()
        for spec in rulebook.dictionary.facts.values():
            for word in {folded(spec.name), folded(spec.label)}:
                if self.facts.setdefault(word, spec) is not spec:
                    ambiguous.add(word)
        for alias, name in rulebook.dictionary.aliases.items():
            if _is_said(alias):
                self.facts.setdefault(folded(alias), rulebook.dictionary.facts[name])
        for word in ambiguous:
            del self.facts[word]
        lists = rulebook.lists
        self.recognitions = {folded(id_): id_ for id_ in lists.recognitions} | {
            folded(alias): id_ for alias, id_ in lists.recognition_aliases.items()
        }
        for id_, term in lists.recognitions.items():
            self.recognitions.setdefault(folded(rulebook.recognition(id_).label or term.label), id_)

    def meant(self, header: str) -> Matched:
        """Return what a header means."""
        if header and header != NAME and is_column(header, self.rulebook):
            return Matched(header, header, "", "exact")
        text = folded(header)
        if _NAMES.fullmatch(text) or _CODES.fullmatch(text):
            return Matched(header, NAME if _NAMES.fullmatch(text) else USCC, "", "label")
        if text in (RECOGNITIONS, "资质", "已获资质", "荣誉资质", "资质荣誉", "已获认定", "资质认定"):
            return Matched(header, RECOGNITIONS, "", "label")
        return self._fact(header, text) or self._recognition(header, text) or self._guessed(header, text)

    def _fact(self, header: str, text: str) -> Matched | None:
        if spec := self.facts.get(text):
            return self._of(header, spec, None, "")
        name, year, unit = parted(text)
        spec = self.facts.get(name)
        if spec is None:
            return None
        return self._of(header, spec, year, unit)

    def _of(self, header: str, spec: FactSpec, year: int | None, unit: str) -> Matched:
        if spec.derived:
            return Matched(header, "", "", "derived", spec.name)
        units = {folded(symbol): symbol for symbol in units_of(spec)}
        if unit and unit not in units:
            return Matched(header, "", unit, "unit", spec.unit.symbol if spec.unit else spec.name)
        if spec.yearly and year is None:
            year = self.year
        if spec.yearly and year is None:
            return Matched(header, "", units.get(unit, ""), "guessed", f"{spec.name}_<year>")
        if not spec.yearly and year is not None:
            return Matched(header, "", "", "guessed", spec.name)
        return Matched(header, column_of(spec.name, year if spec.yearly else None), units.get(unit, ""), "label")

    def _recognition(self, header: str, text: str) -> Matched | None:
        for part, pattern in _DAYS.items():
            if (found := pattern.fullmatch(text)) and (id_ := self._held(found[1])):
                return Matched(header, f"{RECOGNITIONS}.{id_}.{part}", "", "label")
        id_ = self._held(text)
        return Matched(header, f"{RECOGNITIONS}.{id_}", "", "label") if id_ else None

    def _held(self, text: str) -> str:
        found = _ASKED.fullmatch(text)
        return self.recognitions.get(text) or self.recognitions.get(found[1] if found else "", "")

    def _guessed(self, header: str, text: str) -> Matched:
        name, year, _ = parted(text)
        if len(name) < 2:
            return Matched(header, "", "", "unknown")
        if close := nearest(name, self.facts):
            spec = self.facts[close]
            target = column_of(spec.name, year or self.year) if spec.yearly and (year or self.year) else spec.name
            target = f"{spec.name}_<year>" if spec.yearly and target == spec.name else target
            return Matched(header, "", "", "derived" if spec.derived else "guessed", target)
        if close := nearest(name, self.recognitions):
            return Matched(header, "", "", "guessed", f"{RECOGNITIONS}.{self.recognitions[close]}")
        return Matched(header, "", "", "unknown")


def _is_said(alias: str) -> bool:
    """Tell whether an alias is a name of the fact itself: Chinese ones are, English ones were other facts once."""
    return re.search("[\u4e00-\u9fff]", alias) is not None


def parted(text: str) -> tuple[str, int | None, str]:
    """Return the name, the year and the unit of a folded header; pieces in brackets that are neither stay."""
    years: list[str] = []
    units: list[str] = []

    def piece(word: str) -> bool:
        word = word.removeprefix("单位").strip(":")
        if found := re.fullmatch(rf"{_YEAR}(?:年度?末?|年底)?(?:预计数?|预估|估计)?", word):
            years.append(found[1])
        elif unit_named(word):
            units.append(word)
        elif word and not _ESTIMATE.fullmatch(word):
            return False
        return True

    def bracket(found: re.Match[str]) -> str:
        words = [word for word in _PIECES.split(found[1]) if word]
        understood = [piece(word) for word in words]
        return "" if all(understood) else found[0]

    name = _ESTIMATE.sub("", _BRACKETS.sub(bracket, text))
    if (tail := _TAIL.search(name)) and unit_named(tail[1]):
        units.append(tail[1])
        name = name[: tail.start()]
    while (found := _YEARS.search(name)) and found[0]:
        years.append(found[1] or found[2])
        name = name[: found.start()] + name[found.end() :]
    if len({*years}) > 1 or len({*units}) > 1:
        return text, None, ""
    return name.strip("-_/:."), int(years[0]) if years else None, units[0] if units else ""
