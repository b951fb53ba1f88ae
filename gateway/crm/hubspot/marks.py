"""The mark of a write: which one it was, and for whom it was made. It stands in a property of its own."""

from __future__ import annotations

from gateway.crm.port import Actor

_NAME_MOST = 200


def mark_of(marker: str, actor: Actor) -> str:
    """Return the mark of a write."""
    return f"{marker} {' '.join(actor.name.split())[:_NAME_MOST]}".strip()


def marker_in(mark: str) -> str:
    """Return the marker in a mark."""
    return mark.partition(" ")[0]


def author_in(mark: str) -> str:
    """Return the name in a mark."""
    return mark.partition(" ")[2]
