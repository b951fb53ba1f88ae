"""The source systems a gateway stands beside: each a port with its mapping.

An entity type lives in one of them, its home. Only what is added to other records (messages, files) may live in
several: a child lives where its parent does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.contract.manifest import Manifest
from app.contract.narrowing import Held
from gateway.clock import Clock
from gateway.crm.budget import Budget
from gateway.crm.metered import metered
from gateway.crm.port import CrmPort, KeepsJournal
from gateway.database import Database
from gateway.mapping import As, EntityMap, Link, SystemMapping, problems


@dataclass(frozen=True)
class System:
    """One source system."""

    port: CrmPort
    mapping: SystemMapping

    @property
    def name(self) -> str:
        """Short name, the same on both parts."""
        return self.port.system

    @property
    def journal(self) -> KeepsJournal | None:
        """The port as one that tells what happened; None where its system keeps no journal."""
        port = self.port
        return port if isinstance(port, KeepsJournal) and port.capabilities.journal else None


def budgeted(systems: Sequence[System], database: Database, clock: Clock) -> tuple[System, ...]:
    """Return systems whose calls are paid for out of a budget, where they declare how many they take."""

    def one(system: System) -> System:
        rate = system.port.capabilities.rate
        if rate is None:
            return system
        budget = Budget(database, clock, system.name, system.port.label, rate)
        return System(metered(system.port, budget), system.mapping)

    return tuple(one(system) for system in systems)


class Systems:
    """All source systems of a gateway."""

    def __init__(self, systems: Sequence[System], manifest: Manifest) -> None:
        """Raises ValueError when a mapping does not fit its port, the manifest, or those of the other systems."""
        systems = [System(system.port, system.mapping.within(manifest)) for system in systems]
        self._by_name = {system.name: system for system in systems}
        self._homes = homes_of([system.mapping for system in systems])
        wrong = [line for system in systems for line in problems(system.mapping, manifest)]
        wrong += [
            f"The mapping for {system.mapping.system} was given to {system.name}."
            for system in systems
            if system.mapping.system != system.name
        ]
        if len(self._by_name) != len(systems):
            wrong.append("Two systems have the same name.")
        wrong += crossings([system.mapping for system in systems], manifest)
        if wrong:
            raise ValueError("The mapping does not fit: " + " ".join(wrong))

    def __iter__(self) -> Iterator[System]:
        return iter(self._by_name.values())

    @property
    def with_journal(self) -> frozenset[str]:
        """The names of those that keep a journal."""
        return frozenset(system.name for system in self if system.journal)

    def named(self, name: str) -> System | None:
        """Return the system of that name."""
        return self._by_name.get(name)

    @property
    def held(self) -> frozenset[str]:
        """The entity types that live in one of the systems."""
        return frozenset(self._homes)

    def details(self) -> dict[str, Held]:
        """Say what the homes of each entity type hold of it."""
        return details_of([system.mapping for system in self])

    def homes(self, entity: str) -> tuple[System, ...]:
        """Return the systems records of an entity type may live in: one, but for children."""
        return tuple(self._by_name[name] for name in self._homes.get(entity, ()))

    def of_entity(self, entity: str) -> System | None:
        """Return the system an entity type lives in; of a child's type the first."""
        return next(iter(self.homes(entity)), None)


def homes_of(mappings: Sequence[SystemMapping]) -> dict[str, tuple[str, ...]]:
    """Return the names of the systems each entity type is mapped in."""
    found: dict[str, dict[str, None]] = {}
    for mapping in mappings:
        for item in mapping.maps:
            found.setdefault(item.entity, {})[mapping.system] = None
    return {entity: tuple(names) for entity, names in found.items()}


def details_of(mappings: Sequence[SystemMapping]) -> dict[str, Held]:
    """Say what mappings hold of each entity type: any map's fields, the states all lack, what children can hang on."""
    return {
        entity: _held(mappings, [item for mapping in mappings for item in mapping.of_entity(entity)])
        for entity in homes_of(mappings)
    }


def _held(mappings: Sequence[SystemMapping], maps: Sequence[EntityMap]) -> Held:
    fields = frozenset(name for item in maps for name in item.fields)
    lacks = [frozenset(lacked for spec in item.fields.values() for lacked in spec.lacks) for item in maps]
    parents = None
    if any(item.parent for item in maps):
        parents = frozenset(
            above.entity
            for mapping in mappings
            for item in mapping.maps
            if item in maps and item.parent
            for home in mappings
            if home.system == (item.parent.system or mapping.system)
            for above in home.maps
            if item.parent.may_name(above.object)
        )
    return Held(fields, frozenset.intersection(*lacks), parents)


def codes_of(system: System | None, manifest: Manifest) -> dict[str, dict[str, str]]:
    """Return the states of a system's objects as its mapping names them: by object, code and the manifest's words."""
    found: dict[str, dict[str, str]] = {}
    for item in system.mapping.maps if system else ():
        entity = manifest.entity(item.entity)
        spec = item.fields.get(entity.state_field) if entity else None
        for state in entity.lifecycle.states if entity and entity.lifecycle and spec else ():
            for code in spec.values.get(state.name, ()) if spec else ():
                found.setdefault(item.object, {})[code] = state.label
    return found


def crossings(mappings: Sequence[SystemMapping], manifest: Manifest) -> list[str]:
    """Return what does not fit between the mappings of several systems, one sentence each."""
    homes = homes_of(mappings)
    by_name = {mapping.system: mapping for mapping in mappings}
    wrong = []
    for entity, names in homes.items():
        spec = manifest.entity(entity)
        if len(names) > 1 and not (spec and spec.kind == "append"):
            wrong.append(
                f"{entity} is mapped in {' and in '.join(names)}. Say with `entities` of these systems which of them"
                " is its home."
            )
    for mapping in mappings:
        for item in mapping.maps:
            wrong += _stray_links(mapping, item, manifest, by_name, homes)
    return wrong


def _stray_links(
    mapping: SystemMapping,
    item: EntityMap,
    manifest: Manifest,
    by_name: Mapping[str, SystemMapping],
    homes: Mapping[str, tuple[str, ...]],
) -> Iterator[str]:
    """Find references that lead to rows no mapping turns into the records that are meant."""
    entity = manifest.entity(item.entity)
    for name, spec in item.fields.items():
        field = entity.field(name) if entity else None
        if spec.conversion not in (As.REFERENCE, As.REFERENCES) or field is None:
            continue
        where, link = f"{mapping.system}: {item.entity}.{name}", spec.link
        home = by_name.get(link.system or mapping.system)
        if home is None:
            yield f"{where} refers to the system {link.system}, which is not configured."
            continue
        meant = {m.entity for obj in _objects(link) for m in home.of_object(obj)}
        if not link.system and not meant and field.target in homes:
            yield (
                f"{where} refers to {', '.join(_objects(link))} of {mapping.system}, but each {field.target} lives in"
                f" {homes[field.target][0]}. Name `system` and `object` there, and the property that holds its id."
            )
        elif link.system and not meant:
            yield f"{where} refers to {', '.join(_objects(link))}, which {link.system} does not map."
        elif field.target and meant and field.target not in meant:
            found = ", ".join(sorted(meant))
            yield f"{where} is a {field.target}, and {', '.join(_objects(link))} is mapped to {found}."


def _objects(link: Link) -> tuple[str, ...]:
    return (link.object,) if link.object else tuple(dict.fromkeys(link.objects.values()))
