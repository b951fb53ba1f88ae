"""The account most tests begin with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.hubspot.lab import HubSpotLab


@pytest.fixture
def lab() -> Iterator[HubSpotLab]:
    """An account whose search shows everything at once."""
    lab = HubSpotLab(lag=0.0)
    yield lab
    lab.close()
