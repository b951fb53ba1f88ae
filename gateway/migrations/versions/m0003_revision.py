"""Each record keeps the revision its row was read at, so that an edit can be written on condition of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; rows that were read before have none until they are read again."""
    op.add_column("mirror", sa.Column("revision", sa.String(120), nullable=False, server_default=""))
