"""Bucket checksums that prove two sets of records equal without sending them.

A record belongs to one of 16 buckets of its entity type, by the last hexadecimal digit of its gid (random in a
UUIDv7, hashed in a derived id). A bucket is the count and the sum, modulo 2**64, of one 64-bit number per record
made from gid and record hash; a sum does not depend on order and can be kept up to date by adding and subtracting.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

BUCKETS = 16
_MODULUS = 1 << 64

#: `(count, sum)` for each bucket of one entity type.
Buckets = tuple[tuple[int, int], ...]


def bucket_of(gid: str) -> int:
    """Return the bucket, 0 to 15, of a gid."""
    return int(gid[-1], 16)


def item(gid: str, record_hash: str) -> int:
    """Return the 64-bit number one record adds to its bucket."""
    return int.from_bytes(hashlib.blake2b(f"{gid} {record_hash}".encode(), digest_size=8).digest(), "big")


def buckets(records: Iterable[tuple[str, str]]) -> Buckets:
    """Return the buckets of `(gid, record hash)` pairs of one entity type."""
    counts = [0] * BUCKETS
    sums = [0] * BUCKETS
    for gid, record_hash in records:
        index = bucket_of(gid)
        counts[index] += 1
        sums[index] = (sums[index] + item(gid, record_hash)) % _MODULUS
    return tuple(zip(counts, sums, strict=True))


def differing(mine: Mapping[str, Buckets], theirs: Mapping[str, Buckets]) -> tuple[tuple[str, int], ...]:
    """Return `(entity, bucket)` wherever the two sides differ; an absent entity counts as empty."""
    empty: Buckets = ((0, 0),) * BUCKETS
    return tuple(
        (entity, index)
        for entity in sorted({*mine, *theirs})
        for index in range(BUCKETS)
        if mine.get(entity, empty)[index] != theirs.get(entity, empty)[index]
    )
