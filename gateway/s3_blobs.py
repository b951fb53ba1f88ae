"""File bytes in a store that speaks S3: the same promises as on disk, for many gateway processes that share none.

Each chunk of an upload is an object of its own, named by its offset, so that any process may take the next one. At
the end they are read once, hashed on the way, and written under their hash; that object appears only when the hash is
right. Nothing is ever held in memory but one block. Objects are never made public, and what is wrong with the store is
one clear answer: 503 for the caller, the cause in the log, and words for a person from `problem`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError

from gateway.blobs import DamagedBlob, TooManyPieces
from gateway.problems import Problem, too_busy
from gateway.s3_bucket import Bucket, cause, connect, missing, public

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

log = structlog.get_logger(__name__)

#: Bytes read at a time, and bytes of one part of a large object: S3 wants 5 MB at least.
_PIECE = 256 * 1024
_BLOCK = 8 * 1024 * 1024
#: Chunks one upload may come in: each is an object that costs a call to find.
_MOST_PIECES = 4000
#: Seconds after which a caller may ask again when the store did not answer.
_WAIT = 15.0
#: How often reading goes on where a connection broke.
_RESUMES = 3


@dataclass(frozen=True)
class _Part:
    """A chunk of an upload as it lies in the store."""

    key: str
    offset: int
    size: int


class S3Blobs:
    """Blobs as objects of one bucket. Every call may raise Problem 503, and then has changed nothing that counts."""

    def __init__(self, bucket: Bucket, client: S3Client | None = None) -> None:
        """`client`: what to call the store with; made from `bucket` when it is left out."""
        self._bucket = bucket
        self._name = bucket.name
        self._s3 = client or connect(bucket)
        self._sealed: Any = bucket.sealed()

    # --------------------------------------------------------------------------------------------- uploads

    def write_part(self, upload: str, offset: int, data: bytes) -> None:
        """Write bytes of an upload at `offset`; whatever stood behind it is cut off. Raises TooManyPieces."""
        with self._translated():
            parts = self._parts(upload)
            if len(parts) >= _MOST_PIECES:
                raise TooManyPieces(upload)
            self._delete(part.key for part in parts if part.offset > offset)
            self._put(self._part_key(upload, offset), data)

    def part_size(self, upload: str) -> int:
        """Return how many bytes of an unfinished upload are here, without a hole."""
        with self._translated():
            return sum(used for _, used in _chain(self._parts(upload)))

    def finish_part(self, upload: str, sha256: str) -> None:
        """Turn an upload into a blob. Its chunks stay until `drop_part`: another process may be reading them."""
        with self._translated():
            try:
                self._place(sha256, self._joined(upload))
            except ClientError as error:
                if not missing(error):
                    raise
                # Somebody has ended or thrown away this upload while it was read.
                raise DamagedBlob(sha256) from error

    def drop_part(self, upload: str) -> None:
        """Throw an unfinished upload away."""
        with self._translated():
            self._delete(part.key for part in self._parts(upload))

    def _parts(self, upload: str) -> list[_Part]:
        """Return the chunks of an upload by offset."""
        prefix = self._part_key(upload)
        return [
            _Part(item["Key"], int(item["Key"].removeprefix(prefix)), item["Size"])
            for item in self._listed(prefix)
        ]

    def _joined(self, upload: str) -> Iterator[bytes]:
        for part, used in _chain(self._parts(upload)):
            yield from self._pieces(part.key, 0, used)

    # ----------------------------------------------------------------------------------------------- blobs

    def keep(self, sha256: str, pieces: Iterator[bytes]) -> int:
        """Store a blob; returns its size in bytes. Raises DamagedBlob when the content has another hash."""
        with self._translated():
            return self._place(sha256, pieces)

    def size(self, sha256: str) -> int | None:
        """Return how many bytes of a blob are here, None when it is not."""
        with self._translated():
            try:
                return self._s3.head_object(Bucket=self._name, Key=self._blob_key(sha256))["ContentLength"]
            except ClientError as error:
                if not missing(error):
                    raise
                # The answer is the same when the whole bucket is gone, and then nothing is known of this blob.
                self._s3.head_bucket(Bucket=self._name)
                return None

    def read(self, sha256: str, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from `start` up to, not including, `end`. A store that is down is told before the first."""
        if start >= end:
            return iter(())
        pieces = self._guarded(self._pieces(self._blob_key(sha256), start, end))
        first = next(pieces, b"")
        return _with_first(first, pieces)

    def drop(self, sha256: str) -> None:
        """Throw a blob away."""
        with self._translated():
            self._delete((self._blob_key(sha256),))

    def _place(self, sha256: str, pieces: Iterator[bytes]) -> int:
        """Write an object that appears only when all of it is there and its hash is right."""
        key, digest, size = self._blob_key(sha256), hashlib.sha256(), 0
        large: _Large | None = None
        try:
            for block in _blocks(pieces):
                digest.update(block)
                size += len(block)
                if large is None and len(block) < _BLOCK:
                    _check(digest.hexdigest(), sha256)
                    self._put(key, block)
                    return size
                large = large or _Large(self._s3, self._name, key, self._sealed)
                large.add(block)
            _check(digest.hexdigest(), sha256)
            if large is None:
                self._put(key, b"")
            else:
                large.complete()
        except BaseException:
            if large is not None:
                large.abort()
            raise
        return size

    # ------------------------------------------------------------------------------------------- looking after

    def old_parts(self, before: datetime) -> Iterator[str]:
        """Yield the ids of uploads of which nothing was written since `before`."""
        with self._translated():
            newest: dict[str, datetime] = {}
            prefix = f"{self._bucket.prefix}uploads/"
            for item in self._listed(prefix):
                upload = item["Key"].removeprefix(prefix).partition("/")[0]
                newest[upload] = max(item["LastModified"], newest.get(upload, item["LastModified"]))
        yield from (upload for upload, at in newest.items() if at < before)

    def old_blobs(self, before: datetime) -> Iterator[str]:
        """Yield the hashes of blobs that were stored before then."""
        listed = self._listed(f"{self._bucket.prefix}blobs/")
        for item in self._guarded(listed):
            if item["LastModified"] < before:
                yield item["Key"].rpartition("/")[2]

    def forget_broken(self, before: datetime) -> None:
        """Throw away what writes left behind that were broken off before then."""
        with self._translated():
            pages = self._s3.get_paginator("list_multipart_uploads").paginate(
                Bucket=self._name, Prefix=self._bucket.prefix
            )
            for page in pages:
                for item in page.get("Uploads", ()):
                    if item["Initiated"] < before:
                        self._s3.abort_multipart_upload(
                            Bucket=self._name, Key=item["Key"], UploadId=item["UploadId"]
                        )

    def problem(self) -> str:
        """Say what is wrong with the store and how to mend it; empty when a file can be written, read and dropped."""
        key, data = f"{self._bucket.prefix}check/{os.urandom(8).hex()}", os.urandom(32)
        try:
            self._s3.head_bucket(Bucket=self._name)
            self._put(key, data)
            read = b"".join(self._pieces(key, 0, len(data)))
            self._parts("check")
            self._delete((key,))
        except (BotoCoreError, ClientError) as error:
            return cause(self._bucket, error)
        if read != data:
            return (
                f"What was written to bucket {self._name} comes back changed. Look at what lies in between."
            )
        return public(self._bucket, self._s3)

    # ----------------------------------------------------------------------------------------------- one call

    def _part_key(self, upload: str, offset: int | None = None) -> str:
        # Twenty digits: what is listed comes in the order of the bytes.
        return f"{self._bucket.prefix}uploads/{upload}/{'' if offset is None else f'{offset:020}'}"

    def _blob_key(self, sha256: str) -> str:
        return f"{self._bucket.prefix}blobs/{sha256[:2]}/{sha256}"

    def _put(self, key: str, data: bytes) -> None:
        self._s3.put_object(Bucket=self._name, Key=key, Body=data, **self._sealed)

    def _delete(self, keys: Iterable[str]) -> None:
        # One by one: not every store knows how to delete many at once, and there are never many.
        for key in keys:
            self._s3.delete_object(Bucket=self._name, Key=key)

    def _listed(self, prefix: str) -> Iterator[Any]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._name, Prefix=prefix)
        for page in pages:
            yield from page.get("Contents", ())

    def _pieces(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Read a range of an object; a connection that breaks is opened again where it broke."""
        resumes = 0
        while start < end:
            try:
                # The range is inclusive; one that reaches past the end is cut off there.
                found = self._s3.get_object(Bucket=self._name, Key=key, Range=f"bytes={start}-{end - 1}")
                end = min(end, start + found["ContentLength"])
                with closing(found["Body"]) as body:
                    for piece in body.iter_chunks(_PIECE):
                        start += len(piece)
                        yield piece
            except (HTTPClientError, IncompleteReadError):
                resumes += 1
                if resumes > _RESUMES:
                    raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn whatever the store or the way to it does wrong into one Problem; its cause goes into the log."""
        try:
            yield
        except (BotoCoreError, ClientError) as error:
            raise self._told(error) from error

    def _guarded(self, items: Iterator[Any]) -> Iterator[Any]:
        with self._translated():
            yield from items

    def _told(self, error: Exception) -> Problem:
        log.error("file store does not answer", cause=cause(self._bucket, error))
        return too_busy("Files cannot be stored or read at the moment.", _WAIT)


class _Large:
    """An object written in several parts; nobody sees it before `complete`."""

    def __init__(self, s3: S3Client, bucket: str, key: str, sealed: Any) -> None:
        self._s3 = s3
        self._at: dict[str, str] = {"Bucket": bucket, "Key": key}
        self._at["UploadId"] = s3.create_multipart_upload(Bucket=bucket, Key=key, **sealed)["UploadId"]
        self._parts: list[Any] = []

    def add(self, block: bytes) -> None:
        number = len(self._parts) + 1
        written = self._s3.upload_part(**self._at, PartNumber=number, Body=block)  # type: ignore[arg-type]
        self._parts.append({"ETag": written["ETag"], "PartNumber": number})

    def complete(self) -> None:
        parts: Any = {"Parts": self._parts}
        self._s3.complete_multipart_upload(**self._at, MultipartUpload=parts)  # type: ignore[arg-type]

    def abort(self) -> None:
        # What cannot be thrown away now is found by `forget_broken`.
        with suppress(BotoCoreError, ClientError):
            self._s3.abort_multipart_upload(**self._at)  # type: ignore[arg-type]


def _chain(parts: list[_Part]) -> Iterator[tuple[_Part, int]]:
    """Yield the chunks that follow one another from the first byte, each with how many of its bytes count.

    A later offset was written later, so it covers what reaches beyond it.
    """
    end = 0
    counted: list[_Part] = []
    for part in parts:
        if part.offset > end:
            break
        counted.append(part)
        end = part.offset + part.size
    for at, part in enumerate(counted):
        until = counted[at + 1].offset if at + 1 < len(counted) else end
        if until > part.offset:
            yield part, until - part.offset


def _blocks(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Put pieces together to blocks of equal size; the last may be shorter."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= _BLOCK:
            yield bytes(held[:_BLOCK])
            del held[:_BLOCK]
    if held:
        yield bytes(held)


def _with_first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _check(found: str, sha256: str) -> None:
    if found != sha256:
        raise DamagedBlob(sha256)
