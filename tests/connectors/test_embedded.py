"""The embedded CRM passes the contract suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.crm.schema import WantedProperty
from tests.connectors.embedded_lab import EmbeddedLab
from tests.connectors.gateway_suite import GatewaySuite
from tests.connectors.lab import Lab
from tests.connectors.port_suite import PortSuite


class _Embedded:
    @pytest.fixture
    def lab(self) -> Iterator[Lab]:
        lab = EmbeddedLab()
        yield lab
        lab.close()


class TestPort(_Embedded, PortSuite):
    """The port."""

    def wanted(self) -> WantedProperty | None:
        return None


class TestGateway(_Embedded, GatewaySuite):
    """With a gateway."""
