"""Text that must stay text: what begins like a formula is not run by a spreadsheet that opens it.

A file of comma-separated values, or a table on the clipboard, has no way to say what kind a cell is. There an
apostrophe goes before such text, as a person would type it; numbers and dates are no text and are left alone.
"""

from __future__ import annotations

import unicodedata

#: With these a spreadsheet begins a formula, or, for the white ones, skips to what follows.
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00")
#: Full-width forms are read as the same by some.
WIDE = ("＝", "＋", "－", "＠")


def begins_formula(text: str) -> bool:
    """Tell whether a spreadsheet might take a text for a formula, whatever it skips in front of it."""
    if text.startswith(STARTS):
        return True
    begins = next((c for c in text if not _skipped(c)), "")
    return begins in STARTS[:4] or begins in WIDE


def _skipped(character: str) -> bool:
    """White space, control characters and what has no width, such as the mark of byte order."""
    return not character.isalnum() and unicodedata.category(character)[0] in "CZ"


def guarded(text: str) -> str:
    """Return a text as a spreadsheet may be given it without saying that it is one."""
    return f"'{text}" if begins_formula(text) else text
