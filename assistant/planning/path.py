"""A path is the order in which recognitions can be won: each leg with its window, and what binds it.

A leg is tried in every round from the next one on. It can be taken where nothing is blocked, where the figures asked
for stay within reach of the company's own growth, and where every prerequisite is granted by then and still valid.
A prerequisite that lapses before the window is renewed on the way. Rules are taken to stay as they are: where none is
in force yet, the last one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Literal

from assistant.dates import expiry
from assistant.logic import tree
from assistant.logic.scalar import Holding, valid
from assistant.matching.findings import leaf_findings, open_findings
from assistant.matching.match import Application, offered
from assistant.matching.moves import WHOLE, Block, Move
from assistant.matching.remedies import Remedies, Remedy
from assistant.planning.horizon import Grant, Horizon
from assistant.planning.windows import Window, review_window
from assistant.rulebook.book import Rulebook
from assistant.rulebook.requirement import Criterion, Project, Version, nodes

YEARS = 10  # how far a path looks
REACH = {"own": WHOLE, "slow": WHOLE, "platform": WHOLE}  # what can be doubled every year
MARKET_REACH = WHOLE // 2  # results can be lifted by half beyond the company's own growth
FOR_GOOD = ("fixed", "held", "text")  # blocks that no year lifts

LegKind = Literal["new", "review", "held"]
BindingKind = Literal["window", "prerequisite", "block", "reach", "text", "not-offered", "conflict"]


@dataclass(frozen=True, slots=True)
class Binding:
    """What keeps a leg from coming earlier: a prerequisite's id, a block, or the move that is out of reach."""

    kind: BindingKind
    detail: Any = None


@dataclass(frozen=True, slots=True)
class Leg:
    """One recognition on a path: applied for in *window*, published in *grant*, valid until *until* (None: for good).

    *after* are the legs it waits for; *moves* must be made by then; *trend* are moves that the company's own growth
    is expected to bring; *asks* are facts still to be told, *judged* how many criteria reviewers decide. *renewals* are
    the days on which it would lapse on the way, were it not renewed.
    """

    project: str
    kind: LegKind
    window: Window
    grant: Grant | None
    until: date | None
    binding: Binding
    after: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()
    trend: tuple[Move, ...] = ()
    asks: tuple[str, ...] = ()
    judged: int = 0
    holding: Holding | None = None
    renewals: tuple[date, ...] = ()

    @property
    def is_certain(self) -> bool:
        """Tell whether rounds are held: a dormant project may never take applications again."""
        return self.window.is_live or self.kind == "held"


@dataclass(frozen=True, slots=True)
class Path:
    """The legs to a *target*, prerequisites first; without legs it cannot be reached, and *binding* says why.

    *conflicts* are pairs (earlier, later): holding the first rules the second out.
    """

    target: str
    legs: tuple[Leg, ...]
    binding: Binding
    conflicts: tuple[tuple[str, str], ...] = ()

    @property
    def leg(self) -> Leg | None:
        """The leg of the target itself."""
        return self.legs[-1] if self.legs else None

    @property
    def year(self) -> int | None:
        """The cycle in which the target can be applied for; None where it cannot, or is held."""
        return self.leg.window.cycle if self.leg and self.leg.kind != "held" else None


def paths(horizon: Horizon, targets: Iterable[str]) -> tuple[Path, ...]:
    """Return the path to each of the *targets*; legs that several paths share are the same."""
    planner = _Planner(horizon)
    return tuple(planner.path(target) for target in targets)


def ladder(rulebook: Rulebook) -> tuple[str, ...]:
    """Return the projects that lead on to others or stand on one, in the rulebook's order."""
    named = {id_ for project in rulebook.projects.values() for id_ in (*project.prerequisites, *project.leads_to)}
    return tuple(id_ for id_, project in rulebook.projects.items() if project.prerequisites or id_ in named)


