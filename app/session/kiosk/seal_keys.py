"""The two keys of one person at one kiosk, out of the seal that the gateway gives: for the store, and for kept work."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.session.held_key import HeldKey
from app.store.pages import KEY_SIZE

_SALT = b"counterpart kiosk 1"
_STORE, _KEPT = b"store", b"kept"


@dataclass(frozen=True)
class SealKeys:
    """Keys in memory: `store` opens the store, `kept` what was not sent."""

    store: HeldKey
    kept: HeldKey

    @classmethod
    def of(cls, seal: bytes) -> SealKeys:
        """Derive both. The same seal gives the same keys."""
        return cls(HeldKey(_derived(seal, _STORE)), HeldKey(_derived(seal, _KEPT)))

    @classmethod
    def joined(cls, both: bytes) -> SealKeys:
        """Take both out of what `join` gave."""
        return cls(HeldKey(both[:KEY_SIZE]), HeldKey(both[KEY_SIZE:]))

    def join(self) -> bytes:
        """Return both in one. Raises KeyGone."""
        return self.store.read() + self.kept.read()

    def drop(self) -> None:
        """Overwrite and forget both."""
        self.store.drop()
        self.kept.drop()


def _derived(seal: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_SIZE, _SALT, purpose).derive(seal)
