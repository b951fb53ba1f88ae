"""What follows from what in the embedded CRM: the jobs that partners and the vendor's staff share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pypdfium2
import pytest

from gateway.crm.embedded.files import NewFile
from gateway.crm.embedded.staff import StaffDesk
from gateway.crm.embedded.staff_trade import TradeDesk
from gateway.crm.embedded.staff_work import WorkDesk
from gateway.crm.port import CrmRefused, Ref
from tests.gateway.crm_world import World, build_world
from tests.gateway.databases import ON_BOTH

# What follows from what is the same whatever keeps it.
pytestmark = pytest.mark.databases("sqlite")

PDF = NewFile("offer-2.pdf", "application/pdf", b"%PDF-1.4 two")


@pytest.fixture
def world() -> Iterator[World]:
    made = build_world()
    yield made
    made.crm.close()


def row(world: World, obj: str, **values: Any) -> Ref:
    """Have staff add a row for the first company."""
    return world.desk.create(obj, {"account_id": int(world.brightwater.id), **values}).ref


def write(world: World, ref: Ref, marker: str, **changes: Any) -> None:
    """Write as Maya does through the portal."""
    world.crm.update(ref, changes, marker, world.maya, None)


def words(world: World, ref: Ref) -> list[str]:
    """The texts of a row's timeline."""
    return [entry["words"] for entry in world.value(ref, "events")]


# ---------------------------------------------------------------------------------------------------- own names


@ON_BOTH
def test_what_only_a_mapping_names_is_kept_with_its_history(world: World) -> None:
    deal = world.deal(x_budget_code="B-7", x_visits=3)
    assert (world.value(deal, "x_budget_code"), world.value(deal, "x_visits")) == ("B-7", 3)
    write(world, deal, "edit-1", x_visits=4)
    assert world.crm.last_changes(deal, ["x_visits"])["x_visits"].by == "Maya Okafor"
    assert world.value(deal, "x_budget_code") == "B-7"
    world.desk.edit(deal, {"extra": {"x_region": "north", "x_visits": 4}})
    fields = world.crm.read(deal).fields
    assert not {"extra", "x_budget_code"} & set(fields)
    assert (fields["x_region"], fields["x_visits"]) == ("north", 4)
    with pytest.raises(CrmRefused, match="begin with x_"):
        world.desk.edit(deal, {"extra": {"region": "north"}})
    with pytest.raises(CrmRefused):
        write(world, deal, "edit-2", region="north")


def test_a_state_of_the_portals_own_is_reached_and_left(world: World) -> None:
    deal = world.protected()
    with pytest.raises(CrmRefused, match="not a status"):
        world.desk.set_status(deal, "PAUSED")
    world.crm.take_codes({"registration": {"PAUSED": "Paused", "NEW": "Submitted"}})
    assert world.crm.more_states_of("registration") == {"PAUSED": "Paused"}
    world.move(deal, "PAUSED", "pause")
    with pytest.raises(CrmRefused, match="It is “Protected” and cannot become “Won”"):
        world.desk.set_status(world.protected("deal-2", domain="b.example"), "WON")
    world.desk.set_status(deal, "PROTECTED")
    world.desk.set_status(deal, "PAUSED")
    assert world.value(deal, "stage_code") == "PAUSED"


# -------------------------------------------------------------------------------------------------- deals, leads


def test_a_lead_goes_its_way_and_its_deal_converts_it(world: World) -> None:
    lead = row(world, "lead", cust_name="Fennimore Dairy", offer_ends="2026-11-25")
    write(world, lead, "take", status_code="TAKEN")
    write(world, lead, "work", status_code="WORK")
    deal = world.deal(lead_id=lead.id)
    assert world.value(lead, "status_code") == "WORK"
    world.move(deal, "NEW", "submit")
    assert world.value(lead, "status_code") == "CONV"


