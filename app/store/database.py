"""The store of one account: one encrypted file, and the parts that read and write it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from app.contract.manifest import Manifest
from app.store.activity import Activity
from app.store.clock_off import ClockOff
from app.store.conflicts import Conflicts
from app.store.connection import Connection
from app.store.copies import forget_copies
from app.store.cursors import Cursors
from app.store.documents import Blobs
from app.store.drafts import Drafts
from app.store.failpoints import Failpoints, StorePoint
from app.store.faults import GaveWay
from app.store.mirror import Mirror
from app.store.outbox import Outbox
from app.store.projection import Projection
from app.store.proof import Proofs
from app.store.receipts import Receipts
from app.store.revocation import Revocation
from app.store.search import LEAST_SLICE, SLICE, Search
from app.store.settings import Settings
from app.store.turns import Turns

if TYPE_CHECKING:
    from app.store.tables import Database

#: The index of a long list takes a second at once; only when it has given way so often does it go through.
_PATIENCE = 200


class Store:
    """One connection to an account's file. Each thread opens its own; any number of processes may."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._gave_way = 0
        self._hurried = 0
        self.cursors = Cursors(connection)
        self.settings = Settings(connection)
        self.clock_off = ClockOff(self.settings)
        self.activity = Activity(connection, self.clock_off)
        self.receipts = Receipts(connection, self.settings)
        self.search = Search(connection, self.cursors)
        self.blobs = Blobs(connection)
        self.proofs = Proofs(connection, self.cursors)
        self.projection = Projection(connection, self.cursors, self.search)
        self.conflicts = Conflicts(connection, self.projection)
        self.drafts = Drafts(connection, self.projection, self.blobs, self.clock_off)
        self.outbox = Outbox(connection, self.projection, self.blobs, self.clock_off)
        self._revocation = Revocation(
            connection, self.cursors, self.projection, self.search, self.blobs, self.conflicts
        )
        self.mirror = Mirror(
            connection, self.cursors, self.projection, self.search, self.blobs, self._revocation
        )

    @classmethod
    def open(cls, path: Path, key: bytes, turns: Turns | None = None, *, patient: bool = False) -> Store:
        """Open an account's file with its 32-byte key, making or migrating it as needed.

        `turns` is shared by all of one process that write to the file; with it a `patient` store lets the others go
        first. Raises WrongKey, StoreDamaged, StoreBusy, DiskFull, StoreNewer.
        """
        return cls(Connection.open(path, key, turns, patient=patient))

    @classmethod
    def look(cls, path: Path, key: bytes) -> Store:
        """Open a file that is there only to read it. Raises WrongKey, StoreDamaged, StoreBusy, UpdateNeeded."""
        return cls(Connection.look(path, key))

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self.connection.path

    @property
    def db(self) -> Database:
        """The same connection for sqlite-utils."""
        return self.connection.db

    @property
    def failpoints(self) -> Failpoints:
        """Where a test hooks in."""
        return self.connection.failpoints

    @property
    def manifest(self) -> Manifest | None:
        """The effective manifest, as any connection has saved it last."""
        return self.cursors.manifest()

    def adopt_manifest(self, text: str, etag: str) -> Manifest:
        """Go over to another manifest: keep it, and forget what it no longer shows wherever a page does not reach.

        Raises UpdateNeeded or ValueError, and changes nothing, if it cannot be read. `make_index` follows, outside this
        transaction.
        """
        with self.transaction():
            before = self.manifest
            manifest = self.cursors.save_manifest(text, etag)
            if before is not None and before != manifest:
                self._revocation.narrow(manifest)
                if _searched(before) != _searched(manifest):
                    self.search.rebuild()
            if self.cursors.read().complete:
                self.cursors.require_index()
            return manifest

    def make_index(self) -> bool:
        """Make a part of what lists and search still lack; True when there may be more to do.

        A part is a transaction that gives way to whoever is not patient. Raises GaveWay when nothing is left but what
        somebody keeps from being made; call it again later.
        """
        manifest = self.manifest
        if manifest is None or not self.cursors.index_due:
            return False
        listed = self._make_lists(manifest)
        if self._make_entries():
            return True
        if not listed:
            raise GaveWay
        self.cursors.indexed()
        self._gave_way = self._hurried = 0
        return False

    def _make_lists(self, manifest: Manifest) -> bool:
        try:
            self.mirror.build_indexes(manifest, give_way=self._gave_way < _PATIENCE)
        except GaveWay:
            self._gave_way += 1
            return False
        return True

    def _make_entries(self) -> bool:
        """Make some entries for search, fewer at a time the more often somebody else had to write."""
        limit = max(LEAST_SLICE, SLICE >> self._hurried)
        try:
            return self.search.build(limit, gives_way=limit > LEAST_SLICE) > 0
        except GaveWay:
            self._hurried += 1
            return True

    def transaction(self) -> AbstractContextManager[None]:
        """Commit what is written inside as one. Nested, an inner block that fails takes back only its own writes."""
        return self.connection.transaction()

    def reading(self) -> AbstractContextManager[None]:
        """Read one unchanging state with several calls."""
        return self.connection.reading()

    @property
    def scrub_due(self) -> bool:
        """Whether something was revoked and `scrub` has not yet removed its last traces."""
        return self.cursors.scrub_due

    def scrub(self, *, gives_way: bool = False) -> bool:
        """Remove the last traces of what was revoked: from the slack of pages, the keys of the index and the log.

        Deleted rows are overwritten as they go, but SQLite leaves stale copies where it once split a page, so the
        file is written anew. Outside a transaction only. Raises GaveWay when it may and somebody else had to write,
        StoreBusy, DiskFull. False: the file is written anew, and somebody still reads what the log holds. In each
        case call it again later; a file that has been written anew is not once more.
        """
        if self.connection.in_transaction:
            raise ValueError("the file cannot be written anew inside a transaction")
        wanted = self.cursors.scrub_wanted()
        if not wanted:
            return True
        if self.cursors.rewritten() != wanted:
            self.connection.need_room()
            self.search.condense(gives_way=gives_way)
            self.failpoints.reached(StorePoint.CONDENSED)
            self.connection.rewrite(gives_way=gives_way)
            self.failpoints.reached(StorePoint.REWRITTEN)
            self.cursors.mark_rewritten(wanted)
        if not self.connection.truncate_log():
            return False
        self.failpoints.reached(StorePoint.LOG_EMPTIED)
        for aside in self.path.parent.glob(f"{self.path.name}.damaged-*"):
            aside.unlink()
        forget_copies(self.path)
        self.cursors.scrubbed(wanted)
        return True

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def __enter__(self) -> Self:
        """Use as `with Store.open(...) as store`."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()


def _searched(manifest: Manifest) -> dict[str, tuple[str, ...]]:
    """Which fields of which entity types the search index holds."""
    return {entity.name: (entity.title_field, *entity.search) for entity in manifest.entities}
