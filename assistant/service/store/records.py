"""A record is one row of the store as a frozen value. Times are aware and in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from assistant.planning.announcements import Announcement
from assistant.planning.marks import Mark, MarkDeed

State = Mapping[str, Any]  # what was published of one event, as plain JSON
Standing = Literal["member", "adviser", "bureau", "administrator"]
Role = Literal["owner", "editor", "viewer"]
LinkKind = Literal["invite", "reset", "administrator"]


@dataclass(frozen=True, slots=True)
class Company:
    """A company in the store.

    `revision` moves with everything its feeds are built from or into; `published` is the day they were last built for,
    None while something new waits. `failure` says why the last building failed, at `failed`.
    """

    id: str
    name: str
    uscc: str
    created: datetime
    revision: int
    published: date | None
    failure: str
    failed: datetime | None


@dataclass(frozen=True, slots=True)
class ProfileVersion:
    """One version of a company's profile: the text as it was handed in, by whom and when. Never changed."""

    company: str
    number: int
    content: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FeedToken:
    """A subscription's key, named after who holds it. Only the digest of its text is kept."""

    id: str
    company: str
    name: str
    digest: str
    created: datetime
    revoked: datetime | None = None
    last_fetched: datetime | None = None
    last_client: str = ""


@dataclass(frozen=True, slots=True)
class Fetch:
    """A feed was fetched: with which token, when, by what client."""

    token: str
    at: datetime
    client: str


@dataclass(frozen=True, slots=True)
class FeedBody:
    """One built feed of a company: `kind` is the file's name without `.ics`."""

    kind: str
    etag: str
    body: bytes
    modified: datetime


@dataclass(frozen=True, slots=True)
class ChannelRecord:
    """Where messages of a company go besides e-mail; *sealed* is its address, which is a secret.

    *failing*: since when nothing has arrived, after so many *failures*; *answer* is the provider's last.
    """

    id: str
    company: str
    kind: str
    name: str
    sealed: str = field(repr=False)
    created: datetime
    removed: datetime | None = None
    failing: datetime | None = None
    failures: int = 0
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is reminded, and of what; *channels* are ids, or `email`.

    *own*: of the steps, only those that are this person's. *paused* until a day; *stopped*: unsubscribed.
    """

    id: str
    company: str
    name: str
    email: str
    channels: tuple[str, ...]
    kinds: tuple[str, ...]
    leads: tuple[int, ...]
    created: datetime
    own: bool = False
    lang: str = "zh"
    paused: date | None = None
    stopped: datetime | None = None

    def is_heard(self, on: date) -> bool:
        """Tell whether this recipient wants anything on that day."""
        return self.stopped is None and (self.paused is None or self.paused < on)


ReminderState = Literal["pending", "queued", "sent", "superseded", "expired", "failed"]


@dataclass(frozen=True, slots=True)
class ReminderRow:
    """One reminder of one recipient: what is told of the calendar's *event*, from *due* until *expires*.

    *first*, *last* and *confirmed* are what is told of its days; *epoch* counts how often it was told anew; *body* is
    its text as JSON.
    """

    id: str
    company: str
    recipient: str
    key: str
    event: str
    kind: str
    state: ReminderState
    due: datetime
    expires: datetime
    urgent: bool = False
    alone: bool = False
    epoch: int = 0
    first: date = date.min
    last: date = date.min
    confirmed: bool = False
    body: str = ""
    sent: datetime | None = None


MessageState = Literal["pending", "sending", "sent", "dead", "expired", "superseded"]


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message on its way to one address: a *channel*, or else *email*; *pieces* of it have arrived."""

    id: str
    company: str | None
    recipient: str | None
    channel: str | None
    email: str
    body: str
    created: datetime
    next_try: datetime
    expires: datetime
    urgent: bool = False
    state: MessageState = "pending"
    lease: datetime | None = None
    worker: str = ""
    attempts: int = 0
    pieces: int = 0
    sent: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to hand a message over, and the provider's answer."""

    message: str
    number: int
    at: datetime
    outcome: str
    code: str
    answer: str
    milliseconds: int


@dataclass(frozen=True, slots=True)
class ReminderChanges:
    """What planning changes: rows to *put*, each with the state and epoch it was found in, and what was compared."""

    put: tuple[tuple[ReminderRow, str, int], ...] = ()
    verdicts: str = ""


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a company's feeds are built from, read at one moment; `revision` is handed back to `publish`.

    *standing* tells this profile with these announcements from all others.
    """

    company: Company
    profile: ProfileVersion
    announcements: tuple[Announcement, ...]
    standing: str
    states: Mapping[str, State]
    marks: tuple[Mark, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    reminders: tuple[ReminderRow, ...] = ()
    verdicts: str = ""

    @property
    def revision(self) -> int:
        """The moment these inputs belong to."""
        return self.company.revision


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can log in.

    An adviser works for many companies, a bureau may also enter official dates, an administrator looks after the
    accounts as well. None of them reads a company they are no member of.
    """

    id: str
    email: str
    name: str
    standing: Standing
    created: datetime
    disabled: datetime | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """An account that may read a company's data, and change them if it is no viewer."""

    account: Account
    company: str
    role: Role
    since: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """A link that works once: to join a company, to choose a new password, to become the first administrator."""

    digest: str
    kind: LinkKind
    company: str | None
    role: Role | None
    account: str | None
    email: str
    created: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A program's key to what an account may do; only the digest of its text is kept."""

    id: str
    account: str
    name: str
    digest: str
    created: datetime
    revoked: datetime | None = None
    last_used: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something that was done: what, by whom, to which account or company."""

    id: int
    at: datetime
    who: str
    account: str | None
    company: str | None
    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class StepEvent:
    """Something that was done to a mark on a step of the plan: what, with what goes with it, by whom, when."""

    id: int
    step: str
    what: MarkDeed
    detail: str
    who: str
    at: datetime
