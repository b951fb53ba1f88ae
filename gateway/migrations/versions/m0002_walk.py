"""The index that walks go by holds all they ask of a feed row, so that the row itself is not looked up."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Replace the index."""
    op.drop_index("ix_feed_tag_entity_gid", "feed")
    columns = ["tag", "entity", "gid", "present", "position"]
    op.create_index("ix_feed_tag_entity_gid_present_position", "feed", columns, unique=False)
