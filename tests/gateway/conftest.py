"""Fixtures of the gateway's tests."""

from __future__ import annotations

import pytest

from tests.gateway.world import World


@pytest.fixture
def world() -> World:
    """A gateway over the small system."""
    return World()
