"""Rows that name a row of another system which could not be reached then are noted, to be read again.

What files come to, of systems that keep no SHA-256, is kept, so that no file is read twice for it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "file_digest",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "loose_end",
        sa.Column("system", sa.String(40), primary_key=True),
        sa.Column("object", sa.String(60), primary_key=True),
        sa.Column("source_id", sa.String(120), primary_key=True),
        sa.Column("to_system", sa.String(40), primary_key=True),
        sa.Column("to_object", sa.String(60), primary_key=True),
        sa.Column("to_source_id", sa.String(120), primary_key=True),
        sa.Column("at", sa.String(27), nullable=False),
    )
    op.create_index("ix_loose_end_to_system", "loose_end", ["to_system"])
