"""Opening the source systems that settings name: each with its mapping, cut to what it is the home of.

A connector's code is loaded with the first system of its kind: who stands beside Odoo alone needs no other.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, assert_never

from pydantic import ValidationError

from app.contract.overlays import resolve
from gateway.clock import Clock
from gateway.connections import (
    Connection,
    EmbeddedConnection,
    HubSpotConnection,
    OdooConnection,
    SalesforceConnection,
)
from gateway.crm.digests import Digests, DigestsOf
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.port import CrmPort
from gateway.homes import at_home
from gateway.manifest_shape import unreadable
from gateway.mapping import SystemMapping
from gateway.systems import System

#: Kinds of systems that come with a mapping.
_KINDS = ("embedded", "hubspot", "odoo", "salesforce")


@dataclass(frozen=True)
class Outlets:
    """What connectors are given besides their settings. `crm` is the embedded one's database, opened already."""

    crm: EmbeddedCrm
    clock: Clock
    digests: Digests


def mappings_of(connections: Mapping[str, Connection]) -> dict[str, SystemMapping]:
    """Read the mappings, each cut to what its system is the home of. Raises OSError, ValueError."""
    whole = {name: mapping_of(name, one) for name, one in connections.items()}
    wanted: dict[str, Sequence[str] | None] = {name: one.entities for name, one in connections.items()}
    return at_home(whole, wanted)


def mapping_of(name: str, connection: Connection) -> SystemMapping:
    """Read a system's mapping: its own, or the one that ships with its kind. Raises OSError, ValueError."""
    path = connection.mapping
    data: object = None
    try:
        if path:
            data = resolve(path.name, _beside(path))
            mapping = SystemMapping.model_validate(data)
        else:
            mapping = SystemMapping.load(shipped_mapping(connection.kind, connection.variant))
    except ValidationError as error:
        told = " ".join(str(flaw) for flaw in unreadable(data, error, "docs/mapping.md"))
        raise ValueError(f"The mapping {path or 'shipped'} of {name}: {told}") from None
    except ValueError as error:
        raise ValueError(f"The mapping {path or 'shipped'} of {name} cannot be read: {error}.") from None
    if path and mapping.system != name:
        raise ValueError(
            f"The mapping {path} is one of the system {mapping.system}, and was given to {name}."
        )
    return mapping.changed(system=name)


def _beside(path: Path) -> Callable[[str], dict[str, Any]]:
    """Read what mappings extend: files beside this one, or those that ship, by kind and variant ("odoo-community")."""

    def read(name: str) -> dict[str, Any]:
        beside = path.parent / name
        if name == path.name or beside.is_file():
            return tomllib.loads(beside.read_text("utf-8"))
        kind, _, variant = name.partition("-")
        if kind not in _KINDS:
            raise ValueError(f"there is no file {beside}, and no mapping ships as {name}")
        return tomllib.loads(shipped_mapping(kind, variant))

    return read


def shipped_mapping(kind: str, variant: str = "") -> str:
    """Return a mapping that ships with a kind of system, as text. Raises ValueError for a variant there is none of."""
    file = files(f"gateway.crm.{kind}") / (f"mapping-{variant}.toml" if variant else "mapping.toml")
    if not file.is_file():
        raise ValueError(f"There is no variant {variant} of the mapping for {kind}.")
    return file.read_text("utf-8")


def open_systems(connections: Mapping[str, Connection], outlets: Outlets) -> tuple[System, ...]:
    """Open the systems; nothing is asked of them yet. Raises OSError, ValueError."""
    mappings = mappings_of(connections)
    return tuple(
        System(_port(name, one, mappings[name], outlets), mappings[name]) for name, one in connections.items()
    )


def close_ports(systems: Sequence[System]) -> None:
    """Give up connections, of those connectors that keep some."""
    for system in systems:
        close: Callable[[], None] | None = getattr(system.port, "close", None)
        if close and not isinstance(system.port, EmbeddedCrm):
            close()


def _port(name: str, connection: Connection, mapping: SystemMapping, outlets: Outlets) -> CrmPort:
    common = {
        "name": name,
        "mapping": mapping,
        "clock": outlets.clock,
        "digests": DigestsOf(outlets.digests, name),
    }
    if connection.label:
        common["label"] = connection.label
    match connection:
        case EmbeddedConnection():
            return outlets.crm
        case OdooConnection():
            return _odoo(connection, common)
        case HubSpotConnection():
            return _hubspot(connection, common)
        case SalesforceConnection():
            return _salesforce(connection, common)
        case _:
            assert_never(connection)


def _odoo(connection: OdooConnection, common: Mapping[str, Any]) -> CrmPort:
    more = (
        {"protocol": _part("odoo.client", "Protocol")(connection.protocol)}
        if connection.protocol != "auto"
        else {}
    )
    return _made(
        "odoo.connector",
        "OdooCrm",
        **common,
        **more,
        url=connection.url.rstrip("/"),
        database=connection.database,
        login=connection.login,
        key=connection.key,
        language=connection.language,
        longest_transaction=connection.late_commit,
    )


def _hubspot(connection: HubSpotConnection, common: Mapping[str, Any]) -> CrmPort:
    return _made(
        "hubspot.connector",
        "HubSpotCrm",
        **common,
        base_url=connection.base_url.rstrip("/"),
        service_key=connection.service_key,
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        refresh_token=connection.refresh_token,
        rate=connection.rate,
        daily=connection.daily,
        journal=connection.journal,
    )


def _salesforce(connection: SalesforceConnection, common: Mapping[str, Any]) -> CrmPort:
    return _made(
        "salesforce.connector",
        "SalesforceCrm",
        **common,
        url=connection.url.rstrip("/"),
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        username=connection.username,
        password=connection.password,
        token=connection.token,
        api_version=connection.api_version,
        daily=connection.daily,
    )


def _made(module: str, kind: str, /, **arguments: Any) -> CrmPort:
    made: CrmPort = _part(module, kind)(**arguments)
    return made


def _part(module: str, name: str) -> Any:
    return getattr(import_module(f"gateway.crm.{module}"), name)
