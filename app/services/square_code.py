"""The square a camera reads (QR code, ISO/IEC 18004): which of its modules are dark, without the quiet zone around."""

from __future__ import annotations

import segno

#: One row of modules after the other, from the top; True is dark.
Square = tuple[tuple[bool, ...], ...]


def square_of(text: str) -> Square:
    """Return the square for a text. A seventh of it may be unreadable: a finger mark, a lamp's reflection.

    Raises ValueError for more than a square can hold.
    """
    try:
        made = segno.make(text, error="m", micro=False, boost_error=False)
    except segno.DataOverflowError as error:
        raise ValueError("too long for a square") from error
    return tuple(tuple(bool(module) for module in line) for line in made.matrix)
