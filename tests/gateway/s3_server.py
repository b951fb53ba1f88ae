"""A server that speaks S3, in a thread of the test process, and stores over it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from moto.server import ThreadedMotoServer

from gateway.s3_blobs import S3Blobs
from gateway.s3_bucket import Bucket, connect


@dataclass
class S3Server:
    """Its address, and buckets in it that are nobody else's."""

    url: str
    _made: int = 0

    def bucket(self) -> Bucket:
        """Make an empty bucket."""
        self._made += 1
        bucket = Bucket(
            f"files-{self._made}", self.url, prefix="counterpart/", access_key="key", secret_key="secret"
        )
        connect(bucket).create_bucket(Bucket=bucket.name)
        return bucket

    def store(self) -> S3Blobs:
        """Return a store over an empty bucket."""
        return S3Blobs(self.bucket())


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Run the server while the block runs."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield S3Server(f"http://{host}:{port}")
    finally:
        server.stop()


def keys(bucket: Bucket) -> list[str]:
    """Everything that lies in a bucket, in order."""
    found = connect(bucket).list_objects_v2(Bucket=bucket.name).get("Contents", [])
    return [item["Key"].removeprefix(bucket.prefix) for item in found]


def elsewhere(bucket: Bucket, **changes: str) -> S3Blobs:
    """Return a store with other settings."""
    return S3Blobs(replace(bucket, **changes))
