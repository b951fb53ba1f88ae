"""A search that names a kind of record: *order norvik* looks for Norvik among the orders."""

from __future__ import annotations

from app.contract.manifest import EntityType, Manifest

_LEAST = 3


def narrowed(manifest: Manifest, text: str) -> tuple[EntityType | None, str]:
    """Return the entity type a search names by its first or last word, and what is left to look for.

    (None, text) when it names none, or when nothing is left. A beginning of three letters is enough: *ord norvik*.
    """
    words = text.split()
    if len(words) < 2:
        return None, text
    for at in (0, len(words) - 1):
        entity = _named(manifest, words[at].casefold(), whole=at > 0)
        if entity is not None:
            rest = words[1:] if at == 0 else words[:-1]
            return entity, " ".join(rest)
    return None, text


def _named(manifest: Manifest, word: str, *, whole: bool) -> EntityType | None:
    """The type of that name. While the last word is being typed only the `whole` name counts."""
    for entity in manifest.entities:
        if entity.kind != "record":
            continue
        names = {
            name.casefold() for name in (entity.label, entity.plural, entity.heading, entity.link) if name
        }
        begun = not whole and len(word) >= _LEAST and any(name.startswith(word) for name in names)
        if word in names or begun:
            return entity
    return None
