"""Salesforce's ids: three characters for the object, twelve for the row, and three that save the case of the others."""

from __future__ import annotations

_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def full(text: str) -> str:
    """Return the 18 characters of an id that was given with 15 or 18."""
    if len(text) != 15:
        return text
    checks = ""
    for start in (0, 5, 10):
        bits = sum(1 << place for place, one in enumerate(text[start : start + 5]) if "A" <= one <= "Z")
        checks += _CHECKS[bits]
    return text + checks


def make(prefix: str, number: int) -> str:
    """Return the id of the row with that number; later rows have greater ids."""
    digits = ""
    while number:
        number, rest = divmod(number, len(_CHARACTERS))
        digits = _CHARACTERS[rest] + digits
    return full(f"{prefix}5g0000{digits.rjust(6, '0')}")
