"""A prospect is a match with the window it would be applied in: what a company can do about one project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from assistant.matching.findings import Finding, FindingNode
from assistant.matching.gaps import gaps, is_near, open_questions
from assistant.matching.match import Match
from assistant.matching.situation import Frames
from assistant.planning.windows import Window

Standing = Literal["ready", "near", "open", "far", "not-offered"]
STANDINGS: tuple[Standing, ...] = ("ready", "near", "open", "far", "not-offered")
NEAR = 3  # a project is near when at most so many gaps keep the company from it


@dataclass(frozen=True)
class Prospect:
    """A match, its window, and the frames it was evaluated in."""

    match: Match
    window: Window
    frames: Frames

    @cached_property
    def gaps(self) -> tuple[FindingNode, ...]:
        """The failed parts that must all be mended."""
        return tuple(gaps(self.match.tree)) if self.match.tree else ()

    @cached_property
    def unknown(self) -> tuple[Finding, ...]:
        """The criteria still open."""
        return tuple(open_questions(self.match.tree)) if self.match.tree else ()

    @cached_property
    def judged(self) -> tuple[Finding, ...]:
        """The open criteria that only reviewers can settle: judgements, and scores with points of theirs."""
        return tuple(f for f in self.unknown if not f.missing and (f.criterion.role == "judgement" or f.score))

    @cached_property
    def questions(self) -> tuple[str, ...]:
        """The facts to fill in, `name` or `name[year]`: those missing in criteria still open."""
        names = [*self.match.missing, *(name for finding in self.unknown for name in finding.missing)]
        return tuple(dict.fromkeys(names))

    @property
    def text_missing(self) -> bool:
        """Tell whether the version's text is not available in full."""
        return self.match.applies is not None and self.match.applies.text != "full"

    @property
    def is_live(self) -> bool:
        """Tell whether a round is open or expected."""
        return self.window.status in ("announced", "expected", "rolling")

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
            return "near" if len(self.gaps) <= NEAR and all(is_near(gap) for gap in self.gaps) else "far"
        if match.version is None or self.text_missing or self.questions or len(self.judged) < len(self.unknown):
            return "open"
        return "ready"

    def is_due(self, on: date) -> bool:
        """Tell whether there is something to do about it now: a round is to come, and no review far ahead."""
        far_ahead = self.is_review and self.window.cycle > on.year + 1
        return self.is_live and self.standing in ("ready", "near", "open") and not far_ahead
