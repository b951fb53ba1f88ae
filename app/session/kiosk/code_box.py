"""Keys wrapped in memory by a code that somebody chose for an hour: Argon2id, then AES-GCM. Never on the disk.

A short code withstands who stands at the screen and has five tries, not who can read the memory of the process.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from itertools import pairwise

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.contract.errors import Refused, WrongKey
from app.contract.said import said
from app.store.keys import RECOMMENDED, Cost

#: Lengths of a code: digits that are remembered, or what a badge holds.
SHORTEST_CODE, LONGEST_PIN, LONGEST_CODE = 4, 8, 64

_BOUND = b"counterpart kiosk code 1"


def check_code(code: str) -> str:
    """Return a code as it counts. Raises Refused for one that is too short, too long or guessed at the first try."""
    found = _normal(code)
    if not SHORTEST_CODE <= len(found) <= LONGEST_CODE or not found.isprintable():
        raise _refused(
            said(
                "Choose {least} to {most} digits, or hold your badge to the reader.",
                least=SHORTEST_CODE,
                most=LONGEST_PIN,
            )
        )
    if len(found) <= LONGEST_PIN and not found.isdecimal():
        raise _refused(said("A short code has digits only."))
    if _is_a_run(found):
        raise _refused(said("That code is guessed at the first try. Choose another one."))
    return found


class CodeBox:
    """One secret under one code."""

    def __init__(
        self,
        code: str,
        secret: bytes,
        cost: Cost = RECOMMENDED,
        randomness: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """Wrap it; takes a tenth of a second. Raises Refused for a code that will not do."""
        self._cost = cost
        self._salt, self._nonce = randomness(16), randomness(12)
        wrapping = self._derived(check_code(code))
        self._wrapped = AESGCM(wrapping).encrypt(self._nonce, secret, _BOUND)

    def __repr__(self) -> str:
        """Nothing of it."""
        return "CodeBox()"

    def open(self, code: str) -> bytes:
        """Return the secret; takes a tenth of a second. Raises WrongKey for another code."""
        try:
            return AESGCM(self._derived(_normal(code)[:LONGEST_CODE])).decrypt(
                self._nonce, self._wrapped, _BOUND
            )
        except InvalidTag:
            raise WrongKey(said("That is not the code."), kept=" ", next_step=said("Try again.")) from None

    def _derived(self, code: str) -> bytes:
        return hash_secret_raw(
            code.encode(),
            self._salt,
            time_cost=self._cost.passes,
            memory_cost=self._cost.memory,
            parallelism=self._cost.lanes,
            hash_len=32,
            type=Type.ID,
        )


def _normal(code: str) -> str:
    return unicodedata.normalize("NFKC", code).strip()


def _is_a_run(code: str) -> bool:
    """Whether each character follows the one before by the same step of none or one: 0000, 1234, 8765."""
    steps = {ord(after) - ord(before) for before, after in pairwise(code)}
    return len(steps) == 1 and steps <= {-1, 0, 1}


def _refused(words: str) -> Refused:
    return Refused(words, kept=" ", code="code", fields={"code": words})
