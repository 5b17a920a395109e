"""Models of the plan's tasks and of what people say of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from assistant.planning.marks import MarkState
from assistant.web.api.models.plans import Duty, Step
from assistant.web.api.models.verdicts import Shape

Line = Annotated[str, StringConstraints(max_length=100)]
Note = Annotated[str, StringConstraints(max_length=2000)]


class Mark(Shape):
    """What people say of a task: its state since when and by whom, whose it is, a note."""

    state: MarkState
    who: str
    at: datetime
    assignee: str
    email: str
    postponed_to: date | None
    reason: str
    note: str
    revision: int = Field(description="Counts the changes; sent along with the next one it keeps both.")


class Task(Shape):
    """A step or a duty as it stands."""

    task: Step | Duty
    state: MarkState = Field(description="What was put off is open again when its day has passed.")
    due: date | None = Field(description="The plan's day, or the one it was put off to.")
    later: list[str] = Field(description="What came to it after it was settled.")
    lapses: bool = Field(description="It was done so early that it may have lapsed when it is needed.")
    mark: Mark | None


class Kept(Mark):
    """A task that was done, and that the plan asks for no more."""

    step: str
    title: str


class Steps(Shape):
    """What to do, by date, with what people say of it."""

    on: date
    steps: list[Task]
    upkeep: list[Task]
    kept: list[Kept]


class NewMark(Shape):
    """What to say of a task; what is left out stays as it is."""

    state: MarkState | None = None
    postponed_to: date | None = Field(None, description="With `postponed`: until when.")
    reason: Note | None = Field(None, description="With `postponed`: why.")
    assignee: Line | None = None
    email: Line | None = None
    note: Note | None = None
    revision: int | None = Field(None, description="The revision seen; refused where somebody marked it meanwhile.")
