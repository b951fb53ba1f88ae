"""File bytes: who may read and use them, resumable uploads, and fetching from the source system on first need.

Bytes may be read by whoever sees a record that names them, or uploaded all of them. To everybody else they do not
exist, and an upload never learns from somebody else's content that it is there already.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, select, update

from gateway.blobs import BlobStore, DamagedBlob, TooManyPieces
from gateway.crm.port import CrmMissing, CrmUnavailable, FileBody
from gateway.feed import mirror as mirrored
from gateway.feed.mirror import Mirrored
from gateway.feed.rows import as_record, visible
from gateway.grants import Grant
from gateway.ground import Ground
from gateway.problems import Problem, not_found, too_busy, unacceptable
from gateway.tables import blob, upload

#: Upload id given for bytes the caller can read already: nothing is to be sent.
READABLE = "readable"

#: Locks for uploads. Two that meet by chance take turns chunk by chunk.
_TURNS = 64

#: Names of stored bytes that are looked up at a time.
_MANY = 500

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Blob:
    """Bytes this user may read."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Upload:
    """An upload of one user: how many of its bytes are here."""

    id: str
    sha256: str
    size: int
    media_type: str
    name: str
    received: int
    complete: bool


class Documents:
    """Reads and writes of file bytes, each for one user."""

    def __init__(self, ground: Ground, store: BlobStore) -> None:
        self._database = ground.database
        self._grants = ground.grants
        self._systems = ground.systems
        self._clock = ground.clock
        self._ids = ground.ids
        self._limits = ground.limits
        self._store = store
        self._turns = tuple(Lock() for _ in range(_TURNS))

    # ------------------------------------------------------------------------------------------------- reading

    def find(self, user: str, sha256: str) -> Blob:
        """Return bytes this user may read, fetched from their system when they are not here yet.

        Raises Problem 404, and 503 when the system cannot be reached.
        """
        with self._grants.reading(user) as (connection, grant):
            holder = self._holder(connection, grant, sha256)
            allowed = holder is not None or _own_complete(connection, user, sha256)
            size = _size(connection, sha256)
        if not allowed:
            raise not_found()
        if size is not None and self._store.size(sha256) == size:
            return Blob(sha256, size)
        if holder is None:
            raise not_found()
        return Blob(sha256, self._fetch(holder, sha256))

    def read(self, sha256: str, start: int, end: int) -> Iterator[bytes]:
        """Yield bytes that `find` has allowed and fetched."""
        return self._store.read(sha256, start, end)

    def _holder(self, connection: Connection, grant: Grant, sha256: str) -> Mirrored | None:
        """Return a record the user sees that names these bytes in a field they see."""
        for record in mirrored.holders(connection, sha256):
            if visible(grant, record) and sha256 in as_record(grant, record).data.values():
                return record
        return None

    def _fetch(self, holder: Mirrored, sha256: str) -> int:
        system = self._systems.named(holder.system)
        if system is None:
            raise not_found()
        try:
            size = self._store.keep(sha256, system.port.open_file(holder.ref).chunks)
        except CrmMissing:
            raise not_found() from None
        except CrmUnavailable as error:
            raise too_busy(f"{system.port.label} cannot be reached.", error.retry_after) from error
        except DamagedBlob as error:
            raise too_busy("This file is being replaced at its source.", 5.0) from error
        self._note(sha256, size)
        return size

    def _note(self, sha256: str, size: int) -> None:
        with self._database.write() as connection:
            _note_blob(connection, sha256, size, self._clock.now())

    # ----------------------------------------------------------------------------------------------- uploading

    def begin_upload(self, user: str, sha256: str, size: int, media_type: str, name: str) -> tuple[str, int]:
        """Open an upload or find the user's own; return its id and how many bytes are here. Raises Problem 413, 422."""
        if not _SHA256.fullmatch(sha256):
            raise unacceptable(
                "Name the file's SHA-256 as 64 hexadecimal digits.", {"sha256": "Not a SHA-256."}
            )
        if size < 0:
            raise unacceptable("A size is not negative.", {"size": "Not a size."})
        if size > self._limits.blob_most:
            most = self._limits.blob_most // (1024 * 1024)
            raise Problem(413, "too_large", f"A file may have {most} MB at most.")
        with self._grants.reading(user) as (connection, grant):
            readable = self._holder(connection, grant, sha256) is not None
            own = _own(connection, user, sha256)
        if readable:
            return READABLE, size
        if own is None or own.size != size:
            with self._database.write() as connection:
                # Another device of theirs may have opened it in between.
                own = _own(connection, user, sha256)
                old = own.id if own and own.size != size else ""
                if own is None or old:
                    new = Upload("", sha256, size, media_type, name, 0, False)
                    own = self._open(connection, user, old, new)
            if old:
                self._store.drop_part(old)
        found = self._as_it_is(own)
        if found.complete:
            return found.id, found.size
        return found.id, found.received if size else self.upload(user, found.id, 0, b"")

    def _as_it_is(self, found: Upload) -> Upload:
        """An upload with no more bytes than are here: a crash may have come between its file and what is said of it."""
        if found.complete and self._store.size(found.sha256) == found.size:
            return found
        return replace(found, complete=False, received=min(found.received, self._store.part_size(found.id)))

    def _open(self, connection: Connection, user: str, old: str, new: Upload) -> Upload:
        """Write a new upload down in the place of the `old` one, if there is one."""
        open_ones = select(func.count()).where(upload.c.user_id == user, ~upload.c.complete)
        if connection.execute(open_ones).scalar_one() >= self._limits.uploads_most:
            raise Problem(429, "too_many_uploads", "Finish the other uploads first.", retry_after=30.0)
        brought = select(func.coalesce(func.sum(upload.c.size), 0)).where(
            upload.c.user_id == user, upload.c.id != old
        )
        if connection.execute(brought).scalar_one() + new.size > self._limits.uploads_bytes:
            # No time to wait is named: that would hold up the device's other calls as well.
            days = self._limits.upload_keep.days
            raise Problem(
                429, "too_much_uploaded", f"That is more than one account may bring in {days} days."
            )
        if old:
            connection.execute(delete(upload).where(upload.c.id == old))
        values = {**vars(new), "id": self._ids.new_id(), "user_id": user, "touched_at": self._clock.now()}
        values["name"], values["media_type"] = new.name[:255], new.media_type[:200]
        connection.execute(insert(upload).values(values))
        return Upload(values["id"], new.sha256, new.size, values["media_type"], values["name"], 0, False)

    def upload_state(self, user: str, upload_id: str) -> Upload:
        """Return an upload of this user. Raises Problem 404."""
        noted = self._noted(user, upload_id)
        if noted is None:
            raise not_found()
        return self._as_it_is(noted)

    def _noted(self, user: str, upload_id: str) -> Upload | None:
        """An upload as its row says it is."""
        with self._database.read() as connection:
            row = connection.execute(
                select(upload).where(upload.c.id == upload_id, upload.c.user_id == user)
            ).first()
        return _upload(row)

    def upload(self, user: str, upload_id: str, offset: int, data: bytes) -> int:
        """Take bytes at `offset`; return how many are here now. Raises Problem 404, 409, 413, 422.

        Several devices of a user may send the same file: here they take turns, and of what another process does the
        row tells.
        """
        with self._turns[hash(upload_id) % _TURNS]:
            noted = self._noted(user, upload_id)
            if noted is None:
                raise not_found()
            found = self._as_it_is(noted)
            if found.complete:
                return found.size
            if offset != found.received:
                raise _elsewhere(found.received)
            if offset + len(data) > found.size:
                raise Problem(413, "too_large", "These are more bytes than were announced.")
            return self._take(user, noted, offset, data)

    def _take(self, user: str, noted: Upload, offset: int, data: bytes) -> int:
        """Keep bytes, and say so if the row is still the one that was `noted`."""
        try:
            self._store.write_part(noted.id, offset, data)
        except TooManyPieces:
            raise Problem(413, "too_many_pieces", "Send this file in larger pieces.") from None
        received = offset + len(data)
        complete = received == noted.size
        unmoved = _unmoved(noted)
        if complete:
            try:
                self._store.finish_part(noted.id, noted.sha256)
            except DamagedBlob:
                with self._database.write() as connection:
                    mine = connection.execute(delete(upload).where(unmoved)).rowcount == 1
                if not mine:
                    return self._overtaken(user, noted.id)
                self._store.drop_part(noted.id)
                message = "The bytes that arrived are not the file that was announced."
                raise Problem(422, "checksum", message) from None
        now = self._clock.now()
        values = {"received": received, "complete": complete, "touched_at": now}
        with self._database.write() as connection:
            mine = connection.execute(update(upload).where(unmoved).values(values)).rowcount == 1
            if complete:
                _note_blob(connection, noted.sha256, noted.size, now)
        if not mine:
            return self._overtaken(user, noted.id)
        if complete:
            # Only now: another process that is ending the same upload reads its pieces until the row says so.
            self._store.drop_part(noted.id)
        return received

    def _overtaken(self, user: str, upload_id: str) -> int:
        """Another process has gone on with this upload, or ended it: say how it stands. Raises Problem 404, 409."""
        noted = self._noted(user, upload_id)
        if noted is None or noted.complete:
            self._store.drop_part(upload_id)  # what was written here after the end
        if noted is None:
            raise not_found()
        found = self._as_it_is(noted)
        if not found.complete:
            raise _elsewhere(found.received)
        return found.size

    # -------------------------------------------------------------------------------------- use in a mutation

    def usable(self, connection: Connection, grant: Grant, sha256: str) -> int | None:
        """Return the size of bytes this user may attach: read already, or uploaded whole by them; else None."""
        holder = self._holder(connection, grant, sha256)
        size = _size(connection, sha256)
        own = _own_complete(connection, grant.user, sha256) and self._store.size(sha256) == size
        if holder is None and not own:
            return None
        if size is not None or holder is None:
            return size
        stated = holder.data.get("size")
        return stated if isinstance(stated, int) else None

    def body(self, user: str, sha256: str, media_type: str, name: str) -> FileBody:
        """Return bytes this user may read as a file to hand to a source system. Raises Problem 404, 503."""
        found = self.find(user, sha256)
        return FileBody(sha256, found.size, media_type, name, self.read(sha256, 0, found.size))

    # ------------------------------------------------------------------------------------------------ clean-up

    def tidy(self) -> int:
        """Throw away uploads nobody touched for long, and their bytes unless a record names them. Returns how many."""
        oldest = self._clock.now() - self._limits.upload_keep
        bytes_of: list[str] = []
        with self._database.write() as connection:
            rows = connection.execute(select(upload).where(upload.c.touched_at < oldest)).all()
            for row in rows:
                connection.execute(delete(upload).where(upload.c.id == row.id))
                if row.complete and not _needed(connection, row.sha256):
                    connection.execute(delete(blob).where(blob.c.sha256 == row.sha256))
                    bytes_of.append(row.sha256)
        # What is not thrown away because the process ends here is found by `drop_strays`.
        for row in rows:
            self._store.drop_part(row.id)
        for sha256 in bytes_of:
            self._store.drop(sha256)
        return len(rows)

    def drop_strays(self) -> int:
        """Throw away bytes the database knows nothing of: left by a crash, or newer than a backup that was put back.

        Looks at everything that is stored, and only at what is older than any upload may be. Returns how many.
        """
        before, dropped = self._clock.now() - self._limits.upload_keep, 0
        self._store.forget_broken(before)
        for ids in _by_many(self._store.old_parts(before)):
            with self._database.read() as connection:
                known = set(connection.execute(select(upload.c.id).where(upload.c.id.in_(ids))).scalars())
            for stray in ids - known:
                self._store.drop_part(stray)
                dropped += 1
        for hashes in _by_many(self._store.old_blobs(before)):
            with self._database.read() as connection:
                noted = connection.execute(select(blob.c.sha256).where(blob.c.sha256.in_(hashes)))
                known = set(noted.scalars())
                strays = [sha256 for sha256 in hashes - known if not _needed(connection, sha256)]
            for stray in strays:
                self._store.drop(stray)
                dropped += 1
        return dropped


