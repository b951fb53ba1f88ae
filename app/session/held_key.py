"""A key in memory for as long as an account is open, and not longer.

Overwriting is what can be done and no more: Python, SQLCipher and the system may have made copies on the way.
"""

from __future__ import annotations

from app.contract.errors import LocalError


class KeyGone(LocalError):
    """The account was closed: its key is not in memory any more."""

    default_cause = "This account was closed."
    default_kept = "What it holds is encrypted."
    default_next_step = "Sign in again to go on."


class HeldKey:
    """One key."""

    def __init__(self, key: bytes) -> None:
        self._bytes = bytearray(key)

    def __repr__(self) -> str:
        """Never the key."""
        return "HeldKey()"

    def read(self) -> bytes:
        """Return the key. Raises KeyGone once it was dropped, so that nobody goes on with another one."""
        if not self._bytes:
            raise KeyGone
        return bytes(self._bytes)

    def drop(self) -> None:
        """Overwrite and forget it."""
        for place in range(len(self._bytes)):
            self._bytes[place] = 0
        self._bytes.clear()

    @property
    def dropped(self) -> bool:
        """Whether it is gone."""
        return not self._bytes
