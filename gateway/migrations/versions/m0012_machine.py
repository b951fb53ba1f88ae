"""A kiosk's session knows the machine it was begun on, whatever id the kiosk goes under for its user."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; empty for sessions that are no kiosk's, or were begun before."""
    op.add_column("session", sa.Column("machine", sa.String(length=60), nullable=False, server_default=""))
