"""What is Odoo's own and no other system's: orders, invoices, documents, and how its rows come and go."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.convert import incoming
from gateway.crm.odoo.client import Protocol
from gateway.crm.port import (
    Actor,
    CrmMissing,
    CrmRefused,
    CrmUnauthorised,
    CrmUnavailable,
    KeepsJournal,
    KeepsPeople,
    Ref,
    SourceRow,
)
from gateway.mapping import EntityMap
from tests.connectors.odoo.lab import OdooLab
from tests.connectors.odoo.server import Odoo
from tests.connectors.walking import gid_at

pytestmark = [pytest.mark.live, pytest.mark.timeout(300, func_only=True)]

_PDF = b"%PDF-1.4\n%made for a test\n"


@pytest.fixture
def lab(odoo: Odoo) -> Iterator[OdooLab]:
    odoo.reset()
    lab = OdooLab(odoo)
    yield lab
    lab.close()


def _record(lab: OdooLab, ref: Ref) -> tuple[EntityMap | None, dict[str, Any]]:
    """Return a row as the contract has it, and the map it is shared through."""
    [row] = lab.port.fetch([ref])
    item = lab.mapping.of_row(ref.obj, row.fields)
    return item, _told(item, row) if item else {}


def _told(item: EntityMap, row: SourceRow) -> dict[str, Any]:
    special = {"@id": row.ref.id, "@modified_at": row.modified_at}
    found = {
        name: incoming(spec, {**row.fields, **special}, lambda o, i: f"{o}/{i}", lambda o, i: f"{o}/{i}")
        for name, spec in item.fields.items()
    }
    return {name: value for name, value in found.items() if value is not None}


# -------------------------------------------------------------------------------------------- orders and invoices


def _order(lab: OdooLab, company: Ref) -> Ref:
    product = lab.admin.make(
        "product.product", name="Edge 440", default_code="EG440", list_price=100, type="consu"
    )
    line = [0, 0, {"product_id": product, "product_uom_qty": 3, "tax_ids": [[5]]}]
    made = lab.admin.make(
        "sale.order", partner_id=int(company.id), client_order_ref="PO-7", order_line=[line]
    )
    return Ref("sale.order", str(made))


def _invoice(lab: OdooLab, order: Ref) -> Ref:
    wizard = lab.admin.make(
        "sale.advance.payment.inv",
        sale_order_ids=[[6, 0, [int(order.id)]]],
        advance_payment_method="delivered",
    )
    lab.admin.call("sale.advance.payment.inv", "create_invoices", [wizard])
    [row] = lab.admin.rows("sale.order", [["id", "=", int(order.id)]], "invoice_ids")
    lab.admin.call("account.move", "action_post", row["invoice_ids"])
    return Ref("account.move", str(row["invoice_ids"][0]))


def test_an_order_is_followed_until_it_is_paid(lab: OdooLab) -> None:
    company = lab.company("Brightwater IT")
    order = _order(lab, company)
    assert _record(lab, order) == (None, {})  # a quotation is no order yet
    lab.admin.call("sale.order", "action_confirm", [int(order.id)])
    _, told = _record(lab, order)
    assert told["company"] == f"res.partner/{company.id}"
    assert (told["po_reference"], told["total"], told["currency"]) == ("PO-7", "300.00", "USD")
    assert told["state"] == "confirmed"
    [line] = told["lines"]
    assert (line["code"], line["quantity"], line["value"], line["shipped"]) == ("EG440", "3", "300", "0")

    [row] = lab.admin.rows("sale.order", [["id", "=", int(order.id)]], "picking_ids")
    [picking] = lab.admin.rows("stock.picking", [["id", "in", row["picking_ids"]]], "move_ids")
    lab.admin.call("stock.move", "write", picking["move_ids"], vals={"quantity": 3, "picked": True})
    lab.admin.call("stock.picking", "write", [picking["id"]], vals={"carrier_tracking_ref": "TRK-1"})
    lab.admin.call("stock.picking", "button_validate", [picking["id"]])
    _, told = _record(lab, order)
    assert (told["state"], told["tracking"], told["lines"][0]["shipped"]) == ("fulfilled", "TRK-1", "3")

    invoice = _invoice(lab, order)
    assert _record(lab, order)[1]["state"] == "invoiced"
    _, told = _record(lab, invoice)
    assert told["order"] == f"sale.order/{order.id}"
    assert told["company"] == f"res.partner/{company.id}"
    assert (told["total"], told["balance"], told["currency"], told["state"]) == (
        "300.00",
        "300.00",
        "USD",
        "open",
    )
    assert "sha256" not in told

    context = {"active_model": "account.move", "active_ids": [int(invoice.id)]}
    register = lab.admin.call("account.payment.register", "create", vals_list=[{}], context=context)
    lab.admin.call("account.payment.register", "action_create_payments", register, context=context)
    assert _record(lab, invoice)[1]["state"] == "paid"
    assert _record(lab, invoice)[1]["balance"] == "0.00"
    assert _record(lab, order)[1]["state"] == "paid"


def test_what_shows_in_an_order_is_told_when_it_changes(lab: OdooLab) -> None:
    port, company = lab.port, lab.company("Brightwater IT")
    assert isinstance(port, KeepsJournal)
    order = _order(lab, company)
    lab.admin.call("sale.order", "action_confirm", [int(order.id)])
    [row] = lab.admin.rows("sale.order", [["id", "=", int(order.id)]], "picking_ids")
    lab.tick(300)
    page = port.journal(None, 100)
    lab.tick(20)
    page = port.journal(page.next, 100)
    assert order not in page.refs
    lab.admin.call("stock.picking", "write", row["picking_ids"], vals={"carrier_tracking_ref": "TRK-1"})
    lab.tick(20)
    page = port.journal(page.next, 100)
    assert order in page.refs
    lab.tick(20)
    page = port.journal(page.next, 100)
    assert order not in page.refs  # looking back, it is told once
    # A transaction that began before shows up behind the place that was told.
    connection = lab.odoo.sql(autocommit=False)
    connection.execute(
        "UPDATE stock_picking SET carrier_tracking_ref = 'TRK-2', write_date = public.now() AT TIME ZONE 'UTC'"
        " WHERE id = %s",
        (row["picking_ids"][0],),
    )
    lab.tick(60)
    page = port.journal(page.next, 100)
    assert order not in page.refs
    connection.commit()
    connection.close()
    lab.tick(20)
    assert order in port.journal(page.next, 100).refs


def test_an_invoice_s_pdf_is_the_one_odoo_made(lab: OdooLab) -> None:
    order = _order(lab, lab.company("Brightwater IT"))
    lab.admin.call("sale.order", "action_confirm", [int(order.id)])
    [row] = lab.admin.rows("sale.order", [["id", "=", int(order.id)]], "picking_ids")
    [picking] = lab.admin.rows("stock.picking", [["id", "in", row["picking_ids"]]], "move_ids")
    lab.admin.call("stock.move", "write", picking["move_ids"], vals={"quantity": 3, "picked": True})
    lab.admin.call("stock.picking", "button_validate", [picking["id"]])
    invoice = _invoice(lab, order)
    with pytest.raises(CrmMissing):
        lab.port.open_file(invoice)
    # As Odoo keeps it once the invoice has been sent or printed.
    lab.admin.make(
        "ir.attachment",
        name="INV_2026_00001.pdf",
        res_model="account.move",
        res_id=int(invoice.id),
        res_field="invoice_pdf_report_file",
        datas=base64.b64encode(_PDF).decode(),
        mimetype="application/pdf",
    )
    _, told = _record(lab, invoice)
    assert told["sha256"] == hashlib.sha256(_PDF).hexdigest()
    assert (told["size"], told["media_type"]) == (len(_PDF), "application/pdf")
    assert told["file_name"] == "INV_2026_00001.pdf"
    assert b"".join(lab.port.open_file(invoice).chunks) == _PDF


def test_a_name_behind_a_reference_does_not_move_the_row(lab: OdooLab) -> None:
    """Why sweeps read every row anew: Odoo leaves `write_date` of the order where it was."""
    company = lab.company("Brightwater IT")
    order = _order(lab, company)
    lab.admin.call("sale.order", "action_confirm", [int(order.id)])
    [before] = lab.port.fetch([order])
    lab.tick(5)
    lab.clerk.call("res.partner", "write", [int(company.id)], vals={"name": "Brightwater Group"})
    [after] = lab.port.fetch([order])
    assert after.modified_at == before.modified_at
    assert after.fields["partner_shipping_id.name"] == "Brightwater Group"
    assert lab.port.capabilities.silent_links


# ------------------------------------------------------------------------------------------- tasks and the library


def test_a_task_is_shared_when_it_is_marked_so(lab: OdooLab) -> None:
    company = lab.company("Brightwater IT")
    project = lab.admin.make("project.project", name="Onboarding")
    values = {"name": "Sign the agreement", "project_id": project, "partner_id": int(company.id)}
    made = lab.admin.make(
        "project.task", **values, date_deadline="2026-12-24 10:00:00", description="<p>Both parts.</p>"
    )
    task = Ref("project.task", str(made))
    assert _record(lab, task)[0] is None
    lab.admin.call("project.task", "write", [made], vals={"x_counterpart_shared": True})
    _, told = _record(lab, task)
    assert told["company"] == f"res.partner/{company.id}"
    assert (told["title"], told["project"], told["description"]) == (
        "Sign the agreement",
        "Onboarding",
        "Both parts.",
    )
    assert (told["due_at"], told["state"]) == ("2026-12-24", "in_progress")
    lab.admin.call("project.task", "write", [made], vals={"state": "1_done"})
    assert _record(lab, task)[1]["state"] == "done"


def test_a_document_is_an_attachment_with_an_audience(lab: OdooLab) -> None:
    holder = lab.admin.make("project.project", name="Library", privacy_visibility="employees")
    made = lab.admin.make(
        "ir.attachment",
        name="price-list.pdf",
        res_model="project.project",
        res_id=holder,
        datas=base64.b64encode(_PDF).decode(),
        x_counterpart_audience="gold",
        x_counterpart_title="Price list",
        x_counterpart_state="current",
        x_counterpart_category="prices",
    )
    document = Ref("ir.attachment", str(made))
    item, told = _record(lab, document)
    assert item is not None
    assert item.entity == "document"
    assert (told["title"], told["state"], told["category"]) == ("Price list", "current", "prices")
    assert told["sha256"] == hashlib.sha256(_PDF).hexdigest()
    assert b"".join(lab.port.open_file(document).chunks) == _PDF


# ------------------------------------------------------------------------------------------------ what is internal


def _attached(lab: OdooLab, name: str) -> int:
    """Upload a file as Odoo's composer does, which puts it with the record as the message is posted."""
    data = base64.b64encode(name.encode()).decode()
    return lab.clerk.make("ir.attachment", name=name, datas=data, res_model="mail.compose.message", res_id=0)


