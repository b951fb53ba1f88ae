"""The org that Salesforce's own tests are about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.salesforce.lab import SalesforceLab


@pytest.fixture
def lab() -> Iterator[SalesforceLab]:
    """A small org; its answers to queries come in pages of three rows."""
    lab = SalesforceLab(batch=3)
    yield lab
    lab.close()
