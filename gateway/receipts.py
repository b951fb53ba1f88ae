"""Receipts: one Ed25519 signature over the Merkle root of each batch of outcomes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Connection, insert, select

from app.contract.mutations import Status
from app.contract.receipts import Receipt, ReceiptBody, merkle
from gateway.clock import Ids
from gateway.ledger import Entry, find
from gateway.problems import not_found
from gateway.tables import ledger, receipt_batch

_ADD_BATCH = insert(receipt_batch)


def receipt_body(entry: Entry, status: Status, written_at: datetime | None) -> ReceiptBody:
    """Return what is attested about an entry: times in UTC, since a leaf is made of their text."""
    return ReceiptBody(
        mutation_id=entry.mutation_id,
        body_hash=entry.body_hash,
        gid=entry.gid,
        status=status.value,
        captured_at=entry.captured_at.astimezone(UTC),
        received_at=entry.received_at,
        written_at=written_at,
    )


class Notary:
    """Signs batches and gives receipts out."""

    def __init__(self, key: Ed25519PrivateKey, ids: Ids) -> None:
        self._key = key
        self._ids = ids
        self.public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def seal(self, connection: Connection, leaves: Sequence[str], now: datetime) -> tuple[str, list[str]]:
        """Sign leaves as one batch; returns its id and each leaf's path as JSON, for the ledger to keep."""
        root, paths = merkle(leaves)
        batch = self._ids.new_id()
        signature = self._key.sign(root.encode()).hex()
        values = {"id": batch, "root": root, "signature": signature, "key": self.public, "signed_at": now}
        connection.execute(_ADD_BATCH, values)
        return batch, [json.dumps(path) for path in paths]

    def receipt(self, connection: Connection, user: str, mutation_id: str) -> Receipt:
        """Return the receipt of a user's own mutation. Raises Problem 404."""
        entry = find(connection, user, mutation_id)
        if entry is None or entry.stored is None:
            raise not_found()
        row = connection.execute(
            select(ledger.c.path, receipt_batch)
            .join(receipt_batch, receipt_batch.c.id == ledger.c.batch)
            .where(ledger.c.seq == entry.seq)
        ).one()
        path = tuple((side, node) for side, node in json.loads(row.path))
        body = receipt_body(entry, entry.stored.status, entry.written_at)
        return Receipt(body=body, path=path, root=row.root, signature=row.signature, key=row.key)