def test_a_file_is_as_public_as_the_message_it_came_with(lab: OdooLab) -> None:
    deal = lab.deal(lab.company("Brightwater IT"))
    public, internal, loose = (_attached(lab, f"{name}.txt") for name in ("public", "internal", "loose"))
    for key, subtype in ((public, "mail.mt_comment"), (internal, "mail.mt_note")):
        lab.clerk.call(
            "crm.lead",
            "message_post",
            [int(deal.id)],
            body="See there",
            message_type="comment",
            subtype_xmlid=subtype,
            attachment_ids=[key],
        )
    lab.clerk.call("ir.attachment", "write", [loose], vals={"res_model": "crm.lead", "res_id": int(deal.id)})
    shared = {}
    for key in (public, internal, loose):
        item, told = _record(lab, Ref("ir.attachment", str(key)))
        shared[key] = told.get("name") if item else None
    assert shared == {public: "public.txt", internal: None, loose: None}
    rows = {row.ref.id: row for row in lab.port.fetch([Ref("ir.attachment", str(internal))])}
    assert rows[str(internal)].fields["@sha256"] is None  # its bytes were not even read


def test_bodies_of_internal_notes_are_not_read(lab: OdooLab) -> None:
    deal = lab.deal(lab.company("Brightwater IT"))
    note = lab.note(deal, "They never pay", public=False)
    rows = {row.ref: row for row in lab.port.fetch([note])}
    assert rows[note].fields["body"] is None
    tracking = lab.clerk.rows(
        "mail.message", [["res_id", "=", int(deal.id)], ["model", "=", "crm.lead"]], "message_type"
    )
    refs = [Ref("mail.message", str(row["id"])) for row in tracking if row["message_type"] == "notification"]
    assert refs
    for row in lab.port.fetch(refs):
        assert lab.mapping.of_row(row.ref.obj, row.fields) is None


