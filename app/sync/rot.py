"""Looks whether the bytes of documents rotted on this computer: a digest of records says nothing of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app.contract.said import said
from app.store.database import Store
from app.store.documents import Blob
from app.store.states import BlobState

_DAMAGED = said("Incident: a document was damaged on this computer and thrown away")


def check_documents(store: Store, now: datetime, undisturbed: Callable[[], bool]) -> int:
    """Hash the documents that are here, longest unchecked first, until `undisturbed` says no.

    A damaged one that the gateway has goes, and is pulled again if it is kept. Returns how many were damaged.
    """
    whole = [blob for blob in store.blobs.all() if blob.state is BlobState.COMPLETE]
    damaged = 0
    for blob in sorted(whole, key=lambda one: (one.verified_at is not None, one.verified_at or now)):
        if not undisturbed():
            break
        damaged += _is_damaged(store, blob.sha256, now)
    return damaged


def _is_damaged(store: Store, sha256: str, now: datetime) -> bool:
    with store.transaction():
        blob = store.blobs.get(sha256)
        if blob is None or blob.state is not BlobState.COMPLETE:
            return False  # it has made room for others since the list was read
        if store.blobs.verify(sha256, now):
            return False
        _tell(store, blob, now)
        return True


def _tell(store: Store, blob: Blob, now: datetime) -> None:
    """The line names no document: with a record that is revoked its name would have to go."""
    if blob.unsent:
        text = said("Incident: a file that waits to be sent was damaged on this computer; attach it again")
    elif blob.pinned:
        store.blobs.want(blob.sha256, blob.size, blob.media_type, blob.name, now)
        text = said("Incident: a document was damaged on this computer and thrown away; it is pulled again")
    else:
        text = _DAMAGED
    store.activity.add(now, "incident", text)
