from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.database import Store
from tests.store import world


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture(scope="session")
def synced_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store after its first sync, empty, with the partner portal's manifest; to be copied."""
    path = tmp_path_factory.mktemp("synced") / "store.db"
    with Store.open(path, world.KEY) as store:
        world.complete(store)
    return path


@pytest.fixture
def store(path: Path, synced_file: Path) -> Iterator[Store]:
    """A store after its first sync, empty, with the partner portal's manifest."""
    shutil.copy(synced_file, path)
    with Store.open(path, world.KEY) as opened:
        yield opened


@pytest.fixture
def new_store(path: Path) -> Iterator[Store]:
    """A store that has never synced."""
    with Store.open(path, world.KEY) as opened:
        yield opened
