"""Reminders: who gets them, what is to be said, what goes out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables of reminders."""
    _people()
    _outbox()


def _people() -> None:
    op.create_table(
        "channel",
        sa.Column("id", sa.String(32), nullable=False),
        _of("channel", "company", 36),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("removed", _MOMENT),
        sa.Column("failing", _MOMENT),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_channel"),
    )
    op.create_index("ix_channel_company", "channel", ["company"])
    op.create_table(
        "recipient",
        sa.Column("id", sa.String(32), nullable=False),
        _of("recipient", "company", 36),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("channels", sa.Text, nullable=False),
        sa.Column("kinds", sa.Text, nullable=False),
        sa.Column("leads", sa.Text, nullable=False),
        sa.Column("own", sa.Integer, nullable=False),
        sa.Column("lang", sa.String(8), nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("paused", sa.Date),
        sa.Column("stopped", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_recipient"),
    )
    op.create_index("ix_recipient_company", "recipient", ["company"])
    op.create_table(
        "reminder_plan",
        _of("reminder_plan", "company", 36),
        sa.Column("verdicts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("company", name="pk_reminder_plan"),
    )


def _outbox() -> None:
    op.create_table(
        "reminder",
        sa.Column("id", sa.String(32), nullable=False),
        _of("reminder", "company", 36),
        _of("reminder", "recipient", 32),
        sa.Column("key", sa.String(300), nullable=False),
        sa.Column("event", sa.String(300), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("due", _MOMENT, nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
        sa.Column("urgent", sa.Integer, nullable=False),
        sa.Column("alone", sa.Integer, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("first", sa.Date, nullable=False),
        sa.Column("last", sa.Date, nullable=False),
        sa.Column("confirmed", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("sent", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_reminder"),
    )
    op.create_index("ix_reminder_company", "reminder", ["company"])
    op.create_index("ix_reminder_recipient", "reminder", ["recipient", "state", "due"])
    op.create_index("ix_reminder_waiting", "reminder", ["state", "due"])
    op.create_table(
        "message",
        sa.Column("id", sa.String(32), nullable=False),
        _of("message", "company", 36, nullable=True),
        _of("message", "recipient", 32, nullable=True),
        _of("message", "channel", 32, nullable=True),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("next_try", _MOMENT, nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
        sa.Column("urgent", sa.Integer, nullable=False),
        sa.Column("lease", _MOMENT),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("sent", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
    )
    op.create_index("ix_message_company", "message", ["company"])
    op.create_index("ix_message_waiting", "message", ["state", "urgent", "next_try"])
    op.create_table(
        "message_reminder",
        _of("message_reminder", "message", 32),
        _of("message_reminder", "reminder", 32),
        sa.PrimaryKeyConstraint("message", "reminder", name="pk_message_reminder"),
    )
    op.create_index("ix_message_reminder_reminder", "message_reminder", ["reminder"])
    op.create_table(
        "attempt",
        _of("attempt", "message", 32),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("milliseconds", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("message", "number", name="pk_attempt"),
    )


def _of(table: str, owner: str, size: int, *, nullable: bool = False) -> sa.Column[str]:
    key = sa.ForeignKey(f"{owner}.id", name=f"fk_{table}_{owner}_{owner}")
    return sa.Column(owner, sa.String(size), key, nullable=nullable)
