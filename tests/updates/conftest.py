"""What tests of updates share: keys and a place of releases, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.updates.world import World, publisher


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("publisher")
    publisher(folder).create()
    return folder


@pytest.fixture
def world(tmp_path: Path, made: Path) -> World:
    return World(tmp_path, made)
