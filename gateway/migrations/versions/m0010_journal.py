"""Where the journals of source systems are read on, and what files come to whose system keeps no SHA-256."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "journal_cursor",
        sa.Column("system", sa.String(40), primary_key=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
    )
    op.create_table(
        "file_digest",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("noted_at", sa.String(27), nullable=False),
    )
    op.create_index("ix_file_digest_noted_at", "file_digest", ["noted_at"])
