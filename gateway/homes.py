"""Which entity types live in which system: mappings cut to what each system is the home of; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from gateway.mapping import As, EntityMap, Link, SystemMapping


def at_home(
    mappings: Mapping[str, SystemMapping], wanted: Mapping[str, Sequence[str] | None]
) -> dict[str, SystemMapping]:
    """Return the mappings, each with what its system is the home of.

    `wanted`: by system the entity types it is to be the home of, None for all it maps. What these refer to within the
    system stays as well, unless it lives in another one; so does whatever says whose that is, and the children
    (messages, files) of what stays. What only these others refer to does not: it would never end. Raises ValueError
    for an entity type that a mapping does not know.
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
    kept = claimed | (_named(mapping, claimed, _links) - elsewhere)
    while True:
        more = kept | (_named(mapping, kept, _owning) - elsewhere)
        if more == kept:
            return mapping.changed(maps=_with_children(mapping, kept))
        kept = more


def _named(
    mapping: SystemMapping, kept: frozenset[str], links: Callable[[EntityMap], Iterable[Link]]
) -> frozenset[str]:
    """Return the entity types that stay because these, and what hangs on them, name their rows."""
    return frozenset(
        target.entity
        for item in _with_children(mapping, kept)
        for link in links(item)
        if not link.system
        for target in mapping.maps
        if link.may_name(target.object) and target.parent is None
    )


def _links(item: EntityMap) -> Iterable[Link]:
    """What a map's fields refer to; what else a child could hang on is no reason to keep it."""
    return item.links[1:] if item.parent else item.links


def _owning(item: EntityMap) -> Iterable[Link]:
    """Those links by which it is known whose a row is: without them nobody could see it."""
    names = (item.scope.company, item.scope.above) if item.scope else ()
    found = [item.fields[name] for name in names if name in item.fields]
    return [spec.link for spec in found if spec.conversion is As.REFERENCE]


def _with_children(mapping: SystemMapping, kept: frozenset[str]) -> tuple[EntityMap, ...]:
    objects = {item.object for item in mapping.maps if item.entity in kept and item.parent is None}
    return tuple(
        item
        for item in mapping.maps
        if (item.entity in kept if item.parent is None else any(map(item.parent.may_name, objects)))
    )
