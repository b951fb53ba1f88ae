"""What the tests of the statements are given: a gateway for all of them, computers at it, worlds of the gateway
alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from app.views.theme.theme import Theme
from gateway.logs import configure_logs
from tests.e2e.together import Computer, Person, Vendor, vendor_at
from tests.gateway.databases import SQLITE, lender
from tests.gateway.processes import certificate
from tests.gateway.world import World
from tests.themed import themed
from tests.views.patient import PatientBot

Give = Callable[[Person], Computer]


@pytest.fixture(autouse=True, scope="session")
def _few_authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Reading all the world's authorities takes each client 50 ms; what is about certificates names its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(certificate(tmp_path_factory.mktemp("authorities"))[0]))
        yield


@pytest.fixture(autouse=True)
def _quiet() -> None:
    """The gateway's log writes to the present standard error, and what the tests provoke is not told."""
    configure_logs("CRITICAL")


@pytest.fixture(autouse=True)
def _taken_back() -> Iterator[None]:
    """What a test has of the gateway's databases is given back after it."""
    lender.kind = SQLITE
    before = lender.lent
    yield
    lender.take_back(before)


@pytest.fixture(autouse=True)
def _emptied() -> Iterator[None]:
    """A test's windows go with it."""
    yield
    if QApplication.instance() is None:
        return
    for left in QApplication.topLevelWidgets():
        left.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture(scope="session")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendor]:
    """A gateway as `serve` runs it, over a small CRM; each test takes people of its own."""
    configure_logs("CRITICAL")
    with vendor_at(tmp_path_factory.mktemp("gateway")) as made:
        yield made


@pytest.fixture
def computer(vendor: Vendor, tmp_path: Path) -> Iterator[Give]:
    """Gives somebody a computer."""
    made: list[Computer] = []

    def give(person: Person) -> Computer:
        made.append(Computer(vendor, person, tmp_path / f"computer{len(made)}"))
        return made[-1]

    yield give
    for one in made:
        one.wire.close()


@pytest.fixture
def world() -> World:
    """A gateway's core over a small system, with a clock that is moved by hand."""
    return World()


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> PatientBot:
    return PatientBot(request)


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    with themed(qapp) as made:
        yield made
