"""Texts from outside, before they come near a database."""

from __future__ import annotations


def has_controls(text: str) -> bool:
    """Tell whether a text holds control characters. No name or id does, and not every database stores them."""
    return any(ord(letter) < 32 or ord(letter) == 127 for letter in text)


def without_controls(text: str) -> str:
    """Return a text without control characters."""
    return "".join(letter for letter in text if not has_controls(letter))