@ON_BOTH
def test_an_offer_ends_and_who_declined_is_not_offered_it_again(world: World) -> None:
    desk = WorkDesk.like(world.desk)
    lead = row(world, "lead", cust_name="Fennimore Dairy", offer_ends="2026-11-24")
    assert world.crm.turn_of_day() == []
    write(world, lead, "no", status_code="DECL", decline_code="UNABLE")
    with pytest.raises(CrmRefused, match="Brightwater IT Ltd declined this lead"):
        desk.offer_lead(lead, world.brightwater)
    moved = desk.offer_lead(lead, world.calder)
    assert (moved.fields["account_id"], moved.fields["status_code"]) == (int(world.calder.id), "OFFER")
    late = row(world, "lead", cust_name="Late", offer_ends="2026-11-24")
    world.clock.turn(days=2)
    with pytest.raises(CrmRefused, match="The offer ended on 24 Nov 2026"):
        write(world, late, "take", status_code="TAKEN")
    assert world.crm.turn_of_day() == [late]
    assert (world.value(late, "status_code"), world.crm.turn_of_day()) == ("EXP", [])


def test_co_workers_are_people_of_the_same_company(world: World) -> None:
    deal = world.deal(co_worker_ids=[world.tomasz.id])
    assert world.value(deal, "co_worker_ids") == [world.tomasz.id]
    for stranger in ([world.other.id], ["nobody"], ["99999"]):
        with pytest.raises(CrmRefused, match="people of the company"):
            write(world, deal, f"add-{stranger}", co_worker_ids=stranger)


def test_a_request_is_reopened_within_two_weeks(world: World) -> None:
    request = world.request()
    world.move(request, "DONE", "done")
    world.clock.turn(days=13)
    world.move(request, "WAIT_VENDOR", "again")
    world.move(request, "DONE", "done-2")
    world.clock.turn(days=15)
    with pytest.raises(CrmRefused, match="resolved more than 14 days ago"):
        world.move(request, "WAIT_VENDOR", "late")


# ------------------------------------------------------------------------------------------------ orders, renewals


def test_an_order_is_told_step_by_step_and_gets_an_invoice_with_its_paper(world: World) -> None:
    desk = TradeDesk.like(world.desk)
    deal = world.protected()
    world.move(deal, "WON", "won", po_ref="PO-1")
    (key,) = world.crm.sweep("order", None, 9)
    order = Ref("order", key)
    desk.confirm_order(order)
    with pytest.raises(CrmRefused, match="not been shipped"):
        desk.deliver_order(order)
    with pytest.raises(CrmRefused, match="https"):
        desk.ship_order(order, "Postvik", "PV1", "http://post.example")
    desk.ship_order(order, "Postvik", "PV1", "https://post.example/PV1")
    desk.deliver_order(order)
    desk.invoice_order(order)
    assert [line["shipped"] for line in world.value(order, "lines")] == ["1"]
    (bill,) = world.crm.sweep("invoice", None, 9)
    invoice = Ref("invoice", bill)
    fields = world.crm.read(invoice).fields
    assert (fields["total"], fields["balance"], fields["due_on"]) == ("184250.00", "184250.00", "2026-12-23")
    paper = b"".join(world.crm.open_file(invoice).chunks)
    text = pypdfium2.PdfDocument(paper)[0].get_textpage().get_text_range()
    assert all(said in text for said in (fields["inv_no"], "184,250.00 GBP", "PO-1"))
    desk.pay_invoice(invoice)
    assert (world.value(invoice, "balance"), world.value(order, "status_code")) == ("0.00", "PAID")
    assert words(world, order) == ["Placed", "Confirmed", "Shipped", "Delivered", "Invoiced", "Paid"]


def test_an_invoice_that_is_late_says_so(world: World) -> None:
    about = {"total": "1.00", "balance": "1.00", "cur": "GBP", "issued_on": "2026-10-01"}
    late = row(world, "invoice", **about, due_on="2026-11-22")
    today = row(world, "invoice", **about, due_on="2026-11-23")
    assert world.crm.turn_of_day() == [late]
    assert (world.value(late, "status_code"), world.value(today, "status_code")) == ("OVER", "OPEN")


