from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync import world


def first_records(made: world.World) -> None:
    """Three deals and a request at the gateway."""
    for number, name in ((1, "Northwind"), (2, "Sableworks"), (3, "Ledbury Homes")):
        made.gateway.put(number, customer=name, state="approved", amount="100.00", next_steps="Call them")
    made.gateway.put(4, world.REQUEST, subject="Where is my order", state="open")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[world.World]:
    """A client after its first sync of three deals and a request, and its gateway."""
    made = world.make(tmp_path / "store.db", page_rows=4)
    first_records(made)
    made.sync()
    made.events.clear()
    yield made
    made.store.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[world.World]:
    """A client that has never synced, and an empty gateway."""
    made = world.make(tmp_path / "store.db", page_rows=4)
    yield made
    made.store.close()
