"""The Salesforce connector passes the contract suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.crm.schema import Kind, WantedProperty
from tests.connectors.gateway_suite import GatewaySuite
from tests.connectors.lab import Lab
from tests.connectors.port_suite import PortSuite
from tests.connectors.salesforce.lab import SalesforceLab


class _Salesforce:
    @pytest.fixture
    def lab(self) -> Iterator[Lab]:
        lab = SalesforceLab()
        yield lab
        lab.close()


class TestPort(_Salesforce, PortSuite):
    """The port."""

    def wanted(self) -> WantedProperty | None:
        return WantedProperty("Counterpart_Extra__c", "Extra", Kind.TEXT, unique=True, length=36)


class TestGateway(_Salesforce, GatewaySuite):
    """With a gateway."""
