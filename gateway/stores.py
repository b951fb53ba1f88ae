"""The store of file bytes that settings ask for."""

from __future__ import annotations

from gateway.blobs import BlobStore, DiskBlobs
from gateway.settings import Settings


def open_blobs(settings: Settings) -> BlobStore:
    """Return where file bytes are kept. Nothing is called yet: whether it answers is told by its `problem`."""
    if settings.blobs == "disk":
        return DiskBlobs(settings.folder)
    # What talks to S3 takes a third of a second to load, which a gateway that keeps its files on disk does not pay.
    from gateway.s3_blobs import S3Blobs  # noqa: PLC0415
    from gateway.s3_bucket import Bucket  # noqa: PLC0415

    prefix = settings.s3_prefix.strip("/")
    bucket = Bucket(
        name=settings.s3_bucket,
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        prefix=f"{prefix}/" if prefix else "",
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value(),
        encryption=settings.s3_encryption,
        kms_key=settings.s3_kms_key,
    )
    return S3Blobs(bucket)