# -------------------------------------------------------------------------------------------------------- writing


def test_two_that_create_the_same_row_at_once_make_one(lab: OdooLab) -> None:
    company, fields = lab.company("Brightwater IT"), {}
    fields = lab.new_deal(company, customer="At once")
    for _ in range(4):
        gid = gid_at(lab.clock.now())
        made: list[Any] = []

        def create(gid: str = gid, made: list[Any] = made) -> None:
            try:
                made.append(lab.port.create("crm.lead", fields, gid, lab.actor).ref)
            except CrmUnavailable:
                made.append(None)

        threads = [threading.Thread(target=create) for _ in range(3)]
        before = lab.count("At once")
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(made) == 3
        assert len({ref for ref in made if ref}) == 1
        assert lab.count("At once") == before + 1
        assert lab.port.find_created("crm.lead", gid) in made


def test_a_repeat_leaves_what_staff_have_written_since(lab: OdooLab) -> None:
    gid, fields = gid_at(lab.clock.now()), lab.new_deal(lab.company("Brightwater IT"))
    ref = lab.port.create("crm.lead", fields, gid, lab.actor).ref
    lab.edit(ref, title="Staff's title")
    assert lab.port.create("crm.lead", fields, gid, lab.actor).ref == ref
    assert lab.look(ref)["title"] == "Staff's title"


