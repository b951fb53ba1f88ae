"""The manifests that ship, as clients and gateways get them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from app.contract.manifest import Manifest, effective, parse_manifest
from app.contract.overlays import resolve

FOLDER = Path(__file__).parents[1] / "resources" / "manifests"


@cache
def shipped(name: str, role: str = "") -> Manifest:
    """Return a shipped manifest ("partner", "customer", "client", "member"), whole or as it holds for a role."""
    data = resolve(f"{name}.toml", lambda file: tomllib.loads((FOLDER / file).read_text("utf-8")))
    manifest = parse_manifest(data)
    return effective(manifest, role) if role else manifest
