"""A digest goes by an index that holds each record's hash, so that the records are not looked up."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_mirror_gid_hash", "mirror", ["gid", "hash"], unique=False)
