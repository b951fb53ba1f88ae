"""One portal over two systems, each by its own connector: companies and deals in HubSpot, orders in Salesforce."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from app.contract.mutations import Status
from gateway.connecting import shipped_mapping
from gateway.crm.port import Ref
from gateway.homes import at_home
from gateway.mapping import SystemMapping
from gateway.systems import System
from tests.connectors.hubspot.lab import HubSpotLab
from tests.connectors.portal import Portal
from tests.connectors.salesforce.lab import SalesforceLab

#: In the second system a company bears the first one's number.
_THEIRS = 'company = { property = "Account.AccountNumber", as = "reference", system = "hubspot", object = "companies" }'


@dataclass
class Both:
    """Two systems, and a gateway beside both."""

    crm: HubSpotLab
    erp: SalesforceLab
    portal: Portal

    def order(self, company: Ref, number: str) -> Ref:
        """Have an order entered in the second system, for a company of the first."""
        account = self.erp.add("Account", Name="Brightwater IT", AccountNumber=company.id)
        values = {"AccountId": account.id, "Status": "Activated", "EffectiveDate": "2026-11-20"}
        return self.erp.add("Order", **values, PoNumber=number)

    def seen(self) -> dict[str, str]:
        """What Maya sees of orders: purchase order to company."""
        records = self.portal.seen().values()
        return {one["po_reference"]: one["company"] for one in records if one["@entity"] == "order"}

    def tick(self, seconds: float) -> None:
        """Let time pass for both."""
        self.crm.tick(seconds)
        self.erp.tick(seconds)

    def read(self) -> None:
        """Let everything appear, and read it."""
        self.erp.tick(700)
        self.crm.tick(700)
        for _ in range(6):
            self.portal.step()
            self.tick(15)


@pytest.fixture
def both() -> Iterator[Both]:
    crm, erp = HubSpotLab(), SalesforceLab()
    erp.clock.at = crm.clock.at
    text = shipped_mapping("salesforce")
    head, order, rest = re.split(r'(entity = "order".*?\[maps\.scope\])', text, maxsplit=1, flags=re.DOTALL)
    order, replaced = re.subn(r"^company = .*$", _THEIRS, order, flags=re.MULTILINE)
    assert replaced == 1
    mappings = at_home(
        {"hubspot": crm.mapping, "salesforce": SystemMapping.load(head + order + rest)},
        {"hubspot": ["company", "deal_registration", "request"], "salesforce": ["order"]},
    )
    assert mappings["salesforce"].objects() == ("Order",)
    port = erp.connector(mapping=mappings["salesforce"])
    systems = (System(crm.port, mappings["hubspot"]), System(port, mappings["salesforce"]))
    yield Both(crm, erp, Portal(crm, systems=systems))
    crm.close()
    erp.close()


def test_an_order_of_one_system_belongs_to_a_company_of_the_other(both: Both) -> None:
    mine, theirs = both.order(both.portal.north, "PO-1"), both.order(both.portal.south, "PO-2")
    deal = both.crm.deal(both.portal.north, customer="Kestrel")
    both.read()
    assert both.seen() == {"PO-1": both.portal.gid(both.portal.north)}
    assert both.portal.gid(deal) in both.portal.seen()
    assert mine != theirs


def test_what_one_does_not_answer_keeps_nothing_of_the_other(both: Both) -> None:
    both.order(both.portal.north, "PO-1")
    both.read()
    both.erp.cut()
    both.tick(60)
    deal = both.crm.deal(both.portal.north, customer="Meanwhile")
    both.read()
    assert both.portal.gid(deal) in both.portal.seen()
    assert "PO-1" in both.seen()
    told = {one.system: one for one in both.portal.gateway.sources()}
    assert told["hubspot"].stale_reason == ""
    assert "Salesforce" in told["salesforce"].stale_reason
    assert told["salesforce"].entities == ("order",)
    written = both.portal.until_done(both.portal.new_deal(customer="Merlin"))
    assert written.status is Status.APPLIED
    assert both.crm.count("Merlin") == 1
    both.erp.mend()
    both.tick(60)
    both.order(both.portal.north, "PO-3")
    both.read()
    assert {*both.seen()} == {"PO-1", "PO-3"}
    assert {one.stale_reason for one in both.portal.gateway.sources()} == {""}


def test_a_company_nobody_has_read_yet_is_read_for_the_order_that_names_it(both: Both) -> None:
    company = both.crm.company("Newcomer Ltd")
    both.order(company, "PO-9")
    # The order is met first: the first system's index does not show the company yet.
    both.portal.step()
    both.read()
    user = both.portal._user("Nina Newcomer", company)
    orders = [one for one in both.portal.seen(user).values() if one["@entity"] == "order"]
    assert [one["po_reference"] for one in orders] == ["PO-9"]
    assert orders[0]["company"] == both.portal.gid(company)
