"""Which entity types live in which system: mappings cut to what each system is the home of; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.mapping import EntityMap, SystemMapping


def at_home(
    mappings: Mapping[str, SystemMapping], wanted: Mapping[str, Sequence[str] | None]
) -> dict[str, SystemMapping]:
    """Return the mappings, each with what its system is the home of.

    `wanted`: by system the entity types it is to be the home of, None for all it maps. What these refer to within the
    system stays as well, unless it lives in another one; so do the children (messages, files) of what stays. Raises
    ValueError for an entity type that a mapping does not know.
    """
    for name, mapping in mappings.items():
        known = {item.entity for item in mapping.maps}
        stray = sorted(set(wanted.get(name) or ()) - known)
        if stray:
            raise ValueError(
                f"{name}: its mapping has no {', '.join(stray)}. It has: {', '.join(sorted(known))}."
            )
    claimed = {name: _claimed(mapping, wanted.get(name)) for name, mapping in mappings.items()}
    found = {}
    for name, mapping in mappings.items():
        if wanted.get(name) is None:
            found[name] = mapping
            continue
        elsewhere = frozenset[str]().union(*(types for other, types in claimed.items() if other != name))
        found[name] = _cut(mapping, claimed[name], elsewhere)
    return found


def _claimed(mapping: SystemMapping, wanted: Sequence[str] | None) -> frozenset[str]:
    """What a system says it is the home of. Children are nobody's: they live where their parent does."""
    own = {item.entity for item in mapping.maps if item.parent is None}
    return frozenset(own if wanted is None else own & set(wanted))


def _cut(mapping: SystemMapping, claimed: frozenset[str], elsewhere: frozenset[str]) -> SystemMapping:
    kept = claimed
    while True:
        maps = _with_children(mapping, kept)
        needed = {
            target.entity
            for item in maps
            for link in item.links
            if not link.system
            for target in mapping.maps
            if link.may_name(target.object) and target.parent is None
        }
        more = kept | (needed - elsewhere)
        if more == kept:
            return mapping.changed(maps=maps)
        kept = more


def _with_children(mapping: SystemMapping, kept: frozenset[str]) -> tuple[EntityMap, ...]:
    objects = {item.object for item in mapping.maps if item.entity in kept and item.parent is None}
    return tuple(
        item
        for item in mapping.maps
        if (item.entity in kept if item.parent is None else any(map(item.parent.may_name, objects)))
    )
