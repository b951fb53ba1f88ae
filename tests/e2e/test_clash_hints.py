"""A hint about another partner's registration, from their row in the CRM to a form without a network, and its end."""

from __future__ import annotations

from pathlib import Path

from app.services.views_model import ClashHint
from gateway.crm.embedded.staff import StaffDesk
from gateway.crm.port import Ref
from tests.e2e.together import Computer, Vendor, vendor_at


def register_for_somebody_else(vendor: Vendor) -> Ref:
    """Another partner's registration, under review."""
    crm = vendor.service.crm
    desk = StaffDesk.of(crm, "Ingrid Solheim")
    account = desk.create(
        "account", {"acct_name": "Rival Networks", "country_iso": "GB", "stage_code": "ACT"}
    )
    row = desk.create(
        "registration",
        {
            "account_id": int(account.ref.id),
            "cust_name": "Sableworks GmbH",
            "domain": "https://www.sableworks.example/",
            "country_iso": "DE",
            "deal_name": "Backup for the works",
            "stage_code": "NEW",
        },
    )
    vendor.gateway.backfill()
    vendor.gateway.clashes.refresh()
    return row.ref


def hints(computer: Computer, *typed: dict[str, str]) -> list[ClashHint | None]:
    """What the form says to somebody who types each of these, without a network."""
    computer.wire.close()
    try:
        with computer.opened() as account:
            drafts = account.open_portal(lambda: None).drafts
            return [drafts.may_clash(drafts.start("deal_registration", one)) for one in typed]
    finally:
        computer.wire.open()


def test_a_hint_reaches_the_form_offline_and_goes_with_the_registration(tmp_path: Path) -> None:
    site, name = {"website": "sableworks.example"}, {"customer": "Sableworks", "country": "DE"}
    with vendor_at(tmp_path / "gateway", console=False) as vendor:
        computer = Computer(vendor, vendor.person("rep", "Maya Okafor"), tmp_path / "computer")
        row = register_for_somebody_else(vendor)
        computer.sync()
        by_site, by_name, elsewhere = hints(computer, site, name, {**name, "country": "AT"})
        assert by_site is not None
        assert by_site.title == "May clash with a registration of another partner"
        assert (by_site.gid, by_site.number, "Rival" in by_site.detail) == ("", "", False)
        assert by_name is not None
        assert elsewhere is None
        StaffDesk.of(vendor.service.crm, "Ingrid Solheim").reject(row, "Taken by somebody else.")
        vendor.gateway.backfill()
        vendor.clock.forward(minutes=6)
        vendor.gateway.clashes.refresh()
        computer.sync()
        assert hints(computer, site) == [None]
