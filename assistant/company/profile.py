"""A profile is what one company tells us: facts, yearly figures, estimates, recognitions, judgements.

Anything left out is unknown. A given list (recognitions, awards) is complete: what it lacks is not there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from typing import Any

from assistant.company.answers import AnswerError, AnswerErrors, NotListed, is_unknown, read_answer, read_date, shown
from assistant.company.facts import Dictionary, FactSpec
from assistant.company.lists import Lists
from assistant.dates import is_closed
from assistant.errors import Place, Problem, nearest
from assistant.sources import Path_, Source

_SECTIONS = ("enterprise", "facts", "years", "estimates", "recognitions", "judgements")
_RECOGNITION_KEYS = ("id", "granted", "expires", "note")
_JUDGEMENT_KEYS = ("project", "criterion", "verdict", "by", "on", "why", "evidence")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
EARLIEST_YEAR = 1990


@dataclass(frozen=True, slots=True)
class Held:
    """A recognition the company says it holds; no *expires*: the recognition's own term applies."""

    id: str
    granted: date | None
    expires: date | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Somebody's recorded answer to a criterion that needs one."""

    project: str
    criterion: str
    met: bool
    by: str = ""
    on: date | None = None
    why: str = ""
    evidence: str = ""
    place: Place = field(default=Place(""), compare=False)


@dataclass(frozen=True, slots=True)
class Profile:
    """One company's answers in base units; absent = not answered, None = asked and not known.

    *unsure* names what else was asked and is not known: `recognitions`, or `recognitions.<id>` for its last day.
    """

    name: str
    uscc: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    years: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    estimates: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    recognitions: tuple[Held, ...] | None = None
    judgements: tuple[Judgement, ...] = ()
    remarks: tuple[Problem, ...] = ()
    unsure: frozenset[str] = frozenset()

    def figure(self, name: str, year: int) -> tuple[Any, bool]:
        """Return the figure of a fiscal year (None = unknown) and whether it is the company's estimate."""
        actual = self.years.get(year, {}).get(name)
        if actual is not None:
            return actual, False
        estimate = self.estimates.get(year, {}).get(name)
        return estimate, estimate is not None


def read_profile(source: Source, dictionary: Dictionary, lists: Lists, on: date) -> Profile:
    """Build the profile in *source* as of *on*.

    Raises:
        BadInput: with every mistake in it.

    """
    profile = _Reader(source, dictionary, lists, on).profile()
    source.done()
    return profile