class _Planner:
    def __init__(self, horizon: Horizon) -> None:
        self.horizon = horizon
        self.rulebook = horizon.rulebook
        self.profile = horizon.company.profile
        self.found: dict[str, Leg | Binding] = {}
        self.trail: list[str] = []

    def path(self, target: str) -> Path:
        found = self.leg(target)
        if isinstance(found, Binding):
            return Path(target, (), found)
        legs = self._before(found, {})
        return Path(target, tuple(legs.values()), found.binding, tuple(_conflicts(legs, self.rulebook.projects)))

    def _before(self, leg: Leg, legs: dict[str, Leg]) -> dict[str, Leg]:
        """Return *leg* after all that it waits for, each once."""
        for id_ in leg.after:
            earlier = self.found[id_]
            if isinstance(earlier, Leg):
                self._before(earlier, legs)
        legs.setdefault(leg.project, leg)
        return legs

    # ---- one recognition

    def leg(self, id_: str) -> Leg | Binding:
        """Return the earliest leg to the recognition *id_*, or what stands in the way for good."""
        if id_ not in self.found:
            if id_ in self.trail:
                return Binding("prerequisite", id_)
            self.trail.append(id_)
            self.found[id_] = self._leg(id_)
            self.trail.pop()
        return self.found[id_]

    def _leg(self, id_: str) -> Leg | Binding:
        project = self.rulebook.projects.get(id_)
        if project is None:
            return Binding("text", id_)
        truth, reason, _ = offered(self.profile, project)
        if truth is False:
            return Binding("not-offered", reason)
        held = self.horizon.company.held(id_)
        if held is not None:
            return self._renewal(project, held)
        return self._first(project, "new", self.horizon.windows(project, YEARS))

    def _renewal(self, project: Project, held: Holding) -> Leg | Binding:
        """Return how a recognition held is kept: its review, or the day until which it lasts."""
        window = self.horizon.next_window(project)
        here = Leg(project.id, "held", window, None, held.expires, Binding("window"), holding=held)
        if held.expires is None or held.expires.year > self.horizon.on.year + YEARS:
            return here
        city = self.profile.facts.get("city")
        window = review_window(project, window, held, self.horizon.on, city, self.horizon.announcements)
        reviewed = self._first(project, "review", [window])
        if isinstance(reviewed, Leg) and project.validity.years is not None:
            until = expiry(held.expires + timedelta(1), project.validity.years)
            return replace(reviewed, until=until, holding=held)
        again = [one for one in self.horizon.windows(project, YEARS) if one.applied.earliest > held.expires]
        anew = self._first(project, "new", again)
        return replace(anew, holding=held) if isinstance(anew, Leg) else here

    def _first(self, project: Project, kind: LegKind, windows: Sequence[Window]) -> Leg | Binding:
        """Return the first of *windows* that can be taken; its binding is what ruled out the one before."""
        binding = Binding("window")
        for window in windows:
            tried = self._in(project, kind, window)
            if isinstance(tried, Leg):
                return replace(tried, binding=binding if binding.kind != "window" else tried.binding)
            binding = tried
            if self._is_for_good(tried):
                break
        return binding

    def _is_for_good(self, binding: Binding) -> bool:
        """Tell whether no later round helps."""
        if binding.kind == "prerequisite":
            return isinstance(self.found.get(str(binding.detail)), Binding)
        return binding.kind in ("text", "not-offered") or (
            isinstance(binding.detail, Block) and binding.detail.kind in FOR_GOOD
        )

    def _in(self, project: Project, kind: LegKind, window: Window) -> Leg | Binding:
        """Return the leg in one window, or what rules it out."""
        application = Application(window.cycle, window.applied, kind)
        city = self.profile.facts.get("city")
        chosen = project.select(kind, window.applied.earliest, city) or project.latest(kind, city)
        if chosen is None:
            return Binding("text", project.id)
        remedies = self.horizon.remedies_in(project, application, *chosen, growth=True)
        remedy = remedies.find()
        if remedy.blocks:
            return Binding("block", remedy.blocks[0])
        if remedy.late:
            return Binding("block", Block("lead", remedy.late[0].name, remedy.late[0].lead_days))
        if not remedy.stands:
            return Binding("conflict")
        if far := next((move for move in remedy.moves if _is_far(move, window.cycle - self.horizon.on.year)), None):
            return Binding("reach", far)
        needed = self._prerequisites(remedy, window)
        if isinstance(needed, Binding):
            return needed
        grant = self.horizon.grant(project, window)
        years = project.validity.years
        until = expiry(grant.span.earliest, years) if years is not None else None
        binding = Binding("prerequisite", needed[-1]) if needed else Binding("window")
        unknown = [] if remedy.mends else list(open_findings(remedy.tree))
        if remedy.mends:
            unknown = list(open_findings(remedies.tree(remedies.standing(remedy.moves), remedy.moves)))
        return Leg(
            project.id,
            kind,
            window,
            grant,
            until,
            binding,
            needed,
            tuple(move for move in remedy.moves if move.kind != "recognition"),
            self._trend(project, application, chosen, remedies, remedy),
            tuple(dict.fromkeys(name for finding in unknown for name in finding.missing)),
            sum(not finding.missing for finding in unknown),
        )

    def _prerequisites(self, remedy: Remedy, window: Window) -> tuple[str, ...] | Binding:
        """Return the recognitions to hold by the end of *window*, or the one that is not held then."""
        needed: list[str] = []
        for move in remedy.moves:
            if move.kind != "recognition":
                continue
            legs = [(id_, self.leg(id_)) for id_ in move.target]
            ways = [(id_, leg) for id_, leg in legs if isinstance(leg, Leg) and _granted(leg) <= window.applied.latest]
            if not ways:
                some = [id_ for id_, leg in legs if isinstance(leg, Leg)]
                return Binding("prerequisite", (some or list(move.target))[0])
            id_, leg = min(ways, key=lambda way: _granted(way[1]))
            lasting = self._lasting(leg, window)
            if lasting is None:
                return Binding("prerequisite", id_)
            self.found[id_] = lasting
            needed.append(id_)
        return tuple(needed)

    def _lasting(self, leg: Leg, window: Window) -> Leg | None:
        """Return *leg* renewed as often as it lapses before *window*; None where it cannot be."""
        if leg.holding is not None and leg.kind == "held" and valid(leg.holding, window.applied) is not False:
            return leg
        years, until, lapses = self.rulebook.projects[leg.project].validity.years, leg.until, list(leg.renewals)
        while until is not None and until < window.applied.earliest:
            if years is None or leg.kind == "held":  # a leg stays `held` where no review was found that it passes
                return None
            lapses.append(until)
            until = expiry(until + timedelta(1), years)
        return replace(leg, until=until, renewals=tuple(lapses))

    def _trend(
        self, project: Project, application: Application, chosen: Any, remedies: Remedies, remedy: Remedy
    ) -> tuple[Move, ...]:
        """Return the moves that the company's own growth is expected to make: needed, were its figures to stay."""
        if not remedies.outlook.assumed:
            return ()
        flat = self.horizon.remedies_in(project, application, *chosen)
        failing = flat.tree(flat.ground)
        met = {finding.criterion.id for finding in leaf_findings(remedy.tree) if finding.state == "met"}
        told = {move.subject for move in remedy.moves}
        moves = [
            move
            for mend in flat.find().mends
            if mend.finding.criterion.id in met
            for move in mend.way.moves
            if move.kind == "figure" and move.subject not in told
        ]
        return tuple(dict.fromkeys(moves)) if failing.state == "unmet" else ()


