"""What people entered and were told was saved, and what Odoo's own people did, so that it can be looked for at the end.

Every value holds a word that occurs nowhere else.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

_WORD = re.compile(r"\b[pvi]\d+x[a-z]+\b")


def words(value: object) -> frozenset[str]:
    """Return the words of a value that occur nowhere else."""
    return frozenset(_WORD.findall(str(value)))


@dataclass(frozen=True)
class Edit:
    """A value a partner entered. `n`: the order in which they were."""

    n: int
    device: str
    gid: str
    field: str
    word: str


@dataclass(frozen=True)
class Added:
    """A registration, request, message or file a partner added. `parent`: the gid it hangs on."""

    device: str
    kind: str
    parent: str
    word: str


@dataclass
class Book:
    """Written by all threads. `p…` words are partners', `v…` the vendor's to everybody, `i…` internal ones."""

    edits: list[Edit] = field(default_factory=list)
    added: list[Added] = field(default_factory=list)
    given_up: set[tuple[str, str]] = field(default_factory=set)
    internal: set[str] = field(default_factory=set)
    #: Rows that Odoo's people deleted or meant to: (model, id).
    deleted: set[tuple[str, int]] = field(default_factory=set)
    count: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)
    _made: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def word(self, kind: str, who: str) -> str:
        """Return a new word."""
        with self._lock:
            self._made += 1
            return f"{kind}{self._made}x{who}"

    def entered(self, device: str, gid: str, name: str, word: str) -> None:
        """A partner entered a word in a field."""
        with self._lock:
            self.edits.append(Edit(len(self.edits), device, gid, name, word))
            self.count["partners' edits"] += 1

    def put(self, device: str, kind: str, parent: str, word: str) -> None:
        """A partner added something."""
        with self._lock:
            self.added.append(Added(device, kind, parent, word))
            self.count[f"partners' {kind}s"] += 1

    def gave_up(self, device: str, values: object) -> None:
        """A partner let go of what these words say."""
        with self._lock:
            self.given_up |= {(device, word) for word in words(values)}

    def did(self, what: str, count: int = 1) -> None:
        """Count something."""
        with self._lock:
            self.count[what] += count

    def trouble(self, text: str) -> None:
        """Something ended that should not have."""
        with self._lock:
            self.troubles.append(text)

    def given_up_by(self, device: str) -> frozenset[str]:
        """Return what a partner has let go of."""
        return frozenset(word for name, word in self.given_up if name == device)


def lines(counts: Iterable[tuple[str, int]]) -> str:
    """Return counts as a line to be read."""
    return ", ".join(f"{number:,} {what}" for what, number in counts)
