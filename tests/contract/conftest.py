"""The shipped manifest, as tables of the contract's tests read it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from app.contract.manifest import EntityType, Manifest, parse_manifest

PARTNER = Path(__file__).parents[2] / "resources" / "manifests" / "partner.toml"


@pytest.fixture(scope="session")
def manifest() -> Manifest:
    with PARTNER.open("rb") as file:
        return parse_manifest(tomllib.load(file))


@pytest.fixture(scope="session")
def deal(manifest: Manifest) -> EntityType:
    entity = manifest.entity("deal_registration")
    assert entity is not None
    return entity
