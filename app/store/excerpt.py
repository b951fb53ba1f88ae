"""Where the words of a query stand in a text, and the part of a text around them. Pure.

The search index keeps no copy of what it indexes, so hits are marked in the record's own text, by the same rules the
index goes by: a word is a run of letters and digits, and neither case nor accents count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_TOKEN = re.compile(r"[^\W_][^\W_\u0300-\u036f]*(?:[\u0300-\u036f]+[^\W_]*)*")

#: `(start, end)` in characters.
Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    folded: str


class Phrases:
    """What a user typed: runs of tokens that have to stand side by side; the very last token may be a beginning."""

    def __init__(self, words: Sequence[str]) -> None:
        self._runs = [run for word in words if (run := [token.folded for token in _tokens(word)])]

    def ranges(self, text: str) -> Ranges:
        """Return where the phrases stand in a text; those that touch or overlap are one."""
        tokens = _tokens(text)
        found: list[tuple[int, int]] = []
        for start, end in sorted(
            (tokens[at].start, tokens[at + size - 1].end)
            for at in range(len(tokens))
            for size in self._sizes_at(tokens, at)
        ):
            if found and start <= found[-1][1]:
                found[-1] = (found[-1][0], max(end, found[-1][1]))
            else:
                found.append((start, end))
        return tuple(found)

    def excerpt(self, text: str, most: int) -> tuple[str, Ranges]:
        """Return the `most` tokens of a text with the most different phrases among them, and where these stand."""
        tokens = _tokens(text)
        first = self._best(tokens, most)
        part = tokens[first : first + most]
        if not part:
            return text, ()
        start = part[0].start if first else 0
        end = part[-1].end if first + most < len(tokens) else len(text)
        shown = f"{'…' if first else ''}{text[start:end]}{'…' if end < len(text) else ''}"
        return shown, self.ranges(shown)

    def _best(self, tokens: Sequence[_Token], most: int) -> int:
        """The token with which the best part begins; the beginning of the text where it is as good as any other."""
        stands: list[tuple[int, int]] = [
            (at, number)
            for at in range(len(tokens))
            for number in range(len(self._runs))
            if self._matches(tokens, at, number)
        ]
        best, best_count = 0, len({number for at, number in stands if at < most})
        for at, _ in stands:
            count = len({number for other, number in stands if at <= other < at + most})
            if count > best_count:
                best, best_count = at, count
        return min(best, max(0, len(tokens) - most))

    def _sizes_at(self, tokens: Sequence[_Token], at: int) -> list[int]:
        return [len(run) for number, run in enumerate(self._runs) if self._matches(tokens, at, number)]

    def _matches(self, tokens: Sequence[_Token], at: int, number: int) -> bool:
        run = self._runs[number]
        if at + len(run) > len(tokens):
            return False
        if number < len(self._runs) - 1:
            return all(tokens[at + step].folded == wanted for step, wanted in enumerate(run))
        *before, last = run
        return tokens[at + len(before)].folded.startswith(last) and all(
            tokens[at + step].folded == wanted for step, wanted in enumerate(before)
        )


def _tokens(text: str) -> list[_Token]:
    return [_Token(found.start(), found.end(), _folded(found[0])) for found in _TOKEN.finditer(text)]


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFD", word.lower())
    return "".join(char for char in plain if not unicodedata.combining(char))
