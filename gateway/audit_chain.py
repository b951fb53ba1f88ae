"""The audit log as a chain: each entry's hash covers the one before, so nothing in it can be changed unnoticed.

What a chain by itself does not show is that its end was cut off, or that all of it was written anew. So its head is
kept with a message authentication code of the gateway's secret, and now and then a checkpoint is signed with the key
of receipts, whose public half is published.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.contract.canonical import canonical

#: The hash before the first entry.
GENESIS = "0" * 64


@dataclass(frozen=True)
class Line:
    """One entry. `seq` counts from 1 without gaps; `companies` and `facts` are JSON texts.

    `actor`: a user's id, `staff:` and a login, or empty for the gateway itself and for whoever is not known. `device`:
    its id, for mutations its name. `entity`, `subject`: what it is about, such as an entity type and a gid.
    """

    seq: int
    at: datetime
    event: str
    actor: str
    device: str
    companies: str
    entity: str
    subject: str
    facts: str


@dataclass(frozen=True)
class Head:
    """The end of the chain; `marked` is the entry of the latest checkpoint, 0 for none, and `marked_at` its time."""

    seq: int = 0
    hash: str = GENESIS
    marked: int = 0
    marked_at: datetime | None = None


#: The event that says that the end of the log, as the gateway found it, did not carry its seal: it was written by
#: somebody else, or with another `secret.key`.
FOREIGN_HEAD = "audit_foreign_head"


@dataclass(frozen=True)
class Checkpoint:
    """An entry's hash, signed. `key` and `signature` are hexadecimal."""

    seq: int
    hash: str
    at: datetime
    key: str
    signature: str


def link(previous: str, line: Line) -> str:
    """Return the hash of an entry that follows the one with hash `previous`: SHA-256 in hexadecimal."""
    whole = [
        line.seq,
        _text(line.at),
        line.event,
        line.actor,
        line.device,
        line.companies,
        line.entity,
        line.subject,
        line.facts,
        previous,
    ]
    return hashlib.sha256(canonical(whole).encode()).hexdigest()


class Seal:
    """Marks heads and signs checkpoints, and tells whether one is genuine."""

    def __init__(self, secret: bytes, signing: Ed25519PrivateKey) -> None:
        self._secret = hmac.digest(secret, b"audit", "sha256")
        self._signing = signing
        self.public = signing.public_key().public_bytes_raw().hex()

    def mac(self, head: Head) -> str:
        """Return the code that only this gateway can give a head."""
        whole = canonical([head.seq, head.hash, head.marked, _text(head.marked_at)])
        return hmac.digest(self._secret, whole.encode(), "sha256").hex()

    def is_ours(self, head: Head, mac: str) -> bool:
        """Tell whether a head carries its code."""
        return hmac.compare_digest(self.mac(head).encode(), mac.encode())

    def sign(self, head: Head, at: datetime) -> tuple[Head, Checkpoint]:
        """Sign a head; returns it with its new mark, and the checkpoint."""
        signature = self._signing.sign(_signed(head.seq, head.hash, at)).hex()
        checkpoint = Checkpoint(head.seq, head.hash, at, self.public, signature)
        return replace(head, marked=head.seq, marked_at=at), checkpoint


def is_genuine(checkpoint: Checkpoint) -> bool:
    """Tell whether a checkpoint was signed with the key it names."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(checkpoint.key))
        signed = _signed(checkpoint.seq, checkpoint.hash, checkpoint.at)
        key.verify(bytes.fromhex(checkpoint.signature), signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _signed(seq: int, digest: str, at: datetime) -> bytes:
    # Said to be what it is, so that no signature of a receipt can pass for one of a checkpoint.
    return f"counterpart-audit-checkpoint\n{seq}\n{digest}\n{_text(at)}".encode()


def _text(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).isoformat(timespec="microseconds")
