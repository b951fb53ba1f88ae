"""A real Odoo 19 passes the contract suite."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gateway.crm.odoo.client import Protocol
from gateway.crm.schema import Kind, WantedProperty
from tests.connectors.gateway_suite import GatewaySuite
from tests.connectors.lab import Lab
from tests.connectors.odoo.lab import OdooLab
from tests.connectors.odoo.server import Odoo
from tests.connectors.port_suite import PortSuite

pytestmark = [pytest.mark.live, pytest.mark.timeout(600, func_only=True)]  # the first time, Odoo is got


class _Live:
    @pytest.fixture
    def lab(self, odoo: Odoo) -> Iterator[Lab]:
        odoo.reset()
        lab = OdooLab(odoo)
        yield lab
        lab.close()


class TestPort(_Live, PortSuite):
    """The port."""

    def wanted(self) -> WantedProperty | None:
        return WantedProperty(
            "x_counterpart_made", "Made by a test", Kind.CHOICE, {"a": "First", "b": "Second"}
        )

    def test_a_property_is_made(self, lab: Lab, new_id: Callable[[], str]) -> None:
        # The portal's own user may not do this, and need not.
        assert isinstance(lab, OdooLab)
        lab.system = lab.connected("admin")
        super().test_a_property_is_made(lab, new_id)


class TestPortBefore19(TestPort):
    """The port over `/jsonrpc`, which is all that servers before 19 have; this one still answers there."""

    @pytest.fixture
    def lab(self, odoo: Odoo) -> Iterator[Lab]:
        odoo.reset()
        lab = OdooLab(odoo, Protocol.JSONRPC)
        yield lab
        lab.close()


class TestGateway(_Live, GatewaySuite):
    """With a gateway."""
