"""The ledger's open entries are counted by user."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let them be found by user and state."""
    op.create_index("ix_ledger_user_id_state", "ledger", ["user_id", "state"])
