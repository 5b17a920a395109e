"""A prospect is a match with the window it would be applied in: what a company can do about one project."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

from assistant.matching.findings import Finding, FindingNode
from assistant.matching.gaps import failed, gaps, open_questions, way_of
from assistant.matching.match import Match
from assistant.matching.moves import WHOLE, Move
from assistant.matching.questions import NOTHING, Bearing, bearing, bearing_after_gaps, is_judged
from assistant.matching.remedies import Remedies, Remedy
from assistant.matching.situation import Frames
from assistant.planning.horizon import Horizon
from assistant.planning.windows import Window

Standing = Literal["ready", "near", "open", "far", "not-offered"]
STANDINGS: tuple[Standing, ...] = ("ready", "near", "open", "far", "not-offered")
NEAR = 3  # a project is near when at most so many gaps keep the company from it


@dataclass(frozen=True)
class Prospect:
    """A match, its window, the frames it was evaluated in, and the horizon of its company."""

    match: Match
    window: Window
    frames: Frames
    horizon: Horizon = field(repr=False, compare=False)

    @cached_property
    def gaps(self) -> tuple[FindingNode, ...]:
        """The failed parts that must all be mended."""
        return tuple(gaps(self.match.tree)) if self.match.tree else ()

    @cached_property
    def remedies(self) -> Remedies | None:
        """The finder of remedies in its cycle; None where it is not offered or no version decides."""
        return None if self.match.verdict == "not-offered" else self.horizon.remedies(self.match)

    @cached_property
    def remedy(self) -> Remedy | None:
        """The cheapest way to be eligible in its cycle."""
        return self.remedies.find() if self.remedies else None

    def way(self, gap: FindingNode) -> tuple[Finding, ...]:
        """Return the failed criteria by which *gap* is closed at the least cost."""
        return way_of(gap, self.remedy.criteria if self.remedy else ())

    @cached_property
    def unknown(self) -> tuple[Finding, ...]:
        """The criteria still open."""
        return tuple(open_questions(self.match.tree)) if self.match.tree else ()

    @cached_property
    def judged(self) -> tuple[Finding, ...]:
        """The open criteria that only reviewers can settle: judgements, and scores with points of theirs."""
        return tuple(finding for finding in self.unknown if is_judged(finding, self.frames))

    @cached_property
    def bearing(self) -> Bearing:
        """What bears on its verdict, or, where gaps are near, on whether closing them would be enough."""
        if self.match.verdict == "ineligible":
            return bearing_after_gaps(self.match, self.frames) if self.standing == "near" else NOTHING
        return bearing(self.match, self.frames)

    @property
    def questions(self) -> tuple[str, ...]:
        """The facts to fill in, `name` or `name[year]`."""
        return self.bearing.names

    @property
    def is_settled(self) -> bool:
        """Tell whether the company has told all that the verdict rests on; experts or a text may still be awaited."""
        return self.match.verdict != "undetermined" or not self.questions

    @property
    def text_missing(self) -> bool:
        """Tell whether the version's text is not available in full."""
        return self.match.applies is not None and self.match.applies.text != "full"

    @property
    def is_live(self) -> bool:
        """Tell whether a round is open or expected."""
        return self.window.is_live

    @property
    def is_review(self) -> bool:
        """Tell whether the recognition is held and this is about keeping it."""
        return self.match.held is not None and self.match.application.kind == "review"

    @cached_property
    def standing(self) -> Standing:
        """Where the company stands with the project: what a person asks first.

        ready: nothing failed and nothing to fill in (judgements may be open); open: only blanks decide; near: a few
        gaps that can soon be closed; far: more, or one that cannot.
        """
        match = self.match
        if match.verdict == "not-offered":
            return "not-offered"
        if match.verdict == "ineligible":
            return "near" if len(self.gaps) <= NEAR and self._is_close() else "far"
        if match.version is None or self.text_missing or self.questions or len(self.judged) < len(self.unknown):
            return "open"
        return "ready"

    def _is_close(self) -> bool:
        """Tell whether its gaps can soon be closed, no figure being more than doubled or halved.

        A patent that comes too late for this round leaves a company near; a prerequisite that does, does not.
        """
        remedy = self.remedy
        if remedy is None or not remedy.stands:
            return False
        mended = {finding.criterion.id for gap in self.gaps for finding in failed(gap)}
        moves = [move for mend in remedy.mends if mend.finding.criterion.id in mended for move in mend.way.moves]
        return all(move.effort <= WHOLE and (move.late or self.in_time(move)) for move in moves)

    def in_time(self, move: Move) -> bool:
        """Tell whether a move can be made, or a recognition be held, by the end of the window."""
        if move.kind != "recognition":
            return not move.late
        day = self.horizon.earliest_grant(move.target)
        return day is not None and day <= self.window.applied.latest

    def is_ahead(self, on: date) -> bool:
        """Tell whether a round is to come, and no review far ahead."""
        return self.is_live and not (self.is_review and self.window.cycle > on.year + 1)

    def is_due(self, on: date) -> bool:
        """Tell whether there is something to do about it now."""
        return self.is_ahead(on) and self.standing in ("ready", "near", "open")
