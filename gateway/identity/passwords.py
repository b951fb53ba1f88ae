"""Passwords: Argon2id at rest, and the same effort for an unknown address as for a wrong password."""

from __future__ import annotations

from base64 import b64encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

#: Stored for accounts that have no password; nothing matches it.
NO_PASSWORD = ""


def decoy(hasher: PasswordHasher) -> str:
    """Return what no password fits, and what takes as long to find out as for one that is stored.

    Put together instead of computed, which takes as long as a sign-in: every process would begin with that.
    """
    effort = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, found = (
        b64encode(bytes(size)).rstrip(b"=").decode() for size in (hasher.salt_len, hasher.hash_len)
    )
    return f"$argon2id$v=19${effort}${salt}${found}"


class Passwords:
    """Hashes and checks passwords. Memory in KiB."""

    def __init__(self, memory: int = 65_536, rounds: int = 3, lanes: int = 2) -> None:
        self._hasher = PasswordHasher(time_cost=rounds, memory_cost=memory, parallelism=lanes)
        self._nobody = decoy(self._hasher)

    def stored(self, password: str) -> str:
        """Return what is stored for a password."""
        return self._hasher.hash(password) if password else NO_PASSWORD

    def fits(self, stored: str | None, password: str) -> bool:
        """Tell whether a password fits what is stored (None: there is no such account)."""
        try:
            self._hasher.verify(stored or self._nobody, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
        return bool(stored)