def test_long_text_is_kept_as_html_and_comes_back_as_it_was(lab: OdooLab) -> None:
    text = "Every branch loses its tills:\n\n- when < 5 & > 3 lines drop\n- “ä” <b>no</b>  x"
    fields = lab.new_deal(lab.company("Brightwater IT"), problem=text)
    ref = lab.port.create("crm.lead", fields, gid_at(lab.clock.now()), lab.actor).ref
    [row] = lab.port.fetch([ref])
    assert row.fields["description"] == text
    [shown] = lab.clerk.rows("crm.lead", [["id", "=", int(ref.id)]], "description")
    assert "<br>" in shown["description"]
    assert "<b>" not in shown["description"]
    row = lab.port.update(ref, {"description": text + "\nEnd"}, gid_at(lab.clock.now()), lab.actor, None)
    assert row.fields["description"] == text + "\nEnd"


def test_a_copy_of_a_row_does_not_bear_its_mark(lab: OdooLab) -> None:
    gid = gid_at(lab.clock.now())
    ref = lab.port.create("crm.lead", lab.new_deal(lab.company("Brightwater IT")), gid, lab.actor).ref
    [copy] = lab.clerk.call("crm.lead", "copy", [int(ref.id)])
    [row] = lab.port.fetch([Ref("crm.lead", str(copy))])
    assert row.fields["@marker"] is None
    assert lab.port.find_created("crm.lead", gid) == ref


