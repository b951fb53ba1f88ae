"""Rows that name a row of another system which could not be reached then are noted, to be read again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
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
