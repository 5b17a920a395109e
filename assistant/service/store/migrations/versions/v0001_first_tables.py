"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create companies, profiles, official dates, tokens, event states and feeds."""
    change = op.create_table(
        "change",
        sa.Column("id", sa.Integer, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_change"),
    )
    op.bulk_insert(change, [{"id": 1, "number": 0}])
    op.create_table(
        "company",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("uscc", sa.Text, nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("changed", sa.Integer, nullable=False),
        sa.Column("published", sa.Date),
        sa.Column("failure", sa.Text, nullable=False),
        sa.Column("failed", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_company"),
    )
    op.create_index("ix_company_changed", "company", ["changed"])
    op.create_index("ix_company_published", "company", ["published"])
    op.create_table(
        "profile_version",
        _company("profile_version"),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("company", "number", name="pk_profile_version"),
    )
    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("project", sa.String(100), nullable=False),
        sa.Column("cycle", sa.Integer, nullable=False),
        sa.Column("opens", sa.Date),
        sa.Column("closes", sa.Date),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("entered", sa.Date),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_announcement"),
    )
    op.create_table(
        "feed_token",
        sa.Column("id", sa.String(16), nullable=False),
        _company("feed_token"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("revoked", _MOMENT),
        sa.Column("last_fetched", _MOMENT),
        sa.Column("last_client", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feed_token"),
        sa.UniqueConstraint("digest", name="uq_feed_token_digest"),
    )
    live = sa.text("revoked IS NULL")
    op.create_index(
        "ix_feed_token_live_name",
        "feed_token",
        ["company", "name"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
    op.create_table(
        "event_state",
        _company("event_state"),
        sa.Column("uid", sa.String(255), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("company", "uid", name="pk_event_state"),
    )
    op.create_table(
        "feed_body",
        _company("feed_body"),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("etag", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("modified", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("company", "kind", name="pk_feed_body"),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )


def _company(table: str) -> sa.Column[str]:
    name = f"fk_{table}_company"
    return sa.Column("company", sa.String(36), sa.ForeignKey("company.id", name=name), nullable=False)