def test_a_rule_of_the_database_refuses_in_its_own_words(lab: OdooLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"))
    with lab.odoo.sql() as connection:
        connection.execute(
            "ALTER TABLE crm_lead ADD CONSTRAINT lab_rule CHECK (x_counterpart_competitor <> 'Nobody')"
        )
    with pytest.raises(CrmRefused) as caught:
        lab.port.update(ref, {"x_counterpart_competitor": "Nobody"}, gid_at(lab.clock.now()), lab.actor, None)
    assert "lab_rule" in str(caught.value) or "cannot be completed" in str(caught.value)
    assert not lab.look(ref)["competitor"]


def test_a_message_is_told_to_those_who_follow(lab: OdooLab) -> None:
    company = lab.company("Brightwater IT")
    port, deal = lab.port, lab.deal(company)
    assert isinstance(port, KeepsPeople)
    maya = port.person(company, "Maya Okafor", "maya@brightwater.example", ())
    gid = gid_at(lab.clock.now())
    row = port.append("mail.message", deal, {"body": "Any news?"}, gid, Actor(maya.id, "Maya Okafor"))
    assert row.fields["author_id"] == maya.id
    item = lab.mapping.of_row("mail.message", row.fields)
    assert item is not None
    assert _told(item, row)["side"] == "partner"
    # The clerk who entered the deal follows it.
    notified = lab.admin.rows(
        "mail.notification", [["mail_message_id", "=", int(row.ref.id)]], "res_partner_id"
    )
    assert any("Priya" in one["res_partner_id"][1] for one in notified)
    [vendor] = lab.port.fetch([lab.note(deal, "On Friday", public=True)])
    assert _told(item, vendor)["side"] == "vendor"


def test_merged_companies_lead_on(lab: OdooLab) -> None:
    loser, winner = lab.company("Brightwater"), lab.company("Brightwater IT")
    deal = lab.deal(loser)
    wizard = lab.admin.make(
        "base.partner.merge.automatic.wizard",
        partner_ids=[[6, 0, [int(loser.id), int(winner.id)]]],
        dst_partner_id=int(winner.id),
        state="selection",
    )
    [before] = lab.port.fetch([deal])
    lab.tick(5)
    lab.admin.call("base.partner.merge.automatic.wizard", "action_merge", [wizard])
    assert lab.port.merged_into(loser) == winner
    assert lab.port.merged_into(winner) is None
    [after] = lab.port.fetch([deal])
    assert after.fields["x_counterpart_company_id"] == winner.id
    assert after.modified_at == before.modified_at  # moved by SQL: only a sweep can find it


def test_history_is_told_to_who_may_read_it(lab: OdooLab) -> None:
    deal = lab.deal(lab.company("Brightwater IT"))
    lab.port.now()
    assert not lab.port.capabilities.history
    lab.edit(deal, state="pending_approval")
    port = lab.connected("admin").port
    port.now()
    assert port.capabilities.history
    found = port.last_changes(deal, ["stage_id.name", "name"])
    assert found["stage_id.name"].by == "Priya Shah"


@pytest.mark.parametrize("protocol", [Protocol.AUTO, Protocol.JSONRPC])
def test_a_wrong_key_is_told_and_not_shown(lab: OdooLab, protocol: Protocol) -> None:
    keys, lab.odoo.keys = lab.odoo.keys, {**lab.odoo.keys, "portal": "0123456789abcdef-wrong"}
    try:
        other = OdooLab(lab.odoo, protocol)
        with pytest.raises(CrmUnauthorised) as caught:
            other.port.fetch([Ref("crm.lead", "1")])
        other.close()
    finally:
        lab.odoo.keys = keys
    assert "API key" in str(caught.value)
    assert "0123456789abcdef" not in repr(caught.value)


def test_requests_can_be_tasks_of_a_project(odoo: Odoo) -> None:
    odoo.reset()
    lab = OdooLab(odoo, mapping="mapping-project.toml")
    assert lab.prepare() == []
    company = lab.company("Brightwater IT")
    values = {"company": company, "subject": "Where is it?", "category": "question", "priority": "high"}
    gid = gid_at(lab.clock.now())
    row = lab.port.create("project.task", lab.written("request", values), gid, lab.actor)
    item, told = _record(lab, row.ref)
    assert item is not None
    assert item.entity == "request"
    assert (told["subject"], told["state"], told["priority"]) == ("Where is it?", "new", "high")
    assert told["company"] == f"res.partner/{company.id}"
    message = lab.port.append("mail.message", row.ref, {"body": "Hello?"}, gid_at(lab.clock.now()), lab.actor)
    assert lab.mapping.of_row("mail.message", message.fields) is not None
    lab.close()
