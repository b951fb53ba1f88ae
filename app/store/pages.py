"""The encrypted file page by page, as SQLCipher 4 lays it out.

Each page of 8,192 bytes ends with a reserve of 80: 16 bytes of initialisation vector and 64 bytes of HMAC-SHA-512 over
what is before them and the page number. The first 16 bytes of page 1 are the salt. This store derives the salt from
the key (which is random and belongs to one file), so that the pages stay readable when the first one is lost.

Used to tell a wrong key from a damaged file, and to salvage what a damaged file still holds.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

#: Twice what SQLCipher takes by default: records of a kilobyte fill it better, which saves a twelfth of the file.
PAGE_SIZE = 8192
KEY_SIZE = 32
SALT_SIZE = 16
RESERVE = 80
_VECTOR_SIZE = 16
_MAC_SIZE = 64
_MAC_SALT_MASK = 0x3A
_MAC_KEY_ROUNDS = 2

#: The most pages looked at to decide whether a key fits; a wrong key fails all of them.
_SAMPLE = 256


def salt_of(key: bytes) -> bytes:
    """Return the salt that belongs to a key."""
    return hashlib.blake2b(key, digest_size=SALT_SIZE, person=b"counterpart-salt").digest()


def key_pragma(key: bytes) -> str:
    """Return the statement that opens a file with this raw key."""
    if len(key) != KEY_SIZE:
        raise ValueError(f"the store's key has {KEY_SIZE} bytes")
    return f"PRAGMA key = \"x'{key.hex()}{salt_of(key).hex()}'\""


class PageReader:
    """Verifies and decrypts single pages."""

    def __init__(self, key: bytes) -> None:
        salt = bytes(byte ^ _MAC_SALT_MASK for byte in salt_of(key))
        self._key = key
        self._mac_key = hashlib.pbkdf2_hmac("sha512", key, salt, _MAC_KEY_ROUNDS, KEY_SIZE)

    def authentic(self, page: bytes, number: int) -> bool:
        """Tell whether a page (1 is the first) was written with this key and is unharmed."""
        if len(page) != PAGE_SIZE:
            return False
        start = SALT_SIZE if number == 1 else 0
        signed = page[start : PAGE_SIZE - _MAC_SIZE] + number.to_bytes(4, "little")
        return hmac.compare_digest(hmac.digest(self._mac_key, signed, "sha512"), page[-_MAC_SIZE:])

    def plain(self, page: bytes, number: int) -> bytes:
        """Return a page's plain bytes without its reserve; page 1 starts with 16 zero bytes instead of the salt."""
        start = SALT_SIZE if number == 1 else 0
        end = PAGE_SIZE - RESERVE
        vector = page[end : end + _VECTOR_SIZE]
        decryptor = Cipher(algorithms.AES(self._key), modes.CBC(vector)).decryptor()
        return bytes(start) + decryptor.update(page[start:end]) + decryptor.finalize()


def key_fits(path: Path, key: bytes) -> bool:
    """Tell whether any of the file's pages (spread over the file) was written with this key."""
    reader = PageReader(key)
    return any(reader.authentic(page, number) for number, page in _sampled(path))


def _sampled(path: Path) -> Iterator[tuple[int, bytes]]:
    count = path.stat().st_size // PAGE_SIZE
    step = max(1, count // _SAMPLE)
    with path.open("rb") as file:
        for index in range(0, count, step):
            file.seek(index * PAGE_SIZE)
            yield index + 1, file.read(PAGE_SIZE)
