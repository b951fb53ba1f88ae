"""The publisher's keys: Ed25519, each in a file of its own, encrypted with a passphrase.

Those of the root and of *targets* belong on media that are offline; *snapshot* and *timestamp* sign by themselves.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from securesystemslib.signer import CryptoSigner

ROOT_KEYS = ("root-1", "root-2", "root-3")
ROOT_THRESHOLD = 2
CHANNELS = ("stable", "beta")
ROLES = ("targets", *CHANNELS, "snapshot", "timestamp")

_SHORTEST = 12


class Keys:
    """A folder of keys. Any of them may be missing: what needs it then fails by its name."""

    def __init__(self, folder: Path, passphrase: str) -> None:
        """Raises ValueError for a passphrase of fewer than 12 characters."""
        if len(passphrase) < _SHORTEST:
            raise ValueError(f"the passphrase has fewer than {_SHORTEST} characters")
        self.folder = folder
        self._passphrase = passphrase.encode()

    def make(self, name: str) -> CryptoSigner:
        """Make a key and write it, encrypted. Raises FileExistsError when there is one."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = Ed25519PrivateKey.generate()
        text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(self._passphrase))
        descriptor = os.open(self._path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
        return CryptoSigner(key)

    def signer(self, name: str) -> CryptoSigner:
        """Return a key. Raises FileNotFoundError, and ValueError for another passphrase."""
        return CryptoSigner(load_pem_private_key(self._path(name).read_bytes(), self._passphrase))

    def has(self, name: str) -> bool:
        """Whether a key is in this folder."""
        return self._path(name).exists()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.pem"