def _is_far(move: Move, years: int) -> bool:
    """Tell whether a move is no realistic aim within so many *years*: what the company decides grows step by step."""
    if (
        move.kind not in ("figure", "fact")
        or not isinstance(move.target, int | Fraction)
        or isinstance(move.target, bool)
    ):
        return False
    reach = REACH.get(move.lever, MARKET_REACH)
    return move.effort > (reach if move.kind == "figure" and move.lever == "market" else reach * max(1, years))


def _granted(leg: Leg) -> date:
    return leg.grant.span.latest if leg.grant else date.min


def _conflicts(legs: dict[str, Leg], projects: Any) -> Iterable[tuple[str, str]]:
    """Yield pairs of recognitions of which the first, once held, rules out applying for the second."""
    for leg in legs.values():
        version: Version | None = next(
            (
                v
                for v in projects[leg.project].versions
                for a in v.applies
                if a.covers(leg.kind, leg.window.applied.earliest, None)
            ),
            None,
        )
        for id_ in _excluded(version):
            other = legs.get(id_)
            if other and other.project != leg.project and other.window.cycle <= leg.window.cycle:
                yield id_, leg.project


def _excluded(version: Version | None) -> Iterable[str]:
    for node in nodes(version.root) if version else ():
        if isinstance(node, Criterion) and node.test is not None:
            for part in tree.walk(node.test):
                if isinstance(part, tree.Not) and isinstance(part.part, tree.Holds):
                    yield from part.part.ids


def block_of(binding: Binding) -> Block | None:
    """Return the block behind a binding, if it is one."""
    return binding.detail if isinstance(binding.detail, Block) else None
