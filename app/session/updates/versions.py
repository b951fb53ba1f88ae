"""Versions of Counterpart, in their order: *0.2.0*, and before it the betas *0.2.0b1*, *0.2.0b2*."""

from __future__ import annotations

import re

_SHAPE = re.compile(r"(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})(?:b([1-9]\d{0,3}))?")

#: After every beta of the same number.
_FINAL = 1_000_000

Order = tuple[int, int, int, int]


def is_version(text: str) -> bool:
    """Whether a text is one; such a text is also a safe name of a folder."""
    return text.isascii() and _SHAPE.fullmatch(text) is not None


def order(text: str) -> Order:
    """Return what versions are compared by. Raises ValueError for what is none."""
    found = _SHAPE.fullmatch(text) if text.isascii() else None
    if found is None:
        raise ValueError(f"{text!r} is no version")
    major, minor, patch, beta = found.groups()
    return int(major), int(minor), int(patch), _FINAL if beta is None else int(beta)


def newer(one: str, other: str) -> bool:
    """Whether `one` comes after `other`. Raises ValueError for what is no version."""
    return order(one) > order(other)
