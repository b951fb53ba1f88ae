"""Putting a gateway together, on disk or in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.contract.manifest import Manifest
from gateway.blobs import BlobStore, DiskBlobs, MemoryBlobs
from gateway.clock import Clock, Ids, Random
from gateway.core import Gateway, Setup
from gateway.database import Database, memory_engine, open_engine
from gateway.identity.options import Options
from gateway.identity.passwords import Passwords
from gateway.ingest.advisory import AdvisoryLeadership
from gateway.ingest.leadership import AlwaysLeading
from gateway.keys import RECEIPT_FILE, SECRET_FILE, check_secret, load_secret, load_signing_key
from gateway.limits import Limits
from gateway.migrate import migrate, revision_of
from gateway.systems import System
from gateway.tables import metadata


def in_memory(
    manifest: Manifest,
    systems: Sequence[System],
    clock: Clock,
    ids: Ids,
    random: Random,
    limits: Limits | None = None,
    database: Database | None = None,
) -> Gateway:
    """Return a gateway that keeps everything in memory, or in the `database` given, and starts no threads.

    Passwords are hashed cheaply.
    """
    return Gateway(
        Setup(
            database=database or memory_database(),
            manifest=manifest,
            systems=systems,
            blobs=MemoryBlobs(),
            clock=clock,
            ids=ids,
            random=random,
            secret=random(32),
            signing=Ed25519PrivateKey.from_private_bytes(random(32)),
            passwords=Passwords(memory=64, rounds=1, lanes=1),
            limits=limits or Limits(),
        )
    )


def memory_database() -> Database:
    """Return an empty database in memory."""
    database = Database(memory_engine())
    with database.write() as connection:
        metadata.create_all(connection)
    return database


def file_database(path: Path) -> Database:
    """Return the database in a file, brought up to this version."""
    return database_at(f"sqlite:///{path}")


def database_at(address: str, connections: int = 20) -> Database:
    """Return the database at an address, brought up to this version. Raises WrongOrder, ValueError."""
    database = Database(open_engine(address, connections))
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def is_begun(address: str) -> bool:
    """Tell whether a gateway's tables are at an address; nothing is made by looking. Raises WrongOrder, ValueError."""
    if address.startswith("sqlite:") and not Path(address.removeprefix("sqlite:///")).is_file():
        return False
    database = Database(open_engine(address, 2))
    try:
        with database.read() as connection:
            return revision_of(connection) is not None
    finally:
        database.close()


def on_disk(  # noqa: PLR0913  (what a gateway is put together from)
    folder: Path,
    manifest: Manifest,
    systems: Sequence[System],
    clock: Clock,
    ids: Ids,
    random: Random,
    *,
    limits: Limits | None = None,
    database: Database | None = None,
    options: Options | None = None,
    blobs: BlobStore | None = None,
) -> Gateway:
    """Return a gateway that keeps everything in a folder, but for what the `database` and `blobs` given are for.

    Raises UnusableKey.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = database or file_database(folder / "gateway.sqlite3")
    secret = load_secret(folder / SECRET_FILE, random)
    check_secret(database, secret)
    signing = load_signing_key(folder / RECEIPT_FILE)
    return Gateway(
        Setup(
            database=database,
            manifest=manifest,
            systems=systems,
            blobs=blobs or DiskBlobs(folder),
            clock=clock,
            ids=ids,
            random=random,
            secret=secret,
            signing=signing,
            passwords=Passwords(),
            limits=limits or Limits(),
            witness=None,
            options=options or Options(),
            leadership=AdvisoryLeadership(database) if database.shared else AlwaysLeading(),
        )
    )
