"""What files come to, kept in the database: no file is read twice for it, by any process, before or after a restart."""

from __future__ import annotations

from sqlalchemy import select

from gateway.bulk import merge_many
from gateway.crm.digests import Digests, KnownFile
from gateway.database import Database
from gateway.tables import file_digest

_LONGEST = 200


class KeptDigests:
    """`Digests` in the gateway's database. Not to be asked inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str) -> KnownFile | None:
        """Return what was noted."""
        found = select(file_digest.c.sha256, file_digest.c.size).where(file_digest.c.key == key)
        with self._database.read() as connection:
            row = connection.execute(found).first()
        return KnownFile(row.sha256, row.size) if row else None

    def put(self, key: str, known: KnownFile) -> None:
        """Note it; a key that is too long is reckoned again each time."""
        if len(key) > _LONGEST:
            return
        row = {"key": key, "sha256": known.sha256, "size": known.size}
        with self._database.write() as connection:
            merge_many(connection, file_digest, ("key",), [row])


class DigestsOf:
    """The digests of one system: another one's files may have the same ids."""

    def __init__(self, digests: Digests, system: str) -> None:
        self._digests = digests
        self._system = system

    def get(self, key: str) -> KnownFile | None:
        """Return what was noted."""
        return self._digests.get(f"{self._system}/{key}")

    def put(self, key: str, known: KnownFile) -> None:
        """Note it."""
        self._digests.put(f"{self._system}/{key}", known)
