"""A remedy is the cheapest set of moves after which a company is eligible, or only answers and judgements are open.

The set of criteria is an exact minimum over the tree (`ways`); the moves are then tried together, since one figure
may raise another's threshold, until the whole requirement stands, and what proves needless is dropped again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from assistant.company.profile import Held, Judgement, Profile
from assistant.errors import Place
from assistant.logic.scalar import Holding
from assistant.matching.evaluation import Case
from assistant.matching.findings import Finding, FindingNode
from assistant.matching.match import Application, Matcher
from assistant.matching.moves import Block, Ground, Move, Way, joined, values_of, way_to
from assistant.matching.outlook import Outlook
from assistant.matching.situation import Frame
from assistant.matching.tiers import TierStep, cheapest_steps
from assistant.matching.ways import Price, cheapest
from assistant.rulebook.requirement import Applies, Project, Version

ROUNDS = 8  # figures that raise each other's thresholds settle in two or three


@dataclass(frozen=True, slots=True)
class Mend:
    """One failed criterion of the chosen way with its moves, or what blocks them; *steps* where it is a score."""

    finding: Finding
    way: Way
    steps: tuple[TierStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Remedy:
    """The mends of a project at a cycle and the *moves* that carry them out together, each of them needed.

    *blocks*: what makes it impossible at this cycle. *stands*: with all moves made nothing fails any more. Without
    mends the project fails nowhere. *tree* is the requirement as the outlook sees it.
    """

    mends: tuple[Mend, ...]
    moves: tuple[Move, ...]
    blocks: tuple[Block, ...]
    stands: bool
    tree: FindingNode

    @property
    def criteria(self) -> tuple[str, ...]:
        """The criteria to mend."""
        return tuple(mend.finding.criterion.id for mend in self.mends)

    @property
    def late(self) -> tuple[Move, ...]:
        """The moves that cannot be made before applications close."""
        return tuple(move for move in self.moves if move.late)


class Remedies:
    """Finds the remedy of one project in one outlook; `ground` is where its moves stand."""

    def __init__(
        self,
        matcher: Matcher,
        outlook: Outlook,
        project: Project,
        application: Application,
        version: Version,
        applies: Applies,
    ) -> None:
        """Look at *project* under *version* for *application*."""
        self.outlook = outlook
        self.project = project
        self.application = application
        self.judgements = {one.criterion: one for one in outlook.profile.judgements if one.project == project.id}
        self.evaluate = matcher.evaluator(project, version, applies)
        self.ground = self.standing(())

    def standing(self, moves: Sequence[Move]) -> Ground:
        """Return the ground after *moves*."""
        application, outlook = self.application, self.outlook
        ground = Ground(
            outlook.situation(application.kind, application.applied, {}), outlook.on, outlook.rulebook.dictionary
        )
        if not moves:
            return ground
        held: dict[str, tuple[Holding, ...]] = {
            move.name: (Holding(None, None),) for move in moves if move.kind == "recognition"
        }
        scores = {(move.name, move.year): move.target for move in moves if move.kind == "score" and move.year}
        situation = outlook.situation(application.kind, application.applied, values_of(moves, ground), held, scores)
        return replace(ground, situation=situation)

    def tree(self, ground: Ground, moves: Sequence[Move] = ()) -> FindingNode:
        """Return the findings on *ground*, with the judgements among *moves* made."""
        made = {
            move.name: Judgement(self.project.id, move.name, met=True) for move in moves if move.kind == "judgement"
        }
        frame = Frame(
            ground.situation, self.application.cycle - 1, self.outlook.estimated, self.outlook.ranged, stand_in=False
        )
        return self.evaluate(Case(frame, None, {**self.judgements, **made}, {}))

    def mend(self, finding: Finding, ground: Ground) -> Mend:
        """Return the moves that mend one failed criterion on *ground*."""
        criterion = finding.criterion
        if criterion.test is not None:
            return Mend(finding, way_to(criterion.test, ground))
        if finding.score is not None and finding.judgement is None:
            steps = cheapest_steps(finding.score, ground)
            if steps is None:
                return Mend(finding, Way((), (Block("amount", criterion.id),)))
            return Mend(finding, joined(step.way for step in steps), steps)
        if criterion.role == "text":
            return Mend(finding, Way((), (Block("text", criterion.id),)))
        # what reviewers judged to be unmet can only be judged anew
        return Mend(finding, Way((Move("judgement", criterion.id, None, True, False, "slow"),)))  # noqa: FBT003  # from unmet to met

    def find(self) -> Remedy:
        """Return the remedy; deterministic, each move needed."""
        tree = after = self.tree(self.ground)
        ground = self.ground
        first: tuple[Mend, ...] = ()
        moves: tuple[Move, ...] = ()
        for _ in range(ROUNDS):
            if after.state != "unmet":
                return Remedy(first, self._needed(moves), (), stands=True, tree=tree)
            mends = self._chosen(after, ground)
            if mends is None:
                return Remedy(first, moves, (Block("fixed", ""),), stands=False, tree=tree)
            first = first or mends
            blocks = tuple(dict.fromkeys(block for mend in mends for block in mend.way.blocks))
            together = joined([Way(moves), *(mend.way for mend in mends)]).moves
            if blocks or together == moves:
                return Remedy(first, together, blocks, stands=False, tree=tree)
            moves = together
            ground = self.standing(moves)
            after = self.tree(ground, moves)
        return Remedy(first, moves, (), stands=False, tree=tree)

    def _chosen(self, tree: FindingNode, ground: Ground) -> tuple[Mend, ...] | None:
        """Return the cheapest mends of an unmet *tree*; None where no set of criteria mends it."""
        known: dict[str, Mend] = {}

        def price(finding: Finding) -> Price:
            mend = known[finding.criterion.id] = self.mend(finding, ground)
            return Price(mend.way.hindrances > 0, mend.way.effort)

        chosen = cheapest(tree, price)
        return None if chosen is None else tuple(known[finding.criterion.id] for finding in chosen)

    def _needed(self, moves: tuple[Move, ...]) -> tuple[Move, ...]:
        """Return *moves* without those that the others make needless."""
        for move in sorted(moves, key=lambda one: -one.effort):
            fewer = tuple(one for one in moves if one is not move)
            if len(moves) > 1 and self.tree(self.standing(fewer), fewer).state != "unmet":
                moves = fewer
        return moves


def carried_out(profile: Profile, outlook: Outlook, remedy: Remedy, project: Project, day: date) -> Profile:
    """Return *profile* with the remedy's moves made by *day* and the figures that it assumes filled in."""
    facts, years = dict(outlook.profile.facts), {year: dict(f) for year, f in outlook.profile.estimates.items()}
    held, judgements = list(profile.recognitions or ()), list(profile.judgements)
    for move in remedy.moves:
        match move.kind:
            case "figure":
                assert move.year is not None
                years.setdefault(move.year, {})[move.name] = move.target
            case "fact":
                facts[move.name] = move.target
            case "entry":
                entry = dict(move.entry)
                count = 1 if "amount" in entry else int(move.target - move.actual)
                facts[move.name] = (*(facts.get(move.name) or ()), *(entry for _ in range(count)))
            case "recognition":
                held.append(Held(move.name, day, None))
            case "score":
                listed = [
                    s
                    for s in facts.get("platform_scores") or ()
                    if (s.get("id"), s.get("cycle")) != (move.name, move.year)
                ]
                facts["platform_scores"] = (*listed, {"id": move.name, "cycle": move.year, "score": move.target})
            case "judgement":
                judgements = [one for one in judgements if (one.project, one.criterion) != (project.id, move.name)]
                judgements.append(Judgement(project.id, move.name, met=True, place=Place("")))
    recognitions = tuple(held) if profile.recognitions is not None or held else None
    return replace(profile, facts=facts, estimates=years, recognitions=recognitions, judgements=tuple(judgements))
