"""Fixtures of the gateway's tests."""

from __future__ import annotations

import pytest

from gateway.logs import configure_logs
from tests.gateway.world import World


@pytest.fixture(autouse=True)
def _quiet_log() -> None:
    """The log as a gateway process has it, for what is worse than a warning."""
    configure_logs("CRITICAL")


@pytest.fixture
def world() -> World:
    """A gateway over the small system."""
    return World()
