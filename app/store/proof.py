"""How many records the mirror holds and what their hashes add up to, by entity type and bucket.

Read from the covering index of each entity type, without touching a record: what `record` shows under a shadow is not
server truth, so those few are taken away and their truth is added.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import TypeVar

from app.contract.canonical import canonical, content_hash
from app.contract.digest import BUCKETS, EMPTY, Buckets, added, item
from app.store.connection import Connection
from app.store.cursors import Cursors
from app.store.faults import GaveWay
from app.store.indexes import ITEM
from app.store.query import text_literal

_MODULUS = 1 << 64

#: After so many records whoever hashes them asks whether somebody else has more urgent work; a power of two.
_SLICE = 512

# Sums of halves do not overflow.
_TOTAL = f"""
    SELECT count(item), coalesce(sum(item & 4294967295), 0), coalesce(sum(item >> 32), 0)
    FROM (SELECT {ITEM} AS item FROM record WHERE {{of}})
"""

# GROUP BY takes nothing from an index of expressions; a step before it does.
_SUMS = f"""
    WITH each AS MATERIALIZED (SELECT {ITEM} AS item FROM record WHERE {{of}})
    SELECT item & 15, count(*), sum(item & 4294967295), sum(item >> 32) FROM each GROUP BY 1
"""

#: Entity types the manifest does not know; it reads every record, and so is asked only when there are any.
_UNKNOWN = "SELECT DISTINCT entity FROM record WHERE entity NOT IN (SELECT value FROM json_each(?))"

#: Count and sum over all buckets of one entity type.
Total = tuple[int, int]

Answer = TypeVar("Answer")


class Proofs:
    """Counts and sums of server truth."""

    def __init__(self, connection: Connection, cursors: Cursors) -> None:
        self._connection = connection
        self._cursors = cursors

    def counts(self) -> dict[str, int]:
        """Return the number of records of the mirror by entity type; none where there are none."""
        with self._connection.reading():
            found = self._each_entity(self._count, lambda count: count)
            for entity, _, _, sign in self._overlaid():
                found[entity] = found.get(entity, 0) + sign
        return {entity: count for entity, count in found.items() if count}

    def totals(self) -> dict[str, Total]:
        """Return count and sum over all buckets of every entity type that has records; quicker than `sums`."""
        with self._connection.reading():
            found = self._each_entity(self._total, lambda total: total[0])
            for entity, gid, record_hash, sign in self._overlaid():
                count, total = found.get(entity, (0, 0))
                found[entity] = (count + sign, (total + sign * item(gid, record_hash)) % _MODULUS)
        return {entity: total for entity, total in found.items() if total != (0, 0)}

    def sums(self) -> dict[str, Buckets]:
        """Return the buckets of every entity type that has records, from the hashes that are stored."""
        with self._connection.reading():
            found = self._each_entity(self._stored, lambda sums: sum(count for count, _ in sums))
            for entity, gid, record_hash, sign in self._overlaid():
                found[entity] = added(found.get(entity, EMPTY), (item(gid, record_hash),), sign)
        return {entity: sums for entity, sums in found.items() if sums != EMPTY}

    def rehashed(self, undisturbed: Callable[[], bool] = lambda: True) -> dict[str, Buckets]:
        """Return the same from the bytes that are stored: every record is hashed anew.

        `undisturbed` is asked every few hundred records; raises GaveWay when it says no.
        """
        with self._connection.reading():
            found = self.sums()
            for entity, gid, stored, real in self._untrue(undisturbed):
                without = added(found.get(entity, EMPTY), (item(gid, stored),), -1)
                found[entity] = added(without, (item(gid, real),))
        return found

    def _each_entity(
        self, ask: Callable[[str], Answer], counted: Callable[[Answer], int]
    ) -> dict[str, Answer]:
        """Ask about the records of each entity type; about types no manifest knows only if the rest is not all."""
        manifest = self._cursors.manifest()
        known = [] if manifest is None else [entity.name for entity in manifest.entities]
        found = {name: ask(f"entity = {text_literal(name)}") for name in known}
        if sum(map(counted, found.values())) == self._connection.value("SELECT count(*) FROM record"):
            return found
        unknown = [name for (name,) in self._connection.rows(_UNKNOWN, (json.dumps(known),))]
        return {**found, **{name: ask(f"entity = {text_literal(name)}") for name in unknown}}

    def _count(self, of: str) -> int:
        return int(self._connection.value(f"SELECT count(*) FROM record WHERE {of}"))

    def _total(self, of: str) -> Total:
        rows = self._connection.rows(_TOTAL.format(of=of))
        ((count, low, high),) = rows
        return count, (low + (high << 32)) % _MODULUS

    def _stored(self, of: str) -> Buckets:
        sums = [(0, 0)] * BUCKETS
        for bucket, count, low, high in self._connection.rows(_SUMS.format(of=of)):
            sums[bucket] = (count, (low + (high << 32)) % _MODULUS)
        return tuple(sums)

    def _overlaid(self) -> Iterator[tuple[str, str, str, int]]:
        """Entity, gid, hash and sign of what `record` shows under a shadow, and of the truth it stands for."""
        rows = self._connection.rows(
            # Crossed, so that the few shadows are looked up among the records and not the other way round.
            "SELECT record.entity, gid, record.hash, -1 FROM shadow CROSS JOIN record USING (gid)"
            " UNION ALL SELECT entity, gid, hash, 1 FROM shadow WHERE data IS NOT NULL"
        )
        yield from rows

    def _untrue(self, undisturbed: Callable[[], bool]) -> Iterator[tuple[str, str, str, str]]:
        """Entity, gid, stored hash and real hash of every record whose bytes are not what its hash says."""
        rows = self._connection.each(
            "SELECT entity, gid, hash, data FROM shadow WHERE data IS NOT NULL"
            " UNION ALL SELECT entity, gid, hash, data FROM record"
            " WHERE NOT EXISTS (SELECT 1 FROM shadow WHERE shadow.gid = record.gid)"
        )
        sha256 = hashlib.sha256
        for number, (entity, gid, stored, data) in enumerate(rows):
            if not number % _SLICE and not undisturbed():
                raise GaveWay
            # As `content_hash` makes it, without a call for each of hundreds of thousands.
            if sha256(data.encode()).hexdigest()[:32] != stored and (real := real_hash(data)) != stored:
                yield entity, gid, stored, real


def real_hash(text: str) -> str:
    """Return the hash of a record's stored bytes; what is not canonical is brought into that form first."""
    try:
        return content_hash(canonical(json.loads(text)))
    except ValueError:
        return ""
