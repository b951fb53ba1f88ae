"""Invitations, orders to wipe, identities at an issuer, device codes, and tries counted for all processes together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_INSTANT = sa.String(length=27)


def upgrade() -> None:
    """Add the tables and columns; nothing that is there changes its meaning."""
    op.add_column("device", sa.Column("last_seen_at", _INSTANT, nullable=True))
    op.add_column("session", sa.Column("kiosk", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "wipe",
        sa.Column("order", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.Column("ordered_at", _INSTANT, nullable=False),
        sa.Column("ordered_by", sa.String(length=36), nullable=False),
        sa.Column("wiped_at", _INSTANT, nullable=True),
        sa.Column("reported_at", _INSTANT, nullable=True),
        sa.Column("kept_aside", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("order"),
    )
    op.create_index("ix_wipe_user_id_device", "wipe", ["user_id", "device"])
    _sign_in()


def _sign_in() -> None:
    op.create_table(
        "invitation",
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("made_by", sa.String(length=36), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("user_id"),
        sa.UniqueConstraint("hash", name="uq_invitation_hash"),
    )
    op.create_table(
        "account_subject",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("linked_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject"),
    )
    op.create_index("ix_account_subject_user_id", "account_subject", ["user_id"])
    op.create_table(
        "sign_in_try",
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("until", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("who"),
    )
    op.create_table(
        "spent",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "device_grant",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("user_code", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=60), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.Column("device_name", sa.String(length=120), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("pace", sa.Integer(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=True),
        sa.Column("user_id", sa.String(length=36), nullable=True),
        sa.Column("denied", sa.Boolean(), nullable=False),
        sa.Column("session", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("hash"),
        sa.UniqueConstraint("user_code", name="uq_device_grant_user_code"),
    )
