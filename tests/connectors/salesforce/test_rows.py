"""How rows of Salesforce are listed and read."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from gateway.crm.port import CrmMissing, KeepsPeople, Ref, WritesMany
from gateway.crm.salesforce.soql import literal, one_of
from gateway.scope import together
from gateway.translate import SourceRecord, to_record
from tests.connectors.salesforce.lab import SalesforceLab
from tests.connectors.salesforce.standin.answers import Answers
from tests.connectors.salesforce.standin.ids import full
from tests.connectors.salesforce.standin.org import STAFF
from tests.connectors.salesforce.standin.refusals import Refused
from tests.connectors.salesforce.standin.soql import parse
from tests.connectors.walking import walk


def _record(lab: SalesforceLab, ref: Ref) -> SourceRecord:
    [row] = lab.port.fetch([ref])
    item = lab.mapping.of_row(ref.obj, row.fields)
    assert item is not None
    return to_record("salesforce", item, row, lambda system, one: f"{one.obj}/{one.id}")


def test_it_offers_what_it_says(lab: SalesforceLab) -> None:
    assert isinstance(lab.port, WritesMany)
    assert isinstance(lab.port, KeepsPeople)
    can = lab.port.capabilities
    assert (can.clock_step, can.late_commit, can.webhooks) == (1.0, 600.0, False)
    assert lab.port.system == "salesforce"


def test_answers_of_many_pages_are_read_to_the_end(lab: SalesforceLab) -> None:
    company = lab.company("Brightwater IT")
    refs = [lab.deal(company) for _ in range(8)]  # the org gives three at a time
    assert [row.ref for row in lab.port.fetch(refs)] == refs
    assert lab.port.sweep("Lead", None, 50) == [ref.id for ref in refs]


def test_a_deletion_is_listed_like_any_change(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"))
    lab.tick(60)
    since = lab.port.now()
    lab.archive(ref)
    assert ref in [entry.ref for entry in walk(lab, "Lead", since - timedelta(seconds=1), 2)]
    [row] = lab.port.fetch([ref])
    assert row.archived
    lab.tick(60)
    lab.org.undelete("Lead", ref.id)
    assert ref in [entry.ref for entry in walk(lab, "Lead", since + timedelta(seconds=5), 2)]
    [row] = lab.port.fetch([ref])
    assert not row.archived


def test_accounts_merge_and_their_deals_move_on(lab: SalesforceLab) -> None:
    loser, winner = lab.company("Brightwater"), lab.company("Brightwater IT")
    ref = lab.deal(loser)
    lab.tick(5)
    lab.org.merge("Account", loser.id, winner.id)
    assert lab.port.fetch([loser]) == []
    assert lab.port.merged_into(loser) == winner
    assert _record(lab, ref).data["company"] == f"Account/{winner.id}"
    lab.org.purge("Account", loser.id)
    assert lab.port.merged_into(loser) is None
    assert lab.port.merged_into(Ref("Order", "801000000000001AAA")) is None  # nobody can merge these


def test_of_what_is_not_shared_nothing_is_read(lab: SalesforceLab) -> None:
    case = lab.request(lab.company("Brightwater IT"), "Where is it?")
    hidden = lab.note(case, "They never pay", public=False)
    shown = lab.note(case, "It is on its way", public=True)
    told: list[str] = []
    lab.adapter.hear = lambda response: told.append(response.text)
    rows = {row.ref: row for row in lab.port.fetch([hidden, shown])}
    assert set(rows) == {hidden, shown}
    assert rows[hidden].fields["CommentBody"] is None
    assert "It is on its way" in "".join(told)
    assert "They never pay" not in "".join(told)


def test_a_row_that_is_not_shared_any_more_is_listed(lab: SalesforceLab) -> None:
    case = lab.request(lab.company("Brightwater IT"), "Where is it?")
    lab.tick(60)
    since = lab.org.stamp()
    lab.org.update("Case", case.id, {"Counterpart_Shared__c": False}, by=STAFF)
    assert case in [entry.ref for entry in lab.port.changed_since("Case", since, None, 10)]
    [row] = lab.port.fetch([case])
    assert lab.mapping.of_row("Case", row.fields) is None
    assert case.id not in lab.port.sweep("Case", None, 10)


def test_old_rows_that_concern_no_partner_are_not_listed(lab: SalesforceLab) -> None:
    company = lab.company("Brightwater IT")
    theirs, own = lab.add("Case", Subject="Our own"), lab.request(company, "Where is it?")
    assert {entry.ref for entry in walk(lab, "Case", None, 10)} == {theirs, own}
    lab.tick(4 * 86_400)
    lab.port.sweep("Case", None, 10)  # the clock is told by answers
    assert {entry.ref for entry in walk(lab, "Case", None, 1)} == {own}
    # Later passes list whatever has changed, however long ago: it may have been shared until then.
    long_ago = lab.org.stamp() - timedelta(days=30)
    assert {entry.ref for entry in walk(lab, "Case", long_ago, 1)} == {theirs, own}
    # So does a first pass with what changes meanwhile.
    [first] = lab.port.changed_since("Case", None, None, 1)
    lab.org.update("Case", own.id, {"Counterpart_Shared__c": False}, by=STAFF)
    found = lab.port.changed_since("Case", first.modified_at, first.ref.id, 10)
    assert [entry.ref for entry in found] == [own]


def test_an_order_has_its_lines_and_no_floats(lab: SalesforceLab) -> None:
    company = lab.company("Brightwater IT")
    order = lab.add(
        "Order", AccountId=company.id, Status="Activated", EffectiveDate="2026-11-20", PoNumber="PO-7"
    )
    product = lab.add("Product2", Name="Edge 220", ProductCode="EG220")
    assert _record(lab, order).data.get("lines") is None
    before = lab.port.fetch([order])[0].revision
    lab.add("OrderItem", OrderId=order.id, Product2Id=product.id, Quantity=14, TotalPrice="1234.5")
    lab.add("OrderItem", OrderId=order.id, Quantity=1, TotalPrice="0.10", Counterpart_Shipped__c=1)
    record = _record(lab, order)
    assert record.data["lines"] == [
        {"name": "Edge 220", "code": "EG220", "quantity": 14, "value": "1234.50"},
        {"quantity": 1, "value": "0.10", "shipped": 1},
    ]
    assert record.data["total"] == "1234.60"
    assert (record.data["state"], record.data["placed_at"]) == ("confirmed", "2026-11-20")
    assert lab.port.fetch([order])[0].revision != before


def test_invoices_and_tasks_are_the_companys(lab: SalesforceLab) -> None:
    company = lab.company("Brightwater IT")
    order = lab.add("Order", AccountId=company.id)
    invoice = lab.add(
        "Counterpart_Invoice__c",
        Name="INV-7",
        Counterpart_Company__c=company.id,
        Counterpart_Order__c=order.id,
        Counterpart_Total__c="120.00",
        Counterpart_Balance__c="20.5",
        Counterpart_Currency__c="EUR",
        Counterpart_Status__c="Overdue",
    )
    data = _record(lab, invoice).data
    assert (data["number"], data["total"], data["balance"]) == ("INV-7", "120.00", "20.50")
    assert (data["state"], data["order"]) == ("overdue", f"Order/{order.id}")
    task = lab.add(
        "Task",
        AccountId=company.id,
        WhatId=company.id,
        Subject="Call",
        Status="Completed",
        Counterpart_Shared__c=True,
    )
    data = _record(lab, task).data
    assert (data["title"], data["state"], data["project"]) == ("Call", "done", "Brightwater IT")
    hidden = lab.add("Task", AccountId=company.id, Subject="Our own", Description="They never pay")
    [row] = lab.port.fetch([hidden])
    assert lab.mapping.of_row("Task", row.fields) is None
    assert row.fields["Description"] is None


def test_a_name_behind_a_reference_changes_the_revision(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"))
    lab.org.update("Lead", ref.id, {"Counterpart_Contact__c": lab.actor.id}, by=STAFF)
    before = lab.port.fetch([ref])[0]
    assert _record(lab, ref).data["owner_name"] == "Maya Okafor"
    lab.org.update("Contact", lab.actor.id, {"LastName": "Okafor-Lind"}, by=STAFF)
    after = lab.port.fetch([ref])[0]
    assert after.modified_at == before.modified_at
    assert after.revision != before.revision


def test_a_converted_lead_is_a_converted_deal(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"))
    lab.org.put("Lead", ref.id, {"Status": "Closed - Converted", "IsConverted": True}, lab.org.stamp(), STAFF)
    assert _record(lab, ref).data["state"] == "converted"


def test_a_document_is_read_once_and_then_known(lab: SalesforceLab) -> None:
    data = b"%PDF-1.7 price list" * 5000
    values = {
        "PathOnClient": "prices.pdf",
        "VersionData": data,
        "Counterpart_Library__c": True,
        "Counterpart_Status__c": "Current",
        "Counterpart_Audience__c": "Gold;Silver",
        "Counterpart_Stages__c": "Active",
    }
    ref = lab.add("ContentVersion", **values)
    record = _record(lab, ref)
    assert record.entity == "document"
    assert record.data["sha256"] == record.blob == hashlib.sha256(data).hexdigest()
    assert (record.data["size"], record.data["media_type"]) == (len(data), "application/pdf")
    assert record.tags == frozenset(
        {together(("tier:gold", "stage:active")), together(("tier:silver", "stage:active"))}
    )
    fetched = [path for _, path in lab.wire.calls if path.endswith("/VersionData")]
    assert len(fetched) == 1
    _record(lab, ref)
    lab.reopened()
    _record(lab, ref)
    assert [path for _, path in lab.wire.calls if path.endswith("/VersionData")] == fetched
    # A new version is another row; the older one is not the latest any more, and not shared.
    document = lab.org.rows["ContentVersion"][ref.id].values["ContentDocumentId"]
    newer = lab.add("ContentVersion", **{**values, "ContentDocumentId": document, "VersionData": b"new"})
    assert _record(lab, newer).data["version"] == "2"
    [row] = lab.port.fetch([ref])
    assert lab.mapping.of_row(ref.obj, row.fields) is None


def test_who_may_see_a_document_is_told_by_several_values(lab: SalesforceLab) -> None:
    ref = lab.add(
        "ContentVersion",
        PathOnClient="a.txt",
        VersionData=b"a",
        Counterpart_Library__c=True,
        Counterpart_Audience__c="Gold;Silver",
    )
    assert _record(lab, ref).tags == frozenset({"tier:gold", "tier:silver"})


def test_a_file_on_its_way_breaks_off(lab: SalesforceLab) -> None:
    with pytest.raises(CrmMissing):
        lab.port.open_file(Ref("ContentVersion", "0685g00000999999AA"))
    with pytest.raises(CrmMissing):
        lab.port.open_file(Ref("Lead", "00Q5g0000000001AAA"))


def test_a_person_of_any_name_and_address(lab: SalesforceLab) -> None:
    company = lab.company("Brightwater IT")
    email = "o'brien\\' OR Email != '@example.test"
    first = lab.crm.person(company, "Ann Mary O'Brien", email, ())
    row = lab.org.rows["Contact"][first.id].values
    assert (row["FirstName"], row["LastName"], row["Email"]) == ("Ann Mary", "O'Brien", email)
    assert lab.crm.person(company, "Whoever", email, ()) == first
    alone = lab.crm.person(company, "", "nobody@example.test", ())
    assert lab.org.rows["Contact"][alone.id].values["LastName"] == "[not provided]"
    assert len(lab.org.rows["Contact"]) == 3


def test_texts_are_written_so_that_they_end_no_query(lab: SalesforceLab) -> None:
    for text in ("it's", "back\\slash", "line\nbreak", "'", "\\", "\\'", "a' OR Name = 'b", 'q"q', "ä€"):
        found = parse(f"SELECT Id FROM Account WHERE Name = {literal(text)}")
        assert found.where(lambda path, text=text: text)  # type: ignore[misc]
        assert not found.where(lambda path: "another")
    assert one_of("IsDeleted", [True, False]) == "(IsDeleted = true OR IsDeleted = false)"
    assert one_of("X", ["a", None]) == "(X = 'a' OR X = null)"


def test_history_is_told_where_it_is_kept(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"))
    lab.tick(2)
    lab.edit(ref, next_steps="First")
    lab.tick(2)
    lab.edit(ref, next_steps="Second", competitor="Meridian")
    names = ["Counterpart_Next_Steps__c", "Counterpart_Competitor__c", "Status"]
    found = lab.port.last_changes(ref, names)
    assert found.keys() == set(names[:2])
    assert found[names[0]].by == STAFF
    assert found[names[0]].at == lab.org.stamp()
    assert lab.port.last_changes(Ref("Nothing__c", ref.id), names) == {}


def test_ids_of_both_lengths_name_a_row(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"))
    assert full(ref.id[:15]) == ref.id
    assert full("001D000000IRFma") == "001D000000IRFmaIAH"  # as Salesforce's own documentation has it
    [row] = lab.port.fetch([Ref("Lead", ref.id)])
    assert row.ref == ref


def test_the_stand_in_refuses_what_salesforce_does(lab: SalesforceLab) -> None:
    answers = Answers(lab.org)
    for text, code in (
        (
            "SELECT Id FROM Lead WHERE Counterpart_Marks__c = 'x'",
            "INVALID_FIELD",
        ),  # long text cannot be filtered
        ("SELECT Id FROM ContentDocumentLink", "MALFORMED_QUERY"),
        ("SELECT Id, Nothing__c FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Nothing__c", "INVALID_TYPE"),
        ("SELECT Id FROM Lead WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead; DROP", "MALFORMED_QUERY"),
    ):
        with pytest.raises(Refused) as caught:
            answers.query(text, everything=False)
        assert caught.value.code == code, text
