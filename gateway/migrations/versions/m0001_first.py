"""The first tables.

Times are fixed-width UTC text.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make all tables of the first release."""
    op.create_table(
        "access_token",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("session", sa.String(length=36), nullable=False),
        sa.Column("expires_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("ix_access_token_session", "access_token", ["session"], unique=False)
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.String(length=27), nullable=True),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email", name="uq_account_email"),
    )
    op.create_table(
        "account_company",
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("company", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "company"),
    )
    op.create_table(
        "account_contact",
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("system", sa.String(length=40), nullable=False),
        sa.Column("object", sa.String(length=60), nullable=False),
        sa.Column("source_id", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "system"),
    )
    op.create_table(
        "auth_code",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.Column("device_name", sa.String(length=120), nullable=False),
        sa.Column("client_id", sa.String(length=60), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("challenge", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.String(length=27), nullable=False),
        sa.Column("session", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "blob",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_table(
        "commit_stamp",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stamp", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("position"),
    )
    op.create_table(
        "dead_letter",
        sa.Column("system", sa.String(length=40), nullable=False),
        sa.Column("object", sa.String(length=60), nullable=False),
        sa.Column("source_id", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("system", "object", "source_id"),
    )
    op.create_table(
        "device",
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("revoked_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("user_id", "id"),
    )
    op.create_table(
        "feed",
        sa.Column("tag", sa.String(length=140), nullable=False),
        sa.Column("gid", sa.String(length=36), nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tag", "gid"),
    )
    op.create_index("ix_feed_gid", "feed", ["gid"], unique=False)
    op.create_index("ix_feed_position", "feed", ["position"], unique=False)
    op.create_index("ix_feed_tag_entity_gid", "feed", ["tag", "entity", "gid"], unique=False)
    op.create_index("ix_feed_tag_position", "feed", ["tag", "position"], unique=False)
    op.create_table(
        "grant_version",
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("manifest", sa.String(length=32), nullable=False),
        sa.Column("views", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "version"),
    )
    op.create_table(
        "hint",
        sa.Column("system", sa.String(length=40), nullable=False),
        sa.Column("object", sa.String(length=60), nullable=False),
        sa.Column("source_id", sa.String(length=120), nullable=False),
        sa.Column("mark", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("system", "object", "source_id"),
    )
    op.create_table(
        "ingest_cursor",
        sa.Column("system", sa.String(length=40), nullable=False),
        sa.Column("object", sa.String(length=60), nullable=False),
        sa.Column("since", sa.String(length=27), nullable=True),
        sa.Column("after", sa.String(length=120), nullable=True),
        sa.Column("high", sa.String(length=27), nullable=True),
        sa.Column("began_at", sa.String(length=27), nullable=True),
        sa.Column("passed_at", sa.String(length=27), nullable=True),
        sa.Column("swept_at", sa.String(length=27), nullable=True),
        sa.Column("held_missing", sa.Integer(), nullable=False),
        sa.Column("held_live", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("system", "object"),
    )
    op.create_table(
        "lease",
        sa.Column("gid", sa.String(length=36), nullable=False),
        sa.Column("holder", sa.String(length=36), nullable=False),
        sa.Column("until", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("gid"),
    )
    op.create_table(
        "ledger",
        sa.Column("seq", _SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("mutation_id", sa.String(length=60), nullable=False),
        sa.Column("device", sa.String(length=120), nullable=False),
        sa.Column("body_hash", sa.String(length=32), nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("gid", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.String(length=27), nullable=True),
        sa.Column("captured_at", sa.String(length=27), nullable=False),
        sa.Column("received_at", sa.String(length=27), nullable=False),
        sa.Column("written_at", sa.String(length=27), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("leaf", sa.String(length=64), nullable=True),
        sa.Column("batch", sa.String(length=36), nullable=True),
        sa.Column("path", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("user_id", "mutation_id", name="uq_ledger_user_id_mutation_id"),
    )
    op.create_index("ix_ledger_gid", "ledger", ["gid"], unique=False)
    op.create_index("ix_ledger_state_seq", "ledger", ["state", "seq"], unique=False)
    op.create_table(
        "meta",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "mirror",
        sa.Column("gid", sa.String(length=36), nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("system", sa.String(length=40), nullable=False),
        sa.Column("object", sa.String(length=60), nullable=False),
        sa.Column("source_id", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=32), nullable=False),
        sa.Column("content_hash", sa.String(length=32), nullable=False),
        sa.Column("version", sa.String(length=60), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("parent", sa.String(length=36), nullable=True),
        sa.Column("blob", sa.String(length=64), nullable=True),
        sa.Column("into_gid", sa.String(length=36), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.Text(), nullable=False),
        sa.Column("modified_at", sa.String(length=27), nullable=True),
        sa.Column("read_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("gid"),
        sa.UniqueConstraint("system", "object", "source_id", name="uq_mirror_system_object_source_id"),
    )
    op.create_index("ix_mirror_blob", "mirror", ["blob"], unique=False)
    op.create_index("ix_mirror_parent", "mirror", ["parent"], unique=False)
    op.create_table(
        "position",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "receipt_batch",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "refresh_token",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("session", sa.String(length=36), nullable=False),
        sa.Column("expires_at", sa.String(length=27), nullable=False),
        sa.Column("used_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("ix_refresh_token_session", "refresh_token", ["session"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.Column("ended_because", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_session_user_id", "session", ["user_id"], unique=False)
    op.create_table(
        "source",
        sa.Column("system", sa.String(length=40), nullable=False),
        sa.Column("read_at", sa.String(length=27), nullable=True),
        sa.Column("stale_reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("system"),
    )
    op.create_table(
        "upload",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("touched_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "sha256", name="uq_upload_user_id_sha256"),
    )
