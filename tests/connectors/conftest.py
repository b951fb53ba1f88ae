"""Fixtures of the connectors' tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.logs import configure_logs
from tests.gateway.databases import SQLITE, lender

# What fails in a suite says what it met, as in the tests' own files.
pytest.register_assert_rewrite(
    *(
        f"tests.connectors.{name}"
        for name in ("port_suite", "reading_suite", "writing_suite", "gateway_suite")
    )
)


@pytest.fixture(autouse=True)
def _taken_back() -> Iterator[None]:
    """What one test lends is taken back after it."""
    lender.kind = SQLITE
    before = lender.lent
    yield
    lender.take_back(before)


@pytest.fixture(autouse=True)
def _quiet_log() -> None:
    """The log as a gateway process has it, for what is worse than a warning."""
    configure_logs("CRITICAL")