def test_a_renewed_membership_has_a_new_certificate_and_an_order(world: World) -> None:
    desk = TradeDesk.like(world.desk)
    member = row(
        world, "membership", credential="Gold partner", valid_to="2026-12-31", valid_from="2026-01-01"
    )
    renewal = row(
        world,
        "contract",
        cust_name="Brightwater IT Ltd",
        product_label="Gold partner, 1 year",
        qty=1,
        term_end="2026-12-31",
        cur="GBP",
        kind_code="MEM",
        membership_id=int(member.id),
    )
    with pytest.raises(CrmRefused, match="not answered"):
        desk.order_renewal(renewal)
    desk.quote_renewal(renewal, "1200.00")
    write(world, renewal, "yes", status_code="INT", intent_code="RENEW")
    world.crm.turn_of_day()
    assert world.value(member, "status_code") == "DUE"
    done = desk.order_renewal(renewal).fields
    assert done["status_code"] == "ORD"
    assert world.value(Ref("order", str(done["order_id"])), "total") == "1200.00"
    fields = world.crm.read(member).fields
    assert (fields["status_code"], fields["valid_to"]) == ("ACT", "2027-12-31")
    text = pypdfium2.PdfDocument(b"".join(world.crm.open_file(member).chunks))[0].get_textpage()
    assert "31 December 2027" in text.get_text_range()


def test_more_seats_cost_what_each_costs_and_a_renewal_may_lapse(world: World) -> None:
    desk = TradeDesk.like(world.desk)
    about = {"cust_name": "N", "product_label": "Vault", "qty": 10, "term_end": "2026-12-31", "cur": "GBP"}
    renewal = row(world, "contract", **about, unit_value="7.50", quote_value="75.00", status_code="QUO")
    write(world, renewal, "more", status_code="INT", intent_code="CHANGE", wanted_qty=12)
    order = Ref("order", str(desk.order_renewal(renewal).fields["order_id"]))
    assert world.value(order, "total") == "90.00"
    other = row(world, "contract", **about, status_code="QUO")
    write(world, other, "no", status_code="INT", intent_code="LAPSE")
    assert desk.order_renewal(other).fields["status_code"] == "LAP"


def test_memberships_fall_due_and_lapse_by_the_day(world: World) -> None:
    member = row(world, "membership", credential="Gold partner", valid_to="2027-01-22")
    for days, status in ((0, "DUE"), (60, "DUE"), (1, "LAP")):
        world.clock.turn(days=days)
        world.crm.turn_of_day()
        assert world.value(member, "status_code") == status


# -------------------------------------------------------------------------------- tasks, approvals, deliverables


@ON_BOTH
def test_a_task_begins_after_another_is_accepted(world: World) -> None:
    desk = WorkDesk.like(world.desk)
    first = row(world, "task", subject="Company profile")
    second = row(world, "task", subject="Sign the terms", after_ids=[int(first.id)])
    with pytest.raises(CrmRefused, match="It begins after “Company profile”, which is not accepted yet"):
        write(world, second, "early", status_code="HAND")
    write(world, first, "in", status_code="HAND", replies='{"legal_name": "Brightwater IT Ltd"}')
    assert world.value(first, "replies") == {"legal_name": "Brightwater IT Ltd"}
    with pytest.raises(CrmRefused, match="what is missing"):
        desk.return_task(first, " ")
    desk.return_task(first, "Please add the company number.")
    write(world, first, "again", status_code="HAND")
    desk.accept_task(first)
    assert world.value(first, "staff_note") is None
    write(world, second, "in-2", status_code="HAND")
    assert world.value(second, "status_code") == "HAND"


def test_a_newer_approval_stands_for_the_one_before(world: World) -> None:
    desk = WorkDesk.like(world.desk)
    old = row(world, "approval", subject="Quote Q-1", total="900.00", cur="GBP")
    newer = desk.supersede_approval(old, {"total": "950.00"}, PDF)
    assert (newer.fields["subject"], newer.fields["total"], newer.fields["asked_by_name"]) == (
        "Quote Q-1",
        "950.00",
        "Ingrid Solheim",
    )
    assert b"".join(world.crm.open_file(newer.ref).chunks) == PDF.body
    assert (world.value(old, "status_code"), world.value(old, "replaced_by_id")) == ("SUP", int(newer.ref.id))
    with pytest.raises(CrmRefused, match="cannot become"):
        write(world, old, "late", status_code="YES")
    write(world, newer.ref, "yes", status_code="YES", shown_hash="a" * 64)
    fields = world.crm.read(newer.ref).fields
    assert (fields["decided_by"], fields["shown_hash"]) == ("Maya Okafor", "a" * 64)
    with pytest.raises(CrmRefused, match="still to be decided"):
        desk.supersede_approval(newer.ref, {})


