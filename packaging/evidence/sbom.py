"""The list of what ships for machines: CycloneDX 1.6, the same bytes for the same content."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from evidence.components import Component
from evidence.natives import Native, product

#: Ours, so that the serial number says which content it is of and nothing else.
_NAMESPACE = uuid.UUID("6f0c8c5e-3b0b-4e55-9e0a-5a1e5c0f7d21")


def sbom(
    packages: Iterable[Component],
    works: Iterable[Native],
    *,
    when: int,
    downloaded: Mapping[str, str] | None = None,
    platform: str = "",
) -> str:
    """Return the JSON text. `downloaded`: SHA-256 of the file each package was installed from, where that is known."""
    name, version = product()
    root = f"pkg:generic/{name}@{version}"
    listed = [_package(one, downloaded or {}) for one in packages]
    carried = list(works)
    listed += [_native(one) for one in carried]
    dependencies = {root: sorted(str(one["bom-ref"]) for one in listed)}
    for work in carried:
        for one in listed:
            if one["name"] == work.within:
                dependencies.setdefault(str(one["bom-ref"]), []).append(work.purl)
    document: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(when, UTC).isoformat().replace("+00:00", "Z"),
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": name,
                "version": version,
                "purl": root,
                "licenses": [{"expression": "Apache-2.0"}],
            },
            "properties": [{"name": "counterpart:platform", "value": platform}] if platform else [],
        },
        "components": listed,
        "dependencies": [{"ref": ref, "dependsOn": sorted(on)} for ref, on in sorted(dependencies.items())],
    }
    document["serialNumber"] = uuid.uuid5(_NAMESPACE, json.dumps(document, sort_keys=True)).urn
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def faults(text: str) -> list[str]:
    """Return what the schema says is wrong with a list; it needs no network."""
    found = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    return [] if found is None else [str(found)]


def _package(one: Component, downloaded: Mapping[str, str]) -> dict[str, Any]:
    purl = f"pkg:pypi/{one.pin.name}@{one.pin.version}"
    known = downloaded.get(one.pin.name)
    # A file that the lock does not name was refused by pip; which of those it names was taken, pip tells.
    hashes = [known] if known else list(one.pin.hashes)
    return {
        "type": "library",
        "bom-ref": purl,
        "name": one.pin.name,
        "version": one.pin.version,
        "purl": purl,
        "scope": "required" if one.here else "excluded",
        "licenses": [{"expression": one.licence}],
        "hashes": [{"alg": "SHA-256", "content": value} for value in sorted(hashes)],
    }


def _native(one: Native) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": one.purl,
        "name": one.name,
        "version": one.version,
        "purl": one.purl,
        "scope": "required",
        "licenses": [{"expression": one.licence}],
        "properties": [{"name": "counterpart:within", "value": one.within or "counterpart"}],
    }
