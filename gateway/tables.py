"""The gateway's tables. Migrations make them; a test holds both to be equal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

from gateway.append_only import only_appended_to

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

#: Positions need 64 bits; SQLite counts by itself only in a column called INTEGER.
_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")


class Instant(TypeDecorator[datetime]):
    """A point in time as fixed-width UTC text: the same order and the same precision on every database."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Write UTC with microseconds."""
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read it back with its zone."""
        return None if value is None else datetime.fromisoformat(value)


meta = Table(
    "meta", metadata, Column("name", String(60), primary_key=True), Column("value", Text, nullable=False)
)

# One row. Locked by whoever writes, so that positions are in commit order.
position = Table(
    "position", metadata, Column("id", Integer, primary_key=True), Column("value", BigInteger, nullable=False)
)

# The last position of each commit with a random mark; a cursor whose mark is unknown comes from a lost history.
commit_stamp = Table(
    "commit_stamp",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("stamp", String(24), nullable=False),
)

# Each record as the source system holds it, in full. `fence`: position of the last read or write that was applied.
# `revision`: the row's at that read, empty when it is not known. `changed`: JSON, field to [position, user id of the
# portal user who wrote it or ""].
mirror = Table(
    "mirror",
    metadata,
    Column("gid", String(36), primary_key=True),
    Column("entity", String(60), nullable=False),
    Column("system", String(40), nullable=False),
    Column("object", String(60), nullable=False),
    Column("source_id", String(120), nullable=False),
    Column("status", String(10), nullable=False),  # live, deleted, hidden
    Column("data", Text, nullable=False),
    Column("hash", String(32), nullable=False),
    Column("content_hash", String(32), nullable=False),
    Column("version", String(60), nullable=False),
    Column("tags", Text, nullable=False),
    Column("parent", String(36)),
    Column("blob", String(64)),
    Column("into_gid", String(36)),
    Column("position", BigInteger, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("changed", Text, nullable=False),
    Column("modified_at", Instant),
    Column("read_at", Instant),
    Column("revision", String(120), nullable=False, server_default=""),
    UniqueConstraint("system", "object", "source_id"),
)
Index("ix_mirror_parent", mirror.c.parent)
# All that a digest asks of a record, so that its text is not passed over.
Index("ix_mirror_gid_hash", mirror.c.gid, mirror.c.hash)
Index("ix_mirror_blob", mirror.c.blob)

# What each tag has seen: one row per tag and record, updated in place. `present`: 1 put, 0 left the tag, 2 deleted.
feed = Table(
    "feed",
    metadata,
    Column("tag", String(140), primary_key=True),
    Column("gid", String(36), primary_key=True),
    Column("entity", String(60), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("present", Integer, nullable=False),
)
# These two hold all that a walk asks of a feed row, so that the row itself is not looked up.
Index("ix_feed_tag_position_gid_entity", feed.c.tag, feed.c.position, feed.c.gid, feed.c.entity)
Index(
    "ix_feed_tag_entity_gid_present_position",
    feed.c.tag,
    feed.c.entity,
    feed.c.gid,
    feed.c.present,
    feed.c.position,
)
Index("ix_feed_gid", feed.c.gid)
Index("ix_feed_position", feed.c.position)

ledger = Table(
    "ledger",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True, autoincrement=True),
    Column("user_id", String(36), nullable=False),
    Column("mutation_id", String(60), nullable=False),
    Column("device", String(120), nullable=False),
    Column("body_hash", String(32), nullable=False),
    Column("entity", String(60), nullable=False),
    Column("gid", String(36), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(10), nullable=False),  # received, done
    Column("failures", Integer, nullable=False),
    Column("due_at", Instant),
    Column("captured_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("written_at", Instant),
    Column("outcome", Text),
    Column("leaf", String(64)),
    Column("batch", String(36)),
    Column("path", Text),
    UniqueConstraint("user_id", "mutation_id"),
)
Index("ix_ledger_gid", ledger.c.gid)
Index("ix_ledger_state_seq", ledger.c.state, ledger.c.seq)
Index("ix_ledger_user_id_state", ledger.c.user_id, ledger.c.state)

# Who works on a record now. A lease instead of an open transaction, since the CRM is called meanwhile.
lease = Table(
    "lease",
    metadata,
    Column("gid", String(36), primary_key=True),
    Column("holder", String(36), nullable=False),
    Column("until", Instant, nullable=False),
)

receipt_batch = Table(
    "receipt_batch",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("root", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
    Column("key", String(64), nullable=False),
    Column("signed_at", Instant, nullable=False),
)

# What a user was shown at each version of their grant. `views`: JSON, entity type to hash of its visible fields.
grant_version = Table(
    "grant_version",
    metadata,
    Column("user_id", String(36), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("role", String(40), nullable=False),
    Column("tags", Text, nullable=False),
    Column("manifest", String(32), nullable=False),
    Column("views", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
)

# `failures`, `locked_until`: not used any more, `sign_in_try` counts; kept for processes of the version before.
account = Table(
    "account",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("email", String(200), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("role", String(40), nullable=False),
    Column("password", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Instant),
    Column("created_at", Instant, nullable=False),
)

account_company = Table(
    "account_company",
    metadata,
    Column("user_id", String(36), primary_key=True),
    Column("company", String(36), primary_key=True),
)

# Whom a user stands for in a source system; `source_id` goes with every write.
account_contact = Table(
    "account_contact",
    metadata,
    Column("user_id", String(36), primary_key=True),
    Column("system", String(40), primary_key=True),
    Column("object", String(60), nullable=False),
    Column("source_id", String(120), nullable=False),
)

device = Table(
    "device",
    metadata,
    Column("user_id", String(36), primary_key=True),
    Column("id", String(60), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("last_seen_at", Instant),
)

# Orders to a device to destroy what it holds, and its word that it did. `order`: what the device is told and gives
# back. `wiped_at`: by the device's clock.
wipe = Table(
    "wipe",
    metadata,
    Column("order", String(64), primary_key=True),
    Column("user_id", String(36), nullable=False),
    Column("device", String(60), nullable=False),
    Column("ordered_at", Instant, nullable=False),
    Column("ordered_by", String(36), nullable=False),
    Column("wiped_at", Instant),
    Column("reported_at", Instant),
    Column("kept_aside", Integer),
)
Index("ix_wipe_user_id_device", wipe.c.user_id, wipe.c.device)

session = Table(
    "session",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("user_id", String(36), nullable=False, index=True),
    Column("device", String(60), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_because", String(60)),
    Column("kiosk", Boolean, nullable=False, server_default=false()),
    # The machine a kiosk's session was begun on, as the kiosk names itself; `device` may be another id.
    Column("machine", String(60), nullable=False, server_default=""),
)

access_token = Table(
    "access_token",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("session", String(36), nullable=False, index=True),
    Column("expires_at", Instant, nullable=False),
)

refresh_token = Table(
    "refresh_token",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("session", String(36), nullable=False, index=True),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

auth_code = Table(
    "auth_code",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("user_id", String(36), nullable=False),
    Column("device", String(60), nullable=False),
    Column("device_name", String(120), nullable=False),
    Column("client_id", String(60), nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("challenge", String(64), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("session", String(36)),
)

# One a user: a newer link takes the place of the one before. It goes when it is used.
invitation = Table(
    "invitation",
    metadata,
    Column("user_id", String(36), primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("made_at", Instant, nullable=False),
    Column("made_by", String(36), nullable=False),
    Column("expires_at", Instant, nullable=False),
)

# Who an account is at an OIDC issuer.
account_subject = Table(
    "account_subject",
    metadata,
    Column("issuer", String(255), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("user_id", String(36), nullable=False, index=True),
    Column("linked_at", Instant, nullable=False),
)

# Sign-ins that failed, or are being looked at. `who`: a hashed e-mail address or a client's network address.
sign_in_try = Table(
    "sign_in_try",
    metadata,
    Column("who", String(80), primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
)

# What is good once and was used: the states of sign-ins that were handed over to an issuer.
spent = Table(
    "spent",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("expires_at", Instant, nullable=False),
)

# A kiosk that waits until somebody lets it in. `pace`: seconds it has to leave between two questions.
device_grant = Table(
    "device_grant",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("user_code", String(64), nullable=False, unique=True),
    Column("client_id", String(60), nullable=False),
    Column("device", String(60), nullable=False),
    Column("device_name", String(120), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("pace", Integer, nullable=False),
    Column("asked_at", Instant),
    Column("user_id", String(36)),
    Column("denied", Boolean, nullable=False),
    Column("session", String(36)),
)

# Bytes this gateway holds, whoever brought them.
blob = Table(
    "blob",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("stored_at", Instant, nullable=False),
)

upload = Table(
    "upload",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("user_id", String(36), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String(200), nullable=False),
    Column("name", String(255), nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("touched_at", Instant, nullable=False),
    UniqueConstraint("user_id", "sha256"),
)

# How far the fast lane has read one object. `since`, `after`: where the running pass goes on; `high`: newest time seen,
# but none after `asked_at`, the system's own time when the pass began.
ingest_cursor = Table(
    "ingest_cursor",
    metadata,
    Column("system", String(40), primary_key=True),
    Column("object", String(60), primary_key=True),
    Column("since", Instant),
    Column("after", String(120)),
    Column("high", Instant),
    Column("began_at", Instant),
    Column("passed_at", Instant),
    Column("asked_at", Instant),
    Column("swept_at", Instant),
    Column("held_missing", Integer, nullable=False),
    Column("held_live", Integer, nullable=False),
)

# How far the delayed lane has confirmed one object. `confirmed`: by the system's own clock, everything it dates up to
# then has been read. `since`, `after`: where the running pass goes on. `passed_at`: when the last complete one began.
delayed_cursor = Table(
    "delayed_cursor",
    metadata,
    Column("system", String(40), primary_key=True),
    Column("object", String(60), primary_key=True),
    Column("confirmed", Instant, nullable=False),
    Column("since", Instant),
    Column("after", String(120)),
    Column("asked_at", Instant),
    Column("began_at", Instant),
    Column("passed_at", Instant),
)

# How far a system's journal has been read. `place`: where it goes on, in the system's own words; `at`: when its end was
# reached last; `lost`: how often the system did not know the place any more, so that everything was read again.
journal_cursor = Table(
    "journal_cursor",
    metadata,
    Column("system", String(40), primary_key=True),
    Column("place", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("lost", Integer, nullable=False),
)

# How each lane of each system fared last. `seen`: ids it was given, `changed`: records it changed, since the beginning.
lane = Table(
    "lane",
    metadata,
    Column("system", String(40), primary_key=True),
    Column("lane", String(20), primary_key=True),
    Column("ran_at", Instant, nullable=False),
    Column("succeeded_at", Instant),
    Column("error", Text, nullable=False),
    Column("failed_at", Instant),
    Column("seen", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
)

# What is left of a system's calls, shared by all processes. `capacity`, `refill` (a second) and `daily` are what it was
# reckoned with; `day`, `used`: calls given out on that day of UTC. Until `paused_until` no call of the priority
# `paused_from` or a lower one is made.
budget = Table(
    "budget",
    metadata,
    Column("system", String(40), primary_key=True),
    Column("tokens", Float, nullable=False),
    Column("at", Instant, nullable=False),
    Column("capacity", Float, nullable=False),
    Column("refill", Float, nullable=False),
    Column("daily", BigInteger, nullable=False),
    Column("day", String(10), nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("paused_until", Instant),
    Column("paused_from", Integer, nullable=False),
)

# Records that ingest took away lately, by the minute, so that little by little does not get past the brake.
removal = Table(
    "removal",
    metadata,
    Column("system", String(40), primary_key=True),
    Column("object", String(60), primary_key=True),
    Column("minute", Instant, primary_key=True),
    Column("count", Integer, nullable=False),
)

# Webhook deliveries that were taken, by the hash of their signature, until their time is too old to be taken anyway.
webhook_seen = Table(
    "webhook_seen",
    metadata,
    Column("system", String(40), primary_key=True),
    Column("signature", String(64), primary_key=True),
    Column("expires_at", Instant, nullable=False, index=True),
)

# `at`: since when it waits.
hint = Table(
    "hint",
    metadata,
    Column("system", String(40), primary_key=True),
    Column("object", String(60), primary_key=True),
    Column("source_id", String(120), primary_key=True),
    Column("mark", String(24), nullable=False),
    Column("at", Instant),
)

# What files come to whose system keeps no SHA-256. `key`: a file and the state of its bytes; `noted_at`: when somebody
# asked for it last, to the day or so.
file_digest = Table(
    "file_digest",
    metadata,
    Column("key", Text, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("noted_at", Instant, nullable=False, index=True),
)

# Rows that name a row of another system which could not be reached then: they are read again once it can. `at`: since
# when.
loose_end = Table(
    "loose_end",
    metadata,
    Column("system", String(40), primary_key=True),
    Column("object", String(60), primary_key=True),
    Column("source_id", String(120), primary_key=True),
    Column("to_system", String(40), primary_key=True, index=True),
    Column("to_object", String(60), primary_key=True),
    Column("to_source_id", String(120), primary_key=True),
    Column("at", Instant, nullable=False),
)

# Rows that could not be understood; they block nothing and are tried again when they change. `first_at`: since when,
# `at`: when it was tried last, `tries`: how often.
dead_letter = Table(
    "dead_letter",
    metadata,
    Column("system", String(40), primary_key=True),
    Column("object", String(60), primary_key=True),
    Column("source_id", String(120), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("first_at", Instant),
    Column("tries", Integer, nullable=False, server_default="1"),
)

source = Table(
    "source",
    metadata,
    Column("system", String(40), primary_key=True),
    Column("read_at", Instant),
    Column("stale_reason", Text, nullable=False),
)

# Who did what. Each hash covers the entry and the hash before it; see `audit_chain`. `companies`, `facts`: JSON.
audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("event", String(60), nullable=False),
    Column("actor", String(120), nullable=False),
    Column("device", String(120), nullable=False),
    Column("companies", Text, nullable=False),
    Column("entity", String(60), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("facts", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
Index("ix_audit_at", audit.c.at)
Index("ix_audit_actor_seq", audit.c.actor, audit.c.seq)
Index("ix_audit_subject_seq", audit.c.subject, audit.c.seq)

# One row: where the chain ends, so that an end that was cut off shows. Locked by whoever appends.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("marked", BigInteger, nullable=False),
    Column("marked_at", Instant),
    Column("mac", String(64), nullable=False),
)

audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("key", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
)

for _table in (audit, audit_checkpoint):
    only_appended_to(_table)
