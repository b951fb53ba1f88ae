"""What one side did to a text, word by word, for showing: kept, removed and added stretches.

Usage: ``word_diff("Demo at Crewe.", "Demo at Derby.")`` gives *Demo at*, removed *Crewe*, added *Derby*, *.*
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")

#: Above this many words a side is shown as a whole: the comparison grows with the product of both lengths.
_LONGEST = 4_000


class Change(StrEnum):
    """What became of a stretch of text."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True)
class Piece:
    """A stretch of text with what became of it."""

    text: str
    change: Change


def word_diff(base: str, text: str) -> tuple[Piece, ...]:
    """Return the pieces of `text` with what it removed from `base`, in reading order."""
    old, new = _TOKEN.findall(base), _TOKEN.findall(text)
    if not new:
        return ()
    if not old:
        return (Piece(text, Change.ADDED),)
    if len(old) > _LONGEST or len(new) > _LONGEST:
        return (Piece(text, Change.KEPT),)
    return _joined(_pieces(_spans(old, new)))


def _joined(pieces: Iterator[Piece]) -> tuple[Piece, ...]:
    """Neighbours with the same fate as one piece."""
    found: list[Piece] = []
    for piece in pieces:
        if found and found[-1].change is piece.change:
            piece = Piece(found.pop().text + piece.text, piece.change)  # noqa: PLW2901  # the piece grows
        found.append(piece)
    return tuple(found)


def _spans(old: list[str], new: list[str]) -> list[tuple[bool, str, str]]:
    """Stretches as (equal, old text, new text); a lone gap between two changes belongs to the change around it."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    spans: list[tuple[bool, str, str]] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        spans.append((kind == "equal", "".join(old[a:b]), "".join(new[c:d])))
    joined: list[tuple[bool, str, str]] = []
    for number, (equal, was, now) in enumerate(spans):
        between = 0 < number < len(spans) - 1
        apart = equal and not (between and not now.strip())
        if joined and joined[-1][0] == apart:
            before = joined.pop()
            joined.append((apart, before[1] + was, before[2] + now))
        else:
            joined.append((apart, was, now))
    return joined


def _pieces(spans: list[tuple[bool, str, str]]) -> Iterator[Piece]:
    for equal, was, now in spans:
        if equal:
            yield Piece(now, Change.KEPT)
            continue
        # The blank before or after a change stays plain, so that the mark covers words only.
        lead = " " if was.startswith(" ") or now.startswith(" ") else ""
        trail = " " if was.endswith(" ") or now.endswith(" ") else ""
        removed, added = was.strip(" "), now.strip(" ")
        if lead:
            yield Piece(lead, Change.KEPT)
        if removed:
            yield Piece(removed, Change.REMOVED)
        if removed and added:
            yield Piece(" ", Change.KEPT)
        if added:
            yield Piece(added, Change.ADDED)
        if trail:
            yield Piece(trail, Change.KEPT)
