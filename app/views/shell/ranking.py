"""How well a line answers what was typed into the palette, and which of its letters to mark.

Usage: ``rank("re", "Raise a request")`` gives a score and the range of *re* in *request*; None when it does not match.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(r"\w+")
#: From so many letters on a word may match in the middle of another.
_WITHIN = 3


@dataclass(frozen=True)
class Match:
    """`score`: higher is better. `ranges`: (start, length) of the letters that matched, in order, not overlapping."""

    score: int
    ranges: tuple[tuple[int, int], ...]


def rank(query: str, text: str, also: str = "") -> Match | None:
    """Match every word of `query` against `text`; words may also be found in `also`, which is not marked.

    The beginning of a word counts most; the middle of one counts only from three letters on, since two stand
    somewhere in almost every line.
    """
    words = query.casefold().split()
    folded = text.casefold()
    if len(folded) != len(text):  # a letter that folds to two would shift every range after it
        folded = text.lower()
    starts = {found.start() for found in _WORD.finditer(folded)}
    score = 0
    ranges: list[tuple[int, int]] = []
    for word in words:
        at = _best(word, folded, starts)
        if at is None:
            if not _among(word, also.casefold()):
                return None
            score += 1
            continue
        score += 60 if at in starts else 20
        ranges.append((at, len(word)))
    return Match(score - len(text) // 20, _merged(ranges))


def _among(word: str, also: str) -> bool:
    """Whether further words hold it: in their middle only from three letters on, as everywhere."""
    return word in also if len(word) >= _WITHIN else any(one.startswith(word) for one in also.split())


def _best(word: str, text: str, starts: set[int]) -> int | None:
    places = [found.start() for found in re.finditer(re.escape(word), text)]
    if len(word) < _WITHIN:
        places = [at for at in places if at in starts]
    if not places:
        return None
    return min(places, key=lambda at: (at != 0, at not in starts, at))


def _merged(ranges: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, length in sorted(ranges):
        if merged and start <= merged[-1][0] + merged[-1][1]:
            first, size = merged.pop()
            merged.append((first, max(first + size, start + length) - first))
        else:
            merged.append((start, length))
    return tuple(merged)
