"""The console's pages over what staff and partners work on together: their forms, and what is done there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.console.own import told, understood
from gateway.crm.port import Ref
from tests.gateway.console_world import Console, Vendor, build_vendor, visiting
from tests.gateway.crm_world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def vendor(tmp_path: Path) -> Vendor:
    return build_vendor(tmp_path)


@pytest.fixture
def world(vendor: Vendor) -> World:
    return vendor.world


@pytest.fixture
def ingrid(vendor: Vendor) -> Iterator[Console]:
    with visiting(vendor) as console:
        assert console.sign_in().status_code == 303
        yield console


def row(world: World, obj: str, **values: Any) -> Ref:
    return world.desk.create(obj, {"account_id": int(world.brightwater.id), **values}).ref


PDF = {"file": ("wireframes.pdf", b"%PDF-1.4 one", "application/pdf")}


def test_every_page_of_theirs_opens_and_its_form_changes_nothing_by_itself(
    ingrid: Console, world: World
) -> None:
    project = row(world, "project", prj_name="New site", x_region="north")
    rows = [
        row(world, "opportunity", cust_name="Kestrel Foods", opp_name="Edge", v_value="10.00"),
        row(
            world,
            "invoice",
            total="1.00",
            balance="1.00",
            cur="GBP",
            issued_on="2026-11-01",
            due_on="2026-12-01",
        ),
        row(world, "task", subject="Profile", form_code="company_profile", replies={"employees": 46}),
        row(
            world,
            "approval",
            subject="Quote",
            lines=[{"name": "Edge 220", "quantity": "2", "value": "9 GBP"}],
        ),
        row(world, "membership", credential="Gold partner", valid_to="2026-12-31"),
        row(world, "change_request", new_text="Brightwater Group", what_code="NAME"),
        project,
        row(world, "milestone", project_id=int(project.id), ms_name="Design", due_on="2026-12-01"),
        row(world, "deliverable", project_id=int(project.id), dlv_name="Wireframes"),
    ]
    document = world.desk.publish({"doc_code": "HS-1", "doc_title": "Terms", "file_name": "t.pdf"}, b"%PDF")
    digest = world.value(document, "digest")
    rows.append(world.crm.append("acknowledgement", document, {"digest": digest}, "r-1", world.maya).ref)
    for ref in rows:
        assert ingrid.client.get(f"/console/{ref.obj}/list").status_code == 200, ref
        page = ingrid.client.get(f"/console/{ref.obj}/detail?pk={ref.id}")
        assert page.status_code == 200, ref
        assert "History" in page.text
        if ref.obj in ("change_request", "acknowledgement"):
            continue
        path, before = f"/console/{ref.obj}/edit?pk={ref.id}", world.crm.read(ref).fields
        answer = ingrid.post(path, ingrid.form(path))
        assert answer.status_code == 303, (ref, answer.text)
        after = world.crm.read(ref).fields
        assert {k: v for k, v in after.items() if k != "modified_ms"} == {
            k: v for k, v in before.items() if k != "modified_ms"
        }, ref


def test_own_properties_are_edited_in_lines(ingrid: Console, world: World) -> None:
    deal = world.submitted(x_region="north", x_visits=3)
    path = f"/console/registration/edit?pk={deal.id}"
    values = ingrid.form(path)
    assert values["extra"] == "x_region = north\r\nx_visits = 3"
    page = ingrid.client.get(f"/console/registration/detail?pk={deal.id}").text
    assert "x_region = north" in page
    assert ingrid.post(path, {**values, "extra": "x_region = south\nx_floor = 2"}).status_code == 303
    fields = world.crm.read(deal).fields
    assert (fields["x_region"], fields["x_floor"], "x_visits" in fields) == ("south", 2, False)
    wrong = ingrid.post(path, {**ingrid.form(path), "extra": "region = south"})
    assert "Names begin with x_" in wrong.text


@pytest.mark.parametrize("value", ["north", 3, True, None, ["a", 2], "3", "true", "a = b", ""])
def test_what_is_told_is_understood(value: Any) -> None:
    assert understood(told(value)) == value


def test_tasks_are_accepted_returned_and_put_in_order(ingrid: Console, world: World) -> None:
    first = row(world, "task", subject="Profile", status_code="HAND")
    second = row(world, "task", subject="Page")
    number = world.value(first, "task_no")
    assert ingrid.act("task", second.id, "begin_after", numbers=number).status_code == 200
    assert world.value(second, "after_ids") == [int(first.id)]
    assert ingrid.act("task", second.id, "begin_after", numbers="TSK-9").status_code == 400
    assert ingrid.act("task", first.id, "return_task", note="").status_code == 400
    assert ingrid.act("task", first.id, "return_task", note="Add your markets.").status_code == 200
    assert (world.value(first, "status_code"), world.value(first, "staff_note")) == (
        "BACK",
        "Add your markets.",
    )
    assert ingrid.act("task", first.id, "accept").status_code >= 400, "nothing was handed in"
    world.move(first, "HAND", "again")
    assert ingrid.act("task", first.id, "accept", note="Thank you.").status_code == 200
    assert world.value(first, "status_code") == "OK"
    assert ingrid.act("task", first.id, "comment", text="Well done.").status_code == 200
    assert [note.fields["body"] for note in world.crm.children("note", first)] == ["Well done."]


def test_orders_go_their_way_by_buttons(ingrid: Console, world: World) -> None:
    deal = world.protected()
    world.move(deal, "WON", "won", po_ref="PO-1")
    (key,) = world.crm.sweep("order", None, 5)
    order = Ref("order", key)
    assert ingrid.act("order", key, "confirm", expected="2026-12-04").status_code == 200
    assert world.value(order, "eta_on") == "2026-12-04"
    assert ingrid.act("order", key, "ship", carrier="", tracking_no="1").status_code == 400
    shipment = {"carrier": "Postvik", "tracking_no": "PV1", "tracking_url": "https://post.example/PV1"}
    assert ingrid.act("order", key, "ship", **shipment).status_code == 200
    assert ingrid.act("order", key, "deliver", day="2026-12-02").status_code == 200
    assert ingrid.act("order", key, "invoice").status_code == 200
    (bill,) = world.crm.sweep("invoice", None, 5)
    page = ingrid.client.get(f"/console/file/invoice/{bill}")
    assert page.content.startswith(b"%PDF")
    assert ingrid.act("invoice", bill, "pay").status_code == 200
    assert world.value(order, "status_code") == "PAID"


def test_renewals_are_quoted_and_done_as_answered(ingrid: Console, world: World) -> None:
    about = {"cust_name": "N", "product_label": "Vault", "qty": 1, "term_end": "2027-01-01", "cur": "GBP"}
    renewal = row(world, "contract", **about)
    assert ingrid.act("contract", renewal.id, "quote", value="", until="").status_code == 400
    assert (
        ingrid.act("contract", renewal.id, "quote", value="1,200.00", until="2026-12-20").status_code == 200
    )
    assert (world.value(renewal, "quote_value"), world.value(renewal, "status_code")) == ("1200.00", "QUO")
    world.move(renewal, "INT", "yes", intent_code="RENEW")
    assert ingrid.act("contract", renewal.id, "order_renewal").status_code == 200
    assert world.value(renewal, "order_id") is not None


def test_approvals_and_deliverables_get_newer_versions(ingrid: Console, world: World) -> None:
    old = row(world, "approval", subject="Quote", total="900.00", cur="GBP")
    answer = ingrid.act("approval", old.id, "supersede", files=PDF, total="950.00", summary="", due_on="")
    assert answer.status_code == 200
    newer = Ref("approval", str(world.value(old, "replaced_by_id")))
    assert (world.value(newer, "total"), world.value(newer, "file_name")) == ("950.00", "wireframes.pdf")
    project = row(world, "project", prj_name="New site")
    first = row(world, "deliverable", project_id=int(project.id), dlv_name="Wireframes")
    assert (
        ingrid.act("deliverable", first.id, "hand_over", files=PDF, version="", answer_by="").status_code
        == 200
    )
    world.move(first, "BACK", "no", decide_note="The basket is missing.")
    assert (
        ingrid.act("deliverable", first.id, "hand_over", files=PDF, version="", answer_by="").status_code
        == 200
    )
    assert world.value(first, "status_code") == "SUP"
    assert len(world.crm.sweep("deliverable", None, 9)) == 2


def test_changes_are_made_and_leads_are_offered_on(ingrid: Console, world: World) -> None:
    asked = row(world, "change_request", new_text="Brightwater Group", what_code="NAME")
    assert ingrid.act("change_request", asked.id, "decline", answer="").status_code == 400
    assert ingrid.act("change_request", asked.id, "make", answer="Done.").status_code == 200
    assert world.value(world.brightwater, "acct_name") == "Brightwater Group"
    lead = row(world, "lead", cust_name="Fennimore Dairy")
    world.move(lead, "DECL", "no", decline_code="UNABLE")
    assert ingrid.act("lead", lead.id, "offer", company=world.brightwater.id).status_code == 400
    assert ingrid.act("lead", lead.id, "offer", company=world.calder.id).status_code == 200
    assert world.value(lead, "status_code") == "OFFER"


def test_a_state_of_the_portals_own_is_offered_by_its_words(ingrid: Console, world: World) -> None:
    deal = world.protected()
    page = f"/console/registration/detail?pk={deal.id}"
    assert 'data-sa-name="set_status"' not in ingrid.client.get(page).text
    world.crm.take_codes({"registration": {"PAUSED": "Paused by you"}})
    shown = ingrid.client.get(page).text
    assert "Paused by you" in shown
    assert ingrid.act("registration", deal.id, "set_status", status="PAUSED").status_code == 200
    assert world.value(deal, "stage_code") == "PAUSED"
    assert ingrid.act("registration", deal.id, "set_status", status="PROTECTED").status_code == 200


def test_the_menu_has_what_the_portal_has(ingrid: Console) -> None:
    page = ingrid.client.get("/console/").text
    assert "/console/task/list" in page
    assert "Working together" in page
    assert "/console/deliverable/list" not in page, "the partner portal has no projects"
