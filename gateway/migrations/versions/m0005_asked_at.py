"""A pass of the fast lane keeps the source system's time at its beginning: the next one begins no later than there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; a pass that is running begins again, since its time is not known."""
    op.add_column("ingest_cursor", sa.Column("asked_at", sa.String(length=27), nullable=True))