def test_what_is_sent_back_is_handed_over_in_its_next_version(world: World) -> None:
    desk = WorkDesk.like(world.desk)
    project = row(world, "project", prj_name="New site")
    first = row(world, "deliverable", project_id=int(project.id), dlv_name="Wireframes", ver_label="v1")
    desk.hand_over(first, NewFile("wireframes.pdf", "application/pdf", b"%PDF-1.4 one"))
    write(world, first, "no", status_code="BACK", decide_note="The basket is missing.")
    with pytest.raises(CrmRefused, match="Choose the file"):
        desk.hand_over(first)
    second = desk.hand_over(first, PDF)
    assert (second.fields["ver_label"], second.fields["status_code"]) == ("v2", "GIVEN")
    assert world.value(first, "status_code") == "SUP"
    write(world, second.ref, "yes", status_code="OK")
    with pytest.raises(CrmRefused, match="in work or was sent back"):
        desk.hand_over(second.ref, PDF)


def test_a_change_that_is_agreed_to_is_made(world: World) -> None:
    desk = WorkDesk.like(world.desk)
    asked = world.crm.create(
        "change_request",
        {"account_id": world.brightwater.id, "what_code": "NAME", "new_text": "Brightwater Group Ltd"},
        "change-1",
        world.maya,
    )
    assert (asked.fields["asked_by_name"], asked.fields["status_code"]) == ("Maya Okafor", "ASKED")
    with pytest.raises(CrmRefused, match="Say why"):
        desk.decline_change(asked.ref, "")
    desk.make_change(asked.ref, "Done, thank you.")
    assert world.value(world.brightwater, "acct_name") == "Brightwater Group Ltd"
    with pytest.raises(CrmRefused):
        desk.make_change(asked.ref)


def test_contacts_are_added_and_edited_by_partners(world: World) -> None:
    about = {"account_id": world.brightwater.id, "full_name": "Ola Berg", "mail": "ola@brightwater.example"}
    made = world.crm.create("contact", about, "contact-1", world.maya)
    write(world, made.ref, "edit", phone="+44 113 496 0001", purpose_codes=["BIL"])
    assert world.value(made.ref, "purpose_codes") == ["BIL"]
    with pytest.raises(CrmRefused):
        write(world, made.ref, "move", account_id=world.calder.id)


@ON_BOTH
def test_who_confirms_a_document_twice_has_confirmed_it_once(world: World) -> None:
    about = {"doc_code": "HS-1", "doc_title": "Terms", "file_name": "terms.pdf", "audience": ["A", "B"]}
    document = world.desk.publish({**about, "for_stages": ["ONB"]}, b"%PDF-1.4")
    assert world.value(document, "audience_text") == "Gold and Silver partners, while onboarding"
    digest = world.value(document, "digest")
    first = world.crm.append("acknowledgement", document, {"digest": digest}, "read-1", world.maya)
    again = world.crm.append("acknowledgement", document, {"digest": digest}, "read-2", world.maya)
    other = world.crm.append("acknowledgement", document, {"digest": digest}, "read-3", world.tomasz)
    assert (again.ref, first.fields["read_by"], first.fields["ver_label"]) == (first.ref, "Maya Okafor", "1")
    assert other.ref != first.ref
    with pytest.raises(CrmRefused, match="not what the document holds now"):
        world.crm.append("acknowledgement", document, {"digest": "0" * 64}, "read-4", world.maya)


def test_a_desk_of_another_kind_is_the_same_persons(world: World) -> None:
    assert isinstance(WorkDesk.like(world.desk), StaffDesk)
    assert TradeDesk.like(world.desk).member == world.desk.member
