"""The least a client on this machine could do for the same bytes.

httpx reads the same answers from a server that sends prepared bytes, and one prepared statement a page hands them to
SQLite: the same file format, key, page size and durability, the same tables, indexes, triggers and full-text index.
No checks, no cursor, no events, nothing local to keep; records in one statement, then the index, then the full text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from app.store.cipher import dbapi2
from app.store.database import Store
from app.store.indexes import _statement
from app.store.pages import PAGE_SIZE, key_pragma
from app.store.search import _body, _title
from benchmarks.client import KEY, manifest, remove
from benchmarks.records import ENTITY

_PUTS = b',"puts":['

_ROWS = (
    "SELECT each.value ->> 0, each.value ->> 1, each.value ->> 2, each.value ->> 3, each.value -> 4, 1"
    " FROM jsonb_each(jsonb(?)) AS each"
)
_INSERT = f"INSERT INTO record(gid, entity, version, hash, data, generation) {_ROWS}"
_UPSERT = (
    f"{_INSERT} WHERE 1 ON CONFLICT(gid) DO UPDATE SET version = excluded.version, hash = excluded.hash,"
    " data = excluded.data, generation = excluded.generation"
)


def empty_store(path: Path) -> None:
    """Make an empty store: all tables, and the indexes that a first sync begins with."""
    remove(path)
    with Store.open(path, KEY) as store:
        store.adopt_manifest(manifest().model_dump_json(), "floor")
        store.mirror.begin(manifest(), {ENTITY: 1_000_000})


@contextmanager
def plain(path: Path) -> Iterator[dbapi2.Connection]:
    """Open a store as SQLite has it, with the client's own pragmas."""
    connection = dbapi2.connect(str(path), isolation_level=None)
    try:
        connection.execute(key_pragma(KEY))
        connection.execute(f"PRAGMA cipher_page_size = {PAGE_SIZE}")
        for pragma in ("synchronous = FULL", "secure_delete = ON", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        connection.execute("PRAGMA wal_autocheckpoint = 4000").fetchall()
        yield connection
    finally:
        connection.close()


def first_sync(connection: dbapi2.Connection, url: str, count: int) -> None:
    """Read `count` prepared pages (`/0`, `/1`, …) and make them searchable."""
    deal = next(entity for entity in manifest().entities if entity.name == ENTITY)
    with httpx.Client(base_url=url) as http:
        for number in range(count):
            _in_one(connection, _INSERT, _puts(http.get(f"/{number}").content))
    connection.execute(_statement(deal)[1])
    connection.execute("BEGIN IMMEDIATE")
    entries = f"SELECT id, {_title(deal)}, {_body(deal)} FROM record"  # noqa: S608
    connection.execute(f"INSERT INTO search(rowid, title, body) {entries}")
    connection.execute("COMMIT")


def increment(connection: dbapi2.Connection, http: httpx.Client, paths: Sequence[str]) -> None:
    """Read prepared pages of changes, keep them, and make them searchable."""
    deal = next(entity for entity in manifest().entities if entity.name == ENTITY)
    entries = (
        f"SELECT record.id, {_title(deal)}, {_body(deal)}"  # noqa: S608
        " FROM jsonb_each(jsonb(?)) AS each JOIN record ON record.gid = each.value ->> 0"
    )
    for path in paths:
        puts = _puts(http.get(path).content)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_UPSERT, (puts,))
        connection.execute(f"INSERT INTO search(rowid, title, body) {entries}", (puts,))
        connection.execute("COMMIT")


def _in_one(connection: dbapi2.Connection, sql: str, puts: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(sql, (puts,))
    connection.execute("COMMIT")


def _puts(body: bytes) -> str:
    return body[body.index(_PUTS) + len(_PUTS) - 1 : -1].decode()
