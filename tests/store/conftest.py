from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.database import Store
from tests.store import world


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """A store after its first sync, empty, with the partner portal's manifest."""
    with Store.open(path, world.KEY) as opened:
        world.complete(opened)
        yield opened


@pytest.fixture
def new_store(path: Path) -> Iterator[Store]:
    """A store that has never synced."""
    with Store.open(path, world.KEY) as opened:
        yield opened
