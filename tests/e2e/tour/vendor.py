"""The vendor's side of the tour, in the contract's words: what staff do and see in their own system.

What stands in the system is looked at by its own interface, never through the gateway or its connector.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Found:
    """One record as the vendor's system shows it.

    `key`: the system's own id. `fields`: contract fields; `company` is a name. `notes`: the texts that partners may
    see, oldest first. `files`: the bytes of what is attached.
    """

    key: str
    number: str
    fields: Mapping[str, str]
    notes: tuple[str, ...]
    files: tuple[bytes, ...]


class VendorSide(Protocol):
    """One of the vendor's staff at their system.

    `told`: whom a conflict names as who wrote the other side; empty where the system does not tell that.
    """

    told: str

    def sign_in(self) -> None:
        """Sign in, again where the session has ended."""

    def deal(self, customer: str = "", number: str = "") -> Found:
        """Find the one deal of that customer or number. Raises ValueError when there are none or several."""

    def request(self, subject: str) -> Found:
        """Find the one request of that subject. Raises ValueError."""

    def edit(self, deal: Found, **fields: str) -> None:
        """Change contract fields of a deal."""

    def start_review(self, deal: Found) -> None:
        """Take a deal into review."""

    def move(self, deal: Found, company: str) -> None:
        """Give a deal to the partner company of that name."""

    def written(self, deal: Found, field: str, value: str) -> Sequence[str]:
        """Return who gave a contract field this value and how, once for each time."""

    def notes(self, text: str) -> Sequence[str]:
        """Return who wrote a note of this text, once for each such note."""

    def close(self) -> None:
        """Leave."""
