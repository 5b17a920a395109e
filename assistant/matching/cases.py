"""Golden cases hold a rule file against hand-worked companies: probes of one fact, and whole verdicts.

A case file stands beside no code: `tests/projects/<id>.yaml`, written in the domain's words.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assistant.company.profile import Profile, read_profile
from assistant.dates import DateSpan, is_closed
from assistant.errors import BadInput, nearest
from assistant.matching.findings import open_findings
from assistant.matching.match import Application, Match, Matcher
from assistant.rulebook.requirement import Project, Version, leaves
from assistant.sources import Path_, Source
from assistant.units import exact

_YEARLY = re.compile(r"(\w+)\[(\d{4})\]$")
_KEY_VALUES: dict[Any, Any] = {
    "null": None,
    "~": None,
    "": None,
    "yes": True,
    "no": False,
}  # written as keys, read as text
_COVERED = ("met", "unmet", "unknown")


@dataclass(slots=True)
class Tally:
    """What the cases of one project showed: how many ran, and which states each criterion was seen in."""

    ran: int = 0
    seen: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def see(self, version: str, criterion: str, state: str) -> None:
        """Note that *criterion* was asserted in *state*."""
        self.seen.setdefault((version, criterion), set()).add(state)


def run_cases(source: Source, matcher: Matcher) -> Tally:
    """Run every probe and case of *source*; failures and missing cases are reported to it."""
    runner = _Runner(source, matcher)
    data = source.data
    if not isinstance(data, dict) or data.get("project") not in matcher.rulebook.projects:
        source.report(
            "unknown-project",
            ("project",),
            found=data.get("project") if isinstance(data, dict) else "",
            nearest=nearest(str(data), matcher.rulebook.projects),
        )
        return runner.tally
    project = matcher.rulebook.projects[data["project"]]
    given = data.get("versions") or {}
    for version in project.versions:
        if version.id not in given:
            source.report("case-version-missing", ("versions",), found=version.id)
        else:
            runner.version(project, version, given[version.id], ("versions", version.id))
    for id_ in given:
        if id_ not in {version.id for version in project.versions}:
            source.report("unknown-key", ("versions", id_), found=id_, nearest="")
    return runner.tally


class _Runner:
    def __init__(self, source: Source, matcher: Matcher) -> None:
        self.source = source
        self.matcher = matcher
        self.tally = Tally()

    def version(self, project: Project, version: Version, given: dict[str, Any], path: Path_) -> None:
        for id_, probes in (given.get("probes") or {}).items():
            at = (*path, "probes", id_)
            for number, probe in enumerate(probes if isinstance(probes, list) else [probes]):
                self.probe(project, version, given, str(id_), probe, (*at, number) if isinstance(probes, list) else at)
        for number, case in enumerate(given.get("cases") or []):
            self.case(project, version, given, case, (*path, "cases", number))
        self.judged(version, given, path)
        for leaf in leaves(version.root):
            states = self.tally.seen.get((version.id, leaf.id), set())
            missing = [state for state in _COVERED if state not in states]
            if missing and leaf.role not in ("judgement", "text"):
                self.source.report("case-missing", path, id=leaf.id, found=", ".join(missing))
        for scoring in version.scorings:
            for item in scoring.items:
                if not item.open and (version.id, f"{scoring.id}.{item.id}") not in self.tally.seen:
                    self.source.report("case-missing", path, id=f"{scoring.id}.{item.id}", found="points")

    def judged(self, version: Version, given: dict[str, Any], path: Path_) -> None:
        """Hold the base's recorded judgements against the version: each answers a criterion that is there."""
        known = {leaf.id for leaf in leaves(version.root)}
        for entry in (given.get("base") or {}).get("judgements") or ():
            id_ = entry if isinstance(entry, str) else entry.get("criterion", "")
            if id_ not in known:
                self.source.report("unknown-criterion", (*path, "base"), found=id_, nearest=nearest(id_, known))

    # ---- probes

    def probe(
        self, project: Project, version: Version, given: dict[str, Any], id_: str, probe: dict[str, Any], at: Path_
    ) -> None:
        fact = probe.get("fact")
        if not isinstance(fact, str):
            self.source.report("key-missing", at, expected="fact")
            return
        for state, value in self.expected(probe, id_, at):
            changes = {**(probe.get("with") or {}), fact: value}
            match = self.matched(project, given, {**probe, "with": changes}, at)
            if match is None:
                continue
            self.tally.ran += 1
            if match.version is None or match.version.id != version.id:
                self.source.report(
                    "case-version", at, expected=version.id, found=match.version.id if match.version else "-"
                )
                continue
            if "." in id_:
                self.points(match, version, id_, value, state, at)
            else:
                self.state(match, version, id_, state, at, f"{fact}={_shown(value)}")

    def expected(self, probe: dict[str, Any], id_: str, at: Path_) -> Iterator[tuple[Any, Any]]:
        if "points" in probe:
            for value, points in probe["points"].items():
                yield points, _KEY_VALUES.get(value, value)
            return
        keys = {"met", "unmet", "unknown", "not_applicable"}
        for key in probe:
            if key not in keys | {"fact", "with", "on", "cycle", "kind"}:
                self.source.report("unknown-key", (*at, key), found=key, nearest=nearest(str(key), keys), id=id_)
        for key, values in probe.items():
            for value in values if key in keys else ():
                yield key.replace("_", "-"), value
        if "unknown" not in probe and id_ and "not_applicable" not in probe:
            yield "unknown", None

    def state(self, match: Match, version: Version, id_: str, state: str, at: Path_, told: str) -> None:
        found = next((finding for finding in match.findings if finding.criterion.id == id_), None)
        if found is None:
            ids = [finding.criterion.id for finding in match.findings]
            self.source.report("unknown-criterion", at, found=id_, nearest=nearest(id_, ids))
            return
        self.tally.see(version.id, id_, state)
        if found.state != state:
            self.source.report("case-state", at, id=id_, expected=state, found=found.state, given=told)

    def points(self, match: Match, version: Version, id_: str, value: Any, points: Any, at: Path_) -> None:
        scoring, _, item = id_.partition(".")
        self.tally.see(version.id, id_, "points")
        for finding in match.findings:
            if finding.score and finding.score.scoring.id == scoring:
                for score in finding.score.items:
                    if score.item.id == item:
                        ends = [exact(end) for end in (points if isinstance(points, list) else [points, points])]
                        if [score.low, score.high] != ends:
                            self.source.report(
                                "case-state",
                                at,
                                id=id_,
                                expected=_shown(points),
                                given=_shown(value),
                                found=f"[{score.low}, {score.high}]",
                            )
                        return
        self.source.report("unknown-criterion", at, found=id_, nearest="")

    # ---- whole verdicts

    def case(self, project: Project, version: Version, given: dict[str, Any], case: dict[str, Any], at: Path_) -> None:
        expect = case.get("expect") or {}
        match = self.matched(project, given, case, at)
        if match is None:
            return
        self.tally.ran += 1
        told = str(case.get("name", ""))
        found_version = match.version.id if match.version else "-"
        if found_version != expect.get("version", version.id) and match.verdict != "not-offered":
            self.source.report("case-version", at, expected=expect.get("version", version.id), found=found_version)
            return
        if "verdict" in expect and match.verdict != expect["verdict"]:
            reasons = ", ".join(f"{f.criterion.id}={f.state}" for f in open_findings(match.tree)) if match.tree else ""
            self.source.report(
                "case-state",
                at,
                id="verdict",
                expected=expect["verdict"],
                given=told,
                found=f"{match.verdict} ({reasons})",
            )
        for state in _COVERED:
            if state in expect:
                self.listed(match, found_version, state, expect[state], at, told)
        for id_ in expect.get("not_applicable", ()):
            self.state(match, match.version or version, id_, "not-applicable", at, told)
        if "score" in expect and match.score:
            for key, value in expect["score"].items():
                if getattr(match.score, key) != exact(value):
                    self.source.report(
                        "case-state", at, id=f"score.{key}", expected=value, given=told, found=getattr(match.score, key)
                    )

    def listed(self, match: Match, version: str, state: str, ids: list[str], at: Path_, told: str) -> None:
        states = {finding.criterion.id: finding.state for finding in match.findings}
        for id_ in ids:
            if id_ not in states:
                self.source.report("unknown-criterion", at, found=id_, nearest=nearest(id_, states))
                return
            self.tally.see(version, id_, state)
        if state == "met":
            wrong = {id_: states[id_] for id_ in ids if states[id_] != "met"}
        else:
            open_ = {f.criterion.id for f in open_findings(match.tree) if f.state == state} if match.tree else set()
            wrong = {id_: states[id_] for id_ in open_ ^ set(ids)}
        if wrong:
            self.source.report(
                "case-state",
                at,
                id=", ".join(wrong),
                expected=f"{state}: {', '.join(ids)}",
                given=told,
                found=", ".join(wrong.values()),
            )

    # ---- companies

    def matched(self, project: Project, given: dict[str, Any], case: dict[str, Any], at: Path_) -> Match | None:
        settings = {key: case.get(key, given.get(key)) for key in ("on", "cycle", "kind")}
        on = settings["on"]
        if not isinstance(on, date):
            self.source.report("key-missing", at, expected="on")
            return None
        profile = self.company(project.id, given.get("base") or {}, case.get("with") or {}, on, at)
        if profile is None:
            return None
        application = Application(settings["cycle"] or on.year, DateSpan.of(on), settings["kind"] or "new")
        return self.matcher.match(profile, project, application, on)

    def company(
        self, project: str, base: Mapping[str, Any], changes: Mapping[str, Any], on: date, at: Path_
    ) -> Profile | None:
        data = overlay(base, changes)
        judged = data.get("judgements")
        if isinstance(judged, dict):
            judged = [{"criterion": id_, "verdict": verdict} for id_, verdict in judged.items()]
        data["judgements"] = [
            {"project": project, "verdict": "met", **(entry if isinstance(entry, dict) else {"criterion": entry})}
            for entry in judged or ()
        ]
        data.setdefault("enterprise", {"name": "case"})
        data["years"] = {year: figures for year, figures in (data.get("years") or {}).items() if is_closed(year, on)}
        rulebook = self.matcher.rulebook
        try:
            return read_profile(Source(self.source.file, data), rulebook.dictionary, rulebook.lists, on)
        except BadInput as error:
            for problem in error.problems:
                self.source.report(problem.code, (*at, problem.place.path), **problem.params)
            return None


def overlay(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return profile data *base* with facts changed: `fact`, `fact[2025]`, a section; None takes it away."""
    data = copy.deepcopy(dict(base))
    for name, value in changes.items():
        if yearly := _YEARLY.match(str(name)):
            section = data.setdefault("years", {}).setdefault(int(yearly[2]), {})
            key = yearly[1]
        elif name in ("recognitions", "judgements", "years", "estimates"):
            section, key = data, name
        else:
            section, key = data.setdefault("facts", {}), name
        if value is None:
            section.pop(key, None)
        else:
            section[key] = value
    return data


def _shown(value: Any) -> str:
    if isinstance(value, Fraction | Decimal):
        return str(value)
    return "-" if value is None else str(value)
