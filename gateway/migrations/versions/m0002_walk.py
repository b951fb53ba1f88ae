"""The indexes that walks go by hold all they ask of a feed row, so that the row itself is not looked up."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Replace the indexes."""
    op.drop_index("ix_feed_tag_entity_gid", "feed")
    op.drop_index("ix_feed_tag_position", "feed")
    by_gid = ["tag", "entity", "gid", "present", "position"]
    op.create_index("ix_feed_tag_entity_gid_present_position", "feed", by_gid, unique=False)
    by_position = ["tag", "position", "gid", "entity"]
    op.create_index("ix_feed_tag_position_gid_entity", "feed", by_position, unique=False)
