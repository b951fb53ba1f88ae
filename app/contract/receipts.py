"""Signed evidence of what became of a mutation: one Ed25519 signature over the Merkle root of a batch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from app.contract.canonical import canonical


class ReceiptBody(BaseModel):
    """What is attested. `captured_at` is the client's clock and said to be so; the others are the gateway's.

    Members this version does not know are kept, for they are part of what was signed.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    mutation_id: str
    body_hash: str
    gid: str
    status: str
    captured_at: datetime
    received_at: datetime
    written_at: datetime | None

    def leaf(self) -> str:
        """Return the leaf of this receipt in its batch's tree."""
        return _digest(b"\x00" + canonical(self.model_dump(mode="json")).encode())


class Receipt(BaseModel):
    """A receipt with the path from its leaf to the signed root; it can be checked offline.

    `path` holds `(side, hash)` from leaf to root, side "l" or "r" being where the other node stands.
    `signature` is hexadecimal Ed25519 over the root's text, `key` the public key in hexadecimal.
    """

    model_config = ConfigDict(frozen=True)

    body: ReceiptBody
    path: tuple[tuple[str, str], ...]
    root: str
    signature: str
    key: str


def short_name(leaf: str) -> str:
    """Return the receipt's name as shown, such as *R-7F3C*."""
    return f"R-{leaf[:4].upper()}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _join(left: str, right: str) -> str:
    return _digest(b"\x01" + bytes.fromhex(left) + bytes.fromhex(right))


def merkle(leaves: Sequence[str]) -> tuple[str, list[tuple[tuple[str, str], ...]]]:
    """Return the root and, for each leaf, its path. A node without a partner goes up unchanged.

    Raises ValueError for an empty batch.
    """
    if not leaves:
        raise ValueError("a batch has at least one leaf")
    paths: list[list[tuple[str, str]]] = [[] for _ in leaves]
    level = [(leaf, [index]) for index, leaf in enumerate(leaves)]
    while len(level) > 1:
        upper: list[tuple[str, list[int]]] = []
        for index in range(0, len(level) - 1, 2):
            (left, left_leaves), (right, right_leaves) = level[index], level[index + 1]
            for leaf in left_leaves:
                paths[leaf].append(("r", right))
            for leaf in right_leaves:
                paths[leaf].append(("l", left))
            upper.append((_join(left, right), left_leaves + right_leaves))
        if len(level) % 2:
            upper.append(level[-1])
        level = upper
    return level[0][0], [tuple(path) for path in paths]


def leads_to_root(leaf: str, path: Sequence[tuple[str, str]], root: str) -> bool:
    """Tell whether `path` leads from `leaf` to `root`."""
    node = leaf
    for side, other in path:
        node = _join(node, other) if side == "r" else _join(other, node)
    return node == root
