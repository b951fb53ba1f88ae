from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.logs import configure_logs
from tests.failures.world import World


@pytest.fixture(autouse=True)
def quiet() -> None:
    """The gateway's log writes to the present standard error, and what the tests provoke is not told."""
    configure_logs("CRITICAL")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()
