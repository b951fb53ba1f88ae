"""What the tests of both sides together are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.views.theme.theme import Theme
from gateway.logs import configure_logs
from tests.e2e.together import Computer, Person, Vendor, vendor_at
from tests.themed import themed


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> None:
    """The gateway's log writes to the present standard error, and what the tests provoke is not told."""
    configure_logs("CRITICAL")


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendor]:
    """A gateway for the tests of one module; each takes people of its own."""
    with vendor_at(tmp_path_factory.mktemp("gateway")) as made:
        yield made


@pytest.fixture
def computer(vendor: Vendor, tmp_path: Path) -> Iterator[Callable[[Person], Computer]]:
    """Gives somebody a computer."""
    made: list[Computer] = []

    def give(person: Person) -> Computer:
        made.append(Computer(vendor, person, tmp_path / f"computer{len(made)}"))
        return made[-1]

    yield give
    for one in made:
        one.wire.close()


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    with themed(qapp) as made:
        yield made
