"""Kept work that this version cannot take up, as its person reads it before they give it up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from app.contract.said import said
from app.services.kiosk.values import Apart, TakenBack
from app.services.words import Words

_TITLES = {
    "item": said("A change that was not sent"),
    "draft": said("A draft"),
    "conflict": said("A conflict that was not decided"),
    "blob": said("A file"),
    "begun": said("Something begun and not saved"),
}

#: What a row says of itself and not of its person's work.
_OWN = frozenset(
    {
        "part", "kind", "state", "frozen", "attempts", "body_hash", "clock_off", "schema", "entity", "gid", "step",
        "mutation_id", "base_version", "supersedes", "depends_on", "blobs", "receipt", "origin", "sha256", "device",
    }
)  # fmt: skip

#: Lines shown of one piece; all of it is copied.
_MOST = 40
#: Lists and objects in one another that are opened; what lies deeper is in the text that is copied.
_DEEPEST = 20


@dataclass(frozen=True)
class Piece:
    """One piece. `facts`: names and values, as they stand in it; `more`: how many further ones are only copied."""

    title: str
    facts: tuple[tuple[str, str], ...]
    more: int = 0


class Holder(Protocol):
    """Who has such pieces: an account that is open on a kiosk."""

    taken_back: TakenBack

    def give_up_apart(self) -> tuple[Apart, ...]:
        """Delete them."""


class SetApart:
    """The pieces of whoever has the screen."""

    def __init__(self, holder: Holder) -> None:
        self._holder = holder

    def pieces(self, tr: Words) -> tuple[Piece, ...]:
        """Return them, in words."""
        return tuple(_piece(one, tr) for one in self._holder.taken_back.apart)

    @property
    def text(self) -> str:
        """All of them, whole, as JSON; to be copied."""
        return "\n".join(one.text for one in self._holder.taken_back.apart)

    def give_up(self) -> None:
        """Delete them for good."""
        self._holder.give_up_apart()


def _piece(apart: Apart, tr: Words) -> Piece:
    facts = tuple(_facts("", _parsed(apart.text)))
    title = tr(_TITLES.get(apart.kind, said("Something that a newer version kept")))
    return Piece(title, facts[:_MOST], max(0, len(facts) - _MOST))


def _facts(name: str, value: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield what is in it, the innermost; text that is JSON in turn is opened too."""
    if depth > _DEEPEST:
        yield name.replace("_", " ").capitalize(), "…"
        return
    match _parsed(value) if isinstance(value, str) and value[:1] in ("{", "[") else value:
        case dict() as parts:
            for inner, held in parts.items():
                if inner not in _OWN:
                    yield from _facts(str(inner), held, depth + 1)
        case list() as items:
            for held in items:
                yield from _facts(name, held, depth + 1)
        case None | "":
            return
        case plain:
            yield name.replace("_", " ").capitalize(), str(plain)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
