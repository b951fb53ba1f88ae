"""Bucket checksums that prove two sets of records equal without sending them.

A record belongs to one of 16 buckets of its entity type, by the last hexadecimal digit of its gid (random in a
UUIDv7, hashed in a derived id). A bucket is the count and the sum, modulo 2**64, of one 60-bit number per record made
from gid and record hash; a sum does not depend on order and can be kept up to date by adding and subtracting.

The number is 56 bits of the record hash, which is itself a digest, with the bucket's digit below, combined by
exclusive or with 44 bits of the gid: a database makes it from the two texts with its own operators, over all records
at once, and two records of a bucket that have each other's content do not cancel out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

BUCKETS = 16
_MODULUS = 1 << 64

#: Where in the texts the digits are: of the hash the first 14, of the gid the last 12 without the very last.
HASH_DIGITS = 14
GID_START, GID_END = 24, 35

#: `(count, sum)` for each bucket of one entity type.
Buckets = tuple[tuple[int, int], ...]

EMPTY: Buckets = ((0, 0),) * BUCKETS


def bucket_of(gid: str) -> int:
    """Return the bucket, 0 to 15, of a gid."""
    return int(gid[-1], 16)


def item(gid: str, record_hash: str) -> int:
    """Return the 60-bit number one record adds to its bucket; its lowest four bits are the bucket."""
    return int(record_hash[:HASH_DIGITS] + gid[-1], 16) ^ int(gid[GID_START:GID_END] + "0", 16)


def buckets(records: Iterable[tuple[str, str]]) -> Buckets:
    """Return the buckets of `(gid, record hash)` pairs of one entity type."""
    return added(EMPTY, (item(gid, record_hash) for gid, record_hash in records))


def added(before: Buckets, items: Iterable[int], sign: int = 1) -> Buckets:
    """Return buckets with items added, or with `sign` -1 taken away."""
    counts, sums = [count for count, _ in before], [total for _, total in before]
    for one in items:
        counts[one & 15] += sign
        sums[one & 15] += sign * one
    return tuple((count, total % _MODULUS) for count, total in zip(counts, sums, strict=True))


def total(sums: Buckets) -> tuple[int, int]:
    """Return count and sum over all buckets."""
    return sum(count for count, _ in sums), sum(one for _, one in sums) % _MODULUS


def differing(mine: Mapping[str, Buckets], theirs: Mapping[str, Buckets]) -> tuple[tuple[str, int], ...]:
    """Return `(entity, bucket)` wherever the two sides differ; an absent entity counts as empty."""
    return tuple(
        (entity, index)
        for entity in sorted({*mine, *theirs})
        for index in range(BUCKETS)
        if mine.get(entity, EMPTY)[index] != theirs.get(entity, EMPTY)[index]
    )
