"""Fixtures of the gateway's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.logs import configure_logs
from tests.gateway.databases import POSTGRESQL, SQLITE, lender
from tests.gateway.processes import certificate
from tests.gateway.world import World


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test on both databases, but for those that are about one alone: `pytest.mark.databases("sqlite")`.

    `at_night` names those on which it takes too long for each change.
    """
    marked = next(metafunc.definition.iter_markers("databases"), None)
    kinds = marked.args if marked else (SQLITE, POSTGRESQL)
    late = marked.kwargs.get("at_night", ()) if marked else ()
    both = [*kinds, *(pytest.param(kind, marks=pytest.mark.nightly) for kind in late)]
    metafunc.parametrize("database_kind", both, indirect=True, scope="module")


@pytest.fixture(autouse=True, scope="module")
def database_kind(request: pytest.FixtureRequest) -> Iterator[str]:
    """The kind of database a module's tests run on; what its fixtures lend is kept until it is done with that kind."""
    lender.kind = request.param
    yield lender.kind
    lender.take_back()
    # What a whole module shares is made before a test says its kind, and must outlive what that test has lent.
    lender.kind = SQLITE


@pytest.fixture(autouse=True)
def _taken_back(database_kind: str) -> Iterator[None]:
    """What one test lends is taken back after it."""
    assert database_kind == lender.kind
    before = lender.lent
    yield
    lender.take_back(before)


@pytest.fixture(autouse=True, scope="session")
def _few_authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nobody's servers are asked here: reading all the world's authorities takes a client 50 ms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(certificate(tmp_path_factory.mktemp("authorities"))[0]))
        yield


@pytest.fixture(autouse=True)
def _quiet_log() -> None:
    """The log as a gateway process has it, for what is worse than a warning."""
    configure_logs("CRITICAL")


@pytest.fixture
def world() -> World:
    """A gateway over the small system."""
    return World()
