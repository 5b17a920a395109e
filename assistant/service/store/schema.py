"""The schema of the store: its tables. Every change here goes with a migration; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from assistant.service.store.moment import Moment

HEAD = "0004"  # the newest migration

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)


def _company() -> Column[str]:
    return Column("company", String(36), ForeignKey("company.id"), primary_key=True)


change = Table(  # one row: the number of the last change, which orders all writers
    "change",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
)

company = Table(
    "company",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", Text, nullable=False),
    Column("uscc", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("changed", Integer, nullable=False, index=True),  # number of the change that last touched feeds or tokens
    Column("published", Date, index=True),
    Column("failure", Text, nullable=False),
    Column("failed", Moment),
)

profile_version = Table(
    "profile_version",
    metadata,
    _company(),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

announcement = Table(
    "announcement",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # the number of its change
    Column("project", String(100), nullable=False),
    Column("cycle", Integer, nullable=False),
    Column("opens", Date),
    Column("closes", Date),
    Column("source", Text, nullable=False),
    Column("entered", Date),  # the day of entry, as the one who entered it has it
    Column("who", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

feed_token = Table(
    "feed_token",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("company", String(36), ForeignKey("company.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("created", Moment, nullable=False),
    Column("revoked", Moment),
    Column("last_fetched", Moment),
    Column("last_client", Text, nullable=False),
)
Index(  # a name may be given again once its token is revoked
    "ix_feed_token_live_name",
    feed_token.c.company,
    feed_token.c.name,
    unique=True,
    sqlite_where=text("revoked IS NULL"),
    postgresql_where=text("revoked IS NULL"),
)

event_state = Table(
    "event_state",
    metadata,
    _company(),
    Column("uid", String(255), primary_key=True),
    Column("state", Text, nullable=False),  # JSON
)

feed_body = Table(
    "feed_body",
    metadata,
    _company(),
    Column("kind", String(20), primary_key=True),
    Column("etag", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("modified", Moment, nullable=False),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", Moment, nullable=False),
)

# ---- accounts

account = Table(
    "account",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("email", Text, nullable=False, unique=True),  # case-folded
    Column("name", Text, nullable=False),
    Column("standing", String(20), nullable=False),
    Column("created", Moment, nullable=False),
    Column("disabled", Moment),
    Column("password", Text, nullable=False),  # argon2id
)

session = Table(
    "session",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("account", String(36), ForeignKey("account.id"), nullable=False, index=True),
    Column("created", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
)

member = Table(
    "member",
    metadata,
    Column("account", String(36), ForeignKey("account.id"), primary_key=True),
    Column("company", String(36), ForeignKey("company.id"), primary_key=True, index=True),
    Column("role", String(10), nullable=False),
    Column("since", Moment, nullable=False),
)

link = Table(
    "link",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("company", String(36), ForeignKey("company.id")),
    Column("role", String(10)),
    Column("account", String(36), ForeignKey("account.id")),
    Column("email", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("used", Moment),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("account", String(36), ForeignKey("account.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("created", Moment, nullable=False),
    Column("revoked", Moment),
    Column("last_used", Moment),
)

tally = Table(  # how often something was tried since when
    "tally",
    metadata,
    Column("key", String(120), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("count", Integer, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # the number of its change
    Column("at", Moment, nullable=False),
    Column("who", Text, nullable=False),
    Column("account", String(36)),
    Column("company", String(36), index=True),
    Column("what", String(40), nullable=False),
    Column("detail", Text, nullable=False),
)

# ---- what people do with the plan, and what pages show

step_mark = Table(
    "step_mark",
    metadata,
    _company(),
    Column("step", String(200), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("title", Text, nullable=False),  # title, due and parts as they were when it was marked
    Column("due", Date),
    Column("parts", Text, nullable=False),  # JSON
    Column("assignee", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("postponed_to", Date),
    Column("reason", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("revision", Integer, nullable=False),
)

step_event = Table(
    "step_event",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # the number of its change
    Column("company", String(36), ForeignKey("company.id"), nullable=False, index=True),
    Column("step", String(200), nullable=False),
    Column("what", String(20), nullable=False),
    Column("detail", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

dossier = Table(
    "dossier",
    metadata,
    _company(),
    Column("part", String(120), primary_key=True),
    Column("key", String(120), nullable=False),
    Column("body", LargeBinary, nullable=False),
)

# ---- reminders: who gets them, what is to be said, what goes out

channel = Table(  # where messages of a company go besides e-mail: a robot of a group, a program
    "channel",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("company", String(36), ForeignKey("company.id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("name", Text, nullable=False),
    Column("sealed", Text, nullable=False),  # its address, which is a secret
    Column("created", Moment, nullable=False),
    Column("removed", Moment),
    Column("failing", Moment),  # since when nothing has arrived
    Column("failures", Integer, nullable=False),  # in a row
    Column("answer", Text, nullable=False),  # the provider's last
)

recipient = Table(
    "recipient",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("company", String(36), ForeignKey("company.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("channels", Text, nullable=False),  # JSON: ids; `email`
    Column("kinds", Text, nullable=False),  # JSON
    Column("leads", Text, nullable=False),  # JSON
    Column("own", Integer, nullable=False),  # 1: of the steps, only those that are this person's
    Column("lang", String(8), nullable=False),
    Column("created", Moment, nullable=False),
    Column("paused", Date),  # until this day
    Column("stopped", Moment),  # unsubscribed
)

reminder = Table(
    "reminder",
    metadata,
    Column("id", String(32), primary_key=True),  # digest of recipient and key
    Column("company", String(36), ForeignKey("company.id"), nullable=False, index=True),
    Column("recipient", String(32), ForeignKey("recipient.id"), nullable=False),
    Column("key", String(300), nullable=False),
    Column("event", String(300), nullable=False),  # key of the calendar's event
    Column("kind", String(20), nullable=False),
    Column("state", String(12), nullable=False),
    Column("due", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("urgent", Integer, nullable=False),
    Column("alone", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("first", Date, nullable=False),  # the days it tells of
    Column("last", Date, nullable=False),
    Column("confirmed", Integer, nullable=False),
    Column("body", Text, nullable=False),  # JSON
    Column("sent", Moment),
)
Index("ix_reminder_waiting", reminder.c.state, reminder.c.due)
Index("ix_reminder_recipient", reminder.c.recipient, reminder.c.state, reminder.c.due)

message = Table(
    "message",
    metadata,
    Column("id", String(32), primary_key=True),  # digest of where it goes and what it says
    Column("company", String(36), ForeignKey("company.id"), index=True),
    Column("recipient", String(32), ForeignKey("recipient.id")),
    Column("channel", String(32), ForeignKey("channel.id")),  # none: e-mail
    Column("email", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("next_try", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("urgent", Integer, nullable=False),
    Column("lease", Moment),
    Column("worker", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("pieces", Integer, nullable=False),  # so many of it have arrived
    Column("body", Text, nullable=False),  # JSON
    Column("created", Moment, nullable=False),
    Column("sent", Moment),
)
Index("ix_message_waiting", message.c.state, message.c.urgent, message.c.next_try)

message_reminder = Table(
    "message_reminder",
    metadata,
    Column("message", String(32), ForeignKey("message.id"), primary_key=True),
    Column("reminder", String(32), ForeignKey("reminder.id"), primary_key=True, index=True),
)

attempt = Table(
    "attempt",
    metadata,
    Column("message", String(32), ForeignKey("message.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("code", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("milliseconds", Integer, nullable=False),
)

reminder_plan = Table(  # what reminders of a company were planned from
    "reminder_plan",
    metadata,
    _company(),
    Column("verdicts", Text, nullable=False),  # JSON: by project what was told last, under which rules
)

# ---- screenings: tables of companies that somebody uploaded, kept for some days

screening = Table(
    "screening",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account", String(36), ForeignKey("account.id"), index=True),  # none: of the one who is alone here
    Column("name", Text, nullable=False),  # of the file
    Column("created", Moment, nullable=False),
    Column("day", Date, nullable=False),  # as of which is judged
    Column("state", String(12), nullable=False),
    Column("headers", Text, nullable=False),  # JSON
    Column("complete", Integer, nullable=False),  # 1: the columns of recognitions are all that is held
    Column("rows", Integer, nullable=False),
    Column("read", Integer, nullable=False),
    Column("companies", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("lease", Moment),
    Column("worker", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("finished", Moment),
    Column("problems", Text, nullable=False),  # JSON
)
Index("ix_screening_waiting", screening.c.state, screening.c.created)

screening_file = Table(  # what came in, and what came out
    "screening_file",
    metadata,
    Column("screening", String(32), ForeignKey("screening.id"), primary_key=True),
    Column("name", String(20), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