def _needed(connection: Connection, sha256: str) -> bool:
    others = select(upload.c.id).where(upload.c.sha256 == sha256, upload.c.complete)
    return bool(mirrored.holders(connection, sha256)) or connection.execute(others).first() is not None


def _by_many(items: Iterator[str]) -> Iterator[set[str]]:
    while many := set(islice(items, _MANY)):
        yield many


def _elsewhere(received: int) -> Problem:
    here = str(received)
    return Problem(409, "offset", f"Go on at byte {here}.", fields={"offset": here})


def _unmoved(noted: Upload) -> ColumnElement[bool]:
    """An upload's row if it still says what it said."""
    return and_(
        upload.c.id == noted.id, upload.c.received == noted.received, upload.c.complete == noted.complete
    )


def _own(connection: Connection, user: str, sha256: str) -> Upload | None:
    row = connection.execute(
        select(upload).where(upload.c.user_id == user, upload.c.sha256 == sha256)
    ).first()
    return _upload(row)


def _upload(row: Row[*tuple[Any, ...]] | None) -> Upload | None:
    if row is None:
        return None
    return Upload(row.id, row.sha256, row.size, row.media_type, row.name, row.received, row.complete)


def _own_complete(connection: Connection, user: str, sha256: str) -> bool:
    found = _own(connection, user, sha256)
    return found is not None and found.complete


def _size(connection: Connection, sha256: str) -> int | None:
    size: int | None = connection.execute(select(blob.c.size).where(blob.c.sha256 == sha256)).scalar()
    return size


def _note_blob(connection: Connection, sha256: str, size: int, now: datetime) -> None:
    if _size(connection, sha256) is None:
        connection.execute(insert(blob).values(sha256=sha256, size=size, stored_at=now))
