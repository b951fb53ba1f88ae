"""The delayed lane has a cursor of its own; how lanes fare, what is left of budgets, what was removed, and which
webhook deliveries were taken is kept. Rows that stand aside tell since when, and hints since when they wait.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and add the columns."""
    _cursors_and_lanes()
    op.create_table(
        "budget",
        sa.Column("system", sa.String(40), primary_key=True),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("capacity", sa.Float(), nullable=False),
        sa.Column("refill", sa.Float(), nullable=False),
        sa.Column("daily", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("paused_until", sa.String(27)),
        sa.Column("paused_from", sa.Integer(), nullable=False),
    )
    op.create_table(
        "removal",
        sa.Column("system", sa.String(40), primary_key=True),
        sa.Column("object", sa.String(60), primary_key=True),
        sa.Column("minute", sa.String(27), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
    )
    op.create_table(
        "webhook_seen",
        sa.Column("system", sa.String(40), primary_key=True),
        sa.Column("signature", sa.String(64), primary_key=True),
        sa.Column("expires_at", sa.String(27), nullable=False),
    )
    op.create_index("ix_webhook_seen_expires_at", "webhook_seen", ["expires_at"])
    op.add_column("hint", sa.Column("at", sa.String(27), nullable=True))
    op.add_column("dead_letter", sa.Column("first_at", sa.String(27), nullable=True))
    op.add_column("dead_letter", sa.Column("tries", sa.Integer(), nullable=False, server_default="1"))


def _cursors_and_lanes() -> None:
    op.create_table(
        "delayed_cursor",
        sa.Column("system", sa.String(40), primary_key=True),
        sa.Column("object", sa.String(60), primary_key=True),
        sa.Column("confirmed", sa.String(27), nullable=False),
        sa.Column("since", sa.String(27)),
        sa.Column("after", sa.String(120)),
        sa.Column("asked_at", sa.String(27)),
        sa.Column("began_at", sa.String(27)),
        sa.Column("passed_at", sa.String(27)),
    )
    op.create_table(
        "lane",
        sa.Column("system", sa.String(40), primary_key=True),
        sa.Column("lane", sa.String(20), primary_key=True),
        sa.Column("ran_at", sa.String(27), nullable=False),
        sa.Column("succeeded_at", sa.String(27)),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("failed_at", sa.String(27)),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
    )
