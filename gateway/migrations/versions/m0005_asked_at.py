"""A pass of the fast lane keeps the source system's time at its beginning: the next one begins no later than there.

Each object is listed once from its beginning: a time in the future may have hidden changes until now. What is known
as it is is not read again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and begin anew with every object."""
    op.add_column("ingest_cursor", sa.Column("asked_at", sa.String(length=27), nullable=True))
    op.execute('UPDATE ingest_cursor SET high = NULL, since = NULL, "after" = NULL, began_at = NULL')
