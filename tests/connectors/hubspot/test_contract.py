"""The HubSpot connector passes the contract suite over the stand-in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.crm.schema import Kind, WantedProperty
from tests.connectors.gateway_suite import GatewaySuite
from tests.connectors.hubspot.lab import HubSpotLab
from tests.connectors.lab import Lab
from tests.connectors.port_suite import PortSuite
from tests.connectors.portal import Portal


class _HubSpot:
    @pytest.fixture
    def lab(self) -> Iterator[Lab]:
        lab = HubSpotLab()
        yield lab
        lab.close()


class TestPort(_HubSpot, PortSuite):
    """The port."""

    def wanted(self) -> WantedProperty | None:
        return WantedProperty(
            "counterpart_region", "Region", Kind.CHOICE, {"north": "North", "south": "South"}
        )

    def test_what_was_merged_leads_on(self, lab: Lab) -> None:
        """In HubSpot both become a third record, and both of their ids answer for it."""
        assert isinstance(lab, HubSpotLab)
        company = lab.company("Brightwater IT")
        loser, winner = lab.deal(company), lab.deal(company)
        assert lab.port.merged_into(winner) is None
        merged = lab.merged(loser, winner)
        assert [row.ref for row in lab.port.fetch([loser, winner, merged])] == [merged]
        assert lab.port.merged_into(loser) == lab.port.merged_into(winner) == merged
        assert lab.port.merged_into(merged) is None


class TestGateway(_HubSpot, GatewaySuite):
    """With a gateway."""

    def test_what_is_merged_leads_on(self, lab: Lab, portal: Portal) -> None:
        """In HubSpot both become a third record."""
        assert isinstance(lab, HubSpotLab)
        loser, winner = lab.deal(portal.north), lab.deal(portal.north)
        portal.read()
        cursor = portal.cursor()
        merged = lab.merged(loser, winner)
        portal.read()
        portal.sweep(loser.obj)
        assert portal.gone_since(cursor) == {
            portal.gid(loser): ("tombstone", portal.gid(merged)),
            portal.gid(winner): ("tombstone", portal.gid(merged)),
        }
        assert portal.gid(merged) in portal.seen()
