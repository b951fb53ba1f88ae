"""The steps that lead an empty file to the present schema. A step that has shipped never changes."""

from __future__ import annotations

from app.store.migrations.known import KNOWN_STEPS, SET
from app.store.tables import Database, Migrations

__all__ = ["KNOWN_STEPS", "migrations"]

migrations = Migrations(SET)

_TABLES = (
    # What the user sees. `hash` and `version` are the server's. `parent` and `sha256` are part of the contract.
    """CREATE TABLE record(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        gid TEXT NOT NULL UNIQUE,
        entity TEXT NOT NULL,
        version TEXT,
        hash TEXT NOT NULL DEFAULT '',
        data TEXT NOT NULL,
        sync TEXT NOT NULL DEFAULT 'synced',
        generation INTEGER NOT NULL DEFAULT 0,
        parent TEXT GENERATED ALWAYS AS (json_extract(data, '$.parent')) VIRTUAL,
        sha256 TEXT GENERATED ALWAYS AS (json_extract(data, '$.sha256')) VIRTUAL
    )""",
    "CREATE INDEX record_entity ON record(entity, sync)",
    "CREATE INDEX record_parent ON record(parent) WHERE parent IS NOT NULL",
    "CREATE INDEX record_sha256 ON record(sha256) WHERE sha256 IS NOT NULL",
    # Server truth while something local is pending. `data` NULL: absent there; `last`: what a deleted record was.
    """CREATE TABLE shadow(
        gid TEXT PRIMARY KEY,
        entity TEXT NOT NULL,
        version TEXT,
        hash TEXT NOT NULL DEFAULT '',
        data TEXT,
        last TEXT,
        generation INTEGER NOT NULL DEFAULT 0,
        parent TEXT GENERATED ALWAYS AS (json_extract(coalesce(data, last), '$.parent')) VIRTUAL,
        sha256 TEXT GENERATED ALWAYS AS (json_extract(coalesce(data, last), '$.sha256')) VIRTUAL
    )""",
    """CREATE TABLE outbox(
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        mutation_id TEXT NOT NULL UNIQUE,
        entity TEXT NOT NULL,
        gid TEXT NOT NULL,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        body TEXT NOT NULL,
        frozen INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        due_at TEXT,
        captured_at TEXT NOT NULL,
        label TEXT NOT NULL DEFAULT '',
        detail TEXT NOT NULL DEFAULT '',
        problem TEXT,
        draft TEXT,
        supersedes TEXT,
        blobs TEXT NOT NULL DEFAULT '[]',
        settled_at TEXT,
        outcome TEXT,
        receipt TEXT NOT NULL DEFAULT '',
        parent TEXT GENERATED ALWAYS AS (json_extract(body, '$.changes.parent')) VIRTUAL
    )""",
    "CREATE INDEX outbox_gid ON outbox(gid)",
    "CREATE INDEX outbox_open ON outbox(seq) WHERE state != 'settled'",
    """CREATE TABLE conflict(
        mutation_id TEXT PRIMARY KEY,
        gid TEXT NOT NULL,
        entity TEXT NOT NULL,
        kind TEXT NOT NULL,
        clashes TEXT NOT NULL,
        mutation TEXT NOT NULL,
        mine TEXT NOT NULL,
        base TEXT NOT NULL,
        last TEXT,
        label TEXT NOT NULL DEFAULT '',
        detected_at TEXT NOT NULL,
        mine_at TEXT NOT NULL,
        device TEXT NOT NULL DEFAULT ''
    )""",
    "CREATE INDEX conflict_gid ON conflict(gid)",
    """CREATE TABLE draft(
        gid TEXT PRIMARY KEY,
        entity TEXT NOT NULL,
        data TEXT NOT NULL,
        children TEXT NOT NULL DEFAULT '[]',
        problems TEXT NOT NULL DEFAULT '{}',
        note TEXT NOT NULL DEFAULT '',
        saved_at TEXT NOT NULL,
        state TEXT NOT NULL,
        step INTEGER NOT NULL DEFAULT 0
    )""",
    """CREATE TABLE blob(
        sha256 TEXT PRIMARY KEY,
        size INTEGER NOT NULL,
        media_type TEXT NOT NULL,
        name TEXT NOT NULL,
        have INTEGER NOT NULL DEFAULT 0,
        state TEXT NOT NULL,
        direction TEXT NOT NULL,
        pinned INTEGER NOT NULL DEFAULT 0,
        unsent INTEGER NOT NULL DEFAULT 0,
        wanted INTEGER NOT NULL DEFAULT 0,
        last_used TEXT NOT NULL,
        error TEXT NOT NULL DEFAULT '',
        verified_at TEXT
    )""",
    """CREATE TABLE blob_chunk(
        sha256 TEXT NOT NULL REFERENCES blob ON DELETE CASCADE,
        n INTEGER NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY(sha256, n)
    )""",
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE setting(key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE activity(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        gid TEXT
    )""",
    "CREATE INDEX activity_gid ON activity(gid) WHERE gid IS NOT NULL",
    # Server rows that could not be understood; they block nothing and are replaced by the next good one.
    "CREATE TABLE quarantine_row(gid TEXT PRIMARY KEY, raw TEXT NOT NULL, reason TEXT NOT NULL)",
    "CREATE TABLE document_text(sha256 TEXT PRIMARY KEY, text TEXT NOT NULL)",
    # It keeps its own copy of the text: only then can a revocation take its words out at once.
    "CREATE VIRTUAL TABLE search USING fts5(title, body, tokenize = 'unicode61 remove_diacritics 2')",
    # Whatever way a record leaves or changes, its indexed text leaves in the same statement.
    "CREATE TRIGGER record_left AFTER DELETE ON record BEGIN DELETE FROM search WHERE rowid = old.id; END",
    """CREATE TRIGGER record_changed AFTER UPDATE OF data ON record WHEN old.data IS NOT new.data
        BEGIN DELETE FROM search WHERE rowid = old.id; END""",
)


@migrations(name=KNOWN_STEPS[0])
def m001_first_schema(db: Database) -> None:
    """Make all tables."""
    for statement in _TABLES:
        db.execute(statement)


@migrations(name=KNOWN_STEPS[1])
def m002_lean_search(db: Database) -> None:
    """Replace the search index by one without a copy of the text, with leaves that fit an encrypted page.

    A leaf that is a little longer than the room on a page takes two pages. The entries are made again.
    """
    db.execute("DROP TABLE search")
    db.execute(
        "CREATE VIRTUAL TABLE search USING fts5(title, body, content = '', contentless_delete = 1,"
        " tokenize = 'unicode61 remove_diacritics 2')"
    )
    db.execute("INSERT INTO search(search, rank) VALUES('pgsz', 7900)")
    # Joining parts of the index is the engine's work, between its cycles; a person's save must not be the one to do it.
    db.execute("INSERT INTO search(search, rank) VALUES('automerge', 0)")
    db.execute(
        "INSERT OR IGNORE INTO meta(key, value) SELECT 'index_due', '1' WHERE EXISTS (SELECT 1 FROM record)"
    )


@migrations(name=KNOWN_STEPS[2])
def m003_receipts(db: Database) -> None:
    """Make the table of signed evidence; it names nothing but ids, times and hashes."""
    db.execute(
        "CREATE TABLE receipt("
        "mutation_id TEXT PRIMARY KEY, gid TEXT NOT NULL, text TEXT NOT NULL, kept_at TEXT NOT NULL)"
    )


@migrations(name=KNOWN_STEPS[3])
def m004_body_hash(db: Database) -> None:
    """Keep the hash of what was sent, which a receipt has to name; empty for what was sent before."""
    db.execute("ALTER TABLE outbox ADD COLUMN body_hash TEXT NOT NULL DEFAULT ''")


@migrations(name=KNOWN_STEPS[4])
def m005_draft_origin(db: Database) -> None:
    """Keep what a draft was derived from, as JSON; empty for one that began with nothing."""
    db.execute("ALTER TABLE draft ADD COLUMN origin TEXT NOT NULL DEFAULT ''")


@migrations(name=KNOWN_STEPS[5])
def m006_clock_off(db: Database) -> None:
    """Keep with each captured time by how many minutes the clock was known to be ahead then; negative: behind."""
    for table in ("outbox", "draft", "activity"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN clock_off INTEGER NOT NULL DEFAULT 0")
