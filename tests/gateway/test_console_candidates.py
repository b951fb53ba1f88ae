"""Which registrations are set beside one under review, in which order, and what is marked."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.console.candidates import compared, families, is_open, plain_name, signs_of
from gateway.crm.port import Ref
from tests.gateway.console_world import Vendor, build_gateway, build_vendor
from tests.gateway.crm_world import World, build_world
from tests.gateway.databases import lender

TODAY = date(2026, 11, 23)

BOTH = ("same country", "same product family")

MINE: dict[str, Any] = {
    "cust_name": "Kestrel Foods Ltd",
    "domain_key": "kestrelfoods.example",
    "country_iso": "GB",
    "product_codes": ["EG220"],
    "stage_code": "NEW",
    "archived": False,
    "prot_to": None,
}


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("other", "signs"),
    [
        ({}, ("same website", "same customer", *BOTH)),
        ({"cust_name": "KESTREL FOODS, plc", "domain_key": ""}, ("same customer", *BOTH)),
        ({"cust_name": "Kestrell Foods", "domain_key": "x"}, ("similar customer", *BOTH)),
        ({"cust_name": "KF Group", "country_iso": "IE", "product_codes": ["VLT"]}, ("same website",)),
        ({"domain_key": "", "country_iso": "IE", "product_codes": ["EG440"]}, ("same customer", "same product family")),
        ({"domain_key": "", "country_iso": "IE", "product_codes": ["VLT"]}, ()),
        ({"cust_name": "Solway Biomass", "domain_key": "solway.example"}, ()),
        ({"cust_name": "Solway Biomass", "domain_key": ""}, ()),
        ({"cust_name": "Kestrel Foods", "domain_key": "", "country_iso": "", "product_codes": None}, ()),
    ],
    ids=[
        "all of it",
        "another legal form, no website",
        "a slip in the name",
        "the website alone",
        "the name and the family, in another country",
        "the name alone",
        "the country and the family alone",
        "two without a website are not the same",
        "the name, and nothing known besides",
    ],
)  # fmt: skip
def test_what_is_taken_for_the_same_deal(other: dict[str, Any], signs: tuple[str, ...]) -> None:
    assert signs_of(MINE, {**MINE, **other}) == signs


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("row", "held"),
    [
        ({}, True),
        ({"stage_code": "INFO_NEEDED"}, True),
        ({"stage_code": "PROTECTED", "prot_to": "2026-11-23"}, True),
        ({"stage_code": "PROTECTED", "prot_to": "2026-11-22"}, False),
        ({"stage_code": "EXT_ASKED", "prot_to": "2026-11-22"}, True),
        ({"stage_code": "REFUSED"}, False),
        ({"stage_code": "DRAFT"}, False),
        ({"stage_code": "WON"}, False),
        ({"archived": True}, False),
    ],
)
def test_the_window_in_which_a_registration_holds_its_customer(row: dict[str, Any], held: bool) -> None:
    assert is_open({**MINE, **row}, TODAY) is held


@pytest.mark.databases("sqlite")
def test_names_and_families_as_they_are_compared() -> None:
    assert plain_name("Calder & Rowe  Ltd.") == plain_name("CALDER AND ROWE Limited") == "calder and rowe"
    assert plain_name("AG Group") == "ag group", "a name of nothing but legal forms is itself"
    assert families(["EG220", "EG440", "CARE"]) == {"edge", "care"}
    assert families(None) == frozenset()


# ------------------------------------------------------------------------------------------------ in the CRM


@pytest.fixture
def vendor(tmp_path: Path) -> Vendor:
    return build_vendor(tmp_path)


def numbers(vendor: Vendor, ref: Ref) -> list[str]:
    """The candidates of a registration, by number."""
    found = compared(vendor.world.crm, vendor.office.receipts, ref)
    return [item.number for item in found.candidates] if found else []


def test_who_was_received_first_comes_first_whatever_their_clock_says(tmp_path: Path) -> None:
    world = build_world(lender.crm_address(tmp_path))
    gateway = build_gateway(world, tmp_path)
    mine, early, late = (world.submitted(f"deal-{number}") for number in range(3))
    start = world.clock()
    received = {
        mine: (start + timedelta(minutes=5), start),
        early: (start + timedelta(minutes=1), start + timedelta(days=3)),
        late: (start + timedelta(minutes=9), start - timedelta(days=3)),
    }
    found = compared(world.crm, lambda refs: {ref: received[ref] for ref in refs}, mine)
    assert found is not None
    assert [(item.entry.ref, item.earlier) for item in found.candidates] == [(early, True), (late, False)]
    captured = dict(found.lines)["Captured by their clock"]
    assert [cell.words for cell in captured] == [
        "23 Nov 2026, 09:41",
        "26 Nov 2026, 09:41",
        "20 Nov 2026, 09:41",
    ]
    gateway.close()


def test_what_differs_is_marked_and_what_is_always_anothers_is_not(vendor: Vendor) -> None:
    world: World = vendor.world
    mine = world.submitted("mine")
    world.submitted("other", est_value="90000.00", domain="https://WWW.kestrelfoods.example/")
    found = compared(world.crm, vendor.office.receipts, mine)
    assert found is not None
    marked = {label for label, cells in found.lines if cells[1].differs}
    assert marked == {"Amount", "Website"}
    assert dict(found.lines)["Amount"][1].words == "90,000.00 GBP"


def test_only_open_ones_stand_beside_it(vendor: Vendor) -> None:
    world = vendor.world
    mine, refused, archived, open_one = (world.submitted(f"deal-{number}") for number in range(4))
    world.desk.reject(refused, "No.")
    world.desk.archive(archived)
    world.deal("draft")
    assert numbers(vendor, mine) == [world.value(open_one, "reg_no")]
    world.desk.reject(open_one, "No.")
    assert numbers(vendor, mine) == []
