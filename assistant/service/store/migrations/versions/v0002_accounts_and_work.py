"""Accounts, what people do with a plan, and what pages show."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables of the pages."""
    _accounts()
    _work()


def _accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("standing", sa.String(20), nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("disabled", _MOMENT),
        sa.Column("password", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("email", name="uq_account_email"),
    )
    op.create_table(
        "session",
        sa.Column("digest", sa.String(64), nullable=False),
        _of("session", "account"),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_session"),
    )
    op.create_index("ix_session_account", "session", ["account"])
    op.create_table(
        "member",
        _of("member", "account"),
        _of("member", "company"),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("account", "company", name="pk_member"),
    )
    op.create_index("ix_member_company", "member", ["company"])
    op.create_table(
        "link",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        _of("link", "company", nullable=True),
        sa.Column("role", sa.String(10)),
        _of("link", "account", nullable=True),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
        sa.Column("used", _MOMENT),
        sa.PrimaryKeyConstraint("digest", name="pk_link"),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.String(16), nullable=False),
        _of("api_token", "account"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("revoked", _MOMENT),
        sa.Column("last_used", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.UniqueConstraint("digest", name="uq_api_token_digest"),
    )
    op.create_index("ix_api_token_account", "api_token", ["account"])
    op.create_table(
        "tally",
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_tally"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("account", sa.String(36)),
        sa.Column("company", sa.String(36)),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_company", "audit", ["company"])


def _work() -> None:
    op.create_table(
        "step_mark",
        _of("step_mark", "company"),
        sa.Column("step", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("due", sa.Date),
        sa.Column("parts", sa.Text, nullable=False),
        sa.Column("assignee", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("postponed_to", sa.Date),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("company", "step", name="pk_step_mark"),
    )
    op.create_table(
        "step_event",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        _of("step_event", "company"),
        sa.Column("step", sa.String(200), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_step_event"),
    )
    op.create_index("ix_step_event_company", "step_event", ["company"])
    op.create_table(
        "dossier",
        _of("dossier", "company"),
        sa.Column("part", sa.String(120), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("company", "part", name="pk_dossier"),
    )


def _of(table: str, owner: str, *, nullable: bool = False) -> sa.Column[str]:
    """Return a column that points to a company or an account."""
    name = f"fk_{table}_{owner}"
    return sa.Column(owner, sa.String(36), sa.ForeignKey(f"{owner}.id", name=name), nullable=nullable)
