"""Send 50 MB to an S3 store, end and read it; prints as JSON what came of it and by how much this process grew.

`python -m tests.gateway.large_blob ENDPOINT BUCKET`
"""

from __future__ import annotations

import hashlib
import json
import random
import resource
import sys
from pathlib import Path

from gateway.s3_blobs import S3Blobs
from gateway.s3_bucket import Bucket

_SIZE = 50 * 1024 * 1024


def _peak() -> int:
    """The most memory this process has had, in bytes."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # The other figure begins with what the process that started this one had.
    (line,) = (line for line in status.read_text("utf-8").splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def main(endpoint: str, bucket: str) -> None:
    """Do it once with a small file, so that everything is loaded, and once with the large one."""
    store = S3Blobs(Bucket(bucket, endpoint, prefix="counterpart/", access_key="key", secret_key="secret"))
    chunk = random.Random(5).randbytes(1024 * 1024)
    small = _through(store, chunk, 1)
    store.drop(small)
    before = _peak()
    sha256 = _through(store, chunk, _SIZE // len(chunk))
    grown = _peak() - before
    size = store.size(sha256) or 0
    digest = hashlib.sha256()
    for piece in store.read(sha256, 0, size):
        digest.update(piece)
    whole = digest.hexdigest() == sha256
    told = {"sha256": sha256, "size": size, "whole": whole, "grown": max(grown, _peak() - before)}
    sys.stdout.write(json.dumps(told))


def _through(store: S3Blobs, chunk: bytes, times: int) -> str:
    digest = hashlib.sha256()
    for number in range(times):
        digest.update(chunk)
        store.write_part("large", number * len(chunk), chunk)
    store.finish_part("large", digest.hexdigest())
    store.drop_part("large")
    return digest.hexdigest()


if __name__ == "__main__":
    main(*sys.argv[1:])
