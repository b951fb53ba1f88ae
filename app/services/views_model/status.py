"""How fresh and how true what is shown is, and the papers that prove it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Freshness:
    """The chip at the top right; `why` for the tip.

    `kind`: live, proven, partly (some of the vendor's systems cannot be read), syncing, first, offline, sign_in,
    problem.
    """

    kind: str
    text: str
    why: str


@dataclass(frozen=True)
class SourceView:
    """One of the vendor's systems: which lists live in it, and how it stands. `stale`: it cannot be read now."""

    label: str
    holds: str
    words: str
    stale: bool


@dataclass(frozen=True)
class Notice:
    """A banner for what holds for the whole window. `action`: "why", "sign_in", "online", "remove" or empty."""

    tone: str
    icon: str
    text: str
    action: str
    action_label: str


@dataclass(frozen=True)
class ProofWords:
    """A proof as it is told: headline, one line below, and when in how long. `tone`: ok, warn or neutral."""

    tone: str
    headline: str
    detail: str
    checked: str


@dataclass(frozen=True)
class ReceiptFact:
    """One line of a receipt: what, its value, and whose word it is."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class ReceiptView:
    """Signed evidence as it is told. `here`: it is on this computer, so it can be exported; `facts` are its lines."""

    mutation_id: str
    name: str
    about: str
    here: bool
    tone: str
    headline: str
    detail: str
    facts: tuple[ReceiptFact, ...] = ()


@dataclass(frozen=True)
class SavedFile:
    """Where a copy was saved."""

    path: Path
    marked: bool
