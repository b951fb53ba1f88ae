"""Whether the mappings fit the portal, and what of the portal nobody is offered because no mapping holds it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from app.contract.manifest import EntityType, Manifest
from app.contract.narrowing import narrowed
from gateway.checks.finding import Finding, know, mend
from gateway.connecting import mappings_of
from gateway.connections import Connection
from gateway.manifest_flaws import Flaw, known
from gateway.mapping import known_values, problems
from gateway.systems import crossings, details_of, homes_of


def check_mappings(manifest: Manifest, connections: Mapping[str, Connection]) -> list[Finding]:
    """Hold the mappings of all systems against the manifest. Raises OSError, ValueError for one that is none."""
    strays = [
        one
        for connection in connections.values()
        if connection.mapping is not None
        for one in _strays(connection.mapping, manifest)
    ]
    try:
        mappings = [mapping.within(manifest) for mapping in mappings_of(connections).values()]
    except ValueError:
        if strays:
            return strays  # what is said of something there is none of is mostly not whole by itself
        raise
    wrong = [line for mapping in mappings for line in problems(mapping, manifest)]
    wrong += crossings(mappings, manifest)
    found = [*(mend("mapping", f"The mapping does not fit: {line}", "") for line in wrong), *strays]
    if found:
        return found
    return check_offered(manifest, narrowed(manifest, homes_of(mappings), details_of(mappings)))


def _strays(path: Path, manifest: Manifest) -> Iterator[Finding]:
    """What a file itself says of things the manifest does not have.

    A mapping that serves any portal is without those, and so is one that extends it: there it would go unnoticed.
    """
    data = tomllib.loads(path.read_text("utf-8"))
    if data.get("portals") == "any":
        return
    for item in data.get("maps", ()):
        for flaw in _stray(item, manifest) if isinstance(item, dict) and not item.get("remove") else ():
            yield mend("mapping", f"{path.name}, {flaw.where}: {flaw.cause}", flaw.remedy)


def _stray(item: Mapping[str, Any], manifest: Manifest) -> Iterator[Flaw]:
    name = str(item.get("entity", ""))
    where, entity = f"maps.{name}/{item.get('object', '')}", manifest.entity(name)
    if entity is None:
        yield from known(f"{where}.entity", "entity type", [name], [*manifest.by_name])
        return
    for field, spec in item.get("fields", {}).items():
        at = f"{where}.fields.{field}"
        yield from known(at, "field", [field], [*entity.by_name])
        there = entity.field(field)
        values = known_values(entity, there) if there is not None else frozenset()
        if values and isinstance(spec, dict):
            yield from known(f"{at}.values", "value", spec.get("values", ()), sorted(values))
    commands = [command.name for command in entity.lifecycle.commands] if entity.lifecycle else []
    yield from known(f"{where}.commands", "command", item.get("commands", ()), commands)


def check_offered(whole: Manifest, served: Manifest) -> list[Finding]:
    """Hold the manifest as it is written against the one that is served: what goes is mostly meant to, or forgotten."""
    found = []
    gone = [entity.name for entity in whole.entities if entity.name not in served.by_name]
    if gone:
        found.append(_left_out(gone, "Map an object to each that partners should have ([[maps]])."))
    for entity in served.entities:
        found += _of_entity(whole.by_name[entity.name], entity)
    jobs = {job.name for job in served.jobs}
    gone = [
        f"the job {job.name}" for job in whole.jobs if job.name not in jobs and job.entity in served.by_name
    ]
    if gone:
        found.append(_left_out(gone, "Map what they begin with or lead to."))
    return found


def _of_entity(whole: EntityType, served: EntityType) -> Iterator[Finding]:
    fields = [f"{whole.name}.{spec.name}" for spec in whole.fields if spec.name not in served.by_name]
    if fields:
        yield _left_out(fields, f"Give each a property under [maps.fields] of the map of {whole.name}.")
    there = {command.name for command in served.lifecycle.commands} if served.lifecycle else set()
    commands = whole.lifecycle.commands if whole.lifecycle else ()
    gone = [f"the command {one.name} of {whole.name}" for one in commands if one.name not in there]
    if gone:
        yield _left_out(gone, "Give the state they lead to a value, instead of naming it in `lacks`.")


def _left_out(names: Iterable[str], remedy: str) -> Finding:
    cause = f"No mapping has {', '.join(names)}: that is left out of the portal."
    return know("not_offered", cause, f"{remedy} If that is meant, all is well.")
