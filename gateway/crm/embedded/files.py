"""Bytes of files and documents, in parts, kept once per digest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from gateway.crm.embedded.models import ContentPart
from gateway.crm.port import CrmMissing, CrmRefused

PART_BYTES = 256 * 1024
LARGEST_FILE = 50 * 1024 * 1024


@dataclass(frozen=True)
class NewFile:
    """A file a staff member adds."""

    name: str
    media_type: str
    body: bytes


@dataclass(frozen=True)
class Stored:
    """What was stored: digest and number of bytes."""

    digest: str
    size: int


def store(connection: Connection, chunks: Iterable[bytes]) -> Stored:
    """Keep bytes and return their digest. Raises CrmRefused when they are too many."""
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > LARGEST_FILE:
            raise CrmRefused("Files may have at most 50 MB.", {"file_name": "At most 50 MB fit here."})
    digest = hashlib.sha256(body).hexdigest()
    if not _has(connection, digest):
        parts = [
            {"digest": digest, "part_no": number, "body": bytes(body[start : start + PART_BYTES])}
            for number, start in enumerate(range(0, max(len(body), 1), PART_BYTES))
        ]
        connection.execute(insert(ContentPart), parts)
    return Stored(digest, len(body))


def stream(read: Callable[[], AbstractContextManager[Connection]], digest: str) -> Iterator[bytes]:
    """Yield the bytes part by part, each in a short read of its own. Raises CrmMissing when they are not there."""
    with read() as connection:
        if not _has(connection, digest):
            raise CrmMissing(f"The CRM holds no bytes {digest}.")
    return _parts(read, digest)


def _parts(read: Callable[[], AbstractContextManager[Connection]], digest: str) -> Iterator[bytes]:
    number = 0
    while True:
        query = select(ContentPart.body).where(ContentPart.digest == digest, ContentPart.part_no == number)
        with read() as connection:
            body = connection.execute(query).scalar()
        if body is None:
            return
        if body:
            yield body
        number += 1


def _has(connection: Connection, digest: str) -> bool:
    query = select(ContentPart.part_no).where(ContentPart.digest == digest, ContentPart.part_no == 0)
    return connection.execute(query).first() is not None
