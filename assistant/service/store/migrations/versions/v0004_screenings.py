"""Screenings: tables of companies that somebody uploaded, and what came out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables of screenings."""
    op.create_table(
        "screening",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("account", sa.String(36), sa.ForeignKey("account.id", name="fk_screening_account")),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("complete", sa.Integer, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("read", sa.Integer, nullable=False),
        sa.Column("companies", sa.Integer, nullable=False),
        sa.Column("rejected", sa.Integer, nullable=False),
        sa.Column("lease", _MOMENT),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("finished", _MOMENT),
        sa.Column("problems", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_screening"),
    )
    op.create_index("ix_screening_account", "screening", ["account"])
    op.create_index("ix_screening_waiting", "screening", ["state", "created"])
    op.create_table(
        "screening_file",
        sa.Column(
            "screening",
            sa.String(32),
            sa.ForeignKey("screening.id", name="fk_screening_file_screening"),
            nullable=False,
        ),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("screening", "name", name="pk_screening_file"),
    )
