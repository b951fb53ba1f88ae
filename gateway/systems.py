"""The source systems a gateway stands beside: each a port with its mapping."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.contract.manifest import Manifest
from gateway.clock import Clock
from gateway.crm.budget import Budget
from gateway.crm.metered import metered
from gateway.crm.port import CrmPort
from gateway.database import Database
from gateway.mapping import SystemMapping, problems


@dataclass(frozen=True)
class System:
    """One source system."""

    port: CrmPort
    mapping: SystemMapping

    @property
    def name(self) -> str:
        """Short name, the same on both parts."""
        return self.port.system


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
    """All source systems of a gateway. An entity type lives in one of them."""

    def __init__(self, systems: Sequence[System], manifest: Manifest) -> None:
        """Raises ValueError when a mapping does not fit its port or the manifest."""
        self._by_name = {system.name: system for system in systems}
        homes: dict[str, str] = {}
        for system in systems:
            for item in system.mapping.maps:
                homes.setdefault(item.entity, system.name)
        wrong = [line for system in systems for line in problems(system.mapping, manifest)]
        wrong += [
            f"The mapping for {system.mapping.system} was given to {system.name}."
            for system in systems
            if system.mapping.system != system.name
        ]
        wrong += [
            f"{item.entity} is mapped in {homes[item.entity]} and in {system.name}."
            for system in systems
            for item in system.mapping.maps
            if homes[item.entity] != system.name
        ]
        if wrong:
            raise ValueError("The mapping does not fit: " + " ".join(wrong))
        self._homes = homes

    def __iter__(self) -> Iterator[System]:
        return iter(self._by_name.values())

    def named(self, name: str) -> System | None:
        """Return the system of that name."""
        return self._by_name.get(name)

    @property
    def held(self) -> frozenset[str]:
        """The entity types that live in one of the systems."""
        return frozenset(self._homes)

    def of_entity(self, entity: str) -> System | None:
        """Return the system an entity type lives in."""
        return self._by_name.get(self._homes.get(entity, ""))