class _Reader:
    def __init__(self, source: Source, dictionary: Dictionary, lists: Lists, on: date) -> None:
        self.source = source
        self.dictionary = dictionary
        self.lists = lists
        self.on = on
        self.remarks: list[Problem] = []
        self.unsure: set[str] = set()

    def profile(self) -> Profile:
        data = self.source.data
        if data is None:
            data = {}
        if not isinstance(data, dict):
            self.source.report("not-a-mapping", expected=", ".join(_SECTIONS))
            return Profile("")
        for key in data:
            if key not in _SECTIONS:
                self.unknown_section(key)
        enterprise = self.mapping(("enterprise",), data.get("enterprise"))
        for key in enterprise:
            if key not in ("name", "uscc"):
                self.source.report(
                    "unknown-key", ("enterprise", key), found=key, nearest=nearest(str(key), ("name", "uscc"))
                )
        profile = Profile(
            name=_CONTROL.sub(" ", str(enterprise.get("name") or "")).strip(),
            uscc=self.uscc(enterprise.get("uscc")),
            facts=self.answers(("facts",), data.get("facts"), yearly=False),
            years=self.figures("years", data.get("years")),
            estimates=self.figures("estimates", data.get("estimates")),
            recognitions=self.recognitions(data.get("recognitions")),
            judgements=self.judgements(data.get("judgements")),
        )
        self.consistency(profile)
        return Profile(
            profile.name,
            profile.uscc,
            profile.facts,
            profile.years,
            profile.estimates,
            profile.recognitions,
            profile.judgements,
            tuple(self.remarks),
            frozenset(self.unsure),
        )

    def unknown_section(self, key: Any) -> None:
        if key in self.dictionary.facts:
            spec = self.dictionary.spec(str(key))
            self.source.report("fact-outside", (key,), found=key, expected="years.<年度>" if spec.yearly else "facts")
        else:
            self.source.report("unknown-key", (key,), found=key, nearest=nearest(str(key), _SECTIONS))

    def mapping(self, path: Path_, raw: Any) -> dict[Any, Any]:
        if raw is None:
            return {}
        if not isinstance(raw, dict):
            self.source.report("not-a-mapping", path, found=shown(raw))
            return {}
        return raw

    def uscc(self, raw: Any) -> str:
        if raw is None:
            return ""
        code = str(raw).strip()
        if fault := uscc_fault(code):
            self.remark("uscc-" + fault, ("enterprise", "uscc"), found=code)
        return code

    def remark(self, code: str, path: Path_, **params: object) -> None:
        self.remarks.append(Problem(code, self.source.place(path), {k: str(v) for k, v in params.items()}))

    def answers(self, path: Path_, raw: Any, *, yearly: bool) -> dict[str, Any]:
        read: dict[str, Any] = {}
        for key, answer in self.mapping(path, raw).items():
            at = (*path, key)
            spec = self.dictionary.facts.get(str(key))
            if spec is None:
                close = self.dictionary.nearest(str(key))
                label = self.dictionary.facts[close].label if close else ""
                self.source.report("unknown-fact", at, found=key, nearest=close, label=label)
            elif spec.derived:
                self.source.report("fact-derived", at, found=key, label=spec.label)
            elif spec.yearly != yearly:
                code = "fact-needs-year" if spec.yearly else "fact-without-year"
                self.source.report(code, at, found=key, label=spec.label)
            elif answer is not None:
                self.answer(read, spec, answer, at)
        return read

    def answer(self, read: dict[str, Any], spec: FactSpec, raw: Any, at: Path_) -> None:
        try:
            read[spec.name] = read_answer(raw, spec, self.lists, self.on)
        except NotListed as error:
            self.remark(error.code, at, **error.params)
            read[spec.name] = None
        except AnswerErrors as several:
            for one in several.errors:
                self.mistake(one, spec, at)
        except AnswerError as error:
            self.mistake(error, spec, at)

    def mistake(self, error: AnswerError, spec: FactSpec, at: Path_) -> None:
        params = dict(error.params)
        inner = tuple(int(part) - 1 if part.isdigit() else part for part in params.pop("path", "").split(".") if part)
        self.source.report(error.code, (*at, *inner), **{"label": spec.label, **params})

    def figures(self, section: str, raw: Any) -> dict[int, dict[str, Any]]:
        read: dict[int, dict[str, Any]] = {}
        for key, figures in self.mapping((section,), raw).items():
            at = (section, key)
            year = int(key) if re.fullmatch(r"[0-9]{4}", str(key)) else None
            if year is None and re.fullmatch(r"(FY)?\d{4}年?", str(key)):
                self.source.report("year-as-text", at, found=key)
            elif year is None or not EARLIEST_YEAR <= year <= self.on.year + 5:
                self.source.report("year-expected", at, found=key)
            elif section == "years" and not is_closed(year, self.on):
                self.source.report("year-not-closed", at, found=year, on=self.on)
            else:
                read[year] = self.answers(at, figures, yearly=True)
        return read

    def recognitions(self, raw: Any) -> tuple[Held, ...] | None:
        if raw is None:
            return None
        if is_unknown(raw):
            self.unsure.add("recognitions")
            return None
        held = []
        for at, entry in self.entries("recognitions", raw, _RECOGNITION_KEYS):
            if entry.get("id") is None:
                self.source.report("key-missing", at, expected="id")
                continue
            id_ = self.lists.recognition_aliases.get(str(entry.get("id")), str(entry.get("id")))
            if id_ not in self.lists.recognitions:
                close = nearest(id_, [*self.lists.recognitions, *self.lists.recognition_aliases])
                self.source.report("unknown-recognition", (*at, "id"), found=id_, nearest=close)
            granted = self.day(entry.get("granted"), (*at, "granted"), future=False)
            expires = self.day(entry.get("expires"), (*at, "expires"), future=True)
            if granted and expires and expires < granted:
                self.source.report("expires-before-granted", (*at, "expires"), found=expires, granted=granted)
            if is_unknown(entry.get("expires")):
                self.unsure.add(f"recognitions.{id_}")
            held.append(Held(id_, granted, expires))
        return tuple(held)

    def judgements(self, raw: Any) -> tuple[Judgement, ...]:
        read = []
        for at, entry in self.entries("judgements", raw, _JUDGEMENT_KEYS):
            verdict = entry.get("verdict")
            for key in ("project", "criterion"):
                if not entry.get(key):
                    self.source.report("key-missing", at, expected=key)
            if verdict not in ("met", "unmet"):
                self.source.report(
                    "unknown-value",
                    (*at, "verdict"),
                    name="verdict",
                    found=shown(verdict),
                    expected="met, unmet",
                    nearest=nearest(str(verdict), ("met", "unmet")),
                )
            day = self.day(entry.get("on"), (*at, "on"), future=False)
            texts = {key: str(entry.get(key) or "") for key in ("project", "criterion", "by", "why", "evidence")}
            read.append(Judgement(met=verdict == "met", on=day, place=self.source.place(at), **texts))
        return tuple(read)

    def entries(self, section: str, raw: Any, keys: tuple[str, ...]) -> list[tuple[Path_, dict[Any, Any]]]:
        if raw is None:
            return []
        if not isinstance(raw, list):
            self.source.report("list-expected", (section,), found=shown(raw), expected=", ".join(keys))
            return []
        good = []
        for index, entry in enumerate(raw):
            at: Path_ = (section, index)
            if not isinstance(entry, dict):
                self.source.report("not-a-mapping", at, found=shown(entry), expected=", ".join(keys))
                continue
            for key in entry:
                if key not in keys:
                    self.source.report("unknown-key", (*at, key), found=key, nearest=nearest(str(key), keys))
            good.append((at, entry))
        return good

    def day(self, raw: Any, at: Path_, *, future: bool) -> date | None:
        if raw is None or is_unknown(raw):
            return None
        try:
            return read_date(raw, self.on, future=future)
        except AnswerError as error:
            self.source.report(error.code, at, **error.params)
            return None

    def consistency(self, profile: Profile) -> None:
        """Remark on figures that can hardly both be right; nothing is refused for it."""
        for section, table in (("years", profile.years), ("estimates", profile.estimates)):
            for year, figures in table.items():
                for part, whole in _PARTS:
                    a, b = figures.get(part), figures.get(whole)
                    if isinstance(a, int) and isinstance(b, int) and a > b:
                        labels = (self.dictionary.spec(part).label, self.dictionary.spec(whole).label)
                        self.remark(
                            "part-exceeds-whole", (section, year, part), part=labels[0], whole=labels[1], year=year
                        )


_PARTS = (
    ("main_revenue", "revenue"),
    ("rd_staff", "employees"),
    ("tech_staff", "employees"),
    ("rd_expense_domestic", "rd_expense"),
    ("hitech_revenue", "total_income"),
)
_CODE_SIGNS = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def uscc_fault(code: str) -> str:
    """Return what is wrong with a unified social credit code, or "" (GB 32100-2015; position 17: GB 11714)."""
    if len(code) != 18:
        return "length"
    if code != code.upper():
        return "letters"
    stdnum = import_module("stdnum.cn.uscc")  # imported only where there is a code to check: start-up counts
    if not stdnum.is_valid(code):
        return "check" if set(code) <= _CODE_SIGNS else "letters"
    total = sum(int(sign, 36) * weight for sign, weight in zip(code[8:16], _ORGANISATION_WEIGHTS, strict=True))
    expected = "0123456789X0"[11 - total % 11]
    return "" if code[16] == expected else "organisation"
